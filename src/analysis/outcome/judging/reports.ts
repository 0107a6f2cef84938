/** Judges by what an endpoint reported itself: only it knows whether and why it refused. */
import type { RefusalReason } from '../../../capture/vocabulary.ts';
import { defined } from '../../../core/defined.ts';
import type { CauseDetail } from '../refusal-facts.ts';
import { isHearsay } from '../secondhand-reasons.ts';
import { speaks } from './in-clear.ts';
import { isFatal, refusedBy } from './judged-connection.ts';
import type { Draft, JudgedConnection } from './judged-connection.ts';

/** Rule 1. */
export function reportedBy(judged: JudgedConnection): Draft | undefined {
  const { refused } = judged.connection;
  const refusal = refused.find(({ reason }) => !isHearsay(reason)) ?? refused[0];
  if (!refusal || refusal.reason === 'closed_during_handshake') return undefined;
  const { by, reason, seq, detail } = refusal;
  // A library sends an alert without reporting it to its program: only the wire shows it.
  const onWire = refusal.alert
    ? undefined
    : judged.messages.find((message) => message.from === by && isFatal(message, judged.progress.isTls13));
  const alert = refusal.alert ?? (onWire?.content.type === 'alert' ? onWire.content.alert : undefined);
  const step = judged.isTls ? { step: judged.progress.step } : {};
  return defined({
    kind: refusedBy[by],
    source: 'endpoint',
    by,
    reason,
    cause: reason,
    alert,
    detail: withProtocol(judged, reason, detail),
    ...step,
    evidence: [{ event: seq }, ...(onWire ? [judged.place(onWire)] : [])],
  });
}

/** What was said in place of TLS, where its first bytes show it. */
export function withProtocol(
  judged: JudgedConnection,
  reason: RefusalReason,
  detail: CauseDetail,
): CauseDetail {
  const protocol = reason === 'plaintext_on_tls_port' ? speaks(judged.connection, 'client') : undefined;
  return protocol === undefined || protocol === 'tls' ? detail : { ...detail, protocol };
}
