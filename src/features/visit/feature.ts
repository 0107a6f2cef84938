/** Feature: a browser visits a site that redirects from plain HTTP to TLS. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { accountsOf } from '../../engine/plan.ts';
import { preloadedSchema, redirectSiteSchema } from './settings.ts';
import { visit as step, visitSchema } from './step.ts';
import {
  visited,
  visitedSchema,
  clearRequest,
  clearRequestSchema,
  noClearRequest,
  noClearRequestSchema,
  cookieVisible,
  cookieSchema,
  cookieWithheld,
  stripped,
  strippedSchema,
} from './visits.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    visit: FactsOf<typeof visitSchema>;
  }
  interface StepActs {
    visit: ActOf<typeof step>;
  }
  interface ServerKinds {
    'redirect-site': true;
  }
  interface ExpectationFacts {
    visited: FactsOf<typeof visitedSchema>;
    clearRequest: FactsOf<typeof clearRequestSchema>;
    noClearRequest: FactsOf<typeof noClearRequestSchema>;
    cookieVisible: FactsOf<typeof cookieSchema>;
    cookieWithheld: FactsOf<typeof cookieSchema>;
    stripped: FactsOf<typeof strippedSchema>;
  }
  interface ClaimFacts {
    visited: ClaimOfKind<typeof visited>;
    clearRequest: ClaimOfKind<typeof clearRequest>;
    noClearRequest: ClaimOfKind<typeof noClearRequest>;
    cookieVisible: ClaimOfKind<typeof cookieVisible>;
    cookieWithheld: ClaimOfKind<typeof cookieWithheld>;
    stripped: ClaimOfKind<typeof stripped>;
  }
  interface ServerSettings {
    redirectSite: FactsOf<typeof redirectSiteSchema>;
  }
  interface ClientSettings {
    preloaded: FactsOf<typeof preloadedSchema>;
  }
}

export const visit: Feature = {
  observations: ['visit'],
  shown: async () => import('./shown.ts'),
  steps: {
    visit: {
      ...step,
      worksAcrossHosts: true,
      schema: visitSchema,
      run: async () => (await import('./run.ts')).runVisit,
      needsAccount: ({ login: isLogin }) => isLogin === true,
      byHand: async () => (await import('./by-hand.ts')).visitByHand,
    },
  },
  servers: {
    'redirect-site': {
      standsAt: 'server',
      start: async (server, { plan, random }, accept) =>
        (await import('./redirect-site.ts')).startRedirectSite({
          ...server.redirectSite,
          accept,
          host: server.host,
          accounts: accountsOf(server, plan),
          random,
        }),
    },
  },
  expectations: {
    visited: { ...visited, schema: visitedSchema },
    clearRequest: { ...clearRequest, schema: clearRequestSchema },
    noClearRequest: { ...noClearRequest, schema: noClearRequestSchema, isHeadline: true },
    cookieVisible: { ...cookieVisible, schema: cookieSchema, isHeadline: true },
    cookieWithheld: { ...cookieWithheld, schema: cookieSchema, isHeadline: true },
    stripped: { ...stripped, schema: strippedSchema, isHeadline: true },
  },
  serverSettings: { redirectSite: redirectSiteSchema },
  clientSettings: { preloaded: preloadedSchema },
};
