/**
 * The folder for a lab's own state: certificates with their keys, the objects of its cluster, recorded logins, the address of
 * the running lab. It is not in the learner's folder: there, solutions could be copied, and records edited by hand.
 *
 * 1. The state is stored under the id of the learner's folder: a folder that is moved or renamed keeps its state.
 * 2. The place is in the user's folder for state; no other file of the labs reads the environment. For a user
 *    without a writable home, it is a folder in the learner's own.
 */
import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../capture/file/output-folder.ts';
import { statePlace } from '../core/state-place.ts';
import { readText } from '../i18n/read-file.ts';

/** Marks the learner's folder as a lab's. */
export const stateFolder = '.wirelab';
const idName = 'id';
/** The most bytes of a file; anything but a regular file is not read. */
const largestId = 4096;

/** The folder for a lab's state; created if missing, accessible to its user only. */
export function stateOf(folder: string): string {
  const id = idOf(folder);
  const home = statePlace(process.env);
  if (id !== undefined && home !== undefined) {
    const place = join(home, 'labs', id);
    if (isMade(place)) return place;
  }
  const within = join(folder, stateFolder, 'kept');
  // A deleted folder is not created again.
  if (id !== undefined) isMade(within);
  return within;
}

/** The folder for the progress in the course, a file for each lab; undefined for a user without a home. */
export function courseFolder(): string | undefined {
  const home = statePlace(process.env);
  return home === undefined ? undefined : join(home, 'labs', 'course');
}

/** Replaces a file as a whole: where there is no room for it, the previous one stays. */
export function replaceFile(path: string, text: string): void {
  // A check and the running lab may write it at the same time.
  const written = `${path}.${process.pid}.new`;
  try {
    writeFileSync(written, text, { mode: 0o600 });
    renameSync(written, path);
  } catch (error) {
    rmSync(written, { force: true });
    throw error;
  }
}

/** Gives a folder an id, unless it has one. */
export function giveId(folder: string): void {
  if (idOf(folder) === undefined)
    writeFileSync(join(folder, stateFolder, idName), `${randomBytes(16).toString('hex')}\n`);
}

/** Undefined if the folder is not a lab's. */
export function idOf(folder: string): string | undefined {
  try {
    return /^[0-9a-f]{32}$/.exec(readText(join(folder, stateFolder, idName), largestId).trim())?.[0];
  } catch {
    return undefined;
  }
}

function isMade(place: string): boolean {
  try {
    makeFolder(place, 0o700);
    return true;
  } catch {
    return false;
  }
}
