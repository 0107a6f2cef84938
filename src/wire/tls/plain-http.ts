/** HTTP in clear at a port that speaks TLS: by what it is recognised, and what servers answer there. Sent by `acceptor.ts`. */
import type { PlainHttpManner } from '../endpoint.ts';

/** So many bytes tell (Go's net/http looks at the header of what should be a TLS record). */
export const httpHead = 5;

const beginnings: ReadonlySet<string> = new Set(['GET /', 'HEAD ', 'POST ', 'PUT /', 'OPTIO']);

export function looksLikeHttp(head: Uint8Array): boolean {
  return beginnings.has(Buffer.from(head.subarray(0, httpHead)).toString('latin1'));
}

export const plainHttpAnswers: Readonly<Record<PlainHttpManner, Uint8Array>> = {
  go: Buffer.from('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'),
};
