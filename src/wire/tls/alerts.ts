/**
 * Selects the alert for a refusal, and builds its record. `admission.ts` provides the reasons; `acceptor.ts` sends the
 * record. The codes are those that OpenSSL sends for the same verdict, except that RFC 8446 section 6.2 replaces its
 * catch-all codes; for listeners that behave like Go, those of crypto/tls.
 */
import { alertOf } from '../../capture/vocabulary.ts';
import type { Alert, KnownAlertCode, RefusalReason, TlsVersion } from '../../capture/vocabulary.ts';
import { aeadSuiteNamed, sealRecord } from '../../protocols/tls/keys/key-schedule.ts';
import type { AlertManner } from '../endpoint.ts';

/** One code for every version, or one up to TLS 1.2 and one for TLS 1.3; undefined if there is no peer to receive it. */
type Code = KnownAlertCode | readonly [upTo12: KnownAlertCode, in13: KnownAlertCode] | undefined;

const codes: Readonly<Record<RefusalReason, Code>> = {
  certificate_missing: [40, 116],
  unknown_ca: 48,
  intermediate_missing: 48,
  self_signed: 48,
  certificate_expired: 45,
  certificate_not_yet_valid: 42,
  wrong_usage: 43,
  certificate_revoked: 44,
  crl_expired: 45,
  crl_missing: 48,
  bad_signature: 42,
  weak_key: 42,
  weak_signature: 42,
  not_a_ca: 48,
  path_too_long: 48,
  ca_as_leaf: 43,
  unhandled_critical_extension: 46,
  // OpenSSL sends unknown_ca for most of them, because a malformed certificate has no issuer for it. That would blame
  // the CA.
  malformed_certificate: 42,
  name_constraint_violated: 46,
  unusable_key: 42,
  certificate_too_large: 47,
  name_not_admitted: 49,
  name_mismatch: 42,
  key_not_pinned: 42,
  key_proof_failed: 51,
  no_common_version: 70,
  no_common_cipher: 40,
  no_common_protocol: 120,
  plaintext_on_tls_port: undefined,
  tls_on_plaintext_port: undefined,
  peer_alert: undefined,
  downgrade_detected: 86,
  handshake_altered: 51,
  bad_record: 20,
  handshake_timeout: undefined,
  closed_during_handshake: undefined,
  target_unreachable: undefined,
  target_timeout: undefined,
  malformed_answer: undefined,
  protocol_mismatch: undefined,
  tunnel_refused: undefined,
  tunnel_required: undefined,
  no_target_for_name: undefined,
  starttls_required: undefined,
  target_greeting_refused: undefined,
  target_starttls_refused: undefined,
  starttls_violated: undefined,
  proxy_header_missing: undefined,
  proxy_header_malformed: undefined,
};

/** Where Go differs: a certificate outside its validity is expired, and any unlisted reason is a bad certificate. */
const codesOfGo: Readonly<Partial<Record<RefusalReason, Code>>> = {
  certificate_missing: [42, 116],
  certificate_not_yet_valid: 45,
  wrong_usage: 42,
  certificate_revoked: 42,
  not_a_ca: 42,
  path_too_long: 42,
  ca_as_leaf: 42,
  unhandled_critical_extension: 42,
  name_not_admitted: 42,
};

/** The alert for that reason; undefined if none is sent. */
export function alertFor(
  reason: RefusalReason,
  version: TlsVersion,
  manner: AlertManner = 'openssl',
): Alert | undefined {
  const code = (manner === 'go' ? codesOfGo[reason] : undefined) ?? codes[reason];
  if (code === undefined) return undefined;
  return alertOf(typeof code === 'number' ? code : code[version === 'TLSv1.3' ? 1 : 0]);
}

const ALERT = 21;
const FATAL = 2;
/** The byte after 03 in a record's header (RFC 8446 section 5.1: TLS 1.3 writes what TLS 1.2 wrote). */
const minorVersions: Readonly<Record<TlsVersion, number>> = {
  TLSv1: 1,
  'TLSv1.1': 2,
  'TLSv1.2': 3,
  'TLSv1.3': 3,
};

/** An alert before the server's ChangeCipherSpec: unencrypted. */
export function clearAlertRecord(alert: Alert, version: TlsVersion): Uint8Array {
  return Uint8Array.of(ALERT, 3, minorVersions[version], 0, 2, FATAL, alert.code);
}

/**
 * An alert as the first record that a TLS 1.3 server sends under its application traffic secret; undefined if we do not
 * implement the cipher suite.
 * @param cipher IANA's name.
 * @param secret SERVER_TRAFFIC_SECRET_0.
 */
export function sealedAlertRecord(alert: Alert, cipher: string, secret: Uint8Array): Uint8Array | undefined {
  const suite = aeadSuiteNamed(cipher);
  if (!suite) return undefined;
  return sealRecord({
    suite,
    secret,
    sequence: 0,
    contentType: ALERT,
    content: Uint8Array.of(FATAL, alert.code),
  });
}
