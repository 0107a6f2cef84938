/** Keeps texts once: those of a page of items, and those of the whole explorer. */
import type { Localized } from '../../../i18n/language.ts';
import { safeText } from '../../../i18n/safe.ts';
import type { FieldWords } from '../../../presentation/conversation/explained-fields.ts';
import type { Explanation, ExplorerTexts, Text } from './format.ts';

export const textOf = ({ en, ko }: Localized): Text =>
  en === ko ? safeText(en) : [safeText(en), safeText(ko)];

/** The texts of one page. */
export class Texts {
  readonly list: Text[] = [];
  readonly #numbers = new Map<string, number>();

  add({ en, ko }: Localized): number {
    const key = en === ko ? en : `${en}\0${ko}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.list.push(textOf({ en, ko })) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  /** The number from 1 on: 0 stands for none. */
  addField(text: Localized): number {
    return this.add(text) + 1;
  }
}

const noRemarks: ExplorerTexts['remarks'] = [[]];

/** Explanations and remarks. */
export class WordTable {
  readonly #explanations: Explanation[] = [];
  readonly #numbers = new Map<FieldWords, number>();
  readonly #remarks = [...noRemarks];
  readonly #remarkNumbers = new Map<string, number>();

  explanation(words: FieldWords): number {
    let number = this.#numbers.get(words);
    if (number === undefined) {
      const { id = '', ownName, name, meaning, source } = words;
      number =
        this.#explanations.push({
          id,
          ownName: textOf(ownName),
          name: textOf(name),
          meaning: textOf(meaning),
          ...(source === undefined ? {} : { source }),
        }) - 1;
      this.#numbers.set(words, number);
    }
    return number;
  }

  remarks(remarks: readonly Localized[]): number {
    if (remarks.length === 0) return 0;
    const key = remarks.map(({ en }) => en).join('\0');
    let number = this.#remarkNumbers.get(key);
    if (number === undefined) {
      number = this.#remarks.push(remarks.map(textOf)) - 1;
      this.#remarkNumbers.set(key, number);
    }
    return number;
  }

  get texts(): ExplorerTexts {
    return { explanations: this.#explanations, remarks: this.#remarks };
  }
}
