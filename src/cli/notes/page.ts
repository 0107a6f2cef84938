/** The speaker's page as lines: where the show is, the notes, what comes next, and a clock. Pure. */
import { safeText } from '../../i18n/safe.ts';
import { cellWidth, cutToCells, wrapToCells } from '../../i18n/width.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import type { SpeakerMessage } from './message.ts';

const words = {
  stop: {
    en: (stop: number, stops: number) => `step ${stop}/${stops}`,
    ko: (stop: number, stops: number) => `${stop}/${stops} 단계`,
  },
  kinds: {
    intro: { en: 'introduction', ko: '소개' },
    question: { en: 'question', ko: '질문' },
    reveal: { en: 'result', ko: '결과' },
    verdict: { en: 'verdict', ko: '판정' },
    visitor: { en: 'a visitor', ko: '방문자' },
  },
  since: { en: 'since the start', ko: '시작한 지' },
  noNotes: { en: '(no notes here)', ko: '(메모 없음)' },
  next: { en: 'next:', ko: '다음:' },
  last: { en: 'nothing: the show ends here', ko: '없음(여기서 끝)' },
  keys: {
    en: 'space next  b back  up/down scroll  q quit',
    ko: 'space 다음  b 이전  위/아래 스크롤  q 끝내기',
  },
  waiting: {
    en: 'No show is running. Waiting for ./wirelab run NAME in another terminal; Ctrl-C ends this.',
    ko: '실행 중인 쇼가 없습니다. 다른 터미널의 ./wirelab run NAME을 기다립니다. 끝내려면 Ctrl-C.',
  },
  waitingFor: {
    en: (name: string) => `No show ${name} is running. Waiting for it in another terminal; Ctrl-C ends this.`,
    ko: (name: string) =>
      `${name} 쇼가 실행 중이 아닙니다. 다른 터미널에서 시작하기를 기다립니다. 끝내려면 Ctrl-C.`,
  },
  ended: { en: 'The show has ended.', ko: '쇼가 끝났습니다.' },
} as const;

export function waitingWords(asked: string | undefined, language: Language): string {
  return asked === undefined ? words.waiting[language] : words.waitingFor[language](safeText(asked));
}

export const endedWords: Localized = words.ended;

export interface PageOptions {
  readonly language: Language;
  readonly columns: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** `mtls  step 5/30  question` at the left, the clock at the right; in little room only the time of day. */
export function headLine(page: SpeakerMessage, { language, columns, now }: PageOptions): string {
  const where = [page.show, words.stop[language](page.stop, page.stops), words.kinds[page.kind][language]];
  const whole = `${words.since[language]} ${duration(now - page.began)}   ${timeOfDay(now)}`;
  const clock = cellWidth(whole) > columns / 2 ? timeOfDay(now) : whole;
  const left = cutToCells(where.join('   '), Math.max(0, columns - cellWidth(clock) - 1));
  return `${left}${' '.repeat(Math.max(1, columns - cellWidth(left) - cellWidth(clock)))}${clock}`;
}

/** The title of the step, its notes, and the title of the next stop. */
export function bodyLines(page: SpeakerMessage, { language, columns }: PageOptions): string[] {
  const { step, notes, next, title } = page;
  const set = (text: string, indent = ''): string[] =>
    text
      .split('\n')
      .flatMap((line) => (line === '' ? [''] : wrapToCells(line, columns - indent.length - 1)))
      .map((line) => (line === '' ? '' : `${indent}${line}`));
  return [
    ...set((step ?? title)[language]),
    '',
    ...set(notes?.[language] ?? words.noNotes[language], '  '),
    '',
    ...set(`${words.next[language]} ${(next ?? words.last)[language]}`),
  ];
}

/** A whole screen; `scroll` lines of the body are passed over, at most those that do not fit. */
export function screenLines(
  page: SpeakerMessage,
  options: PageOptions & { readonly rows: number; readonly scroll: number },
): string[] {
  const { language, columns, rows, scroll } = options;
  const body = bodyLines(page, options);
  const height = Math.max(1, rows - 4);
  const from = Math.min(scroll, mostScroll(page, options));
  const shown = body.slice(from, from + height);
  return [
    headLine(page, options),
    '',
    ...shown,
    ...Array.from({ length: height - shown.length }, () => ''),
    '',
    cutToCells(words.keys[language], columns),
  ].slice(0, rows);
}

export function mostScroll(page: SpeakerMessage, options: PageOptions & { readonly rows: number }): number {
  return Math.max(0, bodyLines(page, options).length - Math.max(1, options.rows - 4));
}

/** `1:02:03`. */
function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Local time. */
function timeOfDay(now: number): string {
  const date = new Date(now);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

const two = (value: number): string => String(value).padStart(2, '0');
