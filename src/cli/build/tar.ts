/**
 * Packs files in memory into the bytes of a tar archive, with modern-tar. `archive.ts` selects them.
 *
 * 1. The same entries give the same bytes: order, times and owner are set here and not read from a disk.
 * 2. A name that is not portable (not ASCII, with blanks) is an error.
 */
import { packTar } from 'modern-tar';

export interface TarEntry {
  /** Relative, separated by `/`; parent folders are added. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly isProgram?: boolean;
}

/** The record size of a tape in bytes; every tar pads to it. */
const record = 10_240;
/** The earliest date in a zip archive, and plausible to every tar. */
const mtime = new Date('1980-01-01T00:00:00Z');

/** @throws Error for a name that is not ASCII, or a duplicate. */
export async function tarOf(entries: readonly TarEntry[]): Promise<Uint8Array> {
  const files = new Map<string, TarEntry>();
  for (const entry of entries) {
    const { path } = entry;
    if (files.has(path)) throw new Error(`${path} is twice in the archive`);
    if (!/^[\x21-\x7e]+$/.test(path))
      throw new Error(`${JSON.stringify(path)} is no plain name for an archive`);
    files.set(path, entry);
  }
  const folders = new Set([...files.keys()].flatMap(foldersAbove));
  const packed = await packTar(
    [...folders, ...files.keys()].toSorted(byName).map((name) => {
      const file = files.get(name);
      if (!file) return { header: { name, type: 'directory', mode: 0o755, size: 0, mtime } };
      const mode = file.isProgram ? 0o755 : 0o644;
      return { header: { name, type: 'file', mode, size: file.bytes.length, mtime }, body: file.bytes };
    }),
  );
  return Buffer.concat([packed, new Uint8Array(Math.ceil(packed.length / record) * record - packed.length)]);
}

/** Sorted by bytes, independent of the locale. A folder precedes its contents. */
export function byName(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function foldersAbove(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => `${names.slice(0, index + 1).join('/')}/`);
}
