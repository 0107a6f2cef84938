/** Names of the numbers in HTTP/2 (RFC 9113, and the registry "HTTP/2 Parameters" of IANA), and what errors mean. */
import type { Localized } from '../../i18n/language.ts';

export const frameTypes = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
  ALTSVC: 10,
  ORIGIN: 12,
  PRIORITY_UPDATE: 16,
} as const;

/** Undefined for a type that is not known here: such frames are allowed, and ignored (RFC 9113 section 4.1). */
export function nameOfFrame(type: number): string | undefined {
  return frameNames.get(type);
}

const frameNames: ReadonlyMap<number, string> = new Map(
  Object.entries(frameTypes).map(([name, type]) => [type, name]),
);

/** Bits of the flags; what they mean depends on the type of the frame. */
export const flags = { ACK: 0x1, END_STREAM: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 } as const;

const { DATA, HEADERS, SETTINGS, PUSH_PROMISE, PING, CONTINUATION } = frameTypes;

const flagNames: Readonly<Record<number, readonly (keyof typeof flags)[]>> = {
  [DATA]: ['END_STREAM', 'PADDED'],
  [HEADERS]: ['END_STREAM', 'END_HEADERS', 'PADDED', 'PRIORITY'],
  [SETTINGS]: ['ACK'],
  [PUSH_PROMISE]: ['END_HEADERS', 'PADDED'],
  [PING]: ['ACK'],
  [CONTINUATION]: ['END_HEADERS'],
};

/** The names of the flags that are set and mean something in a frame of that type. */
export function namesOfFlags(type: number, bits: number): readonly string[] {
  return (flagNames[type] ?? []).filter((name) => (bits & flags[name]) !== 0);
}

export const settingIds = { HEADER_TABLE_SIZE: 1 } as const;

const settingNames: readonly (string | undefined)[] = [
  undefined,
  'HEADER_TABLE_SIZE',
  'ENABLE_PUSH',
  'MAX_CONCURRENT_STREAMS',
  'INITIAL_WINDOW_SIZE',
  'MAX_FRAME_SIZE',
  'MAX_HEADER_LIST_SIZE',
  undefined,
  'ENABLE_CONNECT_PROTOCOL',
  'NO_RFC7540_PRIORITIES',
];

export function nameOfSetting(id: number): string {
  return settingNames[id] ?? `0x${id.toString(16).padStart(4, '0')}`;
}

interface ErrorWords {
  readonly name: string;
  readonly words: Localized;
}

/** By code (RFC 9113 section 7). */
const errors: readonly ErrorWords[] = [
  { name: 'NO_ERROR', words: { en: 'no error', ko: '오류 없음' } },
  { name: 'PROTOCOL_ERROR', words: { en: 'the peer broke the rules', ko: '상대가 프로토콜을 위반함' } },
  { name: 'INTERNAL_ERROR', words: { en: 'a fault of the sender', ko: '보낸 쪽의 내부 오류' } },
  {
    name: 'FLOW_CONTROL_ERROR',
    words: { en: 'more data than was allowed', ko: '허용량을 넘는 데이터를 받음' },
  },
  {
    name: 'SETTINGS_TIMEOUT',
    words: { en: 'settings were not acknowledged', ko: '설정 확인이 오지 않음' },
  },
  {
    name: 'STREAM_CLOSED',
    words: { en: 'a frame for a stream that is closed', ko: '닫힌 스트림에 프레임이 옴' },
  },
  { name: 'FRAME_SIZE_ERROR', words: { en: 'a frame of a wrong size', ko: '프레임 크기가 잘못됨' } },
  {
    name: 'REFUSED_STREAM',
    words: { en: 'not processed: it can be sent again', ko: '처리하지 않음(다시 보내도 됨)' },
  },
  { name: 'CANCEL', words: { en: 'no longer needed', ko: '더는 필요하지 않음' } },
  {
    name: 'COMPRESSION_ERROR',
    words: { en: 'headers could not be decompressed', ko: '헤더 압축을 풀지 못함' },
  },
  {
    name: 'CONNECT_ERROR',
    words: { en: 'the connection behind a CONNECT failed', ko: 'CONNECT로 연 연결이 실패함' },
  },
  {
    name: 'ENHANCE_YOUR_CALM',
    words: { en: 'the peer causes too much load', ko: '상대가 과도한 부하를 일으킴' },
  },
  {
    name: 'INADEQUATE_SECURITY',
    words: { en: 'TLS is too weak for HTTP/2', ko: 'TLS가 HTTP/2의 기준에 못 미침' },
  },
  { name: 'HTTP_1_1_REQUIRED', words: { en: 'use HTTP/1.1 instead', ko: 'HTTP/1.1을 써야 함' } },
];

export const knownErrors = errors.length;

/** `CANCEL: no longer needed`; of another code its number. */
export function errorWords(code: number): Localized {
  const known = errors[code];
  if (!known) return { en: `error ${code}`, ko: `오류 ${code}` };
  const { name, words } = known;
  return { en: `${name}: ${words.en}`, ko: `${name}: ${words.ko}` };
}

export function nameOfError(code: number): string | undefined {
  return errors[code]?.name;
}
