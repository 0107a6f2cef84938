/**
 * A list of which one row is chosen: by the arrow keys, by a click. For screen readers it is a listbox, a tree, or a grid, whose
 * rows have cells and whose columns have heads.
 */
import { make, newId } from './dom.ts';
import { VirtualRows } from './virtual.ts';

export interface RowLook {
  /** What is seen is said too; signs have a word beside them (`sign`). */
  readonly text: readonly (Node | string)[];
  readonly className?: string;
  /** In a tree, from 1. */
  readonly level?: number;
}

/** What a row is. */
const roles = { listbox: 'option', tree: 'treeitem', grid: 'row' } as const;

export interface ListOptions {
  readonly role: keyof typeof roles;
  /** Of a grid: the row above the others. */
  readonly head?: HTMLElement;
  /** Undefined while it is still to be read. */
  readonly look: (index: number) => RowLook | undefined;
  /** The rows of that stretch are drawn and some are not read. */
  readonly load: (first: number, end: number) => Promise<void>;
  readonly onChosen: (index: number) => void;
}

export class List {
  readonly element: HTMLElement;
  readonly #options: ListOptions;
  readonly #rows: VirtualRows;
  readonly #ids = newId();
  #count = 0;
  #chosen = -1;

  constructor(options: ListOptions) {
    this.#options = options;
    const { head } = options;
    const sheet = make('div', { class: 'sheet', role: 'presentation' });
    this.element = make(
      'div',
      { class: 'list', role: options.role, tabindex: 0 },
      ...(head ? [head] : []),
      sheet,
    );
    this.#rows = new VirtualRows(
      {
        viewport: this.element,
        head,
        count: 0,
        draw: (index) => this.#draw(index),
        onDrawn: (first, end) => void this.#loadMissing(first, end),
      },
      sheet,
    );
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('click', (event) => {
      const row = (event.target as Element).closest<HTMLElement>('.row');
      if (row?.dataset['index'] !== undefined) this.#choose(Number(row.dataset['index']));
    });
  }

  get chosen(): number {
    return this.#chosen;
  }

  set label(text: string) {
    this.element.setAttribute('aria-label', text);
  }

  /** Other rows, of which one is chosen already; -1 for none. */
  show(count: number, chosen: number): void {
    this.#count = count;
    this.#chosen = chosen;
    this.#rows.show({ count }, Math.max(0, chosen));
    this.#mark();
  }

  /** More rows, or fewer, of the same list: what is in view stays. */
  resize(count: number): void {
    this.#count = count;
    this.#rows.resize(count);
    this.#mark();
  }

  /** Chooses without a word to anyone. @param isRevealed it is scrolled to, where it is out of sight */
  mark(index: number, isRevealed = true): void {
    if (index === this.#chosen) return;
    this.#chosen = index;
    if (index >= 0 && isRevealed) this.#rows.reveal(index);
    this.#rows.drawNow();
    this.#mark();
  }

  redraw(): void {
    this.#rows.drawNow();
    this.#mark();
  }

  #choose(index: number): void {
    const to = Math.max(0, Math.min(this.#count - 1, index));
    if (this.#count === 0) return;
    this.mark(to);
    this.#options.onChosen(to);
  }

  #mark(): void {
    const { element } = this;
    if (this.#options.role === 'grid') element.setAttribute('aria-rowcount', String(this.#count + 1));
    if (this.#chosen < 0 || !document.getElementById(this.#idOf(this.#chosen)))
      element.removeAttribute('aria-activedescendant');
    else element.setAttribute('aria-activedescendant', this.#idOf(this.#chosen));
  }

  #idOf(index: number): string {
    return `${this.#ids}-${index}`;
  }

  #draw(index: number): HTMLElement {
    const { role } = this.#options;
    const look = this.#options.look(index);
    const isChosen = index === this.#chosen;
    const isGrid = role === 'grid';
    const row = make(
      'div',
      {
        id: this.#idOf(index),
        class: `row ${look?.className ?? ''}${isChosen ? ' chosen' : ''}`,
        role: roles[role],
        'aria-selected': String(isChosen),
        // The heads are the first row.
        ...(isGrid
          ? { 'aria-rowindex': index + 2 }
          : { 'aria-setsize': this.#count, 'aria-posinset': index + 1 }),
        'aria-level': look?.level,
        'data-index': index,
      },
      ...(look?.text ?? [isGrid ? make('span', { role: 'gridcell' }, '…') : '…']),
    );
    return row;
  }

  #missing(first: number, end: number): number {
    let count = 0;
    for (let index = first; index < end; index++) if (!this.#options.look(index)) count++;
    return count;
  }

  async #loadMissing(first: number, end: number): Promise<void> {
    const before = this.#missing(first, end);
    if (before === 0) return;
    // What cannot be read stays a row without words.
    await this.#options.load(first, end).catch(() => undefined);
    if (this.#missing(first, end) < before) this.redraw();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    const at = Math.max(0, this.#chosen);
    const page = this.#rows.page;
    const to: Readonly<Record<string, number>> = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      PageUp: at - page,
      PageDown: at + page,
      Home: 0,
      End: this.#count - 1,
    };
    const index = to[event.key];
    if (index === undefined) return;
    event.preventDefault();
    this.#choose(index);
  }
}
