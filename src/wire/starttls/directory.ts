/**
 * The requests for TLS of PostgreSQL (protocol 3.0, SSLRequest) and LDAP (RFC 4511 section 4.14, StartTLS): the client
 * speaks first. What a client does instead is refused in the words of its protocol.
 */
import type { StarttlsProtocol } from './dialogue.ts';
import { ExchangeError } from './exchange.ts';
import type { Exchange } from './exchange.ts';

/** In the place of a protocol version. */
const sslRequest = 80_877_103;
const gssRequest = 80_877_104;
const cancelRequest = 80_877_102;

function requestOf(code: number): Buffer {
  const request = Buffer.alloc(8);
  request.writeUInt32BE(8, 0);
  request.writeUInt32BE(code, 4);
  return request;
}

/** ErrorResponse: severity, SQLSTATE 08P01 (protocol violation), and what a person reads. */
function errorResponse(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${message}\0\0`, 'latin1');
  const head = Buffer.alloc(5);
  head.write('E', 0, 'latin1');
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** Requests for GSSAPI before the one for TLS. */
const mostGssRequests = 2;

/** @returns the code of the first packet that is no request for GSSAPI; such a request is taken, and answered with no. */
async function firstRequest(exchange: Exchange): Promise<number | 'tls'> {
  for (let count = 0; count <= mostGssRequests; count++) {
    // PostgreSQL 17 begins with TLS at once, if it is told to (sslnegotiation=direct).
    if ((await exchange.peek(1))[0] === 0x16) return 'tls';
    const head = Buffer.from(await exchange.peek(8));
    const code = head.readUInt32BE(4);
    if (head.readUInt32BE(0) !== 8 || code !== gssRequest) return code;
    await exchange.bytes(8);
    exchange.write('N');
  }
  throw new ExchangeError('starttls_violated', 'one request for GSSAPI after the other');
}

export const postgres: StarttlsProtocol = {
  async answer(exchange) {
    const code = await firstRequest(exchange);
    if (code === 'tls') return 'direct';
    if (code !== sslRequest) {
      if (code !== cancelRequest) exchange.refuse(errorResponse('this server requires TLS: sslmode=require'));
      throw new ExchangeError(
        'starttls_required',
        code === cancelRequest ? 'CancelRequest' : 'StartupMessage',
      );
    }
    await exchange.bytes(8);
    exchange.refuseEarlyBytes();
    exchange.write('S');
    return undefined;
  },
  /** A client that would like TLS goes on without it. */
  async decline(exchange) {
    if ((await firstRequest(exchange)) !== sslRequest) return;
    await exchange.bytes(8);
    exchange.write('N');
  },
  readGreeting: async () => Promise.resolve(new Uint8Array(0)),
  async ask(exchange) {
    exchange.write(requestOf(sslRequest));
    const [answer = 0] = await exchange.bytes(1);
    const letter = String.fromCharCode(answer);
    if (letter === 'S') return;
    throw new ExchangeError(
      letter === 'N' || letter === 'E' ? 'target_starttls_refused' : 'starttls_violated',
      /[!-~]/.test(letter) ? letter : `0x${answer.toString(16).padStart(2, '0')}`,
    );
  },
};

const startTlsOid = '1.3.6.1.4.1.1466.20037';
/** Bytes of a message before TLS; a request for it has 31. */
const longestMessage = 4_096;

const tags = {
  sequence: 0x30,
  integer: 0x02,
  enumerated: 0x0a,
  bind: 0x60,
  extended: 0x77,
  extendedResponse: 0x78,
};

interface LdapMessage {
  readonly id: Buffer;
  readonly operation: number;
  readonly body: Buffer;
}

/** The element at the beginning; undefined where its length is not of one of the forms that LDAP allows, or does not fit. */
function element(
  bytes: Buffer,
): { readonly tag: number; readonly body: Buffer; readonly rest: Buffer } | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return undefined;
  const more = first < 0x80 ? 0 : first - 0x80;
  if (first === 0x80 || more > 4 || bytes.length < 2 + more) return undefined;
  const length = more === 0 ? first : bytes.readUIntBE(2, more);
  const start = 2 + more;
  if (bytes.length < start + length) return undefined;
  return { tag, body: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) };
}

const violated = (what: string): ExchangeError => new ExchangeError('starttls_violated', what);

async function ldapMessage(exchange: Exchange): Promise<LdapMessage> {
  const head = Buffer.from(await exchange.peek(2));
  if (head[0] === 0x16) throw new ExchangeError('starttls_required', 'TLS ClientHello');
  if (head[0] !== tags.sequence) throw violated('not LDAP');
  const more = head[1]! < 0x80 ? 0 : head[1]! - 0x80;
  if (head[1] === 0x80 || more > 4) throw violated('not LDAP');
  const length = more === 0 ? head[1]! : Buffer.from(await exchange.peek(2 + more)).readUIntBE(2, more);
  if (length > longestMessage) throw violated('a message that is too long');
  const whole = element(await exchange.bytes(2 + more + length));
  const id = whole && element(whole.body);
  const operation = id && element(id.rest);
  if (!id || id.tag !== tags.integer || id.body.length === 0 || id.body.length > 4 || !operation)
    throw violated('not LDAP');
  return { id: id.body, operation: operation.tag, body: operation.body };
}

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80 ? Buffer.of(body.length) : Buffer.of(0x82, body.length >> 8, body.length & 0xff);
  return Buffer.concat([Buffer.of(tag), length, body]);
};

const codes = { success: 0, protocolError: 2, confidentialityRequired: 13 };

/** An LDAPResult: code, no matched name, and what a person reads. */
function ldapResult(id: Buffer, operation: number, code: number, words: string, name?: string): Buffer {
  return tlv(
    tags.sequence,
    tlv(tags.integer, id),
    tlv(
      operation,
      tlv(tags.enumerated, Buffer.of(code)),
      tlv(0x04),
      tlv(0x04, Buffer.from(words, 'latin1')),
      ...(name === undefined ? [] : [tlv(0x8a, Buffer.from(name, 'latin1'))]),
    ),
  );
}

/** Operations of LDAP that a server answers, with the tag of the answer. */
const ldapAnswers: Readonly<Record<number, readonly [name: string, response: number]>> = {
  0x60: ['bind', 0x61],
  0x63: ['search', 0x65],
  0x66: ['modify', 0x67],
  0x68: ['add', 0x69],
  0x4a: ['delete', 0x6b],
  0x6c: ['rename', 0x6d],
  0x6e: ['compare', 0x6f],
  0x77: ['extended operation', 0x78],
};

const mostRefused = 16;

export const ldap: StarttlsProtocol = {
  async answer(exchange) {
    let denied: string | undefined;
    for (let count = 0; count < mostRefused; count++) {
      let message: LdapMessage;
      try {
        message = await ldapMessage(exchange);
      } catch (error) {
        if (denied !== undefined && error instanceof ExchangeError && error.reason === undefined)
          throw new ExchangeError('starttls_required', denied);
        throw error;
      }
      const { id, operation, body } = message;
      const name = element(body);
      if (operation === tags.extended && name?.tag === 0x80 && name.body.toString('latin1') === startTlsOid) {
        exchange.refuseEarlyBytes();
        exchange.write(ldapResult(id, tags.extendedResponse, codes.success, '', startTlsOid));
        return;
      }
      const known = ldapAnswers[operation];
      // Unbind and abandon have no answer (RFC 4511 sections 4.3 and 4.11).
      if (operation === 0x42)
        throw new ExchangeError(denied === undefined ? undefined : 'starttls_required', denied ?? 'unbind');
      if (!known) continue;
      denied ??= known[0];
      exchange.write(ldapResult(id, known[1], codes.confidentialityRequired, 'StartTLS first'));
    }
    throw new ExchangeError('starttls_required', denied ?? 'no request');
  },
  readGreeting: async () => Promise.resolve(new Uint8Array(0)),
  async ask(exchange) {
    exchange.write(
      tlv(
        tags.sequence,
        tlv(tags.integer, Buffer.of(1)),
        tlv(tags.extended, tlv(0x80, Buffer.from(startTlsOid, 'latin1'))),
      ),
    );
    const { operation, body } = await ldapMessage(exchange);
    const result = element(body);
    if (operation !== tags.extendedResponse || result?.tag !== tags.enumerated || result.body.length !== 1)
      throw violated('no answer to StartTLS');
    const [code = 0] = result.body;
    if (code === codes.success) return;
    const matched = element(result.rest);
    const words = matched && element(matched.rest)?.body.toString('latin1');
    throw new ExchangeError(
      'target_starttls_refused',
      `resultCode ${code}${words ? `: ${words.slice(0, 100)}` : ''}`,
    );
  },
};
