/**
 * Guesses the pages read over TLS, for a third party without keys who knows the size of each page, as anyone who
 * requests them can. Pure: sizes and times of encrypted records, compared with a list of public sizes.
 * `size-estimate.ts` estimates the contents of a record.
 *
 * 1. A guess is the set of pages whose request and response sizes match: one page is a hit, all pages are no
 *    information. Requests count as well: padding only the responses leaves the lengths of the addresses.
 * 2. Under TLS 1.3 session tickets may precede the first response and look like a part of it (RFC 8446 section 4.6.1):
 *    so the rest without the first one or two records is tried as well.
 * 3. Times are the tap's: the pause after a response.
 */
import { isTls13 } from '../../protocols/tls/codes.ts';
import type { EvidenceRef } from '../../capture/event.ts';
import { evidenceOfMessage } from '../conversation/message.ts';
import type { Message } from '../conversation/message.ts';
import { contentSizes, recordFormOf, sealedShape } from './size-estimate.ts';
import type { Size } from './size-estimate.ts';

export interface KnownPage {
  readonly name: string;
  /** Bytes of the whole answer, above TLS. */
  readonly bytes: number;
  /** Bytes of the request for it: a longer address makes a longer request. */
  readonly requestBytes: number;
}

export interface PageGuess {
  /** What the answer measures; undefined for a suite whose sizes are not known here. */
  readonly size: Size | undefined;
  /** The names of the pages that are as long. */
  readonly candidates: readonly string[];
  /** Microseconds from the end of the answer to the next request; undefined behind the last. */
  readonly pause: number | undefined;
  /** The records of the request and of the answer. */
  readonly evidence: readonly EvidenceRef[];
}

/** OpenSSL gives two after a full handshake. */
const mostTickets = 2;

/** One guess for each request, in order. @param messages a conversation on the wire, read without keys */
export function guessPages(messages: readonly Message[], known: readonly KnownPage[]): PageGuess[] {
  const form = recordFormOf(messages);
  if (!form) return [];
  const { exchanges } = sealedShape(messages, form);
  return exchanges.map(({ request, answer }, index): PageGuess => {
    const asked = contentSizes(request, form);
    const fits = (page: KnownPage, size: Size): boolean =>
      isWithin(page.bytes, size) && (asked === undefined || isWithin(page.requestBytes, asked));
    const sizes =
      answer.length === 0
        ? []
        : suffixes(answer, index === 0 && isTls13(form.version) ? mostTickets : 0).map((records) =>
            contentSizes(records, form),
          );
    const fitting = sizes.find((size) => size && known.some((page) => fits(page, size)));
    const ended = answer.at(-1);
    const next = exchanges[index + 1]?.request[0];
    return {
      size: fitting ?? sizes[0],
      candidates: known
        .filter((page) => sizes.some((size) => size && fits(page, size)))
        .map(({ name }) => name),
      pause: ended && next ? Math.max(0, next.at - ended.at) : undefined,
      evidence: [...request, ...answer].map(evidenceOfMessage),
    };
  });
}

function isWithin(bytes: number, { least, most }: Size): boolean {
  return bytes >= least && bytes <= most;
}

/** All records, and what is left without the first few; never nothing. */
function suffixes(records: readonly Message[], most: number): (readonly Message[])[] {
  return Array.from({ length: Math.min(most + 1, records.length) }, (_, dropped) => records.slice(dropped));
}
