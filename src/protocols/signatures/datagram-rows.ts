/** Protocols of datagrams: the length of each is known, and is looked at as well. */
import { radiusCodes } from '../eap/packet.ts';
import { kerberosIn, programOf } from './names.ts';
import type { Start } from './start.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Sighting, SightingTitle, Signature } from './signature.ts';

function readWireGuard(start: Start): SightingTitle | undefined {
  if (!start.is(1, 0, 0, 0)) return undefined;
  switch (start.u8(0)) {
    case 1:
      return start.length === 148 ? { en: 'handshake initiation', ko: '핸드셰이크 시작' } : undefined;
    case 2:
      return start.length === 92 ? { en: 'handshake response', ko: '핸드셰이크 응답' } : undefined;
    case 3:
      return start.length === 64 ? { en: 'cookie reply', ko: '쿠키 응답' } : undefined;
    case 4:
      // A counter that has not come far, and whole blocks.
      return start.length >= 32 && start.length % 16 === 0 && start.le32(12) === 0
        ? { en: 'data', ko: '데이터' }
        : undefined;
    default:
      return undefined;
  }
}

/** Of ntpd's own: questions about its state, whose answers are large (and misused for that). */
function readNtpPrivate(start: Start): SightingTitle | undefined {
  const [first, code] = [start.u8(0), start.u8(3)];
  const [version, mode] = [(first >> 3) & 7, first & 7];
  if (mode !== 7 || version < 2 || version > 4 || ![0, 2, 3].includes(start.u8(2)) || code > 45)
    return undefined;
  const isAnswer = (first & 0x80) !== 0;
  const length = 8 + (start.u16(4) & 0xfff) * (start.u16(6) & 0xfff);
  if (isAnswer ? start.length !== length || length === 8 : ![8, 48, 192].includes(start.length))
    return undefined;
  if (!isAnswer && (start.u32(4) !== 0 || start.u8(1) !== 0)) return undefined;
  const isList = code === 42 || code === 20;
  return {
    en: `v${version} ${isList ? 'monlist' : 'state'} ${isAnswer ? 'answer' : 'request'}`,
    ko: `v${version} ${isList ? 'monlist' : '상태'} ${isAnswer ? '응답' : '요청'}`,
  };
}

const symmetric: Localized = { en: 'symmetric', ko: '대칭' };
const ntpModes: Readonly<Record<number, Localized>> = {
  1: symmetric,
  2: symmetric,
  3: { en: 'request', ko: '요청' },
  4: { en: 'answer', ko: '응답' },
};

function readNtp(start: Start): SightingTitle | undefined {
  const first = start.u8(0);
  const [leap, version, mode] = [first >> 6, (first >> 3) & 7, first & 7];
  if (![48, 68, 72].includes(start.length) || (leap !== 0 && leap !== 3) || version < 3 || version > 4)
    return undefined;
  if (mode < 1 || mode > 4 || start.u8(1) > 16 || start.u8(2) > 17) return undefined;
  // Delay and dispersion are less than a minute.
  const isNear = [4, 8].every((at) => start.u16(at) < 60);
  const name = ntpModes[mode];
  return isNear && name ? { en: `v${version} ${name.en}`, ko: `v${version} ${name.ko}` } : undefined;
}

const snmpPdus = [
  'GetRequest',
  'GetNextRequest',
  'GetResponse',
  'SetRequest',
  'Trap',
  'GetBulkRequest',
  'InformRequest',
  'TrapV2',
  'Report',
];

function readSnmp(start: Start): Sighting | string | undefined {
  if (start.u8(0) !== 0x30) return undefined;
  const first = start.u8(1);
  const size = first < 0x80 ? 1 : first === 0x81 ? 2 : first === 0x82 ? 3 : 0;
  const length = size === 1 ? first : size === 2 ? start.u8(2) : start.u16(2);
  const at = 1 + size;
  if (size === 0 || start.length !== at + length || !start.is(at, 2, 1)) return undefined;
  const version = start.u8(at + 2);
  if (version === 3) return start.is(at + 3, 0x30) && start.is(at + 5, 2) ? 'v3' : undefined;
  if (version > 1 || start.u8(at + 3) !== 4) return undefined;
  const community = start.printable(at + 5, start.u8(at + 4));
  const pdu = community === undefined ? undefined : snmpPdus[start.u8(at + 5 + community.length) - 0xa0];
  if (community === undefined || pdu === undefined) return undefined;
  const title = `${version === 0 ? 'v1' : 'v2c'} ${pdu}`;
  return community === ''
    ? title
    : { title, secret: { name: 'community', start: at + 5, end: at + 5 + community.length } };
}

const dhcpTypes = ['', 'DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE', 'INFORM'];

function readDhcp(start: Start): string | undefined {
  if (start.u8(0) < 1 || start.u8(0) > 2 || start.u32(236) !== 0x6382_5363) return undefined;
  for (
    let at = 240;
    at < start.bytes.length && start.u8(at) !== 0xff;
    at += 2 + Math.max(0, start.u8(at + 1))
  )
    if (start.u8(at) === 53) return dhcpTypes[start.u8(at + 2)] ?? '';
  return 'BOOTP';
}

function readTftp(start: Start): SightingTitle | undefined {
  const operation = start.u16(0);
  if (operation !== 1 && operation !== 2) return undefined;
  const name = start.zeroEnded(2);
  const mode = name === undefined ? undefined : start.zeroEnded(3 + name.length);
  return name !== undefined && name !== '' && mode !== undefined && /^(netascii|octet|mail)$/i.test(mode)
    ? {
        en: `${operation === 1 ? 'read' : 'write'} ${name.slice(0, 60)}`,
        ko: `${operation === 1 ? '읽기' : '쓰기'} ${name.slice(0, 60)}`,
      }
    : undefined;
}

function readRadius(start: Start): SightingTitle | undefined {
  const code = radiusCodes[start.u8(0)];
  if (code === undefined || start.u16(2) !== start.length || start.length < 23) return undefined;
  let user: string | undefined;
  let at = 20;
  while (at < Math.min(start.length, start.bytes.length)) {
    const [type, length] = [start.u8(at), start.u8(at + 1)];
    if (type === 0 || length < 2 || at + length > start.length) return undefined;
    if (type === 1) user = start.printable(at + 2, length - 2);
    at += length;
  }
  return user === undefined ? code : { en: `${code}, user ${user}`, ko: `${code}, 사용자 ${user}` };
}

const ikeExchanges: Readonly<Record<number, SightingTitle>> = {
  2: { en: 'IKEv1 main mode', ko: 'IKEv1 메인 모드' },
  4: { en: 'IKEv1 aggressive mode', ko: 'IKEv1 어그레시브 모드' },
  34: 'IKEv2 IKE_SA_INIT',
  35: 'IKEv2 IKE_AUTH',
  36: 'IKEv2 CREATE_CHILD_SA',
  37: 'IKEv2 INFORMATIONAL',
};

function readIke(start: Start): SightingTitle | undefined {
  // Where addresses are translated, four zeros stand before it (RFC 3948 section 2.2).
  const at = start.u32(0) === 0 ? 4 : 0;
  const exchange = start.u8(at + 18);
  const version = start.u8(at + 17);
  const isLength = start.u32(at + 24) === start.length - at;
  const name = ikeExchanges[exchange];
  return isLength && name !== undefined && version === (exchange >= 34 ? 0x20 : 0x10) ? name : undefined;
}

export const datagramRows: readonly Signature[] = [
  {
    id: 'wireguard',
    label: 'WireGuard',
    over: 'udp',
    note: { en: 'nothing but the sizes is plain', ko: '크기 말고는 아무것도 보이지 않음' },
    read: readWireGuard,
  },
  { id: 'ntp', label: 'NTP', over: 'udp', read: (start) => readNtp(start) ?? readNtpPrivate(start) },
  {
    id: 'kerberos',
    label: 'Kerberos',
    over: 'udp',
    note: {
      en: 'names of users and services are plain; passwords can be guessed offline',
      ko: '사용자와 서비스 이름이 평문이며 비밀번호는 오프라인에서 추측 가능',
    },
    read: (start) => kerberosIn(start, 0),
  },
  {
    id: 'snmp',
    label: 'SNMP',
    over: 'udp',
    note: {
      en: 'in v1 and v2c the community is a password in clear',
      ko: 'v1과 v2c의 커뮤니티는 평문 비밀번호',
    },
    read: readSnmp,
  },
  { id: 'dhcp', label: 'DHCP', over: 'udp', read: readDhcp },
  {
    id: 'tftp',
    label: 'TFTP',
    over: 'udp',
    note: { en: 'plain, and without a login', ko: '평문이며 로그인이 없음' },
    read: readTftp,
  },
  {
    id: 'radius',
    label: 'RADIUS',
    over: 'udp',
    note: {
      en: 'passwords are hidden by a secret that can be guessed offline',
      ko: '비밀번호를 가리는 공유 비밀은 오프라인에서 추측 가능',
    },
    read: readRadius,
  },
  { id: 'ike', label: 'IKE', over: 'udp', read: readIke },
  { id: 'rpc', label: 'ONC RPC', over: 'udp', read: (start) => programOf(start, 0) },
];
