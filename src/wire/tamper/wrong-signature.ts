/**
 * A client whose proof does not hold: the last bit of the signature in its CertificateVerify is turned over on the way
 * out. It stands for somebody who has another's certificate and not the key: no TLS library would sign for him.
 *
 * 1. Up to TLS 1.2 the message travels in clear (RFC 5246 section 7.4.8). Under TLS 1.3 it is sealed (RFC 8446 section
 *    4.4.3): the record is opened and sealed anew under the client's handshake secret, so that the server finds a sound
 *    record with a wrong signature in it, and not a broken record.
 * 2. The last byte ends the signature's last number, so that what is wrong is the number and not its form.
 * 3. What it cannot read goes out as it came.
 */
import { TlsConversation } from '../../protocols/tls/conversation.ts';
import { aeadSuiteNamed, openRecord, sealRecord } from '../../protocols/tls/key-schedule.ts';
import type { AeadSuite } from '../../protocols/tls/key-schedule.ts';
import type { Tamper } from './tampering.ts';

const headerLength = 5;
const changeCipherSpec = 20;
const handshake = 22;
const applicationData = 23;
const certificateVerify = 15;

export class WrongSignature implements Tamper {
  readonly #server = new TlsConversation();
  readonly #messages = new MessageEnds();
  #received = 0;
  #pending: Buffer = Buffer.alloc(0);
  /** CLIENT_HANDSHAKE_TRAFFIC_SECRET. */
  #secret: Buffer | undefined;
  #suite: AeadSuite | undefined;
  #version: string | undefined;
  /** Records sealed so far under the handshake secret. */
  #sequence = 0;
  #isDone = false;

  keylog(line: string): void {
    const [label, , secret = ''] = line.split(' ');
    if (label === 'CLIENT_HANDSHAKE_TRAFFIC_SECRET') this.#secret = Buffer.from(secret, 'hex');
  }

  receive(bytes: Uint8Array): void {
    if (this.#version !== undefined || this.#isDone) return;
    this.#server.feed({ from: 'server', offset: this.#received, bytes });
    this.#received += bytes.length;
    const { version, cipherName } = this.#server.negotiated;
    if (version === undefined || cipherName === undefined) return;
    this.#version = version;
    this.#suite = aeadSuiteNamed(cipherName);
  }

  send(bytes: Uint8Array): Uint8Array {
    const out: Uint8Array[] = [];
    let rest: Buffer = Buffer.concat([this.#pending, bytes]);
    while (!this.#isDone && rest.length >= headerLength) {
      const length = headerLength + rest.readUInt16BE(3);
      if (rest.length < length) break;
      out.push(this.#spoil(rest.subarray(0, length)));
      rest = rest.subarray(length);
    }
    // Once it is done nothing is kept back any more.
    this.#pending = this.#isDone ? Buffer.alloc(0) : rest;
    return Buffer.concat(this.#isDone ? [...out, rest] : out);
  }

  /** One whole record. */
  #spoil(record: Buffer): Uint8Array {
    const isNewest = this.#version === 'TLSv1.3';
    switch (record[0]) {
      case handshake: {
        const at = this.#endOfSignature(record.subarray(headerLength));
        return at === undefined ? record : flipped(record, headerLength + at);
      }
      case applicationData:
        return isNewest ? this.#spoilSealed(record) : record;
      case changeCipherSpec:
        // What follows up to TLS 1.2 is sealed, and a client that had something to prove has done so.
        if (!isNewest) this.#isDone = true;
        return record;
      default:
        return record;
    }
  }

  #spoilSealed(record: Buffer): Uint8Array {
    if (!this.#suite || !this.#secret) return record;
    const seal = { suite: this.#suite, secret: this.#secret, sequence: this.#sequence };
    const opened = openRecord({ ...seal, record });
    if (!opened) return record;
    this.#sequence++;
    const { contentType, content, padding } = opened;
    const at = contentType === handshake ? this.#endOfSignature(content) : undefined;
    return at === undefined
      ? record
      : sealRecord({ ...seal, contentType, content: flipped(content, at), padding });
  }

  #endOfSignature(content: Uint8Array): number | undefined {
    const at = this.#messages.endOf(certificateVerify, content);
    if (at !== undefined) this.#isDone = true;
    return at;
  }
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** Where handshake messages end, in a stream of them that records cut as they like (RFC 8446 section 5.1). */
class MessageEnds {
  #header: number[] = [];
  #left = 0;

  /** The index of the last byte of a message of that type, if one ends in this piece. */
  endOf(type: number, piece: Uint8Array): number | undefined {
    for (const [index, byte] of piece.entries()) {
      if (this.#left === 0) {
        this.#header.push(byte);
        if (this.#header.length < 4) continue;
        const [, high = 0, middle = 0, low = 0] = this.#header;
        this.#left = high * 65_536 + middle * 256 + low;
      } else this.#left--;
      if (this.#left > 0) continue;
      const [ended] = this.#header;
      this.#header = [];
      if (ended === type) return index;
    }
    return undefined;
  }
}
