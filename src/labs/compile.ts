/**
 * Compiles a lab's folder into one JSON value: its tasks, its part of the scenario, the learner's initial files, its text in
 * every language. Run at build, and by `load.ts` for a path given on the command line. The initial files must be syntactically valid, though their content has a flaw: they are read
 * here as a check will read them.
 */
import { readdir } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import * as yaml from 'yaml';
import { z } from 'zod';
import type { Localized } from '../i18n/language.ts';
import { UserError } from '../i18n/user-error.ts';
import type { UserErrorFacts } from '../i18n/user-error.ts';
import { josa } from '../i18n/josa.ts';
import { nearest } from '../i18n/nearest.ts';
import { readText } from '../i18n/read-file.ts';
import { planWorld } from '../pki/ca/recipe.ts';
import type { Recipe } from '../pki/ca/recipe.ts';
import { readPart, readRecipe } from '../engine/compile.ts';
import { stepFields } from '../engine/file/references.ts';
import { throwErrors } from '../engine/file/narration.ts';
import { readTexts } from '../engine/file/texts.ts';
import { placed, readYaml } from '../engine/file/parse.ts';
import type { Place } from '../engine/file/place.ts';
import { shapeErrors } from '../engine/file/shape-errors.ts';
import type { ScenarioFile } from '../engine/scenario.ts';
import { parseLabNarration } from './narration.ts';
import { largestPart } from '../engine/file/folder.ts';
import { scriptsFolder } from './folder.ts';
import { settingsFile } from './lab.ts';
import type { CompiledLab, TasksFile } from './lab.ts';
import { features } from '../features/registry.ts';
import { learnersScenario } from './learner.ts';
import { tasksSchema } from './schema.ts';
import { stateFolder } from './state.ts';

export interface LabCompileOptions {
  readonly recipeFolders: readonly string[];
  /** The folder's name in messages. */
  readonly shownAs: string;
  /** Whether a text in one language is enough, as in a folder of an author's own. */
  readonly mayLackTexts?: boolean;
}

/** @throws UserError that lists what is wrong, with file, line and column. */
export async function compileLab(
  folder: string,
  { recipeFolders, shownAs, mayLackTexts = false }: LabCompileOptions,
): Promise<CompiledLab> {
  const inFolder = (name: string): string => join(shownAs, name);
  const read = async (name: string): Promise<string> => readPart(join(folder, name), inFolder(name));
  const scenario = await read('scenario.yaml');
  const reading = readTasks(await read('tasks.yaml'), inFolder('tasks.yaml'));
  const { tasks, place } = reading;
  const { sources, untranslated } = readTexts(folder, shownAs, readPart, mayLackTexts);
  const start = await startFiles(join(folder, 'start'), inFolder('start'));
  const startKo = await startFiles(join(folder, 'start.ko'), inFolder('start.ko'));
  const alone = Object.keys(startKo).find((name) => start[name] === undefined);
  if (alone !== undefined)
    throw new UserError({
      what: {
        en: 'a file for Korean learners must have a counterpart in start/',
        ko: 'start/에 같은 이름의 파일이 있어야 합니다',
      },
      where: inFolder(join('start.ko', alone)),
      expected: { en: inFolder(join('start', alone)), ko: inFolder(join('start', alone)) },
    });
  if (tasks.settings !== undefined && start[settingsFile] === undefined) {
    throw new UserError({
      what: {
        en: 'there is no such file, and the folder must start with it, because tasks.yaml has settings',
        ko: '폴더에 처음부터 있어야 하는 파일이 없습니다. tasks.yaml에 settings가 있습니다',
      },
      where: inFolder(join('start', settingsFile)),
      expected: {
        en: `a file with ${tasks.settings.join(' and ')}, which ${place.of(['settings'])} leaves to the learner`,
        ko: `수강생이 고치는 ${tasks.settings.join(', ')} (${place.of(['settings'])})`,
      },
    });
  }
  const own = readYaml({ file: inFolder('scenario.yaml'), text: scenario }, yaml);
  const recipeName = (own.content as { readonly certificates?: string } | null)?.certificates;
  let recipe: Recipe | undefined;
  try {
    recipe =
      recipeName === undefined
        ? undefined
        : await readRecipe(recipeName, [folder, ...recipeFolders], inFolder('scenario.yaml'), shownAs);
  } catch (error) {
    throw placed(error, inFolder('scenario.yaml'), own);
  }
  const lab: CompiledLab = {
    v: 1,
    name: basename(resolve(folder)),
    scenario,
    tasks,
    start,
    ...(Object.keys(startKo).length > 0 ? { startIn: { ko: startKo } } : {}),
    narration: parseLabNarration(
      sources,
      tasks.tasks.map(({ id }) => id),
    ),
    ...(untranslated.length > 0 ? { untranslated } : {}),
    ...(recipe === undefined ? {} : { certificates: { name: `lab-${basename(resolve(folder))}`, recipe } }),
  };
  const { file } = await learnersScenario(lab, lab.start[settingsFile], {
    settings: inFolder(join('start', settingsFile)),
    own: inFolder('scenario.yaml'),
  });
  throwErrors(namesOf(tasks, file, recipe).flatMap((named) => unknownName(named, place)));
  return lab;
}

interface TasksReading {
  readonly tasks: TasksFile;
  readonly place: Place;
}

function readTasks(text: string, file: string): TasksReading {
  const { content, place } = readYaml({ file, text }, yaml);
  const checked = tasksSchema.safeParse(content);
  if (!checked.success) {
    throwErrors(
      shapeErrors(checked.error, {
        content,
        place,
        shape: () => z.toJSONSchema(tasksSchema, { io: 'input' }),
      }),
    );
    throw new Error('the schema refused the file without a reason', { cause: checked.error });
  }
  const tasks = checked.data;
  const ids = tasks.tasks.map(({ id }) => id);
  throwErrors([
    ...ids.flatMap((id, index): UserErrorFacts[] =>
      ids.indexOf(id) === index
        ? []
        : [
            {
              what: { en: `duplicate task ${id}`, ko: `${id} 과제가 두 번 나옵니다` },
              where: place.of(['tasks', index, 'id']),
              expected: { en: 'each id once', ko: 'id마다 한 번씩' },
            },
          ],
    ),
    ...tasks.tasks.flatMap((task, index) => {
      const kinds = [
        'steps',
        'login',
        ...(['held', 'ownClient'] as const).filter((kind) => tasks[kind] !== undefined),
        ...(['cluster', 'controlPlane'] as const).filter((kind) => tasks[kind] !== undefined),
      ];
      const present = (['steps', 'login', 'held', 'ownClient', 'cluster', 'controlPlane'] as const).filter(
        (kind) => task[kind] !== undefined,
      );
      // In a lab with a cluster, all tasks are about it.
      const isAboutCluster = tasks.cluster !== undefined || tasks.controlPlane !== undefined;
      const wanted = isAboutCluster
        ? kinds.filter((kind) => kind === 'cluster' || kind === 'controlPlane')
        : kinds;
      if (present.length === 1 && present.every((kind) => wanted.includes(kind))) return [];
      const at = present.find((kind) => !wanted.includes(kind)) ?? present[1];
      return [
        {
          what: {
            en: 'a task must have exactly one kind of goal',
            ko: '과제의 목표를 한 가지만 적어야 합니다',
          },
          where: place.of(['tasks', index, ...(at === undefined ? [] : [at])]),
          expected: {
            en: `exactly one of ${wanted.join(', ')}`,
            ko: `${wanted.join(', ')} 가운데 정확히 하나`,
          },
          received: present.join(', ') || '-',
        },
      ];
    }),
  ]);
  return { tasks, place };
}

/** A name in tasks.yaml, and its possible values. */
interface Named {
  readonly path: readonly (string | number)[];
  readonly name: string;
  readonly known: readonly string[];
  readonly what: Localized;
}

function unknownName({ path, name, known, what }: Named, place: Place): UserErrorFacts[] {
  if (known.includes(name)) return [];
  const near = nearest(name, known);
  return [
    {
      what,
      where: place.of(path),
      expected: {
        en: known.length === 0 ? 'none: no such names are defined' : `one of ${known.join(', ')}`,
        ko: known.length === 0 ? '쓸 수 있는 이름이 없습니다' : `${known.join(', ')} 가운데 하나`,
      },
      received: name,
      ...(near ? { remedy: { en: `Did you mean ${near}?`, ko: `${near}: 이것을 쓰려던 것인가요?` } } : {}),
    },
  ];
}

/** The steps that others of a list are about, where they are not in it: each list is run by itself. */
function alone(path: Named['path'], ids: readonly string[] = [], file: ScenarioFile): Named[] {
  const fields = stepFields(features);
  const listed = file.steps.filter(({ id }) => ids.includes(id));
  const known = [...listed.map(({ id }) => id), ...features.multipliedIds({ ...file, steps: listed })];
  const named = (value: unknown): string[] =>
    typeof value !== 'object' || value === null
      ? []
      : Object.entries(value).flatMap(([field, one]) =>
          typeof one === 'string' ? (fields.has(field) ? [one] : []) : named(one),
        );
  return ids.flatMap((id, index): Named[] =>
    named(listed.find((step) => step.id === id) ?? {}).map((name) => ({
      path: [...path, index],
      name,
      known,
      what: {
        en: `${id} is about a step that is not in this list`,
        ko: `${josa(id, '이/가')} 가리키는 단계가 이 목록에 없습니다`,
      },
    })),
  );
}

const noStep: Localized = { en: 'the scenario has no such step', ko: '시나리오에 그런 단계가 없습니다' };
const noParticipant: Localized = {
  en: 'the scenario has no participant of that name',
  ko: '시나리오에 그런 이름의 참가자가 없습니다',
};
const noRow: Localized = {
  en: 'the recipe makes no such certificate',
  ko: '레시피에 그런 인증서가 없습니다',
};
const noFile: Localized = { en: 'the recipe makes no such file', ko: '레시피로 만드는 파일이 아닙니다' };
const noWebhook: Localized = { en: 'the cluster has no such webhook', ko: '클러스터에 그런 웹훅이 없습니다' };
const noManifest: Localized = {
  en: 'the scenario has no such manifest',
  ko: '시나리오에 그런 매니페스트가 없습니다',
};
const notYours: Localized = { en: 'yours has no such name', ko: 'yours에 그런 이름이 없습니다' };

/** Every name in tasks.yaml that refers to something elsewhere. */
function namesOf(tasks: TasksFile, file: ScenarioFile, recipe: Recipe | undefined): Named[] {
  const world = planWorld(recipe ?? { certificates: {} });
  const rows = world.certificates.map(({ name }) => name);
  const lists = world.revocations.map(({ authority }) => `${authority}.crl`);
  const files = [
    ...world.certificates.flatMap(({ name, chain }) => [
      `${name}.crt`,
      `${name}.key`,
      ...(chain.length > 1 ? [`${name}.chain.crt`] : []),
    ]),
    ...lists,
  ];
  const steps = file.steps.map(({ id }) => id);
  const [servers, clients, accounts, secrets] = [
    Object.keys(file.servers),
    Object.keys(file.clients),
    Object.keys(file.accounts),
    Object.keys(file.secrets),
  ];
  const wires = [
    ...new Set([
      ...Object.keys(file.wires ?? {}),
      ...Object.values(file.proxies ?? {}).flatMap(({ wires: { incoming, outgoing } }) => [
        incoming,
        outgoing,
      ]),
    ]),
  ];
  const { yours = {}, cluster, controlPlane } = tasks;
  // Of a feature: the labs compile without it.
  const manifests = Object.keys('manifests' in file ? (file.manifests ?? {}) : {});
  const webhooks = Object.keys(cluster?.webhooks ?? {});
  const each = (
    path: Named['path'],
    names: readonly string[] | undefined,
    known: readonly string[],
    what: Localized,
  ): Named[] => (names ?? []).map((name, index) => ({ path: [...path, index], name, known, what }));
  const one = (
    path: Named['path'],
    name: string | undefined,
    known: readonly string[],
    what: Localized,
  ): Named[] => (name === undefined ? [] : [{ path, name, known, what }]);
  const namesOfClaim = (
    claim: NonNullable<TasksFile['tasks'][number]['cluster']>[number],
    at: Named['path'],
  ): Named[] => {
    if ('rights' in claim)
      return one([...at, 'rights', 'client'], claim.rights.client, clients, noParticipant);
    if ('known' in claim)
      return one([...at, 'known', 'certificate'], claim.known.certificate, Object.keys(yours), notYours);
    if ('presents' in claim) return one([...at, 'presents'], claim.presents, webhooks, noWebhook);
    if ('admits' in claim)
      return one([...at, 'admits', 'manifest'], claim.admits.manifest, manifests, noManifest);
    const { webhook, denies, allows } = claim.guards;
    return [
      ...one([...at, 'guards', 'webhook'], webhook, webhooks, noWebhook),
      ...one([...at, 'guards', 'denies'], denies, manifests, noManifest),
      ...one([...at, 'guards', 'allows'], allows, manifests, noManifest),
    ];
  };
  return [
    ...webhooks.flatMap((name) => one(['cluster', 'webhooks', name], name, Object.keys(yours), notYours)),
    ...Object.entries(tasks.gives ?? {}).flatMap(([to, given]) => one(['gives', to], given, files, noFile)),
    ...Object.entries(yours).flatMap(([name, { keyOf }]) =>
      one(['yours', name, 'keyOf'], keyOf, rows, noRow),
    ),
    ...Object.keys(tasks.lists ?? {}).flatMap((name) => one(['lists', name], name, rows, noRow)),
    ...Object.entries(tasks.requests ?? {}).flatMap(([name, { row }]) =>
      one(['requests', name, 'row'], row, rows, noRow),
    ),
    ...Object.keys(tasks.entrances ?? {}).flatMap((name) =>
      one(['entrances', name], name, Object.keys(file.proxies ?? {}), noParticipant),
    ),
    ...Object.entries(tasks.entrances ?? {}).flatMap(([name, wire]) =>
      one(['entrances', name], wire, wires, {
        en: 'the scenario has no such wire',
        ko: '시나리오에 그런 구간이 없습니다',
      }),
    ),
    ...each(['hosts'], tasks.hosts, [...Object.keys(file.proxies ?? {}), ...servers], noParticipant),
    ...each(['drawn'], tasks.drawn, secrets, {
      en: 'the scenario has no such secret',
      ko: '시나리오에 그런 비밀이 없습니다',
    }),
    ...each(['recorded', 'steps'], tasks.recorded?.steps, steps, noStep),
    ...each(['repeated', 'steps'], tasks.repeated?.steps, steps, noStep),
    ...one(['held', 'step'], tasks.held?.step, steps, noStep),
    ...one(['cluster', 'server'], cluster?.server, servers, noParticipant),
    ...one(['cluster', 'asks'], cluster?.asks, clients, noParticipant),
    ...one(['cluster', 'administrator'], cluster?.administrator, clients, noParticipant),
    ...one(['controlPlane', 'server'], controlPlane?.server, servers, noParticipant),
    ...one(['controlPlane', 'asks'], controlPlane?.asks, clients, noParticipant),
    ...Object.entries(controlPlane?.kubeconfigs ?? {}).flatMap(([to, row]) =>
      one(['controlPlane', 'kubeconfigs', to], row, rows, noRow),
    ),
    ...Object.entries(controlPlane?.rotation?.kubeconfigs ?? {}).flatMap(([file, row]) =>
      one(['controlPlane', 'rotation', 'kubeconfigs', file], row, rows, noRow),
    ),
    ...Object.entries(controlPlane?.rotation?.clients ?? {}).flatMap(([client, { row }]) =>
      one(['controlPlane', 'rotation', 'clients', client, 'row'], row, rows, noRow),
    ),
    ...one(['controlPlane', 'rotation', 'stolen'], controlPlane?.rotation?.stolen, rows, noRow),
    ...tasks.tasks.flatMap((task, index) => {
      const at = ['tasks', index] as const;
      return [
        ...alone([...at, 'steps'], task.steps, file),
        ...alone([...at, 'still'], task.still, file),
        ...each([...at, 'steps'], task.steps, steps, noStep),
        ...each([...at, 'still'], task.still, steps, noStep),
        ...each([...at, 'later', 'steps'], task.later?.steps, steps, noStep),
        ...each([...at, 'keysApart'], task.keysApart, Object.keys(yours), notYours),
        ...each(
          [...at, 'unchanged'],
          task.unchanged,
          Object.keys(yours).filter((name) => rows.includes(name)),
          notYours,
        ),
        ...each([...at, 'ownClient', 'admitted'], task.ownClient?.admitted, steps, noStep),
        ...each([...at, 'ownClient', 'kept'], task.ownClient?.kept, steps, noStep),
        ...(task.ownClient?.relayed ?? []).flatMap(({ first, next }, number) => [
          ...one([...at, 'ownClient', 'relayed', number, 'first'], first, steps, noStep),
          ...one([...at, 'ownClient', 'relayed', number, 'next'], next, steps, noStep),
        ]),
        ...one([...at, 'login', 'at'], task.login?.at, servers, noParticipant),
        ...one([...at, 'login', 'as'], task.login?.as, accounts, {
          en: 'the scenario has no account of that name',
          ko: '시나리오에 그런 계정이 없습니다',
        }),
        ...(task.cluster ?? []).flatMap((claim, number) => namesOfClaim(claim, [...at, 'cluster', number])),
      ];
    }),
  ];
}

/**
 * Text files, by their paths there; a lab without any has no such folder.
 * @throws UserError for one in the place of the lab's own, or too large.
 */
async function startFiles(folder: string, shownAs: string): Promise<Record<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const names = found
    .filter((one) => one.isFile())
    .map((one) => relative(folder, join(one.parentPath, one.name)).replaceAll('\\', '/'));
  const taken = names.find((name) => [stateFolder, scriptsFolder].includes(name.split('/')[0] ?? ''));
  if (taken !== undefined)
    throw new UserError({
      what: {
        en: 'a learner’s folder has files of wirelab’s own in this place',
        ko: '수강생의 폴더에서 wirelab이 쓰는 자리입니다',
      },
      where: join(shownAs, taken),
      expected: { en: 'another name', ko: '다른 이름' },
    });
  return Object.fromEntries(
    names
      .toSorted((one, other) => (one < other ? -1 : 1))
      .map((name) => [name, readText(join(folder, name), largestPart, join(shownAs, name))] as const),
  );
}
