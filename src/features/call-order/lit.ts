/**
 * `lit`: during the step, messages crossed the wires in this order, with any others in between: heartbeats use the same
 * wires. The bytes do not show which call caused which, so only the order is claimed.
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
      .describe('The wires in the order of their traffic: a request, or an event sent to a watch.'),
  });
}

type Lit = z.infer<ReturnType<typeof litSchema>>;

/** Microseconds. Two changes may follow each other closely, and watchers receive both. */
const silence = 10_000;
/** Maximum legs listed of a long trace. */
const mostListed = 40;

export const lit = {
  claims: (facts: Lit) => [{ facts }],
  judge({ wires }: Lit, view: View, step: PlannedStep | undefined): Judged {
    const window = step && view.window(step.id);
    if (!window) throw new Error('lit is about a step');
    const trail = new CallTrace({ most: Number.POSITIVE_INFINITY, silence });
    // Earlier traffic distinguishes a watch event from a response.
    for (const event of view.events)
      if (event.run === view.run && event.seq <= window.last) trail.fold(event);
    const steps = trail.between(window.first, window.last)?.steps ?? [];
    const found = inOrder(steps, wires);
    const described = trailWords(steps);
    const expected = wires.join(' → ');
    const evidence = found.map(({ seq }) => ({ event: seq }));
    if (steps.length === 0)
      return {
        status: 'unobserved',
        evidence,
        says: { en: 'no wire carried traffic', ko: '아무 구간에서도 말이 없었습니다' },
      };
    return found.length === wires.length
      ? {
          status: 'met',
          evidence,
          says: {
            en: `the wires carried traffic in this order: ${expected} (all traffic: ${described})`,
            ko: `구간이 차례로 쓰였습니다: ${expected}(전체: ${described})`,
          },
        }
      : {
          status: 'missed',
          evidence,
          says: {
            en: `the wires did not carry traffic in the order ${expected}: ${described}`,
            ko: `구간이 ${expected} 순서로 쓰이지 않았습니다: ${described}`,
          },
        };
  },
} as const;

/** The first steps that match, as far as the expected order is met. */
function inOrder(steps: readonly CallTraceStep[], wires: readonly string[]): CallTraceStep[] {
  const found: CallTraceStep[] = [];
  for (const one of steps) if (one.hop === wires[found.length]) found.push(one);
  return found;
}

/** Without the endpoints: only the wires, as the picture of the wires writes its order. */
function trailWords(steps: readonly CallTraceStep[]): string {
  const legs = legsOf(
    steps.filter(({ hop }, index) => hop !== steps[index - 1]?.hop).map((one) => ({ ...one, by: 'client' })),
  ).map(({ steps: own, times }) => {
    const hops = own.map(({ hop }) => hop).join(' → ');
    return times > 1 ? `(${hops}) ×${times}` : hops;
  });
  return [...legs.slice(0, mostListed), ...(legs.length > mostListed ? ['…'] : [])].join(' → ');
}
