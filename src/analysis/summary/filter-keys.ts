/**
 * The keys of a filter: what each asks of a connection, and in which unit. One table: the parser, the documentation, completions
 * and the messages of errors are made from it.
 *
 * What is still to come of an open connection is not known: a fact that was seen holds, one that was not is undefined until the
 * connection is over.
 */
import { BlockList, isIP } from 'node:net';
import type { Localized } from '../../i18n/language.ts';
import { streamOf } from '../../capture/stream-number.ts';
import { causeIn, isFailed, isRefused, nameIn } from './connection-summary.ts';
import type { ConnectionSummary } from './connection-summary.ts';

export type Unit = 'none' | 'bytes' | 'time';

interface KeyWords {
  readonly help: Localized;
  readonly example: string;
}

/** Compares texts: `=` whole, with `*` for any letters, `~` a part; letters of either case alike. */
export interface TextKey extends KeyWords {
  readonly kind: 'text';
  /** What it has of that; another value may still come unless `isFinal`. */
  readonly values: (summary: ConnectionSummary) => readonly string[];
  readonly isFinal?: (summary: ConnectionSummary) => boolean;
  /** A comparison of its own for `=`. */
  readonly equals?: (value: string, wanted: string) => boolean;
}

/** Compares numbers: bytes, microseconds, or as they are. */
export interface NumberKey extends KeyWords {
  readonly kind: 'number';
  readonly unit: Unit;
  readonly values: (summary: ConnectionSummary) => readonly number[];
  readonly isFinal?: (summary: ConnectionSummary) => boolean;
  /** The value only grows until the connection is over. */
  readonly grows?: true;
}

/** Stands alone: it is so, it is not, or it is not known yet. */
export interface FlagKey extends KeyWords {
  readonly kind: 'flag';
  readonly holds: (summary: ConnectionSummary) => boolean | undefined;
}

export type FilterKey = TextKey | NumberKey | FlagKey;

const list = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);

const seen = (summary: ConnectionSummary, isSeen: boolean): boolean | undefined =>
  isSeen || (summary.isOver ? false : undefined);

const always = (): boolean => true;

/** Of an address written in any form, and of networks (`10.0.0.0/8`). */
function isAddress(value: string, wanted: string): boolean {
  const [network = '', length] = wanted.split('/');
  const family = isIP(network);
  const own = isIP(value);
  if (family === 0 || own === 0) return value.toLowerCase() === wanted.toLowerCase();
  if (family !== own) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const most = family === 4 ? 32 : 128;
  const bits = length === undefined ? most : Number(length);
  if (!Number.isInteger(bits) || bits < 0 || bits > most) return false;
  const block = new BlockList();
  block.addSubnet(network, bits, type);
  return block.check(value, type);
}

const withoutPrefix = (text: string): string => text.toLowerCase().replace(/^(tls|ssl|dtls) ?v?/, '');

export const filterKeys = {
  name: {
    kind: 'text',
    values: (one) => [...list(one.sni), ...one.hosts, ...one.asked],
    help: {
      en: 'the name that the client asked for: SNI, Host, or a query of DNS',
      ko: '클라이언트가 요청한 이름: SNI, Host 또는 DNS 질의',
    },
    example: 'name=shop.localhost',
  },
  sni: {
    kind: 'text',
    values: ({ sni }) => list(sni),
    isFinal: ({ sni }) => sni !== undefined,
    help: { en: 'the server name in the ClientHello', ko: 'ClientHello에 담긴 서버 이름' },
    example: 'sni=*.example.com',
  },
  host: {
    kind: 'text',
    values: ({ hosts }) => hosts,
    help: { en: 'the host of a request', ko: '요청의 호스트' },
    example: 'host~shop',
  },
  path: {
    kind: 'text',
    values: ({ paths }) => paths,
    help: { en: 'the path of a request, with its query', ko: '요청의 경로와 쿼리' },
    example: 'path~/login',
  },
  method: {
    kind: 'text',
    values: ({ methods }) => methods,
    help: { en: 'the method of a request', ko: '요청의 메서드' },
    example: 'method=POST',
  },
  status: {
    kind: 'number',
    unit: 'none',
    values: ({ statuses }) => statuses,
    help: { en: 'the status of a response', ko: '응답의 상태 코드' },
    example: 'status>=400',
  },
  latency: {
    kind: 'number',
    unit: 'time',
    values: ({ latency }) => (latency ? [latency.least, latency.most] : []),
    help: {
      en: 'from the end of a request to the first byte of its response',
      ko: '요청이 끝난 뒤 응답의 첫 바이트까지 걸린 시간',
    },
    example: 'latency>100ms',
  },
  requests: {
    kind: 'number',
    unit: 'none',
    values: ({ requests }) => [requests],
    grows: true,
    help: { en: 'how many requests it carried', ko: '오간 요청의 수' },
    example: 'requests>1',
  },
  protocol: {
    kind: 'text',
    values: ({ protocols }) => protocols,
    help: { en: 'a protocol that was spoken on it', ko: '이 연결에서 쓰인 프로토콜' },
    example: 'protocol=redis',
  },
  version: {
    kind: 'text',
    values: ({ version }) => list(version),
    isFinal: ({ version }) => version !== undefined,
    equals: (value, wanted) => withoutPrefix(value) === withoutPrefix(wanted),
    help: { en: 'the version of TLS that was agreed on', ko: '합의한 TLS 버전' },
    example: 'version=1.2',
  },
  suite: {
    kind: 'text',
    values: ({ suite }) => list(suite),
    isFinal: ({ suite }) => suite !== undefined,
    help: { en: 'the cipher suite that was agreed on', ko: '합의한 암호 스위트' },
    example: 'suite~CHACHA20',
  },
  alpn: {
    kind: 'text',
    values: ({ alpn }) => list(alpn),
    help: { en: 'the protocol that ALPN agreed on', ko: 'ALPN으로 합의한 프로토콜' },
    example: 'alpn=h2',
  },
  alert: {
    kind: 'text',
    values: ({ alerts, outcome }) => [...alerts, ...list(outcome?.alert?.description)],
    help: { en: 'an alert of TLS that could be read', ko: '읽을 수 있었던 TLS 알림' },
    example: 'alert=unknown_ca',
  },
  cause: {
    kind: 'text',
    values: (one) => list(causeIn(one)),
    help: { en: 'why it failed, as the JSON output names it', ko: '실패한 원인(JSON 출력의 이름)' },
    example: 'cause=certificate_expired',
  },
  login: {
    kind: 'text',
    values: ({ logins }) => logins,
    help: {
      en: 'what a server answered to a login: accepted or refused',
      ko: '로그인에 대한 서버의 응답: accepted(수락) 또는 refused(거부)',
    },
    example: 'login=refused',
  },
  addr: {
    kind: 'text',
    values: ({ client, server }) => [...list(client?.host), ...list(server?.host)],
    isFinal: always,
    equals: isAddress,
    help: { en: 'an address of either side, or its network', ko: '어느 쪽이든 그 주소 또는 네트워크' },
    example: 'addr=10.0.0.0/8',
  },
  client: {
    kind: 'text',
    values: ({ client }) => list(client?.host),
    isFinal: always,
    equals: isAddress,
    help: { en: "the client's address", ko: '클라이언트 주소' },
    example: 'client=10.0.0.1',
  },
  server: {
    kind: 'text',
    values: ({ server }) => list(server?.host),
    isFinal: always,
    equals: isAddress,
    help: { en: "the server's address", ko: '서버 주소' },
    example: 'server=2001:db8::1',
  },
  port: {
    kind: 'number',
    unit: 'none',
    values: ({ client, server }) => [...list(client?.port), ...list(server?.port)],
    isFinal: always,
    help: { en: 'a port of either side', ko: '어느 쪽이든 그 포트' },
    example: 'port=443',
  },
  bytes: {
    kind: 'number',
    unit: 'bytes',
    values: ({ bytes }) => [bytes.client + bytes.server],
    grows: true,
    help: { en: 'payload of both directions', ko: '양방향 페이로드 크기의 합' },
    example: 'bytes>10k',
  },
  duration: {
    kind: 'number',
    unit: 'time',
    values: ({ openedAt, closedAt }) => (closedAt === undefined ? [] : [closedAt - openedAt]),
    help: { en: 'from its opening to its end', ko: '연결이 열려 있던 시간' },
    example: 'duration>30s',
  },
  wire: {
    kind: 'text',
    values: ({ hop }) => [hop],
    isFinal: always,
    help: { en: 'the wire', ko: '구간' },
    example: 'wire=A',
  },
  stream: {
    kind: 'number',
    unit: 'none',
    values: ({ stream }) => [streamOf(stream).stream],
    isFinal: always,
    help: { en: 'its number, as tcp.stream and udp.stream', ko: '연결 번호(tcp.stream, udp.stream과 같음)' },
    example: 'stream=3',
  },
  transport: {
    kind: 'text',
    values: ({ transport }) => [transport],
    isFinal: always,
    help: { en: 'tcp, udp or eapol', ko: 'tcp, udp, eapol' },
    example: 'transport=udp',
  },
  failed: {
    kind: 'flag',
    holds: isFailed,
    help: { en: 'something went wrong, a login among it', ko: '실패한 연결(로그인 거부 포함)' },
    example: 'failed',
  },
  refused: {
    kind: 'flag',
    holds: ({ outcome }) => outcome && isRefused(outcome),
    help: { en: 'one side turned the other away', ko: '한쪽이 거부한 연결' },
    example: 'refused',
  },
  readable: {
    kind: 'flag',
    holds: (one) => seen(one, one.isReadable),
    help: { en: 'its content could be read on the wire', ko: '구간에서 내용을 읽을 수 있었던 연결' },
    example: 'readable',
  },
  secret: {
    kind: 'flag',
    holds: (one) => seen(one, one.secrets.length > 0),
    help: { en: 'a secret could be read on the wire', ko: '구간에서 비밀 정보를 읽을 수 있었던 연결' },
    example: 'secret',
  },
  tls: {
    kind: 'flag',
    holds: (one) => seen(one, one.protocols.includes('tls')),
    help: { en: 'TLS was spoken on it', ko: 'TLS를 쓴 연결' },
    example: 'tls',
  },
  named: {
    kind: 'flag',
    holds: (one) => seen(one, nameIn(one) !== undefined),
    help: { en: 'the client asked for a name', ko: '클라이언트가 이름을 요청한 연결' },
    example: 'not named',
  },
} as const satisfies Readonly<Record<string, FilterKey>>;
