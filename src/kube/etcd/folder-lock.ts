/**
 * One process at a time in a folder: a file that says which. A process that crashed leaves the file behind, but not the
 * claim: whoever comes next sees that it is gone.
 *
 * 1. A process is known by its number, and where the system tells it (Linux) by when it was started: numbers come again.
 *    One that has ended, and that nobody has asked for its exit code yet, is gone.
 * 2. A file that is left behind is moved aside before a new one is made, and looked at again there: of two who find it at
 *    once, one has it.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../i18n/user-error.ts';

interface Holder {
  readonly process: number;
  /** When it was started, in the system's own measure; empty where it is not told. */
  readonly started: string;
  /** Which of its locks, so that one process does not take its own for one left behind by another of its number. */
  readonly mark: string;
}

/** Marks of the locks that this process holds. */
const held = new Set<string>();

/**
 * Made where it is not there, and this process's own.
 * @param name of the file that says so.
 * @returns what gives it back. @throws UserError when another process is in the folder, or this one is already; and when it cannot be written to.
 */
export function claimFolder(folder: string, name = 'lock'): () => void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return lock(join(folder, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof UserError || code === undefined) throw error;
    throw new UserError(
      {
        what: {
          en: 'etcd cannot store data in this folder',
          ko: 'etcd가 이 폴더에 데이터를 저장할 수 없습니다',
        },
        where: folder,
        received: code,
        remedy: { en: 'Specify a writable folder.', ko: '쓸 수 있는 폴더를 지정하세요.' },
      },
      { cause: error },
    );
  }
}

function lock(path: string): () => void {
  const mark = randomBytes(8).toString('hex');
  const text = JSON.stringify({
    process: process.pid,
    started: startOf(process.pid) ?? '',
    mark,
  } satisfies Holder);
  // Each turn somebody else's claim has turned out to be stale, or was given back meanwhile.
  for (let turn = 0; turn < 100; turn++) {
    if (isMade(path, text)) {
      held.add(mark);
      return () => {
        held.delete(mark);
        if (contentOf(path) === text) rmSync(path, { force: true });
      };
    }
    const found = contentOf(path);
    if (found === undefined) continue;
    const holder = holderIn(found);
    if (holder && isHeld(holder)) throw inUse(path, holder);
    moveAside(path, found, mark);
  }
  throw inUse(path, undefined);
}

/** In one step, with its content: nobody ever sees it half. */
function isMade(path: string, text: string): boolean {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // A file system without links: half of it may be seen then, and is taken for left behind.
    if (code !== 'EPERM' && code !== 'ENOSYS' && code !== 'ENOTSUP') throw error;
    return isWritten(path, text);
  } finally {
    rmSync(draft, { force: true });
  }
}

function isWritten(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function moveAside(path: string, stale: string, mark: string): void {
  const aside = `${path}.${mark}.stale`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  // Somebody was faster, and this is a claim that stands: it is put back.
  if (contentOf(aside) !== stale) {
    try {
      linkSync(aside, path);
    } catch {
      // Its owner sees that it is not his any more when he gives it back.
    }
  }
  rmSync(aside, { force: true });
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function holderIn(text: string): Holder | undefined {
  try {
    const { process: number, started, mark } = JSON.parse(text) as Partial<Holder>;
    return typeof number === 'number' &&
      Number.isSafeInteger(number) &&
      number > 0 &&
      typeof started === 'string' &&
      typeof mark === 'string'
      ? { process: number, started, mark }
      : undefined;
  } catch {
    return undefined;
  }
}

function isHeld({ process: number, started, mark }: Holder): boolean {
  if (number === process.pid) return held.has(mark);
  try {
    process.kill(number, 0);
  } catch (error) {
    // Whoever may not be asked is there.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (hasEnded(number)) return false;
  const now = startOf(number);
  return now === undefined || started === '' || now === started;
}

/** A zombie (proc(5), field 3): it answers to its number, and does nothing any more. */
function hasEnded(number: number): boolean {
  return ['Z', 'X'].includes(statusOf(number)[0] ?? '');
}

/** The fields of proc(5) from the third on; none where there is no such file. */
function statusOf(number: number): readonly string[] {
  const status = contentOf(`/proc/${number}/stat`);
  // The name in brackets may hold anything; what follows is counted from behind it.
  return status?.slice(status.lastIndexOf(')') + 2).split(' ') ?? [];
}

/** Which start of the machine it was, and when after that (proc(5), field 22); undefined where there is no such file. */
function startOf(number: number): string | undefined {
  const boot = contentOf('/proc/sys/kernel/random/boot_id')?.trim();
  const ticks = statusOf(number)[19];
  return ticks === undefined || boot === undefined ? undefined : `${boot}/${ticks}`;
}

function inUse(path: string, holder: Holder | undefined): UserError {
  const pid = holder && `pid ${holder.process}`;
  return new UserError({
    what:
      pid === undefined
        ? {
            en: 'another process runs an etcd in this folder',
            ko: '다른 프로세스가 이 폴더의 etcd를 사용하고 있습니다',
          }
        : {
            en: `another process runs an etcd in this folder: ${pid}`,
            ko: `다른 프로세스(${pid})가 이 폴더의 etcd를 사용하고 있습니다`,
          },
    where: path,
    remedy: {
      en: `End that process${pid === undefined ? '' : ` (${pid})`} first, or specify another folder.`,
      ko: `먼저 그 프로세스${pid === undefined ? '' : `(${pid})`}를 종료하거나 다른 폴더를 지정하세요.`,
    },
  });
}
