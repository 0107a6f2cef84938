/**
 * Parses handshake messages (RFC 8446 section 4, RFC 5246 section 7.4) into a field tree that names every byte and a
 * typed content. `messages.ts` assembles messages from records; `conversation.ts` tracks the negotiation. Certificates
 * are passed on as DER.
 *
 * 1. Some messages differ by version or key exchange; the negotiated parameters are passed in as the context.
 * 2. Unknown types and codes are kept as they are.
 * 3. In a hello, which contains most of what is known of a handshake, one malformed part does not hide the others: the
 *    parts before and after it are parsed, and `fault` reports the first error.
 */
import { readStep } from '../../core/cursor.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Malformed, Origin, Remark, Step } from '../../core/field.ts';
import { toHex } from '../../core/hex.ts';
import type { OcspResponse } from '../x509/ocsp.ts';
import type { SignedCertificateTimestamp } from '../x509/sct.ts';
import { keyExchangeOf } from './cipher-suites.ts';
import { handshakeTypeName, isTls13, tlsVersionBehind } from './codes.ts';
import type { CipherSuite, HandshakeType, NamedGroup, SignatureScheme } from './codes.ts';
import { readCode, readCodes, readItems, readList, readLength, readOpaque } from './message/vectors.ts';
import { readExtensions, readOcsp } from './extensions.ts';
import type { Extensions } from './extensions.ts';

/** What the ServerHello settled, where it has been seen. */
export interface HandshakeContext {
  readonly version?: number;
  readonly cipherSuite?: CipherSuite;
}

export interface ClientHello {
  readonly type: 'client_hello';
  /** The version of the message itself; TLS 1.3 offers hide in `extensions.supportedVersions`. */
  readonly version: number;
  /** Lower-case hex: what joins key log lines to a connection. */
  readonly random: string;
  readonly sessionId: Uint8Array;
  /** In the client's order, GREASE included. */
  readonly cipherSuites: readonly CipherSuite[];
  readonly compressionMethods: Uint8Array;
  readonly extensions: Extensions;
  /** The first thing in it that no ClientHello may have. */
  readonly fault?: Malformed;
}

export interface ServerHello {
  readonly type: 'server_hello';
  readonly helloRetryRequest: boolean;
  /** The version agreed on. */
  readonly version: number;
  readonly random: string;
  readonly sessionId: Uint8Array;
  readonly cipherSuite: CipherSuite;
  /** 0 for none, which is the only acceptable choice (CRIME). */
  readonly compressionMethod: number;
  readonly extensions: Extensions;
  /** The first thing in it that no ServerHello may have. */
  readonly fault?: Malformed;
}

export interface CertificateList {
  readonly type: 'certificate';
  /** Leaf first, DER; none when a client has nothing to present. */
  readonly certificates: readonly Uint8Array[];
  /** What is stapled to the leaf, from TLS 1.3 on. */
  readonly stapled?: OcspResponse;
  readonly timestamps?: readonly SignedCertificateTimestamp[];
}

/** RFC 8879 section 4. */
export interface CompressedCertificate {
  readonly type: 'compressed_certificate';
  readonly algorithm: number;
  /** Bytes of the message that was compressed, as its sender claims. */
  readonly uncompressedLength: number;
  readonly compressed: Uint8Array;
}

/** A content that is described by its type alone. */
type BareType =
  | 'hello_request'
  | 'hello_verify_request'
  | 'server_hello_done'
  | 'end_of_early_data'
  | 'client_key_exchange'
  | 'other_handshake';

export type HandshakeContent =
  | ClientHello
  | ServerHello
  | { readonly type: 'encrypted_extensions'; readonly extensions: Extensions }
  | CertificateList
  | CompressedCertificate
  /** Undefined where it is no OCSP response. */
  | { readonly type: 'certificate_status'; readonly response: OcspResponse | undefined }
  | {
      readonly type: 'certificate_request';
      readonly signatureSchemes: readonly SignatureScheme[];
      readonly authorities: readonly Uint8Array[];
    }
  | { readonly type: 'certificate_verify'; readonly scheme?: SignatureScheme; readonly signature: Uint8Array }
  | {
      readonly type: 'server_key_exchange';
      readonly group?: NamedGroup;
      readonly scheme?: SignatureScheme;
      /** Of Diffie-Hellman over a finite field: the length of its prime, in bits. */
      readonly primeBits?: number;
    }
  | { readonly type: 'finished'; readonly verifyData: Uint8Array }
  /** `lifetime` in seconds. */
  | { readonly type: 'new_session_ticket'; readonly lifetime: number; readonly ticket: Uint8Array }
  | { readonly type: 'key_update'; readonly updateRequested: boolean }
  | { readonly type: BareType };

export interface HandshakeMessage {
  readonly handshakeType: HandshakeType;
  /** RFC 8446's name of the structure: `ClientHello`. */
  readonly title: string;
  readonly content: HandshakeContent;
}

/** The random that makes a ServerHello a HelloRetryRequest (RFC 8446 section 4.1.3). */
const helloRetryRandom = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

/** The last eight bytes of the random of a TLS 1.3 server that was made to speak 1.2 or less (RFC 8446 section 4.1.3). */
const downgradeMark = /444f574e4752440[01]$/;

/** Whether a server's random indicates that it supports a newer version than was requested (RFC 8446 section 4.1.3). */
export function isDowngradeMark(random: string): boolean {
  return downgradeMark.test(random);
}

const helloRetryRemark: readonly Remark[] = [{ id: 'tls.handshake.server_hello.random.hello_retry_request' }];
const downgradeRemark: readonly Remark[] = [{ id: 'tls.handshake.server_hello.random.downgrade' }];
const frozenVersionRemark: readonly Remark[] = [{ id: 'tls.handshake.legacy_version.frozen' }];

/** The remark of a version field that stopped counting at TLS 1.2. */
function frozenRemark(cursor: Cursor): readonly Remark[] {
  return cursor.peek() === 3 && cursor.peek(1) === 3 ? frozenVersionRemark : [];
}

/** Of DTLS: its versions count down. */
const isDatagramVersion = (version: number): boolean => version >> 8 === 0xfe || version === 0x0100;

function readClientHello(body: Cursor): ClientHello {
  const id = 'tls.handshake.client_hello';
  const version = body.uint16(`${id}.legacy_version`, frozenRemark(body));
  const random = toHex(body.bytes(`${id}.random`, 32));
  let sessionId: Uint8Array = new Uint8Array(0);
  const cipherSuites: number[] = [];
  let compressionMethods: Uint8Array = new Uint8Array(0);
  let extensions: Extensions = { types: [] };
  const fault = readParts(body, [
    () => (sessionId = readOpaque(body, `${id}.session_id`, 1)),
    () => {
      if (isDatagramVersion(version)) readOpaque(body, `${id}.cookie`, 1);
    },
    () => readCodes(body, `${id}.cipher_suites`, 2, `${id}.cipher_suites.cipher_suite`, cipherSuites),
    () => (compressionMethods = readOpaque(body, `${id}.compression_methods`, 1)),
    () => {
      if (body.remaining > 0) extensions = readExtensions(body, 'client_hello');
    },
  ]);
  return {
    type: 'client_hello',
    version,
    random,
    sessionId,
    cipherSuites,
    compressionMethods,
    extensions,
    ...faultOf(fault, extensions),
  };
}

/** What stands behind a length that cannot be. */
const unread = 'tls.handshake.unread';

/** Each part as far as it can be read; the first fault. A part that ends the message leaves nothing for those behind it. */
function readParts(body: Cursor, parts: readonly (() => unknown)[]): Malformed | undefined {
  let fault: Malformed | undefined;
  for (const part of parts) {
    if (fault && body.remaining === 0) break;
    const found = body.attempt(unread, part);
    fault ??= found;
  }
  const over =
    body.remaining === 0
      ? undefined
      : body.attempt(unread, () =>
          body.fail(
            'trailing_bytes',
            'tls.handshake',
            'the end of the structure',
            `${body.remaining} more bytes`,
          ),
        );
  return fault ?? over;
}

function faultOf(fault: Malformed | undefined, extensions: Extensions): { readonly fault?: Malformed } {
  const first = fault ?? extensions.fault;
  return first ? { fault: first } : {};
}

/**
 * A ClientHello in the form of SSL 2.0 (RFC 5246 appendix E.2), the two bytes of its length included. Its challenge is
 * the client random, filled up with zeros in front; of its ciphers those count whose first byte is zero.
 */
export function readVersion2Hello(cursor: Cursor): ClientHello {
  const id = 'tls.version2_hello';
  cursor.uint16(`${id}.length`);
  cursor.uint8(`${id}.type`);
  const version = cursor.uint16(`${id}.version`);
  const cipherLength = cursor.uint16(`${id}.cipher_specs.length`);
  const sessionLength = cursor.uint16(`${id}.session_id.length`);
  const challengeLength = cursor.uint16(`${id}.challenge.length`);
  if (challengeLength < 16 || challengeLength > 32) {
    cursor.fail(
      'bad_value',
      `${id}.challenge.length`,
      '16 to 32',
      String(challengeLength),
      cursor.offset - 2,
    );
  }
  const ciphers = cursor.block(`${id}.cipher_specs`, cipherLength, (list) =>
    readItems(list, (item) => item.uint24(`${id}.cipher_specs.cipher`)),
  );
  const sessionId = cursor.bytes(`${id}.session_id`, sessionLength);
  const random = toHex(cursor.bytes(`${id}.challenge`, challengeLength)).padStart(64, '0');
  const cipherSuites = ciphers.filter((cipher) => cipher <= 0xffff);
  return {
    type: 'client_hello',
    version,
    random,
    sessionId,
    cipherSuites,
    compressionMethods: Uint8Array.of(0),
    extensions: { types: [] },
  };
}

/** The next bytes as hex, not yet read. */
function peekHex(cursor: Cursor, length: number): string {
  return toHex(Uint8Array.from({ length }, (_, at) => cursor.peek(at) ?? 0));
}

function readServerHello(body: Cursor): ServerHello {
  const id = 'tls.handshake.server_hello';
  const legacyVersion = body.uint16(`${id}.legacy_version`, frozenRemark(body));
  const peeked = peekHex(body, 32);
  const helloRetryRequest = peeked === helloRetryRandom;
  const remarks = helloRetryRequest ? helloRetryRemark : downgradeMark.test(peeked) ? downgradeRemark : [];
  const random = toHex(body.bytes(`${id}.random`, 32, remarks));
  // The drafts up to 21 have neither session id nor compression method.
  const isOldDraft = legacyVersion >> 8 === 0x7f;
  const sessionId = isOldDraft ? new Uint8Array(0) : readOpaque(body, `${id}.session_id`, 1);
  const cipherSuite = body.uint16(`${id}.cipher_suite`);
  let compressionMethod = 0;
  let extensions: Extensions = { types: [] };
  const fault = readParts(body, [
    () => {
      if (!isOldDraft) compressionMethod = body.uint8(`${id}.compression_method`);
    },
    () => {
      if (body.remaining > 0)
        extensions = readExtensions(body, helloRetryRequest ? 'hello_retry_request' : 'server_hello');
    },
  ]);
  const version = extensions.selectedVersion ?? legacyVersion;
  return {
    type: 'server_hello',
    helloRetryRequest,
    version,
    random,
    sessionId,
    cipherSuite,
    compressionMethod,
    extensions,
    ...faultOf(fault, extensions),
  };
}

/** RFC 5246 section 7.4.2; RFC 8446 section 4.4.2 adds a context and extensions to each certificate. */
export function readCertificateList(body: Cursor, context: HandshakeContext): CertificateList {
  const id = 'tls.handshake.certificate';
  const hasExtensions = isTls13(context.version);
  if (hasExtensions) readOpaque(body, `${id}.request_context`, 1);
  const readEntry = (list: Cursor): Uint8Array => {
    const der = readOpaque(list, `${id}.certificate`, 3);
    if (hasExtensions) entries.push(readExtensions(list, 'certificate'));
    return der;
  };
  const entries: Extensions[] = [];
  const certificates = readList(body, `${id}.certificate_list`, 3, readEntry);
  const { stapled, timestamps } = entries[0] ?? {};
  return {
    type: 'certificate',
    certificates,
    ...(stapled && { stapled }),
    ...(timestamps && { timestamps }),
  };
}

/** RFC 8446 section 4.3.2, RFC 5246 section 7.4.4; before TLS 1.2 there are no signature algorithms in it. */
function readCertificateRequest(body: Cursor, { version = 0x0303 }: HandshakeContext): HandshakeContent {
  const id = 'tls.handshake.certificate_request';
  if (isTls13(version)) {
    readOpaque(body, `${id}.request_context`, 1);
    const extensions = readExtensions(body, 'certificate_request');
    const { signatureSchemes = [], authorities = [] } = extensions;
    return { type: 'certificate_request', signatureSchemes, authorities };
  }
  readList(body, `${id}.certificate_types`, 1, (item) => item.uint8(`${id}.certificate_types.type`));
  const signatureSchemes =
    version >= 0x0303
      ? readCodes(body, `${id}.signature_algorithms`, 2, `${id}.signature_algorithms.scheme`)
      : [];
  const authorities = readList(body, `${id}.authorities`, 2, (item) =>
    readOpaque(item, `${id}.authorities.distinguished_name`, 2),
  );
  return { type: 'certificate_request', signatureSchemes, authorities };
}

/** The scheme is there from TLS 1.2 on. */
function readSignature(
  body: Cursor,
  { version = 0x0303 }: HandshakeContext,
): { readonly scheme?: number; readonly signature: Uint8Array } {
  const scheme = version >= 0x0303 ? { scheme: readCode(body, 'tls.handshake.signature.scheme') } : {};
  return { ...scheme, signature: readOpaque(body, 'tls.handshake.signature.value', 2) };
}

function readCertificateVerify(body: Cursor, context: HandshakeContext): HandshakeContent {
  return { type: 'certificate_verify', ...readSignature(body, context) };
}

const isSigned = (exchange: string): boolean => !/anon|PSK/.test(exchange);

/** RFC 8422 section 5.4 (ECDHE), RFC 5246 section 7.4.3 (DHE), RFC 4279 and 5489 (a PSK identity hint before them). */
function readServerKeyExchange(body: Cursor, context: HandshakeContext): HandshakeContent {
  const id = 'tls.handshake.server_key_exchange';
  const exchange = keyExchangeOf(context.cipherSuite ?? -1) ?? '';
  const isEllipticCurve = exchange.startsWith('ECDH');
  const isDiffieHellman = exchange.startsWith('DH') || exchange === 'PSK_DHE';
  const namedCurve = 3;
  if (exchange.includes('PSK')) readOpaque(body, `${id}.psk_identity_hint`, 2);
  let group: number | undefined;
  let primeBits: number | undefined;
  if (isEllipticCurve && body.peek() === namedCurve) {
    body.uint8(`${id}.curve_type`);
    group = readCode(body, `${id}.named_group`);
    readOpaque(body, `${id}.public`, 1);
  } else if (isDiffieHellman) {
    primeBits = bitsOf(readOpaque(body, `${id}.p`, 2));
    for (const name of ['g', 'public'] as const) readOpaque(body, `${id}.${name}`, 2);
  } else if (body.remaining > 0) {
    body.rest(`${id}.parameters`);
    return { type: 'server_key_exchange' };
  }
  const scheme = isSigned(exchange) ? readSignature(body, context).scheme : undefined;
  return {
    type: 'server_key_exchange',
    ...(group !== undefined && { group }),
    ...(scheme !== undefined && { scheme }),
    ...(primeBits !== undefined && { primeBits }),
  };
}

/** Without leading zeros. */
function bitsOf(number: Uint8Array): number {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : 8 * (number.length - first) - Math.clz32(number[first] ?? 0) + 24;
}

/** RFC 5246 section 7.4.7, RFC 8422 section 5.7, RFC 4279 section 2. */
function readClientKeyExchange(body: Cursor, context: HandshakeContext): HandshakeContent {
  const id = 'tls.handshake.client_key_exchange';
  const exchange = keyExchangeOf(context.cipherSuite ?? -1) ?? '';
  if (exchange.includes('PSK')) readOpaque(body, `${id}.psk_identity`, 2);
  if (exchange.startsWith('ECDH')) readOpaque(body, `${id}.public`, 1);
  else if (exchange.startsWith('DH') || exchange === 'PSK_DHE') readOpaque(body, `${id}.public`, 2);
  else if (exchange.startsWith('RSA') && (context.version ?? 0x0303) > 0x0300)
    readOpaque(body, `${id}.encrypted_premaster_secret`, 2);
  else if (body.remaining > 0) body.rest(`${id}.parameters`);
  return { type: 'client_key_exchange' };
}

/** RFC 5077 section 3.3, RFC 8446 section 4.6.1. */
function readNewSessionTicket(body: Cursor, context: HandshakeContext): HandshakeContent {
  const id = 'tls.handshake.new_session_ticket';
  const lifetime = body.uint32(`${id}.lifetime`);
  if (!isTls13(context.version))
    return { type: 'new_session_ticket', lifetime, ticket: readOpaque(body, `${id}.ticket`, 2) };
  body.uint32(`${id}.age_add`);
  readOpaque(body, `${id}.nonce`, 1);
  const ticket = readOpaque(body, `${id}.ticket`, 2);
  readExtensions(body, 'new_session_ticket');
  return { type: 'new_session_ticket', lifetime, ticket };
}

/** RFC 8879 section 4; `certificate-compression.ts` decompresses on request. */
function readCompressedCertificate(body: Cursor): HandshakeContent {
  const id = 'tls.handshake.compressed_certificate';
  const algorithm = body.uint16(`${id}.algorithm`);
  const uncompressedLength = body.uint24(`${id}.uncompressed_length`);
  return {
    type: 'compressed_certificate',
    algorithm,
    uncompressedLength,
    compressed: readOpaque(body, `${id}.message`, 3),
  };
}

/** RFC 6066 section 8. */
function readCertificateStatus(body: Cursor): HandshakeContent {
  const id = 'tls.handshake.certificate_status';
  const type = body.uint8(`${id}.status_type`);
  if (type === 1) return { type: 'certificate_status', response: readOcsp(body, `${id}.response`) };
  if (body.remaining > 0) body.rest(`${id}.data`);
  return { type: 'certificate_status', response: undefined };
}

/** RFC 6347 section 4.2.1: what a server of DTLS makes the client repeat before it keeps anything of it. */
function readHelloVerifyRequest(body: Cursor): HandshakeContent {
  body.uint16('tls.handshake.hello_verify_request.version');
  readOpaque(body, 'tls.handshake.hello_verify_request.cookie', 1);
  return { type: 'hello_verify_request' };
}

function readKeyUpdate(body: Cursor): HandshakeContent {
  const request = body.uint8('tls.handshake.key_update.request_update');
  if (request > 1)
    body.fail(
      'bad_value',
      'tls.handshake.key_update.request_update',
      '0 or 1',
      String(request),
      body.offset - 1,
    );
  return { type: 'key_update', updateRequested: request === 1 };
}

type BodyReader = (body: Cursor, context: HandshakeContext) => HandshakeContent;

const bodies: Readonly<Record<number, readonly [title: string, read: BodyReader]>> = {
  0: ['HelloRequest', () => ({ type: 'hello_request' })],
  1: ['ClientHello', readClientHello],
  2: ['ServerHello', readServerHello],
  3: ['HelloVerifyRequest', readHelloVerifyRequest],
  4: ['NewSessionTicket', readNewSessionTicket],
  5: ['EndOfEarlyData', () => ({ type: 'end_of_early_data' })],
  8: [
    'EncryptedExtensions',
    (body) => ({ type: 'encrypted_extensions', extensions: readExtensions(body, 'encrypted_extensions') }),
  ],
  11: ['Certificate', readCertificateList],
  12: ['ServerKeyExchange', readServerKeyExchange],
  13: ['CertificateRequest', readCertificateRequest],
  14: ['ServerHelloDone', () => ({ type: 'server_hello_done' })],
  15: ['CertificateVerify', readCertificateVerify],
  16: ['ClientKeyExchange', readClientKeyExchange],
  20: [
    'Finished',
    (body) => ({ type: 'finished', verifyData: body.rest('tls.handshake.finished.verify_data') }),
  ],
  22: ['CertificateStatus', readCertificateStatus],
  24: ['KeyUpdate', readKeyUpdate],
  25: ['CompressedCertificate', readCompressedCertificate],
};

/** The title of a message by its type alone, for one whose body cannot be read. */
export function titleOfHandshake(type: number): string {
  return bodies[type]?.[0] ?? `Handshake ${type}`;
}

/**
 * One handshake message at the start of `bytes`.
 * @param options.base where `bytes` begins in its stream; `options.open` whether more may follow.
 */
export function readHandshake(
  bytes: Uint8Array,
  options: { base?: number; origin?: Origin; open?: boolean; context?: HandshakeContext } = {},
): Step<HandshakeMessage> {
  const { context: agreed = {}, ...place } = options;
  const context =
    agreed.version === undefined ? agreed : { ...agreed, version: tlsVersionBehind(agreed.version) };
  const read = (cursor: Cursor): HandshakeMessage => {
    const handshakeType = cursor.uint8('tls.handshake.type');
    const length = readLength(cursor, 'tls.handshake', 3);
    const [title, readBody] = bodies[handshakeType] ?? [];
    const id = `tls.handshake.${handshakeTypeName(handshakeType) ?? 'unknown'}` as const;
    if (!title || !readBody) {
      cursor.bytes(id, length);
      return { handshakeType, title: titleOfHandshake(handshakeType), content: { type: 'other_handshake' } };
    }
    const content = cursor.block(id, length, (body) => readBody(body, context));
    const isRetry = content.type === 'server_hello' && content.helloRetryRequest;
    return { handshakeType, title: isRetry ? 'HelloRetryRequest' : title, content };
  };
  return readStep('tls.handshake', bytes, read, place);
}
