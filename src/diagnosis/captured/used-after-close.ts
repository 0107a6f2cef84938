/**
 * A connection that the server closed (close_notify, FIN), and that its client used afterwards: what it sent then is lost, since
 * nothing can be answered any more. A goodbye, a request that was under way, and what ends an upload count for nothing.
 */
import type { Connection } from '../../capture/connection.ts';
import type { HandshakeGist } from '../../analysis/outcome/handshake-gist.ts';
import { HandshakeProgress } from '../../analysis/outcome/handshake-progress.ts';
import { seconds } from '../../analysis/outcome/refusal-facts.ts';
import type { ConversationReader } from '../../analysis/conversation/conversation.ts';
import type { TlsMessage } from '../../protocols/tls/message/message.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Evidence, Finding } from '../diagnosis.ts';
import { found } from '../found.ts';
import { evidenceOfSpot } from './heard.ts';
import type { Heard, Spot } from './heard.ts';
import type { SeenOutcome } from './unfinished.ts';

/** In microseconds: what is said within that time of the close belongs to it. */
const atOnce = 100_000;
/** In microseconds: a connection that rests so long is idle, and what comes so long after the close is not under way. */
const settled = 1_000_000;

/** Shorter records are a goodbye of some protocol, not a request. */
const leastRecord = 53;
/** Up to this length they may be one still, of a protocol that is not known. */
const longGoodbye = 80;

const alertType = 21;
const dataType = 23;

export interface Lost {
  readonly finding: Finding;
  /** When the client sent it, in microseconds since the run began. */
  readonly at: number;
}

export function usedAfterCloseIn(
  outcome: SeenOutcome,
  connection: Connection,
  heard: Heard,
  reader: Pick<ConversationReader, 'handshake' | 'frameOf'>,
): Lost | undefined {
  if (outcome.oneSided || outcome.incomplete || outcome.cause !== undefined) return undefined;
  const { opened, closed } = connection;
  if (opened?.transport !== 'tcp' || closed?.by !== 'server') return undefined;
  const client = connection.stream('wire', 'client');
  const server = connection.stream('wire', 'server');
  if (client.hasGap || server.hasGap) return undefined;
  const close = closeOf(connection, reader.handshake);
  if (!close) return undefined;
  const sent = sentAfter(close, connection, heard, reader.handshake);
  if (!sent || sent.at < close.at) return undefined;
  const rest = restBefore(close.at, connection);
  const isReadRequest = sent.spot !== undefined;
  if (!isReadRequest && !(rest && (rest.micros >= settled || sent.at - close.at >= settled)))
    return undefined;
  const isGuess = !isReadRequest && sent.mayBeHousekeeping;
  if (isGuess && sent.at - close.at < settled) return undefined;
  const idle = rest && rest.micros >= settled ? seconds(rest.micros / 1000) : undefined;
  return {
    at: sent.at,
    finding: findingOf({ idle, after: sent.at - close.at, isGuess, sent, close, connection, reader }),
  };
}

interface Close {
  readonly at: number;
  /** The client's bytes from there on came behind it. */
  readonly from: number;
  readonly alert: TlsMessage | undefined;
  readonly hasFin: boolean;
}

function closeOf(connection: Connection, gist: HandshakeGist | undefined): Close | undefined {
  const { segments, closed } = connection;
  const client = connection.stream('wire', 'client');
  const server = connection.stream('wire', 'server');
  const alert = gist && farewellOf(gist);
  const alertAt = alert && server.chunkAt(alert.offset)?.at;
  const behindFin = segments?.afterEnd?.from === 'client' ? segments.afterEnd.bytes : 0;
  // The server takes nothing of it: it is not half closed.
  const isThrownAway =
    closed?.how === 'reset' || segments?.reset?.by === 'server' || (segments?.client.unacknowledged ?? 0) > 0;
  if (!isThrownAway) return undefined;
  if (behindFin > 0) {
    const from = client.length - behindFin;
    const last = Math.max(
      from > 0 ? (client.chunkAt(from - 1)?.at ?? 0) : 0,
      server.length > 0 ? (server.chunkAt(server.length - 1)?.at ?? 0) : 0,
    );
    const finAt = last + (segments?.quiet ?? 0);
    return { at: Math.min(alertAt ?? finAt, finAt), from, alert, hasFin: true };
  }
  if (!alert || alertAt === undefined) return undefined;
  const next = client.chunks.find(({ seq }) => seq > alert.lastTag);
  return next && { at: alertAt, from: next.offset, alert, hasFin: false };
}

/** The alert that is the server's last word; an alert that reports an error has a cause of its own. */
function farewellOf({ messages }: HandshakeGist): TlsMessage | undefined {
  const progress = new HandshakeProgress(messages);
  const last = messages.findLast(({ from }) => from === 'server');
  return last &&
    (last.contentType === alertType || last.content.type === 'alert' || progress.isAlertSize(last))
    ? last
    : undefined;
}

interface Sent {
  readonly at: number;
  readonly offset: number;
  readonly length: number;
  readonly seq: number;
  /** A request that could be read. */
  readonly spot: Spot | undefined;
  readonly isSealed: boolean;
  /** HTTP/2 says this and that at the end too, and other protocols a long goodbye. */
  readonly mayBeHousekeeping: boolean;
}

function sentAfter(
  { from, at: closedAt }: Close,
  connection: Connection,
  heard: Heard,
  gist: HandshakeGist | undefined,
): Sent | undefined {
  const client = connection.stream('wire', 'client');
  const { asked, pending } = heard;
  if (asked) {
    // Every request that could be read had come before.
    if (pending === 0 || asked.at < closedAt || !('offset' in asked.place)) return undefined;
    const { offset, length, vantage } = asked.place;
    // A message counts from its end: it may have begun before.
    const at = connection.stream(vantage, 'client').chunkAt(offset)?.at ?? asked.at;
    if (at < closedAt || heard.refused.length > 0) return undefined;
    return {
      at,
      offset,
      length,
      seq: asked.place.event,
      spot: asked,
      isSealed: asked.isOpened,
      mayBeHousekeeping: false,
    };
  }
  if (heard.isGoodbye) return undefined;
  if (!gist) {
    const chunk = connection.carriesTls ? undefined : client.chunkAt(from);
    return (
      chunk && {
        at: chunk.at,
        offset: from,
        length: client.length - from,
        seq: chunk.seq,
        spot: undefined,
        isSealed: false,
        mayBeHousekeeping: false,
      }
    );
  }
  const { messages } = gist;
  const progress = new HandshakeProgress(messages);
  if (!progress.isComplete) return undefined;
  const said = messages.find(
    (one) =>
      one.from === 'client' &&
      one.offset >= from &&
      one.length >= leastRecord &&
      (one.content.type === 'application_data' ||
        (one.content.type === 'sealed' && one.contentType === dataType && !progress.isAlertSize(one))),
  );
  const offered = progress.hello?.extensions.alpn ?? [];
  const chunk = said && client.chunkAt(said.offset);
  return (
    chunk && {
      at: chunk.at,
      offset: said.offset,
      length: said.length,
      seq: said.lastTag,
      spot: undefined,
      isSealed: true,
      mayBeHousekeeping:
        offered.includes('h2') || (!offered.includes('http/1.1') && said.length < longGoodbye),
    }
  );
}

/** How long nothing was said before the close; undefined where the server did not have the last word before it. */
function restBefore(closedAt: number, connection: Connection): { readonly micros: number } | undefined {
  const lastOf = (side: 'client' | 'server', before: number): number =>
    connection.stream('wire', side).chunks.findLast(({ at }) => at <= before)?.at ?? -Infinity;
  const asked = lastOf('client', closedAt);
  // What the server says with its close (GOAWAY, an alert) is no answer.
  const answered = lastOf('server', closedAt - atOnce);
  if (answered >= asked) return { micros: closedAt - answered };
  return lastOf('server', closedAt) >= asked ? { micros: 0 } : undefined;
}

interface Told {
  readonly idle: string | undefined;
  readonly after: number;
  readonly isGuess: boolean;
  readonly sent: Sent;
  readonly close: Close;
  readonly connection: Connection;
  readonly reader: Pick<ConversationReader, 'frameOf'>;
}

function findingOf({ idle, after, isGuess, sent, close, connection, reader }: Told): Finding {
  const { spot } = sent;
  const later = after < 1000 ? undefined : after < 100_000 ? (after / 1e6).toFixed(3) : seconds(after / 1000);
  const how: Localized = close.alert
    ? close.hasFin
      ? { en: 'close_notify, FIN', ko: 'close_notify, FIN' }
      : { en: 'close_notify', ko: 'close_notify' }
    : { en: 'FIN', ko: 'FIN' };
  const what: Localized = spot
    ? {
        en: `sent ${safeText(spot.title).slice(0, 120)} on it`,
        ko: `요청(${safeText(spot.title).slice(0, 120)})을 보냈지만`,
      }
    : { en: 'used it again', ko: '데이터를 보냈지만' };
  return {
    ...found({
      cause: 'stale_connection',
      by: 'client',
      confidence: isGuess ? 'likely' : 'proven',
      ...(connection.carriesTls ? { message: 'application data' } : {}),
      evidence: [
        spot
          ? evidenceOfSpot(spot)
          : bytesOf(sent.offset, sent.length, 'client', sent.seq, sent.isSealed, connection, reader),
        ...(close.alert
          ? [
              bytesOf(
                close.alert.offset,
                close.alert.length,
                'server',
                close.alert.lastTag,
                true,
                connection,
                reader,
              ),
            ]
          : []),
      ],
      remedy: {
        en: `keep idle connections for a shorter time than the server does${idle === undefined ? '' : ` (here ${idle} s)`}: the idle time of the pool (keep-alive, max idle); look whether a connection was closed before using it again, and repeat a request that was lost like this. On the server: a longer keep-alive than the clients have`,
        ko: `서버가 허용하는 시간${idle === undefined ? '' : `(여기서는 ${idle}초)`}보다 짧게 쉰 연결만 다시 쓰세요(연결 풀의 유휴 시간, keep-alive, max idle). 다시 쓰기 전에 닫혔는지 확인하고, 이렇게 사라진 요청은 다시 보내세요. 서버에서는 keep-alive 시간을 클라이언트보다 길게 설정하세요.`,
      },
    }),
    because: {
      en: `the server closed the connection (${how.en})${idle === undefined ? '' : ` after ${idle} s without use`}, and the client ${what.en} ${later === undefined ? 'just then' : `${later} s later`}: ${spot ? 'it' : `what it sent (${sent.length} bytes${sent.isSealed ? ', sealed' : ''})`} was lost, without an answer`,
      ko: `서버가 ${idle === undefined ? '' : `${idle}초 동안 쓰이지 않은 `}연결을 닫았고(${how.ko}), 클라이언트가 ${later === undefined ? '바로 그때' : `${later}초 뒤`} 그 연결로 ${what.ko} 답 없이 사라졌습니다${spot ? '' : `(${sent.length}바이트${sent.isSealed ? ', 암호화됨' : ''})`}.`,
    },
  };
}

function bytesOf(
  offset: number,
  length: number,
  from: 'client' | 'server',
  seq: number,
  isSealed: boolean,
  connection: Connection,
  reader: Pick<ConversationReader, 'frameOf'>,
): Evidence {
  const frame = reader.frameOf(seq);
  const { run, conn, hop } = connection;
  const kind =
    from === 'server'
      ? { en: 'the closing alert', ko: '종료 알림(Alert)' }
      : isSealed
        ? { en: 'sealed data', ko: '암호화된 데이터' }
        : { en: 'data', ko: '데이터' };
  return {
    kind: 'bytes',
    ...(frame === undefined ? {} : { frame }),
    place: { event: seq, run, conn, hop, vantage: 'wire', from, offset, length },
    words: {
      en: `${frame === undefined ? '' : `frame ${frame}: `}${kind.en} of the ${from}, offset ${offset}, ${length} bytes`,
      ko: `${frame === undefined ? '' : `프레임 ${frame}: `}${from === 'client' ? '클라이언트' : '서버'}의 ${kind.ko}, 오프셋 ${offset}, ${length}바이트`,
    },
  };
}
