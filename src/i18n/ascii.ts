/**
 * The drawing characters of wirelab in plain ASCII, for TERM=dumb, a C locale and --ascii. Words of a person's
 * language are left alone; only decoration is replaced.
 */

const replacements: Readonly<Record<string, string>> = {
  '→': '->',
  '←': '<-',
  '↔': '<->',
  '↑': '^',
  '↓': 'v',
  '─': '-',
  '│': '|',
  '┼': '+',
  '┴': '+',
  '┬': '+',
  '├': '|',
  '└': '`',
  '┌': '+',
  '┐': '+',
  '┘': '+',
  '┤': '|',
  '═': '=',
  '●': '*',
  '✓': '+',
  '✗': 'x',
  '•': '*',
  '·': '.',
  '…': '...',
  '“': '"',
  '”': '"',
  '‘': "'",
  '’': "'",
  '–': '-',
  '—': '-',
  '×': 'x',
};

/** A letter of another script than Latin stays: it is a word of somebody's language, and nothing stands in for it. */
export function toAscii(text: string): string {
  return text.replace(
    /[\u00a0-\u024f\u2000-\u2bff]/g,
    (character) => replacements[character] ?? withoutAccent(character),
  );
}

function withoutAccent(character: string): string {
  const bare = character.normalize('NFKD').replace(/\p{Mark}/gu, '');
  return /^[\x20-\x7e]+$/.test(bare) ? bare : '?';
}

/** Whether this environment asks for nothing but ASCII. A locale that is not set at all is the C locale (POSIX section 8.2). */
export function wantsAscii(environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment['TERM'] === 'dumb') return true;
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  return locale === '' || locale === 'C' || locale === 'POSIX';
}
