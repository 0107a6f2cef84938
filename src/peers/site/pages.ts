/**
 * The pages of the login site: plain HTML for screen readers and text browsers too, in English and Korean. No scripts, no
 * external resources. It decides words and markup; `peers/site/routes.ts` decides which page is served.
 * The client reads the profile page back through `readProfileUser`.
 */
import type { Language, Localized } from '../../i18n/language.ts';
import { escapeHtml } from '../../i18n/safe.ts';
import type { Session } from './session-store.ts';

/** The kind of site on its pages, by the first label of its host name. */
const siteNames: Readonly<Record<string, Localized>> = {
  bank: { en: 'Bank', ko: '은행' },
  tickets: { en: 'Ticket office', ko: '매표소' },
  mail: { en: 'Mail', ko: '메일' },
  blog: { en: 'Blog', ko: '블로그' },
  files: { en: 'Files', ko: '파일' },
  office: { en: 'Office', ko: '사무실' },
};

const words = {
  shop: { en: 'Shop', ko: '상점' },
  logIn: { en: 'Log in', ko: '로그인' },
  logOut: { en: 'Log out', ko: '로그아웃' },
  username: { en: 'User name', ko: '사용자 이름' },
  password: { en: 'Password', ko: '비밀번호' },
  rrn: { en: 'Resident registration number', ko: '주민등록번호' },
  rrnHint: {
    en: 'Use a made-up one, such as 900101-1234567.',
    ko: '실제 번호가 아닌 가상의 번호를 입력하세요. 예: 900101-1234567',
  },
  denied: {
    en: 'The user name or the password is wrong.',
    ko: '사용자 이름 또는 비밀번호가 올바르지 않습니다.',
  },
  profile: { en: 'Profile', ko: '내 정보' },
  moved: { en: 'Moved', ko: '옮겨짐' },
  search: { en: 'Search', ko: '검색' },
  found: { en: 'Searched for', ko: '검색어' },
  sentence: {
    en: 'Ask your doctor or pharmacist before you use it, and keep it away from children.',
    ko: '사용하기 전에 의사나 약사와 상의하고 어린이의 손이 닿지 않는 곳에 보관하세요.',
  },
  movedHere: { en: 'The page is here', ko: '옮겨진 페이지' },
  loggedInAs: { en: 'Logged in as', ko: '로그인한 사용자' },
} as const satisfies Record<string, Localized>;

/** The error page's text, by status. */
const problems: Readonly<Record<number, Localized>> = {
  400: {
    en: 'The form is incomplete: user name, password and registration number are needed, each once.',
    ko: '사용자 이름, 비밀번호, 주민등록번호를 빠짐없이 한 번씩 입력하세요.',
  },
  404: { en: 'There is no such page.', ko: '페이지가 없습니다.' },
  405: { en: 'This page does not answer that method.', ko: '이 페이지에서는 사용할 수 없는 메서드입니다.' },
  413: { en: 'The form is too large.', ko: '보낸 내용이 너무 큽니다.' },
  415: {
    en: 'Only a form (application/x-www-form-urlencoded) is read here.',
    ko: '폼 형식(application/x-www-form-urlencoded)만 받습니다.',
  },
};

export const problemStatuses = Object.keys(problems).map(Number);

/** The language that an `Accept-Language` header prefers (RFC 9110 section 12.5.4); English when it names neither. */
export function preferredLanguage(header: string | undefined): Language {
  const weight: Record<Language, number> = { en: 0, ko: 0 };
  for (const range of header?.toLowerCase().split(',') ?? []) {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim());
    const language = tag.split('-')[0];
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    if ((language === 'en' || language === 'ko') && quality > weight[language]) weight[language] = quality;
  }
  return weight.ko > weight.en ? 'ko' : 'en';
}

/** @param host the site's host name; without one it is a shop. */
export function siteName(host: string | undefined): Localized {
  const [label = ''] = host?.split('.') ?? [];
  return host === undefined || label === 'shop'
    ? words.shop
    : Object.hasOwn(siteNames, label)
      ? (siteNames[label] ?? words.shop)
      : { en: host, ko: host };
}

export function loginPage(language: Language, options: { denied?: boolean; site?: Localized } = {}): string {
  const say = (text: Localized): string => escapeHtml(text[language]);
  return page(
    language,
    words.logIn,
    [
      ...(options.denied ? [`<p role="alert"><strong>${say(words.denied)}</strong></p>`] : []),
      '<form method="post" action="/login">',
      `<p><label for="username">${say(words.username)}</label><br>`,
      '<input id="username" name="username" autocomplete="username" required></p>',
      `<p><label for="password">${say(words.password)}</label><br>`,
      '<input id="password" name="password" type="password" autocomplete="current-password" required></p>',
      `<p><label for="rrn">${say(words.rrn)}</label><br>`,
      '<input id="rrn" name="rrn" inputmode="numeric" autocomplete="off" required aria-describedby="rrn-hint"><br>',
      `<small id="rrn-hint">${say(words.rrnHint)}</small></p>`,
      `<p><button>${say(words.logIn)}</button></p>`,
      '</form>',
    ],
    options.site,
  );
}

export function profilePage(language: Language, session: Session, site?: Localized): string {
  const say = (text: Localized): string => escapeHtml(text[language]);
  return page(
    language,
    words.profile,
    [
      '<dl>',
      `<dt>${say(words.loggedInAs)}</dt><dd id="user">${escapeHtml(session.user)}</dd>`,
      `<dt>${say(words.rrn)}</dt><dd>${escapeHtml(session.rrn)}</dd>`,
      '</dl>',
      `<form method="post" action="/logout"><p><button>${say(words.logOut)}</button></p></form>`,
    ],
    site,
  );
}

export function problemPage(language: Language, status: number, site: Localized = words.shop): string {
  const text = problems[status];
  if (!text) throw new Error(`no words for status ${status}`);
  return page(language, site, [`<p>${escapeHtml(text[language])}</p>`], site);
}

/** A page with one link: the front page, a search result, or a page that has moved. */
export function linkedPage(
  language: Language,
  kind: 'front' | 'search' | 'moved',
  link: string,
  query?: string,
): string {
  const say = (text: Localized): string => escapeHtml(text[language]);
  const heading = { front: words.shop, search: words.search, moved: words.moved }[kind];
  return page(language, heading, [
    ...(query === undefined ? [] : [`<p>${say(words.found)}: <q>${escapeHtml(query)}</q></p>`]),
    `<p><a href="${escapeHtml(link)}">${say(kind === 'moved' ? words.movedHere : words.logIn)}</a></p>`,
  ]);
}

/** The title of a page below a site's first one. */
export const articleTitle = (language: Language, heading: Localized, site: Localized = words.shop): string =>
  `${heading[language]} - ${site[language]}`;

/** A page about one article; its length depends on the article. */
export function articlePage(language: Language, name: Localized, sentences: number): string {
  return page(language, name, [
    `<p>${Array.from({ length: sentences }, () => escapeHtml(words.sentence[language])).join('\n')}</p>`,
  ]);
}

/** The user named on a profile page; undefined when it is another page. */
export function readProfileUser(html: string): string | undefined {
  const escaped = /<dd id="user">([^<]*)<\/dd>/.exec(html)?.[1];
  return escaped?.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

function page(
  language: Language,
  heading: Localized,
  body: readonly string[],
  site: Localized = words.shop,
): string {
  const title = heading === site ? site[language] : articleTitle(language, heading, site);
  return [
    '<!doctype html>',
    `<html lang="${language}">`,
    '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title></head>`,
    `<body><main><h1>${escapeHtml(heading[language])}</h1>`,
    ...body,
    '</main></body></html>',
    '',
  ].join('\n');
}
