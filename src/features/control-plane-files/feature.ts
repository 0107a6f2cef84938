/** Feature: the certificates in the files of a control plane. */
import type { CertificateReport } from '../../pki/x509/certificate-report.ts';
import type { ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { holds, holdsSchema, lasts, lastsSchema } from './expectations.ts';
import type { CertificateFilesReport } from './observations.ts';
import type { ControlPlaneProcess } from './process.ts';
import { papers, papersSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    papers: FactsOf<typeof papersSchema>;
  }
  interface StepActs {
    papers: ReturnType<(typeof papers)['parts']>[number]['act'];
  }
  interface ExpectationFacts {
    holds: FactsOf<typeof holdsSchema>;
    lasts: FactsOf<typeof lastsSchema>;
  }
  interface ClaimFacts {
    holds: ClaimOfKind<typeof holds>;
    lasts: ClaimOfKind<typeof lasts>;
  }
  interface PlanAdditions {
    /** The servers of which a step restarts a process. */
    readonly restarted?: readonly string[];
  }
}

declare module '../../capture/event.ts' {
  interface Observations {
    papers: CertificateFilesReport;
    /** Of one that was just signed. */
    certificate: CertificateReport;
  }
}

declare module '../../engine/run-context.ts' {
  interface RunningServer {
    /** What looks at its files for each connection is told that they have changed; whoever reads them once, when it starts, is not. */
    reread?(files: ReadonlyMap<string, string>): void;
    /** Ends one of the processes and starts it anew, with what now lies in its files. */
    restart?(process: ControlPlaneProcess, files: ReadonlyMap<string, string>): Promise<void>;
  }
}

export const controlPlaneFiles: Feature = {
  observations: ['papers'],
  isShownIn: ({ wires }) => wires.some(({ security }) => security !== 'plain'),
  shown: async () => import('./shown.ts'),
  steps: {
    papers: {
      ...papers,
      schema: papersSchema,
      run: async () => (await import('./run.ts')).runPapers,
    },
  },
  expectations: {
    holds: { ...holds, schema: holdsSchema },
    lasts: { ...lasts, schema: lastsSchema },
  },
};
