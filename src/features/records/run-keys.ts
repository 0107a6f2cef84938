/**
 * What is tried on captured connections with the keys of a run, for a judge who trusts no report: nothing that is said to
 * open, or to stay shut, is taken on trust. Pure over the captured bytes and the keys that are handed in.
 */
import { createPublicKey } from 'node:crypto';
import { openRecorded } from '../../analysis/secrets/stolen-key.ts';
import type { Opened } from '../../analysis/secrets/stolen-key.ts';
import type { Connection } from '../../capture/flows.ts';
import type { World } from '../../pki/keystore/world.ts';

export interface RunKeys {
  /** With the private key of that certificate. */
  open(connection: Connection, key: string): Opened;
  /** The SubjectPublicKeyInfo of that certificate, DER. */
  publicKey(certificate: string): Uint8Array;
  /** SHA-256 of that certificate, lower-case hex. */
  fingerprint(certificate: string): string;
}

export function runKeysOf(world: World): RunKeys {
  return {
    open: (connection, key) => openRecorded(connection, world.identity(key).key),
    publicKey: (certificate) =>
      new Uint8Array(createPublicKey(world.certificate(certificate)).export({ type: 'spki', format: 'der' })),
    fingerprint: (certificate) => world.summary(certificate).sha256,
  };
}
