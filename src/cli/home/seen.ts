/** Remembers which entries of the first screen were opened: their keys, in a small file in the user's folder for state. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readState, writeState } from '../io/state-file.ts';
import { seenFile } from '../places.ts';
import type { Places } from '../places.ts';

export function readSeen(variables: NodeJS.ProcessEnv): ReadonlySet<string> {
  const { seen } = readState(seenFile(variables));
  return new Set(Array.isArray(seen) ? seen.filter((key) => typeof key === 'string') : []);
}

export function markSeen(key: string, variables: NodeJS.ProcessEnv): void {
  const seen = readSeen(variables);
  if (!seen.has(key)) writeState(seenFile(variables), { seen: [...seen, key].sort() });
}

/** Commands that are entries by themselves; the others are so with the name of a scenario or a lab. */
const ownEntries = ['proxy', 'inspect', 'kube up'] as const;
const foldersOf: Readonly<Record<string, string>> = { run: 'scenarios', lab: 'labs' };
export type ToolKey = (typeof ownEntries)[number];

/** The key of the entry that a command line opens; undefined if it is none of the list. */
export function keyOfCommand(
  name: string,
  operands: readonly string[],
  { data }: Places,
): string | undefined {
  if (ownEntries.some((key) => key === name)) return name;
  const [what = ''] = operands;
  const folder = Object.hasOwn(foldersOf, name) ? foldersOf[name] : undefined;
  if (folder === undefined || !/^[a-z0-9][a-z0-9-]*$/.test(what)) return undefined;
  const place = join(data, folder, `${what}.json`);
  return existsSync(place) || existsSync(`${place}.gz`) ? `${name} ${what}` : undefined;
}
