/**
 * A file that this program wrote of a proxy: what was said over both of its wires is counted and written once, as while it ran. In a
 * file of another program nothing is paired.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PcapngSpool } from '../../../src/capture/file/pcapng-writer.ts';
import { packetComment, readPacketComment } from '../../../src/capture/file/pcapng-blocks.ts';
import { ScriptedLog } from '../../helpers/capture.ts';
import { inspectWords } from '../../ui/tui/support/performed.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-paired-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const get = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: shop\r\nAuthorization: Basic ${Buffer.from('alice:tiger-lily').toString('base64')}\r\n\r\n`;
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Two clients of a proxy that carries both over one connection to its target. */
function recorded({ how = 'onBehalfOf' }: { how?: 'onBehalfOf' | 'relays' } = {}): string {
  const path = join(folder, `${how}.pcapng`);
  const scripted = new ScriptedLog();
  const { log } = scripted;
  const spool = new PcapngSpool(path);
  log.subscribe(spool.fold);
  log.append({
    type: 'began',
    version: '0.0.0',
    wallClock: '2026-01-01T00:00:00.000Z',
    topology: {
      participants: [
        { name: 'client', role: 'client' },
        { name: 'proxy', role: 'proxy' },
        { name: 'server', role: 'server' },
      ],
      wires: [
        { hop: 'A', from: 'client', to: 'proxy', protocol: 'http' },
        { hop: 'B', from: 'proxy', to: 'server', protocol: 'http' },
      ],
    },
  });
  const opened = (conn: number, hop: string): void =>
    void log.append({
      type: 'opened',
      conn,
      hop,
      transport: 'tcp',
      from: { host: '127.0.0.1', port: 50_000 + conn },
      to: { host: '127.0.0.1', port: hop === 'A' ? 8080 : 9090 },
      ...(hop === 'B' ? { [how]: 7 } : {}),
    });
  const exchange = (client: number, path_: string): void => {
    scripted.bytes('client', get(path_), { conn: client });
    scripted.bytes('client', get(path_), { conn: 8, hop: 'B' });
    scripted.bytes('server', answer, { conn: 8, hop: 'B' });
    scripted.bytes('server', answer, { conn: client });
  };
  opened(7, 'A');
  opened(8, 'B');
  exchange(7, '/one');
  scripted.closed('client', 'end', 7);
  opened(9, 'A');
  exchange(9, '/two');
  scripted.closed('client', 'end', 9);
  scripted.closed('client', 'end', 8, 'B');
  spool.close();
  return path;
}

async function asked(t: ExecutionContext, ...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await askWirelab(['inspect', ...words, '--no-tui']);
  t.is(exitCode, 0, stderr);
  return stdout;
}

interface Har {
  readonly log: { readonly entries: readonly { readonly request: { readonly url: string } }[] };
}

const urlsIn = (path: string): string[] =>
  (JSON.parse(readFileSync(path, 'utf8')) as Har).log.entries.map(({ request }) => request.url);

for (const how of ['onBehalfOf', 'relays'] as const) {
  test(`what a proxy carried over two wires counts once (${how})`, async (t) => {
    const path = recorded({ how });
    const har = join(folder, `${how}.har`);
    const text = await asked(t, path);
    t.regex(text, /^3 connections, none failed/);
    t.regex(text, /secrets in them: Basic authorization \(2\)/);
    t.regex(text, / 2 requests$/m);
    t.regex(text, /^Wire B, connection 1: proxy → server/m);
    t.regex(await asked(t, path, '--lang', 'ko'), /^구간 B, 연결 1: 프록시 → 서버/m);
    const stats = await asked(t, path, '--stats', '--har', har);
    t.regex(stats, / 2 requests$/m);
    t.regex(stats, /latency of a response +2 /);
    t.deepEqual(urlsIn(har), ['http://shop/one', 'http://shop/two']);
  });
}

test('one connection alone stands for itself', async (t) => {
  const har = join(folder, 'alone.har');
  t.regex(await asked(t, recorded(), '--stream', '1', '--har', har), /^2 exchanges/);
  t.is(urlsIn(har).length, 2);
});

test('the list on the screen has a row for each client, as while it ran', async (t) => {
  const screen = await inspectWords(t, [recorded()], { columns: 120, rows: 30 });
  await screen.until((text) => / 200 /.test(text));
  await screen.press('g');
  const text = await screen.until(/#2 .* A http/);
  t.regex(text, /#0 .* A\+B http/);
  t.notRegex(text, /#1 /);
  await screen.press('Q');
  t.is(await screen.ended, 0);
});

test('a file of another program is never paired', async (t) => {
  const path = join(folder, 'foreign.pcapng');
  // The words are those of another program: everything else is the same.
  const bytes = readFileSync(recorded());
  const text = bytes.toString('latin1').replaceAll('opened for the connection', 'opened by the connection.');
  writeFileSync(path, Buffer.from(text, 'latin1'));
  const said = await asked(t, path);
  t.regex(said, /secrets in them: Basic authorization \(4\)/);
  t.regex(said, / 4 requests$/m);
});

test('the comment of a packet is read as it was written, and no other is', (t) => {
  for (const openedFor of [
    { how: 'relays', sequence: 0 },
    { how: 'onBehalfOf', sequence: 0xffff_ffff },
  ] as const)
    t.deepEqual(readPacketComment(packetComment({ reconstructed: true, openedFor })), {
      reconstructed: true,
      openedFor,
    });
  t.deepEqual(readPacketComment(packetComment({ reconstructed: true })), { reconstructed: true });
  t.is(packetComment({ reconstructed: false }), undefined);
  for (const comment of [
    undefined,
    '',
    'reconstructed',
    'opened for the connection with the raw sequence number 3',
  ])
    t.deepEqual(readPacketComment(comment), { reconstructed: false });
});
