/** Gathers what judging a connection rests on: its messages, its facts, and where and when something was said. */
import { otherSide } from '../../../capture/event.ts';
import type { Side } from '../../../capture/event.ts';
import type { Connection } from '../../../capture/connection.ts';
import { defined } from '../../../core/defined.ts';
import type { TlsMessage } from '../../../protocols/tls/message/message.ts';
import type { KeyRing } from '../../../protocols/tls/keys/keylog.ts';
import { beginsRecord } from '../../../protocols/tls/record.ts';
import { readToEnd } from '../../conversation/conversation.ts';
import type { ConversationReader } from '../../conversation/conversation.ts';
import type { EvidenceKind } from '../cause-table.ts';
import type { FoundCause } from '../cause.ts';
import type { HandshakeGist } from '../handshake-gist.ts';
import { HandshakeProgress } from '../handshake-progress.ts';
import { saidIn } from '../said-stream.ts';
import type { SaidStream } from '../said-stream.ts';
import type { OutcomeEvidence, OutcomeFacts, OutcomeKind } from '../outcome-facts.ts';
import { factsOf } from '../wire-facts.ts';
import type { Facts } from '../wire-facts.ts';

export interface OutcomeOptions {
  /** NSS key log lines: what they open proves more. */
  readonly keys?: Iterable<string> | KeyRing;
  /** The connection, where it has been read already to its end, on the wire. */
  readonly reading?: Pick<ConversationReader, 'handshake'>;
}

export const refusedBy: Readonly<Record<Side, OutcomeKind>> = {
  client: 'refused_by_client',
  server: 'refused_by_server',
};

export const otherAlerts = {
  closeNotify: 0,
  internalError: 80,
  userCanceled: 90,
  noRenegotiation: 100,
  decodeError: 50,
} as const;

export type Draft = Omit<
  OutcomeFacts,
  'source' | 'inferred' | 'detail' | 'joinedLate' | 'confidence' | 'signs' | 'seen'
> &
  Partial<OutcomeFacts> & { readonly proof?: EvidenceKind };

export const alertType = 21;
/** In milliseconds: what is lost or silent for so long stays so. */
export const settled = 1000;

/** What is left of an outcome if nothing but the end of the connection is known. */
export const kindOfEnd: Readonly<Record<Facts['end'], OutcomeKind>> = {
  end: 'closed_without_alert',
  reset: 'reset',
  timeout: 'timed_out',
  open: 'open',
};

export class JudgedConnection {
  readonly connection: Connection;
  readonly gist: HandshakeGist | undefined;
  readonly messages: readonly TlsMessage[];
  readonly progress: HandshakeProgress;
  readonly facts: Facts;
  /** Whether at least one side uses TLS, from the start or later. */
  readonly isTls: boolean;
  readonly said: Readonly<Record<Side, SaidStream>>;

  constructor(
    connection: Connection,
    { keys = [], reading = readToEnd(connection, { keys }) }: OutcomeOptions,
  ) {
    this.connection = connection;
    this.said = saidIn(connection.stream('wire', 'client'), connection.stream('wire', 'server'));
    // No handshake begins with nothing (RFC 8446 section 5.1): other programs do, in disguise.
    this.gist = beginsEmpty(this.said.client.head) ? undefined : reading.handshake;
    this.isTls = this.gist !== undefined;
    this.messages = this.gist?.messages ?? [];
    this.progress = new HandshakeProgress(this.messages);
    const alert = this.messages.find((message) => isFatal(message, this.progress.isTls13));
    this.facts = factsOf(connection, this.gist, this.progress, alert?.from, this.said);
  }

  length(from: Side): number {
    return this.said[from].length;
  }

  evidence(decisive: TlsMessage, { about }: Pick<FoundCause, 'about'>): OutcomeEvidence[] {
    return [this.place(decisive), ...(about ? [this.place(about)] : [])];
  }

  hello(): OutcomeEvidence {
    const { clientHello } = this.progress;
    return clientHello ? this.place(clientHello) : this.beginning('client');
  }

  place(message: TlsMessage): OutcomeEvidence {
    const { run, conn, hop } = this.connection;
    const { from, offset, length, lastTag: event, title } = message;
    return defined({
      run,
      conn,
      hop,
      vantage: 'wire',
      from,
      offset,
      length,
      event,
      message: title,
      record: this.gist?.recordOf(message) ?? 1,
      sealed: message.encrypted || undefined,
    });
  }

  /** A side's first data, as far as it arrived at once. */
  beginning(from: Side): OutcomeEvidence {
    return this.saidAt(from, 0);
  }

  /** A side's data from an offset on, as far as it arrived at once. */
  saidAt(from: Side, offset: number): OutcomeEvidence {
    const { run, conn, hop } = this.connection;
    const chunk = this.said[from].chunkAt(offset);
    if (!chunk) return { event: this.connection.firstSeq };
    const { seq: event } = chunk;
    const length = chunk.offset + chunk.length - offset;
    return { run, conn, hop, vantage: 'wire', from, offset: this.said[from].start + offset, length, event };
  }

  /** The last message of the other side: what it closed upon. */
  lastOf(by: Side | 'unknown'): OutcomeEvidence[] {
    const last = this.messages.findLast(
      ({ from, content }) => by !== 'unknown' && from === otherSide[by] && content.type !== 'alert',
    );
    return last ? [this.place(last)] : [];
  }

  /** Milliseconds since the epoch. */
  timeOf({ from, offset, length }: TlsMessage): number | undefined {
    const at = this.connection.stream('wire', from).chunkAt(offset + length - 1)?.at;
    return at === undefined ? undefined : this.timeAt(at);
  }

  timeOfEnd(): number | undefined {
    const { closed } = this.connection;
    return closed && this.timeAt(closed.at);
  }

  timeAt(at: number): number | undefined {
    const { began } = this.connection;
    const start = began ? Date.parse(began.wallClock) : Number.NaN;
    return Number.isNaN(start) ? undefined : start + at / 1000;
  }

  /** How long before that message nothing had been said, in milliseconds. */
  waitedFor(message: TlsMessage): number {
    const own = this.timeOf(message);
    const before = this.messages[this.messages.indexOf(message) - 1];
    const last = before && this.timeOf(before);
    return own === undefined || last === undefined ? 0 : own - last;
  }

  get hasGap(): boolean {
    return this.connection.stream('wire', 'client').hasGap || this.connection.stream('wire', 'server').hasGap;
  }

  /** Whether it is a handshake that was seen from its beginning, or from a hello on. */
  get hasBegun(): boolean {
    const { clientHello, serverHello } = this.progress;
    return (
      clientHello !== undefined ||
      serverHello !== undefined ||
      (this.connection.carriesTls && this.connection.opened?.late === undefined)
    );
  }

  get isProvenByEndpoints(): boolean {
    const { secured } = this.connection;
    const [client, server] = [
      this.connection.lengthOf('plaintext', 'client'),
      this.connection.lengthOf('plaintext', 'server'),
    ];
    if (client > 0 || server > 0) return client > 0 && server > 0;
    return secured.client !== undefined && secured.server !== undefined;
  }
}

export function causeOnly({
  cause,
  inferred,
  detail,
}: FoundCause): Pick<OutcomeFacts, 'cause' | 'inferred' | 'detail'> {
  return { cause, inferred, detail };
}

export const byOf = (by: Side | 'unknown'): { readonly by?: Side } => (by === 'unknown' ? {} : { by });

/** In TLS 1.3 the level says nothing: every alert but two ends the connection (RFC 8446 section 6). */
export function isFatal({ content }: TlsMessage, isTls13: boolean): boolean {
  if (content.type !== 'alert') return false;
  const { level, code } = content.alert;
  if (
    code === otherAlerts.closeNotify ||
    (level === 'warning' && (code === otherAlerts.userCanceled || code === otherAlerts.noRenegotiation))
  )
    return false;
  return level === 'fatal' || isTls13;
}

const handshakeType = 22;

/** Whether the first record is one of a handshake, without any content. */
const beginsEmpty = (head: Uint8Array): boolean =>
  head[0] === handshakeType && beginsRecord(head) && head[3] === 0 && head[4] === 0;
