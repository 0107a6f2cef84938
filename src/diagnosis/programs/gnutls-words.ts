/** The words of GnuTLS, which gnutls-cli, wget and git print on Debian: `gnutls_strerror` and `gnutls_certificate_verification_status_print`. */
import { ofKey, sayingsOf } from './saying.ts';
import type { Saying } from './saying.ts';

const say = sayingsOf('gnutls');

export const gnutlsWords: readonly Saying[] = [
  say('client', 'name_mismatch', /name in the certificate does not match the expected/i),
  say('client', 'certificate_expired', /certificate chain uses expired certificate/i),
  say('client', 'certificate_not_yet_valid', /certificate chain uses not yet valid certificate/i),
  say('client', 'certificate_revoked', /certificate chain is revoked/i),
  say('client', 'weak_signature', /certificate chain uses insecure algorithm/i, { also: ['weak_key'] }),
  say(
    'client',
    'wrong_usage',
    /certificate chain (?:violates the signer's constraints|does not match the intended purpose)/i,
    {
      also: ['name_constraint_violated', 'path_too_long', 'not_a_ca'],
    },
  ),
  say('client', 'status_missing', /OCSP status is missing/i),
  // As libcurl writes of whatever it has no sentence for.
  say('client', 'certificate_not_accepted', /server verification failed: certificate error, no details/i, {
    also: ['status_missing'],
  }),
  say('client', 'crl_expired', /revocation data are old and have been superseded/i),
  say(
    'client',
    'unknown_ca',
    /certificate chain is not trusted\. .*signature .*could not be verified|signature in the certificate is invalid/i,
    ofKey,
  ),
  say(
    'client',
    'unknown_ca',
    /certificate issuer is unknown|certificate issuer is not a CA|certificate signer not trusted/i,
    {
      also: ['self_signed', 'intermediate_missing'],
    },
  ),
  // As libcurl with GnuTLS, and so git, writes the same.
  say('client', 'certificate_expired', /server verification failed: certificate has expired/i),
  say('client', 'certificate_not_yet_valid', /server verification failed: certificate is not yet valid/i),
  say('client', 'certificate_revoked', /server verification failed: certificate has been revoked/i),
  say('client', 'unknown_ca', /server certificate verification failed/i, {
    also: ['self_signed', 'intermediate_missing'],
  }),
  say('client', 'certificate_not_accepted', /server verification failed: certificate error/i),
  say('client', 'security_level', /Diffie-Hellman prime sent by the server is not acceptable/i),
  say('client', 'no_common_version', /packet with illegal or unsupported version was received/i),
  say('client', 'tls_on_plaintext_port', /unexpected TLS packet was received/i),
  say('client', 'unusable_file', /Error (?:setting the x509|reading|loading) .*file/i),
  say('client', 'legacy_renegotiation', /Safe renegotiation failed/i),
  say('server', 'certificate_missing', /alert \[116\]|Certificate is required/i),
  say('server', 'unknown_ca', /alert \[48\]|CA is unknown/i, {
    also: ['self_signed', 'intermediate_missing'],
  }),
  say('server', 'certificate_expired', /alert \[45\]/i),
  say('server', 'certificate_revoked', /alert \[44\]/i),
  say('server', 'wrong_usage', /alert \[43\]/i),
  say('server', 'certificate_not_accepted', /alert \[4[26]\]/i),
  say('server', 'no_common_version', /alert \[70\]/i),
  say('server', 'no_common_protocol', /alert \[120\]/i),
  say('server', 'unknown_server_name', /alert \[112\]/i),
  say('server', 'negotiation_failed', /alert \[40\]|GnuTLS, handshake failed: Handshake failed/i),
  say('server', 'closed_during_handshake', /TLS connection was non-properly terminated/i),
];
