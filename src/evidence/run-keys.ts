/**
 * Tries the keys of a run on captured connections, for judges that trust no report: every claim that something opens, or
 * does not, is checked. Pure over the captured bytes and the keys passed in.
 */
import type { Opened } from '../analysis/secrets/stolen-key.ts';
import type { Connection } from '../capture/connection.ts';
import { Instrument } from '../engine/instrument.ts';

export interface RunKeys {
  /** With the private key of that certificate, and with session ticket keys. */
  open(connection: Connection, key: string, ticketKeys?: Uint8Array): Opened;
  /** The SubjectPublicKeyInfo of that certificate, DER. */
  publicKey(certificate: string): Uint8Array;
  /** SHA-256 of that certificate, lower-case hex. */
  fingerprint(certificate: string): string;
}

/** Absent without the run's certificates. */
export const runKeys = new Instrument<RunKeys>(async (world) => {
  if (!world) return undefined;
  const [{ createPublicKey }, { openRecorded }] = await Promise.all([
    import('node:crypto'),
    import('../analysis/secrets/stolen-key.ts'),
  ]);
  const keys: RunKeys = {
    open: (connection, key, ticketKeys) => openRecorded(connection, world.identity(key).key, ticketKeys),
    publicKey: (certificate) =>
      new Uint8Array(createPublicKey(world.certificate(certificate)).export({ type: 'spki', format: 'der' })),
    fingerprint: (certificate) => world.summary(certificate).sha256,
  };
  return () => keys;
});
