import test from 'ava';
import type { ExecutionContext } from 'ava';
import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conversation, loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import type { Message } from '../../../src/analysis/conversation/message.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { PcapngSpool } from '../../../src/capture/file/pcapng-writer.ts';
import { readBack } from '../../../src/cli/io/read-back.ts';
import type { PageWanted } from '../../../src/ui/tui/message.ts';
import { ScriptedLog, present } from '../../helpers/capture.ts';

test.before(loadReadings);

const cursor = { conn: 1, message: 0, offset: 0 };
const { signal } = new AbortController();

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-read-back-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A run that is being recorded: what is in memory and what is in the file. */
function recorded(t: ExecutionContext) {
  const scripted = new ScriptedLog();
  const spool = new PcapngSpool(join(folderOf(t), 'run.pcapng'));
  t.teardown(() => spool.abort());
  const flows = new Flows(scripted.log);
  scripted.log.subscribe(flows.fold);
  scripted.log.subscribe(spool.fold);
  const read = async (conn: number, wanted: Pick<PageWanted, 'direction' | 'at'>) =>
    readBack({ path: spool.partial, flows, wanted: { conn, cursor, ...wanted }, signal });
  /** As the screen would read them from memory. */
  const messages = (conn: number): readonly Message[] => conversation(present(flows.connection(conn)));
  return { scripted, spool, flows, read, messages };
}

const summaryOf = (messages: readonly Message[]) =>
  messages.map(({ title, at, from, offset, length, conn, hop, run, facts, bytes }) => ({
    title: title.en,
    at,
    from,
    offset,
    length,
    conn,
    hop,
    run,
    facts: facts.en,
    bytes: bytes()?.length,
  }));

/** Far enough that nothing of what matters waits to be written. */
function fill({ scripted }: ReturnType<typeof recorded>, conn: number): void {
  scripted.opened(conn);
  scripted.bytes('client', new Uint8Array(600_000), { conn });
}

for (const addresses of [
  { from: '127.0.0.1', to: '127.0.0.1' },
  { from: '::1', to: '::1' },
  { from: '::ffff:127.0.0.1', to: '127.0.0.1' },
]) {
  test(`what was recorded between ${addresses.from} and ${addresses.to} is read back unchanged, message by message, whatever other traffic there is`, async (t) => {
    const run = recorded(t);
    const { scripted } = run;
    scripted.began();
    for (const conn of [1, 2]) scripted.opened(conn, 'A', addresses);
    for (let at = 0; at < 300; at++) {
      for (const conn of [1, 2]) {
        scripted.bytes(
          'client',
          `POST /${at}/${conn} HTTP/1.1\r\nHost: shop\r\nContent-Length: 4000\r\n\r\n${'x'.repeat(4000)}`,
          { conn },
        );
        scripted.bytes('server', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', { conn });
      }
    }
    fill(run, 3);
    const all = run.messages(2);
    const at = present(all[400]).at;
    const result = await run.read(2, { direction: 'before', at });
    if (!('page' in result)) return t.fail(result.failure.en);
    t.is(result.page.through, at);
    t.deepEqual(summaryOf(result.page.sealed), summaryOf(all.slice(0, 401)));
  });
}

test('of more messages than a page has, it has the first ones and those before the place, or behind it', async (t) => {
  const run = recorded(t);
  const { scripted } = run;
  scripted.began();
  scripted.opened(1);
  for (let at = 0; at < 6000; at++) scripted.bytes('client', `GET /${at} HTTP/1.1\r\nHost: shop\r\n\r\n`);
  fill(run, 2);
  const all = run.messages(1);
  const titles = async (wanted: Pick<PageWanted, 'direction' | 'at'>): Promise<string[]> => {
    const result = await run.read(1, wanted);
    return 'page' in result ? result.page.sealed.map(({ title }) => title.en) : [result.failure.en];
  };
  const before = await titles({ direction: 'before', at: present(all[4000]).at });
  t.true(before.length > 900 && before.length <= 2048);
  t.deepEqual([before[1], before.at(-1)], ['GET /0', 'GET /3999']);
  for (const place of [0, 1500, 1700, 4000]) {
    const behind = await titles({ direction: 'behind', at: present(all[place]).at });
    t.true(behind.includes(`GET /${place}`), `what comes behind ${place} is there`);
    t.is(behind.at(-1), `GET /${place + 899}`);
  }
});

test('of two connections between the same ports each is read back by itself', async (t) => {
  const run = recorded(t);
  const { scripted } = run;
  const again = (conn: number): void =>
    void scripted.log.append({
      type: 'opened',
      conn,
      hop: 'A',
      transport: 'tcp',
      from: { host: '127.0.0.1', port: 50_001 },
      to: { host: '127.0.0.1', port: 8080 },
    });
  scripted.began();
  again(1);
  scripted.bytes('client', 'GET /one HTTP/1.1\r\nHost: shop\r\n\r\n', { conn: 1 });
  scripted.closed('client', 'reset', 1);
  again(2);
  scripted.bytes('client', 'GET /two HTTP/1.1\r\nHost: shop\r\n\r\n', { conn: 2 });
  scripted.closed('server', 'end', 2);
  fill(run, 3);
  for (const conn of [1, 2]) {
    const result = await run.read(conn, { direction: 'behind', at: -1 });
    if (!('page' in result)) return t.fail(result.failure.en);
    t.deepEqual(summaryOf(result.page.sealed), summaryOf(run.messages(conn)));
  }
});

test('a file that ends before the place says how far it goes', async (t) => {
  const run = recorded(t);
  const { scripted } = run;
  scripted.began();
  scripted.opened(1);
  for (let at = 0; at < 10_000; at++) scripted.bytes('client', `GET /${at} HTTP/1.1\r\nHost: shop\r\n\r\n`);
  const last = present(run.messages(1).at(-1)).at;
  const cut = `${run.spool.partial}.cut`;
  copyFileSync(run.spool.partial, cut);
  truncateSync(cut, 500_001);
  const result = await readBack({
    path: cut,
    flows: run.flows,
    wanted: { conn: 1, direction: 'before', at: last, cursor },
    signal,
  });
  if (!('page' in result)) return t.fail(result.failure.en);
  t.true(result.page.through < last);
  t.is(result.page.through, present(result.page.sealed.at(-1)).at);
});

test('a missing, invalid or empty file is reported in one line', async (t) => {
  const run = recorded(t);
  run.scripted.began();
  run.scripted.opened(1);
  const wanted: PageWanted = { conn: 1, direction: 'behind', at: -1, cursor };
  const folder = folderOf(t);
  writeFileSync(join(folder, 'notes'), 'this is no capture\n');
  const failure = async (path: string): Promise<string> => {
    const result = await readBack({ path, flows: run.flows, wanted, signal });
    return 'failure' in result ? result.failure.en : 'it was read';
  };
  t.is(
    await failure(join(folder, 'nowhere')),
    'cannot read older messages back from nowhere: the file no longer exists',
  );
  t.is(
    await failure(join(folder, 'notes')),
    'cannot read older messages back from notes: not a capture file: it is text',
  );
  t.is(
    await failure(folder).then((line) => line.replace(/wirelab\S*/, 'FOLDER')),
    'cannot read older messages back from FOLDER EISDIR',
  );
  const other = recorded(t);
  fill(other, 2);
  t.is(await failure(other.spool.partial), 'run.pcapng.partial has no more messages of this connection');
});
