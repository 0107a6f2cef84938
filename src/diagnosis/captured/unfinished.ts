/**
 * What a capture does not show: it ends while a handshake is under way or an answer is awaited, or holds only a part of what was
 * said. Nothing failed in it, and nothing shows that all went well.
 */
import type { Connection } from '../../capture/connection.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Finding } from '../diagnosis.ts';
import { explained } from '../case.ts';
import { found } from '../found.ts';
import type { ObservedOutcome } from '../observed.ts';

export type SeenOutcome = ObservedOutcome & {
  readonly oneSided?: true | undefined;
  readonly incomplete?: true | undefined;
};

/** Undefined for what has failed, and for what was seen to go well. */
export function unfinishedIn(
  { kind, step, by, cause, ...outcome }: SeenOutcome,
  connection: Pick<Connection, 'stream' | 'opened'>,
  heard?: { readonly served: number; readonly awaits: boolean },
): Finding | undefined {
  if (cause !== undefined) return undefined;
  if (outcome.oneSided) return unseen(onlyOneDirection);
  if (outcome.incomplete) return unseen(bytesAreMissing);
  if (kind === 'reset' && by === 'server' && step === 'application_data') return resetInData('unknown');
  if (kind === 'reset' && by === 'server' && step === 'plaintext' && isUnanswered(connection))
    return resetUnanswered();
  if (connection.opened?.late && (kind === 'nothing_said' || kind === 'empty')) return beginsWithin();
  // A probe, or a client that does not accept the server and says so to nobody: the bytes are the same.
  if ((kind === 'nothing_said' && by !== 'server') || kind === 'left_on_request')
    return neverSaid('nothing_said');
  if (kind === 'empty') return neverSaid('nothing_sent');
  // It has only heard a greeting.
  if (kind === 'completed' && step === 'plaintext' && by === 'client' && isMute(connection)) return greeted();
  if (connection.opened?.late && kind === 'completed' && !heard?.served) return beginsWithin();
  if (kind !== 'open') return undefined;
  // Datagrams are not owed an answer.
  if (connection.opened?.transport === 'udp' && (step === undefined || step === 'plaintext'))
    return undefined;
  if (step === 'client_hello' && connection.opened?.transport === 'udp') {
    const repeated = repeatedInVain(connection);
    if (repeated) return repeated;
  }
  if (step !== 'application_data' && step !== 'plaintext') return unseen(stages[step ?? 'connecting']);
  return heard?.awaits || lastSpoke(connection) === 'client' ? unseen(unanswered) : undefined;
}

const isMute = (connection: Pick<Connection, 'stream'>): boolean =>
  connection.stream('wire', 'client').length === 0 && connection.stream('wire', 'server').length > 0;

const isUnanswered = (connection: Pick<Connection, 'stream'>): boolean =>
  connection.stream('wire', 'client').length > 0 && connection.stream('wire', 'server').length === 0;

/** What a port does that expects another protocol, TLS for one. */
const resetUnanswered = (): Finding => ({
  ...found({ cause: 'reset_in_data', by: 'unknown', confidence: 'unknown', evidence: [] }),
  because: {
    en: 'the connection was reset at the first data of the client, which is not encrypted, and nothing was answered: the port may expect another protocol (TLS, for one), or something on the way does not let this one through',
    ko: '클라이언트가 처음 보낸 암호화되지 않은 데이터에 답 없이 연결이 재설정(RST)되었습니다. 포트가 다른 프로토콜(예를 들어 TLS)을 기대하거나, 중간 장비가 이 프로토콜을 막는 것일 수 있습니다.',
  },
  remedy: {
    on: 'client',
    words: {
      en: 'see what the port speaks (./wirelab why HOST:PORT): if it is TLS, let the client use TLS',
      ko: '포트의 프로토콜을 확인하세요(./wirelab why HOST:PORT). TLS라면 클라이언트가 TLS를 쓰게 하세요.',
    },
  },
});

const greeted = (): Finding => ({
  ...neverSaid('nothing_sent'),
  because: {
    en: 'the client read the greeting of the server, said nothing, and left: a probe does that, and so does a client that does not find in the greeting what it needs (TLS, a version)',
    ko: '클라이언트가 서버의 인사말을 받고 아무 말 없이 떠났습니다. 상태 점검이 그렇게 하고, 필요한 것(TLS, 버전)이 인사말에 없을 때도 클라이언트가 그렇게 합니다.',
  },
  remedy: {
    on: 'client',
    words: {
      en: 'read what the client says in its log. If it requires TLS, see whether the server has it (./wirelab why HOST:PORT --starttls PROTOCOL)',
      ko: '클라이언트 로그에서 이유를 확인하세요. TLS를 요구하는 클라이언트라면 서버에 TLS가 있는지 보세요(./wirelab why HOST:PORT --starttls PROTOCOL).',
    },
  },
});

/** The server's side was broken off while data was exchanged: whether all of it had come, the bytes do not show. */
export const resetInData = (confidence: Finding['confidence']): Finding =>
  found({ cause: 'reset_in_data', by: 'unknown', confidence, evidence: [], message: 'application data' });

const neverSaid = (cause: 'nothing_said' | 'nothing_sent'): Finding =>
  found({ cause, by: 'unknown', confidence: 'unknown', evidence: [] });

const unseen = (more: Localized): Finding =>
  found({ cause: 'capture_ends', by: 'unknown', confidence: 'unknown', evidence: [], more });

/** A handshake over UDP repeats what is not answered: so often, for so long, it is not under way any more. */
const least = { datagrams: 4, microseconds: 900_000 };

function repeatedInVain(connection: Pick<Connection, 'stream' | 'opened'>): Finding | undefined {
  const { chunks, length } = connection.stream('wire', 'client');
  const [first] = chunks;
  const last = chunks.at(-1);
  if (!first || !last || length === 0 || connection.stream('wire', 'server').length > 0) return undefined;
  if (chunks.length < least.datagrams || last.at - first.at < least.microseconds) return undefined;
  const for_ = ((last.at - first.at) / 1e6).toFixed(1);
  return {
    ...explained({
      cause: 'unanswered',
      by: 'server',
      blamed: 'unknown',
      detail: {},
      confidence: 'likely',
      evidence: [],
      message: 'ClientHello',
      because: {
        en: `the client said hello over UDP, ${chunks.length} datagrams in ${for_} s, and nothing came back: nobody answers on that UDP port, or a firewall lets no UDP through`,
        ko: `클라이언트가 UDP로 ${for_}초 동안 데이터그램 ${chunks.length}개로 ClientHello를 보냈지만 아무 답도 없었습니다. 그 UDP 포트에서 답하는 것이 없거나 방화벽이 UDP를 막고 있습니다.`,
      },
      remedy: {
        en: 'see whether the server listens on that UDP port (ss -lnu), and whether a firewall lets UDP through to it; over TCP the same server may answer (HTTP/2 in place of HTTP/3)',
        ko: '서버가 그 UDP 포트에서 받는지(ss -lnu), 방화벽이 UDP를 통과시키는지 확인하세요. 같은 서버가 TCP로는 답할 수도 있습니다(HTTP/3 대신 HTTP/2).',
      },
    }),
  };
}

/** What failed before it is not in the file, and what was refused may be sealed. */
const beginsWithin = (): Finding => ({
  ...found({ cause: 'capture_ends', by: 'unknown', confidence: 'unknown', evidence: [] }),
  name: { en: 'the capture begins within the connection', ko: '연결 도중에 시작된 캡처' },
  because: {
    en: 'the opening of the connection is not in the capture: nothing fails in what is there, and of what came before nothing can be said',
    ko: '연결의 시작이 캡처에 없습니다. 담긴 부분에는 실패가 없지만 그 앞은 알 수 없습니다.',
  },
  remedy: {
    on: 'client',
    words: {
      en: 'begin the capture before the client connects (tcpdump -i any -s 0 -U -w FILE)',
      ko: '클라이언트가 연결하기 전에 캡처를 시작하세요(tcpdump -i any -s 0 -U -w 파일).',
    },
  },
});

function lastSpoke(connection: Pick<Connection, 'stream'>): 'client' | 'server' | undefined {
  const [client, server] = (['client', 'server'] as const).map(
    (side) => connection.stream('wire', side).chunks.at(-1)?.seq,
  );
  if (client === undefined) return server === undefined ? undefined : 'server';
  return server === undefined || client > server ? 'client' : 'server';
}

const stages: Readonly<
  Record<Exclude<NonNullable<ObservedOutcome['step']>, 'application_data' | 'plaintext'>, Localized>
> = {
  connecting: { en: 'nothing had been said by then', ko: '그때까지 오간 내용이 없습니다.' },
  client_hello: {
    en: 'the client has sent its ClientHello, and no answer to it is in the capture',
    ko: '클라이언트가 ClientHello를 보냈고, 그 답은 캡처에 없습니다.',
  },
  server_flight: {
    en: 'the server has answered, and whether the client accepts its certificate is not in the capture',
    ko: '서버가 답했고, 클라이언트가 서버의 인증서를 받아들이는지는 캡처에 없습니다.',
  },
  client_certificate: {
    en: 'the client has sent its certificate, and whether the server accepts it is not in the capture',
    ko: '클라이언트가 인증서를 보냈고, 서버가 받아들이는지는 캡처에 없습니다.',
  },
  client_flight: {
    en: 'the client has ended its part of the handshake, and what the server says to it is not in the capture',
    ko: '클라이언트가 자기 쪽 핸드셰이크를 마쳤고, 그에 대한 서버의 답은 캡처에 없습니다.',
  },
  connected: {
    en: 'the handshake is complete, and nothing that was said over it is in the capture',
    ko: '핸드셰이크는 끝났고, 그 위로 오간 내용은 캡처에 없습니다.',
  },
};

const unanswered: Localized = {
  en: 'the client has sent data, and the answer to it is not in the capture',
  ko: '클라이언트가 데이터를 보냈고, 그 답은 캡처에 없습니다.',
};

const onlyOneDirection: Localized = {
  en: 'only one direction is in it, and that one shows no failure',
  ko: '한 방향만 담겨 있고, 그 방향에는 실패한 흔적이 없습니다.',
};

const bytesAreMissing: Localized = {
  en: 'bytes of the handshake are not in it (packets cut by tcpdump -s, or lost by it), and what is there shows no failure',
  ko: '핸드셰이크의 일부 바이트가 없고(tcpdump -s로 잘렸거나 캡처하지 못한 패킷), 남은 부분에는 실패한 흔적이 없습니다.',
};
