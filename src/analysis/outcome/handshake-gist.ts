/**
 * Keeps the TLS messages needed to judge a connection while they are read: the first ones, the newest, and the
 * important ones in between. Its size is independent of the connection's lifetime.
 */
import type { Side } from '../../capture/event.ts';
import type { TlsMessage } from '../../protocols/tls/message/message.ts';

/** Any handshake, with a renegotiation or an alert close behind it. */
const keptFirst = 128;
const keptNewest = 32;

/** Of what was said first above TLS: enough for the first lines of an answer. */
const keptSaid = 2048;

interface Kept {
  readonly message: TlsMessage;
  /** The number of its first record in its direction, from 1. */
  readonly record: number;
}

export class HandshakeGist {
  readonly #first: Kept[] = [];
  /** A ring. */
  readonly #newest: Kept[] = [];
  #newestAt = 0;
  readonly #records: Record<Side, { count: number; start: number }> = {
    client: { count: 0, start: -1 },
    server: { count: 0, start: -1 },
  };
  /** The first bytes that each side said above TLS, where keys opened them. */
  readonly said: Record<Side, Uint8Array | undefined> = { client: undefined, server: undefined };

  add(message: TlsMessage): void {
    const record = this.#count(message);
    const { from, content, bytes } = message;
    if (
      content.type === 'application_data' &&
      bytes &&
      bytes.length > 0 &&
      (this.said[from]?.length ?? 0) < keptSaid
    ) {
      this.said[from] = Buffer.concat([this.said[from] ?? new Uint8Array(0), bytes.subarray(0, keptSaid)]);
    }
    const isBulk = content.type === 'sealed' || content.type === 'application_data';
    // Bulk data is not needed again, and must not be kept alive for its size.
    const kept = { record, message: isBulk ? { ...message, bytes: undefined, frames: [] } : message };
    if (this.#first.length < keptFirst) this.#first.push(kept);
    else if (this.#newest.length < keptNewest) this.#newest.push(kept);
    else {
      this.#newest[this.#newestAt] = kept;
      this.#newestAt = (this.#newestAt + 1) % keptNewest;
    }
  }

  /** In the order of capture. */
  get messages(): readonly TlsMessage[] {
    return this.#kept().map(({ message }) => message);
  }

  /** The number of a message's first record in its direction, from 1. */
  recordOf(message: TlsMessage): number {
    return this.#kept().find((one) => one.message === message)?.record ?? 1;
  }

  #kept(): readonly Kept[] {
    return this.#newest.length === 0
      ? this.#first
      : [...this.#first, ...this.#newest.slice(this.#newestAt), ...this.#newest.slice(0, this.#newestAt)];
  }

  #count({ from, frames, records }: TlsMessage): number {
    const counted = this.#records[from];
    if (frames.length === 0) {
      counted.count += records;
      return counted.count - records + 1;
    }
    const first = counted.count + ((frames[0]?.start ?? 0) > counted.start ? 1 : 0);
    for (const { start } of frames) {
      if (start <= counted.start) continue;
      counted.start = start;
      counted.count++;
    }
    return Math.max(1, first);
  }
}
