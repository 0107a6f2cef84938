/**
 * What is known of each wire at the moment that is looked at: whether it is lit, what is spoken on it, whose certificates
 * were shown, for whom the caller is taken, and what was asked and answered. Pure; how it is drawn is for `view/cluster.ts`.
 *
 * 1. Nothing here goes through the log: counts come from `Traffic`, certificates and requests from the newest connections.
 * 2. What is spoken is what was seen on the wire, whatever the topology calls it.
 */
import type { Message as WireMessage } from '../../../analysis/conversation/conversation.ts';
import type { EventOf, Wire } from '../../../capture/event.ts';
import type { ServedRequest } from '../../../engine/shown.ts';
import type { Connection } from '../../../capture/flows.ts';
import { proofsOf } from '../../../presentation/refusals.ts';
import type { Proofs } from '../../../presentation/refusals.ts';
import type { WireTraffic } from '../../../presentation/traffic.ts';
import type { Burst } from '../../../analysis/call-trace.ts';
import type { Selection } from './selection.ts';
import type { RunState } from './run-state.ts';

/** `lit`: bytes went over it a moment ago; `spoke`: in what is looked at; `quiet`: before that; `unused`: never. */
export type Light = 'lit' | 'spoke' | 'quiet' | 'unused';

/** How well the ends know each other: both by certificate, the server alone, nobody. */
export type Security = 'mtls' | 'tls' | 'plaintext';

export interface WireStatus {
  readonly wire: Wire;
  readonly traffic: WireTraffic;
  readonly light: Light;
  /** Undefined before anything was said. */
  readonly security: Security | undefined;
}

/** Connections of a wire that are looked at, the newest. */
const newest = 6;

/** @param calm the event behind which the lights are out. */
export function sightOf(look: Selection, wire: Wire, calm: number): WireStatus {
  const { scene, last } = look;
  const traffic = scene.traffic.of(wire.hop, last);
  return {
    wire,
    traffic,
    light: lightOf(look, wire.hop, calm),
    security: securityOf(connectionsBy(look, wire.hop), scene),
  };
}

function lightOf(look: Selection, hop: string, calm: number): Light {
  const { scene, last, isPast } = look;
  const { spokeSeq } = scene.traffic.of(hop, last);
  if (spokeSeq < 0) return 'unused';
  // Of a moment that has passed, the wire that spoke last.
  const isLit = isPast
    ? scene.topology.wires.every((other) => scene.traffic.of(other.hop, last).spokeSeq <= spokeSeq)
    : scene.traffic.isLit(hop, calm);
  if (isLit) return 'lit';
  const since = look.step ? look.first : (trailOf(look)?.seq ?? Infinity);
  return spokeSeq >= since ? 'spoke' : 'quiet';
}

/** The order in which the wires spoke: of a step, of all that it did; else of the newest burst. */
export function trailOf({
  scene,
  step,
  stop,
  first,
  last,
}: Pick<Selection, 'scene' | 'step' | 'stop' | 'first' | 'last'>): Burst | undefined {
  if (!step) return scene.trail.newest(last);
  return stop?.kind === 'reveal' || scene.running !== undefined
    ? scene.trail.between(first, last)
    : undefined;
}

function connectionsBy(
  { scene, last }: Pick<Selection, 'scene' | 'last'>,
  hop: string,
): readonly Connection[] {
  return scene.sources.flows.newestOnWire(hop, last, newest);
}

function securityOf(connections: readonly Connection[], scene: RunState): Security | undefined {
  const spoken = connections.filter((connection) => connection.stream('wire', 'client').length > 0);
  if (spoken.length === 0) return undefined;
  const sealed = spoken.filter(({ carriesTls }) => carriesTls);
  if (sealed.length === 0) return 'plaintext';
  // A session that is resumed shows no certificate again (RFC 8446 section 2.2).
  return sealed.some((connection) => shownOn(connection, scene).client !== undefined) ? 'mtls' : 'tls';
}

interface Read {
  readonly bytes: number;
  readonly proofs: Proofs;
}

const known = new WeakMap<Connection, Read>();

/** A handshake is over by then; what comes later is not read for certificates. */
const handshakeBytes = 32 * 1024;

/** The certificates of both sides: as they stand on the wire, else as an endpoint reported them. */
function shownOn(connection: Connection, { sources: { flows } }: RunState): Proofs {
  const bytes =
    connection.stream('wire', 'client').length +
    connection.stream('wire', 'server').length +
    (connection.secured.client ? 1 : 0) +
    (connection.secured.server ? 1 : 0) +
    connection.refused.length +
    flows.keylogLength;
  const before = known.get(connection);
  if (
    before &&
    (before.bytes === bytes ||
      before.bytes > handshakeBytes ||
      (before.proofs.client && before.proofs.server))
  )
    return before.proofs;
  const read = connection.carriesTls ? proofsOf(connection, flows) : undefined;
  const client =
    read?.client ??
    connection.secured.server?.peer ??
    connection.refused.find(({ by }) => by === 'server')?.detail.presented;
  const server = read?.server ?? connection.secured.client?.peer;
  const proofs = { ...(client ? { client } : {}), ...(server ? { server } : {}) };
  known.set(connection, { bytes, proofs });
  return proofs;
}

export interface Asked {
  readonly connection: Connection;
  readonly request: WireMessage;
  readonly answer: WireMessage | undefined;
}

export interface WireStory extends WireStatus {
  readonly version: string | undefined;
  readonly proofs: Proofs;
  /** The client showed no certificate, but its requests carry a token (RFC 6750). */
  readonly hasToken: boolean;
  /** For whom an API server takes the newest caller. */
  readonly caller: { readonly who: string; readonly request: ServedRequest } | undefined;
  readonly refusal: EventOf<'refused'> | undefined;
  readonly connections: readonly Connection[];
  /** What was asked and answered, as the ends read it, the newest first. */
  readonly asked: readonly Asked[];
}

export function storyOf(look: Selection, wire: Wire, calm: number): WireStory {
  const { scene, last } = look;
  const sight = sightOf(look, wire, calm);
  const connections = connectionsBy(look, wire.hop);
  const shown = connections.map((connection) => shownOn(connection, scene));
  const proofs = shown.find(({ client }) => client) ?? shown.find(({ server }) => server) ?? {};
  const asked = connections
    .flatMap((connection) => askedOn(connection, look))
    .toSorted((one, other) => other.request.seq - one.request.seq);
  const secured = connections.flatMap(
    (connection) => connection.secured.server ?? connection.secured.client ?? [],
  );
  return {
    ...sight,
    version: secured[0]?.version.replace('TLSv', 'TLS '),
    proofs,
    hasToken: !proofs.client && asked.slice(0, 3).some(({ request }) => carriesToken(request)),
    caller: scene.askedOn(connections, last),
    refusal: connections.flatMap(({ refused }) => refused.findLast(({ seq }) => seq <= last) ?? [])[0],
    connections,
    asked,
  };
}

/** Messages of a connection that are looked through for requests. */
const mostMessages = 200;

function askedOn(connection: Connection, { readings, last }: Selection): Asked[] {
  const messages = readings.messages(connection, { vantage: 'plaintext' });
  const asked: { connection: Connection; request: WireMessage; answer: WireMessage | undefined }[] = [];
  for (const message of messages.slice(-mostMessages)) {
    if (message.protocol !== 'http' || message.seq > last) continue;
    if (message.from === 'client') asked.push({ connection, request: message, answer: undefined });
    else {
      const open = asked.find(({ answer }) => answer === undefined);
      if (open) open.answer = message;
    }
  }
  return asked;
}

const tokens = new WeakMap<WireMessage, boolean>();

function carriesToken(request: WireMessage): boolean {
  let carries = tokens.get(request);
  if (carries === undefined) {
    carries = request.credentials().some(({ kind }) => kind === 'bearer');
    tokens.set(request, carries);
  }
  return carries;
}
