/** Judges by how a connection ended, and what had been said by then. */
import { otherSide } from '../../../capture/event.ts';
import type { EventOf, Side } from '../../../capture/event.ts';
import { defined } from '../../../core/defined.ts';
import type { TlsMessage } from '../../../protocols/tls/message/message.ts';
import { causeOfClose } from '../cause.ts';
import type { OutcomeFacts } from '../outcome-facts.ts';
import { alertType, byOf, causeOnly, isFatal, otherAlerts, settled, kindOfEnd } from './judged-connection.ts';
import type { Draft, JudgedConnection } from './judged-connection.ts';

export function turnedAway(judged: JudgedConnection): Draft | undefined {
  const { closed } = judged.connection;
  if (!closed?.unaccepted) return undefined;
  const evidence = [{ event: closed.seq }];
  if (closed.how === 'timeout')
    return { kind: 'no_answer', step: 'connecting', cause: 'unanswered', proof: 'packets', evidence };
  if (closed.by !== 'server') return { kind: 'reset', ...byOf(closed.by), step: 'connecting', evidence };
  return {
    kind: 'not_accepted',
    by: 'server',
    step: 'connecting',
    cause: 'nothing_listens',
    proof: 'packets',
    evidence,
  };
}

/** The other side's data, or its absence, is unknown. */
export function oneSidedEnd(judged: JudgedConnection): Draft | undefined {
  const { captured, end } = judged.facts;
  const { closed } = judged.connection;
  if (!closed || (captured.client && captured.server) || judged.isProvenByEndpoints) return undefined;
  const step = judged.isTls && judged.hasBegun ? { step: judged.progress.step } : {};
  const common = {
    ...byOf(closed.by),
    ...step,
    oneSided: true,
    evidence: [{ event: closed.seq }],
  } as const;
  if (end === 'end') return { ...common, kind: 'completed', inferred: true };
  return { ...common, kind: kindOfEnd[end] };
}

/** Packets that never arrived, by what their sender or their receiver did. */
export function lostPackets(judged: JudgedConnection): Draft | undefined {
  const { loss, isComplete, end, silence, isResetForeign } = judged.facts;
  // What was sent into a connection that something has reset is lost for that reason.
  if (isResetForeign && end === 'reset') return undefined;
  // A connection that is under way may have lost something just now, and get over it.
  if (!loss || (isComplete && silence < settled) || (end === 'open' && silence < settled)) return undefined;
  const { closed } = judged.connection;
  const step = judged.isTls && judged.hasBegun ? { step: judged.progress.step } : {};
  const kind = kindOfEnd[end];
  const cause = loss.bytes >= fullSize ? 'large_packets_lost' : 'packets_lost';
  return {
    kind,
    ...byOf(closed?.by ?? 'unknown'),
    ...step,
    cause,
    inferred: cause === 'large_packets_lost',
    detail: { lost: loss },
    proof: 'packets',
    evidence: [{ event: closed?.seq ?? judged.connection.lastSeq }],
  };
}

/** A flow of datagrams has no end to wait for. */
function isDone(judged: JudgedConnection, hasBegun: boolean): boolean {
  if (judged.connection.opened?.transport !== 'udp') return false;
  return hasBegun ? judged.progress.isComplete : judged.length('client') > 0 && judged.length('server') > 0;
}

/** By the end of the connection, and what had been said by then. */
export function endOf(judged: JudgedConnection): Draft {
  const { closed } = judged.connection;
  const hasBegun = judged.isTls && judged.hasBegun;
  const step = hasBegun
    ? judged.progress.step
    : judged.length('client') + judged.length('server') > 0
      ? 'plaintext'
      : undefined;
  const stepOf = step === undefined ? {} : { step };
  if (!closed) return { kind: isDone(judged, hasBegun) ? 'completed' : 'open', ...stepOf, evidence: [] };
  const end = { ...byOf(closed.by), ...stepOf, evidence: [{ event: closed.seq }] };
  const isProven = judged.isProvenByEndpoints;
  const handshakeBroke = hasBegun && !judged.progress.isComplete && !isProven;
  const unknown = { kind: 'completed', ...end, inferred: true, incomplete: true } as const;
  if (handshakeBroke && closed.how === 'end' && judged.hasGap) return unknown;
  const probed = probe(judged, closed);
  if (probed) return probed;
  if (closed.how === 'timeout')
    return {
      kind: 'timed_out',
      ...end,
      ...(handshakeBroke ? { cause: 'handshake_timeout', proof: 'end' } : {}),
    };
  if (judged.length('client') === 0 && judged.length('server') === 0)
    return { kind: closed.how === 'reset' ? 'reset' : 'empty', ...end };
  if (handshakeBroke) return brokenHandshake(judged, closed.how, closed.by, end);
  const goodbye = closed.how === 'reset' && hasBegun ? goodbyeOf(judged, closed.by) : undefined;
  if (goodbye)
    return {
      kind: 'completed',
      ...end,
      ...(goodbye.content.type === 'alert' ? {} : { inferred: true }),
      evidence: [judged.place(goodbye), ...end.evidence],
    };
  if (closed.how === 'reset' && !(hasBegun && closed.by === 'client' && isProbe(judged)))
    return { kind: 'reset', ...end, ...foreignReset(judged) };
  if (hasBegun && !isProven) {
    const connected = endAfterHandshake(judged, closed.by, end);
    return connected.kind !== 'completed' && judged.hasGap ? unknown : connected;
  }
  if (judged.length('server') === 0)
    return {
      kind: 'no_answer',
      ...end,
      cause: 'no_reply',
      proof: 'end',
      evidence: [...end.evidence, judged.beginning('client')],
    };
  return { kind: 'completed', ...end };
}

/**
 * The last record of a side that took its leave, after both had talked, before it broke the connection off: a client of HTTP/2 that
 * closes while the server still says goodbye ends so. A sealed record of that size may be another alert.
 */
function goodbyeOf(judged: JudgedConnection, by: Side | 'unknown'): TlsMessage | undefined {
  const { progress, messages } = judged;
  if (by === 'unknown' || !progress.saidAbove('client') || !progress.saidAbove('server')) return undefined;
  const last = messages.findLast(({ from }) => from === by);
  if (!last) return undefined;
  const { content } = last;
  if (content.type === 'alert') return content.alert.code === otherAlerts.closeNotify ? last : undefined;
  const isLikely = (message: TlsMessage): boolean =>
    message.contentType === alertType || progress.isAlertSize(message);
  if (!isLikely(last)) return undefined;
  if (by === 'client') return last;
  // A server that refuses a certificate under TLS 1.3 says so in such a record as well; one that answers a goodbye does not.
  const before = messages.slice(0, messages.lastIndexOf(last)).findLast(({ from }) => from === 'client');
  return before && isLikely(before) ? last : undefined;
}

/**
 * A client that connects, says nothing and leaves, however it does that, or is waited for in vain; an alert of the server's only
 * answers the end.
 */
function probe(judged: JudgedConnection, { by, how, seq }: EventOf<'closed'>): Draft | undefined {
  const { messages, facts } = judged;
  if (by === 'unknown' || (by === 'server') !== (how === 'timeout')) return undefined;
  if (facts.isResetForeign || facts.joinedLate || judged.length('client') > 0 || judged.hasGap || facts.loss)
    return undefined;
  const [answer] = messages;
  if (judged.length('server') === 0) {
    const tunnel = judged.said.client.start > 0 ? ({ inTunnel: true } as const) : {};
    return { kind: 'empty', by, ...tunnel, evidence: [{ event: seq }] };
  }
  if (!answer || !messages.every(({ content }) => content.type === 'alert')) return undefined;
  const { content } = answer;
  return {
    kind: 'empty',
    by,
    ...(content.type === 'alert' ? { alert: content.alert } : {}),
    evidence: [{ event: seq }, judged.place(answer)],
  };
}

/** Closed or reset before both sides had ended the handshake, without an alert that says why. */
export function brokenHandshake(
  judged: JudgedConnection,
  how: 'end' | 'reset',
  by: Side | 'unknown',
  end: Pick<OutcomeFacts, 'by' | 'step' | 'evidence'>,
): Draft {
  const progress = judged.progress;
  // Under TLS 1.3 a client that continues to send, or closes, has accepted the server; the server's verdict is unknown.
  if (
    progress.isTls13 &&
    progress.hasFinished('client') &&
    by === 'client' &&
    (how === 'end' || isProbe(judged))
  ) {
    const isSilent = !progress.saidAbove('client');
    return isSilent
      ? nothingSaid(judged, by, end)
      : { kind: 'no_answer', ...end, cause: 'no_reply', proof: 'end' };
  }
  const kind = kindOfEnd[how];
  const foreign = foreignReset(judged);
  if (foreign) return { kind, ...end, ...foreign };
  const silence = silenceBefore(judged, by, end);
  if (silence) return silence;
  const found = by === 'unknown' ? undefined : causeOfClose({ by, progress, at: judged.timeOfEnd() });
  if (!found) return { kind, ...end, evidence: [...end.evidence, ...judged.lastOf(by)] };
  return {
    kind,
    ...end,
    ...causeOnly(found),
    proof: 'end',
    evidence: [...end.evidence, ...(found.about ? [judged.place(found.about)] : judged.lastOf(by))],
  };
}

/**
 * The client sent close_notify and the server answered it: the client awaited no other response, as in protocols
 * where only the client sends (syslog).
 */
export function isGoodbyeAnswered(judged: JudgedConnection): boolean {
  const isAlert = (message: TlsMessage): boolean =>
    message.contentType === alertType || judged.progress.isAlertSize(message);
  const [goodbye, answer] = (['client', 'server'] as const).map((side) =>
    judged.messages.findLast(({ from }) => from === side),
  );
  return (
    goodbye !== undefined &&
    answer !== undefined &&
    isAlert(goodbye) &&
    isAlert(answer) &&
    judged.messages.indexOf(goodbye) < judged.messages.indexOf(answer)
  );
}

/**
 * The client completed its part of the handshake and neither side sent more: a health check ends like this, with a
 * reset if unread tickets are waiting.
 */
export function isProbe(judged: JudgedConnection): boolean {
  const progress = judged.progress;
  const hasServerSpoken = progress.isTls13
    ? progress.messages.some(({ from, content }) => from === 'server' && content.type === 'application_data')
    : progress.saidAbove('server');
  const hasAlert = progress.messages.some((message) => isFatal(message, progress.isTls13));
  return (
    progress.hasFinished('client') &&
    !progress.saidAbove('client') &&
    !hasServerSpoken &&
    !hasAlert &&
    progress.serverAlertBySize === undefined &&
    !judged.facts.isResetForeign &&
    !judged.facts.loss &&
    !judged.hasGap
  );
}

/** One side waited for the other and gave up. */
export function silenceBefore(
  judged: JudgedConnection,
  by: Side | 'unknown',
  end: Pick<OutcomeFacts, 'by' | 'step' | 'evidence'>,
): Draft | undefined {
  const { silence, lastSpoke, end: how } = judged.facts;
  if (by === 'unknown' || silence < settled || lastSpoke !== by) return undefined;
  const cause = by === 'client' ? 'server_silent' : 'client_silent';
  // A client that has ended its part of the handshake owes nothing.
  if (cause === 'client_silent' && judged.progress.hasFinished('client')) return undefined;
  const kind = how === 'reset' ? 'reset' : by === 'client' ? 'no_answer' : 'closed_without_alert';
  return {
    kind,
    ...end,
    cause,
    inferred: true,
    detail: { silentFor: silence },
    proof: 'end',
    evidence: [...end.evidence, ...judged.lastOf(otherSide[by])],
  };
}

export function foreignReset(
  judged: JudgedConnection,
): Pick<Draft, 'cause' | 'inferred' | 'proof'> | undefined {
  const { isResetForeign, end } = judged.facts;
  return isResetForeign && end === 'reset'
    ? { cause: 'reset_on_the_way', inferred: true, proof: 'packets' }
    : undefined;
}

/** A probe; or a client that was shown a certificate without the name that it had asked for, as the endpoint reports. */
function nothingSaid(
  { connection }: JudgedConnection,
  by: Side | 'unknown',
  end: Pick<OutcomeFacts, 'by' | 'step' | 'evidence'>,
): Draft {
  const { misnamed, serverName, seq } = connection.secured.server ?? {};
  if (by !== 'client' || !misnamed || seq === undefined) return { kind: 'nothing_said', ...end };
  return {
    kind: 'nothing_said',
    ...end,
    source: 'endpoint',
    cause: 'name_mismatch',
    inferred: true,
    detail: defined({ presented: misnamed, expected: serverName }),
    evidence: [...end.evidence, { event: seq }],
  };
}

/** The handshake was ended by both. */
export function endAfterHandshake(
  judged: JudgedConnection,
  by: Side | 'unknown',
  end: Pick<OutcomeFacts, 'by' | 'step' | 'evidence'>,
): Draft {
  const progress = judged.progress;
  const [client, server] = [progress.saidAbove('client'), progress.saidAbove('server')];
  if (client && !server && by === 'server' && !isGoodbyeAnswered(judged)) {
    const found = causeOfClose({ by, progress, at: judged.timeOfEnd() });
    return {
      kind: 'no_answer',
      ...end,
      ...(found ? causeOnly(found) : { cause: 'no_reply' }),
      proof: 'end',
    };
  }
  if (client || (server && !progress.isTls13)) return { kind: 'completed', ...end };
  // A TLS 1.3 server first sends tickets; only keys distinguish them from responses.
  if (progress.messages.some(({ from, content }) => from === 'server' && content.type === 'application_data'))
    return { kind: 'completed', ...end };
  // They come at once, and what comes long after is none, as an answer to a client that stays idle.
  if (
    progress.isTls13 &&
    progress.serverAfterFlight.some(
      (message) =>
        message.content.type === 'sealed' &&
        !progress.isAlertSize(message) &&
        judged.waitedFor(message) >= settled,
    )
  )
    return { kind: 'completed', ...end };
  const found = by === 'unknown' ? undefined : causeOfClose({ by, progress, at: judged.timeOfEnd() });
  if (!found) return nothingSaid(judged, by, end);
  return {
    kind: 'nothing_said',
    ...end,
    ...causeOnly(found),
    inferred: true,
    proof: 'end',
    evidence: [...end.evidence, ...(found.about ? [judged.place(found.about)] : [])],
  };
}

/** More than any packet holds that is not as full as its path allows. */
const fullSize = 1000;
