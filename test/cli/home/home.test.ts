/**
 * `wirelab` without a command on an emulated terminal: what the list is made of, what is remembered, and that whatever is opened
 * gives the terminal back.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from '../../../src/cli/command.ts';
import { homeEntries } from '../../../src/cli/home/entries.ts';
import { home } from '../../../src/cli/home/home.ts';
import type { Open } from '../../../src/cli/home/home.ts';
import { keyOfCommand, markSeen, readSeen } from '../../../src/cli/home/seen.ts';
import { findPlaces, labPlace, seenFile } from '../../../src/cli/places.ts';
import { perform } from '../../../src/cli/program.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { labCourse } from '../../../src/labs/load.ts';
import { withPeer } from '../../helpers/peer.ts';
import { askWirelab, scenarioNames, wirelabEnvironment } from '../../helpers/wirelab.ts';
import { Emulator } from '../../ui/tui/support/emulator.ts';
import { launcher, sharedTmux } from '../../ui/tui/support/tmux.ts';

// Each screen listens for signals of the process.
process.setMaxListeners(40);

const tmux = sharedTmux();
test.after.always(async () => tmux.close());

const places = findPlaces({});

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-home-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// ---------------------------------------------------------------- the list

test('every scenario and lab is listed, the three that have a key first, with steps and minutes', async (t) => {
  const entries = await homeEntries(places);
  const of = (prefix: string): string[] =>
    entries.flatMap(({ key, name }) => (key === `${prefix} ${name}` ? [name] : []));
  t.deepEqual(of('run').toSorted(), scenarioNames);
  t.deepEqual(of('run').slice(0, 3), ['plaintext', 'tls', 'mtls']);
  t.deepEqual(of('lab').toSorted(), readdirSync(join(places.root, 'labs')).sort());
  t.is(new Set(entries.map(({ key }) => key)).size, entries.length);
  for (const { group, steps = 0, minutes, title, summary } of entries) {
    for (const language of ['en', 'ko'] as const) {
      t.not(title[language], '');
      t.not(summary[language], '');
      // Two languages say the same: neither takes twice as long as the other.
      if (group !== 'tools') t.true((minutes?.[language] ?? 0) >= 1);
    }
    if (group !== 'tools') {
      t.true(steps > 0);
      t.true((minutes?.en ?? 0) <= 2 * (minutes?.ko ?? 0) && (minutes?.ko ?? 0) <= 2 * (minutes?.en ?? 0));
    }
  }
  // As many as the bar of the screen counts (test/ui/tui/program).
  t.is(entries.find(({ key }) => key === 'run plaintext')?.steps, 6);
  t.is(entries.find(({ key }) => key === 'run tls')?.steps, 8);
});

test('labs stand in the order of the course, with the minutes that `lab list` prints', async (t) => {
  const listed = (await homeEntries(places)).flatMap(({ group, name, minutes }) =>
    group === 'labs' ? [{ name, minutes }] : [],
  );
  t.deepEqual(
    listed,
    labCourse(labPlace(places)).map(({ name, tasks: { course } }) => {
      const own = course?.minutes ?? 0;
      return { name, minutes: { en: own, ko: own } };
    }),
  );
});

test('a scenario that is added is listed without another edit, and one that is longer takes longer', async (t) => {
  const folder = temporaryFolder(t);
  for (const kind of ['scenarios', 'labs']) mkdirSync(join(folder, kind), { recursive: true });
  cpSync(join(places.data, 'scenarios', 'tls.json'), join(folder, 'scenarios', 'tls.json'));
  const added = JSON.parse(readFileSync(join(places.data, 'scenarios', 'tls.json'), 'utf8')) as {
    name: string;
    narration: { en: { title: string; intro: string } };
  };
  added.name = 'added';
  added.narration.en.title = 'An added one';
  added.narration.en.intro = `First.\n\n${added.narration.en.intro}${' word'.repeat(1999)}`;
  writeFileSync(join(folder, 'scenarios', 'added.json'), JSON.stringify(added));
  const entries = await homeEntries({ ...places, data: folder });
  const [tls, more] = ['tls', 'added'].map((name) => entries.find((entry) => entry.name === name));
  t.is(more?.title.en, 'An added one');
  t.is(more?.summary.en, 'First.');
  t.is(more?.steps, tls?.steps);
  // 2000 words, at 200 a minute.
  t.is((more?.minutes?.en ?? 0) - (tls?.minutes?.en ?? 0), 10);
  t.is(more?.minutes?.ko, tls?.minutes?.ko);
  t.true(entries.every(({ group }) => group === 'scenarios' || group === 'tools'));
});

// ---------------------------------------------------------------- what is remembered

test('what was opened is remembered in the state folder that XDG_STATE_HOME names', (t) => {
  const folder = temporaryFolder(t);
  const variables = { XDG_STATE_HOME: join(folder, 'not', 'there', 'yet') };
  t.deepEqual([...readSeen(variables)], []);
  markSeen('run tls', variables);
  markSeen('lab be-a-ca', variables);
  markSeen('run tls', variables);
  t.deepEqual([...readSeen(variables)], ['lab be-a-ca', 'run tls']);
  t.deepEqual(readdirSync(join(variables.XDG_STATE_HOME, 'wirelab')), ['seen.json']);
  t.is(seenFile({ HOME: '/home/x', XDG_STATE_HOME: 'relative' }), undefined);
});

for (const [what, spoil] of [
  ['no JSON', (file: string) => writeFileSync(file, '{"seen":["run')],
  ['another shape', (file: string) => writeFileSync(file, '{"seen":{"run tls":true}}')],
  ['null', (file: string) => writeFileSync(file, 'null')],
  ['a folder', (file: string) => mkdirSync(file)],
  ['too long', (file: string) => writeFileSync(file, `${' '.repeat(70_000)}{"seen":["run tls"]}`)],
] as const) {
  test(`a file of marks that is ${what} is ignored`, (t) => {
    const variables = { XDG_STATE_HOME: temporaryFolder(t) };
    mkdirSync(join(variables.XDG_STATE_HOME, 'wirelab'));
    spoil(join(variables.XDG_STATE_HOME, 'wirelab', 'seen.json'));
    t.deepEqual([...readSeen(variables)], []);
    t.notThrows(() => markSeen('run tls', variables));
    t.deepEqual(
      readdirSync(join(variables.XDG_STATE_HOME, 'wirelab')).filter((name) => name !== 'seen.json'),
      [],
    );
  });
}

test('a state folder that cannot be made costs the marks alone', (t) => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  t.notThrows(() => markSeen('run tls', { XDG_STATE_HOME: file }));
  t.deepEqual([...readSeen({ XDG_STATE_HOME: file })], []);
});

test('only command lines of the list are remembered', (t) => {
  const key = (name: string, ...operands: string[]): string | undefined =>
    keyOfCommand(name, operands, places);
  t.is(key('run', 'tls'), 'run tls');
  t.is(key('lab', 'be-a-ca'), 'lab be-a-ca');
  t.is(key('inspect', 'seen.pcapng'), 'inspect');
  t.is(key('kube up'), 'kube up');
  for (const words of [
    ['run', './tls'],
    ['run', '../labs/be-a-ca'],
    ['run'],
    ['lab', 'check'],
    ['list'],
    ['kube pki'],
  ])
    t.is(key(...(words as [string, ...string[]])), undefined, words.join(' '));
});

// ---------------------------------------------------------------- on a terminal

interface Home {
  readonly emulator: Emulator;
  readonly ended: Promise<number>;
  until(what: RegExp): Promise<string>;
}

function onEmulator(
  t: ExecutionContext,
  start: (environment: Environment) => Promise<number>,
  more: NodeJS.ProcessEnv = {},
): Home {
  const emulator = new Emulator(80, 24, 'truly');
  const variables = wirelabEnvironment({
    TERM: 'xterm-256color',
    XDG_STATE_HOME: temporaryFolder(t),
    ...more,
  });
  const ended = start({
    variables,
    places: findPlaces(variables),
    language: 'en',
    stdin: emulator.input as unknown as NodeJS.ReadStream,
    stdout: emulator.output as unknown as NodeJS.WriteStream,
    stderr: process.stderr,
  });
  ended.catch(() => {});
  t.teardown(async () => {
    emulator.input.write('\x03');
    await ended.catch(() => {});
  });
  return {
    emulator,
    ended,
    async until(what) {
      const deadline = Date.now() + 20_000;
      for (;;) {
        await emulator.settled();
        const text = emulator.screen().join('\n');
        if (what.test(text)) return text;
        if (Date.now() > deadline) throw new Error(`not there: ${String(what)}\n${text}`);
        await Promise.race([emulator.wrote(), pause(20)]);
      }
    },
  };
}

const isGivenBack = ({ emulator }: Home): boolean =>
  !emulator.alternate && !emulator.cursorHidden && emulator.mouseTracking === 'none' && !emulator.input.isRaw;

test('a demonstration is opened from the list, and the list comes back with its mark', async (t) => {
  const shown = onEmulator(t, async (environment) => perform([], environment));
  await shown.until(/seen: 0 of [^]* plaintext /);
  t.is(shown.emulator.title, 'wirelab');
  await shown.emulator.type('\r');
  await shown.until(/plaintext {3}step 1\/6/);
  await shown.emulator.type('q');
  await shown.until(/seen: 1 of [^]*✓ plaintext /);
  await shown.emulator.type('L');
  await shown.until(/시나리오[^]*✓ plaintext /);
  await shown.emulator.type('\r');
  await shown.until(/1\/6단계/);
  await shown.emulator.type('q');
  await shown.until(/시나리오/);
  await shown.emulator.type('q');
  t.is(await shown.ended, 0);
  await shown.emulator.settled();
  t.true(isGivenBack(shown));
});

test('what cannot start says why in the list; a command ended by a signal ends the list', async (t) => {
  const commands: string[][] = [];
  const answers: Open[] = [
    async () => {
      throw new UserError({ what: { en: 'the port is taken', ko: '사용 중인 포트' } });
    },
    async () => 1,
    async () => 143,
  ];
  const shown = onEmulator(t, async (environment) =>
    home(environment, async (words, inner) => {
      await shown.emulator.settled();
      t.true(isGivenBack(shown));
      commands.push([...words, inner.language]);
      const answer = answers.shift();
      if (!answer) throw new Error('opened too often');
      return answer(words, inner);
    }),
  );
  await shown.until(/plaintext/);
  await shown.emulator.type('\x1b[F\x1b[A\r');
  await shown.until(/capture file/);
  await shown.emulator.type('no such.pcapng\r');
  await shown.until(/the port is taken/);
  await shown.emulator.type(' ');
  await shown.until(/─ inspect ─/);
  await shown.emulator.type('\x1b[H\r');
  // The row is described before it is opened, too.
  while (commands.length < 2) await pause(5);
  await shown.until(/─ plaintext ─/);
  await shown.emulator.type('\x1b[B\r');
  t.is(await shown.ended, 143);
  await shown.emulator.settled();
  t.deepEqual(commands, [
    ['inspect', 'no such.pcapng', 'en'],
    ['run', 'plaintext', 'en'],
    ['run', 'tls', 'en'],
  ]);
  t.true(isGivenBack(shown));
});

test('a fault while something is open is reported by the caller, with the terminal given back', async (t) => {
  const shown = onEmulator(t, async (environment) =>
    home(environment, async () => {
      throw new TypeError('ours');
    }),
  );
  await shown.until(/plaintext/);
  await shown.emulator.type('\r');
  await t.throwsAsync(shown.ended, { instanceOf: TypeError });
  await shown.emulator.settled();
  t.true(isGivenBack(shown));
});

test('without a terminal, and on one that cannot draw, the help is printed', async (t) => {
  for (const words of [[], ['--lang', 'ko'], ['--lang=ko']])
    t.regex((await askWirelab(words)).stdout, words.length > 0 ? /^wirelab은 / : /^wirelab shows /);
  const shown = onEmulator(t, async (environment) => perform([], environment), { TERM: 'dumb' });
  t.is(await shown.ended, 0);
  t.regex(shown.emulator.output.log, /^wirelab shows /);
});

// ---------------------------------------------------------------- a real one

for (const [what, keys, code] of [
  ['q', 'q', 0],
  ['Ctrl-C', '\x03', 130],
  ['a demonstration, and q twice', '\rq', 0],
] as const) {
  withPeer('tmux', `the list: ${what} ends with ${code}, and the terminal is as it was`, async (t) => {
    const pane = await tmux.open(t);
    await pane.setTitle('before');
    await pane.type('clear; seq 101 105\r');
    await pane.until(/105\nready>$/m);
    const state = await pane.state();
    await pane.type(`${launcher} --lang en; echo "exit=$?"\r`);
    await pane.until(/plaintext[^]*Enter open/);
    for (const key of keys) {
      await pane.type(key);
      if (key === '\r') await pane.until(/step 1\/6/);
      else if (keys.length > 1) {
        await pane.until(/✓ plaintext/);
        await pane.type('q');
      }
    }
    const text = await pane.until(/exit=\d+\nready>$/m);
    t.regex(text, new RegExp(`105\\n[^]*exit=${code}\\nready>$`, 'm'));
    t.is(await pane.state(), state);
  });
}

withPeer('tmux', 'the list in Korean, on a wide window, and in ASCII', async (t) => {
  const pane = await tmux.open(t, { columns: 120, rows: 40 });
  await pane.type(`${launcher} --lang ko\r`);
  await pane.until(/시나리오[^]*쿠버네티스[^]*Enter 열기/);
  await pane.type('q');
  await pane.until(/ready>$/m);
  await pane.type(`LC_ALL=C ${launcher}\r`);
  const text = await pane.until(/Scenarios[^]*Enter open/);
  t.regex(text, /^[\x20-\x7e\n]*$/);
});
