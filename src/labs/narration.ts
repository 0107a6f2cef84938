/**
 * Parses the text of a lab, one Markdown file per language, and checks that both have the same parts.
 *
 *     # Title                 then what the lab is about
 *     ## TASK-ID: title       then what is to be done
 *     ### hint                one after the other, as many as there are
 *     ### done                what it shows
 *     ## end                  what all of it was for
 */
import { languages } from '../i18n/language.ts';
import type { Language } from '../i18n/language.ts';
import type { UserErrorFacts } from '../i18n/user-error.ts';
import { headingIn, paragraphs, throwErrors, withoutComments } from '../engine/file/narration.ts';
import type { NarrationSource } from '../engine/file/narration.ts';
import type { LabNarration, TaskNarration } from './lab.ts';

interface Part {
  readonly heading: string;
  readonly level: number;
  readonly line: number;
  readonly text: string;
}

/** @throws UserError that lists every part that is missing, empty, unknown or in one language only. */
export function parseLabNarration(
  sources: Readonly<Record<Language, NarrationSource>>,
  tasks: readonly string[],
): Readonly<Record<Language, LabNarration>> {
  const mistakes: UserErrorFacts[] = [];
  const read = languages.map(
    (language) => [language, narrationOf(sources[language], tasks, mistakes)] as const,
  );
  const [[, first] = [undefined, undefined], ...others] = read;
  for (const [language, other] of others) {
    for (const id of tasks) {
      const [here, there] = [first?.tasks[id]?.hints.length, other.tasks[id]?.hints.length];
      if (here !== there)
        mistakes.push(
          wrong(
            sources[language].file,
            lineOf(partsOf(sources[language].text), id),
            `## ${id}: ${there ?? 0} × ### hint`,
            `${here ?? 0}`,
          ),
        );
    }
  }
  throwErrors(mistakes);
  return Object.fromEntries(read) as Record<Language, LabNarration>;
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
      if (at !== undefined) tasks[at] = { title, text: body, hints: [], done: '' };
      else if (heading === 'end' && end === '') end = body;
      else mistakes.push(wrong(file, line, heading, [...ids, 'end'].join(', ')));
      continue;
    }
    const task = at === undefined ? undefined : tasks[at];
    if (at === undefined || !task) mistakes.push(wrong(file, line, heading, '## TASK'));
    else if (heading === 'hint') tasks[at] = { ...task, hints: [...task.hints, body] };
    else if (heading === 'done' && task.done === '') tasks[at] = { ...task, done: body };
    else mistakes.push(wrong(file, line, heading, 'hint, done'));
  }
  for (const id of ids) {
    const task = tasks[id];
    if (!task) mistakes.push(wrong(file, last, '', `## ${id}`));
    else if (task.title === '' || task.hints.length === 0 || task.done === '')
      mistakes.push(wrong(file, lineOf(parts, id), `## ${id}`, `## ${id}: title, ### hint, ### done`));
  }
  if (end === '') mistakes.push(wrong(file, last, '', '## end'));
  return { title: head?.heading ?? '', intro: head?.text ?? '', tasks, end };
}

/** Where a task begins. */
function lineOf(parts: readonly Part[], id: string): number {
  return parts.find(({ level, heading }) => level === 2 && heading.split(':')[0] === id)?.line ?? 1;
}

function partsOf(text: string): Part[] {
  const parts: { heading: string; level: number; line: number; lines: string[] }[] = [];
  for (const [index, line] of withoutComments(text.normalize('NFC')).split(/\r?\n/).entries()) {
    const heading = headingIn(line);
    if (heading)
      parts.push({ heading: heading.words, level: heading.marks.length, line: index + 1, lines: [] });
    else parts.at(-1)?.lines.push(line);
  }
  return parts.map(({ lines, ...part }) => ({ ...part, text: paragraphs(lines) }));
}

function wrong(file: string, line: number, received: string, expected: string): UserErrorFacts {
  return {
    what: { en: 'the lab’s text has an invalid structure', ko: '실습 설명문의 구성이 맞지 않습니다' },
    where: `${file}:${line}:1`,
    expected: { en: expected, ko: expected },
    received,
  };
}
