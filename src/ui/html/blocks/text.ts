/** Paragraphs, marks and links: what other renderers are made of. */
import { languages } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { BytePlace } from '../../../presentation/types/bytes.ts';
import type { Statement, Tone } from '../../../presentation/types/values.ts';
import { element } from '../element.ts';
import type { Content, Html } from '../element.ts';
import { markWords, pageWords } from '../words.ts';
import type { PageContext } from './context.ts';

/** A line is a paragraph; indented lines stand as they are. */
export function paragraphs(text: Localized): readonly Html[] {
  if (languages.every((language) => isLine(text[language]))) return [element('p', {}, inline(text))];
  return languages.map((language) => element('div', { lang: language }, linesOf(text[language])));
}

const isLine = (text: string): boolean => !text.includes('\n') && !isIndented(text);
const isIndented = (line: string): boolean => /^\s/.test(line);

function linesOf(text: string): readonly Html[] {
  const made: Html[] = [];
  let code: string[] = [];
  const close = (): void => {
    if (code.length > 0) made.push(element('pre', {}, code.join('\n')));
    code = [];
  };
  for (const line of text.split('\n')) {
    if (line.trim() !== '' && isIndented(line)) code.push(line);
    else {
      close();
      if (line.trim() !== '') made.push(element('p', {}, coded(line)));
    }
  }
  close();
  return made;
}

/** A text in which what stands between backticks is code. */
export const inline = (text: Localized): Content =>
  languages.some((language) => codeIn.test(text[language]))
    ? languages.map((language) => element('span', { lang: language }, coded(text[language])))
    : text;

const codeIn = /`[^`]+`/;

const coded = (line: string): Content =>
  line.split(/(`[^`]+`)/).map((part) => (codeIn.test(part) ? element('code', {}, part.slice(1, -1)) : part));

/** A mark that a screen reader says in words. */
export function mark(sign: Statement['mark'] | ''): Html {
  const words = sign === '' ? undefined : markWords[sign];
  return words
    ? element(
        'span',
        { class: `mark ${markClasses[sign as Statement['mark']]}`, role: 'img', 'aria-label': words },
        sign,
      )
    : element('span', { class: 'mark', 'aria-hidden': 'true' }, sign);
}

const markClasses: Readonly<Record<Statement['mark'], string>> = {
  '✓': 'good',
  '✗': 'bad',
  '?': 'open',
  '!': 'bad',
  '#': 'sealed',
  x: 'bad',
  ' ': 'plain',
};

export const toneClass = (tone: Tone): string => `tone-${tone}`;

/** A link to the bytes of a place, where the page has them. */
export function bytesLink(place: BytePlace | undefined, { toBytes }: PageContext, what: Content): Content {
  const href = place && toBytes(place);
  return href === undefined ? what : element('a', { href, title: pageWords.toBytes }, what);
}

/** Rows of a label and what is said of it. */
export const definitions = (
  rows: readonly { readonly label: Content; readonly text: Content; readonly kind?: string }[],
): Html =>
  element(
    'dl',
    {},
    rows.map(({ label, text, kind }) =>
      element(
        'div',
        kind === undefined ? {} : { class: `row-${kind}` },
        element('dt', {}, label),
        element('dd', {}, text),
      ),
    ),
  );
