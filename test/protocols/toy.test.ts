/**
 * A protocol is a folder and a line: one that is not wirelab's own (`support/parrot/`) is recognised, dissected, explained
 * and searched for secrets, and shown as lines, as JSON and on the screen, without a change to the sources.
 */
import test from 'ava';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conversation, loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { PcapngSpool } from '../../src/capture/file/pcapng-writer.ts';
import { Flows } from '../../src/capture/flows.ts';
import { fieldPathAt } from '../../src/core/field.ts';
import { languages } from '../../src/i18n/language.ts';
import { explainField, loadExplanations } from '../../src/presentation/conversation/explain.ts';
import { addProtocol, recognise } from '../../src/protocols/index.ts';
import { present, ScriptedLog } from '../helpers/capture.ts';
import { askWirelab } from '../helpers/wirelab.ts';
import { inspectWords } from '../ui/tui/support/performed.ts';
import { parrot } from './support/parrot/protocol.ts';

addProtocol(parrot);

const folder = mkdtempSync(join(tmpdir(), 'wirelab-toy-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
test.before(async () => {
  await Promise.all([loadReadings(), loadExplanations()]);
});

const said = [
  ['server', 'PARROT 1\n'],
  ['client', 'ENTER polly cracker-4711\n'],
  ['server', 'WELCOME polly\nBYE\n'],
] as const;

/** @param size of the pieces in which it comes */
function spoken(size = Infinity): ScriptedLog {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened();
  for (const [from, text] of said)
    for (let at = 0; at < text.length; at += size) scripted.bytes(from, text.slice(at, at + size));
  scripted.closed('client');
  return scripted;
}

function messagesOf(scripted: ScriptedLog) {
  const flows = new Flows(scripted.log);
  for (const event of scripted.log.events) flows.fold(event);
  return conversation(present(flows.connection(1))).filter(({ from }) => from !== null);
}

const capture = join(folder, 'parrot.pcapng');
const spool = new PcapngSpool(capture);
for (const event of spoken().log.events) spool.fold(event);
spool.close();

test('it is recognised by the first bytes of either side, and a start that is too short is left open', (t) => {
  t.is(recognise(Buffer.from('PARROT 1'), 'server'), 'parrot');
  t.is(recognise(Buffer.from('ENTER '), 'client'), 'parrot');
  t.is(recognise(Buffer.from('ENT'), 'client'), undefined);
  t.is(recognise(Buffer.from('PARROT 1'), 'client'), 'opaque');
});

test('its lines are messages, in whatever pieces they come', (t) => {
  for (const size of [Infinity, 1, 7]) {
    t.deepEqual(
      messagesOf(spoken(size)).map(({ from, protocol, title, offset, length }) =>
        [from, protocol, title.en, offset, length].join(' '),
      ),
      [
        'server parrot PARROT 1 0 9',
        'client parrot ENTER polly 0 25',
        'server parrot WELCOME polly 9 14',
        'server parrot BYE 23 4',
      ],
      `${size}`,
    );
  }
});

test('a line that is cut off, or comes behind a gap, is data: nothing is made up', (t) => {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened();
  scripted.bytes('server', 'PARROT 1\nWELC');
  scripted.closed('client');
  t.deepEqual(
    messagesOf(scripted).map(({ protocol, length }) => `${protocol} ${length}`),
    ['parrot 9', 'data 4'],
  );
});

test('its fields are explained in both languages', (t) => {
  const login = present(messagesOf(spoken())[1]);
  const path = fieldPathAt(present(login.field()), 'ENTER polly '.length);
  t.is(path.at(-1)?.value, 'cracker-4711');
  t.deepEqual(
    languages.map((language) => explainField(path, language)?.name),
    ['password', '비밀번호'],
  );
});

test('its credential is found, where it stands', (t) => {
  const found = messagesOf(spoken()).flatMap(({ credentials }) => credentials());
  t.deepEqual(found, [
    { kind: 'login_command', name: 'polly', value: 'cracker-4711', offset: 12, length: 12 },
  ]);
});

test('inspect tells it as lines, with the credential', async (t) => {
  const { exitCode, stdout } = await askWirelab(['inspect', capture]);
  t.is(exitCode, 0);
  t.regex(stdout, /to server ENTER polly +25 B\n.*polly: cracker-4711 \(at 0x000c, LOGIN command\)/);
  t.regex(stdout, /to client WELCOME polly +14 B/);
});

test('inspect tells its credential as JSON', async (t) => {
  const { exitCode, stdout } = await askWirelab(['inspect', capture, '--json']);
  t.is(exitCode, 0);
  t.regex(stdout, /"kind":"secret".*"protocol":"parrot","field":"polly","value":"cracker-4711"/);
});

test('the screen shows it', async (t) => {
  const screen = await inspectWords(t, [capture], { columns: 120, rows: 40 });
  await screen.until((text) => text.includes('ENTER polly') && text.includes('WELCOME polly'));
  t.is(await screen.leave(), 0);
});
