/**
 * Where running shows are found: each listens on a Unix socket in a folder of its user's state, named after the scenario
 * and the process.
 *
 * 1. A folder counts only if it belongs to this user and nobody else may enter it.
 * 2. A socket that refuses connections belongs to a process that was killed: it is deleted. A name never comes again while
 *    its process runs, so no other show's socket is hit.
 * 3. A path has 104 bytes at most (sun_path, with its final zero, on macOS): where the state's folder is deeper, a folder
 *    for temporary files stands in.
 */
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../capture/file/output-folder.ts';
import { statePlace } from '../../core/state-place.ts';

export interface RunningShow {
  readonly name: string;
  readonly pid: number;
  /** Of its socket. */
  readonly path: string;
}

const longestPath = 103;

/** The folders that are looked through, the preferred one first. */
export function showFolders(variables: NodeJS.ProcessEnv): readonly string[] {
  const uid = process.getuid?.() ?? 0;
  const state = statePlace(variables);
  return [
    ...(state === undefined ? [] : [join(state, 'shows')]),
    join(variables['TMPDIR'] || tmpdir(), `wirelab-shows-${uid}`),
  ];
}

/** The paths for the socket of a show, in the order in which they are tried; their folders exist. */
export function* pathsFor(name: string, variables: NodeJS.ProcessEnv, pid = process.pid): Generator<string> {
  const shown =
    name
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .slice(0, 40) || 'show';
  for (const folder of showFolders(variables)) {
    const path = join(folder, `${shown}.${pid}.sock`);
    if (Buffer.byteLength(path) > longestPath) continue;
    try {
      makeFolder(folder, 0o700);
    } catch {
      continue;
    }
    if (isPrivate(folder)) yield path;
  }
}

/** Undefined if there is none, or what should be its folder is none. */
function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function isPrivate(folder: string): boolean {
  const about = entryAt(folder);
  return (
    about !== undefined &&
    about.isDirectory() &&
    about.uid === (process.getuid?.() ?? about.uid) &&
    (about.mode & 0o077) === 0
  );
}

/** The shows that run now, by name and process; the sockets of killed ones are deleted. */
export async function runningShows(variables: NodeJS.ProcessEnv): Promise<readonly RunningShow[]> {
  const found = showFolders(variables).flatMap((folder) => (isPrivate(folder) ? showsIn(folder) : []));
  const alive = await Promise.all(found.map(async ({ path }) => isAlive(path)));
  return found
    .filter((_, index) => alive[index])
    .sort((one, other) => one.name.localeCompare(other.name) || one.pid - other.pid);
}

function showsIn(folder: string): RunningShow[] {
  return readdirSync(folder).flatMap((file): RunningShow[] => {
    const [, name, pid] = /^([a-z0-9-]{1,40})\.([1-9][0-9]{0,9})\.sock$/.exec(file) ?? [];
    const path = join(folder, file);
    const isSocket = entryAt(path)?.isSocket() ?? false;
    return name !== undefined && isSocket ? [{ name, pid: Number(pid), path }] : [];
  });
}

async function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED') rmSync(path, { force: true });
      resolve(false);
    });
  });
}
