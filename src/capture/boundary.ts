/**
 * The boundary between relaying and reading. What relays (`wire`, `proxy`) is given a `CaptureSink`; what reads (analysis, reports,
 * screens, files) is given a `CaptureFeed`, and neither has the other's half. A `CaptureLog` is both, in one thread.
 *
 * 1. Only events go across, and only towards the reader: plain data that `structuredClone` copies, so that a reader may stand in
 *    another thread. A socket, a function or a promise in an event does not compile (`CrossingEvent`).
 * 2. The bytes of an event are never written to again: a reader in the same thread is given the view itself, without a copy.
 * 3. Nothing comes back that relaying waits for. A reader lets events go when it has read them; that is all it says.
 */
import type { Address, CaptureDraft, CaptureEvent } from './event.ts';
import type { EventSource } from './flows.ts';

/** What `structuredClone` copies as it is; `never` for what it refuses, or turns into something else. */
export type Clonable<T> = T extends string | number | boolean | bigint | null | undefined | Uint8Array
  ? T
  : T extends (...parameters: never[]) => unknown
    ? never
    : T extends object
      ? { readonly [Key in keyof T]: Clonable<T[Key]> }
      : never;

/** Every event, as long as each of them can cross; else nothing. */
export type CrossingEvent = CaptureEvent extends Clonable<CaptureEvent> ? CaptureEvent : never;

export type Fold = (event: CrossingEvent) => void;

/** What who relays is given: it says what happened, in the order in which it happened. */
export interface CaptureSink {
  append(draft: CaptureDraft): void;
  /** A number that no other connection has. */
  nextConnection(): number;
  /** The newest connection that was opened from that address: how an endpoint's report is joined to a tap's. */
  connectionFrom(address: Address): { readonly conn: number; readonly hop: string } | undefined;
}

/** What who relays also asks of its own side: when what it opened has closed. */
export interface RelayLog extends CaptureSink {
  subscribe(fold: Fold): () => void;
  until(settled: () => boolean, milliseconds: number, signal?: AbortSignal): Promise<boolean>;
}

/** What who reads is given: every event, the bytes of those that are kept, and the way to let them go. */
export interface CaptureFeed extends EventSource {
  /** How many events there have been. */
  readonly length: number;
  /** Everything that is there, and then everything that comes; returns the way to stop. */
  subscribe(fold: Fold): () => void;
  /** Lets events go that have been read: at their place stands nothing from now on. */
  release(seqs: Iterable<number>): void;
  readonly releaseAt: (seq: number) => void;
  readonly eventAt: (seq: number) => CaptureEvent | undefined;
}
