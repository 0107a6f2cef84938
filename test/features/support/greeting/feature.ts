/** A toy feature, as a newcomer would add one: a step that greets a server, the server, their reports and how they are shown, an expectation. */
import type { z } from 'zod';
import type { Feature } from '../../../../src/engine/feature.ts';
import type { FactsOf, Z } from '../../../../src/engine/extensions.ts';
import type { Judgement } from '../../../../src/engine/kinds.ts';
import type { PlannedStep } from '../../../../src/engine/plan.ts';
import type { View } from '../../../../src/engine/view.ts';

function greetSchema(zod: Z) {
  return zod.strictObject({ client: zod.string(), to: zod.string(), wire: zod.string(), word: zod.string() });
}

function greetedSchema(zod: Z) {
  return zod.strictObject({ with: zod.string() });
}

type Greet = FactsOf<typeof greetSchema>;
type Greeted = FactsOf<typeof greetedSchema>;

declare module '../../../../src/engine/extensions.ts' {
  interface StepFacts {
    greet: Greet;
  }
  interface StepActs {
    greet: Greet;
  }
  interface ServerKinds {
    greeter: true;
  }
  interface ServerSettings {
    manners: z.infer<z.ZodEnum<{ good: 'good'; bad: 'bad' }>>;
  }
  interface ExpectationFacts {
    greeted: Greeted;
  }
  interface ClaimFacts {
    greeted: Greeted;
  }
}

declare module '../../../../src/capture/event.ts' {
  interface Observations {
    greeting: { readonly heard: string };
  }
}

export const greeting: Feature = {
  observations: ['greeting'],
  shown: async () => import('./shown.ts'),
  steps: {
    greet: {
      schema: greetSchema,
      reports: 'greeting',
      entryPoints: ({ to, wire }) => [{ to, wire }],
      hasGroups: () => false,
      parts: (id, facts) => [{ client: facts.client, ids: [id], act: facts }],
      run: async () => (await import('./run.ts')).runGreet,
    },
  },
  servers: {
    greeter: {
      protocol: 'greeting',
      start: async ({ manners }, _, accept) =>
        (await import('./server.ts')).startGreeter(accept, manners === 'bad' ? 'go away' : 'hello'),
    },
  },
  serverSettings: { manners: (zod) => zod.enum(['good', 'bad']) },
  expectations: {
    greeted: {
      schema: greetedSchema,
      claims: (facts) => [{ facts }],
      judge({ with: expected }, view: View, step: PlannedStep | undefined): Judgement {
        if (!step) throw new Error('greeted is about a step');
        const [report] = view.reports('greeting', step.client, step.id);
        const heard = report?.result.heard;
        return {
          status: heard === undefined ? 'unobserved' : heard === expected ? 'met' : 'missed',
          evidence: report ? [{ event: report.seq }] : [],
          says: { en: `heard ${heard ?? 'nothing'}`, ko: `들은 말: ${heard ?? '없음'}` },
        };
      },
    },
  },
};
