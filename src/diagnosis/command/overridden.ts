/** The command names whom it trusts in two places, and the one that counts is not the one that was meant. */
import { readText } from '../../i18n/read-file.ts';
import { safeText } from '../../i18n/safe.ts';
import { josa } from '../../i18n/josa.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { isTrustedWith } from '../chain.ts';
import { isOfTrust, trustCauses } from '../diagnosis.ts';
import type { DiagnosedCause, Diagnosis, Finding } from '../diagnosis.ts';
import type { Overridden } from '../programs/intent.ts';
import type { Context } from './context.ts';

const largest = 16 * 1024 * 1024;

export const withOverridden = (finding: Finding, context: Context): Finding =>
  ofCertificate(ofAuthorities(finding, context), context);

/** What the server makes of a certificate that was not meant. */
const ofPresented: ReadonlySet<DiagnosedCause> = new Set<DiagnosedCause>([
  ...trustCauses,
  'certificate_expired',
  'certificate_not_yet_valid',
  'certificate_revoked',
  'certificate_refused',
  'certificate_not_accepted',
  'certificate_missing',
  'wrong_usage',
]);

/** Which of the two the server would take is not known. */
function ofCertificate(finding: Finding, { overridden: { certificate } }: Context): Finding {
  if (!certificate || finding.by !== 'server' || !ofPresented.has(finding.cause)) return finding;
  const [winner = '', loser = ''] = [certificate.wins, certificate.loses].map(({ by, value }) =>
    safeText(`${by} ${value}`),
  );
  return {
    ...finding,
    because: {
      en: `${finding.because.en.replace(/\.$/, '')}. The client's certificate is named twice, and ${winner} counts, not ${loser}`,
      ko: `${finding.because.ko} 클라이언트 인증서가 두 곳에 지정되어 있고, ${josa(loser, '이/가')} 아니라 ${josa(winner, '이/가')} 적용됩니다.`,
    },
    remedy: {
      ...finding.remedy,
      words: {
        en: `if ${loser} was meant, take ${safeText(certificate.wins.by)} away. Otherwise ${finding.remedy.words.en}`,
        ko: `${josa(loser, '을/를')} 쓰려고 했다면 ${josa(safeText(certificate.wins.by), '을/를')} 없애세요. 아니라면 ${finding.remedy.words.ko}`,
      },
    },
  };
}

function ofAuthorities(
  finding: Finding,
  { overridden: { authorities: overridden }, diagnosis, own, now }: Context,
): Finding {
  if (!overridden || finding.by !== 'client' || !isOfTrust(finding.cause)) return finding;
  const { wins, loses } = overridden;
  const [winner = '', loser = ''] = [wins, loses].map(({ by, value }) => safeText(`${by} ${value}`));
  const because = {
    en: `${finding.because.en.replace(/\.$/, '')}. Its CAs are named twice, and ${winner} counts, not ${loser}`,
    ko: `${finding.because.ko} CA가 두 곳에 지정되어 있고, ${josa(loser, '이/가')} 아니라 ${josa(winner, '이/가')} 적용됩니다.`,
  };
  if (!isMeant(loses.value, diagnosis, now)) return { ...finding, because };
  const command = lineFor(overridden, own);
  return {
    ...finding,
    because,
    confidence: 'proven',
    evidence: [
      ...finding.evidence,
      {
        kind: 'words',
        said: `${loses.by} ${loses.value}`,
        words: {
          en: 'with the CAs of this file the same chain verifies: they are not used',
          ko: '이 파일의 CA로는 같은 체인이 검증되지만, 쓰이지 않습니다',
        },
      },
    ],
    remedy: {
      on: 'client',
      words: {
        en: `the right CA is named by ${loser}, and ${safeText(wins.by)} counts more: take that away, or let it name the same file`,
        ko: `맞는 CA는 ${loser}에 있는데 ${josa(safeText(wins.by), '이/가')} 우선합니다. 그것을 없애거나 같은 파일을 가리키게 하세요.`,
      },
      ...(command === undefined ? {} : { command }),
    },
  };
}

function isMeant(path: string, { attempts: [base] }: Diagnosis, now: number): boolean {
  if (!base) return false;
  try {
    return isTrustedWith(readText(path, largest), base, now);
  } catch {
    return false;
  }
}

function lineFor({ wins, loses }: Overridden, own: readonly string[]): string | undefined {
  if (wins.isVariable) return `env -u ${wins.by} ${own.map(shellWord).join(' ')}`;
  return wins.by === 'git config' && !loses.isVariable
    ? "git config --show-origin --get-regexp '^http[.].*sslcainfo$'"
    : undefined;
}
