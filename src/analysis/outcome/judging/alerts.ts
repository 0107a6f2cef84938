/** Judges by alerts: those that were read, and sealed records of the size of one. */
import { otherSide } from '../../../capture/event.ts';
import type { Side } from '../../../capture/event.ts';
import type { TlsMessage } from '../../../protocols/tls/message/message.ts';
import { causeOfAlert, causeOfClose } from '../cause.ts';
import { HandshakeProgress } from '../handshake-progress.ts';
import { causeOnly, isFatal, otherAlerts, refusedBy, settled } from './judged-connection.ts';
import type { Draft, JudgedConnection } from './judged-connection.ts';

/** A fatal alert that could be read. */
export function alertIn(judged: JudgedConnection): Draft | undefined {
  const { isTls13 } = judged.progress;
  let looked = 0;
  for (const [index, message] of judged.messages.entries()) {
    if (message.content.type !== 'alert' || !isFatal(message, isTls13)) continue;
    if (++looked > mostAlerts) break;
    const before = new HandshakeProgress(judged.messages.slice(0, index));
    if (isReaction(judged, message, before)) continue;
    const { alert } = message.content;
    const by = message.from;
    const recordVersion = message.frames[0]?.version;
    const found = causeOfAlert({ by, alert, progress: before, at: judged.timeOf(message), recordVersion });
    const step =
      before.clientHello || before.serverHello || judged.facts.joinedLate ? { step: before.step } : {};
    return {
      kind: refusedBy[by],
      by,
      ...step,
      alert,
      ...causeOnly(found),
      proof: 'alert',
      evidence: judged.evidence(message, found),
    };
  }
  return undefined;
}

/**
 * Whether an alert only answers that the other side hung up: it had said nothing since, or nothing that was not taken.
 * OpenSSL calls such an end decode_error.
 */
export function isReaction(
  judged: JudgedConnection,
  message: TlsMessage,
  before: HandshakeProgress,
): boolean {
  const { closed } = judged.connection;
  const other = otherSide[message.from];
  if (message.content.type !== 'alert' || closed?.by !== other) return false;
  const { code } = message.content.alert;
  // It may have ended before it broke off what was sent to it in vain.
  if (code === otherAlerts.decodeError && judged.length(other) === 0) return true;
  // Nothing is left to be read but its end: it hung up with tickets unread, which is a reset.
  if (code === otherAlerts.decodeError && before.isComplete) return true;
  if (closed.how !== 'end') return false;
  // OpenSSL also sends it for an end in the middle of a record, and before the first byte (a health check).
  if (code === otherAlerts.decodeError && (isBehindEnd(judged, message) || endsInRecord(judged, other)))
    return true;
  if (before.messages.length === 0) return false;
  if (before.isComplete) return false;
  if (code === otherAlerts.internalError || code === otherAlerts.userCanceled) return false;
  const own = before.messages.findLastIndex(({ from }) => from === message.from);
  return !before.messages.slice(own + 1).some(({ from }) => from === other);
}

/** Whether the other side had ended (FIN) before that message was sent, as its packets show. */
export function isBehindEnd(judged: JudgedConnection, { from, offset }: TlsMessage): boolean {
  const { afterEnd } = judged.connection.segments ?? {};
  return afterEnd?.from === from && offset >= judged.connection.lengthOf('wire', from) - afterEnd.bytes;
}

/** Whether what a side sent breaks off within a record. Of more records than a handshake has, nothing is said. */
export function endsInRecord(judged: JudgedConnection, from: Side): boolean {
  const stream = judged.said[from];
  let at = 0;
  for (let count = 0; count < mostRecords && at + recordHead <= stream.length; count++) {
    const [type = 0, , , high = 0, low = 0] = stream.read(at, recordHead) ?? [];
    if (type < recordTypes.first || type > recordTypes.last) return false;
    at += recordHead + high * 256 + low;
    if (at > stream.length) return true;
  }
  return at !== stream.length && at + recordHead > stream.length;
}

/** Rule 3. Endpoints who said that they are connected know better. */
export function sealedRefusal(judged: JudgedConnection): Draft | undefined {
  const progress = judged.progress;
  if (judged.isProvenByEndpoints) return undefined;
  const { renegotiation, silence } = judged.facts;
  if (renegotiation?.isRefused) {
    const by = otherSide[renegotiation.by];
    return {
      kind: refusedBy[by],
      by,
      step: 'application_data',
      cause: 'renegotiation_refused',
      inferred: true,
      proof: 'size',
      evidence: [{ event: judged.connection.lastSeq }],
    };
  }
  if (!progress.isTls13) return undefined;
  const byClient = progress.clientAlertBySize;
  if (byClient) {
    const about = new HandshakeProgress(judged.messages.slice(0, judged.messages.indexOf(byClient)))
      .serverCertificateBySize;
    return {
      kind: 'refused_by_client',
      by: 'client',
      step: 'server_flight',
      cause: 'certificate_not_accepted',
      inferred: true,
      proof: 'size',
      evidence: [judged.place(byClient), ...(about ? [judged.place(about)] : [])],
    };
  }
  const byServer = progress.serverAlertBySize;
  // A server that waited before it said so ended an idle connection; one that answers a goodbye refuses nothing.
  if (
    !byServer ||
    (saidGoodbye(judged, byServer) && !isAfterNoCertificate(judged)) ||
    (judged.waitedFor(byServer) >= settled && silence < settled)
  )
    return undefined;
  const before = new HandshakeProgress(judged.messages.slice(0, judged.messages.indexOf(byServer)));
  // Its certificate may have come before the alert, and the Finished behind it after.
  const at = judged.timeOf(byServer);
  const found = causeOfClose({ by: 'server', progress: before, at }) ??
    causeOfClose({ by: 'server', progress, at }) ?? { cause: 'sealed_alert', inferred: true, detail: {} };
  return {
    kind: 'refused_by_server',
    by: 'server',
    step: before.step,
    ...causeOnly(found),
    inferred: true,
    proof: 'size',
    evidence: judged.evidence(byServer, found),
  };
}

/**
 * Whether the server said nothing but that, and ended, once the client had shown no certificate: a server that does not insist on
 * one sends tickets first. Some clients say goodbye before they hear of it.
 */
function isAfterNoCertificate({ progress, connection }: JudgedConnection): boolean {
  return progress.emptyCertificateBySize !== undefined && connection.closed?.by === 'server';
}

/** Whether the client had sent a record of the size of an alert before that message, behind its Finished. */
export function saidGoodbye(judged: JudgedConnection, message: TlsMessage): boolean {
  const before = judged.messages.slice(0, judged.messages.indexOf(message));
  const last = before.findLast(
    ({ from, content }) => from === 'client' && content.type !== 'change_cipher_spec',
  );
  return last !== undefined && judged.progress.isAlertSize(last);
}

const recordHead = 5;
const recordTypes = { first: 20, last: 24 } as const;
const mostRecords = 64;
/** A side sends one fatal alert, or two; more are an attack, and each is judged by everything before it. */
const mostAlerts = 8;
