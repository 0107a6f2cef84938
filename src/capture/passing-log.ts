/**
 * Implements a log that keeps nothing: each event is delivered once, numbered and timed as in a `CaptureLog`, and then
 * dropped. For files of any length. Delivered bytes stay valid for their receivers.
 */
import type { Clock } from '../core/clock.ts';
import type { CaptureDraft, CaptureEvent } from './event.ts';
import type { Chunk, EventSource } from './flow-stream.ts';

/** Small pieces share memory, so that keeping one keeps little else alive. */
const pageBytes = 64 * 1024;

export class PassingLog implements EventSource {
  readonly events: readonly CaptureEvent[] = [];
  readonly #clock: Clock;
  readonly #fold: (event: CaptureEvent) => void;
  #newest: CaptureEvent | undefined;
  #next = 0;
  #run = 0;
  #started = 0;
  #page = new Uint8Array(pageBytes);
  #used = 0;

  constructor(clock: Clock, fold: (event: CaptureEvent) => void) {
    this.#clock = clock;
    this.#fold = fold;
  }

  append(draft: CaptureDraft): void {
    if (draft.type === 'began') {
      this.#run++;
      this.#started = this.#clock.microseconds();
    }
    const at = this.now();
    const seq = this.#next++;
    const run = this.#run;
    const event: CaptureEvent =
      draft.type === 'bytes' && draft.dropped === undefined && draft.frame !== undefined
        ? {
            type: 'bytes',
            conn: draft.conn,
            hop: draft.hop,
            vantage: draft.vantage,
            from: draft.from,
            bytes: this.#own(draft.bytes),
            frame: draft.frame,
            seq,
            run,
            at,
          }
        : { ...draft, ...(draft.type === 'bytes' ? { bytes: this.#own(draft.bytes) } : {}), seq, run, at };
    this.#newest = event;
    this.#fold(event);
  }

  /** The number of an event that is not delivered. */
  pass(): number {
    return this.#next++;
  }

  /** Microseconds since the run began. */
  now(): number {
    return this.#clock.microseconds() - this.#started;
  }

  readonly payloadOf = ({ seq }: Chunk): Uint8Array | undefined =>
    this.#newest?.type === 'bytes' && this.#newest.seq === seq ? this.#newest.bytes : undefined;

  #own(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    if (length > pageBytes / 4) return bytes.slice();
    if (this.#used + length > pageBytes) {
      this.#page = new Uint8Array(pageBytes);
      this.#used = 0;
    }
    const own = this.#page.subarray(this.#used, this.#used + length);
    own.set(bytes);
    this.#used += length;
    return own;
  }
}
