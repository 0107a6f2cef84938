/** Protocols of datagrams: the length of each is known, and is looked at as well. */
import { kerberosIn } from './names.ts';
import type { Start } from './start.ts';
import type { Localized } from '../../i18n/language.ts';
import type { SightingTitle, Signature } from './signature.ts';

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
  { id: 'dhcp', label: 'DHCP', over: 'udp', read: readDhcp },
];
