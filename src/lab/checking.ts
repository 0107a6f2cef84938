/** What every check of a task is given, and what it says of it. The checks are `check.ts`'s, `check-cluster.ts`'s and `check-control-plane.ts`'s. */
import type { Topology } from '../capture/event.ts';
import type { Clock, RandomBytes } from '../core/clock.ts';
import type { Localized } from '../i18n/language.ts';
import type { MistakeFacts } from '../i18n/mistake.ts';
import type { World } from '../pki/world.ts';
import type { Finding } from '../scenario/verdict.ts';
import type { RefusalStory } from '../story/refusals.ts';
import type { CompiledLab, OpenReason } from './lab.ts';

export interface TaskResult {
  readonly id: string;
  readonly status: 'done' | 'open';
  /** Why it is not done. */
  readonly reason?: OpenReason;
  /** Of a refusal: what for. */
  readonly refusal?: string;
  /** The step of the scenario that did not come out as it must. */
  readonly step?: string;
  /** One sentence: what proves it, or what is missing. */
  readonly says: Localized;
  readonly findings: readonly Finding[];
  /** What to do first, where that is something else than the task. */
  readonly remedy?: Localized;
  /** What could not be used, with its place. */
  readonly mistake?: MistakeFacts;
  /** The refusal that keeps it open. */
  readonly story?: { readonly refusal: RefusalStory; readonly topology: Topology };
}

export interface CheckOptions {
  readonly lab: CompiledLab;
  /** The learner's. */
  readonly folder: string;
  /** The lab's own certificates. */
  readonly world: World;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly version: string;
  readonly signal?: AbortSignal;
}

/** What is to be done where nobody can be asked. */
export function howToStart({ name }: CompiledLab): Localized {
  return { en: `The lab is not up. Start it in another terminal, in the folder above this one: ./wirelab lab ${name}`, ko: `실습이 실행되고 있지 않습니다. 다른 터미널을 열고 이 폴더의 상위 폴더에서 시작하세요: ./wirelab lab ${name}` };
}
