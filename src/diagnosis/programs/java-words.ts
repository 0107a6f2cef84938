/** The words of Java's JSSE (sun.security.ssl, sun.security.validator). From Java 11 on the alert stands before them in brackets. */
import { ofKey, sayingsOf } from './saying.ts';
import type { Saying } from './saying.ts';

const say = sayingsOf('java');

export const javaWords: readonly Saying[] = [
  say('client', 'unusable_file', /[Kk]eystore password was incorrect|[Kk]eystore was tampered with/),
  say(
    'client',
    'name_mismatch',
    /No subject alternative (?:DNS name|names) matching|No name matching \S+ found|No subject alternative names present/,
  ),
  say('client', 'certificate_not_yet_valid', /CertificateNotYetValidException/),
  say(
    'client',
    'certificate_expired',
    /CertificateExpiredException|\(certificate_expired\) PKIX path validation failed/,
  ),
  say('client', 'certificate_expired', /PKIX path validation failed: .*validity check failed/, {
    also: ['certificate_not_yet_valid'],
  }),
  say('client', 'certificate_revoked', /CertificateRevokedException|Certificate has been revoked/),
  say('client', 'wrong_usage', /Extended key usage does not permit use for TLS server authentication/),
  say('client', 'weak_signature', /Algorithm constraints check failed on (?:signature|disabled) algorithm/, {
    also: ['weak_key'],
  }),
  say('client', 'weak_key', /Algorithm constraints check failed on keysize/),
  say('client', 'path_too_long', /pathLenConstraint violated|Path does not chain .*length/),
  say('client', 'not_a_ca', /basic constraints check failed/),
  say(
    'client',
    'unknown_ca',
    /unable to find valid certification path to requested target|trustAnchors parameter must be non-empty/,
    {
      also: ['intermediate_missing', 'self_signed'],
    },
  ),
  say('client', 'unknown_ca', /Path does not chain with any of the trust anchors/, {
    also: ['intermediate_missing', 'self_signed'],
  }),
  say('client', 'unknown_ca', /PKIX path (?:validation|building) failed: .*signature check failed/, ofKey),
  say('client', 'name_constraint_violated', /name constraints check failed/i),
  say('client', 'unhandled_critical_extension', /unrecognized critical extension/i),
  // Its own refusal without a reason that is known: the alert that it sends stands in the brackets.
  say(
    'client',
    'certificate_not_accepted',
    /PKIX path (?:validation|building) failed|SSLHandshakeException: \((?:bad_certificate|certificate_unknown|unsupported_certificate)\) (?!Received)/,
  ),
  say('client', 'tls_on_plaintext_port', /Unsupported or unrecognized SSL message/),
  say(
    'client',
    'no_common_version',
    /The server selected protocol version \S+ is not accepted by client preferences/,
  ),
  say('client', 'no_common_version', /No appropriate protocol/),
  say('server', 'certificate_missing', /Received fatal alert: certificate_required/, { since: '11' }),
  say('server', 'unknown_ca', /Received fatal alert: unknown_ca/, {
    also: ['self_signed', 'intermediate_missing'],
  }),
  say('server', 'certificate_expired', /Received fatal alert: certificate_expired/),
  say('server', 'certificate_revoked', /Received fatal alert: certificate_revoked/),
  say('server', 'wrong_usage', /Received fatal alert: unsupported_certificate/),
  say('server', 'certificate_not_accepted', /Received fatal alert: (?:bad_certificate|certificate_unknown)/),
  say('server', 'access_denied', /Received fatal alert: access_denied/),
  say('server', 'no_common_version', /Received fatal alert: protocol_version/),
  say('server', 'negotiation_failed', /Received fatal alert: handshake_failure/),
  say('server', 'no_common_protocol', /Received fatal alert: no_application_protocol/, { since: '9' }),
  say('server', 'unknown_server_name', /Received fatal alert: unrecognized_name/),
  say(
    'server',
    'closed_during_handshake',
    /Remote host (?:terminated|closed connection during) (?:the )?handshake/,
  ),
];
