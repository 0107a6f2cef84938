/** Shows who may read a private key's file, and whether its permissions are acceptable. */
import type { Shown } from '../../engine/shown.ts';
import type { Observed } from '../../engine/view.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { StepOutcome } from '../../presentation/types/values.ts';

export const shown: Shown = { reports: { 'key-file': { outcome: outcomeOf } } };

function outcomeOf({
  who,
  result: { key, permissions, mode, others, accepted },
}: Observed<'key-file'>): StepOutcome {
  const file = safeText(`${key}.key`);
  const readers: Localized = others
    ? { en: 'any account on this machine may read it', ko: '이 컴퓨터의 어느 계정이든 읽을 수 있음' }
    : { en: 'only its owner may read it', ko: '소유자만 읽을 수 있음' };
  const verdict: Localized = accepted
    ? { en: 'acceptable', ko: '문제없음' }
    : { en: 'too open: wirelab makes a new one', ko: '너무 열려 있음: wirelab은 키를 새로 만듭니다' };
  const tone = accepted ? 'sealed' : 'leaked';
  const text: Localized = {
    en: `${who} keeps ${file}: ${permissions} (${mode}), ${readers.en}; ${verdict.en}`,
    ko: `${who}, ${file}: ${permissions}(${mode}), ${readers.ko}. ${verdict.ko}`,
  };
  return {
    headline: { text: verbatim(permissions), tone },
    statements: [{ mark: accepted ? '✓' : '✗', tone, text }],
  };
}
