/**
 * `wirelab proxy`: a proxy between anybody's own client and server. Its options as rows; what they mean is
 * `proxy/settings.ts`, what runs `proxy/perform.ts`, how it is shown `proxy/headless.ts` and `proxy/on-screen.ts`.
 */
import type { Localized } from '../i18n/language.ts';
import type { Command, Environment, OptionTable, Parsed } from './command.ts';
import { maxPayloadOf, memoryOptions } from './io/memory.ts';
import { checkSecrets, fileOptions, isForScreen } from './io/outlets.ts';

const tlsVersions = ['1.0', '1.1', '1.2', '1.3'] as const;

const options: OptionTable = {
  mode: {
    heading: { en: 'What it is', ko: '종류와 주소' },
    value: 'plaintext|tls|mtls|passthrough|connect',
    choices: ['plaintext', 'tls', 'mtls', 'passthrough', 'connect'],
    help: {
      en: 'how clients are spoken to; passthrough sees what an eavesdropper sees, and so does connect, which gives a tunnel to the target (CONNECT)',
      ko: '클라이언트 쪽 보안. passthrough는 도청자와 같은 것만 봅니다. connect도 그렇고, 서버로 가는 터널(CONNECT)을 열어 줍니다',
    },
  },
  listen: {
    value: 'HOST:PORT',
    help: {
      en: 'where clients come to; port 0 takes a free one',
      ko: '클라이언트가 접속할 주소. 포트 0은 빈 포트를 고릅니다',
    },
  },
  target: { value: 'HOST:PORT', help: { en: 'the server behind it', ko: '뒤쪽 서버의 주소' } },
  http: {
    help: {
      en: 'read requests: forwarding headers are set, incoming ones removed; websockets pass',
      ko: 'HTTP 요청을 읽어 전달 헤더를 새로 쓰고 들어온 것은 지웁니다. 웹소켓도 통과합니다',
    },
  },
  cert: {
    heading: { en: 'The listener (tls, mtls)', ko: '리스너 (tls, mtls)' },
    value: 'FILE',
    help: {
      en: 'its certificate and chain, PEM, leaf first',
      ko: '리스너의 인증서와 체인(PEM, 서버 인증서가 먼저)',
    },
  },
  key: { value: 'FILE', help: { en: 'its private key, PEM', ko: '리스너의 개인 키(PEM)' } },
  cacert: {
    value: 'FILE',
    help: {
      en: 'mtls: the CAs that may vouch for a client, PEM',
      ko: 'mtls: 클라이언트 인증서를 발급한 CA(PEM)',
    },
  },
  crl: {
    value: 'FILE',
    many: true,
    help: { en: 'mtls: a revocation list of these CAs, PEM', ko: 'mtls: 그 CA의 인증서 폐기 목록(PEM)' },
  },
  'allow-cn': {
    value: 'NAME',
    many: true,
    help: {
      en: 'admit a client of this common name; rules are joined by or',
      ko: '이 일반 이름(CN)의 클라이언트를 허용. 규칙은 하나만 맞아도 됩니다',
    },
  },
  'allow-ou': {
    value: 'NAME',
    many: true,
    help: { en: 'admit a client of this organizational unit', ko: '이 조직 단위(OU)의 클라이언트를 허용' },
  },
  'allow-dns': {
    value: 'NAME',
    many: true,
    help: { en: 'admit a client with this DNS name', ko: '이 DNS 이름의 클라이언트를 허용' },
  },
  'allow-uri': {
    value: 'PATTERN',
    many: true,
    help: {
      en: 'admit a client with such a URI: * is one segment, ** at the end whatever follows',
      ko: '이 URI의 클라이언트를 허용. *는 한 구간, 끝의 **는 나머지 전부',
    },
  },
  'allow-all': {
    help: {
      en: 'admit every client with a certificate from --cacert',
      ko: '--cacert가 발급한 인증서라면 모두 허용',
    },
  },
  reject: {
    value: 'tls|http',
    choices: ['tls', 'http'],
    help: {
      en: 'how a refused client is told: a TLS alert (default), or 403 with the reason',
      ko: '거부를 알리는 방법: TLS 경보(기본값) 또는 사유를 담은 403',
    },
  },
  'min-tls': {
    value: '1.0|1.1|1.2|1.3',
    choices: tlsVersions,
    help: { en: 'the oldest version of TLS', ko: '허용할 가장 낮은 TLS 버전' },
  },
  'max-tls': {
    value: '1.0|1.1|1.2|1.3',
    choices: tlsVersions,
    help: { en: 'the newest version of TLS', ko: '허용할 가장 높은 TLS 버전' },
  },
  ciphers: {
    value: 'LIST',
    help: { en: 'a cipher list as OpenSSL writes it', ko: 'OpenSSL 형식의 암호 스위트 목록' },
  },
  alpn: {
    value: 'NAMES',
    help: { en: 'protocols to agree on, with commas', ko: 'ALPN 프로토콜 이름(쉼표로 구분)' },
  },
  'target-tls': {
    heading: { en: 'The second hop', ko: '두 번째 구간' },
    value: 'off|tls|mtls',
    choices: ['off', 'tls', 'mtls'],
    help: { en: 'how the server is spoken to (default: off)', ko: '서버 쪽 보안(기본값: off)' },
  },
  'target-cacert': {
    value: 'FILE',
    help: {
      en: 'the CAs that may vouch for the server (default: those that Node ships)',
      ko: '서버 인증서를 발급한 CA(기본값: Node에 들어 있는 루트)',
    },
  },
  'target-cert': {
    value: 'FILE',
    help: { en: 'mtls: the certificate that is shown to the server', ko: 'mtls: 서버에 제시할 인증서' },
  },
  'target-key': { value: 'FILE', help: { en: 'mtls: its private key', ko: 'mtls: 그 인증서의 개인 키' } },
  'verify-cn': {
    value: 'NAME',
    many: true,
    help: {
      en: 'the server must have one of these names too',
      ko: '서버 인증서에 이 이름 가운데 하나도 있어야 합니다',
    },
  },
  'verify-ou': {
    value: 'NAME',
    many: true,
    help: { en: 'the same for its organizational unit', ko: '조직 단위(OU)로 확인' },
  },
  'verify-dns': {
    value: 'NAME',
    many: true,
    help: { en: 'the same for a DNS name', ko: 'DNS 이름으로 확인' },
  },
  'verify-uri': { value: 'PATTERN', many: true, help: { en: 'the same for a URI', ko: 'URI로 확인' } },
  'target-alpn': {
    value: 'NAMES',
    help: {
      en: 'protocols to offer the server, with commas (default: the one agreed on with the client)',
      ko: '서버에 제안할 ALPN 프로토콜(쉼표로 구분, 기본값: 클라이언트와 합의한 것)',
    },
  },
  'override-server-name': {
    value: 'NAME',
    help: {
      en: 'ask for this name and verify it, instead of the one in --target',
      ko: '--target의 이름 대신 이 이름을 요청하고 검증',
    },
  },
  insecure: {
    short: 'k',
    help: {
      en: 'verify nothing about the server: whoever answers is believed',
      ko: '서버를 검증하지 않습니다. 누가 응답하든 믿게 됩니다',
    },
  },
  'handshake-timeout': {
    heading: { en: 'Limits', ko: '제한' },
    value: 'TIME',
    help: {
      en: "for a client's handshake (default: 10s)",
      ko: '클라이언트 핸드셰이크 제한 시간(기본값: 10s)',
    },
  },
  'connect-timeout': {
    value: 'TIME',
    help: {
      en: 'for reaching the server, its handshake included (default: 10s)',
      ko: '서버 연결과 핸드셰이크 제한 시간(기본값: 10s)',
    },
  },
  'close-timeout': {
    value: 'TIME',
    help: {
      en: 'for one side after the other has ended (default: none)',
      ko: '한쪽이 끝낸 뒤 다른 쪽에 남는 시간(기본값: 없음)',
    },
  },
  'request-timeout': {
    value: 'TIME',
    help: {
      en: "http: for the head and body of a client's request (default: 30s)",
      ko: 'http: 클라이언트 요청의 헤더와 본문 제한 시간(기본값: 30s)',
    },
  },
  'response-timeout': {
    value: 'TIME',
    help: {
      en: 'http: for the head of an answer (default: 30s)',
      ko: 'http: 응답 헤더 제한 시간(기본값: 30s)',
    },
  },
  'idle-timeout': {
    value: 'TIME',
    help: { en: 'http: between two requests of a client', ko: 'http: 요청과 요청 사이의 제한 시간' },
  },
  'shutdown-timeout': {
    value: 'TIME',
    help: {
      en: 'for what is open when a signal ends it (default: 10s)',
      ko: '종료 신호를 받은 뒤 열린 연결에 남는 시간(기본값: 10s)',
    },
  },
  'max-concurrent-conns': {
    value: 'N',
    help: {
      en: 'serve at most N clients at a time; others wait, and connections without data are closed to make room for them',
      ko: '동시에 이만큼만 연결을 처리하고 나머지는 기다리게 합니다. 데이터가 오가지 않는 연결은 기다리는 연결을 위해 닫습니다',
    },
  },
  'unsafe-listen': {
    help: { en: 'listen on another address than loopback', ko: '루프백이 아닌 주소에서도 연결을 받습니다' },
  },
  'unsafe-target': { help: { en: 'connect to another machine', ko: '다른 컴퓨터의 서버에도 연결합니다' } },
  ...withHeading({ en: 'What is shown and kept', ko: '출력과 저장' }, fileOptions),
  ...memoryOptions,
  status: {
    value: 'HOST:PORT',
    help: { en: 'serve /_status and /_metrics there', ko: '/_status와 /_metrics를 이 주소로 제공' },
  },
  json: { help: { en: 'a JSON object per line', ko: '한 줄에 JSON 객체 하나씩 출력' } },
  'no-tui': { help: { en: 'told as lines, without the screen', ko: '화면 없이 줄 단위로 출력' } },
  ascii: { help: { en: 'draw with ASCII only', ko: 'ASCII 문자로만 그리기' } },
};

function withHeading(heading: Localized, table: OptionTable): OptionTable {
  return Object.fromEntries(
    Object.entries(table).map(([name, row], index) => [name, index === 0 ? { ...row, heading } : row]),
  );
}

export const proxy: Command = {
  summary: {
    en: 'put a proxy between a client and a server of your own',
    ko: '내 클라이언트와 서버 사이에 프록시를 둡니다',
  },
  operands: '--mode KIND --listen HOST:PORT --target HOST:PORT [...]',
  options,
  examples: [
    {
      line: './wirelab proxy --mode plaintext --listen 127.0.0.1:9000 --target 127.0.0.1:8080 --http',
      does: { en: 'see what a plaintext client gives away', ko: '평문 클라이언트가 무엇을 흘리는지 봅니다' },
    },
    {
      line: './wirelab proxy --mode mtls --listen 127.0.0.1:8443 --target 127.0.0.1:8080 --cert server.crt --key server.key --cacert clients-ca.crt --allow-cn alice',
      does: {
        en: 'ask every client for a certificate, admit alice',
        ko: '모든 클라이언트에 인증서를 요구하고 alice만 허용합니다',
      },
    },
    {
      line: './wirelab proxy --mode passthrough --listen 127.0.0.1:9443 --target 127.0.0.1:8443 -w seen.pcapng',
      does: {
        en: 'watch TLS as an eavesdropper, and keep it for Wireshark',
        ko: '도청자의 눈으로 TLS를 보고 Wireshark용으로 저장합니다',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 2 a mistake in an option, a file or an address, 130 and 143 ended by a signal. SIGHUP reads certificates, CAs and revocation lists anew; so does a change of the files.',
    ko: '종료 코드: 2는 옵션이나 파일, 주소에 잘못이 있음, 130과 143은 시그널로 종료됨. SIGHUP을 받거나 파일이 바뀌면 인증서, CA, 폐기 목록을 다시 읽습니다.',
  },
  run: runProxy,
};

async function runProxy(parsed: Parsed, environment: Environment): Promise<number> {
  const { readSettings } = await import('./proxy/settings.ts');
  const settings = readSettings(parsed);
  checkSecrets('proxy', parsed);
  maxPayloadOf(parsed, 'proxy');
  if (isForScreen(parsed, environment))
    return (await import('./proxy/on-screen.ts')).performOnScreen(settings, parsed, environment);
  return (await import('./proxy/headless.ts')).performHeadless(settings, parsed, environment);
}
