/**
 * TLS's part of a conversation: the reader of its records, and what its messages say at a glance. Loaded where TLS is
 * spoken; `conversation.ts` asks for it.
 */
import type { Connection } from '../capture/flows.ts';
import type { Field, FieldId, Step } from '../core/field.ts';
import { coverageOf as coverageOfField } from '../dissect/coverage.ts';
import type { Coverage } from '../dissect/coverage.ts';
import { cipherSuiteName, groupName, isGrease, nameOrCode, versionName } from '../dissect/tls/codes.ts';
import { TlsConversation, fieldOf as tlsFieldOf, handshakeFieldOf } from '../dissect/tls/conversation.ts';
import type { TlsMessage } from '../dissect/tls/conversation.ts';
import { KeyRing } from '../dissect/tls/keylog.ts';
import { certificateSummary, readCertificate, readDistinguishedName } from '../dissect/x509/certificate.ts';
import type { ReadOptions } from '../dissect/x509/certificate.ts';
import type { Localized } from '../i18n/language.ts';
import { verbatim } from '../i18n/language.ts';
import { bytesText, count, empty, foreign, joined, unexpected } from './facts.ts';

/** A message's fields, those inside its certificates and names too. */
export function fieldOf(message: TlsMessage): Field {
  return withStructures(tlsFieldOf(message));
}

/** How much of a handshake message its fields explain, those inside its certificates and names too; undefined for any other message. */
export function coverageOf(message: TlsMessage): Coverage | undefined {
  const field = handshakeFieldOf(message);
  return field && coverageOfField(withStructures(field), message.bytes?.length);
}

/** Fields that hold a structure of X.509, and who takes it to pieces. */
const structures: Readonly<Record<FieldId, (der: Uint8Array, options: ReadOptions) => Step<unknown>>> = {
  'tls.handshake.certificate.certificate': readCertificate,
  'tls.handshake.certificate_request.authorities.distinguished_name': readDistinguishedName,
  'tls.handshake.extension.certificate_authorities.distinguished_name': readDistinguishedName,
};

/** A structure that stands in one piece is taken to pieces; one that records split, or that is none, stays whole. */
function withStructures(field: Field): Field {
  const read = structures[field.id];
  if (!read) return field.children.length === 0 ? field : { ...field, children: field.children.map(withStructures) };
  const { value, range, origin } = field;
  if (!(value instanceof Uint8Array) || value.length !== range[1] - range[0]) return field;
  const step = read(value, { base: range[0], origin });
  return 'got' in step ? { ...field, children: step.field.children } : field;
}

/** A reader of one connection's records that has these key log lines from the start. */
export function startReading(keys: Iterable<string>): TlsConversation {
  const ring = new KeyRing();
  ring.add(keys);
  return new TlsConversation({ keys: ring });
}

/** `TLS 1.3`, as people write it. */
function spokenVersion(code: number): Localized {
  const name = nameOrCode(versionName, code).replace(/^TLSv/, 'TLS ');
  return verbatim(name === 'TLS 1' ? 'TLS 1.0' : name);
}

/** A connection's records read in the order of capture: what one side's mean depends on what the other has said. */
export function readTls(connection: Connection, keys: Iterable<string> = []): TlsConversation {
  const tls = startReading(keys);
  const streams = [connection.stream('wire', 'client'), connection.stream('wire', 'server')];
  const pieces = streams.flatMap((stream) => stream.chunks.map((chunk) => ({ stream, chunk })));
  for (const { stream, chunk } of pieces.toSorted((one, other) => one.chunk.seq - other.chunk.seq)) {
    const bytes = stream.payload(chunk);
    // Dropped payload leaves a gap, which the reader knows how to say.
    if (bytes.length === chunk.length) tls.feed({ from: stream.from, offset: chunk.offset, bytes, tag: chunk.seq });
  }
  return tls;
}

/** A message's bytes on the wire; what the keys opened stands in the place of its ciphertext. */
export function shownBytes({ opened, offset, bytes, ranges }: TlsMessage, wire: Uint8Array | undefined): Uint8Array | undefined {
  if (!opened || !wire || !bytes) return wire;
  const shown = Uint8Array.from(wire);
  let taken = 0;
  for (const [start, end] of ranges) {
    shown.set(bytes.subarray(taken, taken + end - start).subarray(0, Math.max(0, shown.length - (start - offset))), start - offset);
    taken += end - start;
  }
  return shown;
}

/** What is worth knowing of a TLS message at a glance. */
export function tlsFacts(message: TlsMessage): Localized {
  const { content } = message;
  switch (content.type) {
    case 'client_hello': {
      const { cipherSuites, extensions, version } = content;
      const versions = (extensions.supportedVersions ?? [version]).filter((code) => !isGrease(code));
      const suites = cipherSuites.filter((code) => !isGrease(code)).length;
      return joined([spokenVersion(Math.max(...versions, 0) || version), count(suites, 'suite', 'suites', '스위트'), foreign(extensions.serverName)]);
    }
    case 'server_hello': {
      const group = content.extensions.keyShareGroups?.[0];
      return joined([verbatim(nameOrCode(cipherSuiteName, content.cipherSuite)), group === undefined ? undefined : verbatim(nameOrCode(groupName, group))]);
    }
    case 'server_key_exchange':
      return content.group === undefined ? empty : verbatim(nameOrCode(groupName, content.group));
    case 'certificate': {
      const [leaf] = content.certificates;
      if (!leaf) return { en: 'empty: none was presented', ko: '비어 있음: 제시하지 않음' };
      const step = readCertificate(leaf);
      const more = content.certificates.length - 1;
      return joined([
        'got' in step ? foreign(certificateSummary(step.got).subject) : undefined,
        more > 0 ? { en: `and ${more} more in the chain`, ko: `체인에 ${more}개 더` } : undefined,
      ]);
    }
    case 'certificate_request':
      return content.authorities.length > 0 ? count(content.authorities.length, 'CA named', 'CAs named', '지정한 CA') : empty;
    case 'alert':
      return joined([verbatim(`${content.alert.description} (${content.alert.code})`), verbatim(content.alert.level)]);
    case 'application_data':
      return message.plaintextLength > 0 ? bytesText(message.plaintextLength) : empty;
    case 'malformed':
      return unexpected(content.malformed);
    case 'certificate_status':
    case 'certificate_verify':
    case 'change_cipher_spec':
    case 'client_key_exchange':
    case 'compressed_certificate':
    case 'encrypted_extensions':
    case 'end_of_early_data':
    case 'finished':
    case 'heartbeat':
    case 'hello_request':
    case 'key_update':
    case 'new_session_ticket':
    case 'other_handshake':
    case 'sealed':
    case 'server_hello_done':
      break;
  }
  return empty;
}
