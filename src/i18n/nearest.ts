/**
 * Finds the name that a mistyped word most likely meant: by Levenshtein distance with transpositions, at most two, or
 * by a common prefix, or by a common beginning of most of it.
 */

/** Of a prefix; shorter ones are common by chance. */
const shortestPrefix = 3;
/** Of a common beginning of two words that end otherwise, and its part of what was typed. */
const shortestBeginning = 5;
const mostOfIt = 0.75;

export function nearest(typed: string, known: readonly string[]): string | undefined {
  const word = typed.toLowerCase();
  let best: string | undefined;
  let bestDistance = typed.length <= 3 ? 2 : 3;
  for (const name of known) {
    const distance = editDistance(word, name.toLowerCase(), bestDistance);
    // Of a single letter, one edit leaves nothing.
    if (distance < bestDistance && 2 * distance <= Math.max(typed.length, name.length))
      [best, bestDistance] = [name, distance];
  }
  if (best !== undefined) return best;
  const shared = (name: string): number => Math.min(name.length, typed.length);
  const [prefixed] = known
    .filter((name) => isPrefix(word, name.toLowerCase()) || isPrefix(name.toLowerCase(), word))
    .toSorted((left, right) => shared(right) - shared(left) || left.length - right.length);
  if (prefixed !== undefined) return prefixed;
  const alike = (name: string): number => beginningOf(word, name.toLowerCase());
  const [first] = known.toSorted((left, right) => alike(right) - alike(left));
  return first !== undefined && alike(first) >= Math.max(shortestBeginning, mostOfIt * word.length)
    ? first
    : undefined;
}

/** How many characters two words begin with in common. */
function beginningOf(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length++;
  return length;
}

function isPrefix(start: string, word: string): boolean {
  return start.length >= shortestPrefix && word.startsWith(start);
}

function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit;
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1];
      let cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[right.length] ?? limit;
}
