/**
 * Weakens a ClientHello in transit, in place and without changing its length: the offered values are overwritten. It
 * represents an attacker in the middle who wants old cryptography (and, in `fallback-signal`, a client that signals a
 * fallback). The dissector locates the values.
 *
 * 1. Only the first handshake message is changed; anything but a ClientHello in a single record is forwarded unchanged.
 * 2. Both sides hash what they have seen (RFC 8446 section 4.4.1, RFC 5246 section 7.4.9), so the change is detected:
 *    that is the point of the demonstration.
 */
import type { Field } from '../../core/field.ts';
import { readHandshake } from '../../protocols/tls/handshake.ts';
import type { Tamper } from './tampering.ts';

const headerLength = 5;
const handshake = 22;

/** The replacement of a two-byte value; undefined if it stays. */
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
    // Encrypted data is not changed.
  }

  receive(): void {
    // The server's data is forwarded unchanged.
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
/** TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: from 2006, with HMAC-SHA-1. */
const weakest = 0xc009;
/** Signals secure renegotiation (RFC 5746); it is not a real suite, and stays. */
const renegotiation = 0x00ff;
/** Signals that a client falls back to a lower version than it supports (RFC 7507). */
const fallback = 0x5600;

/** Makes the ClientHello of a TLS 1.3 client claim that it does not support TLS 1.3. */
export const cutVersions: HelloEdit = { version: (code) => (code === newest ? older : undefined) };

/** Leaves only an old suite in the offer. */
export const cutSuites: HelloEdit = {
  suite: (code) => (code === renegotiation || code === weakest ? undefined : weakest),
};

/** Signals a fallback. It replaces the last, least preferred offer. */
export const fallbackSignal: HelloEdit = { suite: (_code, isLast) => (isLast ? fallback : undefined) };
