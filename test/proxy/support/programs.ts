/** Servers and clients of other protocols, started for one test on loopback, and what was heard of them. */
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conversation, loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import type { Vantage } from '../../../src/capture/event.ts';
import { Flows } from '../../../src/capture/flows.ts';
import type { CaptureLog } from '../../../src/capture/log.ts';
import { protectionOf } from '../../../src/protocols/shared/credential.ts';

/** Of programs that refuse to run as root: `nobody`. */
const ordinary = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A folder of the test's own, which an ordinary user may write. */
export function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-any-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  if (ordinary.uid !== undefined) chownSync(folder, ordinary.uid, ordinary.gid);
  return folder;
}

/** A file in it that any user of this test may read. */
export function fileIn(folder: string, name: string, text: string, mode = 0o644): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  if (ordinary.uid !== undefined) chownSync(path, ordinary.uid, ordinary.gid);
  return path;
}

/** Starts a server, ended with the test, and waits until it listens. */
export async function serving(
  t: ExecutionContext,
  program: string,
  words: readonly string[],
  port: number,
  { asOrdinary = false } = {},
): Promise<void> {
  const child = spawn(program, words, { stdio: 'ignore', ...(asOrdinary ? ordinary : {}) });
  const gone = once(child, 'exit');
  t.teardown(async () => {
    // A server that is killed leaves its workers behind.
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 5000);
    await gone;
    clearTimeout(late);
  });
  for (const until = Date.now() + 30_000; ; ) {
    const socket = connect(port, '127.0.0.1');
    const came = await new Promise<boolean>((resolve) =>
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
    );
    socket.destroy();
    if (came) return;
    if (child.exitCode !== null || Date.now() > until)
      throw new Error(`${program} does not listen on ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs a program that refuses to run as root to its end. */
export async function prepare(program: string, words: readonly string[]): Promise<void> {
  const child = spawn(program, words, { stdio: 'ignore', ...ordinary });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
}

/** Where Debian puts PostgreSQL's own programs: of the newest version there is. */
export function postgresFolder(): string {
  const root = '/usr/lib/postgresql';
  const newest = readdirSync(root).sort((one, other) => Number(other) - Number(one))[0] ?? '';
  return join(root, newest, 'bin');
}

/** `→ protocol title` of each message, and `  kind (protection) name: value` of each credential in it. */
export async function heard(log: CaptureLog, hop: string, vantage: Vantage): Promise<string[]> {
  await loadReadings();
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  return flows.connections
    .filter((connection) => connection.hop === hop)
    .flatMap((connection) =>
      conversation(connection, { vantage })
        .filter(({ from }) => from !== null)
        .flatMap((message) => [
          [
            message.from === 'client' ? '→' : '←',
            message.protocol,
            [message.title.en, message.facts.en].filter(Boolean).join(', '),
          ].join(' '),
          ...message
            .credentials()
            .map(({ kind, name, value }) => `  ${kind} (${protectionOf(kind)}) ${name}: ${value}`),
        ]),
    );
}
