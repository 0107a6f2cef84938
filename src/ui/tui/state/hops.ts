/** The wires of a stop: its path from the client on, the selectable ones, and the default. */
import type { PlannedStep } from '../../../engine/plan.ts';
import type { Moment, Stop } from '../../../presentation/moment.ts';
import { nextBehind } from '../../../presentation/topology.ts';
import type { Body, Place } from './model.ts';
import type { RunState } from './run-state.ts';

interface Shown {
  readonly scene: RunState;
  readonly hops: readonly string[];
}

export function choiceOf({
  scene,
  place,
  stop,
  hops,
  body,
}: Shown & {
  readonly place: Place;
  readonly stop: Stop | undefined;
  readonly body: Body;
}): readonly string[] {
  const isOpen =
    scene.star !== undefined &&
    (body === 'cluster' || (body === 'wire' && place.body !== undefined && stop?.conn === undefined));
  return isOpen ? scene.topology.wires.map(({ hop }) => hop) : hops;
}

export function hopsOf(
  scene: RunState,
  stop: Stop | undefined,
  step: PlannedStep | undefined,
): readonly string[] {
  if (step) return [...step.path, ...behindTheEntry(scene, step)];
  const { wires } = scene.topology;
  if (stop?.conn !== undefined) {
    const begin = scene.connection(stop.conn)?.hop;
    return begin === undefined ? [] : wayFrom(scene, begin);
  }
  const [start] = scene.sources.plan;
  if (start) return start.path;
  return wires.map(({ hop }) => hop);
}

/** The wires from a step's server to its store: a Secret is passed on over them. */
function behindTheEntry({ topology }: RunState, { path, server }: PlannedStep): string[] {
  const stores = new Set(topology.participants.flatMap(({ name, kind }) => (kind === 'etcd' ? [name] : [])));
  return topology.wires.flatMap(({ hop, from, to }) =>
    from === server && stores.has(to) && !path.includes(hop) ? [hop] : [],
  );
}

/** A wire with an eavesdropper after the entry point of a step: the step is about it if it was used. */
export function watchedBehind({
  scene,
  step,
  hops,
  first,
  last,
}: Shown & Pick<Moment, 'step' | 'first' | 'last'>): string | undefined {
  return (
    step &&
    hops.find(
      (hop) =>
        !step.path.includes(hop) &&
        scene.wire(hop)?.seat !== undefined &&
        scene.sources.flows.onWireBetween(hop, first, last).length > 0,
    )
  );
}

/** A wire and the wires behind it. */
function wayFrom(scene: RunState, hop: string): string[] {
  const way: string[] = [];
  for (
    let wire = scene.wire(hop);
    wire && !way.includes(wire.hop);
    wire = nextBehind(scene.topology, scene.star, wire)
  )
    way.push(wire.hop);
  return way;
}
