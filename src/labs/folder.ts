/**
 * The learner's folder: it is created with a lab's initial files, has a record in `.wirelab`, and can be reset without losing
 * its contents.
 *
 * 1. What has been done and which hints were given is kept with the lab's own state: the record in the folder could be edited.
 * 2. Files are prepared whole before others are moved: where the disk is full, the folder stays as it was.
 */
import type { Dictionary } from '../core/dictionary.ts';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createHash, createPrivateKey } from 'node:crypto';
import { dirname, join } from 'node:path';
import { isFull } from '../capture/file/output-file.ts';
import { makeFolder } from '../capture/file/output-folder.ts';
import type { Clock } from '../core/clock.ts';
import type { Language, Localized } from '../i18n/language.ts';
import { UserError } from '../i18n/user-error.ts';
import { readText } from '../i18n/read-file.ts';
import { requestFor } from '../pki/ca/request.ts';
import { fileName } from '../pki/keystore/world.ts';
import type { World, WorldPart } from '../pki/keystore/world.ts';
import type { CompiledLab } from './lab.ts';
import { passwordSlips } from './checks/wrong-password.ts';
import type { PasswordSlip } from './checks/wrong-password.ts';
import { controlPlaneFiles } from './hold/control-plane-files.ts';
import { giveId, idOf, replaceFile, stateFolder, stateOf } from './state.ts';

/** Where the lab's own certificates are: those that match the folder's files. */
export function certificatesIn(folder: string): string {
  return join(stateOf(folder), 'certs');
}

/** Where the lab's commands are as scripts, while it runs. */
export const scriptsFolder = 'try';
const recordName = 'lab.json';
const progressName = 'progress.json';
const seenName = 'seen.jsonl';
const clusterName = 'cluster.json';
const pendingName = 'reset-tasks.json';

/** Where the objects of a lab's cluster are kept. */
export function clusterIn(folder: string): string {
  return join(stateOf(folder), clusterName);
}

/** Where the tasks are noted whose objects are to be put back in the cluster. */
export function pendingIn(folder: string): string {
  return join(stateOf(folder), pendingName);
}

/** Where the logins at a lab's servers are kept, for a restart of the lab. A check asks the running lab. */
export function seenIn(folder: string): string {
  return join(stateOf(folder), seenName);
}

interface LabRecord {
  readonly madeBy: 'wirelab';
  readonly lab: string;
  /** How many hints were given, by task. */
  readonly hints: Dictionary<number>;
  /** Tasks that a check found done. */
  readonly done: readonly string[];
  /** When a check first found each done, ISO 8601. */
  readonly doneAt: Dictionary<string>;
  /** The lab that the folder was made from (`fingerprintOf`); undefined if an older wirelab made it. */
  readonly made?: string;
  /** Ports that the lab listened on, by participant: the same ones are taken again. */
  readonly ports: Dictionary<number>;
  /** The same for the extra listeners that servers have for the learner, by wire. */
  readonly doors: Dictionary<number>;
}

/** The most bytes of a file of ours; anything but a regular file is not read. */
const largest = 32 * 1024 * 1024;

/** The record of the lab in this folder; undefined if it is not a lab's. */
export function readLabFolder(folder: string): LabRecord | undefined {
  try {
    const record = readRecord(folder);
    if (record.madeBy !== 'wirelab' || typeof record.lab !== 'string' || idOf(folder) === undefined)
      return undefined;
    // An older wirelab kept all of it in the folder.
    const { hints, done, doneAt, made } = readProgress(folder) ?? record;
    return {
      madeBy: 'wirelab',
      lab: record.lab,
      hints: { ...hints },
      done: Array.isArray(done) ? done : [],
      doneAt: { ...doneAt },
      ...(typeof made === 'string' ? { made } : {}),
      ports: { ...record.ports },
      doors: { ...record.doors },
    };
  } catch {
    return undefined;
  }
}

/** What is in the folder itself. @throws if it cannot be read, or is none */
const readRecord = (folder: string): LabRecord =>
  JSON.parse(readText(join(folder, stateFolder, recordName), largest)) as LabRecord;

type Progress = Pick<LabRecord, 'hints' | 'done' | 'doneAt' | 'made'>;

function readProgress(folder: string): Partial<Progress> | undefined {
  try {
    return JSON.parse(readText(join(stateOf(folder), progressName), largest)) as Partial<Progress>;
  } catch {
    return undefined;
  }
}

/** What a folder begins with and is asked for: a folder of another version of the lab cannot be checked. */
export function fingerprintOf({
  tasks: { course: _course, programs: _programs, ...tasks },
  start,
  certificates,
}: CompiledLab): string {
  return createHash('sha256')
    .update(JSON.stringify([tasks, start, certificates]))
    .digest('hex')
    .slice(0, 16);
}

/** @throws UserError if the folder was made from another version of the lab. */
export function demandSameVersion(folder: string, lab: CompiledLab): void {
  const record = readLabFolder(folder);
  if (!record || record.made === fingerprintOf(lab)) return;
  if (!readProgress(folder) && !isOfOlder(folder)) throw withoutProgress(folder);
  throw new UserError({
    what: {
      en: 'this folder was begun with another version of the lab',
      ko: '이 폴더는 이 실습의 다른 버전으로 시작했습니다',
    },
    where: folder,
    remedy: {
      en: 'Run wirelab lab reset in that folder: it starts the lab over as it is now, and keeps your files aside.',
      ko: '그 폴더에서 wirelab lab reset을 실행하면 지금 버전으로 처음부터 시작하고, 지금 파일은 따로 보관합니다.',
    },
  });
}

/** An older wirelab kept all of its record in the folder. */
function isOfOlder(folder: string): boolean {
  return Object.hasOwn(readRecord(folder), 'done');
}

function withoutProgress(folder: string): UserError {
  const path = join(stateOf(folder), progressName);
  return new UserError({
    what: {
      en: 'the record of what was done in this folder is not there',
      ko: '이 폴더에서 어디까지 했는지 적어 둔 기록이 없습니다',
    },
    where: folder,
    expected: { en: path, ko: path },
    remedy: {
      en: 'It is kept for the user who began the lab: run the command as that user, not with sudo, and with the same HOME and XDG_STATE_HOME. If it is lost, wirelab lab reset starts the lab over, and keeps your files aside.',
      ko: '기록은 실습을 시작한 사용자의 폴더에 있습니다. sudo 없이 그 사용자로 실행하세요(환경 변수 HOME, XDG_STATE_HOME도 그때와 같아야 합니다). 기록이 없어졌다면 wirelab lab reset으로 처음부터 시작할 수 있고, 지금 파일은 따로 보관합니다.',
    },
  });
}

/** In a read-only folder nothing is remembered: hints start over, and other ports are used. */
export function remember(
  folder: string,
  change: Partial<Pick<LabRecord, 'hints' | 'done' | 'doneAt' | 'ports' | 'doors'>>,
): void {
  const record = readLabFolder(folder);
  if (!record) return;
  try {
    writeRecord(folder, { ...record, ...change });
  } catch {
    // The record is a convenience only.
  }
}

function writeRecord(folder: string, { hints, done, doneAt, made, ...record }: LabRecord): void {
  const text = (content: object): string => `${JSON.stringify(content, null, 2)}\n`;
  replaceFile(join(stateOf(folder), progressName), text({ hints, done, doneAt, made }));
  replaceFile(join(folder, stateFolder, recordName), text(record));
}

/** The record of a folder that nothing has been done in. */
function newRecord(lab: CompiledLab, { ports = {}, doors = {} }: Partial<LabRecord> = {}): LabRecord {
  return {
    madeBy: 'wirelab',
    lab: lab.name,
    hints: {},
    done: [],
    doneAt: {},
    made: fingerprintOf(lab),
    ports,
    doors,
  };
}

/** The folder's initial files, by name. A private key is readable by its owner only. */
export function startFiles(
  lab: CompiledLab,
  world: World,
  language: Language = 'en',
): ReadonlyMap<string, string> {
  const files = new Map(Object.entries({ ...lab.start, ...lab.startIn?.[language] }));
  for (const [name, given] of Object.entries(lab.tasks.gives ?? {})) files.set(name, partOf(world, given));
  for (const [name, { row, names }] of Object.entries(lab.tasks.requests ?? {})) {
    const commonName = names[0]?.replace(/^DNS:/, '') ?? row;
    files.set(
      name,
      requestFor(createPrivateKey(world.identity(row).key), { subject: [['CN', commonName]], san: names }),
    );
  }
  if (lab.tasks.controlPlane)
    for (const [name, text] of controlPlaneFiles(world, lab.tasks.controlPlane.kubeconfigs))
      files.set(name, text);
  return files;
}

/** A file of the recipe's, by its name there. */
function partOf(world: World, given: string): string {
  const parts: Readonly<Record<WorldPart, (row: string) => string | undefined>> = {
    'chain.crt': (row) => world.chain(row),
    crt: (row) => world.certificate(row),
    key: (row) => world.identity(row).key,
    crl: (row) => world.crl(row),
  };
  for (const part of Object.keys(parts) as WorldPart[]) {
    const row = given.slice(0, -part.length - 1);
    const text = fileName(row, part) === given ? parts[part](row) : undefined;
    if (text !== undefined) return text;
  }
  throw new Error(`the recipe makes no ${given}`);
}

/**
 * Creates the folder, or continues in an existing one.
 * @param makeFiles called once a new folder exists.
 * @returns whether it is new.
 * @throws UserError for a folder with other files in it, or of another lab.
 */
export async function openLabFolder(
  folder: string,
  lab: CompiledLab,
  makeFiles: () => Promise<ReadonlyMap<string, string>>,
): Promise<boolean> {
  const known = readLabFolder(folder);
  if (known && known.lab !== lab.name) {
    throw new UserError({
      what: { en: 'another lab was begun in this folder', ko: '이 폴더에서는 다른 실습이 진행 중입니다' },
      where: folder,
      received: known.lab,
      remedy: {
        en: `Name a folder of its own: ./wirelab lab ${lab.name} --folder DIR`,
        ko: `다른 폴더를 지정하세요: ./wirelab lab ${lab.name} --folder 폴더`,
      },
    });
  }
  if (known) return false;
  if (
    existsSync(folder) &&
    statSync(folder).isDirectory() &&
    readdirSync(folder).some((name) => name !== stateFolder)
  ) {
    throw new UserError({
      what: { en: 'this folder contains other files', ko: '이 폴더에 다른 파일이 있습니다' },
      where: folder,
      expected: { en: 'a new or empty folder', ko: '아직 없거나 비어 있는 폴더' },
      remedy: {
        en: `Name another one: ./wirelab lab ${lab.name} --folder DIR`,
        ko: `다른 폴더를 지정하세요: ./wirelab lab ${lab.name} --folder 폴더`,
      },
    });
  }
  try {
    makeFolder(join(folder, stateFolder));
    giveId(folder);
    placeFiles(folder, await makeFiles());
    // Last: an unfinished folder is created again.
    writeRecord(folder, newRecord(lab));
  } catch (error) {
    throw unwritable(folder, error, {
      en: 'the lab’s folder cannot be created',
      ko: '실습 폴더를 만들 수 없습니다',
    });
  }
  return true;
}

/** The error for a folder that cannot be written to. */
export function unwritable(folder: string, error: unknown, what: Localized): UserError {
  if (error instanceof UserError) return error;
  const { code = String(error) } = error as NodeJS.ErrnoException;
  return new UserError(
    {
      what,
      where: folder,
      received: code,
      remedy: isFull(error)
        ? {
            en: 'The disk is full. Your files are as they were: free some space, and run the command again.',
            ko: '디스크가 가득 찼습니다. 지금 파일은 그대로이니, 공간을 비운 뒤 명령을 다시 실행하세요.',
          }
        : {
            en: 'Name a folder that you may write to: --folder DIR',
            ko: '쓰기 권한이 있는 폴더를 지정하세요: --folder 폴더',
          },
    },
    { cause: error },
  );
}

function placeFiles(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [name, text] of files) {
    const path = join(folder, name);
    makeFolder(dirname(path));
    writeFileSync(path, text, { mode: /\.(?:key|conf)$/.test(name) ? 0o600 : 0o644 });
  }
}

/**
 * Restores the folder's initial files. Its present contents are moved aside.
 * @returns the name of the folder that they were moved to; undefined if there was nothing to move.
 * @throws UserError if the folder cannot be written.
 */
export function resetLabFolder(
  folder: string,
  lab: CompiledLab,
  files: ReadonlyMap<string, string>,
  clock: Pick<Clock, 'now'>,
): string | undefined {
  try {
    return putBack(folder, lab, files, clock);
  } catch (error) {
    throw unwritable(folder, error, {
      en: 'the folder cannot be reset',
      ko: '폴더를 처음 상태로 되돌릴 수 없습니다',
    });
  }
}

function putBack(
  folder: string,
  lab: CompiledLab,
  files: ReadonlyMap<string, string>,
  clock: Pick<Clock, 'now'>,
): string | undefined {
  // Another lab's folder in this one is none of its contents.
  const kept = readdirSync(folder).filter(
    (name) =>
      name !== stateFolder &&
      name !== scriptsFolder &&
      !name.startsWith('before-reset-') &&
      readLabFolder(join(folder, name)) === undefined,
  );
  const aside = replaceFiles(folder, kept, files, clock);
  for (const name of [seenName, clusterName, pendingName])
    rmSync(join(stateOf(folder), name), { force: true });
  writeRecord(folder, newRecord(lab, readLabFolder(folder)));
  return aside;
}

/**
 * Moves names of the folder aside, and puts files there; these are written first, beside.
 * @returns the name of the folder that the others were moved to; undefined if there was nothing to move.
 */
export function replaceFiles(
  folder: string,
  names: readonly string[],
  files: ReadonlyMap<string, string>,
  clock: Pick<Clock, 'now'>,
): string | undefined {
  const fresh = join(folder, stateFolder, `fresh-${process.pid}`);
  try {
    makeFolder(fresh);
    placeFiles(fresh, files);
    const aside = names.length === 0 ? undefined : moveAside(folder, names, clock);
    for (const name of files.keys()) {
      makeFolder(dirname(join(folder, name)));
      renameSync(join(fresh, name), join(folder, name));
    }
    return aside;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function moveAside(folder: string, names: readonly string[], clock: Pick<Clock, 'now'>): string {
  const stamp = new Date(clock.now()).toISOString().replaceAll(':', '').slice(0, 17);
  let aside = `before-reset-${stamp}`;
  for (let number = 2; existsSync(join(folder, aside)); number++) aside = `before-reset-${stamp}-${number}`;
  mkdirSync(join(folder, aside));
  for (const name of names) {
    makeFolder(dirname(join(folder, aside, name)));
    renameSync(join(folder, name), join(folder, aside, name));
  }
  return aside;
}

/** Takes the logins of an account out of the record: the running lab forgets them, too. */
export function forgetLogins(folder: string, server: string, user: string): void {
  const left = readSeen(folder).filter((login) => login.server !== server || login.user !== user);
  if (existsSync(seenIn(folder)))
    replaceFile(seenIn(folder), left.map((login) => `${JSON.stringify(login)}\n`).join(''));
}

/** A login at a server of the lab. */
export interface SeenLogin {
  /** ISO 8601. */
  readonly at: string;
  readonly server: string;
  readonly user: string;
  readonly accepted: boolean;
  /** The kind of a wrong password, if it is known. */
  readonly slip?: PasswordSlip;
}

/** @throws UserError if they cannot be recorded. */
export function appendSeen(folder: string, logins: readonly SeenLogin[]): void {
  if (logins.length === 0) return;
  try {
    makeFolder(stateOf(folder));
    appendFileSync(seenIn(folder), logins.map((login) => `${JSON.stringify(login)}\n`).join(''));
  } catch (error) {
    throw unwritable(folder, error, {
      en: 'the lab’s logins cannot be recorded',
      ko: '실습 기록을 저장할 수 없습니다',
    });
  }
}

/** The same in the place of all that were recorded. @throws UserError if they cannot be recorded. */
export function keepSeen(folder: string, logins: readonly SeenLogin[]): void {
  try {
    replaceFile(seenIn(folder), logins.map((login) => `${JSON.stringify(login)}\n`).join(''));
  } catch (error) {
    throw unwritable(folder, error, {
      en: 'the lab’s logins cannot be recorded',
      ko: '실습 기록을 저장할 수 없습니다',
    });
  }
}

/** In their order; invalid lines are skipped. */
export function readSeen(folder: string): SeenLogin[] {
  let text: string;
  try {
    text = readText(seenIn(folder), largest);
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line): SeenLogin[] => {
    try {
      const { at, server, user, accepted, slip } = JSON.parse(line) as SeenLogin;
      const isOne =
        typeof at === 'string' &&
        typeof server === 'string' &&
        typeof user === 'string' &&
        typeof accepted === 'boolean';
      return isOne
        ? [
            {
              at,
              server,
              user,
              accepted,
              ...(slip !== undefined && Object.hasOwn(passwordSlips, slip) ? { slip } : {}),
            },
          ]
        : [];
    } catch {
      return [];
    }
  });
}

/** What is recorded of the tasks, and of the hints that were given. */
export function progressIn(folder: string): Pick<LabRecord, 'done' | 'hints'> {
  const { done = [], hints = {} } = readLabFolder(folder) ?? {};
  return { done, hints };
}
