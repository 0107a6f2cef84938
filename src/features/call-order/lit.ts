/**
 * `lit`: the wires spoke in this order while the step ran, whatever else was said meanwhile. Heartbeats go over the same
 * wires, so others may stand between. Which call follows from which the bytes do not say: the order is what is claimed.
 */
import type { z } from 'zod';
import { legsOf, CallTrace } from '../../analysis/call-trace.ts';
import type { CallTraceStep } from '../../analysis/call-trace.ts';
import type { Z } from '../../engine/extensions.ts';
import type { Judged } from '../../engine/kinds.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { View } from '../../engine/view.ts';

export function litSchema(zod: Z) {
  return zod.strictObject({
    wires: zod
      .array(zod.string())
      .min(1)
      .describe(
        'In the order in which somebody calls over them: a request, or an event that a watch is told of.',
      ),
  });
}

type Lit = z.infer<ReturnType<typeof litSchema>>;

/** Microseconds. Two changes may follow each other closely, and both are told to those who watch. */
const silence = 10_000;
/** Legs that are told of a long trail. */
const mostListed = 40;

export const lit = {
  claims: (facts: Lit) => [{ facts }],
  judge({ wires }: Lit, view: View, step: PlannedStep | undefined): Judged {
    const window = step && view.window(step.id);
    if (!window) throw new Error('lit is about a step');
    const trail = new CallTrace({ most: Number.POSITIVE_INFINITY, silence });
    // What was said before tells a watch's event from an answer.
    for (const event of view.events)
      if (event.run === view.run && event.seq <= window.last) trail.fold(event);
    const steps = trail.between(window.first, window.last)?.steps ?? [];
    const found = inOrder(steps, wires);
    const described = trailWords(steps);
    const expected = wires.join(' ');
    const evidence = found.map(({ seq }) => ({ event: seq }));
    if (steps.length === 0)
      return {
        status: 'unobserved',
        evidence,
        says: { en: 'no wire spoke', ko: '아무 구간에서도 말이 없었습니다' },
      };
    return found.length === wires.length
      ? {
          status: 'met',
          evidence,
          says: {
            en: `the wires light up in turn: ${expected} (all in all: ${described})`,
            ko: `구간이 차례로 켜졌습니다: ${expected}(전체: ${described})`,
          },
        }
      : {
          status: 'missed',
          evidence,
          says: {
            en: `the wires did not light up in the order ${expected}: ${described}`,
            ko: `구간이 ${expected} 순서로 켜지지 않았습니다: ${described}`,
          },
        };
  },
} as const;

/** The first steps that fit, as far as they go. */
function inOrder(steps: readonly CallTraceStep[], wires: readonly string[]): CallTraceStep[] {
  const found: CallTraceStep[] = [];
  for (const one of steps) if (one.hop === wires[found.length]) found.push(one);
  return found;
}

/** Who told whom is left out: the wires alone. */
function trailWords(steps: readonly CallTraceStep[]): string {
  const legs = legsOf(
    steps.filter(({ hop }, index) => hop !== steps[index - 1]?.hop).map((one) => ({ ...one, by: 'client' })),
  ).map(
    ({ steps: [first, second], times }) =>
      `${first?.hop ?? ''}${second ? ` ${second.hop}` : ''}${times > 1 ? ` (${times}×)` : ''}`,
  );
  return legs.length > mostListed ? `${legs.slice(0, mostListed).join(' ')} …` : legs.join(' ');
}
