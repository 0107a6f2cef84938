/** The words of Go's crypto/tls, crypto/x509 and net/http, which kubectl, etcdctl, docker and many others print. */
import { ofKey, sayingsOf } from './saying.ts';
import type { Saying } from './saying.ts';

const say = sayingsOf('go');

export const goWords: readonly Saying[] = [
  say(
    'client',
    'certificate_not_yet_valid',
    /x509: certificate has expired or is not yet valid: .* is before/,
  ),
  say('client', 'certificate_expired', /x509: certificate has expired or is not yet valid/),
  say('client', 'name_mismatch', /x509: certificate is (?:valid for .*, not|not valid for any names)/),
  say(
    'client',
    'name_mismatch',
    /x509: cannot validate certificate for \S+ because it doesn't contain any IP SANs/,
  ),
  say('client', 'name_mismatch', /x509: certificate relies on legacy Common Name field/, { since: '1.15' }),
  say('client', 'wrong_usage', /x509: certificate specifies an incompatible key usage/),
  say('client', 'not_a_ca', /parent certificate cannot sign this kind of certificate/),
  say(
    'client',
    'name_constraint_violated',
    /x509: a root or intermediate certificate is not authorized to sign/,
  ),
  say('client', 'path_too_long', /x509: too many intermediates for path length constraint/),
  say('client', 'weak_signature', /x509: cannot verify signature: insecure algorithm/, { since: '1.18' }),
  say('client', 'unhandled_critical_extension', /x509: unhandled critical extension/),
  say('client', 'key_proof_failed', /tls: invalid signature by the server certificate/),
  // "(possibly because of … while trying to verify candidate authority certificate …)": it knows a CA of that name.
  say('client', 'unknown_ca', /x509: .*(?:verification error|verification failure)/, ofKey),
  say('client', 'unknown_ca', /x509: certificate signed by unknown authority/, {
    also: ['intermediate_missing', 'self_signed'],
  }),
  say('client', 'malformed_certificate', /tls: failed to parse certificate from server|x509: malformed/),
  say(
    'client',
    'unusable_file',
    /unable to (?:read|load) (?:certificate-authority|client-cert|client-key|root certificates)|tls: private key does not match public key/,
  ),
  say('client', 'tls_on_plaintext_port', /server gave HTTP response to HTTPS client/),
  say('client', 'tls_on_plaintext_port', /first record does not look like a TLS handshake/),
  say(
    'client',
    'no_common_version',
    /tls: (?:server selected unsupported protocol version|no supported versions satisfy)/,
  ),
  say('server', 'certificate_missing', /remote error: tls: certificate required/),
  say('server', 'unknown_ca', /remote error: tls: unknown certificate authority/, {
    also: ['self_signed', 'intermediate_missing'],
  }),
  say('server', 'certificate_expired', /remote error: tls: expired certificate/),
  say('server', 'certificate_revoked', /remote error: tls: revoked certificate/),
  say('server', 'wrong_usage', /remote error: tls: unsupported certificate/),
  say('server', 'certificate_not_accepted', /remote error: tls: (?:bad certificate|unknown certificate$)/m),
  say('server', 'access_denied', /remote error: tls: access denied/),
  say('server', 'no_common_version', /remote error: tls: protocol version not supported/),
  say('server', 'negotiation_failed', /remote error: tls: handshake failure/),
  say('server', 'no_common_protocol', /remote error: tls: no application protocol/),
  say('server', 'unknown_server_name', /remote error: tls: unrecognized name/),
  say('server', 'internal_error', /remote error: tls: internal error/),
];
