/**
 * The content of single sealed records, handed on in place of the keys that opened them: as lines of a key log, which `KeyRing`
 * keeps as it keeps keys. So a log can show which certificates and alerts were sealed, and nothing else opens.
 *
 *     OPENED_C_1040 <client random> <content type, bytes of padding, content>
 *
 * C or S is who sent the record, 1040 where it begins in that direction of the wire.
 */
import type { Side } from '../../../capture/event.ts';
import { toHex } from '../../../core/hex.ts';
import { headerLength } from '../framing.ts';
import type { KeyRing } from './keylog.ts';
import type { Seal, Unsealed } from './protection.ts';

const prefix = 'OPENED_';

const labelOf = (from: Side, offset: number): string => `${prefix}${from === 'client' ? 'C' : 'S'}_${offset}`;

/** Whether a line of a key log is the content of a record, and no key. */
export const isOpenedRecord = (line: string): boolean => /^OPENED_[CS]_\d{1,16} /.test(line);

/** Content type, two bytes of padding. */
const headLength = 3;

/** @param offset of the record in that direction of the wire; undefined for a suite from before AEAD */
export function openedRecordLine(
  clientRandom: string,
  { from, offset }: { readonly from: Side; readonly offset: number },
  { contentType, content, seal }: Unsealed,
): string | undefined {
  const { isMac, isReadable, inner } = seal;
  const padding = inner?.padding ?? 0;
  if (isMac || isReadable || padding > 0xffff) return undefined;
  const head = Uint8Array.of(contentType, padding >> 8, padding & 0xff);
  return `${labelOf(from, offset)} ${clientRandom} ${toHex(head)}${toHex(content)}`;
}

/** Whether the content of the record at that place was handed on. @param from who sent it. @param offset where it begins */
export function hasOpenedRecord(
  keys: KeyRing,
  randoms: Iterable<string>,
  { from, offset }: { readonly from: Side; readonly offset: number },
): boolean {
  if (!keys.hasOpenedRecords) return false;
  const label = labelOf(from, offset);
  for (const random of randoms) if (keys.secret(random, label)) return true;
  return false;
}

/**
 * The content of a record that no key opens; undefined where none was handed on, or it cannot be that record's.
 * @param length of the whole record. @param shut how the record is sealed
 */
export function openedRecord(
  keys: KeyRing,
  randoms: Iterable<string>,
  place: { readonly from: Side; readonly offset: number; readonly length: number },
  { shut, isInside }: { readonly shut: Seal; readonly isInside: boolean },
): Unsealed | undefined {
  if (!keys.hasOpenedRecords || shut.isMac) return undefined;
  const label = labelOf(place.from, place.offset);
  for (const random of randoms) {
    const line = keys.secret(random, label);
    if (!line || line.length < headLength) continue;
    const [contentType = 0, high = 0, low = 0] = line;
    const content = line.subarray(headLength);
    const padding = (high << 8) | low;
    const inner = isInside ? 1 + padding : 0;
    if (headerLength + shut.headLength + content.length + inner + shut.tailLength !== place.length) continue;
    return {
      contentType,
      content,
      seal: isInside ? { ...shut, inner: { contentType, padding } } : shut,
    };
  }
  return undefined;
}
