/**
 * What of a target's answer is passed on to the client, and which answers are not answers: those whose head no writer of
 * HTTP would write, or that two readers could read in two ways. Pure; asked by `http-pump.ts` and `strip-pump.ts`. What no
 * parser reads at all fails before it comes here.
 */
import { headerPairs, hopByHopNames } from './forwarded.ts';
import type { Header } from './header.ts';

/** The head of an answer as node:http read it. */
export interface AnswerHead {
  readonly statusCode?: number | undefined;
  readonly statusMessage?: string | undefined;
  readonly rawHeaders: readonly string[];
}

/** What is wrong with the head of an answer; a code for the log. */
export type AnswerFault =
  | 'INVALID_STATUS_CODE'
  | 'INVALID_REASON_PHRASE'
  | 'INVALID_HEADER'
  | 'UNKNOWN_TRANSFER_CODING'
  | 'UNREQUESTED_UPGRADE';

const token = /^[!#$%&'*+.^_`|~\w-]+$/;
/** RFC 9110 section 5.5, RFC 9112 section 4: no control character but the tab. */
const text = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Undefined for an answer that can be passed on. The first digit of a status is its class; 1xx is no final answer (RFC 9110
 * section 15), but for the 101 to who has asked for another protocol.
 * @param protocol what was asked for with Upgrade, in lower case, where this answer agrees to it
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
  // The body is framed anew: another coding than chunked would be left on it, and no longer named (RFC 9112 section 6.1).
  return codings.length === 0 || codings.join(',').trim().toLowerCase() === 'chunked'
    ? undefined
    : 'UNKNOWN_TRANSFER_CODING';
}

/** The headers that travel on, in their order and spelling: the body is framed anew for the client's own version of HTTP. */
export function passedOnHeaders({ statusCode, rawHeaders }: AnswerHead): Header[] {
  const headers = headerPairs(rawHeaders);
  const dropped = hopByHopNames(headers);
  // RFC 9110 section 8.6: an answer without content that names a length makes some readers wait for it.
  return headers.filter(
    ([name]) =>
      !dropped.has(name.toLowerCase()) && !(statusCode === 204 && name.toLowerCase() === 'content-length'),
  );
}

export function malformed(fault: AnswerFault): Error & { readonly code: string } {
  return Object.assign(new Error('the response cannot be forwarded'), { code: `ERR_ANSWER_${fault}` });
}

/** Codes of an answer that is no HTTP: ours, and those of Node's parser. */
export function isMalformed(code: string): boolean {
  return code.startsWith('ERR_ANSWER_') || code.startsWith('HPE_');
}
