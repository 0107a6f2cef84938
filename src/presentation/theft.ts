/**
 * What an eavesdropper, a thief and the keeper of a key say of themselves, as statements for people. Pure: the reports come in.
 */
import type { Observation } from '../capture/event.ts';
import type { TheftAttempt } from '../peers/reports/attack.ts';
import { inEach, verbatim } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import { safeText } from '../i18n/safe.ts';
import type { StepOutcome } from './types/values.ts';

type Theft = Extract<Observation, { kind: 'theft' }>;
type KeyFile = Extract<Observation, { kind: 'key-file' }>;

const attemptWords: Readonly<Record<TheftAttempt, Localized>> = {
  key_on_wire: { en: 'uses the key that went over the wire', ko: '구간을 지나간 키로 열기' },
  public_key_again: { en: 'turns the public key once more', ko: '공개 키를 한 번 더 돌려 보기' },
  guesses_locked: {
    en: 'locks guesses with the public key and compares',
    ko: '추측을 공개 키로 잠가 비교하기',
  },
  stolen_private_key: {
    en: 'tries the stolen private key on the recording',
    ko: '훔친 개인 키를 기록에 써 보기',
  },
};

/** Whether anything was opened, and a line for each attempt, with what was read. */
export function theftOutcome(
  reports: readonly { readonly who: string; readonly result: Theft }[],
): StepOutcome | undefined {
  const tries = reports.flatMap(({ who, result }) => result.tries.map((one) => ({ who, one })));
  if (tries.length === 0) return undefined;
  const isOpened = tries.some(({ one }) => one.opened > 0);
  return {
    headline: isOpened
      ? { text: { en: 'OPENED', ko: '열림' }, tone: 'leaked' }
      : { text: { en: 'STAYS SHUT', ko: '열리지 않음' }, tone: 'sealed' },
    statements: tries.map(({ who, one }) => ({
      ...(one.opened > 0 ? { mark: '✗', tone: 'leaked' } : { mark: '✓', tone: 'sealed' }),
      text: attemptText(who, one),
    })),
  };
}

function attemptText(
  who: string,
  { attempt, hop, conn, tried, opened, read }: Theft['tries'][number],
): Localized {
  const said: Localized = {
    en: `${who} (wire ${hop}, connection ${conn}) ${attemptWords[attempt].en}: opens ${opened} of ${tried}`,
    ko: `${who}(구간 ${hop}, 연결 ${conn}), ${attemptWords[attempt].ko}: ${tried}개 가운데 ${opened}개 열림`,
  };
  const shown: Localized | undefined =
    read === undefined
      ? undefined
      : { en: `, and reads ${safeText(bodyOf(read))}`, ko: `. 읽은 내용: ${safeText(bodyOf(read))}` };
  return inEach((language) => said[language] + (shown?.[language] ?? ''));
}

/** Of a request what stands behind its header, as long as that says: the login. */
function bodyOf(read: string): string {
  const end = read.indexOf('\r\n\r\n');
  const length = Number(/^content-length: (\d{1,6})\r$/im.exec(read.slice(0, end + 1))?.[1] ?? 0);
  return end < 0 || length === 0 ? read : read.slice(end + 4, end + 4 + length);
}

/** Who may read the file of a key, and whether that is in order. */
export function keyFileOutcome(
  who: string,
  { key, permissions, mode, others, accepted }: KeyFile,
): StepOutcome {
  const file = safeText(`${key}.key`);
  const readers: Localized = others
    ? { en: 'any account here may read it', ko: '이 컴퓨터의 어느 계정이든 읽을 수 있음' }
    : { en: 'its owner alone may read it', ko: '소유자만 읽을 수 있음' };
  const verdict: Localized = accepted
    ? { en: 'in order', ko: '문제없음' }
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
