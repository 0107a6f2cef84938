/** Draws the tasks of a lab: those that are done, the current one with what was found, the others by their titles. */
import { currentTask } from '../../../labs/board.ts';
import type { BoardFinding, BoardTask, LabBoard } from '../../../labs/board.ts';
import { isAdvice, refusalCard } from '../../../presentation/card.ts';
import { inLanguage } from '../../../i18n/language.ts';
import type { Line } from '../frame.ts';
import { span } from '../pen.ts';
import type { Pen } from '../pen.ts';
import { heading, paragraphs, widest } from '../view/prose.ts';
import { labWordsIn } from './words.ts';

/** The panel at the left. */
export function taskLines(board: LabBoard, pen: Pen, width: number): Line[] {
  const { language } = pen;
  const words = labWordsIn[language];
  const current = currentTask(board);
  const lines = board.tasks.flatMap((task, index): Line[] => {
    const isCurrent = task === current;
    const mark = task.isDone ? '✓' : isCurrent ? '▸' : ' ';
    const title = pen.text(task.title[language], width, {
      head: ` ${pen.plain(mark)} ${index + 1} `,
      headRole: task.isDone ? 'sealed' : 'key',
      role: isCurrent ? 'strong' : task.isDone ? 'plain' : 'dim',
    });
    return isCurrent ? [...title, ...panelFinding(task, pen, width)] : title;
  });
  return current
    ? lines
    : [...lines, pen.blank(width), ...pen.text(words.allDone, width, { head: ' ', role: 'sealed' })];
}

function panelFinding({ finding, hints, hintCount }: BoardTask, pen: Pen, width: number): Line[] {
  const { language } = pen;
  const words = labWordsIn[language];
  const hint = hints.at(-1);
  return [
    ...(finding
      ? [
          ...foundLines(finding, pen, width, '   '),
          ...(finding.expected
            ? pen.text(finding.expected[language], width, { head: '   ', role: 'dim' })
            : []),
        ]
      : pen.text(words.notChecked, width, { head: '   ', role: 'dim' })),
    ...(hint === undefined
      ? []
      : pen.text(`${words.hint(hints.length, hintCount)}: ${hint[language]}`, width, {
          head: '   ',
          role: 'dim',
        })),
  ];
}

function foundLines({ reason, says }: BoardFinding, pen: Pen, width: number, head: string): Line[] {
  const { language } = pen;
  return [
    ...(reason ? pen.text(`${reason[language]}:`, width, { head, role: 'dim' }) : []),
    ...pen.text(says[language], width, { head, widest }),
  ];
}

/** The current task in full: what is to be done, what was found, the hints that were given, and what the one before has shown. */
export function taskPage(
  board: LabBoard,
  pen: Pen,
  width: number,
): { readonly title: string; readonly lines: Line[] } {
  const { language } = pen;
  const words = labWordsIn[language];
  const task = currentTask(board);
  const done = board.tasks.filter(({ isDone }) => isDone).at(-1);
  const shown =
    done && done.shows[language] !== ''
      ? [
          ...heading(pen, `${pen.plain('✓')} ${done.title[language]}`, width),
          pen.blank(width),
          ...paragraphs(pen, done.shows[language], width),
          pen.blank(width),
        ]
      : [];
  if (!task)
    return {
      title: board.title[language],
      lines: [...paragraphs(pen, board.end[language], width), pen.blank(width), ...shown],
    };
  const number = board.tasks.indexOf(task) + 1;
  // At the beginning the lab itself is introduced.
  const intro =
    done === undefined ? [...paragraphs(pen, board.intro[language], width), pen.blank(width)] : [];
  return {
    title: words.task(number, task.title[language]),
    lines: [
      ...intro,
      ...(intro.length > 0
        ? [...heading(pen, words.task(number, task.title[language]), width), pen.blank(width)]
        : []),
      ...paragraphs(pen, task.text[language], width),
      pen.blank(width),
      ...shown,
      ...(task.finding
        ? [...heading(pen, words.found, width), ...findingInFull(task.finding, pen, width), pen.blank(width)]
        : []),
      ...task.hints.flatMap((hint, at) => [
        ...heading(pen, words.hint(at + 1, task.hintCount), width),
        ...paragraphs(pen, hint[language], width),
        pen.blank(width),
      ]),
    ],
  };
}

function findingInFull(finding: BoardFinding, pen: Pen, width: number): Line[] {
  const { language } = pen;
  const { details, story } = finding;
  const card = story
    ? inLanguage(refusalCard(story.refusal, { topology: story.topology, inStep: true }), language)
    : undefined;
  // What to do about it is the task.
  const rows = card?.rows.filter(({ kind }) => !isAdvice(kind)) ?? [];
  const labels = Math.max(0, ...rows.map(({ label }) => pen.width(label)));
  return [
    ...foundLines(finding, pen, width, '  '),
    ...details.flatMap((detail) => pen.text(detail[language], width, { head: '    ', widest, role: 'dim' })),
    ...(card
      ? [
          pen.blank(width),
          ...pen.text(card.headline, width, { head: '  ', widest, role: 'refused' }),
          ...rows.flatMap(({ label, text }) =>
            pen.text(text, width, { head: `  ${pen.fit(label, labels)}  `, headRole: 'dim', widest }),
          ),
        ]
      : []),
  ];
}

/** Below everything: what was saved last, and what its check took. */
export function savedLine(board: LabBoard, time: (at: number) => string, pen: Pen, width: number): Line {
  const words = labWordsIn[pen.language];
  const { saved, unrecorded } = board;
  const [nothing, checking, checked] = board.isCluster
    ? [words.nothingChanged, words.checkingChange, words.checkedChange]
    : [words.nothingSaved, words.checking, words.checked];
  const textWith = (count: number): string => {
    if (!saved) return nothing;
    const { files, at, milliseconds } = saved;
    const rest = files.length - count;
    const named = `${files.slice(0, count).join(', ')}${rest > 0 ? ` +${rest}` : ''}`;
    return milliseconds === undefined
      ? checking(named, time(at))
      : checked(named, time(at), (milliseconds / 1000).toFixed(1));
  };
  // As many names as leave room for what the check took.
  const counts = Array.from({ length: saved?.files.length ?? 1 }, (_, at) => at + 1).toReversed();
  const fitting = counts.find((count) => pen.width(textWith(count)) < width) ?? 1;
  const text = textWith(fitting);
  const bad = unrecorded.length === 0 ? '' : `   ${words.unrecorded(unrecorded.join(', '))}`;
  return pen.line([span(` ${text}`, saved ? 'plain' : 'dim'), span(bad, 'warning')], width);
}

/** How much is done, for the bar. */
export function countText(board: LabBoard, pen: Pen): string {
  const done = board.tasks.filter(({ isDone }) => isDone).length;
  const words = labWordsIn[pen.language];
  return words.count(done, board.tasks.length, pen.ascii ? words.done : '✓');
}

/** Hints of the current task that were given, for the hint line. */
export function usedText(board: LabBoard, pen: Pen): string {
  return labWordsIn[pen.language].used(currentTask(board)?.hints.length ?? 0);
}
