/**
 * How far a learner has come in a running lab, as one value: the tasks with what was last found of each, what was saved last, and the
 * last things that happened. `boardAfter` makes the next one of an event; the screen shows it.
 */
import type { Dictionary } from '../core/dictionary.ts';
import { inEach } from '../i18n/language.ts';
import type { Language, Localized } from '../i18n/language.ts';
import type { RefusalStory } from '../presentation/refusals.ts';
import { hostPort } from '../capture/event.ts';
import type { Topology } from '../capture/event.ts';
import type { ApiRequest } from '../kube/apiserver/audit.ts';
import type { TypedCommand } from '../presentation/types/values.ts';
import type { TaskResult } from './checks/checking.ts';
import type { LabEvent } from './hold/holding.ts';
import { commandsWith } from './hold/printed-commands.ts';
import type { PrintedCommands } from './hold/printed-commands.ts';
import { keepsDone, openReasons } from './lab.ts';
import type { CompiledLab, LabNarration } from './lab.ts';

/** What was last found of a task, in words that are not the answer. */
export interface BoardFinding {
  readonly isDone: boolean;
  /** What kind of thing keeps it open. */
  readonly reason?: Localized;
  readonly says: Localized;
  /** What is expected instead, where that is known. */
  readonly expected?: Localized;
  /** The file, the expected and the present value, and what else is known. */
  readonly details: readonly Localized[];
  /** The refusal that keeps it open. */
  readonly story?: { readonly refusal: RefusalStory; readonly topology: Topology };
}

export interface BoardTask {
  readonly id: string;
  readonly title: Localized;
  readonly text: Localized;
  readonly isDone: boolean;
  /** What it shows, once it is done. */
  readonly shows: Localized;
  readonly finding?: BoardFinding;
  /** The hints that were given, and how many there are. */
  readonly hints: readonly Localized[];
  readonly hintCount: number;
}

/** Something that happened: a login, a request, a process that has started. */
export interface BoardNote {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: Localized;
  readonly isBad: boolean;
}

export interface LabBoard {
  readonly name: string;
  readonly title: Localized;
  readonly intro: Localized;
  readonly end: Localized;
  readonly tasks: readonly BoardTask[];
  /** What was saved last, and how long its check has taken; undefined as long as it goes on. */
  readonly saved?: {
    readonly files: readonly string[];
    readonly at: number;
    readonly milliseconds?: number;
  };
  readonly notes: readonly BoardNote[];
  /** The commands of what is up, by the tasks that they are for. */
  readonly commands: PrintedCommands;
  /** Those of wirelab itself, by a path that works in the lab's folder. */
  readonly verbs?: readonly TypedCommand[];
  /** Connections that are not the learner's: the client of each, by the address that it came from, as `hostPort` writes it. */
  readonly heldConnections: Dictionary<string>;
  /** It has a cluster, whose requests are told one by one. */
  readonly isCluster: boolean;
  /** The newest request that an API server has refused. */
  readonly refused?: ApiRequest;
  /** The next lab of the course. */
  readonly next?: NextLab;
  /** The captures that can no longer be written. */
  readonly unrecorded: readonly string[];
}

export interface NextLab {
  readonly name: string;
  readonly title: Localized;
  readonly minutes?: number;
  readonly afterwards?: Localized;
}

/** What is recorded of a learner's progress. */
export interface BoardProgress {
  readonly done: readonly string[];
  readonly hints: Dictionary<number>;
}

/** The most notes: more than a screen shows. */
const mostNotes = 100;
/** The most connections of others. */
const mostHeld = 1000;

const inAll = (lab: CompiledLab, part: (narration: LabNarration) => string | undefined): Localized =>
  inEach((language: Language) => part(lab.narration[language]) ?? '');

export function startBoard(lab: CompiledLab, progress: BoardProgress): LabBoard {
  return withProgress(
    {
      name: lab.name,
      title: inAll(lab, ({ title }) => title),
      intro: inAll(lab, ({ intro }) => intro),
      end: inAll(lab, ({ end }) => end),
      tasks: lab.tasks.tasks.map(({ id }) => ({
        id,
        title: inAll(lab, ({ tasks }) => tasks[id]?.title ?? id),
        text: inAll(lab, ({ tasks }) => tasks[id]?.text),
        shows: inAll(lab, ({ tasks }) => tasks[id]?.done),
        isDone: false,
        hints: [],
        hintCount: lab.narration.en.tasks[id]?.hints.length ?? 0,
      })),
      isCluster: lab.tasks.cluster !== undefined || lab.tasks.controlPlane !== undefined,
      notes: [],
      commands: {},
      heldConnections: {},
      unrecorded: [],
    },
    lab,
    progress,
  );
}

/** The same with what was recorded meanwhile, by a check or for a hint in another terminal; the same value if nothing was. */
export function withProgress(board: LabBoard, lab: CompiledLab, { done, hints }: BoardProgress): LabBoard {
  const isAsKnown = board.tasks.every(
    ({ id, isDone, hints: given, hintCount }) =>
      isDone === done.includes(id) && given.length === Math.min(hintCount, hints[id] ?? 0),
  );
  if (isAsKnown) return board;
  return {
    ...board,
    tasks: board.tasks.map((task) => {
      const { id, finding } = task;
      const isDone = done.includes(id);
      const given = Math.min(task.hintCount, hints[id] ?? 0);
      const { finding: _old, ...rest } = task;
      return {
        ...rest,
        isDone,
        hints: Array.from({ length: given }, (_, at) => inAll(lab, ({ tasks }) => tasks[id]?.hints[at])),
        // What was found before says nothing any more.
        ...(finding === undefined || finding.isDone !== isDone ? {} : { finding }),
      };
    }),
  };
}

/** The first task that is not done. */
export function currentTask({ tasks }: LabBoard): BoardTask | undefined {
  return tasks.find(({ isDone }) => !isDone);
}

/**
 * @param at milliseconds since the epoch
 * @param said the event in words, where it is worth some
 * @param commands of an `open` event, as they are typed
 */
export function boardAfter(
  board: LabBoard,
  event: LabEvent,
  at: number,
  {
    said,
    commands = [],
  }: { readonly said?: Localized | undefined; readonly commands?: readonly TypedCommand[] },
): LabBoard {
  // What keeps a server down is said once, however often it is tried.
  const isKnown = event.kind === 'shut' && board.notes.some(({ text }) => text.en === said?.en);
  const told = said && !isKnown ? withNote(board, { at, text: said, isBad: isBad(event) }) : board;
  const listed = commandsWith(told.commands, event, commands);
  const noted = listed === told.commands ? told : { ...told, commands: listed };
  switch (event.kind) {
    case 'changed':
      return { ...noted, saved: { files: event.files, at } };
    case 'checked': {
      const found = withResults(noted, event.found);
      const changed = [...event.files, ...event.objects];
      if (changed.length === 0) return found;
      const { saved } = noted;
      const isSame = saved?.files.join('\n') === changed.join('\n');
      return {
        ...found,
        saved: {
          files: changed,
          // What the servers are not started again for is told when it was checked.
          at: saved && isSame ? saved.at : at - event.milliseconds,
          milliseconds: event.milliseconds,
        },
      };
    }
    case 'found':
      return withResults(noted, event.results);
    case 'held-connection':
      return {
        ...noted,
        heldConnections: Object.fromEntries(
          [...Object.entries(noted.heldConnections), [hostPort(event.from), event.client]].slice(-mostHeld),
        ),
      };
    case 'unrecorded':
      return { ...noted, unrecorded: [...noted.unrecorded, event.file] };
    case 'asked':
      return isRefused(event.asked) ? { ...noted, refused: event.asked } : noted;
    case 'open':
    case 'shut':
    case 'live':
    case 'cluster':
    case 'control-plane':
    case 'reset':
    case 'captured':
    case 'login':
    case 'renewed':
    case 'held':
    case 'taken':
    case 'process':
    case 'signed':
    case 'client':
    case 'webhook':
    case 'webhook-server':
    case 'class':
      return noted;
  }
}

/** Not authenticated, or not allowed. */
const isRefused = ({ status }: ApiRequest): boolean => status === 401 || status === 403;

function isBad(event: LabEvent): boolean {
  switch (event.kind) {
    case 'shut':
    case 'unrecorded':
    case 'taken':
      return true;
    case 'login':
      return !event.login.accepted;
    case 'asked':
      return isRefused(event.asked);
    case 'signed':
      return event.failed !== undefined;
    case 'process':
      return event.state === 'failed' || event.state === 'cut_off';
    case 'client':
      return event.news.state === 'turned_away';
    case 'webhook':
      return event.outcome !== 'allowed';
    case 'webhook-server':
      return event.state === 'failed';
    case 'class':
      return event.news.state === 'away' || event.news.state === 'refused';
    case 'held':
      return event.news.state === 'refused' || event.news.state === 'unreachable';
    case 'changed':
    case 'renewed':
    case 'held-connection':
    case 'checked':
    case 'found':
    case 'open':
    case 'reset':
    case 'captured':
    case 'live':
    case 'cluster':
    case 'control-plane':
      return false;
  }
}

const withNote = (board: LabBoard, note: BoardNote): LabBoard => ({
  ...board,
  notes: [...board.notes, note].slice(-mostNotes),
});

function withResults(board: LabBoard, results: readonly TaskResult[]): LabBoard {
  return {
    ...board,
    tasks: board.tasks.map((task) => {
      const result = results.find(({ id }) => id === task.id);
      if (!result) return task;
      const isDone = result.status === 'done' || (task.isDone && keepsDone(result.reason));
      return { ...task, isDone, finding: findingOf(result) };
    }),
  };
}

function findingOf({ status, reason, step, says, mistake, remedy, story }: TaskResult): BoardFinding {
  const all = mistake ? [mistake, ...(mistake.others ?? [])] : [];
  return {
    isDone: status === 'done',
    ...(reason === undefined ? {} : { reason: openReasons[reason] }),
    says: mistake
      ? inEach((language) =>
          mistake.where === undefined || mistake.what[language].includes(mistake.where)
            ? mistake.what[language]
            : `${mistake.where}: ${mistake.what[language]}`,
        )
      : step === undefined
        ? says
        : inEach((language) => `${step}: ${says[language]}`),
    ...(mistake?.expected
      ? {
          expected: inEach(
            (language) => `${words.expected[language]}: ${mistake.expected?.[language] ?? ''}`,
          ),
        }
      : {}),
    details: [
      ...all.flatMap(({ what, where, expected, received, remedy: todo }, at) => [
        ...(at === 0
          ? []
          : [inEach((language) => (where === undefined ? what[language] : `${where}: ${what[language]}`))]),
        ...(expected ? [inEach((language) => `${words.expected[language]}: ${expected[language]}`)] : []),
        ...(received ? [inEach((language) => `${words.received[language]}: ${received}`)] : []),
        ...(todo ? [todo] : []),
      ]),
      ...(remedy ? [remedy] : []),
    ],
    ...(story ? { story } : {}),
  };
}

const words = {
  expected: { en: 'expected', ko: '필요한 것' },
  received: { en: 'found', ko: '현재 값' },
} as const;
