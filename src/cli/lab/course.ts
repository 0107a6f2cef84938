/** Implements `lab list` and `lab next`: the labs in the order of the course, with the learner's progress. */
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { ownLabs, progressOf } from '../../labs/course.ts';
import type { LabProgress } from '../../labs/course.ts';
import { readLabFolder } from '../../labs/folder.ts';
import type { CompiledLab } from '../../labs/lab.ts';
import { labAt, labCourse } from '../../labs/load.ts';
import { jsonText, outputLine } from '../../ui/json/line.ts';
import { Page } from '../../ui/status/page.ts';
import type { Environment, Parsed } from '../command.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { labPlace, labPlaces, launcherFrom } from '../places.ts';
import { folderOf, pageOf as pageOptions } from './opened.ts';

interface Entry {
  readonly lab: CompiledLab;
  readonly progress: LabProgress;
}

const words = {
  minutes: {
    en: (minutes: number): string => `${minutes} minutes`,
    ko: (minutes: number): string => `${minutes}분`,
  },
  finished: { en: 'done', ko: '완료' },
  begun: {
    en: (done: number, of: number): string => `${done} of ${of} tasks done`,
    ko: (done: number, of: number): string => `과제 ${of}개 가운데 ${done}개 완료`,
  },
  tasks: {
    en: (of: number): string => (of === 1 ? '1 task' : `${of} tasks`),
    ko: (of: number): string => `과제 ${of}개`,
  },
  afterwards: {
    en: (can: string): string => `Afterwards you can ${can}.`,
    ko: (can: string): string => `마치고 나면 ${can}.`,
  },
  total: {
    en: (done: number, of: number, minutes: number): string =>
      `${done} of ${of} labs done; about ${minutes} minutes are left.`,
    ko: (done: number, of: number, minutes: number): string =>
      `실습 ${of}개 가운데 ${done}개를 마쳤습니다. 남은 시간은 약 ${minutes}분입니다.`,
  },
  goOn: { en: 'Next:', ko: '다음:' },
  own: { en: 'Of your own:', ko: '직접 만든 실습:' },
  all: {
    en: 'Every lab of the course is done.',
    ko: '모든 실습을 마쳤습니다.',
  },
} as const;

function entriesOf({ places }: Environment): Entry[] {
  return labCourse(labPlace(places)).map((lab) => {
    const { folder, ...progress } = progressOf(lab);
    // It may have been deleted or moved since.
    const isThere = folder !== undefined && readLabFolder(folder)?.lab === lab.name;
    return { lab, progress: isThere ? { ...progress, folder } : progress };
  });
}

/** Labs of authors that were begun here; one with a mistake in it is left out. */
async function ownEntries({ places }: Environment): Promise<(Entry & { readonly source: string })[]> {
  const entries = await Promise.all(
    ownLabs().map(async (source) => {
      try {
        const { lab } = await labAt(source, labPlaces(places));
        return [{ lab, source, progress: progressOf(lab, source) }];
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        return [];
      }
    }),
  );
  return entries.flat();
}

const isOpen = ({ progress }: Entry): boolean => progress.finished === undefined;

const pageOf = (parsed: Parsed, environment: Environment): Page => new Page(pageOptions(parsed, environment));

/** A lab to go on with, and the folder in which it was begun. */
export interface UpNext {
  readonly lab: CompiledLab;
  readonly folder: string | undefined;
}

/** The lab that follows in the course and is not done; the first such lab behind the last. */
export function labAfter(name: string, environment: Environment): UpNext | undefined {
  const entries = entriesOf(environment);
  const at = entries.findIndex(({ lab }) => lab.name === name);
  const others = [...entries.slice(at + 1), ...entries.slice(0, Math.max(0, at))];
  const found = others.find(isOpen);
  return found && { lab: found.lab, folder: found.progress.folder };
}

export async function list(parsed: Parsed, environment: Environment): Promise<number> {
  const entries = entriesOf(environment);
  const own = await ownEntries(environment);
  if (parsed.flag('json')) {
    for (const entry of [...entries, ...own])
      environment.stdout.write(`${jsonText(outputLine(jsonOf(entry)))}\n`);
    return 0;
  }
  const page = pageOf(parsed, environment);
  const { language } = environment;
  const next = entries.find(isOpen);
  for (const [index, entry] of entries.entries()) {
    const mark = !isOpen(entry) ? '✓' : entry === next ? '▸' : ' ';
    page.behind(` ${page.plain(mark)} ${index + 1}. `, headOf(entry, language));
    const { afterwards } = entry.lab.tasks.course ?? {};
    if (afterwards) page.behind('      ', words.afterwards[language](afterwards[language]));
  }
  page.blank();
  const left = entries.filter(isOpen).map(({ lab }) => lab.tasks.course?.minutes ?? 0);
  page.behind(
    '',
    words.total[language](
      entries.length - left.length,
      entries.length,
      left.reduce((sum, minutes) => sum + minutes, 0),
    ),
  );
  if (next) goOn(next, page, environment);
  if (own.length > 0) {
    page.blank();
    page.behind('', words.own[language]);
    for (const entry of own) {
      page.behind(`   ${page.plain(isOpen(entry) ? ' ' : '✓')} `, headOf(entry, language));
      page.behind('     ', entry.source);
    }
  }
  return 0;
}

export async function next(parsed: Parsed, environment: Environment): Promise<number> {
  const page = pageOf(parsed, environment);
  const { language } = environment;
  const entry = entriesOf(environment).find(isOpen);
  if (!entry) {
    page.behind('', words.all[language]);
    return Promise.resolve(0);
  }
  page.behind('', headOf(entry, language));
  const { afterwards } = entry.lab.tasks.course ?? {};
  if (afterwards) page.behind('  ', words.afterwards[language](afterwards[language]));
  goOn(entry, page, environment);
  return Promise.resolve(0);
}

function headOf({ lab, progress }: Entry, language: keyof Localized): string {
  const { course, tasks } = lab.tasks;
  const state =
    progress.finished !== undefined
      ? words.finished[language]
      : progress.done.length > 0
        ? words.begun[language](progress.done.length, tasks.length)
        : words.tasks[language](tasks.length);
  const minutes = course === undefined ? [] : [words.minutes[language](course.minutes)];
  return `${lab.name}: ${lab.narration[language].title} (${[...minutes, state].join(', ')})`;
}

/** The command that begins a lab, or continues it where it was begun. */
function goOn({ lab, progress: { folder } }: Entry, page: Page, environment: Environment): void {
  const command = launcherFrom(folderOf(undefined, '.'), environment);
  const where = folder === undefined ? '' : ` --folder ${shellWord(folder)}`;
  page.behind('', words.goOn[environment.language]);
  page.verbatim(`    ${command} lab ${lab.name}${where}`);
}

function jsonOf({ lab, progress, source }: Entry & { readonly source?: string }) {
  const { course, tasks } = lab.tasks;
  const { en, ko } = lab.narration;
  return {
    v: 2,
    kind: 'lab-entry',
    name: lab.name,
    title: { en: en.title, ko: ko.title },
    ...(course === undefined ? {} : { minutes: course.minutes, afterwards: course.afterwards }),
    done: progress.done.length,
    of: tasks.length,
    ...(progress.finished === undefined ? {} : { finished: progress.finished }),
    ...(progress.folder === undefined ? {} : { folder: progress.folder }),
    ...(source === undefined ? {} : { source }),
  } as const;
}
