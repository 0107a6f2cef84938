/** Text of strangers cut to a length, for a sentence that quotes it. */

/** @param most characters that are kept; what was longer ends in an ellipsis. */
export function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}
