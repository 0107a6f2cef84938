/** Truncates foreign text for quoting it in a sentence. */

/** @param most the maximum number of characters; longer text ends in an ellipsis. */
export function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}
