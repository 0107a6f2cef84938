/**
 * Lists the numbers of TLS and their registered names. A code without a name is kept and shown as hex. The cipher
 * suites have a separate file.
 */
import { toCode } from '../../core/hex.ts';
import type { TlsVersion } from '../../capture/vocabulary.ts';
import type { Code, UnknownCode } from '../../core/code.ts';
import type { FieldId } from '../../core/field.ts';
import { cipherSuiteNames } from './cipher-suites.ts';

const contentTypeNames: Readonly<Record<number, string>> = {
  20: 'change_cipher_spec',
  21: 'alert',
  22: 'handshake',
  23: 'application_data',
  24: 'heartbeat',
};

/** How a record of that type is called when nothing is known of its inside. */
export const contentTypeTitles: Readonly<Record<number, string>> = {
  20: 'ChangeCipherSpec',
  21: 'Alert',
  22: 'Handshake',
  23: 'ApplicationData',
  24: 'Heartbeat',
};

/** Handshake types in snake case (RFC 8446 section 4, RFC 5246 section 7.4 and later RFCs). */
export const handshakeTypeNames = {
  0: 'hello_request',
  1: 'client_hello',
  2: 'server_hello',
  3: 'hello_verify_request',
  4: 'new_session_ticket',
  5: 'end_of_early_data',
  6: 'hello_retry_request',
  8: 'encrypted_extensions',
  11: 'certificate',
  12: 'server_key_exchange',
  13: 'certificate_request',
  14: 'server_hello_done',
  15: 'certificate_verify',
  16: 'client_key_exchange',
  20: 'finished',
  21: 'certificate_url',
  22: 'certificate_status',
  23: 'supplemental_data',
  24: 'key_update',
  25: 'compressed_certificate',
  26: 'ekt_key',
  // The draft by which a client picked a protocol before ALPN.
  67: 'next_protocol',
  254: 'message_hash',
} as const satisfies Readonly<Record<number, string>>;

const versionNames: Readonly<Record<number, string>> = {
  0x0002: 'SSLv2',
  0x0300: 'SSLv3',
  0x0301: 'TLSv1',
  0x0302: 'TLSv1.1',
  0x0303: 'TLSv1.2',
  0x0304: 'TLSv1.3',
  // Of OpenSSL before 0.9.8f, and of what was built to agree with it.
  0x0100: 'DTLSv1.0 (0x0100)',
  0xfeff: 'DTLSv1.0',
  0xfefd: 'DTLSv1.2',
  0xfefc: 'DTLSv1.3',
};

/** The version of TLS on which one of DTLS is built (RFC 6347 section 1, RFC 9147 section 1); any other stays as it is. */
export function tlsVersionBehind(version: number): number {
  return { 0x0100: 0x0302, 0xfeff: 0x0302, 0xfefd: 0x0303, 0xfefc: 0x0304 }[version] ?? version;
}

/** RFC 8446 section 4.2.7 and the registry of supported groups. */
const groupNames = {
  0x0001: 'sect163k1',
  0x0002: 'sect163r1',
  0x0003: 'sect163r2',
  0x0004: 'sect193r1',
  0x0005: 'sect193r2',
  0x0006: 'sect233k1',
  0x0007: 'sect233r1',
  0x0008: 'sect239k1',
  0x0009: 'sect283k1',
  0x000a: 'sect283r1',
  0x000b: 'sect409k1',
  0x000c: 'sect409r1',
  0x000d: 'sect571k1',
  0x000e: 'sect571r1',
  0x000f: 'secp160k1',
  0x0010: 'secp160r1',
  0x0011: 'secp160r2',
  0x0012: 'secp192k1',
  0x0013: 'secp192r1',
  0x0014: 'secp224k1',
  0x0015: 'secp224r1',
  0x0016: 'secp256k1',
  0x0017: 'secp256r1',
  0x0018: 'secp384r1',
  0x0019: 'secp521r1',
  0x001a: 'brainpoolP256r1',
  0x001b: 'brainpoolP384r1',
  0x001c: 'brainpoolP512r1',
  0x001d: 'x25519',
  0x001e: 'x448',
  0x001f: 'brainpoolP256r1tls13',
  0x0020: 'brainpoolP384r1tls13',
  0x0021: 'brainpoolP512r1tls13',
  0x0022: 'GC256A',
  0x0023: 'GC256B',
  0x0024: 'GC256C',
  0x0025: 'GC256D',
  0x0026: 'GC512A',
  0x0027: 'GC512B',
  0x0028: 'GC512C',
  0x0029: 'curveSM2',
  0x0100: 'ffdhe2048',
  0x0101: 'ffdhe3072',
  0x0102: 'ffdhe4096',
  0x0103: 'ffdhe6144',
  0x0104: 'ffdhe8192',
  0x0200: 'MLKEM512',
  0x0201: 'MLKEM768',
  0x0202: 'MLKEM1024',
  0x11eb: 'SecP256r1MLKEM768',
  0x11ec: 'X25519MLKEM768',
  0x11ed: 'SecP384r1MLKEM1024',
  0x11ee: 'curveSM2MLKEM768',
  0x6399: 'X25519Kyber768Draft00',
  0x639a: 'SecP256r1Kyber768Draft00',
  0xff01: 'arbitrary_explicit_prime_curves',
  0xff02: 'arbitrary_explicit_char2_curves',
} as const satisfies Readonly<Record<number, string>>;

/** RFC 8446 section 4.2.3; the pairs of hash and algorithm of RFC 5246 that have no scheme name are named below. */
const signatureSchemeNames: Readonly<Record<number, string>> = {
  0x0201: 'rsa_pkcs1_sha1',
  0x0203: 'ecdsa_sha1',
  0x0401: 'rsa_pkcs1_sha256',
  0x0403: 'ecdsa_secp256r1_sha256',
  0x0420: 'rsa_pkcs1_sha256_legacy',
  0x0501: 'rsa_pkcs1_sha384',
  0x0503: 'ecdsa_secp384r1_sha384',
  0x0520: 'rsa_pkcs1_sha384_legacy',
  0x0601: 'rsa_pkcs1_sha512',
  0x0603: 'ecdsa_secp521r1_sha512',
  0x0620: 'rsa_pkcs1_sha512_legacy',
  0x0704: 'eccsi_sha256',
  0x0705: 'iso_ibs1',
  0x0706: 'iso_ibs2',
  0x0707: 'iso_chinese_ibs',
  0x0708: 'sm2sig_sm3',
  0x0709: 'gostr34102012_256a',
  0x070a: 'gostr34102012_256b',
  0x070b: 'gostr34102012_256c',
  0x070c: 'gostr34102012_256d',
  0x070d: 'gostr34102012_512a',
  0x070e: 'gostr34102012_512b',
  0x070f: 'gostr34102012_512c',
  0x0804: 'rsa_pss_rsae_sha256',
  0x0805: 'rsa_pss_rsae_sha384',
  0x0806: 'rsa_pss_rsae_sha512',
  0x0807: 'ed25519',
  0x0808: 'ed448',
  0x0809: 'rsa_pss_pss_sha256',
  0x080a: 'rsa_pss_pss_sha384',
  0x080b: 'rsa_pss_pss_sha512',
  0x081a: 'ecdsa_brainpoolP256r1tls13_sha256',
  0x081b: 'ecdsa_brainpoolP384r1tls13_sha384',
  0x081c: 'ecdsa_brainpoolP512r1tls13_sha512',
  0x0904: 'mldsa44',
  0x0905: 'mldsa65',
  0x0906: 'mldsa87',
  0x0911: 'slhdsa_sha2_128s',
  0x0912: 'slhdsa_sha2_128f',
  0x0913: 'slhdsa_sha2_192s',
  0x0914: 'slhdsa_sha2_192f',
  0x0915: 'slhdsa_sha2_256s',
  0x0916: 'slhdsa_sha2_256f',
  0x0917: 'slhdsa_shake_128s',
  0x0918: 'slhdsa_shake_128f',
  0x0919: 'slhdsa_shake_192s',
  0x091a: 'slhdsa_shake_192f',
  0x091b: 'slhdsa_shake_256s',
  0x091c: 'slhdsa_shake_256f',
};

/** The registry of ExtensionType values. */
export const extensionNames = {
  0: 'server_name',
  1: 'max_fragment_length',
  2: 'client_certificate_url',
  3: 'trusted_ca_keys',
  4: 'truncated_hmac',
  5: 'status_request',
  6: 'user_mapping',
  7: 'client_authz',
  8: 'server_authz',
  9: 'cert_type',
  10: 'supported_groups',
  11: 'ec_point_formats',
  12: 'srp',
  13: 'signature_algorithms',
  14: 'use_srtp',
  15: 'heartbeat',
  16: 'application_layer_protocol_negotiation',
  17: 'status_request_v2',
  18: 'signed_certificate_timestamp',
  19: 'client_certificate_type',
  20: 'server_certificate_type',
  21: 'padding',
  22: 'encrypt_then_mac',
  23: 'extended_master_secret',
  24: 'token_binding',
  25: 'cached_info',
  26: 'tls_lts',
  27: 'compress_certificate',
  28: 'record_size_limit',
  29: 'pwd_protect',
  30: 'pwd_clear',
  31: 'password_salt',
  32: 'ticket_pinning',
  33: 'tls_cert_with_extern_psk',
  34: 'delegated_credential',
  35: 'session_ticket',
  36: 'tlmsp',
  37: 'tlmsp_proxying',
  38: 'tlmsp_delegate',
  39: 'supported_ekt_ciphers',
  41: 'pre_shared_key',
  42: 'early_data',
  43: 'supported_versions',
  44: 'cookie',
  45: 'psk_key_exchange_modes',
  47: 'certificate_authorities',
  48: 'oid_filters',
  49: 'post_handshake_auth',
  50: 'signature_algorithms_cert',
  51: 'key_share',
  52: 'transparency_info',
  // Of the draft, with another way to count.
  53: 'connection_id_deprecated',
  54: 'connection_id',
  55: 'external_id_hash',
  56: 'external_session_id',
  57: 'quic_transport_parameters',
  58: 'ticket_request',
  59: 'dnssec_chain',
  60: 'sequence_number_encryption_algorithms',
  61: 'rrc',
  62: 'tls_flags',
  13172: 'next_protocol_negotiation',
  17513: 'application_settings',
  17613: 'application_settings_new',
  30031: 'channel_id_old',
  30032: 'channel_id',
  64768: 'ech_outer_extensions',
  65037: 'encrypted_client_hello',
  65281: 'renegotiation_info',
  65445: 'quic_transport_parameters_draft',
  65486: 'encrypted_server_name',
} as const satisfies Readonly<Record<number, string>>;

/** Numbers out of the registries of TLS; any number may come from a peer. */
export type CipherSuite = Code<'cipher suite'>;
export type NamedGroup = Code<'group'>;
export type SignatureScheme = Code<'signature scheme'>;
export type ExtensionType = Code<'extension'>;
export type HandshakeType = Code<'handshake message'>;

export type HandshakeTypeName = (typeof handshakeTypeNames)[keyof typeof handshakeTypeNames];
export type GroupName = (typeof groupNames)[keyof typeof groupNames];
export type ExtensionName = (typeof extensionNames)[keyof typeof extensionNames];

/** A reserved value that a client mixes in so that servers keep ignoring what they do not know (RFC 8701 section 2). */
export function isGrease(code: number): boolean {
  return (code & 0x0f0f) === 0x0a0a && code >> 8 === (code & 0xff);
}

/** The number of a draft of TLS 1.3: 0x7f12 is draft 18, and Facebook's library counted its own as 0xfb1a (of draft 26). */
const draftOf = (version: number): number | undefined =>
  version >> 8 === 0x7f || version >> 8 === 0xfb ? version & 0xff : undefined;

/** TLS 1.3, its drafts and DTLS 1.3 included. */
export function isTls13(version: number | undefined): boolean {
  return (
    version === 0x0304 || version === 0xfefc || (version !== undefined && draftOf(version) !== undefined)
  );
}

/** The version as Node and OpenSSL write it, where it is one that the log has a word for. */
export function tlsVersionOf(code: number): TlsVersion | undefined {
  return code >= 0x0301 && code <= 0x0304 ? (versionNames[code] as TlsVersion) : undefined;
}

const hashNames = ['none', 'md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
const signatureNames = ['anonymous', 'rsa', 'dsa', 'ecdsa'];

/** RFC 5246 section 7.4.1.4.1 has a byte for each half. */
function signatureSchemeName(code: number): string | undefined {
  const [hash, signature] = [hashNames[code >> 8], signatureNames[code & 0xff]];
  return signatureSchemeNames[code] ?? (hash && signature ? `${signature}_${hash}` : undefined);
}

/** RFC 8879 section 7.3. */
const certificateCompressions: Readonly<Record<number, string>> = { 1: 'zlib', 2: 'brotli', 3: 'zstd' };

/** RFC 9180 section 7. */
const kemNames: Readonly<Record<number, string>> = {
  0x0010: 'DHKEM(P-256)',
  0x0011: 'DHKEM(P-384)',
  0x0012: 'DHKEM(P-521)',
  0x0020: 'DHKEM(X25519)',
  0x0021: 'DHKEM(X448)',
  0x647a: 'X-Wing',
};
const kdfNames: Readonly<Record<number, string>> = { 1: 'HKDF-SHA256', 2: 'HKDF-SHA384', 3: 'HKDF-SHA512' };
const aeadNames: Readonly<Record<number, string>> = {
  1: 'AES-128-GCM',
  2: 'AES-256-GCM',
  3: 'ChaCha20Poly1305',
};

/** RFC 7250 and RFC 6091. */
const certificateTypeNames: Readonly<Record<number, string>> = {
  0: 'X.509',
  1: 'OpenPGP',
  2: 'raw public key',
  3: '1609.2',
};

/** What a code of one registry is called; undefined where it has no registered name. */
type NameOf<Number extends number = number, Name extends string = string> = (
  code: Number,
) => Name | undefined;
const named =
  <Name extends string, Number extends number = number>(
    table: Readonly<Record<number, Name>>,
  ): NameOf<Number, Name> =>
  (code) =>
    table[code];
const greasable =
  <Name extends string, Number extends number = number>(
    nameOf: NameOf<Number, Name>,
  ): NameOf<Number, Name | 'GREASE'> =>
  (code) =>
    isGrease(code) ? 'GREASE' : nameOf(code);

export const versionName = greasable((code) => {
  const draft = draftOf(code);
  return versionNames[code] ?? (draft === undefined ? undefined : `TLSv1.3 draft ${draft}`);
});
export const cipherSuiteName = greasable((code: CipherSuite) => cipherSuiteNames().get(code));
export const groupName = greasable(named<GroupName, NamedGroup>(groupNames));
export const signatureName = greasable<string, SignatureScheme>(signatureSchemeName);
/** The registered name; undefined where there is none. */
export const extensionNameOf: NameOf<ExtensionType, ExtensionName> = named(extensionNames);
export const extensionName = greasable<ExtensionName, ExtensionType>(extensionNameOf);
export const compressionName = named(certificateCompressions);
export const handshakeTypeName: NameOf<HandshakeType, HandshakeTypeName> = named(handshakeTypeNames);

/** What the value of a field is called, by the last words of its id. */
const nameOfField: Readonly<Record<string, NameOf>> = {
  'tls.record.content_type': named(contentTypeNames),
  'tls.record.inner_content_type': named(contentTypeNames),
  'tls.record.version': versionName,
  'tls.handshake.type': handshakeTypeName,
  'tls.handshake.client_hello.legacy_version': versionName,
  'tls.handshake.server_hello.legacy_version': versionName,
  'tls.handshake.hello_verify_request.version': versionName,
  'tls.handshake.client_hello.cipher_suites.cipher_suite': cipherSuiteName,
  'tls.handshake.server_hello.cipher_suite': cipherSuiteName,
  'tls.handshake.extension.type': extensionName,
  'tls.handshake.extension.supported_versions.version': versionName,
  'tls.handshake.extension.supported_groups.group': groupName,
  'tls.handshake.extension.key_share.group': groupName,
  'tls.handshake.extension.signature_algorithms.scheme': signatureName,
  'tls.handshake.extension.signature_algorithms_cert.scheme': signatureName,
  'tls.handshake.server_key_exchange.named_group': groupName,
  'tls.handshake.signature.scheme': signatureName,
  'tls.handshake.compressed_certificate.algorithm': compressionName,
  'tls.handshake.extension.compress_certificate.algorithm': compressionName,
  'tls.handshake.extension.delegated_credential.scheme': signatureName,
  'tls.handshake.extension.client_certificate_type.type': named(certificateTypeNames),
  'tls.handshake.extension.server_certificate_type.type': named(certificateTypeNames),
  'tls.handshake.extension.cert_type.type': named(certificateTypeNames),
  'tls.handshake.extension.encrypted_client_hello.kdf': named(kdfNames),
  'tls.handshake.extension.encrypted_client_hello.aead': named(aeadNames),
  'tls.handshake.extension.encrypted_client_hello.kem': named(kemNames),
  'dtls.record.content_type': named(contentTypeNames),
  'dtls.record.version': versionName,
  'dtls.handshake.type': handshakeTypeName,
  'x509.sct.scheme': signatureName,
  'tls.handshake.certificate_request.signature_algorithms.scheme': signatureName,
};

/** Whether the value of that field is a code out of a registry. */
export function isCode(id: string): boolean {
  return Object.hasOwn(nameOfField, id);
}

/** The registered name of a code in that field; undefined where the field is no code or the code no name. */
export function nameOfCode(id: FieldId, code: number): string | undefined {
  return nameOfField[id]?.(code);
}

/** The name, or the code as hex where it has none. */
export function nameOrCode<Number extends number, Name extends string>(
  nameOf: NameOf<Number, Name>,
  code: Number,
): Name | UnknownCode {
  return nameOf(code) ?? toCode(code);
}
