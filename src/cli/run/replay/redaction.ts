/** What was taken out of a bundle, for people: in a sentence, and where it stood. */
import type { Side } from '../../../capture/event.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { Redaction, RedactionCount } from '../../../ui/bundle/limits.ts';
import type { SecretRange } from '../../../ui/html/bytes/secrets.ts';

/** What was taken out, in a sentence. */
export function redactionText({ places, texts, keylog }: RedactionCount): Localized {
  const kinds = Object.entries(places).map(([what, count]) => `${what} ${count}`);
  const total = Object.values(places).reduce((sum, count) => sum + count, 0);
  const list = kinds.length > 0 ? ` (${kinds.join(', ')})` : '';
  return {
    en: `redacted: ${total} places in the bytes${list}, ${texts} in texts; ${keylog} lines of the key log left out`,
    ko: `가린 곳: 바이트 ${total}곳${list}, 텍스트 ${texts}곳. 키 로그 ${keylog}줄은 뺐습니다`,
  };
}

/** Where bytes of a wire were replaced, with what stood there. */
export const redactedIn =
  (redactions: readonly Redaction[]) =>
  (conn: number, from: Side): SecretRange[] =>
    redactions.flatMap((one) =>
      one.conn === conn && one.vantage === 'wire' && one.from === from
        ? [
            {
              start: one.offset,
              end: one.offset + one.length,
              label: { en: `redacted: ${one.what}`, ko: `가림: ${one.what}` },
            },
          ]
        : [],
    );
