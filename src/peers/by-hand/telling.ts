/** What is worth repeating of the output of curl, openssl or another program. */

/** Maximum characters kept of a program's output. */
const mostWords = 2000;

/**
 * The lines with a program's error; without one, the line that says that the certificate is trusted, or the status line of
 * the response; otherwise its last line.
 */
export function telling(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const wrong = lines.filter((line) =>
    /^curl: \(\d+\)|alert|error|fatal|fail|too small|could not|unable|problem:|not trusted/i.test(line),
  );
  return (
    wrong.length > 0
      ? wrong
      : [lines.find((line) => /certificate is trusted|^HTTP\/\d/.test(line)) ?? lines.at(-1) ?? '']
  )
    .join('\n')
    .slice(0, mostWords);
}
