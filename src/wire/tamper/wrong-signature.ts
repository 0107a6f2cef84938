/**
 * Invalidates a client's proof of possession: flips the last bit of the signature in its CertificateVerify on the way
 * out. It represents an attacker with a stolen certificate but without the key: no TLS library would send such a
 * signature.
 *
 * 1. Up to TLS 1.2 the message is not encrypted (RFC 5246 section 7.4.8). Under TLS 1.3 it is (RFC 8446 section 4.4.3):
 *    the record is decrypted and encrypted again with the client's handshake secret, so that the server finds a wrong
 *    signature in a valid record, not a broken record.
 * 2. The last byte belongs to the signature's last integer, so that the value is wrong and not its encoding.
 * 3. Unreadable data is forwarded unchanged.
 */
import { TlsConversation } from '../../protocols/tls/conversation.ts';
import { aeadSuiteNamed, openRecord, sealRecord } from '../../protocols/tls/keys/key-schedule.ts';
import type { AeadSuite } from '../../protocols/tls/keys/key-schedule.ts';
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
  /** Records encrypted so far with the handshake secret. */
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
    // Afterwards nothing is buffered any more.
    this.#pending = this.#isDone ? Buffer.alloc(0) : rest;
    return Buffer.concat(this.#isDone ? [...out, rest] : out);
  }

  /** One complete record. */
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
        // Up to TLS 1.2 everything after this is encrypted, and the client's CertificateVerify precedes it.
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

/** Finds the ends of handshake messages in a stream that records split arbitrarily (RFC 8446 section 5.1). */
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
