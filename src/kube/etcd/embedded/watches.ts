/**
 * Manages an etcd's watches and sends their events to the given streams. `gateway.ts` encodes the lines; the key
 * space's history has the events.
 *
 * 1. Nothing is queued for a client. A watch knows its next revision; a client that does not read delays its watches,
 *    which then continue from the history. A compaction in between cancels them, as in etcd.
 * 2. Only durable revisions are sent: one that might still be lost could occur a second time.
 */
import type { Writable } from 'node:stream';
import { watchDocument } from './answer-documents.ts';
import type { WatchCreation, WatchRequest } from './gateway.ts';
import type { WatchEvent, WatchMessage } from './answer-documents.ts';
import { isEmptyRange, isInRange } from './queries.ts';
import type { KeySpace } from './mvcc.ts';
import type { KeyVersion } from './key-space-types.ts';

export interface WatchLimits {
  /** Watches of all clients together. */
  readonly watches: number;
  /** The limit of buffered bytes for all clients together; the client with the most is disconnected. */
  readonly unread: number;
}

interface Watch {
  readonly id: bigint;
  readonly creation: WatchCreation;
  /** The next revision to send. */
  next: number;
  /** Nothing was sent since the last progress notification. */
  quiet: boolean;
}

/** Bytes of versions that are looked through for one line. */
const lineBytes = 1024 * 1024;
/** Whose watch it is that could not be made, or that all of them are meant. */
const noWatch = -1n;

export class Watches {
  readonly #keys: KeySpace;
  readonly #lasting: () => number;
  readonly #limits: WatchLimits;
  readonly #streams = new Set<WatchStream>();
  #count = 0;
  #unread = 0;

  /** @param lasting the newest revision that cannot be lost any more. */
  constructor(keys: KeySpace, lasting: () => number, limits: WatchLimits) {
    this.#keys = keys;
    this.#lasting = lasting;
    this.#limits = limits;
  }

  /** Watches over one stream, until it is closed. */
  open(out: Writable): WatchStream {
    const stream = new WatchStream({
      out,
      keys: this.#keys,
      lasting: this.#lasting,
      hasRoom: () => this.#count < this.#limits.watches,
      counted: (difference) => (this.#count += difference),
      write: (line) => this.#write(out, line),
    });
    this.#streams.add(stream);
    out.on('error', () => {});
    out.once('close', () => {
      this.#streams.delete(stream);
      stream.close();
    });
    return stream;
  }

  /** Sends new events to all watches. */
  tell(): void {
    for (const stream of this.#streams) stream.tell();
  }

  /** Sends progress to idle watches that requested it. */
  tellProgress(): void {
    for (const stream of this.#streams) stream.tellProgress();
  }

  /** Ends every stream. */
  close(): void {
    for (const stream of this.#streams) stream.end();
  }

  #write(out: Writable, line: string): void {
    const length = Buffer.byteLength(line);
    if (this.#unread + length > this.#limits.unread) {
      out.destroy();
      return;
    }
    this.#unread += length;
    out.write(line, () => (this.#unread -= length));
  }
}

interface StreamOptions {
  readonly out: Writable;
  readonly keys: KeySpace;
  readonly lasting: () => number;
  readonly hasRoom: () => boolean;
  readonly counted: (difference: number) => void;
  readonly write: (line: string) => void;
}

export class WatchStream {
  readonly #options: StreamOptions;
  readonly #watches = new Map<bigint, Watch>();
  #lastId = -1n;
  #closed = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    options.out.on('drain', () => this.tell());
  }

  take(request: WatchRequest): void {
    if (this.#closed) return;
    if (request.kind === 'create') this.#create(request.request);
    else if (request.kind === 'cancel') this.#cancel(request.watchId);
    else if (request.kind === 'progress') this.#answerProgress();
  }

  tell(): void {
    for (const watch of this.#watches.values()) this.#tellOne(watch);
  }

  tellProgress(): void {
    const revision = this.#options.lasting();
    for (const watch of this.#watches.values()) {
      if (watch.creation.progressNotify && watch.quiet && watch.next > revision && this.#mayWrite())
        this.#say({ kind: 'progress', watchId: watch.id, revision });
      watch.quiet = true;
    }
  }

  end(): void {
    this.#options.out.end();
  }

  close(): void {
    this.#closed = true;
    this.#options.counted(-this.#watches.size);
    this.#watches.clear();
  }

  #create(creation: WatchCreation): void {
    const revision = this.#options.lasting();
    const refused = this.#objection(creation);
    if (refused !== undefined) return this.#say({ kind: 'created', watchId: noWatch, revision, refused });
    const id = creation.watchId === 0n ? this.#freeId() : creation.watchId;
    const watch: Watch = {
      id,
      creation,
      next: creation.startRevision === 0 ? revision + 1 : creation.startRevision,
      quiet: false,
    };
    this.#watches.set(id, watch);
    this.#options.counted(1);
    this.#say({ kind: 'created', watchId: id, revision });
    this.#tellOne(watch);
  }

  /** In etcd's words. */
  #objection(creation: WatchCreation): string | undefined {
    if (isEmptyRange(creation)) return 'mvcc: watcher range is empty';
    if (creation.watchId !== 0n && this.#watches.has(creation.watchId))
      return 'mvcc: duplicate watch ID provided on the WatchStream';
    return this.#options.hasRoom() ? undefined : 'etcdserver: too many watches';
  }

  #freeId(): bigint {
    do this.#lastId++;
    while (this.#watches.has(this.#lastId));
    return this.#lastId;
  }

  #cancel(watchId: bigint): void {
    if (!this.#forget(watchId)) return;
    this.#say({ kind: 'canceled', watchId, revision: this.#options.lasting() });
  }

  #forget(watchId: bigint): boolean {
    if (!this.#watches.delete(watchId)) return false;
    this.#options.counted(-1);
    return true;
  }

  /** For all watches of the stream, if none of them has an earlier event to send. */
  #answerProgress(): void {
    const revision = this.#options.lasting();
    if ([...this.#watches.values()].every(({ next }) => next > revision))
      this.#say({ kind: 'progress', watchId: noWatch, revision });
  }

  #tellOne(watch: Watch): void {
    const { keys } = this.#options;
    const revision = this.#options.lasting();
    while (watch.next <= revision && this.#mayWrite()) {
      if (watch.next < keys.compactRevision) {
        this.#forget(watch.id);
        return this.#say({
          kind: 'canceled',
          watchId: watch.id,
          revision,
          compactRevision: keys.compactRevision,
        });
      }
      const versions = keys.history(watch.next, revision, lineBytes);
      const last = versions.at(-1);
      watch.next = last === undefined ? revision + 1 : last.modRevision + 1;
      const events = versions
        .filter((version) => isWanted(watch.creation, version))
        .map(
          (version): WatchEvent => ({
            version,
            ...(watch.creation.prevKv ? { previous: keys.before(version) } : {}),
          }),
        );
      if (events.length > 0) watch.quiet = false;
      const lines = watch.creation.fragment ? parted(events) : events.length > 0 ? [events] : [];
      for (const [index, some] of lines.entries())
        this.#say({
          kind: 'events',
          watchId: watch.id,
          revision,
          events: some,
          isPart: index < lines.length - 1,
        });
    }
  }

  #mayWrite(): boolean {
    const { out } = this.#options;
    return out.writable && !out.writableNeedDrain;
  }

  #say(message: WatchMessage): void {
    this.#options.write(`${JSON.stringify({ result: watchDocument(message) })}\n`);
  }
}

/** One deletion may be of more than a line can hold, with what was before. */
function parted(events: readonly WatchEvent[]): readonly (readonly WatchEvent[])[] {
  const lines: WatchEvent[][] = [];
  let bytes = Infinity;
  for (const event of events) {
    if (bytes >= 2 * lineBytes) {
      lines.push([]);
      bytes = 0;
    }
    lines.at(-1)?.push(event);
    bytes += event.version.value.length + (event.previous?.value.length ?? 0) + 2 * event.version.key.length;
  }
  return lines;
}

function isWanted(creation: WatchCreation, { key, version }: KeyVersion): boolean {
  return isInRange(creation, key) && !(version === 0 ? creation.withoutDeletes : creation.withoutPuts);
}
