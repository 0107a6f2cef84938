/** Cuts the visible part out of a text that is longer than its window. */
import type { Line } from '../frame.ts';
import { span, spaces } from '../pen.ts';
import type { Pen } from '../pen.ts';
import { textOf } from './prose.ts';
import type { Scrolled, Sheet } from './sheet.ts';

/** @param scroll the first visible line; the first `fixed` lines do not scroll. A mark says that there is more. */
export function scrolled(pen: Pen, whole: Sheet, height: number, scroll: number, fixed = 0): Scrolled {
  const { width, lines, regions } = whole;
  const room = Math.max(1, height - fixed);
  const length = lines.length - fixed;
  const top = Math.max(0, Math.min(scroll, length - room));
  const shown = [...lines.slice(0, fixed), ...pen.window(lines, width, room, fixed + top)];
  const isCut = length - room - top > 0 && shown.length > 1;
  return {
    sheet: { width, lines: isCut ? withMore(shown, pen, width) : shown, regions },
    scrollable: { height: room, length },
  };
}

/** The same lines with a mark in the last: there is more below. */
export function withMore(lines: readonly Line[], pen: Pen, width: number): Line[] {
  const mark = ` ${pen.plain('↓')} ${pen.plain(pen.words.more)} `;
  const room = width - pen.width(mark) - 1;
  const text = textOf(lines.at(-1) ?? []);
  const firstWord = /^\s*\S*/.exec(text)?.[0] ?? '';
  // A refusal stays one: its mark has a meaning by its role.
  const own = lines.at(-1)?.find((piece) => piece.text.trim() !== '')?.role;
  // A part of its first word would say less than nothing.
  const last = span(
    pen.fit(pen.width(firstWord) < room ? text : pen.plain('…'), room),
    own === 'refused' ? own : 'dim',
  );
  return [...lines.slice(0, -1), pen.line([last, span(mark, 'key'), spaces(1)], width)];
}

/** The same lines with dots at the end of the last: the sentence goes on, and cannot be scrolled to. */
export function withDots(lines: readonly Line[], pen: Pen, width: number): Line[] {
  const last = lines.at(-1);
  if (!last) return [];
  const dots = pen.plain('…');
  const text = pen.fit(textOf(last).trimEnd(), Math.max(0, width - pen.width(dots))).trimEnd();
  return [
    ...lines.slice(0, -1),
    pen.line([span(`${text.replace(/…$/, '')}${dots}`, last[0]?.role ?? 'plain')], width),
  ];
}
