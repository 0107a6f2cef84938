/** Draws what lies over a lab's screen: the commands of what is up, and the next lab. */
import { currentTask } from '../../../labs/board.ts';
import type { LabBoard } from '../../../labs/board.ts';
import type { TypedCommand } from '../../../presentation/types/values.ts';
import type { Line } from '../frame.ts';
import { span } from '../pen.ts';
import type { Pen } from '../pen.ts';
import { heading, paragraphs } from '../view/prose.ts';
import { commandLines } from '../view/verdict.ts';
import { labWordsIn } from './words.ts';

/** The commands of what is up, in the order of the screen. */
export const commandsUp = ({ commands }: LabBoard): readonly TypedCommand[] => Object.values(commands).flat();

/** All commands of a board, in the order of the page. */
export const commandsOn = (board: LabBoard): readonly TypedCommand[] => [
  ...commandsUp(board),
  ...(board.verbs ?? []),
];

/** `starts` has the first line of each command. */
export function commandsPage(
  board: LabBoard,
  chosen: number,
  pen: Pen,
  width: number,
): { readonly lines: Line[]; readonly starts: readonly number[] } {
  const words = labWordsIn[pen.language];
  const commands = commandsOn(board);
  const none = commandsUp(board).length === 0 ? paragraphs(pen, words.noCommands, width) : [];
  if (commands.length === 0) return { lines: none, starts: [] };
  const { lines, starts } = commandLines(commands, chosen, pen, width);
  const head = [
    ...none,
    ...(none.length > 0 ? [pen.blank(width)] : []),
    ...paragraphs(pen, words.elsewhere, width),
    pen.blank(width),
  ];
  return {
    lines: [...head, ...lines, pen.blank(width), pen.line([span(` ${words.copies}`, 'dim')], width)],
    starts: starts.map((at) => at + head.length),
  };
}

/** The next lab of the course, and how to begin it. */
export function nextPage(board: LabBoard, pen: Pen, width: number): Line[] {
  const { language } = pen;
  const words = labWordsIn[language];
  const { next } = board;
  if (!next) return paragraphs(pen, words.noNext, width);
  const open = board.tasks.filter(({ isDone }) => !isDone).length;
  return [
    ...heading(pen, `${next.name}: ${next.title[language]}`, width),
    pen.blank(width),
    ...(next.minutes === undefined ? [] : paragraphs(pen, words.minutes(next.minutes), width)),
    ...(next.afterwards ? paragraphs(pen, words.afterwards(next.afterwards[language]), width) : []),
    pen.blank(width),
    ...(currentTask(board) ? [...paragraphs(pen, words.stillOpen(open), width), pen.blank(width)] : []),
    ...paragraphs(pen, words.beginNext, width, { role: 'strong' }),
  ];
}
