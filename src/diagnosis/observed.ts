/**
 * Makes a finding of a connection that was observed: of a capture, of a command's own traffic, or of an attempt. It rests on the
 * bytes alone, and is as sure as these (`analysis/outcome`).
 */
import type { Outcome, OutcomeEvidence } from '../analysis/outcome/outcome-facts.ts';
import { bytesOf, explained } from './case.ts';
import type { Cause } from '../analysis/outcome/cause-words.ts';
import type { Blamed, Finding } from './diagnosis.ts';

/** An outcome as it was judged, or as a line of the JSON output has it. */
export type ObservedOutcome = Pick<Outcome, 'kind' | 'cause' | 'by' | 'detail' | 'alert' | 'step'> & {
  readonly confidence?: Outcome['confidence'];
  readonly evidence: readonly (OutcomeEvidence & { readonly frame?: number })[];
};

/** @param outcome absent where no connection was established */
export function findingOf(
  outcome: ObservedOutcome | undefined,
  { attempt }: { readonly attempt?: number } = {},
): Finding {
  // Whoever ended it: the client began with TLS where nobody speaks it.
  const by = outcome?.cause === 'tls_on_plaintext_port' ? 'client' : outcome?.by;
  return explained({
    cause: outcome?.cause ?? 'closed_during_handshake',
    by: by ?? 'server',
    blamed: blamedFor(outcome?.cause) ?? by ?? 'unknown',
    detail: outcome?.detail ?? {},
    alert: outcome?.alert ? { ...outcome.alert, from: by ?? 'server' } : undefined,
    confidence: outcome?.cause === undefined ? 'unknown' : (outcome.confidence ?? 'likely'),
    message: outcome && messageAt(outcome),
    evidence: bytesOf({
      ...(outcome ? { outcome } : {}),
      ...(attempt === undefined ? {} : { number: attempt }),
    }),
  });
}

/** Neither side, where it is in what happened and not in who ended it. */
function blamedFor(cause: ObservedOutcome['cause']): Blamed | undefined {
  if (cause === 'nothing_listens') return 'nobody';
  return cause !== undefined && onTheWay.has(cause) ? 'between' : undefined;
}

const onTheWay: ReadonlySet<Cause> = new Set<Cause>([
  'large_packets_lost',
  'packets_lost',
  'reset_on_the_way',
]);

/** The message that was being judged, in the standard's spelling; undefined where that is not known. */
function messageAt({ step, evidence }: ObservedOutcome): string | undefined {
  for (const place of evidence)
    if ('message' in place && place.message !== undefined && place.message !== 'Alert') return place.message;
  return step === 'client_hello' ? 'ClientHello' : undefined;
}
