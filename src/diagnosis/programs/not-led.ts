/** Why a command was not led, where its words show it: it connects to no TCP port, or it did not come so far. */
import type { Localized } from '../../i18n/language.ts';
import type { Words } from './program.ts';

interface Reason {
  readonly id: 'unix_socket' | 'quic' | 'ssh' | 'resolver' | 'past';
  /** In an argument. */
  readonly argument?: RegExp;
  /** In what it wrote. */
  readonly said?: RegExp;
  readonly words: Localized;
  /** What it connects to is no TCP port: the same words lead nowhere else. */
  readonly isElsewhere?: true;
}

/** The first that fits. */
const reasons: readonly Reason[] = [
  {
    id: 'unix_socket',
    isElsewhere: true,
    argument: /^--(?:abstract-)?unix-socket\b|\bunix:\/\/|(?:^|\s)host=\/|%2[Ff]\S*@?\/|\.sock(?:et)?$/,
    said: /on socket "\/|through socket '\/|unix:\/\/\/|dial unix |\(unix socket\)/i,
    words: {
      en: 'it connects to a Unix socket of this machine, and not over TCP: name a host and port to it',
      ko: '이 컴퓨터의 Unix 소켓에 연결하며 TCP를 쓰지 않습니다. 호스트와 포트를 지정하세요.',
    },
  },
  {
    id: 'quic',
    isElsewhere: true,
    argument: /^--http3(?:-only)?$|^(?:quic|h3):\/\//,
    said: /\bQUIC\b|\bHTTP\/3\b/,
    words: {
      en: 'it uses QUIC (HTTP/3, over UDP), which wirelab does not lead: have it use HTTP/2 or HTTP/1.1',
      ko: 'UDP를 쓰는 QUIC(HTTP/3)은 wirelab을 거치게 할 수 없습니다. HTTP/2나 HTTP/1.1을 쓰게 하세요.',
    },
  },
  {
    id: 'ssh',
    isElsewhere: true,
    argument: /^(?:git\+)?ssh:\/\/|^[\w.-]+@[\w.-]+:(?!\/\/)/,
    said: /^ssh: |Permission denied \(publickey/m,
    words: {
      en: 'it goes over SSH, which is no TLS: use the https:// address',
      ko: 'TLS가 아니라 SSH를 씁니다. https:// 주소를 쓰세요.',
    },
  },
  {
    id: 'resolver',
    said: /could not (?:resolve|translate) host|Name or service not known|no such host|getaddrinfo|name resolution|UnknownHostException|unable to resolve host|nodename nor servname/i,
    words: {
      en: 'it says that it found no address for a name, and asked the resolver of this machine itself: getent hosts NAME shows what that knows',
      ko: '프로그램이 직접 이 컴퓨터의 리졸버에 물었지만 이름의 주소를 찾지 못했다고 합니다. getent hosts 이름으로 확인하세요.',
    },
  },
  {
    id: 'past',
    said: /\brefused\b|connection (?:was |is )?(?:reset|closed|aborted)|ECONN|timed out|verif(?:y|ication)\b.*(?:error|fail|certificate)|(?:fatal|tls|remote|received) .*alert|handshake.*(?:fail|did not|error)|server.?s certificate|certificate (?:is|has|was|chain)|unreachable|Can't contact|Could not connect|Unable to connect/i,
    words: {
      en: 'its words speak of a connection: it went past wirelab, or ended before it reached it, and its bytes were not seen',
      ko: '출력에 연결 이야기가 있습니다. wirelab을 거치지 않았거나 도달하기 전에 끝나 오간 내용을 보지 못했습니다.',
    },
  },
];

/** Undefined where nothing shows it. @param said what it wrote */
export function whyNotLed(words: Words, said: string): Omit<Reason, 'argument' | 'said'> | undefined {
  return reasons.find(
    ({ argument, said: pattern }) =>
      (argument !== undefined && words.slice(1).some((word) => argument.test(word))) ||
      (pattern !== undefined && pattern.test(said)),
  );
}
