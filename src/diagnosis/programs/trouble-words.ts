/**
 * What programs say of their own files and options, before they have said anything to a server: a file that is not there, a pass
 * phrase that does not open a key, a name of a cipher suite that does not exist.
 */
import { libraries, sayingsOf } from './saying.ts';
import type { Library, Saying, Trouble } from './saying.ts';

const file = (library: Library, trouble: Trouble, pattern: RegExp): Saying =>
  sayingsOf(library)('client', 'unusable_file', pattern, { trouble });
const option = (library: Library, pattern: RegExp): Saying =>
  sayingsOf(library)('client', 'unusable_option', pattern);

/** Every program has such words. */
const ofAll: readonly Saying[] = libraries.flatMap((library) => [
  sayingsOf(library)(
    'client',
    'unusable_option',
    /\b(?:unknown|unrecogni[sz]ed|invalid|illegal) (?:long |shorthand )?(?:option|flag)\b|\boption \S+: (?:is unknown|requires parameter|is ambiguous)|\bbad option:|flag provided but not defined/i,
    { isEarly: true },
  ),
  sayingsOf(library)(
    'client',
    'unusable_file',
    /FileNotFoundError|FileNotFoundException|NoSuchFileException|\bENOENT\b.*\bopen\b|\b(?:open|stat) \S+: no such file or directory/,
    { trouble: 'missing', isEarly: true },
  ),
  sayingsOf(library)(
    'client',
    'unusable_file',
    /PermissionError: .*: '|\bEACCES\b.*\bopen\b|\bopen \S+: permission denied/,
    { trouble: 'forbidden', isEarly: true },
  ),
]);

export const troubleWords: readonly Saying[] = [
  // libcurl.
  file('curl', 'mismatch', /Private key does not match the certificate public key|given key do not match/i),
  file('curl', 'pass_phrase', /could not parse PKCS12 file, check password/i),
  file('curl', 'content', /error loading CRL file/i),
  option(
    'curl',
    /failed setting (?:cipher list|curves list|TLS 1\.3 cipher suite|signature algorithms)|SSLVERSION_MAX incompatible with|setting GnuTLS priority|Failed to (?:initialize|set) (?:provider|engine|SSL Engine)|SSL Engine '\S+' not found|curl: \((?:4[38]|59)\) |Protocol "?\S+"? (?:is )?(?:not supported|disabled)/i,
  ),
  // OpenSSL, and so its programs, Python and Node.
  file('openssl', 'mismatch', /key values mismatch|KEY_VALUES_MISMATCH|key type mismatch|KEY_TYPE_MISMATCH/i),
  file('openssl', 'mismatch', /Private key does not match the certificate public key/),
  file('openssl', 'mismatch', /no certificate assigned|NO_CERTIFICATE_ASSIGNED/),
  file(
    'openssl',
    'pass_phrase',
    /:bad decrypt\b|BAD_DECRYPT\b|maybe wrong password|mac verify (?:failure|error)|MAC_VERIFY_(?:FAILURE|ERROR)|bad password read|BAD_PASSWORD_READ|invalid password for/i,
  ),
  file('openssl', 'missing', /Could not open file or uri .*: No such file|calling fopen\(|File not found\./),
  file(
    'openssl',
    'content',
    /NO_CERTIFICATE_OR_CRL_FOUND|no certificate or crl found|\bno start line\b|NO_START_LINE\b|\[SSL\] PEM lib|Could not (?:find|read) .*(?:certificate|private key).* from|DECODER routines::unsupported|bad base64 decode|bad end line/i,
  ),
  // apt, with either library (methods/connect.cc, methods/http.cc): the file of one of its settings.
  ...(['openssl', 'gnutls'] as const).flatMap((library) => [
    file(library, 'forbidden', /Could not load .*\((?:\S+, )?\w+ option\).*Permission denied/i),
    file(library, 'missing', /Could not load .*\((?:\S+, )?\w+ option\).*No such file/i),
    file(library, 'content', /Could not load .*\((?:\S+, )?(?:CaInfo|SslCert|SslKey|CrlFile) option\)/),
  ]),
  // redis-cli.
  file('openssl', 'content', /Invalid (?:CA Certificate File|client certificate|private key)/),
  option(
    'openssl',
    /SSL_CONF_cmd\(.*\) failed|\bno cipher match\b|NO_CIPHER_MATCH\b|Error while configuring cipher|Problem setting TLS options, check|no protocols available|NO_PROTOCOLS_AVAILABLE/i,
  ),
  // GnuTLS.
  file('gnutls', 'mismatch', /certificate and the given key do not match/i),
  file('gnutls', 'pass_phrase', /(?:key|file).*: Decryption has failed|No PIN given/i),
  file(
    'gnutls',
    'content',
    /file: (?:No certificate was found|Base64 (?:unexpected header|decoding) error)/i,
  ),
  option('gnutls', /^Syntax error at: /),
  // wget: what it makes of its options it has GnuTLS say, too.
  option('wget', /--[\w-]+: Invalid value|GnuTLS: The request is invalid/i),
  // Node, Python.
  option(
    'node',
    /ERR_TLS_INVALID_PROTOCOL_VERSION|ERR_TLS_PROTOCOL_VERSION_CONFLICT|ERR_SSL_NO_CIPHER_MATCH|Failed to set ECDH curve/,
  ),
  option('python', /No cipher can be selected|ALPN protocols must be|unknown elliptic curve name/),
  // Go.
  file('go', 'mismatch', /tls: private key (?:type )?does not match public key/),
  file(
    'go',
    'content',
    /tls: failed to (?:find any PEM data|parse private key|find certificate PEM|find "CERTIFICATE")|unable to parse bytes as PEM block/,
  ),
  file('go', 'missing', /unable to read (?:certificate-authority|client-cert|client-key) .*no such file/),
  file('go', 'alone', /KeyFile and CertFile must both be present|must (?:both )?be specified together/),
  option('go', /conflicting environment variable/),
  // Java.
  file(
    'java',
    'pass_phrase',
    /[Kk]eystore password was incorrect|[Kk]eystore was tampered with|final block not properly padded|Cannot recover key/,
  ),
  file(
    'java',
    'content',
    /Invalid keystore format|toDerInputStream rejects tag type|DerInputStream\.getLength\(\)/,
  ),
  option('java', /No appropriate protocol|Unsupported (?:CipherSuite|protocol|ciphersuite)\b/i),
  // libpq.
  file('postgres', 'open_to_all', /private key file ".*" (?:has group or world access|must be owned by)/),
  file('postgres', 'mismatch', /certificate does not match private key file/),
  file(
    'postgres',
    'missing',
    /root certificate file ".*" does not exist|private key file ".*" does not exist/,
  ),
  file('postgres', 'missing', /certificate present, but not private key file/),
  file(
    'postgres',
    'missing',
    /could not (?:open|read) (?:certificate|root certificate) file ".*": No such file/,
  ),
  file('postgres', 'pass_phrase', /could not load private key file ".*": (?:bad decrypt|bad password read)/i),
  file(
    'postgres',
    'content',
    /could not (?:read|load|open) (?:root certificate|private key|certificate|certificate revocation list) file/,
  ),
  option(
    'postgres',
    /invalid (?:sslmode|channel_binding|sslnegotiation|ssl_min_protocol_version) value|invalid (?:connection|URI query) (?:option|parameter)/i,
  ),
  ...ofAll,
];
