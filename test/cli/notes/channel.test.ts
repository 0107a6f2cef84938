/** The channel between a show and its speaker's terminals, on real sockets, and the command that follows it. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChannel } from '../../../src/cli/notes/channel.ts';
import type { Channel } from '../../../src/cli/notes/channel.ts';
import { chooseShow, followShow } from '../../../src/cli/notes/follow.ts';
import type { SpeakerMessage } from '../../../src/cli/notes/message.ts';
import { pathsFor, runningShows } from '../../../src/cli/notes/shows.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import type { SpeakerPage } from '../../../src/ui/tui/speaker.ts';
import { present } from '../../helpers/capture.ts';
import { start } from '../../helpers/running.ts';
import { runWirelab } from '../../helpers/wirelab.ts';
import { performed } from '../../ui/tui/support/performed.ts';

process.setMaxListeners(40);

/** Folders of the test's own: shows of other tests are not found. */
function home(t: ExecutionContext): {
  readonly XDG_STATE_HOME: string;
  readonly TMPDIR: string;
  readonly shows: string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'wl-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return { XDG_STATE_HOME: folder, TMPDIR: folder, shows: join(folder, 'wirelab', 'shows') };
}

async function opened(
  t: ExecutionContext,
  variables: NodeJS.ProcessEnv,
  { name = 'tls', onKey = () => {} }: { name?: string; onKey?: (key: string) => void } = {},
): Promise<Channel> {
  const channel = present(await openChannel({ name, variables, began: 1, onKey }));
  t.teardown(() => channel.close());
  return channel;
}

const page = (stop: number): SpeakerPage => ({
  show: 'tls',
  title: { en: 'TLS', ko: 'TLS' },
  stop,
  stops: 8,
  kind: 'question',
});

test('a terminal is given what is shown, then what changes; its keys reach the show; the end ends it', async (t) => {
  const variables = home(t);
  const keys: string[] = [];
  let onKey = (): void => {};
  const channel = await opened(t, variables, {
    onKey: (key) => {
      keys.push(key);
      onKey();
    },
  });
  channel.publish(page(1));
  channel.publish(page(1));
  const show = present(chooseShow(await runningShows(variables), undefined));
  t.is(show.name, 'tls');
  t.is(show.pid, process.pid);
  t.is(statSync(show.path).mode & 0o777, 0o600);
  t.is(statSync(variables.shows).mode & 0o777, 0o700);
  const stops: number[] = [];
  let onPage = (): void => {};
  const paged = async (count: number): Promise<void> =>
    new Promise((resolve) => {
      onPage = () => {
        if (stops.length >= count) resolve();
      };
      onPage();
    });
  const followed = followShow(show, (message: SpeakerMessage) => {
    stops.push(message.stop);
    onPage();
  });
  await paged(1);
  channel.publish(page(2));
  channel.publish(undefined);
  channel.publish(page(2));
  channel.publish(page(3));
  await paged(3);
  t.deepEqual(stops, [1, 2, 3]);
  const pressed = new Promise<void>((resolve) => {
    onKey = () => {
      if (keys.length === 2) resolve();
    };
  });
  followed.press('space');
  followed.press('b');
  await pressed;
  t.deepEqual(keys, ['space', 'b']);
  channel.close();
  await followed.ended;
  t.deepEqual(readdirSync(variables.shows), []);
});

test('a client that sends anything else is cut off, and the show goes on', async (t) => {
  const variables = home(t);
  const channel = await opened(t, variables, { onKey: () => t.fail() });
  const show = present((await runningShows(variables))[0]);
  for (const bytes of ['{"key":"Q"}\n', 'x'.repeat(1000), '\0\n']) {
    const socket = connect(show.path);
    socket.write(bytes);
    await once(socket.resume(), 'close');
  }
  channel.publish(page(1));
  t.is((await runningShows(variables)).length, 1);
});

test('a show that sends anything but pages is left', async (t) => {
  const variables = home(t);
  const path = present([...pathsFor('tls', variables)][0]);
  const server = createServer((socket) => socket.on('error', () => {}).write('\u001b[2J hello\n'));
  t.teardown(() => server.close());
  server.listen(path);
  await once(server, 'listening');
  await followShow({ name: 'tls', pid: 1, path }, () => t.fail()).ended;
  t.pass();
});

test('the socket of a killed show is removed, a folder open to others is not used', async (t) => {
  const variables = home(t);
  mkdirSync(variables.shows, { recursive: true, mode: 0o700 });
  const path = join(variables.shows, 'tls.1.sock');
  // What a killed process leaves: a bound socket that nobody listens on.
  const code = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  const { spawn } = await import('node:child_process');
  await once(spawn(process.execPath, ['-e', code]), 'close');
  t.deepEqual(readdirSync(variables.shows), ['tls.1.sock']);
  t.deepEqual(await runningShows(variables), []);
  t.deepEqual(readdirSync(variables.shows), []);
  chmodSync(variables.shows, 0o755);
  t.false([...pathsFor('tls', variables)].some((one) => one.startsWith(variables.shows)));
  t.deepEqual(await runningShows(variables), []);
});

test('a path that a socket cannot have is passed over, and a name is only letters', (t) => {
  const { XDG_STATE_HOME } = home(t);
  const deep = { XDG_STATE_HOME: join(XDG_STATE_HOME, 'x'.repeat(100)) };
  t.true([...pathsFor('tls', deep)].every((path) => !path.startsWith(deep.XDG_STATE_HOME)));
  t.regex(present([...pathsFor('../My Show!', { XDG_STATE_HOME }, 7)][0]), /shows\/-my-show-\.7\.sock$/);
});

test('of several shows one must be named', (t) => {
  const shows = [
    { name: 'mtls', pid: 4, path: '' },
    { name: 'tls', pid: 5, path: '' },
    { name: 'tls', pid: 6, path: '' },
  ];
  t.is(chooseShow([], undefined), undefined);
  t.is(chooseShow(shows, 'plaintext'), undefined);
  t.is(chooseShow(shows, 'mtls')?.pid, 4);
  t.is(chooseShow(shows, '6')?.pid, 6);
  const error = t.throws(() => chooseShow(shows, undefined), { instanceOf: UserError });
  t.is(error.facts.received, 'mtls (4), tls (5), tls (6)');
  t.is(
    t.throws(() => chooseShow(shows, 'tls'), { instanceOf: UserError }).facts.remedy?.en,
    './wirelab notes 5',
  );
});

test('wirelab notes waits, follows a real show, moves it, and waits again', async (t) => {
  const { XDG_STATE_HOME: WIRELAB_STATE } = home(t);
  const variables = { WIRELAB_STATE, TMPDIR: WIRELAB_STATE };
  const notes = start(t, ['notes'], `export WIRELAB_STATE=${WIRELAB_STATE} TMPDIR=${WIRELAB_STATE}`);
  await notes.until(/No show is running/);
  const show = await performed(t, { scenario: 'tls', variables });
  await notes.until(/tls {3}step 1\/8 {3}introduction/);
  await show.press(' ');
  await notes.until(/tls {3}step 2\/8 {3}question[^]*next: the result of/);
  const follower = followShow(present((await runningShows(variables))[0]), () => {});
  follower.press('space');
  await notes.until(/tls {3}step 3\/8 {3}result/);
  follower.close();
  await show.leave();
  await notes.until(/The show has ended\.[^]*No show is running/);
  notes.child.kill('SIGINT');
  t.deepEqual([...(await notes.exit)], [130, null]);
});

test('wirelab notes in Korean, and with a name too many', async (t) => {
  const { XDG_STATE_HOME } = home(t);
  const channel = await opened(t, { XDG_STATE_HOME, TMPDIR: XDG_STATE_HOME });
  channel.publish(page(2));
  const notes = start(
    t,
    ['notes', 'tls', '--lang', 'ko'],
    `export XDG_STATE_HOME=${XDG_STATE_HOME} TMPDIR=${XDG_STATE_HOME}`,
  );
  await notes.until(/2\/8 단계 {3}질문/);
  notes.child.kill('SIGTERM');
  t.deepEqual([...(await notes.exit)], [143, null]);
  const { exitCode, stderr } = await runWirelab(['notes', 'tls', 'mtls']);
  t.is(exitCode, 2);
  t.regex(stderr, /one show at a time/);
});
