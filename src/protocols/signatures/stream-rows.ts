/** Binary protocols over TCP. */
import { inEach } from '../../i18n/language.ts';
import { kerberosIn, stunIn } from './names.ts';
import type { Start } from './start.ts';
import type { Signature, SightingTitle } from './signature.ts';

const smb2Commands = ['Negotiate', 'Session Setup', 'Logoff', 'Tree Connect', 'Tree Disconnect', 'Create'];

function readSmb(start: Start): SightingTitle | undefined {
  // A session of NetBIOS is asked for by two names of 32 letters each.
  if (start.is(0, 0x81, 0, 0, 0x44, 0x20) && start.is(38, 0x20))
    return { en: 'NetBIOS session request', ko: 'NetBIOS 세션 요청' };
  const length = start.u32(0);
  if (start.u8(0) !== 0 || length < 32 || length > 0xff_ffff) return undefined;
  if (start.says(5, 'SMB')) {
    if (start.u8(4) === 0xff) return start.u8(8) === 0x72 ? '1 Negotiate' : '1';
    if (start.u8(4) === 0xfe && start.le16(8) === 64) return `2 ${smb2Commands[start.le16(16)] ?? ''}`.trim();
    if (start.u8(4) === 0xfd) return '3, encrypted';
  }
  return undefined;
}

const rdpProtocols = ['RDP security', 'TLS', 'CredSSP over TLS', 'CredSSP over TLS'];

function readRdp(start: Start): SightingTitle | undefined {
  const length = start.u16(2);
  if (!start.is(0, 3, 0) || start.u8(4) !== length - 5 || start.length !== length) return undefined;
  const isRequest = start.u8(5) === 0xe0;
  if (!isRequest && start.u8(5) !== 0xd0) return undefined;
  const cookie = /^Cookie: mstshash=([ -~]{1,64})\r\n/.exec(start.text.slice(11))?.[1];
  const at = length - 8;
  const negotiates = at >= 11 && start.u8(at) >= 1 && start.u8(at) <= 3 && start.le16(at + 2) === 8;
  const wanted = negotiates ? start.le32(at + 4) : -1;
  if (wanted > 0x1f || (cookie === undefined && !negotiates)) return undefined;
  const chosen = negotiates && start.u8(at) < 3 ? (rdpProtocols[wanted & 3] ?? '') : '';
  const parts = [
    isRequest ? { en: 'connection request', ko: '연결 요청' } : { en: 'connection confirm', ko: '연결 확인' },
    ...(cookie === undefined ? [] : [{ en: `user ${cookie}`, ko: `사용자 ${cookie}` }]),
    ...(chosen === ''
      ? []
      : isRequest
        ? [{ en: `asks for ${chosen}`, ko: `${chosen} 요청` }]
        : [{ en: `chooses ${chosen}`, ko: `${chosen} 선택` }]),
  ];
  return inEach((language) => parts.map((part) => part[language]).join(', '));
}

function readTds(start: Start): SightingTitle | undefined {
  const [type, status, length] = [start.u8(0), start.u8(1), start.u16(2)];
  // The number of the packet, and a byte that is always zero.
  if (status !== 1 || length < 9 || start.length !== length || start.u8(7) !== 0) return undefined;
  if (type === 0x12 || (type === 0x04 && start.from === 'server')) {
    // The first option is the version, of six bytes.
    const isPrelogin = start.u8(8) === 0 && start.u16(9) < length && start.u16(11) === 6;
    return isPrelogin
      ? start.from === 'client'
        ? { en: 'pre-login', ko: '로그인 준비' }
        : { en: 'pre-login response', ko: '로그인 준비 응답' }
      : undefined;
  }
  if (type === 0x10 && start.from === 'client')
    return start.le32(8) === length - 8 ? { en: 'login', ko: '로그인' } : undefined;
  return undefined;
}

/** First marks of an answer: a result's columns, a row, an error, a state, an end. */
const tdsTokens: ReadonlySet<number> = new Set([0x79, 0x81, 0xaa, 0xab, 0xad, 0xe3, 0xfd, 0xfe, 0xff]);

/** In the middle of a session: a batch or a call from the client, and answers. */
function readTdsSession(start: Start): SightingTitle | undefined {
  const [type, status, length] = [start.u8(0), start.u8(1), start.u16(2)];
  if (length < 9 || start.u8(7) !== 0) return undefined;
  // Where the capture began late, the sides may be mistaken.
  if (type === 4)
    return status === 1 && start.length === length && start.u8(6) === 1 && tdsTokens.has(start.u8(8))
      ? { en: 'answer', ko: '응답' }
      : undefined;
  // Since SQL Server 2005 headers stand before it: their length, and that of the first.
  // The session may be set anew with it, and other packets may follow.
  if ((status & ~0x1d) !== 0 || !start.isLength(length)) return undefined;
  const isWhole = status === 1 && start.length === length;
  const hasHeaders = start.le32(8) === 22 && start.le32(12) === 18 && start.le16(16) === 2;
  const isText = isWhole && /^(?:[\t\n\r -~]\0){8}/.test(start.text.slice(8));
  if (type === 1) return hasHeaders || isText ? { en: 'batch', ko: '일괄 명령' } : undefined;
  // Known procedures have a number in place of a name.
  const isKnown = isWhole && start.le16(8) === 0xffff && start.le16(10) >= 1 && start.le16(10) <= 15;
  return type === 3 && (hasHeaders || isKnown) ? { en: 'call', ko: '호출' } : undefined;
}

const kafkaApis: Readonly<Record<number, string>> = {
  0: 'Produce',
  1: 'Fetch',
  2: 'ListOffsets',
  3: 'Metadata',
  10: 'FindCoordinator',
  17: 'SaslHandshake',
  18: 'ApiVersions',
  19: 'CreateTopics',
  36: 'SaslAuthenticate',
};

function readKafka(start: Start): SightingTitle | undefined {
  if (start.from === 'server') return undefined;
  const [length, api, version, name] = [start.u32(0), start.u16(4), start.u16(6), start.u16(12)];
  const client = start.printable(14, name);
  if (length < 10 + name || length > 100_000_000 || version > 20 || name < 1 || name > 200) return undefined;
  if (client === undefined || !start.isLength(length + 4) || !/^[\w .-]+$/.test(client)) return undefined;
  const known = kafkaApis[api];
  return known === undefined
    ? undefined
    : { en: `${known} v${version}, client ${client}`, ko: `${known} v${version}, 클라이언트 ${client}` };
}

const mongoOperations: Readonly<Record<number, string>> = {
  1: 'OP_REPLY',
  2004: 'OP_QUERY',
  2010: 'OP_COMMAND',
  2012: 'OP_COMPRESSED',
  2013: 'OP_MSG',
};

function readMongo(start: Start): string | undefined {
  const [length, answers, operation] = [start.le32(0), start.le32(8), start.le32(12)];
  const name = mongoOperations[operation];
  if (name === undefined || length < 26 || length > 48_000_000 || !start.isLength(length)) return undefined;
  if (start.from === 'client' && answers !== 0) return undefined;
  // Of a message the first section is a document, whose first name is the command's.
  const command = operation === 2013 && start.u8(20) === 0 ? start.zeroEnded(26) : undefined;
  if (operation === 2004 && !/^[\w.$]{3,}$/.test(start.zeroEnded(20) ?? '')) return undefined;
  return command !== undefined && /^\w{1,30}$/.test(command) ? `${name} ${command}` : name;
}

function readKerberos(start: Start): string | undefined {
  const length = start.u32(0);
  return length > 16 && length < 0x10_0000 && start.isLength(length + 4) ? kerberosIn(start, 4) : undefined;
}

export const streamRows: readonly Signature[] = [
  {
    id: 'smb',
    label: 'SMB',
    over: 'tcp',
    note: {
      en: 'files are plain unless SMB 3 encrypts; an NTLM login can be guessed offline',
      ko: 'SMB 3 암호화가 없으면 파일이 평문이며, NTLM 로그인은 오프라인에서 추측 가능',
    },
    read: readSmb,
  },
  {
    id: 'rdp',
    label: 'RDP',
    over: 'tcp',
    note: { en: 'the user in the cookie is plain', ko: '쿠키의 사용자 이름이 평문' },
    read: readRdp,
  },
  {
    id: 'tds',
    label: 'TDS (SQL Server)',
    over: 'tcp',
    note: {
      en: 'without encryption the password is only scrambled, which hides nothing',
      ko: '암호화가 없으면 비밀번호는 뒤섞기만 하므로 숨겨지지 않음',
    },
    read: (start) => readTds(start) ?? readTdsSession(start),
  },
  {
    id: 'kafka',
    label: 'Kafka',
    over: 'tcp',
    note: {
      en: 'without TLS messages are plain, and SASL PLAIN passwords',
      ko: 'TLS가 없으면 메시지와 SASL PLAIN 비밀번호가 평문',
    },
    read: readKafka,
  },
  {
    id: 'mongodb',
    label: 'MongoDB',
    over: 'tcp',
    note: {
      en: 'documents are plain; a SCRAM login can be guessed offline',
      ko: '문서가 평문이며 SCRAM 로그인은 오프라인에서 추측 가능',
    },
    read: readMongo,
  },
  { id: 'kerberos', label: 'Kerberos', over: 'tcp', read: readKerberos },
  { id: 'stun', label: 'STUN', over: 'both', read: stunIn },
];
