/** Says what a frame of HTTP/2 is: its title, without secrets, and what is worth knowing of it at a glance. */
import type { Side } from '../../capture/event.ts';
import type { Malformed } from '../../core/field.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import type { GrpcRead } from '../grpc/reader.ts';
import { statusWords } from '../grpc/status.ts';
import { namesOfForm, readForm } from '../http/form.ts';
import type { HttpBodyPart, HttpHead } from '../protocol.ts';
import { errorWords, flags, frameTypes, nameOfFrame, nameOfSetting } from './codes.ts';
import { hasFlag, settingsOf, textOf, uint32Of } from './frame.ts';
import type { Frame } from './frame.ts';
import type { HeaderBlock } from './hpack.ts';
import type { StreamSide } from './streams.ts';

interface Words {
  readonly title: Localized;
  readonly facts: Localized;
  readonly isMinor: boolean;
}

/** What is known of a frame when it is told. */
export interface KnownOfFrame {
  readonly lastTag: number;
  readonly malformed?: Malformed | undefined;
  readonly isCut?: true;
  readonly http?: HttpHead | undefined;
  readonly httpBody?: HttpBodyPart | undefined;
  /** Whose body it is a part of, whether it is the first part, and the path that was asked for. */
  readonly side?: StreamSide;
  readonly isFirst?: boolean;
  readonly path?: string | undefined;
  readonly grpc?: GrpcRead | undefined;
  readonly block?: HeaderBlock;
  readonly isInParts?: boolean;
  readonly isPromise?: boolean;
}

interface Telling extends KnownOfFrame {
  readonly from: Side;
  /** More of the header block follows. */
  readonly isUnfinishedBlock: boolean;
  readonly grpcSummaries: readonly string[] | undefined;
}

const {
  DATA,
  HEADERS,
  PRIORITY,
  RST_STREAM,
  SETTINGS,
  PUSH_PROMISE,
  PING,
  GOAWAY,
  WINDOW_UPDATE,
  CONTINUATION,
} = frameTypes;

const nothing = verbatim('');

/** The stream stands first among the facts: titles are cut where there is no room. */
export function wordsOf(frame: Frame, known: Telling): Words {
  const words = wordsWithin(frame, known);
  const stream = known.http?.stream ?? frame.stream;
  // Frames of stream 0 are about the connection.
  if (stream === 0) return words;
  return { ...words, facts: joined([{ en: `stream ${stream}`, ko: `스트림 ${stream}` }, words.facts]) };
}

function wordsWithin(frame: Frame, known: Telling): Words {
  const { type } = frame;
  const name = nameOfFrame(type) ?? `frame type 0x${type.toString(16).padStart(2, '0')}`;
  const plain = { title: verbatim(name), facts: nothing, isMinor: false };
  if (known.malformed && !known.http) return plain;
  switch (type) {
    case DATA:
      return dataWords(frame, known);
    case HEADERS:
    case PUSH_PROMISE:
    case CONTINUATION:
      return headerWords(frame, known, plain);
    case RST_STREAM:
      return { ...plain, facts: errorWords(uint32Of(frame) ?? 0) };
    case SETTINGS:
      return hasFlag(frame, flags.ACK)
        ? { title: verbatim('SETTINGS ACK'), facts: nothing, isMinor: true }
        : { ...plain, facts: verbatim(settingWords(frame)), isMinor: true };
    case PING:
      return { ...plain, title: verbatim(hasFlag(frame, flags.ACK) ? 'PING ACK' : 'PING'), isMinor: true };
    case GOAWAY:
      return { ...plain, facts: goawayWords(frame) };
    case WINDOW_UPDATE:
      return {
        ...plain,
        facts: {
          en: `${grouped(uint32Of(frame) ?? 0)} more bytes allowed`,
          ko: `${grouped(uint32Of(frame) ?? 0)}바이트 더 허용`,
        },
        isMinor: true,
      };
    case PRIORITY:
      return { ...plain, isMinor: true };
    case frameTypes.ALTSVC:
    case frameTypes.ORIGIN:
    case frameTypes.PRIORITY_UPDATE:
      return { ...plain, facts: verbatim(printable(textOf(frame, 0))), isMinor: true };
    default:
      return {
        title: { en: name, ko: `프레임 유형 0x${type.toString(16).padStart(2, '0')}` },
        facts: nothing,
        isMinor: true,
      };
  }
}

/** Extension frames have text behind numbers. */
function printable(text: string): string {
  return text
    .replace(/[^\u0020-\u007e]+/g, ' ')
    .trim()
    .slice(0, 80);
}

function joined(parts: readonly (Localized | undefined)[]): Localized {
  const present = parts.filter((part): part is Localized => part !== undefined && part.en !== '');
  return { en: present.map(({ en }) => en).join(', '), ko: present.map(({ ko }) => ko).join(', ') };
}

const headersOf = ({ headers }: HttpHead, name: string): string | undefined =>
  headers.find(([one]) => one === name)?.[1];

const typeOf = (value: string | undefined): Localized | undefined =>
  value === undefined ? undefined : verbatim(value.split(';')[0] ?? '');

function headerWords(frame: Frame, { http, isPromise, isUnfinishedBlock }: Telling, plain: Words): Words {
  if (!http)
    return isUnfinishedBlock
      ? {
          ...plain,
          facts: { en: 'its headers go on in the next frame', ko: '헤더가 다음 프레임으로 이어짐' },
          isMinor: true,
        }
      : {
          ...plain,
          facts: { en: 'the beginning of its headers is missing', ko: '헤더의 앞부분이 없음' },
        };
  const { kind, method, path, status, authority, isTrailer, unknown } = http;
  const grpcStatus = headersOf(http, 'grpc-status');
  const missing =
    unknown === undefined
      ? undefined
      : {
          en: `${unknown} ${unknown === 1 ? 'header' : 'headers'} unknown`,
          ko: `알 수 없는 헤더 ${unknown}개`,
        };
  const said =
    grpcStatus === undefined ? undefined : statusWords(grpcStatus, headersOf(http, 'grpc-message'));
  if (isTrailer)
    return {
      title: { en: 'trailers', ko: '트레일러' },
      facts: joined([said ?? verbatim(http.headers.map(([name]) => name).join(', ')), missing]),
      isMinor: false,
    };
  if (kind === 'request') {
    const line = `${method ?? '?'} ${path ?? (method === 'CONNECT' ? authority : undefined) ?? '?'}`;
    const title: Localized = isPromise
      ? { en: `PUSH_PROMISE ${line}`, ko: `PUSH_PROMISE ${line}` }
      : method === undefined && path === undefined
        ? { en: nameOfFrame(frame.type) ?? '', ko: nameOfFrame(frame.type) ?? '' }
        : verbatim(line);
    return {
      title,
      facts: joined([authority === undefined ? undefined : verbatim(authority), missing]),
      isMinor: false,
    };
  }
  const location = headersOf(http, 'location');
  return {
    title: verbatim(status === undefined ? (nameOfFrame(frame.type) ?? '') : String(status)),
    facts: joined([
      location === undefined ? undefined : { en: `to ${location}`, ko: `이동: ${location}` },
      typeOf(headersOf(http, 'content-type')),
      said,
      missing,
    ]),
    isMinor: false,
  };
}

function dataWords(frame: Frame, known: Telling): Words {
  const { side, isFirst, grpc, grpcSummaries, path, httpBody, from } = known;
  const ends = hasFlag(frame, flags.END_STREAM) ? { en: 'end of stream', ko: '스트림 끝' } : undefined;
  const name = verbatim('DATA');
  if (grpc && side?.content) {
    const [message] = grpc.messages;
    if (!message)
      return {
        title: name,
        facts:
          (httpBody?.bytes.length ?? 0) > 0
            ? joined([{ en: 'part of a gRPC message', ko: 'gRPC 메시지의 일부' }, ends])
            : joined([ends]),
        isMinor: true,
      };
    // The path of the call is in its headers.
    const method = path?.split('/').at(-1) || 'gRPC';
    const more = grpc.messages.length - 1;
    return {
      title:
        from === 'client'
          ? { en: `${method} request`, ko: `${method} 요청` }
          : { en: `${method} response`, ko: `${method} 응답` },
      facts: joined([
        verbatim(grpcSummaries?.filter((text) => text !== '').join('; ') ?? ''),
        more > 0
          ? { en: `${more} more ${more === 1 ? 'message' : 'messages'}`, ko: `메시지 ${more}개 더` }
          : undefined,
      ]),
      isMinor: false,
    };
  }
  return {
    title: name,
    facts: joined([
      formWords(httpBody) ?? (isFirst ? typeOf(side?.headerOf('content-type')) : undefined),
      ends,
    ]),
    isMinor: isFirst !== true && !formWords(httpBody),
  };
}

/** The names of a form's fields; its values may be secrets. */
function formWords(part: HttpBodyPart | undefined): Localized | undefined {
  const whole = part?.kind === 'request' ? part.whole : undefined;
  if (
    !whole ||
    whole.coding !== undefined ||
    !/^application\/x-www-form-urlencoded\b/i.test(whole.type ?? '')
  )
    return undefined;
  const fields = namesOfForm(readForm(whole.bytes).slice(0, 8));
  return fields === '' ? undefined : { en: `form: ${fields}`, ko: `폼: ${fields}` };
}

function settingWords(frame: Frame): string {
  const settings = settingsOf(frame);
  const shown = settings.slice(0, 6).map(([id, value]) => `${nameOfSetting(id)} ${value}`);
  return [...shown, ...(settings.length > shown.length ? ['…'] : [])].join(', ');
}

function goawayWords(frame: Frame): Localized {
  const last = (uint32Of(frame) ?? 0) & 0x7fffffff;
  const text = printable(textOf(frame, 8));
  return joined([
    errorWords(uint32Of(frame, 4) ?? 0),
    { en: `last stream ${last}`, ko: `마지막 스트림 ${last}` },
    text === '' ? undefined : verbatim(`"${text}"`),
  ]);
}
