/**
 * Reads the user's files, whole and within bounds, or opens them for partial reading; an unreadable file is an error
 * that names it.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Localized } from './language.ts';
import { UserError } from './user-error.ts';
import type { UserErrorFacts } from './user-error.ts';

const readReasons: Readonly<Record<string, { readonly what: Localized; readonly remedy: Localized }>> = {
  ENOENT: {
    what: { en: 'the file does not exist', ko: '그런 파일이 없습니다' },
    remedy: { en: 'Check the path.', ko: '경로를 확인하세요.' },
  },
  ENOTDIR: {
    what: { en: 'the file does not exist', ko: '그런 파일이 없습니다' },
    remedy: { en: 'Check the path.', ko: '경로를 확인하세요.' },
  },
  EACCES: {
    what: { en: 'no permission to read the file', ko: '파일을 읽을 권한이 없습니다' },
    remedy: {
      en: 'Ask its owner for a copy. A private key must stay with its owner.',
      ko: '소유자에게 사본을 받으세요. 개인 키라면 소유자만 가지고 있어야 합니다.',
    },
  },
  EISDIR: {
    what: { en: 'it is a folder, not a file', ko: '파일이 아니라 폴더입니다' },
    remedy: { en: 'Specify a file in this folder.', ko: '폴더 안의 파일을 지정하세요.' },
  },
  NOTREGULAR: {
    what: { en: 'it is not a regular file', ko: '일반 파일이 아닙니다' },
    remedy: { en: 'Copy it into a file first.', ko: '먼저 파일로 저장하세요.' },
  },
  TOOLARGE: {
    what: { en: 'the file is too large', ko: '파일이 너무 큽니다' },
    remedy: { en: 'Check the path.', ko: '경로를 확인하세요.' },
  },
};

/** An unreadable file, with Node's error code, or NOTREGULAR or TOOLARGE. */
export class UnreadableFile extends UserError {
  readonly code: string;

  constructor(code: string, facts: UserErrorFacts, options?: ErrorOptions) {
    super(facts, options);
    this.code = code;
  }
}

function unreadable(
  path: string,
  code: string,
  { largest = 0, error }: { readonly largest?: number; readonly error?: unknown } = {},
): UnreadableFile {
  const { what, remedy } = readReasons[code] ?? {
    what: {
      en: `the file cannot be read (${code})`,
      ko: `파일을 읽을 수 없습니다(${code})`,
    },
    remedy: { en: 'Check the path.', ko: '경로를 확인하세요.' },
  };
  const size = largest >= 1024 * 1024 ? `${largest / 1024 / 1024} MB` : `${largest / 1024} KB`;
  const expected = code === 'TOOLARGE' ? { en: `at most ${size}`, ko: `최대 ${size}` } : undefined;
  return new UnreadableFile(
    code,
    { what, where: path, ...(expected ? { expected } : {}), remedy },
    error === undefined ? undefined : { cause: error },
  );
}

export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

/**
 * @param largest in bytes
 * @param shown how errors name the file
 * @throws UnreadableFile for a file that is missing, not regular (a pipe from the shell is allowed), unreadable, or too
 * large.
 */
export function readBytes(path: string, largest: number, shown = path): Uint8Array {
  const { descriptor, size } = openFile(path, shown);
  try {
    if (size !== undefined && size > largest) throw unreadable(shown, 'TOOLARGE', { largest });
    return readAll(descriptor, shown, largest);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw unreadable(shown, codeOf(error), { error });
  } finally {
    closeSync(descriptor);
  }
}

export interface OpenedFile {
  readonly descriptor: number;
  /** In bytes; undefined for a pipe from the shell. */
  readonly size: number | undefined;
}

/** @throws UnreadableFile for a file that is missing, not regular (a pipe from the shell is allowed), or unreadable. */
export function openFile(path: string, shown = path): OpenedFile {
  try {
    // Checked before it is opened: opening a named pipe blocks until there is a writer.
    const found = statSync(path);
    if (found.isDirectory()) throw unreadable(shown, 'EISDIR');
    if (!found.isFile() && !/^\/(?:dev\/(?:fd\/|stdin$)|proc\/self\/fd\/)/.test(path))
      throw unreadable(shown, 'NOTREGULAR');
    return { descriptor: openSync(path, 'r'), size: found.isFile() ? found.size : undefined };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw unreadable(shown, codeOf(error), { error });
  }
}

/** The same as text in UTF-8. */
export function readText(path: string, largest: number, shown = path): string {
  return Buffer.from(readBytes(path, largest, shown)).toString('utf8');
}

function readAll(descriptor: number, path: string, largest: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    // One byte more than expected: the next read then confirms the end.
    const chunk = new Uint8Array(Math.max(65_536, Math.min(largest, fstatSync(descriptor).size - total + 1)));
    const count = readSync(descriptor, chunk);
    if (count === 0)
      return chunks.length === 1 && chunks[0] ? chunks[0] : new Uint8Array(Buffer.concat(chunks));
    chunks.push(chunk.subarray(0, count));
    total += count;
    if (total > largest) throw unreadable(path, 'TOOLARGE', { largest });
  }
}
