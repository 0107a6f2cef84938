/**
 * The keys behind Hangul input. A terminal with a Korean keyboard sends a letter for each key, or syllables that an input
 * method has composed of several; as one character (가), decomposed (NFD) or half as wide. The layout is Dubeolsik
 * (KS X 5002): seven keys give another letter with Shift, all others the same one.
 */

/** The keys of initial consonants (U+1100 on), vowels (U+1161 on) and final consonants (U+11A8 on), in Unicode's order. */
const initials = 'r R s e E f a q Q t T d w W c z x v g'.split(' ');
const vowels = 'k o i O j p u P h hk ho hl y n nj np nl b m ml l'.split(' ');
const finals = 'r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g'.split(' ');

const blocks: readonly (readonly [first: number, keys: readonly string[]])[] = [
  [0x1100, initials],
  [0x1161, vowels],
  [0x11a8, finals],
  // What ㅀ and ㅄ by themselves decompose to.
  [0x111a, ['fg']],
  [0x1121, ['qt']],
];

/**
 * The Latin letters on the keys that were pressed for that character, in order. A capital letter stands for a key with
 * Shift; a small one for either, as the letter is the same.
 * @returns undefined for anything but Hangul
 */
export function lettersOf(character: string): readonly string[] | undefined {
  // Compatibility jamo (ㄱ), half width and syllables all decompose to conjoining jamo.
  const jamo = Array.from(character.normalize('NFKD'));
  const keys = jamo.map((one) => {
    const code = one.codePointAt(0) ?? 0;
    const block = blocks.find(([first, all]) => code >= first && code < first + all.length);
    return block && block[1][code - block[0]];
  });
  if (keys.length === 0 || keys.includes(undefined)) return undefined;
  return Array.from(keys.join(''));
}
