/** Which lines of a text stay lines where it is laid out anew, and which are printed as they are. */

/** Indented by four blanks: code, which is never wrapped or joined. */
export const isCodeLine = (line: string): boolean => /^(?: {4}|\t)/.test(line);

/** Code, another indented line, an item of a list, a row of a table: it is not joined with the line before. */
export const isOwnLine = (line: string): boolean => /^(?:\s{2,}|\t|[-*+] |\d{1,2}[.)] |\|)/.test(line);
