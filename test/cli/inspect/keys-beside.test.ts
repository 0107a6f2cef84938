/** The keys that a recording leaves beside FILE.partial are found as those in FILE are. */
import test from 'ava';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../src/i18n/user-error.ts';
import { parseCommand } from '../../../src/cli/command.ts';
import { inspect } from '../../../src/cli/inspect.ts';
import { readRequest } from '../../../src/cli/inspect/request.ts';
import { PcapngSpool } from '../../../src/capture/file/pcapng-writer.ts';
import { inspectWords } from '../../ui/tui/support/performed.ts';
import { ScriptedLog } from '../../helpers/capture.ts';
import type { Environment } from '../../../src/cli/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-keys-beside-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const line = (digit: string): string => `CLIENT_RANDOM ${digit.repeat(64)} ${'0'.repeat(96)}`;

function keysOf(...words: string[]): readonly string[] {
  const environment = { variables: {} } as unknown as Environment;
  const { keylog, input } = readRequest(parseCommand('inspect', inspect.options, words), environment);
  input.close();
  return keylog;
}

test('FILE.partial is read with FILE.partial.keys, and with FILE.keys', (t) => {
  const path = join(folder, 'seen.pcapng');
  const scripted = new ScriptedLog();
  const spool = new PcapngSpool(path, { withSecrets: true });
  scripted.log.subscribe(spool.fold);
  scripted.began();
  scripted.opened();
  scripted.log.append({ type: 'keylog', line: line('a') });
  // As a killed run leaves it: written at least once a second.
  scripted.bytes('client', Buffer.alloc(8 * 1024 * 1024));
  t.deepEqual(keysOf(`${path}.partial`), [line('a')]);
  writeFileSync(`${path}.keys`, `# a comment\n${line('b')}\n`);
  t.deepEqual(keysOf(`${path}.partial`), [line('a'), line('b')]);
  const other = join(folder, 'other.log');
  writeFileSync(other, `${line('c')}\n`);
  t.deepEqual(keysOf(`${path}.partial`, '--keylog', other), [line('c')]);
  spool.close();
  t.deepEqual(keysOf(path), [line('b')]);
});

test('what is no key log beside a capture has another purpose', (t) => {
  const path = join(folder, 'alone.pcap');
  writeFileSync(path, '');
  writeFileSync(`${path}.keys`, 'house, car, office\n');
  t.deepEqual(keysOf(path), []);
});

test('a path with which nothing can be found is a mistake of the user, also in the search for keys', (t) => {
  symlinkSync('loop', join(folder, 'loop'));
  writeFileSync(join(folder, 'text'), '');
  for (const name of ['loop/x', 'text/x', 'x'.repeat(300)])
    t.throws(() => keysOf(join(folder, name)), { instanceOf: UserError }, name);
});

test('k is offered on the screen only where there are keys', async (t) => {
  const { recordTls } = await import('../../../bench/inspect/mixed-capture.ts');
  const path = join(folder, 'tls.pcap');
  await recordTls(path, 100_000, 1);
  const keylog = join(folder, 'some.log');
  writeFileSync(keylog, `${line('d')}\n`);
  for (const [words, isOffered] of [
    [[path], false],
    [[path, '--keylog', keylog], true],
  ] as const) {
    const screen = await inspectWords(t, words, { columns: 120, rows: 40 });
    const text = await screen.until(
      (shown) => /NewSessionTicket|ApplicationData/.test(shown) && / g list/.test(shown),
    );
    t.is(/ k keys/.test(text), isOffered);
    t.is(/\bk\s+opens/.test(text), isOffered);
    await screen.press('Q');
    await screen.ended;
  }
});
