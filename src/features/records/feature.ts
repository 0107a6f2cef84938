/** Feature: what judges read of the records of TLS, of certificates and with the keys of a run. It has no steps; other features rest on it. */
import type { Feature } from '../../engine/feature.ts';
import type { AttackReport } from './observations.ts';
import type { Records } from './reading.ts';
import type { RunKeys } from './run-keys.ts';

declare module '../../engine/extensions.ts' {
  interface Instruments {
    /** Reads the records of a connection with the lines of its key log. */
    records: Records;
    /** Validates paths of certificates. */
    paths: Pick<typeof import('../../pki/x509/verify.ts'), 'verifyChain' | 'isIssuedBy'>;
    /** What can be tried with the keys of the run; absent where nobody gave its certificates. */
    runKeys: RunKeys;
  }
}

declare module '../../capture/event.ts' {
  interface Observations {
    theft: AttackReport;
  }
}

export const records: Feature = {
  observations: ['theft'],
  instruments: {
    records: async () => (await import('./load-records.ts')).loadRecords(),
    paths: async () => {
      const { verifyChain, isIssuedBy } = await import('../../pki/x509/verify.ts');
      return () => ({ verifyChain, isIssuedBy });
    },
    runKeys: async (world) => {
      if (!world) return undefined;
      const keys = (await import('./run-keys.ts')).runKeysOf(world);
      return () => keys;
    },
  },
};
