/** Feature: peers that speak by lines of the scenario file, so that a login in any protocol of lines needs no code. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { accountsOf, secretValues } from '../../engine/plan.ts';
import { declined, declinedSchema } from './declined.ts';
import { framingSchema } from './framing.ts';
import { scriptSchema } from './lines.ts';
import type { ScriptMismatch } from './mismatch.ts';
import { scriptedRelayProblems, scriptedServerProblems, scriptProblems } from './problems.ts';
import { protocolSchema } from './protocol.ts';
import { relaySchema } from './relay-lines.ts';
import { scriptStep, scriptStepSchema } from './step.ts';
import { accountValues } from './values.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    script: FactsOf<typeof scriptStepSchema>;
  }
  interface StepActs {
    script: ActOf<typeof scriptStep>;
  }
  interface ServerKinds {
    'scripted-server': true;
  }
  interface ExpectationFacts {
    declined: FactsOf<typeof declinedSchema>;
  }
  interface ClaimFacts {
    declined: ClaimOfKind<typeof declined>;
  }
  interface ServerSettings {
    script: FactsOf<typeof scriptSchema>;
    protocol: FactsOf<typeof protocolSchema>;
    framing: FactsOf<typeof framingSchema>;
  }
  interface ProxySettings {
    script: FactsOf<typeof relaySchema>;
  }
  interface ClientSettings {
    script: FactsOf<typeof scriptSchema>;
    framing: FactsOf<typeof framingSchema>;
  }
}

declare module '../../capture/event.ts' {
  interface Observations {
    'script-mismatch': ScriptMismatch;
  }
}

export const scripted: Feature = {
  shown: async () => import('./shown.ts'),
  observations: ['login', 'served', 'script-mismatch'],
  steps: {
    script: {
      ...scriptStep,
      schema: scriptStepSchema,
      run: async () => (await import('./run.ts')).runScript,
      needsAccount: () => true,
      problems: scriptProblems,
      byHand: async () => (await import('./by-hand.ts')).scriptByHand,
    },
  },
  servers: {
    'scripted-server': {
      protocolOf: ({ protocol }) => protocol,
      start: async (server, { plan, log }, accept) => {
        const secrets = secretValues(plan);
        return (await import('./server.ts')).startScriptedServer({
          accept,
          name: server.name,
          onMismatch: (mismatch) =>
            log.append({
              type: 'observed',
              who: server.name,
              result: { kind: 'script-mismatch', ...mismatch },
            }),
          lines: server.script ?? [],
          framing: server.framing,
          accounts: accountsOf(server, plan).map((account) => accountValues(account, secrets)),
          secrets,
          timeout: plan.stepTimeoutMs,
        });
      },
    },
  },
  expectations: {
    declined: { ...declined, schema: declinedSchema, ofStep: 'script' },
  },
  serverSettings: { script: scriptSchema, protocol: protocolSchema, framing: framingSchema },
  proxySettings: { script: relaySchema },
  clientSettings: { script: scriptSchema, framing: framingSchema },
  serverProblems: scriptedServerProblems,
  proxyProblems: scriptedRelayProblems,
  between({ script }, plan) {
    if (!script) return undefined;
    const secrets = secretValues(plan);
    const candidates = [...plan.accounts, undefined].map((account) => accountValues(account, secrets));
    return async (client, target) => {
      const { RelayScript, relayByScript } = await import('./relay.ts');
      await relayByScript(new RelayScript(script, candidates), client, target);
    };
  },
};
