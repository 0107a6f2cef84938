/**
 * Lists what an eavesdropper without keys knows of one TLS connection: what is readable, encrypted, absent, and what
 * follows from sizes and order. Every row is derived from captured bytes, never from the version number, and refers to
 * its bytes. The counterpart for lengths is `size-estimate.ts`.
 *
 * 1. It expects a conversation on the wire that was read without keys.
 * 2. `inferred` is a conclusion: right for honest senders without padding, not a proof.
 */
import type { Connection } from '../../capture/connection.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { ConversationReader } from '../conversation/conversation.ts';
import type { Message } from '../conversation/message.ts';
import { contentSizes, passwordSize, recordFormOf } from './size-estimate.ts';
import type { RequestForm, Size } from './size-estimate.ts';
import { absent, inferred, rowBuilders, sealed, sizeText } from './visible-rows.ts';
import type { RowContent } from './visible-rows.ts';
import { Wire, spoken } from './visible-wire.ts';
import type { Visibility, VisibleRow, VisibleThing } from './visible-wire.ts';

export const visibilityWords: Readonly<Record<Visibility, Localized>> = {
  readable: { en: 'readable', ko: '읽힘' },
  sealed: { en: 'sealed', ko: '암호화됨' },
  absent: { en: 'absent', ko: '없음' },
  inferred: { en: 'inferred', ko: '추론' },
};

export interface Visible {
  /** `TLS 1.3`, as the ServerHello says; undefined before there is one. */
  readonly version: string | undefined;
  readonly rows: readonly VisibleRow[];
  /** How long the first request is. */
  readonly request: Size | undefined;
  /** How long the password in it is, as far as its form is known. */
  readonly password: Size | undefined;
  /** How that was reckoned, step by step; absent where nothing was. */
  readonly reckoning?: Localized;
}

export interface VisibilityOptions {
  /** All of the first request but its password, where the eavesdropper knows it. */
  readonly form?: RequestForm | undefined;
}

/** Undefined without records of TLS: a handshake inside another protocol has none. */
export function visibilityOf(
  messages: readonly Message[],
  { form }: VisibilityOptions = {},
): Visible | undefined {
  if (!messages.some(({ protocol, vantage }) => protocol === 'tls' && vantage === 'wire')) return undefined;
  const wire = new Wire(messages);
  const request = wire.shape?.exchanges[0]?.request;
  const size = request && wire.form && contentSizes(request, wire.form);
  const password = size && form && passwordSize(size, form);
  const rows = Object.entries(rowBuilders).map(([what, build]) => ({
    what: what as VisibleThing,
    ...build(wire),
  }));
  const row = passwordRow(request ?? [], size, password, form !== undefined);
  return {
    version: wire.form && spoken(wire.form.version),
    rows: rows.map((one) => (one.what === 'password' ? { ...one, ...row } : one)),
    request: size,
    password,
    ...(request && size && password && form ? { reckoning: reckoningOf(request, size, password, form) } : {}),
  };
}

/** `265 bytes of record hold 243 of request; all but the password is 233: 10 are left`. */
function reckoningOf(request: readonly Message[], size: Size, password: Size, form: RequestForm): Localized {
  const records = request.map(({ length }) => grouped(length)).join('+');
  const [whole, rest, left] = [
    sizeText(size),
    grouped(form(password.most) - password.most),
    sizeText(password),
  ];
  return {
    en: `${records} bytes of record hold ${whole} bytes of request. Without the password it has ${rest}: ${left} are left.`,
    ko: `레코드 ${records}바이트에 요청 ${whole}바이트가 들어 있습니다. 비밀번호를 뺀 나머지가 ${rest}바이트이므로 ${left}바이트가 남습니다.`,
  };
}

/** What must be known for a length, and what would defeat it, belong to the answer. */
function passwordRow(
  request: readonly Message[],
  size: Size | undefined,
  password: Size | undefined,
  isFormKnown: boolean,
): RowContent {
  if (request.length === 0) return absent({ en: 'no request', ko: '요청 없음' });
  if (!size)
    return sealed(
      { en: 'the suite’s sizes are not known here', ko: '이 스위트의 크기 규칙을 알 수 없음' },
      request,
    );
  const whole = sizeText(size);
  if (!isFormKnown) {
    return sealed(
      {
        en: `${whole} bytes minus the rest of the request, if that is known`,
        ko: `요청의 나머지를 안다면 ${whole}바이트에서 뺀 값`,
      },
      request,
    );
  }
  if (!password)
    return sealed(
      {
        en: `${whole} bytes fit no login of the known form`,
        ko: `${whole}바이트는 알려진 로그인 폼과 맞지 않음`,
      },
      request,
    );
  const padded =
    size.sure === 'unless_padded' ? { en: ', unless padded', ko: ', 패딩이 없다면' } : { en: '', ko: '' };
  return inferred(
    {
      en: `${sizeText(password)} characters, the rest of its ${whole} bytes being known${padded.en}`,
      ko: `${sizeText(password)}자(요청 ${whole}바이트의 나머지를 아는 경우${padded.ko})`,
    },
    request,
  );
}

/**
 * The version that a connection settled on, as its first bytes say; undefined while there is no ServerHello, and where none
 * comes early.
 */
export function versionOnWire(connection: Connection): number | undefined {
  const known = versions.get(connection);
  if (known !== undefined) return known || undefined;
  const reader = new ConversationReader(connection);
  const hasMore = reader.advance(chunksOfHellos, bytesOfHellos);
  const version = recordFormOf(reader.messages)?.version;
  if (version !== undefined || hasMore || connection.closed) versions.set(connection, version ?? 0);
  return version;
}

/** 0 where there is none, and none will come. */
const versions = new WeakMap<Connection, number>();

/** The ServerHello comes at the beginning, or behind the few words that lead to TLS. */
const chunksOfHellos = 24;

const bytesOfHellos = 64 * 1024;
