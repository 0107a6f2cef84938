/** Reads the TLS records of connections, each once per judgment, and validates certificate paths. */
import type { WireReading } from '../analysis/wire-reading.ts';
import type { Connection } from '../capture/connection.ts';
import { Instrument } from '../engine/instrument.ts';
import type { View } from '../engine/view.ts';

export const records = new Instrument<(connection: Connection) => WireReading>(async () => {
  const [{ readWire }, { loadReadings }] = await Promise.all([
    import('../analysis/read-wire.ts'),
    import('../analysis/conversation/conversation.ts'),
  ]);
  await loadReadings();
  return (flows) => {
    const readings = new Map<number, WireReading>();
    return (connection) => {
      const known = readings.get(connection.conn) ?? readWire(connection, flows);
      readings.set(connection.conn, known);
      return known;
    };
  };
});

/** The records of a connection, decrypted with the logged keys where possible; undefined where no reader was loaded. */
export function readingOf(view: View, connection: Connection): WireReading | undefined {
  return view.instrument(records)?.(connection);
}

export type Paths = Pick<typeof import('../pki/x509/verify.ts'), 'verifyChain' | 'isIssuedBy'>;

export const paths = new Instrument<Paths>(async () => {
  const { verifyChain, isIssuedBy } = await import('../pki/x509/verify.ts');
  return () => ({ verifyChain, isIssuedBy });
});

/** @throws Error where the judge was made without it: its plan has no claim about chains. */
export function pathsOf(view: View): Paths {
  const loaded = view.instrument(paths);
  if (!loaded) throw new Error('path validation was not loaded for this plan');
  return loaded;
}
