/** A capture file on the screen: each connection is a stop; what only the endpoints know is said to be unknown. */
import test from 'ava';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PcapngSpool } from '../../../src/capture/file/pcapng-writer.ts';
import { placeOf, sceneOf } from '../../../src/ui/tui/state/model.ts';
import { ScriptedLog } from '../../helpers/capture.ts';
import { inspectWords } from '../../ui/tui/support/performed.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-inspect-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

for (const [language, unknown] of [
  ['en', /not known: only the/],
  ['ko', /알 수 없음/],
] as const) {
  test(`TLS with its secrets: sealed at first, decrypted with k, without reports of the endpoints (${language})`, async (t) => {
    const path = join(folder, `${language}.pcapng`);
    t.is((await askWirelab(['run', 'tls', '--json', '-w', path, '--with-secrets'])).exitCode, 0);
    const screen = await inspectWords(t, [path], { language, columns: 120, rows: 40 });
    await screen.until((text) => /ChangeCipherSpec/.test(text) && unknown.test(text));
    t.notRegex(await screen.until(/ApplicationData/), /→ POST \/login/);
    await screen.press('k');
    await screen.until(/→ POST \/login/);
    await screen.press('q');
    t.is(await screen.ended, 0);
  });
}

/** A connection of large answers, so that a small bound of memory drops the first of it. */
function large(connections: number): string {
  const path = join(folder, `large-${connections}.pcapng`);
  const scripted = new ScriptedLog();
  scripted.began();
  const spool = new PcapngSpool(path);
  for (let conn = 1; conn <= connections; conn++) {
    scripted.opened(conn, 'A');
    scripted.bytes('client', `GET /first-${conn} HTTP/1.1\r\nhost: a\r\n\r\n`, { conn });
    const body = `${'x'.repeat(99_000)} the end of ${conn}`;
    scripted.bytes('server', `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`, { conn });
    scripted.closed('client', 'end', conn);
  }
  for (const event of scripted.log.events) spool.fold(event);
  spool.close();
  return path;
}

test('payload beyond the bound of memory is read from the file again: nothing is missing on the screen', async (t) => {
  const screen = await inspectWords(t, [large(5)], { columns: 120, rows: 40, shown: { maxPayload: 1000 } });
  await screen.until(
    (text) =>
      /connection 0\b/.test(text) &&
      text.includes('GET /first-1') &&
      text.includes('200 OK') &&
      !/reading/.test(text),
  );
  const [first] = sceneOf(screen.loop.model)?.sources.flows.connections ?? [];
  t.true(first?.stream('wire', 'server').complete);
  t.regex(Buffer.from(first?.stream('wire', 'server').all() ?? []).toString('latin1'), /the end of 1$/);
  await screen.press('q');
  t.is(await screen.ended, 0);
});

test('the selection stays on the first connection while others are read', async (t) => {
  const screen = await inspectWords(t, [large(60)], { columns: 120, rows: 40 });
  await screen.until((text) => text.includes('GET /first-1 ') && !/reading/.test(text));
  t.is(sceneOf(screen.loop.model)?.stops.length, 60);
  t.is(placeOf(screen.loop.model).stop, 0);
  t.is(await screen.leave(), 0);
});

for (const [language, said] of [
  ['en', /holds .* events.*--json/],
  ['ko', /이벤트 .*까지만.*--json/],
] as const) {
  test(`what is too much for the screen is said to be (${language})`, async (t) => {
    const screen = await inspectWords(t, [large(40)], {
      language,
      columns: 160,
      rows: 40,
      shown: { mostEvents: 100 },
    });
    await screen.until(said);
    t.true((sceneOf(screen.loop.model)?.stops.length ?? 0) < 40);
    t.is(await screen.leave(), 0);
  });
}

for (const [language, said] of [
  ['en', /reading \[#{6}-{6}\] 50 %/],
  ['ko', /읽는 중 \[#{6}-{6}\] 50 %/],
] as const) {
  test(`the progress of reading is at the top (${language})`, async (t) => {
    const screen = await inspectWords(t, [large(1)], { language });
    await screen.until((text) => text.includes('GET /first-1'));
    screen.loop.send({ type: 'state', mode: 'inspect', state: 'reading' });
    screen.loop.send({ type: 'progress', mode: 'inspect', done: 0.5 });
    await screen.until(said);
    t.is(await screen.leave(), 0);
  });
}

test('a missing connection is reported on the screen, since that is known only after the whole file', async (t) => {
  const screen = await inspectWords(t, [large(2), '--stream', '9'], {});
  await screen.until(/no connection 9/);
  t.is(await screen.leave(), 0);
});

test('a text file is reported before the screen opens', async (t) => {
  const path = join(folder, 'text');
  writeFileSync(path, 'hello, this is no capture');
  await t.throwsAsync(inspectWords(t, [path]), { message: /not a capture file/ });
});

test('a file of another kind is reported before the screen opens', async (t) => {
  await t.throwsAsync(inspectWords(t, [join(folder, 'none')]), { message: /does not exist/ });
});
