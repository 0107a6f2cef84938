/**
 * The bytes of one message as a dump: offset, hex, and letters. It draws what is in view, moves the cursor, and says which
 * byte the cursor or the mouse is on; what a byte means is decided by `explorer.ts`.
 */
import type { Fields, ItemBytes } from './data.ts';
import { make, newId } from './dom.ts';
import { VirtualRows } from './virtual.ts';
import { say, words } from './words.ts';

export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export interface Dumped {
  readonly bytes: ItemBytes;
  readonly fields: Fields;
  /** Of the first byte, in its direction. */
  readonly offset: number;
  /** In bytes; those beyond `bytes` were not captured. */
  readonly length: number;
  readonly secrets: readonly Stretch[];
}

export interface DumpOptions {
  readonly onCursor: (offset: number) => void;
  /** The mouse is on a byte; undefined when it has left them. */
  readonly onHover: (offset: number | undefined) => void;
  /** The field around the marked one is asked for. */
  readonly onAround: () => void;
}

/** Two digits of each byte. */
export const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const letter = (byte: number): string => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·');

export class Dump {
  readonly element: HTMLElement;
  readonly #options: DumpOptions;
  readonly #rows: VirtualRows;
  readonly #sheet: HTMLElement;
  readonly #ids = newId();
  #shown: Dumped | undefined;
  #columns = 16;
  #cursor = 0;
  #marked: Stretch = { start: 0, end: 0 };
  /** The cells that are drawn, by offset. */
  #cells = new Map<number, readonly [hex: HTMLElement, letter: HTMLElement]>();
  /** The innermost field of each byte that is drawn. */
  #owners: { readonly from: number; readonly fields: Int32Array } = { from: 0, fields: new Int32Array(0) };

  constructor(options: DumpOptions) {
    this.#options = options;
    this.#sheet = make('div', { class: 'sheet', role: 'rowgroup' });
    this.element = make('div', { class: 'dump', role: 'grid', tabindex: 0 }, this.#sheet);
    this.#rows = new VirtualRows(
      {
        viewport: this.element,
        count: 0,
        draw: (index) => this.#draw(index),
        onDrawn: (first, end) => this.#drawn(first, end),
      },
      this.#sheet,
    );
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('click', (event) => {
      const offset = offsetOf(event);
      if (offset !== undefined) this.#moveTo(offset);
    });
    this.element.addEventListener('mousemove', (event) => options.onHover(offsetOf(event)));
    this.element.addEventListener('mouseleave', () => options.onHover(undefined));
    new ResizeObserver(() => this.#fit()).observe(this.element);
  }

  set label(text: string) {
    this.element.setAttribute('aria-label', text);
  }

  get cursor(): number {
    return this.#cursor;
  }

  show(dumped: Dumped | undefined): void {
    this.#shown = dumped;
    this.#cursor = 0;
    this.#marked = { start: 0, end: 0 };
    this.#fit();
    this.#showRows();
  }

  /** Marks a field; its first byte comes into view. */
  mark(marked: Stretch, reveals: boolean): void {
    this.#marked = marked;
    if (reveals && marked.end > marked.start) this.#rows.reveal(this.#rowOf(marked.start));
    this.#paint();
  }

  /** Without a word to anyone. */
  place(offset: number): void {
    this.#cursor = this.#within(offset);
    this.#rows.reveal(this.#rowOf(this.#cursor));
    this.#paint();
  }

  redraw(): void {
    this.#rows.drawNow();
  }

  get #length(): number {
    return this.#shown?.bytes.length ?? 0;
  }

  #within(offset: number): number {
    return Math.max(0, Math.min(this.#length - 1, offset));
  }

  get #offsetDigits(): number {
    const { offset = 0, length = 0 } = this.#shown ?? {};
    return Math.max(4, (offset + length).toString(16).length);
  }

  #rowOf(offset: number): number {
    return Math.floor(offset / this.#columns);
  }

  #showRows(): void {
    const count = Math.ceil(this.#length / this.#columns);
    this.element.setAttribute('aria-rowcount', String(count));
    this.element.setAttribute('aria-colcount', String(this.#columns + 1));
    this.#rows.show({ count }, this.#rowOf(this.#cursor));
    if (count > 0) return;
    const text = this.#shown ? (this.#shown.length > 0 ? words.notKept : words.noBytes) : words.loading;
    const cell = make('span', { role: 'gridcell', class: 'nothing' }, say(text));
    this.#sheet.replaceChildren(make('div', { role: 'row', class: 'row' }, cell));
  }

  /** As many columns as there is room for. */
  #fit(): void {
    const probe = make('span', { class: 'measure', 'aria-hidden': 'true' }, '0'.repeat(100));
    this.element.append(probe);
    const cell = probe.getBoundingClientRect().width / 100;
    probe.remove();
    // The offset, three cells for a byte in hex, one for its letter, and what is between.
    const needed = this.#offsetDigits + 1 + 16 * 3 + 1 + 16 + 2;
    const columns = cell > 0 && this.element.clientWidth < needed * cell ? 8 : 16;
    if (columns === this.#columns) return;
    this.#columns = columns;
    this.#showRows();
    this.#rows.reveal(this.#rowOf(this.#cursor));
  }

  #draw(index: number): HTMLElement {
    const shown = this.#shown;
    const from = index * this.#columns;
    const row = make('div', { class: 'row', role: 'row', 'aria-rowindex': index + 1 });
    if (!shown) return row;
    const count = Math.min(this.#columns, this.#length - from);
    const bytes = shown.bytes.now(from, count);
    const start = shown.offset + from;
    row.append(
      make(
        'span',
        { class: 'offset', role: 'rowheader' },
        start.toString(16).padStart(this.#offsetDigits, '0'),
      ),
    );
    const hex = make('span', { class: 'hex', role: 'presentation' });
    // A row that is not full is as wide as the others.
    hex.style.width = `${3 * this.#columns}ch`;
    const letters = make('span', { class: 'letters', 'aria-hidden': 'true' });
    for (let column = 0; column < count; column++) {
      const byte = bytes?.[column];
      const offset = from + column;
      const digit = byte === undefined ? '  ' : (digits[byte] ?? '');
      const cell = make('span', { id: this.#idOf(offset), role: 'gridcell', 'data-at': offset }, digit);
      const sign = make('span', { 'data-at': offset }, byte === undefined ? ' ' : letter(byte));
      hex.append(cell);
      letters.append(sign);
      this.#cells.set(offset, [cell, sign]);
    }
    row.append(hex, letters);
    return row;
  }

  #drawn(first: number, end: number): void {
    const shown = this.#shown;
    if (!shown) return;
    const from = first * this.#columns;
    const until = Math.min(end * this.#columns, this.#length);
    for (const offset of this.#cells.keys()) if (offset < from || offset >= until) this.#cells.delete(offset);
    this.#owners = { from, fields: shown.fields.innermostIn(from, Math.max(0, until - from)) };
    this.#paint();
    if (until <= from || shown.bytes.now(from, until - from)) return;
    const redraw = (): void => {
      if (this.#shown === shown) this.#rows.redraw();
    };
    // A blob that cannot be read leaves its bytes empty.
    shown.bytes.load(from, until - from).then(redraw, () => undefined);
  }

  #idOf(offset: number): string {
    return `${this.#ids}-${offset}`;
  }

  /** Marks, secrets, the cursor, and where another field begins. */
  #paint(): void {
    const { start, end } = this.#marked;
    const { from, fields } = this.#owners;
    const secrets = this.#shown?.secrets ?? [];
    let secret = 0;
    for (const offset of [...this.#cells.keys()].sort((one, other) => one - other)) {
      while (secret < secrets.length && (secrets[secret]?.end ?? 0) <= offset) secret++;
      const isSecret = (secrets[secret]?.start ?? Infinity) <= offset;
      const owner = fields[offset - from];
      const name = [
        offset >= start && offset < end ? 'marked' : '',
        offset === this.#cursor ? 'cursor' : '',
        isSecret ? 'secret' : '',
        offset > from && owner !== fields[offset - from - 1] ? 'begins' : '',
      ]
        .filter(Boolean)
        .join(' ');
      for (const cell of this.#cells.get(offset) ?? []) if (cell.className !== name) cell.className = name;
    }
    if (this.#cells.has(this.#cursor))
      this.element.setAttribute('aria-activedescendant', this.#idOf(this.#cursor));
    else this.element.removeAttribute('aria-activedescendant');
  }

  #moveTo(offset: number): void {
    if (this.#length === 0) return;
    this.#cursor = this.#within(offset);
    this.#rows.reveal(this.#rowOf(this.#cursor));
    this.#paint();
    this.#options.onCursor(this.#cursor);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey) return;
    const at = this.#cursor;
    const columns = this.#columns;
    const page = this.#rows.page * columns;
    const start = at - (at % columns);
    const to: Readonly<Record<string, number>> = event.ctrlKey
      ? { Home: 0, End: this.#length - 1 }
      : {
          ArrowLeft: at - 1,
          ArrowRight: at + 1,
          ArrowUp: at >= columns ? at - columns : at,
          ArrowDown: at + columns < this.#length ? at + columns : at,
          PageUp: at >= page ? at - page : at % columns,
          PageDown: at + page,
          Home: start,
          End: start + columns - 1,
        };
    const offset = to[event.key];
    if (offset !== undefined) {
      event.preventDefault();
      this.#moveTo(offset);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      this.#options.onAround();
    }
  }
}

/** The byte under the mouse. */
function offsetOf(event: MouseEvent): number | undefined {
  const at = (event.target as Element).closest<HTMLElement>('[data-at]')?.dataset['at'];
  return at === undefined ? undefined : Number(at);
}
