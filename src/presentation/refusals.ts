/**
 * Refusals, each joined from all its sources in the log: the report of the side that refused, the client's report, and the
 * bytes on the wire. The wording is in `card.ts` and `refusal-matrix.ts`.
 *
 * 1. The position of the alert, and whether a sniffer could read it there, come from the captured bytes, decrypted with the
 *    logged keys.
 * 2. A side that only saw the connection close did not refuse it; its report belongs to the refusal of the other side.
 * 3. Without a report of an endpoint (a capture file, a passthrough connection) the refusal is derived from the bytes, and an
 *    inference is marked (`outcome`).
 */
import { sha256Hex } from '../core/sha256.ts';
import type { Outcome } from '../analysis/outcome/outcome-facts.ts';
import type { OutcomeOptions } from '../analysis/outcome/judging/judged-connection.ts';
import type { ReportedCause } from '../analysis/outcome/refusal.ts';
import { isHearsay } from '../analysis/outcome/secondhand-reasons.ts';
import { formatAddress } from '../capture/event.ts';
import type { EventOf, Participant, Side, Topology, Wire } from '../capture/event.ts';
import type { Connection } from '../capture/connection.ts';
import type { Flows } from '../capture/flows.ts';
import type { CertificateSummary, TlsVersion } from '../capture/vocabulary.ts';
import { latin1Text } from '../core/bytes.ts';
import { KeyRing } from '../protocols/tls/keys/keylog.ts';
import { certificateSummary, readCertificate } from '../protocols/x509/certificate.ts';
import type { Language } from '../i18n/language.ts';
import type { ClientAccount } from '../engine/shown.ts';
import { nothingShown } from './shown.ts';
import type { ShownFeatures } from './shown.ts';
import { sideWords } from './words.ts';

let readWire: typeof import('../analysis/read-wire.ts')['readWire'] | undefined;
let judge:
  | Pick<
      typeof import('../analysis/outcome/outcome.ts') & typeof import('../analysis/outcome/outcome-words.ts'),
      'outcomeOf' | 'refuserOf'
    >
  | undefined;

/** Loads, once, the code that finds the alert on the wire; without it a refusal has only the reports of its endpoints. */
export async function loadWireReading(): Promise<void> {
  if (readWire && judge) return;
  const [wire, { outcomeOf }, { refuserOf }] = await Promise.all([
    import('../analysis/read-wire.ts'),
    import('../analysis/outcome/outcome.ts'),
    import('../analysis/outcome/outcome-words.ts'),
  ]);
  ({ readWire } = wire);
  judge = { outcomeOf, refuserOf };
}

/** SHA-256 of each certificate that the server showed on a connection, in the order of the wire; undefined where they cannot be read. */
export function serverCertificates(connection: Connection, flows: Flows): readonly string[] | undefined {
  const shown = readWire?.(connection, flows).handshake.find(
    ({ from, certificates }) => from === 'server' && certificates !== undefined,
  )?.certificates;
  return shown?.map((der) => sha256Hex(der));
}

/** The certificate that each side showed for itself, where the bytes or the logged keys let it be read. */
export interface Proofs {
  readonly client?: CertificateSummary;
  readonly server?: CertificateSummary;
}

/** By connection, once the client's Finished was read: no certificate follows it. */
const knownProofs = new WeakMap<Connection, Proofs>();

/** No certificate is sent for the first time after so many bytes. */
const handshakeBytes = 16 * 1024;

/** Undefined before `loadWireReading`, and where no certificate can be read. */
export function proofsOf(connection: Connection, flows: Flows): Proofs | undefined {
  const known = knownProofs.get(connection);
  if (known) return known;
  const reading = readWire?.(connection, flows, handshakeBytes);
  if (!reading) return undefined;
  const proof = (side: Side): CertificateSummary | undefined => {
    const [der] =
      reading.handshake.find(({ from, certificates }) => from === side && certificates !== undefined)
        ?.certificates ?? [];
    const step = der && readCertificate(der);
    return step && 'got' in step ? certificateSummary(step.got) : undefined;
  };
  const [client, server] = [proof('client'), proof('server')];
  if (!client && !server) return undefined;
  const proofs = { ...(client ? { client } : {}), ...(server ? { server } : {}) };
  if (reading.handshake.some(({ from, message }) => from === 'client' && message === 'finished'))
    knownProofs.set(connection, proofs);
  return proofs;
}

/** The position of the alert on the wire, and whether it can be read there without keys. */
interface AlertPlace {
  readonly readable: boolean;
  readonly offset: number;
  readonly length: number;
}

export interface RefusalStory {
  readonly refusal: ReportedCause & Pick<EventOf<'refused'>, 'seq' | 'hop'>;
  /** The endpoint's own report; absent where the refusal was derived from the bytes. */
  readonly reported?: EventOf<'refused'>;
  /** Derived from the bytes, where no endpoint reported it. */
  readonly outcome?: Outcome;
  readonly wire: Wire | undefined;
  /** The names of the two ends; undefined for an unnamed client. */
  readonly ends: { readonly client: string | undefined; readonly server: string | undefined };
  readonly refuser: Participant | undefined;
  /** What the client reports that it sent. */
  readonly account: ClientAccount | undefined;
  /** From the side that refused, else from the ServerHello on the wire. */
  readonly version: TlsVersion | undefined;
  /** Absent when no alert was sent, or none was found in the captured bytes. */
  readonly alertPlace?: AlertPlace;
  /** The status line with which the refusing side answered over HTTP, above TLS. */
  readonly answered?: string;
  /** Whether the client had sent its request by then; undefined if unknown. */
  readonly loginSent: boolean | undefined;
}

/** How many reports of endpoints are kept. */
const mostReports = 10_000;

/** Appends an entry; the oldest one is dropped. */
function remember<K, V>(known: Map<K, V>, key: K, value: V): void {
  known.delete(key);
  known.set(key, value);
  if (known.size <= mostReports) return;
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}

type Speaker = { readonly who: string; readonly account?: ClientAccount };

/** Which client made a connection, by its address or by the connections that it reported. */
export class Speakers {
  readonly #shown: ShownFeatures;
  readonly #byAddress = new Map<string, Speaker>();
  readonly #byConnection = new Map<number, Speaker>();

  constructor(shown = nothingShown) {
    this.#shown = shown;
  }

  readonly fold = (report: EventOf<'observed'>): void => {
    const { from = [], connections = [], account } = this.#shown.of(report).client?.(report) ?? {};
    const speaker = { who: report.who, ...(account ? { account } : {}) };
    for (const address of from) remember(this.#byAddress, formatAddress(address), speaker);
    for (const conn of connections) remember(this.#byConnection, conn, speaker);
  };

  of({ conn, opened }: Connection): Speaker | undefined {
    return this.#byConnection.get(conn) ?? (opened && this.#byAddress.get(formatAddress(opened.from)));
  }
}

/**
 * The names at both ends of a connection.
 * @param behind the wire over which a relay carries its bytes on to the server
 */
export function endsOf(
  connection: Connection,
  wire: Wire | undefined,
  speakers: Speakers,
  behind?: Wire,
): RefusalStory['ends'] {
  const alone = wire && !wire.alsoFrom?.length ? wire.from : undefined;
  return { client: speakers.of(connection)?.who ?? alone, server: (behind ?? wire)?.to };
}

/** The name of the client at the end of a wire. Outside of a step it is a visitor's client, not the one in the topology. */
export function clientName(
  drawn: string | undefined,
  language: Language,
  { topology, inStep }: { readonly topology: Topology; readonly inStep: boolean },
): string {
  const isStranger =
    !inStep && topology.participants.some(({ name, role }) => role === 'client' && name === drawn);
  return (isStranger ? undefined : drawn) ?? sideWords.client[language];
}

/** The refusals of one connection in the order of the log: the direct ones, or else the secondhand ones. */
export function refusalsOf(
  connection: Connection,
  from: number,
  flows: Flows,
  topology: Topology,
  speakers: Speakers,
): RefusalStory[] {
  const own = connection.refused.filter((refusal) => !isHearsay(refusal.reason));
  return (own.length > 0 ? own : connection.refused)
    .filter((refusal) => !isToldByClient(refusal, connection.refused))
    .filter(({ seq }) => seq >= from)
    .map((refusal) => {
      const wire = topology.wires.find(({ hop }) => hop === refusal.hop);
      const ends = endsOf(connection, wire, speakers);
      const account = speakers.of(connection)?.account;
      const { version, alerts } = readWire?.(connection, flows) ?? {};
      const place = alerts?.find((alert) => alert.from === refusal.by && alert.code === refusal.alert?.code);
      return {
        refusal,
        reported: refusal,
        wire,
        ends,
        refuser: topology.participants.find(({ name }) => name === ends[refusal.by]),
        account,
        version: refusal.version ?? version,
        ...(place
          ? { alertPlace: { readable: !place.sealed, offset: place.offset, length: place.length } }
          : {}),
        ...withAnswer(answerTo(connection, refusal)),
        loginSent: loginSent(refusal, account),
      };
    });
}

/** Both ends report the same, and the server sent no alert: it was the client that hung up. */
export function isToldByClient(
  { by, reason, alert }: EventOf<'refused'>,
  all: readonly EventOf<'refused'>[],
): boolean {
  return by === 'server' && !alert && all.some((other) => other.by === 'client' && other.reason === reason);
}

const withAnswer = (answered: string | undefined): Pick<RefusalStory, 'answered'> =>
  answered === undefined ? {} : { answered };

/** What the side that refused said above TLS, or in its place: the first line of an answer over HTTP. */
function answerTo(connection: Connection, { by, alert }: EventOf<'refused'>): string | undefined {
  if (alert) return undefined;
  const stream = connection.plaintextStream(by);
  const said = stream.read(0, Math.min(longestLine, stream.length)) ?? stream.head;
  return /^HTTP\/1\.[01] [^\r\n]{3,60}/.exec(latin1Text(said))?.[0];
}

const longestLine = 128;

/** The connection, already read to its end on the wire. */
type Reading = NonNullable<OutcomeOptions['reading']>;

/** The outcome of a connection, from its bytes and the keys in the log; undefined before `loadWireReading`. */
export function outcomeFor(connection: Connection, flows: Flows, reading?: Reading): Outcome | undefined {
  return judge?.outcomeOf(connection, reading ? { reading } : { keys: new KeyRing(flows) });
}

/** What became of a connection, the same for every renderer. */
export interface ConnectionVerdict {
  readonly outcome: Outcome;
  /** Why it failed, where it did. */
  readonly story?: RefusalStory;
  /** Whether a card explains the failure; where its reason is not known, a sentence says what was seen. */
  readonly hasCard: boolean;
}

/**
 * Of a connection that a proxy relays unchanged there is one verdict: that of the client's side, with both endpoints' names.
 * Undefined before `loadWireReading`.
 * @param reading the connection, already read to its end on the wire
 */
export function verdictOf(
  connection: Connection,
  { flows, topology, speakers, keys }: VerdictSources,
  reading?: Reading,
): ConnectionVerdict | undefined {
  const { twin } = connection;
  if (connection.isSecond && twin)
    return verdictOf(twin, { flows, topology, speakers, ...(keys ? { keys } : {}) });
  const outcome = judge?.outcomeOf(connection, reading ? { reading } : keys ? { keys } : {});
  if (!judge || !outcome) return undefined;
  const { kind, cause: reason, alert, detail, evidence, source } = outcome;
  if (reason === undefined) return { outcome, hasCard: false };
  const [decisive] = evidence;
  const isRefusal = kind === 'refused_by_client' || kind === 'refused_by_server';
  const reported =
    source === 'endpoint' && isRefusal
      ? [...connection.refused, ...(twin?.refused ?? [])].find(({ seq }) => seq === decisive?.event)
      : undefined;
  const by = judge.refuserOf(outcome);
  const wire = wireOf(topology, connection);
  // What a proxy answers over HTTP is what the server behind it said.
  const isForwarded = detail.said !== undefined && source === 'wire' && (isHttp(wire) || connection.hasLed);
  const behind =
    isForwarded && isProxy(topology, wire?.to)
      ? topology.wires.find(({ from }) => from === wire?.to)
      : undefined;
  const ends = endsOf(connection, wire, speakers, behind ?? wireOf(topology, twin));
  const account = reported && speakers.of(connection)?.account;
  const { version, alerts } = readWire?.(connection, flows) ?? {};
  const found = reported && alerts?.find((one) => one.from === by && one.code === alert?.code);
  const isSealedAlert =
    !reported &&
    decisive !== undefined &&
    'offset' in decisive &&
    (alert !== undefined || decisive.sealed === true);
  const alertPlace = found
    ? { readable: !found.sealed, offset: found.offset, length: found.length }
    : isSealedAlert
      ? { readable: decisive.sealed !== true, offset: decisive.offset, length: decisive.length }
      : undefined;
  const refusal = {
    ...reported,
    by,
    reason,
    detail,
    ...(alert ? { alert } : {}),
    seq: decisive?.event ?? connection.lastSeq,
    hop: connection.hop,
  };
  const story: RefusalStory = {
    refusal,
    ...(reported ? { reported, ...withAnswer(answerTo(connection, reported)) } : { outcome }),
    wire,
    ends,
    refuser: reported && topology.participants.find(({ name }) => name === ends[by]),
    account,
    version: reported?.version ?? version,
    ...(alertPlace ? { alertPlace } : {}),
    loginSent: reported && loginSent(reported, account),
  };
  return { outcome, story, hasCard: deservesCard(outcome) };
}

/** A connection with what became of it. */
export interface JudgedVerdict {
  readonly connection: Connection;
  readonly verdict: ConnectionVerdict;
}

/**
 * Of a client's connection and those that a proxy opened for it there is one verdict: the client's own where it has a reason of
 * its own, else the one of a connection behind it that failed.
 */
export function decisiveVerdict(own: JudgedVerdict, behind: readonly JudgedVerdict[]): JudgedVerdict {
  const { hasCard } = own.verdict;
  if (hasCard && !isSupposed(own.verdict)) return own;
  const explained = behind.find(({ verdict }) => verdict.hasCard);
  if (explained || hasCard) return explained ?? own;
  return behind.find(({ verdict }) => isFailure(verdict)) ?? own;
}

/** Whether its card says only that no answer came: the reason may be behind the side that owed one. */
export const isSupposed = ({ outcome, hasCard }: ConnectionVerdict): boolean =>
  hasCard && outcome.cause === 'no_reply';

/** Whether there is something to say of it, if only that its reason is not known. */
export function isFailure({ story, outcome, hasCard }: ConnectionVerdict): boolean {
  return story !== undefined && (outcome.kind !== 'nothing_said' || hasCard);
}

/** It came to nothing, and that is no failure: a sentence says so. */
export const isAside = ({ kind }: Pick<Outcome, 'kind'>): boolean =>
  kind === 'empty' || kind === 'left_on_request';

/** A probe did not fail; and of an end for an unknown reason a card could say no more than a sentence. */
function deservesCard({ kind, cause, confidence, alert }: Outcome): boolean {
  // No probe asks for a name that the server does not have.
  if (kind === 'nothing_said') return cause === 'name_mismatch';
  if (kind === 'empty') return false;
  return confidence !== 'unknown' || alert !== undefined;
}

export interface VerdictSources {
  readonly flows: Flows;
  readonly topology: Topology;
  readonly speakers: Speakers;
  /** Of a capture that comes with keys; an eavesdropper has none. */
  readonly keys?: KeyRing;
}

const isHttp = (wire: Wire | undefined): boolean => wire?.protocol === 'http' || wire?.protocol === 'https';

const isProxy = ({ participants }: Topology, name: string | undefined): boolean =>
  participants.some((one) => one.name === name && one.role === 'proxy');

const wireOf = ({ wires }: Topology, connection: Connection | undefined): Wire | undefined =>
  connection && wires.find(({ hop }) => hop === connection.hop);

function loginSent(
  { by, detail }: EventOf<'refused'>,
  account: ClientAccount | undefined,
): boolean | undefined {
  if (account) return account.sentBytes > 0;
  if (by === 'server' && detail.discardedBytes !== undefined) return detail.discardedBytes > 0;
  return undefined;
}
