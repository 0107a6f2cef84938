/**
 * Names what no reader reads, by its first bytes, or says that it is not recognised. It is asked once for each direction that
 * nobody reads: no other connection pays for it.
 */
import type { Side } from '../../capture/event.ts';
import { latin1Text } from '../../core/bytes.ts';
import { toHex } from '../../core/hex.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { utf8 } from '../shared/sasl.ts';
import { Start } from './start.ts';
import { signatures } from './table.ts';

export interface Named {
  /** In filters, and beside each message. */
  readonly protocol: string;
  readonly title: Localized;
  readonly facts?: Localized;
}

/** @param length of the piece whose first bytes these are, where they are not all */
export function nameOf(
  bytes: Uint8Array,
  from: Side,
  transport: 'tcp' | 'udp',
  length = bytes.length,
): Named | undefined {
  const start = new Start(bytes, from, length);
  for (const { id, label, over, note, read } of signatures) {
    if (over !== 'both' && over !== transport) continue;
    const title = read(start);
    if (title === undefined) continue;
    return {
      protocol: id,
      title: inEach((language) =>
        `${label} ${inUtf8(typeof title === 'string' ? title : title[language])}`.trim(),
      ),
      ...(note ? { facts: note } : {}),
    };
  }
  return undefined;
}

/** What travelled stands there as one character a byte, beside words in any language. */
const inUtf8 = (text: string): string => text.replaceAll(/[\u0080-\u00ff]+/g, (bytes) => utf8(bytes));

/** Bytes that are shown of what is not recognised. */
const shownBytes = 12;

/** `not recognised: 03 00 00 2f "…/"`. */
export function notRecognised(bytes: Uint8Array): Localized {
  const first = bytes.subarray(0, shownBytes);
  const digits = toHex(first).replaceAll(/..(?=.)/g, '$& ');
  const text = latin1Text(first).replaceAll(/[^ -~]/g, '.');
  const more = bytes.length > shownBytes ? '…' : '';
  return {
    en: `not recognised: ${digits}${more} "${text}"`,
    ko: `인식하지 못함: ${digits}${more} "${text}"`,
  };
}
