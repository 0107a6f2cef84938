/**
 * Sends a watch to its client until either ends it. `watch.ts` formats the lines.
 *
 * 1. Unread events are queued as the store's own objects, which are shared; if there are too many, the client is
 *    disconnected and can resume from what it has seen.
 */
import type { Writable } from 'node:stream';
import type { Clock } from '../../core/clock.ts';
import { failure } from '../objects/objects.ts';
import { StoreCompacted } from '../store/store.ts';
import type { Store, StoreEvent } from '../store/store.ts';
import { WatchLines } from './watch.ts';
import type { WatchRequest } from './watch.ts';

export interface WatchTimes {
  /** The default duration of a watch, and the interval of bookmarks; in milliseconds. */
  readonly duration: number;
  readonly bookmarkEvery: number;
}

/** Maximum queued events per client, beyond the initial ones: 40 KB for a client that reads nothing. */
const waitingLimit = 5000;

/** Resolves when the watch is over; the stream has been ended, or is gone. Never rejects. */
export async function streamWatch(
  store: Store,
  request: WatchRequest,
  out: Writable,
  { duration, bookmarkEvery }: WatchTimes,
  clock: Pick<Clock, 'now'>,
): Promise<void> {
  const lines = new WatchLines(request, () => clock.now());
  const waiting: (StoreEvent | { readonly beginningEnds: number })[] = [];
  let sentUpTo = request.revision ?? 0;
  let marked = sentUpTo;
  /** The size of the queue. */
  let sent = 0;

  const closed = new Promise<void>((resolve) =>
    out.destroyed ? resolve() : out.once('close', resolve).once('finish', resolve),
  );
  const lineFor = (next: (typeof waiting)[number]): string | undefined => {
    if ('beginningEnds' in next) {
      sentUpTo = marked = Math.max(sentUpTo, next.beginningEnds);
      return lines.bookmark(sentUpTo, true);
    }
    sentUpTo = Math.max(sentUpTo, next.revision);
    return lines.event(next);
  };
  const pump = (): void => {
    for (let next = waiting[sent]; next && out.writable && !out.writableNeedDrain; next = waiting[sent]) {
      sent++;
      const line = lineFor(next);
      if (line !== undefined) out.write(line);
    }
    if (sent < 1000 && sent < waiting.length) return;
    waiting.splice(0, sent);
    sent = 0;
  };
  out.on('drain', pump).on('error', () => {});

  let stop = (): void => {};
  let beginning = 0;
  const add = (event: StoreEvent): void => {
    waiting.push(event);
    if (waiting.length - sent > waitingLimit + beginning) out.destroy();
    else pump();
  };
  const end = (error: unknown): void => {
    const status =
      error instanceof StoreCompacted
        ? failure('Expired', error.message)
        : failure('InternalError', 'Internal error occurred: the storage cannot be watched');
    if (out.writable) out.end(lines.error(status));
  };
  const bookmark = setInterval(() => {
    if (!request.bookmarks || sentUpTo === marked || waiting.length > sent || !out.writable) return;
    marked = sentUpTo;
    out.write(lines.bookmark(sentUpTo));
  }, bookmarkEvery).unref();
  const seconds = request.timeoutSeconds;
  const timeout = setTimeout(
    () => out.end(),
    seconds === undefined ? duration : Math.min(seconds * 1000, duration),
  ).unref();

  try {
    let from = request.revision;
    if (from === undefined) {
      const { items, revision } = await store.list(request.prefix);
      beginning = items.length;
      for (const { key, object, revision: written } of items)
        waiting.push({ type: 'ADDED', key, object, revision: written });
      from = revision;
    }
    if (request.marksBeginning) waiting.push({ beginningEnds: from });
    // Sent before the store is queried: it reports all events since then at once.
    pump();
    stop = await store.watch(request.prefix, from, add, end);
  } catch (error) {
    end(error);
  }
  await closed;
  stop();
  clearInterval(bookmark);
  clearTimeout(timeout);
}
