/**
 * What is tried on captured connections, for a step that does it and for a judge who does it once more: nothing that is said
 * to open, or to stay shut, is taken on trust. Loaded only where a scenario has such a step. Pure over the captured bytes and
 * the keys that are handed in.
 */
import { createPublicKey } from 'node:crypto';
import { overhear } from '../toy/eavesdropper.ts';
import type { Try } from '../toy/eavesdropper.ts';
import { lockedMessage } from '../toy/client.ts';
import { openRecorded } from '../../analysis/secrets/stolen-key.ts';
import type { Opened } from '../../analysis/secrets/stolen-key.ts';
import type { Side } from '../../capture/event.ts';
import type { Connection } from '../../capture/flows.ts';
import type { World } from '../../pki/keystore/world.ts';

/** What judges ask for. */
export interface Attacks {
  /** @param guesses passwords */
  overhear(connection: Connection, guesses: readonly string[] | undefined): readonly Try[];
  /** Absent where nobody gave the certificates of the run. */
  readonly keys?: RunKeys;
}

interface RunKeys {
  /** With the private key of that certificate. */
  open(connection: Connection, key: string): Opened;
  /** The SubjectPublicKeyInfo of that certificate, DER. */
  publicKey(certificate: string): Uint8Array;
  /** SHA-256 of that certificate, lower-case hex. */
  fingerprint(certificate: string): string;
}

/** The eavesdropper of the toy protocol at one captured connection. */
export function overhearConnection(connection: Connection, guesses: readonly string[] = []): Try[] {
  const wire = (from: Side): Uint8Array => {
    const stream = connection.stream('wire', from);
    return stream.read(0, stream.length) ?? new Uint8Array(0);
  };
  return overhear({ client: wire('client'), server: wire('server') }, guesses.map(lockedMessage));
}

export function attacksWith(world: World | undefined): Attacks {
  if (!world) return { overhear: overhearConnection };
  return {
    overhear: overhearConnection,
    keys: {
      open: (connection, key) => openRecorded(connection, world.identity(key).key),
      publicKey: (certificate) =>
        new Uint8Array(
          createPublicKey(world.certificate(certificate)).export({ type: 'spki', format: 'der' }),
        ),
      fingerprint: (certificate) => world.summary(certificate).sha256,
    },
  };
}
