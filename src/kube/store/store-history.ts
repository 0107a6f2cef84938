/**
 * Keeps a store's recent events and its watches: a limited history from which watches start. Missing history is an
 * error (`StoreCompacted`), never skipped. Every store uses it and adds its events.
 *
 * 1. Every watch receives events in the order in which they were added, each once.
 * 2. The history is limited by events and by bytes.
 */
import { StoreCompacted } from './store.ts';
import type { StoreEvent } from './store.ts';

export interface HistoryBounds {
  /** Events that a watch can begin before. */
  readonly events?: number;
  /** Bytes of their objects, as JSON. */
  readonly bytes?: number;
}

interface Watcher {
  readonly prefix: string;
  readonly revision: number;
  readonly onEvent: (event: StoreEvent) => void;
  readonly onLost: (why: StoreCompacted) => void;
}

export class StoreHistory {
  readonly #bounds: Required<HistoryBounds>;
  readonly #watchers = new Set<Watcher>();
  /** Oldest first. */
  readonly #kept: { readonly event: StoreEvent; readonly bytes: number }[] = [];
  #bytes = 0;
  /** A watch must begin there or later. */
  #floor: number;

  /** @param floor the revision behind which everything will be added. */
  constructor(floor: number, { events = 10_000, bytes = 32 * 1024 * 1024 }: HistoryBounds = {}) {
    this.#floor = floor;
    this.#bounds = { events, bytes };
  }

  /** @throws StoreCompacted */
  watch(
    prefix: string,
    revision: number,
    onEvent: (event: StoreEvent) => void,
    onLost: (why: StoreCompacted) => void,
  ): () => void {
    if (revision < this.#floor)
      throw new StoreCompacted(`too old resource version: ${revision} (${this.#floor})`);
    // These are delivered before anything else: there is no turn in between.
    for (const { event } of this.#kept)
      if (event.revision > revision && event.key.startsWith(prefix)) onEvent(event);
    const watcher: Watcher = { prefix, revision, onEvent, onLost };
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** @param bytes what the event takes. */
  add(event: StoreEvent, bytes: number): void {
    this.#kept.push({ event, bytes });
    this.#bytes += bytes;
    while (this.#kept.length > this.#bounds.events || this.#bytes > this.#bounds.bytes) {
      const forgotten = this.#kept.shift();
      if (!forgotten) break;
      this.#bytes -= forgotten.bytes;
      this.#floor = forgotten.event.revision;
    }
    // A watch that starts because of this event receives it from the history.
    for (const watcher of Array.from(this.#watchers))
      if (
        this.#watchers.has(watcher) &&
        event.revision > watcher.revision &&
        event.key.startsWith(watcher.prefix)
      )
        watcher.onEvent(event);
  }

  /**
   * Events up to a revision were missed: ends every affected watch, and restarts the history after it. @returns whether
   * there were any.
   */
  lose(upTo: number): boolean {
    return this.#beginAt(upTo, ({ revision }) => revision < upTo, `events up to ${upTo} are lost`);
  }

  /** The store was replaced, at another revision: ends every watch. @returns whether there were any. */
  replace(revision: number): boolean {
    return this.#beginAt(revision, () => true, `the storage is at ${revision}`);
  }

  /** Ends all deliveries. */
  clear(): void {
    this.#watchers.clear();
  }

  #beginAt(floor: number, isLost: (watcher: Watcher) => boolean, why: string): boolean {
    this.#kept.length = 0;
    this.#bytes = 0;
    this.#floor = floor;
    const lost = [...this.#watchers].filter(isLost);
    for (const watcher of lost) this.#watchers.delete(watcher);
    for (const { onLost } of lost) onLost(new StoreCompacted(`too old resource version: ${why}`));
    return lost.length > 0;
  }
}
