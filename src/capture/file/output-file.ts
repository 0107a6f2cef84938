/**
 * Opens the output files that the user has named: errors are user errors with a remedy, reported before the run begins.
 * The formats are in `pcapng-writer.ts` and `keylog-file.ts`.
 */
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';

const reasons: Readonly<Record<string, Localized>> = {
  ENOENT: { en: 'its folder does not exist', ko: '상위 폴더가 없습니다' },
  ENOTDIR: {
    en: 'a part of its path is a file, not a folder',
    ko: '경로 중간에 폴더가 아닌 파일이 있습니다',
  },
  EISDIR: { en: 'it is a folder', ko: '파일이 아니라 폴더입니다' },
  EACCES: { en: 'you have no permission to write there', ko: '쓰기 권한이 없습니다' },
  EPERM: { en: 'you have no permission to write there', ko: '쓰기 권한이 없습니다' },
  EROFS: { en: 'the file system is read-only', ko: '읽기 전용 파일 시스템입니다' },
  ENOSPC: { en: 'the disk is full', ko: '디스크에 남은 공간이 없습니다' },
  ENAMETOOLONG: { en: 'its name is too long', ko: '파일 이름이 너무 깁니다' },
  ELOOP: {
    en: 'it is a symbolic link, and links are not followed',
    ko: '심볼릭 링크입니다. 링크는 따라가지 않습니다',
  },
  ISLINK: {
    en: 'it is a symbolic link, and links are not followed',
    ko: '심볼릭 링크입니다. 링크는 따라가지 않습니다',
  },
  NOTPCAPNG: { en: 'it is another file, not a capture', ko: '캡처 파일이 아닌 다른 파일입니다' },
  NOTREGULAR: { en: 'it is not a regular file', ko: '일반 파일이 아닙니다' },
};

/** There is no room: for the whole disk, for this user, or for a file of that size. */
const full: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Whether an error of the system says that there is no room for what was to be written. */
export const isFull = (error: unknown): boolean => full.has((error as NodeJS.ErrnoException).code ?? '');

/**
 * That there was no room for a file that is written in one go, and that nothing was changed.
 * @param path of the file that did not fit, @param kept what was to be written with it.
 */
export function noRoom(path: string, kept: Localized, error: unknown): UserError {
  const { code } = error as NodeJS.ErrnoException;
  return new UserError(
    {
      where: path,
      what: {
        en: `there is no room for this file (${code}): ${kept.en}`,
        ko: `이 파일을 저장할 공간이 부족합니다(${code}). ${kept.ko}`,
      },
      remedy: {
        en: 'Make room, or name a folder on another disk.',
        ko: '공간을 비우거나 다른 디스크의 폴더를 지정하세요.',
      },
    },
    { cause: error },
  );
}

/** That `path`, given with `flag`, cannot be written, because of `error` or one of the codes above. */
export function unwritable(path: string, flag: string, error: unknown): UserError {
  const code = typeof error === 'string' ? error : ((error as NodeJS.ErrnoException).code ?? String(error));
  if (full.has(code)) {
    return new UserError(
      {
        where: `${flag} ${path}`,
        what: {
          en: `there was no room for the file (${code}): the recording ended there and is not kept; what was recorded went on undisturbed`,
          ko: `파일을 저장할 공간이 부족합니다(${code}). 기록은 그때 멈췄고 남지 않습니다. 통신은 그대로 이어졌습니다`,
        },
        expected: {
          en: 'room for twice what the wires carry: it is put together at the end',
          ko: '전송량의 두 배가 들어갈 공간(마지막에 파일 하나로 합칩니다)',
        },
        received: path,
        remedy: {
          en: 'Make room, or name a file on another disk.',
          ko: '공간을 비우거나 다른 디스크의 파일을 지정하세요.',
        },
      },
      error instanceof Error ? { cause: error } : undefined,
    );
  }
  const reason = reasons[code] ?? { en: code, ko: code };
  return new UserError(
    {
      where: `${flag} ${path}`,
      what: { en: `the file cannot be written: ${reason.en}`, ko: `파일을 쓸 수 없습니다: ${reason.ko}` },
      expected: {
        en: 'a file in a folder that exists and that you may write to',
        ko: '쓰기 권한이 있는 기존 폴더 안의 파일',
      },
      received: path,
      remedy: {
        en: 'Name another file, or create its folder first.',
        ko: '다른 파일 이름을 지정하거나 먼저 폴더를 만드세요.',
      },
    },
    error instanceof Error ? { cause: error } : undefined,
  );
}

export function isOutOfRoom(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && full.has((error as NodeJS.ErrnoException).code ?? '');
}

/**
 * Whether a path is a symbolic link: a user who can write to its folder could make it point anywhere. The system's own
 * links (`/dev/stderr`, `/dev/fd/63`) refer to this process's descriptors.
 */
export function isLink(path: string): boolean {
  if (/^\/(?:dev|proc)\//.test(path)) return false;
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

/** The real path that a file will be renamed to: symbolic links are resolved. @throws UserError */
export function replaceable(path: string, flag: string): string {
  try {
    const real = realpathSync(path);
    const found = statSync(real);
    if (found.isDirectory()) throw unwritable(path, flag, 'EISDIR');
    if (!found.isFile()) throw unwritable(path, flag, 'NOTREGULAR');
    accessSync(real, constants.W_OK);
    return real;
  } catch (error) {
    if (error instanceof UserError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return path;
    throw unwritable(path, flag, error);
  }
}

/** A new file beside `path`, under a unique name. */
export function openSibling(
  path: string,
  suffix: string,
  mode: number,
): { readonly descriptor: number; readonly name: string } {
  for (let attempt = 0; ; attempt++) {
    const name = `${path}.${process.pid}-${attempt}.${suffix}`;
    try {
      return { descriptor: openSync(name, 'wx+', mode), name };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 99) throw error;
    }
  }
}

/** A file that is written beside its place and then put there: whole or not at all. An earlier one stays until then. */
export class SiblingFile {
  readonly path: string;
  readonly descriptor: number;
  readonly #real: string;
  readonly #name: string;
  #isPlaced = false;

  /** @throws UserError for a place where no file can be written */
  constructor(path: string, flag: string) {
    this.path = path;
    this.#real = replaceable(path, flag);
    try {
      const { descriptor, name } = openSibling(this.#real, 'partial', 0o600);
      this.descriptor = descriptor;
      this.#name = name;
    } catch (error) {
      throw unwritable(path, flag, error);
    }
  }

  get isPlaced(): boolean {
    return this.#isPlaced;
  }

  /** Nothing more will be written. */
  place(): void {
    fsyncSync(this.descriptor);
    closeSync(this.descriptor);
    renameSync(this.#name, this.#real);
    this.#isPlaced = true;
  }

  /** Nothing is left behind; a file that is in its place stays. */
  abandon(): void {
    if (!this.#isPlaced) rmSync(this.#name, { force: true });
  }
}
