/**
 * A lab's folder made into one JSON value: its tasks, its part of the scenario, the files that a learner begins with, its
 * text in every language. Run at build. What a learner begins with must be broken in what it does, not in its form: it
 * is read here as a check will read it.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { languages } from '../i18n/language.ts';
import type { Language } from '../i18n/language.ts';
import { Mistake } from '../i18n/mistake.ts';
import { readPart, readRecipe } from '../scenario/compile.ts';
import type { NarrationSource } from '../scenario/narration.ts';
import type { ScenarioFile } from '../scenario/scenario.ts';
import { parseLabNarration } from './narration.ts';
import { settingsFile } from './lab.ts';
import type { CompiledLab, TasksFile } from './lab.ts';
import { learnersScenario } from './learner.ts';
import { tasksSchema } from './schema.ts';

export interface LabCompileOptions {
  readonly recipeFolders: readonly string[];
  /** How the folder is named in messages. */
  readonly shownAs: string;
}

/** @throws Mistake that lists what is wrong. */
export async function compileLab(folder: string, { recipeFolders, shownAs }: LabCompileOptions): Promise<CompiledLab> {
  const scenario = readPart(join(folder, 'scenario.yaml'), join(shownAs, 'scenario.yaml'));
  const tasks = parseTasks(readPart(join(folder, 'tasks.yaml'), join(shownAs, 'tasks.yaml')), join(shownAs, 'tasks.yaml'));
  const sources = Object.fromEntries(
    await Promise.all(
      languages.map(async (language) => {
        const file = join(shownAs, `${language}.md`);
        return [language, { file, text: readPart(join(folder, `${language}.md`), file) }] as const;
      }),
    ),
  ) as Record<Language, NarrationSource>;
  const recipeName = (parse(scenario) as { readonly certificates?: string } | null)?.certificates;
  const lab: CompiledLab = {
    v: 1,
    name: basename(resolve(folder)),
    scenario,
    tasks,
    start: await startFiles(join(folder, 'start')),
    narration: parseLabNarration(sources, tasks.tasks.map(({ id }) => id)),
    ...(recipeName === undefined ? {} : { certificates: { name: `lab-${basename(resolve(folder))}`, recipe: await readRecipe(recipeName, [folder, ...recipeFolders], join(shownAs, 'scenario.yaml')) } }),
  };
  const { file } = await learnersScenario(lab, lab.start[settingsFile]);
  demandNames(tasks, file, join(shownAs, 'tasks.yaml'));
  const steps = file.steps.map(({ id }) => id);
  const named = [...tasks.tasks.flatMap((task) => task.steps ?? []), ...(tasks.recorded?.steps ?? []), ...(tasks.repeated?.steps ?? [])];
  for (const step of named) {
    if (!steps.includes(step)) {
      throw new Mistake({
        what: { en: 'the scenario has no such step', ko: '시나리오에 그런 단계가 없습니다' },
        where: join(shownAs, 'tasks.yaml'),
        expected: { en: steps.join(', '), ko: steps.join(', ') },
        received: step,
      });
    }
  }
  return lab;
}

function parseTasks(text: string, where: string): TasksFile {
  const checked = tasksSchema.safeParse(parse(text));
  const [issue] = checked.error?.issues ?? [];
  const fits = checked.success && checked.data.tasks.every((one) => isOfOneKind(one) && (['cluster', 'controlPlane'] as const).every((part) => (one[part] === undefined) === (checked.data[part] === undefined)));
  if (fits) return checked.data;
  throw new Mistake({
    what: { en: `the tasks are not in the form they should have: ${issue?.message ?? 'a task has steps, a login, or, where the lab has a cluster or a control plane, that'}`, ko: `실습 과제 파일의 형식이 잘못되었습니다: ${issue?.message ?? '과제에는 steps나 login 중 하나가, 클러스터나 컨트롤 플레인이 있는 실습이라면 cluster나 controlPlane이 있어야 합니다'}` },
    where: issue ? `${where}: ${issue.path.map(String).join('.')}` : where,
  });
}

function isOfOneKind({ steps, login, cluster, controlPlane }: TasksFile['tasks'][number]): boolean {
  return [steps, login, cluster, controlPlane].filter((one) => one !== undefined).length === 1;
}

/** That what the tasks say of a cluster names somebody in the scenario. @throws Mistake */
function demandNames({ cluster, controlPlane, tasks, yours = {} }: TasksFile, file: ScenarioFile, where: string): void {
  const claims = tasks.flatMap((task) => task.cluster ?? []);
  const named: readonly (readonly [table: object, names: readonly string[]])[] = [
    [file.servers, [cluster, controlPlane].flatMap((one) => one?.server ?? [])],
    [file.clients, [...[cluster, controlPlane].flatMap((one) => one?.asks ?? []), ...(cluster ? [cluster.administrator] : []), ...claims.flatMap((claim) => ('rights' in claim ? [claim.rights.client] : []))]],
    [yours, claims.flatMap((claim) => ('known' in claim ? [claim.known.certificate] : []))],
  ];
  for (const [table, names] of named) {
    const unknown = names.find((name) => !Object.hasOwn(table, name));
    const known = Object.keys(table).join(', ');
    if (unknown !== undefined) throw new Mistake({ what: { en: 'the scenario has nobody of that name', ko: '시나리오에 그런 이름이 없습니다' }, where, expected: { en: known, ko: known }, received: unknown });
  }
}

/** Text files, by their paths there; a lab without any has no such folder. */
async function startFiles(folder: string): Promise<Record<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const names = found.filter((one) => one.isFile()).map((one) => relative(folder, join(one.parentPath, one.name)).replaceAll('\\', '/'));
  return Object.fromEntries(await Promise.all(names.toSorted((one, other) => (one < other ? -1 : 1)).map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)));
}
