/**
 * Translates runtime errors into our vocabulary: the reason of a failure, who refused, and the received alert. Tables
 * and pure functions, used by `dial.ts`, `acceptor.ts` and the peers (for an error after the handshake, as in TLS 1.3).
 * The texts of the reasons are in `analysis`.
 *
 * A timeout has one of two names, depending on its phase: `target_timeout` if the target did not accept the connection
 * or did not respond to a request; `handshake_timeout` if the connection was established but the TLS handshake did not
 * complete.
 */
import { alertCodeNamed, alertOf } from '../../capture/vocabulary.ts';
import type { Alert, CertificateSummary, KnownAlertCode, RefusalReason } from '../../capture/vocabulary.ts';
import type { Failure } from '../endpoint.ts';

/** Node's names for OpenSSL's verdicts on a chain (X509_V_ERR_…), and Node's own verdict on a name. */
const verdictReasons: Readonly<Record<string, RefusalReason>> = {
  CERT_HAS_EXPIRED: 'certificate_expired',
  CERT_NOT_YET_VALID: 'certificate_not_yet_valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'name_mismatch',
  HOSTNAME_MISMATCH: 'name_mismatch',
  // Our own: no library has a code for it.
  PUBLIC_KEY_NOT_PINNED: 'key_not_pinned',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self_signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown_ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown_ca',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown_ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown_ca',
  CERT_UNTRUSTED: 'unknown_ca',
  CERT_REJECTED: 'unknown_ca',
  CERT_CHAIN_TOO_LONG: 'path_too_long',
  PATH_LENGTH_EXCEEDED: 'path_too_long',
  INVALID_CA: 'not_a_ca',
  INVALID_PURPOSE: 'wrong_usage',
  CERT_REVOKED: 'certificate_revoked',
  CRL_HAS_EXPIRED: 'crl_expired',
  CRL_NOT_YET_VALID: 'crl_expired',
  UNABLE_TO_GET_CRL: 'crl_missing',
  CERT_SIGNATURE_FAILURE: 'bad_signature',
  CRL_SIGNATURE_FAILURE: 'crl_missing',
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: 'bad_signature',
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: 'malformed_certificate',
  ERROR_IN_CERT_NOT_BEFORE_FIELD: 'malformed_certificate',
  ERROR_IN_CERT_NOT_AFTER_FIELD: 'malformed_certificate',
  EE_KEY_TOO_SMALL: 'weak_key',
  CA_KEY_TOO_SMALL: 'weak_key',
  CA_MD_TOO_WEAK: 'weak_signature',
  // Node has no name for a third of OpenSSL's verdicts; our own verifier determines the reason if it can (`dialer.ts`).
  UNSPECIFIED: 'unknown_ca',
};

/** Failures of the handshake itself, on this side. Node puts OpenSSL's reason after ERR_SSL_. */
const handshakeReasons: Readonly<Record<string, RefusalReason>> = {
  ERR_SSL_HTTP_REQUEST: 'plaintext_on_tls_port',
  ERR_SSL_HTTPS_PROXY_REQUEST: 'plaintext_on_tls_port',
  ERR_SSL_NO_SHARED_CIPHER: 'no_common_cipher',
  ERR_SSL_NO_CIPHERS_AVAILABLE: 'no_common_cipher',
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: 'no_common_cipher',
  ERR_SSL_NO_SUITABLE_GROUPS: 'no_common_cipher',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'no_common_version',
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: 'no_common_version',
  ERR_SSL_VERSION_TOO_LOW: 'no_common_version',
  ERR_SSL_WRONG_SSL_VERSION: 'no_common_version',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'certificate_missing',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'no_common_protocol',
  ERR_SSL_INAPPROPRIATE_FALLBACK: 'downgrade_detected',
  ERR_SSL_DIGEST_CHECK_FAILED: 'handshake_altered',
  ERR_SSL_BAD_SIGNATURE: 'key_proof_failed',
  // The spelling of OpenSSL 3.5 (Node 22 and 24).
  ERR_SSL_PROVIDER_SIGNATURE_FAILURE: 'key_proof_failed',
  ERR_OSSL_RSA_BAD_SIGNATURE: 'key_proof_failed',
  ERR_SSL_TLS_HANDSHAKE_TIMEOUT: 'handshake_timeout',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'handshake_timeout',
  ERR_SSL_EE_KEY_TOO_SMALL: 'weak_key',
  ERR_SSL_CA_KEY_TOO_SMALL: 'weak_key',
  ERR_SSL_CA_MD_TOO_WEAK: 'weak_signature',
  ERR_SSL_DH_KEY_TOO_SMALL: 'weak_key',
  // Left in OpenSSL's error queue by a certificate with unreadable extensions.
  ERR_SSL_INVALID_CERTIFICATE: 'malformed_certificate',
  // Certificate is the only message with a limit worth mentioning: 102,400 bytes (SSL_CTX_set_max_cert_list).
  ERR_SSL_EXCESSIVE_MESSAGE_SIZE: 'certificate_too_large',
};

/** OpenSSL's codes for a stream that is not TLS, on either side. */
const notTlsCodes: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_RECORD_TOO_SMALL',
  'ERR_SSL_UNEXPECTED_MESSAGE',
  'ERR_SSL_BAD_RECORD_TYPE',
]);

/** The reasons that a received alert implies (RFC 8446 section 6.2). Unspecific alerts are `peer_alert`. */
const alertReasons: Readonly<Record<number, RefusalReason>> = {
  20: 'bad_record',
  43: 'wrong_usage',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  48: 'unknown_ca',
  49: 'name_not_admitted',
  51: 'key_proof_failed',
  70: 'no_common_version',
  86: 'downgrade_detected',
  116: 'certificate_missing',
  120: 'no_common_protocol',
} satisfies Readonly<Partial<Record<KnownAlertCode, RefusalReason>>>;

/**
 * The alert that the peer has sent according to an error: from `SSL alert number 48`, or from
 * `ERR_SSL_TLSV1_ALERT_UNKNOWN_CA`.
 */
export function alertIn(error: {
  readonly code?: string | undefined;
  readonly message: string;
}): Alert | undefined {
  const number = /SSL alert number (\d+)/.exec(error.message)?.[1];
  if (number !== undefined) return alertOf(Number(number));
  const name = /^ERR_SSL_.*?_?ALERT_([A-Z_]+)$/.exec(error.code ?? '')?.[1];
  // OpenSSL's reason codes have the names in capitals, behind ERR_SSL_ and a protocol's name, in Node 20, 22 and 24.
  const code = name === undefined ? undefined : alertCodeNamed(name.toLowerCase());
  return code === undefined ? undefined : alertOf(code);
}

/** Our name for OpenSSL's verdict on a chain; undefined for an unknown verdict. */
export function reasonOfVerdict(verdict: string): RefusalReason | undefined {
  return verdictReasons[verdict];
}

/** Our name for the reason that a received alert implies. */
export function reasonOfAlert(alert: Alert): RefusalReason {
  return alertReasons[alert.code] ?? 'peer_alert';
}

const decryptError = 51;

/**
 * The reason of an error that ended a handshake, for the server's side.
 * @param spokeTls whether the client's first bytes were a TLS record: then the error is not plaintext.
 * @param sent the alert that this side's TLS library sent. OpenSSL has a dozen codes for an invalid signature (one for
 * each way in which RSA padding can be wrong) and one alert: decrypt_error, which it also uses for an invalid Finished
 * (RFC 8446 section 6.2).
 */
export function reasonOfServerError(
  error: { readonly code?: string | undefined; readonly message: string },
  { spokeTls, sent }: { readonly spokeTls: boolean; readonly sent?: Alert | undefined },
): RefusalReason {
  const alert = alertIn(error);
  if (alert) return reasonOfAlert(alert);
  const code = error.code ?? '';
  if (notTlsCodes.has(code)) return spokeTls ? 'bad_record' : 'plaintext_on_tls_port';
  if (sent?.code === decryptError && code !== 'ERR_SSL_DIGEST_CHECK_FAILED') return 'key_proof_failed';
  return (
    handshakeReasons[code] ??
    (code === 'ECONNRESET' || code === 'EPIPE' ? 'closed_during_handshake' : 'bad_record')
  );
}

export interface FailureContext {
  /** The certificate that the server presented. */
  readonly presented?: CertificateSummary | undefined;
  /** Whether TLS was established when the error occurred. */
  readonly secured?: boolean;
  /** Whether there was a TCP connection at all. */
  readonly connected?: boolean;
}

/** Codes of network errors on the way to the target. */
const unreachableCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EACCES',
  'EPERM',
]);

/**
 * Classifies an error that this client met while connecting, or later on its stream: under TLS 1.3 a server verifies
 * the client's certificate only after the client considers itself connected.
 */
export function failureOf(error: unknown, context: FailureContext = {}): Failure {
  const { code = 'UNKNOWN', message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) };
  const presented = context.presented ? { presented: context.presented } : {};
  const alert = alertIn({ code, message });
  if (alert) return { reason: reasonOfAlert(alert), by: 'server', code, message, alert, ...presented };
  const verdict = verdictReasons[code];
  if (verdict) return { reason: verdict, by: 'client', code, message, ...presented };
  if (notTlsCodes.has(code) && !context.secured)
    return { reason: 'tls_on_plaintext_port', by: 'client', code, message };
  const handshake = handshakeReasons[code];
  if (handshake)
    return {
      reason: handshake,
      by: handshake === 'handshake_timeout' ? 'unknown' : 'client',
      code,
      message,
      ...presented,
    };
  if (code === 'ETIMEDOUT')
    return {
      reason: context.connected === false ? 'target_timeout' : 'handshake_timeout',
      by: 'unknown',
      code,
      message,
    };
  if (unreachableCodes.has(code) || context.connected === false)
    return { reason: 'target_unreachable', by: 'unknown', code, message };
  if (code.startsWith('ERR_SSL_')) return { reason: 'bad_record', by: 'client', code, message, ...presented };
  return { reason: 'closed_during_handshake', by: 'unknown', code, message, ...presented };
}
