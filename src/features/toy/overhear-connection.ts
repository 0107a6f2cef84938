/** Runs the toy protocol's eavesdropper on one captured connection. Loaded only where a scenario has such a step. */
import type { Side } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import { lockedMessage } from './client.ts';
import { overhear } from './eavesdropper.ts';
import type { Try } from './eavesdropper.ts';

/** @param guesses passwords */
export function overhearConnection(connection: Connection, guesses: readonly string[] = []): Try[] {
  const wire = (from: Side): Uint8Array => {
    const stream = connection.stream('wire', from);
    return stream.read(0, stream.length) ?? new Uint8Array(0);
  };
  return overhear({ client: wire('client'), server: wire('server') }, guesses.map(lockedMessage));
}
