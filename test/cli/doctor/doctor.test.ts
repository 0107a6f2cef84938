/**
 * The doctor: each check against surroundings that were made up, and the real command on this machine, among programs
 * that hang, fail and print rubbish, and without a folder that it could write.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { cellWidth } from '../../../src/i18n/width.ts';
import { parseCommand } from '../../../src/cli/command.ts';
import type { Environment } from '../../../src/cli/command.ts';
import { checks, doctor, examine } from '../../../src/cli/doctor/doctor.ts';
import { askProgram } from '../../../src/cli/doctor/ask.ts';
import { labChecks } from '../../../src/cli/doctor/labs.ts';
import type { Answer } from '../../../src/cli/doctor/ask.ts';
import { groups } from '../../../src/cli/doctor/check.ts';
import type { Finding, Status, RunContext } from '../../../src/cli/doctor/check.ts';
import { isAtLeast, neededNode } from '../../../src/cli/doctor/machine.ts';
import { versionIn } from '../../../src/cli/doctor/peers.ts';
import { doctorJson, isReady } from '../../../src/cli/doctor/report.ts';
import { openLoopback, tryWriting } from '../../../src/cli/doctor/surroundings.ts';
import { labCourse } from '../../../src/labs/load.ts';
import { coloursOf } from '../../../src/ui/tui/palette.ts';
import { findProgram } from '../../../src/cli/io/which.ts';
import { outputValidator } from '../../helpers/output-schema.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { askWirelab, mainFile, wirelabEnvironment } from '../../helpers/wirelab.ts';

const root = resolve(import.meta.dirname, '../../../..');
const now = Date.UTC(2026, 10, 25, 3, 21);

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-doctor-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function risingClock(wall: number): RunContext['clock'] {
  let microseconds = 0;
  return { now: () => wall, microseconds: () => microseconds++ };
}

const said = (stdout: string, more: { stderr?: string; exitCode?: number | null } = {}): Answer => ({
  kind: 'said',
  stdout,
  stderr: '',
  exitCode: 0,
  ...more,
});

/** A machine on which everything is as it should be. */
const healthy: RunContext = {
  nodeVersion: '22.1.0',
  opensslVersion: '3.0.19',
  platform: 'linux',
  variables: { TERM: 'xterm-256color', LANG: 'ko_KR.UTF-8', DISPLAY: ':0' },
  clock: risingClock(now),
  madeAt: now - 1000,
  certificates: '/home/alice/certs',
  terminal: { columns: 120, rows: 40 },
  probe: { answered: true, ambiguousAsWide: false, hangulCells: 2, utf8: true },
  which: (program) => `/usr/bin/${program}`,
  ask: async () => said('program 1.2.3'),
  openLoopback: async () => ({ kind: 'works', port: 4711 }),
  tryWriting: async () => ({ kind: 'works' }),
};

async function findingOf(name: string, changes: Partial<RunContext>): Promise<Finding> {
  const check = checks.find((candidate) => candidate.name === name);
  if (!check) throw new Error(`no check ${name}`);
  return check.run({ ...healthy, ...changes });
}

const set = (variables: NodeJS.ProcessEnv): Partial<RunContext> => ({
  variables: { ...healthy.variables, ...variables },
});
const measured = (probe: Partial<NonNullable<RunContext['probe']>>): Partial<RunContext> => ({
  probe: { answered: true, ambiguousAsWide: false, hangulCells: 2, utf8: true, ...probe },
});
const answering = (answer: Answer): Partial<RunContext> => ({ ask: async () => answer });
const lacking: Partial<RunContext> = { which: () => undefined };

/** What is changed on the healthy machine, which check sees it, and what it says. */
const rows: readonly (readonly [
  check: string,
  what: string,
  changes: Partial<RunContext>,
  status: Status,
  english: RegExp,
])[] = [
  ['node', 'just new enough', { nodeVersion: '20.19.0' }, 'ok', /^20\.19\.0 \(20\.19 or newer/],
  ['node', 'a little too old', { nodeVersion: '20.18.3' }, 'broken', /nodejs\.org/],
  ['node', 'much too old', { nodeVersion: '8.17.0' }, 'broken', /8\.17\.0/],
  ['openssl-library', 'of another family', { opensslVersion: '1.1.1w' }, 'limited', /may differ/],
  ['openssl-library', 'absent', { opensslVersion: undefined }, 'limited', /without OpenSSL/],
  [
    'loopback',
    'without a port',
    { openLoopback: async () => ({ kind: 'no-port', code: 'EPERM' }) },
    'broken',
    /no port.*127\.0\.0\.1.*EPERM[^]*sandbox/,
  ],
  [
    'loopback',
    'without a connection',
    { openLoopback: async () => ({ kind: 'no-connection', code: 'ETIMEDOUT' }) },
    'broken',
    /connecting to it fails.*ETIMEDOUT/,
  ],
  [
    'loopback-ipv6',
    'absent',
    { openLoopback: async () => ({ kind: 'no-port', code: 'EADDRNOTAVAIL' }) },
    'missing',
    /no effect/,
  ],
  ['clock', 'at the epoch', { clock: risingClock(0) }, 'broken', /1970-01-01[^]*set the date/],
  ['clock', 'in the far future', { clock: risingClock(Date.UTC(2107, 0)) }, 'broken', /2107/],
  ['clock', 'that is no number', { clock: risingClock(Number.NaN) }, 'broken', /\?/],
  [
    'clock',
    'before this copy was made',
    { clock: risingClock(now), madeAt: now + 3 * 86_400_000 },
    'limited',
    /built on 2026-11-28/,
  ],
  [
    'clock',
    'an hour before this copy was made',
    { clock: risingClock(now), madeAt: now + 3_600_000 },
    'ok',
    /2026-11-25 03:21 UTC/,
  ],
  [
    'clock',
    'that stands still for a moment',
    { clock: { now: () => now, microseconds: () => 7 } },
    'ok',
    /forward/,
  ],
  [
    'clock',
    'that runs backwards',
    {
      clock: {
        now: () => now,
        microseconds: (
          (value) => () =>
            value--
        )(9),
      },
    },
    'broken',
    /backwards/,
  ],
  [
    'certificates',
    'not there yet',
    { tryWriting: async () => ({ kind: 'to-be-made' }) },
    'ok',
    /does not exist yet/,
  ],
  [
    'certificates',
    'that all may read',
    { tryWriting: async () => ({ kind: 'open-to-others' }) },
    'limited',
    /private keys[^]*WIRELAB_CERTS/,
  ],
  [
    'certificates',
    'that cannot be written',
    { tryWriting: async () => ({ kind: 'fails', code: 'EROFS' }) },
    'broken',
    /EROFS[^]*WIRELAB_CERTS/,
  ],
  ['terminal', 'absent', { terminal: undefined }, 'limited', /as plain text/],
  ['terminal', 'that is dumb', set({ TERM: 'dumb' }), 'limited', /TERM=dumb/],
  ['terminal', 'without a name', set({ TERM: '' }), 'ok', /TERM is not set/],
  ['terminal', 'with a hostile name', set({ TERM: '\u001b[2J' }), 'ok', /TERM=·\[2J$/],
  ['size', 'just complete', { terminal: { columns: 80, rows: 24 } }, 'ok', /80 columns, 24 rows/],
  ['size', 'a column short', { terminal: { columns: 79, rows: 24 } }, 'limited', /omits parts/],
  ['size', 'just enough', { terminal: { columns: 60, rows: 16 } }, 'limited', /omits parts/],
  ['size', 'too low', { terminal: { columns: 200, rows: 11 } }, 'limited', /too small.*40x12/],
  ['size', 'unknown to the terminal', { terminal: { columns: 0, rows: 0 } }, 'unknown', /not measured/],
  ['size', 'without a terminal', { terminal: undefined }, 'unknown', /not measured/],
  ['characters', 'measured', {}, 'ok', /LANG=ko_KR\.UTF-8.*measured/],
  ['characters', 'by the locale alone', { probe: undefined }, 'ok', /was not measured/],
  ['characters', 'without an answer', measured({ answered: false }), 'ok', /was not measured/],
  ['characters', 'measured otherwise', measured({ utf8: false }), 'limited', /does not decode UTF-8/],
  ['characters', 'in the C locale', set({ LC_ALL: 'C' }), 'limited', /LC_ALL=C[^]*export LC_ALL/],
  ['characters', 'in EUC-KR', set({ LANG: 'ko_KR.eucKR' }), 'limited', /ko_KR\.eucKR/],
  ['characters', 'without a locale', { variables: {} }, 'limited', /the C locale is used/],
  ['width', 'measured', {}, 'ok', /arrow or a line takes 1 cell, Hangul takes 2/],
  ['width', 'with wide arrows', measured({ ambiguousAsWide: true }), 'limited', /2 cells, [^]*ASCII/],
  ['width', 'with narrow Hangul', measured({ hangulCells: 1 }), 'limited', /Hangul takes 1[^]*--lang en/],
  ['width', 'without an answer', measured({ answered: false }), 'unknown', /not measured/],
  ['width', 'without a terminal', { probe: undefined }, 'unknown', /not measured/],
  ['colours', '256', {}, 'ok', /^256 \(TERM=xterm-256color\), theme: dark$/],
  ['colours', 'on white', measured({ background: [1, 1, 1] }), 'ok', /theme: light$/],
  [
    'colours',
    'by COLORTERM',
    set({ TERM: 'xterm', COLORTERM: 'truecolor' }),
    'ok',
    /^256 \(COLORTERM=truecolor\)/,
  ],
  ['colours', '16', set({ TERM: 'xterm' }), 'limited', /^16 \(TERM=xterm\)/],
  [
    'colours',
    '16, in tmux',
    set({ TERM: 'screen', TMUX: 'x' }),
    'limited',
    /^16 [^]*tmux set -g default-terminal/,
  ],
  ['colours', 'not wanted', set({ NO_COLOR: '1' }), 'ok', /^disabled by NO_COLOR=1/],
  ['colours', 'with an empty NO_COLOR', set({ NO_COLOR: '' }), 'ok', /^256/],
  ['colours', 'not offered', set({ TERM: 'dumb' }), 'limited', /^none \(TERM=dumb\)/],
  ['colours', 'without TERM', set({ TERM: '' }), 'limited', /^none \(TERM is not set\)/],
  ['mouse', 'in a plain terminal', {}, 'unknown', /cannot be measured.*no tmux[^]* f releases the mouse/],
  ['mouse', 'in tmux', set({ TMUX: '/tmp/tmux-0/default,1,0' }), 'unknown', /through tmux/],
  ['mouse', 'in screen', set({ STY: '1.pts-0' }), 'unknown', /through GNU screen/],
  ['clipboard', 'by xclip', {}, 'ok', /^xclip; OSC 52/],
  [
    'clipboard',
    'under X, without a program',
    lacking,
    'limited',
    /no clipboard program[^]*OSC 52[^]*apt install xclip/,
  ],
  [
    'clipboard',
    'under Wayland, without a program',
    { ...lacking, ...set({ WAYLAND_DISPLAY: 'wayland-0' }) },
    'limited',
    /apt install wl-clipboard/,
  ],
  ['clipboard', 'without a desktop', set({ DISPLAY: '' }), 'limited', /no desktop[^]*settings/],
  ['clipboard', 'without a desktop, in tmux', set({ DISPLAY: '', TMUX: 'x' }), 'limited', /set-clipboard on/],
  [
    'curl',
    'with its library',
    answering(
      said('curl 8.7.1 (x86_64-apple-darwin23.0) libcurl/8.7.1 (SecureTransport) LibreSSL/3.3.6 zlib/1.2.12'),
    ),
    'ok',
    /^8\.7\.1 \(LibreSSL\/3\.3\.6\); used for sending/,
  ],
  [
    'curl',
    'with another library',
    answering(said('curl 8.4.0 (Windows) libcurl/8.4.0 Schannel WinIDN\n')),
    'ok',
    /^8\.4\.0 \(Schannel\); /,
  ],
  ['curl', 'that is absent', lacking, 'missing', /not in PATH[^]*apt install curl, or brew install curl/],
  ['openssl', 'that is LibreSSL', answering(said('LibreSSL 3.3.6\n')), 'ok', /^LibreSSL 3\.3\.6; /],
  [
    'kubectl',
    'with a v before its number',
    answering(said('Client Version: v1.31.0\nKustomize Version: v5.4.2\n')),
    'ok',
    /^1\.31\.0; /,
  ],
  [
    'tshark',
    'that hangs',
    answering({ kind: 'silent' }),
    'limited',
    /in time[^]*\/usr\/bin\/tshark --version/,
  ],
  ['tshark', 'that cannot be started', answering({ kind: 'failed', code: 'EACCES' }), 'limited', /EACCES/],
  [
    'etcd',
    'that fails',
    answering(said('', { stderr: '\n\u001b[31mno disk 1.2\u001b[0m\n', exitCode: 1 })),
    'limited',
    /exited with 1: “·\[31mno disk 1\.2·\[0m”/,
  ],
  ['etcd', 'that says nothing', answering(said('')), 'limited', /version was not recognized$/m],
  [
    'gnutls-cli',
    'that prints rubbish',
    answering(said('\u0000\u009b31m한'.repeat(99))),
    'limited',
    /version was not recognized: “··31m한.*…”/,
  ],
  [
    'gnutls-cli',
    'that was cut short',
    answering(said('gnutls-cli 3.8.9 and on and on', { exitCode: null })),
    'ok',
    /^3\.8\.9/,
  ],
  [
    'browser',
    'under its second name',
    {
      which: (program) => (program === 'google-chrome' ? '/opt/google-chrome' : undefined),
      ask: async (path) => said(path === '/opt/google-chrome' ? 'Google Chrome 131.0.6778.85 \n' : ''),
    },
    'ok',
    /^Google Chrome 131\.0\.6778\.85/,
  ],
  [
    'tmux',
    'that one is in',
    { ...set({ TMUX: 'x' }), ...answering(said('tmux 3.5a\n')) },
    'ok',
    /^3\.5a; [^]*set-clipboard/,
  ],
];

for (const [name, what, changes, status, english] of rows) {
  test(`${name} ${what} is ${status}`, async (t) => {
    const finding = await findingOf(name, changes);
    t.is(finding.status, status);
    t.regex([finding.found.en, finding.means?.en, finding.remedy?.en].filter(Boolean).join('\n'), english);
    for (const text of [finding.found, finding.means, finding.remedy]) {
      if (!text) continue;
      t.is(text.ko, text.ko.normalize('NFC'));
      t.notRegex(`${text.en}${text.ko}`, /[\p{Cc}\p{Cs}]|undefined|\[object|NaN/u);
    }
  });
}

test('on a healthy machine everything is ok but the mouse, which cannot be measured', async (t) => {
  const examined = await examine(healthy);
  t.deepEqual(
    examined.filter(({ finding }) => finding.status !== 'ok').map(({ check }) => check.name),
    ['mouse'],
  );
  t.true(isReady(examined));
});

test('where nothing works, only what is essential is broken, and every such row says what to do', async (t) => {
  const examined = await examine({
    ...healthy,
    ...lacking,
    nodeVersion: '18.0.0',
    opensslVersion: undefined,
    variables: {},
    clock: risingClock(0),
    terminal: undefined,
    probe: undefined,
    openLoopback: async () => ({ kind: 'no-port', code: 'EPERM' }),
    tryWriting: async () => ({ kind: 'fails', code: 'EACCES' }),
  });
  t.false(isReady(examined));
  t.deepEqual(
    examined.filter(({ finding }) => finding.status === 'broken').map(({ check }) => check.name),
    checks.filter(({ essential }) => essential).map(({ name }) => name),
  );
  for (const { check, finding } of examined)
    if (finding.status === 'broken' || check.group === 'peers') t.truthy(finding.remedy, check.name);
  t.false(examined.some(({ finding }) => finding.status === 'ok'));
});

test('one essential check that is broken is enough', async (t) => {
  for (const changes of [
    { nodeVersion: '18.0.0' },
    { clock: risingClock(0) },
    { openLoopback: async () => ({ kind: 'no-connection', code: 'EPERM' }) },
    { tryWriting: async () => ({ kind: 'fails', code: 'EACCES' }) },
  ] satisfies Partial<RunContext>[]) {
    t.false(isReady(await examine({ ...healthy, ...changes })));
  }
});

test('the table of checks: names are words and unique, titles are short, groups are contiguous', (t) => {
  const rows = [...checks, ...labChecks(labCourse(join(root, 'dist', 'data', 'labs')))];
  const names = rows.map(({ name }) => name);
  t.deepEqual([...new Set(names)], names);
  for (const { name, title } of checks) {
    t.regex(name, /^[a-z0-9-]+$/);
    t.true(cellWidth(title.en) <= 14 && cellWidth(title.ko) <= 14, name);
  }
  t.deepEqual([...new Set(rows.map(({ group }) => group))], [...groups]);
  const places = rows.map(({ group }) => groups.indexOf(group));
  t.deepEqual(
    places,
    [...places].sort((one, other) => one - other),
  );
});

test('the Node that is needed is the one that the package asks for', (t) => {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  t.is(engines.node, `>=${neededNode}`);
  for (const [version, expected] of [
    ['20.19.0', true],
    ['v20.19', true],
    ['20.20.1', true],
    ['21.0.0', true],
    ['20.9.0', false],
    ['3.100.0', false],
    ['', false],
  ] as const)
    t.is(isAtLeast(version, neededNode), expected, version);
});

test('a version is found in what programs really say', (t) => {
  for (const [words, expected] of [
    ['curl 8.14.1 (x86_64-pc-linux-gnu) libcurl/8.14.1 OpenSSL/3.5.9', '8.14.1'],
    ['OpenSSL 3.5.9 29 Sep 2026 (Library: OpenSSL 3.5.9 29 Sep 2026)', '3.5.9'],
    ['TShark (Wireshark) 4.4.19.\n', '4.4.19'],
    ['tmux 3.5a', '3.5a'],
    ['etcd Version: 3.5.16\nGit SHA: f20bbadd4', '3.5.16'],
    ['Mozilla Firefox 128.3.1esr', '128.3.1esr'],
    ['Client Version: v1.32.0-rc.1', '1.32.0-rc.1'],
    ['2026', undefined],
    ['', undefined],
  ] as const)
    t.is(versionIn({ stdout: words, stderr: '' }), expected, words);
  t.is(versionIn({ stdout: 'no number', stderr: 'v2.5' }), '2.5');
  t.true((versionIn({ stdout: `1.2${'x'.repeat(10_000)}`, stderr: '' }) ?? '').length <= 40);
});

test('colours are judged by the variables that people know', (t) => {
  for (const [variables, colours] of [
    [{ TERM: 'tmux-256color' }, '256'],
    [{ TERM: 'xterm-kitty' }, '256'],
    [{ TERM: 'screen' }, '16'],
    [{ TERM: 'linux' }, '16'],
    [{ TERM: 'vt100' }, 'none'],
    [{ TERM: 'xterm-256color', NO_COLOR: '1', COLORTERM: 'truecolor' }, 'none'],
    [{ TERM: 'dumb', COLORTERM: 'truecolor' }, 'none'],
    [{}, 'none'],
  ] as const)
    t.is(coloursOf(variables).depth, colours, JSON.stringify(variables));
});

/** A connection that lasts as long as the process that opened it. */
async function lifeline(t: ExecutionContext): Promise<{
  readonly script: string;
  readonly connected: Promise<unknown>;
  readonly closed: Promise<unknown>;
}> {
  const server = createServer();
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connected = once(server, 'connection');
  const ending = async (): Promise<void> => {
    const [socket] = (await connected) as [Socket];
    socket.on('error', () => {}).resume();
    await once(socket, 'close');
  };
  const closed = ending();
  return { script: `require('node:net').connect(${port}, '127.0.0.1')`, connected, closed };
}

test('a program that hangs is ended with what it started', async (t) => {
  const { script, connected, closed } = await lifeline(t);
  const parent = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(script)}], { stdio: 'inherit' }); setInterval(() => {}, 1000)`;
  const controller = new AbortController();
  const asked = askProgram(process.execPath, ['-e', parent], {
    timeoutMs: 60_000,
    signal: controller.signal,
  });
  await connected;
  controller.abort();
  t.deepEqual(await asked, { kind: 'silent' });
  await closed;
});

test('a time limit, an endless answer, an input that is awaited: asking comes to an end', async (t) => {
  const patient = { timeoutMs: 60_000 };
  t.deepEqual(await askProgram(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 50 }), {
    kind: 'silent',
  });
  const endless = await askProgram(
    process.execPath,
    ['-e', `(function more() { process.stdout.write('한'.repeat(999), more) })()`],
    { ...patient, limit: 100 },
  );
  t.true(endless.kind === 'said' && endless.exitCode === null && Buffer.byteLength(endless.stdout) <= 105);
  const reader = await askProgram(
    process.execPath,
    ['-e', `process.stdout.write(String(require('node:fs').readFileSync(0).length)); process.exitCode = 7`],
    patient,
  );
  t.deepEqual(reader, { kind: 'said', stdout: '0', stderr: '', exitCode: 7 });
  t.deepEqual(await askProgram('/nowhere/program', [], patient), { kind: 'failed', code: 'ENOENT' });
  t.is((await askProgram('/bin/a\u0000b', [], patient)).kind, 'failed');
});

test('loopback is tried with a real connection', async (t) => {
  t.is((await openLoopback('127.0.0.1')).kind, 'works');
  // 192.0.2.0/24 is for documents (RFC 5737) and belongs to no interface.
  t.deepEqual(await openLoopback('192.0.2.1'), { kind: 'no-port', code: 'EADDRNOTAVAIL' });
});

test('writing is tried with a file that is gone again, and no folder is made', async (t) => {
  const folder = temporaryFolder(t);
  t.deepEqual(await tryWriting(folder), { kind: 'works' });
  t.deepEqual(await tryWriting(join(folder, 'not', 'there')), { kind: 'to-be-made' });
  t.deepEqual(readdirSync(folder), []);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  for (const path of [file, join(file, 'x'), join(file, 'x', 'y')])
    t.deepEqual(await tryWriting(path), { kind: 'fails', code: 'ENOTDIR' });
});

test('a program is found as a shell finds it', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'plain'), '');
  writeFileSync(join(folder, 'program'), '', { mode: 0o755 });
  mkdirSync(join(folder, 'folder'));
  const within = { PATH: `/nowhere::.:${folder}` };
  t.is(findProgram('program', within), join(folder, 'program'));
  for (const name of ['plain', 'folder', 'absent']) t.is(findProgram(name, within), undefined);
  t.is(findProgram(join(folder, 'program'), {}), join(folder, 'program'));
  t.is(findProgram(join(folder, 'plain'), {}), undefined);
  for (const PATH of ['', '.']) t.is(findProgram('program', { PATH }), undefined);
});

const validate = outputValidator();

interface JsonLine {
  readonly kind: string;
  readonly name?: string;
  readonly status?: Status;
  readonly ready?: boolean;
  readonly found?: { readonly en: string };
  readonly value?: string;
}

function readJson(t: ExecutionContext, stdout: string): JsonLine[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const data: unknown = JSON.parse(line);
      const fits: boolean = validate(data);
      t.true(
        fits,
        `${line}: ${JSON.stringify(validate.errors?.filter(({ schemaPath }) => schemaPath.includes('/check')))}`,
      );
      return data as JsonLine;
    });
}

test('as JSON every line fits the schema, also where nothing works', async (t) => {
  const hostile = await examine({
    ...healthy,
    ...lacking,
    probe: undefined,
    terminal: undefined,
    certificates: '/\u202e\u001b[2J',
    tryWriting: async () => ({ kind: 'fails', code: 'EACCES' }),
  });
  const text = doctorJson(hostile, '0.1.0').join('\n');
  t.notRegex(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|\\u00/);
  t.deepEqual(readJson(t, text).at(-1)?.ready, false);
});

for (const lang of ['en', 'ko'] as const) {
  test(`doctor finds this machine ready, in ${lang} and within 80 columns`, async (t) => {
    const { exitCode, stdout, stderr } = await askWirelab(['doctor', '--lang', lang]);
    t.is(exitCode, 0, stdout);
    t.is(stderr, '');
    t.regex(stdout, lang === 'en' ? /^READY: /m : /^준비됨: /m);
    t.is(/[가-힣]/.test(stdout), lang === 'ko');
    for (const line of stdout.split('\n')) t.true(cellWidth(line) <= 80, line);
    t.notRegex(stdout, /undefined|\[object|NaN|[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    for (const { title } of checks) t.true(stdout.includes(title[lang]), title.en);
  });
}

test('doctor as JSON: a line for each check, the summary last', async (t) => {
  const { exitCode, stdout, stderr } = await askWirelab(['doctor', '--json']);
  t.is(exitCode, 0, stdout);
  t.is(stderr, '');
  const lines = readJson(t, stdout);
  t.deepEqual(
    lines.slice(0, -1).map(({ name }) => name),
    checks.map(({ name }) => name),
  );
  t.is(lines.at(-1)?.kind, 'checkup');
  t.is(lines.at(-1)?.ready, true);
  t.is(lines[0]?.value, process.versions.node);
});

test('doctor without a PATH: every peer is missing, and that is no failure', async (t) => {
  const { exitCode, stdout } = await askWirelab(['doctor', '--json'], { env: { PATH: '' } });
  t.is(exitCode, 0, stdout);
  const peers = readJson(t, stdout).filter(({ name }) =>
    ['curl', 'openssl', 'gnutls-cli', 'kubectl', 'etcd', 'etcdctl', 'tmux'].includes(name ?? ''),
  );
  t.is(peers.length, 7);
  for (const { name, status } of peers) t.is(status, 'missing', name);
});

test('doctor with a file where the certificates should lie: not ready, and the exit code says so', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'certs');
  writeFileSync(file, '');
  for (const WIRELAB_CERTS of [file, join(file, 'deeper')]) {
    const { exitCode, stdout, stderr } = await askWirelab(['doctor'], { env: { WIRELAB_CERTS, PATH: '' } });
    t.is(exitCode, 1);
    t.is(stderr, '');
    t.regex(stdout, /^ ✗ broken {2}/m);
    t.regex(stdout, /ENOTDIR[^]*remedy: export WIRELAB_CERTS[^]*^NOT READY: .*certificates$/m);
    t.is(
      readJson(t, (await askWirelab(['doctor', '--json'], { env: { WIRELAB_CERTS, PATH: '' } })).stdout).at(
        -1,
      )?.ready,
      false,
    );
  }
  t.is(
    (await askWirelab(['doctor', '--lang', 'ko'], { env: { WIRELAB_CERTS: file, PATH: '' } })).stdout.match(
      /^준비 안 됨: .*인증서 폴더$/m,
    )?.length,
    1,
  );
});

test('doctor leaves nothing in the folder of the certificates', async (t) => {
  const folder = temporaryFolder(t);
  const { exitCode, stdout } = await askWirelab(['doctor', '--json'], {
    env: { WIRELAB_CERTS: folder, PATH: '' },
  });
  t.is(exitCode, 0);
  t.regex(readJson(t, stdout).find(({ name }) => name === 'certificates')?.found?.en ?? '', /is writable$/);
  t.deepEqual(readdirSync(folder), []);
});

test('doctor heeds NO_COLOR and TERM', async (t) => {
  const coloursUnder = async (env: NodeJS.ProcessEnv): Promise<string> =>
    readJson(t, (await askWirelab(['doctor', '--json'], { env: { PATH: '', ...env } })).stdout).find(
      ({ name }) => name === 'colours',
    )?.found?.en ?? '';
  t.regex(await coloursUnder({ TERM: 'xterm-256color', NO_COLOR: '1' }), /NO_COLOR=1/);
  t.regex(await coloursUnder({ TERM: 'xterm-256color' }), /^256/);
  for (const [words, env] of [
    [['doctor'], { TERM: 'dumb' }],
    [['doctor'], { LANG: 'C' }],
    [['doctor', '--ascii'], {}],
  ] as const) {
    const { exitCode, stdout } = await askWirelab(words, { env: { PATH: '', ...env } });
    t.is(exitCode, 0);
    t.regex(stdout, /^[\n\u0020-\u007e]*$/);
  }
});

test('doctor among programs that hang, fail and print rubbish', async (t) => {
  const folder = temporaryFolder(t);
  const programs: Readonly<Record<string, string>> = {
    curl: `#!${process.execPath}\nsetInterval(() => {}, 1000);\n`,
    openssl: `#!/bin/sh\nprintf '\\033]0;owned\\007\\033[2J\\342\\200\\256OpenSSL 9.9.9\\n'\n`,
    'gnutls-cli': `#!/bin/sh\nprintf '\\033[2J\\233 nothing \\377'\n`,
    tshark: `#!/bin/sh\necho 'cannot start' >&2\nexit 1\n`,
    wireshark: `#!/bin/sh\nwhile :; do echo rubbish rubbish rubbish; done\n`,
    etcd: '',
    tmux: `#!/nowhere/interpreter\n`,
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  mkdirSync(join(folder, 'kubectl'));
  const env = { PATH: folder };
  const { exitCode, stdout, stderr } = await askWirelab(['doctor'], { env });
  t.is(exitCode, 0, stdout);
  t.is(stderr, '');
  t.notRegex(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  const lines = readJson(t, (await askWirelab(['doctor', '--json'], { env })).stdout);
  for (const [name, status, english] of [
    ['curl', 'limited', /in time/],
    ['openssl', 'ok', /9\.9\.9/],
    ['gnutls-cli', 'limited', /·\[2J/],
    ['tshark', 'limited', /exited with 1: “cannot start”/],
    ['wireshark', 'limited', /version was not recognized: “rubbish/],
    ['etcd', 'limited', /version was not recognized|could not be started/],
    ['tmux', 'limited', /could not be started \(ENOENT\)/],
    ['kubectl', 'missing', /not in PATH/],
  ] as const) {
    const line = lines.find((candidate) => candidate.name === name);
    t.is(line?.status, status, name);
    t.regex(line?.found?.en ?? '', english);
  }
});

test('a signal while a program is asked ends doctor and the program', async (t) => {
  const folder = temporaryFolder(t);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const { script, connected, closed } = await lifeline(t);
    writeFileSync(join(folder, 'curl'), `#!${process.execPath}\n${script};\n`, { mode: 0o755 });
    const child = spawn(process.execPath, [mainFile, 'doctor'], {
      env: wirelabEnvironment({ PATH: folder }),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    const ended = once(child, 'close');
    await connected;
    child.kill(signal);
    t.deepEqual(await ended, [code, null]);
    t.is(printed, '');
    await closed;
  }
});

test('Ctrl-C while the terminal is measured ends doctor as everywhere', async (t) => {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stdout = {
    isTTY: true,
    columns: 80,
    rows: 24,
    write: (text: string) => stdin.write(`\u0003${'\u001b[1;2R'.repeat(text.split('\u001b[6n').length - 1)}`),
  };
  const environment = {
    variables: { TERM: 'xterm' },
    places: { root, data: '', certificates: '' },
    language: 'en',
    stdin,
    stdout,
    stderr: stdout,
  };
  t.is(
    await doctor.run(parseCommand('doctor', doctor.options, []), environment as unknown as Environment),
    130,
  );
});

test('doctor accepts options only', async (t) => {
  const { exitCode, stderr } = await askWirelab(['doctor', 'curl']);
  t.is(exitCode, 2);
  t.regex(stderr, /doctor accepts options only/);
});

withPeer(
  'tmux',
  'doctor in a terminal measures it, in both languages, and leaves no trace of the measuring',
  async (t) => {
    const folder = temporaryFolder(t);
    const env = wirelabEnvironment({ TMUX_TMPDIR: folder, TERM: 'xterm-256color', SHELL: '/bin/sh' });
    const tmux = async (...words: string[]): ReturnType<typeof runProgram> =>
      runProgram('tmux', ['-f', '/dev/null', ...words], { env });
    t.teardown(async () => {
      await tmux('kill-server');
    });
    for (const lang of ['en', 'ko']) {
      // The channel remembers a signal that nobody waits for yet; cat keeps the screen.
      const { exitCode, stderr } = await tmux(
        'new-session',
        '-d',
        '-s',
        lang,
        '-x',
        '90',
        '-y',
        '70',
        `'${process.execPath}' '${mainFile}' doctor --lang ${lang}; echo "ended $?"; tmux wait-for -S ${lang}; exec cat`,
      );
      t.is(exitCode, 0, stderr);
      await tmux('wait-for', lang);
      const { stdout } = await tmux('capture-pane', '-p', '-t', lang);
      t.regex(stdout, /^wirelab \d/);
      t.regex(stdout, /^ended 0$/m);
      t.regex(
        stdout,
        lang === 'en' ? /✓ ok {7}window size +90 columns, 70 rows/ : /✓ 정상 {4}창 크기 +90열 70행/,
      );
      t.regex(
        stdout,
        lang === 'en'
          ? /✓ ok {7}cell widths +an arrow or a line takes 1 cell, Hangul takes 2/
          : /글자 폭 +화살표와 테두리는 1칸, 한글은 2칸/,
      );
      t.regex(
        stdout,
        lang === 'en' ? /the terminal decodes UTF-8 \(measured\)/ : /터미널도 UTF-8로 표시합니다\(측정함\)/,
      );
      t.regex(stdout, /set-clipboard on/);
    }
  },
);

test('of each lab it says which programs are there, and what is used without the others', async (t) => {
  const labs = labCourse(join(root, 'dist', 'data', 'labs'));
  const rows = labChecks(labs);
  t.true(rows.length >= 7);
  for (const which of [(program: string): string => `/bin/${program}`, (): undefined => undefined]) {
    for (const [index, row] of rows.entries()) {
      const { programs = {} } = labs[index]?.tasks ?? {};
      const finding = await row.run({ ...healthy, which });
      const isThere = which('') !== undefined;
      t.is(finding.status, isThere ? 'ok' : 'limited', row.name);
      for (const [program, { en, ko }] of Object.entries(programs)) {
        t.true(finding.found.en.includes(program));
        t.is(finding.means?.en.includes(`without ${program}: ${en}`), isThere ? undefined : true);
        t.is(finding.means?.ko.includes(ko), isThere ? undefined : true);
      }
    }
  }
  // Every lab that comes with wirelab says what it uses.
  t.deepEqual(
    labs.filter(({ tasks }) => !tasks.programs || !tasks.course).map(({ name }) => name),
    [],
  );
});

test('doctor --labs lists them, and says nothing of labs without it', async (t) => {
  const asked = await askWirelab(['doctor', '--labs']);
  t.is(asked.exitCode, 0, asked.stderr);
  t.regex(asked.stdout, /^Labs, and what they use[^]*\bbe-a-ca\b/m);
  for (const line of asked.stdout.split('\n')) t.true(cellWidth(line) <= 80, line);
  t.notRegex((await askWirelab(['doctor'])).stdout, /be-a-ca/);
});
