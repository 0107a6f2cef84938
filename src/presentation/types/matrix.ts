/** Who gets in where: a row for each client, and for each column how it came out. */
import type { Localized } from '../../i18n/language.ts';
import type { Tone, Words } from './values.ts';

export interface MatrixCell {
  readonly tone: Tone;
  readonly text: Words;
}

export interface Matrix {
  readonly title: Localized;
  /** What the rows are. */
  readonly corner: Localized;
  readonly columns: readonly Localized[];
  /** Each with a cell for each column. */
  readonly rows: readonly { readonly name: Words; readonly cells: readonly MatrixCell[] }[];
  /** What the cells mean. */
  readonly legend: Localized;
}
