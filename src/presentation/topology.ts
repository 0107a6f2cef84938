/**
 * The paths through a topology, from the clients to the last server, and its hub where many wires meet: participants and wires
 * in order. The renderers draw them.
 */
import type { Participant, Topology, Wire } from '../capture/event.ts';
import type { CapturedInterface } from '../capture/file/pcapng-reader.ts';
import type { Language } from '../i18n/language.ts';

export interface Leg {
  readonly wire: Wire;
  /** The participant at its far end; undefined if the topology names but does not describe it. */
  readonly to: Participant | undefined;
}

export interface Way {
  /** The clients at its start; several if they share the first wire. */
  readonly clients: readonly string[];
  readonly legs: readonly Leg[];
}

/**
 * A path for each wire that begins at a client. Where paths branch, the first is followed; the others are paths of their own.
 * At the hub of a star, which call causes which is unknown: only proxies are followed through.
 */
export function waysThrough(topology: Topology): Way[] {
  const { participants, wires } = topology;
  const star = starOf(topology);
  const participant = (name: string): Participant | undefined =>
    participants.find((one) => one.name === name);
  const starts = wires.filter(({ from }) =>
    participants.some(({ name, role }) => name === from && role === 'client'),
  );
  const drawn = new Set<Wire>();
  const wayFrom = (start: Wire): Way => {
    const legs: Leg[] = [];
    const passed = new Set<string>();
    for (
      let wire: Wire | undefined = start;
      wire && !passed.has(wire.hop);
      wire = nextBehind(topology, star, wire)
    ) {
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

/** The next wire of a path. */
export function nextBehind(
  { participants, wires }: Topology,
  star: Star | undefined,
  { to }: Wire,
): Wire | undefined {
  const passesOn =
    !star || (to !== star.hub && participants.some(({ name, role }) => name === to && role === 'proxy'));
  return passesOn ? wires.find(({ from }) => from === to) : undefined;
}

/** What these clients and the server speak on a wire: where each of them shows a certificate, `mtls`. */
function spokenBy({ protocol, mutualFor = [] }: Wire, clients: readonly string[]): string {
  return clients.length > 0 && clients.every((client) => mutualFor.includes(client)) ? 'mtls' : protocol;
}

/**
 * `──https──[B eavesdropper]──>`, between the names at both ends, for these clients. @param form shorter ones leave parts out.
 */
export function wireText(
  wire: Wire,
  clients: readonly string[],
  language: Language,
  { seats = true, dashes = 2 }: { readonly seats?: boolean; readonly dashes?: number } = {},
): string {
  const { hop, seat } = wire;
  const dash = '─'.repeat(dashes);
  return `${dash}${spokenBy(wire, clients)}${dash}[${hop}${seats && seat ? ` ${seat[language]}` : ''}]${dash}>`;
}

/** The name at the far end of a wire; a proxy's with its kind: `front: tls`, and anybody's with its owner. */
export const farEnd = (
  name: string,
  to: Participant | undefined,
  { kinds = true }: { readonly kinds?: boolean } = {},
): string => {
  const kind = to?.role === 'proxy' ? (to.kind ?? 'proxy') : name;
  return kinds && kind !== name ? `${name}: ${kind}` : owned(name, to);
};

/** `clone (Mallory)`: whose it is stands behind the name of an attacker's server. */
export const owned = (name: string, { owner }: Pick<Participant, 'owner'> = {}): string =>
  owner === undefined ? name : `${name} (${owner})`;

/** A participant in the middle that is called and calls others: an API server with its two faces. */
export interface Star {
  readonly hub: string;
  /** The wires on which it is the server. */
  readonly calledOver: readonly Wire[];
  /** The wires on which it is the client. */
  readonly callsOver: readonly Wire[];
  /** Those that do not touch it. */
  readonly others: readonly Wire[];
}

/** Fewer neighbours fit on one line. */
const fewest = 3;

/**
 * Around the hub that is named, else undefined if no participant has three neighbours, two of them its callers. A client of many servers is no hub, and a proxy
 * is part of a path. A neighbour that calls and is called counts twice.
 */
export function starOf({ participants, wires, hub: named }: Topology): Star | undefined {
  if (named !== undefined) return starAround(named, wires);
  const passesOn = (name: string): boolean =>
    participants.some((one) => one.name === name && one.role === 'proxy');
  const callers = (name: string): Set<string> =>
    new Set(wires.filter(({ to }) => to === name).map(({ from }) => from));
  const called = (name: string): Set<string> =>
    new Set(wires.filter(({ from, to }) => from === name && to !== name).map(({ to }) => to));
  const middles = [...new Set(wires.map(({ to }) => to))].filter(
    (name) => !passesOn(name) && callers(name).size > 1,
  );
  const [hub, count] = middles
    .map((name) => [name, callers(name).size + called(name).size] as const)
    .reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0] as const);
  return count < fewest ? undefined : starAround(hub, wires);
}

const starAround = (hub: string, wires: readonly Wire[]): Star => ({
  hub,
  calledOver: wires.filter(({ to }) => to === hub),
  callsOver: wires.filter(({ from, to }) => from === hub && to !== hub),
  others: wires.filter(({ from, to }) => from !== hub && to !== hub),
});

/**
 * The topology of a capture that wirelab wrote, with one interface per wire (`client to proxy, tls`); between two wires that meet
 * stands a proxy, unless it is the hub of a star. Undefined for any other capture: there the roles differ from connection to
 * connection.
 */
export function topologyIn(interfaces: readonly CapturedInterface[]): Topology | undefined {
  const wires = interfaces.flatMap(({ name, description = '' }): Wire[] => {
    const [, from, to, protocol] = /^(.{1,80}?) to (.{1,80}), ([a-z]{1,16})$/.exec(description) ?? [];
    return name !== undefined &&
      /^[A-Z]$/.test(name) &&
      from !== undefined &&
      to !== undefined &&
      protocol !== undefined
      ? [{ hop: name, from, to, protocol }]
      : [];
  });
  const isWhole =
    wires.length === interfaces.length && new Set(wires.map(({ hop }) => hop)).size === wires.length;
  if (wires.length === 0 || !isWhole) return undefined;
  const names = [...new Set(wires.flatMap(({ from, to }) => [from, to]))];
  const isCalled = (name: string): boolean => wires.some(({ to }) => to === name);
  const servers = names.map(
    (name): Participant => (isCalled(name) ? { name, role: 'server', kind: name } : { name, role: 'client' }),
  );
  if (starOf({ participants: servers, wires })) return { participants: servers, wires };
  const participants = names.map((name): Participant => {
    if (!isCalled(name)) return { name, role: 'client' };
    return { name, role: wires.some(({ from }) => from === name) ? 'proxy' : 'server' };
  });
  return { participants, wires };
}
