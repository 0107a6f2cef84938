/**
 * Declares `wirelab proxy`: a proxy between the user's own client and server. The options are rows; `proxy/settings.ts`
 * interprets them, `proxy/perform.ts` runs the proxy, `proxy/headless.ts` and `proxy/on-screen.ts` show it.
 */
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import { UserError } from '../i18n/user-error.ts';
import { starttlsNames } from '../wire/starttls/protocols.ts';
import { proxyKindNames, proxyKinds } from '../proxy/kinds.ts';
import { signalExits } from './command.ts';
import type { Command, Environment, OptionTable, Parsed } from './command.ts';
import { filterOption } from './io/filter-option.ts';
import { httpOptions } from './io/http-options.ts';
import { maxPayloadOf, memoryOptions } from './io/memory.ts';
import { tlsVersions } from './proxy/setting-values.ts';
import { checkSecrets, fileOptions, isForScreen } from './io/outlets.ts';
import { protoOption, useProtoFiles } from './io/proto-files.ts';
import { pageOption } from './run/page/file.ts';
import { saveOption } from './run/replay/save.ts';
import { screenOptions } from './io/screen-options.ts';

const howClientsConnect: Localized = { en: 'how clients connect', ko: '클라이언트가 접속하는 방식' };

const options: OptionTable = {
  mode: {
    heading: { en: 'Mode and addresses', ko: '종류와 주소' },
    value: proxyKindNames.join('|'),
    choices: proxyKindNames,
    help: inEach((language) => {
      const rows = proxyKindNames.map((name) => `${name}: ${proxyKinds[name].about[language]}`).join('; ');
      return `${howClientsConnect[language]}. ${rows}`;
    }),
  },
  listen: {
    value: 'HOST:PORT',
    help: {
      en: 'the address to listen on; port 0 selects a free one',
      ko: '클라이언트가 접속할 주소. 포트 0은 빈 포트를 고릅니다',
    },
  },
  target: { value: 'HOST:PORT', help: { en: 'the address of the server', ko: '뒤쪽 서버의 주소' } },
  targets: {
    value: 'FILE',
    help: {
      en: 'several servers, by the server name (SNI) or the host of the tunnel (connect) that the client requests, YAML',
      ko: '클라이언트가 요청한 서버 이름(SNI)이나 터널의 호스트(connect)에 따라 고를 여러 서버(YAML)',
    },
  },
  config: {
    value: 'FILE',
    help: {
      en: 'read options from a YAML file (mode: tls …); options given here take precedence',
      ko: '옵션을 YAML 파일에서 읽습니다(mode: tls …). 여기에 직접 쓴 옵션이 우선합니다',
    },
  },
  http: {
    help: {
      en: 'process HTTP requests: forwarding headers are set, incoming ones removed; WebSockets are forwarded',
      ko: 'HTTP 요청을 읽어 전달 헤더를 새로 쓰고 들어온 것은 지웁니다. WebSocket도 통과합니다',
    },
  },
  'proxy-protocol': {
    value: 'in|out|both',
    choices: ['in', 'out', 'both'],
    help: {
      en: 'PROXY protocol: require a header from the load balancer in front (in), send one to the server (out)',
      ko: 'PROXY 프로토콜. 앞쪽 로드 밸런서의 헤더를 요구하고(in), 서버에 헤더를 보냅니다(out)',
    },
  },
  'proxy-protocol-version': {
    value: '1|2',
    choices: ['1', '2'],
    help: {
      en: 'the version of the header sent to the server (default: 2); both are accepted from clients',
      ko: '서버에 보내는 헤더의 버전(기본값: 2). 받을 때는 둘 다 허용합니다',
    },
  },
  cert: {
    heading: { en: 'Listener (tls, mtls)', ko: '리스너 (tls, mtls)' },
    value: 'FILE',
    help: {
      en: 'the listener’s certificate and chain, PEM, leaf first',
      ko: '리스너의 인증서와 체인(PEM, 서버 인증서가 먼저)',
    },
  },
  key: { value: 'FILE', help: { en: 'the listener’s private key, PEM', ko: '리스너의 개인 키(PEM)' } },
  cacert: {
    value: 'FILE',
    help: {
      en: 'mtls: the trusted CAs for client certificates, PEM',
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
      en: 'admit clients with this common name; one matching rule suffices',
      ko: '이 일반 이름(CN)의 클라이언트를 허용. 규칙은 하나만 맞아도 됩니다',
    },
  },
  'allow-ou': {
    value: 'NAME',
    many: true,
    help: { en: 'admit clients of this organizational unit', ko: '이 조직 단위(OU)의 클라이언트를 허용' },
  },
  'allow-dns': {
    value: 'NAME',
    many: true,
    help: { en: 'admit clients with this DNS name', ko: '이 DNS 이름의 클라이언트를 허용' },
  },
  'allow-uri': {
    value: 'PATTERN',
    many: true,
    help: {
      en: 'admit clients with a matching URI: * is one segment, ** at the end any rest',
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
      en: 'how to refuse a client: a TLS alert (default), or 403 with the reason',
      ko: '거부를 알리는 방법: TLS 알림(Alert, 기본값) 또는 사유를 담은 403',
    },
  },
  'min-tls': {
    value: '1.0|1.1|1.2|1.3',
    choices: tlsVersions,
    help: { en: 'the lowest allowed TLS version', ko: '허용할 가장 낮은 TLS 버전' },
  },
  'max-tls': {
    value: '1.0|1.1|1.2|1.3',
    choices: tlsVersions,
    help: { en: 'the highest allowed TLS version', ko: '허용할 가장 높은 TLS 버전' },
  },
  ciphers: {
    value: 'LIST',
    help: { en: 'cipher suites in OpenSSL’s list format', ko: 'OpenSSL 형식의 암호 스위트 목록' },
  },
  alpn: {
    value: 'NAMES',
    help: { en: 'ALPN protocols, comma-separated', ko: 'ALPN 프로토콜 이름(쉼표로 구분)' },
  },
  starttls: {
    value: starttlsNames.join('|'),
    choices: starttlsNames,
    help: {
      en: 'begin TLS when the client requests it in this protocol; nothing else is admitted before',
      ko: '클라이언트가 이 프로토콜로 TLS를 요청하면 그때 시작합니다. 그 전에는 다른 것을 허용하지 않습니다',
    },
  },
  'target-tls': {
    heading: { en: 'Connection to the server', ko: '서버 쪽 연결' },
    value: 'off|tls|mtls',
    choices: ['off', 'tls', 'mtls'],
    help: { en: 'security towards the server (default: off)', ko: '서버 쪽 보안(기본값: off)' },
  },
  'target-cacert': {
    value: 'FILE',
    help: {
      en: 'the trusted CAs for the server (default: the roots bundled with Node)',
      ko: '서버 인증서를 발급한 CA(기본값: Node에 들어 있는 루트)',
    },
  },
  'target-cert': {
    value: 'FILE',
    help: { en: 'mtls: the client certificate to present to the server', ko: 'mtls: 서버에 제시할 인증서' },
  },
  'target-key': {
    value: 'FILE',
    help: { en: 'mtls: the private key of that certificate', ko: 'mtls: 그 인증서의 개인 키' },
  },
  'verify-cn': {
    value: 'NAME',
    many: true,
    help: {
      en: 'additionally require one of these common names in the server certificate',
      ko: '서버 인증서에 이 이름 가운데 하나도 있어야 합니다',
    },
  },
  'verify-ou': {
    value: 'NAME',
    many: true,
    help: { en: 'the same for the organizational unit', ko: '조직 단위(OU)로 확인' },
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
      en: 'ALPN protocols to offer the server, comma-separated (default: the one negotiated with the client)',
      ko: '서버에 제안할 ALPN 프로토콜(쉼표로 구분, 기본값: 클라이언트와 합의한 것)',
    },
  },
  'target-starttls': {
    value: starttlsNames.join('|'),
    choices: starttlsNames,
    help: {
      en: 'request TLS from the server in this protocol',
      ko: '서버에 이 프로토콜로 TLS를 요청합니다',
    },
  },
  'override-server-name': {
    value: 'NAME',
    help: {
      en: 'request and verify this server name instead of the one in --target',
      ko: '--target의 이름 대신 이 이름을 요청하고 검증',
    },
  },
  insecure: {
    short: 'k',
    help: {
      en: 'do not verify the server: any server is trusted',
      ko: '서버를 검증하지 않습니다. 누가 응답하든 믿게 됩니다',
    },
  },
  'handshake-timeout': {
    heading: { en: 'Limits', ko: '제한' },
    value: 'TIME',
    help: {
      en: "time limit for a client's handshake (default: 10s; 2m once it was asked for a certificate)",
      ko: '클라이언트 핸드셰이크 제한 시간(기본값: 10s, 인증서를 요청받은 뒤에는 2m)',
    },
  },
  'connect-timeout': {
    value: 'TIME',
    help: {
      en: 'time limit for connecting to the server, including the handshake (default: 10s)',
      ko: '서버 연결과 핸드셰이크 제한 시간(기본값: 10s)',
    },
  },
  'close-timeout': {
    value: 'TIME',
    help: {
      en: 'time limit for one side after the other has closed (default: none)',
      ko: '한쪽이 끝낸 뒤 다른 쪽에 남는 시간(기본값: 없음)',
    },
  },
  'request-timeout': {
    value: 'TIME',
    help: {
      en: "http: time limit for a client's request, head and body (default: 30s)",
      ko: 'http: 클라이언트 요청의 헤더와 본문 제한 시간(기본값: 30s)',
    },
  },
  'response-timeout': {
    value: 'TIME',
    help: {
      en: 'http: time limit for the head of a response (default: 30s)',
      ko: 'http: 응답 헤더 제한 시간(기본값: 30s)',
    },
  },
  'idle-timeout': {
    value: 'TIME',
    help: {
      en: 'http: idle time between two requests of a client',
      ko: 'http: 요청과 요청 사이의 제한 시간',
    },
  },
  'shutdown-timeout': {
    value: 'TIME',
    help: {
      en: 'time for open connections to finish after a signal (default: 10s)',
      ko: '종료 신호를 받은 뒤 열린 연결에 남는 시간(기본값: 10s)',
    },
  },
  'max-concurrent-conns': {
    value: 'N',
    help: {
      en: 'serve at most N connections at a time; others wait, and connections without data are closed to make room',
      ko: '동시에 이만큼만 연결을 처리하고 나머지는 기다리게 합니다. 데이터가 오가지 않는 연결은 기다리는 연결을 위해 닫습니다',
    },
  },
  'unsafe-listen': {
    help: {
      en: 'allow listening on an address other than loopback',
      ko: '루프백이 아닌 주소에서도 연결을 받습니다',
    },
  },
  'unsafe-target': {
    help: { en: 'allow connecting to another machine', ko: '다른 컴퓨터의 서버에도 연결합니다' },
  },
  ...withHeading({ en: 'Output', ko: '출력과 저장' }, fileOptions),
  ...pageOption,
  ...saveOption,
  ...protoOption,
  ...filterOption,
  ...httpOptions,
  stats: {
    help: {
      en: 'print statistics when the proxy ends instead of every event',
      ko: '이벤트를 나열하는 대신, 프록시가 끝날 때 통계를 출력합니다',
    },
  },
  ...memoryOptions,
  status: {
    value: 'HOST:PORT',
    help: { en: 'serve /_status and /_metrics on this address', ko: '/_status와 /_metrics를 이 주소로 제공' },
  },
  json: { help: { en: 'one JSON object per line', ko: '한 줄에 JSON 객체 하나씩 출력' } },
  quiet: {
    short: 'q',
    help: {
      en: 'as text: print only failed connections, readable credentials and problems',
      ko: '줄 단위 출력에서 실패한 연결과 읽을 수 있는 비밀번호, 문제만 표시',
    },
  },
  verbose: {
    short: 'v',
    help: {
      en: 'as text: print every message with its fields',
      ko: '줄 단위 출력에서 모든 메시지를 필드와 함께 표시',
    },
  },
  'no-tui': { help: { en: 'plain text, no UI', ko: '화면 없이 줄 단위로 출력' } },
  ascii: { help: { en: 'use only ASCII characters', ko: 'ASCII 문자로만 그리기' } },
  ...screenOptions,
};

function withHeading(heading: Localized, table: OptionTable): OptionTable {
  return Object.fromEntries(
    Object.entries(table).map(([name, row], index) => [name, index === 0 ? { ...row, heading } : row]),
  );
}

export const proxy: Command = {
  summary: {
    en: 'run a proxy between your own client and server',
    ko: '내 클라이언트와 서버 사이에 프록시를 둡니다',
  },
  operands: '--mode KIND --listen HOST:PORT --target HOST:PORT [...]',
  options,
  examples: [
    {
      line: './wirelab proxy --mode plaintext --listen 127.0.0.1:9000 --target 127.0.0.1:8080 --http',
      does: { en: 'see what a plaintext client reveals', ko: '평문 클라이언트가 무엇을 흘리는지 봅니다' },
    },
    {
      line: './wirelab proxy --mode mtls --listen 127.0.0.1:8443 --target 127.0.0.1:8080 --cert server.crt --key server.key --cacert clients-ca.crt --allow-cn alice',
      does: {
        en: 'require a client certificate and admit only alice',
        ko: '모든 클라이언트에 인증서를 요구하고 alice만 허용합니다',
      },
    },
    {
      line: './wirelab proxy --mode passthrough --listen 127.0.0.1:9443 --target 127.0.0.1:8443 -w seen.pcapng',
      does: {
        en: 'watch TLS as an eavesdropper sees it, and save it for Wireshark',
        ko: '도청자의 눈으로 TLS를 보고 Wireshark용으로 저장합니다',
      },
    },
  ],
  exits: {
    en: `Exit codes: 2 error in an option, a file or an address; ${signalExits.en}. Certificates, CAs and revocation lists are reloaded on SIGHUP and when the files change.`,
    ko: `종료 코드: 2는 옵션이나 파일, 주소에 잘못이 있음, ${signalExits.ko}. SIGHUP을 받거나 파일이 바뀌면 인증서, CA, 폐기 목록을 다시 읽습니다.`,
  },
  run: runProxy,
};

async function runProxy(given: Parsed, environment: Environment): Promise<number> {
  const { readSettings } = await import('./proxy/settings.ts');
  const hasFiles = given.text('config') !== undefined || given.text('targets') !== undefined;
  const parsed = hasFiles ? await (await import('./proxy/config.ts')).withFiles(given, options) : given;
  const settings = readSettings(parsed);
  checkSecrets('proxy', parsed);
  maxPayloadOf(parsed, 'proxy');
  if (parsed.text('filter') !== undefined) (await import('./io/read-filter.ts')).filterOf(parsed);
  checkDetail(parsed, isForScreen(parsed, environment));
  await useProtoFiles(parsed);
  if (isForScreen(parsed, environment))
    return (await import('./proxy/on-screen.ts')).performOnScreen(settings, parsed, environment);
  return (await import('./proxy/headless.ts')).performHeadless(settings, parsed, environment);
}

/** @throws UserError for -q or -v where nothing is printed as text, and for both. */
function checkDetail(parsed: Parsed, isOnScreen: boolean): void {
  const [given, other] = (['quiet', 'verbose'] as const).filter((name) => parsed.flag(name));
  if (given === undefined || (other === undefined && !isOnScreen && !parsed.flag('json'))) return;
  throw new UserError({
    what: other
      ? {
          en: '--quiet and --verbose contradict each other',
          ko: '--quiet와 --verbose는 함께 쓸 수 없습니다',
        }
      : {
          en: `--${given} is about output as text`,
          ko: `--${given} 옵션은 줄 단위 출력에만 쓰입니다`,
        },
    where: 'wirelab proxy',
    expected: other
      ? { en: 'one of them', ko: '둘 중 하나만' }
      : { en: '--no-tui as well, and no --json', ko: '--no-tui를 함께 쓰고 --json은 빼기' },
    received: `--${given}`,
  });
}
