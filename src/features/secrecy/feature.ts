/** Feature: who can read the secrets of a scenario, and where. */
import type { ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { eavesdropper, eavesdropperSchema } from './eavesdropper.ts';
import { passwordLength, passwordLengthSchema } from './password-length.ts';
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
    passwordLength: FactsOf<typeof passwordLengthSchema>;
    keysNeverOnWire: FactsOf<typeof privateKeysSchema>;
    publicKey: FactsOf<typeof publicKeySchema>;
  }
  interface ClaimFacts {
    visible: ClaimOfKind<typeof visible>;
    sealed: ClaimOfKind<typeof sealed>;
    readAtEnd: ClaimOfKind<typeof readAtEnd>;
    eavesdropper: ClaimOfKind<typeof eavesdropper>;
    passwordLength: ClaimOfKind<typeof passwordLength>;
    keysNeverOnWire: ClaimOfKind<typeof keysNeverOnWire>;
    publicKey: ClaimOfKind<typeof publicKey>;
  }
}

export const secrecy: Feature = {
  comparesVersions: ({ claims }) => claims.some(({ kind }) => kind === 'eavesdropper'),
  expectations: {
    visible: { ...visible, schema: secretsSchema },
    sealed: { ...sealed, schema: secretsSchema },
    readAtEnd: { ...readAtEnd, schema: readAtEndSchema },
    eavesdropper: { ...eavesdropper, schema: eavesdropperSchema, needs: ['records'] },
    passwordLength: { ...passwordLength, schema: passwordLengthSchema, needs: ['records'] },
    keysNeverOnWire: {
      ...keysNeverOnWire,
      schema: privateKeysSchema,
      hunts: async (world) => (await import('./hunted-keys.ts')).privateKeysOf(world),
    },
    publicKey: { ...publicKey, schema: publicKeySchema, needs: ['records', 'runKeys'] },
  },
};
