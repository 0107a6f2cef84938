/** Feature: a login at a site, straight or through proxies, and what comes of it. */
import type { ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { accountsOf } from '../../engine/plan.ts';
import { admitted, admittedSchema, unreached, unreachedSchema } from './access.ts';
import type { LoginReport, RevocationReport, ServedReport } from './observations.ts';
import { loginProblems } from './problems.ts';
import { refused, refusedSchema, loginSent, loginSentSchema } from './refusal.ts';
import { servedAfterRevocation, servedAfterRevocationSchema } from './revocation.ts';
import { sitesSchema } from './sites.ts';
import { clientsOf } from './step.ts';
import { login as step, loginSchema } from './step.ts';
import { revocableIn } from './withdraw-options.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    login: FactsOf<typeof loginSchema>;
  }
  interface StepActs {
    login: ReturnType<(typeof step)['parts']>[number]['act'];
  }
  interface ServerKinds {
    'login-server': true;
    'login-sites': true;
  }
  interface ExpectationFacts {
    admitted: FactsOf<typeof admittedSchema>;
    unreached: FactsOf<typeof unreachedSchema>;
    refused: FactsOf<typeof refusedSchema>;
    loginSent: FactsOf<typeof loginSentSchema>;
    servedAfterRevocation: FactsOf<typeof servedAfterRevocationSchema>;
  }
  interface ClaimFacts {
    admitted: ClaimOfKind<typeof admitted>;
    unreached: ClaimOfKind<typeof unreached>;
    refused: ClaimOfKind<typeof refused>;
    loginSent: ClaimOfKind<typeof loginSent>;
    servedAfterRevocation: ClaimOfKind<typeof servedAfterRevocation>;
  }
  interface ServerSettings {
    sites: FactsOf<typeof sitesSchema>;
  }
  interface ManualPrograms {
    readonly curl?: string;
    /** Absent where no TLS is spoken. */
    readonly openssl?: string;
  }
}

declare module '../../capture/event.ts' {
  interface Observations {
    login: LoginReport;
    served: ServedReport;
    revocation: RevocationReport;
  }
}

export const login: Feature = {
  observations: ['login', 'served', 'revocation'],
  shown: async () => import('./shown.ts'),
  steps: {
    login: {
      ...step,
      schema: loginSchema,
      run: async () => (await import('./run.ts')).runLogin,
      needsAccount: () => true,
      tries: (facts) => [...clientsOf(facts), ...(facts.sites ?? [])],
      problems: loginProblems,
      byHand: async () => (await import('./by-hand.ts')).loginByHand,
    },
  },
  servers: {
    'login-server': {
      start: async (server, { plan, random }, accept) =>
        (await import('./server.ts')).startLoginServer({
          accept,
          host: server.host,
          accounts: accountsOf(server, plan),
          random,
        }),
    },
    'login-sites': {
      start: async (server, options, accept) =>
        (await import('./login-sites.ts')).startLoginSites(server, options, accept),
    },
  },
  expectations: {
    admitted: { ...admitted, schema: admittedSchema },
    unreached: { ...unreached, schema: unreachedSchema },
    refused: { ...refused, schema: refusedSchema, needs: ['records'] },
    loginSent: { ...loginSent, schema: loginSentSchema, needs: ['records'] },
    servedAfterRevocation: { ...servedAfterRevocation, schema: servedAfterRevocationSchema },
  },
  serverSettings: { sites: sitesSchema },
  sites: ({ servers }) => Object.values(servers).flatMap(({ sites }) => Object.keys(sites ?? {})),
  prepare: (options) =>
    revocableIn(options.plan).length > 0
      ? import('./withdraw.ts').then(({ prepareWithdrawals }) => prepareWithdrawals(options))
      : undefined,
  byHand: async () => (await import('./by-hand.ts')).behindProxies,
};
