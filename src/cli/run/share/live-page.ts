/**
 * What viewers of a run are served: its page as the log grows, the data of its bytes, and where the presenter is.
 *
 * 1. Changes are gathered for a moment: the run is never waited for, and pays for a page at most five times a second.
 * 2. The bytes are made when a viewer asks for them, once for all who ask meanwhile, not more often than once a second, and
 *    connection by connection, between which the run and the screen have their turn.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Language } from '../../../i18n/language.ts';
import type { Presented } from '../../../ui/html/live/live.ts';
import { LiveSections, bytesSection, liveBar } from '../../../ui/html/live/live.ts';
import { documentStyle, pageDocument, pagePolicy } from '../../../ui/html/document.ts';
import { render } from '../../../ui/html/element.ts';
import { pageScriptFile } from '../../places.ts';
import type { Places } from '../../places.ts';
import { explorerInTurns } from '../page/content.ts';
import type { PageContent } from '../page/content.ts';
import { madeBy } from '../page/made.ts';
import type { Served } from './server.ts';

export interface LivePageOptions {
  readonly language: Language;
  readonly places: Places;
  readonly now: Date;
  /** Called when viewers have something new to see. */
  readonly onChange: () => void;
}

/** Where the presenter is, and what the screen hides. */
export interface Shown {
  /** The scenario. */
  readonly mode: string;
  /** Undefined for the newest part of the run. */
  readonly presented: Presented | undefined;
  readonly isMasked: boolean;
}

/** How long changes are gathered, in milliseconds. */
const gatherFor = 200;
/** From one making of the bytes to the next, in milliseconds. */
const bytesEvery = 1000;

/** The page of a run while it grows. */
export interface GrowingPage {
  readonly blocks: PageContent['blocks'];
  readonly secrets: PageContent['secrets'];
  readonly content: Omit<PageContent, 'isMasked'>;
  /** To be called after each event. */
  onChange: (() => void) | undefined;
}

/** The number of the step that is presented; 0 before the first one. */
function stepOf(presented: Presented | undefined, blocks: PageContent['blocks']): number {
  if (!presented || presented.kind === 'verdict' || presented.kind === 'visitor') return Infinity;
  const begun = blocks.find((block) => block.kind === 'step' && block.step === presented.step);
  return begun?.kind === 'step' ? begun.number : 0;
}

/** A run asks the next question before the presenter has come to it: it is not told before. */
function upTo(step: number, blocks: PageContent['blocks']): PageContent['blocks'] {
  const later = blocks.findIndex((block) => block.kind === 'step' && block.number > step);
  return later < 0 ? blocks : blocks.slice(0, later);
}

/** Before a run has begun. */
const nothing: Omit<PageContent, 'isMasked'> = {
  blocks: [],
  connections: [],
  name: '',
  keys: undefined,
  secrets: new Map(),
};

interface Run {
  readonly page: GrowingPage;
  readonly number: number;
  /** Events that it has had. */
  events: number;
  /** The number of the furthest step that the presenter has shown. */
  reached: number;
}

export class LivePage implements Served {
  readonly policy: string;
  readonly #options: LivePageOptions;
  readonly #script: string;
  readonly #sections: LiveSections;
  readonly #runs = new Map<string, Run>();
  #shown: Shown;
  #number = 0;
  #timer: NodeJS.Timeout | undefined;
  #document: { readonly revision: number; readonly body: Uint8Array } | undefined;
  #bytes: { readonly key: string; readonly body: Uint8Array } | undefined;
  #making: Promise<Uint8Array> | undefined;
  #madeAt = -Infinity;

  constructor(shown: Shown, options: LivePageOptions) {
    this.#options = options;
    this.#shown = shown;
    this.#script = readFileSync(pageScriptFile(options.places), 'utf8');
    this.policy = pagePolicy(this.#script, documentStyle, true);
    this.#sections = new LiveSections(options.language);
    this.#take();
  }

  get revision(): number {
    return this.#sections.revision;
  }

  /** A run has begun, in place of an earlier one of that scenario. */
  add(mode: string, page: GrowingPage): void {
    const run: Run = { page, number: ++this.#number, events: 0, reached: 0 };
    this.#runs.set(mode, run);
    page.onChange = () => {
      run.events++;
      if (this.#runs.get(mode) === run) this.#change(mode);
    };
    this.#change(mode);
  }

  /** The presenter has moved, or has masked what is shown. */
  present(shown: Shown): void {
    if (JSON.stringify(shown) === JSON.stringify(this.#shown)) return;
    const { isMasked } = this.#shown;
    this.#shown = shown;
    // What is masked is masked at once.
    if (shown.isMasked && !isMasked) this.#flush();
    else this.#change(shown.mode);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#runs.clear();
  }

  since(revision: number): string {
    return JSON.stringify(this.#sections.since(revision));
  }

  document(): Uint8Array {
    if (this.#document?.revision === this.revision) return this.#document.body;
    const { language, places, now } = this.#options;
    const state = this.#sections.since(this.revision);
    const text = pageDocument({
      language,
      report: this.#sections.report(),
      name: this.#shown.mode,
      explorer: undefined,
      script: this.#script,
      made: madeBy(places, now),
      isMasked: state.isMasked,
      live: { bytes: bytesSection, bar: liveBar(state.place), state },
    });
    const body = Buffer.from(text);
    this.#document = { revision: this.revision, body };
    return body;
  }

  bytes(): Promise<Uint8Array> {
    const key = this.#bytesKey;
    if (this.#bytes?.key === key) return Promise.resolve(this.#bytes.body);
    this.#making ??= this.#makeBytes().finally(() => (this.#making = undefined));
    return this.#making;
  }

  async #makeBytes(): Promise<Uint8Array> {
    const left = this.#madeAt + bytesEvery - performance.now();
    if (left > 0) await pause(left);
    for (;;) {
      const key = this.#bytesKey;
      const { mode, isMasked } = this.#shown;
      const run = this.#runs.get(mode);
      const content = run?.page.content ?? nothing;
      const explorer = await explorerInTurns({ ...content, isMasked });
      // The screen has masked it meanwhile, or shows another run: what was made is not for viewers any more.
      if (run !== this.#runs.get(this.#shown.mode) || isMasked !== this.#shown.isMasked) continue;
      const body = Buffer.from(render(explorer.finish(), this.#options.language));
      this.#bytes = { key, body };
      this.#madeAt = performance.now();
      return body;
    }
  }

  get #bytesKey(): string {
    const run = this.#runs.get(this.#shown.mode);
    return `${run?.number} ${run?.events} ${this.#shown.isMasked}`;
  }

  #change(mode: string): void {
    if (mode !== this.#shown.mode || this.#timer) return;
    this.#timer = setTimeout(() => this.#flush(), gatherFor).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#take()) this.#options.onChange();
  }

  #take(): boolean {
    const { mode, presented, isMasked } = this.#shown;
    const run = this.#runs.get(mode);
    const { blocks, secrets } = run?.page ?? nothing;
    if (run) run.reached = Math.max(run.reached, stepOf(presented, blocks));
    return this.#sections.take({
      blocks: upTo(run?.reached ?? 0, blocks),
      name: mode,
      secrets,
      isMasked,
      run: 2 * (run?.number ?? 0) + (isMasked ? 1 : 0),
      bytes: run?.events ?? 0,
      presented,
    });
  }
}
