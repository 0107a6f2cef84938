/**
 * Makes one attempt at a lab: a learner's folder of its own, the files of the attempt laid into it, the commands of its `solve.sh` run
 * there, and a check as a learner gets it. The folder and its state are removed afterwards.
 */
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../core/clock.ts';
import { isFolder } from '../../engine/file/folder.ts';
import { UserError } from '../../i18n/user-error.ts';
import { checkLab } from '../checks/check.ts';
import type { CheckOptions, TaskResult } from '../checks/checking.ts';
import { openLabFolder, startFiles } from '../folder.ts';
import { holdLab } from '../hold/hold.ts';
import type { LabEvent } from '../hold/holding.ts';
import type { CompiledLab } from '../lab.ts';
import { lastLine, runOwnProgram } from '../own-program.ts';
import { stateFolder, stateOf } from '../state.ts';
import { labWorld } from '../world.ts';

/** The commands of an attempt, in its folder: what a learner would type. Run by sh in the learner's folder, while the lab is up. */
export const scriptName = 'solve.sh';
/** How long they may take, in milliseconds. */
const scriptMs = 120_000;
/** How long a running lab may take to do what the commands have led to, in milliseconds. */
const settleMs = 5000;
const betweenMs = 250;

export interface AttemptOptions {
  readonly lab: CompiledLab;
  /** The files of the attempt; undefined for the folder as it begins. */
  readonly files?: string;
  readonly version: string;
  readonly signal: AbortSignal;
  /** Follows the running lab in a learner's folder, as what prints its events does. */
  readonly follow?: (folder: string) => Follower;
}

export interface Follower {
  onEvent(event: LabEvent): void;
  close(): void;
}

/**
 * @returns one result a task, in their order.
 * @throws UserError where the attempt cannot be made: its folder is missing, or its commands fail.
 */
export async function attempt(options: AttemptOptions): Promise<readonly TaskResult[]> {
  const { lab, files, version, signal } = options;
  const parent = mkdtempSync(join(tmpdir(), 'wirelab-verify-'));
  const folder = join(parent, `lab-${basename(lab.name)}`);
  let state: string | undefined;
  try {
    await openLabFolder(folder, lab, async () => startFiles(lab, await labWorld(lab, folder)));
    state = stateOf(folder);
    const world = await labWorld(lab, folder);
    const own = { lab, folder, world, clock: systemClock, random: randomOf, version, signal };
    if (files !== undefined) layFiles(files, folder);
    const script = files === undefined ? undefined : join(files, scriptName);
    const hasScript = script !== undefined && existsSync(script);
    if (!hasScript && !needsRunningLab(lab)) return await checkLab(own);
    const follower = options.follow?.(folder);
    return await whileUp({ ...own, follower }, async () => {
      if (hasScript) await runScript(script, folder, signal);
      // Nothing was done that could still have an effect.
      const until = files === undefined ? 0 : Date.now() + settleMs;
      for (;;) {
        const results = await checkLab(own);
        if (results.every(({ status }) => status === 'done') || Date.now() >= until || signal.aborted)
          return results;
        await pause(betweenMs, undefined, { signal }).catch(() => {});
      }
    });
  } finally {
    if (state !== undefined) rmSync(state, { recursive: true, force: true });
    rmSync(parent, { recursive: true, force: true });
  }
}

const randomOf = (length: number): Uint8Array => randomBytes(length);

/** Whether a task is about what the lab's own servers have seen. */
function needsRunningLab({ tasks }: CompiledLab): boolean {
  return (
    tasks.cluster !== undefined ||
    tasks.controlPlane !== undefined ||
    tasks.tasks.some(({ login, held }) => login !== undefined || held !== undefined)
  );
}

/** @throws UserError where there is no such folder. */
export function demandFolder(path: string): void {
  if (isFolder(path)) return;
  throw new UserError({
    what: { en: 'there is no such folder', ko: '그런 폴더가 없습니다' },
    where: path,
    expected: {
      en: 'a folder with the files that a learner would have in the end',
      ko: '수강생이 마지막에 갖게 될 파일이 있는 폴더',
    },
  });
}

/** The commands, and what makes a folder a lab's, stay outside. @throws UserError */
function layFiles(from: string, folder: string): void {
  const left = [join(from, scriptName), join(from, stateFolder)];
  try {
    cpSync(from, folder, { recursive: true, dereference: true, filter: (path) => !left.includes(path) });
  } catch (error) {
    throw new UserError(
      {
        what: { en: 'its files cannot be copied', ko: '파일을 복사할 수 없습니다' },
        where: (error as NodeJS.ErrnoException).path ?? from,
        received: (error as NodeJS.ErrnoException).code ?? String(error),
      },
      { cause: error },
    );
  }
}

type HeldOptions = CheckOptions & { readonly signal: AbortSignal; readonly follower: Follower | undefined };

/** Does something while the lab is up, once all of it is. */
async function whileUp<Result>(options: HeldOptions, act: () => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  options.signal.addEventListener('abort', end, { once: true });
  if (options.signal.aborted) end();
  const waiting = new Set(readyMarks(options.lab));
  let ready = (): void => {};
  const isUp = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const held = holdLab({
    ...options,
    signal: controller.signal,
    onEvent(event) {
      options.follower?.onEvent(event);
      for (const mark of marksOf(event, options.lab)) waiting.delete(mark);
      if (waiting.size === 0) ready();
    },
  });
  try {
    // It ends before that only if it fails, or if it is ended.
    await Promise.race([isUp, held]);
    return await Promise.race([act(), held.then(async () => new Promise<never>(() => {}))]);
  } finally {
    options.signal.removeEventListener('abort', end);
    controller.abort();
    await held.catch(() => {});
    options.follower?.close();
  }
}

/** What must have happened until a lab is up as a whole. */
function readyMarks({ tasks }: CompiledLab): string[] {
  if (tasks.cluster) return ['cluster'];
  if (tasks.controlPlane) return ['control-plane'];
  return [
    ...tasks.tasks.map(({ id }) => `task ${id}`),
    ...[tasks.recorded, tasks.repeated].flatMap((one) => (one && 'file' in one ? [`file ${one.file}`] : [])),
    ...(tasks.held ? ['held'] : []),
  ];
}

function marksOf(event: LabEvent, { tasks }: CompiledLab): string[] {
  switch (event.kind) {
    case 'open':
      return event.tasks.map((id) => `task ${id}`);
    case 'shut':
      // Where what it connects to is not open, the held client does not come.
      return event.tasks.flatMap((id) => [
        `task ${id}`,
        ...(tasks.tasks.some((task) => task.id === id && task.held) ? ['held'] : []),
      ]);
    case 'captured':
      return [`file ${event.file}`];
    case 'held':
      return ['held'];
    case 'cluster':
    case 'control-plane':
      return [event.kind];
    default:
      return [];
  }
}

/** @throws UserError if it fails, or takes too long. */
async function runScript(script: string, folder: string, signal: AbortSignal): Promise<void> {
  const { code, isLate, ...said } = await runOwnProgram({
    words: ['-eu', resolve(script)],
    folder,
    milliseconds: scriptMs,
    signal,
  });
  if (code === 0 || signal.aborted) return;
  const last = lastLine(said);
  throw new UserError({
    what: isLate
      ? {
          en: `its commands took more than ${scriptMs / 1000} seconds`,
          ko: `명령이 ${scriptMs / 1000}초 안에 끝나지 않았습니다`,
        }
      : { en: 'its commands failed', ko: '명령이 실패했습니다' },
    where: script,
    expected: { en: 'exit code 0', ko: '종료 코드 0' },
    received: `${code}${last === '' ? '' : `: ${last}`}`,
  });
}
