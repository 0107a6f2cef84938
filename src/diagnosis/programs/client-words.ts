/** What clients of directories, databases and message brokers say beside the words of their TLS library, and clients of mail. */
import { sayingsOf } from './saying.ts';
import type { Saying } from './saying.ts';

const curl = sayingsOf('curl');
const ldap = sayingsOf('ldap');
const mysql = sayingsOf('mysql');
const mosquitto = sayingsOf('mosquitto');
const openssl = sayingsOf('openssl');
const python = sayingsOf('python');

/** It cannot tell them apart. */
const ofPath = { also: ['self_signed', 'intermediate_missing', 'bad_signature'] } as const;

export const clientWords: readonly Saying[] = [
  // libldap, with OpenSSL (tls_o.c) and with GnuTLS (tls_g.c).
  ldap(
    'client',
    'name_mismatch',
    /TLS: hostname (?:\(.*\) )?does not match (?:CN|common name|name|subjectAltName) in/,
  ),
  ldap(
    'client',
    'name_mismatch',
    /TLS: unable to get (?:CN|common name|subjectAltName) from peer certificate/,
  ),
  ldap('client', 'key_not_pinned', /TLS: public key hash does not match provided pin/),
  ldap(
    'client',
    'unusable_file',
    /TLS: could not (?:use (?:CA certificate|certificate|private key|key file)|load (?:verify locations|client CA list))/,
  ),
  ldap(
    'server',
    'starttls_refused',
    /ldap_start_tls: (?:Protocol error \(2\)|Server is unavailable \(52\))|unsupported extended operation/,
  ),
  // Result 13 (RFC 4511 section 4.1.9).
  ldap('server', 'starttls_required', /Confidentiality required \(13\)/),
  mysql('server', 'starttls_required', /Connections using insecure transport are prohibited/),
  // MariaDB's Connector/C, and MySQL's client.
  mysql('client', 'name_mismatch', /(?:TLS\/SSL|SSL connection) error: Host ?name verification failed/i),
  mysql('client', 'certificate_revoked', /TLS\/SSL error: Certificate revoked/),
  mysql('client', 'certificate_expired', /TLS\/SSL error: Certificate not yet valid or expired/, {
    also: ['certificate_not_yet_valid'],
  }),
  mysql(
    'client',
    'key_not_pinned',
    /Fingerprint (?:verification|validation) of (?:server|peer) certificate failed|invalid finger print of server certificate/i,
  ),
  mysql(
    'client',
    'unknown_ca',
    /Certificate verification failure: The certificate is NOT trusted|Peer certificate is not trusted/,
    ofPath,
  ),
  mysql(
    'client',
    'certificate_not_accepted',
    /Peer certificate verification failed|Failed to verify the server certificate|Validation of SSL server certificate failed/,
  ),
  mysql(
    'server',
    'starttls_refused',
    /SSL is required,? but the server (?:does not|doesn't) support it|MySQL server does not support SSL/,
  ),
  // libmosquitto; its files are named by the client itself.
  mosquitto('client', 'name_mismatch', /host ?name verification failed/i),
  mosquitto(
    'client',
    'unusable_file',
    /Unable to load (?:CA certificates|client certificate|client key file)|Client certificate\/key are inconsistent/,
  ),
  // Mail: libcurl, `openssl s_client -starttls`, and Python's own modules.
  curl(
    'server',
    'starttls_refused',
    /STARTTLS not (?:supported|available)|STLS not supported|STARTTLS denied|Requested SSL level failed/,
  ),
  openssl(
    'server',
    'starttls_refused',
    /MySQL server does not support SSL|STARTTLS failed, LDAP Result Code/,
  ),
  python('server', 'starttls_required', /\(530, .*\bSTARTTLS\b|\[PRIVACYREQUIRED\]/),
  python(
    'server',
    'starttls_refused',
    /STARTTLS extension not supported by server|TLS not supported by server|STLS not supported by server/,
  ),
];
