/**
 * What else is spoken, by its first bytes: a row for each protocol that is named and not read. A row must fit nothing but its
 * protocol: it looks at as many bytes as that takes, never at a port, and a test puts it to the samples of all others.
 */
import { datagramRows } from './datagram-rows.ts';
import type { Signature } from './signature.ts';
import { streamRows } from './stream-rows.ts';
import { textRows } from './text-rows.ts';

export const signatures: readonly Signature[] = [...textRows, ...streamRows, ...datagramRows];
