/** The command names whom it trusts in two places, and the one that counts is not the one that was meant. */
import { readText } from '../../i18n/read-file.ts';
import { safeText } from '../../i18n/safe.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { isTrustedWith } from '../chain.ts';
import { isOfTrust } from '../diagnosis.ts';
import type { Diagnosis, Finding } from '../diagnosis.ts';
import type { Overridden } from '../programs/intent.ts';
import type { Context } from './refine.ts';

const largest = 16 * 1024 * 1024;

export function withOverridden(finding: Finding, { overridden, diagnosis, own, now }: Context): Finding {
  if (!overridden || finding.by !== 'client' || !isOfTrust(finding.cause)) return finding;
  const { wins, loses } = overridden;
  const [winner, loser] = [wins, loses].map(({ by, value }) => safeText(`${by} ${value}`));
  const because = {
    en: `${finding.because.en.replace(/\.$/, '')}. Its CAs are named twice, and ${winner} counts, not ${loser}`,
    ko: `${finding.because.ko} CA가 두 곳에 지정되어 있고, ${loser}가 아니라 ${winner}가 적용됩니다.`,
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
        ko: `맞는 CA는 ${loser}에 있는데 ${safeText(wins.by)}가 우선합니다. 그것을 없애거나 같은 파일을 가리키게 하세요.`,
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
