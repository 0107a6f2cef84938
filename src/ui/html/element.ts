/**
 * Builds HTML and SVG as a tree, and writes it. The only file that turns text into markup; what is said and how it looks
 * is decided elsewhere.
 *
 * 1. A string is text: it is escaped, and what could reorder or hide text becomes a visible dot (`safeText`). There is no
 *    way to pass markup as a string.
 * 2. Text in several languages becomes an element for each, marked by `lang`; a style shows one of them. Where no element
 *    may stand (an attribute, a title), the text is in the language of the document, and the others are attributes that
 *    the page's script reads (`data-localized` names what has them).
 * 3. An attribute that would run a script or load something is our bug and throws: handlers, inline styles, addresses
 *    that lead out of the document.
 */
import { languages } from '../../i18n/language.ts';
import type { Language } from '../../i18n/language.ts';
import { escapeHtml, safeLines } from '../../i18n/safe.ts';
import type { Words } from '../../presentation/types/values.ts';

export type Attributes = Readonly<Record<string, Words | number | boolean | undefined>>;

/** What stands in an element; what is undefined is left out. */
export type Content = Html | Words | number | undefined | readonly Content[];

/** An element. No data passes for one: it is made here alone. */
class Element {
  readonly name: string;
  readonly attributes: Attributes;
  readonly #content: readonly Content[];
  readonly #code: string | undefined;

  /** @param code the text of a script or a style sheet, to be written as it is */
  constructor(name: string, attributes: Attributes, content: readonly Content[], code?: string) {
    this.name = name;
    this.attributes = attributes;
    this.#content = content;
    this.#code = code;
  }

  get content(): readonly Content[] {
    return this.#content;
  }

  get code(): string | undefined {
    return this.#code;
  }
}

export type Html = Element;

/** Elements without content and end. */
const voidElements: ReadonlySet<string> = new Set(['br', 'col', 'hr', 'img', 'input', 'link', 'meta', 'wbr']);

/** Elements in which no element may stand. */
const textElements: ReadonlySet<string> = new Set(['title', 'option', 'textarea', 'desc']);

/** SVG: a part of a text is an element of its own. */
const svgTexts: ReadonlySet<string> = new Set(['text', 'tspan']);

/** Attributes whose value is an address. */
const addresses: ReadonlySet<string> = new Set([
  'action',
  'background',
  'cite',
  'data',
  'formaction',
  'href',
  'poster',
  'src',
  'srcset',
  'xlink:href',
]);

/** An address that loads nothing: of a part of the document, or an image that it contains. */
const isWithin = (value: unknown): boolean =>
  typeof value === 'string' && /^(?:#|data:(?:,|image\/))/.test(value);

function refuseUnsafe(name: string, value: unknown): void {
  if (!/^[a-z][a-zA-Z0-9:-]*$/.test(name) || /^on/i.test(name) || /^(?:style|srcdoc)$/i.test(name))
    throw new Error(`an attribute that no document may have: ${name}`);
  if (addresses.has(name) && value !== undefined && !isWithin(value))
    throw new Error(`an address that leads out of the document: ${name}`);
}

/** @throws Error for a name or an attribute that could run a script: a mistake in the program, not in the data. */
export function element(name: string, attributes: Attributes = {}, ...content: readonly Content[]): Html {
  if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) throw new Error(`no element has this name: ${name}`);
  if (name === 'script' || name === 'style') throw new Error(`${name} is made by code(), json() or base64()`);
  for (const [key, value] of Object.entries(attributes)) refuseUnsafe(key, value);
  return new Element(name, attributes, content);
}

/**
 * A script or a style sheet of our own.
 * @throws Error if its text could end the element.
 */
export function code(name: 'script' | 'style', text: string): Html {
  if (/<\/(?:script|style)|<!--|<script/i.test(text))
    throw new Error(`this text would end its ${name} element`);
  return new Element(name, {}, [], text);
}

/** Data for a script of the page: nothing in it can end the element. */
export function json(id: string, value: unknown): Html {
  const text = JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new Element('script', { type: 'application/json', id }, [], text);
}

/** Bytes for a script of the page. */
export function base64(id: string, bytes: Uint8Array, attributes: Attributes = {}): Html {
  for (const [key, value] of Object.entries(attributes)) refuseUnsafe(key, value);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return new Element('script', { type: 'text/plain', id, ...attributes }, [], text);
}

const isLocalized = (words: Words): words is Exclude<Words, string> =>
  typeof words !== 'string' && languages.some((one) => words[one] !== words.en);

const plain = (text: string): string => safeLines(text).join('\n');

const textOf = (words: Words | number, language: Language): string =>
  plain(typeof words === 'object' ? words[language] : String(words));

/** The document or a part of it as markup. @param language of texts for which there is room in one language only. */
export function render(content: Content, language: Language): string {
  const parts: string[] = [];
  write(content, { language, parts, within: '' });
  return parts.join('');
}

/** The same without markup: what a reader of that language reads. */
export function textIn(content: Content, language: Language): string {
  if (content === undefined) return '';
  if (isList(content)) return content.map((one) => textIn(one, language)).join('');
  if (!isElement(content)) return textOf(content, language);
  const { lang } = content.attributes;
  // An element that has the text in another language.
  if (content.name !== 'html' && lang !== undefined && lang !== language) return '';
  return content.code === undefined ? content.content.map((one) => textIn(one, language)).join('') : '';
}

interface Writing {
  readonly language: Language;
  readonly parts: string[];
  /** The element around. */
  readonly within: string;
}

const isList = (content: Content): content is readonly Content[] => Array.isArray(content);
const isElement = (content: Html | Words | number): content is Html => content instanceof Element;

function write(content: Content, writing: Writing): void {
  const { language, parts, within } = writing;
  if (content === undefined) return;
  if (isList(content)) {
    for (const one of content) write(one, writing);
    return;
  }
  if (isElement(content)) {
    writeElement(content, writing);
    return;
  }
  if (typeof content !== 'object' || !isLocalized(content) || textElements.has(within)) {
    parts.push(escapeHtml(textOf(content, language)));
    return;
  }
  const part = svgTexts.has(within) ? 'tspan' : 'span';
  for (const one of languages)
    parts.push(`<${part} lang="${one}">`, escapeHtml(textOf(content, one)), `</${part}>`);
}

function writeElement({ name, attributes, content, code }: Html, { language, parts }: Writing): void {
  parts.push('<', name);
  const localized: string[] = [];
  const others = (key: string, words: Exclude<Words, string>): void => {
    localized.push(key);
    for (const one of languages) parts.push(` data-${one}-${key}="`, escapeHtml(textOf(words, one)), '"');
  };
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    parts.push(' ', key);
    if (value !== true) parts.push('="', escapeHtml(textOf(value, language)), '"');
    if (typeof value === 'object' && isLocalized(value)) others(key, value);
  }
  const [only] = content;
  if (
    textElements.has(name) &&
    typeof only === 'object' &&
    !isList(only) &&
    !isElement(only) &&
    isLocalized(only)
  )
    others('text', only);
  if (localized.length > 0) parts.push(` data-localized="${localized.join(' ')}"`);
  parts.push('>');
  if (voidElements.has(name)) return;
  if (code === undefined) for (const one of content) write(one, { language, parts, within: name });
  else parts.push(code);
  parts.push('</', name, '>');
}
