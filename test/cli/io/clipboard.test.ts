/**
 * Which program copies in which session, and that the text reaches it whole, by standard input alone.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clipboardTool, copyWith } from '../../../src/cli/io/clipboard.ts';
import type { ClipboardTool } from '../../../src/cli/io/clipboard.ts';

const everything = (program: string): string => `/bin/${program}`;
const only =
  (...installed: string[]) =>
  (program: string): string | undefined =>
    installed.includes(program) ? everything(program) : undefined;

const rows: readonly (readonly [
  title: string,
  variables: NodeJS.ProcessEnv,
  which: (program: string) => string | undefined,
  platform: NodeJS.Platform,
  expected: string | undefined,
])[] = [
  ['macOS', {}, everything, 'darwin', '/bin/pbcopy'],
  ['macOS with an X server', { DISPLAY: ':0' }, only('xclip'), 'darwin', '/bin/xclip'],
  ['Wayland', { WAYLAND_DISPLAY: 'wayland-0', DISPLAY: ':0' }, everything, 'linux', '/bin/wl-copy'],
  [
    'Wayland without wl-copy',
    { WAYLAND_DISPLAY: 'wayland-0', DISPLAY: ':0' },
    only('xclip', 'xsel'),
    'linux',
    '/bin/xclip',
  ],
  ['X with xsel', { DISPLAY: ':0' }, only('xsel', 'wl-copy'), 'linux', '/bin/xsel'],
  ['WSL', { WSL_DISTRO_NAME: 'Debian' }, everything, 'linux', '/bin/clip.exe'],
  ['WSL with a desktop', { WSL_INTEROP: '/run/WSL/1', DISPLAY: ':0' }, everything, 'linux', '/bin/xclip'],
  ['no desktop', {}, everything, 'linux', undefined],
  ['an empty DISPLAY', { DISPLAY: '' }, everything, 'linux', undefined],
  ['nothing installed', { DISPLAY: ':0', WAYLAND_DISPLAY: 'wayland-0' }, only(), 'linux', undefined],
];

for (const [title, variables, which, platform, expected] of rows) {
  test(`the clipboard of ${title}`, (t) =>
    t.is(clipboardTool(variables, which, platform)?.command, expected));
}

/** A stand-in that is this Node with a script. */
const standIn = (script: string, more: Partial<ClipboardTool> = {}, ...args: string[]): ClipboardTool => ({
  command: process.execPath,
  args: ['-e', script, ...args],
  ...more,
});

function temporaryFile(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-clipboard-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'copied');
}

const keep = `const fs = require('node:fs'); fs.writeFileSync(process.argv[1], fs.readFileSync(0));`;
const patient = { timeoutMs: 30_000 };

for (const text of ['tiger-lily', '한글 "따옴표" $(date) `x` ; → ✓\n두 줄\n', '', 'x'.repeat(300_000)]) {
  test(`text of ${text.length} characters arrives as it is`, async (t) => {
    const file = temporaryFile(t);
    t.true(await copyWith(standIn(keep, {}, file), text, patient));
    t.is(readFileSync(file, 'utf8'), text);
  });
}

test('a program that reads UTF-16 is given UTF-16, without a mark that would be pasted too', async (t) => {
  const file = temporaryFile(t);
  const { encoding } = clipboardTool({ WSL_DISTRO_NAME: 'Debian' }, everything, 'linux') ?? {};
  t.is(encoding, 'utf16le');
  t.true(await copyWith(standIn(keep, encoding ? { encoding } : {}, file), '한 a', patient));
  t.deepEqual([...readFileSync(file)], [0x5c, 0xd5, 0x20, 0, 0x61, 0]);
});

test('a program’s own variables are set for it', async (t) => {
  const file = temporaryFile(t);
  t.true(
    await copyWith(
      standIn(
        `require('node:fs').writeFileSync(process.argv[1], process.env.LC_ALL)`,
        { variables: { LC_ALL: 'en_US.UTF-8' } },
        file,
      ),
      '',
      patient,
    ),
  );
  t.is(readFileSync(file, 'utf8'), 'en_US.UTF-8');
});

test('failure is a value: no such program, an exit code, one that does not read', async (t) => {
  t.false(await copyWith({ command: '/nowhere/xclip', args: [] }, 'x', patient));
  t.false(await copyWith({ command: `${process.execPath}/xclip`, args: [] }, 'x', patient));
  t.false(await copyWith({ command: '/bin/a\u0000b', args: [] }, 'x', patient));
  t.false(await copyWith(standIn('process.exit(3)'), 'x'.repeat(1_000_000), patient));
  t.true(await copyWith(standIn('process.exit(0)'), 'x'.repeat(1_000_000), patient));
});

test('a process that stays to serve the clipboard does not block', async (t) => {
  // As xclip does: the first process leaves another behind, which inherits its streams.
  const server = createServer();
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const serve = `require('node:net').connect(${port}, '127.0.0.1').on('data', () => process.exit())`;
  const leave = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(serve)}], { stdio: 'inherit', detached: true }).unref()`;
  const connected = once(server, 'connection') as Promise<[Socket]>;
  t.true(await copyWith(standIn(leave), 'x', patient));
  const [socket] = await connected;
  const closed = once(socket, 'close');
  socket.resume().write('.');
  await closed;
});

test('a program that hangs is given up, and ended', async (t) => {
  t.false(await copyWith(standIn('setInterval(() => {}, 1000)'), 'x', { timeoutMs: 50 }));
});
