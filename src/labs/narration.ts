/**
 * Parses the text of a lab, one Markdown file per language, and checks that all have the same parts.
 *
 *     # Title                 then what the lab is about
 *     ## TASK-ID: title       then what is to be done
 *     ### hint                one after the other, as many as there are
 *     ### done                what it shows
 *     ## end                  what all of it was for
 */
import { languages } from '../i18n/language.ts';
import { nearest } from '../i18n/nearest.ts';
import type { Language } from '../i18n/language.ts';
import type { UserErrorFacts } from '../i18n/user-error.ts';
import { headingIn, throwErrors } from '../engine/file/narration.ts';
import { paragraphs, textLines } from '../engine/file/text-lines.ts';
import type { TextLine } from '../engine/file/text-lines.ts';
import { inEvery } from '../engine/file/texts.ts';
import type { NarrationSource, NarrationSources } from '../engine/file/texts.ts';
import type { LabNarration, TaskNarration } from './lab.ts';

interface Part {
  readonly heading: string;
  readonly level: number;
  readonly line: number;
  readonly text: string;
}

/** @throws UserError that lists every part that is missing, empty, unknown or in one language only. */
export function parseLabNarration(
  sources: NarrationSources,
  tasks: readonly string[],
): Readonly<Record<Language, LabNarration>> {
  const mistakes: UserErrorFacts[] = [];
  const read = languages.flatMap((language) => {
    const source = sources[language];
    return source ? [{ language, source, text: narrationOf(source, tasks, mistakes) }] : [];
  });
  const [{ text: first } = { text: undefined }, ...others] = read;
  for (const { source, text: other } of others) {
    for (const id of tasks) {
      const [here, there] = [first?.tasks[id]?.hints.length, other.tasks[id]?.hints.length];
      // A task that one language lacks is reported there.
      if (here !== undefined && there !== undefined && here !== there)
        mistakes.push(
          wrong(
            source.file,
            lineOf(partsOf(source.text), id),
            `## ${id}: ${there} × ### hint`,
            `${here} × ### hint`,
          ),
        );
    }
  }
  throwErrors(mistakes);
  return inEvery(read.map(({ language, text }) => [language, text] as const));
}

function narrationOf(
  { file, text }: NarrationSource,
  ids: readonly string[],
  mistakes: UserErrorFacts[],
): LabNarration {
  const parts = partsOf(text);
  const last = text.trimEnd().split('\n').length;
  const [head] = parts;
  if (head?.level !== 1) mistakes.push(wrong(file, 1, text.split('\n')[0] ?? '', '# Title'));
  const tasks: Record<string, TaskNarration> = {};
  let end = '';
  let at: string | undefined;
  // What is below an unknown heading is not reported again, nor is the part that it most likely means.
  let isLost = false;
  const misspelt = new Set<string>();
  const unknown = (line: number, received: string, known: readonly string[], of = ''): void => {
    const near = nearest(received, known);
    if (near !== undefined) misspelt.add(of + near);
    mistakes.push(unknownHeading(file, line, received, known, near));
  };
  for (const part of parts.slice(1)) {
    const { heading, level, line, text: body } = part;
    if (body === '')
      mistakes.push({
        what: { en: `the part ${heading} has no text`, ko: `${heading} 부분에 내용이 없습니다` },
        where: `${file}:${line}:1`,
      });
    if (level === 2) {
      const [id = '', title = ''] = heading.split(/:\s*(.*)/s);
      at = ids.includes(id) && tasks[id] === undefined ? id : undefined;
      isLost = at === undefined && heading !== 'end';
      if (at !== undefined) tasks[at] = { title, text: body, hints: [], done: '' };
      else if (heading === 'end' && end === '') end = body;
      else if (ids.includes(id) || heading === 'end') mistakes.push(repeatedHeading(file, line, id));
      else unknown(line, id, [...ids, 'end']);
      continue;
    }
    const task = at === undefined ? undefined : tasks[at];
    if (isLost) continue;
    if (at === undefined || !task) mistakes.push(wrong(file, line, heading, '## TASK'));
    else if (heading === 'hint') tasks[at] = { ...task, hints: [...task.hints, body] };
    else if (heading === 'done' && task.done === '') tasks[at] = { ...task, done: body };
    else if (heading === 'done') mistakes.push(repeatedHeading(file, line, heading));
    else unknown(line, heading, ['hint', 'done'], `${at} `);
  }
  for (const id of ids) {
    const task = tasks[id];
    const isWhole = task && task.title !== '' && task.hints.length > 0 && task.done !== '';
    if (isWhole || misspelt.has(id) || (task && lacksOnly(task, id, misspelt))) continue;
    mistakes.push(
      task
        ? wrong(file, lineOf(parts, id), `## ${id}`, `## ${id}: title, ### hint, ### done`)
        : wrong(file, last, '', `## ${id}`),
    );
  }
  if (end === '' && !misspelt.has('end')) mistakes.push(wrong(file, last, '', '## end'));
  return { title: head?.heading ?? '', intro: head?.text ?? '', tasks, end };
}

/** Whether the headings that a task lacks are there, misspelt. */
function lacksOnly(
  { title, hints, done }: TaskNarration,
  id: string,
  misspelt: ReadonlySet<string>,
): boolean {
  return (
    title !== '' &&
    (hints.length > 0 || misspelt.has(`${id} hint`)) &&
    (done !== '' || misspelt.has(`${id} done`))
  );
}

/** Where a task begins. */
function lineOf(parts: readonly Part[], id: string): number {
  return parts.find(({ level, heading }) => level === 2 && heading.split(':')[0] === id)?.line ?? 1;
}

function partsOf(text: string): Part[] {
  const parts: { heading: string; level: number; line: number; lines: TextLine[] }[] = [];
  for (const [index, line] of textLines(text).entries()) {
    const heading = line.isCode ? undefined : headingIn(line.text);
    if (heading)
      parts.push({ heading: heading.words, level: heading.marks.length, line: index + 1, lines: [] });
    else parts.at(-1)?.lines.push(line);
  }
  return parts.map(({ lines, ...part }) => ({ ...part, text: paragraphs(lines) }));
}

function unknownHeading(
  file: string,
  line: number,
  received: string,
  known: readonly string[],
  near: string | undefined,
): UserErrorFacts {
  return {
    what: { en: 'unknown heading in a lab’s text', ko: '실습 설명문에 이런 제목의 부분은 없습니다' },
    where: `${file}:${line}:1`,
    expected: { en: `one of ${known.join(', ')}`, ko: `${known.join(', ')} 가운데 하나` },
    received,
    ...(near === undefined ? {} : { remedy: { en: `Did you mean ${near}?`, ko: `혹시 ${near} 아닌가요?` } }),
  };
}

function repeatedHeading(file: string, line: number, received: string): UserErrorFacts {
  return {
    what: { en: `duplicate part ${received}`, ko: `${received} 부분이 두 번 나옵니다` },
    where: `${file}:${line}:1`,
  };
}

function wrong(file: string, line: number, received: string, expected: string): UserErrorFacts {
  return {
    what: { en: 'the lab’s text has an invalid structure', ko: '실습 설명문의 구성이 맞지 않습니다' },
    where: `${file}:${line}:1`,
    expected: { en: expected, ko: expected },
    received,
  };
}
