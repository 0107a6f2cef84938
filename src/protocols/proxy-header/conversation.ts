/** Reads one header of the PROXY protocol, and hands over what stands behind it. */
import { formatAddress } from '../../capture/event.ts';
import type { Handover, Piece } from '../piece.ts';
import type { ProtocolMessage, ProtocolReader } from '../protocol.ts';
import { fieldOfProxyHeader, readProxyHeader } from './header.ts';
import type { ProxyHeader } from './header.ts';
import type { Localized } from '../../i18n/language.ts';

function titleOf({ version, addresses }: ProxyHeader): Localized {
  const head = `PROXY v${version}`;
  if (!addresses) return { en: `${head}: no addresses`, ko: `${head}: 주소 없음` };
  const [source, destination] = [addresses.source, addresses.destination].map(formatAddress);
  return {
    en: `${head}: ${source} connected to ${destination}`,
    ko: `${head}: ${source} → ${destination}`,
  };
}

export function readerOfProxyHeader(): ProtocolReader {
  let held: Piece | undefined;
  let handovers: Handover[] = [];
  const message = (
    { from, offset, bytes, tag }: Piece,
    title: Localized,
    isCut = false,
  ): ProtocolMessage => ({
    from,
    protocol: 'proxy_header',
    offset,
    length: bytes.length,
    lastTag: tag,
    title,
    bytes,
    isCut,
    field: () => fieldOfProxyHeader(bytes, offset),
  });
  return {
    feed(piece) {
      const whole = held
        ? { ...held, bytes: Buffer.concat([held.bytes, piece.bytes]), tag: piece.tag }
        : piece;
      const read = readProxyHeader(whole.bytes);
      held = read.kind === 'needs_more' ? whole : undefined;
      if (read.kind === 'needs_more') return [];
      if (read.kind !== 'header') {
        // Nothing is known of where it ends.
        const why = read.kind === 'malformed' ? read.why : '';
        return [message(whole, { en: `PROXY header, malformed: ${why}`, ko: `잘못된 PROXY 헤더: ${why}` })];
      }
      const { length } = read.header;
      handovers.push({ ...whole, offset: whole.offset + length, bytes: whole.bytes.subarray(length) });
      return [message({ ...whole, bytes: whole.bytes.subarray(0, length) }, titleOf(read.header))];
    },
    expects: () => false,
    takeHandovers() {
      const taken = handovers;
      handovers = [];
      return taken;
    },
    cut(from) {
      if (!held || held.from !== from) return [];
      const piece = held;
      held = undefined;
      return [message(piece, { en: 'PROXY header, cut off', ko: '잘린 PROXY 헤더' }, true)];
    },
  };
}
