/**
 * The words of OpenSSL, which curl, Python, Node, PostgreSQL and Ruby print too: its reasons (`openssl errstr`), the texts of its
 * verification (openssl-verification-options(1)), and how Python and Node spell the two.
 */
import { ofKey, sayingsOf } from './saying.ts';
import type { Saying } from './saying.ts';

const say = sayingsOf('openssl');

/** It cannot tell a missing intermediate from an unknown root. */
const alsoIncomplete = { also: ['intermediate_missing', 'self_signed'] } as const;

export const opensslWords: readonly Saying[] = [
  // Of the server's certificate.
  say('client', 'unknown_ca', /self[- ]signed certificate in certificate chain|SELF_SIGNED_CERT_IN_CHAIN/i),
  say('client', 'self_signed', /self-signed certificate|DEPTH_ZERO_SELF_SIGNED_CERT/i, { since: '3.0' }),
  say('client', 'self_signed', /self signed certificate/i, { until: '3.0' }),
  say(
    'client',
    'unknown_ca',
    /unable to get (?:local )?issuer certificate|UNABLE_TO_GET_ISSUER_CERT/i,
    alsoIncomplete,
  ),
  say(
    'client',
    'unknown_ca',
    /unable to verify the first certificate|UNABLE_TO_VERIFY_LEAF_SIGNATURE/i,
    alsoIncomplete,
  ),
  say('client', 'certificate_expired', /certificate has expired(?! or)|CERT_HAS_EXPIRED/i),
  say('client', 'certificate_not_yet_valid', /certificate is not yet valid|CERT_NOT_YET_VALID/i),
  say('client', 'name_mismatch', /hostname mismatch/i),
  say('client', 'name_mismatch', /IP address mismatch/i),
  say('client', 'wrong_usage', /unsuitable certificate purpose/i, { since: '3.0' }),
  say('client', 'wrong_usage', /unsupported certificate purpose/i, { until: '3.0' }),
  say('client', 'certificate_revoked', /certificate revoked(?! alert)|CERT_REVOKED/i),
  say('client', 'crl_expired', /CRL has expired/i),
  say('client', 'crl_missing', /unable to get certificate CRL/i),
  say('client', 'weak_key', /(?:EE|CA) certificate key too weak|ee key too small/i),
  say('client', 'weak_signature', /CA signature digest algorithm too weak|ca md too weak/i),
  say('client', 'not_a_ca', /invalid CA certificate/i),
  say('client', 'unknown_ca', /certificate signature failure|CERT_SIGNATURE_FAILURE/i, ofKey),
  say('client', 'path_too_long', /certificate chain too long|CERT_CHAIN_TOO_LONG/i),
  say('client', 'path_too_long', /path length constraint exceeded/i),
  say('client', 'name_constraint_violated', /permitted subtree violation|excluded subtree violation/i),
  say('client', 'unhandled_critical_extension', /unhandled critical extension/i),
  // Of the rules that X509_V_FLAG_X509_STRICT adds.
  say(
    'client',
    'not_conforming',
    /Missing (?:Authority|Subject) Key Identifier|(?:Authority|Subject) Key Identifier marked critical|CA cert does not include key usage extension|Basic Constraints of CA cert not marked critical|Path length (?:invalid for non-CA cert|given without key usage keyCertSign)|Key usage keyCertSign invalid for non-CA cert|(?:Issuer|Subject) name empty|Empty Subject Alternative Name extension|Subject empty and Subject Alt Name extension not critical|Using cert extension requires at least X509v3/i,
    { since: '3.0' },
  ),
  say(
    'client',
    'unusable_file',
    /error setting private key|key values mismatch|KEY_VALUES_MISMATCH|key type mismatch|KEY_TYPE_MISMATCH|no (?:certificate|private key) assigned|NO_(?:CERTIFICATE|PRIVATE_KEY)_ASSIGNED|calling fopen\(/,
  ),
  // What curl has of OpenSSL's queue of errors where a signature of the chain, or over the handshake, does not fit.
  say(
    'client',
    'unknown_ca',
    /rsa routines::(?:invalid padding|bad signature|padding check failed)|provider signature failure|ecdsa routines::bad signature/i,
    { ...ofKey, also: [...ofKey.also, 'key_proof_failed'] },
  ),
  // libpq before version 17 says no more.
  say('client', 'certificate_not_accepted', /SSL error: certificate verify failed\s*$/),
  // Of what was agreed on, or was not.
  say('client', 'security_level', /dh key too small/i),
  say('client', 'legacy_renegotiation', /unsafe legacy renegotiation disabled/i, { since: '3.0' }),
  say('client', 'no_common_version', /SSL routines:[^:]*:unsupported protocol|UNSUPPORTED_PROTOCOL/i),
  say('client', 'no_common_version', /no protocols available|NO_PROTOCOLS_AVAILABLE/i),
  say(
    'client',
    'tls_on_plaintext_port',
    /wrong version number|WRONG_VERSION_NUMBER|packet length too long|record layer failure/i,
  ),
  // What the server told it.
  say('server', 'certificate_missing', /alert certificate required|ALERT_CERTIFICATE_REQUIRED/i, {
    since: '1.1.1',
  }),
  say('server', 'unknown_ca', /alert unknown ca|ALERT_UNKNOWN_CA/i, {
    also: ['self_signed', 'intermediate_missing'],
  }),
  say('server', 'certificate_expired', /alert certificate expired|ALERT_CERTIFICATE_EXPIRED/i),
  say('server', 'certificate_revoked', /alert certificate revoked|ALERT_CERTIFICATE_REVOKED/i),
  say('server', 'wrong_usage', /alert unsupported certificate|ALERT_UNSUPPORTED_CERTIFICATE/i),
  say(
    'server',
    'certificate_not_accepted',
    /alert (?:bad certificate|certificate unknown)|ALERT_(?:BAD_CERTIFICATE|CERTIFICATE_UNKNOWN)/i,
  ),
  say('server', 'access_denied', /alert access denied|ALERT_ACCESS_DENIED/i),
  say('server', 'no_common_version', /alert protocol version|ALERT_PROTOCOL_VERSION/i),
  say('server', 'negotiation_failed', /ssl\/tls alert handshake failure/i, { since: '3.2' }),
  say('server', 'negotiation_failed', /sslv3 alert handshake failure|SSLV3_ALERT_HANDSHAKE_FAILURE/i),
  say('server', 'no_common_protocol', /alert no application protocol|ALERT_NO_APPLICATION_PROTOCOL/i),
  say('server', 'unknown_server_name', /unrecognized name|ALERT_UNRECOGNIZED_NAME/i),
  say('server', 'internal_error', /alert internal error|ALERT_INTERNAL_ERROR/i),
  say(
    'server',
    'closed_during_handshake',
    /unexpected eof while reading|EOF occurred in violation of protocol/i,
    {
      since: '3.0',
    },
  ),
  say('server', 'closed_during_handshake', /SSL_ERROR_SYSCALL/i, { until: '3.0' }),
];
