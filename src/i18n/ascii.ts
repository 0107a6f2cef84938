/**
 * Replaces wirelab's drawing characters with plain ASCII, for TERM=dumb, a C locale and --ascii. Words in the user's
 * language are kept; only decoration is replaced.
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
  '▸': '>',
  '●': '*',
  '█': '#',
  '▒': '#',
  '✓': '+',
  '✗': 'X',
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

/** A letter of a non-Latin script is kept: it belongs to a word, and has no replacement. */
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

/** Whether the environment requires ASCII. An unset locale is the C locale (POSIX section 8.2). */
export function wantsAscii(environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment['TERM'] === 'dumb') return true;
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  return locale === '' || locale === 'C' || locale === 'POSIX';
}
