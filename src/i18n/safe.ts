/**
 * Foreign text made harmless: whatever came from a wire, a certificate or a file is shown through here.
 * Control characters (C0, C1), bidirectional and zero-width characters, and lone surrogates become a visible dot;
 * nothing that remains can move a cursor, set a title or reorder a line.
 */

const harmful = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]|\p{Surrogate}|[\u{10000}-\u{10ffff}]/gu;

/** One line of safe text, normalised to NFC. */
export function safeText(text: string): string {
  return text.normalize('NFC').replace(harmful, '·');
}

/** Safe text over several lines: line feeds stay, tabs become spaces. */
export function safeLines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => safeText(line.replaceAll('\t', '    ')));
}
