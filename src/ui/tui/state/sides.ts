/**
 * The two connections on the sheet of versions, and what is known of them, for the selected place. Cached until something
 * changes, since it is drawn far more often.
 */
import type { Connection } from '../../../capture/connection.ts';
import { counterpartOf, inOrder, sideOf } from '../../../presentation/sides.ts';
import type { OneSide } from '../../../presentation/sides.ts';
import type { FormEntries } from '../../../presentation/types/values.ts';
import { pointed } from './selection.ts';
import type { Selection } from './selection.ts';
import type { RunState } from './run-state.ts';

interface Remembered {
  readonly connection: Connection | undefined;
  readonly version: number;
  readonly sides: readonly OneSide[];
}

const remembered = new WeakMap<RunState, Remembered>();

/** The selected connection and its counterpart, the older version first; none without TLS. */
export function sidesOf(look: Selection): readonly OneSide[] {
  const { scene } = look;
  const connection = chosenConnection(look);
  if (look.readings !== scene.readings) return connection ? sidesBeside(look, connection) : [];
  const known = remembered.get(scene);
  if (known?.connection === connection && known?.version === scene.version) return known.sides;
  const sides = connection ? sidesBeside(look, connection) : [];
  remembered.set(scene, { connection, version: scene.version, sides });
  return sides;
}

/** The connection under the cursor; at a stop without one the first with TLS on the shown path. */
function chosenConnection(look: Selection): Connection | undefined {
  const { scene, hops } = look;
  return (
    pointed(look)?.row.connection ??
    scene.sources.flows.connections.find(({ carriesTls, hop }) => carriesTls && hops.includes(hop))
  );
}

function sidesBeside({ scene, readings }: Selection, connection: Connection): readonly OneSide[] {
  const { flows } = scene.sources;
  const other = counterpartOf(connection, flows, (one) => scene.speakers.of(one)?.who);
  return inOrder(other ? [connection, other] : [connection]).flatMap(
    (one) => sideOf(one, readings.messages(one), typedOn(scene, one), flows, scene.shown) ?? [],
  );
}

/** What our own client typed, if a step was running when the connection was opened. */
function typedOn({ sources }: RunState, { firstSeq }: Connection): FormEntries | undefined {
  const step = sources.steps.at(firstSeq)?.id;
  const planned = sources.plan.find(({ id }) => id === step);
  return planned && sources.typed(planned);
}
