/** Shows a control plane's certificates as lines. */
import { certificateFileDates, certificateFileWords } from '../../analysis/certificate-sentence.ts';
import type { Shown } from '../../engine/shown.ts';
import type { Observed } from '../../engine/view.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { manifestReports } from './manifest-shown.ts';
import type { StepOutcome } from '../../presentation/types/values.ts';

export const shown: Shown = {
  reports: {
    papers: {
      outcome: ({ result: { papers, about } }) =>
        outcomeOf(papers.map(about === 'dates' ? certificateFileDates : certificateFileWords)),
    },
    certificate: { outcome: (report) => outcomeOf([issuedLine(report)]) },
    ...manifestReports,
  },
};

const outcomeOf = (lines: readonly Localized[]): StepOutcome | undefined =>
  lines.length === 0
    ? undefined
    : {
        headline: { text: { en: 'Certificates', ko: '인증서에 적힌 내용' }, tone: 'plain' },
        statements: lines.map((text) => ({ mark: ' ', tone: 'plain', text })),
      };

function issuedLine({ who, result: { subject, issuer, notAfter } }: Observed<'certificate'>): Localized {
  const [of, by] = [safeText(subject), safeText(issuer)];
  return {
    en: `${who} has a certificate for ${of}, signed by ${by}, good until ${notAfter}`,
    ko: `${who}: ${of} 인증서를 얻음(서명: ${by}, 만료: ${notAfter})`,
  };
}
