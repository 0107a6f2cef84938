/**
 * Reads and writes the user's files for `wirelab certs`: reads them whole and within bounds, and writes them so that
 * nothing is lost or left half-written. `pki/x509/contents.ts` parses the contents.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { isFull, noRoom, openSibling, replaceable, unwritable } from '../../capture/file/output-file.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { contentNames, readContents } from '../../pki/x509/contents.ts';
import type { Content, ContentKind } from '../../pki/x509/contents.ts';
import { isOpenToOthers } from '../../pki/keystore/key-file.ts';
import { codeOf, readBytes } from '../../i18n/read-file.ts';
import type { Print } from './print.ts';

/** Bytes. Browsers' root bundles have 0.3 MB, and the longest revocation lists about 10 MB. */
export const largest = 32 * 1024 * 1024;

/** The name that stands for standard input. */
export const standardInput = '-';

/** The whole file, or standard input. @throws UserError */
export function readFileContents(path: string): Content[] {
  return path === standardInput
    ? readContents(readStandardInput(), path)
    : readContents(readBytes(path, largest), path);
}

function readStandardInput(): Uint8Array {
  const parts: Buffer[] = [];
  for (let total = 0; ; ) {
    const part = Buffer.alloc(65_536);
    let count: number;
    try {
      count = readSync(0, part);
    } catch (error) {
      if (codeOf(error) === 'EOF') count = 0;
      // A pipe without data that does not wait.
      else if (codeOf(error) === 'EAGAIN') {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
        continue;
      } else throw error;
    }
    if (count === 0) return Buffer.concat(parts);
    total += count;
    if (total > largest)
      throw new UserError({
        what: { en: 'standard input is too long', ko: '표준 입력이 너무 깁니다' },
        where: standardInput,
        expected: { en: 'at most 32 MB', ko: '최대 32 MB' },
      });
    parts.push(part.subarray(0, count));
  }
}

/** The permission bits if group or others may read the file; undefined if only its owner may. */
export function tooOpen(path: string): number | undefined {
  if (process.platform === 'win32' || path === standardInput) return undefined;
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return isOpenToOthers(mode) ? mode & 0o777 : undefined;
}

/** Warns about a private key that others can read. */
export function warnOfOpenKey(path: string | undefined, print: Print): void {
  const mode = path === undefined ? undefined : tooOpen(path);
  if (mode === undefined) return;
  const octal = mode.toString(8).padStart(4, '0');
  print.mark('!', {
    en: `other users can read ${path} (mode ${octal}); restrict it with chmod 600`,
    ko: `다른 사용자가 ${path} 파일을 읽을 수 있습니다(모드 ${octal}). chmod 600으로 막으세요`,
  });
}

type ContentOf<Kind extends ContentKind> = Extract<Content, { kind: Kind }>;

/** The items of one kind in a file; other items are skipped. @throws UserError if there is none. */
export function readKind<Kind extends ContentKind>(
  path: string,
  kind: Kind,
): [ContentOf<Kind>, ...ContentOf<Kind>[]] {
  const contents = readFileContents(path);
  const [first, ...others] = contents.filter((content): content is ContentOf<Kind> => content.kind === kind);
  if (first) return [first, ...others];
  const each = (language: 'en' | 'ko'): string =>
    [...new Set(contents.map((content) => contentNames[content.kind][language]))].join(', ');
  throw new UserError({
    what: {
      en: `the file contains no ${contentNames[kind].en}`,
      ko: `파일에 다음 항목이 없습니다: ${contentNames[kind].ko}`,
    },
    where: path,
    expected: contentNames[kind],
    received: each('en'),
  });
}

export function readCertificates(path: string): [Certificate, ...Certificate[]] {
  const [first, ...others] = readKind(path, 'certificate');
  return [first.certificate, ...others.map(({ certificate }) => certificate)];
}

/** The error for an existing file that must not be lost. */
function alreadyThere(path: string, flag: string): UserError {
  return new UserError({
    what: { en: 'the file already exists', ko: '그 이름의 파일이 이미 있습니다' },
    where: `${flag} ${path}`,
    remedy: {
      en: 'Choose another file name, or overwrite this one with --force.',
      ko: '다른 이름을 지정하세요. --force를 쓰면 이 파일을 덮어쓰며 되돌릴 수 없습니다.',
    },
  });
}

export interface NewFile {
  readonly path: string;
  /** The option that named the file. */
  readonly flag: string;
  readonly text: string | Uint8Array;
  /** 0o600 for files that only the owner may read. */
  readonly mode: number;
}

/** Checks that the files can be written, before anything is created. @throws UserError */
export function checkNewFiles(files: readonly Pick<NewFile, 'path' | 'flag'>[], force: boolean): void {
  for (const [index, { path, flag }] of files.entries()) {
    replaceable(path, flag);
    if (!force && existsSync(path)) throw alreadyThere(path, flag);
    if (files.findIndex((other) => other.path === path) !== index) {
      throw new UserError({
        what: {
          en: 'the same file is named for two outputs',
          ko: '두 가지를 같은 파일에 쓸 수는 없습니다',
        },
        where: `${flag} ${path}`,
        received: path,
      });
    }
  }
}

interface Written {
  /** The temporary name, until the file is in place. */
  name: string | undefined;
  readonly real: string;
  readonly file: NewFile;
  descriptor: number | undefined;
  /** Placed: as a new file, or in place of an existing one. */
  placed: 'new' | 'instead' | undefined;
  /** Backup of the replaced file, until all files are in place. */
  before: string | undefined;
}

/**
 * Each file is written completely and synced under a temporary name before the first one is put into place; if one
 * cannot be placed, all are restored. @throws UserError
 */
export function writeNewFiles(files: readonly NewFile[], force: boolean): void {
  checkNewFiles(files, force);
  const written: Written[] = [];
  let isDone = false;
  try {
    for (const file of files) {
      const real = replaceable(file.path, file.flag);
      orUnwritable(file, files, () => {
        const { descriptor, name } = openSibling(real, 'new', file.mode);
        written.push({ name, real, file, descriptor, placed: undefined, before: undefined });
        writeAll(descriptor, Buffer.from(file.text));
      });
    }
    // Synced last: the first sync writes the others to disk as well.
    for (const one of written) {
      orUnwritable(one.file, files, () => {
        fsyncSync(one.descriptor ?? -1);
        close(one);
      });
    }
    for (const one of written) orUnwritable(one.file, files, () => place(one, force));
    isDone = true;
  } finally {
    for (const one of written) {
      close(one);
      if (!isDone) putBack(one);
      for (const name of [one.name, one.before]) if (name !== undefined) rmSync(name, { force: true });
    }
  }
}

function close(one: Written): void {
  const { descriptor } = one;
  one.descriptor = undefined;
  if (descriptor !== undefined) closeSync(descriptor);
}

const nothingWritten: Localized = { en: 'nothing was written', ko: '아무것도 쓰지 않았습니다' };
const noneWritten = (count: number): Localized => ({
  en: `none of the ${count} files was written`,
  ko: `파일 ${count}개를 하나도 쓰지 않았습니다`,
});

function orUnwritable({ path, flag }: NewFile, all: readonly NewFile[], work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw isFull(error)
      ? noRoom(path, all.length === 1 ? nothingWritten : noneWritten(all.length), error)
      : unwritable(path, flag, error);
  }
}

/** Never overwrites a file that another process has created in the meantime. */
function place(one: Written, force: boolean): void {
  const { name = '', real, file } = one;
  const isInstead = force && existsSync(real);
  if (isInstead) one.before = keptAside(real);
  try {
    if (force) renameSync(name, real);
    else linkSync(name, real);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw alreadyThere(file.path, file.flag);
    // The file system has no hard links.
    if (force || existsSync(real) || isFull(error)) throw error;
    renameSync(name, real);
  }
  one.placed = isInstead ? 'instead' : 'new';
}

/** Keeps the file under a second name; undefined on a file system without hard links. */
function keptAside(real: string): string | undefined {
  const name = `${real}.${process.pid}.old`;
  try {
    rmSync(name, { force: true });
    linkSync(real, name);
    return name;
  } catch (error) {
    if (isFull(error)) throw error;
    return undefined;
  }
}

function putBack(one: Written): void {
  if (one.placed === 'new') rmSync(one.real, { force: true });
  else if (one.placed === 'instead' && one.before !== undefined) renameSync(one.before, one.real);
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}
