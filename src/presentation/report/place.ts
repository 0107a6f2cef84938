/** Where evidence and messages stand in the bytes of a connection. */
import type { EvidenceRef } from '../../capture/event.ts';
import type { Message } from '../../analysis/conversation/message.ts';
import type { BytePlace } from '../types/bytes.ts';

/** Empty for an event without bytes. */
export function placesOf(evidence: readonly EvidenceRef[]): BytePlace[] {
  return evidence.flatMap((one) => {
    if (!('offset' in one)) return [];
    const { conn, vantage, from, offset, length } = one;
    return [{ conn, vantage, from, offset, length }];
  });
}

/** Undefined for what both sides did together. @param length of the message and those that follow it in its direction */
export function placeOfMessage(
  { conn, vantage, from, offset }: Pick<Message, 'conn' | 'vantage' | 'from' | 'offset'>,
  length: number,
): BytePlace | undefined {
  return from === null ? undefined : { conn, vantage, from, offset, length };
}
