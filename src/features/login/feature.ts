/** Feature: a login at a site, directly or through proxies, and its outcome. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { records } from '../../evidence/records.ts';
import { accountsOf } from '../../engine/plan.ts';
import { admitted, admittedSchema, unreached, unreachedSchema } from './access.ts';
import type { RevocationReport } from './observations.ts';
import { passwordLength, passwordLengthSchema } from './password-length.ts';
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
    login: ActOf<typeof step>;
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
    passwordLength: FactsOf<typeof passwordLengthSchema>;
  }
  interface ClaimFacts {
    admitted: ClaimOfKind<typeof admitted>;
    unreached: ClaimOfKind<typeof unreached>;
    refused: ClaimOfKind<typeof refused>;
    loginSent: ClaimOfKind<typeof loginSent>;
    servedAfterRevocation: ClaimOfKind<typeof servedAfterRevocation>;
    passwordLength: ClaimOfKind<typeof passwordLength>;
  }
  interface ServerSettings {
    sites: FactsOf<typeof sitesSchema>;
  }
}

declare module '../../capture/event.ts' {
  interface Observations {
    revocation: RevocationReport;
  }
}

export const login: Feature = {
  shown: async () => import('./shown.ts'),
  observations: ['login', 'served', 'chain', 'revocation'],
  steps: {
    login: {
      ...step,
      worksAcrossHosts: true,
      schema: loginSchema,
      run: async () => (await import('./run.ts')).runLogin,
      needsAccount: () => true,
      tries: (facts) => [...clientsOf(facts), ...(facts.sites ?? [])],
      problems: loginProblems,
      byHand: async () => (await import('./by-hand.ts')).loginByHand,
      byPrograms: {
        isAskedFor: ({ login: act }) => act?.peers === true,
        load: async () => (await import('./by-hand.ts')).loginByPrograms,
      },
    },
  },
  servers: {
    'login-server': {
      standsAt: 'server',
      start: async (server, { plan, random }, accept) =>
        (await import('../../peers/site/server.ts')).startLoginServer({
          accept,
          host: server.host,
          accounts: accountsOf(server, plan),
          random,
        }),
    },
    'login-sites': {
      standsAt: 'server',
      start: async (server, options, accept) =>
        (await import('./login-sites.ts')).startLoginSites(server, options, accept),
    },
  },
  expectations: {
    admitted: { ...admitted, schema: admittedSchema, subject: () => 'admission' },
    unreached: { ...unreached, schema: unreachedSchema },
    refused: { ...refused, schema: refusedSchema, needs: [records], subject: () => 'refusal' },
    loginSent: { ...loginSent, schema: loginSentSchema, needs: [records] },
    servedAfterRevocation: {
      ...servedAfterRevocation,
      schema: servedAfterRevocationSchema,
      ofStep: 'login',
    },
    passwordLength: { ...passwordLength, schema: passwordLengthSchema, needs: [records], ofStep: 'login' },
  },
  serverSettings: { sites: sitesSchema },
  alsoAbout: ({ servers }) => Object.values(servers).flatMap(({ sites }) => Object.keys(sites ?? {})),
  prepare: (options) =>
    revocableIn(options.plan).length > 0
      ? import('./withdraw.ts').then(({ prepareWithdrawals }) => prepareWithdrawals(options))
      : undefined,
  byHand: async () => (await import('./by-hand.ts')).behindProxies,
};
