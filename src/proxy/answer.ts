/**
 * Decides which parts of a target's response are forwarded to the client, and which responses are rejected: those with
 * a malformed head, or one that two readers could interpret differently. Pure; used by `http-pump.ts` and
 * `strip-pump.ts`. Responses that the parser cannot read fail earlier.
 */
import { headerPairs, hopByHopNames } from './forwarded.ts';
import type { Header } from './header.ts';

/** The head of a response as node:http read it. */
export interface AnswerHead {
  readonly statusCode?: number | undefined;
  readonly statusMessage?: string | undefined;
  readonly rawHeaders: readonly string[];
}

/** The defect in the head of a response; a code for the log. */
export type AnswerFault =
  | 'INVALID_STATUS_CODE'
  | 'INVALID_REASON_PHRASE'
  | 'INVALID_HEADER'
  | 'UNKNOWN_TRANSFER_CODING'
  | 'UNREQUESTED_UPGRADE';

const token = /^[!#$%&'*+.^_`|~\w-]+$/;
/** RFC 9110 section 5.5, RFC 9112 section 4: no control characters except tab. */
const text = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Undefined for a response that can be forwarded. The first digit of a status is its class; 1xx is not a final response
 * (RFC 9110 section 15), except 101 to a client that requested an upgrade.
 * @param protocol the protocol requested with Upgrade, in lower case, if this response agrees to it
 */
export function faultOfAnswer(
  { statusCode = 0, statusMessage = '', rawHeaders }: AnswerHead,
  protocol?: string,
): AnswerFault | undefined {
  if (protocol === undefined ? !(statusCode >= 200 && statusCode <= 999) : statusCode !== 101)
    return 'INVALID_STATUS_CODE';
  if (!text.test(statusMessage)) return 'INVALID_REASON_PHRASE';
  const codings: string[] = [];
  for (const [name, value] of headerPairs(rawHeaders)) {
    if (!token.test(name) || !text.test(value)) return 'INVALID_HEADER';
    const plain = name.toLowerCase();
    if (plain === 'transfer-encoding') codings.push(value);
    else if (plain === 'upgrade' && protocol !== undefined && value.trim().toLowerCase() !== protocol)
      return 'UNREQUESTED_UPGRADE';
  }
  // The body is framed again: a coding other than chunked would remain on it but no longer be named (RFC 9112 section
  // 6.1).
  return codings.length === 0 || codings.join(',').trim().toLowerCase() === 'chunked'
    ? undefined
    : 'UNKNOWN_TRANSFER_CODING';
}

/** The forwarded headers, in their order and spelling; the body is framed again for the client's HTTP version. */
export function passedOnHeaders({ statusCode, rawHeaders }: AnswerHead): Header[] {
  const headers = headerPairs(rawHeaders);
  const dropped = hopByHopNames(headers);
  // RFC 9110 section 8.6: a response without content but with a length makes some readers wait for content.
  return headers.filter(
    ([name]) =>
      !dropped.has(name.toLowerCase()) && !(statusCode === 204 && name.toLowerCase() === 'content-length'),
  );
}

export function malformed(fault: AnswerFault): Error & { readonly code: string } {
  return Object.assign(new Error('the response cannot be forwarded'), { code: `ERR_ANSWER_${fault}` });
}

/** Codes of a response that is not HTTP: ours, and those of Node's parser. */
export function isMalformed(code: string): boolean {
  return code.startsWith('ERR_ANSWER_') || code.startsWith('HPE_');
}
