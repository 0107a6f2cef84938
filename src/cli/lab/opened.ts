/**
 * What the actions of `wirelab lab` share: the lab of a folder, the command that starts it, and how wirelab is called from
 * there. A checkout is not in the PATH: a command that is printed has a path that works.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { wantsAscii } from '../../i18n/ascii.ts';
import { UserError } from '../../i18n/user-error.ts';

import { readLabFolder, startFiles } from '../../labs/folder.ts';
import { askUp } from '../../labs/hold/claim.ts';
import type { CompiledLab } from '../../labs/lab.ts';
import { begunLab } from '../../labs/source.ts';
import { labWorld } from '../../labs/world.ts';
import type { PageOptions } from '../../ui/status/page.ts';
import { LabReport, tasksText } from '../../ui/text/lab.ts';
import type { Environment, Parsed } from '../command.ts';
import { lineWriter } from '../io/outlets.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { labPlaces, launcherFrom } from '../places.ts';

export interface OpenedLab {
  readonly folder: string;
  readonly compiled: CompiledLab;
  /** The author's folder, if it is not one of wirelab's labs. */
  readonly source?: string;
  readonly record: NonNullable<ReturnType<typeof readLabFolder>>;
}

/** @throws UserError if the folder is not a lab's. */
export async function openedLab(parsed: Parsed, { places }: Environment): Promise<OpenedLab> {
  const folder = folderOf(parsed.text('folder'), '.');
  const record = readLabFolder(folder);
  if (record) {
    const { lab: compiled, ...from } = await begunLab(folder, record.lab, labPlaces(places));
    return { folder, record, compiled, ...from };
  }
  const first = await mostLikely(folder, labFoldersIn(folder));
  throw new UserError({
    what: { en: 'not a lab folder', ko: '실습 폴더가 아닙니다' },
    where: folder,
    expected: { en: 'the folder created by ./wirelab lab NAME', ko: './wirelab lab 이름 명령으로 만든 폴더' },
    remedy:
      first === undefined
        ? {
            en: 'Run ./wirelab lab find-the-password to start a lab.',
            ko: '시작하려면: ./wirelab lab find-the-password',
          }
        : { en: `cd ${first}, or --folder ${first}`, ko: `cd ${first} 또는 --folder ${first}` },
  });
}

/** The first of the folders in which a lab is up; the first of all where none is. */
async function mostLikely(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if ((await askUp(join(folder, name)))?.answer) return name;
  return names[0];
}

/** None where there is no folder, or one that cannot be read. */
function labFoldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => readLabFolder(join(folder, name)) !== undefined);
  } catch {
    return [];
  }
}

/** @throws UserError if the working folder was deleted. */
export function folderOf(asked: string | undefined, otherwise: string): string {
  try {
    return resolve(asked ?? otherwise);
  } catch (error) {
    throw new UserError(
      {
        what: { en: 'the current folder no longer exists', ko: '현재 폴더가 없어졌습니다' },
        where: 'wirelab lab',
        received: (error as NodeJS.ErrnoException).code ?? String(error),
        remedy: {
          en: 'It was moved or deleted. Change to where it is now (cd), or name it: --folder DIR',
          ko: '폴더가 이동했거나 삭제되었습니다. 지금 있는 곳으로 이동하거나(cd) 폴더를 지정하세요: --folder 폴더',
        },
      },
      { cause: error },
    );
  }
}

/**
 * Where a lab is begun without a folder being named: in the current one, or beside it where a lab was begun there. That lab itself
 * goes on.
 */
export function folderFor(name: string): string {
  const here = folderOf(undefined, '.');
  const begun = readLabFolder(here)?.lab;
  if (begun === name) return here;
  return join(begun === undefined ? here : dirname(here), `lab-${name}`);
}

/** Absolute: the lab's folder may be anywhere. */
export function startCommand(name: string, folder: string, { places: { root } }: Environment): string {
  const launcher = join(root, 'wirelab');
  return `${existsSync(launcher) ? shellWord(launcher) : 'wirelab'} lab ${shellWord(name)} --folder ${shellWord(folder)}`;
}

/** The initial files of a lab folder. */
export async function beginning(
  compiled: CompiledLab,
  folder: string,
  environment: Environment,
  isReset = false,
): Promise<ReadonlyMap<string, string>> {
  const lines: string[] = [];
  tasksText(compiled, environment.language, (line) => lines.push(line), launcherFrom(folder, environment));
  return new Map([
    ...startFiles(compiled, await labWorld(compiled, folder, isReset), environment.language),
    ['README.md', `${lines.join('\n')}\n`],
  ]);
}

export function reportOf(
  compiled: CompiledLab,
  folder: string,
  parsed: Parsed,
  environment: Environment,
): LabReport {
  return new LabReport(compiled, {
    command: launcherFrom(folder, environment),
    ...pageOf(parsed, environment),
  });
}

/** How lines are printed. */
export function pageOf(parsed: Parsed, environment: Environment): PageOptions {
  const { language, variables, stdout } = environment;
  return {
    language,
    ascii: parsed.flag('ascii') || wantsAscii(variables),
    columns: Math.max(40, Math.min(100, stdout.columns || 80)),
    write: lineWriter(environment),
  };
}
