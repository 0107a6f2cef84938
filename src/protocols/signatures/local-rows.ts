/** What machines say to their neighbours: names, services, addresses. */
import type { Start } from './start.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Signature, SightingTitle } from './signature.ts';

/** What the letters of a name of NetBIOS say: a half of a byte each (RFC 1001 section 14.1), without blanks and its type. */
function netBiosName(start: Start, at: number): string | undefined {
  const letters = start.says(at, ' ') ? /^[A-P]{32}\0/.exec(start.text.slice(at + 1))?.[0] : undefined;
  if (letters === undefined) return undefined;
  const half = (index: number): number => letters.charCodeAt(index) - 65;
  const codes = Array.from({ length: 15 }, (_, index) => half(2 * index) * 16 + half(2 * index + 1));
  return String.fromCharCode(...codes).replace(/[\0 ]+$/, '');
}

const netBiosOperations: Readonly<Record<number, Localized>> = {
  0: { en: 'query', ko: '질의' },
  5: { en: 'registration', ko: '등록' },
  6: { en: 'release', ko: '해제' },
  7: { en: 'wait', ko: '대기' },
  8: { en: 'refresh', ko: '갱신' },
  9: { en: 'refresh', ko: '갱신' },
};

/** RFC 1002 section 4.2: the form of DNS, with names, types and operations of its own. */
function readNameService(start: Start): SightingTitle | undefined {
  const flags = start.u16(2);
  const operation = netBiosOperations[(flags >> 11) & 15];
  const name = netBiosName(start, 12);
  const type = start.u16(46);
  if (operation === undefined || name === undefined || start.u16(48) !== 1) return undefined;
  if (type !== 0x20 && type !== 0x21 && type !== 0x0a) return undefined;
  const isStatus = type === 0x21;
  const isAnswer = (flags & 0x8000) !== 0;
  return {
    en: `${isStatus ? 'status ' : ''}${operation.en}${isAnswer ? ' answer' : ''} ${name}`,
    ko: `${isStatus ? '상태 ' : ''}${operation.ko}${isAnswer ? ' 응답' : ''} ${name}`,
  };
}

/** RFC 1002 section 4.4: a type, flags, a number, address and port of the sender, a length, two names. */
function readDatagramService(start: Start): SightingTitle | undefined {
  const type = start.u8(0);
  if (type < 0x10 || type > 0x12 || start.u8(1) > 15 || start.u16(12) !== 0) return undefined;
  if (start.u16(10) !== start.length - 14) return undefined;
  const from = netBiosName(start, 14);
  const to = netBiosName(start, 48);
  return from === undefined || to === undefined
    ? undefined
    : { en: `datagram from ${from} to ${to}`, ko: `데이터그램, ${from} → ${to}` };
}

const dhcpV6Types = [
  '',
  'SOLICIT',
  'ADVERTISE',
  'REQUEST',
  'CONFIRM',
  'RENEW',
  'REBIND',
  'REPLY',
  'RELEASE',
  'DECLINE',
  'RECONFIGURE',
  'INFORMATION-REQUEST',
];

/** RFC 8415 section 8: a type, a number, options up to the end, among them the identifier of the client. */
function readDhcpV6(start: Start): string | undefined {
  const name = dhcpV6Types[start.u8(0)];
  if (name === undefined || name === '') return undefined;
  let hasClient = false;
  let at = 4;
  while (at < Math.min(start.length, start.bytes.length)) {
    const [option, length] = [start.u16(at), start.u16(at + 2)];
    if (option < 1 || option > 200 || length < 0) return undefined;
    hasClient ||= option === 1 && length >= 4 && length <= 130;
    at += 4 + length;
  }
  return hasClient && at === start.length ? name : undefined;
}

/** RFC 4380 section 5.1.1: IPv6, behind a part that proves who sends; or behind where the sender was seen. */
function readTeredo(start: Start): string | undefined {
  const hasProof = start.is(0, 0, 1);
  let at = hasProof ? 13 + start.u8(2) + start.u8(3) : 0;
  if (start.is(at, 0, 0)) at += 8;
  if (start.u8(at) >> 4 !== 6 || start.length !== at + 40 + start.u16(at + 4)) return undefined;
  const isItsAddress = start.u32(at + 8) === 0x2001_0000 || start.u32(at + 24) === 0x2001_0000;
  return isItsAddress || (hasProof && start.is(at + 8, 0xfe, 0x80)) ? 'IPv6' : undefined;
}

/** RFC 5415 section 4.3 and 4.5: the header in words of four bytes, a message of CAPWAP, elements up to the end. */
function readCapwap(start: Start): SightingTitle | undefined {
  const words = start.u8(1) >> 3;
  const at = words * 4;
  if (start.u8(0) !== 0 || words < 2 || (start.u8(2) & 0x3e) !== 2) return undefined;
  const type = start.u32(at);
  const isWhole = start.u8(at + 7) === 0 && start.length === at + 5 + start.u16(at + 5);
  return type >= 1 && type <= 26 && isWhole
    ? { en: `control, type ${type}`, ko: `제어, 유형 ${type}` }
    : undefined;
}

const rpcAcknowledgement = { en: 'acknowledgement', ko: '확인 응답' };
const rpcKinds: Readonly<Record<number, SightingTitle>> = {
  0: { en: 'request', ko: '요청' },
  1: 'ping',
  2: { en: 'response', ko: '응답' },
  3: { en: 'fault', ko: '오류' },
  4: { en: 'working', ko: '처리 중' },
  7: rpcAcknowledgement,
  9: rpcAcknowledgement,
  11: 'bind',
  12: 'bind ack',
  13: { en: 'bind refused', ko: 'bind 거부' },
  14: 'alter context',
  15: { en: 'alter context response', ko: 'alter context 응답' },
  16: { en: 'login', ko: '로그인' },
};
const longestConnectionless = 9;

/** C706 chapter 12: over TCP version 5 with its length, over UDP version 4 with that of what follows 80 bytes. */
function readDceRpc(start: Start): SightingTitle | undefined {
  const version = start.u8(0);
  if (version === 5) {
    const name = rpcKinds[start.u8(2)];
    const isLittle = start.is(4, 0x10, 0, 0, 0);
    if (start.u8(1) > 1 || name === undefined || (!isLittle && !start.is(4, 0, 0, 0, 0))) return undefined;
    const length = isLittle ? start.le16(8) : start.u16(8);
    return length >= 16 && length <= start.length ? name : undefined;
  }
  const kind = start.u8(1);
  const name = kind <= longestConnectionless ? rpcKinds[kind] : undefined;
  const isLittle = start.is(4, 0x10, 0, 0);
  if (version !== 4 || name === undefined || (!isLittle && !start.is(4, 0, 0, 0))) return undefined;
  const length = isLittle ? start.le16(74) : start.u16(74);
  return start.length === 80 + length ? name : undefined;
}

export const localRows: readonly Signature[] = [
  { id: 'nbns', label: 'NetBIOS name service', over: 'udp', read: readNameService },
  { id: 'nbdgm', label: 'NetBIOS', over: 'udp', read: readDatagramService },
  { id: 'dhcpv6', label: 'DHCPv6', over: 'udp', read: readDhcpV6 },
  {
    id: 'teredo',
    label: 'Teredo',
    over: 'udp',
    note: { en: 'IPv6 through an IPv4 network', ko: 'IPv4 망을 지나는 IPv6' },
    read: readTeredo,
  },
  {
    id: 'dcerpc',
    label: 'DCE/RPC',
    over: 'both',
    note: {
      en: 'calls are plain unless the login encrypts them',
      ko: '로그인에서 암호화하지 않으면 호출이 평문',
    },
    read: readDceRpc,
  },
  { id: 'capwap', label: 'CAPWAP', over: 'udp', read: readCapwap },
  {
    id: 'ws_discovery',
    label: 'WS-Discovery',
    over: 'udp',
    read: ({ text }) => {
      const isDiscovery = /^(?:<\?xml[^>]{0,80}\?>\s*)?<[\w-]{1,20}:Envelope\b[^>]*\/ws\/2005\/04\/discovery/;
      return isDiscovery.test(text)
        ? (/discovery\/(Probe|Hello|Bye|Resolve)/.exec(text)?.[1] ?? '')
        : undefined;
    },
  },
  {
    id: 'dropbox',
    label: 'Dropbox LAN sync',
    over: 'udp',
    read: ({ text }) =>
      text.startsWith('{') && text.includes('"host_int": ') && text.includes('"port": ') ? '' : undefined,
  },
  {
    id: 'spotify',
    label: 'Spotify Connect',
    over: 'udp',
    read: ({ text }) => (text.startsWith('SpotUdp0') ? '' : undefined),
  },
  {
    id: 'steam',
    label: 'Steam',
    over: 'udp',
    read: ({ text }) =>
      /^VS01..[\u0001-\u0009]/s.test(text)
        ? { en: 'datagram', ko: '데이터그램' }
        : text.startsWith('\xff\xff\xff\xffTSource Engine Query\0')
          ? { en: 'server query', ko: '서버 질의' }
          : undefined,
  },
];
