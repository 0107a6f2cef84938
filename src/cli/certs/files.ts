/**
 * Files of a person's own: read whole and within bounds, written so that nothing is lost and nothing stays half-written.
 * What is in them is decided by `pki/contents.ts`.
 */
import { closeSync, existsSync, fstatSync, fsyncSync, linkSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { openSibling, replaceable, unwritable } from '../../capture/output-file.ts';
import type { Certificate } from '../../dissect/x509/certificate.ts';
import { Mistake } from '../../i18n/mistake.ts';
import type { Localized } from '../../i18n/language.ts';
import { contentNames, readContents } from '../../pki/contents.ts';
import type { Content, ContentKind } from '../../pki/contents.ts';
import type { Print } from './print.ts';

/** Bytes. The bundles of browsers take 0.3 MB, and the longest revocation lists some 10. */
const largest = 32 * 1024 * 1024;

const readReasons: Readonly<Record<string, { readonly what: Localized; readonly remedy: Localized }>> = {
  ENOENT: { what: { en: 'there is no such file', ko: '그런 파일이 없습니다' }, remedy: { en: 'Check the path.', ko: '경로를 확인하세요.' } },
  ENOTDIR: { what: { en: 'there is no such file', ko: '그런 파일이 없습니다' }, remedy: { en: 'Check the path.', ko: '경로를 확인하세요.' } },
  EACCES: { what: { en: 'you may not read the file', ko: '파일을 읽을 권한이 없습니다' }, remedy: {
    en: 'Ask its owner for a copy; a key stays with its owner.',
    ko: '소유자에게 사본을 받으세요. 개인 키라면 소유자만 가지고 있어야 합니다.',
  } },
  EISDIR: { what: { en: 'it is a folder, not a file', ko: '파일이 아니라 폴더입니다' }, remedy: { en: 'Name a file in it.', ko: '폴더 안의 파일을 지정하세요.' } },
  NOTREGULAR: { what: { en: 'it is not a regular file', ko: '일반 파일이 아닙니다' }, remedy: { en: 'Copy it into a file first.', ko: '먼저 파일로 저장하세요.' } },
  TOOLARGE: { what: { en: 'the file is too large to be one of certificates', ko: '인증서 파일이라기에는 너무 큽니다' }, remedy: { en: 'Check the path.', ko: '경로를 확인하세요.' } },
};

function unreadable(path: string, code: string, error?: unknown): Mistake {
  const { what, remedy } = readReasons[code] ?? { what: {
    en: `the file cannot be read (${code})`,
    ko: `파일을 읽을 수 없습니다(${code})`,
  }, remedy: { en: 'Check the path.', ko: '경로를 확인하세요.' } };
  const expected = code === 'TOOLARGE' ? { en: `at most ${largest / 1024 / 1024} MB`, ko: `최대 ${largest / 1024 / 1024} MB` } : undefined;
  return new Mistake({ what, where: path, ...(expected ? { expected } : {}), remedy }, error === undefined ? undefined : { cause: error });
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

/** @throws Mistake for what is missing, no regular file (a pipe of the shell is fine), not to be read, or too large. */
export function readBytes(path: string): Uint8Array {
  let descriptor: number | undefined;
  try {
    // Asked before it is opened: opening a named pipe waits for a writer.
    const found = statSync(path);
    if (found.isDirectory()) throw unreadable(path, 'EISDIR');
    if (!found.isFile() && !/^\/(?:dev\/(?:fd\/|stdin$)|proc\/self\/fd\/)/.test(path)) throw unreadable(path, 'NOTREGULAR');
    if (found.isFile() && found.size > largest) throw unreadable(path, 'TOOLARGE');
    descriptor = openSync(path, 'r');
    return readAll(descriptor, path);
  } catch (error) {
    if (error instanceof Mistake) throw error;
    throw unreadable(path, codeOf(error), error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function readAll(descriptor: number, path: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const chunk = new Uint8Array(Math.max(65_536, Math.min(largest, fstatSync(descriptor).size + 1)));
    const count = readSync(descriptor, chunk);
    if (count === 0) return new Uint8Array(Buffer.concat(chunks));
    chunks.push(chunk.subarray(0, count));
    total += count;
    if (total > largest) throw unreadable(path, 'TOOLARGE');
  }
}

/** Everything in a file. @throws Mistake */
export function readFileContents(path: string): Content[] {
  return readContents(readBytes(path), path);
}

/** Whether group or others may read a file: its permission bits, or undefined where only its owner may. */
export function tooOpen(path: string): number | undefined {
  if (process.platform === 'win32') return undefined;
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o077) === 0 ? undefined : mode & 0o777;
}

/** Warns of a private key that others may read. */
export function tellOpenKey(path: string | undefined, print: Print): void {
  const mode = path === undefined ? undefined : tooOpen(path);
  if (mode === undefined) return;
  const octal = mode.toString(8).padStart(4, '0');
  print.mark('!', { en: `others may read ${path} (mode ${octal}): chmod 600 closes it from now on`, ko: `다른 사용자가 ${path} 파일을 읽을 수 있습니다(모드 ${octal}). chmod 600으로 막으세요` });
}

type ContentOf<Kind extends ContentKind> = Extract<Content, { kind: Kind }>;

/** The things of one kind in a file; whatever else is in it is passed over. @throws Mistake when there is none. */
export function readKind<Kind extends ContentKind>(path: string, kind: Kind): [ContentOf<Kind>, ...ContentOf<Kind>[]] {
  const contents = readFileContents(path);
  const [first, ...others] = contents.filter((content): content is ContentOf<Kind> => content.kind === kind);
  if (first) return [first, ...others];
  const each = (language: 'en' | 'ko'): string => [...new Set(contents.map((content) => contentNames[content.kind][language]))].join(', ');
  throw new Mistake({
    what: { en: `there is no ${contentNames[kind].en} in the file`, ko: `파일에 다음 항목이 없습니다: ${contentNames[kind].ko}` },
    where: path,
    expected: contentNames[kind],
    received: each('en'),
  });
}

export function readCertificates(path: string): [Certificate, ...Certificate[]] {
  const [first, ...others] = readKind(path, 'certificate');
  return [first.certificate, ...others.map(({ certificate }) => certificate)];
}

/** That something is there already, and is not to be lost. */
function alreadyThere(path: string, flag: string): Mistake {
  return new Mistake({
    what: { en: 'there is already a file of that name', ko: '그 이름의 파일이 이미 있습니다' },
    where: `${flag} ${path}`,
    remedy: { en: 'Name another file; --force replaces this one, for good.', ko: '다른 이름을 지정하세요. --force를 쓰면 이 파일을 덮어쓰며 되돌릴 수 없습니다.' },
  });
}

export interface NewFile {
  readonly path: string;
  /** The option that named it. */
  readonly flag: string;
  readonly text: string | Uint8Array;
  /** 0o600 for what only its owner may read. */
  readonly mode: number;
}

/** What would keep the files from being written, before anything is made. @throws Mistake */
export function checkNewFiles(files: readonly Pick<NewFile, 'path' | 'flag'>[], force: boolean): void {
  for (const [index, { path, flag }] of files.entries()) {
    replaceable(path, flag);
    if (!force && existsSync(path)) throw alreadyThere(path, flag);
    if (files.findIndex((other) => other.path === path) !== index) {
      throw new Mistake({ what: { en: 'two things would be written to the same file', ko: '두 가지를 같은 파일에 쓸 수는 없습니다' }, where: `${flag} ${path}`, received: path });
    }
  }
}

/** Each is whole under a name of its own before the first takes its place. @throws Mistake */
export function writeNewFiles(files: readonly NewFile[], force: boolean): void {
  checkNewFiles(files, force);
  const written: { name: string; real: string; file: NewFile }[] = [];
  try {
    for (const file of files) {
      const real = replaceable(file.path, file.flag);
      try {
        const { descriptor, name } = openSibling(real, 'new', file.mode);
        written.push({ name, real, file });
        try {
          writeAll(descriptor, Buffer.from(file.text));
          fsyncSync(descriptor);
        } finally {
          closeSync(descriptor);
        }
      } catch (error) {
        throw unwritable(file.path, file.flag, error);
      }
    }
    for (const { name, real, file } of written) place(name, real, file, force);
  } finally {
    for (const { name } of written) rmSync(name, { force: true });
  }
}

/** A name that somebody took meanwhile is not taken from them. */
function place(name: string, real: string, { path, flag }: NewFile, force: boolean): void {
  try {
    if (force) renameSync(name, real);
    else linkSync(name, real);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw alreadyThere(path, flag);
    // A file system without hard links.
    if (!force && !existsSync(real)) renameSync(name, real);
    else throw unwritable(path, flag, error);
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}
