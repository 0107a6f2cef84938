/** Describes a datagram of QUIC: its title, its facts, and its fields (RFC 9000 sections 17 and 19). */
import { readStep } from '../../core/cursor.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Field } from '../../core/field.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import type { ProtocolMessage } from '../protocol.ts';
import type { Piece } from '../piece.ts';
import { connectionIdText } from './conversation.ts';
import type { QuicDatagram, ReadPacket } from './conversation.ts';
import { errorName, readFrames } from './frames.ts';
import type { Frames } from './frames.ts';
import { askedOf, googleHello, helloWords } from './google.ts';
import type { GoogleHello } from './google.ts';
import { versionsIn } from './packet.ts';
import type { PacketType } from './packet.ts';
import { isReservedVersion, quicVersion } from './versions.ts';

const titles: Readonly<Record<PacketType, string>> = {
  initial: 'Initial',
  zero_rtt: '0-RTT',
  handshake: 'Handshake',
  retry: 'Retry',
  version_negotiation: 'Version Negotiation',
  one_rtt: '1-RTT',
  unknown_version: 'unknown version',
};

export function quicMessage(piece: Piece, { packets }: QuicDatagram): ProtocolMessage {
  const { from, offset, bytes, tag } = piece;
  const names = packets.map(({ type }) => titles[type]);
  const fault = packets.find((packet) => packet.fault)?.fault;
  const title = names.filter((name, index) => names[index - 1] !== name).join(' + ');
  const isSealed = packets.every(({ type, opened }) => opened === undefined && protectedTypes.has(type));
  return {
    from,
    protocol: 'quic',
    offset,
    length: bytes.length,
    lastTag: tag,
    title: { en: title, ko: title },
    facts: factsOf(packets, bytes),
    ...(isSealed ? { isSealed: true } : {}),
    ...askedOf(packets.map(helloOf).find((hello) => hello !== undefined)),
    ...(fault ? { malformed: { ...fault, offset: fault.offset + offset } } : {}),
    bytes,
    field: () => fieldOf(piece, packets),
  };
}

const protectedTypes: ReadonlySet<PacketType> = new Set(['initial', 'zero_rtt', 'handshake', 'one_rtt']);

const versionText = (code: number): string => quicVersion(code)?.name ?? `0x${code.toString(16)}`;

function factsOf(packets: readonly ReadPacket[], bytes: Uint8Array): Localized {
  const parts: Localized[] = [];
  const first = packets.find(({ versionCode }) => versionCode !== undefined && versionCode > 0);
  if (first?.versionCode !== undefined) {
    const name = versionText(first.versionCode);
    parts.push({ en: `version ${name}`, ko: `버전 ${name}` });
    const id = connectionIdText(first.destination);
    parts.push({ en: `to ${id}`, ko: `대상 ${id}` });
  }
  for (const packet of packets) {
    const words = packetFacts(packet, bytes);
    if (words) parts.push(words);
  }
  return { en: parts.map(({ en }) => en).join(', '), ko: parts.map(({ ko }) => ko).join(', ') };
}

function packetFacts(packet: ReadPacket, bytes: Uint8Array): Localized | undefined {
  const { type, frames, isGenuine } = packet;
  if (type === 'version_negotiation') {
    const listed = versionsIn(bytes, packet)
      .filter((code) => !isReservedVersion(code))
      .slice(0, 8)
      .map(versionText)
      .join(', ');
    return { en: `the server speaks ${listed}`, ko: `서버가 지원하는 버전: ${listed}` };
  }
  if (type === 'retry') {
    if (isGenuine === undefined) return undefined;
    return isGenuine
      ? { en: 'integrity tag correct', ko: '무결성 태그가 맞음' }
      : { en: 'integrity tag WRONG', ko: '무결성 태그가 틀림' };
  }
  const { close } = frames ?? {};
  if (close) {
    const reason = close.reason === '' ? '' : `: ${safeText(close.reason.slice(0, 120))}`;
    const words = `CONNECTION_CLOSE ${errorName(close)}${reason}`;
    return { en: words, ko: words };
  }
  const hello = helloOf(packet);
  if (hello) return helloWords(hello);
  const names = frames?.names.join(' ');
  if (names === undefined) return undefined;
  const { streamed = 0 } = frames ?? {};
  return streamed === 0
    ? { en: names, ko: names }
    : {
        en: `${names}: ${grouped(streamed)} bytes in streams, whose content (HTTP/3 …) is not read`,
        ko: `${names}: 스트림 데이터 ${grouped(streamed)}바이트, 내용(HTTP/3 등)은 해석하지 않음`,
      };
}

const helloOf = ({ version, frames }: ReadPacket): GoogleHello | undefined =>
  version?.google === 'own' ? googleHelloOf(frames) : undefined;

const googleHelloOf = (frames: Frames | undefined): GoogleHello | undefined => {
  const start = frames?.crypto.find(({ offset }) => offset === 0);
  return start && googleHello(start.data);
};

/** The tree of a whole datagram, in the coordinates of its direction; what was opened stands where its ciphertext does. */
function fieldOf({ offset, bytes }: Piece, packets: readonly ReadPacket[]): Field {
  const children: Field[] = packets.map((packet) => packetField(packet, bytes, offset));
  const reached = packets.at(-1)?.end ?? 0;
  if (reached < bytes.length)
    children.push(leaf('quic.trailing', offset + reached, bytes.subarray(reached), 'wire'));
  return node('quic', offset, offset + bytes.length, children);
}

function leaf(id: Field['id'], start: number, value: Uint8Array, origin: Field['origin']): Field {
  return { id, range: [start, start + value.length], value, children: [], remarks: [], origin };
}

function node(id: Field['id'], start: number, end: number, children: readonly Field[]): Field {
  return { id, range: [start, end], value: null, children, remarks: [], origin: 'wire' };
}

function packetField(packet: ReadPacket, bytes: Uint8Array, offset: number): Field {
  const { start, end, numberAt, opened } = packet;
  const head = new Uint8Array(bytes.subarray(start, numberAt));
  if (opened) head[0] = opened.first;
  const children = fieldsOf('quic.packet', head, offset + start, 'wire', (cursor) =>
    readHeader(cursor, packet),
  );
  if (opened) children.push(...contentFields(packet, opened, bytes, offset));
  else if (end > numberAt && packet.type === 'version_negotiation')
    children.push(
      ...fieldsOf('quic.packet', bytes.subarray(numberAt, end), offset + numberAt, 'wire', (cursor) => {
        while (cursor.remaining >= 4) cursor.uint32('quic.supported_version');
        if (cursor.remaining > 0) cursor.rest('quic.trailing');
      }),
    );
  else if (end > numberAt) {
    const id = packet.type === 'retry' ? 'quic.retry_integrity_tag' : 'quic.payload';
    children.push(leaf(id, offset + numberAt, bytes.subarray(numberAt, end), 'wire'));
  }
  return node('quic.packet', offset + start, offset + end, children);
}

function contentFields(
  { numberAt, end, version }: ReadPacket,
  { number, numberLength, content, tagLength }: NonNullable<ReadPacket['opened']>,
  bytes: Uint8Array,
  offset: number,
): Field[] {
  const contentAt = numberAt + numberLength;
  const tagAt = end - tagLength;
  const fields = fieldsOf('quic.payload', content, offset + contentAt, 'decrypted', (cursor) =>
    readFrames(cursor, { names: [], crypto: [] }, version?.google !== undefined),
  );
  const reached = fields.at(-1)?.range[1] ?? offset + contentAt;
  const rest = content.subarray(reached - offset - contentAt);
  return [
    {
      ...leaf('quic.packet_number', offset + numberAt, bytes.subarray(numberAt, contentAt), 'wire'),
      value: number,
    },
    ...fields,
    ...(rest.length > 0 ? [leaf('quic.unread', reached, rest, 'decrypted')] : []),
    leaf('quic.authentication_tag', offset + tagAt, bytes.subarray(tagAt, end), 'wire'),
  ];
}

function fieldsOf(
  id: Field['id'],
  bytes: Uint8Array,
  base: number,
  origin: Field['origin'],
  read: (cursor: Cursor) => unknown,
): Field[] {
  const step = readStep(id, bytes, read, { base, origin, open: false });
  const field = 'got' in step ? step.field : 'malformed' in step ? step.partial : undefined;
  return [...(field?.children ?? [])];
}

/** Everything before the packet number. */
function readHeader(cursor: Cursor, { type, versionCode, destination, source, token }: ReadPacket): void {
  cursor.uint8('quic.first_byte');
  if (versionCode === undefined) {
    if (destination.length > 0) cursor.bytes('quic.destination_connection_id', destination.length);
    return;
  }
  cursor.uint32('quic.version');
  cursor.uint8('quic.destination_connection_id.length');
  if (destination.length > 0) cursor.bytes('quic.destination_connection_id', destination.length);
  cursor.uint8('quic.source_connection_id.length');
  if (source.length > 0) cursor.bytes('quic.source_connection_id', source.length);
  if (type === 'initial') cursor.varint('quic.token.length');
  if (token.length > 0) cursor.bytes('quic.token', token.length);
  if (type === 'initial' || type === 'zero_rtt' || type === 'handshake') cursor.varint('quic.length');
}
