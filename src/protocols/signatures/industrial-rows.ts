/** Protocols of plants and buildings: controllers, sensors, meters. They have no login; what they say is plain. */
import type { Start } from './start.ts';
import type { Signature, SightingTitle } from './signature.ts';

const note = { en: 'plain, and without any login', ko: '평문이며 로그인이 없음' };

const acknowledgement = { en: 'acknowledgement', ko: '확인 응답' };

const iecControls: Readonly<Record<number, string>> = {
  0x07: 'STARTDT act',
  0x0b: 'STARTDT con',
  0x13: 'STOPDT act',
  0x23: 'STOPDT con',
  0x43: 'TESTFR act',
  0x83: 'TESTFR con',
};

/** One unit after another (IEC 60870-5-104 section 5): 0x68, a length, four bytes of control. */
function readIec104(start: Start): SightingTitle | undefined {
  let title: SightingTitle | undefined;
  for (let at = 0; at < start.length; ) {
    // What lies behind the bytes that are here was cut like this as far as they reach.
    if (at >= start.bytes.length) return title;
    const length = start.u8(at + 1);
    const [one, three] = [start.u8(at + 2), start.u8(at + 4)];
    if (start.u8(at) !== 0x68 || length < 4 || length > 253) return undefined;
    if (at + 6 > start.bytes.length) return title;
    const isUnnumbered = (one & 3) === 3;
    const isSupervisory = one === 1 && start.u8(at + 3) === 0 && (three & 1) === 0;
    const control = isUnnumbered ? iecControls[one] : undefined;
    if (isUnnumbered && (control === undefined || length !== 4 || !start.is(at + 3, 0, 0, 0)))
      return undefined;
    if (isSupervisory && length !== 4) return undefined;
    const type = start.u8(at + 6);
    const isData =
      (one & 1) === 0 && (three & 1) === 0 && length > 8 && (type < 0 || (type > 0 && type < 128));
    if (!isUnnumbered && !isSupervisory && !isData) return undefined;
    title ??=
      control ?? (isSupervisory ? acknowledgement : { en: `data, type ${type}`, ko: `데이터, 유형 ${type}` });
    at += 2 + length;
    if (at > start.length) return undefined;
  }
  return title;
}

/** IEEE 1815 section 9.2.6: of sixteen bits, reflected, inverted. */
function crcOfDnp3(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0xa6bc;
  }
  return ~crc & 0xffff;
}

function readDnp3(start: Start): SightingTitle | undefined {
  if (!start.is(0, 0x05, 0x64) || start.u8(2) < 5 || start.bytes.length < 10) return undefined;
  if (crcOfDnp3(start.bytes.subarray(0, 8)) !== start.le16(8)) return undefined;
  const [from, to] = [start.le16(6), start.le16(4)];
  return { en: `from ${from} to ${to}`, ko: `${from} → ${to}` };
}

const enipCommands: Readonly<Record<number, string>> = {
  0x04: 'ListServices',
  0x63: 'ListIdentity',
  0x64: 'ListInterfaces',
  0x65: 'RegisterSession',
  0x66: 'UnRegisterSession',
  0x6f: 'SendRRData',
  0x70: 'SendUnitData',
};

/** The header of an encapsulation: command, length, session, status, context, options that are zero. */
function readEnip(start: Start): string | undefined {
  const name = enipCommands[start.le16(0)];
  const isWhole = start.length === 24 + start.le16(2);
  return isWhole && start.le32(8) >= 0 && start.le32(8) < 0x70 && start.le32(20) === 0 ? name : undefined;
}

/** Requests, answers, and data: behind ISO 8073's data of three bytes stands 0x32. */
const s7Kinds: Readonly<Record<number, SightingTitle>> = {
  1: { en: 'job', ko: '작업' },
  2: acknowledgement,
  3: { en: 'answer', ko: '응답' },
  7: { en: 'user data', ko: '사용자 데이터' },
};

function readS7(start: Start): SightingTitle | undefined {
  if (!start.is(0, 3, 0) || start.u16(2) !== start.length) return undefined;
  return start.is(4, 2, 0xf0, 0x80, 0x32) ? s7Kinds[start.u8(8)] : undefined;
}

/** A connection of ISO 8073 in RFC 1006's frame, whose parts are a size and two selectors. */
function readIsoTransport(start: Start): SightingTitle | undefined {
  const kind = start.u8(5);
  if (!start.is(0, 3, 0) || start.u16(2) !== start.length || start.u8(4) !== start.length - 5)
    return undefined;
  if ((kind !== 0xe0 && kind !== 0xd0) || start.u8(10) > 0x40) return undefined;
  let at = 11;
  for (; at < start.length; at += 2 + start.u8(at + 1))
    if (![0xc0, 0xc1, 0xc2].includes(start.u8(at)) || start.u8(at + 1) < 1) return undefined;
  return at === start.length && at > 11
    ? kind === 0xe0
      ? { en: 'connection request', ko: '연결 요청' }
      : { en: 'connection confirm', ko: '연결 확인' }
    : undefined;
}

const coapMethods = ['', 'GET', 'POST', 'PUT', 'DELETE', 'FETCH', 'PATCH', 'iPATCH'];
const coapTypes = [
  { en: 'confirmable', ko: '확인형' },
  { en: 'non-confirmable', ko: '비확인형' },
  { en: 'acknowledgement', ko: '확인 응답' },
  { en: 'reset', ko: '재설정' },
];

/** Options whose values are text: Uri-Host, Location-Path, Uri-Path, Uri-Query, Location-Query. */
const coapTexts: ReadonlySet<number> = new Set([3, 8, 11, 15, 20]);
const coapPath = 11;
const coapFormat = 12;
/** Registered ones (RFC 7252 section 12.2 and its successors). */
const coapOptions: ReadonlySet<number> = new Set([
  1, 3, 4, 5, 6, 7, 8, 9, 11, 12, 14, 15, 16, 17, 19, 20, 23, 27, 28, 31, 35, 39, 60, 252, 258, 292,
]);

/** RFC 7252 section 3: options to the end, or to a payload. A request names a path, an answer the form of its payload. */
function readCoap(start: Start): SightingTitle | undefined {
  const [first, code] = [start.u8(0), start.u8(1)];
  const tokenLength = first & 15;
  const isRequest = code >= 1 && code <= 7;
  const isAnswer = [2, 4, 5].includes(code >> 5) && (code & 31) < 10;
  if (first >> 6 !== 1 || tokenLength > 8 || (!isRequest && !isAnswer)) return undefined;
  const seen = new Set<number>();
  let option = 0;
  let at = 4 + tokenLength;
  /** Thirteen and fourteen say that one or two bytes more have the number. */
  const numberOf = (nibble: number): number => {
    if (nibble < 13) return nibble;
    at += nibble - 12;
    return nibble === 13 ? start.u8(at - 1) + 13 : nibble === 14 ? start.u16(at - 2) + 269 : Number.NaN;
  };
  while (at < start.length && start.u8(at) !== 0xff) {
    const head = start.u8(at++);
    option += numberOf(head >> 4);
    const length = numberOf(head & 15);
    if (head < 0 || !coapOptions.has(option) || !(length >= 0)) return undefined;
    if (coapTexts.has(option) && start.printable(at, length) === undefined) return undefined;
    if (option === coapFormat && length > 2) return undefined;
    seen.add(option);
    at += length;
  }
  const hasPayload = start.u8(at) === 0xff && at < start.length - 1;
  if (at !== start.length && !hasPayload) return undefined;
  if (isRequest) {
    const [method = '', kind] = [coapMethods[code], coapTypes[(first >> 4) & 3]];
    return seen.has(coapPath) && kind
      ? { en: `${method}, ${kind.en}`, ko: `${method}, ${kind.ko}` }
      : undefined;
  }
  const name = `${code >> 5}.${String(code & 31).padStart(2, '0')}`;
  return seen.has(coapFormat) && hasPayload ? name : undefined;
}

export const industrialRows: readonly Signature[] = [
  { id: 'iec104', label: 'IEC 60870-5-104', over: 'tcp', note, read: readIec104 },
  { id: 'dnp3', label: 'DNP3', over: 'both', note, read: readDnp3 },
  { id: 'enip', label: 'EtherNet/IP', over: 'both', note, read: readEnip },
  { id: 's7comm', label: 'S7comm', over: 'tcp', note, read: readS7 },
  {
    id: 'iso_tsap',
    label: 'ISO transport',
    over: 'tcp',
    note: { en: 'S7comm or MMS of a controller may follow', ko: '제어기의 S7comm이나 MMS가 뒤따를 수 있음' },
    read: readIsoTransport,
  },
  {
    id: 'coap',
    label: 'CoAP',
    over: 'udp',
    note: { en: 'plain unless it is inside DTLS', ko: 'DTLS 안이 아니면 평문' },
    read: readCoap,
  },
];
