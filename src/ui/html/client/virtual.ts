/**
 * A scrolled list of rows of one height, of which only those in view are drawn: there may be a million.
 *
 * 1. Browsers limit the height of an element. Above that limit the place of the scroll bar stands for a row, not for a
 *    number of pixels; rows are still drawn one below the other.
 * 2. Nothing is drawn twice in one frame.
 */

/** Below the limits of all browsers, in pixels. */
const tallest = 8_000_000;

/** Rows that are drawn above and below those in view. */
const spare = 4;

export interface Rows {
  /** The scrolled element. */
  readonly viewport: HTMLElement;
  /** Stands above the rows, and stays there while they are scrolled. */
  readonly head?: HTMLElement | undefined;
  readonly count: number;
  /** Makes a row. */
  readonly draw: (index: number) => HTMLElement;
  /** Called after rows were drawn. */
  readonly onDrawn?: (first: number, end: number) => void;
}

export class VirtualRows {
  readonly #viewport: HTMLElement;
  readonly #sheet: HTMLElement;
  #rows: Rows;
  #height = 0;
  #isAwaited = false;

  /** @param sheet the element in the viewport that has the rows */
  constructor(rows: Rows, sheet: HTMLElement) {
    this.#rows = rows;
    this.#viewport = rows.viewport;
    this.#sheet = sheet;
    this.#viewport.addEventListener('scroll', () => this.redraw(), { passive: true });
    new ResizeObserver(() => {
      this.#height = 0;
      this.redraw();
    }).observe(this.#viewport);
  }

  /** Other rows: from the first one on. */
  show(change: Partial<Rows>, from = 0): void {
    this.#rows = { ...this.#rows, ...change };
    this.#height = 0;
    this.drawNow();
    this.reveal(from);
  }

  /** More rows, or fewer: what is in view stays. */
  resize(count: number): void {
    this.#rows = { ...this.#rows, count };
    this.drawNow();
  }

  redraw(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    requestAnimationFrame(() => {
      this.#isAwaited = false;
      this.drawNow();
    });
  }

  /** Whole rows that fit into the view. */
  get page(): number {
    return Math.max(1, Math.floor(this.#view / this.#rowHeight()));
  }

  /** Height that rows are seen in, in pixels. */
  get #view(): number {
    return Math.max(0, this.#viewport.clientHeight - (this.#rows.head?.offsetHeight ?? 0));
  }

  /** Scrolls as little as needed. */
  reveal(index: number): void {
    const { count } = this.#rows;
    const height = this.#rowHeight();
    const view = this.#view;
    const top = this.#topRow() * height;
    const wanted = index * height;
    if (wanted >= top && wanted + height <= top + view) return;
    const row = wanted < top ? index : index - view / height + 1;
    const whole = count * height;
    const shown = Math.min(whole, tallest);
    this.#viewport.scrollTop =
      whole <= tallest ? row * height : (row / Math.max(1, count - view / height)) * (shown - view);
    this.drawNow();
  }

  /** The row at the top of the view, with the part of it that is above. */
  #topRow(): number {
    const { count } = this.#rows;
    const height = this.#rowHeight();
    const view = this.#view;
    const whole = count * height;
    const { scrollTop } = this.#viewport;
    if (whole <= tallest) return scrollTop / height;
    return (scrollTop / Math.max(1, tallest - view)) * Math.max(0, count - view / height);
  }

  /** Measured on a row, since letters may be of any size. */
  #rowHeight(): number {
    if (this.#height > 0) return this.#height;
    const probe = this.#sheet.ownerDocument.createElement('div');
    probe.className = 'row';
    probe.textContent = '0';
    this.#sheet.append(probe);
    this.#height = Math.max(8, probe.getBoundingClientRect().height);
    probe.remove();
    return this.#height;
  }

  drawNow(): void {
    const { count, draw, onDrawn } = this.#rows;
    const height = this.#rowHeight();
    const whole = count * height;
    this.#sheet.style.height = `${Math.min(whole, tallest)}px`;
    const top = this.#topRow();
    const first = Math.max(0, Math.floor(top) - spare);
    const end = Math.min(count, Math.ceil(top + this.#view / height) + spare);
    // Where a row stands is said by its distance from the one at the top.
    const base = whole <= tallest ? 0 : this.#viewport.scrollTop - top * height;
    const drawn: HTMLElement[] = [];
    for (let index = first; index < end; index++) {
      const row = draw(index);
      row.style.top = `${base + index * height}px`;
      drawn.push(row);
    }
    this.#sheet.replaceChildren(...drawn);
    onDrawn?.(first, end);
  }
}
