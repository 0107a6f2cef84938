/**
 * Parses the text of a scenario, one Markdown file per language. It defines what each heading means and checks that all
 * languages have the same parts; presentation decides how the text is shown.
 *
 *     # Title                     then the introduction
 *     ## STEP-ID: title           then what we are about to see
 *     ### question                a question to the room
 *     ### choices                 answers to choose from, as a task list; the right one is checked: - [x] TEXT
 *     ### headline                the step's lesson in a few words, shown if its claims hold; a tone may follow:
 *                                 ### headline: leaked (or sealed, refused)
 *     ### after                   what was seen, why, what it means
 *     ### notes                   for the speaker only
 *     ## takeaway                 the lesson of the whole scenario, in one sentence (optional)
 *     ## what-this-does-not-prove
 *     ## often-told-and-not-so    (optional)
 */
import { languages } from '../../i18n/language.ts';
import type { Language } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import { nearest } from '../../i18n/nearest.ts';
import { choicesIn, headlineTones, mostChoices } from './lesson.ts';
import type { HeadlineTone } from './lesson.ts';
import { paragraphs, textLines } from './text-lines.ts';
import type { TextLine } from './text-lines.ts';
import { inEvery } from './texts.ts';
import type { NarrationSource, NarrationSources } from './texts.ts';
import type { Narration, StepNarration } from '../scenario.ts';

const doesNotProve = 'what-this-does-not-prove';
const misconceptions = 'often-told-and-not-so';
const takeaway = 'takeaway';
/** Sections that are about no step. */
const ofTheWhole: readonly string[] = [takeaway, doesNotProve, misconceptions];
const stepParts = ['question', 'choices', 'headline', 'after', 'notes'] as const;
type StepPart = (typeof stepParts)[number];

interface Section {
  readonly id: string;
  readonly title: string;
  readonly line: number;
  text: string;
  readonly parts: Map<StepPart, string>;
  /** Where each part begins. */
  readonly lines: Map<StepPart, number>;
  tone?: HeadlineTone;
}

export interface NarratedSteps {
  /** Ids of the file's steps: each needs a section. */
  readonly steps: readonly string[];
  /** Ids of expanded steps: each may have a section. */
  readonly expanded: readonly string[];
}

/**
 * The text in every language; a language without a source has the text of another.
 * @throws UserError that lists every part that is missing, unknown or in one language only, with file and line.
 */
export function parseNarration(
  sources: NarrationSources,
  ids: NarratedSteps,
): Readonly<Record<Language, Narration>> {
  const errors: UserErrorFacts[] = [];
  const required = [...ids.steps, doesNotProve];
  const read = languages.flatMap((language) => {
    const source = sources[language];
    if (!source) return [];
    const { title, intro, sections, misspelt } = readSections(source, ids, errors);
    if (!title) errors.push(missing(source.file, 1, '# Title'));
    for (const id of required) {
      const section = sections.get(id);
      if (!section && misspelt.has(id)) continue;
      if (!section) errors.push(missing(source.file, lastLine(source), `## ${id}`));
      else if (!section.text) errors.push(empty(source.file, section.line, `## ${id}`));
    }
    for (const section of sections.values()) errors.push(...wrongChoices(source.file, section));
    return [{ language, source, title, intro, sections, misspelt }];
  });
  for (const one of read) {
    for (const other of read) {
      if (other !== one) errors.push(...oneSided(one, other, required));
    }
  }
  throwErrors(errors);
  return inEvery(
    read.map(({ language, title, intro, sections }) => {
      const text = sections.get(misconceptions)?.text;
      const steps = [...sections.values()].filter(({ id }) => !ofTheWhole.includes(id));
      const lesson = sections.get(takeaway)?.text;
      const narration: Narration = {
        title,
        intro,
        steps: Object.fromEntries(steps.map((section) => [section.id, stepOf(section)])),
        ...(lesson === undefined ? {} : { takeaway: lesson }),
        doesNotProve: sections.get(doesNotProve)?.text ?? '',
        ...(text === undefined ? {} : { misconceptions: text }),
      };
      return [language, narration] as const;
    }),
  );
}

function readSections(source: NarrationSource, ids: NarratedSteps, errors: UserErrorFacts[]) {
  const known = [...ids.steps, ...ids.expanded, ...ofTheWhole];
  const sections = new Map<string, Section>();
  let title = '';
  let intro = '';
  let section: Section | undefined;
  let part: StepPart | undefined;
  // An unknown part has its own error; its text must not end up in the part before.
  let lost = false;
  // What unknown headings most likely mean: the part is there, only its heading is wrong.
  const misspelt = new Set<string>();
  const unknownPart = (
    where: string,
    line: string,
    names: readonly string[],
    received: string,
    of = '',
  ): void => {
    const near = nearest(received, names);
    if (near !== undefined) misspelt.add(of + near);
    errors.push(unknown(where, line, names, near));
  };
  const body: TextLine[] = [];
  const flush = (): void => {
    const text = paragraphs(body.splice(0));
    if (lost) return;
    if (!section) intro = text;
    else if (part) section.parts.set(part, text);
    else section.text = text;
  };
  for (const [index, read] of textLines(source.text).entries()) {
    const { text: line, isCode } = read;
    const heading = isCode ? undefined : headingIn(line);
    if (!heading) {
      body.push(read);
      continue;
    }
    const { marks, words } = heading;
    const where = `${source.file}:${index + 1}:1`;
    if (marks === '#') {
      if (title)
        errors.push({
          what: { en: 'duplicate title', ko: '제목이 두 번 나옵니다' },
          where,
          received: line,
        });
      title = words;
      body.length = 0;
      continue;
    }
    flush();
    lost = false;
    if (marks === '##') {
      const { id, words: stepTitle } = splitHeading(words);
      part = undefined;
      section = { id, title: stepTitle, line: index + 1, text: '', parts: new Map(), lines: new Map() };
      if (!known.includes(id)) {
        unknownPart(where, line, known, id);
        continue;
      }
      if (sections.has(id))
        errors.push({
          what: { en: `duplicate section ${id}`, ko: `${id} 부분이 두 번 나옵니다` },
          where,
        });
      sections.set(id, section);
    } else {
      const { id: partName, words: tone } = splitHeading(words);
      part = stepParts.find((name) => name === (words.startsWith('headline') ? partName : words));
      lost = !part || !section;
      if (!part) unknownPart(where, line, stepParts, words, `${section?.id ?? ''} `);
      else if (lost) errors.push(unknown(where, line, stepParts, undefined));
      else section?.lines.set(part, index + 1);
      if (part === 'headline' && tone !== '' && section) {
        const known = headlineTones.find((name) => name === tone);
        if (known) section.tone = known;
        else errors.push(unknown(where, line, headlineTones, nearest(tone, headlineTones)));
      }
    }
  }
  flush();
  return { title, intro, sections, misspelt };
}

/** `#`, `##` or `###`, space, and words. */
export function headingIn(line: string): { readonly marks: string; readonly words: string } | undefined {
  const [all = '', marks = ''] = /^(#{1,3})\s+/.exec(line) ?? [];
  return marks === '' ? undefined : { marks, words: line.slice(all.length).trimEnd() };
}

function splitHeading(words: string): { id: string; words: string } {
  const colon = words.indexOf(':');
  return colon < 0
    ? { id: words.trim(), words: '' }
    : { id: words.slice(0, colon).trim(), words: words.slice(colon + 1).trim() };
}

function stepOf(section: Section): StepNarration {
  const question = section.parts.get('question');
  const choices = section.parts.get('choices');
  const headline = section.parts.get('headline');
  const after = section.parts.get('after');
  const notes = section.parts.get('notes');
  return {
    title: section.title,
    before: section.text,
    ...(question ? { question } : {}),
    ...(choices ? { choices } : {}),
    ...(headline ? { headline } : {}),
    ...(headline && section.tone ? { headlineTone: section.tone } : {}),
    ...(after ? { after } : {}),
    ...(notes ? { notes } : {}),
  };
}

interface ReadNarration {
  readonly language: Language;
  readonly source: NarrationSource;
  readonly sections: ReadonlyMap<string, Section>;
  /** `ID`, or `ID PART`. */
  readonly misspelt: ReadonlySet<string>;
}

/** Parts that `one` has and `other` lacks; parts that every file needs were checked before. */
function oneSided(one: ReadNarration, other: ReadNarration, required: readonly string[]): UserErrorFacts[] {
  const errors: UserErrorFacts[] = [];
  for (const section of one.sections.values()) {
    const twin = other.sections.get(section.id);
    if (!twin) {
      if (!required.includes(section.id) && !other.misspelt.has(section.id))
        errors.push(
          missing(
            other.source.file,
            lastLine(other.source),
            `## ${section.id}`,
            `${one.source.file}:${section.line}`,
          ),
        );
      continue;
    }
    for (const part of section.parts.keys()) {
      const there = twin.parts.has(part);
      const isCompared = there && languages.indexOf(one.language) < languages.indexOf(other.language);
      if (isCompared && part === 'headline' && section.tone !== twin.tone)
        errors.push(differs(other.source.file, twin, part, `${one.source.file}:${section.lines.get(part)}`));
      if (isCompared && part === 'choices' && rightOf(section) !== rightOf(twin))
        errors.push(differs(other.source.file, twin, part, `${one.source.file}:${section.lines.get(part)}`));
      if (!there && !other.misspelt.has(`${section.id} ${part}`))
        errors.push(
          missing(
            other.source.file,
            twin.line,
            `### ${part} (## ${section.id})`,
            `${one.source.file}:${section.line}`,
          ),
        );
    }
  }
  return errors;
}

/** The answers and the place of the right one. */
function rightOf(section: Section): string {
  const choices = choicesIn(section.parts.get('choices') ?? '') ?? [];
  return choices.map(({ isRight }) => (isRight ? 'x' : '-')).join('');
}

/** Answers need a question; a list of them has two to four entries, one of them right. */
function wrongChoices(file: string, { id, parts, lines }: Section): UserErrorFacts[] {
  const text = parts.get('choices');
  if (text === undefined) return [];
  const where = `${file}:${lines.get('choices') ?? 1}:1`;
  if (!parts.has('question')) return [missing(file, lines.get('choices') ?? 1, `### question (## ${id})`)];
  const choices = choicesIn(text);
  if (choices && choices.length >= 2 && choices.length <= mostChoices) return [];
  return [
    {
      what: { en: 'the answers to choose from cannot be read', ko: '고를 수 있는 답을 읽을 수 없습니다' },
      where,
      expected: {
        en: `two to ${mostChoices} lines "- [ ] TEXT", one of them "- [x] TEXT" for the right answer`,
        ko: `"- [ ] 글" 형식의 줄 2~${mostChoices}개, 그 가운데 정답 하나는 "- [x] 글"`,
      },
      received: text,
    },
  ];
}

function differs(file: string, section: Section, part: StepPart, twin: string): UserErrorFacts {
  return {
    what: {
      en: `### ${part} (## ${section.id}) differs from that of the other language, in ${twin}`,
      ko: `### ${part}(## ${section.id}) 부분이 다른 언어와 다릅니다: ${twin}`,
    },
    where: `${file}:${section.lines.get(part) ?? section.line}:1`,
    expected:
      part === 'choices'
        ? { en: 'as many answers, the right one in the same place', ko: '같은 개수의 답, 같은 자리의 정답' }
        : { en: 'the same tone', ko: '같은 어조(tone)' },
  };
}

/** Where a missing part belongs: after this line. */
function lastLine({ text }: NarrationSource): number {
  return text.trimEnd().split('\n').length;
}

function missing(file: string, line: number, heading: string, twin?: string): UserErrorFacts {
  return {
    what: twin
      ? {
          en: `missing part ${heading}; it exists in ${twin}`,
          ko: `${heading} 부분이 없습니다. ${twin}에는 있습니다`,
        }
      : { en: `missing part ${heading}`, ko: `${heading} 부분이 없습니다` },
    where: `${file}:${line}:1`,
    expected: twin
      ? { en: 'the same parts in every language', ko: '모든 언어에 같은 부분' }
      : { en: `${heading} in ${file}`, ko: `${file}: ${heading}` },
  };
}

function empty(file: string, line: number, heading: string): UserErrorFacts {
  return {
    what: { en: `empty part ${heading}`, ko: `${heading} 부분에 내용이 없습니다` },
    where: `${file}:${line}:1`,
  };
}

function unknown(
  where: string,
  line: string,
  known: readonly string[],
  near: string | undefined,
): UserErrorFacts {
  return {
    what: {
      en: 'unknown heading in a scenario’s text',
      ko: '시나리오에 이런 제목의 부분은 없습니다',
    },
    where,
    expected: { en: `one of ${known.join(', ')}`, ko: `${known.join(', ')} 가운데 하나` },
    received: line,
    ...(near ? { remedy: { en: `Did you mean ${near}?`, ko: `혹시 ${near} 아닌가요?` } } : {}),
  };
}

/** Throws the first error, with the others attached. */
export function throwErrors(errors: readonly UserErrorFacts[]): void {
  const [first, ...others] = errors;
  if (first) throw new UserError(others.length > 0 ? { ...first, others } : first);
}
