/**
 * Reads one captured connection as the sniffer does, with the lines of its key log, and answers with the few facts that
 * expectations rest on. Its counterpart is `protocols/tls/conversation.ts`. Loaded only where a claim needs it.
 */
import type { EvidenceRef, Side } from '../capture/event.ts';
import type { Connection } from '../capture/connection.ts';
import type { Flows } from '../capture/flows.ts';
import { conversation as messagesOf } from './conversation/conversation.ts';
import { keyExchangeIn } from './conversation/key-exchange.ts';
import { outcomeOf } from './outcome/outcome.ts';
import type { OutcomeEvidence } from './outcome/outcome-facts.ts';
import { guessPages } from './eavesdropper/page-guess.ts';
import { readTls } from './conversation/tls-reading.ts';
import { visibilityOf } from './eavesdropper/visibility.ts';
import { isTls13 } from '../protocols/tls/codes.ts';
import type { TlsMessage } from '../protocols/tls/message/message.ts';
import { types } from '../protocols/dns/codes.ts';
import { readDns } from '../protocols/dns/message.ts';
import { certificateSummary, readCertificate } from '../protocols/x509/certificate.ts';
import type { DnsAnswer, WireReading } from './wire-reading.ts';

const closeNotify = 0;

/** @param upTo bytes of each direction behind which nothing is read */
export function readWire(connection: Connection, flows: Flows, upTo?: number): WireReading {
  const conversation = readTls(connection, [], upTo);
  const keys = flows.keylogOf(conversation.negotiated.clientRandom);
  conversation.openWith(keys);
  const { messages, negotiated } = conversation;
  return {
    ...(negotiated.version === undefined ? {} : { version: negotiated.version }),
    ...(negotiated.cipherName === undefined ? {} : { cipher: negotiated.cipherName }),
    ...(negotiated.group === undefined ? {} : { group: negotiated.group }),
    ...(negotiated.serverName === undefined ? {} : { serverName: negotiated.serverName }),
    ...(negotiated.offeredAlpn === undefined ? {} : { offeredAlpn: negotiated.offeredAlpn }),
    ...(negotiated.alpn === undefined ? {} : { alpn: negotiated.alpn }),
    wasAskedAgain: messages.some(
      ({ content }) => content.type === 'server_hello' && content.helloRetryRequest,
    ),
    alerts: messages.flatMap((message) => {
      const { content, from, encrypted: sealed, offset, length } = message;
      if (content.type !== 'alert' || content.alert.code === closeNotify) return [];
      return [{ from, code: content.alert.code, sealed, offset, length }];
    }),
    handshake: messages.filter(isHandshake).map(({ from, content, encrypted: sealed, offset, length }) => ({
      from,
      message: content.type,
      sealed,
      ...(content.type === 'certificate'
        ? { emptyCertificate: content.certificates.length === 0, certificates: content.certificates }
        : {}),
      offset,
      length,
    })),
    leaf(from: Side) {
      for (const message of messages) {
        const { content, offset, length } = message;
        const [der] = message.from === from && content.type === 'certificate' ? content.certificates : [];
        const step = der && readCertificate(der);
        if (step && 'got' in step) return { summary: certificateSummary(step.got), offset, length };
      }
      return undefined;
    },
    resumption: resumptionIn(messages),
    application(from: Side) {
      const pieces = conversation.plaintext(from).filter(({ bytes }) => bytes !== undefined);
      const [first] = pieces;
      const last = pieces.at(-1);
      if (!first || !last) return undefined;
      const end = last.message.offset + last.message.length;
      return {
        bytes: Buffer.concat(pieces.map(({ bytes }) => bytes ?? new Uint8Array(0))),
        offset: first.message.offset,
        length: end - first.message.offset,
      };
    },
    outcome() {
      const { evidence, ...outcome } = outcomeOf(connection, { keys });
      return { ...outcome, evidence: evidence.map(placeOf) };
    },
    unopened: (from: Side) =>
      messages.filter((message) => message.from === from && message.content.type === 'sealed').length,
    keyExchange: keyExchangeIn(messages),
    messages: (from, message) =>
      messages
        .filter(isHandshake)
        .flatMap(({ from: side, content, bytes, encrypted: sealed, offset, length }) =>
          side === from && content.type === message && bytes ? [{ bytes, sealed, offset, length }] : [],
        ),
    answers: () => dnsAnswers(connection),
    visible: (form) => visibilityOf(messagesOf(connection), { form }),
    guessPages: (known) => guessPages(messagesOf(connection), known),
  };
}

/** Where it stands, without what else is known of it. */
function placeOf(evidence: OutcomeEvidence): EvidenceRef {
  if (!('offset' in evidence)) return { event: evidence.event };
  const { run, conn, hop, vantage, from, offset, length } = evidence;
  return { run, conn, hop, vantage, from, offset, length };
}

/** Over TCP a message has its length before it. */
function dnsAnswers(connection: Connection): DnsAnswer[] {
  return messagesOf(connection).flatMap(({ protocol, from, offset, length, bytes }): DnsAnswer[] => {
    const whole = protocol === 'dns' && from === 'server' ? bytes() : undefined;
    const step = whole && readDns(connection.opened?.transport === 'udp' ? whole : whole.subarray(2));
    if (!step || !('got' in step)) return [];
    const service = step.got.answers.find(({ type }) => type === types.SRV);
    if (service?.data === undefined || service.port === undefined) return [{ offset, length }];
    const host =
      step.got.additionals.find(({ type, name }) => type === types.A && name === service.data)?.data ??
      service.data;
    return [{ offset, length, service: { name: service.name, host, port: service.port } }];
  });
}

/**
 * Under TLS 1.3 a session is offered by a pre-shared key (RFC 8446 section 2.2). Up to TLS 1.2 it is by a session id (a
 * client of TLS 1.3 fills that field for the sake of middleboxes), and the server takes it up by saying it again (RFC 5246
 * section 7.4.1.3).
 */
function resumptionIn(messages: readonly TlsMessage[]): WireReading['resumption'] {
  const hello = messages.flatMap(({ content }) => (content.type === 'client_hello' ? [content] : [])).at(-1);
  const answer = messages
    .flatMap(({ content }) =>
      content.type === 'server_hello' && !content.helloRetryRequest ? [content] : [],
    )
    .at(-1);
  if (!hello) return { offered: false, accepted: false };
  if (hello.extensions.supportedVersions?.some(isTls13)) {
    return {
      offered: (hello.extensions.pskIdentities ?? 0) > 0,
      accepted: answer?.extensions.selectedPsk !== undefined,
    };
  }
  const offered = hello.sessionId.length > 0;
  return {
    offered,
    accepted: offered && answer !== undefined && Buffer.from(hello.sessionId).equals(answer.sessionId),
  };
}

/** Content type 22; a message that is sealed or malformed is no handshake message that anybody read. */
function isHandshake({ contentType, content }: TlsMessage): boolean {
  return contentType === 22 && content.type !== 'sealed' && content.type !== 'malformed';
}
