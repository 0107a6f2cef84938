/**
 * The other half of `mac-suites.ts`, for tests alone: seals records as a peer would, under suites that no peer here
 * speaks and with faults that none would make.
 */
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { isMacOutside } from '../../../src/protocols/tls/keys/mac-suites.ts';
import type { MacForm, MacKeys } from '../../../src/protocols/tls/keys/mac-suites.ts';
import { Rc4 } from '../../../src/protocols/tls/keys/rc4.ts';

export interface Faults {
  /** Blocks of padding beyond what is needed. */
  readonly moreBlocks?: number;
  /** What each byte of padding says, when it is not the truth. */
  readonly paddingByte?: number;
  readonly version?: number;
}

export class MacSealer {
  readonly #form: MacForm;
  readonly #keys: MacKeys;
  readonly #rc4: Rc4 | undefined;
  #vector: Uint8Array;
  #sequence = 0n;

  constructor(form: MacForm, keys: MacKeys) {
    this.#form = form;
    this.#keys = keys;
    this.#vector = keys.iv;
    if (form.suite.cipher === 'rc4') this.#rc4 = new Rc4(keys.key);
  }

  seal(contentType: number, content: Uint8Array, faults: Faults = {}): Uint8Array {
    const { suite, version } = this.#form;
    const head = Buffer.from([contentType, ...twoBytes(faults.version ?? version)]);
    const mac = (covered: Uint8Array): Uint8Array => {
      if (version === 0x0300) return this.#macSsl3(contentType, covered);
      const hmac = createHmac(suite.mac, this.#keys.macKey);
      const number = Buffer.alloc(8);
      number.writeBigUInt64BE(this.#sequence);
      return hmac
        .update(number)
        .update(head)
        .update(Buffer.from(twoBytes(covered.length)))
        .update(covered)
        .digest();
    };
    const payload = this.#payload(content, mac, faults);
    this.#sequence++;
    return Buffer.concat([head, Buffer.from(twoBytes(payload.length)), payload]);
  }

  /** RFC 6101 section 5.2.3.1. */
  #macSsl3(contentType: number, content: Uint8Array): Uint8Array {
    const { mac } = this.#form.suite;
    const number = Buffer.alloc(8);
    number.writeBigUInt64BE(this.#sequence);
    const pad = (byte: number): Buffer => Buffer.alloc(mac === 'md5' ? 48 : 40, byte);
    const hash = (...parts: readonly Uint8Array[]): Buffer =>
      createHash(mac).update(Buffer.concat(parts)).digest();
    const { macKey } = this.#keys;
    const head = Buffer.from([contentType, ...twoBytes(content.length)]);
    return hash(macKey, pad(0x5c), hash(macKey, pad(0x36), number, head, content));
  }

  #payload(content: Uint8Array, mac: (covered: Uint8Array) => Uint8Array, faults: Faults): Uint8Array {
    const { suite, version } = this.#form;
    const { blockLength } = suite;
    if (blockLength === 0) {
      const plaintext = Buffer.concat([content, mac(content)]);
      return this.#rc4?.apply(plaintext) ?? plaintext;
    }
    const isOutside = isMacOutside(this.#form);
    const inside = isOutside ? content : Buffer.concat([content, mac(content)]);
    const padding = blockLength - (inside.length % blockLength) + blockLength * (faults.moreBlocks ?? 0);
    const plaintext = Buffer.concat([inside, Buffer.alloc(padding, faults.paddingByte ?? padding - 1)]);
    const isExplicit = version >= 0x0302;
    const vector = isExplicit ? Buffer.alloc(blockLength, 0xa5) : this.#vector;
    const isDes = suite.keyLength === 8;
    const key = isDes ? Buffer.concat([this.#keys.key, this.#keys.key, this.#keys.key]) : this.#keys.key;
    const sealed = createCipheriv(suite.cipher, key, vector).setAutoPadding(false).update(plaintext);
    this.#vector = sealed.subarray(-blockLength);
    const whole = isExplicit ? Buffer.concat([vector, sealed]) : sealed;
    return isOutside ? Buffer.concat([whole, mac(whole)]) : whole;
  }
}

function twoBytes(value: number): [high: number, low: number] {
  return [value >> 8, value & 0xff];
}
