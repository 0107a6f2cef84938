/**
 * The page while its run goes on: sections are replaced as they change, the page follows the presenter until its reader looks
 * elsewhere, and the bytes are fetched when they are looked at. Markup comes from the server that made the page.
 */
import { liveIds } from '../live/format.ts';
import type { LiveUpdate } from '../live/format.ts';
import { localize } from './choices.ts';
import { elementFrom, make } from './dom.ts';
import { startExplorer } from './explorer-start.ts';
import type { Explorer } from './explorer.ts';
import { languageNow, onLanguage } from './language.ts';
import { liveWords, say } from './words.ts';

type Line = 'connected' | 'waiting' | 'ended' | 'refused';

/** Keys with which a reader looks elsewhere. */
const movingKeys: ReadonlySet<string> = new Set([
  'ArrowDown',
  'ArrowUp',
  'End',
  'Home',
  'PageDown',
  'PageUp',
  ' ',
]);

/** Of a presenter who is nowhere there is no section. */
const byId = (id: string): HTMLElement | null => (id === '' ? null : document.getElementById(id));

export class LivePage {
  readonly #bar: HTMLElement;
  readonly #status: HTMLElement;
  readonly #back: HTMLButtonElement;
  readonly #newer = make('button', { type: 'button', class: 'newer' });
  #state: LiveUpdate;
  #line: Line = 'waiting';
  #isFollowing = true;
  #explorer: Explorer | undefined;
  /** What the explorer shows: the run, and how much of its log. */
  #loaded: { readonly run: number; readonly bytes: number } | undefined;
  #isLoading = false;
  #isBytesSeen = false;

  constructor(bar: HTMLElement, state: LiveUpdate) {
    this.#bar = bar;
    this.#state = state;
    const status = bar.querySelector<HTMLElement>('[role=status]');
    const back = bar.querySelector('button');
    if (!status || !back) throw new Error('the page has no bar');
    this.#status = status;
    this.#back = back;
    this.#newer.hidden = true;
  }

  begin(): void {
    this.#back.addEventListener('click', () => this.#return());
    this.#newer.addEventListener('click', () => void this.#load());
    const leave = (): void => this.#leave();
    addEventListener('wheel', leave, { passive: true });
    addEventListener('touchmove', leave, { passive: true });
    addEventListener('keydown', ({ key, target }) => {
      // A switch is turned with such keys, too.
      if (
        movingKeys.has(key) &&
        !(target instanceof HTMLInputElement) &&
        !(target instanceof HTMLButtonElement)
      )
        leave();
    });
    addEventListener('hashchange', () => this.#onHash());
    this.#bytes()?.addEventListener('pointerdown', leave);
    onLanguage(() => this.#say());
    this.#watchBytes();
    if (location.hash.length > 1) this.#onHash();
    else this.#scroll();
    this.#mark();
    this.#say();
    this.#connect();
  }

  #connect(): void {
    const events = new EventSource(`events?after=${this.#state.revision}`);
    events.addEventListener('open', () => this.#turn('connected'));
    events.addEventListener('error', () =>
      this.#turn(events.readyState === EventSource.CLOSED ? 'refused' : 'waiting'),
    );
    events.addEventListener('message', ({ data }: MessageEvent<string>) =>
      this.#take(JSON.parse(data) as LiveUpdate),
    );
    events.addEventListener('end', () => {
      events.close();
      this.#turn('ended');
    });
  }

  #turn(line: Line): void {
    this.#line = line;
    this.#say();
  }

  #take(update: LiveUpdate): void {
    const before = this.#state;
    this.#state = update;
    const main = document.querySelector('main');
    const bytes = this.#bytes();
    if (!main || !bytes) return;
    const own = new Set(update.order);
    for (const section of main.querySelectorAll(':scope > section'))
      if (!own.has(section.id)) section.remove();
    const changed = new Map(update.sections);
    // The bytes stay where they are, at the end: what is put in stands before them.
    let next: Element = bytes;
    for (const id of update.order.toReversed()) {
      if (id === bytes.id) continue;
      const markup = changed.get(id);
      const there = document.getElementById(id);
      const made = markup === undefined ? undefined : elementFrom(markup);
      if (made) this.#put(made, there, next);
      else if (there && there.nextElementSibling !== next) next.before(there);
      next = document.getElementById(id) ?? next;
    }
    if (update.heading !== before.heading) this.#replace(document.querySelector('.heading'), update.heading);
    if (update.contents !== before.contents)
      this.#replace(document.querySelector('nav > ol'), update.contents);
    if (update.title !== before.title) this.#entitle();
    this.#mark();
    this.#say();
    if (update.run !== before.run) this.#forgetBytes();
    else if (this.#isBytesSeen && !this.#loaded) void this.#load();
    const { place } = update;
    const hasMoved = place.section !== before.place.section || place.isEnd !== before.place.isEnd;
    if (this.#isFollowing && (hasMoved || (place.isEnd && changed.has(place.section)))) this.#scroll();
  }

  #put(made: HTMLElement, there: HTMLElement | null, next: Element): void {
    localize(languageNow(), made);
    if (there) there.replaceWith(made);
    else next.before(made);
  }

  #replace(there: Element | null, markup: string): void {
    const made = elementFrom(markup);
    if (!made) return;
    localize(languageNow(), made);
    there?.replaceWith(made);
  }

  /** The title of the window is an element for one language only. */
  #entitle(): void {
    const title = document.querySelector('title');
    const { title: text } = this.#state;
    const [en, ko] = typeof text === 'string' ? [text, text] : text;
    if (!title) return;
    title.dataset['localized'] = 'text';
    title.setAttribute('data-en-text', `${en} - wirelab`);
    title.setAttribute('data-ko-text', `${ko} - wirelab`);
    localize(languageNow(), title);
  }

  // Where the presenter is.

  /** Marks the section in which the presenter is, and its line of the contents. */
  #mark(): void {
    const { section } = this.#state.place;
    for (const marked of document.querySelectorAll('main > .present')) marked.classList.remove('present');
    for (const marked of document.querySelectorAll('nav [aria-current]'))
      marked.removeAttribute('aria-current');
    byId(section)?.classList.add('present');
    const links = document.querySelectorAll('nav a');
    for (const link of links)
      if (link.getAttribute('href') === `#${section}`) link.setAttribute('aria-current', 'step');
  }

  #scroll(): void {
    const { section, isEnd } = this.#state.place;
    const there = byId(section);
    if (!there) return;
    const lessons = there.querySelectorAll('.lesson');
    const lesson = lessons[lessons.length - 1];
    if (!isEnd) there.scrollIntoView({ block: 'start' });
    else if (lesson) lesson.scrollIntoView({ block: 'center' });
    else there.scrollIntoView({ block: there.offsetHeight > innerHeight ? 'end' : 'start' });
  }

  #leave(): void {
    if (!this.#isFollowing) return;
    this.#isFollowing = false;
    this.#say();
  }

  #return(): void {
    this.#isFollowing = true;
    history.replaceState(null, '', location.pathname + location.search);
    document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
    this.#say();
    this.#scroll();
  }

  #onHash(): void {
    this.#leave();
    if (location.hash.startsWith('#bytes')) void this.#load();
  }

  #say(): void {
    const { place } = this.#state;
    const isOver = this.#line === 'ended' || this.#line === 'refused';
    this.#bar.dataset['line'] = this.#line;
    this.#bar.dataset['following'] = String(this.#isFollowing);
    const now = say(place.words);
    const parts = [
      now && `${say(liveWords.now)} ${now}`,
      this.#line === 'connected' ? '' : say(liveWords[this.#line]),
    ];
    const text = parts.filter(Boolean).join(' · ');
    // What a screen reader has said once is not said again.
    if (this.#status.textContent !== text) this.#status.textContent = text;
    this.#back.hidden = this.#isFollowing || isOver;
    const isStale = this.#loaded !== undefined && this.#loaded.bytes < this.#state.bytes;
    this.#newer.textContent = say(liveWords.newer);
    this.#newer.hidden = !isStale || isOver;
  }

  // The bytes.

  #bytes(): HTMLElement | null {
    return document.getElementById(liveIds.bytes);
  }

  #watchBytes(): void {
    const bytes = this.#bytes();
    if (!bytes) return;
    bytes.querySelector('h2')?.after(this.#newer);
    new IntersectionObserver((entries) => {
      this.#isBytesSeen = entries.at(-1)?.isIntersecting ?? false;
      if (this.#isBytesSeen && !this.#loaded) void this.#load();
    }).observe(bytes);
  }

  /** Those of another run, or unmasked ones, go at once. */
  #forgetBytes(): void {
    this.#explorer?.close();
    this.#explorer = undefined;
    this.#loaded = undefined;
    this.#bytes()?.querySelector('.explorer')?.remove();
    if (this.#isBytesSeen) void this.#load();
  }

  async #load(): Promise<void> {
    const { run, bytes } = this.#state;
    const isNew = this.#loaded?.run !== run || this.#loaded.bytes < bytes;
    const section = this.#bytes();
    if (this.#isLoading || !isNew || !section) return;
    // Nobody answers any more: what is here stays.
    if (this.#line === 'ended') {
      if (!this.#loaded && !section.querySelector('[role=alert]'))
        section.append(make('p', { class: 'remark waiting', role: 'alert' }, say(liveWords.noBytes)));
      return;
    }
    this.#isLoading = true;
    section.setAttribute('aria-busy', 'true');
    try {
      const response = await fetch('bytes', { cache: 'no-store' });
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      const made = elementFrom(await response.text());
      // What was asked for before secrets were masked is not shown.
      if (this.#state.run !== run || !made) return;
      this.#explorer?.close();
      section.querySelector('.explorer')?.remove();
      section.querySelector('.waiting')?.remove();
      localize(languageNow(), made);
      section.append(made);
      this.#loaded = { run, bytes };
      this.#explorer = await startExplorer(made);
    } catch (error) {
      section.append(
        make('p', { class: 'remark waiting', role: 'alert' }, `${say(liveWords.noBytes)} (${String(error)})`),
      );
      this.#loaded = { run, bytes };
    } finally {
      this.#isLoading = false;
      section.removeAttribute('aria-busy');
      this.#say();
    }
    if (this.#state.run !== run) this.#forgetBytes();
  }
}

/** Follows the run, where the page is served while one goes on. Returns whether it is. */
export function followRun(): boolean {
  const bar = document.getElementById(liveIds.bar);
  const state = document.getElementById(liveIds.state)?.textContent;
  if (!bar || !state) return false;
  new LivePage(bar, JSON.parse(state) as LiveUpdate).begin();
  return true;
}
