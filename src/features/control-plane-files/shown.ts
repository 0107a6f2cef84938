/** Shows a control plane's certificates as lines. */
import { certificateFileDates, certificateFileWords } from '../../analysis/certificate-sentence.ts';
import type { Shown } from '../../engine/shown.ts';
import type { Observed } from '../../engine/view.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { CertificateFile } from '../../pki/x509/certificate-report.ts';
import type { NamedSetting } from '../../peers/reports/certificate-files.ts';
import { safeText } from '../../i18n/safe.ts';
import { manifestReports } from './manifest-shown.ts';
import type { StepOutcome } from '../../presentation/types/values.ts';

export const shown: Shown = {
  reports: {
    papers: {
      outcome: ({ result: { papers, about, named } }) =>
        named === undefined
          ? outcomeOf(papers.map(about === 'dates' ? certificateFileDates : certificateFileWords))
          : namedOutcome(named, papers),
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

/** What restarted processes show and trust from now on. */
function namedOutcome(named: readonly NamedSetting[], papers: readonly CertificateFile[]): StepOutcome {
  return {
    headline: { text: { en: 'Restarted, with these files', ko: '이 파일들로 다시 시작함' }, tone: 'plain' },
    statements: named.map((one) => ({ mark: ' ', tone: 'plain', text: settingWords(one, papers) })),
  };
}

function settingWords(
  { process, setting, files }: NamedSetting,
  papers: readonly CertificateFile[],
): Localized {
  const list = files.join(' + ');
  if (setting === 'trusts') return { en: `${process} trusts ${list}`, ko: `${process} 신뢰: ${list}` };
  if (setting !== 'shows') return verbatim(`${process} ${setting} ${list}`);
  const signer = papers.find(({ file }) => file === list)?.signer;
  return signer === undefined
    ? { en: `${process} shows ${list}`, ko: `${process} 제시: ${list}` }
    : {
        en: `${process} shows ${list}, signed by ${signer}`,
        ko: `${process} 제시: ${list}(서명: ${signer})`,
      };
}

function issuedLine({ who, result: { subject, issuer, notAfter } }: Observed<'certificate'>): Localized {
  const [of, by] = [safeText(subject), safeText(issuer)];
  return {
    en: `${who} has a certificate for ${of}, signed by ${by}, good until ${notAfter}`,
    ko: `${who}: ${of} 인증서를 얻음(서명: ${by}, 만료: ${notAfter})`,
  };
}
