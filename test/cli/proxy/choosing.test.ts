/** A proxy's lines for chosen connections alone, its counts, and what HTTP carried as files; in HTTP/1.1 and HTTP/2. */
import { Ajv } from 'ajv';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer as createHttp, get } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from '../../helpers/running.ts';
import type { Running } from '../../helpers/running.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { harSchema } from '../inspect/har-schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-choosing-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

async function listening(t: ExecutionContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close(() => {}));
  return (server.address() as AddressInfo).port;
}

/** Answers 404 to whatever is missing. */
async function site(t: ExecutionContext): Promise<number> {
  return listening(
    t,
    createHttp((asked, answer) => {
      answer.statusCode = asked.url === '/missing' ? 404 : 200;
      answer.end(`hello ${asked.url}`);
    }),
  );
}

async function proxied(
  t: ExecutionContext,
  target: number,
  ...words: string[]
): Promise<Running & { readonly port: number }> {
  const running = start(t, [
    'proxy',
    '--mode',
    'plaintext',
    '--listen',
    '127.0.0.1:0',
    '--target',
    `127.0.0.1:${target}`,
    '--no-tui',
    ...words,
  ]);
  const said = await running.until(/listening on 127\.0\.0\.1:\d+/);
  return { ...running, port: Number(/listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1]) };
}

async function ask(port: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (answer) => {
      answer.resume().on('end', resolve);
    }).on('error', reject);
  });
}

test('--filter prints only the connections for which it holds, from their first line on', async (t) => {
  const proxy = await proxied(t, await site(t), '--filter', 'status>=400 and wire=A');
  await ask(proxy.port, '/found');
  await ask(proxy.port, '/missing');
  const said = await proxy.until(/A #2 closed/);
  t.regex(said, /A #2 .* connected\n.*A #2 → GET \/missing.*\n.*A #2 ← 404 .*, after \d/);
  t.notRegex(said, /#[013] /);
});

test('--stats counts until the proxy ends', async (t) => {
  const proxy = await proxied(t, await site(t), '--stats');
  await ask(proxy.port, '/found');
  await ask(proxy.port, '/missing');
  proxy.child.kill('SIGTERM');
  const said = await proxy.until(/Sizes and times/);
  t.regex(said, /^4 connections, none failed$/m);
  t.regex(said, /^ 404 +2 /m);
});

test('a bad filter is a mistake', async (t) => {
  const words = [
    'proxy',
    '--mode',
    'plaintext',
    '--listen',
    '127.0.0.1:0',
    '--target',
    '127.0.0.1:1',
    '--no-tui',
  ];
  const bad = await askWirelab([...words, '--filter', 'foo=1']);
  t.is(bad.exitCode, 2);
  t.regex(bad.stderr, /unknown key: foo/);
});

interface Har {
  readonly log: {
    readonly entries: readonly {
      readonly request: { readonly method: string; readonly url: string; readonly httpVersion: string };
      readonly response: { readonly status: number; readonly content: { readonly text?: string } };
      readonly timings: { readonly wait: number };
    }[];
  };
}

test('--har and --export write what HTTP/2 carried, once, when the proxy ends', async (t) => {
  const server = createHttp2();
  server.on('stream', (stream, headers) => {
    stream.respond({ ':status': 200, 'content-type': 'text/plain' });
    stream.end(`hello ${headers[':path']}`);
  });
  const [har, bodies] = [join(folder, 'h2.har'), join(folder, 'h2')];
  const proxy = await proxied(t, await listening(t, server), '--har', har, '--export', bodies);
  const client = connectHttp2(`http://127.0.0.1:${proxy.port}`);
  for (const path of ['/one', '/two']) {
    const stream = client.request({ ':method': 'POST', ':path': path });
    stream.end('question');
    stream.resume();
    await once(stream, 'end');
  }
  client.close();
  await proxy.until(/A #0 closed/);
  proxy.child.kill('SIGTERM');
  await proxy.until(/4 bodies were written/);
  const archive = JSON.parse(readFileSync(har, 'utf8')) as Har;
  const validate = new Ajv({ strict: false }).compile(harSchema);
  t.true(validate(archive), JSON.stringify(validate.errors));
  t.deepEqual(
    archive.log.entries.map(({ request, response }) => [
      request.httpVersion,
      request.method,
      request.url,
      response.status,
      response.content.text,
    ]),
    ['/one', '/two'].map((path) => [
      'HTTP/2',
      'POST',
      `http://127.0.0.1:${proxy.port}${path}`,
      200,
      `hello ${path}`,
    ]),
  );
  t.true(archive.log.entries.every(({ timings }) => timings.wait >= 0));
  t.deepEqual(readdirSync(bodies).toSorted(), [
    '0000-001-request-one.bin',
    '0000-002-one.txt',
    '0000-003-request-two.bin',
    '0000-004-two.txt',
    'index.json',
  ]);
});
