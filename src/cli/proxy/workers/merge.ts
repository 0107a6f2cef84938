/**
 * Merges the numbered items of several sources into one order. Each source is in order itself; an item is delivered as
 * soon as no source can still bring a lower one.
 *
 * 1. A source that has nothing to say is asked how far it is (`ask`), after a moment in which it may say so by itself.
 * 2. A source that does not answer within `patience` is not waited for until it speaks again: its items may then come
 *    after higher ones, but nothing is held back for long, and nothing is lost.
 */

export interface MergeOptions<Item> {
  readonly deliver: (item: Item) => void;
  /** Called after the last item of a round was delivered. */
  readonly onRound?: () => void;
  /** How long the others wait for a source, in milliseconds. */
  readonly patience?: number;
}

/** A moment in which a source usually says by itself how far it is, in milliseconds. */
const moment = 10;

/** Long enough for a busy machine, short enough for what is recorded to be on the disk within a second. */
const usualPatience = 600;

export interface MergeSource<Item> {
  /** The items that wait. */
  readonly waiting: number;
  put(seq: number, item: Item): void;
  /** It will have no item below this number. */
  reached(seq: number): void;
  /** It will have no further item. */
  end(): void;
}

class Source<Item> implements MergeSource<Item> {
  readonly #onChange: (source: Source<Item>) => void;
  readonly ask: () => void;
  #items: { readonly seq: number; readonly item: Item }[] = [];
  #next = 0;
  /** It will have no item below this number. */
  bound: number;
  /** It is not waited for: it has not spoken yet, or not for long. */
  isLate = true;
  hasEnded = false;

  constructor(ask: () => void, bound: number, onChange: (source: Source<Item>) => void) {
    this.ask = ask;
    this.bound = bound;
    this.#onChange = onChange;
  }

  get waiting(): number {
    return this.#items.length - this.#next;
  }

  get first(): number | undefined {
    return this.#items[this.#next]?.seq;
  }

  take(): Item | undefined {
    const taken = this.#items[this.#next];
    this.#next++;
    if (this.#next === this.#items.length) {
      this.#items = [];
      this.#next = 0;
    }
    return taken?.item;
  }

  put(seq: number, item: Item): void {
    this.#items.push({ seq, item });
    this.isLate = false;
    this.bound = Math.max(this.bound, seq);
    this.#onChange(this);
  }

  reached(seq: number): void {
    this.isLate = false;
    this.bound = Math.max(this.bound, seq);
    this.#onChange(this);
  }

  end(): void {
    this.hasEnded = true;
    this.bound = Infinity;
    this.#onChange(this);
  }
}

export class Merge<Item> {
  readonly #options: MergeOptions<Item>;
  readonly #sources = new Set<Source<Item>>();
  #timer: NodeJS.Timeout | undefined;
  #isHeld = true;
  #isPlanned = false;

  constructor(options: MergeOptions<Item>) {
    this.#options = options;
  }

  /** Nothing is delivered before. */
  begin(): void {
    this.#isHeld = false;
    this.#deliver();
  }

  /** @param ask requests that the source says how far it is; a source without `ask` is never waited for. */
  source(ask?: () => void): MergeSource<Item> {
    const source = new Source<Item>(ask ?? (() => {}), ask ? 0 : Infinity, () => this.#plan());
    this.#sources.add(source);
    return source;
  }

  /** Delivers everything that waits, in order. */
  finish(): void {
    this.#isHeld = false;
    for (const source of this.#sources) source.bound = Infinity;
    this.#deliver();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Once for everything that comes in one turn. */
  #plan(): void {
    if (this.#isPlanned || this.#isHeld) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    let given = 0;
    for (let next = this.#lowest(); next; next = this.#lowest()) {
      const item = next.take();
      if (item !== undefined) this.#options.deliver(item);
      given++;
    }
    for (const source of this.#sources)
      if (source.hasEnded && source.waiting === 0) this.#sources.delete(source);
    if (given > 0) this.#options.onRound?.();
    this.#attend(given > 0);
  }

  /** The source with the lowest item, if no other may still bring a lower one. */
  #lowest(): Source<Item> | undefined {
    let lowest: Source<Item> | undefined;
    let first = Infinity;
    let bound = Infinity;
    for (const source of this.#sources) {
      const own = source.first;
      if (own === undefined) {
        if (!source.isLate && source.bound < bound) ({ bound } = source);
      } else if (own < first) {
        lowest = source;
        first = own;
      }
    }
    return first < bound ? lowest : undefined;
  }

  /** As long as something waits: asks first, and gives up then. */
  #attend(hasMoved: boolean): void {
    const isWaiting = [...this.#sources].some((source) => source.waiting > 0);
    if (!isWaiting || hasMoved) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (!isWaiting || this.#timer) return;
    this.#timer = setTimeout(() => {
      const silent = this.#silent();
      for (const source of silent) source.ask();
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        for (const source of this.#silent()) source.isLate = true;
        this.#deliver();
      }, this.#options.patience ?? usualPatience);
    }, moment);
  }

  #silent(): readonly Source<Item>[] {
    return [...this.#sources].filter(({ first, isLate }) => first === undefined && !isLate);
  }
}
