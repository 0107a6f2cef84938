/** Protocols of operators and of what stands behind web servers. */
import type { Start } from './start.ts';
import type { Sighting, Signature, SightingTitle } from './signature.ts';

const diameterCommands: Readonly<Record<number, string>> = {
  257: 'Capabilities-Exchange',
  258: 'Re-Auth',
  265: 'AA',
  268: 'Diameter-EAP',
  271: 'Accounting',
  272: 'Credit-Control',
  274: 'Abort-Session',
  275: 'Session-Termination',
  280: 'Device-Watchdog',
  282: 'Disconnect-Peer',
  300: 'User-Authorization',
  303: 'Multimedia-Auth',
  316: 'Update-Location',
  318: 'Authentication-Information',
};

/** RFC 6733 section 3: the first pair says whose session it is, or who sends. */
function readDiameter(start: Start): SightingTitle | undefined {
  const length = start.u32(0) & 0xff_ffff;
  if (start.u8(0) !== 1 || length < 28 || length % 4 !== 0 || (start.u8(4) & 0x0f) !== 0) return undefined;
  const name = diameterCommands[start.u32(4) & 0xff_ffff];
  const pair = start.u32(20);
  if (name === undefined || ![263, 264, 268].includes(pair) || (start.u8(24) & 0x1f) !== 0) return undefined;
  const isRequest = (start.u8(4) & 0x80) !== 0;
  return {
    en: `${name} ${isRequest ? 'request' : 'answer'}`,
    ko: `${name} ${isRequest ? '요청' : '응답'}`,
  };
}

const smppCommands: Readonly<Record<number, string>> = {
  1: 'bind_receiver',
  2: 'bind_transmitter',
  9: 'bind_transceiver',
};

/** A login of SMPP 3.3 to 5.0: the name of a system and its password, each with a zero behind it, type and version. */
function readSmpp(start: Start): Sighting | undefined {
  const name = smppCommands[start.u32(4)];
  if (start.from !== 'client' || name === undefined || start.u32(0) !== start.length || start.u32(8) !== 0)
    return undefined;
  const system = start.zeroEnded(16);
  if (system === undefined || system.length > 15) return undefined;
  const at = 17 + system.length;
  const password = start.zeroEnded(at);
  if (password === undefined || password.length > 8) return undefined;
  const type = start.zeroEnded(at + password.length + 1);
  if (type === undefined || type.length > 12) return undefined;
  // A version, two kinds of addresses, a pattern of addresses.
  const behind = at + password.length + type.length + 2;
  const pattern = start.zeroEnded(behind + 3);
  if (start.u8(behind) > 0x50 || pattern === undefined || behind + 4 + pattern.length !== start.length)
    return undefined;
  const title = `${name} ${system}`.trim();
  return password === ''
    ? { title }
    : { title, secret: { name: system || 'password', start: at, end: at + password.length } };
}

/** Of all versions the header says how many records, or bytes, follow: all of them must be there. */
function readNetFlow(start: Start): string | undefined {
  const [version, count] = [start.u16(0), start.u16(2)];
  if (version === 5) return start.length === 24 + 48 * count && count >= 1 && count <= 30 ? 'v5' : undefined;
  const isExport = version === 10;
  if ((isExport && count !== start.length) || (version !== 9 && !isExport)) return undefined;
  let at = isExport ? 16 : 20;
  while (at < Math.min(start.length, start.bytes.length - 4)) {
    const [set, length] = [start.u16(at), start.u16(at + 2)];
    if (length < 5 || (set > 3 && set < 256)) return undefined;
    at += length;
  }
  return at > start.length || at <= 20 ? undefined : isExport ? 'IPFIX' : 'v9';
}

/** RFC 3550 section 6.1: reports first; their lengths cover the datagram. */
function readRtcp(start: Start): SightingTitle | undefined {
  if (start.u8(1) !== 200 && start.u8(1) !== 201) return undefined;
  let at = 0;
  while (at < start.length) {
    const [type, words] = [start.u8(at + 1), start.u16(at + 2)];
    if (start.u8(at) >> 6 !== 2 || type < 200 || type > 207 || words < 0) return undefined;
    at += 4 * (words + 1);
  }
  // A report without others tells too little by itself.
  return at === start.length && start.length >= 16
    ? start.u8(1) === 200
      ? { en: 'sender report', ko: '송신자 보고' }
      : { en: 'receiver report', ko: '수신자 보고' }
    : undefined;
}

const ajpRequests: Readonly<Record<number, SightingTitle>> = {
  2: { en: 'request', ko: '요청' },
  7: { en: 'shutdown', ko: '종료' },
  10: 'CPing',
};
const ajpAnswers: Readonly<Record<number, SightingTitle>> = {
  3: { en: 'body', ko: '본문' },
  4: { en: 'response', ko: '응답' },
  5: { en: 'end of response', ko: '응답 끝' },
  9: 'CPong',
};

function readAjp(start: Start): SightingTitle | undefined {
  const isRequest = start.from === 'client' && start.u16(0) === 0x1234;
  const isAnswer = start.from === 'server' && start.says(0, 'AB');
  const length = start.u16(2);
  if ((!isRequest && !isAnswer) || length < 1 || length > start.length - 4) return undefined;
  const code = start.u8(4);
  return isRequest ? (length === start.length - 4 ? ajpRequests[code] : undefined) : ajpAnswers[code];
}

/** The parts of DRDA: a length, 0xd0, a kind, a number, the length of what follows, a code; they begin with what a server may do. */
function readDrda(start: Start): SightingTitle | undefined {
  const [length, inner, code] = [start.u16(0), start.u16(6), start.u16(8)];
  if (start.u8(2) !== 0xd0 || inner !== length - 6 || !start.isLength(start.length) || length > start.length)
    return undefined;
  return code === 0x1041
    ? { en: 'login begins', ko: '로그인 시작' }
    : code === 0x1443
      ? { en: 'server attributes', ko: '서버 속성' }
      : undefined;
}

/** A request to begin of Z39.50: in BER a version, options, two sizes. */
function readZ3950(start: Start): SightingTitle | undefined {
  const tag = start.u8(0);
  if (tag !== 0xb4 && tag !== 0xb5) return undefined;
  const size = start.u8(1) < 0x80 ? 2 : start.u8(1) === 0x81 ? 3 : 4;
  // A number may stand first.
  const at = start.u8(size) === 0x82 ? size + 2 + start.u8(size + 1) : size;
  const isVersion = start.u8(at) === 0x83 && start.u8(at + 1) >= 2 && start.u8(at + 1) <= 3;
  const isOptions = start.u8(at + 2 + start.u8(at + 1)) === 0x84;
  return isVersion && isOptions
    ? tag === 0xb4
      ? 'init'
      : { en: 'init response', ko: 'init 응답' }
    : undefined;
}

/** Discovery of nodes of Ethereum: a hash, a signature of 65 bytes, a type, and a list that ends with the datagram. */
function readEthereum(start: Start): SightingTitle | undefined {
  const name = ['', 'ping', 'pong', 'find node', 'neighbours', 'ENR request', 'ENR response'][start.u8(97)];
  const head = start.u8(98);
  if (name === undefined || name === '' || start.u8(96) > 3) return undefined;
  const length = head < 0xc0 ? -1 : head <= 0xf7 ? head - 0xc0 : head === 0xf8 ? start.u8(99) : start.u16(99);
  const at = 99 + Math.max(0, head - 0xf7);
  return head <= 0xf9 && length >= 8 && start.length === at + length
    ? { en: `discovery, ${name}`, ko: `탐색, ${name}` }
    : undefined;
}

export const operatorRows: readonly Signature[] = [
  {
    id: 'diameter',
    label: 'Diameter',
    over: 'tcp',
    note: { en: 'subscribers and sessions are plain', ko: '가입자와 세션이 평문' },
    read: readDiameter,
  },
  {
    id: 'smpp',
    label: 'SMPP',
    over: 'tcp',
    note: { en: 'the password and the short messages are plain', ko: '비밀번호와 문자 메시지가 평문' },
    read: readSmpp,
  },
  { id: 'netflow', label: 'NetFlow', over: 'udp', read: readNetFlow },
  { id: 'rtcp', label: 'RTCP', over: 'udp', read: readRtcp },
  {
    id: 'ajp',
    label: 'AJP',
    over: 'tcp',
    note: { en: 'requests of a web server to Tomcat, plain', ko: '웹 서버가 Tomcat에 보내는 요청, 평문' },
    read: readAjp,
  },
  {
    id: 'drda',
    label: 'DRDA (Db2)',
    over: 'tcp',
    note: {
      en: 'without encryption statements and passwords are plain',
      ko: '암호화가 없으면 명령문과 비밀번호가 평문',
    },
    read: readDrda,
  },
  { id: 'z3950', label: 'Z39.50', over: 'tcp', read: readZ3950 },
  { id: 'ethereum', label: 'Ethereum', over: 'udp', read: readEthereum },
];
