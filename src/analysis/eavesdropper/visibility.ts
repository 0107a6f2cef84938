/**
 * Lists what an eavesdropper without keys knows of one TLS connection: what is readable, encrypted, absent, and what
 * follows from sizes and order. Every row is derived from captured bytes, never from the version number, and refers to
 * its bytes. The counterpart for lengths is `size-estimate.ts`.
 *
 * 1. It expects a conversation on the wire that was read without keys.
 * 2. `inferred` is a conclusion: right for honest senders without padding, not a proof.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { EvidenceRef, Side } from '../../capture/event.ts';
import type { Connection } from '../../capture/flows.ts';
import type { Field, FieldId } from '../../core/field.ts';
import { findField } from '../../core/field.ts';
import { cipherSuiteName, groupName, isTls13, nameOrCode, versionName } from '../../protocols/tls/codes.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { ConversationReader, evidenceOfMessage } from '../conversation/conversation.ts';
import type { Message } from '../conversation/conversation.ts';
import { foreign, joined } from '../conversation/facts.ts';
import { contentSize, contentSizes, passwordSize, recordFormOf, sealedShape } from './size-estimate.ts';
import type { RecordForm, RequestForm, SealedShape, Size } from './size-estimate.ts';

export type Visibility = 'readable' | 'sealed' | 'absent' | 'inferred';

export const visibilityWords: Readonly<Record<Visibility, Localized>> = {
  readable: { en: 'readable', ko: '읽힘' },
  sealed: { en: 'sealed', ko: '암호화됨' },
  absent: { en: 'absent', ko: '없음' },
  inferred: { en: 'inferred', ko: '추론' },
};

/** The rows, in display order. */
export const visibleThings = {
  version: { en: 'version, suite', ko: '버전, 스위트' },
  site: { en: 'site (SNI)', ko: '사이트(SNI)' },
  offeredProtocols: { en: 'ALPN offered', ko: '제안한 ALPN' },
  protocol: { en: 'ALPN chosen', ko: '선택된 ALPN' },
  serverCertificate: { en: 'server certificate', ko: '서버 인증서' },
  clientCertificate: { en: 'client certificate', ko: '클라이언트 인증서' },
  identity: { en: 'who the client is', ko: '클라이언트의 신원' },
  alert: { en: 'alerts', ko: '알림(Alert)' },
  ticket: { en: 'session tickets', ko: '세션 티켓' },
  content: { en: 'what is said', ko: '주고받은 내용' },
  requests: { en: 'requests', ko: '요청 수와 크기' },
  password: { en: 'password length', ko: '비밀번호 길이' },
  sizes: { en: 'sizes', ko: '크기' },
  timing: { en: 'timing', ko: '시각' },
} as const satisfies Readonly<Record<string, Localized>>;
export type VisibleThing = keyof typeof visibleThings;

export interface VisibleRow {
  readonly what: VisibleThing;
  readonly state: Visibility;
  readonly value: Localized;
  readonly evidence: readonly EvidenceRef[];
}

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

/** Undefined without TLS. */
export function visibilityOf(
  messages: readonly Message[],
  { form }: VisibilityOptions = {},
): Visible | undefined {
  if (!messages.some(({ protocol }) => protocol === 'tls')) return undefined;
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

type RowContent = Omit<VisibleRow, 'what'>;

/** One conversation, and what of it is asked more than once. */
class Wire {
  readonly messages: readonly Message[];
  readonly form: RecordForm | undefined;
  readonly shape: SealedShape | undefined;
  readonly #fields = new Map<Message, Field | undefined>();

  constructor(messages: readonly Message[]) {
    this.messages = messages;
    this.form = recordFormOf(messages);
    this.shape = this.form && sealedShape(messages, this.form);
  }

  get isNewest(): boolean {
    return this.form !== undefined && isTls13(this.form.version);
  }

  /** A handshake message that stands readable. */
  readable(title: string, from: Side): Message | undefined {
    return this.messages.find(
      (message) =>
        message.title.en === title && message.from === from && !message.sealed && message.protocol === 'tls',
    );
  }

  field(message: Message | undefined, id: FieldId): Field | undefined {
    if (!message) return undefined;
    if (!this.#fields.has(message)) this.#fields.set(message, message.field());
    const root = this.#fields.get(message);
    return root && findField(root, id);
  }
}

const spoken = (code: number): string =>
  nameOrCode(versionName, code)
    .replace(/^TLSv1$/, 'TLS 1.0')
    .replace(/^TLSv/, 'TLS ');

function readable(value: Localized, ...messages: readonly (Message | undefined)[]): RowContent {
  return { state: 'readable', value, evidence: evidenceOf(messages) };
}

function sealed(value: Localized, messages: readonly Message[] = []): RowContent {
  return { state: 'sealed', value, evidence: evidenceOf(messages) };
}

function absent(value: Localized, messages: readonly (Message | undefined)[] = []): RowContent {
  return { state: 'absent', value, evidence: evidenceOf(messages) };
}

function inferred(value: Localized, messages: readonly Message[]): RowContent {
  return { state: 'inferred', value, evidence: evidenceOf(messages) };
}

/** More are no better evidence. */
const mostEvidence = 16;

function evidenceOf(messages: readonly (Message | undefined)[]): EvidenceRef[] {
  return messages
    .filter((message) => message !== undefined)
    .slice(0, mostEvidence)
    .map(evidenceOfMessage);
}

const bytesOf = (messages: readonly Message[]): string =>
  grouped(messages.reduce((sum, { length }) => sum + length, 0));
const notSeen: Localized = { en: 'not seen', ko: '보이지 않음' };
const brokenOff: Localized = {
  en: 'the handshake did not come so far',
  ko: '핸드셰이크가 여기까지 오지 않음',
};

const rowBuilders: Readonly<Record<VisibleThing, (wire: Wire) => RowContent>> = {
  version(wire) {
    const hello = wire.readable('ServerHello', 'server');
    if (!wire.form || !hello) return absent(brokenOff);
    const group = wire.field(hello, 'tls.handshake.extension.key_share.group')?.value;
    return readable(
      joined([
        verbatim(spoken(wire.form.version)),
        verbatim(nameOrCode(cipherSuiteName, wire.form.suite)),
        typeof group === 'number' ? verbatim(nameOrCode(groupName, group)) : undefined,
      ]),
      hello,
    );
  },

  site(wire) {
    const hello = wire.readable('ClientHello', 'client');
    const name = wire.field(hello, 'tls.handshake.extension.server_name.host_name');
    if (!hello) return absent(notSeen);
    if (name) return readable(foreign(textOf(name)), hello);
    return absent({ en: 'the client named none', ko: '클라이언트가 이름을 보내지 않음' }, [hello]);
  },

  offeredProtocols(wire) {
    const hello = wire.readable('ClientHello', 'client');
    const offered = protocolsIn(
      wire.field(hello, 'tls.handshake.extension.application_layer_protocol_negotiation'),
    );
    return offered.length > 0
      ? readable(foreign(offered.join(', ')), hello)
      : absent({ en: 'none', ko: '없음' }, [hello]);
  },

  protocol(wire) {
    const hello = wire.readable('ServerHello', 'server');
    const [chosen] = protocolsIn(
      wire.field(hello, 'tls.handshake.extension.application_layer_protocol_negotiation'),
    );
    if (chosen !== undefined) return readable(foreign(chosen), hello);
    const offer = wire.readable('ClientHello', 'client');
    if (!wire.field(offer, 'tls.handshake.extension.application_layer_protocol_negotiation'))
      return absent({ en: 'none was offered', ko: '제안한 것이 없음' }, [offer]);
    const flight = wire.shape?.serverFlight ?? [];
    if (flight.length > 0)
      return sealed(
        { en: 'in the sealed EncryptedExtensions', ko: '암호화된 EncryptedExtensions 안에 있음' },
        flight.slice(0, 1),
      );
    return absent(hello ? { en: 'the server chose none', ko: '서버가 선택하지 않음' } : brokenOff, [hello]);
  },

  serverCertificate(wire) {
    const certificate = wire.readable('Certificate', 'server');
    if (certificate) return readable(certificate.facts, certificate);
    const hello = wire.readable('ServerHello', 'server');
    if (!hello) return absent(brokenOff);
    if (wire.field(hello, 'tls.handshake.extension.pre_shared_key'))
      return absent({ en: 'a session is resumed: none is sent', ko: '세션 재개: 보내지 않음' }, [hello]);
    const flight = wire.shape?.serverFlight ?? [];
    if (flight.length > 0)
      return sealed(
        { en: `among ${bytesOf(flight)} sealed bytes`, ko: `암호화된 ${bytesOf(flight)}바이트 안에 있음` },
        flight,
      );
    return absent(notSeen, [hello]);
  },

  clientCertificate(wire) {
    const certificate = wire.readable('Certificate', 'client');
    if (certificate)
      return isEmpty(wire, certificate)
        ? absent({ en: 'asked for; the answer is empty', ko: '요청했지만 빈 응답' }, [certificate])
        : readable(certificate.facts, certificate);
    const { shape, form } = wire;
    if (!shape || !form) return absent(brokenOff);
    if (!wire.isNewest)
      return absent({ en: 'none was sent', ko: '보내지 않음' }, [wire.readable('ServerHelloDone', 'server')]);
    const { clientFlight, finished } = shape;
    const [first] = clientFlight;
    if (!finished)
      return first
        ? sealed(
            {
              en: `perhaps among ${bytesOf(clientFlight)} sealed bytes`,
              ko: `암호화된 ${bytesOf(clientFlight)}바이트 안에 있을 수 있음`,
            },
            clientFlight,
          )
        : absent(brokenOff);
    if (!first)
      return inferred(
        {
          en: 'none: the Finished comes first, known by its size',
          ko: '없음: 크기로 알 수 있는 Finished가 먼저 옴',
        },
        [finished],
      );
    const size = contentSize(first.length, form);
    if (size && size.most <= emptyCertificate)
      return inferred(
        {
          en: `asked for; empty, by its size (${first.length} bytes)`,
          ko: `요청했지만 크기(${first.length}바이트)로 보아 비어 있음`,
        },
        [first, finished],
      );
    return sealed(
      {
        en: `one was shown (${clientFlight.map(({ length }) => length).join('+')} bytes); whose, is sealed`,
        ko: `제시됨(${clientFlight.map(({ length }) => length).join('+')}바이트), 누구의 것인지는 암호화됨`,
      },
      clientFlight,
    );
  },

  identity(wire) {
    const certificate = wire.readable('Certificate', 'client');
    if (certificate && !isEmpty(wire, certificate)) return readable(certificate.facts, certificate);
    const { shape } = wire;
    const within = [...(shape?.clientFlight ?? []), ...(shape?.exchanges[0]?.request ?? [])];
    if (within.length > 0) return sealed({ en: 'only its address', ko: '주소만 알 수 있음' }, within);
    return absent({ en: 'it did not say: only its address', ko: '밝히지 않음: 주소만 알 수 있음' });
  },

  alert(wire) {
    const clear = wire.messages.filter(({ alert }) => alert !== undefined);
    if (clear.length > 0)
      return readable(
        verbatim(clear.map(({ alert }) => `${alert?.description ?? ''} (${alert?.code ?? ''})`).join(', ')),
        ...clear,
      );
    const { alerts = [] } = wire.shape ?? {};
    const [first] = alerts;
    if (!first) return absent({ en: 'none', ko: '없음' });
    if (first.contentType === 21)
      return sealed(
        {
          en: `${alerts.length}, by their type; which, is sealed`,
          ko: `유형으로 보아 ${alerts.length}개, 내용은 암호화됨`,
        },
        alerts,
      );
    return sealed(
      {
        en: `${alerts.length}, by their size of ${first.length} bytes; which, is sealed`,
        ko: `크기(${first.length}바이트)로 보아 ${alerts.length}개, 내용은 암호화됨`,
      },
      alerts,
    );
  },

  ticket(wire) {
    const ticket = wire.readable('NewSessionTicket', 'server');
    const hello = wire.readable('ClientHello', 'client');
    const offered =
      hello &&
      (wire.field(hello, 'tls.handshake.extension.pre_shared_key') ??
        nonEmpty(wire.field(hello, 'tls.handshake.extension.session_ticket.ticket')));
    const again: Localized | undefined = offered
      ? { en: 'the client shows one: it was here before', ko: '클라이언트가 제시함: 전에도 접속했음' }
      : undefined;
    if (ticket)
      return readable(
        joined([{ en: `given, ${ticket.length} bytes`, ko: `발급됨, ${ticket.length}바이트` }, again]),
        ticket,
        offered ? hello : undefined,
      );
    if (again) return readable(again, hello);
    const after =
      wire.isNewest && wire.shape?.finished
        ? wire.messages.filter(
            ({ sealed: isSealed, from, seq }) =>
              isSealed && from === 'server' && seq > (wire.shape?.finished?.seq ?? Infinity),
          )
        : [];
    if (after.length > 0)
      return sealed(
        { en: 'if any, among the sealed records', ko: '있다면 암호화된 레코드 안에 있음' },
        after,
      );
    return absent({ en: 'none', ko: '없음' });
  },

  content(wire) {
    const said = wire.messages.filter(
      ({ vantage, protocol }) => vantage === 'plaintext' && protocol !== 'tcp',
    );
    if (said.length > 0)
      return readable(
        { en: 'all of it: the suite encrypts nothing', ko: '모두: 이 스위트는 암호화하지 않음' },
        ...said,
      );
    const { exchanges = [] } = wire.shape ?? {};
    const records = exchanges.flatMap(({ request, answer }) => [...request, ...answer]);
    if (records.length > 0)
      return sealed(
        { en: `${bytesOf(records)} bytes of records`, ko: `레코드 ${bytesOf(records)}바이트` },
        records,
      );
    return absent({ en: 'nothing was said', ko: '주고받은 내용 없음' });
  },

  requests(wire) {
    const { shape, form } = wire;
    if (!shape || !form || shape.exchanges.length === 0) return absent({ en: 'none', ko: '없음' });
    const { exchanges } = shape;
    const sizes = exchanges.slice(0, mostSizes).map(({ request }) => sizeText(contentSizes(request, form)));
    const more = exchanges.length > mostSizes ? ', …' : '';
    return inferred(
      {
        en: `${exchanges.length}: ${sizes.join(', ')}${more} bytes of plaintext`,
        ko: `${exchanges.length}건: 평문 ${sizes.join(', ')}${more}바이트`,
      },
      exchanges.flatMap(({ request }) => request),
    );
  },

  // RowContent by `passwordRow`, which knows more.
  password: () => absent({ en: 'no request', ko: '요청 없음' }),

  sizes(wire) {
    const of = (from: Side): string =>
      bytesOf(wire.messages.filter((message) => message.from === from && message.vantage === 'wire'));
    return readable({
      en: `client ${of('client')} B, server ${of('server')} B`,
      ko: `클라이언트 ${of('client')} B, 서버 ${of('server')} B`,
    });
  },

  timing(wire) {
    const [first] = wire.messages;
    const last = wire.messages.at(-1);
    if (!first || !last) return absent(notSeen);
    const { request, answer } = wire.shape?.exchanges[0] ?? {};
    const [asked, answered] = [request?.at(-1), answer?.[0]];
    return readable(
      joined([
        { en: `${seconds(last.at - first.at)} s in all`, ko: `전체 ${seconds(last.at - first.at)}초` },
        asked && answered
          ? {
              en: `answer after ${seconds(answered.at - asked.at)} s`,
              ko: `응답까지 ${seconds(answered.at - asked.at)}초`,
            }
          : undefined,
      ]),
      asked,
      answered,
    );
  },
};

const seconds = (microseconds: number): string => (Math.max(0, microseconds) / 1e6).toFixed(3);

/** Of an empty Certificate message under TLS 1.3: type, length, the length of the context, that of the list. */
const emptyCertificate = 8;

/** Further requests are counted, not listed. */
const mostSizes = 3;

function isEmpty(wire: Wire, certificate: Message): boolean {
  return wire.field(certificate, 'tls.handshake.certificate.certificate') === undefined;
}

function nonEmpty(field: Field | undefined): Field | undefined {
  // An empty session_ticket extension requests a ticket; a non-empty one presents one.
  return field?.value instanceof Uint8Array && field.value.length > 0 ? field : undefined;
}

function textOf({ value }: Field): string {
  return typeof value === 'string' ? value : value instanceof Uint8Array ? latin1Text(value) : '';
}

function protocolsIn(extension: Field | undefined): string[] {
  if (!extension) return [];
  if (extension.id === 'tls.handshake.extension.application_layer_protocol_negotiation.protocol')
    return [textOf(extension)];
  return extension.children.flatMap(protocolsIn);
}

/** `213`, `200 to 215`; a question mark where the suite is not known. */
export function sizeText(size: Size | undefined): string {
  if (!size) return '?';
  return size.least === size.most ? grouped(size.most) : `${grouped(size.least)}-${grouped(size.most)}`;
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
        ko: `${whole}바이트는 알려진 로그인 양식과 맞지 않음`,
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
