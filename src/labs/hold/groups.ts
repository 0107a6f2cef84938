/**
 * Which tasks are worked on at the same servers, which run as one scenario; and what of a scenario a change of the settings can
 * give to proxies that are running. Pure; `hold.ts` runs them.
 */
import { features } from '../../features/registry.ts';
import type { Plan } from '../../engine/plan.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import type { World } from '../../pki/keystore/world.ts';
import type { CompiledLab, TaskFile } from '../lab.ts';
import { cutTo, stepsOf } from '../learner.ts';

export interface Group {
  readonly tasks: readonly string[];
  readonly steps: readonly string[];
  /** The tasks are about logins at its servers. */
  readonly isForLogins: boolean;
  /** The tasks are about the learner's own program. */
  readonly isForOwnClient: boolean;
}

/** Groups tasks that share a participant. */
export function groupsOf(compiled: CompiledScenario, lab: CompiledLab, tasks: readonly TaskFile[]): Group[] {
  const groups: (Group & { readonly participants: ReadonlySet<string> })[] = [];
  for (const task of tasks) {
    const { id, login, ownClient } = task;
    const steps = openedSteps(task, compiled, lab);
    const { file } = cutTo(compiled, steps);
    const participants = new Set([...Object.keys(file.servers), ...Object.keys(file.proxies ?? {})]);
    const joined = groups.filter((group) => [...participants].some((name) => group.participants.has(name)));
    for (const group of joined) groups.splice(groups.indexOf(group), 1);
    groups.push({
      tasks: [...joined.flatMap((group) => group.tasks), id],
      steps: [...new Set([...joined.flatMap((group) => group.steps), ...steps])],
      isForLogins: login !== undefined || joined.some((group) => group.isForLogins),
      isForOwnClient: ownClient !== undefined || joined.some((group) => group.isForOwnClient),
      participants: new Set([...joined.flatMap((group) => [...group.participants]), ...participants]),
    });
  }
  return groups;
}

/** The steps whose servers are kept up for a task. */
export function openedSteps(
  task: TaskFile,
  compiled: CompiledScenario,
  { tasks }: CompiledLab,
): readonly string[] {
  if (task.login) return stepsAt(compiled, task.login.at);
  return task.held && tasks.held ? [tasks.held.step] : stepsOf(task);
}

/** The steps that show how to log in at a server, directly or through proxies. */
function stepsAt({ file }: CompiledScenario, server: string | undefined): string[] {
  const behind = (name: string): string => {
    const target = file.proxies?.[name]?.target;
    return target === undefined ? name : behind(target);
  };
  return file.steps
    .filter((step) => {
      const { needsAccount, entryPoints } = features.step(step);
      return needsAccount && entryPoints.some(({ to }) => behind(to) === server);
    })
    .map(({ id }) => id);
}

/**
 * All that cannot be changed while it runs, to be compared: the plan without what running proxies can be given, and the
 * certificates of everybody else.
 */
export function fixedParts({ proxies, ...plan }: Plan, world: World): string {
  const hops = proxies.flatMap(({ towardsTarget }) => towardsTarget ?? []);
  const named = (...names: readonly (string | readonly string[] | undefined)[]): string[] =>
    names.flat().filter((name) => name !== undefined);
  const shown = named(...[...plan.servers, ...plan.clients, ...hops].map(({ certificate }) => certificate));
  const trusted = named(
    ...plan.servers.flatMap(({ chain, clientAuthorities }) => [chain, clientAuthorities]),
    ...[...plan.clients, ...hops].map(({ trust }) => trust),
  );
  const listed = named(...[...plan.servers, ...plan.clients].map(({ revocations }) => revocations));
  return JSON.stringify([
    plan,
    proxies.map(
      ({
        certificate: _certificate,
        clientAuthorities: _authorities,
        revocations: _revocations,
        resumption: _resumption,
        maxConnectionSeconds: _age,
        ...proxy
      }) => proxy,
    ),
    shown.map((name) => world.identity(name)),
    trusted.map((name) => world.authority(name)),
    listed.map((name) => world.crl(name)),
  ]);
}
