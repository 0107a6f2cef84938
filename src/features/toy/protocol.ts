/**
 * The message syntax of a toy protocol that shows what keys are for: a login in lines of text, encrypted in one of three
 * ways. `locks.ts` encrypts, `features/toy/client.ts` and `features/toy/server.ts` are the two ends, and `eavesdropper.ts`
 * attacks it. Not for any other use.
 *
 *     KEY aes-128-gcm HEX                      the client's key, in cleartext: the error that the first lesson shows
 *     CIPHERTEXT HEX-NONCE HEX HEX-TAG         a text under that key
 *     PADLOCK?                                 the client asks for the server's public key
 *     PADLOCK BASE64                           a SubjectPublicKeyInfo (RFC 5280 section 4.1)
 *     LOCKED USER PADDING BASE64               a text that only the private key opens
 *     WELCOME USER, DENIED, ERROR              the server's answers
 */
import { fromHex, toHex } from '../../core/hex.ts';

export const paddings = ['rsa-oaep-sha256', 'rsa-unpadded'] as const;
export type Padding = (typeof paddings)[number];

/** A text under a symmetric key: AES-128-GCM (NIST SP 800-38D). */
export interface SealedText {
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

export type ToyLine =
  | { readonly type: 'key'; readonly key: Uint8Array }
  | ({ readonly type: 'sealed' } & SealedText)
  | { readonly type: 'padlock_wanted' }
  /** DER. */
  | { readonly type: 'padlock'; readonly publicKey: Uint8Array }
  | { readonly type: 'locked'; readonly user: string; readonly padding: Padding; readonly locked: Uint8Array }
  | { readonly type: 'welcome'; readonly user: string }
  | { readonly type: 'denied' }
  | { readonly type: 'error' };

export const keyLength = 16;
const nonceLength = 12;
const tagLength = 16;
/** Maximum length of a line, in bytes; after a longer one nothing is read. */
export const longestLine = 4096;

const encoded = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** The line with its end; @param line.user must be a single word. */
export function writeLine(line: ToyLine): string {
  return `${wordsOf(line).join(' ')}\r\n`;
}

function wordsOf(line: ToyLine): readonly string[] {
  switch (line.type) {
    case 'key':
      return ['KEY', 'aes-128-gcm', toHex(line.key)];
    case 'sealed':
      return ['CIPHERTEXT', toHex(line.nonce), toHex(line.ciphertext), toHex(line.tag)];
    case 'padlock_wanted':
      return ['PADLOCK?'];
    case 'padlock':
      return ['PADLOCK', encoded(line.publicKey)];
    case 'locked':
      return ['LOCKED', line.user, line.padding, encoded(line.locked)];
    case 'welcome':
      return ['WELCOME', line.user];
    case 'denied':
      return ['DENIED'];
    case 'error':
      return ['ERROR'];
  }
}

const hex = (text: string | undefined, length?: number): Uint8Array | undefined =>
  text !== undefined &&
  /^(?:[0-9a-f]{2})+$/.test(text) &&
  (length === undefined || text.length === 2 * length)
    ? fromHex(text)
    : undefined;

const base64 = (text: string | undefined): Uint8Array | undefined =>
  text !== undefined && text !== '' && /^[A-Za-z0-9+/]+={0,2}$/.test(text)
    ? new Uint8Array(Buffer.from(text, 'base64'))
    : undefined;

/** A line without its end; undefined where it is not part of the protocol. */
export function readLine(text: string): ToyLine | undefined {
  const [word, ...rest] = text.split(' ');
  const reader = readers.get(word ?? '');
  return reader && rest.length === reader.words ? reader.read(rest) : undefined;
}

interface LineReader {
  readonly words: number;
  readonly read: (rest: readonly string[]) => ToyLine | undefined;
}

const readers: ReadonlyMap<string, LineReader> = new Map(
  Object.entries<LineReader>({
    KEY: {
      words: 2,
      read([algorithm, digits]) {
        const key = hex(digits, keyLength);
        return algorithm === 'aes-128-gcm' && key ? { type: 'key', key } : undefined;
      },
    },
    CIPHERTEXT: {
      words: 3,
      read([first, second, third]) {
        const [nonce, ciphertext, tag] = [hex(first, nonceLength), hex(second), hex(third, tagLength)];
        return nonce && ciphertext && tag ? { type: 'sealed', nonce, ciphertext, tag } : undefined;
      },
    },
    'PADLOCK?': { words: 0, read: () => ({ type: 'padlock_wanted' }) },
    PADLOCK: {
      words: 1,
      read([text]) {
        const publicKey = base64(text);
        return publicKey && { type: 'padlock', publicKey };
      },
    },
    LOCKED: {
      words: 3,
      read([user = '', name, text]) {
        const [padding, locked] = [paddings.find((one) => one === name), base64(text)];
        return user !== '' && padding && locked ? { type: 'locked', user, padding, locked } : undefined;
      },
    },
    WELCOME: { words: 1, read: ([user = '']) => (user === '' ? undefined : { type: 'welcome', user }) },
    DENIED: { words: 0, read: () => ({ type: 'denied' }) },
    ERROR: { words: 0, read: () => ({ type: 'error' }) },
  }),
);

/** Splits bytes into lines, in chunks of any size. A line that is too long ends the reading for good. */
export class LineSplitter {
  #held = '';
  #overlong = false;

  /** A line was too long: nothing more is read. */
  get isOverlong(): boolean {
    return this.#overlong;
  }

  /** The lines completed by these bytes, without their ends. */
  push(bytes: Uint8Array): string[] {
    if (this.#overlong) return [];
    const lines = (
      this.#held + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
    ).split('\n');
    this.#held = lines.pop() ?? '';
    const whole = lines.findIndex((line) => line.length > longestLine);
    this.#overlong = whole >= 0 || this.#held.length > longestLine;
    if (this.#overlong) this.#held = '';
    return (whole < 0 ? lines : lines.slice(0, whole)).map((line) => line.replace(/\r$/, ''));
  }
}
