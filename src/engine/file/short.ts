/**
 * Checks the short version of a scenario file: its steps exist, the first one waits for the audience, and every step that
 * one of them refers to (a twin, a recording) is in it. How many stops it has, only planning knows (`compile.ts`).
 */
import type { Features } from '../features.ts';
import { oneOf } from '../problems.ts';
import type { Problem } from '../problems.ts';
import type { ScenarioFile, StepFile } from '../scenario.ts';
import { shortVersion } from '../short.ts';

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
  return [...unknown, ...silent, ...missing];
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
