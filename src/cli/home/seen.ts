/**
 * Remembers which entries of the first screen were opened: a file in the user's state folder. It is a convenience, so
 * whatever is wrong with the file or its folder is ignored.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stateFolder } from '../places.ts';
import type { Places } from '../places.ts';

/** The most bytes of the file; anything but a regular file is not read. */
const largest = 64 * 1024;

/** Undefined for a user without a home directory. XDG_STATE_HOME chooses another place. */
export function seenFile(variables: NodeJS.ProcessEnv): string | undefined {
  const folder = stateFolder(variables);
  return folder === undefined ? undefined : join(folder, 'seen.json');
}

export function readSeen(variables: NodeJS.ProcessEnv): ReadonlySet<string> {
  const file = seenFile(variables);
  try {
    if (file === undefined) return new Set();
    const { size, isRegular } = ((stats) => ({ size: stats.size, isRegular: stats.isFile() }))(
      statSync(file),
    );
    if (!isRegular || size > largest) return new Set();
    const { seen } = JSON.parse(readFileSync(file, 'utf8')) as { readonly seen?: unknown };
    return new Set(Array.isArray(seen) ? seen.filter((key) => typeof key === 'string') : []);
  } catch {
    return new Set();
  }
}

/** Writes the file as a whole, under another name first: a reader never finds half of it. */
export function markSeen(key: string, variables: NodeJS.ProcessEnv): void {
  const file = seenFile(variables);
  const seen = readSeen(variables);
  if (file === undefined || seen.has(key)) return;
  const written = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(written, `${JSON.stringify({ v: 1, seen: [...seen, key].sort() })}\n`, { mode: 0o600 });
    renameSync(written, file);
  } catch {
    removeIfThere(written);
  }
}

function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Its folder is none.
  }
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
  return existsSync(join(data, folder, `${what}.json`)) ? `${name} ${what}` : undefined;
}
