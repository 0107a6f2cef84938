/**
 * Reads the explorer's data in the page (`bytes/format.ts`): blobs are decoded when they are asked for, and the newest are
 * kept.
 */
import { blobSize, elementId, fieldNumbers } from '../bytes/format.ts';
import type {
  ConnectionEntry,
  Explanation,
  ExplorerIndex,
  ExplorerTexts,
  Item,
  ItemPage,
  Text,
} from '../bytes/format.ts';

export type ReadingName = 'sealed' | 'opened';

/** An item with the texts of its page. */
export interface LoadedItem {
  readonly item: Item;
  readonly texts: readonly Text[];
}

/** Values that were asked for last. */
class Kept<T> {
  readonly #most: number;
  readonly #values = new Map<number, Promise<T>>();
  readonly #ready = new Map<number, T>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Without waiting: undefined where it is still to be read. */
  now(number: number): T | undefined {
    return this.#ready.get(number);
  }

  get(number: number, read: () => Promise<T>): Promise<T> {
    const known = this.#values.get(number);
    const value = known ?? read();
    this.#values.delete(number);
    this.#values.set(number, value);
    if (!known) void this.#note(number, value);
    for (const [oldest] of this.#values) {
      if (this.#values.size <= this.#most) break;
      this.#values.delete(oldest);
      this.#ready.delete(oldest);
    }
    return value;
  }

  async #note(number: number, value: Promise<T>): Promise<void> {
    try {
      const one = await value;
      if (this.#values.get(number) === value) this.#ready.set(number, one);
    } catch {
      // Who asked is told; the next one asks anew.
      this.#values.delete(number);
    }
  }
}

function textIn(id: string): { readonly text: string; readonly form: string | undefined } {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no ${id}`);
  return { text: element.textContent ?? '', form: element.dataset['form'] };
}

async function bytesIn(id: string): Promise<Uint8Array<ArrayBuffer>> {
  const { text, form } = textIn(id);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  if (form !== 'gzip') return bytes;
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

const valueIn = async <T>(id: string): Promise<T> =>
  JSON.parse(new TextDecoder().decode(await bytesIn(id))) as T;

/** How many of a list come before each of its pages. */
function sums(counts: readonly number[]): readonly number[] {
  let sum = 0;
  return [0, ...counts.map((count) => (sum += count))];
}

/** The page that has the thing of that number. */
function pageOf(before: readonly number[], number: number): number {
  let [low, high] = [0, before.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((before[middle] ?? 0) <= number) low = middle;
    else high = middle - 1;
  }
  return low;
}

interface ItemPages {
  readonly texts: readonly Text[];
  readonly sealed: readonly Item[];
  readonly opened: readonly Item[];
}

export class Data {
  readonly index: ExplorerIndex;
  readonly #connectionsBefore: readonly number[];
  readonly #before: Readonly<Record<ReadingName, readonly number[]>>;
  readonly #connections = new Kept<readonly ConnectionEntry[]>(20);
  readonly #items = new Kept<ItemPages>(40);
  readonly #raw = new Kept<Uint8Array>(100);
  #texts: ExplorerTexts | undefined;

  constructor() {
    this.index = JSON.parse(textIn(elementId('index')).text) as ExplorerIndex;
    this.#connectionsBefore = sums(this.index.connections);
    this.#before = {
      sealed: sums(this.index.items.map(([, sealed]) => sealed)),
      opened: sums(this.index.items.map(([, , opened]) => opened)),
    };
  }

  get connectionCount(): number {
    return this.#connectionsBefore.at(-1) ?? 0;
  }

  /** Loads the explanations, once. */
  async load(): Promise<void> {
    this.#texts ??= await valueIn<ExplorerTexts>(elementId('texts'));
  }

  explanation(number: number): Explanation | undefined {
    return this.#texts?.explanations[number];
  }

  remarks(number: number): readonly Text[] {
    return this.#texts?.remarks[number] ?? [];
  }

  async connection(number: number): Promise<ConnectionEntry | undefined> {
    const page = pageOf(this.#connectionsBefore, number);
    const read = (): Promise<readonly ConnectionEntry[]> => valueIn(elementId('connections', page));
    return (await this.#connections.get(page, read))[number - (this.#connectionsBefore[page] ?? 0)];
  }

  /** The same without waiting. */
  connectionNow(number: number): ConnectionEntry | undefined {
    const page = pageOf(this.#connectionsBefore, number);
    return this.#connections.now(page)?.[number - (this.#connectionsBefore[page] ?? 0)];
  }

  /** The item of that number in a reading, through all connections. */
  async item(reading: ReadingName, number: number): Promise<LoadedItem | undefined> {
    const page = pageOf(this.#before[reading], number);
    const found = await this.#items.get(page, () => readItems(page));
    return this.#inPage(found, reading, number, page);
  }

  itemNow(reading: ReadingName, number: number): LoadedItem | undefined {
    const page = pageOf(this.#before[reading], number);
    const found = this.#items.now(page);
    return found && this.#inPage(found, reading, number, page);
  }

  #inPage(pages: ItemPages, reading: ReadingName, number: number, page: number): LoadedItem | undefined {
    const item = pages[reading][number - (this.#before[reading][page] ?? 0)];
    return item && { item, texts: pages.texts };
  }

  /** The blob of bytes of that number. */
  raw(number: number): Promise<Uint8Array> {
    return this.#raw.get(number, () => bytesIn(elementId('raw', number)));
  }

  rawNow(number: number): Uint8Array | undefined {
    return this.#raw.now(number);
  }
}

async function readItems(page: number): Promise<ItemPages> {
  const { texts, items } = await valueIn<ItemPage>(elementId('items', page));
  return {
    texts,
    sealed: items.filter(({ readings }) => readings & 1),
    opened: items.filter(({ readings }) => readings & 2),
  };
}

/** The bytes of one item. */
export class ItemBytes {
  readonly #data: Data;
  readonly #parts: readonly number[];
  /** Where each part begins among the item's bytes, and the end. */
  readonly #starts: readonly number[];

  constructor(data: Data, { parts }: Item) {
    this.#data = data;
    this.#parts = parts;
    this.#starts = sums(parts.filter((_, at) => at % 2 === 1));
  }

  get length(): number {
    return this.#starts.at(-1) ?? 0;
  }

  /** From `from` on, at most `count`: undefined while some are still to be read. */
  now(from: number, count: number): Uint8Array | undefined {
    const bytes = new Uint8Array(Math.max(0, Math.min(count, this.length - from)));
    for (const [blob, start, length, to] of this.#pieces(from, bytes.length)) {
      const raw = this.#data.rawNow(blob);
      if (!raw) return undefined;
      bytes.set(raw.subarray(start, start + length), to);
    }
    return bytes;
  }

  /** Resolves when `now` has them. */
  async load(from: number, count: number): Promise<void> {
    const end = Math.min(from + count, this.length);
    const blobs = new Set([...this.#pieces(from, end - from)].map(([blob]) => blob));
    await Promise.all([...blobs].map((blob) => this.#data.raw(blob)));
  }

  /** Where a stretch is: blob, start and length there, place in the stretch. */
  *#pieces(from: number, count: number): Generator<readonly [number, number, number, number]> {
    if (count <= 0) return;
    let done = 0;
    for (let part = pageOf(this.#starts, from); done < count; part++) {
      const start = this.#starts[part];
      const end = this.#starts[part + 1];
      if (start === undefined || end === undefined) return;
      let address = (this.#parts[2 * part] ?? 0) + from + done - start;
      let left = Math.min(end - from - done, count - done);
      while (left > 0) {
        const within = address % blobSize;
        const length = Math.min(left, blobSize - within);
        yield [Math.floor(address / blobSize), within, length, done];
        address += length;
        done += length;
        left -= length;
      }
    }
  }
}

export interface ShownField {
  readonly words: Explanation | undefined;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly name: Text;
  readonly value: Text;
  readonly remarks: readonly Text[];
}

/** The fields of one item, outer ones before their parts. Offsets count from its first byte. */
export class Fields {
  readonly #data: Data;
  readonly #numbers: readonly number[];
  readonly #texts: readonly Text[];
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #depths: Int32Array;
  readonly count: number;

  constructor(data: Data, { item: { fields }, texts }: LoadedItem) {
    this.#data = data;
    this.#numbers = fields;
    this.#texts = texts;
    this.count = fields.length / fieldNumbers;
    this.#starts = new Int32Array(this.count);
    this.#ends = new Int32Array(this.count);
    this.#depths = new Int32Array(this.count);
    let start = 0;
    for (let index = 0; index < this.count; index++) {
      const at = index * fieldNumbers;
      start += fields[at + 1] ?? 0;
      this.#starts[index] = start;
      this.#ends[index] = start + (fields[at + 2] ?? 0);
      this.#depths[index] = fields[at + 3] ?? 0;
    }
  }

  at(index: number): ShownField | undefined {
    if (index < 0 || index >= this.count) return undefined;
    const at = index * fieldNumbers;
    const number = (place: number): number => this.#numbers[at + place] ?? 0;
    const words = this.#data.explanation(number(0));
    const text = (place: number): Text | undefined => this.#texts[number(place) - 1];
    return {
      words,
      start: this.#starts[index] ?? 0,
      end: this.#ends[index] ?? 0,
      depth: this.#depths[index] ?? 0,
      name: text(5) ?? words?.ownName ?? '',
      value: text(4) ?? '',
      remarks: this.#data.remarks(number(6)),
    };
  }

  /** The innermost field of a byte; of parts that overlap, the first. -1 where there is none. */
  innermostAt(offset: number): number {
    let [found, depth] = [-1, -1];
    for (let index = 0; index < this.count; index++) {
      const own = this.#depths[index] ?? 0;
      if (own <= depth) break;
      if (own === depth + 1 && (this.#starts[index] ?? 0) <= offset && offset < (this.#ends[index] ?? 0))
        [found, depth] = [index, own];
    }
    return found;
  }

  /** The field around another; -1 for an outermost one. */
  around(index: number): number {
    const depth = this.#depths[index] ?? 0;
    for (let before = index - 1; before >= 0; before--)
      if ((this.#depths[before] ?? 0) < depth) return before;
    return -1;
  }

  /** The innermost field of each byte of a stretch, as `innermostAt` finds it. */
  innermostIn(from: number, count: number): Int32Array {
    const found = new Int32Array(count).fill(-1);
    const open: number[] = [];
    const close = (depth: number): void => {
      for (let index = open.at(-1); index !== undefined; index = open.at(-1)) {
        if ((this.#depths[index] ?? 0) < depth) return;
        open.pop();
        const end = Math.min(count, (this.#ends[index] ?? 0) - from);
        for (let at = Math.max(0, (this.#starts[index] ?? 0) - from); at < end; at++)
          if (found[at] === -1) found[at] = index;
      }
    };
    for (let index = 0; index < this.count; index++) {
      close(this.#depths[index] ?? 0);
      open.push(index);
    }
    close(0);
    return found;
  }
}
