/**
 * The log that makes an embedded etcd last, in a folder of its own: what its key space is and what happens to it as lines of
 * `store/append-log.ts`, which says when they last. Values are in it as they are: secrets, in clear.
 */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isFull, noRoom } from '../../../capture/file/output-file.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { safeText } from '../../../i18n/safe.ts';
import { UserError } from '../../../i18n/user-error.ts';
import { LogDamage, openAppendLog } from '../../store/append-log.ts';
import type { Misfit, Restored } from '../../store/append-log.ts';
import { claimFolder } from '../folder-lock.ts';
import type { Journal } from './journal.ts';
import type { KeySpace } from './mvcc.ts';
import type { KeyVersion } from './key-space-types.ts';
import type { EtcdReport, Recovered } from '../reports.ts';
import type { JournalEntry } from './service.ts';

export interface WriteAheadLogOptions {
  /** Its own; made when it is not there. */
  readonly folder: string;
  /** An empty one, into which is read what there was. */
  readonly keys: KeySpace;
  readonly onReport?: (report: EtcdReport) => void;
  /** Bytes that the file may have beside twice of what it began with. */
  readonly slackBytes?: number;
}

export interface WriteAheadLog extends Journal {
  /** Bytes of the file. */
  readonly size: number;
}

export const logFormat = 'wirelab etcd log 2';
export const logName = 'etcd.log';

/** Key, create revision, mod revision, version, value; key and value have a character for each byte. */
type VersionLine = readonly [string, number, number, number, string];
interface StateLine {
  readonly revision: number;
  readonly compactRevision: number;
  readonly alarm: boolean;
}
type ChangeLine =
  | { readonly revision: number; readonly versions: readonly VersionLine[] }
  | { readonly compact: number }
  | { readonly alarm: boolean };

/** The state is taken now, its lines are made when they are asked for. */
export function linesOf(keys: KeySpace): Iterable<unknown> {
  const { versions, ...state } = keys.state();
  return (function* () {
    yield state satisfies StateLine;
    for (const version of versions) yield lineOf(version);
  })();
}

export function changeOf(entry: JournalEntry): ChangeLine {
  if (entry.kind === 'commit')
    return { revision: entry.commit.revision, versions: entry.commit.versions.map(lineOf) };
  return entry.kind === 'compaction' ? { compact: entry.revision } : { alarm: entry.on };
}

function lineOf({ key, createRevision, modRevision, version, value }: KeyVersion): VersionLine {
  const { buffer, byteOffset, byteLength } = value;
  return [
    key,
    createRevision,
    modRevision,
    version,
    Buffer.from(buffer, byteOffset, byteLength).toString('latin1'),
  ];
}

function versionOf([key, createRevision, modRevision, version, value]: VersionLine): KeyVersion {
  return { key, createRevision, modRevision, version, value: Buffer.from(value, 'latin1') };
}

/** The checksums say that these are lines of ours. */
export function restoring(keys: KeySpace): Restored {
  return {
    restore(snapshot) {
      const [state, ...versions] = snapshot as readonly [StateLine, ...VersionLine[]];
      keys.restore({ ...state, versions: versions.map(versionOf) });
    },
    redo(line) {
      const change = line as ChangeLine;
      if ('versions' in change) {
        if (change.revision !== keys.revision + 1) return false;
        keys.redo({ revision: change.revision, versions: change.versions.map(versionOf) });
      } else if ('compact' in change) {
        if (change.compact <= keys.compactRevision || change.compact > keys.revision) return false;
        keys.compact(change.compact);
      } else keys.setAlarm(change.alarm);
      return true;
    },
  };
}

/** @throws UserError when another process is in the folder, or the log is damaged or cannot be opened. */
export async function openWriteAheadLog({
  folder,
  keys,
  onReport = () => {},
  slackBytes = 8 * 1024 * 1024,
}: WriteAheadLogOptions): Promise<{ readonly log: WriteAheadLog; readonly recovered?: Recovered }> {
  const unlock = await claimFolder(folder);
  const path = join(folder, logName);
  const report = (text: Localized): void => onReport({ kind: 'log', text });
  try {
    warnOfReaders(folder, report);
    refuseEarlier(folder);
    const { log, recovered } = await openAppendLog(
      {
        path,
        format: logFormat,
        snapshot: () => linesOf(keys),
        slackBytes,
        onFailure: ({ message }) => report(cannotWrite(message)),
      },
      restoring(keys),
    );
    const begun = keys.revision;
    if (recovered && recovered.tornBytes > 0) report(torn(recovered.tornBytes));
    return {
      log: {
        get lasting() {
          return Math.max(begun, log.lasting);
        },
        get size() {
          return log.size;
        },
        append: (entry) => log.append(changeOf(entry), keys.revision),
        settled: () => log.settled(),
        async close() {
          await log.close();
          unlock();
        },
      },
      ...(recovered ? { recovered: { ...recovered, revision: keys.revision } } : {}),
    };
  } catch (error) {
    unlock();
    throw openingError(error, path);
  }
}

/** Secrets are in it, in clear. */
function warnOfReaders(folder: string, report: (text: Localized) => void): void {
  const mode = statSync(folder).mode & 0o777;
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  const shown = mode.toString(8);
  report({
    en: `other users can read the folder of the etcd (mode ${shown}); its data is not encrypted`,
    ko: `다른 사용자도 etcd 폴더를 읽을 수 있습니다(모드 ${shown}). 폴더의 내용은 암호화되어 있지 않습니다`,
  });
}

/** An etcd of wirelab 0.1 had numbered files, in bytes of their own: what is in them is not to be taken for nothing. */
function refuseEarlier(folder: string): void {
  const earlier = readdirSync(folder).find((name) => /^\d{8}\.log$/.test(name));
  if (earlier !== undefined) throw foreign(join(folder, earlier));
}

function torn(bytes: number): Localized {
  return {
    en: `${bytes} bytes at the end of the etcd's log were an incomplete record: they were being written when it ended, and are removed`,
    ko: `etcd 로그 끝의 ${bytes}바이트는 온전한 레코드가 아니어서 잘라 냈습니다. 종료될 때 쓰고 있던 내용입니다`,
  };
}

function cannotWrite(words: string): Localized {
  return {
    en: `the etcd's log cannot be written: ${words}. No further requests are acknowledged: check the disk and the folder, and start again`,
    ko: `etcd 로그에 쓸 수 없습니다: ${words}. 이제부터 어떤 요청에도 성공으로 응답하지 않습니다. 디스크와 폴더를 확인하고 다시 시작하세요`,
  };
}

function openingError(error: unknown, at: string): unknown {
  if (error instanceof LogDamage) return damaged(at, error);
  const { code, path = at } = error as NodeJS.ErrnoException;
  if (isFull(error))
    return noRoom(
      path,
      { en: 'the embedded etcd cannot store its data', ko: '내장 etcd가 데이터를 저장할 수 없습니다' },
      error,
    );
  if (error instanceof UserError || code === undefined) return error;
  return new UserError(
    {
      what: { en: 'the log of the embedded etcd cannot be opened', ko: '내장 etcd의 로그를 열 수 없습니다' },
      where: path,
      expected: { en: 'a file that may be read and written', ko: '읽고 쓸 수 있는 파일' },
      received: code,
      remedy: startOver,
    },
    { cause: error },
  );
}

function damaged(path: string, { at, line, misfit }: LogDamage): UserError {
  if (misfit === 'heading') return foreign(path);
  return new UserError({
    what: {
      en: 'the log of the embedded etcd is damaged; what follows that place cannot be trusted, and nothing was changed',
      ko: '내장 etcd의 로그가 손상되었습니다. 손상된 위치 이후는 믿을 수 없으므로 아무것도 변경하지 않았습니다',
    },
    where: `${path}: line ${line}, byte ${at}`,
    expected: fits[misfit],
    remedy: startOver,
  });
}

const fits: Readonly<Record<Exclude<Misfit, 'heading'>, Localized>> = {
  content: { en: 'a record whose checksum matches', ko: '체크섬이 맞는 레코드' },
  order: { en: 'the record that follows the one before', ko: '앞 레코드에 이어지는 레코드' },
  snapshot: { en: 'the rest of the snapshot', ko: '스냅샷의 나머지' },
  ending: { en: 'a record, or the beginning of one', ko: '온전한 레코드나 레코드의 앞부분' },
};

/** Of another program, of another version, or with a damaged beginning; by its first bytes. */
function foreign(path: string): UserError {
  return new UserError({
    what: {
      en: 'this file is not a log of the embedded etcd, or its beginning is damaged; nothing was changed',
      ko: '내장 etcd의 로그가 아니거나 앞부분이 손상된 파일입니다. 아무것도 변경하지 않았습니다',
    },
    where: `${path}: line 1, byte 0`,
    expected: verbatim(`"${logFormat}"`),
    received: beginningOf(path),
    remedy: startOver,
  });
}

function beginningOf(path: string): string {
  // A pipe would be waited for.
  if (!statSync(path).isFile()) return 'no regular file';
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(32);
    const length = readSync(file, bytes, 0, bytes.length, 0);
    if (length === 0) return '0 bytes';
    return safeText(bytes.toString('latin1', 0, length).split('\n')[0] ?? '');
  } finally {
    closeSync(file);
  }
}

const startOver: Localized = {
  en: 'Put back a copy of the folder, or move it away to begin with an empty etcd.',
  ko: '폴더의 사본으로 되돌리거나, 폴더를 다른 곳으로 옮겨 빈 etcd로 시작하세요.',
};
