/**
 * A lock between processes, by the path of a folder: one process holds it, others wait or learn who does. The lock of a
 * process that was killed is free at once. What the lock protects, and what to say when it is taken, is the caller's business.
 *
 * 1. The lock is a folder with one entry, the token of its holder. A process prepares such a folder beside it and renames it
 *    into place; rename(2) replaces an empty folder and refuses one with an entry. So there is one holder at a time.
 * 2. A token belongs to one attempt and never comes again. Whoever finds a dead holder deletes that token by its name, which
 *    cannot hit the token of the next holder, however late the deletion comes.
 * 3. The token is a listening socket, and the kernel closes it when its process ends. A connection thus tells a dead holder
 *    (a zombie, a reused process number, a process of another PID namespace) from a living one (stopped or busy, too). Waiting
 *    is an open connection, which ends when the holder does.
 * 4. In doubt (no permission to connect, another network namespace) the lock is held.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Releases the lock; a second call does nothing. */
export type Release = () => void;

export interface Holder {
  /** Its process, by the number that it has in its own PID namespace. */
  readonly pid: number;
}

/** One holder kept the lock for too long: it may be stopped. */
export class LockHeld extends Error {
  readonly holder: Holder;

  constructor(path: string, holder: Holder) {
    super(`${path} is held by process ${holder.pid}`);
    this.name = 'LockHeld';
    this.holder = holder;
  }
}

/** Milliseconds; longer than any turn takes, one that makes RSA keys by the dozen included. */
const longestTurn = 60_000;

/**
 * Waits until the lock is free and takes it. The folder around it must exist.
 * @param patience with one holder, in milliseconds.
 * @throws LockHeld, the system's error where the lock cannot be written, and EEXIST where something at its path is no lock.
 */
export async function takeLock(path: string, patience = longestTurn): Promise<Release> {
  for (;;) {
    const taken = await tryLock(path);
    if (typeof taken === 'function') return taken;
    if (!(await isReleased(resolve(path), patience))) throw new LockHeld(path, taken);
  }
}

/** Takes the lock if it is free. @throws as `takeLock` */
export async function tryLock(path: string): Promise<Release | Holder> {
  const place = resolve(path);
  for (;;) {
    const holder = await lockHolder(place);
    if (holder) return holder;
    const release = await make(place);
    if (release) return release;
  }
}

/** The holder of the lock; undefined where it is free. @throws EEXIST where something at its path is no lock. */
export async function lockHolder(path: string): Promise<Holder | undefined> {
  for (const token of tokensIn(path)) {
    const pid = Number(/^\d+/.exec(token)?.[0]);
    const socket = await reach(join(path, token));
    if (socket !== 'dead') {
      if (socket !== 'unknown') socket.destroy();
      return { pid };
    }
    remove(path, token);
  }
  return undefined;
}

/** Waits for the end of the present holder. @returns false where it is there still. */
async function isReleased(path: string, patience: number): Promise<boolean> {
  const [token] = tokensIn(path);
  if (token === undefined) return true;
  const until = performance.now() + patience;
  for (;;) {
    const socket = await reach(join(path, token));
    if (socket === 'dead') return true;
    const rest = until - performance.now();
    if (socket === 'unknown') {
      if (rest <= 0) return false;
      await pause(Math.min(rest, 50));
      continue;
    }
    const timer = setTimeout(() => socket.destroy(), rest);
    await new Promise((ended) =>
      socket
        .on('error', () => {})
        .on('close', ended)
        .resume(),
    );
    clearTimeout(timer);
    if (rest <= 0) return false;
  }
}

/** The process number, a random part and, for a socket that is no file, where its name counts. */
const tokenPattern = /^\d+-[0-9a-f]{12}(?:@.*)?$/;

/** One, or none where the lock is free. */
function tokensIn(path: string): readonly string[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  // wirelab 0.1 had locks that were files; its processes have ended.
  if (found?.isFile()) ignoring('ENOENT', () => unlinkSync(path));
  if (!found || found.isFile()) return [];
  const names = found.isDirectory() ? ignoring('ENOENT', () => readdirSync(path)) : [''];
  if (names?.some((name) => !tokenPattern.test(name)))
    throw Object.assign(new Error(`EEXIST: not a lock: ${path}`), { code: 'EEXIST', path });
  return names ?? [];
}

/** Rule 1. @returns undefined where another process was faster. */
async function make(path: string): Promise<Release | undefined> {
  const name = `${process.pid}-${randomBytes(6).toString('hex')}`;
  const draft = `${path}.${name}`;
  mkdirSync(draft, { mode: 0o700 });
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket.on('error', () => {}).on('close', () => waiting.delete(socket)));
    socket.unref().resume();
  }).unref();
  try {
    const token = await listen(server, draft, name);
    renameSync(draft, path);
    // Before it listens a token looks dead, and another process may have swept it from the draft. From here on none does.
    if (!existsSync(join(path, token))) throw Object.assign(new Error('swept'), { code: 'ENOENT' });
    await sweep(path).catch(() => {});
    return () => {
      ignoring(undefined, () => remove(path, token));
      server.close();
      for (const socket of waiting) socket.destroy();
    };
  } catch (error) {
    server.close();
    rmSync(draft, { recursive: true, force: true });
    // ENOENT: another process swept the draft. EPERM: how Windows refuses to replace a folder.
    const isTaken = ['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'ENOENT'].includes(codeOf(error));
    if (isTaken || (process.platform === 'win32' && codeOf(error) === 'EPERM')) return undefined;
    throw error;
  }
}

/** Makes the token. @returns its name. */
async function listen(server: Server, draft: string, name: string): Promise<string> {
  if (process.platform !== 'win32') {
    try {
      withAddress(join(draft, name), (address) => server.listen(address));
      await once(server, 'listening');
      chmodSync(join(draft, name), 0o600);
      return name;
    } catch (error) {
      // A file system without sockets: what a virtual machine shares with its host, often.
      if (process.platform !== 'linux' || codeOf(error) === 'ENOENT') throw error;
    }
  }
  const token = `${name}@${namespace()}`;
  writeFileSync(join(draft, token), '', { mode: 0o600 });
  server.listen(systemName(token));
  await once(server, 'listening');
  return token;
}

/** Deletes what attempts left whose process was killed. A draft with a token in it whose socket listens is not touched. */
async function sweep(path: string): Promise<void> {
  const prefix = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(prefix) || !tokenPattern.test(name.slice(prefix.length))) continue;
    const draft = join(dirname(path), name);
    if (!(await lockHolder(draft))) ignoring(undefined, () => rmdirSync(draft));
  }
}

/** Rule 2; the folder goes with it unless it has another holder by now. */
function remove(path: string, token: string): void {
  ignoring('ENOENT', () => unlinkSync(join(path, token)));
  ignoring(undefined, () => rmdirSync(path));
}

/** Rule 3 and 4. */
async function reach(path: string): Promise<Socket | 'dead' | 'unknown'> {
  const [, place] = basename(path).split('@');
  if (place !== undefined && place !== namespace()) return 'unknown';
  const socket =
    place === undefined ? withAddress(path, (at) => connect(at)) : connect(systemName(basename(path)));
  try {
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    return ['ECONNREFUSED', 'ENOENT'].includes(codeOf(error)) ? 'dead' : 'unknown';
  }
}

/** An abstract socket (unix(7)), or a named pipe of Windows: names that are no files and end with their process. */
function systemName(token: string): string {
  return process.platform === 'win32' ? `\\\\.\\pipe\\wirelab-${token}` : `\0wirelab-${token}`;
}

/** Where abstract sockets are seen: the network namespace (namespaces(7)), by its number. */
function namespace(): string {
  return process.platform === 'linux' ? (/\d+/.exec(readlinkSync('/proc/self/ns/net'))?.[0] ?? '') : '';
}

/** Bytes that the address of a socket has room for (sun_path: 104 on macOS, 108 on Linux, with a NUL). */
const longestAddress = 103;

/** Hands out a path, or where it is too long for a socket a shorter one that is good during the call. */
function withAddress<T>(path: string, use: (address: string) => T): T {
  if (Buffer.byteLength(path) <= longestAddress) return use(path);
  const aside = mkdtempSync(join(tmpdir(), 'wirelab-'));
  try {
    symlinkSync(dirname(path), join(aside, 'd'));
    return use(join(aside, 'd', basename(path)));
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** @param code undefined: whatever it is. */
function ignoring<T>(code: string | undefined, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (code !== undefined && codeOf(error) !== code) throw error;
    return undefined;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';
