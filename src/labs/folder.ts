/**
 * The learner's folder: made with what a lab begins with, remembered by a file in `.wirelab`, put back to its beginning
 * without losing what is there. What the tasks ask is not decided here.
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
import { createPrivateKey } from 'node:crypto';
import { dirname, join } from 'node:path';
import { makeFolder } from '../capture/file/output-folder.ts';
import type { Clock } from '../core/clock.ts';
import type { Localized } from '../i18n/language.ts';
import { UserError } from '../i18n/user-error.ts';
import { readText } from '../i18n/read-file.ts';
import { requestFor } from '../pki/ca/request.ts';
import { fileName } from '../pki/keystore/world.ts';
import type { World, WorldPart } from '../pki/keystore/world.ts';
import type { CompiledLab } from './lab.ts';
import { passwordSlips } from './checks/wrong-password.ts';
import type { PasswordSlip } from './checks/wrong-password.ts';
import { controlPlaneFiles } from './hold/control-plane-files.ts';
import { giveId, idOf, stateFolder, stateOf } from './state.ts';

/** Where the lab's own certificates lie: it keeps those that the folder's files go with. */
export function certificatesIn(folder: string): string {
  return join(stateOf(folder), 'certs');
}

const recordName = 'lab.json';
const seenName = 'seen.jsonl';
const clusterName = 'cluster.json';

/** Where the objects of a lab's cluster are kept. */
export function clusterIn(folder: string): string {
  return join(stateOf(folder), clusterName);
}

/** Where the logins are kept that a lab's servers saw: for the lab itself, when it is started again. A check asks the lab. */
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
  /** Ports that the lab listened on, by participant: the same ones are taken again. */
  readonly ports: Dictionary<number>;
  /** The same for the extra listeners that servers have for the learner, by wire. */
  readonly doors: Dictionary<number>;
}

/** Bytes of a file of ours; what stands in its place and is no file is not waited for. */
const largest = 32 * 1024 * 1024;

/** What is remembered of a lab in this folder; undefined where it is no lab's. */
export function readLabFolder(folder: string): LabRecord | undefined {
  try {
    const record = JSON.parse(readText(join(folder, stateFolder, recordName), largest)) as LabRecord;
    if (record.madeBy !== 'wirelab' || typeof record.lab !== 'string' || idOf(folder) === undefined)
      return undefined;
    return {
      madeBy: 'wirelab',
      lab: record.lab,
      hints: { ...record.hints },
      done: Array.isArray(record.done) ? record.done : [],
      ports: { ...record.ports },
      doors: { ...record.doors },
    };
  } catch {
    return undefined;
  }
}

/** In a folder that cannot be written nothing is remembered: hints begin again, and other ports are taken. */
export function remember(
  folder: string,
  change: Partial<Pick<LabRecord, 'hints' | 'done' | 'ports' | 'doors'>>,
): void {
  const record = readLabFolder(folder);
  if (!record) return;
  try {
    writeRecord(folder, { ...record, ...change });
  } catch {
    // Comfort, and no more.
  }
}

function writeRecord(folder: string, record: LabRecord): void {
  const path = join(folder, stateFolder, recordName);
  // A check and the lab that is up write it as they like.
  const written = `${path}.${process.pid}.new`;
  writeFileSync(written, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(written, path);
}

/** Files that the folder begins with, by name. A private key is for its owner alone. */
export function startFiles(lab: CompiledLab, world: World): ReadonlyMap<string, string> {
  const files = new Map(Object.entries(lab.start));
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
 * Makes the folder, or goes on in one that was made before.
 * @param makeFiles called once the folder is there, where it is new.
 * @returns whether it was made now.
 * @throws UserError for a folder with other things in it, or of another lab.
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
      what: { en: 'there are other things in this folder', ko: '이 폴더에 다른 파일이 있습니다' },
      where: folder,
      expected: { en: 'a folder that is not there yet, or is empty', ko: '아직 없거나 비어 있는 폴더' },
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
    // Last: a folder that was not finished is begun anew.
    writeRecord(folder, { madeBy: 'wirelab', lab: lab.name, hints: {}, done: [], ports: {}, doors: {} });
  } catch (error) {
    throw unwritable(folder, error, {
      en: 'the lab’s folder cannot be made',
      ko: '실습 폴더를 만들 수 없습니다',
    });
  }
  return true;
}

/** What a folder that cannot be written to comes to. */
export function unwritable(folder: string, error: unknown, what: Localized): UserError {
  if (error instanceof UserError) return error;
  return new UserError(
    {
      what,
      where: folder,
      received: (error as NodeJS.ErrnoException).code ?? String(error),
      remedy: {
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
 * Puts back what the folder began with. What lies there now is moved aside.
 * @returns the name of the folder that it was moved to; undefined where there was nothing to move.
 * @throws UserError where the folder cannot be written.
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
      en: 'the folder cannot be put back to its beginning',
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
  const kept = readdirSync(folder).filter(
    (name) => name !== stateFolder && !name.startsWith('before-reset-'),
  );
  const stamp = new Date(clock.now()).toISOString().replaceAll(':', '').slice(0, 17);
  let aside: string | undefined;
  if (kept.length > 0) {
    aside = `before-reset-${stamp}`;
    for (let number = 2; existsSync(join(folder, aside)); number++) aside = `before-reset-${stamp}-${number}`;
    mkdirSync(join(folder, aside));
    for (const name of kept) renameSync(join(folder, name), join(folder, aside, name));
  }
  placeFiles(folder, files);
  for (const name of [seenName, clusterName]) rmSync(join(stateOf(folder), name), { force: true });
  const { ports = {}, doors = {} } = readLabFolder(folder) ?? {};
  writeRecord(folder, { madeBy: 'wirelab', lab: lab.name, hints: {}, done: [], ports, doors });
  return aside;
}

/** A login that a server of the lab's saw. */
export interface SeenLogin {
  /** ISO 8601. */
  readonly at: string;
  readonly server: string;
  readonly user: string;
  readonly accepted: boolean;
  /** Of a wrong password, where it is known. */
  readonly slip?: PasswordSlip;
}

/** @throws UserError when they cannot be written down. */
export function appendSeen(folder: string, logins: readonly SeenLogin[]): void {
  if (logins.length === 0) return;
  try {
    makeFolder(stateOf(folder));
    appendFileSync(seenIn(folder), logins.map((login) => `${JSON.stringify(login)}\n`).join(''));
  } catch (error) {
    throw unwritable(folder, error, {
      en: 'what the lab saw cannot be written down',
      ko: '실습 기록을 저장할 수 없습니다',
    });
  }
}

/** In the order in which they came; a line that is none is passed over. */
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
