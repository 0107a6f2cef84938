/**
 * Puts the objects of single tasks back in a lab's cluster: `lab reset TASK` notes the tasks with the lab's state, and whoever
 * holds the cluster carries it out, at once while the lab runs, and else when it starts. Only the holder may write the objects:
 * a controller that still runs would undo it, and the API server has a copy of its own.
 */
import { existsSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { makeFolder } from '../../capture/file/output-folder.ts';
import { readText } from '../../i18n/read-file.ts';
import { features } from '../../features/registry.ts';
import { planScenario } from '../../engine/planning.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import type { CheckOptions } from '../checks/checking.ts';
import { pendingIn } from '../folder.ts';
import { learnersScenario } from '../learner.ts';
import { replaceFile, stateOf } from '../state.ts';
import { objectReset } from '../task-objects.ts';
import type { User } from '../task-objects.ts';
import { askUp } from './claim.ts';
import type { ClusterStore } from './cluster-store.ts';

const largest = 64 * 1024;
/** Milliseconds between two looks whether it is done, and how many there are. */
const lookMs = 50;
const mostLooks = 100;

export function hasPendingReset(folder: string): boolean {
  return existsSync(pendingIn(folder));
}

function pendingTasks(folder: string): readonly string[] {
  try {
    const read: unknown = JSON.parse(readText(pendingIn(folder), largest));
    return Array.isArray(read) ? read.map(String) : [];
  } catch {
    return [];
  }
}

/**
 * Has the objects of a task put back.
 * @returns whether it is done; false if no lab runs in the folder, which does it when it starts.
 */
export async function requestReset(folder: string, task: string): Promise<boolean> {
  makeFolder(stateOf(folder));
  replaceFile(pendingIn(folder), JSON.stringify([...new Set([...pendingTasks(folder), task])]));
  const looks = (await askUp(folder)) === undefined ? 0 : mostLooks;
  for (let look = 0; look < looks && hasPendingReset(folder); look++) await pause(lookMs);
  return !hasPendingReset(folder);
}

/** Carries out what was requested. A cluster that has just begun is as it was at first. */
export async function carryOutResets(
  { lab, folder, world }: Pick<CheckOptions, 'lab' | 'folder' | 'world'>,
  kept: ClusterStore,
): Promise<void> {
  if (!hasPendingReset(folder)) return;
  const ids = pendingTasks(folder);
  const { first } = kept;
  if (first) {
    const { clients } = planScenario(features, await learnersScenario(lab, undefined));
    const userOf = (client: string): User => {
      const certificate = clients.find(({ name }) => name === client)?.certificate;
      const [der] = certificate === undefined ? [] : pemCertificates(world.identity(certificate).certificate);
      return userOfCertificate(der);
    };
    const { administrator } = lab.tasks.cluster ?? {};
    for (const task of lab.tasks.tasks)
      if (ids.includes(task.id)) {
        const state = { first, present: await kept.present(), userOf };
        await kept.reset(
          objectReset(task, administrator === undefined ? state : { ...state, administrator }),
        );
      }
  }
  rmSync(pendingIn(folder), { force: true });
}

/** CN is the name, each O a group. */
function userOfCertificate(der: Uint8Array | undefined): User {
  const step = der && readCertificate(der);
  const attributes = step && 'got' in step ? step.got.subject.attributes : [];
  const valuesOf = (type: string): string[] =>
    attributes.flatMap((one) => (one.type === type ? [one.value] : []));
  return { name: valuesOf('CN').at(-1) ?? '', groups: valuesOf('O') };
}
