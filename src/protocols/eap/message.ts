/** Describes RADIUS packets and EAPOL frames to people: title, facts, fields. */
import { latin1Text } from '../../core/bytes.ts';
import { readStep } from '../../core/cursor.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Field } from '../../core/field.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Piece } from '../piece.ts';
import type { ProtocolMessage } from '../protocol.ts';
import { methodName, radiusCodes, readEap, tlsFragment, tlsMethods } from './packet.ts';
import type { EapPacket, RadiusPacket } from './packet.ts';

const codeNames: Readonly<Record<number, string>> = {
  1: 'Request',
  2: 'Response',
  3: 'Success',
  4: 'Failure',
};

const identityType = 1;

/** `Request PEAP, 1000 of 2310 bytes, more to come`; `Response Identity bob`. */
function eapFacts({ code, type, data }: EapPacket): Localized {
  const name = `EAP ${codeNames[code]}`;
  if (type === undefined) return verbatim(name);
  const head = `${name} ${methodName(type)}`;
  if (type === identityType) return verbatim(data.length === 0 ? head : `${head} ${identityOf(data)}`);
  const fragment = tlsMethods.has(type) ? tlsFragment(data) : undefined;
  if (!fragment) return verbatim(head);
  if (fragment.isStart) return { en: `${head}, start`, ko: `${head}, 시작` };
  const { length } = fragment.bytes;
  if (length === 0) return { en: `${head}, acknowledgement`, ko: `${head}, 수신 확인` };
  const [of, total] =
    fragment.total === undefined ? ['', ''] : [` of ${fragment.total}`, `/${fragment.total}`];
  const [en, ko] = fragment.hasMore ? [', more to come', ', 이어짐'] : ['', ''];
  return { en: `${head}, ${length}${of} bytes${en}`, ko: `${head}, ${length}${total}바이트${ko}` };
}

const identityOf = (data: Uint8Array): string => safeText(latin1Text(data).slice(0, 80));

export function radiusMessage(
  piece: Piece,
  radius: RadiusPacket,
  eap: EapPacket | undefined,
): ProtocolMessage {
  const { from, offset, bytes, tag } = piece;
  const user = radius.userName === undefined ? '' : `User-Name ${safeText(radius.userName.slice(0, 80))}`;
  const inside = eap ? eapFacts(eap) : verbatim('');
  const joined = (text: string): string => [user, text].filter(Boolean).join(', ');
  return {
    from,
    protocol: 'radius',
    offset,
    length: bytes.length,
    lastTag: tag,
    title: verbatim(radiusCodes[radius.code] ?? 'RADIUS'),
    facts: { en: joined(inside.en), ko: joined(inside.ko) },
    bytes,
    field: () => fieldOf('eap.radius', piece, (cursor) => readRadiusFields(cursor, radius)),
  };
}

const frameNames: Readonly<Record<number, string>> = {
  0: 'EAP',
  1: 'EAPOL Start',
  2: 'EAPOL Logoff',
  3: 'EAPOL Key',
  4: 'EAPOL Alert',
  5: 'MKA',
};

export function eapolMessage(piece: Piece, eap: EapPacket | undefined): ProtocolMessage {
  const { from, offset, bytes, tag } = piece;
  const type = bytes[1] ?? 0;
  return {
    from,
    protocol: 'eapol',
    offset,
    length: bytes.length,
    lastTag: tag,
    title: verbatim(eap ? `EAP ${codeNames[eap.code]}` : (frameNames[type] ?? `EAPOL type ${type}`)),
    ...(eap ? { facts: eapFacts(eap) } : {}),
    bytes,
    field: () => fieldOf('eap.eapol', piece, readEapolFields),
  };
}

/** The EAP packet in a frame of EAPOL. */
export function eapIn(frame: Uint8Array): EapPacket | undefined {
  return frame[1] === 0 ? readEap(frame.subarray(4)) : undefined;
}

function fieldOf(
  id: 'eap.radius' | 'eap.eapol',
  { offset, bytes }: Piece,
  read: (cursor: Cursor) => void,
): Field {
  const step = readStep(id, bytes, read, { base: offset, open: false });
  const children = 'got' in step ? step.field.children : 'malformed' in step ? step.partial.children : [];
  return { id, range: [offset, offset + bytes.length], value: null, children, remarks: [], origin: 'wire' };
}

function readEapolFields(cursor: Cursor): void {
  cursor.uint8('eap.eapol.version');
  const type = cursor.uint8('eap.eapol.type');
  cursor.uint16('eap.eapol.body.length');
  if (cursor.remaining === 0) return;
  if (type === 0) readEapFields(cursor);
  else cursor.rest('eap.eapol.body');
}

/** As far as it goes: what is no EAP stays whole. */
function readEapFields(cursor: Cursor): void {
  cursor.restOr('eap.eapol.body', (inner, bytes) => {
    const packet = readEap(bytes);
    if (!packet) return inner.fail('bad_value', 'eap.code', 'a packet of EAP', 'something else');
    inner.uint8('eap.code');
    inner.uint8('eap.identifier');
    inner.uint16('eap.data.length');
    if (packet.type === undefined) {
      if (inner.remaining > 0) inner.rest('eap.data');
      return;
    }
    inner.uint8('eap.type');
    const fragment = tlsMethods.has(packet.type) ? tlsFragment(packet.data) : undefined;
    if (fragment) {
      inner.uint8('eap.tls.flags');
      if (fragment.total !== undefined) inner.uint32('eap.tls.total');
      if (fragment.bytes.length > 0) inner.bytes('eap.tls.fragment', fragment.bytes.length);
    }
    if (packet.type === identityType && packet.data.length > 0)
      inner.text('eap.identity', packet.data.length);
    if (inner.remaining > 0) inner.rest('eap.data');
  });
}

const eapMessage = 79;
const userName = 1;

function readRadiusFields(cursor: Cursor, { attributes }: RadiusPacket): void {
  cursor.uint8('eap.radius.code');
  cursor.uint8('eap.radius.identifier');
  cursor.uint16('eap.radius.length');
  cursor.bytes('eap.radius.authenticator', 16);
  for (const { type, value } of attributes)
    cursor.block('eap.radius.attribute', value.length + 2, (inner) => {
      inner.uint8('eap.radius.attribute.type');
      inner.uint8('eap.radius.attribute.length');
      if (value.length === 0) return;
      if (type === userName) inner.text('eap.radius.user_name', value.length);
      else inner.rest(type === eapMessage ? 'eap.radius.eap_message' : 'eap.radius.value');
    });
  if (cursor.remaining > 0) cursor.rest('eap.radius.trailing');
}
