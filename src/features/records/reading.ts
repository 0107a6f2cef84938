/** How a judge reads the records of a connection, with what `analysis/wire-reading.ts` says of one. */
import type { WireReading } from '../../analysis/wire-reading.ts';
import type { Connection } from '../../capture/flows.ts';
import type { Instruments } from '../../engine/extensions.ts';
import type { View } from '../../engine/view.ts';

/** Reads connections as the sniffer does. */
export interface Records {
  read(connection: Connection): WireReading;
}

/** The records of a connection, opened with the logged keys where they open; undefined where no reader was loaded. */
export function readingOf(view: View, connection: Connection): WireReading | undefined {
  return view.instrument('records')?.read(connection);
}

/** @throws Error where the judge was made without it: its plan has no claim about chains then. */
export function pathsOf(view: View): Instruments['paths'] {
  const paths = view.instrument('paths');
  if (!paths) throw new Error('path validation was not loaded for this plan');
  return paths;
}
