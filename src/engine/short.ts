/**
 * The short version of a scenario: the steps on the way to its takeaway. Which ones belong to it is the file's; here is what
 * follows for planning. `file/short.ts` checks the list.
 */
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import type { ScenarioFile } from './scenario.ts';

/** The most stops of a short version: the introduction, questions, results and the verdict. */
export const mostShortStops = 12;

/** What a shorter plan does not have of the whole one. */
export interface LeftOut {
  readonly steps: number;
  /** Not judged. */
  readonly claims: number;
}

export interface ShortVersion {
  /** @param ids of a planned step: its own and those of the sections that it belongs to */
  has(ids: readonly string[]): boolean;
  /** Whether it waits, and asks its question. */
  asks(ids: readonly string[]): boolean;
}

/** Undefined where the file has none. */
export function shortVersion({ short }: Pick<ScenarioFile, 'short'>): ShortVersion | undefined {
  if (!short) return undefined;
  const entries = short.map((entry) => (typeof entry === 'string' ? { id: entry, asks: true } : entry));
  const of = (ids: readonly string[]): readonly { readonly asks: boolean }[] =>
    entries.filter(({ id }) => ids.includes(id));
  return { has: (ids) => of(ids).length > 0, asks: (ids) => of(ids).every(({ asks }) => asks) };
}

export function leftOutWords({ steps, claims }: LeftOut, scenario: string): Localized {
  return inEach((language) =>
    language === 'en'
      ? `This was the short version: ${steps} ${steps === 1 ? 'step was' : 'steps were'} left out, and ${claims} ${claims === 1 ? 'claim' : 'claims'} about ${steps === 1 ? 'it' : 'them'} ${claims === 1 ? 'was' : 'were'} not judged. Whole: ./wirelab run ${scenario}`
      : `짧은 버전이었습니다. 단계 ${steps}개를 건너뛰었고, 그에 대한 주장 ${claims}개는 판정하지 않았습니다. 전체 보기: ./wirelab run ${scenario}`,
  );
}
