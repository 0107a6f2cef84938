/**
 * A request that was never answered, and a client that gave up: what its packets and times show. What is sealed counts by its sizes,
 * and where tickets could be the answer nothing is concluded.
 */
import type { Connection } from '../../capture/connection.ts';
import { josa } from '../../i18n/josa.ts';
import type { ConversationReader } from '../../analysis/conversation/conversation.ts';
import type { HandshakeGist } from '../../analysis/outcome/handshake-gist.ts';
import { HandshakeProgress } from '../../analysis/outcome/handshake-progress.ts';
import { seconds } from '../../analysis/outcome/refusal-facts.ts';
import type { TlsMessage } from '../../protocols/tls/message/message.ts';
import type { Evidence, Finding } from '../diagnosis.ts';
import { found } from '../found.ts';
import { evidenceOfSpot } from './heard.ts';
import type { Heard } from './heard.ts';
import type { SeenOutcome } from './unfinished.ts';

/** What is silent for so long has no answer under way; in milliseconds. */
const settled = 1000;

interface Waited {
  readonly isTls: boolean;
  /** From the last byte of the request to the end, in milliseconds. */
  readonly waited: number;
  /** How the client left. */
  readonly how: 'end' | 'reset';
  /** The request, where it could be read. */
  readonly asked: string | undefined;
  readonly confidence: Finding['confidence'];
  readonly evidence: readonly Evidence[];
}

export function unansweredIn(
  outcome: SeenOutcome,
  connection: Connection,
  heard: Heard,
  reader: Pick<ConversationReader, 'handshake' | 'frameOf'>,
): Finding | undefined {
  const { closed, opened, segments } = connection;
  if (!closed || closed.by !== 'client' || closed.how === 'timeout' || opened?.transport !== 'tcp')
    return undefined;
  if (outcome.oneSided || outcome.incomplete || (outcome.cause !== undefined && outcome.cause !== 'no_reply'))
    return undefined;
  // What did not arrive at the other end is another matter, and so is what the capture does not have.
  if ((segments?.client.unacknowledged ?? 0) > 0 || segments?.server.packets === 0) return undefined;
  if ((['client', 'server'] as const).some((side) => connection.stream('wire', side).hasGap))
    return undefined;
  const { how } = closed;
  const since = (at: number): number => Math.max(0, closed.at - at) / 1000;
  const { asked } = heard;
  if (heard.pending > 0 && asked) {
    const isFirst = heard.served === 0 && heard.refused.length === 0;
    return silence({
      isTls: connection.carriesTls,
      waited: since(asked.at),
      how,
      asked: asked.title,
      confidence: isFirst ? 'proven' : 'likely',
      evidence: [evidenceOfSpot(asked)],
    });
  }
  // Every request was answered, as could be read.
  if (asked || heard.login || heard.error) return undefined;
  const gist = reader.handshake;
  const last = gist ? lastSealed(gist) : lastInClear(connection, heard);
  if (!last) return undefined;
  const at = connection.stream('wire', 'client').chunkAt(last.offset + last.length - 1)?.at;
  const frame = reader.frameOf(last.seq);
  // Many protocols say goodbye without waiting for an answer.
  return at === undefined || (since(at) < settled && !(last.isAll && last.isOwed)) || last.isFarewell
    ? undefined
    : silence({
        isTls: connection.carriesTls,
        waited: since(at),
        how,
        asked: undefined,
        confidence: last.isOwed ? 'likely' : 'unknown',
        evidence: [
          {
            kind: 'bytes',
            ...(frame === undefined ? {} : { frame }),
            place: {
              event: last.seq,
              run: connection.run,
              conn: connection.conn,
              hop: connection.hop,
              vantage: 'wire',
              from: 'client',
              offset: last.offset,
              length: last.length,
            },
            words: {
              en: `${frame === undefined ? '' : `frame ${frame}: `}${gist ? 'sealed data' : 'data'} of the client, offset ${last.offset}, ${last.length} bytes: the last that was said`,
              ko: `${frame === undefined ? '' : `프레임 ${frame}: `}클라이언트의 ${gist ? '암호화된 ' : ''}데이터, 오프셋 ${last.offset}, ${last.length}바이트(마지막으로 오간 데이터)`,
            },
          },
        ],
      });
}

/** Whether over TLS the client still waits for an answer to its last data: tickets that came behind it are none. */
export const awaitsAnswer = ({ handshake }: Pick<ConversationReader, 'handshake'>): boolean =>
  handshake !== undefined && lastSealed(handshake) !== undefined;

interface Place {
  readonly offset: number;
  readonly length: number;
  readonly seq: number;
  /** The server has said nothing at all. */
  readonly isAll: boolean;
  /** Whether an answer is due: the client speaks HTTP, or was answered before. */
  readonly isOwed: boolean;
  /** The client has said goodbye since, and not as one that speaks HTTP: it may have said all it had to. */
  readonly isFarewell: boolean;
}

const dataType = 23;

/** The last that the client said over TLS, where nothing came back that may be an answer. */
function lastSealed({ messages }: HandshakeGist): Place | undefined {
  const progress = new HandshakeProgress(messages);
  if (!progress.saidAbove('client')) return undefined;
  const isData = (message: TlsMessage): boolean =>
    message.content.type === 'application_data' ||
    (message.content.type === 'sealed' && message.contentType === dataType && !progress.isAlertSize(message));
  const asked = messages.findLast((message) => message.from === 'client' && isData(message));
  if (!asked) return undefined;
  const own = (progress.isTls13 ? progress.serverAfterFlight : messages).filter(
    (one) => one.from === 'server' && isData(one),
  );
  const behind = own.filter((one) => messages.indexOf(one) > messages.indexOf(asked));
  const isTickets =
    progress.isTls13 &&
    own.length > 1 &&
    own.length <= mostTickets &&
    own.every(({ content, length }) => content.type === 'sealed' && length === own[0]?.length);
  if (behind.length > 0 && !isTickets) return undefined;
  const isAll = own.length === 0 || isTickets;
  const offered = progress.hello?.extensions.alpn ?? [];
  const isHttp = offered.some((one) => one === 'h2' || one.startsWith('http/'));
  // Behind an answer a client of HTTP/2 still has housekeeping to send, and one of another protocol what nobody answers.
  if (!isAll && (!isHttp || offered.includes('h2'))) return undefined;
  const isAlert = ({ contentType }: TlsMessage): boolean => contentType === alertType;
  const isFarewell =
    !isHttp &&
    messages
      .slice(messages.indexOf(asked) + 1)
      .some((one) => one.from === 'client' && (isAlert(one) || progress.isAlertSize(one)));
  return {
    offset: asked.offset,
    length: asked.length,
    seq: asked.lastTag,
    isAll,
    isOwed: isHttp,
    isFarewell,
  };
}

const alertType = 21;

/** Servers send one, two (OpenSSL, BoringSSL) or four (rustls), each as long as the other: two answers alike are rare. */
const mostTickets = 4;

/** Protocols in which the server answers whatever the client says. */
const answering: ReadonlySet<string> = new Set([
  'smtp',
  'pop3',
  'imap',
  'ftp',
  'redis',
  'postgres',
  'mysql',
  'ldap',
]);

/** The last that was said without TLS, where it is the client's. */
function lastInClear(connection: Connection, { spoken }: Heard): Place | undefined {
  const [client, server] = (['client', 'server'] as const).map((side) =>
    connection.stream('wire', side).chunks.at(-1),
  );
  if (!client || connection.carriesTls || (server && server.seq > client.seq)) return undefined;
  const isOwed = spoken !== undefined && answering.has(spoken);
  if (server && !isOwed) return undefined;
  const { offset, length, seq } = client;
  return { offset, length, seq, isAll: server === undefined, isOwed, isFarewell: false };
}

function silence({ isTls, waited, how, asked, confidence, evidence }: Waited): Finding {
  const request =
    asked === undefined
      ? { en: 'what the client sent', ko: '클라이언트가 보낸 데이터' }
      : { en: asked, ko: asked };
  const left =
    how === 'reset'
      ? { en: 'broke the connection off (RST)', ko: '연결을 재설정(RST)했습니다' }
      : { en: 'ended the connection', ko: '연결을 끊었습니다' };
  // Who leaves at once may have changed its mind.
  const isPatient = waited >= settled;
  return {
    ...found({
      cause: 'application_silent',
      by: isPatient && confidence === 'proven' ? 'server' : 'unknown',
      confidence: isPatient ? confidence : 'unknown',
      ...(isTls ? { message: 'application data' } : {}),
      evidence,
    }),
    ...(isPatient && confidence !== 'unknown'
      ? {}
      : { name: { en: 'no answer was seen', ko: '답이 보이지 않음' } }),
    because: {
      en: `no answer to ${request.en} came: the client waited ${seconds(waited)} s, and then it ${left.en}${asked === undefined ? '. In a protocol in which only the client speaks (a log, a meter) this is no fault' : ''}`,
      ko: `${request.ko}에 대한 답이 오지 않았습니다. 클라이언트가 ${seconds(waited)}초 기다린 뒤 ${left.ko}.${asked === undefined ? ' 클라이언트만 말하는 프로토콜(로그, 계측)이라면 정상입니다.' : ''}`,
    },
  };
}

/**
 * A side that takes nothing more, while the other one has something to send: its program does not read. Of a connection that was seen
 * to end well, or whose other side has just spoken, nothing is said.
 */
export function fullIn({ kind, cause }: SeenOutcome, connection: Connection): Finding | undefined {
  const { segments, closed } = connection;
  if (!segments || cause !== undefined || (closed && kind === 'completed' && closed.by === 'server'))
    return undefined;
  const side = segments.server.full ? 'server' : segments.client.full ? 'client' : undefined;
  if (!side || segments.quiet < settled * 1000) return undefined;
  const names = { server: { en: 'server', ko: '서버' }, client: { en: 'client', ko: '클라이언트' } };
  const [full, other] = side === 'server' ? [names.server, names.client] : [names.client, names.server];
  return {
    ...found({
      cause: 'application_silent',
      by: side,
      confidence: 'likely',
      ...(connection.carriesTls ? { message: 'application data' } : {}),
      evidence: [],
    }),
    name: { en: `the ${full.en} takes no more data`, ko: `${josa(full.ko, '이/가')} 더 받지 않음` },
    because: {
      en: `the ${full.en} announces that it has no room for more (a TCP window of zero), and that had not changed after ${seconds(segments.quiet / 1000)} s: the program behind it does not read what the ${other.en} sends`,
      ko: `${josa(full.ko, '이/가')} 더 받을 공간이 없다고 알렸고(TCP 윈도 0) ${seconds(segments.quiet / 1000)}초 뒤에도 그대로였습니다. ${full.ko} 프로그램이 ${josa(other.ko, '이/가')} 보낸 데이터를 읽지 않고 있습니다.`,
    },
    remedy: {
      on: side,
      words: {
        en: `see what the program on the ${full.en} does in place of reading: whether it hangs, was stopped, or waits for something itself (ss -tn: Recv-Q above zero)`,
        ko: `${full.ko} 프로그램이 읽지 않고 무엇을 하는지 확인하세요. 멈췄거나 중지되었거나 다른 것을 기다리는 중일 수 있습니다(ss -tn의 Recv-Q가 0보다 큼).`,
      },
    },
  };
}
