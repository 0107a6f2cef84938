/**
 * The part of a run that is shown, as the functions for a step's outcome need it: its events, wires, secrets found and
 * reports of endpoints. The terminal UI's `RunState` and `Selection` implement it.
 */
import type { CallTrace } from '../analysis/call-trace.ts';
import type { Message as WireMessage } from '../analysis/conversation/message.ts';
import type { Hit, SecretHunt } from '../analysis/secrets/secret-hunt.ts';
import type { Topology, Wire } from '../capture/event.ts';
import type { Connection } from '../capture/connection.ts';
import type { ConnectionRefusal, Flows } from '../capture/flows.ts';
import type { PlannedStep } from '../engine/plan.ts';
import type { Finding, Verdict } from '../engine/verdict.ts';
import type { Localized } from '../i18n/language.ts';
import type { ClientAccount, ServedRequest } from '../engine/shown.ts';
import { refusalsOf } from './refusals.ts';
import type { JudgedVerdict, RefusalStory, Speakers } from './refusals.ts';
import type { Report, ShownFeatures } from './shown.ts';
import type { Star } from './topology.ts';
import type { Traffic } from './wires/traffic.ts';

/** A stop of the timeline: the introduction, a question, the result of a step, the verdict, a visitor. */
export interface Stop {
  readonly kind: 'intro' | 'question' | 'reveal' | 'verdict' | 'visitor';
  /** The step that it belongs to. */
  readonly step?: string;
  /** The visitor's connection. */
  readonly conn?: number;
  /** The event that opens it. */
  readonly from: number;
}

/** What is known of a run from its events. */
export interface RunFacts {
  readonly sources: {
    readonly flows: Flows;
    readonly hunt: SecretHunt;
    /** The claims whose findings are shown at the top, beside the outcome of the secrets. */
    readonly summaryClaims?: ReadonlySet<string>;
    readonly isVisited?: boolean;
    /** It comes from a file: connections run beside each other. */
    readonly isCapture?: boolean;
    readonly plan: readonly PlannedStep[];
    /** The secrets' values by their ids. */
    readonly secrets: ReadonlyMap<string, string>;
  };
  readonly stops: readonly Stop[];
  readonly topology: Topology;
  /** If it is one. */
  readonly star?: Star | undefined;
  readonly speakers: Speakers;
  readonly verdict: Verdict | undefined;
  /** The step that is running. */
  readonly running: string | undefined;
  wire(hop: string): Wire | undefined;
  connection(conn: number): Connection | undefined;
  /** Of the whole run. */
  readonly narration: { readonly takeaway?: Localized };
  narrationOf(step: string | undefined): { readonly question?: Localized; readonly headline?: Localized };
  findings(step: string): readonly Finding[];
  /** What became of the connection of a visitor's stop, or of one that a proxy opened for it; undefined as long as it is open. */
  verdictAt(stop: Stop | undefined): JudgedVerdict | undefined;
  readonly shown: ShownFeatures;
  /** What endpoints reported from one event to another, both included. */
  reports(first: number, last: number): readonly Report[];
  hitsOn(conn: number, first: number, last: number): readonly Hit[];
  readonly traffic: Traffic;
  readonly trail: CallTrace;
  /** As whom an API server authenticated the newest caller on those connections. */
  askedOn(
    connections: readonly Connection[],
    last: number,
  ): { readonly who: string; readonly request: ServedRequest } | undefined;
}

export interface Moment {
  readonly scene: RunFacts;
  readonly stop: Stop | undefined;
  readonly step: PlannedStep | undefined;
  /** Events from `first` to `last` belong to it; `last` is infinite in the present. */
  readonly first: number;
  readonly last: number;
  /** The wires of the path that is shown, from the client on; and the selected one. */
  readonly hops: readonly string[];
  readonly hop: string | undefined;
  readonly hits: readonly Hit[];
  /** The messages on the selected wire. */
  readonly rows: { slice(from: number, to: number): readonly { readonly message: WireMessage }[] };
}

/** What a client reports that it sent. */
export function accountOf(
  { scene, first, last }: Pick<Moment, 'scene' | 'first' | 'last'>,
  client: string | undefined,
): ClientAccount | undefined {
  for (const report of scene.reports(first, last)) {
    const account = report.who === client ? scene.shown.of(report).client?.(report).account : undefined;
    if (account) return account;
  }
  return undefined;
}

/** A moment in which many wires are watched. */
export interface WatchedMoment extends Moment {
  readonly isPast: boolean;
  readonly readings: {
    messages(
      connection: Connection,
      options?: { readonly vantage?: 'wire' | 'plaintext' },
    ): readonly WireMessage[];
  };
}

/** The connections of a wire that belong to what is shown: at a visitor's stop only that visitor's, not others of the same time. */
export function connectionsOn(
  { scene, stop, first, last }: Pick<Moment, 'scene' | 'stop' | 'first' | 'last'>,
  hop: string,
): readonly Connection[] {
  const own = stop?.conn === undefined ? undefined : scene.connection(stop.conn);
  // A connection that is no longer kept has nothing to show.
  if (stop?.conn !== undefined && !own) return [];
  if (own?.hop === hop) return [own];
  if (own && scene.sources.isCapture && !scene.star) return carriedOn(scene, own, hop);
  const led = own ? ledBy(own).filter((connection) => connection.hop === hop) : [];
  if (led.length > 0) return led;
  if (own && cannotLeadOn(own)) return [];
  // A connection that a proxy keeps was opened for another visitor.
  return scene.sources.flows.onWireBetween(hop, first, last);
}

/** What proxies opened for a connection, wire by wire. */
function ledBy({ led, twin, isSecond }: Connection): Connection[] {
  const opened = twin && !isSecond ? [...led, twin] : [...led];
  return opened.flatMap((one) => [one, ...ledBy(one)]);
}

/** Nothing behind the first proxy can be of a client that it refused, or that has asked for nothing. */
function cannotLeadOn(own: Connection): boolean {
  const { carriesTls, secured, refused } = own;
  if (refused.length > 0 && carriesTls && secured.server === undefined) return true;
  const isReported = !carriesTls || secured.server !== undefined;
  return isReported && own.plaintextStream('client').length === 0;
}

/** Of what was found in a moment at a visitor's stop, what is of that visitor's connection and of those behind it. */
export function hitsOf(
  moment: Pick<Moment, 'scene' | 'stop' | 'first' | 'last'>,
  hits: readonly Hit[],
): readonly Hit[] {
  if (moment.stop?.conn === undefined) return hits;
  const own = new Map<string, ReadonlySet<number>>();
  const onWire = (hop: string): ReadonlySet<number> => {
    const known = own.get(hop) ?? new Set(connectionsOn(moment, hop).map(({ conn }) => conn));
    own.set(hop, known);
    return known;
  };
  return hits.filter(({ hop, conn }) => onWire(hop).has(conn));
}

/** What was refused in a moment; at a visitor's stop only on that visitor's connection, and on what was opened for it. */
export function refusalsWithin({
  scene,
  stop,
  first,
  last,
}: Pick<Moment, 'scene' | 'stop' | 'first' | 'last'>): readonly ConnectionRefusal[] {
  const own = stop?.kind !== 'visitor' || stop.conn === undefined ? undefined : scene.connection(stop.conn);
  const all = scene.sources.flows.refusalsBetween(first, last);
  return own ? all.filter(({ connection }) => isOf(own, connection)) : all;
}

/** A connection whose visitor is not known may be of any. */
function isOf(own: Connection, connection: Connection): boolean {
  let root = connection;
  while (root.cause) root = root.cause;
  return root === own || root === own.twin || (root.hop !== own.hop && root.twin?.hop !== own.hop);
}

/** In a capture, what belongs to a connection on another wire: the only one there that began while it was open, and it alone. */
function carriedOn({ sources: { flows } }: RunFacts, own: Connection, hop: string): readonly Connection[] {
  const { firstSeq, lastSeq } = own;
  const beside = flows
    .onWireBetween(own.hop, firstSeq, lastSeq)
    .some((one) => one !== own && one.firstSeq <= lastSeq && one.lastSeq >= firstSeq);
  const began = flows
    .onWireBetween(hop, firstSeq, lastSeq)
    .filter((one) => one.firstSeq > firstSeq && one.firstSeq < lastSeq);
  return beside || began.length !== 1 ? [] : began;
}

/** The failure of a visitor's connection in that moment, where a card explains it. */
function cardIn(
  scene: RunFacts,
  first: number,
  last: number,
): { readonly connection: Connection; readonly story: RefusalStory } | undefined {
  const { connection, verdict } = scene.verdictAt(stopFrom(scene, first)) ?? {};
  const { story, hasCard } = verdict ?? {};
  return connection && story && hasCard && story.refusal.seq <= last ? { connection, story } : undefined;
}

const stopFrom = ({ stops }: RunFacts, first: number): Stop | undefined =>
  stops.find(({ from }) => from === first);

/** Refusals that are reported in that stretch of the log; at a visitor's stop, of what its connection led to. */
function reportedBetween(scene: RunFacts, first: number, last: number): Connection[] {
  const stop = stopFrom(scene, first);
  const own = stop?.conn === undefined ? undefined : scene.connection(stop.conn);
  const connections = new Set(
    refusalsWithin({ scene, stop, first, last }).map(({ connection }) => connection),
  );
  return [...connections]
    .filter((connection) => stop?.kind !== 'visitor' || connection.hop !== own?.hop)
    .sort((one, other) => one.firstSeq - other.firstSeq);
}

/** Connections on which something was refused in that stretch of the log. */
export function refusedConnections(scene: RunFacts, first: number, last: number): Connection[] {
  const failure = cardIn(scene, first, last);
  return failure ? [failure.connection] : reportedBetween(scene, first, last);
}

/** The refusals in the moment that is shown. */
export function refusalsIn({ scene, first, last }: Pick<Moment, 'scene' | 'first' | 'last'>): RefusalStory[] {
  const failure = cardIn(scene, first, last);
  if (failure) return [failure.story];
  return reportedBetween(scene, first, last)
    .flatMap((connection) =>
      refusalsOf(connection, first, scene.sources.flows, scene.topology, scene.speakers),
    )
    .filter(({ refusal }) => refusal.seq <= last);
}

/** The wires of the login: in a step with several entry points, those from the last one on. */
export function loginHops({ scene, hops, step }: Pick<Moment, 'scene' | 'hops' | 'step'>): readonly string[] {
  const entry = step?.entryPoints.findLast(({ from }) => from === undefined);
  const first = entry && (entry.wire ?? hops.find((hop) => scene.wire(hop)?.to === entry.to));
  const at = first === undefined ? -1 : hops.indexOf(first);
  return at < 0 ? hops : hops.slice(at);
}

/** What was found in a message. */
export function hitsIn(
  { scene, first, last }: Pick<Moment, 'scene' | 'first' | 'last'>,
  message: WireMessage,
): readonly Hit[] {
  const hits = scene.hitsOn(message.conn, first, last);
  return hits.length === 0 ? hits : hits.filter((hit) => isIn(hit, message));
}

function isIn(hit: Hit, message: WireMessage): boolean {
  return (
    hit.conn === message.conn &&
    hit.vantage === message.vantage &&
    hit.from === message.from &&
    hit.offset >= message.offset &&
    hit.offset < message.offset + message.length
  );
}
