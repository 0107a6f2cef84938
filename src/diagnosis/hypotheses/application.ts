/** TLS succeeded, and the application refuses in its own words: they count, where they are about certificates or names. */
import type { Attempt } from '../attempt/attempt.ts';
import { bytesOf, explained, firstLine } from '../case.ts';
import type { Hypothesis } from '../case.ts';
import type { Evidence, Finding } from '../diagnosis.ts';
import { found } from '../found.ts';

/** What nginx, Apache, haproxy, Envoy, Go and wirelab itself write where a certificate is missing or refused. */
const aboutCertificates: readonly (readonly [RegExp, 'certificate_missing' | 'certificate_refused'])[] = [
  [/No required SSL certificate was sent/i, 'certificate_missing'],
  [/connection requires a valid client certificate/i, 'certificate_missing'],
  [/The SSL certificate error/i, 'certificate_refused'],
  [/certificate authentication failed/i, 'certificate_refused'],
  [/client certificate (?:is )?(?:required|missing|not provided)/i, 'certificate_missing'],
];

/** The words with which a server says that a client's certificate is missing, or is refused. */
export function certificateWords(text: string): string | undefined {
  for (const [pattern] of aboutCertificates) {
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

export const application: Hypothesis = {
  name: 'application',
  async test({ base }) {
    const { answer, outcome } = base;
    if (!answer || answer.said.length === 0 || (base.result !== 'completed' && base.result !== 'refused'))
      return undefined;
    const text = wordsOf(base);
    const known = aboutCertificates.find(([pattern]) => pattern.test(text));
    const evidence: readonly Evidence[] = [
      {
        kind: 'words',
        attempt: base.number,
        said: known?.[0].exec(text)?.[0] ?? firstLine(base),
        words: { en: 'the server said', ko: '서버의 말' },
      },
      ...bytesOf(base),
    ];
    if (known?.[1] === 'certificate_missing')
      return explained({
        cause: 'certificate_missing',
        by: 'server',
        detail: outcome?.detail ?? {},
        confidence: 'proven',
        message: 'application data',
        evidence,
      });
    if (known) return appFinding('certificate_refused', evidence, text);
    const status = /^HTTP\/[\d.]+ (\d{3})/.exec(text)?.[1];
    if (status === '421' || status === '495' || status === '496' || status === '426')
      return appFinding('refused_by_application', evidence, text.split(/\r?\n/)[0] ?? '');
    return base.result === 'refused'
      ? appFinding('refused_by_application', evidence, firstLine(base))
      : undefined;
  },
};

const appFinding = (
  cause: 'certificate_refused' | 'refused_by_application',
  evidence: readonly Evidence[],
  said: string,
): Finding =>
  found({
    cause,
    by: 'server',
    confidence: 'proven',
    message: 'application data',
    evidence,
    more: { en: said.slice(0, 160), ko: said.slice(0, 160) },
  });

/** Head and beginning of the body; of PostgreSQL's ErrorResponse the fields as lines. */
export function wordsOf({ answer }: Pick<Attempt, 'answer'>): string {
  if (!answer) return '';
  const text = Buffer.from(answer.said.subarray(0, 16_384)).toString('utf8');
  return answer.said[0] === 0x45 ? postgresWords(Buffer.from(answer.said)) : text;
}

/** `FATAL: connection requires a valid client certificate`: severity and message. */
function postgresWords(said: Buffer): string {
  const fields = said.subarray(5).toString('utf8').split('\0');
  const of = (type: string): string | undefined => fields.find((field) => field.startsWith(type))?.slice(1);
  return [of('S'), of('M')].filter(Boolean).join(': ');
}
