/** A verdict in one sentence: `PASSED: 5 of 6 claims proven`. */
import type { Finding, Verdict } from '../engine/verdict.ts';
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import type { Takeaway } from './types/takeaway.ts';
import { verdictWords } from './words.ts';

export function takeawayOf({ status, findings }: Pick<Verdict, 'status' | 'findings'>): Takeaway {
  return {
    label: verdictWords.verdict,
    status: verdictWords[status],
    claims: claimsOf(findings),
    tone: status === 'passed' ? 'sealed' : 'leaked',
  };
}

/** `5 of 6 claims proven`; and of a short version, how many were not judged. */
export function claimsOf(findings: readonly Finding[], leftOut?: Verdict['leftOut']): Localized {
  const met = findings.filter(({ status }) => status === 'met').length;
  return inEach((language) => {
    const claims = verdictWords.claims[language](met, findings.length);
    return leftOut ? `${claims}; ${verdictWords.leftOut[language](leftOut.claims)}` : claims;
  });
}
