/**
 * Decrypts with a server's RSA key: with static RSA key exchange the client sends the premaster secret encrypted with
 * it, so that its holder can read the connection, even years later. The result is key log lines, which are used like
 * all others; with (EC)DHE there are none, which is the purpose of forward secrecy.
 *
 * 1. SSL 3.0 to TLS 1.2 (RFC 5246 section 7.4.7.1), with and without the extended master secret (RFC 7627).
 * 2. A decryption takes a millisecond, so that a malicious connection with thousands of handshakes gets at most
 *    `maxExchanges`.
 * 3. A key that does not belong to the connection gives nothing, without an error: a capture may contain many servers.
 */
import type { KeyObject } from 'node:crypto';
import { fromHex, toHex } from '../../../core/hex.ts';
import { UserError } from '../../../i18n/user-error.ts';
import { cipherSuiteNames, keyExchangeOf } from '../cipher-suites.ts';
import type { TlsConversation } from '../conversation.ts';
import { contentTypes, version2Hello } from '../framing.ts';
import type { ClientHello, ServerHello } from '../handshake.ts';
import { keySources } from './key-sources.ts';
import type { KeySources } from './key-sources.ts';
import { pseudorandom10, pseudorandom12, pseudorandomSsl3 } from './key-schedule.ts';
import { masterSecretInTicket } from './session-ticket.ts';
import type { TicketKeys } from './session-ticket.ts';
import type { TlsMessage } from '../message/message.ts';

const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto');

/**
 * Reads a private RSA key.
 * @param where the file or option that it came from.
 * @throws UserError when it is none: another algorithm, a certificate, a passphrase in the way.
 */
export function readRsaKey(pem: string | Uint8Array, where: string): KeyObject {
  const expected = {
    en: 'a private RSA key in PEM, without a passphrase',
    ko: '암호로 보호되지 않은 PEM 형식의 RSA 개인 키',
  };
  const remedy = {
    en: 'give the key of the server in the capture (for one with a passphrase: openssl pkey -in KEY -out PLAIN)',
    ko: '캡처에 나오는 서버의 키를 지정하세요(암호로 보호된 키는 openssl pkey -in KEY -out PLAIN으로 먼저 푸세요)',
  };
  let key: KeyObject;
  try {
    key = crypto().createPrivateKey(typeof pem === 'string' ? pem : Buffer.from(pem));
  } catch (cause) {
    const what = { en: 'this is not a private key that can be read', ko: '읽을 수 있는 개인 키가 아닙니다' };
    throw new UserError({ what, where, expected, remedy }, { cause });
  }
  if (key.asymmetricKeyType === 'rsa') return key;
  const what = {
    en: 'only an RSA key opens recorded connections',
    ko: '기록된 연결을 열 수 있는 것은 RSA 키뿐입니다',
  };
  throw new UserError({ what, where, expected, received: key.asymmetricKeyType ?? 'unknown', remedy });
}

const maxExchanges = 64;

/** One handshake as far as the client's key exchange. */
interface KeyExchange {
  readonly clientHello: ClientHello;
  readonly serverHello: ServerHello;
  /** The message, with its header. */
  readonly clientKeyExchange: Uint8Array;
  /** ClientHello to ClientKeyExchange, in the order of the protocol. */
  readonly transcript: readonly Uint8Array[];
}

/**
 * The key exchanges in the messages of a connection; more than one where it renegotiates.
 * The two directions are put in the order of the protocol, since a capture may have seen them in another.
 */
function* keyExchangesIn(messages: readonly TlsMessage[]): Generator<KeyExchange> {
  let clientHello: ClientHello | undefined;
  let serverHello: ServerHello | undefined;
  let hello: Uint8Array | undefined;
  let fromServer: Uint8Array[] = [];
  let fromClient: Uint8Array[] = [];
  for (const { from, content, bytes, contentType } of messages) {
    const isHandshake = contentType === contentTypes.handshake || contentType === version2Hello;
    if (!isHandshake || content.type === 'sealed' || content.type === 'hello_request') continue;
    if (!bytes) {
      clientHello = undefined;
      continue;
    }
    if (content.type === 'client_hello') {
      [clientHello, serverHello, hello, fromServer, fromClient] = [content, undefined, bytes, [], []];
      continue;
    }
    if (content.type === 'server_hello') [serverHello, fromServer] = [content, []];
    (from === 'server' ? fromServer : fromClient).push(bytes);
    if (content.type !== 'client_key_exchange' || !clientHello || !serverHello || !hello) continue;
    yield {
      clientHello,
      serverHello,
      clientKeyExchange: bytes,
      transcript: [hello, ...fromServer, ...fromClient],
    };
    clientHello = undefined;
  }
}

/** The encrypted premaster secret: behind the header of 4 bytes, with its length before it (RFC 5246 section 7.4.7.1). */
function encryptedPremaster(message: Uint8Array): Uint8Array | undefined {
  const length = (message[4] ?? 0) * 256 + (message[5] ?? 0);
  return message.length === 6 + length && length > 0 ? message.subarray(6) : undefined;
}

const premasterLength = 48;

/**
 * Decrypts PKCS#1 version 1.5 manually: Node refuses that padding since CVE-2023-46809, rightly for a server, whose
 * response could be an oracle; a reader of captures sends no responses.
 */
function decryptPremaster(encrypted: Uint8Array, key: KeyObject): Uint8Array | undefined {
  const { constants, privateDecrypt } = crypto();
  let block: Uint8Array;
  try {
    block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, encrypted);
  } catch {
    return undefined;
  }
  // 00 02, at least eight bytes that are not zero, 00, the secret (RFC 8017 section 7.2.2).
  const start = block.length - premasterLength;
  const isPadded = start >= 11 && block[0] === 0 && block[1] === 2 && block.indexOf(0, 2) === start - 1;
  return isPadded ? block.subarray(start) : undefined;
}

const extendedMasterSecret = 23;

/** RFC 5246 section 8.1, RFC 7627 section 4. */
function masterSecretOf(
  { clientHello, serverHello, transcript }: KeyExchange,
  premaster: Uint8Array,
): Uint8Array {
  const randoms = Buffer.concat([fromHex(clientHello.random), fromHex(serverHello.random)]);
  if (serverHello.version === 0x0300) return pseudorandomSsl3(premaster, randoms, 48);
  const isNewest = serverHello.version >= 0x0303;
  const hash = cipherSuiteNames().get(serverHello.cipherSuite)?.endsWith('SHA384') ? 'sha384' : 'sha256';
  const digest = (name: string): Uint8Array =>
    transcript.reduce((sum, message) => sum.update(message), crypto().createHash(name)).digest();
  const isExtended = serverHello.extensions.types.includes(extendedMasterSecret);
  const sessionHash = (): Uint8Array =>
    isNewest ? digest(hash) : Buffer.concat([digest('md5'), digest('sha1')]);
  const seed = isExtended ? sessionHash() : randoms;
  const label = isExtended ? 'extended master secret' : 'master secret';
  return isNewest
    ? pseudorandom12(hash, premaster, label, seed, 48)
    : pseudorandom10(premaster, label, seed, 48);
}

/**
 * The CLIENT_RANDOM lines of the handshakes among `messages` whose master secret follows from the sources, for the first
 * `maxExchanges` of them.
 */
export function keylogLinesBy(messages: readonly TlsMessage[], sources: KeySources): string[] {
  const lines = [
    ...(sources.sessions.size > 0 ? linesOfSessions(messages, sources.sessions) : []),
    ...(sources.ticketKeys.length > 0 ? linesOfTickets(messages, sources.ticketKeys) : []),
  ];
  let exchanges = 0;
  for (const exchange of keyExchangesIn(messages)) {
    if (++exchanges > maxExchanges) break;
    const premaster = premasterOf(exchange, sources);
    if (premaster)
      lines.push(
        `CLIENT_RANDOM ${exchange.clientHello.random} ${toHex(masterSecretOf(exchange, premaster))}`,
      );
  }
  return lines;
}

/** The same with RSA keys alone. */
export function keylogLinesByRsa(messages: readonly TlsMessage[], keys: readonly KeyObject[]): string[] {
  const sources = keySources([], keys);
  return sources ? keylogLinesBy(messages, sources) : [];
}

function premasterOf(exchange: KeyExchange, sources: KeySources): Uint8Array | undefined {
  const { clientHello, serverHello, clientKeyExchange } = exchange;
  if (serverHello.version < 0x0300 || serverHello.version > 0x0303) return undefined;
  const known = sources.premasters.get(clientHello.random);
  if (known) return known;
  if (keyExchangeOf(serverHello.cipherSuite)?.startsWith('RSA') !== true) return undefined;
  const encrypted =
    serverHello.version === 0x0300 ? clientKeyExchange.subarray(4) : encryptedPremaster(clientKeyExchange);
  if (!encrypted || encrypted.length < 8) return undefined;
  const logged = sources.encrypted.get(toHex(encrypted.subarray(0, 8)));
  if (logged) return logged;
  for (const key of sources.rsaKeys) {
    const premaster = decryptPremaster(encrypted, key);
    if (premaster) return premaster;
  }
  return undefined;
}

/** Of the sessions that servers named, whether they began there or were resumed. */
function linesOfSessions(messages: readonly TlsMessage[], sessions: KeySources['sessions']): string[] {
  const lines: string[] = [];
  let random: string | undefined;
  for (const { content } of messages) {
    if (content.type === 'client_hello') random = content.random;
    if (content.type !== 'server_hello' || random === undefined || lines.length >= maxExchanges) continue;
    const master = content.sessionId.length > 0 ? sessions.get(toHex(content.sessionId)) : undefined;
    if (master) lines.push(`CLIENT_RANDOM ${random} ${toHex(master)}`);
  }
  return lines;
}

/** Of the sessions in tickets that a server gives out, or accepts from a client. */
function linesOfTickets(messages: readonly TlsMessage[], keys: TicketKeys): string[] {
  const lines = new Map<string, string>();
  let random: string | undefined;
  let tries = 0;
  for (const { from, content } of messages) {
    if (content.type === 'client_hello') random = content.random;
    if (random === undefined) continue;
    // A server that accepts a ticket sends no certificate.
    if (content.type === 'certificate' && from === 'server') lines.delete(random);
    const ticket = ticketIn(content);
    if (ticket === undefined || ++tries > maxExchanges) continue;
    const master = masterSecretInTicket(ticket, keys);
    if (master) lines.set(random, `CLIENT_RANDOM ${random} ${toHex(master)}`);
  }
  return [...lines.values()];
}

function ticketIn(content: TlsMessage['content']): Uint8Array | undefined {
  if (content.type === 'new_session_ticket') return content.ticket;
  return content.type === 'client_hello' ? content.extensions.sessionTicket : undefined;
}

/**
 * Opens what those sources open, a renegotiated handshake behind the first one included; returns the lines that did it.
 * To be asked again when more of the connection has come; it then returns all of its lines once more.
 */
export function openBy(conversation: TlsConversation, sources: KeySources): string[] {
  for (;;) {
    const lines = keylogLinesBy(conversation.messages, sources);
    if (lines.length === 0 || !conversation.openWith(lines)) return lines;
  }
}

/** The same with RSA keys alone. */
export function openWithRsa(conversation: TlsConversation, keys: readonly KeyObject[]): string[] {
  const sources = keySources([], keys);
  return sources ? openBy(conversation, sources) : [];
}
