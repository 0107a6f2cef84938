/** A store that is as small as a store can be, for the tests of who reads from one. */
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { StoreCompacted, StoreConflict } from '../../../src/kube/store/store.ts';
import type { Store, Stored, StoreEvent } from '../../../src/kube/store/store.ts';

export class TinyStore implements Store {
  readonly #items = new Map<string, Stored>();
  readonly #watches = new Map<(event: StoreEvent) => void, (why: StoreCompacted) => void>();
  /** So many watches are told that their revision is gone. */
  compacted = 0;
  #revision = 0;

  get watches(): number {
    return this.#watches.size;
  }

  async get(key: string): Promise<Stored | undefined> {
    return Promise.resolve(this.#items.get(key));
  }

  async missing(keys: readonly string[]): ReturnType<Store['missing']> {
    return Promise.resolve(new Set(keys.filter((key) => !this.#items.has(key))));
  }

  async list(prefix: string): ReturnType<Store['list']> {
    return Promise.resolve({
      items: [...this.#items.values()].filter(({ key }) => key.startsWith(prefix)),
      revision: this.#revision,
    });
  }

  async create(key: string, object: KubeObject): Promise<Stored> {
    if (this.#items.has(key)) throw new StoreConflict('exists', key);
    return Promise.resolve(this.#put('ADDED', key, object));
  }

  async update(key: string, object: KubeObject): Promise<Stored> {
    return Promise.resolve(this.#put('MODIFIED', key, object));
  }

  async remove(key: string): Promise<Stored> {
    const item = this.#items.get(key);
    if (!item) throw new StoreConflict('missing', key);
    return Promise.resolve(this.#put('DELETED', key, item.object));
  }

  /** Every watch is told that events are lost: what is done meanwhile nobody hears of. */
  async lose(meanwhile: () => Promise<unknown>): Promise<void> {
    const lost = [...this.#watches.values()];
    this.#watches.clear();
    await meanwhile();
    for (const tell of lost) tell(new StoreCompacted());
  }

  async watch(...[prefix, , onEvent, onLost]: Parameters<Store['watch']>): Promise<() => void> {
    if (this.compacted-- > 0) throw new StoreCompacted();
    const tell = (event: StoreEvent): void => {
      if (event.key.startsWith(prefix)) onEvent(event);
    };
    this.#watches.set(tell, onLost);
    return Promise.resolve(() => void this.#watches.delete(tell));
  }

  async close(): Promise<void> {
    return Promise.resolve();
  }

  #put(type: StoreEvent['type'], key: string, object: KubeObject): Stored {
    const stored = { key, object, revision: ++this.#revision };
    if (type === 'DELETED') this.#items.delete(key);
    else this.#items.set(key, stored);
    for (const tell of this.#watches.keys()) tell({ type, ...stored });
    return stored;
  }
}
