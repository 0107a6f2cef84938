/**
 * Which files of the learner's folder a task is about: what a change of one concerns, and what is put back when a task is reset.
 * A row of the settings belongs to the tasks whose steps pass it.
 */
import * as yaml from 'yaml';
import { planWorld } from '../pki/ca/recipe.ts';
import type { CompiledScenario } from '../engine/scenario.ts';
import { givenBack } from './given-files.ts';
import { manifestOf } from '../pki/kubeadm/manifests/processes.ts';
import { firstFilesOf, likelyFiles } from './hold/static-pod.ts';
import type { ProcessName } from './hold/static-pod.ts';
import { settingsFile } from './lab.ts';
import type { CompiledLab, TaskFile, TasksFile } from './lab.ts';
import { cutTo, judgedNames, needsSettings, stepsOf, usedNames } from './learner.ts';

/**
 * @param compiled the scenario with the learner's settings, which may name other files.
 * @param folder the learner's, whose manifests may name other files than at first; left out: those of the beginning.
 */
export function filesOfTask(
  task: TaskFile,
  compiled: CompiledScenario,
  lab: CompiledLab,
  folder?: string,
): ReadonlySet<string> {
  const { still = [], later, keysApart = [], unchanged = [], cluster = [], controlPlane = [] } = task;
  const { yours = {}, gives = {}, ownClient } = lab.tasks;
  const all = [...stepsOf(task), ...still, ...(later?.steps ?? [])];
  const { file } = cutTo(compiled, all);
  const { shown, trusted, listed } = usedNames(file);
  const recipe = planWorld(lab.certificates?.recipe ?? { certificates: {} });
  const made = new Set(recipe.certificates.map(({ name }) => name));
  const names = new Set([
    ...shown,
    ...trusted,
    ...judgedNames(file),
    ...keysApart,
    ...unchanged,
    ...cluster.flatMap((claim) =>
      'known' in claim
        ? [claim.known.certificate]
        : 'presents' in claim
          ? [claim.presents]
          : 'guards' in claim
            ? [claim.guards.webhook]
            : [],
    ),
  ]);
  // The learner's program may read what it was given; where it looks besides is its own affair.
  const files = new Set<string>(task.ownClient && ownClient ? [ownClient.file, ...Object.keys(gives)] : []);
  for (const name of listed ?? []) {
    const own = lab.tasks.lists?.[name];
    if (own !== undefined || !recipe.revocations.some(({ authority }) => authority === name))
      files.add(own ?? `${name}.crl`);
  }
  for (const name of names) {
    if (made.has(name) && !Object.hasOwn(yours, name)) continue;
    const { certificate = `${name}.crt`, key = `${name}.key`, keyOf } = yours[name] ?? {};
    files.add(certificate);
    if (keyOf === undefined && (shown.has(name) || Object.hasOwn(gives, key) || Object.hasOwn(yours, name)))
      files.add(key);
  }
  if (all.length > 0 && needsSettings(compiled, lab, all)) files.add(settingsFile);
  for (const claim of controlPlane)
    for (const file of filesOfClaim(claim, lab.tasks.controlPlane?.rotation, folder)) files.add(file);
  return files;
}

/** The kubeconfig, or the processes that it takes, with the files that each is started with: all of them need the API server. */
function filesOfClaim(
  claim: NonNullable<TaskFile['controlPlane']>[number],
  rotation: NonNullable<TasksFile['controlPlane']>['rotation'],
  folder: string | undefined,
): readonly string[] {
  const filesOf = (process: ProcessName): readonly string[] => [
    manifestOf(process),
    ...Object.values<string>(folder === undefined ? firstFilesOf(process) : likelyFiles(folder, process)),
  ];
  if ('believed' in claim) return filesOf(claim.believed);
  const server = manifestOf('kube-apiserver');
  if ('trusts' in claim || 'shows' in claim || 'untroubled' in claim)
    return [
      ...filesOf('kube-apiserver'),
      ...filesOf('kube-controller-manager'),
      ...Object.keys(rotation?.kubeconfigs ?? {}),
      ...(rotation ? [`${rotation.authority}.crt`, `${rotation.authority}.key`] : []),
    ];
  return 'kubeconfig' in claim
    ? [claim.kubeconfig.file, server]
    : [...filesOf('kube-controller-manager'), server];
}

/** The proxies and servers of the settings that a task's steps pass, as `proxies.front`. */
export function settingsOfTask(
  task: TaskFile,
  compiled: CompiledScenario,
  { tasks }: CompiledLab,
): ReadonlySet<string> {
  const { file } = cutTo(compiled, stepsOf(task));
  return new Set(
    (tasks.settings ?? []).flatMap((part) => Object.keys(file[part] ?? {}).map((name) => `${part}.${name}`)),
  );
}

/** What is put back of a task: what no earlier task has to do with, or else everything, which `shared` tasks use too. */
export interface TaskReset {
  /** The contents of files, by name. */
  readonly files: ReadonlyMap<string, string>;
  /** Files that the folder did not begin with: they are moved aside. */
  readonly removed: readonly string[];
  /** Tasks that may be open again. */
  readonly shared: readonly string[];
}

/**
 * @param start the folder's initial files.
 * @param settings the learner's settings, of which only the task's rows are put back; undefined if they cannot be read.
 * @param folder the learner's: what was given and is gone or altered there is put back, too.
 */
export function taskReset(
  id: string,
  compiled: CompiledScenario,
  lab: CompiledLab,
  start: ReadonlyMap<string, string>,
  settings: string | undefined,
  folder: string,
): TaskReset {
  const { tasks } = lab.tasks;
  const at = tasks.findIndex((task) => task.id === id);
  const task = tasks[at];
  if (!task) throw new Error(`no task ${id}`);
  const { held } = lab.tasks;
  /** A task about the held client is worked on where that client goes. */
  const of = (one: TaskFile): TaskFile => (one.held && held ? { ...one, steps: [held.step] } : one);
  const parts = (one: TaskFile): Set<string> =>
    new Set([
      ...[...filesOfTask({ ...of(one), still: [], later: undefined }, compiled, lab)].filter(
        (name) => name !== settingsFile,
      ),
      ...settingsOfTask(of(one), compiled, lab),
    ]);
  const present = parts(task);
  const earlier = new Set(tasks.slice(0, at).flatMap((one) => [...parts(one)]));
  const own = [...present].filter((part) => !earlier.has(part));
  const back = new Set(own.length > 0 ? own : present);
  const shared = tasks.flatMap((one) =>
    one.id !== id && [...parts(one)].some((part) => back.has(part)) ? [one.id] : [],
  );
  const files = new Map<string, string>();
  const removed: string[] = [];
  const rows = [...back].filter((part) => settingsOfTask(of(task), compiled, lab).has(part));
  for (const name of back) {
    if (rows.includes(name)) continue;
    const text = start.get(name);
    if (text === undefined) removed.push(name);
    else files.set(name, text);
  }
  const concerned = new Set(tasks.flatMap((one) => [...parts(one)]));
  for (const [name, text] of givenBack(id, lab, folder, start, present, concerned)) files.set(name, text);
  const first = start.get(settingsFile);
  if (rows.length > 0 && first !== undefined) files.set(settingsFile, withRows(first, settings, rows));
  return { files, removed, shared };
}

/** The settings with some rows as at first; the file as at first where it cannot be read. */
function withRows(first: string, settings: string | undefined, rows: readonly string[]): string {
  if (settings === undefined) return first;
  const [from, to] = [yaml.parseDocument(first), yaml.parseDocument(settings)];
  if (to.errors.length > 0 || !yaml.isMap(to.contents)) return first;
  for (const row of rows) {
    const path = row.split('.');
    const value = from.getIn(path, true);
    if (value === undefined) to.deleteIn(path);
    else to.setIn(path, value);
  }
  return to.toString({ lineWidth: 0 });
}
