/**
 * The short version of a scenario: the steps on the way to its takeaway. It says what the file's list means for planning, and
 * checks the list: its steps exist, each is named once, the first one waits for the audience, and every step that one of them refers to (a twin,
 * a recording) is in it. How many stops it has, only planning knows (`compile.ts`).
 */
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Features } from '../features.ts';
import { oneOf, repeatedIn } from '../problems.ts';
import type { Problem } from '../problems.ts';
import type { LeftOut } from '../plan.ts';
import type { ScenarioFile, StepFile } from '../scenario.ts';

/** The most stops of a short version: the introduction, questions, results and the verdict. */
export const mostShortStops = 12;

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

/** @param refersTo fields that name a step, at any depth of one */
export function shortProblems(
  features: Features,
  file: ScenarioFile,
  refersTo: ReadonlySet<string>,
): Problem[] {
  const { short } = file;
  const version = shortVersion(file);
  if (!short || !version) return [];
  const parts = file.steps.flatMap((step) =>
    features
      .step(step)
      .parts(file)
      .map(({ ids }) => ({ step, ids })),
  );
  const kept = parts.filter(({ ids }) => version.has(ids));
  const known = [...new Set(parts.flatMap(({ ids }) => ids))];
  const unknown = short.flatMap((entry, index): Problem[] => {
    const id = typeof entry === 'string' ? entry : entry.id;
    if (known.includes(id)) return [];
    return [
      {
        path: ['short', index],
        what: { en: `unknown step: ${id}`, ko: `그런 이름의 단계가 없습니다: ${id}` },
        expected: oneOf(known),
        received: id,
        known,
      },
    ];
  });
  const [first] = kept;
  const silent: Problem[] =
    first && !version.asks(first.ids)
      ? [
          {
            path: ['short'],
            what: {
              en: 'the first step of the short version must wait for the audience',
              ko: '짧은 버전의 첫 단계는 청중을 기다려야 합니다',
            },
            expected: { en: `${first.ids[0]} without asks: false`, ko: `asks: false 없이 ${first.ids[0]}` },
          },
        ]
      : [];
  const missing = [...new Set(kept.map(({ step }) => step))].flatMap((step) =>
    referred(step, refersTo)
      .filter((id) => known.includes(id) && !kept.some(({ ids }) => ids.includes(id)))
      .map(
        (id): Problem => ({
          path: ['short'],
          what: {
            en: `the short version lacks a step that ${step.id} refers to`,
            ko: `${step.id} 단계가 가리키는 단계가 짧은 버전에 없습니다`,
          },
          expected: { en: `${id} in the list`, ko: `목록에 ${id}` },
        }),
      ),
  );
  const repeated = repeatedIn(short, (entry) => (typeof entry === 'string' ? entry : entry.id), ['short']);
  return [...unknown, ...repeated, ...silent, ...missing];
}

/** The steps that a step names. */
function referred(step: StepFile, fields: ReadonlySet<string>): string[] {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (fields.has(key) && typeof child === 'string') found.add(child);
      walk(child);
    }
  };
  walk(step);
  return [...found];
}
