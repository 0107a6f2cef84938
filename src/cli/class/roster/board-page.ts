/** The board of a class as a page that changes: who is at which task of which lab, and who was turned away. */
import { readFileSync } from 'node:fs';
import { inEach } from '../../../i18n/language.ts';
import type { Language, Localized } from '../../../i18n/language.ts';
import type { Words } from '../../../presentation/types/values.ts';
import { BoardParts, boardBar, boardSections, learnersSection } from '../../../ui/html/board/board.ts';
import type { BoardContent } from '../../../ui/html/board/board.ts';
import { documentStyle, pageDocument, pagePolicy } from '../../../ui/html/document.ts';
import { classWords } from '../../../ui/html/words.ts';
import { pageScriptFile } from '../../places.ts';
import type { Places } from '../../places.ts';
import { madeBy } from '../../run/page/made.ts';
import type { Served } from '../../run/share/server.ts';
import { boardCells, boardHead } from '../board.ts';
import type { HandedIn } from '../handed-in.ts';
import { localTime, timeOfDay } from '../times.ts';
import type { TurnedAway } from './turned-away.ts';

export interface BoardState {
  readonly rows: readonly HandedIn[];
  /** Everybody who was invited. */
  readonly learners: readonly string[];
  /** The newest first. */
  readonly turnedAway: readonly TurnedAway[];
  /** What has changed last. */
  readonly latest: Localized;
}

export interface BoardPageOptions {
  readonly language: Language;
  readonly places: Places;
  readonly now: Date;
  /** Called when viewers have something new to see. */
  readonly onChange: () => void;
}

/** How long changes are gathered, in milliseconds. */
const gatherFor = 200;

export class BoardPage implements Served {
  readonly policy: string;
  readonly #options: BoardPageOptions;
  readonly #state: () => BoardState;
  readonly #script: string;
  readonly #parts: BoardParts;
  #content: BoardContent;
  #latest: Localized;
  #timer: NodeJS.Timeout | undefined;

  /** @param state as it is when it is asked for */
  constructor(state: () => BoardState, options: BoardPageOptions) {
    this.#options = options;
    this.#state = state;
    this.#script = readFileSync(pageScriptFile(options.places), 'utf8');
    this.policy = pagePolicy(this.#script, documentStyle, true);
    this.#parts = new BoardParts(options.language);
    const now = state();
    this.#content = contentOf(now);
    this.#latest = now.latest;
    this.#parts.take(this.#content, this.#latest);
  }

  get revision(): number {
    return this.#parts.revision;
  }

  since(revision: number): string {
    return JSON.stringify(this.#parts.since(revision));
  }

  /** Something has changed: it is shown in a moment, with what comes until then. */
  change(): void {
    this.#timer ??= setTimeout(() => this.#take(), gatherFor);
  }

  #take(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = this.#state();
    this.#content = contentOf(now);
    this.#latest = now.latest;
    if (this.#parts.take(this.#content, this.#latest)) this.#options.onChange();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  document(): Uint8Array {
    if (this.#timer) this.#take();
    const { language, places, now } = this.#options;
    const { revision, latest } = this.#parts.since(this.revision);
    return Buffer.from(
      pageDocument({
        language,
        report: { title: classWords.title, sections: boardSections(this.#content) },
        name: classWords.title[language],
        explorer: undefined,
        script: this.#script,
        made: { ...madeBy(places, now), how: 'servedBy' },
        isMasked: false,
        board: { bar: boardBar(this.#latest), state: { revision, latest, sections: [] } },
      }),
    );
  }
}

/** The same table as a file, which does not change. */
export function gatheredPage(
  rows: readonly HandedIn[],
  { language, places, now }: Omit<BoardPageOptions, 'onChange'>,
): string {
  const done = doneWords(rows);
  return pageDocument({
    language,
    report: {
      title: classWords.title,
      sections: [learnersSection(tableOf(rows), [done])],
    },
    name: classWords.title[language],
    explorer: undefined,
    script: readFileSync(pageScriptFile(places), 'utf8'),
    made: { ...madeBy(places, now), how: 'gatheredBy' },
    isMasked: false,
  });
}

const tableOf = (rows: readonly HandedIn[]): BoardContent['table'] => ({
  head: inColumns((language) => boardHead(language)),
  rows: rows.map((row) => inColumns((language) => boardCells(row, language, localTime))),
  tones: rows.map(({ task }) => boardHead('en').map(() => (task ? 'plain' : 'sealed'))),
});

function doneWords(rows: readonly HandedIn[]): Localized {
  const done = rows.filter(({ task }) => task === undefined).length;
  return {
    en: `${done} of ${rows.length} labs are done.`,
    ko: `실습 ${rows.length}개 중 ${done}개를 마쳤습니다.`,
  };
}

function contentOf({ rows, learners, turnedAway }: BoardState): BoardContent {
  const reported = new Set(rows.map(({ learner }) => learner));
  const silent = learners.filter((learner) => !reported.has(learner));
  const invited = new Set(learners);
  const withdrawn = [...reported].filter((learner) => !invited.has(learner));
  const all = learners.length + withdrawn.length;
  const done = doneWords(rows);
  return {
    table: tableOf(rows),
    facts: [
      {
        en: `${reported.size} of ${all} learners have reported; ${done.en}`,
        ko: `수강생 ${all}명 중 ${reported.size}명이 보고했습니다. ${done.ko}`,
      },
      ...(withdrawn.length === 0
        ? []
        : [
            {
              en: `Not invited any more: ${withdrawn.join(', ')}`,
              ko: `초대를 취소한 수강생: ${withdrawn.join(', ')}`,
            },
          ]),
      ...(silent.length === 0
        ? []
        : [
            {
              en: `Not heard of yet: ${silent.join(', ')}`,
              ko: `아직 보고가 없는 수강생: ${silent.join(', ')}`,
            },
          ]),
    ],
    cards: turnedAway.map(({ card, at, count }) => ({ card, count, time: timeOfDay(new Date(at)) })),
  };
}

/** Cells in every language. */
function inColumns(cells: (language: Language) => readonly string[]): Words[] {
  const [en, ko] = [cells('en'), cells('ko')];
  return en.map((text, at) => inEach((language) => (language === 'en' ? text : (ko[at] ?? text))));
}
