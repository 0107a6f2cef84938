/**
 * The boundary between relaying and reading. The relaying side (`wire`, `proxy`) gets a `CaptureSink`; the reading side
 * (`analysis`, reports, screens, files) gets a `CaptureFeed`; neither gets the other half. A `CaptureLog` implements both, in one
 * thread.
 *
 * 1. Only events cross, and only towards the reader: plain data that `structuredClone` can copy, so that a reader can run in
 *    another thread. An event with a socket, a function or a promise in it does not compile (`CrossingEvent`).
 * 2. The bytes of an event are never written to again: a reader in the same thread gets the view itself, without a copy.
 * 3. The relaying side never waits for a reader. All that a reader says is which events it has finished with (`release`).
 */
import type { Address, CaptureDraft, CaptureEvent } from './event.ts';
import type { EventSource } from './flow-stream.ts';

/** What `structuredClone` copies unchanged; `never` for what it rejects or changes. */
export type Clonable<T> = T extends string | number | boolean | bigint | null | undefined | Uint8Array
  ? T
  : T extends (...parameters: never[]) => unknown
    ? never
    : T extends object
      ? { readonly [Key in keyof T]: Clonable<T[Key]> }
      : never;

/** Every event, as long as each of them is clonable; otherwise `never`. */
export type CrossingEvent = CaptureEvent extends Clonable<CaptureEvent> ? CaptureEvent : never;

export type Fold = (event: CrossingEvent) => void;

/** The relaying side's half: it appends what happened, in order. */
export interface CaptureSink {
  append(draft: CaptureDraft): void;
  /** An unused connection number. */
  nextConnection(): number;
  /** The newest connection that was opened from that address: how an endpoint's report is joined to a tap's. */
  connectionFrom(address: Address): { readonly conn: number; readonly hop: string } | undefined;
}

/** The relaying side's half for code that must also wait until its own connections have closed. */
export interface RelayLog extends CaptureSink {
  subscribe(fold: Fold): () => void;
  until(settled: () => boolean, milliseconds: number, signal?: AbortSignal): Promise<boolean>;
}

/** The reading side's half: every event, the payload of those that are kept, and how to release them. */
export interface CaptureFeed extends EventSource {
  /** How many events there have been. */
  readonly length: number;
  /** Delivers all events so far, then each new one. Returns the function that unsubscribes. */
  subscribe(fold: Fold): () => void;
  /** Releases events that have been read; `eventAt` no longer finds them. */
  release(seqs: Iterable<number>): void;
  readonly releaseAt: (seq: number) => void;
  readonly eventAt: (seq: number) => CaptureEvent | undefined;
}
