/**
 * The page of an opened file: a list of connections whose rows are fetched when they are seen, a filter that the server applies,
 * and the conversation and the bytes of the connection that is opened. Markup comes from the server that made the page.
 */
import {
  isReadFor,
  listHeads,
  listOrders,
  listOrderWords,
  nextOrder,
} from '../../../presentation/report/list-orders.ts';
import type { ListOrder } from '../../../presentation/report/list-orders.ts';
import { connectionFragment, longestFilter, mostRows, viewColumns, viewIds } from '../view/format.ts';
import type { ViewFault, ViewRows, ViewState } from '../view/format.ts';
import { localize } from './choices.ts';
import { elementFrom, make } from './dom.ts';
import { startExplorer } from './explorer-start.ts';
import type { Explorer } from './explorer.ts';
import { inLanguage, languageNow, onLanguage } from './language.ts';
import { List } from './list.ts';
import { bytesText, say, viewWords } from './words.ts';

/** A filter is applied when nothing was typed for so long, in milliseconds. */
const restsAfter = 300;

/** A connection is opened when it was chosen for so long: arrows may pass many. */
const staysFor = 120;

/** From one question to the next while a filter is at work. */
const asksEvery = 150;

/** Rows that are kept; those out of sight are asked for again. */
const mostKept = 5000;

/** The column that says what the list is sorted by, and which end comes first. */
const sorted = {
  opened: ['time', 'ascending'],
  duration: ['duration', 'descending'],
  bytes: ['bytes', 'descending'],
  latency: ['latency', 'descending'],
  name: ['name', 'ascending'],
} as const satisfies Record<ListOrder, readonly [(typeof viewColumns)[number], string]>;

/** The heads of the columns: those by which the list can be sorted are buttons. */
class Heads {
  readonly element = make('div', { class: 'heads', role: 'row', 'aria-rowindex': 1 });
  readonly #cells: readonly {
    readonly cell: HTMLElement;
    readonly text: HTMLElement;
    readonly column: (typeof viewColumns)[number];
  }[];

  constructor(onOrder: (order: ListOrder) => void) {
    this.#cells = viewColumns.map((column) => {
      const order = listOrders.find((one) => sorted[one][0] === column);
      const text = order ? make('button', { type: 'button' }) : make('span');
      if (order) text.addEventListener('click', () => onOrder(order));
      return { column, text, cell: make('span', { class: column, role: 'columnheader' }, text) };
    });
    this.element.append(
      make('span', { class: 'main', role: 'columnheader' }, '#'),
      ...this.#cells.map(({ cell }) => cell),
    );
  }

  say(order: ListOrder): void {
    const language = languageNow();
    const [by, direction] = sorted[order];
    for (const { cell, text, column } of this.#cells) {
      text.textContent = listHeads[column][language];
      if (text instanceof HTMLButtonElement)
        cell.setAttribute('aria-sort', column === by ? direction : 'none');
    }
  }
}

const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
};

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds));

/** @throws Error where the server is gone, or refuses. */
async function ask(name: string, query: Readonly<Record<string, string | number>>): Promise<Response> {
  const words = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
  const response = await fetch(`${name}?${words.toString()}`, { cache: 'no-store' });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim());
  return response;
}

class ViewPage {
  readonly #state: ViewState;
  readonly #input: HTMLInputElement;
  readonly #status = byId(viewIds.status);
  readonly #fault = byId(viewIds.fault);
  readonly #list: List;
  readonly #heads = new Heads((order) => this.#sort(order));
  /** By their place in the list. */
  readonly #rows = new Map<number, { readonly conn: number; readonly cells: HTMLElement }>();
  readonly #asked = new Set<number>();
  #filter: string | undefined;
  #order: ListOrder = 'opened';
  /** The one whose rows are shown: the last one that is one. */
  #shown = '';
  /** Of the filter: what an earlier one brings is not shown. */
  #filterTurn = 0;
  #found: ViewRows | undefined;
  #mistake: ViewFault | undefined;
  #failure = '';
  #typing: ReturnType<typeof setTimeout> | undefined;
  #choosing: ReturnType<typeof setTimeout> | undefined;
  #open: number | undefined;
  /** Of the connection: likewise. */
  #openTurn = 0;
  #explorer: Explorer | undefined;
  /** It was opened to be read: arrows only pass by. */
  #isForReading = false;
  #hasBytes = false;
  #isBytesSeen = false;

  constructor(state: ViewState) {
    this.#state = state;
    const input = byId(viewIds.filter);
    if (!(input instanceof HTMLInputElement)) throw new Error('the page has no filter');
    this.#input = input;
    this.#list = new List({
      role: 'grid',
      head: this.#heads.element,
      look: (index) => {
        const row = this.#rows.get(index);
        if (!row) return undefined;
        return { text: [row.cells], ...(row.conn === this.#open ? { className: 'open-now' } : {}) };
      },
      load: (first, end) => this.#load(first, end),
      onChosen: (index) => this.#choose(index),
    });
  }

  begin(): void {
    const { element } = this.#list;
    byId(viewIds.list).append(element);
    element.setAttribute('aria-keyshortcuts', 's');
    element.addEventListener('click', ({ target }) => {
      if (!this.#isHead(target)) this.#read();
    });
    element.addEventListener('keydown', ({ key, target, ctrlKey, metaKey, altKey }) => {
      this.#isForReading = false;
      if (key === 'Enter' && !this.#isHead(target)) this.#read();
      if (key === 's' && !ctrlKey && !metaKey && !altKey) this.#sort(nextOrder(this.#order));
    });
    this.#input.addEventListener('input', () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => void this.#apply(), restsAfter);
    });
    this.#input.addEventListener('keydown', ({ key }) => {
      if (key !== 'Enter') return;
      clearTimeout(this.#typing);
      void this.#apply();
    });
    onLanguage(() => this.#say());
    addEventListener('hashchange', () => this.#onHash());
    new IntersectionObserver((entries) => {
      this.#isBytesSeen = entries.at(-1)?.isIntersecting ?? false;
      if (this.#isBytesSeen) void this.#loadBytes();
    }).observe(byId(viewIds.bytes));
    this.#say();
    this.#onHash();
    void this.#apply();
    const { count, first } = this.#state;
    if (this.#open === undefined && count === 1 && first !== undefined) void this.#show(first);
  }

  readonly #isHead = (target: EventTarget | null): boolean =>
    target instanceof Node && this.#heads.element.contains(target);

  /** Once more by what it is sorted by: in the order of opening again. */
  #sort(order: ListOrder): void {
    const next = order === this.#order ? 'opened' : order;
    if (next === this.#order) return;
    this.#order = next;
    void this.#apply(true);
  }

  #say(): void {
    const language = languageNow();
    this.#heads.say(this.#order);
    this.#list.element.dataset['order'] = this.#order;
    this.#list.label = say(['connections', '연결']);
    const found = this.#found;
    const order = listOrderWords[this.#order][language];
    const text = this.#failure
      ? `${say(viewWords.gone)} (${this.#failure})`
      : !found || this.#mistake
        ? ''
        : [this.#countText(found), order].filter(Boolean).join(', ');
    // What a screen reader has said once is not said again.
    if (this.#status.textContent !== text) this.#status.textContent = text;
    const fault = this.#mistake ? inLanguage(this.#mistake.fault, language) : '';
    if (this.#fault.textContent !== fault) this.#fault.textContent = fault;
    if (fault) this.#input.setAttribute('aria-invalid', 'true');
    else this.#input.removeAttribute('aria-invalid');
    for (const { cells } of this.#rows.values()) localize(language, cells);
    this.#list.redraw();
  }

  #countText({ count, matches, tested, isDone }: ViewRows): string {
    const language = languageNow();
    const isWhole = isDone || tested >= count;
    if (this.#shown !== '')
      return isWhole
        ? viewWords.filtered[language](matches, count)
        : viewWords.searching[language](matches, tested, count);
    return viewWords.all[language](count) + (isWhole ? '' : ` (${viewWords.sorting[language](tested)})`);
  }

  // The list.

  /** @param isOrder the order is another one */
  async #apply(isOrder = false): Promise<void> {
    const typed = this.#input.value.trim().slice(0, longestFilter);
    if (typed === this.#filter && !isOrder) return;
    this.#filter = typed;
    const filter = isOrder && this.#mistake ? this.#shown : typed;
    const order = this.#order;
    const turn = ++this.#filterTurn;
    const isNow = (): boolean => turn === this.#filterTurn;
    let isFirst = true;
    for (;;) {
      const answer = await this.#askRows({ filter, order, conn: this.#open }, 0, 50);
      if (!isNow() || !answer) return;
      if ('fault' in answer) {
        // The rows of the last good one stay.
        this.#mistake = answer;
        this.#say();
        return;
      }
      const before = this.#found;
      if (filter === typed) this.#mistake = undefined;
      this.#shown = filter;
      this.#found = answer;
      // While it is read, rows change their places.
      if (isFirst || isReadFor(order)) {
        this.#rows.clear();
        this.#asked.clear();
      }
      this.#keep(0, answer);
      if (isFirst) this.#list.show(answer.matches, -1);
      else if (before?.matches !== answer.matches) this.#list.resize(answer.matches);
      // What one sorts for is at the head of the list.
      if (isFirst || isReadFor(order)) this.#list.mark(answer.place ?? -1, isFirst && order === 'opened');
      isFirst = false;
      this.#markOpen();
      this.#say();
      if (answer.isDone) return;
      await pause(asksEvery);
      if (!isNow()) return;
    }
  }

  async #askRows(
    {
      filter,
      order,
      conn,
    }: { readonly filter: string; readonly order: ListOrder; readonly conn?: number | undefined },
    from: number,
    count: number,
  ): Promise<ViewRows | ViewFault | undefined> {
    try {
      const response = await ask('rows', {
        filter,
        order,
        from,
        count,
        ...(conn === undefined ? {} : { conn }),
      });
      const answer = (await response.json()) as ViewRows | ViewFault;
      this.#failure = '';
      return answer;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
      this.#say();
      return undefined;
    }
  }

  #keep(from: number, { rows }: ViewRows): void {
    rows.forEach(([conn, markup], at) => {
      const cells = elementFrom(markup);
      if (!cells) return;
      localize(languageNow(), cells);
      this.#rows.set(from + at, { conn, cells });
    });
    for (const index of this.#rows.keys()) {
      if (this.#rows.size <= mostKept) break;
      if (index < from || index >= from + rows.length) this.#rows.delete(index);
    }
  }

  /** Rows that came into view. */
  async #load(first: number, end: number): Promise<void> {
    // Rows that are passed quickly are not asked for.
    await pause(50);
    const turn = this.#filterTurn;
    for (let from = first; from < end; from += mostRows)
      await this.#loadSome(from, Math.min(end, from + mostRows), turn);
  }

  async #loadSome(first: number, end: number, turn: number): Promise<void> {
    for (;;) {
      const missing = Array.from({ length: end - first }, (_, at) => first + at).filter(
        (index) => !this.#rows.has(index) && !this.#asked.has(index),
      );
      const [start] = missing;
      const last = missing.at(-1);
      if (start === undefined || last === undefined) return;
      for (const index of missing) this.#asked.add(index);
      const answer = await this.#askRows(
        { filter: this.#shown, order: this.#order },
        start,
        last - start + 1,
      );
      for (const index of missing) this.#asked.delete(index);
      if (turn !== this.#filterTurn) return;
      if (!answer || 'fault' in answer) return;
      this.#keep(start, answer);
      // A large connection takes more than one question to be read.
      if (answer.isDone || answer.rows.every(([, markup]) => markup !== '')) return;
      await pause(asksEvery);
    }
  }

  /** The row of the connection that is opened, where it is known. */
  #markOpen(): void {
    for (const [index, { conn }] of this.#rows)
      if (conn === this.#open) this.#list.mark(index, this.#order === 'opened');
  }

  #choose(index: number): void {
    clearTimeout(this.#choosing);
    this.#choosing = setTimeout(() => {
      this.#choosing = undefined;
      const row = this.#rows.get(index);
      if (row) void this.#show(row.conn);
      else this.#choosing = setTimeout(() => this.#choose(index), asksEvery);
    }, staysFor);
  }

  // The connection.

  #onHash(): void {
    const [, number] = /^#connection-(\d{1,10})$/.exec(location.hash) ?? [];
    if (number !== undefined && Number(number) !== this.#open) void this.#show(Number(number));
    if (location.hash.startsWith('#bytes')) void this.#loadBytes();
  }

  /** Comes to the conversation, where it is out of sight: at once, or when it is there. */
  #read(): void {
    this.#isForReading = true;
    const section = byId(viewIds.connection);
    if (this.#choosing === undefined && section.getAttribute('aria-busy') === null) this.#reveal(section);
  }

  #reveal(section: HTMLElement): void {
    if (!this.#isForReading || !section.querySelector('.opened')) return;
    this.#isForReading = false;
    if (section.getBoundingClientRect().top > innerHeight / 2) section.scrollIntoView({ block: 'start' });
  }

  async #show(conn: number): Promise<void> {
    if (conn === this.#open) return;
    this.#open = conn;
    const turn = ++this.#openTurn;
    this.#markOpen();
    this.#list.redraw();
    history.replaceState(null, '', connectionFragment(conn));
    this.#forgetBytes();
    const section = byId(viewIds.connection);
    section.setAttribute('aria-busy', 'true');
    try {
      const markup = await (await ask('connection', { conn })).text();
      if (turn !== this.#openTurn) return;
      const made = elementFrom(markup);
      if (!made) return;
      this.#put(section, made);
      this.#reveal(section);
    } catch (error) {
      if (turn === this.#openTurn) this.#putFailure(section, error);
    } finally {
      if (turn === this.#openTurn) section.removeAttribute('aria-busy');
    }
    if (this.#isBytesSeen) void this.#loadBytes();
  }

  #put(section: HTMLElement, made: HTMLElement): void {
    section.querySelector(':scope > h2')?.nextElementSibling?.remove();
    localize(languageNow(), made);
    section.append(made);
  }

  #putFailure(section: HTMLElement, error: unknown): void {
    const text = `${say(viewWords.gone)} (${error instanceof Error ? error.message : String(error)})`;
    this.#put(section, make('p', { class: 'remark', role: 'alert' }, text));
  }

  // Its bytes.

  #forgetBytes(): void {
    this.#explorer?.close();
    this.#explorer = undefined;
    this.#hasBytes = false;
    this.#put(byId(viewIds.bytes), make('p', { class: 'dim waiting' }, say(viewWords.loading)));
  }

  async #loadBytes(): Promise<void> {
    const conn = this.#open;
    if (conn === undefined || this.#hasBytes) return;
    this.#hasBytes = true;
    const turn = this.#openTurn;
    const section = byId(viewIds.bytes);
    section.setAttribute('aria-busy', 'true');
    try {
      const markup = await (await ask('bytes', { conn })).text();
      if (turn !== this.#openTurn) return;
      const made = elementFrom(markup);
      if (!made) throw new Error(say(bytesText(0)));
      this.#put(section, made);
      if (made.dataset['explorer'] === undefined) return;
      const explorer = await startExplorer(made, { isAlone: true });
      if (turn === this.#openTurn) this.#explorer = explorer;
      else explorer?.close();
    } catch (error) {
      if (turn === this.#openTurn) this.#putFailure(section, error);
    } finally {
      if (turn === this.#openTurn) section.removeAttribute('aria-busy');
    }
  }
}

/** Opens connections, where the page is that of a file. Returns whether it is. */
export function openFile(): boolean {
  const state = document.getElementById(viewIds.state)?.textContent;
  if (!state) return false;
  new ViewPage(JSON.parse(state) as ViewState).begin();
  return true;
}
