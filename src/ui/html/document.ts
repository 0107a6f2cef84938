/**
 * The page: one file without outside references, with its policy, its style and its script.
 *
 * 1. The policy allows the style and the script of this page by their hashes, and nothing else: no request, no form, no frame.
 * 2. Both languages are there. Which one is shown, and in which colours, radio buttons decide, by the style alone; the script
 *    turns what is no element (title, labels) and tells the explorer.
 * 3. Without a script everything but the explorer works; it is replaced by an excerpt.
 */
import { createHash } from 'node:crypto';
import { languages } from '../../i18n/language.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import { inEach, verbatim } from '../../i18n/language.ts';
import { boardIds } from './board/format.ts';
import type { BoardUpdate } from './board/format.ts';
import { explorerStyle } from './bytes/style.ts';
import { code, element, json, render } from './element.ts';
import type { Content, Html } from './element.ts';
import { liveIds } from './live/format.ts';
import type { LiveUpdate } from './live/format.ts';
import type { PageReport, PageSection } from './report.ts';
import { pageStyle } from './style.ts';
import { viewIds } from './view/format.ts';
import type { ViewState } from './view/format.ts';
import { pageWords } from './words.ts';

export interface DocumentOptions {
  /** The language that is shown first. */
  readonly language: Language;
  readonly report: PageReport;
  /** The title of a page whose report has none: a file name. */
  readonly name: string;
  /** Every byte of the log. */
  readonly explorer: Html | undefined;
  /** The page's own script. */
  readonly script: string;
  readonly made: {
    readonly version: string;
    readonly when: string;
    /** How, where it is not made from one log. */
    readonly how?: 'servedBy' | 'gatheredBy';
  };
  readonly isMasked: boolean;
  /** What stands below the title. */
  readonly notice?: Localized | undefined;
  /** It is served while its run goes on. */
  readonly live?: LivePart;
  /** It is served, and asks for what is opened in it. */
  readonly view?: ViewPart;
  /** It is served, and changes as a class goes on. */
  readonly board?: BoardPart;
}

/** What the board of a class has. */
export interface BoardPart {
  readonly bar: Html;
  /** What the page shows, to go on from. */
  readonly state: BoardUpdate;
}

/** What a page has that opens connections of a file. */
export interface ViewPart {
  readonly sections: readonly PageSection[];
  readonly state: ViewState;
}

/** What a page has that is served while its run goes on. */
export interface LivePart {
  /** The section in which a viewer asks for the bytes. */
  readonly bytes: PageSection;
  readonly bar: Html;
  /** What the page shows, to go on from. */
  readonly state: LiveUpdate;
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * The content security policy of a page with this script and this style, and nothing else.
 * @param isLive it asks who serves it for more
 */
export const pagePolicy = (script: string, style: string, isLive = false): string =>
  [
    `default-src 'none'`,
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    ...(isLive ? [`connect-src 'self'`, 'img-src data:'] : []),
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');

/** The style of every page. */
export const documentStyle = pageStyle + explorerStyle;

/** The own name of a language does not change with the language. */
const languageNames: Readonly<Record<Language, string>> = { en: 'English', ko: '한국어' };
const themes = ['auto', 'light', 'dark'] as const;

export function pageDocument({
  language,
  report,
  name,
  explorer,
  script,
  made,
  isMasked,
  notice,
  live,
  view,
  board,
}: DocumentOptions): string {
  const style = documentStyle;
  const title = report.title ?? verbatim(name);
  const sections: readonly PageSection[] = view
    ? view.sections
    : live
      ? [...report.sections, live.bytes]
      : explorer
        ? [
            ...report.sections,
            {
              id: 'bytes',
              title: pageWords.bytes,
              content: [element('noscript', {}, element('p', {}, pageWords.noScript)), explorer],
            },
          ]
        : report.sections;
  const page = element(
    'html',
    { lang: language },
    element(
      'head',
      {},
      element('meta', { charset: 'utf-8' }),
      element('meta', {
        'http-equiv': 'Content-Security-Policy',
        content: pagePolicy(script, style, (live ?? view ?? board) !== undefined),
      }),
      element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      element('meta', { name: 'color-scheme', content: 'light dark' }),
      element('meta', { name: 'referrer', content: 'no-referrer' }),
      element(
        'title',
        {},
        inEach((one) => `${title[one]} - wirelab`),
      ),
      // Of what is served browsers ask for a picture beside the address, which would be elsewhere.
      (live ?? view) && element('link', { rel: 'icon', href: 'data:,' }),
      code('style', style),
    ),
    element(
      'body',
      {},
      element('a', { class: 'skip', href: '#content' }, pageWords.skip),
      element(
        'header',
        {},
        element('p', { class: 'brand' }, 'wirelab'),
        choice(
          'language',
          pageWords.language,
          languages.map((one) => ({ value: one, words: verbatim(languageNames[one]), lang: one })),
          language,
        ),
        choice(
          'theme',
          pageWords.theme,
          themes.map((one) => ({ value: one, words: pageWords.themes[one] })),
          'auto',
        ),
      ),
      element(
        'div',
        { class: 'frame' },
        element('nav', { 'aria-label': pageWords.contents }, contentsList(sections)),
        element(
          'main',
          { id: 'content', tabindex: -1 },
          live ? headingOf(title, isMasked) : plainHeading(title, isMasked, notice),
          sections.map(sectionOf),
        ),
      ),
      (live ?? board)?.bar,
      element(
        'footer',
        {},
        element(
          'p',
          {},
          inEach((one) => pageWords[made.how ?? 'madeBy'][one](made.version, made.when)),
        ),
      ),
      live && json(liveIds.state, live.state),
      view && json(viewIds.state, view.state),
      board && json(boardIds.state, board.state),
      code('script', script),
    ),
  );
  return `<!doctype html>\n${render(page, language)}\n`;
}

/** The list of contents. */
export const contentsList = (sections: readonly PageSection[]): Html =>
  element(
    'ol',
    {},
    sections.map(({ id, title }) => element('li', {}, element('a', { href: `#${id}` }, title))),
  );

const plainHeading = (title: Localized, isMasked: boolean, notice: Localized | undefined): Content => [
  element('h1', {}, title),
  notice && element('p', { class: 'dim' }, notice),
  isMasked ? element('p', { class: 'dim' }, pageWords.masked) : undefined,
];

/** The heading in one element, which is replaced as a whole. */
export const headingOf = (title: Localized, isMasked: boolean): Html =>
  element(
    'div',
    { class: 'heading' },
    element('h1', {}, title),
    isMasked ? element('p', { class: 'dim' }, pageWords.maskedOnScreen) : undefined,
  );

export const sectionOf = ({ id, title, content }: PageSection): Html =>
  element(
    'section',
    { id, class: id === 'bytes' ? 'wide' : undefined, 'aria-labelledby': `${id}-title` },
    element('h2', { id: `${id}-title` }, title),
    content,
  );

interface Choosable {
  readonly value: string;
  readonly words: Localized;
  readonly lang?: Language;
}

/** Radio buttons that the style and the script read. */
function choice(name: string, legend: Localized, options: readonly Choosable[], chosen: string): Html {
  return element(
    'fieldset',
    { class: 'choice' },
    element('legend', {}, legend),
    options.map(({ value, words, lang }) =>
      element(
        'label',
        { lang },
        element('input', { type: 'radio', name, id: `${name}-${value}`, value, checked: value === chosen }),
        element('span', {}, words),
      ),
    ),
  );
}
