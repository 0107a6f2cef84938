/**
 * What a lab tells a class, and where it is kept: with the lab's own state, so that `lab check` in the folder and the next start go
 * on reporting. The learner's folder has neither the invitation nor its key.
 *
 * What is told is a row of the class's table: lab, task, how many are done, hints, time and finding. It is made of the record of
 * the folder by whoever reports, so that a check in another terminal and the running lab say the same.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../../../i18n/read-file.ts';
import { UserError } from '../../../i18n/user-error.ts';
import type { Clock } from '../../../core/clock.ts';
import type { LabEvent } from '../../../labs/hold/holding.ts';
import { progressIn, unwritable } from '../../../labs/folder.ts';
import { isUnasked } from '../../../labs/lab.ts';
import type { CompiledLab } from '../../../labs/lab.ts';
import type { TaskResult } from '../../../labs/checks/checking.ts';
import { replaceFile, stateOf } from '../../../labs/state.ts';
import type { Localized } from '../../../i18n/language.ts';
import { findingOf } from '../../class/handed-in.ts';
import type { HandedIn } from '../../class/handed-in.ts';
import { invitationText, readInvitation } from '../../class/roster/invitation.ts';
import type { Invitation } from '../../class/roster/invitation.ts';
import { keptInvitation, takesPart } from './kept.ts';

const checkName = 'class-check.json';
const largest = 64 * 1024;

/** The lab of this folder takes part from now on. @throws UserError where that cannot be kept */
export function joinClass(folder: string, invitation: Invitation): void {
  try {
    replaceFile(keptInvitation(folder), invitationText(invitation));
  } catch (error) {
    throw unwritable(folder, error, {
      en: 'the invitation cannot be kept with the lab',
      ko: '초대장을 실습과 함께 보관할 수 없습니다',
    });
  }
}

export function leaveClass(folder: string): void {
  for (const path of [keptInvitation(folder), join(stateOf(folder), checkName)])
    rmSync(path, { force: true });
}

/** Undefined where the lab takes part in no class. */
export function joinedClass(folder: string): Invitation | undefined {
  if (!takesPart(folder)) return undefined;
  try {
    return readInvitation(keptInvitation(folder));
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** What the last check has found of the task that was the current one. */
interface LastCheck {
  readonly at: string;
  readonly task?: string;
  readonly finding?: Localized;
}

/**
 * Keeps what a check has found, once its results are recorded in the folder.
 * @param at ISO 8601
 */
export function noteCheck(
  folder: string,
  lab: CompiledLab,
  results: readonly TaskResult[],
  at: string,
): void {
  const asked = results.filter(({ reason }) => !isUnasked(reason));
  if (asked.length === 0) return;
  const task = currentOf(folder, lab)?.id;
  const before = lastCheck(folder);
  const found = asked.find(({ id, status }) => id === task && status === 'open');
  const finding = found ? findingOf(found.says) : before?.task === task ? before?.finding : undefined;
  const check: LastCheck = {
    at,
    ...(task === undefined ? {} : { task }),
    ...(finding === undefined ? {} : { finding }),
  };
  try {
    replaceFile(join(stateOf(folder), checkName), `${JSON.stringify(check)}\n`);
  } catch {
    // The class is told without it.
  }
}

/** The same after an event of the running lab, where it has a check. */
export function noteEvent(
  folder: string,
  lab: CompiledLab,
  event: LabEvent,
  clock: Pick<Clock, 'now'>,
): void {
  const results = event.kind === 'checked' ? event.found : event.kind === 'found' ? event.results : [];
  noteCheck(folder, lab, results, new Date(clock.now()).toISOString());
}

export function entryOf(folder: string, lab: CompiledLab, learner: string): HandedIn {
  const { hints } = progressIn(folder);
  const { tasks } = lab.tasks;
  const done = doneOf(folder, lab);
  const current = currentOf(folder, lab);
  const last = lastCheck(folder);
  const finding = current && last?.task === current.id ? last.finding : undefined;
  return {
    learner,
    lab: lab.name,
    ...(current ? { task: current } : {}),
    done: done.length,
    of: tasks.length,
    hints: tasks.reduce((sum, { id }) => sum + (hints[id] ?? 0), 0),
    ...(last ? { at: last.at } : {}),
    ...(finding ? { finding } : {}),
  };
}

function doneOf(folder: string, lab: CompiledLab): readonly string[] {
  const { done } = progressIn(folder);
  return lab.tasks.tasks.flatMap(({ id }) => (done.includes(id) ? [id] : []));
}

function currentOf(
  folder: string,
  lab: CompiledLab,
): { readonly id: string; readonly number: number } | undefined {
  const done = doneOf(folder, lab);
  const at = lab.tasks.tasks.findIndex(({ id }) => !done.includes(id));
  const task = lab.tasks.tasks[at];
  return task && { id: task.id, number: at + 1 };
}

function lastCheck(folder: string): LastCheck | undefined {
  try {
    const { at, task, finding } = JSON.parse(
      readText(join(stateOf(folder), checkName), largest),
    ) as Partial<LastCheck>;
    if (typeof at !== 'string') return undefined;
    return {
      at,
      ...(typeof task === 'string' ? { task } : {}),
      ...(typeof finding?.en === 'string' && typeof finding.ko === 'string' ? { finding } : {}),
    };
  } catch {
    return undefined;
  }
}
