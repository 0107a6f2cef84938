/**
 * Implements the TLS part of a conversation: reads its records and summarizes its messages. Loaded for connections with
 * TLS by `conversation.ts`.
 */
import { defined } from '../../core/defined.ts';
import { indexFrom } from '../../capture/flow-stream.ts';
import type { Chunk, FlowStream } from '../../capture/flow-stream.ts';
import type { Connection } from '../../capture/connection.ts';
import { changed } from '../../core/field.ts';
import type { Field } from '../../core/field.ts';
import { Recent } from '../../core/recent.ts';
import { coverageOf as coverageOfField } from '../../protocols/coverage.ts';
import type { Coverage } from '../../protocols/coverage.ts';
import { Agreement } from '../../protocols/tls/agreement.ts';
import { openCompressedCertificate } from '../../protocols/tls/certificate-compression.ts';
import type { Unopened } from '../../protocols/tls/certificate-compression.ts';
import {
  cipherSuiteName,
  compressionName,
  groupName,
  isGrease,
  nameOrCode,
  versionName,
} from '../../protocols/tls/codes.ts';
import { TlsConversation } from '../../protocols/tls/conversation.ts';
import { fieldOf as tlsFieldOf, handshakeFieldOf } from '../../protocols/tls/message/message-field.ts';
import type { KeysFor, OnOpened } from '../../protocols/tls/conversation.ts';
import type { TlsMessage } from '../../protocols/tls/message/message.ts';
import type { CertificateList } from '../../protocols/tls/handshake.ts';
import { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import type { OcspResponse } from '../../protocols/x509/ocsp.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { chainFaults, chainOf, linkRemark } from '../eavesdropper/chain.ts';
import { bytesText, count, empty, foreign, joined, unexpected } from './facts.ts';
import { presentedCertificate, summaryOf } from '../../protocols/x509/known-certificates.ts';

/** A message's fields; of a list of certificates, what stands behind each issuer's name. */
export function fieldOf(message: TlsMessage): Field {
  const field = tlsFieldOf(message);
  const { content } = message;
  const chain = content.type === 'certificate' ? chainOf(content.certificates) : undefined;
  if (!chain) return field;
  let index = 0;
  return changed(field, 'tls.handshake.certificate.certificate', (certificate) => {
    const link = chain.links[index++];
    const remark = link && linkRemark(link);
    return remark === undefined
      ? certificate
      : changed(certificate, 'x509.tbs_certificate.issuer', (issuer) => withRemark(issuer, remark));
  });
}

const coverages = new Recent<{ readonly coverage: Coverage | undefined }>();

/** How much of a handshake message its fields explain, those inside its certificates and names too; undefined for any other message. */
export function coverageOf(message: TlsMessage): Coverage | undefined {
  const { bytes, content, context, contentType } = message;
  // Of all messages this one costs most, and it says the same on each connection of its sender.
  if (content.type !== 'certificate' || !bytes) return coverageOfMessage(message);
  return coverages.of(
    bytes,
    () => ({ coverage: coverageOfMessage(message) }),
    `${contentType} ${context.version} ${context.cipherSuite} `,
  ).coverage;
}

function coverageOfMessage(message: TlsMessage): Coverage | undefined {
  const field = handshakeFieldOf(message);
  return field && coverageOfField(field, message.bytes?.length);
}

/** For any byte of it that is selected. */
function withRemark(field: Field, id: string): Field {
  if (field.children.length === 0) return { ...field, remarks: [...field.remarks, { id }] };
  return { ...field, children: field.children.map((child) => withRemark(child, id)) };
}

/** What a reader keeps of records that it will not read again: enough for any handshake. */
const keptInPassing = 64 * 1024;

/**
 * A reader of one connection's records that has these key log lines from the start, or whatever a ring has when they are used.
 * @param options.passing bulk that no key opens is only counted, from the beginning on
 */
export function startReading(
  keys: Iterable<string> | KeyRing,
  {
    passing = false,
    tellsBulk = false,
    keysFor,
    maxKept,
    onOpened,
  }: {
    readonly passing?: boolean;
    readonly tellsBulk?: boolean;
    readonly keysFor?: KeysFor | undefined;
    readonly maxKept?: number;
    readonly onOpened?: OnOpened | undefined;
  } = {},
): TlsConversation {
  return new TlsConversation(
    defined({
      keys: ringOf(keys),
      onOpened,
      ...(passing
        ? { maxKept: keptInPassing, passing, tellsBulk }
        : maxKept === undefined
          ? {}
          : { maxKept }),
      keysFor,
    }),
  );
}

export const startAgreement = (): Agreement => new Agreement();

export function ringOf(keys: Iterable<string> | KeyRing): KeyRing {
  if (keys instanceof KeyRing) return keys;
  const ring = new KeyRing();
  ring.add(keys);
  return ring;
}

/** `TLS 1.3`, as people write it. */
function spokenVersion(code: number): Localized {
  const name = nameOrCode(versionName, code).replace(/^(D?TLS)v/, '$1 ');
  return verbatim(name === 'TLS 1' ? 'TLS 1.0' : name);
}

/**
 * A connection's records read in the order of capture: what one side's mean depends on what the other has said.
 * @param upTo bytes of each direction behind which nothing is read
 * @param onOpened called with each sealed record that the keys open
 */
export function readTls(
  connection: Connection,
  keys: Iterable<string> | KeyRing = [],
  upTo = Infinity,
  onOpened?: OnOpened,
): TlsConversation {
  const tls = startReading(keys, { onOpened });
  const streams = [connection.stream('wire', 'client'), connection.stream('wire', 'server')];
  // What was said in clear before TLS was requested is no record.
  const clear = connection.readableBefore;
  const turn = clear === 0 ? -1 : (connection.stream('wire', 'client').seqAt(clear) ?? -1);
  const pieces = streams.flatMap((stream) => beginningOf(stream, upTo).map((chunk) => ({ stream, chunk })));
  for (const { stream, chunk } of pieces.toSorted((one, other) => one.chunk.seq - other.chunk.seq)) {
    if (chunk.seq < turn) continue;
    const bytes = stream.payload(chunk);
    // Dropped payload leaves a gap, which the reader knows how to say.
    if (bytes.length !== chunk.length) continue;
    const before = stream.from === 'client' ? Math.max(0, clear - chunk.offset) : 0;
    tls.feed({
      from: stream.from,
      offset: chunk.offset + before,
      bytes: bytes.subarray(before),
      tag: chunk.seq,
    });
  }
  return tls;
}

function beginningOf({ readable }: FlowStream, upTo: number): readonly Chunk[] {
  return readable.slice(
    0,
    upTo === Infinity ? undefined : indexFrom(readable.length, (index) => readable[index]?.offset ?? 0, upTo),
  );
}

/** A message's bytes on the wire, with decrypted data instead of its ciphertext. */
export function shownBytes(
  { opened, offset, bytes, ranges }: TlsMessage,
  wire: Uint8Array | undefined,
): Uint8Array | undefined {
  if (!opened || !wire || !bytes) return wire;
  const shown = Uint8Array.from(wire);
  let taken = 0;
  for (const [start, end] of ranges) {
    shown.set(
      bytes.subarray(taken, taken + end - start).subarray(0, Math.max(0, shown.length - (start - offset))),
      start - offset,
    );
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
      return joined([
        spokenVersion(Math.max(...versions, 0) || version),
        count(suites, 'suite', 'suites', '스위트'),
        foreign(extensions.serverName),
        content.fault && unexpected(content.fault),
      ]);
    }
    case 'server_hello': {
      const group = content.extensions.keyShareGroups?.[0];
      return joined([
        verbatim(nameOrCode(cipherSuiteName, content.cipherSuite)),
        group === undefined ? undefined : verbatim(nameOrCode(groupName, group)),
        content.fault && unexpected(content.fault),
      ]);
    }
    case 'server_key_exchange':
      return content.group === undefined ? empty : verbatim(nameOrCode(groupName, content.group));
    case 'certificate':
      return listFacts(content);
    case 'compressed_certificate': {
      const opened = openCompressedCertificate(content);
      const how = verbatim(nameOrCode(compressionName, content.algorithm));
      return joined(['list' in opened ? listFacts(opened.list) : unopenedWords[opened.unopened], how]);
    }
    case 'certificate_status':
      return content.response ? joined([statusFacts(content.response)]) : empty;
    case 'certificate_request':
      return content.authorities.length > 0
        ? count(content.authorities.length, 'CA named', 'CAs named', '지정한 CA')
        : empty;
    case 'alert':
      return joined([
        verbatim(`${content.alert.description} (${content.alert.code})`),
        verbatim(content.alert.level),
      ]);
    case 'application_data':
      return message.plaintextLength > 0 ? bytesText(message.plaintextLength) : empty;
    case 'malformed':
      return unexpected(content.malformed);
    case 'certificate_verify':
    case 'change_cipher_spec':
    case 'client_key_exchange':
    case 'encrypted_extensions':
    case 'end_of_early_data':
    case 'finished':
    case 'heartbeat':
    case 'hello_request':
    case 'hello_verify_request':
    case 'key_update':
    case 'new_session_ticket':
    case 'other_handshake':
    case 'sealed':
    case 'server_hello_done':
      break;
  }
  return empty;
}

function listFacts({ certificates, stapled }: CertificateList): Localized {
  const [leaf] = certificates;
  if (!leaf) return { en: 'empty: none was presented', ko: '비어 있음: 제시하지 않음' };
  const certificate = presentedCertificate(leaf);
  const more = certificates.length - 1;
  const chain = chainOf(certificates);
  return joined([
    certificate && foreign(summaryOf(certificate).subject),
    more > 0 ? { en: `and ${more} more in the chain`, ko: `체인에 ${more}개 더` } : undefined,
    chain && chainFaults(chain),
    stapled && statusFacts(stapled),
  ]);
}

/** What a stapled answer says of the first certificate that it is about, which is the leaf. */
function statusFacts({ responses: [first] }: OcspResponse): Localized {
  return first ? statusWords[first.status] : { en: 'OCSP: no answer', ko: 'OCSP: 답 없음' };
}

const statusWords: Readonly<Record<'good' | 'revoked' | 'unknown', Localized>> = {
  good: { en: 'OCSP: not revoked', ko: 'OCSP: 폐기되지 않음' },
  revoked: { en: 'OCSP: revoked', ko: 'OCSP: 폐기됨' },
  unknown: { en: 'OCSP: unknown', ko: 'OCSP: 알 수 없음' },
};

const unopenedWords: Readonly<Record<Unopened, Localized>> = {
  too_long: { en: 'not opened: it claims too much', ko: '열지 않음: 너무 큼' },
  wrong_length: { en: 'not as long as it claims', ko: '길이가 표시와 다름' },
  unknown_algorithm: { en: 'compressed in an unknown way', ko: '알 수 없는 압축 방식' },
  unsupported: { en: 'this Node cannot open it', ko: '이 Node는 열 수 없음' },
  damaged: { en: 'damaged', ko: '손상됨' },
};
