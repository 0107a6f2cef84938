/** Recognizes plain HTTP on a TLS port, and has the responses of common servers. Sent by `acceptor.ts`. */
import { latin1Text } from '../../core/bytes.ts';
import type { PlainHttpManner } from '../endpoint.ts';

/** The number of bytes needed (Go's net/http examines the header of the supposed TLS record). */
export const httpHead = 5;

const beginnings: ReadonlySet<string> = new Set(['GET /', 'HEAD ', 'POST ', 'PUT /', 'OPTIO']);

export function looksLikeHttp(head: Uint8Array): boolean {
  return beginnings.has(latin1Text(head.subarray(0, httpHead)));
}

export const plainHttpAnswers: Readonly<Record<PlainHttpManner, Uint8Array>> = {
  go: Buffer.from('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'),
};
