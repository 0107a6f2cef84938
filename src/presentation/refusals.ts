/**
 * A refusal as the log tells it, joined from everybody who speaks of it: the side that refused, the client's own account,
 * and the wire. It decides what is known; what is said of it is for `card.ts` and `refusal-matrix.ts`.
 *
 * 1. Where the alert stands, and whether a sniffer could read it there, is read from the captured bytes; the logged keys
 *    open them.
 * 2. That the other side only saw the connection close is no refusal of its own; it is told with the one that is.
 * 3. Where no endpoint speaks (a capture file, a connection that is passed through unread) the bytes do, and what they
 *    only suggest is marked (`outcome`).
 */
import type { Outcome } from '../analysis/outcome/outcome-facts.ts';
import type { OutcomeOptions } from '../analysis/outcome/outcome.ts';
import type { ReportedCause } from '../analysis/outcome/refusal.ts';
import { isHearsay } from '../analysis/outcome/secondhand-reasons.ts';
import { formatAddress } from '../capture/event.ts';
import type { EventOf, Participant, Side, Topology, Wire } from '../capture/event.ts';
import type { Connection, Flows } from '../capture/flows.ts';
import type { CertificateSummary, TlsVersion } from '../capture/vocabulary.ts';
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

/** Loads what finds the alert on the wire, once; without it a refusal is told by its endpoints alone. */
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
  return shown?.map((der) =>
    process.getBuiltinModule('node:crypto').createHash('sha256').update(der).digest('hex'),
  );
}

/** The certificate that each side showed for itself, where the bytes or the logged keys let it be read. */
export interface Proofs {
  readonly client?: CertificateSummary;
  readonly server?: CertificateSummary;
}

/** By connection, once both sides have shown theirs or application data has gone by: nothing more is shown then. */
const knownProofs = new WeakMap<Connection, Proofs>();

/** Further on nobody shows a certificate for the first time. */
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

/** Where the alert stands on the wire, and whether it can be read there without keys. */
interface AlertPlace {
  readonly readable: boolean;
  readonly offset: number;
  readonly length: number;
}

export interface RefusalStory {
  readonly refusal: ReportedCause & Pick<EventOf<'refused'>, 'seq' | 'hop'>;
  /** The endpoint's own word; absent where the bytes speak for it. */
  readonly reported?: EventOf<'refused'>;
  /** What the bytes say, where no endpoint does. */
  readonly outcome?: Outcome;
  readonly wire: Wire | undefined;
  /** The names of the two ends; a client that nobody named is undefined. */
  readonly ends: { readonly client: string | undefined; readonly server: string | undefined };
  readonly refuser: Participant | undefined;
  /** What the client says of what it sent. */
  readonly account: ClientAccount | undefined;
  /** As the side that refused says, else as the ServerHello on the wire does. */
  readonly version: TlsVersion | undefined;
  /** Absent when no alert was sent, or none was found in the captured bytes. */
  readonly alertPlace?: AlertPlace;
  /** Whether the client had sent its request by then; undefined where nobody knows. */
  readonly loginSent: boolean | undefined;
}

/** Reports of endpoints that are remembered. */
const mostReports = 10_000;

/** The newest stand last; the oldest goes. */
function remember<K, V>(known: Map<K, V>, key: K, value: V): void {
  known.delete(key);
  known.set(key, value);
  if (known.size <= mostReports) return;
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}

type Speaker = { readonly who: string; readonly account?: ClientAccount };

/** Which client spoke, by the address that it spoke from, or by the connections that it made. */
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

/** The names at both ends of a connection. */
export function endsOf(
  connection: Connection,
  wire: Wire | undefined,
  speakers: Speakers,
): RefusalStory['ends'] {
  const alone = wire && !wire.alsoFrom?.length ? wire.from : undefined;
  return { client: speakers.of(connection)?.who ?? alone, server: wire?.to };
}

/** How the client at the end of a wire is called. Outside of a step it is somebody's own client that speaks, whoever the wire was drawn for. */
export function clientName(
  drawn: string | undefined,
  language: Language,
  { topology, inStep }: { readonly topology: Topology; readonly inStep: boolean },
): string {
  const isStranger =
    !inStep && topology.participants.some(({ name, role }) => role === 'client' && name === drawn);
  return (isStranger ? undefined : drawn) ?? sideWords.client[language];
}

/** The refusals of one connection that speak for themselves, in the order of the log. */
export function refusalsOf(
  connection: Connection,
  from: number,
  flows: Flows,
  topology: Topology,
  speakers: Speakers,
): RefusalStory[] {
  const own = connection.refused.filter((refusal) => !isHearsay(refusal.reason));
  return (own.length > 0 ? own : connection.refused)
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
        loginSent: loginSent(refusal, account),
      };
    });
}

/** The connection read to its end on the wire, by who has done so. */
type Reading = NonNullable<OutcomeOptions['reading']>;

/** What became of a connection, by its bytes and the keys that are there; undefined before `loadWireReading`. */
export function outcomeFor(connection: Connection, flows: Flows, reading?: Reading): Outcome | undefined {
  return judge?.outcomeOf(connection, reading ? { reading } : { keys: new KeyRing(flows) });
}

/** Why a connection failed of which no endpoint speaks; undefined where it did not, or nothing is known of it. */
export function failureOf(
  connection: Connection,
  flows: Flows,
  topology: Topology,
  speakers: Speakers,
  reading?: Reading,
): RefusalStory | undefined {
  if (connection.refused.length > 0 || connection.secured.client || connection.secured.server)
    return undefined;
  const outcome = outcomeFor(connection, flows, reading);
  if (!judge || outcome?.cause === undefined) return undefined;
  const { cause: reason, alert, detail, evidence } = outcome;
  const by = judge.refuserOf(outcome);
  const [decisive] = evidence;
  const wire = topology.wires.find(({ hop }) => hop === connection.hop);
  const ends = endsOf(connection, wire, speakers);
  const { version } = readWire?.(connection, flows) ?? {};
  const isSealedAlert =
    decisive !== undefined && 'offset' in decisive && (alert !== undefined || decisive.sealed === true);
  return {
    refusal: {
      by,
      reason,
      detail,
      ...(alert ? { alert } : {}),
      seq: decisive?.event ?? connection.lastSeq,
      hop: connection.hop,
    },
    outcome,
    wire,
    ends,
    refuser: undefined,
    account: undefined,
    version,
    ...(isSealedAlert
      ? {
          alertPlace: {
            readable: decisive.sealed !== true,
            offset: decisive.offset,
            length: decisive.length,
          },
        }
      : {}),
    loginSent: undefined,
  };
}

function loginSent(
  { by, detail }: EventOf<'refused'>,
  account: ClientAccount | undefined,
): boolean | undefined {
  if (account) return account.sentBytes > 0;
  if (by === 'server' && detail.discardedBytes !== undefined) return detail.discardedBytes > 0;
  return undefined;
}
