/** The page of the bench is written by hand, except what stands between two comments: that is the newest run of its name. */

/** @throws if the page has lost its marks. */
export function resultsIn(
  page: string,
  lines: readonly string[],
  name: 'results' | 'endurance' = 'results',
): string {
  const marks = [`<!-- ${name} -->`, `<!-- end of ${name} -->`] as const;
  const [from, to] = [page.indexOf(marks[0]), page.indexOf(marks[1])];
  if (from < 0 || to < from) throw new Error(`bench/README.md has no ${marks.join(' and ')}`);
  return `${page.slice(0, from + marks[0].length)}\n\n${lines.join('\n')}\n\n${page.slice(to)}`;
}
