/** Shows the report of an eavesdropper or a thief: what was tried on captured bytes, and the result. */
import type { Observation } from '../../capture/event.ts';
import type { Shown } from '../../engine/shown.ts';
import type { Observed } from '../../engine/view.ts';
import { inEach } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { StepOutcome } from '../../presentation/types/values.ts';

type Theft = Extract<Observation, { kind: 'theft' }>;

export const shown: Shown = { reports: { theft: { outcome: outcomeOf } } };

/** What the thief did; in Korean the connection has its place in the sentence. */
const attemptWords: Readonly<
  Record<
    Theft['tries'][number]['attempt'],
    { readonly en: string; readonly ko: (connection: string) => string }
  >
> = {
  key_on_wire: {
    en: 'uses the key that crossed the wire',
    ko: (connection) => `구간을 지나간 키로 ${josa(connection, '을/를')} 열어 봄`,
  },
  public_key_again: {
    en: 'applies the public key again',
    ko: (connection) => `${connection}에 공개 키를 한 번 더 적용해 봄`,
  },
  guesses_locked: {
    en: 'encrypts guesses with the public key and compares',
    ko: (connection) => `추측을 공개 키로 잠가 ${josa(connection, '과/와')} 비교해 봄`,
  },
  stolen_private_key: {
    en: 'tries the stolen private key on the recording',
    ko: (connection) => `훔친 개인 키로 ${josa(connection, '을/를')} 열어 봄`,
  },
  stolen_server_keys: {
    en: 'tries the stolen private key and ticket keys on the recording',
    ko: (connection) => `훔친 개인 키와 티켓 키로 ${josa(connection, '을/를')} 열어 봄`,
  },
};

/** Whether anything was decrypted, and a line for each attempt, with what was read. */
function outcomeOf({ who, result: { tries } }: Observed<'theft'>): StepOutcome | undefined {
  if (tries.length === 0) return undefined;
  const isOpened = tries.some(({ opened }) => opened > 0);
  return {
    headline: isOpened
      ? { text: { en: 'OPENED', ko: '열림' }, tone: 'leaked' }
      : { text: { en: 'STAYS SHUT', ko: '열리지 않음' }, tone: 'sealed' },
    statements: tries.map((one) => ({
      ...(one.opened > 0 ? { mark: '!', tone: 'leaked' } : { mark: '#', tone: 'sealed' }),
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
    ko: `${josa(who, '이/가')} ${attemptWords[attempt].ko(`구간 ${hop}의 ${conn}번 연결`)}: ${tried}개 중 ${opened}개 열림`,
  };
  const shown: Localized | undefined =
    read === undefined
      ? undefined
      : { en: `, and reads ${safeText(bodyOf(read))}`, ko: `. 읽은 내용: ${safeText(bodyOf(read))}` };
  return inEach((language) => said[language] + (shown?.[language] ?? ''));
}

/** The body of a request, if it has one: the login. */
function bodyOf(read: string): string {
  const end = read.indexOf('\r\n\r\n');
  const length = Number(/^content-length: (\d{1,6})\r$/im.exec(read.slice(0, end + 1))?.[1] ?? 0);
  return end < 0 || length === 0 ? read : read.slice(end + 4, end + 4 + length);
}
