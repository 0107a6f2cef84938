/**
 * Which author's folder a learner's folder was begun from, so that a check, a hint and a reset read the lab there again. It is kept in
 * the lab's own state and not in the learner's folder: whoever edits that one chooses no other tasks.
 */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../i18n/user-error.ts';
import { readText } from '../i18n/read-file.ts';
import { fingerprintOf, readLabFolder, unwritable } from './folder.ts';
import { labAt, loadLab } from './load.ts';
import type { FoundLab, LabPlaces } from './load.ts';
import { stateOf } from './state.ts';

const sourceName = 'source.json';
/** The most bytes of the file. */
const largest = 64 * 1024;

/** The author's folder; undefined for a lab that comes with wirelab. */
export function sourceOf(folder: string): string | undefined {
  try {
    const { source } = JSON.parse(readText(join(stateOf(folder), sourceName), largest)) as {
      readonly source?: unknown;
    };
    return typeof source === 'string' ? source : undefined;
  } catch {
    return undefined;
  }
}

/** @throws UserError if it cannot be kept. */
export function keepSource(folder: string, source: string): void {
  try {
    const path = join(stateOf(folder), sourceName);
    const written = `${path}.${process.pid}.new`;
    writeFileSync(written, `${JSON.stringify({ source })}\n`, { mode: 0o600 });
    renameSync(written, path);
  } catch (error) {
    throw unwritable(folder, error, {
      en: 'the lab’s state cannot be written',
      ko: '실습의 상태를 저장할 수 없습니다',
    });
  }
}

/**
 * An author's lab by the name with which a learner's folder began it. The name of a lab is that of its folder: once it has been moved
 * and renamed, the lab itself is the same.
 */
function underName({ lab, ...from }: FoundLab, name: string): FoundLab {
  if (lab.name === name) return { lab, ...from };
  const { certificates, ...rest } = lab;
  return {
    lab: {
      ...rest,
      name,
      ...(certificates ? { certificates: { ...certificates, name: `lab-${name}` } } : {}),
    },
    ...from,
  };
}

/** The lab that was begun in a folder, where it was found under another name and what was begun is no longer in its place. */
export function goingOn(folder: string, found: FoundLab): FoundLab {
  const record = readLabFolder(folder);
  const before = sourceOf(folder);
  if (!record || before === undefined || found.source === undefined || existsSync(join(before, 'tasks.yaml')))
    return found;
  const renamed = underName(found, record.lab);
  return fingerprintOf(renamed.lab) === record.made ? renamed : found;
}

/** @throws UserError for a folder in which a lab of wirelab's was begun and one of the same name is an author's, or the reverse. */
export function demandSameKind(folder: string, { lab, source }: FoundLab): void {
  const begun = readLabFolder(folder);
  if (begun?.lab !== lab.name || (sourceOf(folder) === undefined) === (source === undefined)) return;
  throw new UserError({
    what: {
      en: 'another lab of the same name was begun in this folder',
      ko: '이 폴더에서는 이름이 같은 다른 실습이 진행 중입니다',
    },
    where: folder,
    received: sourceOf(folder) ?? lab.name,
    remedy: {
      en: 'Name a folder of its own: --folder DIR',
      ko: '다른 폴더를 지정하세요: --folder 폴더',
    },
  });
}

/**
 * The lab that was begun in a learner's folder.
 * @param name in the folder's record.
 * @throws UserError where the author's folder is gone, or contains another lab or an invalid one.
 */
export async function begunLab(folder: string, name: string, places: LabPlaces): Promise<FoundLab> {
  const source = sourceOf(folder);
  if (source === undefined) return { lab: loadLab(name, places.compiled) };
  try {
    return underName(await labAt(source, places), name);
  } catch (error) {
    if (!(error instanceof UserError) || error.facts.where !== source) throw error;
    throw new UserError(
      {
        what: {
          en: 'the folder that this lab comes from is gone',
          ko: '이 실습을 담고 있던 폴더가 없어졌습니다',
        },
        where: source,
        remedy: {
          en: `Put it back, or continue from its new place, whatever its name is there: ./wirelab lab PATH --folder ${folder}`,
          ko: `되돌려 놓거나, 새 위치에서 이어 가세요. 폴더 이름은 달라도 됩니다: ./wirelab lab 경로 --folder ${folder}`,
        },
      },
      { cause: error },
    );
  }
}
