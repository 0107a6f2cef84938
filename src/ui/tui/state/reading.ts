/**
 * Reads the messages that the next frame shows, up to a limit. Drawing never reads: a frame shows what was read here just before
 * it, and a key acts on it. `readings.ts` decides how much is read at once.
 */
import { endsOf } from './login.ts';
import { listedConnections } from './show/steps-list.ts';
import { labHops, newestConnections } from '../lab/shown.ts';
import { calmOf, placeOf, sceneOf, showsList, withPlaceWithout } from './model.ts';
import type { Model, Place } from './model.ts';
import type { RunState } from './run-state.ts';
import { lookFrom, onHop, pointed, rememberLook } from './selection.ts';
import type { Selection } from './selection.ts';
import { shownWires } from './stop/views.ts';
import { sidesOf } from './sides.ts';
import { factsOf } from '../../../presentation/wires/status.ts';

interface Read extends Pick<Model, 'opened' | 'sheet'> {
  readonly scene: RunState;
  readonly version: number;
  readonly look: Selection;
}

const known = new WeakMap<Place, Read>();

/** The selection, with everything read that a frame shows of it. */
export function readAt(model: Model): Selection | undefined {
  const scene = sceneOf(model);
  if (!scene) return undefined;
  const { opened, sheet } = model;
  const place = placeOf(model);
  const before = known.get(place);
  if (
    before?.scene === scene &&
    before.version === scene.version &&
    before.opened === opened &&
    before.sheet === sheet
  )
    return before.look;
  const look = {
    ...scene.look((readings) => {
      const reading = lookFrom(scene, model, readings);
      askFor(model, reading);
      return reading;
    }),
    readings: scene.readings,
  };
  rememberLook(model, look);
  known.set(place, { scene, version: scene.version, opened, sheet, look });
  return look;
}

/** What a frame of that model shows; a record is shown with the keys and without. */
export function readFrame(model: Model): void {
  const scene = sceneOf(model);
  const look = readAt(model);
  if (scene && look?.body === 'lab')
    scene.list(
      newestConnections(look, model.size.rows).flatMap((stop) => scene.stops[stop]?.conn ?? []),
      undefined,
    );
  if (scene && showsList(model)) scene.list(listedConnections(model, scene), model.filter, model.sort);
  readAt(model);
  if (model.sheet === 'record') readAt(withPlaceWithout({ ...model, opened: !model.opened }, 'cursor'));
}

/** What is shown beside the rows of the chosen wire. */
function askFor(model: Model, look: Selection): void {
  if (look.body === 'wire' || look.body === 'brief' || look.body === 'lab') endsOf(look);
  // Their rows are read by selecting each.
  if (look.body === 'wires')
    for (const hop of shownWires(look.step, look.hops))
      lookFrom(look.scene, onHop(model, look, hop), look.readings);
  if (look.body === 'lab')
    for (const hop of labHops(look)) lookFrom(look.scene, onHop(model, look, hop), look.readings);
  const wire = look.body === 'cluster' && look.hop !== undefined ? look.scene.wire(look.hop) : undefined;
  if (wire) factsOf(look, wire, calmOf(model));
  if (model.sheet === 'none') return;
  sidesOf(look);
  const connection = pointed(look)?.row.connection;
  if (connection) look.readings.messages(connection);
}
