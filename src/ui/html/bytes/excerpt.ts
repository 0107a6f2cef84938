/** A part of a message's bytes with its fields, as it stands on paper and where no script runs. */
import type { Message } from '../../../analysis/conversation/message.ts';
import { hexdump } from '../../../core/hex.ts';
import { inEach, localized, verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { grouped } from '../../../i18n/number.ts';
import type { ByteRange } from '../../../presentation/types/bytes.ts';
import { directionWords } from '../../../presentation/words.ts';
import { element } from '../element.ts';
import type { Html } from '../element.ts';
import { fieldNumbers } from './format.ts';
import type { Explanation, Item, Text } from './format.ts';
import { hiddenBytes } from './secrets.ts';

const shownBytes = 128;
const shownFields = 24;

const localizedText = (text: Text): Localized =>
  typeof text === 'string' ? verbatim(text) : localized(text);

/** What the excerpts are, before the first. */
export const excerptsNote = (count: number): Html =>
  element(
    'p',
    { class: 'bytes-excerpt' },
    {
      en: `An excerpt: the first bytes and fields of ${grouped(count)} ${count === 1 ? 'message' : 'messages'}. On the screen the file shows every message whole.`,
      ko: `발췌: 메시지 ${grouped(count)}개의 처음 바이트와 필드입니다. 화면에서 이 파일을 열면 모든 메시지를 끝까지 볼 수 있습니다.`,
    },
  );

/**
 * @param place the connection. @param words the texts and explanations that the item names. @param isMasked secrets are not
 *   shown
 */
export function excerpt(
  { title, length, offset, fields, secrets = [] }: Item,
  message: Message,
  place: Localized,
  words: { readonly texts: readonly Text[]; readonly explanations: readonly Explanation[] },
  isMasked: boolean,
): Html | undefined {
  const shown = message.bytes()?.subarray(0, shownBytes);
  if (!shown || shown.length === 0) return undefined;
  const bytes = isMasked ? hiddenBytes(shown, 0, stretchesOf(secrets)) : shown;
  const rows: Html[] = [];
  let start = offset;
  let moreFields = 0;
  for (let at = 0; at < fields.length; at += fieldNumbers) {
    const [field = 0, behind = 0, size = 0, depth = 0, value = 0, name = 0] = fields.slice(
      at,
      at + fieldNumbers,
    );
    start += behind;
    if (depth > 0 && rows.length >= shownFields) {
      moreFields++;
      continue;
    }
    const ownName = name === 0 ? words.explanations[field]?.ownName : words.texts[name - 1];
    if (depth > 0)
      rows.push(
        element(
          'tr',
          {},
          element('td', {}, `0x${start.toString(16)}`),
          element('td', {}, grouped(size)),
          element('td', { class: `depth-${Math.min(depth, 8)}` }, localizedText(ownName ?? '')),
          element('td', {}, localizedText(words.texts[value - 1] ?? '')),
        ),
      );
  }
  const more = length - bytes.length;
  return element(
    'div',
    { class: 'bytes-excerpt' },
    element('h3', {}, localizedText(words.texts[title] ?? '')),
    element(
      'p',
      { class: 'dim' },
      inEach((one) =>
        [place, message.from && directionWords[message.from]].flatMap((part) => part?.[one] ?? []).join(', '),
      ),
    ),
    element('pre', {}, hexdump(bytes, offset).join('\n')),
    rest(more, {
      en: `${grouped(more)} more ${more === 1 ? 'byte' : 'bytes'}`,
      ko: `${grouped(more)}바이트`,
    }),
    rows.length > 0
      ? element(
          'table',
          {},
          element(
            'thead',
            {},
            element(
              'tr',
              {},
              head('offset', '오프셋'),
              head('bytes', '바이트'),
              head('field', '필드'),
              head('value', '값'),
            ),
          ),
          element('tbody', {}, rows),
        )
      : undefined,
    rest(moreFields, {
      en: `${grouped(moreFields)} more ${moreFields === 1 ? 'field' : 'fields'}`,
      ko: `필드 ${grouped(moreFields)}개`,
    }),
  );
}

const rest = (count: number, { en, ko }: Localized): Html | undefined =>
  count > 0 ? element('p', { class: 'more' }, { en: `… ${en}`, ko: `… ${ko} 더` }) : undefined;

/** Where secrets are. @param numbers start, length and label by turns */
function stretchesOf(numbers: readonly number[]): ByteRange[] {
  const stretches: ByteRange[] = [];
  for (let at = 0; at < numbers.length; at += 3) {
    const [start = 0, length = 0] = numbers.slice(at, at + 2);
    stretches.push({ start, end: start + length });
  }
  return stretches;
}

const head = (en: string, ko: string): Html => element('th', { scope: 'col' }, { en, ko });
