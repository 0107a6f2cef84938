/**
 * The status of each wire at a moment: whether it is lit, its observed protocol, the certificates presented, as whom the caller
 * is authenticated, its requests and responses. Pure; `star.ts` and `report.ts` put it into words.
 *
 * 1. Nothing here reads the log: counts come from `Traffic`, certificates and requests from the newest connections.
 * 2. The protocol is what was seen on the wire, whatever the topology says.
 */
import type { Message as WireMessage } from '../../analysis/conversation/message.ts';
import type { EventOf, Wire } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { Burst } from '../../analysis/call-trace.ts';
import type { RunFacts, WatchedMoment } from '../moment.ts';
import { proofsOf } from '../refusals.ts';
import type { Proofs } from '../refusals.ts';
import type { WireTraffic } from './traffic.ts';
import type { Light, Security } from '../types/cluster.ts';

export interface WireStatus {
  readonly wire: Wire;
  readonly traffic: WireTraffic;
  readonly light: Light;
  /** Undefined before any data was sent. */
  readonly security: Security | undefined;
}

/** The newest connections of a wire; older ones are not read. */
const newest = 6;

/** @param calm the event up to which no wire stays lit. */
export function statusOf(look: WatchedMoment, wire: Wire, calm: number): WireStatus {
  const { scene, last } = look;
  const traffic = scene.traffic.of(wire.hop, last);
  return {
    wire,
    traffic,
    light: lightOf(look, wire.hop, calm),
    security: securityOf(connectionsBy(look, wire.hop), scene),
  };
}

function lightOf(look: WatchedMoment, hop: string, calm: number): Light {
  const { scene, last, isPast } = look;
  const { spokeSeq } = scene.traffic.of(hop, last);
  if (spokeSeq < 0) return 'unused';
  // At a moment in the past, the wire that carried data last is lit.
  const isLit = isPast
    ? scene.topology.wires.every((other) => scene.traffic.of(other.hop, last).spokeSeq <= spokeSeq)
    : scene.traffic.isLit(hop, calm);
  if (isLit) return 'lit';
  const since = look.step ? look.first : (trailOf(look)?.seq ?? Infinity);
  return spokeSeq >= since ? 'spoke' : 'quiet';
}

/** The order in which the wires carried data: during a step, or in the newest burst. */
export function trailOf({
  scene,
  step,
  stop,
  first,
  last,
}: Pick<WatchedMoment, 'scene' | 'step' | 'stop' | 'first' | 'last'>): Burst | undefined {
  if (!step) return scene.trail.newest(last);
  return stop?.kind === 'reveal' || scene.running !== undefined
    ? scene.trail.between(first, last)
    : undefined;
}

function connectionsBy(
  { scene, last }: Pick<WatchedMoment, 'scene' | 'last'>,
  hop: string,
): readonly Connection[] {
  return scene.sources.flows.newestOnWire(hop, last, newest);
}

function securityOf(connections: readonly Connection[], scene: RunFacts): Security | undefined {
  const spoken = connections.filter((connection) => connection.stream('wire', 'client').length > 0);
  if (spoken.length === 0) return undefined;
  const sealed = spoken.filter(({ carriesTls }) => carriesTls);
  if (sealed.length === 0) return 'plaintext';
  // A session that is resumed shows no certificate again (RFC 8446 section 2.2).
  const mutual = sealed.filter((connection) => shownOn(connection, scene).client !== undefined);
  if (mutual.length === 0) return 'tls';
  return mutual.some(isUnverified) ? 'half' : 'mtls';
}

/** The client has accepted a certificate of the server that it did not verify. */
function isUnverified({ secured }: Connection): boolean {
  return secured.client?.unverified === true;
}

interface Read {
  readonly bytes: number;
  readonly proofs: Proofs;
}

const known = new WeakMap<Connection, Read>();

/** The handshake is over by then: later bytes are not searched for certificates. */
const handshakeBytes = 32 * 1024;

/** The certificates of both sides, from the wire or as an endpoint reported them. */
function shownOn(connection: Connection, { sources: { flows } }: RunFacts): Proofs {
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

export interface Exchange {
  readonly connection: Connection;
  readonly request: WireMessage;
  readonly response: WireMessage | undefined;
}

export interface WireFacts extends WireStatus {
  readonly version: string | undefined;
  readonly proofs: Proofs;
  /** The client does not verify the server's certificate. */
  readonly isUnverified: boolean;
  /** The client presented no certificate, but its requests carry a token (RFC 6750). */
  readonly hasToken: boolean;
  /** As whom an API server authenticated the newest caller. */
  readonly caller: ReturnType<RunFacts['askedOn']>;
  /** The same of each connection, where they differ or somebody acts as another. */
  readonly callers: ReadonlyMap<number, NonNullable<WireFacts['caller']>['request']>;
  readonly refusal: EventOf<'refused'> | undefined;
  readonly connections: readonly Connection[];
  /** As the ends read them, the newest first. */
  readonly exchanges: readonly Exchange[];
}

export function factsOf(look: WatchedMoment, wire: Wire, calm: number): WireFacts {
  const { scene, last } = look;
  const status = statusOf(look, wire, calm);
  const connections = connectionsBy(look, wire.hop);
  const shown = connections.map((connection) => shownOn(connection, scene));
  const proofs = shown.find(({ client }) => client) ?? shown.find(({ server }) => server) ?? {};
  const exchanges = connections
    .flatMap((connection) => exchangesOn(connection, look))
    .toSorted((one, other) => other.request.seq - one.request.seq);
  const secured = connections.flatMap(
    (connection) => connection.secured.server ?? connection.secured.client ?? [],
  );
  return {
    ...status,
    version: secured[0]?.version.replace('TLSv', 'TLS '),
    proofs,
    isUnverified: connections.some(isUnverified),
    hasToken: !proofs.client && exchanges.slice(0, 3).some(({ request }) => carriesToken(request)),
    caller: scene.askedOn(connections, last),
    callers: callersBy(look, connections),
    refusal: connections.flatMap(({ refused }) => refused.findLast(({ seq }) => seq <= last) ?? [])[0],
    connections,
    exchanges,
  };
}

function callersBy({ scene, last }: WatchedMoment, connections: readonly Connection[]): WireFacts['callers'] {
  const callers = new Map(
    connections.flatMap((connection) => {
      const request = scene.askedOn([connection], last)?.request;
      return request ? [[connection.conn, request] as const] : [];
    }),
  );
  const users = new Set([...callers.values()].map(({ user, impersonator }) => impersonator ?? user));
  const isPlain =
    users.size < 2 && [...callers.values()].every(({ impersonator }) => impersonator === undefined);
  return isPlain ? new Map() : callers;
}

/** The newest heads of a connection; requests before them are not listed. What a watch sends has none. */
const mostHeads = 200;

function exchangesOn(connection: Connection, { readings, last }: WatchedMoment): Exchange[] {
  const messages = readings.messages(connection, { vantage: 'plaintext' });
  const exchanges: { connection: Connection; request: WireMessage; response: WireMessage | undefined }[] = [];
  const heads = messages.filter(
    ({ protocol, http, seq }) =>
      seq <= last && (protocol === 'http' || (http && !http.isTrailer && (http.status ?? 200) >= 200)),
  );
  for (const message of heads.slice(-mostHeads)) {
    const { http } = message;
    if (message.from === 'client') exchanges.push({ connection, request: message, response: undefined });
    else {
      // In HTTP/1.1 responses come in the order of their requests.
      const open = exchanges.find(
        ({ request, response }) => response === undefined && request.http?.stream === http?.stream,
      );
      if (open) open.response = message;
    }
  }
  return exchanges;
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
