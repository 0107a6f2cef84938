/** `wirelab proxy --save`: what was recorded is in one file when the proxy ends, and is replayed as the proxy showed it. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { CaptureDraft } from '../../../src/capture/event.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { ProxyRecorder } from '../../../src/cli/proxy/save.ts';
import { start } from '../../helpers/running.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { linesOf } from '../../ui/bundle/support/bundles.ts';
import { performedProxy } from '../../ui/tui/support/performed.ts';
import { firstDifference } from '../run/replay/support/replayed.ts';
import { folderFor, login, site } from './support/site.ts';

/** A proxy that has relayed one login at each of these paths, and was stopped. Resolves with what it has printed. */
async function recorded(
  t: ExecutionContext,
  words: readonly string[],
  paths = ['/login'],
): Promise<{ readonly output: string; readonly errors: string }> {
  const running = start(t, [
    'proxy',
    '--mode',
    'plaintext',
    '--http',
    '--no-tui',
    '--listen',
    '127.0.0.1:0',
    '--target',
    await site(t, 'session=abcdef123456'),
    ...words,
  ]);
  let errors = '';
  running.child.stderr.on('data', (text: string) => (errors += text));
  const port = Number(/listening on 127\.0\.0\.1:(\d+)/.exec(await running.until(/listening on .*\d;/))?.[1]);
  for (const path of paths) await login(port, path);
  await running.until(words.includes('--json') ? /"kind":"closed"/ : /A #\d+ closed/);
  running.child.kill('SIGINT');
  t.deepEqual(await running.exit, [130, null]);
  return { output: await running.until(/$/), errors };
}

test('the lines of a replay are those of the proxy, with everything', async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'seen.wirelab');
  const { output } = await recorded(t, ['--save', path, '--with-secrets']);
  t.is(statSync(path).mode & 0o777, 0o600);
  t.deepEqual(readdirSync(folder), ['seen.wirelab']);
  const { stdout, stderr, exitCode } = await askWirelab(['replay', path, '--no-tui']);
  t.is(exitCode, 0);
  t.is(stderr, '');
  t.true(stdout.includes('tiger-lily'));
  t.is(stdout, output.slice(0, stdout.length));
});

test('redacted: the same but for the secrets, which are counted; none is in the file, nor on its page', async (t) => {
  const folder = folderFor(t);
  const [path, page] = [join(folder, 'seen.wirelab'), join(folder, 'seen.html')] as const;
  const { output } = await recorded(t, ['--save', path]);
  const replayed = await askWirelab(['replay', path, '--no-tui', '--html', page]);
  t.is(firstDifference(replayed.stdout, output.slice(0, replayed.stdout.length), true), undefined);
  t.regex(replayed.stdout, /READABLE password: \*{10} /);
  t.is(replayed.stderr, 'wirelab: redacted: 4 places in the bytes (form field 2, cookie 2), 0 in texts\n');
  const html = readFileSync(page, 'utf8');
  t.regex(html, /<h1>.*A plaintext proxy.*<\/h1><p class="dim">.*Replay of a file that.*redacted: 4 places/);
  const content = gunzipSync(readFileSync(path)).toString();
  const bytes = linesOf(readFileSync(path))
    .filter(({ kind }) => kind === 'bytes')
    .map((line) => Buffer.from(String(line['bytes']), 'base64').toString('latin1'))
    .join('');
  for (const text of [html, content, bytes, replayed.stdout]) {
    t.false(text.includes('tiger-lily'));
    t.false(text.includes('abcdef123456'));
  }
});

test('its JSON is that of the proxy, keys only on request', async (t) => {
  const path = join(folderFor(t), 'seen.wirelab');
  const { output } = await recorded(t, ['--save', path, '--json', '--with-secrets']);
  const { stdout } = await askWirelab(['replay', path, '--json', '--with-secrets']);
  t.true(stdout.split('\n').length > 10);
  t.is(firstDifference(stdout, output.slice(0, stdout.length), false), undefined);
});

test('what the file will have is said before anything listens; a filter chooses', async (t) => {
  const path = join(folderFor(t), 'seen.wirelab');
  const { errors } = await recorded(
    t,
    ['--save', path, '--filter', 'path~/kept and wire=A'],
    ['/other', '/kept'],
  );
  t.regex(
    errors,
    /seen\.wirelab will have the newest connections: up to 64 MiB of data, and 20,000 connections\n/,
  );
  const { stdout } = await askWirelab(['replay', path, '--no-tui']);
  t.true(stdout.includes('/kept'));
  t.false(stdout.includes('/other'));
});

test('where nothing ran nothing is written, and an earlier file stays; several processes have no bundle', async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'seen.wirelab');
  writeFileSync(path, 'earlier');
  const taken = await site(t, 'session=abcdef123456');
  const words = [
    'proxy',
    '--mode',
    'plaintext',
    '--target',
    await site(t, 'session=abcdef123456'),
    '--no-tui',
  ];
  const busy = await askWirelab([...words, '--listen', taken, '--save', path]);
  t.is(busy.exitCode, 2);
  t.regex(busy.stderr, /seen\.wirelab was not written: no proxy ran/);
  const unwritable = await askWirelab([
    ...words,
    '--listen',
    '127.0.0.1:0',
    '--save',
    join(folder, 'no', 'p'),
  ]);
  t.is(unwritable.exitCode, 2);
  t.is(unwritable.stdout, '');
  t.is(readFileSync(path, 'utf8'), 'earlier');
  t.deepEqual(readdirSync(folder), ['seen.wirelab']);
});

test('from the screen it is written when the screen is left', async (t) => {
  const path = join(folderFor(t), 'seen.wirelab');
  const screen = await performedProxy(t, [
    '--mode',
    'plaintext',
    '--listen',
    '0',
    '--target',
    await site(t, 'session=abcdef123456'),
    '--http',
    '--save',
    path,
  ]);
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(await screen.until(/waiting for a connection/))?.[1]);
  await login(port);
  await screen.until(/POST \/login/);
  await screen.press('Q');
  t.is(await screen.ended, 0);
  const { stdout, stderr } = await askWirelab(['replay', path, '--no-tui']);
  t.regex(stdout, /listening on[^]*POST \/login/);
  t.notRegex(stdout, /For example/, 'what the screen tells its reader is not recorded');
  t.regex(stderr, /^wirelab: redacted: \d places/);
});

/** What happens to a connection, in short. */
const happens = {
  began: {
    type: 'began',
    version: '0.0.0',
    wallClock: new Date(0).toISOString(),
    topology: { participants: [], wires: [] },
  },
  opened: (conn: number) => ({
    type: 'opened',
    conn,
    hop: 'A',
    transport: 'tcp',
    from: { host: '127.0.0.1', port: 1000 + conn },
    to: { host: '127.0.0.1', port: 443 },
  }),
  bytes: (conn: number, length: number) => ({
    type: 'bytes',
    conn,
    hop: 'A',
    vantage: 'wire',
    from: 'client',
    bytes: new Uint8Array(length),
  }),
  closed: (conn: number) => ({ type: 'closed', conn, hop: 'A', by: 'client', how: 'end' }),
} as const satisfies Record<string, CaptureDraft | ((...args: number[]) => CaptureDraft)>;

test('the newest connections stay, of a restart the last run, and nothing of one that is not there any more', (t) => {
  const recorder = new ProxyRecorder({ bytes: 1000, pieces: 1000, connections: 5 });
  const log = new CaptureLog({ clock: systemClock, endless: true });
  log.subscribe(recorder.fold);
  t.deepEqual(recorder.events, []);
  const first = log.openRun();
  first.append(happens.began);
  first.append(happens.opened(100));
  const run = log.openRun();
  run.append(happens.began);
  run.append({ type: 'note', text: { en: 'listening', ko: '대기 중' } });
  for (let conn = 0; conn < 20; conn++) {
    run.append(happens.opened(conn));
    if (conn % 2 === 0) run.append(happens.bytes(conn, 100));
    run.append(happens.closed(conn));
  }
  // Late, of one that was forgotten.
  run.append(happens.closed(0));
  const { events, kept } = recorder;
  t.deepEqual(
    events.slice(0, 2).map(({ type }) => type),
    ['began', 'note'],
  );
  const connections = events.flatMap((event) => (event.type === 'opened' ? [event.conn] : []));
  t.deepEqual(connections, [15, 16, 17, 18, 19]);
  t.is(kept.forgotten, 15);
  t.deepEqual(
    events.map(({ seq }) => seq),
    events.map(({ seq }) => seq).toSorted((one, other) => one - other),
  );
  t.true(events.every((event) => !('conn' in event) || connections.includes(event.conn ?? -1)));
});
