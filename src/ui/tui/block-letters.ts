/**
 * Letters of five rows of blocks, for a headline that is read from the last row of a room. Capitals, digits and punctuation;
 * Hangul has too many strokes for them. `view/pictures/banner.ts` decides where they are used.
 */
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

export const blockRows = 5;

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

/** Text in capitals, in the characters that there are blocks for; undefined if one has none. */
function drawable(text: string): string | undefined {
  const plain = Array.from(text.normalize('NFC'), (character) => plainForms[character] ?? character)
    .join('')
    .toUpperCase();
  return Array.from(plain).every((character) => Object.hasOwn(glyphs, character)) ? plain : undefined;
}

/** Five lines of full blocks, all of one width; undefined if a character cannot be drawn. */
export function blockLetters(text: string): readonly string[] | undefined {
  const letters = drawable(text);
  if (letters === undefined) return undefined;
  const drawn = Array.from(letters, (letter) => glyphs[letter]?.split('/') ?? []);
  return Array.from({ length: blockRows }, (_, row) =>
    drawn
      .map((rows) => rows[row] ?? '')
      .join(gap)
      .replaceAll('.', ' ')
      .replaceAll('#', '█'),
  );
}
