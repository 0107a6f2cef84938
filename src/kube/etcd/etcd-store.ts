/**
 * Implements a store in etcd, like kube-apiserver's: each object is a key's value without its resourceVersion, which is
 * etcd's revision of the write (mod_revision). Writes are transactions that compare that number; a single watch over
 * everything feeds all watchers. `storage/` has the keys and the form of the values, `client.ts` sends the requests.
 *
 * 1. Acknowledged writes are in etcd, and uncertain ones are reported as such: a write is retried only if it was
 *    certainly not done. Reads wait for an unavailable etcd, up to `patience`.
 * 2. One stream from etcd feeds all watches. If it breaks, it resumes after the last complete revision; if that has
 *    been compacted, or etcd's data is older (a backup), all watchers are notified that events are lost.
 * 3. A write is acknowledged when the stream has reported it, or a little later if the stream is slow: a client that
 *    writes and then reads finds the server's rules up to date.
 * 4. etcd may contain anything. A value that is not an object is an error for its readers, and is skipped, with a
 *    report, when changes are followed.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Localized } from '../../i18n/language.ts';
import { AnswerTooLong, BrokenAnswer, Unreachable } from '../../wire/http/client.ts';
import type { KubeObject } from '../objects/objects.ts';
import {
  atRevision,
  StoreCompacted,
  StoreConflict,
  StoreFailure,
  StoreFull,
  StoreUnavailable,
  UnreadableValue,
} from '../store/store.ts';
import type { Store, Stored, StoreKey } from '../store/store.ts';
import { StoreHistory } from '../store/store-history.ts';
import type { HistoryBounds } from '../store/store-history.ts';
import { EtcdRefusal, prefixEnd } from './client.ts';
import type { CallOptions, EtcdClient } from './client.ts';
import type { KeyValue, WatchAnswer, WatchedEvent } from './client-messages.ts';
import type { Encryption } from '../encryption/encryption.ts';
import { StorageKeys } from './storage/keys.ts';
import { StoredValues } from './storage/values.ts';
import { isTrouble, wasNotDone, unavailable, whyOf } from './store-failures.ts';

export interface EtcdStoreOptions {
  readonly client: EtcdClient;
  /** The key prefix in etcd, instead of `/registry` (--etcd-prefix). */
  readonly prefix?: string;
  /** Which resources are encrypted, and how (--encryption-provider-config). */
  readonly encryption?: Encryption;
  /** How long something that etcd does not answer is tried again, in milliseconds. */
  readonly patience?: number;
  /** How long a stream may say nothing of what was written here, in milliseconds, until another takes its place; by default as long as `patience`. */
  readonly silence?: number;
  /** How long a single request may take; etcd itself gives up after seven seconds. */
  readonly timeout?: number;
  /** How often what is older is forgotten, as kube-apiserver does it (--etcd-compaction-interval); 0: never. */
  readonly compactEvery?: number;
  readonly history?: HistoryBounds;
  readonly onReport?: (report: StoreReport) => void;
}

/** What happened between the store and its etcd, in words for people. */
export interface StoreReport {
  readonly kind: 'connected' | 'lost' | 'regained' | 'compacted' | 'replaced' | 'unreadable';
  readonly text: Localized;
}

const compactionKey = 'compact_rev_key';
/** Of one page of a list; fewer where they are large. */
const pageSize = 500;
/** How often a list is begun whose revision is forgotten meanwhile. */
const lists = 5;
/** The number of past revisions that are read at the start: watches continue across a restart of the API server. */
const replayed = 1000;
const defaults = { patience: 8_000, timeout: 10_000, compactEvery: 5 * 60_000, echo: 2_000 } as const;
/** Milliseconds between two attempts, growing. */
const backoff = { first: 25, most: 1_000 } as const;
const healthTimeout = 2_000;

/** Of a transaction: etcd's --max-txn-ops. */
const mostOperations = 128;

export class EtcdStore implements Store {
  readonly #client: EtcdClient;
  readonly #keys: StorageKeys;
  readonly #values: StoredValues;
  readonly #patience: number;
  readonly #silence: number;
  readonly #timeout: number;
  readonly #options: EtcdStoreOptions;
  readonly #ending = new AbortController();
  readonly #compactions: NodeJS.Timeout | undefined;
  readonly #following: Promise<void>;
  #history: StoreHistory | undefined;
  /** Breaks off the one that is there. */
  #stream = new AbortController();
  /** Who waits until it is there. */
  #whenFollowed: (() => void)[] = [];
  /** The newest revision that the stream reported completely, and what it reported of a newer one. */
  #delivered = 0;
  #partly: { readonly revision: number; readonly keys: Set<string> } | undefined;
  /** Writes that wait for the stream to report them. */
  readonly #echoes = new Set<{ readonly revision: number; readonly done: () => void }>();
  #state: 'unknown' | 'connected' | 'lost' = 'unknown';
  #compaction = { version: 0, revision: 0 };

  constructor(options: EtcdStoreOptions) {
    const {
      client,
      patience = defaults.patience,
      timeout = defaults.timeout,
      compactEvery = defaults.compactEvery,
    } = options;
    this.#options = options;
    this.#client = client;
    this.#keys = new StorageKeys(options.prefix);
    this.#values = new StoredValues(options.encryption);
    this.#patience = patience;
    this.#silence = options.silence ?? patience;
    this.#timeout = timeout;
    // Every request listens to it.
    setMaxListeners(0, this.#ending.signal);
    this.#following = this.#follow();
    if (compactEvery > 0) this.#compactions = setInterval(() => void this.#compact(), compactEvery).unref();
  }

  async get(key: StoreKey): Promise<Stored | undefined> {
    const { items } = await this.#read(async (call) =>
      this.#client.range({ key: this.#keys.place(key) }, call),
    );
    return items[0] && this.#stored(key, items[0]);
  }

  async missing(keys: readonly StoreKey[]): Promise<ReadonlySet<StoreKey>> {
    const absent = new Set<StoreKey>();
    for (let from = 0; from < keys.length; from += mostOperations) {
      const some = keys.slice(from, from + mostOperations);
      const success = some.map((key) => ({ range: { key: this.#keys.place(key), keysOnly: true } }));
      const { found } = await this.#read(async (call) =>
        this.#client.transact({ compare: [], success, failure: [] }, call),
      );
      for (const [at, key] of some.entries()) if ((found[at] ?? []).length === 0) absent.add(key);
    }
    return absent;
  }

  async list(prefix: string): Promise<{ readonly items: readonly Stored[]; readonly revision: number }> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#pages(prefix);
      } catch (error) {
        // While the pages were read, their revision was forgotten: once more, from the newest.
        if (!(error instanceof StoreCompacted)) throw error;
        if (attempt === lists) throw new StoreFailure(error.message, { cause: error });
      }
    }
  }

  async create(key: StoreKey, object: KubeObject): Promise<Stored> {
    const put = this.#put(key, object);
    const { succeeded, revision } = await this.#write(key, async (call) =>
      this.#client.transact(
        { compare: [{ key: put.key, target: 'CREATE', equal: 0 }], success: [{ put }], failure: [] },
        call,
      ),
    );
    if (!succeeded) throw new StoreConflict('exists', key);
    return this.#acknowledged({ key, object: atRevision(object, revision), revision });
  }

  async update(key: StoreKey, object: KubeObject, expected: number): Promise<Stored> {
    const { revision } = await this.#over(key, expected, { put: this.#put(key, object) });
    return this.#acknowledged({ key, object: atRevision(object, revision), revision });
  }

  async remove(key: StoreKey, expected?: number): Promise<Stored> {
    if (expected === undefined) {
      const { revision, removed } = await this.#write(key, async (call) =>
        this.#client.remove({ key: this.#keys.place(key) }, call),
      );
      if (!removed[0]) throw new StoreConflict('missing', key);
      return this.#acknowledged({
        key,
        object: atRevision(this.#values.removed(key, removed[0]), revision),
        revision,
      });
    }
    const { revision, found } = await this.#over(key, expected, { remove: { key: this.#keys.place(key) } });
    if (!found) throw new StoreConflict('missing', key);
    return this.#acknowledged({
      key,
      object: atRevision(this.#values.removed(key, found), revision),
      revision,
    });
  }

  async watch(...[prefix, revision, onEvent, onLost]: Parameters<Store['watch']>): Promise<() => void> {
    const history = this.#history ?? (await this.#followed());
    return history.watch(prefix, revision, onEvent, onLost);
  }

  async health(): Promise<boolean> {
    try {
      await this.#client.range(
        { key: `${this.#keys.root}health`, limit: 1 },
        { signal: this.#ending.signal, timeout: Math.max(healthTimeout, this.#patience / 4) },
      );
      this.#fine();
      return true;
    } catch (error) {
      this.#trouble(error);
      return false;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#compactions);
    this.#history?.clear();
    this.#ending.abort(new StoreUnavailable('the store is closed', 'not-done'));
    for (const done of this.#whenFollowed.splice(0)) done();
    for (const { done } of this.#echoes) done();
    await this.#following;
    this.#client.close();
  }

  /** A write over the version that is expected. @returns what was there before. @throws StoreConflict */
  async #over(
    key: StoreKey,
    expected: number,
    operation:
      | { readonly put: { readonly key: string; readonly value: Uint8Array } }
      | { readonly remove: { readonly key: string } },
  ): Promise<{ readonly revision: number; readonly found: KeyValue | undefined }> {
    // That of no key is 0: it would be created.
    const place = this.#keys.place(key);
    const compare = [{ key: place, target: 'MOD', equal: Math.max(1, expected) }] as const;
    const { succeeded, revision, found } = await this.#write(key, async (call) =>
      this.#client.transact(
        { compare, success: [operation], failure: [{ range: { key: place, keysOnly: true } }] },
        call,
      ),
    );
    const [one] = found[0] ?? [];
    if (!succeeded) throw new StoreConflict(one ? 'changed' : 'missing', key);
    return { revision, found: one };
  }

  async #pages(prefix: string): Promise<{ readonly items: readonly Stored[]; readonly revision: number }> {
    const items: Stored[] = [];
    let revision = 0;
    const places = this.#keys.places(prefix);
    for (const place of places) revision = await this.#pagesAt(place, revision, items);
    // In etcd the order is another.
    if (places.length > 1 || prefix === places[0]) items.sort((one, other) => (one.key < other.key ? -1 : 1));
    return { items, revision };
  }

  /** @param at the revision to read at; 0: the newest. @returns the revision at which it was so. */
  async #pagesAt(place: string, at: number, items: Stored[]): Promise<number> {
    let key: string | Uint8Array = place;
    const end = prefixEnd(key);
    let revision = at;
    for (let limit = pageSize; ; ) {
      try {
        const page = await this.#asking(async (call) =>
          this.#client.range({ key, end, revision, limit }, call),
        );
        const first = page.items[0];
        // Else a list would never end.
        if (first && Buffer.compare(first.key, Buffer.from(key as string)) < 0)
          throw new StoreFailure('etcd repeats the keys of a list');
        if (revision === 0) ({ revision } = page);
        for (const item of page.items) {
          const found = this.#keys.keyAt(item.key);
          if (found !== undefined) items.push(this.#listed(found, item));
        }
        const last = page.items.at(-1);
        if (!page.more || !last) return revision;
        key = Buffer.concat([last.key, Buffer.alloc(1)]);
      } catch (error) {
        if (!(error instanceof AnswerTooLong)) throw error;
        if (limit === 1) throw new StoreFailure(error.message, { cause: error });
        limit = Math.max(1, Math.floor(limit / 8));
      }
    }
  }

  #put(key: StoreKey, object: KubeObject): { readonly key: string; readonly value: Uint8Array } {
    const place = this.#keys.place(key);
    return { key: place, value: this.#values.seal(key, place, object) };
  }

  /** @throws UnreadableValue, in kube-apiserver's words for a list. */
  #listed(key: StoreKey, item: KeyValue): Stored {
    try {
      return this.#stored(key, item);
    } catch (error) {
      if (!(error instanceof UnreadableValue)) throw error;
      const { place, message } = error;
      throw new UnreadableValue(place, `unable to transform key ${JSON.stringify(place)}: ${message}`);
    }
  }

  #stored(key: StoreKey, item: KeyValue): Stored {
    const { object, stale } = this.#values.open(key, item);
    return {
      key,
      object: atRevision(object, item.modRevision),
      revision: item.modRevision,
      ...(stale ? { stale } : {}),
    };
  }

  /** Resolves when the stream has reported it, so that watchers know it, or after a time limit. */
  async #acknowledged(stored: Stored): Promise<Stored> {
    if (stored.revision <= this.#delivered || this.#ending.signal.aborted) return stored;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#echoes.delete(echo);
        resolve();
      };
      const { revision } = stored;
      const echo = { revision, done };
      const stream = this.#stream;
      const timer = setTimeout(() => {
        done();
        // A stream that says nothing and is not broken either is given up in the end.
        setTimeout(
          () =>
            this.#delivered < revision &&
            stream.abort(new BrokenAnswer('the watch says nothing of what was written')),
          this.#silence,
        ).unref();
      }, defaults.echo);
      this.#echoes.add(echo);
    });
    return stored;
  }

  /** Asks until it is answered. @throws StoreUnavailable, StoreCompacted, StoreFailure */
  async #read<T>(ask: (call: CallOptions) => Promise<T>): Promise<T> {
    try {
      return await this.#asking(ask);
    } catch (error) {
      throw error instanceof AnswerTooLong ? new StoreFailure(error.message, { cause: error }) : error;
    }
  }

  /** The same. @throws AnswerTooLong as well */
  async #asking<T>(ask: (call: CallOptions) => Promise<T>): Promise<T> {
    const until = performance.now() + this.#patience;
    return this.#ask(
      async ({ signal, timeout = this.#timeout }) =>
        ask({ signal, timeout: Math.max(1, Math.min(timeout, until - performance.now())) }),
      () => true,
    );
  }

  /** Asks until it has been sent. @throws StoreUnavailable, StoreFull, StoreFailure */
  async #write<T>(key: StoreKey, ask: (call: CallOptions) => Promise<T>): Promise<T> {
    try {
      return await this.#ask(ask, wasNotDone);
    } catch (error) {
      if (error instanceof EtcdRefusal && error.message.includes('database space exceeded'))
        throw new StoreFull(key);
      // It was sent.
      throw error instanceof AnswerTooLong ? unavailable(error) : error;
    }
  }

  async #ask<T>(
    ask: (call: CallOptions) => Promise<T>,
    mayBeAskedAgain: (error: unknown) => boolean,
  ): Promise<T> {
    const { signal } = this.#ending;
    const until = performance.now() + this.#patience;
    for (let wait: number = backoff.first; ; wait = Math.min(wait * 2, backoff.most)) {
      try {
        signal.throwIfAborted();
        const answer = await ask({ signal, timeout: this.#timeout });
        this.#fine();
        return answer;
      } catch (error) {
        if (error instanceof AnswerTooLong || error instanceof StoreFailure) throw error;
        if (error instanceof EtcdRefusal && !isTrouble(error)) {
          this.#fine();
          if (/required revision has been compacted/.test(error.message))
            throw new StoreCompacted(error.message);
          throw error.message.includes('database space exceeded')
            ? error
            : new StoreFailure(error.message, { cause: error });
        }
        if (!(error instanceof Unreachable || error instanceof BrokenAnswer || error instanceof EtcdRefusal))
          throw error;
        this.#trouble(error);
        if (!mayBeAskedAgain(error) || performance.now() + wait > until) throw unavailable(error);
        await pause(wait, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** The history, when there is one. @throws StoreUnavailable */
  async #followed(): Promise<StoreHistory> {
    if (!this.#history && !this.#ending.signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#patience);
        this.#whenFollowed.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    if (!this.#history) throw new StoreUnavailable('etcd cannot be watched', 'not-done');
    return this.#history;
  }

  /** Keeps the one stream from etcd going until the store is closed. */
  async #follow(): Promise<void> {
    const { signal } = this.#ending;
    for (let wait: number = backoff.first; !signal.aborted; wait = Math.min(wait * 2, backoff.most)) {
      try {
        const history = this.#history ?? (await this.#beginHistory());
        const revision = this.#delivered + 1;
        this.#stream = new AbortController();
        await this.#client.watch(
          { key: this.#keys.root, end: prefixEnd(this.#keys.root), revision },
          AbortSignal.any([signal, this.#stream.signal]),
          (answer) => {
            this.#hear(history, answer);
            wait = backoff.first;
          },
        );
        this.#trouble(new BrokenAnswer('etcd ended the watch'));
      } catch (error) {
        if (error instanceof Gone) this.#lose(error.revision);
        else if (!(error instanceof Replaced)) this.#trouble(error);
      }
      await pause(wait, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** @throws as the client. */
  async #beginHistory(): Promise<StoreHistory> {
    const { revision } = await this.#client.range(
      { key: this.#keys.root, end: prefixEnd(this.#keys.root), countOnly: true },
      { signal: this.#ending.signal, timeout: this.#timeout },
    );
    this.#delivered = Math.max(0, revision - replayed);
    this.#history = new StoreHistory(this.#delivered, this.#options.history);
    for (const done of this.#whenFollowed.splice(0)) done();
    return this.#history;
  }

  /** etcd has compacted revisions that were not reported yet. */
  #lose(upTo: number): void {
    this.#partly = undefined;
    this.#delivered = Math.max(this.#delivered, upTo);
    if (!this.#history?.lose(this.#delivered)) return;
    this.#report('compacted', {
      en: `etcd has compacted the history up to revision ${upTo}: watchers must list again`,
      ko: `etcd에는 리비전 ${upTo}까지의 변경 기록이 남아 있지 않습니다. watch하던 클라이언트는 목록을 다시 읽어야 합니다`,
    });
  }

  /** It has not come as far as it had been: its data is older, or not the same. @throws Replaced */
  #replace(history: StoreHistory, revision: number): never {
    this.#partly = undefined;
    const hadWatches = history.replace(revision);
    this.#delivered = revision;
    if (hadWatches)
      this.#report('replaced', {
        en: `etcd is back at revision ${revision}: its data is older than before, and watchers must list again`,
        ko: `etcd의 리비전이 ${revision}까지 되돌아갔습니다. 데이터가 이전 상태이므로 watch하던 클라이언트는 목록을 다시 읽어야 합니다`,
      });
    throw new Replaced();
  }

  /** @throws Gone, Replaced */
  #hear(history: StoreHistory, { created, canceled, events, fragment, revision }: WatchAnswer): void {
    if (canceled?.compacted !== undefined) throw new Gone(canceled.compacted);
    if (canceled) throw new BrokenAnswer(`etcd canceled the watch: ${canceled.reason}`);
    if (created) {
      this.#fine();
      if (revision < this.#delivered) return this.#replace(history, revision);
    }
    for (const event of events) this.#hearEvent(history, event);
    if (fragment) return;
    // Reported completely. Progress without events is newer than everything that was reported.
    const last = events.at(-1)?.item.modRevision ?? (created ? 0 : revision);
    this.#tell(last);
  }

  #hearEvent(history: StoreHistory, event: WatchedEvent): void {
    const revision = event.item.modRevision;
    const key = this.#keys.keyAt(event.item.key);
    if (revision <= this.#delivered || key === undefined) return;
    if (this.#partly?.revision !== revision) {
      if (this.#partly) this.#tell(this.#partly.revision);
      this.#partly = { revision, keys: new Set() };
    }
    if (this.#partly.keys.has(key)) return;
    this.#partly.keys.add(key);
    // The deleted object must be known: its watchers are selected by it.
    if (event.type === 'DELETE' && !event.previous) throw new Gone(revision);
    const change = this.#values.event(key, event);
    if (change) history.add(change, event.item.value.length + (event.previous?.value.length ?? 0));
    if (event.type === 'PUT' && change?.type !== 'ADDED' && change?.type !== 'MODIFIED')
      this.#report('unreadable', {
        en: `the value of ${this.#keys.place(key)} in etcd cannot be read: it is no object, or encrypted under a key that is not configured`,
        ko: `etcd의 ${this.#keys.place(key)} 값을 읽을 수 없습니다. 객체가 아니거나, 설정에 없는 키로 암호화되어 있습니다`,
      });
  }

  #tell(revision: number): void {
    if (revision <= this.#delivered) return;
    this.#delivered = revision;
    this.#partly = undefined;
    for (const { revision: waitsFor, done } of this.#echoes) if (waitsFor <= revision) done();
  }

  /**
   * As in kube-apiserver, so that several servers do it only once: the key holds the revision, and the server that
   * advances it compacts up to the previous one.
   */
  async #compact(): Promise<void> {
    const { version, revision } = this.#compaction;
    const call = { signal: this.#ending.signal, timeout: this.#timeout };
    const key = compactionKey;
    try {
      const answer = await this.#client.transact(
        {
          compare: [{ key, target: 'VERSION', equal: version }],
          success: [{ put: { key, value: String(revision) } }],
          failure: [{ range: { key } }],
        },
        call,
      );
      this.#compaction = {
        version: answer.succeeded ? version + 1 : (answer.found[0]?.[0]?.version ?? 0),
        revision: answer.revision,
      };
      if (answer.succeeded && revision > 0) await this.#client.compact(revision, call);
    } catch (error) {
      // Another process has done it, or it is done the next time.
      if (!(error instanceof EtcdRefusal)) this.#trouble(error);
    }
  }

  #fine(): void {
    if (this.#state === 'connected') return;
    const regained = this.#state === 'lost';
    this.#state = 'connected';
    if (regained) this.#report('regained', { en: 'etcd answers again', ko: 'etcd가 다시 응답합니다' });
    else this.#report('connected', { en: 'etcd answers', ko: 'etcd가 응답합니다' });
  }

  #trouble(error: unknown): void {
    if (this.#state === 'lost' || this.#ending.signal.aborted) return;
    this.#state = 'lost';
    const why = whyOf(error);
    this.#report('lost', {
      en: `etcd does not answer: ${why.en}`,
      ko: `etcd가 응답하지 않습니다: ${why.ko}`,
    });
  }

  #report(kind: StoreReport['kind'], text: Localized): void {
    this.#options.onReport?.({ kind, text });
  }
}

/** Events up to a revision are no longer reported. */
class Gone extends Error {
  readonly revision: number;

  constructor(revision: number) {
    super();
    this.revision = revision;
  }
}

/** The stream must restart at another revision. */
class Replaced extends Error {}
