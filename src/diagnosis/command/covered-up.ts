/**
 * A command that did not accept its server's certificate, called the same server once more, and went on: it verified less the second
 * time (`curl … || curl -k …`), or another server answered. Its exit code hides it.
 */
import { formatAddress } from '../../capture/event.ts';
import { bytesOf } from '../case.ts';
import { found } from '../found.ts';
import { isOfTrust } from '../diagnosis.ts';
import type { DiagnosedCause, Finding } from '../diagnosis.ts';
import type { Seen } from './seen.ts';

const others: ReadonlySet<DiagnosedCause> = new Set<DiagnosedCause>([
  'certificate_not_accepted',
  'certificate_expired',
  'certificate_not_yet_valid',
  'certificate_revoked',
  'name_mismatch',
  'wrong_usage',
  'weak_key',
  'weak_signature',
  'key_not_pinned',
]);

/**
 * @param seen the connections of a command that succeeded, in order
 * @returns the one that failed
 */
export function coveredUp(seen: readonly Seen[]): Seen | undefined {
  const last = seen.at(-1);
  if (!last || last.failed || !last.isTls) return undefined;
  return seen.findLast(({ failed, outcome, led, serverName }) => {
    const cause = outcome?.cause;
    const isOfCertificate = cause !== undefined && (isOfTrust(cause) || others.has(cause));
    return (
      failed &&
      outcome?.by === 'client' &&
      isOfCertificate &&
      formatAddress(led.to) === formatAddress(last.led.to) &&
      serverName === last.serverName
    );
  });
}

/** Which of several it was, the bytes do not show. */
export const refusalOvercome = ({ shown, outcome }: Seen): Finding => ({
  ...found({
    cause: 'refusal_overcome',
    by: 'unknown',
    confidence: 'unknown',
    evidence: bytesOf(outcome ? { outcome } : {}),
  }),
  ...(shown ? { connection: shown } : {}),
});
