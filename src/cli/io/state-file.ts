/**
 * Small JSON files in the user's folder for state. Nothing needs them: a file that cannot be read counts as absent, and one that
 * cannot be written is not. It is written under another name first, so that a reader never finds half of it.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readText } from '../../i18n/read-file.ts';

/** The most bytes of a file. */
const largest = 64 * 1024;

/** An object's entries; none if there is no such file, or something else in it. */
export function readState(file: string | undefined): Readonly<Record<string, unknown>> {
  if (file === undefined) return {};
  try {
    const content: unknown = JSON.parse(readText(file, largest));
    return typeof content === 'object' && content !== null && !Array.isArray(content)
      ? (content as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

export function writeState(file: string | undefined, content: Readonly<Record<string, unknown>>): void {
  if (file === undefined) return;
  const fresh = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(fresh, `${JSON.stringify(content, undefined, 2)}\n`, { flag: 'wx', mode: 0o600 });
    renameSync(fresh, file);
  } catch {
    removeIfThere(fresh);
  }
}

function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // What should be its folder is none.
  }
}
