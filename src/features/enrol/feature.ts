/** Feature: a certificate authority, and a client that requests a certificate from it. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { needs } from '../../engine/problems.ts';
import type { Identity } from '../../pki/keystore/world.ts';
import {
  enrolments,
  issued,
  issuedSchema,
  notIssued,
  notIssuedSchema,
  decided,
  decidedSchema,
  challenge,
  challengeSchema,
  installed,
  installedSchema,
} from './expectations.ts';
import type { CertificationReport, EnrolmentReport } from './observations.ts';
import { enrol as step, enrolSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    enrol: FactsOf<typeof enrolSchema>;
  }
  interface StepActs {
    enrol: ActOf<typeof step>;
  }
  interface ServerKinds {
    'certificate-authority': true;
  }
  interface ExpectationFacts {
    issued: FactsOf<typeof issuedSchema>;
    notIssued: FactsOf<typeof notIssuedSchema>;
    decided: FactsOf<typeof decidedSchema>;
    challenge: FactsOf<typeof challengeSchema>;
    installed: FactsOf<typeof installedSchema>;
  }
  interface ClaimFacts {
    issued: ClaimOfKind<typeof issued>;
    notIssued: ClaimOfKind<typeof notIssued>;
    decided: ClaimOfKind<typeof decided>;
    challenge: ClaimOfKind<typeof challenge>;
    installed: ClaimOfKind<typeof installed>;
  }
  interface ServerSettings {
    issuer: string;
  }
  interface SuppliedInput {
    /** A signing request, PEM. */
    readonly request?: string;
  }
  interface PlanAdditions {
    /** A signing request that a person supplied, PEM. */
    readonly request?: string;
  }
}

declare module '../../capture/event.ts' {
  interface Observations {
    enrolment: EnrolmentReport;
    certification: CertificationReport;
  }
}

declare module '../../engine/run-context.ts' {
  interface RunningServer {
    /** Presents this certificate from the next handshake on; absent where the server has no TLS. */
    install?(identity: Identity): void;
    /** Serves a text at a path and returns the function that removes it; absent where the client cannot put files there. */
    publish?(path: string, text: string): () => void;
  }
}

export const enrol: Feature = {
  observations: ['enrolment', 'certification'],
  accepts: {
    request: {
      isIn: ({ steps }) => steps.some(({ enrol: facts }) => facts?.brought),
      toInput: (request) => ({ request }),
    },
  },
  shown: async () => import('./shown.ts'),
  steps: {
    enrol: {
      ...step,
      schema: enrolSchema,
      run: async () => (await import('./run.ts')).runEnrol,
      isLeftOut: ({ brought }, { request }) => brought === true && request === undefined,
      // A request that is not supplied is generated, which needs a key and the requested names.
      problems: (facts, { path }) =>
        facts.brought
          ? []
          : (['key', 'asks'] as const).flatMap((field) =>
              facts[field] === undefined ? [needs(path, field, 'no request that is brought')] : [],
            ),
      byHand: async () => (await import('./by-hand.ts')).enrolByHand,
    },
  },
  servers: {
    'certificate-authority': {
      start: async (...started) => (await import('./start-authority.ts')).startAuthority(...started),
    },
  },
  expectations: {
    issued: { ...issued, schema: issuedSchema, needs: [enrolments] },
    notIssued: { ...notIssued, schema: notIssuedSchema, needs: [enrolments] },
    decided: { ...decided, schema: decidedSchema, needs: [enrolments] },
    challenge: { ...challenge, schema: challengeSchema, needs: [enrolments] },
    installed: { ...installed, schema: installedSchema, needs: [enrolments] },
  },
  serverSettings: {
    issuer: (zod) =>
      zod.string().describe('For certificate-authority: the CA of the recipe that signs what it issues.'),
  },
  references: {
    publicKeyOf: 'identity',
    publishesAt: 'server',
    install: 'server',
    issuedIn: 'step',
  },
  serverProblems: ({ kind, issuer }, path) =>
    kind === 'certificate-authority' && issuer === undefined ? [needs(path, 'issuer', `kind ${kind}`)] : [],
  plan: (_, { request }) => (request === undefined ? {} : { request }),
};
