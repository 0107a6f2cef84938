/** Each sentence of a program that is known, as programs wrote it, and what it means. */
import test from 'ava';
import type { DiagnosedCause } from '../../../src/diagnosis/diagnosis.ts';
import { hear, lastWords, sayings } from '../../../src/diagnosis/programs/hear.ts';
import { programOf, programs } from '../../../src/diagnosis/programs/programs.ts';
import { measured, measureOf } from '../../../src/diagnosis/programs/measured.ts';
import { compareVersions, isOfVersion, libraries } from '../../../src/diagnosis/programs/saying.ts';

type Row = readonly [
  program: string,
  line: string,
  by: 'client' | 'server' | 'nobody',
  cause: DiagnosedCause,
];

/** As these versions wrote them: curl 8.14, OpenSSL 1.1.1 and 3.5, GnuTLS 3.8, wget 1.25, git 2.47, Node 20, Python 3.11, Go 1.24, Java 17, psql 15. */
const written: readonly Row[] = [
  [
    'curl',
    'curl: (58) could not parse PKCS12 file, check password, OpenSSL error error:11800071:PKCS12 routines::mac verify failure',
    'client',
    'unusable_file',
  ],
  ['curl', 'curl: (82) error loading CRL file: nix.crl', 'client', 'unusable_file'],
  ['curl', 'curl: (59) failed setting cipher list: FOO', 'client', 'unusable_option'],
  ['curl', "curl: (59) failed setting curves list: 'foo'", 'client', 'unusable_option'],
  ['curl', 'curl: (35) CURL_SSLVERSION_MAX incompatible with CURL_SSLVERSION', 'client', 'unusable_option'],
  ['curl', 'curl: option --bogus: is unknown', 'client', 'unusable_option'],
  ['openssl', 'Call to SSL_CONF_cmd(-cipher, ECHDE-RSA) failed', 'client', 'unusable_option'],
  [
    'openssl',
    '40D7A3002C7F0000:error:0A0000B9:SSL routines:SSL_CTX_set_cipher_list:no cipher match:../ssl/ssl_lib.c:3377:',
    'client',
    'unusable_option',
  ],
  ['openssl', 's_client: Unknown option: -conect', 'client', 'unusable_option'],
  [
    'openssl',
    'Could not open file or uri for loading client certificate private key from nix.key: No such file or directory',
    'client',
    'unusable_file',
  ],
  [
    'openssl',
    '40F769227B7F0000:error:11800074:PKCS12 routines:PKCS12_pbe_crypt_ex:pkcs12 cipherfinal error:../crypto/pkcs12/p12_decr.c:95:maybe wrong password',
    'client',
    'unusable_file',
  ],
  ['gnutls-cli', 'Syntax error at: -VERS-FOO', 'client', 'unusable_option'],
  ['gnutls-cli', 'Error setting the x509 trust file: No certificate was found.', 'client', 'unusable_file'],
  [
    'git',
    "fatal: unable to access 'https://localhost:1/': error reading X.509 key file: The certificate and the given key do not match.",
    'client',
    'unusable_file',
  ],
  [
    'git',
    "fatal: unable to access 'https://localhost:1/': error reading X.509 key file: Decryption has failed.",
    'client',
    'unusable_file',
  ],
  [
    'git',
    "fatal: unable to access 'https://localhost:1/': Error -50 setting GnuTLS priority: FOO",
    'client',
    'unusable_option',
  ],
  ['wget', 'wget: --secure-protocol: Invalid value ‘TLSv9’.', 'client', 'unusable_option'],
  ['wget', 'GnuTLS: The request is invalid.', 'client', 'unusable_option'],
  ['python3', 'FileNotFoundError: [Errno 2] No such file or directory', 'client', 'unusable_file'],
  [
    'python3',
    'ssl.SSLError: [X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found (_ssl.c:4346)',
    'client',
    'unusable_file',
  ],
  ['python3', 'ssl.SSLError: [SSL] PEM lib (_ssl.c:4114)', 'client', 'unusable_file'],
  ['python3', "ssl.SSLError: ('No cipher can be selected.',)", 'client', 'unusable_option'],
  ['node', "    reason: 'mac verify failure',", 'client', 'unusable_file'],
  ['node', "  code: 'ERR_OSSL_BAD_DECRYPT'", 'client', 'unusable_file'],
  ['node', "Error: ENOENT: no such file or directory, open 'nix.key'", 'client', 'unusable_file'],
  ['node', "  code: 'ERR_SSL_NO_CIPHER_MATCH'", 'client', 'unusable_option'],
  [
    'kubectl',
    'Unable to connect to the server: tls: private key type does not match public key type',
    'client',
    'unusable_file',
  ],
  [
    'kubectl',
    'error: unable to load root certificates: unable to parse bytes as PEM block',
    'client',
    'unusable_file',
  ],
  ['ldapsearch', 'ldap_bind: Confidentiality required (13)', 'server', 'starttls_required'],
  [
    'python3',
    "smtplib.SMTPSenderRefused: (530, b'5.7.0 Must issue a STARTTLS command first', 'a@b')",
    'server',
    'starttls_required',
  ],
  ['kubectl', 'error: stat nixkc: no such file or directory', 'client', 'unusable_file'],
  [
    'etcdctl',
    'Error: KeyFile and CertFile must both be present[key: , cert: client.crt]',
    'client',
    'unusable_file',
  ],
  [
    'redis-cli',
    'Could not negotiate a TLS connection: Invalid CA Certificate File/Directory',
    'client',
    'unusable_file',
  ],
  [
    'redis-cli',
    'Could not negotiate a TLS connection: Error while configuring ciphers',
    'client',
    'unusable_option',
  ],
  ['mosquitto_pub', 'Error: Problem setting TLS options: File not found.', 'client', 'unusable_file'],
  [
    'psql',
    'psql: error: connection to server at "localhost", port 1 failed: private key file "open.key" has group or world access; file must have permissions u=rw (0600) or less',
    'client',
    'unusable_file',
  ],
  [
    'psql',
    'psql: error: connection to server at "localhost", port 1 failed: certificate does not match private key file "ed.key": key type mismatch',
    'client',
    'unusable_file',
  ],
  ['psql', 'psql: error: invalid sslmode value: "verify"', 'client', 'unusable_option'],
  [
    'java',
    'Exception in thread "main" javax.net.ssl.SSLHandshakeException: No appropriate protocol (protocol is disabled or cipher suites are inappropriate)',
    'client',
    'unusable_option',
  ],
  [
    'curl',
    'curl: (60) SSL certificate problem: unable to get local issuer certificate',
    'client',
    'unknown_ca',
  ],
  ['curl', 'curl: (60) SSL certificate problem: self-signed certificate', 'client', 'self_signed'],
  ['curl', 'curl: (91) No OCSP response received', 'client', 'status_missing'],
  [
    'gnutls-cli',
    '- Status: The certificate is NOT trusted. The certificate requires the server to include an OCSP status in its response, but the OCSP status is missing. ',
    'client',
    'status_missing',
  ],
  [
    'git',
    "fatal: unable to access 'https://localhost:24101/x/': server verification failed: certificate error, no details available. (CAfile: ca.crt CRLfile: none)",
    'client',
    'certificate_not_accepted',
  ],
  ['curl', 'curl: (60) SSL certificate problem: self signed certificate', 'client', 'self_signed'],
  [
    'curl',
    'curl: (60) SSL certificate problem: self-signed certificate in certificate chain',
    'client',
    'unknown_ca',
  ],
  ['curl', 'curl: (60) SSL certificate problem: certificate has expired', 'client', 'certificate_expired'],
  [
    'curl',
    "curl: (60) SSL: no alternative certificate subject name matches target hostname 'localhost'",
    'client',
    'name_mismatch',
  ],
  [
    'curl',
    'curl: (56) OpenSSL SSL_read: OpenSSL/3.5.9: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0',
    'server',
    'certificate_missing',
  ],
  [
    'curl',
    'curl: (35) TLS connect error: error:0A000410:SSL routines::ssl/tls alert handshake failure',
    'server',
    'negotiation_failed',
  ],
  [
    'curl',
    'curl: (35) TLS connect error: error:0A00042E:SSL routines::tlsv1 alert protocol version',
    'server',
    'no_common_version',
  ],
  [
    'curl',
    'curl: (35) TLS connect error: error:0A00010B:SSL routines::wrong version number',
    'client',
    'tls_on_plaintext_port',
  ],
  [
    'curl',
    'curl: (35) TLS connect error: error:0A000126:SSL routines::unexpected eof while reading',
    'server',
    'closed_during_handshake',
  ],
  [
    'curl',
    'curl: (7) Failed to connect to localhost port 24309 after 0 ms: Could not connect to server',
    'nobody',
    'nothing_listens',
  ],
  ['curl', 'curl: (6) Could not resolve host: nosuch.invalid', 'nobody', 'host_not_found'],
  ['openssl', 'verify error:num=62:hostname mismatch', 'client', 'name_mismatch'],
  ['openssl', 'verify error:num=21:unable to verify the first certificate', 'client', 'unknown_ca'],
  ['curl', 'curl: (77) error setting certificate file: nosuch.crt', 'client', 'unusable_file'],
  ['curl', "curl: (58) unable to set private key file: 'eve.key' type PEM", 'client', 'unusable_file'],
  ['curl', 'curl: (58) Private key does not match the certificate public key', 'client', 'unusable_file'],
  [
    'python',
    'ssl.SSLError: [SSL: NO_CERTIFICATE_ASSIGNED] no certificate assigned (_ssl.c:3934)',
    'client',
    'unusable_file',
  ],
  ['java', 'java.io.IOException: keystore password was incorrect', 'client', 'unusable_file'],
  ['curl', 'curl: (90) SSL: public key does not match pinned public key', 'client', 'key_not_pinned'],
  ['gnutls-cli', 'Error setting the x509 trust file: Error while reading file.', 'client', 'unusable_file'],
  [
    'python3',
    'OSError: Could not find a suitable TLS CA certificate bundle, invalid path: nosuch.crt',
    'client',
    'unusable_file',
  ],
  [
    'kubectl',
    'error: unable to read certificate-authority nosuch.crt for  due to open nosuch.crt: no such file or directory',
    'client',
    'unusable_file',
  ],
  [
    'openssl',
    '4047:error:0A00018A:SSL routines:tls_process_ske_dhe:dh key too small:../ssl/statem/statem_clnt.c:2299:',
    'client',
    'security_level',
  ],
  [
    'openssl',
    '4047:error:0A000152:SSL routines:final_renegotiate:unsafe legacy renegotiation disabled:../ssl/statem/extensions.c:922:',
    'client',
    'legacy_renegotiation',
  ],
  [
    'gnutls-cli',
    '- Status: The certificate is NOT trusted. The certificate issuer is unknown. ',
    'client',
    'unknown_ca',
  ],
  [
    'gnutls-cli',
    '- Status: The certificate is NOT trusted. The certificate chain uses expired certificate. ',
    'client',
    'certificate_expired',
  ],
  [
    'gnutls-cli',
    '- Status: The certificate is NOT trusted. The name in the certificate does not match the expected. ',
    'client',
    'name_mismatch',
  ],
  ['gnutls-cli', '*** Received alert [116]: Certificate is required', 'server', 'certificate_missing'],
  [
    'gnutls-cli',
    '*** Fatal error: An unexpected TLS packet was received.',
    'client',
    'tls_on_plaintext_port',
  ],
  ['wget', "ERROR: The certificate of ‘localhost’ doesn't have a known issuer.", 'client', 'unknown_ca'],
  ['wget', 'ERROR: The certificate of ‘localhost’ has expired.', 'client', 'certificate_expired'],
  [
    'wget',
    'ERROR: The certificate of ‘localhost’ is not yet activated.',
    'client',
    'certificate_not_yet_valid',
  ],
  ['wget', 'The certificate has not yet been activated', 'client', 'certificate_not_yet_valid'],
  ['wget', "The certificate's owner does not match hostname ‘localhost’", 'client', 'name_mismatch'],
  [
    'git',
    "fatal: unable to access 'https://localhost/': server verification failed: certificate signer not trusted. (CAfile: ca.crt CRLfile: none)",
    'client',
    'unknown_ca',
  ],
  [
    'git',
    "fatal: unable to access 'https://localhost/': server verification failed: certificate has expired. (CAfile: ca.crt CRLfile: none)",
    'client',
    'certificate_expired',
  ],
  [
    'git',
    "fatal: unable to access 'https://localhost/': SSL: certificate subject name (other.example) does not match target hostname 'localhost'",
    'client',
    'name_mismatch',
  ],
  ['node', "  code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'", 'client', 'unknown_ca'],
  ['node', "  code: 'DEPTH_ZERO_SELF_SIGNED_CERT'", 'client', 'self_signed'],
  [
    'node',
    "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's altnames: DNS:other.example",
    'client',
    'name_mismatch',
  ],
  ['node', "  code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'", 'server', 'certificate_missing'],
  ['node', 'Error: connect ECONNREFUSED 127.0.0.1:24309', 'nobody', 'nothing_listens'],
  [
    'python3',
    'ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)',
    'client',
    'unknown_ca',
  ],
  [
    'python3',
    "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not valid for 'localhost'. (_ssl.c:1006)",
    'client',
    'name_mismatch',
  ],
  [
    'python3',
    'ssl.SSLError: [SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required (_ssl.c:2580)',
    'server',
    'certificate_missing',
  ],
  [
    'python3',
    'ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)',
    'client',
    'tls_on_plaintext_port',
  ],
  [
    'kubectl',
    'Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'client',
    'unknown_ca',
  ],
  [
    'kubectl',
    'Unable to connect to the server: tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-29T06:53:12Z is after 2025-02-01T00:00:00Z',
    'client',
    'certificate_expired',
  ],
  [
    'kubectl',
    'Unable to connect to the server: tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-29T06:53:12Z is before 2027-02-01T00:00:00Z',
    'client',
    'certificate_not_yet_valid',
  ],
  [
    'kubectl',
    'Unable to connect to the server: tls: failed to verify certificate: x509: certificate is valid for other.example, not localhost',
    'client',
    'name_mismatch',
  ],
  [
    'kubectl',
    'Unable to connect to the server: remote error: tls: certificate required',
    'server',
    'certificate_missing',
  ],
  [
    'kubectl',
    'Unable to connect to the server: http: server gave HTTP response to HTTPS client',
    'client',
    'tls_on_plaintext_port',
  ],
  [
    'java',
    'Exception in thread "main" javax.net.ssl.SSLHandshakeException: (certificate_unknown) PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target',
    'client',
    'unknown_ca',
  ],
  [
    'java',
    'Caused by: java.security.cert.CertificateExpiredException: NotAfter: Sat Feb 01 00:00:00 UTC 2025',
    'client',
    'certificate_expired',
  ],
  [
    'java',
    'Caused by: java.security.cert.CertificateException: No subject alternative DNS name matching localhost found.',
    'client',
    'name_mismatch',
  ],
  [
    'java',
    'Exception in thread "main" javax.net.ssl.SSLHandshakeException: (certificate_required) Received fatal alert: certificate_required',
    'server',
    'certificate_missing',
  ],
  [
    'java',
    'Exception in thread "main" javax.net.ssl.SSLException: Unsupported or unrecognized SSL message',
    'client',
    'tls_on_plaintext_port',
  ],
  [
    'psql',
    'psql: error: connection to server at "localhost" (127.0.0.1), port 5432 failed: SSL error: tlsv13 alert certificate required',
    'server',
    'certificate_missing',
  ],
  [
    'psql',
    'psql: error: connection to server at "localhost" (127.0.0.1), port 5432 failed: server certificate for "other.example" does not match host name "localhost"',
    'client',
    'name_mismatch',
  ],
  [
    'psql',
    'psql: error: connection to server at "localhost" (127.0.0.1), port 5432 failed: server does not support SSL, but SSL was required',
    'server',
    'starttls_refused',
  ],
  ...[
    'pg_hba.conf rejects connection for host "127.0.0.1", user "bob", database "rej", SSL encryption',
    'no pg_hba.conf entry for host "127.0.0.1", user "bob", database "nope", SSL encryption',
    'password authentication failed for user "bob"',
    '"trust" authentication failed for user "alice"',
    'database "nope" does not exist',
  ].map(
    (words) =>
      [
        'psql',
        `psql: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  ${words}`,
        'server',
        'refused_by_application',
      ] as const,
  ),
  ...['no encryption', 'SSL off'].map(
    (how) =>
      [
        'psql',
        `psql: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  no pg_hba.conf entry for host "127.0.0.1", user "bob", database "shop", ${how}`,
        'server',
        'starttls_required',
      ] as const,
  ),
  [
    'psql',
    'psql: error: connection to server at "localhost" (127.0.0.1), port 5432 failed: FATAL:  connection requires a valid client certificate',
    'server',
    'certificate_missing',
  ],
];

for (const [program, line, by, cause] of written)
  test(`${program}: ${line}`, (t) => {
    const row = programOf(`/usr/bin/${program}`);
    t.truthy(row);
    const heard = hear({ stdout: '', stderr: `${line}\nmore\n` }, row);
    t.like(heard, { saying: { by, cause }, line: line.trim() });
    // Whatever the program is.
    t.is(hear({ stdout: '', stderr: line }, undefined)?.saying.cause, cause);
  });

test('every library has words, and every program prints those of one', (t) => {
  const spoken = new Set(sayings.map(({ library }) => library));
  for (const { name, libraries } of programs)
    t.true(
      libraries.some((library) => spoken.has(library)),
      name,
    );
});

test('no row matches anything, and none but a specific one is shadowed on its own example', (t) => {
  for (const { pattern } of sayings) t.false(pattern.test(''), String(pattern));
});

test('its own refusal is worth more than what it was told, and that more than no connection', (t) => {
  const curl = programOf('curl');
  const told = 'tlsv13 alert certificate required';
  const own = 'SSL certificate problem: certificate has expired';
  t.is(hear({ stdout: '', stderr: `${own}\n${told}` }, curl)?.saying.cause, 'certificate_expired');
  t.is(
    hear({ stdout: '', stderr: `Could not resolve host: x\n${told}\n` }, curl)?.saying.cause,
    'certificate_missing',
  );
  t.is(
    hear({ stdout: '', stderr: `${own}\nSSL certificate problem: self-signed certificate` }, curl)?.saying
      .cause,
    'self_signed',
    'of several the last',
  );
});

test('what a server sent is not heard', (t) => {
  const curl = programOf('curl');
  t.is(hear({ stdout: 'certificate has expired', stderr: '' }, curl), undefined);
  t.is(hear({ stdout: '', stderr: '< X-Note: certificate has expired\n' }, curl), undefined);
  t.truthy(hear({ stdout: 'verify error:num=10:certificate has expired', stderr: '' }, programOf('openssl')));
});

test('an exit code counts where no words do', (t) => {
  t.like(hear({ stdout: '', stderr: '', code: 60 }, programOf('curl')), {
    saying: { by: 'client', cause: 'certificate_not_accepted' },
    line: 'exit code 60',
  });
  t.is(hear({ stdout: '', stderr: '', code: 7 }, programOf('curl')), undefined);
  t.is(hear({ stdout: '', stderr: '', code: 60 }, undefined), undefined);
});

test('versions', (t) => {
  t.true(isOfVersion({ since: '3.0' }, '3.5.9'));
  t.false(isOfVersion({ since: '3.0' }, '1.1.1'));
  t.true(isOfVersion({ until: '3.0' }, '1.1.1'));
  t.false(isOfVersion({ until: '3.0' }, '3.0'));
  t.true(isOfVersion({ since: '11' }, '17.0.21'));
  t.true(isOfVersion({}, '1'));
});

test('each library says which of its versions were measured, and a row that is said of none of them is of older ones', (t) => {
  for (const library of libraries) {
    const all = measured[library];
    t.deepEqual([...all], all.toSorted(compareVersions), library);
    for (const version of all) {
      t.is(measureOf(library, version), 'measured');
      t.true(
        sayings.some((saying) => saying.library === library && isOfVersion(saying, version)),
        library,
      );
    }
  }
  for (const saying of sayings) {
    const isSaid = measured[saying.library].some((version) => isOfVersion(saying, version));
    t.true(isSaid || saying.until !== undefined, String(saying.pattern));
  }
  t.is(measureOf('openssl', '3.5.1'), 'measured');
  t.is(measureOf('openssl', '3.2.0'), 'within');
  t.is(measureOf('openssl', '1.1.1'), 'older');
  t.is(measureOf('go', '1.99'), 'newer');
});

test('Python’s words as its versions changed', (t) => {
  const python = programOf('python3');
  for (const [line, cause, version] of [
    [
      '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed (_ssl.c:852)',
      'certificate_not_accepted',
      '3.6.15',
    ],
    [
      '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1091)',
      'unknown_ca',
      '3.7.16',
    ],
    [
      '<urlopen error TLS/SSL connection has been closed (EOF) (_ssl.c:1131)>',
      'closed_during_handshake',
      '3.9.18',
    ],
    [
      '[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol (_ssl.c:1007)',
      'closed_during_handshake',
      '3.10.13',
    ],
  ] as const) {
    const heard = hear({ stdout: '', stderr: line }, python);
    t.is(heard?.saying.cause, cause, line);
    if (heard?.saying.library === 'python') t.true(isOfVersion(heard.saying, version));
  }
});

test('programs are found by the name of their file', (t) => {
  for (const [path, name] of [
    ['/usr/bin/python3.13', 'python'],
    ['/opt/node-22/bin/node', 'node'],
    ['npx', 'node'],
    ['git-remote-https', 'git'],
    ['psql', 'psql'],
    ['mvnw', 'java'],
    ['C:/x/curl.exe', 'curl'],
    ['helm', 'kubectl'],
  ] as const)
    t.is(programOf(path)?.name, name, path);
  for (const path of ['sh', 'mycurl', 'gitea', 'javac']) t.is(programOf(path), undefined, path);
});

test('of its own files a program speaks last: words of a connection count more', (t) => {
  const go = programOf('kubectl');
  const missing = 'open /etc/hosts.extra: no such file or directory';
  t.is(hear({ stdout: '', stderr: missing }, go)?.saying.isEarly, true);
  t.is(
    hear({ stdout: '', stderr: `x509: certificate has expired or is not yet valid\n${missing}` }, go)?.saying
      .cause,
    'certificate_expired',
  );
  t.is(
    hear({ stdout: '', stderr: `remote error: tls: handshake failure\n${missing}` }, go)?.saying.by,
    'server',
  );
});

test('of words that no row knows: a line of TLS, a certificate or a file counts more than that all in all it failed', (t) => {
  const said = (...lines: readonly string[]): string =>
    lastWords({ stdout: '', stderr: lines.join('\n') }, undefined);
  const why = 'E: Failed to fetch https://x/ Could not load the certificates of x';
  t.is(said(why, 'E: Some index files failed to download. They have been ignored.'), why);
  const denied = 'cannot read /etc/x/ca.pem: Permission denied';
  t.is(said(denied, 'ERROR: No matching distribution found for foo'), denied);
  // Nothing has failed there.
  const warning = '(node:1) Warning: Using --tls-keylog makes TLS connections insecure: an error of many';
  t.is(said(warning, 'Error: job 7 failed'), 'Error: job 7 failed');
  t.is(said(warning, '(Use `node --trace-warnings ...` to show where)'), '');
  t.is(said('SSL certificate loaded', 'Error: job 7 failed'), 'Error: job 7 failed');
});

test('pip says why on its standard output; what else stands there is not heard', (t) => {
  const python = programOf('pip');
  const why =
    "Could not fetch URL https://x/simple/foo/: There was a problem confirming the ssl certificate: (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1029)'))) - skipping";
  const stderr = 'ERROR: No matching distribution found for foo';
  t.is(hear({ stdout: why, stderr }, python)?.saying.cause, 'certificate_expired');
  t.is(hear({ stdout: 'certificate has expired', stderr }, python), undefined);
});
