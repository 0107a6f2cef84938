/**
 * Implements `lab reset TASK`: puts the files of one task back, and keeps the present ones aside; the logins of a task that is
 * about logins are forgotten, and the objects of a task about a cluster are put back in it, by the lab that runs it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { UserError } from '../../i18n/user-error.ts';
import { noteProgress } from '../../labs/course.ts';
import { settingsOf } from '../../labs/checks/check.ts';
import {
  clusterIn,
  demandSameVersion,
  forgetLogins,
  remember,
  replaceFiles,
  startFiles,
  unwritable,
} from '../../labs/folder.ts';
import { stateOfGiven } from '../../labs/given-files.ts';
import { knowsBeginning } from '../../labs/hold/cluster-store.ts';
import { firstPort } from '../../labs/hold/control-plane-files.ts';
import { ledText } from '../../labs/hold/hold-cluster.ts';
import { processNames } from '../../labs/hold/static-pod.ts';
import { manifestOf } from '../../pki/kubeadm/manifests/processes.ts';
import { requestReset } from '../../labs/hold/pending-reset.ts';
import { scenarioWith } from '../../labs/learner.ts';
import { taskReset } from '../../labs/task-files.ts';
import { isAboutObjects } from '../../labs/task-objects.ts';
import { labWorld } from '../../labs/world.ts';
import type { Environment, Parsed } from '../command.ts';
import { openedLab, reportOf } from './opened.ts';

const manifests: readonly string[] = processNames.map(manifestOf);

/** @param environment in the language of the lab. */
export async function resetTask(id: string, parsed: Parsed, environment: Environment): Promise<number> {
  const { folder, compiled, record } = await openedLab(parsed, environment);
  const { tasks, controlPlane } = compiled.tasks;
  const task = tasks.find((one) => one.id === id);
  const ids = tasks.map((one) => one.id).join(', ');
  if (!task) {
    throw new UserError({
      what: { en: 'the lab has no task with this name', ko: '그런 이름의 과제가 없습니다' },
      where: 'wirelab lab reset',
      expected: { en: ids, ko: ids },
      received: id,
    });
  }
  demandSameVersion(folder, compiled);
  const hasObjects = isAboutObjects(task) && existsSync(clusterIn(folder));
  if (hasObjects && !knowsBeginning(clusterIn(folder))) throw noBeginning(id);
  const world = await labWorld(compiled, folder);
  let settings: string | undefined;
  const { compiled: scenario, mistake } = await scenarioWith(
    compiled,
    () => (settings = settingsOf(compiled, folder)),
  );
  const port = controlPlane && record.ports[controlPlane.server];
  const start = startFiles(compiled, world, environment.language);
  const { files, removed, shared } = taskReset(
    id,
    scenario,
    compiled,
    port === undefined ? start : ledFiles(start, port),
    mistake ? undefined : settings,
    folder,
  );
  let aside: string | undefined;
  let isLater = false;
  try {
    const isChanged = ([name, text]: readonly [string, string]): boolean =>
      stateOfGiven(folder, name, text) !== 'as_given';
    const isAny = [...files].some(isChanged);
    // A process reads its files when its manifest is another one.
    const changed = new Map(
      [...files].filter((file) => isChanged(file) || (isAny && manifests.includes(file[0]))),
    );
    const present = [...removed, ...changed.keys()].filter((name) => existsSync(join(folder, name)));
    aside = replaceFiles(folder, present, changed, systemClock);
    if (task.login) forgetLogins(folder, task.login.at, task.login.as);
    if (hasObjects) isLater = !(await requestReset(folder, id));
  } catch (error) {
    throw unwritable(folder, error, {
      en: 'the task cannot be reset',
      ko: '과제를 처음 상태로 되돌릴 수 없습니다',
    });
  }
  const done = record.done.filter((one) => one !== id && !shared.includes(one));
  const { [id]: _given, ...hints } = record.hints;
  remember(folder, { done, hints });
  noteProgress(compiled, folder, done, new Date(systemClock.now()).toISOString());
  reportOf(compiled, folder, parsed, environment).resetTask(id, { aside, shared, isLater });
  return 0;
}

/** The kubeconfigs point to the port at which the lab's API server listens. */
function ledFiles(files: ReadonlyMap<string, string>, port: number): ReadonlyMap<string, string> {
  return new Map(
    [...files].map(([name, text]) => [name, name.endsWith('.conf') ? ledText(text, firstPort, port) : text]),
  );
}

function noBeginning(id: string): UserError {
  return new UserError({
    what: {
      en: 'an older wirelab began this cluster and kept no copy of its beginning: the objects of one task cannot be put back',
      ko: '이전 버전의 wirelab으로 시작한 클러스터여서 처음 상태의 사본이 없고, 과제 하나의 객체만 되돌릴 수 없습니다',
    },
    where: 'wirelab lab reset',
    received: id,
    remedy: {
      en: 'wirelab lab reset starts with a new cluster, and keeps your files aside.',
      ko: 'wirelab lab reset을 실행하면 새 클러스터로 처음부터 시작하고, 지금 파일은 따로 보관합니다.',
    },
  });
}
