/**
 * Makes a finding of a connection that was observed: of a capture, of a command's own traffic, or of an attempt. It rests on the
 * bytes alone, and is as sure as these (`analysis/outcome`).
 */
import type { Outcome, OutcomeEvidence } from '../analysis/outcome/outcome-facts.ts';
import { bytesOf, explained } from './case.ts';
import type { Finding } from './diagnosis.ts';

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
  const by = outcome?.by;
  return explained({
    cause: outcome?.cause ?? 'closed_during_handshake',
    by: by ?? 'server',
    blamed: by ?? 'unknown',
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

/** The message that was being judged, in the standard's spelling; undefined where that is not known. */
function messageAt({ step, evidence }: ObservedOutcome): string | undefined {
  for (const place of evidence)
    if ('message' in place && place.message !== undefined && place.message !== 'Alert') return place.message;
  return step === 'client_hello' ? 'ClientHello' : undefined;
}
