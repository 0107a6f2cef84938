/**
 * Remembers where a scenario was ended in the middle, so that the next run can offer to go on there: names of scenarios and
 * numbers of steps, in a small file in the user's folder for state.
 */
import { readState, writeState } from './state-file.ts';

/** The step at which it was left, counted from 1, of so many. */
export interface LeftShow {
  readonly step: number;
  readonly of: number;
}

/** The most scenarios in the file. */
const mostShows = 200;

/** Undefined if the scenario was not left in the middle, or has another number of steps by now. */
export function leftShow(file: string | undefined, scenario: string, of: number): LeftShow | undefined {
  const left = readShows(file).get(scenario);
  return left?.of === of ? left : undefined;
}

/** @param left undefined once its end was reached */
export function rememberShow(file: string | undefined, scenario: string, left: LeftShow | undefined): void {
  const shows = new Map(readShows(file));
  if (left === undefined && !shows.has(scenario)) return;
  shows.delete(scenario);
  if (left) shows.set(scenario, left);
  writeState(file, Object.fromEntries([...shows].slice(-mostShows)));
}

function readShows(file: string | undefined): ReadonlyMap<string, LeftShow> {
  return new Map(
    Object.entries(readState(file)).filter((entry): entry is [string, LeftShow] => isLeftShow(entry[1])),
  );
}

function isLeftShow(value: unknown): value is LeftShow {
  if (typeof value !== 'object' || value === null || !('step' in value) || !('of' in value)) return false;
  const { step, of } = value;
  return (
    Number.isSafeInteger(step) && Number.isSafeInteger(of) && Number(step) >= 1 && Number(step) <= Number(of)
  );
}
