/**
 * `wirelab list`: the scenarios that come with wirelab, each with its title and what it is about.
 */
import { languages } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import { Mistake } from '../i18n/mistake.ts';
import { wrapToCells } from '../i18n/width.ts';
import { loadScenario, scenarioNames } from '../scenario/load.ts';
import type { CompiledScenario } from '../scenario/scenario.ts';
import type { Command } from './command.ts';
import { scenarioPlaces } from './places.ts';

const each = (of: (language: (typeof languages)[number]) => string): Localized => ({ en: of('en'), ko: of('ko') });

/** The first paragraph of the introduction says what it is about. */
function summaryOf({ narration }: CompiledScenario): Localized {
  return each((language) => narration[language].intro.split('\n\n')[0] ?? '');
}

export const list: Command = {
  summary: { en: 'show the scenarios that come with wirelab', ko: '포함된 시나리오 목록을 보여 줍니다' },
  operands: '[--json]',
  options: { json: { help: { en: 'a JSON object per line', ko: '한 줄에 JSON 객체 하나씩 출력' } } },
  examples: [{ line: './wirelab list', does: { en: 'names and titles', ko: '이름과 제목' } }],
  async run(parsed, { places, language, stdout }) {
    if (parsed.operands.length > 0) {
      throw new Mistake({
        what: { en: 'list takes no name', ko: 'list 명령에는 이름을 붙이지 않습니다' },
        where: 'wirelab list',
        received: parsed.operands.join(' '),
        remedy: { en: './wirelab run NAME runs one.', ko: '실행하려면: ./wirelab run NAME' },
      });
    }
    const compiled = scenarioPlaces(places);
    for (const name of scenarioNames(compiled.compiled)) {
      const scenario = await loadScenario(name, compiled);
      const title = each((one) => scenario.narration[one].title);
      if (parsed.flag('json')) {
        stdout.write(`${JSON.stringify({ v: 1, kind: 'scenario', name, title, summary: summaryOf(scenario) })}\n`);
        continue;
      }
      stdout.write(`${name}: ${title[language]}\n${wrapToCells(summaryOf(scenario)[language], 76).map((line) => `    ${line}\n`).join('')}`);
    }
    return 0;
  },
};
