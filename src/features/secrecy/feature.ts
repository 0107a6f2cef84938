/** Feature: who can read a scenario's secrets, and where. */
import type { ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { records } from '../../evidence/records.ts';
import { runKeys } from '../../evidence/run-keys.ts';
import { eavesdropper, eavesdropperSchema } from './eavesdropper.ts';
import { keysNeverOnWire, privateKeysSchema } from './private-keys.ts';
import { publicKey, publicKeySchema } from './public-key.ts';
import { readAtEnd, readAtEndSchema } from './read-at-end.ts';
import { visible, secretsSchema, sealed } from './secrets.ts';

declare module '../../engine/extensions.ts' {
  interface ExpectationFacts {
    visible: FactsOf<typeof secretsSchema>;
    sealed: FactsOf<typeof secretsSchema>;
    readAtEnd: FactsOf<typeof readAtEndSchema>;
    eavesdropper: FactsOf<typeof eavesdropperSchema>;
    keysNeverOnWire: FactsOf<typeof privateKeysSchema>;
    publicKey: FactsOf<typeof publicKeySchema>;
  }
  interface ClaimFacts {
    visible: ClaimOfKind<typeof visible>;
    sealed: ClaimOfKind<typeof sealed>;
    readAtEnd: ClaimOfKind<typeof readAtEnd>;
    eavesdropper: ClaimOfKind<typeof eavesdropper>;
    keysNeverOnWire: ClaimOfKind<typeof keysNeverOnWire>;
    publicKey: ClaimOfKind<typeof publicKey>;
  }
}

export const secrecy: Feature = {
  comparesVersions: ({ claims }) => claims.some(({ kind }) => kind === 'eavesdropper'),
  expectations: {
    visible: { ...visible, schema: secretsSchema },
    sealed: { ...sealed, schema: secretsSchema, subject: () => 'readability' },
    readAtEnd: { ...readAtEnd, schema: readAtEndSchema },
    eavesdropper: { ...eavesdropper, schema: eavesdropperSchema, needs: [records] },
    keysNeverOnWire: {
      ...keysNeverOnWire,
      isOfRun: true,
      schema: privateKeysSchema,
      hunts: async (world) => (await import('./hunted-keys.ts')).privateKeysOf(world),
    },
    publicKey: { ...publicKey, schema: publicKeySchema, needs: [records, runKeys] },
  },
};
