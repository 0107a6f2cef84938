/**
 * The bytes explorer of a page: connections, their messages, the bytes of one, its fields, and what the byte under the
 * cursor means. It decides what is chosen; the panes draw it, and the page's data says it.
 */
import { itemStates, senders } from '../bytes/format.ts';
import type { ConnectionEntry, Item } from '../bytes/format.ts';
import { Data, Fields, ItemBytes } from './data.ts';
import type { LoadedItem, ReadingName } from './data.ts';
import { make, sign } from './dom.ts';
import { Dump, digits } from './dump.ts';
import type { Stretch } from './dump.ts';
import { onLanguage } from './language.ts';
import { List } from './list.ts';
import type { RowLook } from './list.ts';
import { arrows, bytesText, hexOffset, say, sizeText, words } from './words.ts';

/** What is shown of a message. */
interface Shown {
  readonly loaded: LoadedItem;
  readonly bytes: ItemBytes;
  readonly fields: Fields;
  readonly secrets: readonly (Stretch & { readonly label: number })[];
}

/** A screen reader is told of a byte when the cursor rests on it, in milliseconds. */
const restsAfter = 150;

/** In the other reading a message is looked for among so many on either side of its place. */
const mostAround = 500;

/** The message of a place is looked for among so many of its connection. */
const mostLinked = 2000;

/** Fields nested deeper are not set in further. */
const deepest = 8;

export interface ExplorerLook {
  /** Its one connection is that of a list elsewhere on the page: it has no list of its own. */
  readonly isAlone?: boolean;
}

export class Explorer {
  readonly #data: Data;
  readonly #connections: List;
  readonly #items: List;
  readonly #fieldList: List;
  readonly #dump: Dump;
  readonly #keys = make('button', { type: 'button', class: 'keys', 'aria-pressed': 'false' });
  readonly #note = make('p', { class: 'note' });
  readonly #alert = make('p', { class: 'remark', role: 'alert' });
  readonly #explanation = make('div', { class: 'explanation', role: 'region' });
  readonly #live = make('div', { class: 'spoken', role: 'status', 'aria-live': 'polite' });
  readonly #help = make('p', { class: 'spoken', id: 'bytes-keys-help' });
  #reading: ReadingName = 'sealed';
  #connection: ConnectionEntry | undefined;
  #shown: Shown | undefined;
  /** The marked field, and the one under the mouse. */
  #field = -1;
  #hovered: number | undefined;
  #speaking: ReturnType<typeof setTimeout> | undefined;
  /** Of what is to be shown: an older one that is read later is not. */
  #turn = 0;
  readonly #closing = new AbortController();

  constructor(root: HTMLElement, data: Data, { isAlone = false }: ExplorerLook = {}) {
    this.#data = data;
    this.#connections = new List({
      role: 'listbox',
      look: (index) => this.#connectionLook(index),
      load: (first, end) => this.#loadConnections(first, end),
      onChosen: (index) => void this.#try(() => this.#showConnection(index)),
    });
    this.#items = new List({
      role: 'listbox',
      look: (index) => this.#itemLook(index),
      load: (first, end) => this.#loadItems(first, end),
      onChosen: (index) => void this.#try(() => this.#showItem(index)),
    });
    this.#fieldList = new List({
      role: 'tree',
      look: (index) => this.#fieldLook(index),
      load: () => Promise.resolve(),
      onChosen: (index) => this.#chooseField(index),
    });
    this.#dump = new Dump({
      onCursor: (offset) => this.#onCursor(offset),
      onHover: (offset) => this.#onHover(offset),
      onAround: () => this.#markAround(),
    });
    this.#dump.element.setAttribute('aria-describedby', this.#help.id);
    this.#keys.addEventListener('click', () => void this.#try(() => this.#turnKeys()));
    this.#keys.hidden = !data.index.hasKeys;
    this.#note.hidden = !data.index.isMasked;
    root.append(
      make(
        'div',
        { class: isAlone ? 'panes alone' : 'panes' },
        make('div', { class: 'tools' }, this.#keys, this.#note, this.#alert),
        ...(isAlone ? [] : [this.#connections.element]),
        this.#items.element,
        this.#dump.element,
        make('div', { class: 'meaning' }, this.#explanation, this.#fieldList.element),
        this.#live,
        this.#help,
      ),
    );
    this.#connections.element.classList.add('connections');
    this.#items.element.classList.add('items');
    this.#fieldList.element.classList.add('fields');
    const stop = onLanguage(() => this.#say());
    const { signal } = this.#closing;
    signal.addEventListener('abort', stop);
    window.addEventListener('hashchange', () => void this.#try(() => this.#follow(location.hash)), {
      signal,
    });
    this.#say();
  }

  async begin(): Promise<void> {
    await this.#data.load();
    const count = this.#data.connectionCount;
    this.#connections.show(count, count > 0 ? 0 : -1);
    if (await this.#follow(location.hash)) return;
    if (count > 0) await this.#showConnection(0);
  }

  /** It is replaced by another: it hears nothing more. */
  close(): void {
    this.#closing.abort();
    this.#turn++;
    clearTimeout(this.#speaking);
  }

  /** Data that cannot be read is said, and everything else stays as it is. */
  async #try(act: () => Promise<unknown>): Promise<void> {
    try {
      this.#alert.textContent = '';
      await act();
    } catch (error) {
      this.#alert.textContent = `${say(words.broken)} (${String(error)})`;
    }
  }

  /** Everything in the language of the page. */
  #say(): void {
    this.#connections.label = say(words.connections);
    this.#items.label = say(words.records);
    this.#fieldList.label = say(words.fields);
    this.#dump.label = say(words.dump);
    this.#explanation.setAttribute('aria-label', say(words.explanation));
    this.#keys.textContent = say(words.keysSwitch);
    this.#note.textContent = say(words.masked);
    this.#help.textContent = say(words.keysHelp);
    this.#connections.redraw();
    this.#items.redraw();
    this.#fieldList.redraw();
    this.#explain();
    // What was said last stays to be read, in one language.
    if (this.#live.textContent) this.#speak();
  }

  // Connections.

  #connectionLook(index: number): RowLook | undefined {
    const entry = this.#data.connectionNow(index);
    if (!entry) return undefined;
    const place = say(entry.place);
    const ends = `${say(entry.client)} → ${say(entry.server)}`;
    const sizes = entry.bytes.flatMap((count, index) => [
      ...sign(arrows[index + 1] ?? '', say(this.#data.index.words.directions[index + 1] ?? '')),
      ` ${sizeText(count)} `,
    ]);
    return {
      text: [
        make('span', { class: 'main' }, place),
        make('span', { class: 'aside' }, ends),
        make('span', { class: 'size' }, ...sizes),
      ],
    };
  }

  async #loadConnections(first: number, end: number): Promise<void> {
    const indices = Array.from({ length: end - first }, (_, index) => first + index);
    await Promise.all(indices.map((index) => this.#data.connection(index)));
  }

  /** @param item the one to be shown, counted from 0 in its connection; the first with bytes unless given */
  async #showConnection(index: number, item?: number): Promise<void> {
    const turn = ++this.#turn;
    const entry = await this.#data.connection(index);
    if (!entry || turn !== this.#turn) return;
    this.#connection = entry;
    this.#connections.mark(index);
    const [, count] = entry[this.#reading];
    const chosen = item ?? (await this.#firstWithBytes(entry));
    if (turn !== this.#turn) return;
    this.#items.show(count, chosen);
    await this.#showItem(chosen);
  }

  async #firstWithBytes({ [this.#reading]: [first, count] }: ConnectionEntry): Promise<number> {
    for (let index = 0; index < Math.min(count, 50); index++)
      if ((await this.#data.item(this.#reading, first + index))?.item.parts.length) return index;
    return 0;
  }

  // Messages.

  #itemNow(index: number): LoadedItem | undefined {
    const [first = 0] = this.#connection?.[this.#reading] ?? [];
    return this.#data.itemNow(this.#reading, first + index);
  }

  #itemLook(index: number): RowLook | undefined {
    const loaded = this.#itemNow(index);
    if (!loaded) return undefined;
    const { item, texts } = loaded;
    const title = say(texts[item.title] ?? '');
    const facts = say(texts[item.facts ?? -1] ?? '');
    const state = say(this.#data.index.words.states[item.state] ?? '');
    const size = item.length > 0 ? sizeText(item.length) : '';
    const time = `${(item.at / 1e6).toFixed(3)} s`;
    return {
      text: [
        make('span', { class: 'time' }, time),
        ...sign(arrows[item.from] ?? '', say(this.#data.index.words.directions[item.from] ?? '')),
        make('span', { class: 'main' }, title),
        make('span', { class: 'size' }, size),
        make('span', { class: `state ${stateClasses[item.state] ?? ''}` }, state),
        make('span', { class: 'aside' }, facts),
      ],
      ...(item.isInside ? { className: 'inside' } : {}),
    };
  }

  async #loadItems(first: number, end: number): Promise<void> {
    const [start = 0] = this.#connection?.[this.#reading] ?? [];
    const indices = Array.from({ length: end - first }, (_, index) => start + first + index);
    await Promise.all(indices.map((index) => this.#data.item(this.#reading, index)));
  }

  async #showItem(index: number): Promise<void> {
    const turn = ++this.#turn;
    const [first = 0, count = 0] = this.#connection?.[this.#reading] ?? [];
    const loaded = count === 0 ? undefined : await this.#data.item(this.#reading, first + index);
    if (turn !== this.#turn) return;
    this.#items.mark(index);
    if (!loaded) return;
    const { item } = loaded;
    const secrets = [];
    for (let at = 0; at < (item.secrets?.length ?? 0); at += 3) {
      const [start = 0, length = 0, label = 0] = item.secrets?.slice(at, at + 3) ?? [];
      secrets.push({ start, end: start + length, label });
    }
    const bytes = new ItemBytes(this.#data, item);
    const fields = new Fields(this.#data, loaded);
    this.#shown = { loaded, bytes, fields, secrets };
    this.#hovered = undefined;
    this.#dump.show({ bytes, fields, offset: item.offset, length: item.length, secrets });
    this.#field = bytes.length > 0 ? fields.innermostAt(0) : -1;
    this.#fieldList.show(fields.count, this.#field);
    this.#dump.mark(this.#stretchOf(this.#field), false);
    this.#explain();
    const isFor = this.#shown;
    await bytes.load(0, 1);
    if (isFor === this.#shown) this.#speak();
  }

  /** Shows the same message as the other reading has it: what was at its place. */
  async #turnKeys(): Promise<void> {
    const before = await this.#onWire(this.#items.chosen);
    const near = this.#items.chosen;
    this.#turnTo(other[this.#reading]);
    const item = before && (await this.#sameIn(before, near));
    await this.#showConnection(Math.max(0, this.#connections.chosen), item);
  }

  #turnTo(reading: ReadingName): void {
    this.#reading = reading;
    this.#keys.setAttribute('aria-pressed', String(reading === 'opened'));
  }

  /** A message, or the record that brought it where it is the content of one. */
  async #onWire(index: number): Promise<Item | undefined> {
    const [first] = this.#connection?.[this.#reading] ?? [];
    const chosen = this.#shown?.loaded.item;
    if (first === undefined || !chosen?.isInside) return chosen;
    for (let before = index - 1; before >= Math.max(0, index - mostAround); before--) {
      const item = (await this.#data.item(this.#reading, first + before))?.item;
      if (item && !item.isInside && item.from === chosen.from) return item;
    }
    return chosen;
  }

  /** Searched around the place that it would have. */
  async #sameIn(before: Item, near: number): Promise<number | undefined> {
    const entry = this.#connection;
    if (!entry) return undefined;
    const [first, count] = entry[this.#reading];
    const [, others] = entry[other[this.#reading]];
    const start = Math.max(0, Math.floor((near * count) / Math.max(1, others)) - mostAround);
    for (let index = start; index < Math.min(count, start + 2 * mostAround); index++) {
      const item = (await this.#data.item(this.#reading, first + index))?.item;
      if (!item || item.at > before.at) return undefined;
      const { from, offset, length, isInside } = item;
      if (from !== before.from || isInside !== before.isInside) continue;
      if (offset === before.offset || (offset < before.offset && before.offset < offset + length))
        return index;
    }
    return undefined;
  }

  /**
   * `#bytes-sealed-12`: a message by its number in a reading. `#bytes-at-3-wire-client-0-517`: the first message with bytes
   * of a place. Returns whether it was one.
   */
  async #follow(hash: string): Promise<boolean> {
    const [, reading, number] = /^#bytes-(sealed|opened)-(\d+)$/.exec(hash) ?? [];
    if (reading === undefined || number === undefined) return this.#followPlace(hash);
    this.#turnTo(reading === 'opened' ? 'opened' : 'sealed');
    const index = await this.#connectionOf(Number(number));
    const entry = await this.#data.connection(index);
    if (!entry) return false;
    return this.#lead(index, Number(number) - entry[this.#reading][0]);
  }

  async #followPlace(hash: string): Promise<boolean> {
    const [, conn, vantage, from, offset = '', length = ''] =
      /^#bytes-at-(\d+)-(wire|plaintext)-(client|server)-(\d+)-(\d+)$/.exec(hash) ?? [];
    if (conn === undefined) return false;
    const [start, end] = [Number(offset), Number(offset) + Math.max(1, Number(length))];
    const sender = senders.indexOf(from === 'server' ? 'server' : 'client');
    for (let index = 0; index < this.#data.connectionCount; index++) {
      const entry = await this.#data.connection(index);
      if (entry?.conn !== Number(conn)) continue;
      for (const reading of ['sealed', 'opened'] as const) {
        const [first, count] = entry[reading];
        for (let at = 0; at < Math.min(count, mostLinked); at++) {
          const item = (await this.#data.item(reading, first + at))?.item;
          if (!item || item.from !== sender || (item.isInside === 1) !== (vantage === 'plaintext')) continue;
          if (item.offset >= end || item.offset + item.length <= start) continue;
          this.#turnTo(reading);
          return this.#lead(index, at);
        }
      }
      return this.#lead(index);
    }
    return false;
  }

  /** Shows a message of a connection, and goes there. */
  async #lead(index: number, item?: number): Promise<boolean> {
    await this.#showConnection(index, item);
    this.#dump.element.scrollIntoView({ block: 'nearest' });
    this.#dump.element.focus({ preventScroll: true });
    return true;
  }

  /** The connection that has an item: they are in order. */
  async #connectionOf(number: number): Promise<number> {
    let [low, high] = [0, this.#data.connectionCount - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const entry = await this.#data.connection(middle);
      if ((entry?.[this.#reading][0] ?? Infinity) <= number) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  // Bytes and fields.

  #stretchOf(index: number): Stretch {
    const field = this.#shown?.fields.at(index);
    return field ? { start: field.start, end: field.end } : { start: 0, end: 0 };
  }

  #onCursor(offset: number): void {
    this.#hovered = undefined;
    this.#markField(this.#shown?.fields.innermostAt(offset) ?? -1);
  }

  #onHover(offset: number | undefined): void {
    if (offset === this.#hovered) return;
    this.#hovered = offset;
    const index = offset === undefined ? this.#field : (this.#shown?.fields.innermostAt(offset) ?? -1);
    this.#dump.mark(this.#stretchOf(index), false);
    this.#explain();
  }

  #chooseField(index: number): void {
    this.#field = index;
    this.#hovered = undefined;
    const stretch = this.#stretchOf(index);
    if (stretch.end > stretch.start) this.#dump.place(stretch.start);
    this.#dump.mark(stretch, true);
    this.#explain();
    this.#speak();
  }

  #markAround(): void {
    const around = this.#shown?.fields.around(this.#field) ?? -1;
    const innermost = this.#shown?.fields.innermostAt(this.#dump.cursor) ?? -1;
    this.#markField(around >= 0 ? around : innermost);
  }

  #markField(index: number): void {
    this.#field = index;
    this.#fieldList.mark(index);
    this.#dump.mark(this.#stretchOf(index), false);
    this.#explain();
    this.#speak();
  }

  #fieldLook(index: number): RowLook | undefined {
    const field = this.#shown?.fields.at(index);
    if (!field) return { text: [] };
    const [name, value] = [say(field.name), say(field.value)];
    const depth = Math.min(deepest, field.depth);
    return {
      text: [make('span', { class: `main depth-${depth}` }, name), make('span', { class: 'value' }, value)],
      level: field.depth + 1,
    };
  }

  /** What is said of the byte under the mouse, or else of the marked field. */
  #explain(): void {
    const shown = this.#shown;
    const { loaded } = shown ?? {};
    if (!shown || !loaded) return this.#explanation.replaceChildren();
    const { item, texts } = loaded;
    const at = this.#hovered ?? this.#dump.cursor;
    const index = this.#hovered === undefined ? this.#field : shown.fields.innermostAt(this.#hovered);
    const field = shown.fields.at(index);
    const secret = shown.secrets.find(({ start, end }) => start <= at && at < end);
    const parts: Node[] = [];
    const add = (name: 'h3' | 'h4' | 'p', className: string, text: string): void => {
      if (text) parts.push(make(name, { class: className }, text));
    };
    if (!field) {
      add('h3', 'name', say(texts[item.title] ?? ''));
      const isDrawn = itemStates[item.state] === 'reconstructed';
      add('p', 'meaning-text', isDrawn ? say(this.#data.index.words.reconstructed) : '');
    } else {
      add('h3', 'name', say(field.name));
      const { words: said } = field;
      if (say(field.value)) add('p', 'value', `${say(words.value)}: ${say(field.value)}`);
      // Words of the field around it are said under its name.
      const around = said && say(said.name) !== say(said.ownName) ? `${say(said.name)}: ` : '';
      add('p', 'meaning-text', `${around}${said ? say(said.meaning) : ''}`);
      for (const remark of field.remarks) add('p', 'remark', `! ${say(remark)}`);
      const [offset, count] = [hexOffset(item.offset + field.start), say(bytesText(field.end - field.start))];
      add('p', 'dim', say([words.fieldPlace.en(offset, count), words.fieldPlace.ko(offset, count)]));
      add('p', 'dim', [said?.id, said?.source].filter(Boolean).join(' · '));
    }
    if (secret) add('p', 'remark', `! ${say(words.secret)}: ${say(texts[secret.label] ?? '')}`);
    const concluded = (item.conclusions ?? []).map((number) => texts[number] ?? '');
    if (concluded.length > 0) {
      add('h4', 'name', say(words.concluded));
      for (const text of concluded) add('p', 'concluded', say(text));
    }
    this.#explanation.replaceChildren(...parts);
  }

  /** "offset 0x2b, value 16, ServerHello, cipher suite" */
  #speak(): void {
    clearTimeout(this.#speaking);
    this.#speaking = setTimeout(() => {
      const shown = this.#shown;
      if (!shown || shown.bytes.length === 0) {
        this.#live.textContent = shown ? say(words.noBytes) : '';
        return;
      }
      const { item, texts } = shown.loaded;
      const at = this.#dump.cursor;
      const byte = shown.bytes.now(at, 1)?.[0];
      const isSecret = shown.secrets.some(({ start, end }) => start <= at && at < end);
      const field = shown.fields.at(this.#field);
      this.#live.textContent = [
        say([`offset ${hexOffset(item.offset + at)}`, `오프셋 ${hexOffset(item.offset + at)}`]),
        `${say(words.value)} ${byte === undefined ? '' : (digits[byte] ?? '')}`,
        say(texts[item.title] ?? ''),
        field ? say(field.name) : '',
        isSecret ? say(words.secret) : '',
      ]
        .filter(Boolean)
        .join(', ');
    }, restsAfter);
  }
}

const other = { sealed: 'opened', opened: 'sealed' } as const satisfies Record<ReadingName, ReadingName>;

/** In the order of `itemStates`. */
const stateClasses = ['', 'leaked', 'sealed', 'opened', ''] as const;
