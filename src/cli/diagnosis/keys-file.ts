/** The file into which the programs of a command write the keys of their connections. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keylogLines } from '../../protocols/tls/keys/keylog.ts';

/** In bytes: a connection takes less than one thousand. */
const mostKeys = 8 * 1024 * 1024;

export interface KeysFile {
  readonly path: string;
  lines(): readonly string[];
  remove(): void;
}

/** A private one that is removed; where the user has named one, that, from its end on. */
export function keysFile(own: string | undefined): KeysFile {
  const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const linesIn = (path: string, from: number): readonly string[] => {
    try {
      return keylogLines(
        readFileSync(path)
          .subarray(from, from + mostKeys)
          .toString('latin1'),
      );
    } catch {
      return [];
    }
  };
  if (own !== undefined) {
    const before = sizeOf(own);
    return { path: own, lines: () => linesIn(own, before), remove: () => {} };
  }
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-why-'));
  const path = join(folder, 'keys.log');
  closeSync(openSync(path, 'wx', 0o600));
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  return { path, lines: () => linesIn(path, 0), remove };
}
