/**
 * Where a show opens (`--step`): the stop, and the last step that has to run before it. Stops are counted as the screen's bar
 * counts them.
 */
import { UserError } from '../../i18n/user-error.ts';
import { nearest } from '../../i18n/nearest.ts';
import type { CaptureEvent } from '../../capture/event.ts';
import { plannedStops } from '../../engine/plan.ts';
import type { Plan, PlannedStep, PlannedStop } from '../../engine/plan.ts';

export interface Opening extends PlannedStop {
  /** Its index among the stops. */
  readonly stop: number;
  /** The id of the last step before it; undefined where none has to run. */
  readonly through?: string;
}

/**
 * @param given the number of a stop, from 1, or the id of a step: its question, or its result where it has none
 * @param list the command that lists the stops
 * @throws UserError where the plan has no such stop
 */
export function openingAt(
  given: string,
  plan: Pick<Plan, 'steps' | 'scenario'>,
  list = `./wirelab list ${plan.scenario}`,
): Opening {
  const stops = plannedStops(plan.steps);
  const index = /^\d{1,4}$/.test(given)
    ? Number(given) - 1
    : firstIndex(stops, [
        ({ id }) => id === given,
        ({ base }) => base === given,
        (step) => part(step) === given,
      ]);
  const found = stops[index];
  if (!found) {
    const ids = [...new Set(plan.steps.map(({ base }) => base))];
    const near = nearest(given, [...ids, ...plan.steps.map(({ id }) => id)]);
    throw new UserError({
      what: { en: 'no such step', ko: '그런 단계가 없습니다' },
      where: 'wirelab run --step',
      expected: {
        en: `a number from 1 to ${stops.length}, or one of ${ids.join(', ')}`,
        ko: `1부터 ${stops.length}까지의 번호 또는 ${ids.join(', ')} 중 하나`,
      },
      received: given,
      remedy: near
        ? {
            en: `Did you mean ${near}? ${list} lists all steps.`,
            ko: `혹시 ${near} 아닌가요? 단계 목록: ${list}`,
          }
        : { en: `${list} lists all steps.`, ko: `단계 목록: ${list}` },
    });
  }
  const through = lastBefore(found, plan.steps);
  return { ...found, stop: index, ...(through ? { through: through.id } : {}) };
}

/** The first stop of the first kind of match that there is. */
function firstIndex(
  stops: readonly PlannedStop[],
  matches: readonly ((step: PlannedStep) => boolean)[],
): number {
  for (const match of matches) {
    const index = stops.findIndex(({ step }) => step !== undefined && match(step));
    if (index >= 0) return index;
  }
  return -1;
}

/** The client's part of a step, which both TLS versions share. */
const part = ({ id }: PlannedStep): string => id.replace(/-1\.[23]$/, '');

function lastBefore({ kind, step }: PlannedStop, steps: readonly PlannedStep[]): PlannedStep | undefined {
  if (kind === 'intro') return undefined;
  if (!step) return steps.at(-1);
  return kind === 'reveal' ? step : steps[steps.indexOf(step) - 1];
}

/** Keeps back the lines about what lies before the opening. */
export class Curtain {
  readonly #opening: Opening;
  #isOpen: boolean;

  constructor(opening: Opening) {
    this.#opening = opening;
    this.#isOpen = opening.kind === 'intro';
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Called with each event before it is printed. */
  readonly fold = (event: CaptureEvent): void => {
    const { kind, step } = this.#opening;
    if (event.type !== 'step' || event.id !== step?.id) return;
    if (event.state === (kind === 'question' ? 'asked' : 'started')) this.#isOpen = true;
  };

  /** The verdict is printed in any case. */
  open(): void {
    this.#isOpen = true;
  }

  /** Whether the pace applies before that step. */
  waitsFor(step: PlannedStep, steps: readonly PlannedStep[]): boolean {
    return steps.indexOf(step) > steps.findIndex(({ id }) => id === this.#opening.through);
  }
}
