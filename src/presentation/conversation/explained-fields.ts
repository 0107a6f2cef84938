/**
 * Every field of a message with its explanation, so that each of its bytes has one: for a view of all bytes at once, where
 * `explain.ts` explains the byte under a cursor. Words that many fields share are one value, so that a reader of thousands
 * can keep them once.
 */
import type { Message } from '../../analysis/conversation/message.ts';
import type { Field, FieldId } from '../../core/field.ts';
import { inEach, verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { ReadLine } from '../../protocols/protocol.ts';
import type { NamedRange } from '../types/bytes.ts';
import { explanationWords, messageWords } from '../words.ts';
import { explainInEach } from './explain.ts';

/** What is said of all fields of one kind. */
export interface FieldWords {
  readonly id: FieldId | undefined;
  /** Of the kind itself, and of the nearest one around it that has words. */
  readonly ownName: Localized;
  readonly name: Localized;
  readonly meaning: Localized;
  /** The standard: `RFC 8446 section 4.1.2`. */
  readonly source: string | undefined;
}

export interface ExplainedField extends NamedRange {
  /** The same value for all fields of which the same is said. */
  readonly words: FieldWords;
  readonly remarks: readonly Localized[];
  /** Its value is a text or bytes of the peer, not a number or a code. */
  readonly isFree: boolean;
}

const wholeName: Localized = { en: 'the whole message', ko: '메시지 전체' };

const sealedWords: FieldWords = {
  id: undefined,
  ownName: wholeName,
  name: wholeName,
  meaning: {
    en: 'Sealed: without the keys these bytes are noise.',
    ko: '암호화되어 있습니다. 키가 없으면 의미 없는 바이트입니다.',
  },
  source: undefined,
};

const unreadWords: FieldWords = {
  id: undefined,
  ownName: wholeName,
  name: wholeName,
  meaning: {
    en: 'Nothing here says more of these bytes: nobody here reads this protocol, or the message ends too early.',
    ko: '이 바이트는 더 해석하지 않습니다. 여기서 읽지 않는 프로토콜이거나, 메시지가 도중에 끊겼습니다.',
  },
  source: undefined,
};

const count = (bytes: number): Localized => inEach((language) => explanationWords.bytes[language](bytes));

/** `sealed, 1,234 bytes` */
const sealedValue = (bytes: number): Localized =>
  inEach((language) => `${messageWords.sealed[language]}, ${count(bytes)[language]}`);

const none: readonly Localized[] = [];

export class FieldExplainer {
  readonly #known = new Map<string, FieldWords>();

  /** In order, outer ones before their parts; the first covers the whole message. `loadExplanations` must have been awaited. */
  fieldsOf(message: Message): readonly ExplainedField[] {
    const { offset, length, sealed, title } = message;
    const root = message.field();
    const all: ExplainedField[] = [];
    const whole = { start: offset, end: offset + length, depth: 0 };
    const lines = message.reading && linesByPlace(message.reading());
    const path: Field[] = [];
    let depth = 0;
    const add = (field: Field): void => {
      path.push(field);
      all.push(this.#explained(path, field, depth, lines?.get(placeOf(field))));
      depth++;
      for (const child of field.children) add(child);
      depth--;
      path.pop();
    };
    if (!root)
      return [
        {
          ...whole,
          name: title,
          value: sealed ? sealedValue(length) : count(length),
          words: sealed ? sealedWords : unreadWords,
          remarks: none,
          isFree: false,
        },
      ];
    // A tree of what was understood may end before its message does.
    if (root.range[0] > offset || root.range[1] < offset + length)
      depth = all.push({
        ...whole,
        name: title,
        value: count(length),
        words: unreadWords,
        remarks: none,
        isFree: false,
      });
    add(root);
    return all;
  }

  #explained(
    path: readonly Field[],
    field: Field,
    depth: number,
    line: ReadLine | undefined,
  ): ExplainedField {
    const { id, value, range } = field;
    const said = explainInEach(path, field);
    const { from, source, remarks } = said;
    const words = this.#words(`${id} ${from ?? ''}`, () => {
      const own = verbatim((id.split('.').at(-1) ?? id).replaceAll('_', ' '));
      return {
        id,
        ownName: from === id ? said.name : own,
        name: from === undefined ? own : said.name,
        meaning: said.meaning,
        source,
      };
    });
    const isSealed = id.endsWith('.record.encrypted');
    return {
      start: range[0],
      end: range[1],
      depth,
      name: line?.name === undefined ? words.ownName : verbatim(safeText(line.name)),
      value: isSealed
        ? sealedValue(range[1] - range[0])
        : line?.value === undefined
          ? said.value
          : verbatim(safeText(line.value)),
      words,
      remarks,
      isFree: !isSealed && (typeof value === 'string' || value instanceof Uint8Array),
    };
  }

  #words(key: string, make: () => FieldWords): FieldWords {
    const known = this.#known.get(key);
    if (known) return known;
    const words = make();
    this.#known.set(key, words);
    return words;
  }
}

const placeOf = ({ id, range: [start, end] }: Field): string => `${id} ${start} ${end}`;

function linesByPlace(lines: readonly ReadLine[]): ReadonlyMap<string, ReadLine> {
  return new Map(lines.map((line) => [placeOf(line.field), line]));
}
