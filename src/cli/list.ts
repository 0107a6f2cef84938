/**
 * Implements `wirelab list`: prints the bundled scenarios and labs with title and summary, or the steps of one scenario with
 * the numbers and ids that `run --step` accepts.
 */
import { languages } from '../i18n/language.ts';
import type { Language, Localized } from '../i18n/language.ts';
import { UserError } from '../i18n/user-error.ts';
import { safeText } from '../i18n/safe.ts';
import { cellWidth, wrapToCells } from '../i18n/width.ts';
import { labNames, loadLab } from '../labs/load.ts';
import { loadScenario, scenarioNames } from '../engine/load.ts';
import { plannedStops } from '../engine/plan.ts';
import type { PlannedStop } from '../engine/plan.ts';
import { jsonText, outputLine } from '../ui/json/line.ts';
import type { Command, Environment, Parsed } from './command.ts';
import { labPlace, scenarioPlaces } from './places.ts';

const each = (of: (language: (typeof languages)[number]) => string): Localized => ({
  en: of('en'),
  ko: of('ko'),
});

/** The first paragraph of the introduction is the summary. */
function summaryOf({
  narration,
}: {
  readonly narration: Readonly<Record<Language, { readonly intro: string }>>;
}): Localized {
  return each((language) => narration[language].intro.split('\n\n')[0] ?? '');
}

function entry(name: string, title: string, summary: string): string {
  return `${name}: ${title}\n${wrapToCells(summary, 76)
    .map((line) => `    ${line}\n`)
    .join('')}`;
}

const stopWords: Readonly<Record<PlannedStop['kind'], Localized>> = {
  intro: { en: 'introduction', ko: '소개' },
  question: { en: 'question', ko: '질문' },
  reveal: { en: 'result', ko: '결과' },
  verdict: { en: 'verdict', ko: '판정' },
};

/** The stops of a scenario, numbered as the screen numbers them. */
async function listStops(name: string, parsed: Parsed, environment: Environment): Promise<number> {
  const { places, language, stdout } = environment;
  const [{ features }, { planScenario }, { shortPlan }] = await Promise.all([
    import('../features/registry.ts'),
    import('../engine/planning.ts'),
    import('./run.ts'),
  ]);
  const compiled = await loadScenario(name, scenarioPlaces(places));
  const plan = parsed.flag('short') ? shortPlan(compiled) : planScenario(features, compiled);
  const stops = plannedStops(plan.steps);
  const titled = stops.map(({ kind, step }, index) => ({
    number: index + 1,
    kind,
    step: step?.id,
    title: step?.text.title ?? (kind === 'verdict' ? stopWords.verdict : plan.title),
  }));
  if (parsed.flag('json')) {
    for (const { number, kind, step, title } of titled)
      stdout.write(
        `${jsonText(outputLine({ v: 2, kind: 'stop', scenario: plan.scenario, number, of: stops.length, stop: kind, ...(step === undefined ? {} : { step }), title }))}\n`,
      );
    return 0;
  }
  const rows = titled.map(({ number, kind, step = '', title }) => [
    String(number).padStart(3),
    stopWords[kind][language],
    step,
    kind === 'verdict' ? '' : safeText(title[language]),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => cellWidth(row[column] ?? ''))));
  for (const row of rows) {
    const cells = row.map(
      (cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - cellWidth(cell))),
    );
    stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
  return 0;
}

export const list: Command = {
  summary: {
    en: 'list the scenarios and labs included in wirelab, or the steps of one scenario',
    ko: '포함된 시나리오와 실습 목록, 또는 시나리오 하나의 단계를 보여 줍니다',
  },
  operands: '[NAME|PATH]',
  options: {
    short: {
      help: { en: 'the steps of the short version', ko: '짧은 버전의 단계' },
    },
    json: { help: { en: 'one JSON object per line', ko: '한 줄에 JSON 객체 하나씩 출력' } },
  },
  examples: [
    { line: './wirelab list', does: { en: 'names and titles', ko: '이름과 제목' } },
    {
      line: './wirelab list mtls',
      does: { en: 'the steps of mtls, for run mtls --step', ko: 'mtls의 단계(run mtls --step에 쓸 수 있음)' },
    },
  ],
  async run(parsed, environment) {
    const { places, language, stdout } = environment;
    const [name, ...more] = parsed.operands;
    if (more.length > 0 || (name === undefined && parsed.flag('short'))) {
      throw new UserError({
        what: { en: 'list shows the steps of one scenario', ko: 'list는 시나리오 하나의 단계를 보여 줍니다' },
        where: 'wirelab list',
        expected: { en: 'one NAME, or nothing for all scenarios', ko: 'NAME 하나. 전체 목록은 이름 없이' },
        received: [...parsed.operands, ...(parsed.flag('short') ? ['--short'] : [])].join(' '),
      });
    }
    if (name !== undefined) return listStops(name, parsed, environment);
    const compiled = scenarioPlaces(places);
    for (const name of scenarioNames(compiled.compiled)) {
      const scenario = await loadScenario(name, compiled);
      const title = each((one) => scenario.narration[one].title);
      if (parsed.flag('json')) {
        stdout.write(
          `${JSON.stringify(outputLine({ v: 2, kind: 'scenario', name, title, summary: summaryOf(scenario) }))}\n`,
        );
        continue;
      }
      stdout.write(entry(name, title[language], summaryOf(scenario)[language]));
    }
    const labs = labPlace(places);
    for (const name of labNames(labs)) {
      const { narration } = loadLab(name, labs);
      const title = each((one) => narration[one].title);
      const summary = summaryOf({ narration });
      stdout.write(
        parsed.flag('json')
          ? `${JSON.stringify(outputLine({ v: 2, kind: 'lab', name, title, summary }))}\n`
          : entry(`lab ${name}`, title[language], summary[language]),
      );
    }
    return 0;
  },
};
