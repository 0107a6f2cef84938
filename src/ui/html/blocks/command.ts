/** Commands of programs with their output, and those that a person types. */
import type { CommandBlock, ReachBlock } from '../../../presentation/types/report.ts';
import { element } from '../element.ts';
import type { Html } from '../element.ts';
import { grid } from './table.ts';
import { mark, paragraphs } from './text.ts';

export const command = ({ command: { command: typed, table, lines, isRefused } }: CommandBlock): Html =>
  element(
    'div',
    { class: isRefused ? 'command refused' : 'command' },
    element('p', { class: 'typed' }, isRefused ? mark('✗') : undefined, element('code', {}, typed)),
    table && grid(table),
    lines.length > 0
      ? element(
          'div',
          { class: 'output', role: 'group' },
          lines.map((line) => element('p', {}, line)),
        )
      : undefined,
  );

export const reach = ({ text, commands, scripts, remarks }: ReachBlock): Html =>
  element(
    'div',
    { class: 'reach' },
    paragraphs(text),
    scripts?.folder === undefined ? undefined : element('pre', {}, `cd ${scripts.folder}`),
    element(
      'dl',
      {},
      commands.map(({ title, line, typed }) =>
        element(
          'div',
          {},
          element('dt', {}, title),
          element('dd', {}, element('pre', {}, scripts ? (typed ?? line) : line)),
        ),
      ),
    ),
    remarks.map((remark) => element('p', {}, remark)),
  );
