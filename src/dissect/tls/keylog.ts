/**
 * NSS key log lines: `LABEL <client random> <secret>`, all hex. They are joined to a connection by the client random,
 * so that one ring of keys serves every conversation of a log.
 */

export interface KeylogLine {
  /** `CLIENT_RANDOM` (a master secret), `SERVER_TRAFFIC_SECRET_0` … */
  readonly label: string;
  /** Lower-case hex. */
  readonly clientRandom: string;
  readonly secret: Uint8Array;
}

const pattern = /^([A-Z][A-Z0-9_]*) ([0-9a-fA-F]{64}) ((?:[0-9a-fA-F]{2})+)\s*$/;

/** Undefined for comments, blank lines and anything else that is no such line. */
export function readKeylogLine(line: string): KeylogLine | undefined {
  const [, label, clientRandom, secret] = pattern.exec(line) ?? [];
  if (!label || !clientRandom || !secret) return undefined;
  return { label, clientRandom: clientRandom.toLowerCase(), secret: Buffer.from(secret, 'hex') };
}

export class KeyRing {
  readonly #secrets = new Map<string, Map<string, Uint8Array>>();

  /** Takes any text of lines; a line that is none is passed over. */
  add(lines: Iterable<string>): void {
    for (const line of lines) {
      const read = readKeylogLine(line);
      if (!read) continue;
      const known = this.#secrets.get(read.clientRandom) ?? new Map<string, Uint8Array>();
      this.#secrets.set(read.clientRandom, known.set(read.label, read.secret));
    }
  }

  secret(clientRandom: string, label: string): Uint8Array | undefined {
    return this.#secrets.get(clientRandom)?.get(label);
  }

  /** How many secrets are there for that connection; grows when a line brings something new. */
  count(clientRandom: string): number {
    return this.#secrets.get(clientRandom)?.size ?? 0;
  }
}
