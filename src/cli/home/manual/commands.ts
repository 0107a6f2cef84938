/** Implements `wirelab completion` and `wirelab man`: what shells and man(1) need, made from the table of commands. */
import type { Command, CommandTable } from '../../command.ts';
import { UserError } from '../../../i18n/user-error.ts';
import { verbatim } from '../../../i18n/language.ts';
import { labPlace, readVersion, scenarioPlaces } from '../../places.ts';
import type { Places } from '../../places.ts';
import { shells } from './completion-scripts.ts';
import type { OperandNames } from './completion-scripts.ts';

async function operandNames(places: Places): Promise<OperandNames> {
  const [{ scenarioNames }, { labNames }] = await Promise.all([
    import('../../../engine/load.ts'),
    import('../../../labs/load.ts'),
  ]);
  const scenarios = scenarioNames(scenarioPlaces(places).compiled);
  return { run: scenarios, list: scenarios, lab: labNames(labPlace(places)), completion: shells };
}

export const completionOf = (table: CommandTable): Command => ({
  summary: {
    en: 'print the completions for a shell',
    ko: '셸의 자동 완성 스크립트를 출력합니다',
  },
  operands: shells.join('|'),
  options: {},
  examples: [
    {
      line: 'source <(./wirelab completion bash)',
      does: { en: 'completions in this shell', ko: '지금 셸에서 자동 완성을 씁니다' },
    },
    {
      line: './wirelab completion fish > ~/.config/fish/completions/wirelab.fish',
      does: { en: 'completions in every fish', ko: 'fish에서 늘 자동 완성을 씁니다' },
    },
  ],
  async run({ operands }, { places, stdout }) {
    const [given, ...more] = operands;
    const shell = shells.find((one) => one === given);
    if (!shell || more.length > 0)
      throw new UserError({
        what: { en: 'name one shell', ko: '셸 하나를 지정하세요' },
        where: 'wirelab completion',
        expected: verbatim(shells.join(', ')),
        received: operands.join(' '),
      });
    const [{ commandTree }, { completionScript }] = await Promise.all([
      import('./command-tree.ts'),
      import('./completion-scripts.ts'),
    ]);
    stdout.write(completionScript(shell, await commandTree(table), await operandNames(places)));
    return 0;
  },
});

export const manOf = (table: CommandTable): Command => ({
  summary: { en: 'print the manual page', ko: '매뉴얼 페이지를 출력합니다' },
  operands: '',
  options: {},
  examples: [
    {
      line: './wirelab man | man -l -',
      does: { en: 'read it', ko: '매뉴얼을 읽습니다' },
    },
  ],
  async run({ operands }, { places, stdout, language }) {
    if (operands.length > 0)
      throw new UserError({
        what: { en: 'man accepts no operands', ko: 'man 명령에는 아무것도 붙이지 않습니다' },
        where: 'wirelab man',
        expected: verbatim('wirelab man'),
        received: operands.join(' '),
      });
    const [{ commandTree }, { manPage }] = await Promise.all([
      import('./command-tree.ts'),
      import('./man-page.ts'),
    ]);
    const today = new Date().toISOString().slice(0, 10);
    stdout.write(manPage(await commandTree(table), readVersion(places.root), today, language));
    return 0;
  },
});
