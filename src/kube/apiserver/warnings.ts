/**
 * Words what a client is told beside its response, in Warning headers (RFC 7234 section 5.5), within kube-apiserver's bounds
 * (k8s.io/apiserver, endpoints/filters): a webhook decides how many they are and how long, and a client refuses a response
 * whose head is too long for it.
 */

/** Characters: of all, and of each where all are longer than that. */
const most = { together: 4096, each: 256 } as const;

/** The values of the headers, each text once. */
export function warningHeaders(texts: readonly string[]): string[] {
  const distinct = [...new Set(texts)].filter((text) => text !== '');
  const length = distinct.reduce((sum, text) => sum + text.length, 0);
  if (length <= most.together) return distinct.map(headerOf);
  const kept: string[] = [];
  let written = 0;
  for (const text of distinct) {
    if (written >= most.together) break;
    const cut = text.slice(0, most.each);
    written += cut.length;
    kept.push(headerOf(cut));
  }
  return kept;
}

/** A quoted string according to RFC 9110 section 5.6.4, ASCII only. */
function headerOf(text: string): string {
  return `299 - "${text.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
