/** Protocols of lines of text, and those that begin with a word. */
import type { Start } from './start.ts';
import type { Sighting, Signature, SightingTitle } from './signature.ts';

/** What stands in the first place of a pattern. */
const found = ({ text }: Start, pattern: RegExp): string | undefined => {
  const match = pattern.exec(text);
  return match ? (match[1] ?? '').trim().slice(0, 60) : undefined;
};

const sipMethods =
  'INVITE|REGISTER|OPTIONS|ACK|BYE|CANCEL|SUBSCRIBE|NOTIFY|MESSAGE|INFO|PRACK|UPDATE|REFER|PUBLISH';

function readIrc({ text, from }: Start): Sighting | string | undefined {
  if (from === 'server') return /^:[!-~]+ (NOTICE|PRIVMSG|JOIN|\d{3}) [^\r\n]*\r?\n/.exec(text)?.[1];
  const pass = /^PASS :?(\S+)\r?\n(?:CAP|NICK|USER) /.exec(text);
  const password = pass?.[1];
  if (password !== undefined) {
    const start = text.indexOf(password, 5);
    return { title: 'PASS', secret: { name: 'PASS', start, end: start + password.length } };
  }
  return (
    /^(CAP LS(?: \d+)?|NICK \S+|(?:JOIN|PART) [#&][!-~]+)\r?\n/.exec(text)?.[1] ??
    /^(USER \S+) \S+ \S+ :[^\r\n]*\r?\n/.exec(text)?.[1] ??
    /^(PRIVMSG [#&!-~]+) :[^\r\n]*\r?\n/.exec(text)?.[1]
  );
}

/** A lone password: a capture that began in the middle of a login does not say of which. */
function readPass({ text, from }: Start): Sighting | undefined {
  const password = from === 'client' ? /^PASS ([!-~]{1,128})\r\n$/i.exec(text)?.[1] : undefined;
  return password === undefined
    ? undefined
    : { title: '', secret: { name: 'PASS', start: 5, end: 5 + password.length } };
}

const amqpVersions: Readonly<Record<string, string>> = {
  '\0\0\u0009\u0001': '0-9-1',
  '\u0001\u0001\0\u000a': '0-10',
  '\u0001\u0001\u0008\0': '0-8',
  '\0\u0001\0\0': '1.0',
  '\u0002\u0001\0\0': '1.0, TLS follows',
  '\u0003\u0001\0\0': '1.0, SASL follows',
};

/** In the middle of a connection of AMQP 0-9-1: a method of a known class, or the head of a message, and the mark of its end. */
function readAmqpFrame(start: Start): SightingTitle | undefined {
  const [type, size, kind] = [start.u8(0), start.u32(3), start.u16(7)];
  if ((type !== 1 && type !== 2) || start.u8(7 + size) !== 0xce || size < 4) return undefined;
  if (type === 2) return kind === 60 && start.u16(9) === 0 ? { en: 'content', ko: '내용' } : undefined;
  const isMethod = [10, 20, 40, 50, 60, 85, 90].includes(kind) && start.u16(9) >= 10 && start.u16(9) <= 120;
  return isMethod ? { en: 'method', ko: '메서드' } : undefined;
}

const zooKeeperWords = /^(ruok|stat|mntr|srvr|envi|conf|isro|dump|cons|wchs)\n?$/;

export const textRows: readonly Signature[] = [
  {
    id: 'ssh',
    label: 'SSH',
    over: 'tcp',
    note: {
      en: 'the versions are plain, then keys of its own encrypt it',
      ko: '버전만 평문이며 그 뒤는 SSH의 키로 암호화됨',
    },
    read: (start) => found(start, /^SSH-((?:1\.\d+|2\.0)-[ -~]{1,250})\r?\n/),
  },
  {
    id: 'vnc',
    label: 'VNC (RFB)',
    over: 'tcp',
    note: {
      en: 'screen and keys are plain unless TLS follows',
      ko: 'TLS가 뒤따르지 않으면 화면과 키 입력이 평문',
    },
    read: (start) => found(start, /^RFB (00[3-5]\.\d{3})\n$/),
  },
  { id: 'rsync', label: 'rsync', over: 'tcp', read: (start) => found(start, /^@RSYNCD: (\d\d\.\d)[ -~]*\n/) },
  {
    id: 'git',
    label: 'git',
    over: 'tcp',
    note: { en: 'the repository is plain and unauthenticated', ko: '저장소 내용이 평문이며 인증이 없음' },
    read: (start) =>
      found(start, /^[0-9a-f]{4}(git-(?:upload-pack|receive-pack|upload-archive) [!-~]+)\0(?:host=|\0)/),
  },
  {
    id: 'irc',
    label: 'IRC',
    over: 'tcp',
    note: { en: 'everything is plain', ko: '모두 평문' },
    read: readIrc,
  },
  {
    id: 'pass_command',
    label: 'PASS',
    over: 'tcp',
    note: { en: 'a password in clear, of FTP, POP3 or IRC', ko: 'FTP, POP3, IRC 중 하나의 평문 비밀번호' },
    read: readPass,
  },
  {
    id: 'xmpp',
    label: 'XMPP',
    over: 'tcp',
    read: ({ text }) =>
      /^\s*(?:<\?xml[^>]{0,80}\?>\s*)?<stream:stream\b/.test(text) &&
      /xmlns(?::stream)?=['"](?:jabber:|http:\/\/etherx)/.test(text)
        ? `stream ${/\bto=['"]([^'"]{1,60})/.exec(text)?.[1] ?? ''}`.trim()
        : undefined,
  },
  {
    id: 'sip',
    label: 'SIP',
    over: 'both',
    note: { en: 'who calls whom is plain', ko: '누가 누구에게 거는지 평문' },
    read: (start) =>
      found(start, new RegExp(`^((?:${sipMethods}) \\S{1,200}) SIP/2\\.0\\r\\n`)) ??
      found(start, /^SIP\/2\.0 (\d{3} [^\r\n]*)\r\n/),
  },
  {
    id: 'rtsp',
    label: 'RTSP',
    over: 'tcp',
    read: (start) =>
      found(start, /^([A-Z_]{4,14} \S{1,200}) RTSP\/[12]\.0\r\n/) ??
      found(start, /^RTSP\/[12]\.0 (\d{3} [^\r\n]*)\r\n/),
  },
  {
    id: 'ssdp',
    label: 'SSDP',
    over: 'udp',
    read: (start) => found(start, /^(M-SEARCH \*|NOTIFY \*|HTTP\/1\.1 200 OK)(?: HTTP\/1\.[01])?\r\n/),
  },
  {
    id: 'memcached',
    label: 'Memcached',
    over: 'tcp',
    note: { en: 'everything is plain, usually without a login', ko: '모두 평문이며 대개 로그인이 없음' },
    read: (start) =>
      start.from === 'client'
        ? (found(start, /^(gets? [!-~]{1,250})(?: [!-~]{1,250})*\r\n/) ??
          found(
            start,
            /^((?:set|add|replace|append|prepend) [!-~]{1,250}) \d{1,10} -?\d{1,10} \d{1,10}(?: noreply)?\r\n/,
          ) ??
          found(
            start,
            /^((?:incr|decr) [!-~]{1,250} \d{1,20}|delete [!-~]{1,250}|stats(?: [a-z]+)?|version|flush_all)(?: noreply)?\r\n/,
          ))
        : undefined,
  },
  {
    id: 'syslog',
    label: 'syslog',
    over: 'both',
    read: ({ text }) => {
      const match =
        /^(?:\d{1,5} )?<(\d{1,3})>(?:1 (?:-|\d{4}-\d\d-\d\dT)|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |\d{1,10}: (?:[\w.-]{1,64}: )?(?:\[syslog@9 [^\]]{0,60}\]: )?(?:[*.]?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|<ios-log-msg>))/.exec(
          text,
        );
      return match && Number(match[1]) <= 191 ? '' : undefined;
    },
  },
  {
    id: 'nntp',
    label: 'NNTP',
    over: 'tcp',
    read: (start) =>
      start.from === 'server'
        ? found(start, /^(20[01] [^\r\n]*\b(?:NNTP|InterNetNews|NNRP)\b[^\r\n]*)\r\n/i)
        : undefined,
  },
  {
    id: 'fix',
    label: 'FIX',
    over: 'tcp',
    note: { en: 'orders and passwords are plain', ko: '주문과 비밀번호가 평문' },
    read: (start) => found(start, /^8=FIXT?\.(\d\.\d)\u00019=\d{1,6}\u000135=/),
  },
  {
    id: 'amqp',
    label: 'AMQP',
    over: 'tcp',
    note: { en: 'the password is plain where SASL PLAIN is used', ko: 'SASL PLAIN이면 비밀번호가 평문' },
    read: (start) => (start.says(0, 'AMQP') ? amqpVersions[start.text.slice(4, 8)] : readAmqpFrame(start)),
  },
  {
    id: 'bittorrent',
    label: 'BitTorrent',
    over: 'both',
    read: ({ text }) =>
      text.startsWith('\u0013BitTorrent protocol')
        ? { en: 'handshake', ko: '핸드셰이크' }
        : text.startsWith('BT-SEARCH * HTTP/1.1\r\n')
          ? { en: 'local search', ko: '로컬 검색' }
          : /^d1:[arv](?:d2:id20:|4:)/.test(text) && /1:y1:[qr]e?/.test(text)
            ? 'DHT'
            : undefined,
  },
  {
    id: 'telnet',
    label: 'Telnet',
    over: 'tcp',
    note: { en: 'everything is plain, the password too', ko: '비밀번호까지 모두 평문' },
    read: ({ text }) =>
      /^(?:\xff[\xfb-\xfe][\x00-\x31]){2}/.test(text) ? { en: 'negotiation', ko: '협상' } : undefined,
  },
  {
    id: 'zookeeper',
    label: 'ZooKeeper',
    over: 'tcp',
    read: (start) => {
      const { text, from } = start;
      if (from !== 'client') return undefined;
      const word = zooKeeperWords.exec(text)?.[1];
      if (word !== undefined) return word;
      // A length, version 0, and behind a session a password of sixteen bytes.
      const isConnect =
        (start.u32(0) === 44 || start.u32(0) === 45) &&
        start.u32(4) === 0 &&
        start.u32(28) === 16 &&
        start.u32(16) > 0;
      return isConnect ? { en: 'connect', ko: '연결' } : undefined;
    },
  },
  {
    id: 'zabbix',
    label: 'Zabbix',
    over: 'tcp',
    read: ({ text }) => (/^ZBXD[\u0001-\u0007]/.test(text) ? '' : undefined),
  },
  {
    id: 'whois',
    label: 'WHOIS',
    over: 'tcp',
    read: (start) =>
      start.from === 'server' ? found(start, /^[%#] ?([^\r\n]*\bWHOIS\b[^\r\n]*)\r?\n/i) : undefined,
  },
  {
    id: 'checkmk',
    label: 'Checkmk agent',
    over: 'tcp',
    note: { en: 'all about the machine is plain', ko: '시스템 정보가 모두 평문' },
    read: (start) => (start.from === 'server' && start.says(0, '<<<check_mk>>>\n') ? '' : undefined),
  },
  {
    id: 'tinc',
    label: 'tinc',
    over: 'tcp',
    read: (start) => found(start, /^0 (\w{1,60}) 17(?:\.\d+)?(?: \d+)?\n/),
  },
  { id: 'ceph', label: 'Ceph', over: 'tcp', read: (start) => found(start, /^ceph (v\d+)/) },
  {
    id: 'hadoop',
    label: 'Hadoop RPC',
    over: 'tcp',
    read: ({ text }) => (/^hrpc[\u0007-\u0009]\0/.test(text) ? '' : undefined),
  },
  {
    id: 'java_rmi',
    label: 'Java RMI',
    over: 'tcp',
    read: ({ text }) => (/^JRMI\0[\u0001\u0002][KLM]/.test(text) ? '' : undefined),
  },
];
