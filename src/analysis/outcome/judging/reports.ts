/** Judges by what an endpoint reported itself: only it knows whether and why it refused. */
import { otherSide } from '../../../capture/event.ts';
import type { EventOf, Side } from '../../../capture/event.ts';
import { defined } from '../../../core/defined.ts';
import { mayBeginRecord } from '../../../protocols/tls/record.ts';
import { causeOfAlert } from '../cause.ts';
import type { FoundCause } from '../cause.ts';
import { HandshakeProgress } from '../handshake-progress.ts';
import type { CauseDetail } from '../refusal-facts.ts';
import { refuserOf } from '../outcome-words.ts';
import { isHearsay } from '../secondhand-reasons.ts';
import { alertIn } from './alerts.ts';
import { speaks, wrongProtocol } from './in-clear.ts';
import { isFatal, refusedBy } from './judged-connection.ts';
import type { Draft, JudgedConnection } from './judged-connection.ts';

/**
 * Rule 1. On a connection that is relayed unchanged a report about either of its two wires is about both. A side that
 * received an alert knows its code; an alert in clear is judged as every reader of the bytes judges it.
 */
export function reportedBy(judged: JudgedConnection): Draft | undefined {
  const { refused, twin } = judged.connection;
  const all = [...refused, ...(twin?.refused ?? [])];
  const refusal = all.find(({ reason }) => !isHearsay(reason)) ?? all[0];
  if (!refusal || refusal.reason === 'closed_during_handshake') return undefined;
  const { reason, seq } = refusal;
  const by = sideOnWire(judged, refusal) ?? refusal.by;
  // A client that has said nothing asked for nothing: a probe, or a connection that was opened ahead of its use.
  if (reason === 'handshake_timeout' && !judged.facts.spoke.client && !judged.facts.spoke.server)
    return undefined;
  const read = refusal.heard ? alertIn(judged) : undefined;
  if (read?.by === by) return read;
  // A library sends an alert without reporting it to its program: only the wire shows it.
  const onWire = refusal.alert
    ? undefined
    : judged.messages.find((message) => message.from === by && isFatal(message, judged.progress.isTls13));
  const alert = refusal.alert ?? (onWire?.content.type === 'alert' ? onWire.content.alert : undefined);
  const step = judged.isTls ? { step: judged.progress.step } : {};
  const { cause, inferred, detail } = causeOf(judged, refusal);
  return defined({
    kind: reason === 'handshake_timeout' ? 'timed_out' : refusedBy[by],
    source: 'endpoint',
    by,
    reason,
    cause,
    inferred,
    alert,
    detail,
    ...step,
    evidence: [{ event: seq }, ...(onWire ? [judged.place(onWire)] : [])],
  });
}

/** Where one side spoke TLS and the other did not, both turn away: who it was is said as every reader of the bytes says it. */
function sideOnWire(judged: JudgedConnection, { reason, alert }: EventOf<'refused'>): Side | undefined {
  if (reason !== 'tls_on_plaintext_port' || alert) return undefined;
  const draft = wrongProtocol(judged);
  return draft && refuserOf(draft);
}

type ReportedCause = Pick<FoundCause, 'cause' | 'inferred' | 'detail'>;

/** The reason as it was reported, made more exact by what can be read on the wire. */
function causeOf(judged: JudgedConnection, refusal: EventOf<'refused'>): ReportedCause {
  const { by, reason, alert, heard, detail } = refusal;
  if (heard && alert) {
    // The alert itself is the last that its sender has said.
    const last = judged.messages.findLast(({ from }) => from === by);
    const progress = new HandshakeProgress(judged.messages.filter((message) => message !== last));
    const found = causeOfAlert({ by, alert, progress, at: judged.timeAt(refusal.at) });
    return { ...found, detail: { ...detail, ...found.detail } };
  }
  return {
    cause: reason,
    inferred: false,
    detail,
    ...inPlaceOfTls(judged, refusal),
    ...ofRecords(judged, refusal),
    ...silentSide(judged, refusal),
  };
}

/** For whom a side waited in vain, where what was said by then shows it. */
function silentSide(
  { facts }: JudgedConnection,
  { reason, by, detail }: EventOf<'refused'>,
): Partial<ReportedCause> | undefined {
  if (reason !== 'handshake_timeout' || facts.lastSpoke === undefined) return undefined;
  // The reports about a server come from the client that waited for it.
  const waiting = detail.expected === undefined ? by : otherSide[by];
  if (facts.lastSpoke !== waiting) return undefined;
  return { cause: waiting === 'server' ? 'client_silent' : 'server_silent' };
}

/** OpenSSL has one error for plaintext and for records that it does not expect: the first bytes tell them apart. */
function ofRecords(
  judged: JudgedConnection,
  { reason }: EventOf<'refused'>,
): Partial<ReportedCause> | undefined {
  const isRecord = reason === 'tls_on_plaintext_port' && mayBeginRecord(judged.said.server.head);
  return isRecord ? { cause: 'protocol_error' } : undefined;
}

/** What was said in place of TLS, where its first bytes show it. */
function inPlaceOfTls(
  judged: JudgedConnection,
  { reason, detail }: EventOf<'refused'>,
): Partial<ReportedCause> | undefined {
  if (reason !== 'plaintext_on_tls_port') return undefined;
  if (judged.facts.hasProxyHeader) return { cause: 'proxy_header_refused' };
  const protocol = speaks(judged, 'client');
  if (protocol === 'tls_request') return { cause: 'upgrade_on_tls_port' };
  const shown: CauseDetail = protocol === undefined || protocol === 'tls' ? detail : { ...detail, protocol };
  return { detail: shown };
}
