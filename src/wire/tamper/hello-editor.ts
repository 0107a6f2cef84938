/**
 * Changes a ClientHello on its way, in place and without changing its length: what it offers is written over with less. It
 * stands for somebody in the middle who wants old cryptography (and, in `fallback-signal`, for a client that says that it
 * came back with less). Where the numbers stand is the dissector's to say.
 *
 * 1. Only the first handshake message is touched; what is no ClientHello, or not in one record, goes out as it came.
 * 2. Both sides hash what they have seen (RFC 8446 section 4.4.1, RFC 5246 section 7.4.9): this cannot stay hidden, and that
 *    is what the demonstration shows.
 */
import type { Field } from '../../core/field.ts';
import { readHandshake } from '../../protocols/tls/handshake.ts';
import type { Tamper } from './tampering.ts';

const headerLength = 5;
const handshake = 22;

/** What stands in place of a number of two bytes; undefined where it stays. */
export interface HelloEdit {
  readonly suite?: (code: number, isLast: boolean) => number | undefined;
  readonly version?: (code: number, isLast: boolean) => number | undefined;
}

const numbers = {
  suite: 'tls.handshake.client_hello.cipher_suites.cipher_suite',
  version: 'tls.handshake.extension.supported_versions.version',
} as const;

export class HelloEditor implements Tamper {
  readonly #edit: HelloEdit;
  #pending: Buffer = Buffer.alloc(0);
  #isDone = false;

  constructor(edit: HelloEdit) {
    this.#edit = edit;
  }

  keylog(): void {
    // Nothing that is sealed is touched.
  }

  receive(): void {
    // What the server says goes through.
  }

  send(bytes: Uint8Array): Uint8Array {
    if (this.#isDone) return bytes;
    const whole = Buffer.concat([this.#pending, bytes]);
    const isHandshake = whole.length === 0 || whole[0] === handshake;
    const length = headerLength + (whole.length >= headerLength ? whole.readUInt16BE(3) : 0);
    if (isHandshake && (whole.length < headerLength || whole.length < length)) {
      this.#pending = whole;
      return new Uint8Array(0);
    }
    this.#isDone = true;
    return isHandshake ? this.#edited(whole, length) : whole;
  }

  #edited(whole: Buffer, length: number): Uint8Array {
    const step = readHandshake(whole.subarray(headerLength, length), { base: headerLength });
    if (!('got' in step) || step.got.content.type !== 'client_hello') return whole;
    const out = Buffer.from(whole);
    const walk = (field: Field, isLast: boolean): void => {
      for (const kind of ['suite', 'version'] as const) {
        if (field.id !== numbers[kind] || typeof field.value !== 'number') continue;
        const instead = this.#edit[kind]?.(field.value, isLast);
        if (instead !== undefined) out.writeUInt16BE(instead, field.range[0]);
      }
      for (const [at, child] of field.children.entries()) walk(child, at === field.children.length - 1);
    };
    walk(step.field, true);
    return out;
  }
}

const newest = 0x0304;
const older = 0x0303;
/** TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: of 2006, with a MAC of SHA-1. */
const weakest = 0xc009;
/** Says that a server may renegotiate safely (RFC 5746); it is no suite, and stays. */
const renegotiation = 0x00ff;
/** Says that a client comes back with less than it can (RFC 7507). */
const fallback = 0x5600;

/** The hello of a client that can do TLS 1.3 says that it cannot. */
export const cutVersions: HelloEdit = { version: (code) => (code === newest ? older : undefined) };

/** Nothing but an old suite is offered any more. */
export const cutSuites: HelloEdit = {
  suite: (code) => (code === renegotiation || code === weakest ? undefined : weakest),
};

/** A client that has failed with something better, or believes so, says so. What is offered last, and liked least, makes room. */
export const fallbackSignal: HelloEdit = { suite: (_code, isLast) => (isLast ? fallback : undefined) };
