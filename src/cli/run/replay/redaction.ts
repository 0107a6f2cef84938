/** What was taken out of a bundle, for people: in a sentence, and where it stood. */
import type { Side } from '../../../capture/event.ts';
import { josa } from '../../../i18n/josa.ts';
import { inEach } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { Bundle, Redaction, RedactionCount } from '../../../ui/bundle/limits.ts';
import type { SecretRange } from '../../../ui/html/bytes/secrets.ts';
import type { Environment } from '../../command.ts';
import { utcMinute } from '../page/made.ts';
import { warningLine } from '../../io/user-error-text.ts';

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** What was taken out, in a sentence. */
export function redactionText({ places, texts, keylog }: RedactionCount): Localized {
  const kinds = Object.entries(places).map(([what, count]) => `${what} ${count}`);
  const total = Object.values(places).reduce((sum, count) => sum + count, 0);
  const list = kinds.length > 0 ? ` (${kinds.join(', ')})` : '';
  const keys: Localized =
    keylog === 0
      ? { en: '', ko: '' }
      : {
          en: `; ${counted(keylog, 'line')} of the key log left out`,
          ko: `. 키 로그 ${keylog}줄은 뺐습니다`,
        };
  return {
    en: `redacted: ${counted(total, 'place')} in the bytes${list}, ${texts} in texts${keys.en}`,
    ko: `가린 곳: 바이트 ${total}곳${list}, 텍스트 ${texts}곳${keys.ko}`,
  };
}

const withSecrets: Localized = { en: 'with its secrets and keys', ko: '비밀 정보와 키 포함' };

/** What the page says of a replay below its title. */
export function replaySentence({
  made,
  version,
  hasSecrets,
  count,
}: Pick<Bundle, 'made' | 'version' | 'hasSecrets' | 'count'>): Localized {
  const when = utcMinute(made);
  const rest = hasSecrets ? withSecrets : redactionText(count);
  return {
    en: `Replay of a file that wirelab ${version} saved at ${when}; ${rest.en}.`,
    ko: `${josa(`wirelab ${version}`, '이/가')} ${when}에 저장한 파일을 다시 보여 줍니다. ${rest.ko}.`,
  };
}

/** What the screen says of a replay at its beginning. */
export function replayNotice(
  bundle: Pick<Bundle, 'made' | 'version' | 'redactions' | 'hasSecrets'>,
): Localized {
  const when = utcMinute(bundle.made);
  const places = bundle.redactions.length;
  const redacted: Localized = bundle.hasSecrets
    ? withSecrets
    : { en: `${counted(places, 'place')} redacted`, ko: `${places}곳 가림` };
  return inEach(
    (language) =>
      `${language === 'en' ? 'replay of' : '다시 보기:'} ${when}, wirelab ${bundle.version}; ${redacted[language]}`,
  );
}

/** On standard error, where anything was. */
export function sayWhatWasRedacted(
  { hasSecrets, count }: Pick<Bundle, 'hasSecrets' | 'count'>,
  { stderr, language }: Pick<Environment, 'stderr' | 'language'>,
): void {
  if (!hasSecrets) stderr.write(warningLine(redactionText(count), language));
}

/** Where bytes of a wire were replaced, with what stood there. */
export function redactedIn(redactions: readonly Redaction[]): (conn: number, from: Side) => SecretRange[] {
  const known = new Map<string, SecretRange[]>();
  for (const { conn, vantage, from, offset, length, what } of redactions) {
    if (vantage !== 'wire') continue;
    const range = {
      start: offset,
      end: offset + length,
      label: { en: `redacted: ${what}`, ko: `가림: ${what}` },
    };
    const ranges = known.get(`${conn} ${from}`);
    if (ranges) ranges.push(range);
    else known.set(`${conn} ${from}`, [range]);
  }
  return (conn, from) => known.get(`${conn} ${from}`) ?? [];
}
