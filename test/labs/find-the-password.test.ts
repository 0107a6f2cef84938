/**
 * The lab whose passwords lie in captures: it is kept up as for a learner, its captures are searched with grep, and curl logs
 * in at the bank with the printed commands. What is wrong is denied and named.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { systemClock } from '../../src/core/clock.ts';
import { askUp } from '../../src/labs/hold/claim.ts';
import { resetLabFolder, startFiles } from '../../src/labs/folder.ts';
import { labWorld } from '../../src/labs/world.ts';
import type { LabEvent } from '../../src/labs/hold/holding.ts';
import { stateOf } from '../../src/labs/state.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { start } from '../helpers/running.ts';
import { askWirelab, mainFile, wirelabEnvironment } from '../helpers/wirelab.ts';
import { withPeer } from '../helpers/peer.ts';
import { attemptTests } from './support/attempts.ts';
import { Held } from './support/holding.ts';
import { Learner } from './support/learner.ts';
import { findThePassword, listen } from './attempts/find-the-password.ts';

const name = 'find-the-password';

const captured =
  (file: string) =>
  (before: LabEvent): boolean =>
    before.kind === 'captured' && before.file === file;
const live = (event: LabEvent): boolean => event.kind === 'live';
const anyLogin = (before: LabEvent): before is Extract<LabEvent, { kind: 'login' }> =>
  before.kind === 'login';

interface Begun {
  readonly learner: Learner;
  readonly held: Held;
  /** The password of an account as its form has it on the wire. */
  readonly onWire: (user: 'alice' | 'bob') => Promise<string>;
  /** The printed command with other words in the place of the password's. @returns whether the login was accepted */
  readonly logIn: (user: 'alice' | 'bob', edit: (command: string) => string) => Promise<boolean>;
}

const captureOf = { alice: 'monday.pcapng', bob: 'live.pcapng' } as const;

/** @param everySeconds how often bob logs in; as the lab has it when left out */
async function begin(t: ExecutionContext, everySeconds?: number): Promise<Begun> {
  const learner = await Learner.begin(t, name);
  const { lab, folder } = learner;
  const { repeated } = lab.tasks;
  const tasks =
    repeated && everySeconds !== undefined
      ? { ...lab.tasks, repeated: { ...repeated, everySeconds } }
      : lab.tasks;
  const held = await Held.start(t, { lab: { ...lab, tasks }, folder });
  await listen(learner, held);
  return {
    learner,
    held,
    onWire: async (user) =>
      (
        await learner.run(
          `grep -a -o 'username=${user}[[:graph:]]*' ${captureOf[user]} | grep -o 'password=[^&]*'`,
        )
      )
        .trim()
        .slice('password='.length),
    async logIn(user, edit) {
      const before = held.events.length;
      await learner.run(edit(await held.curlAs(user)));
      return (await held.until(anyLogin, before)).login.accepted;
    },
  };
}

const decoded = (encoded: string): string => new URLSearchParams(`p=${encoded}`).get('p') ?? '';
const typed =
  (password: string) =>
  (command: string): string =>
    command.replace('THE PASSWORD', () => password);

withPeer('curl', `${name}: the right solution does every task`, async (t) => {
  const { learner, onWire, logIn } = await begin(t);
  t.deepEqual(await learner.outcome(), ['read-monday: open no_login', 'read-live: open no_login']);

  // As the last hint of the first task has it: decoded, and put into the printed command.
  t.true(await logIn('alice', typed(decoded(await onWire('alice')))));
  t.deepEqual(await learner.outcome(), ['read-monday: done', 'read-live: open no_login']);

  // As in the last hint of the second task: the whole line unchanged.
  const line = (await learner.run(`grep -a -o 'username=bob[[:graph:]]*' live.pcapng`)).trim();
  t.true(
    await logIn('bob', (command) =>
      command.replace(/--data-urlencode .*(?= https:)/, () => `--data '${line}'`),
    ),
  );
  t.deepEqual(await learner.outcome(), ['read-monday: done', 'read-live: done']);
});

withPeer('curl', `${name}: what is denied says why`, async (t) => {
  const { learner, held, onWire, logIn } = await begin(t);
  const [alice, bob] = [await onWire('alice'), await onWire('bob')];
  t.regex(alice, /%(?:26|2B|25|3D)/);
  t.not(alice, bob);
  const slips: Readonly<Record<string, readonly [user: 'alice' | 'bob', edit: (command: string) => string]>> =
    {
      still_encoded: ['alice', typed(alice)],
      placeholder: ['alice', (command) => command],
      of_another: ['alice', typed(decoded(bob))],
      unknown: ['alice', typed('tiger-lily')],
    };
  for (const [slip, [user, edit]] of Object.entries(slips)) {
    const before = held.events.length;
    t.false(await logIn(user, edit));
    t.is((await held.until(anyLogin, before)).login.slip ?? 'unknown', slip);
    t.deepEqual(await learner.outcome(), ['read-monday: open wrong_login', 'read-live: open no_login'], slip);
  }
  const [first] = await learner.check();
  t.regex(first?.says.en ?? '', /changes each time/);
  // Another account is not the one that is asked for.
  t.true(await logIn('bob', typed(decoded(bob))));
  t.deepEqual(await learner.outcome(), ['read-monday: open wrong_login', 'read-live: done']);
});

withPeer(
  'curl',
  `${name}: the shop of the captures cannot be logged in at, and is not the bank`,
  async (t) => {
    const { learner } = await begin(t);
    const port = (await learner.run(`grep -a -o 'Host: shop.localhost:[0-9]*' monday.pcapng | head -n 1`))
      .trim()
      .split(':')
      .at(-1);
    // Nobody listens there, or somebody else by now.
    await learner.run(
      `curl --silent --max-time 5 --data "$(grep -a -o 'username=alice[[:graph:]]*' monday.pcapng)" http://127.0.0.1:${port}/login || true`,
    );
    t.deepEqual(await learner.outcome(), ['read-monday: open no_login', 'read-live: open no_login']);
  },
);

withPeer(
  'curl',
  `${name}: another start draws other passwords at the same doors, and keeps what was done`,
  async (t) => {
    const first = await begin(t);
    const [alice, bob] = [await first.onWire('alice'), await first.onWire('bob')];
    const command = await first.held.curlAs('bob');
    t.true(await first.logIn('alice', typed(decoded(alice))));
    await first.held.end();

    const { learner } = first;
    const again = await Held.start(t, learner);
    await listen(learner, again);
    t.is(await again.curlAs('bob'), command);
    for (const [file, old] of [
      ['monday.pcapng', alice],
      ['live.pcapng', bob],
    ] as const)
      t.is((await learner.run(`grep -a -c -F '${old}' ${file} || true`)).trim(), '0');
    await learner.run(typed(decoded(bob))(command));
    t.false((await again.until(anyLogin)).login.accepted);
    t.deepEqual(await learner.outcome(), ['read-monday: done', 'read-live: open wrong_login']);
  },
);

const forged = (user: string): string =>
  `${JSON.stringify({ at: '2026-01-01T00:00:00.000Z', server: 'bank', user, accepted: true })}\n`;

test(`${name}: records that a learner has written count for nothing: the lab that is up is asked`, async (t) => {
  const { learner, held } = await begin(t);
  const state = join(learner.folder, '.wirelab');
  const nothing = ['read-monday: open no_login', 'read-live: open no_login'];
  t.deepEqual(readdirSync(state).toSorted(), ['id', 'lab.json'], 'what the lab keeps lies elsewhere');
  for (const path of [join(state, 'seen.jsonl'), join(state, 'kept', 'seen.jsonl')]) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, forged('alice') + forged('bob'));
    t.deepEqual(await learner.outcome(), nothing, path);
  }
  learner.write(
    '.wirelab/lab.json',
    JSON.stringify({
      ...(JSON.parse(learner.read('.wirelab/lab.json')) as object),
      done: ['read-monday', 'read-live'],
    }),
  );
  t.deepEqual(await learner.outcome(), nothing);
  // Even where the lab writes for itself what it has seen: it has seen nothing.
  writeFileSync(join(stateOf(learner.folder), 'seen.jsonl'), forged('alice'));
  t.deepEqual(await learner.outcome(), nothing);
  // An impostor that responds for the lab, without its token.
  const impostor = createServer(
    (socket) =>
      void socket.end(
        `${JSON.stringify({ answer: JSON.stringify({ ports: {}, seen: [JSON.parse(forged('alice')), JSON.parse(forged('bob'))], issued: [] }), proof: '0'.repeat(64) })}\n`,
      ),
  ).listen(0, '127.0.0.1');
  t.teardown(() => impostor.close());
  await once(impostor, 'listening');
  const place = join(stateOf(learner.folder), 'up.json');
  const own = readFileSync(place, 'utf8');
  writeFileSync(
    place,
    JSON.stringify({ ...(JSON.parse(own) as object), port: (impostor.address() as AddressInfo).port }),
  );
  t.deepEqual(await learner.outcome(), ['read-monday: open not_up', 'read-live: open not_up']);
  writeFileSync(place, own);
  t.deepEqual(await learner.outcome(), nothing);
  await held.end();
  writeFileSync(join(state, 'seen.jsonl'), forged('alice'));
  t.deepEqual(await learner.outcome(), ['read-monday: open not_up', 'read-live: open not_up']);
});

test(`${name}: a reset takes away what was seen, while the lab is up`, async (t) => {
  const { learner, onWire, logIn } = await begin(t);
  t.true(await logIn('alice', typed(decoded(await onWire('alice')))));
  t.deepEqual(await learner.outcome(), ['read-monday: done', 'read-live: open no_login']);
  resetLabFolder(
    learner.folder,
    learner.lab,
    startFiles(learner.lab, await labWorld(learner.lab, learner.folder)),
    systemClock,
  );
  t.deepEqual(await learner.outcome(), ['read-monday: open no_login', 'read-live: open no_login']);
});

test(`${name}: a zombie process does not count as running`, async (t) => {
  const learner = await Learner.begin(t, name);
  // A parent that never waits: what was killed stays a zombie, as in a container without an init.
  const parent = spawn(
    'sh',
    [
      '-c',
      '"$@" & echo $!; exec sleep 60',
      'sh',
      process.execPath,
      mainFile,
      'lab',
      name,
      '--folder',
      learner.folder,
    ],
    { env: wirelabEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  await new Promise<void>((done) =>
    parent.stdout
      .setEncoding('utf8')
      .on('data', (text: string) => /Wire A is live/.test((said += text)) && done()),
  );
  const pid = Number(/^\d+$/m.exec(said)?.[0]);
  t.teardown(() => parent.kill('SIGKILL'));
  t.is((await askUp(learner.folder))?.pid, pid);
  process.kill(pid, 'SIGKILL');
  while (!/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) await setImmediate();
  t.true(process.kill(pid, 0), 'its number is taken still');
  t.is(await askUp(learner.folder), undefined);
  const again = await Held.start(t, learner);
  await again.until(live);
});

test(`${name}: the live wire is heard by whoever listens, each exchange whole; what passed before, by nobody`, async (t) => {
  const { learner, held } = await begin(t, 0.2);
  const first = learner.read('live.pcapng');
  // Whoever comes later has a capture that begins with an exchange, too.
  await listen(learner, held);
  for (const text of [first, learner.read('live.pcapng')]) {
    t.regex(text, /^\n\r\r\n/, 'a section header block');
    t.regex(text, /username=bob[^]*HTTP\/1\.1 302 Found/);
    t.notRegex(text, /username=alice/);
  }
  const { stdout } = await askWirelab(['inspect', 'live.pcapng'], { cwd: learner.folder });
  t.regex(stdout, /READABLE {2}password: /);
  t.false(readdirSync(stateOf(learner.folder)).some((entry) => entry === 'live.pcapng'));
  const { url } = await held.until(
    (event): event is Extract<LabEvent, { kind: 'live' }> => event.kind === 'live',
  );
  t.is((await fetch(url.replace('A.pcapng', 'monday.pcapng'))).status, 404);
});

test(`${name}: a folder that is moved ends the lab with a mistake, and the lab goes on where it is`, async (t) => {
  const { learner, held } = await begin(t);
  const moved = `${learner.folder}-moved`;
  renameSync(learner.folder, moved);
  const error = await t.throwsAsync(held.ended);
  t.true(error instanceof UserError);
  if (error instanceof UserError) t.regex(error.facts.what.en, /moved or deleted/);
  t.false(existsSync(learner.folder), 'nothing is made where it was');
  const again = await Held.start(t, { lab: learner.lab, folder: moved });
  await again.until(live);
});

test(`${name}: a note in the folder closes no listener, and a deleted capture is made again`, async (t) => {
  const { learner, held } = await begin(t);
  const before = held.events.length;
  writeFileSync(join(learner.folder, 'notes.txt'), 'otter&maple47\n');
  renameSync(join(learner.folder, 'monday.pcapng'), join(learner.folder, 'kept.pcapng'));
  await held.until(captured('monday.pcapng'), before);
  t.false(held.events.slice(before).some(({ kind }) => kind === 'open' || kind === 'changed'));
});

test(`${name}: a second one in the same folder is not started beside the first`, async (t) => {
  const { learner } = await begin(t);
  const second = await Held.start(t, learner)
    .then(async ({ ended }) => ended)
    .catch((error: unknown) => error);
  t.true(second instanceof UserError);
  if (second instanceof UserError) t.regex(second.facts.remedy?.en ?? '', new RegExp(`kill ${process.pid}`));
});

test(`${name}: a folder that is thrown away ends the lab with a mistake`, async (t) => {
  const { learner, held } = await begin(t);
  rmSync(learner.folder, { recursive: true });
  const error = await t.throwsAsync(held.ended);
  t.true(error instanceof UserError);
});

for (const [signal, code] of [
  ['SIGINT', 0],
  ['SIGTERM', 143],
] as const) {
  test(`${name}: ${signal} ends it with ${code}, and leaves nothing half-written`, async (t) => {
    const { folder } = await Learner.begin(t, name);
    const running = start(t, ['lab', name, '--folder', folder]);
    await running.until(/Wire A is live/);
    running.child.kill(signal);
    t.deepEqual([...(await running.exit)], [code, null]);
    t.deepEqual(readdirSync(folder).toSorted(), ['.wirelab', 'bank-ca.crt', 'monday.pcapng']);
    t.false(readdirSync(stateOf(folder)).includes('up.json'));
  });
}

test(`${name}: a lab without its terminal does not lock the folder`, async (t) => {
  const learner = await Learner.begin(t, name);
  const running = start(t, ['lab', name, '--folder', learner.folder]);
  await running.until(/Wire A is live/);
  running.child.kill('SIGKILL');
  t.deepEqual([...(await running.exit)], [null, 'SIGKILL']);
  t.true(readdirSync(stateOf(learner.folder)).includes('up.json'));
  const again = await Held.start(t, learner);
  await again.until(live);
});

test(`${name}: a window that is closed ends the lab, with nothing left behind`, async (t) => {
  const learner = await Learner.begin(t, name);
  const running = start(t, ['lab', name, '--folder', learner.folder]);
  await running.until(/Wire A is live/);
  running.child.kill('SIGHUP');
  t.deepEqual([...(await running.exit)], [null, 'SIGHUP']);
  t.false(readdirSync(stateOf(learner.folder)).includes('up.json'));
  t.false(readdirSync(learner.folder).includes('try'));
});

test(`${name}: without a login, neither the initial files nor an empty folder pass`, async (t) => {
  const learner = await Learner.begin(t, name);
  const nothing = ['read-monday: open not_up', 'read-live: open not_up'];
  t.deepEqual(await learner.outcome(), nothing);
  learner.remove('bank-ca.crt');
  t.deepEqual(await learner.outcome(), nothing);
  const [first] = await learner.check();
  t.regex(first?.remedy?.en ?? '', /not running/);
  t.is(first?.command, `wirelab lab find-the-password --folder ${learner.folder}`);
});

attemptTests(findThePassword);
