/** `wirelab why --html`: the page says what the terminal says, and its evidence leads to bytes that are there. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { languages } from '../../../src/i18n/language.ts';
import type { Language } from '../../../src/i18n/language.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { start } from '../../helpers/running.ts';
import { desk, world } from '../certs/support/files.ts';

async function listen(t: ExecutionContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function site(t: ExecutionContext, options: ServerOptions = {}): Promise<number> {
  const server = createServer(
    { key: world.identity('shop').key, cert: world.chain('shop'), ...options },
    (_request, response) => response.end('hello\n'),
  );
  server.on('tlsClientError', () => {});
  return listen(t, server);
}

const wordsOf = (text: string): readonly string[] => text.match(/[\p{L}\p{N}]+/gu) ?? [];

/** The text of a part of a page in one language. */
function textOf(page: string, id: string, language: Language): string {
  const [, part = ''] = new RegExp(`<section id="${id}"[^>]*>(.*?)</section>`, 's').exec(page) ?? [];
  const others = languages.filter((one) => one !== language);
  return part
    .replace(new RegExp(`<span lang="(?:${others.join('|')})">.*?</span>`, 'gs'), '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

/** What the page says beyond the terminal: its own headings, and the words of links. */
const added: Readonly<Record<Language, readonly string[]>> = {
  en: wordsOf('The answer No. what was changed what came back connection bytes'),
  ko: wordsOf('진단 결과 번호 바꾼 것 돌아온 것 연결 바이트'),
};

function sameWords(t: ExecutionContext, page: string, stdout: string, language: Language): void {
  const left = [...wordsOf(textOf(page, 'answer', language))];
  for (const word of wordsOf(stdout)) {
    const at = left.indexOf(word);
    t.true(at >= 0, `${word} of the terminal is on the page`);
    left.splice(at, 1);
  }
  // The number of a connection stands in the link to it.
  t.deepEqual(
    left.filter((word) => !added[language].includes(word) && !/^\d+$/.test(word)),
    [],
    'the page says nothing more',
  );
}

function linksLead(t: ExecutionContext, page: string): void {
  const ids = new Set([...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id));
  t.is([...page.matchAll(/\sid="/g)].length, ids.size, 'no id is there twice');
  for (const [, id = ''] of page.matchAll(/\shref="#([^"]*)"/g))
    if (!/^bytes-(?:sealed|opened)-\d+$/.test(id)) t.true(ids.has(id), id);
}

const knowing = ['--cacert', 'ca.crt', '--servername', 'shop.localhost'];

for (const language of languages)
  test(`of a host: the same words, the bytes of the evidence, every experiment, in ${language}`, async (t) => {
    const { folder } = desk(t);
    const port = await site(t, { requestCert: true, rejectUnauthorized: true, ca: world.authority('ca') });
    const { exitCode, stdout, stderr } = await askWirelab(
      ['why', `127.0.0.1:${port}`, ...knowing, '--lang', language, '--html', 'page.html'],
      { cwd: folder },
    );
    t.is(exitCode, 1, stderr);
    t.is(stderr, '');
    const page = readFileSync(join(folder, 'page.html'), 'utf8');
    sameWords(t, page, stdout, language);
    linksLead(t, page);
    t.regex(page, new RegExp(`<title[^>]*>why 127.0.0.1:${port} - wirelab<`));
    const answer = /<section id="answer".*?<\/section>/s.exec(page)?.[0] ?? '';
    t.regex(answer, /href="#bytes-/, 'evidence leads to its bytes');
    const tried = [...answer.matchAll(/href="#connection-(\d+)"/g)].map(([, conn]) => conn);
    t.true(tried.length > 0);
    for (const conn of tried) t.true(page.includes(`<figure class="ladder" id="connection-${conn}"`));
    t.true(page.indexOf('id="answer"') < page.indexOf('id="experiments"'), 'the answer is on top');
  });

test('of a host that is well, and of one where nobody listens', async (t) => {
  const { folder } = desk(t);
  const well = await site(t);
  const gone = createTcpServer();
  const nobody = await listen(t, gone);
  gone.close();
  for (const [port, code] of [
    [well, 0],
    [nobody, 1],
  ] as const) {
    const { exitCode, stdout } = await askWirelab(
      ['why', `127.0.0.1:${port}`, ...knowing, '--html', 'page.html'],
      { cwd: folder },
    );
    t.is(exitCode, code, stdout);
    const page = readFileSync(join(folder, 'page.html'), 'utf8');
    sameWords(t, page, stdout, 'en');
    linksLead(t, page);
  }
});

const client = `
const [host, port] = process.argv[2].split(':');
const socket = require('node:tls').connect({ host, port: Number(port), servername: 'shop.localhost' });
socket.on('error', (error) => { console.error(String(error), error.code); process.exitCode = 3; });
`;

test('of a command: its own connection first, and the same words', async (t) => {
  const { folder } = desk(t);
  const port = await site(t);
  writeFileSync(join(folder, 'client.cjs'), client);
  const { exitCode, stdout } = await askWirelab(
    ['why', '--html', 'page.html', '--to', `127.0.0.1:${port}`, '--', process.execPath, 'client.cjs', '{}'],
    { cwd: folder },
  );
  t.is(exitCode, 1, stdout);
  const page = readFileSync(join(folder, 'page.html'), 'utf8');
  sameWords(t, page, stdout, 'en');
  linksLead(t, page);
  t.true(page.indexOf('id="conversations"') > 0);
  t.true(page.indexOf('id="conversations"') < page.indexOf('id="experiments"'));
});

test('of a capture: the connections that it names, with their bytes; --json goes beside it', async (t) => {
  const { folder } = desk(t);
  const port = await site(t, { requestCert: true, rejectUnauthorized: true, ca: world.authority('ca') });
  await askWirelab(['why', `127.0.0.1:${port}`, ...knowing, '-w', 'seen.pcapng', '--with-secrets'], {
    cwd: folder,
  });
  const { exitCode, stdout } = await askWirelab(['why', 'seen.pcapng', '--html', 'page.html'], {
    cwd: folder,
  });
  t.is(exitCode, 1, stdout);
  const page = readFileSync(join(folder, 'page.html'), 'utf8');
  sameWords(t, page, stdout, 'en');
  linksLead(t, page);
  t.regex(/<section id="answer".*?<\/section>/s.exec(page)?.[0] ?? '', /href="#bytes-/);
  const json = await askWirelab(['why', 'seen.pcapng', '--json', '--html', 'page.html'], { cwd: folder });
  t.is((JSON.parse(json.stdout.trim()) as { kind: string }).kind, 'diagnosis');
  t.true(existsSync(join(folder, 'page.html')));
});

test('where no page can be written nothing is tried; one that was not finished leaves nothing', async (t) => {
  const { folder } = desk(t);
  let connections = 0;
  const silent = createTcpServer(() => connections++);
  const port = await listen(t, silent);
  const { exitCode, stderr, stdout } = await askWirelab(
    ['why', `127.0.0.1:${port}`, '--html', 'none/page.html'],
    { cwd: folder },
  );
  t.is(exitCode, 2);
  t.is(stdout, '');
  t.regex(stderr, /--html/);
  t.is(connections, 0);
  const before = readdirSync(folder);
  const { child, exit } = start(t, ['why', `127.0.0.1:${port}`, '--html', join(folder, 'page.html')]);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(silent, 'connection');
  child.kill('SIGINT');
  t.deepEqual(await exit, [130, null]);
  t.regex(said, /page\.html was not written: the diagnosis was not finished/);
  t.deepEqual(readdirSync(folder), before);
});
