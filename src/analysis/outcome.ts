/**
 * What became of a connection, in a closed vocabulary, with the evidence. It joins what endpoints reported with what the
 * wire shows, and says which of them speaks (`source`). To be asked once the connection has settled: under TLS 1.3 a
 * client believes itself connected before the server has looked at its certificate.
 *
 * 1. An endpoint's own refusal comes first: it alone knows whether and why it refused. That the other side hung up in
 *    the handshake is no refusal of its own.
 * 2. Then what the wire proves: a fatal alert that could be read, a reset, silence.
 * 3. A refusal that is sealed and that no endpoint reported cannot be told from an orderly end by its bytes; a TLS
 *    connection on which no application data went both ways is then `closed_without_alert`, never `completed`.
 */
import type { EvidenceRef, Side } from '../capture/event.ts';
import type { Connection } from '../capture/flows.ts';
import type { Alert, RefusalReason } from '../capture/vocabulary.ts';
import type { Localized } from '../i18n/language.ts';
import { conversation, evidenceOfMessage } from './conversation.ts';
import type { Message } from './conversation.ts';

export const outcomeKinds = [
  'completed',
  'refused_by_client',
  'refused_by_server',
  'closed_without_alert',
  'reset',
  'timed_out',
  'no_answer',
  'empty',
  'open',
] as const;
export type OutcomeKind = (typeof outcomeKinds)[number];

export interface Outcome {
  readonly kind: OutcomeKind;
  /** Who says so: an endpoint, or the bytes on the wire. */
  readonly source: 'endpoint' | 'wire';
  /** Who ended it, where that is known. */
  readonly by?: Side;
  readonly reason?: RefusalReason;
  readonly alert?: Alert;
  readonly evidence: readonly EvidenceRef[];
}

/** Reasons with which an endpoint tells of the other side; the other side's own word, where there is one, counts for more. */
const hearsay: ReadonlySet<RefusalReason> = new Set(['closed_during_handshake', 'peer_alert']);

export function isHearsay(reason: RefusalReason): boolean {
  return hearsay.has(reason);
}

const refusedBy: Readonly<Record<Side, OutcomeKind>> = { client: 'refused_by_client', server: 'refused_by_server' };

/** @param messages the connection's conversation on the wire, when it is there already; opened ones prove more. */
export function outcomeOf(connection: Connection, messages: readonly Message[] = conversation(connection)): Outcome {
  const { closed } = connection;
  const refused = connection.refused.find(({ reason }) => !isHearsay(reason)) ?? connection.refused[0];
  if (refused && refused.reason !== 'closed_during_handshake') {
    const { by, reason, alert, seq } = refused;
    return { kind: refusedBy[by], source: 'endpoint', by, reason, ...(alert ? { alert } : {}), evidence: [{ event: seq }] };
  }
  const fatal = messages.find(({ alert, from }) => alert?.level === 'fatal' && alert.code !== 0 && from !== null);
  if (fatal?.alert && fatal.from) {
    return { kind: refusedBy[fatal.from], source: 'wire', by: fatal.from, alert: fatal.alert, evidence: [evidenceOfMessage(fatal)] };
  }
  if (!closed) return { kind: 'open', source: 'wire', evidence: [] };
  const by = closed.by === 'unknown' ? {} : { by: closed.by };
  const end = { source: 'wire', ...by, evidence: [{ event: closed.seq }] } as const;
  if (closed.how === 'reset') return { kind: 'reset', ...end };
  if (closed.how === 'timeout') return { kind: 'timed_out', ...end };
  const client = connection.stream('wire', 'client').length;
  const server = connection.stream('wire', 'server').length;
  if (client === 0 && server === 0) return { kind: 'empty', ...end };
  if (refused || (connection.carriesTls && !hasSpoken(connection, messages))) return { kind: 'closed_without_alert', ...end };
  if (server === 0) return { kind: 'no_answer', ...end };
  return { kind: 'completed', ...end };
}

/** A TLS 1.3 record that holds an alert: header, two bytes, the inner type, the tag of any common suite. */
const sealedAlertLength = 24;

/**
 * Whether TLS was settled and something said above it. Endpoints say so; else the wire has application data, and after the
 * client's first sealed record the server sent one that is no alert by its size (RFC 8446 seals alerts and handshake too).
 */
function hasSpoken(connection: Connection, messages: readonly Message[]): boolean {
  const { secured } = connection;
  const [client, server] = [connection.stream('plaintext', 'client').length, connection.stream('plaintext', 'server').length];
  if (client > 0 || server > 0) return client > 0 && server > 0;
  if (secured.client && secured.server) return true;
  const sealed = messages.filter(({ contentType, protocol }) => protocol === 'tls' && contentType === 23);
  const first = sealed.findIndex(({ from }) => from === 'client');
  return first >= 0 && sealed.slice(first).some(({ from, length }) => from === 'server' && length !== sealedAlertLength);
}

export const outcomeWords: Readonly<Record<OutcomeKind, Localized>> = {
  completed: { en: 'completed', ko: '정상 완료' },
  refused_by_client: { en: 'refused by the client', ko: '클라이언트가 거부함' },
  refused_by_server: { en: 'refused by the server', ko: '서버가 거부함' },
  closed_without_alert: { en: 'closed without an alert', ko: '알림(Alert) 없이 종료됨' },
  reset: { en: 'broken off', ko: '강제 종료됨' },
  timed_out: { en: 'timed out', ko: '시간 초과' },
  no_answer: { en: 'no answer', ko: '응답 없음' },
  empty: { en: 'opened and closed, nothing said', ko: '주고받은 내용 없음' },
  open: { en: 'still open', ko: '연결 중' },
};
