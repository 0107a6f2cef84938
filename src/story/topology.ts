/**
 * The ways through a topology, from the clients to the last server, and the one in its middle where many wires meet:
 * participants and wires in order. How they are drawn is for who draws them.
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

/** One in the middle, whom some call and who calls others: an API server with its two faces. */
export interface Star {
  readonly hub: string;
  /** The wires that arrive at him: he is the server there. */
  readonly calledOver: readonly Wire[];
  /** The wires that leave him: he is the client there. */
  readonly callsOver: readonly Wire[];
  /** Those that do not touch him. */
  readonly others: readonly Wire[];
}

/** Fewer wires are told by one line. */
const fewest = 3;

/** Undefined where the wires do not meet: nobody who is called has three. A client with many doors is no middle. */
export function starOf({ wires }: Topology): Star | undefined {
  const touching = (name: string): number => wires.filter(({ from, to }) => from === name || to === name).length;
  const called = new Map(wires.map(({ to }) => [to, touching(to)]));
  const [hub, count] = [...called].reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0]);
  if (count < fewest) return undefined;
  const calledOver = wires.filter(({ to }) => to === hub);
  const callsOver = wires.filter(({ from, to }) => from === hub && to !== hub);
  return { hub, calledOver, callsOver, others: wires.filter(({ from, to }) => from !== hub && to !== hub) };
}
