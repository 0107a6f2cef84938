/** What every check of a task receives and returns: `check.ts`, `check-cluster.ts`, `check-control-plane.ts`. */
import type { Topology } from '../../capture/event.ts';
import type { Clock, RandomBytes } from '../../core/clock.ts';
import type { Localized } from '../../i18n/language.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import type { World } from '../../pki/keystore/world.ts';
import type { Finding } from '../../engine/verdict.ts';
import type { RefusalStory } from '../../presentation/refusals.ts';
import type { CompiledLab, OpenReason } from '../lab.ts';

export interface TaskResult {
  readonly id: string;
  readonly status: 'done' | 'open';
  /** Why it is not done. */
  readonly reason?: OpenReason;
  /** The reason for a refusal. */
  readonly refusal?: string;
  /** The step of the scenario with an unexpected outcome. */
  readonly step?: string;
  /** One sentence: what proves that it is done, or what is missing. */
  readonly says: Localized;
  readonly findings: readonly Finding[];
  /** What to do first, if that is not the task itself. */
  readonly remedy?: Localized;
  /** The command that does it. */
  readonly command?: string;
  /** What was handed in could be read, though it cannot be used. */
  readonly isRead?: true;
  /** The file or setting that could not be used, and where. */
  readonly mistake?: UserErrorFacts;
  /** The refusal that keeps it open. */
  readonly story?: { readonly refusal: RefusalStory; readonly topology: Topology };
}

export interface CheckOptions {
  readonly lab: CompiledLab;
  /** The learner's folder. */
  readonly folder: string;
  /** The lab's own certificates. */
  readonly world: World;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly version: string;
  readonly signal?: AbortSignal;
  /** How wirelab is called from the folder, quoted for a shell; `wirelab` when left out. */
  readonly command?: string;
  /** The command that starts the lab from any folder. */
  readonly startCommand?: string;
}

/**
 * What to do if no server responds. The command is separate: a line break would break it.
 * @param silent the process that holds the folder and does not respond.
 */
export function howToStart(
  { lab, folder, startCommand }: CheckOptions,
  silent?: number,
): { readonly remedy: Localized; readonly command?: string } {
  if (silent !== undefined) {
    return {
      remedy: {
        en: `The lab is running (process ${silent}) but does not answer. If it was stopped with Ctrl-Z, resume it with fg in its terminal.`,
        ko: `실습이 실행 중이지만(프로세스 ${silent}) 응답하지 않습니다. Ctrl-Z로 멈췄다면 그 터미널에서 fg를 입력해 다시 진행하세요.`,
      },
    };
  }
  return {
    remedy: {
      en: 'The lab is not running. Start it in another terminal, and leave it running:',
      ko: '실습이 실행되고 있지 않습니다. 다른 터미널에서 다음 명령으로 시작하고 그대로 두세요.',
    },
    command: startCommand ?? `wirelab lab ${lab.name} --folder ${folder}`,
  };
}

/** The result of a task that is about the running lab, where none responds. @param what cannot be asked */
export function notUp(
  id: string,
  up: { readonly pid: number } | undefined,
  options: CheckOptions,
  what: Localized,
): TaskResult {
  return {
    id,
    status: 'open',
    reason: 'not_up',
    says: what,
    ...howToStart(options, up?.pid),
    findings: [],
    mistake: { what },
  };
}

/** The local time of day: `14:03:59`. @param iso the recorded time. */
export function timeOfDay(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso.slice(0, 24) : time.toTimeString().slice(0, 8);
}
