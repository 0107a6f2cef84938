/**
 * Writes files in memory as a tar archive (POSIX.1-1988 ustar, which every tar reads). `archive.ts` selects the files.
 *
 * 1. The same entries give the same bytes: order, times and owner are fixed here, not read from the disk.
 * 2. A name that does not fit into ustar's fields is an error; it is never truncated.
 */
export interface TarEntry {
  /** Relative, separated by `/`; parent folders are added. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly isProgram?: boolean;
}

const block = 512;
const record = 20 * block;
/** 1980-01-01 UTC, in seconds: the earliest date of a zip archive, and plausible to every tar. */
const modified = 315_532_800;
const fileType = '0';
const folderType = '5';
const largest = 8 ** 11 - 1;

/** @throws Error for a name that exceeds ustar's two fields, is not ASCII, or is a duplicate. */
export function tarOf(entries: readonly TarEntry[]): Uint8Array {
  const files = new Map<string, TarEntry>();
  for (const entry of entries) {
    if (files.has(entry.path)) throw new Error(`${entry.path} is in the archive twice`);
    files.set(entry.path, entry);
  }
  const folders = new Set([...files.keys()].flatMap(foldersAbove));
  const parts: Uint8Array[] = [];
  for (const path of [...folders, ...files.keys()].toSorted(byName)) {
    const file = files.get(path);
    if (!file) {
      parts.push(header(path, folderType, 0o755, 0));
      continue;
    }
    parts.push(
      header(path, fileType, file.isProgram ? 0o755 : 0o644, file.bytes.length),
      file.bytes,
      new Uint8Array(-file.bytes.length & (block - 1)),
    );
  }
  // Two zero blocks end the archive; a tape record has twenty blocks.
  const length = parts.reduce((sum, part) => sum + part.length, 2 * block);
  parts.push(new Uint8Array(2 * block + Math.ceil(length / record) * record - length));
  return Buffer.concat(parts);
}

/** Sorted by bytes, independent of the locale. A folder precedes its contents. */
export function byName(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function foldersAbove(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => `${names.slice(0, index + 1).join('/')}/`);
}

/** The header fields in order, each with its length in bytes. */
function header(path: string, type: string, mode: number, size: number): Uint8Array {
  const { name, prefix } = inTwoFields(path.replace(/\/$/, ''));
  if (size > largest) throw new Error(`${path} is too large for the archive`);
  const bytes = Buffer.alloc(block);
  let at = 0;
  const put = (text: string, length: number): void => {
    bytes.write(text, at, length, 'latin1');
    at += length;
  };
  const octal = (value: number, length: number): void =>
    put(`${value.toString(8).padStart(length - 1, '0')}\0`, length);
  put(type === folderType && name.length < 100 ? `${name}/` : name, 100);
  octal(mode, 8);
  octal(0, 8);
  octal(0, 8);
  octal(size, 12);
  octal(modified, 12);
  // The checksum is computed with blanks in its own field.
  put(' '.repeat(8), 8);
  put(type, 1);
  put('', 100);
  put('ustar\0', 6);
  put('00', 2);
  put('', 32 + 32 + 8 + 8);
  put(prefix, 155);
  at = 148;
  put(
    `${bytes
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    8,
  );
  return bytes;
}

/** The last part of a path goes into 100 bytes, the rest into 155; the slash between them is dropped. */
function inTwoFields(path: string): { readonly name: string; readonly prefix: string } {
  if (!/^[\x21-\x7e]+$/.test(path))
    throw new Error(`${JSON.stringify(path)} is not a valid name in an archive`);
  if (path.length <= 100) return { name: path, prefix: '' };
  const cut = path.indexOf('/', path.length - 101);
  if (cut < 0 || cut > 155 || cut >= path.length - 1) throw new Error(`${path} is too long for the archive`);
  return { name: path.slice(cut + 1), prefix: path.slice(0, cut) };
}
