/** Builds the rows of what an eavesdropper sees of a connection: one per thing, with its evidence. */
import type { EvidenceRef, Side } from '../../capture/event.ts';
import { latin1Text } from '../../core/bytes.ts';
import type { Field } from '../../core/field.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped, inSeconds } from '../../i18n/number.ts';
import { cipherSuiteName, groupName, nameOrCode } from '../../protocols/tls/codes.ts';
import { evidenceOfMessage } from '../conversation/message.ts';
import type { Message } from '../conversation/message.ts';
import { foreign, joined } from '../conversation/facts.ts';
import { contentSize, contentSizes } from './size-estimate.ts';
import type { Size } from './size-estimate.ts';
import { spoken } from './visible-wire.ts';
import type { VisibleRow, VisibleThing, Wire } from './visible-wire.ts';

export type RowContent = Omit<VisibleRow, 'what'>;

export function readable(value: Localized, ...messages: readonly (Message | undefined)[]): RowContent {
  return { state: 'readable', value, evidence: evidenceOf(messages) };
}

export function sealed(value: Localized, messages: readonly Message[] = []): RowContent {
  return { state: 'sealed', value, evidence: evidenceOf(messages) };
}

export function absent(value: Localized, messages: readonly (Message | undefined)[] = []): RowContent {
  return { state: 'absent', value, evidence: evidenceOf(messages) };
}

export function inferred(value: Localized, messages: readonly Message[]): RowContent {
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

export const rowBuilders: Readonly<Record<VisibleThing, (wire: Wire) => RowContent>> = {
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

const seconds = (microseconds: number): string => inSeconds(Math.max(0, microseconds));

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
