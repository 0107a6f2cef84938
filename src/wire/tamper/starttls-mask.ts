/**
 * Writes over the word STARTTLS in what a server sends before TLS, in place, as some firewalls do (`250-XXXXXXXX`): the client
 * does not learn that TLS is offered. SMTP and IMAP name it so (RFC 3207, RFC 9051). Only a demonstration's attacker does this.
 *
 * 1. No byte is added or held back. Of a word that comes in pieces, what has passed stays, and the rest is written over.
 * 2. Once the server speaks TLS, nothing is touched: these bytes could not be changed unnoticed.
 */
import type { Tamper } from './tampering.ts';

const word = Buffer.from('STARTTLS');
const over = 0x58;
/** The content type of a handshake record (RFC 8446 section 5.1); no letter of a reply. */
const handshake = 0x16;

export class StarttlsMask implements Tamper {
  #matched = 0;
  #isTls = false;

  keylog(): void {}

  send(bytes: Uint8Array): Uint8Array {
    return bytes;
  }

  receive(bytes: Uint8Array): Uint8Array | void {
    this.#isTls ||= bytes[0] === handshake;
    if (this.#isTls) return undefined;
    let changed: Uint8Array | undefined;
    for (const [at, byte] of bytes.entries()) {
      const upper = byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
      // The word's first letter comes once more in it, but not behind a beginning of it: no match is missed.
      this.#matched = upper === word[this.#matched] ? this.#matched + 1 : Number(upper === word[0]);
      if (this.#matched < word.length) continue;
      changed ??= Uint8Array.from(bytes);
      changed.fill(over, Math.max(0, at + 1 - word.length), at + 1);
      this.#matched = 0;
    }
    return changed;
  }
}
