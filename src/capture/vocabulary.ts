/**
 * Defines the shared closed vocabularies: reasons of refusals, TLS alerts, and a certificate's summary. They are closed
 * so that each word has an explanation in every language, and a test can enumerate them.
 */
import type { Code } from '../core/code.ts';

/** Why a connection was refused or failed. Each value has its words in `analysis` and its alert in `wire`. */
export const refusalReasons = [
  'certificate_missing',
  'unknown_ca',
  'intermediate_missing',
  'self_signed',
  'certificate_expired',
  'certificate_not_yet_valid',
  'wrong_usage',
  'certificate_revoked',
  'crl_expired',
  'crl_missing',
  'bad_signature',
  'weak_key',
  'weak_signature',
  'not_a_ca',
  'path_too_long',
  'ca_as_leaf',
  'unhandled_critical_extension',
  'malformed_certificate',
  'name_constraint_violated',
  'unusable_key',
  'certificate_too_large',
  'name_not_admitted',
  'name_mismatch',
  'key_not_pinned',
  'key_proof_failed',
  'no_common_version',
  'no_common_cipher',
  'no_common_protocol',
  'plaintext_on_tls_port',
  'tls_on_plaintext_port',
  'peer_alert',
  'downgrade_detected',
  'handshake_altered',
  'bad_record',
  'handshake_timeout',
  'closed_during_handshake',
  'target_unreachable',
  'target_timeout',
  'malformed_answer',
  'tunnel_refused',
  'tunnel_required',
  'no_target_for_name',
  'starttls_required',
  'target_greeting_refused',
  'target_starttls_refused',
  'starttls_violated',
  'proxy_header_missing',
  'proxy_header_malformed',
  'protocol_mismatch',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

export const isRefusalReason = (text: string | undefined): text is RefusalReason =>
  refusalReasons.some((reason) => reason === text);

/** RFC 8446 section 6; names as the standard writes them. 41, 60, 100 and 111 to 114 are from older standards, 52 (DTLS) and 117 from younger ones. */
export const alertDescriptions = {
  0: 'close_notify',
  10: 'unexpected_message',
  20: 'bad_record_mac',
  21: 'decryption_failed',
  22: 'record_overflow',
  30: 'decompression_failure',
  40: 'handshake_failure',
  41: 'no_certificate',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  52: 'too_many_cids_requested',
  60: 'export_restriction',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  100: 'no_renegotiation',
  109: 'missing_extension',
  110: 'unsupported_extension',
  111: 'certificate_unobtainable',
  112: 'unrecognized_name',
  113: 'bad_certificate_status_response',
  114: 'bad_certificate_hash_value',
  115: 'unknown_psk_identity',
  116: 'certificate_required',
  117: 'general_error',
  120: 'no_application_protocol',
  121: 'ech_required',
} as const satisfies Readonly<Record<number, string>>;

/** Any byte that a peer sends. */
export type AlertCode = Code<'alert'>;
export type KnownAlertCode = keyof typeof alertDescriptions;
export type KnownAlertName = (typeof alertDescriptions)[KnownAlertCode];
export type AlertName = KnownAlertName | `unknown_${number}`;

export const knownAlertNames: readonly KnownAlertName[] = Object.values(alertDescriptions);

/** Undefined for a code that no standard names. */
export const knownAlertName = (code: AlertCode): KnownAlertName | undefined =>
  (alertDescriptions as Readonly<Record<number, KnownAlertName>>)[code];

/** As OpenSSL spells what the standard spells otherwise. */
const otherSpellings: Readonly<Record<string, KnownAlertName>> = { user_cancelled: 'user_canceled' };
let codesByName: ReadonlyMap<string, number> | undefined;

/** The code of the alert of that name, in the standard's spelling or in OpenSSL's; undefined where there is none. */
export function alertCodeNamed(name: string): AlertCode | undefined {
  codesByName ??= new Map(Object.entries(alertDescriptions).map(([code, known]) => [known, Number(code)]));
  return codesByName.get(otherSpellings[name] ?? name);
}

export interface Alert {
  readonly level: 'warning' | 'fatal';
  readonly code: AlertCode;
  /** The standard's name, or `unknown_N` for a code that no standard names. */
  readonly description: AlertName;
}

/** The alert of that code. In TLS 1.3 the level carries no meaning, but the byte is still on the wire. */
export function alertOf(code: AlertCode, level: Alert['level'] = 'fatal'): Alert {
  return { level, code, description: knownAlertName(code) ?? `unknown_${code}` };
}

/** What a certificate says, in one row. Times are ISO 8601 in UTC. */
export interface CertificateSummary {
  /** RFC 4514 in the certificate's own order, for example `CN=alice,O=Workshop`. */
  readonly subject: string;
  readonly issuer: string;
  /** Lower-case hex. */
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** As openssl writes them: `DNS:shop.localhost`, `IP:127.0.0.1`, `URI:…`, `email:…`. */
  readonly san: readonly string[];
  /** Extended key usages by name (`serverAuth`, `clientAuth`, or the dotted number); undefined when there is no such extension. */
  readonly extendedKeyUsage?: readonly string[];
  readonly isCa: boolean;
  /** `P-256`, `P-384`, `RSA-2048`, `Ed25519` … */
  readonly publicKey: string;
  /** Subject and authority key identifier, colon hex; undefined when absent. */
  readonly keyId?: string;
  readonly authorityKeyId?: string;
  /** SHA-256 of the whole certificate, lower-case hex. */
  readonly sha256: string;
}

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
