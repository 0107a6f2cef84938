/**
 * The words for the outcome of a step, in every language. Korean sentences avoid a particle after a name: the right one
 * depends on how the name is pronounced.
 */
import type { Side } from '../capture/event.ts';
import type { Localized } from '../i18n/language.ts';

const allOf = (count: number): string => (count === 1 ? 'it' : count === 2 ? 'both' : 'all');

export const stepWords = {
  towards: {
    client: { en: 'to the server', ko: '서버로' },
    server: { en: 'to the client', ko: '클라이언트로' },
  } satisfies Readonly<Record<Side, Localized>>,

  awaiting: { en: 'waiting for a connection', ko: '연결을 기다리는 중' },
  begin: { en: 'press space', ko: '스페이스를 누르세요' },
  whatDoYouThink: { en: 'what do you think?', ko: '어떻게 될까요?' },
  noWire: { en: 'no wire in this step', ko: '이 단계에서는 구간을 지나는 것이 없습니다' },
  nothingYet: { en: 'nothing on the wire yet', ko: '아직 오간 내용 없음' },
  leakedHead: {
    en: (count: number, wires: string): string =>
      `${count} ${count === 1 ? 'secret' : 'secrets'} LEAKED${wires ? ` on ${wires}` : ''}`,
    ko: (count: number, wires: string): string => `비밀 ${count}개 유출됨${wires ? `(구간 ${wires})` : ''}`,
  },
  sealedHead: { en: 'SEALED', ko: '암호화됨' },
  turnsHead: { en: 'READABLE, THEN SEALED', ko: '평문, 그 뒤 암호화' },
  unprovenHead: { en: 'nothing proven yet', ko: '아직 증명된 것 없음' },
  openHead: { en: 'READABLE', ko: '평문' },
  refusedHead: {
    en: (by: string): string => `REFUSED by ${by}`,
    ko: (by: string): string => `거부됨(거부한 쪽: ${by})`,
  },
  leakedSecret: {
    en: (
      secret: string,
      hop: string,
      towards: string,
      offset: string,
      value: string,
      encoding: string,
    ): string => `${secret} on wire ${hop}, ${towards}, at ${offset}: ${value} (${encoding})`,
    ko: (
      secret: string,
      hop: string,
      towards: string,
      offset: string,
      value: string,
      encoding: string,
    ): string => `${secret}: 구간 ${hop}, ${towards}, 오프셋 ${offset}: ${value}(${encoding})`,
  },
  at: {
    en: (secret: string, offset: string): string => `${secret} at ${offset}`,
    ko: (secret: string, offset: string): string => `${secret} ${offset}`,
  },
  wireLeaked: {
    en: (hop: string, places: string, encoding: string): string =>
      `wire ${hop} LEAKED: ${places}, ${encoding}`,
    ko: (hop: string, places: string, encoding: string): string =>
      `구간 ${hop} 유출됨: ${places}, ${encoding}`,
  },
  wireSealed: {
    en: (hop: string, secrets: string, bytes: string, seen: string): string =>
      `wire ${hop} SEALED: ${secrets} not in ${bytes} bytes; ${seen}`,
    ko: (hop: string, secrets: string, bytes: string, seen: string): string =>
      `구간 ${hop} 암호화됨: ${bytes}바이트에 ${secrets} 없음, ${seen}`,
  },
  /** Where what is not on the wire was seen: so many secrets. */
  seen: {
    atServer: {
      en: (count: number, server: string): string => `${allOf(count)} reached ${server}`,
      ko: (count: number, server: string): string => `${server}에는 ${count === 1 ? '' : '모두 '}도착`,
    },
    inClear: {
      en: (count: number, hop: string): string =>
        `${count === 1 ? '' : `${allOf(count)} `}readable on wire ${hop}`,
      ko: (count: number, hop: string): string => `구간 ${hop}에서는 ${count === 1 ? '' : '모두 '}평문`,
    },
    aboveTls: {
      en: (count: number, who: string): string => `${count === 1 ? '' : `${allOf(count)} `}in TLS at ${who}`,
      ko: (_count: number, who: string): string => `${who}의 TLS 안에 있음`,
    },
  },
  leakedShape: {
    en: (name: string, hop: string, offset: string, value: string, kind: string): string =>
      `${name} on wire ${hop}, at ${offset}: ${value} (${kind})`,
    ko: (name: string, hop: string, offset: string, value: string, kind: string): string =>
      `${name}: 구간 ${hop}, 오프셋 ${offset}: ${value}(${kind})`,
  },
  wireTurns: {
    en: (hop: string, bytes: string): string =>
      `wire ${hop} turned to TLS: the client's first ${bytes} bytes were READABLE, SEALED from there on`,
    ko: (hop: string, bytes: string): string =>
      `구간 ${hop} 도중에 TLS로 전환: 클라이언트의 처음 ${bytes}바이트는 평문, 그 뒤는 암호화됨`,
  },
  wireOfRecords: {
    en: (hop: string, bytes: string): string =>
      `wire ${hop} SEALED: ${bytes} bytes; all data is in sealed records`,
    ko: (hop: string, bytes: string): string =>
      `구간 ${hop} 암호화됨: ${bytes}바이트, 내용은 암호화된 레코드 안에만 있음`,
  },
  wireUnproven: {
    en: (hop: string, bytes: string): string =>
      `wire ${hop}: no secret found in ${bytes} bytes, and none was seen at the server: this proves nothing`,
    ko: (hop: string, bytes: string): string =>
      `구간 ${hop}: ${bytes}바이트에서 찾지 못했지만 서버에서도 보이지 않아 아무것도 증명되지 않음`,
  },
  wireDropped: {
    en: (hop: string, bytes: string): string =>
      `wire ${hop}: ${bytes} bytes were dropped before they could be searched: this proves nothing`,
    ko: (hop: string, bytes: string): string =>
      `구간 ${hop}: 확인하기 전에 버려진 데이터가 ${bytes}바이트 있어 아무것도 증명되지 않음`,
  },
  refusedLine: {
    en: (by: string, side: string, whom: string, reason: string): string =>
      `${by} turned the ${whom === side ? side : `${side} ${whom}`} away: ${reason}`,
    ko: (by: string, _side: string, whom: string, reason: string): string =>
      `${whom} 거부됨(거부한 쪽: ${by}): ${reason}`,
  },
  loginKept: {
    en: 'the request was not sent, not even sealed',
    ko: '요청은 암호화된 형태로도 전송되지 않았습니다',
  },
  loginSentSealed: {
    en: (bytes: string, server: string): string =>
      `the request had left the client, sealed (${bytes} bytes); it never reached ${server}`,
    ko: (bytes: string, server: string): string =>
      `요청 ${bytes}바이트가 암호화되어 전송되었지만 서버(${server})에는 닿지 않았습니다`,
  },
  loginDiscarded: {
    en: (bytes: string, server: string): string =>
      `the request had left the client, sealed (${bytes} bytes); ${server} discarded it`,
    ko: (bytes: string, server: string): string =>
      `요청 ${bytes}바이트가 암호화되어 전송되었지만 서버(${server})에서 버려졌습니다`,
  },
  loginReached: {
    en: (bytes: string, server: string): string =>
      `the request had left the client (${bytes} bytes), and a connection reached ${server}`,
    ko: (bytes: string, server: string): string =>
      `요청 ${bytes}바이트가 전송되었고 서버(${server})까지 연결되었습니다`,
  },
} as const;
