/** Draws what sizes and times give away: a bar for each sealed answer, its name where only one fits, and a timeline. */
import { grouped } from '../../../../i18n/number.ts';
import type { SizeChart } from '../../../../presentation/types/sizes.ts';
import type { Line } from '../../frame.ts';
import { span, spaces } from '../../pen.ts';
import type { Pen } from '../../pen.ts';
import { sheet } from '../sheet.ts';
import type { Sheet } from '../sheet.ts';

const numberCells = 3;
const sizeCells = 9;

export function sizesPicture({ bars }: SizeChart, pen: Pen, width: number): Sheet {
  const { words } = pen;
  const longest = Math.max(1, ...bars.map(({ length = 0 }) => length));
  const most = Math.max(8, Math.min(40, Math.floor(width * 0.24)));
  const slowest = longestPause(bars);
  const head = pen.line(
    [
      spaces(1),
      span(pen.fit(words.answersOnWire, numberCells + most + 1), 'heading'),
      span(pen.fit(words.sizeHead, sizeCells), 'heading'),
      span(`   ${words.fitsHead}`, 'heading'),
    ],
    width,
  );
  const lines = bars.map(({ length, name, fitting }, index): Line => {
    const cells = length === undefined ? 0 : Math.max(1, Math.round((length / longest) * most));
    return pen.line(
      [
        spaces(1),
        span(String(index + 1).padStart(2), 'strong'),
        spaces(1),
        span('='.repeat(cells), 'sealed'),
        spaces(most + 1 - cells),
        span(
          length === undefined ? ''.padStart(sizeCells) : `${grouped(length)} B`.padStart(sizeCells),
          'plain',
        ),
        span(name === undefined ? ' ? ' : ' = ', 'dim'),
        name === undefined
          ? span(words.severalFit(fitting), 'sealed')
          : span(`[${pen.plain(name[pen.language])}]`, 'secret'),
        ...(index === slowest ? [span(`  ${words.lookedLongest}`, 'strong')] : []),
      ],
      width,
    );
  });
  const isTimed = bars.some(({ pause = 0 }) => pause > 0);
  return sheet(width, [head, ...lines, ...(isTimed ? [pen.blank(width), timeline(bars, pen, width)] : [])]);
}

/** The answer after which nothing was requested for the longest time; -1 without pauses. */
function longestPause(bars: SizeChart['bars']): number {
  const pauses = bars.map(({ pause = 0 }) => pause);
  const longest = Math.max(...pauses);
  return longest > 0 ? pauses.indexOf(longest) : -1;
}

/** `|1··|2·······|3··|4`: each answer, as wide as the time until the next request. */
function timeline(bars: SizeChart['bars'], pen: Pen, width: number): Line {
  const total = bars.reduce((sum, { pause = 0 }) => sum + pause, 0);
  const label = ` ${pen.words.timeline} `;
  const marks = bars.reduce((sum, _, index) => sum + 1 + String(index + 1).length, 1);
  const room = Math.max(0, Math.min(width, 100) - pen.width(label) - marks - 2);
  const text = bars
    .map(({ pause = 0 }, index) => {
      const cells = total === 0 ? 0 : Math.floor((pause / total) * room);
      return `|${index + 1}${'.'.repeat(cells)}`;
    })
    .join('');
  return pen.line([span(label, 'heading'), span(`${text}|`, 'plain')], width);
}
