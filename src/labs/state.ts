/**
 * Where a lab keeps what is its own and not the learner's: certificates with their keys, the objects of its cluster, what its
 * servers saw, where it can be asked while it is up. None of that lies in the learner's folder: there, an answer would lie
 * ready to be copied, and a record to be written by hand.
 *
 * 1. The learner's folder has an id, and the state lies under it: a folder that is moved or renamed keeps its state.
 * 2. The place is that of the XDG Base Directory Specification; the one file of the labs that asks the environment. For a user
 *    without a home that can be written to, it is a folder in the learner's own.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { readText } from '../i18n/read-file.ts';

/** In the learner's folder: what makes it a lab's. */
export const stateFolder = '.wirelab';
const idName = 'id';
/** Bytes; what stands there and is no file is not waited for. */
const largestId = 4096;

/** The folder for a lab's own things; made when it is not there, for its user alone. */
export function stateOf(folder: string): string {
  const id = idOf(folder);
  const home = stateHome();
  if (id !== undefined && home !== undefined) {
    const place = join(home, 'wirelab', 'labs', id);
    if (isMade(place)) return place;
  }
  const within = join(folder, stateFolder, 'kept');
  // A folder that was thrown away does not come back.
  if (id !== undefined) isMade(within);
  return within;
}

/** Gives a folder its id; one that it has stays. */
export function giveId(folder: string): void {
  if (idOf(folder) === undefined)
    writeFileSync(join(folder, stateFolder, idName), `${randomBytes(16).toString('hex')}\n`);
}

/** Undefined where the folder is no lab's. */
export function idOf(folder: string): string | undefined {
  try {
    return /^[0-9a-f]{32}$/.exec(readText(join(folder, stateFolder, idName), largestId).trim())?.[0];
  } catch {
    return undefined;
  }
}

function stateHome(): string | undefined {
  const asked = process.env['XDG_STATE_HOME'];
  if (asked) return isAbsolute(asked) ? asked : undefined;
  try {
    // A user may stand in no list of users.
    const home = homedir();
    return isAbsolute(home) ? join(home, '.local', 'state') : undefined;
  } catch {
    return undefined;
  }
}

function isMade(place: string): boolean {
  try {
    mkdirSync(place, { recursive: true, mode: 0o700 });
    return true;
  } catch {
    return false;
  }
}
