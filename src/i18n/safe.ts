/**
 * Makes foreign text safe to print: text from a wire, a certificate or a file is shown only through here. Control,
 * bidirectional, zero-width and invisible characters, lone surrogates and everything beyond the basic plane become a
 * visible dot; nothing that remains can move a cursor, set a title or reorder a line.
 */

/** Built on first use: resolving the properties takes half a millisecond. */
let harmful: RegExp | undefined;

/**
 * Most text (ASCII, Latin letters, quotation marks, arrows, box lines, marks, Hangul syllables): no character in it
 * needs a check.
 */
const printable =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u024f\u2010-\u2027\u2190-\u21ff\u2500-\u257f\u2713\u2717\uac00-\ud7a3]*$/;

const harmfulCharacters = (): RegExp =>
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|[\u{10000}-\u{10ffff}]/gu;

/** One line of safe text, normalised to NFC. */
export function safeText(text: string): string {
  if (printable.test(text)) return text;
  harmful ??= harmfulCharacters();
  return text.normalize('NFC').replace(harmful, '·');
}

/** The escapes that a shell and JSON have in common. */
const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * One line of safe text in which what `safeText` hides is written as an escape: for names, paths and values in errors, where
 * a line break could pass for the next line of the error, and a reader has to see what to mend.
 */
export function escapedText(text: string): string {
  if (printable.test(text)) return text;
  harmful ??= harmfulCharacters();
  return text.normalize('NFC').replace(harmful, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    return (
      shortEscapes[character] ??
      (code > 0xffff
        ? `\\u{${digits}}`
        : code > 0xff
          ? `\\u${digits.padStart(4, '0')}`
          : `\\x${digits.padStart(2, '0')}`)
    );
  });
}

/** Safe text over several lines: line feeds stay, tabs become spaces. */
export function safeLines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => safeText(line.replaceAll('\t', '    ')));
}

/** Text made safe inside of an HTML element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
