/**
 * What makes an etcd last: a file in a folder of its own, to which everything that happens is appended before anybody is
 * told of it. How records look, and what of a file is believed, is `log-records.ts`.
 *
 * 1. What was written while the disk was busy is written together, and made to last by one call (group commit).
 * 2. A file that has grown to more than twice of what it tells is begun anew beside the old one, and takes its place when
 *    it lasts: at any moment there is one file that tells everything.
 * 3. When the disk fails, or the file is deleted under it, nothing is acknowledged any more: what is in memory is ahead of what lasts, and only starting
 *    again mends that.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { isFull, noRoom } from '../../capture/file/output-file.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { claimFolder } from './folder-lock.ts';
import type { Journal } from './journal.ts';
import { encodeRecord, firstChain, LogDamage, logHeading, readRecords } from './log-records.ts';
import type { LogBytes, LogEnd } from './log-records.ts';
import type { KeySpace, KeyVersion } from './mvcc.ts';
import type { EtcdReport, Recovered } from './reports.ts';
import type { JournalEntry } from './service.ts';

export interface WriteAheadLogOptions {
  /** Its own; made when it is not there. */
  readonly folder: string;
  /** An empty one, into which is read what there was. */
  readonly keys: KeySpace;
  readonly onReport?: (report: EtcdReport) => void;
  /** Bytes that a file may have beside twice of what it tells. */
  readonly slackBytes?: number;
}

/** @throws UserError when somebody else is in the folder, or the log is damaged or cannot be opened. */
export async function openWriteAheadLog({
  folder,
  keys,
  onReport = () => {},
  slackBytes = 8 * 1024 * 1024,
}: WriteAheadLogOptions): Promise<{ readonly log: WriteAheadLog; readonly recovered?: Recovered }> {
  const unlock = await claimFolder(folder);
  try {
    warnOfReaders(folder, onReport);
    const number = tidy(folder);
    if (number === undefined) {
      const log = new WriteAheadLog({ folder, keys, onReport, slackBytes, unlock });
      await log.begin();
      return { log };
    }
    const path = join(folder, fileName(number));
    const { end, chain, tornBytes } = recover(path, keys);
    if (tornBytes > 0) {
      onReport({
        kind: 'log',
        text: {
          en: `${tornBytes} bytes at the end of the etcd's log were an incomplete record: they were being written when it ended, and are removed`,
          ko: `etcd 로그 끝의 ${tornBytes}바이트는 온전한 레코드가 아니어서 잘라 냈습니다. 종료될 때 쓰고 있던 내용입니다`,
        },
      });
    }
    const log = new WriteAheadLog({ folder, keys, onReport, slackBytes, unlock });
    await log.goOn({ number, end, chain });
    return { log, recovered: { revision: keys.revision, tornBytes } };
  } catch (error) {
    unlock();
    const { code, path = folder } = error as NodeJS.ErrnoException;
    if (isFull(error))
      throw noRoom(
        path,
        { en: 'the embedded etcd cannot store its data', ko: '내장 etcd가 데이터를 저장할 수 없습니다' },
        error,
      );
    throw error instanceof UserError || code === undefined ? error : unusable(path, code, error);
  }
}

function unusable(path: string, code: string, cause: unknown): UserError {
  return new UserError(
    {
      what: { en: 'the log of the embedded etcd cannot be opened', ko: '내장 etcd의 로그를 열 수 없습니다' },
      where: path,
      expected: { en: 'a file that can be read and written', ko: '읽고 쓸 수 있는 파일' },
      received: code,
      remedy: startOver,
    },
    { cause },
  );
}

const startOver: Localized = {
  en: 'Restore the folder from a backup, or move it aside to start with an empty etcd.',
  ko: '폴더의 사본으로 되돌리거나, 폴더를 다른 곳으로 옮겨 빈 etcd로 시작하세요.',
};

/** Secrets are in it, in clear. */
function warnOfReaders(folder: string, onReport: (report: EtcdReport) => void): void {
  const mode = statSync(folder).mode & 0o777;
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  const shown = mode.toString(8);
  onReport({
    kind: 'log',
    text: {
      en: `other users can read the folder of the etcd (mode ${shown}); its data is not encrypted`,
      ko: `다른 사용자도 etcd 폴더를 읽을 수 있습니다(모드 ${shown}). 폴더의 내용은 암호화되어 있지 않습니다`,
    },
  });
}

const filePattern = /^(\d{8})\.log$/;

function fileName(number: number): string {
  return `${String(number).padStart(8, '0')}.log`;
}

/** Removes what a crash left: a file that was not begun to its end, and one whose place had been taken. @returns the number of the one that counts. */
function tidy(folder: string): number | undefined {
  const names = readdirSync(folder);
  for (const name of names) if (/^\d{8}\.log\.new$/.test(name)) rmSync(join(folder, name), { force: true });
  const numbers = names
    .flatMap((name) => filePattern.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((one, other) => one - other);
  const last = numbers.pop();
  for (const number of numbers) rmSync(join(folder, fileName(number)), { force: true });
  return last;
}

/** Reads a file into the key space, and cuts off what is torn. @throws UserError */
function recover(path: string, keys: KeySpace): LogEnd & { readonly tornBytes: number } {
  const file = openSync(path, 'r+');
  try {
    const bytes = bytesOf(file);
    const end = replay(bytes, keys);
    const tornBytes = bytes.length - end.end;
    if (tornBytes > 0) {
      ftruncateSync(file, end.end);
      fsyncSync(file);
    }
    return { ...end, tornBytes };
  } catch (error) {
    if (error instanceof LogDamage) throw damaged(path, error);
    throw error;
  } finally {
    closeSync(file);
  }
}

function bytesOf(file: number): LogBytes {
  return {
    length: fstatSync(file).size,
    read(from, length) {
      const bytes = Buffer.allocUnsafe(length);
      for (let done = 0; done < length; ) {
        const read = readSync(file, bytes, done, length - done, from + done);
        if (read === 0) throw new LogDamage(from + done, 'end');
        done += read;
      }
      return bytes;
    },
  };
}

/** Into an empty key space. @throws LogDamage */
export function replay(file: LogBytes, keys: KeySpace): LogEnd {
  const versions: KeyVersion[] = [];
  const records = readRecords(file);
  for (let next = records.next(); ; next = records.next()) {
    if (next.done) return next.value;
    const record = next.value;
    if (record.kind === 'versions') for (const version of record.versions) versions.push(version);
    else if (record.kind === 'beginning') keys.restore({ ...record.state, versions: versions.splice(0) });
    else if (!isRedone(record, keys)) throw new LogDamage(record.at, 'order');
  }
}

function isRedone(entry: JournalEntry, keys: KeySpace): boolean {
  if (entry.kind === 'alarm') keys.setAlarm(entry.on);
  else if (entry.kind === 'commit') {
    if (entry.commit.revision !== keys.revision + 1) return false;
    keys.redo(entry.commit);
  } else {
    if (entry.revision <= keys.compactRevision || entry.revision > keys.revision) return false;
    keys.compact(entry.revision);
  }
  return true;
}

function damaged(path: string, { at, message }: LogDamage): UserError {
  return new UserError({
    what: {
      en: 'the log of the embedded etcd is damaged; data after that position cannot be trusted, and nothing was changed',
      ko: '내장 etcd의 로그가 손상되었습니다. 손상된 위치 이후는 믿을 수 없으므로 아무것도 변경하지 않았습니다',
    },
    where: `${path}: byte ${at}`,
    received: message,
    remedy: startOver,
  });
}

/** What a group of entries waits for. */
class Group {
  readonly entries: JournalEntry[] = [];
  readonly lasts: Promise<void>;
  resolve!: () => void;
  reject!: (error: Error) => void;

  constructor() {
    this.lasts = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever waits hears of it; there may be nobody.
    this.lasts.catch(() => {});
  }
}

/** Bytes of versions in one record of a beginning. */
const pieceBytes = 256 * 1024;

export class WriteAheadLog implements Journal {
  readonly #options: Required<WriteAheadLogOptions> & { readonly unlock: () => void };
  #file: FileHandle | undefined;
  #number = 0;
  #size = 0;
  #chain = firstChain;
  #lasting: number;
  /** What is being written, and what waits for it. */
  #writing: Group | undefined;
  #waiting: Group | undefined;
  #isDue = false;
  #failure: Error | undefined;

  constructor(options: Required<WriteAheadLogOptions> & { readonly unlock: () => void }) {
    this.#options = options;
    this.#lasting = options.keys.revision;
  }

  get lasting(): number {
    return this.#lasting;
  }

  /** Bytes of the file. */
  get size(): number {
    return this.#size;
  }

  append(entry: JournalEntry): void {
    this.#waiting ??= new Group();
    this.#waiting.entries.push(entry);
    if (this.#failure) this.#fail(this.#failure);
    else if (!this.#writing && !this.#isDue) {
      this.#isDue = true;
      // Whoever else is being read in this turn of the loop writes with it.
      setImmediate(() => void this.#write());
    }
  }

  settled(): Promise<void> | undefined {
    if (this.#failure) return Promise.reject(this.#failure);
    return (this.#waiting ?? this.#writing)?.lasts;
  }

  /** A first file, or the next one. */
  async begin(): Promise<void> {
    const { folder, keys } = this.#options;
    const number = this.#number + 1;
    const { versions, ...state } = keys.state();
    const draft = join(folder, `${fileName(number)}.new`);
    const file = await open(draft, 'wx', 0o600);
    try {
      let chain = firstChain;
      let size = logHeading.length;
      await file.write(logHeading);
      const add = async (bytes: Buffer): Promise<void> => {
        await writeWhole(file, bytes);
        size += bytes.length;
      };
      for (const piece of pieces(versions)) {
        const encoded = encodeRecord({ kind: 'versions', versions: piece }, chain);
        chain = encoded.chain;
        await add(encoded.bytes);
      }
      const end = encodeRecord({ kind: 'beginning', state }, chain);
      await add(end.bytes);
      await file.datasync();
      await rename(draft, join(folder, fileName(number)));
      await syncFolder(folder);
      const old = this.#file;
      const oldNumber = this.#number;
      this.#file = file;
      this.#number = number;
      this.#size = size;
      this.#chain = end.chain;
      if (!old) return;
      await old.close();
      await rm(join(folder, fileName(oldNumber)), { force: true });
    } catch (error) {
      if (this.#file !== file) await file.close();
      throw error;
    }
  }

  /** With a file that was read. */
  async goOn({ number, end, chain }: LogEnd & { readonly number: number }): Promise<void> {
    this.#file = await open(join(this.#options.folder, fileName(number)), 'a', 0o600);
    this.#number = number;
    this.#size = end;
    this.#chain = chain;
  }

  async close(): Promise<void> {
    try {
      await this.settled();
    } catch {
      // It has been reported.
    }
    await this.#file?.close();
    this.#file = undefined;
    this.#options.unlock();
  }

  async #write(): Promise<void> {
    this.#isDue = false;
    try {
      while (this.#waiting) {
        const group = this.#take(this.#waiting);
        if (this.#size > this.#mostBytes()) await this.#beginAnew(group);
        else await this.#append(group);
        this.#writing = undefined;
        group.resolve();
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #take(group: Group): Group {
    this.#waiting = undefined;
    this.#writing = group;
    return group;
  }

  #mostBytes(): number {
    return 2 * this.#options.keys.bytes + this.#options.slackBytes;
  }

  async #append({ entries }: Group): Promise<void> {
    const records: Buffer[] = [];
    let revision = this.#lasting;
    let chain = this.#chain;
    for (const entry of entries) {
      const encoded = encodeRecord(entry, chain);
      chain = encoded.chain;
      records.push(encoded.bytes);
      if (entry.kind === 'commit') ({ revision } = entry.commit);
    }
    const bytes = records.length === 1 ? records[0]! : Buffer.concat(records);
    const file = this.#file;
    if (!file) throw new Error('the log is closed');
    await writeWhole(file, bytes);
    await file.datasync();
    // Written into what nobody can find again.
    if ((await file.stat()).nlink === 0)
      throw new Error(`its file ${fileName(this.#number)} has been deleted`);
    this.#chain = chain;
    this.#size += bytes.length;
    this.#lasting = revision;
  }

  /** The state that is written tells everything that waits already. */
  async #beginAnew(group: Group): Promise<void> {
    const { revision } = this.#options.keys;
    const covered = this.#waiting;
    this.#waiting = undefined;
    if (covered) void group.lasts.then(covered.resolve, covered.reject);
    await this.begin();
    this.#lasting = revision;
  }

  /** Rule 3. */
  #fail(error: Error): void {
    if (!this.#failure) {
      const words = error.message;
      this.#options.onReport({
        kind: 'log',
        text: {
          en: `the etcd's log cannot be written: ${words}. No further requests are acknowledged: check the disk and the folder, and start again`,
          ko: `etcd 로그에 쓸 수 없습니다: ${words}. 더 이상 어떤 요청도 완료로 응답하지 않습니다. 디스크와 폴더를 확인하고 다시 시작하세요`,
        },
      });
    }
    this.#failure = error;
    for (const group of [this.#writing, this.#waiting]) group?.reject(error);
    this.#writing = undefined;
    this.#waiting = undefined;
  }
}

async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
}

function* pieces(versions: readonly KeyVersion[]): Generator<readonly KeyVersion[]> {
  let piece: KeyVersion[] = [];
  let bytes = 0;
  for (const version of versions) {
    piece.push(version);
    bytes += version.key.length + version.value.length;
    if (bytes < pieceBytes) continue;
    yield piece;
    piece = [];
    bytes = 0;
  }
  if (piece.length > 0) yield piece;
}

/** So that a new name lasts; where a system does not open folders, it has its own ways. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    if (
      !['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? '')
    )
      throw error;
  } finally {
    await handle?.close();
  }
}
