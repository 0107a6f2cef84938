/**
 * Letters of blocks in two sizes, for a headline that is read from the last row of a room. Capitals, digits and punctuation;
 * Hangul has too many strokes for them. `view/pictures/banner.ts` decides where they are used.
 */
import { Recent } from '../../core/recent.ts';

const glyphs: Readonly<Record<string, string>> = {
  A: '.##./#..#/####/#..#/#..#',
  B: '###./#..#/###./#..#/###.',
  C: '.###/#.../#.../#.../.###',
  D: '###./#..#/#..#/#..#/###.',
  E: '####/#.../###./#.../####',
  F: '####/#.../###./#.../#...',
  G: '.###/#.../#.##/#..#/.###',
  H: '#..#/#..#/####/#..#/#..#',
  I: '###/.#./.#./.#./###',
  J: '..##/...#/...#/#..#/.##.',
  K: '#..#/#.#./##../#.#./#..#',
  L: '#.../#.../#.../#.../####',
  M: '#...#/##.##/#.#.#/#...#/#...#',
  N: '#...#/##..#/#.#.#/#..##/#...#',
  O: '.##./#..#/#..#/#..#/.##.',
  P: '###./#..#/###./#.../#...',
  Q: '.##./#..#/#..#/#.##/.###',
  R: '###./#..#/###./#.#./#..#',
  S: '.###/#.../.##./...#/###.',
  T: '#####/..#../..#../..#../..#..',
  U: '#..#/#..#/#..#/#..#/.##.',
  V: '#...#/#...#/#...#/.#.#./..#..',
  W: '#...#/#...#/#.#.#/##.##/#...#',
  X: '#...#/.#.#./..#../.#.#./#...#',
  Y: '#...#/.#.#./..#../..#../..#..',
  Z: '####/...#/.##./#.../####',
  0: '####/#..#/#..#/#..#/####',
  1: '.#./##./.#./.#./###',
  2: '###./...#/.##./#.../####',
  3: '###./...#/.##./...#/###.',
  4: '#..#/#..#/####/...#/...#',
  5: '####/#.../###./...#/###.',
  6: '.##./#.../###./#..#/.##.',
  7: '####/...#/..#./.#../.#..',
  8: '.##./#..#/.##./#..#/.##.',
  9: '.##./#..#/.###/...#/.##.',
  ' ': '../../../../..',
  '.': '././././#',
  ',': '../../../.#/#.',
  ':': './#/./#/.',
  ';': '../.#/../.#/#.',
  '!': '#/#/#/./#',
  '?': '###./...#/.##./..../.#..',
  '-': '.../.../###/.../...',
  _: '..../..../..../..../####',
  '+': '.../.#./###/.#./...',
  '=': '.../###/.../###/...',
  '/': '...#/..#./.#../.#../#...',
  '%': '#...#/...#./..#../.#.../#...#',
  "'": '#/#/././.',
  '"': '#.#/#.#/.../.../...',
  '(': '.#/#./#./#./.#',
  ')': '#./.#/.#/.#/#.',
  '[': '##/#./#./#./##',
  ']': '##/.#/.#/.#/##',
  '<': '..#/.#./#../.#./..#',
  '>': '#../.#./..#/.#./#..',
  '#': '.#.#./#####/.#.#./#####/.#.#.',
  '*': '.../#.#/.#./#.#/...',
  '&': '.##../#..../.#.#./#..#./.##.#',
  '@': '.###./#...#/#.###/#..../.####',
};

/** Narrower letters for the small size, as far as they are another shape. */
const narrow: Readonly<Record<string, string>> = {
  A: '.#./#.#/###/#.#/#.#',
  B: '##./#.#/##./#.#/##.',
  C: '.##/#../#../#../.##',
  D: '##./#.#/#.#/#.#/##.',
  E: '###/#../##./#../###',
  F: '###/#../##./#../#..',
  G: '.##/#../#.#/#.#/.##',
  H: '#.#/#.#/###/#.#/#.#',
  J: '..#/..#/..#/#.#/.#.',
  K: '#.#/#.#/##./#.#/#.#',
  L: '#../#../#../#../###',
  N: '#..#/##.#/#.##/#..#/#..#',
  O: '.#./#.#/#.#/#.#/.#.',
  P: '##./#.#/##./#../#..',
  Q: '.#./#.#/#.#/.#./..#',
  R: '##./#.#/##./#.#/#.#',
  S: '.##/#../.#./..#/##.',
  T: '###/.#./.#./.#./.#.',
  U: '#.#/#.#/#.#/#.#/###',
  V: '#.#/#.#/#.#/#.#/.#.',
  X: '#.#/#.#/.#./#.#/#.#',
  Y: '#.#/#.#/.#./.#./.#.',
  Z: '###/..#/.#./#../###',
  0: '###/#.#/#.#/#.#/###',
  1: '.#./##./.#./.#./###',
  2: '##./..#/.#./#../###',
  3: '##./..#/.#./..#/##.',
  4: '#.#/#.#/###/..#/..#',
  5: '###/#../##./..#/##.',
  6: '.##/#../###/#.#/###',
  7: '###/..#/..#/.#./.#.',
  8: '###/#.#/###/#.#/###',
  9: '###/#.#/###/..#/##.',
};

/** Large ones have a row for each row of a letter, small ones half a row. */
export type BlockSize = 'large' | 'small';

/** Rows of a line of letters. */
export const blockRows: Readonly<Record<BlockSize, number>> = { large: 5, small: 3 };

/** Between two letters. */
const gap = ' ';

/** Typographic marks that have a plain form. */
const plainForms: Readonly<Record<string, string>> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '→': '>',
  '…': '...',
};

/** Text in capitals without accents, in the characters that there are blocks for; undefined if one has none. */
function drawable(text: string): string | undefined {
  const plain = Array.from(text.normalize('NFD'), (character) => plainForms[character] ?? character)
    .join('')
    .replace(/[\u0300-\u036f]/g, '')
    .toUpperCase();
  return Array.from(plain).every((character) => Object.hasOwn(glyphs, character)) ? plain : undefined;
}

/** The rows of each letter of a text; absent if a character cannot be drawn. */
interface Drawn {
  readonly letters?: readonly (readonly string[])[];
}

/** A headline is measured in each of its parts, by every frame that shows it. */
const recent = new Recent<Drawn>();

const glyphsOf = (text: string, size: BlockSize): Drawn['letters'] =>
  recent.under(`${size} ${text}`, () => {
    const letters = drawable(text);
    return letters === undefined ? {} : { letters: Array.from(letters, (letter) => glyphOf(letter, size)) };
  }).letters;

const glyphOf = (letter: string, size: BlockSize): readonly string[] =>
  ((size === 'small' ? narrow[letter] : undefined) ?? glyphs[letter] ?? '').split('/');

/** The columns that `blockLetters` takes for a text; undefined if a character cannot be drawn. */
export function blockColumns(text: string, size: BlockSize = 'large'): number | undefined {
  const drawn = glyphsOf(text, size);
  return drawn?.reduce(
    (columns, [first = ''], index) => columns + first.length + (index === 0 ? 0 : gap.length),
    0,
  );
}

/** Lines of blocks, all of one width, as many as `blockRows` has; undefined if a character cannot be drawn. */
export function blockLetters(text: string, size: BlockSize = 'large'): readonly string[] | undefined {
  const drawn = glyphsOf(text, size);
  if (drawn === undefined) return undefined;
  const rows = Array.from({ length: blockRows.large }, (_, row) =>
    drawn.map((glyph) => glyph[row] ?? '').join(gap),
  );
  if (size === 'large') return rows.map((row) => row.replaceAll(/[. ]/g, ' ').replaceAll('#', '█'));
  return Array.from({ length: blockRows.small }, (_, index) =>
    halves(rows[2 * index] ?? '', rows[2 * index + 1] ?? ''),
  );
}

/** Two rows in one: the upper and the lower half of each cell. */
function halves(upper: string, lower: string): string {
  return Array.from(upper, (above, index) => {
    const below = lower[index] === '#';
    if (above === '#') return below ? '█' : '▀';
    return below ? '▄' : ' ';
  }).join('');
}
