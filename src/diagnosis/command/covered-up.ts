/**
 * A command that did not accept its server's certificate, called the same server once more, and went on: it verified less the second
 * time (`curl … || curl -k …`), or another server answered. Its exit code hides it.
 */
import { formatAddress } from '../../capture/event.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
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

export interface CoveredUp {
  /** Of the connection that failed. */
  readonly stream: number;
  /** What is said of it. */
  readonly of: (finding: Finding) => Finding;
}

/** @param seen the connections of a command that succeeded, in order */
export function coveredUp(seen: readonly Seen[]): CoveredUp | undefined {
  const last = seen.at(-1);
  if (!last || last.failed || !last.isTls) return undefined;
  const refused = seen.findLast(({ failed, outcome, led, serverName }) => {
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
  const stream = refused?.shown?.stream;
  return stream === undefined ? undefined : { stream, of: withLater };
}

const later: Localized = {
  en: 'A later connection of the command to the same server went well, and so did the command: it verified less then (curl -k), it trusted another CA, or another server answered',
  ko: '이후 같은 서버로 다시 연결했을 때는 성공했고 명령도 성공했습니다. 두 번째에는 덜 검증했거나(curl -k), 다른 CA를 신뢰했거나, 다른 서버가 답한 것입니다.',
};

/** Why it was refused is as sure as its bytes; what it means for the command is not. */
const withLater = (finding: Finding): Finding => ({
  ...finding,
  confidence: finding.confidence === 'proven' ? 'likely' : finding.confidence,
  because: inEach((language) => `${finding.because[language].replace(/\.$/, '')}. ${later[language]}`),
});
