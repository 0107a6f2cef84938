/** What a terminal would obey or hide instead of showing it. */
const unshown = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Quotes a word of a copyable command where a shell would interpret it. A word with control characters is written with escapes in
 * `$'…'` (POSIX.1-2024; bash, zsh): a terminal that shows the command does not obey them.
 */
export function shellWord(word: string): string {
  if (/^[\w./:@%+=,-]+$/.test(word)) return word;
  if (word.search(unshown) < 0) return `'${word.replaceAll("'", String.raw`'\''`)}'`;
  return `$'${word.replaceAll(/[\\']/g, String.raw`\$&`).replaceAll(unshown, escaped)}'`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x80) return String.raw`\x${digits.padStart(2, '0')}`;
  return code > 0xffff ? String.raw`\U${digits.padStart(8, '0')}` : String.raw`\u${digits.padStart(4, '0')}`;
}
