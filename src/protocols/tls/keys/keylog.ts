/**
 * Parses NSS key log lines: `LABEL <client random> <secret>`, all hex. The client random links them to a connection, so
 * that one key ring serves all conversations of a log.
 */

export interface KeylogLine {
  /** `CLIENT_RANDOM` (a master secret), `SERVER_TRAFFIC_SECRET_0` … */
  readonly label: string;
  /** Lower-case hex. */
  readonly clientRandom: string;
  readonly secret: Uint8Array;
}

const pattern = /^([A-Z][A-Z0-9_]*) ([0-9a-fA-F]{64}) ((?:[0-9a-fA-F]{2})+)\s*$/;

/** The lines of a key log, without a byte order mark, comments and blank lines, however they end. */
export function keylogLines(text: string): string[] {
  return text
    .replace(/^(?:\ufeff|\u00ef\u00bb\u00bf)/, '')
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Undefined for comments, blank lines and anything else that is no such line. */
export function readKeylogLine(line: string): KeylogLine | undefined {
  const [, label, clientRandom, secret] = pattern.exec(line) ?? [];
  if (!label || !clientRandom || !secret) return undefined;
  return { label, clientRandom: clientRandom.toLowerCase(), secret: Buffer.from(secret, 'hex') };
}

/**
 * Where the key log lines of one connection are looked up by the random of its ClientHello: the `Flows` of a log, for one. What that
 * costs must not depend on how many other connections there are.
 */
export interface KeylogByRandom {
  keylogOf(clientRandom: string): Iterable<string>;
}

/** Handshakes whose randoms are remembered. */
const mostAsked = 1000;

export class KeyRing {
  readonly #secrets = new Map<string, Map<string, Uint8Array>>();
  readonly #asked = new Set<string>();
  #hasOpened = false;
  #hasOpenedRecords = false;
  readonly #source: KeylogByRandom | undefined;

  /** @param source queried for the lines of a connection whenever its keys are needed. */
  constructor(source?: KeylogByRandom) {
    this.#source = source;
  }

  /** Accepts any text of lines; invalid lines are skipped. */
  add(lines: Iterable<string>): void {
    for (const line of lines) {
      const read = readKeylogLine(line);
      if (!read) continue;
      const known = this.#secrets.get(read.clientRandom) ?? new Map<string, Uint8Array>();
      this.#secrets.set(read.clientRandom, known.set(read.label, read.secret));
      this.#hasOpenedRecords ||= read.label.startsWith('OPENED_');
    }
  }

  /** Whether nothing was added; what its source knows does not count. */
  get isEmpty(): boolean {
    return this.#secrets.size === 0;
  }

  secret(clientRandom: string, label: string): Uint8Array | undefined {
    return this.#of(clientRandom)?.get(label);
  }

  /** How many secrets are there for that connection; grows when a line brings something new. */
  count(clientRandom: string): number {
    return this.#of(clientRandom)?.size ?? 0;
  }

  /** Whether the content of single records is among what was added (`opened-records.ts`). */
  get hasOpenedRecords(): boolean {
    return this.#hasOpenedRecords;
  }

  /** Client randoms that were looked up, the first ones; and whether there were secrets for any. */
  get usage(): { readonly asked: ReadonlySet<string>; readonly hasOpened: boolean } {
    return { asked: this.#asked, hasOpened: this.#hasOpened };
  }

  #of(clientRandom: string): ReadonlyMap<string, Uint8Array> | undefined {
    if (this.#source) this.add(this.#source.keylogOf(clientRandom));
    const found = this.#secrets.get(clientRandom);
    this.#hasOpened ||= found !== undefined;
    if (!found && this.#asked.size < mostAsked) this.#asked.add(clientRandom);
    return found;
  }
}
