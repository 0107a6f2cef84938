/** A lab as blocks of a report: its tasks as they are set, and of a board how far the learner has come. */
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import { isAdvice, refusalCard } from '../presentation/card.ts';
import type { JournalBlock, TaskBlock } from '../presentation/types/lab.ts';
import type { ReportBlock } from '../presentation/types/report.ts';
import { currentTask } from './board.ts';
import type { BoardFinding, BoardTask, LabBoard } from './board.ts';
import type { CompiledLab } from './lab.ts';

export const hintLabel = {
  en: (number: number, of: number): string => `Hint ${number} of ${of}`,
  ko: (number: number, of: number): string => `힌트 ${number}/${of}`,
} as const;

const stateWords = {
  done: { en: 'done', ko: '마침' },
  current: { en: 'the current task', ko: '지금 할 과제' },
  open: { en: 'open', ko: '남아 있음' },
} as const satisfies Readonly<Record<string, Localized>>;

const happened: Localized = { en: 'What happened (times in UTC)', ko: '있었던 일(시각은 UTC)' };

/** The tasks as they are set. */
export const taskBlocks = ({ tasks, narration }: CompiledLab): readonly TaskBlock[] =>
  tasks.tasks.map(({ id }, at) => ({
    kind: 'task',
    number: at + 1,
    id,
    title: inEach((language) => narration[language].tasks[id]?.title ?? id),
    text: inEach((language) => narration[language].tasks[id]?.text ?? ''),
    hints: [],
  }));

/** @param total how many of the tasks are done, in words */
export function labBlocks(board: LabBoard, total: Localized): readonly ReportBlock[] {
  const { intro, end, tasks, notes } = board;
  const current = currentTask(board);
  const journal: JournalBlock = {
    kind: 'journal',
    title: happened,
    entries: notes.map(({ at, text, isBad }) => ({
      time: new Date(at).toISOString().slice(11, 19),
      text,
      isBad,
    })),
  };
  return [
    { kind: 'narration', part: 'intro', text: intro },
    ...tasks.map((task, at) => taskBlock(task, at + 1, task === current)),
    { kind: 'narration', part: 'note', text: total },
    ...(current ? [] : [{ kind: 'narration', part: 'after', text: end } as const]),
    ...(notes.length > 0 ? [journal] : []),
  ];
}

function taskBlock(
  { id, title, text, isDone, shows, finding, hints, hintCount }: BoardTask,
  number: number,
  isCurrent: boolean,
): TaskBlock {
  return {
    kind: 'task',
    number,
    id,
    title,
    text,
    state: { isDone, text: stateWords[isDone ? 'done' : isCurrent ? 'current' : 'open'] },
    ...(finding ? { finding: foundIn(finding) } : {}),
    hints: hints.map((hint, at) => ({
      label: inEach((language) => hintLabel[language](at + 1, hintCount)),
      text: hint,
    })),
    ...(isDone ? { shows } : {}),
  };
}

function foundIn({ reason, says, details, story }: BoardFinding): NonNullable<TaskBlock['finding']> {
  const card = story && refusalCard(story.refusal, { topology: story.topology, inStep: true });
  return {
    ...(reason ? { reason } : {}),
    says,
    details,
    // What to do about it is the task.
    ...(card ? { card: { ...card, rows: card.rows.filter(({ kind }) => !isAdvice(kind)) } } : {}),
  };
}
