/**
 * The ways through a topology, from the clients to the last server: participants and wires in order. How they are drawn
 * is for who draws them.
 */
import type { Participant, Topology, Wire } from '../capture/event.ts';

export interface Leg {
  readonly wire: Wire;
  /** Who stands at its far end; undefined when the topology names but does not describe him. */
  readonly to: Participant | undefined;
}

export interface Way {
  /** Who starts on it; more than one where several use the same first wire. */
  readonly clients: readonly string[];
  readonly legs: readonly Leg[];
}

/** A way for each wire that begins at a client. Where ways part behind somebody, the first one is followed; the others are ways of their own. */
export function waysThrough({ participants, wires }: Topology): Way[] {
  const participant = (name: string): Participant | undefined => participants.find((one) => one.name === name);
  const starts = wires.filter(({ from }) => participants.some(({ name, role }) => name === from && role === 'client'));
  const drawn = new Set<Wire>();
  const wayFrom = (start: Wire): Way => {
    const legs: Leg[] = [];
    const passed = new Set<string>();
    for (let wire: Wire | undefined = start; wire && !passed.has(wire.hop); wire = nextBehind(wires, wire)) {
      passed.add(wire.hop);
      drawn.add(wire);
      legs.push({ wire, to: participant(wire.to) });
    }
    return { clients: [start.from, ...(start.alsoFrom ?? [])], legs };
  };
  const ways = starts.map(wayFrom);
  for (const wire of wires) if (!drawn.has(wire)) ways.push(wayFrom(wire));
  return ways;
}

function nextBehind(wires: readonly Wire[], { to }: Wire): Wire | undefined {
  return wires.find(({ from }) => from === to);
}
