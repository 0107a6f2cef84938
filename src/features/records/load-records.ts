/** Loads what reads the records of a connection, and keeps what was read for one look at the log. */
import type { Flows } from '../../capture/flows.ts';
import type { WireReading } from '../../analysis/wire-reading.ts';
import type { Records } from './reading.ts';

export async function loadRecords(): Promise<(flows: Flows) => Records> {
  const [{ readWire }, { loadReadings }] = await Promise.all([
    import('../../analysis/read-wire.ts'),
    import('../../analysis/conversation/conversation.ts'),
  ]);
  await loadReadings();
  return (flows) => {
    const readings = new Map<number, WireReading>();
    return {
      read(connection) {
        const known = readings.get(connection.conn) ?? readWire(connection, flows);
        readings.set(connection.conn, known);
        return known;
      },
    };
  };
}
