/**
 * Lists the signs by which causes are recognized, each with a name, a predicate over the facts, and its words: "both
 * directions are in the capture", "the server's certificate is on the wire". A cause requires some and is excluded by
 * others (`cause-table.ts`).
 */
import type { Side } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';
import { josa } from '../../i18n/josa.ts';
import { seconds } from './refusal-facts.ts';
import type { Facts } from './wire-facts.ts';

/** The verdict being weighed: which side is said to have refused or failed, and when it ended. */
export interface Claim {
  /** The side that refused or closed; a certificate that was judged is the other side's. */
  readonly by: Side | undefined;
}

interface Sign {
  readonly holds: (facts: Facts, claim: Claim) => boolean;
  readonly words: (facts: Facts, claim: Claim) => Localized;
}

const fixed = (en: string, ko: string) => (): Localized => ({ en, ko });

const sides: Readonly<Record<Side, Localized>> = {
  client: { en: 'the client', ko: '클라이언트' },
  server: { en: 'the server', ko: '서버' },
};
const other: Readonly<Record<Side, Side>> = { client: 'server', server: 'client' };
const named = (side: Side | undefined): Localized =>
  side === undefined ? { en: 'one side', ko: '한쪽' } : sides[side];
const ofSide = (
  side: Side | undefined,
  en: (name: string) => string,
  ko: (name: string) => string,
): Localized => ({ en: en(named(side).en), ko: ko(named(side).ko) });

/** A verifier decides about a certificate at once; a longer wait has other reasons. */
const promptly = 2000;
/** Longer than any computation: a side without data for this long is silent. */
const silent = 1000;

const judged = ({ certificate }: Facts, { by }: Claim): Facts['certificate']['client'] =>
  by === undefined ? 'none' : certificate[other[by]];

export const signs = {
  bothDirections: {
    holds: ({ captured }) => captured.client && captured.server,
    words: fixed('both directions are in the capture', '양방향이 모두 캡처되었습니다'),
  },
  oneDirection: {
    holds: ({ captured }) => !captured.client || !captured.server,
    words: ({ captured }) =>
      ofSide(
        captured.client ? 'client' : 'server',
        (name) => `only what ${name} sent was captured`,
        (name) => `${josa(name, '이/가')} 보낸 쪽만 캡처되었습니다`,
      ),
  },
  fromStart: {
    holds: ({ joinedLate }) => !joinedLate,
    words: fixed('the connection was captured from the start', '연결의 처음부터 캡처되었습니다'),
  },
  joinedLate: {
    holds: ({ joinedLate }) => joinedLate,
    words: fixed('the capture began after the connection was opened', '연결이 시작된 뒤부터 캡처되었습니다'),
  },
  gap: {
    holds: ({ hasGap, loss }) => hasGap && loss === undefined,
    words: fixed('bytes are missing in the capture', '캡처에서 빠진 바이트가 있습니다'),
  },
  lost: {
    holds: ({ loss }) => loss !== undefined,
    words: ({ loss }) => {
      const { from = 'server', bytes = 0, times } = loss ?? {};
      const [en, ko] =
        times === undefined
          ? [
              `${sides[other[from]].en} reports ${grouped(bytes)} bytes as missing, and they never arrived`,
              `${josa(sides[other[from]].ko, '이/가')} ${grouped(bytes)}바이트를 받지 못했다고 알렸고 끝내 도착하지 않았습니다`,
            ]
          : [
              `${sides[from].en} sent ${grouped(bytes)} bytes ${times} times, and they were never acknowledged`,
              `${josa(sides[from].ko, '이/가')} ${grouped(bytes)}바이트를 ${times}번 보냈지만 수신 확인(ACK)이 없었습니다`,
            ];
      return { en, ko };
    },
  },
  lostLarge: {
    holds: ({ loss }) => loss !== undefined && loss.bytes >= 1000,
    words: fixed(
      'the lost packet is full-size, while smaller ones arrive',
      '사라진 것은 최대 크기의 패킷이고, 작은 패킷은 도착합니다',
    ),
  },
  repeated: {
    holds: ({ isRepeated }) => isRepeated,
    words: fixed('segments were retransmitted', '재전송된 세그먼트가 있습니다'),
  },
  reset: {
    holds: ({ end }) => end === 'reset',
    words: ({ endedBy }) =>
      ofSide(
        endedBy,
        (name) => `a reset (RST) in the name of ${name} ended it`,
        (name) => `${name} 이름으로 온 재설정(RST)으로 끝났습니다`,
      ),
  },
  foreignReset: {
    holds: ({ isResetForeign }) => isResetForeign,
    words: fixed(
      "the reset does not come from the origin of that side's other packets, or that side kept sending after it",
      '재설정(RST)이 그쪽의 다른 패킷과 다른 곳에서 왔거나, 그 뒤에도 그쪽이 계속 보냈습니다',
    ),
  },
  prompt: {
    holds: ({ silence }) => silence < promptly,
    words: ({ silence }) => ({
      en: `it ended ${seconds(silence)} s after the last byte`,
      ko: `마지막 바이트가 온 지 ${seconds(silence)}초 만에 끝났습니다`,
    }),
  },
  silence: {
    holds: ({ silence }) => silence >= silent,
    words: ({ silence }) => ({
      en: `nothing was sent for ${seconds(silence)} s`,
      ko: `${seconds(silence)}초 동안 아무것도 오가지 않았습니다`,
    }),
  },
  clientSpokeLast: {
    holds: ({ lastSpoke }) => lastSpoke === 'client',
    words: fixed('the last bytes came from the client', '마지막으로 보낸 쪽은 클라이언트입니다'),
  },
  serverSpokeLast: {
    holds: ({ lastSpoke }) => lastSpoke === 'server',
    words: fixed('the last bytes came from the server', '마지막으로 보낸 쪽은 서버입니다'),
  },
  serverSaidNothing: {
    holds: ({ spoke }) => !spoke.server,
    words: fixed('the server sent no byte', '서버는 한 바이트도 보내지 않았습니다'),
  },
  clientSaidNothing: {
    holds: ({ spoke }) => !spoke.client,
    words: fixed('the client sent no byte', '클라이언트는 한 바이트도 보내지 않았습니다'),
  },
  clientHello: {
    holds: ({ hasClientHello }) => hasClientHello,
    words: fixed('a ClientHello was sent', 'ClientHello가 전송되었습니다'),
  },
  noHello: {
    holds: ({ hasClientHello, hasServerHello }) => !hasClientHello && !hasServerHello,
    words: fixed('no ClientHello or ServerHello was sent', '핸드셰이크가 시작되지 않았습니다'),
  },
  serverHello: {
    holds: ({ hasServerHello }) => hasServerHello,
    words: fixed('the server answered with a ServerHello', '서버가 ServerHello로 답했습니다'),
  },
  noServerHello: {
    holds: ({ hasServerHello }) => !hasServerHello,
    words: fixed('no ServerHello came', 'ServerHello가 오지 않았습니다'),
  },
  certificate: {
    holds: (facts, claim) => judged(facts, claim) === 'read' || judged(facts, claim) === 'sealed',
    words: (_facts, { by }) =>
      ofSide(
        by && other[by],
        (name) => `${name}'s certificate is on the wire`,
        (name) => `${name} 인증서가 전송되었습니다`,
      ),
  },
  certificateRead: {
    holds: (facts, claim) => judged(facts, claim) === 'read',
    words: (_facts, { by }) =>
      ofSide(
        by && other[by],
        (name) => `${name}'s certificate can be read`,
        (name) => `${name} 인증서를 읽을 수 있습니다`,
      ),
  },
  noCertificate: {
    holds: (facts, claim) => judged(facts, claim) === 'empty',
    words: (_facts, { by }) =>
      ofSide(
        by && other[by],
        (name) => `${name} answered with an empty certificate list`,
        (name) => `${josa(name, '이/가')} 빈 인증서 목록으로 답했습니다`,
      ),
  },
  complete: {
    holds: ({ isComplete }) => isComplete,
    words: fixed('both sides completed the handshake', '양쪽이 핸드셰이크를 마쳤습니다'),
  },
  incomplete: {
    holds: ({ isComplete }) => !isComplete,
    words: fixed('the handshake was not completed', '핸드셰이크가 끝나지 않았습니다'),
  },
  tooShortForFinished: {
    holds: ({ isTooShortForFinished }) => isTooShortForFinished,
    words: fixed(
      'the sealed record of the client is too short for a Finished',
      '클라이언트가 보낸 암호화된 레코드는 Finished가 되기에는 너무 짧습니다',
    ),
  },
  alertRead: {
    holds: ({ alertBy }) => alertBy !== undefined,
    words: ({ alertBy }) =>
      ofSide(
        alertBy,
        (name) => `${name} sent an alert that can be read`,
        (name) => `${josa(name, '이/가')} 보낸 알림(Alert)을 읽을 수 있습니다`,
      ),
  },
  alertSized: {
    holds: ({ alertSized }, { by }) => alertSized !== undefined && alertSized === by,
    words: (_facts, { by }) =>
      ofSide(
        by,
        (name) => `${name}'s last sealed record has the size of an alert`,
        (name) => `${name}의 마지막 암호화된 레코드가 알림(Alert) 크기입니다`,
      ),
  },
  psk: {
    holds: ({ isPsk }) => isPsk,
    words: fixed('the handshake relies on a pre-shared key', '미리 공유한 키를 쓰는 핸드셰이크입니다'),
  },
  legacyServer: {
    holds: ({ isLegacyServer }) => isLegacyServer,
    words: fixed(
      'the ServerHello lacks the secure renegotiation extension (RFC 5746)',
      'ServerHello에 안전한 재협상(RFC 5746) 확장이 없습니다',
    ),
  },
  renegotiationRefused: {
    holds: ({ renegotiation }) => renegotiation?.isRefused === true,
    words: ({ renegotiation }) =>
      ofSide(
        renegotiation?.by,
        (name) => `${name} started another handshake on the open connection, and received an alert`,
        (name) =>
          `${josa(name, '이/가')} 열린 연결에서 핸드셰이크를 다시 시작했고 알림(Alert)으로 답을 받았습니다`,
      ),
  },
  upgradeRefused: {
    holds: ({ refusedUpgrade }) => refusedUpgrade !== undefined,
    words: ({ refusedUpgrade }) => ({
      en: `asked to upgrade to TLS, the server answered ${safeText(refusedUpgrade ?? '')}`,
      ko: `TLS로 전환하자는 요청에 서버가 이렇게 답했습니다: ${safeText(refusedUpgrade ?? '')}`,
    }),
  },
  tunnelRefused: {
    holds: ({ refusedTunnel }) => refusedTunnel !== undefined,
    words: ({ refusedTunnel }) => ({
      en: `CONNECT was answered with ${safeText(refusedTunnel ?? '')}`,
      ko: `CONNECT에 대한 응답: ${safeText(refusedTunnel ?? '')}`,
    }),
  },
  proxyHeader: {
    holds: ({ hasProxyHeader }) => hasProxyHeader,
    words: fixed('the first bytes are a PROXY protocol header', '첫 바이트가 PROXY 프로토콜 헤더입니다'),
  },
  bindingRefused: {
    holds: ({ refusedBinding }) => refusedBinding !== undefined,
    words: ({ refusedBinding }) =>
      refusedBinding?.by === 'client'
        ? {
            en: `the server offers ${safeText(refusedBinding.said)} on a connection without TLS, and the client leaves`,
            ko: `서버가 TLS 없는 연결에서 제안한 방식(${safeText(refusedBinding.said)})에 클라이언트가 답하지 않고 연결을 끊었습니다`,
          }
        : {
            en: `the client binds its login to a certificate, the server answered ${safeText(refusedBinding?.said ?? '')}`,
            ko: `클라이언트가 로그인을 인증서에 묶었고, 서버가 이렇게 답했습니다: ${safeText(refusedBinding?.said ?? '')}`,
          },
  },
  complaint: {
    holds: ({ complaint }) => complaint !== undefined,
    words: ({ complaint }) => ({
      en: `the server answered ${safeText(complaint ?? '')}`,
      ko: `서버의 응답: ${safeText(complaint ?? '')}`,
    }),
  },
  overread: {
    holds: ({ heartbeat }) => heartbeat !== undefined,
    words: ({ heartbeat }) => ({
      en: `a heartbeat of ${grouped(heartbeat?.asked ?? 0)} bytes was answered with ${grouped(heartbeat?.answered ?? 0)}`,
      ko: `${grouped(heartbeat?.asked ?? 0)}바이트 하트비트(Heartbeat)에 ${grouped(heartbeat?.answered ?? 0)}바이트로 답했습니다`,
    }),
  },
  overreadRead: {
    holds: ({ heartbeat }) => heartbeat?.isRead === true,
    words: fixed('the heartbeats can be read', '하트비트(Heartbeat) 내용을 읽을 수 있습니다'),
  },
  clientTls: {
    holds: ({ speaks }) => speaks.client === 'tls',
    words: fixed('the client speaks TLS', '클라이언트는 TLS를 사용합니다'),
  },
  clientPlain: {
    holds: ({ speaks }) => speaks.client !== undefined && speaks.client !== 'tls',
    words: fixed("the client's first bytes are not TLS", '클라이언트의 첫 바이트는 TLS가 아닙니다'),
  },
  serverPlain: {
    holds: ({ speaks }) => speaks.server !== undefined && speaks.server !== 'tls',
    words: fixed("the server's first bytes are not TLS", '서버의 첫 바이트는 TLS가 아닙니다'),
  },
} as const satisfies Readonly<Record<string, Sign>>;

export type SignName = keyof typeof signs;
export const signNames = Object.keys(signs) as SignName[];

export const holds = (name: SignName, facts: Facts, claim: Claim): boolean => signs[name].holds(facts, claim);
export const wordsOfSign = (name: SignName, facts: Facts, claim: Claim): Localized =>
  signs[name].words(facts, claim);
