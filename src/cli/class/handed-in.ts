/**
 * Reads what learners hand in: the output of `lab check --json`, in a file each, or what their labs have reported to a class
 * (`roster/`): lines as `class gather` prints them. It comes from others: what is not of that shape is an error that names the
 * file and what was expected, and every text is made safe to show and is bounded.
 */
import { basename } from 'node:path';
import type { Localized } from '../../i18n/language.ts';
import { readText } from '../../i18n/read-file.ts';
import { safeText } from '../../i18n/safe.ts';
import { UserError } from '../../i18n/user-error.ts';

/** Bytes; a check of five tasks has ten thousand. */
const largest = 4 * 1024 * 1024;
/** Characters of a name, and of a finding. */
const longest = { name: 64, finding: 400 };
/** Tasks of one check. */
const mostTasks = 100;
/** Hints of one task. */
const mostHints = 1000;

/** One check of one learner. */
export interface HandedIn {
  readonly learner: string;
  readonly lab: string;
  /** The first open task, and its number from 1; undefined if all are done. */
  readonly task?: { readonly id: string; readonly number: number };
  readonly done: number;
  readonly of: number;
  /** Of all tasks. */
  readonly hints: number;
  /** When it was checked, ISO 8601 in UTC; undefined if that is not known. */
  readonly at?: string;
  /** What keeps the task open. */
  readonly finding?: Localized;
}

/**
 * @param most bytes that are read
 * @throws UserError if the file cannot be read, is larger, or has something else in it.
 */
export function readHandedIn(file: string, most = largest): HandedIn[] {
  const text = readText(file, most).replace(/^\uFEFF/, '');
  const found = valuesIn(text);
  if (found === undefined)
    throw foreign(file, { en: 'the file is not JSON', ko: 'JSON 파일이 아닙니다' }, firstOf(text));
  return found.map((value) => handedIn(value, file));
}

/** One value, or one on each line; undefined if a part is no JSON. */
function valuesIn(text: string): unknown[] | undefined {
  for (const parts of [[text], text.split(/\r?\n/).filter((line) => line.trim() !== '')]) {
    try {
      if (parts.length > 0) return parts.map((part) => JSON.parse(part) as unknown);
    } catch {
      // Perhaps several lines.
    }
  }
  return undefined;
}

function handedIn(value: unknown, file: string): HandedIn {
  if (!isObject(value))
    throw foreign(file, notOne, value === null ? 'null' : Array.isArray(value) ? '[…]' : typeof value);
  const { v, kind, lab, learner, at, tasks } = value;
  if (kind !== 'lab-check' && kind !== 'class-entry')
    throw foreign(file, notOne, typeof kind === 'string' ? `kind: ${kind}` : Object.keys(value).join(', '));
  if (v !== 2)
    throw foreign(
      file,
      { en: 'another version of wirelab wrote this', ko: '다른 버전의 wirelab이 쓴 파일입니다' },
      `v: ${JSON.stringify(v)}`,
    );
  if (kind === 'class-entry') return readEntry(value, file);
  if (typeof lab !== 'string' || lab === '') throw incomplete(file, 'lab', lab);
  if (!Array.isArray(tasks) || tasks.length === 0 || tasks.length > mostTasks)
    throw incomplete(file, 'tasks', tasks);
  const read = tasks.map((task: unknown, index) => taskOf(task, file, `tasks[${index}]`));
  const number = read.findIndex(({ isDone }) => !isDone);
  const current = read[number];
  return {
    learner:
      named(typeof learner === 'string' ? learner : '') || named(basename(file).replace(/\.jsonl?$/, '')),
    lab: named(lab),
    ...(current ? { task: { id: current.id, number: number + 1 }, finding: current.says } : {}),
    done: read.filter(({ isDone }) => isDone).length,
    of: read.length,
    hints: read.reduce((sum, { hints }) => sum + hints, 0),
    ...timeOf(at),
  };
}

/**
 * A line of a table, as `class gather --format json` prints it.
 * @param value whatever is an object
 * @throws UserError, which names the field
 */
export function readEntry(value: Readonly<Record<string, unknown>>, where: string): HandedIn {
  const { learner, lab, task, number, done, of, hints, at, finding } = value;
  if (typeof learner !== 'string' || named(learner) === '') throw incomplete(where, 'learner', learner);
  if (typeof lab !== 'string' || named(lab) === '') throw incomplete(where, 'lab', lab);
  if (!isCount(of, mostTasks) || of === 0) throw incomplete(where, 'of', of);
  if (!isCount(done, of)) throw incomplete(where, 'done', done);
  if (!isCount(hints, mostTasks * mostHints)) throw incomplete(where, 'hints', hints);
  const isOpen = done < of;
  if (isOpen ? typeof task !== 'string' || named(task) === '' : task !== undefined)
    throw incomplete(where, 'task', task);
  if (isOpen && (!isCount(number, of) || number === 0)) throw incomplete(where, 'number', number);
  if (finding !== undefined && !isText(finding)) throw incomplete(where, 'finding', finding);
  return {
    learner: named(learner),
    lab: named(lab),
    ...(isOpen ? { task: { id: named(task as string), number: number as number } } : {}),
    ...(isOpen && finding ? { finding: findingOf(finding) } : {}),
    done,
    of,
    hints,
    ...timeOf(at),
  };
}

const isCount = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most;

const isText = (value: unknown): value is Localized =>
  isObject(value) && typeof value['en'] === 'string' && typeof value['ko'] === 'string';

/** A finding as far as a table has it. */
export const findingOf = ({ en, ko }: Localized): Localized => ({
  en: cut(en, longest.finding),
  ko: cut(ko, longest.finding),
});

/** What is no time of the calendar is left out. */
function timeOf(at: unknown): Pick<HandedIn, 'at'> {
  const time = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  return Number.isNaN(time) ? {} : { at: new Date(time).toISOString() };
}

interface HandedInTask {
  readonly id: string;
  readonly isDone: boolean;
  readonly hints: number;
  readonly says: Localized;
}

function taskOf(task: unknown, file: string, place: string): HandedInTask {
  if (!isObject(task)) throw incomplete(file, place, task);
  const { id, status, says, hints = 0 } = task;
  if (typeof id !== 'string' || id === '') throw incomplete(file, `${place}.id`, id);
  if (status !== 'done' && status !== 'open') throw incomplete(file, `${place}.status`, status);
  if (!isText(says)) throw incomplete(file, `${place}.says`, says);
  if (!isCount(hints, mostHints)) throw incomplete(file, `${place}.hints`, hints);
  return {
    id: named(id),
    isDone: status === 'done',
    hints,
    says: findingOf(says),
  };
}

/** The last check of each learner and lab, by learner. */
export function lastOfEach(all: readonly HandedIn[]): HandedIn[] {
  const last = new Map<string, HandedIn>();
  for (const one of all) {
    const key = JSON.stringify([one.learner, one.lab]);
    const before = last.get(key);
    if (!before || (one.at ?? '') >= (before.at ?? '')) last.set(key, one);
  }
  return inOrder([...last.values()]);
}

/** By learner, then by lab. */
export function inOrder(rows: readonly HandedIn[]): HandedIn[] {
  const order = new Intl.Collator(undefined, { numeric: true });
  return rows.toSorted(
    (one, other) => order.compare(one.learner, other.learner) || order.compare(one.lab, other.lab),
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const named = (text: string): string => cut(text, longest.name);

function cut(text: string, most: number): string {
  const safe = safeText(text).trim();
  return safe.length > most ? `${safe.slice(0, most - 1)}…` : safe;
}

const firstOf = (text: string): string => cut(text, 40);

const notOne: Localized = {
  en: 'the file is not the output of lab check --json',
  ko: 'lab check --json의 출력이 아닙니다',
};

function foreign(file: string, what: Localized, received: string): UserError {
  return new UserError({
    what,
    where: file,
    expected: {
      en: 'what ./wirelab lab check --json prints, as UTF-8: an object with "v":2 and "kind":"lab-check"',
      ko: './wirelab lab check --json의 출력(UTF-8). "v":2와 "kind":"lab-check"가 든 객체',
    },
    received: cut(received, 80),
  });
}

function incomplete(file: string, field: string, value: unknown): UserError {
  return new UserError({
    what: {
      en: `the check in this file was altered or cut off: ${field}`,
      ko: `내용이 바뀌었거나 잘린 결과입니다: ${field}`,
    },
    where: file,
    expected: {
      en: 'the output of lab check --json, unchanged',
      ko: 'lab check --json의 출력 그대로',
    },
    received: cut(JSON.stringify(value) ?? '-', 80),
  });
}
