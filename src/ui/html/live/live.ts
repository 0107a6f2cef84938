/**
 * The page in its live form: the same sections as in the file, of which viewers are sent those that have changed, and where the
 * presenter is. Who serves it decides when; nothing here knows of sockets.
 */
import { inEach, verbatim } from '../../../i18n/language.ts';
import type { Language, Localized } from '../../../i18n/language.ts';
import type { ReportBlock } from '../../../presentation/types/report.ts';
import { textOf } from '../bytes/texts.ts';
import { contentsList, headingOf, sectionOf } from '../document.ts';
import { element, render } from '../element.ts';
import type { Html } from '../element.ts';
import { maskedBlocks } from '../masking.ts';
import { pageReport } from '../report.ts';
import type { PageReport, PageSection } from '../report.ts';
import { pageWords } from '../words.ts';
import { placeFragment } from './format.ts';
import type { LiveUpdate, ShownPlace } from './format.ts';

/** Where the presenter is in a run; undefined for its newest part. */
export interface Presented {
  readonly kind: 'intro' | 'question' | 'reveal' | 'verdict' | 'visitor';
  /** The id of the step. */
  readonly step?: string;
  /** From 1. */
  readonly stop: number;
  readonly stops: number;
}

/** What is shown at a moment. */
export interface LiveContent {
  /** Grows while the run goes on; what was there stays. */
  readonly blocks: readonly ReportBlock[];
  /** What the page is called where the report has no title. */
  readonly name: string;
  readonly secrets: ReadonlyMap<string, string>;
  readonly isMasked: boolean;
  /** Tells this run, and this masking of it, from others. */
  readonly run: number;
  /** Grows with its log. */
  readonly bytes: number;
  readonly presented: Presented | undefined;
}

interface Kept {
  readonly markup: string;
  /** Of the first update that has it. */
  readonly revision: number;
  /** As many blocks as it was made of. */
  readonly blocks: number;
}

/** The section of the bytes, whose data a viewer asks for. */
export const bytesSection: PageSection = {
  id: 'bytes',
  title: pageWords.bytes,
  content: [
    element('noscript', {}, element('p', {}, pageWords.liveNoScript)),
    element('p', { class: 'dim waiting' }, pageWords.bytesOnDemand),
  ],
};

export class LiveSections {
  readonly #language: Language;
  #kept: ReadonlyMap<string, Kept> = new Map();
  #revision = 0;
  #run = -1;
  #last: Omit<LiveUpdate, 'sections'> | undefined;
  #blocks: readonly ReportBlock[] = [];

  /** @param language of what has room for one only; the page turns it */
  constructor(language: Language) {
    this.#language = language;
  }

  get revision(): number {
    return this.#revision;
  }

  /** What was taken last, for a whole page: made anew each time, since it is many times as large as what is shown. */
  report(): PageReport {
    return pageReport(this.#blocks, { toBytes: placeFragment });
  }

  /** Takes what is shown now. Returns whether anything has changed for a viewer. */
  take({ blocks, name, secrets, isMasked, run, bytes, presented }: LiveContent): boolean {
    const isSameRun = run === this.#run;
    this.#run = run;
    const ours = blocks.filter(({ kind }) => kind !== 'speaker');
    const shown = isMasked ? maskedBlocks(ours, secrets) : ours;
    this.#blocks = shown;
    const { title = verbatim(name), sections } = this.report();
    const next = this.#revision + 1;
    const kept = new Map<string, Kept>();
    let isChanged = this.#last === undefined;
    for (const section of sections) {
      const before = this.#kept.get(section.id);
      // Blocks are only added. What is masked may change with a secret that is found later.
      if (before && isSameRun && !isMasked && before.blocks === section.blocks) {
        kept.set(section.id, before);
        continue;
      }
      const markup = render(sectionOf(section), this.#language);
      const isSame = before?.markup === markup;
      kept.set(section.id, {
        markup,
        revision: isSame ? before.revision : next,
        blocks: section.blocks ?? 0,
      });
      isChanged ||= !isSame;
    }
    this.#kept = kept;
    const last = this.#last;
    const all = [...sections, bytesSection];
    const update: Omit<LiveUpdate, 'sections'> = {
      revision: this.#revision,
      title: textOf(title),
      heading: render(headingOf(title, isMasked), this.#language),
      contents: render(contentsList(all), this.#language),
      order: all.map(({ id }) => id),
      place: placeIn(presented, ours, sections),
      isMasked,
      run,
      bytes,
    };
    isChanged ||= JSON.stringify(update) !== JSON.stringify(last);
    if (isChanged) this.#revision = next;
    this.#last = { ...update, revision: this.#revision };
    return isChanged;
  }

  /** What a viewer needs who has seen an earlier revision; everything for 0 and for one of another server. */
  since(revision: number): LiveUpdate {
    if (!this.#last) throw new Error('nothing was taken yet');
    const seen = revision > this.#revision ? 0 : revision;
    return {
      ...this.#last,
      sections: [...this.#kept].flatMap(([id, { markup, revision: own }]) =>
        own > seen ? [[id, markup] as const] : [],
      ),
    };
  }
}

/** Where the presenter is, as a section of the page. */
function placeIn(
  presented: Presented | undefined,
  blocks: readonly ReportBlock[],
  sections: readonly PageSection[],
): ShownPlace {
  const has = (id: string): boolean => sections.some((one) => one.id === id);
  const newest = sections.at(-1)?.id ?? '';
  /** As the page heads it, with the number that its texts refer to. */
  const titleOf = (id: string): Localized => sections.find((one) => one.id === id)?.title ?? verbatim('');
  const at = (section: string, words: Localized, isEnd = false): ShownPlace => ({
    section: has(section) ? section : newest,
    isEnd,
    words: textOf(words),
  });
  if (!presented) return at(newest, titleOf(newest), newest.startsWith('step-'));
  const { kind, step, stop, stops } = presented;
  const begun = blocks.find((block) => block.kind === 'step' && block.step === step);
  const titled = (title: Localized): Localized =>
    inEach((language) => pageWords.presentedAt[language](stop, stops, title[language]));
  switch (kind) {
    case 'intro':
      return at('intro', titled(pageWords.intro));
    case 'verdict':
      return at('result', titled(pageWords.result));
    case 'question':
    case 'reveal':
    case 'visitor':
      return begun?.kind === 'step'
        ? at(`step-${begun.number}`, titled(titleOf(`step-${begun.number}`)), kind === 'reveal')
        : at(newest, titled(titleOf(newest)), true);
  }
}

/** Says where the presenter is, and leads back there; the page's script keeps it. */
export const liveBar = (place: ShownPlace): Html =>
  element(
    'aside',
    { class: 'live', id: 'live', 'aria-label': pageWords.presentation },
    element(
      'p',
      { role: 'status' },
      typeof place.words === 'string' ? place.words : { en: place.words[0], ko: place.words[1] },
    ),
    element('button', { type: 'button', hidden: true }, pageWords.toPresent),
  );
