/** A folder that goes with the test, and `wirelab kube pki` run in it. */
import type { ExecutionContext } from 'ava';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askWirelab, runWirelab } from '../../../helpers/wirelab.ts';
import type { ProgramResult } from '../../../helpers/peer.ts';

export interface Desk {
  readonly folder: string;
  readonly path: (...names: readonly string[]) => string;
  readonly pki: (...words: readonly string[]) => Promise<ProgramResult>;
  /** In a process of its own, so that several can be at it at once. */
  readonly beside: (...words: readonly string[]) => Promise<ProgramResult>;
}

export function desk(t: ExecutionContext): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-kube-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    path: (...names) => join(folder, ...names),
    pki: async (...words) => askWirelab(['kube', 'pki', ...words], { cwd: folder }),
    beside: async (...words) => runWirelab(['kube', 'pki', ...words], { cwd: folder }),
  };
}

/** Every file below a folder with its permissions and content; what is no file by its kind. */
export function snapshot(folder: string): Record<string, string> {
  const all: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) continue;
    all[path.slice(folder.length + 1)] = entry.isFile()
      ? `${(lstatSync(path).mode & 0o777).toString(8)} ${readFileSync(path, 'latin1').slice(0, 10_000)}`
      : 'no file';
  }
  return all;
}
