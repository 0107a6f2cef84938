/**
 * Measures how much of a message its field tree explains: every byte is counted once, by the leaf that covers it. It
 * classifies leaves; the trees come from the dissectors, and every view of a message shows the result.
 *
 * 1. *named*: a leaf that gives the meaning of its bytes: a number, a text, a code, a length, a decoded value.
 * 2. *opaque*: the meaning is known and the bytes have no further structure: random, keys, signatures, tickets.
 * 3. *unknown*: the meaning is unknown: an extension or a message type without a parser, or a structure that is not
 *    parsed. A leaf of bytes that is in no table is unknown, so that a new one is noticed.
 * 4. *uncovered*: no leaf covers the byte, or one without a value. A well-formed message has none.
 */
import type { Field, FieldId } from '../core/field.ts';
import { namedDtlsBytes, opaqueDtlsBytes } from './dtls/ids.ts';
import { opaqueEapBytes } from './eap/ids.ts';
import { namedGrpcBytes, opaqueGrpcBytes } from './grpc/ids.ts';
import { namedHttp2Bytes, opaqueHttp2Bytes } from './http2/ids.ts';
import { opaqueQuicBytes } from './quic/ids.ts';

/** In bytes; the four kinds add up to `bytes`. */
export interface Coverage {
  readonly bytes: number;
  readonly named: number;
  readonly opaque: number;
  readonly unknown: number;
  readonly uncovered: number;
}

export type Knowledge = 'named' | 'opaque' | 'unknown';

/** Leaves whose value is bytes and that mean more than that: codes in a row, names, numbers too long for a number type. */
const namedBytes: readonly FieldId[] = [
  'tls.handshake.client_hello.compression_methods',
  'tls.handshake.certificate.request_context',
  'tls.handshake.certificate_request.request_context',
  'tls.handshake.server_key_exchange.psk_identity_hint',
  'tls.handshake.client_key_exchange.psk_identity',
  'tls.handshake.server_key_exchange.g',
  'tls.handshake.extension.quic_transport_parameters.value',
  'proxy_header.source',
  'proxy_header.destination',
  'x509.der.length',
  'x509.tbs_certificate.serial_number',
  'x509.tbs_crl.revoked_certificate.serial_number',
  'x509.extension.authority_key_identifier.serial_number',
  'x509.extension.crl_number',
  'x509.extension.delta_crl_indicator',
  'x509.ocsp.certificate_id.serial_number',
  'x509.sct.timestamp',
  'x509.algorithm.generator',
  'x509.public_key.rsa.exponent',
  ...namedHttp2Bytes,
  ...namedGrpcBytes,
  ...namedDtlsBytes,
];

const opaqueBytes: readonly FieldId[] = [
  'proxy_header.extensions',
  'tls.handshake.client_hello.random',
  'tls.handshake.client_hello.session_id',
  'tls.handshake.client_hello.cookie',
  'tls.handshake.hello_verify_request.cookie',
  'tls.handshake.server_hello.random',
  'tls.handshake.server_hello.session_id',
  'tls.version2_hello.session_id',
  'tls.version2_hello.challenge',
  'tls.handshake.extension.cookie.value',
  'tls.handshake.extension.key_share.key_exchange',
  'tls.handshake.extension.key_share.public',
  'tls.handshake.extension.key_share.ecdh',
  'tls.handshake.extension.key_share.encapsulation_key',
  'tls.handshake.extension.key_share.ciphertext',
  'tls.handshake.extension.padding.zeros',
  'tls.handshake.extension.trusted_ca_keys.sha1',
  'tls.handshake.extension.delegated_credential.signature',
  'tls.handshake.extension.encrypted_client_hello.confirmation',
  'tls.handshake.extension.encrypted_client_hello.enc',
  'tls.handshake.extension.encrypted_client_hello.payload',
  'tls.handshake.extension.encrypted_client_hello.public_key',
  'tls.handshake.extension.use_srtp.mki',
  'tls.handshake.extension.pre_shared_key.identity',
  'tls.handshake.extension.pre_shared_key.binder',
  'tls.handshake.extension.renegotiation_info.renegotiated_connection',
  'tls.handshake.extension.session_ticket.ticket',
  'tls.handshake.new_session_ticket.nonce',
  'tls.handshake.new_session_ticket.ticket',
  'tls.handshake.server_key_exchange.p',
  'tls.handshake.server_key_exchange.public',
  'tls.handshake.client_key_exchange.public',
  'tls.handshake.client_key_exchange.encrypted_premaster_secret',
  'tls.handshake.compressed_certificate.message',
  'tls.handshake.finished.verify_data',
  'tls.handshake.signature.value',
  'x509.tbs_certificate.issuer_unique_id',
  'x509.tbs_certificate.subject_unique_id',
  'x509.extension.subject_key_identifier',
  'x509.extension.authority_key_identifier.key_id',
  'x509.public_key.point',
  'x509.public_key.rsa.modulus',
  'x509.signature_value',
  'x509.algorithm.prime',
  'x509.algorithm.subprime',
  'x509.extension.ocsp_nonce',
  'x509.ocsp.responder.key_hash',
  'x509.ocsp.certificate_id.issuer_name_hash',
  'x509.ocsp.certificate_id.issuer_key_hash',
  'x509.sct.log_id',
  'x509.sct.signature',
  ...opaqueHttp2Bytes,
  ...opaqueGrpcBytes,
  ...opaqueDtlsBytes,
  ...opaqueEapBytes,
  ...opaqueQuicBytes,
];

const knowledge: ReadonlyMap<FieldId, Knowledge> = new Map([
  ...namedBytes.map((id) => [id, 'named'] as const),
  ...opaqueBytes.map((id) => [id, 'opaque'] as const),
]);

/** The content of a DER element: what it means is said by the element around it. */
const contentOfElement: FieldId = 'x509.der.value';

/** What is known of a leaf's bytes; undefined where it holds a place and says nothing. */
export function knowledgeOf(leaf: Field, around?: Field): Knowledge | undefined {
  const subject = leaf.id === contentOfElement && around ? around : leaf;
  const known = knowledge.get(subject.id);
  if (known) return known;
  if (subject.value !== null && !(subject.value instanceof Uint8Array)) return 'named';
  return leaf.value === null ? undefined : 'unknown';
}

/**
 * Counts the bytes of a tree.
 * @param length bytes that the tree should hold from its first on; more or less than its own range where a reader stopped early.
 */
export function coverageOf(root: Field, length = root.range[1] - root.range[0]): Coverage {
  const counts = { named: 0, opaque: 0, unknown: 0 };
  const [start] = root.range;
  const end = start + length;
  /** Everything before it is counted. */
  let reached = start;
  const count = (field: Field, around?: Field): void => {
    for (const child of field.children) count(child, field);
    if (field.children.length > 0) return;
    const [from, to] = field.range;
    const known = knowledgeOf(field, around);
    const fresh = Math.min(to, end) - Math.max(from, reached);
    if (fresh <= 0) return;
    if (known) counts[known] += fresh;
    reached = Math.min(to, end);
  };
  count(root);
  return { bytes: length, ...counts, uncovered: length - counts.named - counts.opaque - counts.unknown };
}
