/**
 * Remembers where a scenario was ended in the middle, so that the next run can offer to go on there: a small JSON file in the
 * user's folder for state. It holds names of scenarios and numbers of steps, and nothing needs it: a file that cannot be read
 * counts as empty, one that cannot be written is not.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readText } from '../../i18n/read-file.ts';

/** The step at which it was left, counted from 1, of so many. */
export interface LeftShow {
  readonly step: number;
  readonly of: number;
}

/** The most bytes of the file, and the most scenarios in it. */
const largest = 64 * 1024;
const mostShows = 200;

/** Undefined if the scenario was not left in the middle, or has another number of steps by now. */
export function leftShow(file: string | undefined, scenario: string, of: number): LeftShow | undefined {
  const left = readShows(file).get(scenario);
  return left?.of === of ? left : undefined;
}

/** @param left undefined once its end was reached */
export function rememberShow(file: string | undefined, scenario: string, left: LeftShow | undefined): void {
  if (file === undefined) return;
  const shows = new Map(readShows(file));
  if (left === undefined && !shows.has(scenario)) return;
  shows.delete(scenario);
  if (left) shows.set(scenario, left);
  const fresh = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const newest = [...shows].slice(-mostShows);
    writeFileSync(fresh, `${JSON.stringify(Object.fromEntries(newest), undefined, 2)}\n`, {
      flag: 'wx',
      mode: 0o600,
    });
    renameSync(fresh, file);
  } catch {
    removeQuietly(fresh);
  }
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Where it could not be made, there is nothing to remove.
  }
}

function readShows(file: string | undefined): ReadonlyMap<string, LeftShow> {
  if (file === undefined) return new Map();
  try {
    const content: unknown = JSON.parse(readText(file, largest));
    if (typeof content !== 'object' || content === null || Array.isArray(content)) return new Map();
    return new Map(
      Object.entries(content).filter((entry): entry is [string, LeftShow] => isLeftShow(entry[1])),
    );
  } catch {
    return new Map();
  }
}

function isLeftShow(value: unknown): value is LeftShow {
  if (typeof value !== 'object' || value === null || !('step' in value) || !('of' in value)) return false;
  const { step, of } = value;
  return (
    Number.isSafeInteger(step) && Number.isSafeInteger(of) && Number(step) >= 1 && Number(step) <= Number(of)
  );
}
