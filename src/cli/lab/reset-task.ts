/**
 * Implements `lab reset TASK`: puts the files of one task back, and keeps the present ones aside; the logins of a task that is
 * about logins are forgotten. The tasks of a lab with a cluster have no files of their own: what was done lies in the cluster.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { UserError } from '../../i18n/user-error.ts';
import { noteProgress } from '../../labs/course.ts';
import { settingsOf } from '../../labs/checks/check.ts';
import {
  demandSameVersion,
  forgetLogins,
  remember,
  replaceFiles,
  startFiles,
  unwritable,
} from '../../labs/folder.ts';
import { scenarioWith } from '../../labs/learner.ts';
import { taskReset } from '../../labs/task-files.ts';
import { labWorld } from '../../labs/world.ts';
import type { Environment, Parsed } from '../command.ts';
import { openedLab, reportOf } from './opened.ts';

export async function resetTask(id: string, parsed: Parsed, environment: Environment): Promise<number> {
  const { folder, compiled, record } = await openedLab(parsed, environment);
  const { tasks, cluster, controlPlane } = compiled.tasks;
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
  if (cluster || controlPlane) {
    throw new UserError({
      what: {
        en: 'the tasks of this lab are about one cluster: one of them alone cannot be put back',
        ko: '이 실습의 과제는 모두 하나의 클러스터에 관한 것이어서 과제 하나만 되돌릴 수 없습니다',
      },
      where: 'wirelab lab reset',
      received: id,
      remedy: {
        en: 'wirelab lab reset starts with a new cluster, and keeps your files aside.',
        ko: 'wirelab lab reset을 실행하면 새 클러스터로 처음부터 시작하고, 지금 파일은 따로 보관합니다.',
      },
    });
  }
  demandSameVersion(folder, compiled);
  const world = await labWorld(compiled, folder);
  let settings: string | undefined;
  const { compiled: scenario, mistake } = await scenarioWith(
    compiled,
    () => (settings = settingsOf(compiled, folder)),
  );
  const { files, removed, shared } = taskReset(
    id,
    scenario,
    compiled,
    startFiles(compiled, world),
    mistake ? undefined : settings,
  );
  let aside: string | undefined;
  try {
    const present = [...removed, ...files.keys()].filter((name) => existsSync(join(folder, name)));
    aside = replaceFiles(folder, present, files, systemClock);
    if (task.login) forgetLogins(folder, task.login.at, task.login.as);
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
  reportOf(compiled, folder, parsed, environment).resetTask(id, aside, shared);
  return 0;
}
