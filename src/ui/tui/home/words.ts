/** The words of the first screen, in every language. */
import { inLanguage, languages } from '../../../i18n/language.ts';
import type { In, Language } from '../../../i18n/language.ts';
import type { Group } from './model.ts';

export type Hint = readonly [key: string, does: string];

const words = {
  about: { en: 'what travels on the wire', ko: '전송 구간에 오가는 것' },
  seen: {
    en: (seen: number, all: number): string => `✓ seen: ${seen} of ${all}`,
    ko: (seen: number, all: number): string => `✓ 본 것: ${all}개 중 ${seen}개`,
  },
  groups: {
    scenarios: { en: 'Scenarios', ko: '시나리오' },
    kubernetes: { en: 'Kubernetes', ko: '쿠버네티스' },
    labs: { en: 'Labs', ko: '실습' },
    tools: { en: 'Your own traffic', ko: '내 트래픽' },
  } satisfies Record<Group, object>,
  minutes: { en: 'min', ko: '분' },
  counts: {
    scenarios: { en: 'steps', ko: '단계' },
    kubernetes: { en: 'steps', ko: '단계' },
    labs: { en: 'tasks', ko: '과제' },
  },
  nothing: {
    en: (filter: string): string => `Nothing contains “${filter}”. Esc shows everything.`,
    ko: (filter: string): string => `“${filter}” 검색 결과가 없습니다. Esc를 누르면 전체 목록이 나옵니다.`,
  },
  failed: { en: 'This could not start:', ko: '시작하지 못했습니다.' },
  back: { en: 'any key: back to the list', ko: '아무 키나 누르면 목록으로' },
} as const;

const hintsOf: Readonly<Record<Language, (ascii: boolean) => readonly Hint[]>> = {
  en: (ascii) => [
    ['↑ ↓', 'choose'],
    ['Enter', 'open'],
    ['/', 'filter'],
    ['Tab', 'next group'],
    ['L', ascii ? 'Korean' : '한국어'],
    ['q', 'quit'],
  ],
  ko: () => [
    ['↑ ↓', '고르기'],
    ['Enter', '열기'],
    ['/', '찾기'],
    ['Tab', '다음 묶음'],
    ['L', 'English'],
    ['q', '끝내기'],
  ],
};

/** Of an entry with a short version: how many steps that has. */
const shortOf: Readonly<Record<Language, (steps: number) => Hint>> = {
  en: (steps) => ['S', `short: ${steps} steps`],
  ko: (steps) => ['S', `짧게: ${steps}단계`],
};

const showAll: Readonly<Record<Language, string>> = { en: 'show all', ko: '전체 보기' };

type HomeWords = In<typeof words> & {
  /** @param short the steps of the chosen entry's short version */
  readonly hints: (ascii: boolean, short: number | undefined) => readonly Hint[];
  readonly filteredHints: (filter: string, short: number | undefined) => readonly Hint[];
};

/** Behind the key that opens the whole. */
function withShort(hints: readonly Hint[], language: Language, steps: number | undefined): readonly Hint[] {
  return steps === undefined ? hints : [...hints.slice(0, 2), shortOf[language](steps), ...hints.slice(2)];
}

export const homeWords = Object.fromEntries(
  languages.map((language): [Language, HomeWords] => [
    language,
    {
      ...inLanguage(words, language),
      hints: (ascii, short) => withShort(hintsOf[language](ascii), language, short),
      filteredHints: (filter, short) => [
        [`/${filter}`, ''],
        ...withShort(hintsOf[language](false).slice(0, 3), language, short),
        ['Esc', showAll[language]],
      ],
    },
  ]),
) as Readonly<Record<Language, HomeWords>>;
