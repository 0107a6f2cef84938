/** What programs say beside the words of their TLS library: curl, wget, Node, Python and PostgreSQL's clients. */
import { sayingsOf } from './saying.ts';
import type { Saying } from './saying.ts';

const curl = sayingsOf('curl');
const wget = sayingsOf('wget');
const node = sayingsOf('node');
const python = sayingsOf('python');
const postgres = sayingsOf('postgres');

export const ownWords: readonly Saying[] = [
  // libcurl, and so git.
  curl('client', 'name_mismatch', /no alternative certificate subject name matches target/i),
  curl(
    'client',
    'name_mismatch',
    /certificate subject name '?\(?[^\n]*\)?'? does not match target host ?name/i,
  ),
  curl('client', 'status_missing', /No OCSP response received/i),
  curl('client', 'key_not_pinned', /public key does not match pinned public key/i),
  curl(
    'client',
    'unusable_file',
    /error setting certificate (?:verify locations|file)|unable to set private key file|could not load PEM client certificate|unable to use client certificate|Private key does not match the certificate public key/i,
  ),
  curl('nobody', 'host_not_found', /Could not resolve host/i),
  curl(
    'nobody',
    'nothing_listens',
    /Failed to connect to .*(?:Connection refused|Could not connect to server|Couldn't connect to server)/i,
  ),
  // wget with GnuTLS, then with OpenSSL.
  wget('client', 'certificate_expired', /certificate of \S+ has expired|The certificate has expired/i),
  wget(
    'client',
    'certificate_not_yet_valid',
    /certificate of \S+ is not yet activated|certificate has not yet been activated/i,
  ),
  wget('client', 'certificate_revoked', /certificate of \S+ has been revoked/i),
  wget(
    'client',
    'name_mismatch',
    /certificate's owner does not match host\s?name|no certificate subject alternative name matches/i,
  ),
  wget('client', 'name_mismatch', /certificate common name .* doesn't match requested host name/i),
  wget('client', 'unknown_ca', /certificate of \S+ (?:doesn't have a known issuer|is not trusted)/i, {
    also: [
      'self_signed',
      'intermediate_missing',
      'certificate_expired',
      'certificate_not_yet_valid',
      'bad_signature',
      'weak_signature',
      'weak_key',
    ],
  }),
  wget('client', 'self_signed', /Self-signed certificate encountered/i),
  wget('client', 'unknown_ca', /Unable to locally verify the issuer's authority/i, {
    also: ['self_signed', 'intermediate_missing'],
  }),
  // Node's own check of names (tls.checkServerIdentity).
  node('client', 'name_mismatch', /ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate's altnames/),
  node('nobody', 'nothing_listens', /connect ECONNREFUSED/),
  node('nobody', 'host_not_found', /getaddrinfo (?:ENOTFOUND|EAI_AGAIN)/),
  node('server', 'closed_during_handshake', /disconnected before secure TLS connection was established/),
  python(
    'client',
    'unusable_file',
    /Could not find (?:a suitable TLS CA certificate bundle|the TLS (?:certificate|key) file)/,
  ),
  // Python 2.7 and 3.6 say no more.
  python('client', 'certificate_not_accepted', /certificate verify failed \(_ssl/, { until: '3.7' }),
  python('server', 'closed_during_handshake', /TLS\/SSL connection has been closed \(EOF\)/, {
    since: '3.8',
    until: '3.10',
  }),
  python('client', 'name_mismatch', /certificate is not valid for '/),
  python('client', 'name_mismatch', /doesn't match either of|hostname '[^']*' doesn't match/),
  python(
    'nobody',
    'host_not_found',
    /\[Errno -\d\] (?:Name or service not known|Temporary failure in name resolution)/,
  ),
  python('nobody', 'nothing_listens', /\[Errno 111\] Connection refused/),
  postgres(
    'client',
    'unusable_file',
    /root certificate file "[^"]*" does not exist|could not (?:read root|open|load|read) (?:certificate|private key)/,
  ),
  // libpq, and the answers of a server that it prints.
  postgres('client', 'name_mismatch', /server certificate for .* does not match host name/),
  postgres('server', 'starttls_refused', /server does not support SSL, but SSL was required/),
  postgres('server', 'certificate_missing', /connection requires a valid client certificate/),
  postgres('server', 'certificate_refused', /certificate authentication failed for user/),
  // Without TLS; with TLS its rules may have an entry (hostssl).
  postgres(
    'server',
    'starttls_required',
    /FATAL: +(?:no pg_hba\.conf entry for|pg_hba\.conf rejects) .*(?:no encryption|SSL off)/,
    { also: ['refused_by_application'] },
  ),
  // Its answers to a login (src/backend/libpq/auth.c, hba.c; src/backend/utils/init).
  postgres(
    'server',
    'refused_by_application',
    /FATAL: +(?:no pg_hba\.conf entry|pg_hba\.conf rejects|(?:password|"?\w+"?) authentication failed|(?:role|database) ".*" (?:does not exist|is not permitted))/,
  ),
];
