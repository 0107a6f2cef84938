/**
 * Implements `wirelab list`: prints the bundled scenarios and labs with title and summary.
 */
import { languages } from '../i18n/language.ts';
import type { Language, Localized } from '../i18n/language.ts';
import { UserError } from '../i18n/user-error.ts';
import { wrapToCells } from '../i18n/width.ts';
import { labNames, loadLab } from '../labs/load.ts';
import { loadScenario, scenarioNames } from '../engine/load.ts';
import { outputLine } from '../ui/json/line.ts';
import type { Command } from './command.ts';
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

export const list: Command = {
  summary: {
    en: 'list the scenarios and labs included in wirelab',
    ko: '포함된 시나리오와 실습 목록을 보여 줍니다',
  },
  operands: '[--json]',
  options: { json: { help: { en: 'one JSON object per line', ko: '한 줄에 JSON 객체 하나씩 출력' } } },
  examples: [{ line: './wirelab list', does: { en: 'names and titles', ko: '이름과 제목' } }],
  async run(parsed, { places, language, stdout }) {
    if (parsed.operands.length > 0) {
      throw new UserError({
        what: { en: 'list accepts options only', ko: 'list 명령에는 이름을 붙이지 않습니다' },
        where: 'wirelab list',
        received: parsed.operands.join(' '),
        remedy: {
          en: 'Use ./wirelab run NAME or ./wirelab lab NAME.',
          ko: '실행하려면: ./wirelab run NAME. 실습은 ./wirelab lab NAME',
        },
      });
    }
    const compiled = scenarioPlaces(places);
    for (const name of scenarioNames(compiled.compiled)) {
      const scenario = await loadScenario(name, compiled);
      const title = each((one) => scenario.narration[one].title);
      if (parsed.flag('json')) {
        stdout.write(
          `${JSON.stringify(outputLine({ v: 1, kind: 'scenario', name, title, summary: summaryOf(scenario) }))}\n`,
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
          ? `${JSON.stringify(outputLine({ v: 1, kind: 'lab', name, title, summary }))}\n`
          : entry(`lab ${name}`, title[language], summary[language]),
      );
    }
    return 0;
  },
};
