import { randomBytes } from 'node:crypto';
import test from 'ava';
import { escapeHtml } from '../../../src/i18n/safe.ts';
import { decodeLoginForm, encodeLoginForm, maskRegistrationNumber } from '../../../src/peers/site/form.ts';
import {
  loginPage,
  preferredLanguage,
  problemPage,
  problemStatuses,
  profilePage,
  readProfileUser,
  siteName,
} from '../../../src/peers/site/pages.ts';
import { answer } from '../../../src/peers/site/routes.ts';
import type { Site, SiteRequest } from '../../../src/peers/site/routes.ts';
import { hashPassword, verifyPassword } from '../../../src/peers/site/password.ts';
import { SessionStore, readCookie, writeSessionCookie } from '../../../src/peers/site/session-store.ts';
import { languages } from '../../../src/i18n/language.ts';

const form = { username: 'alice', password: 'tiger-lily', rrn: '900101-1234567' };

function site(secure = false): Site {
  return {
    sessions: new SessionStore(randomBytes),
    secure,
    verify: (user, password) => user === 'alice' && password === 'tiger-lily',
  };
}

const request = (method: string, target: string, more: Partial<SiteRequest> = {}): SiteRequest => ({
  method,
  target,
  language: 'en',
  body: '',
  ...more,
});
const login = (body = encodeLoginForm(form)): SiteRequest =>
  request('POST', '/login', { contentType: 'application/x-www-form-urlencoded; charset=utf-8', body });

for (const [method, target, status, header] of [
  ['GET', '/', 302, { Location: '/login' }],
  ['GET', '/login', 200, {}],
  ['HEAD', '/login', 200, {}],
  ['GET', '/login?next=x', 200, {}],
  ['GET', '/profile', 302, { Location: '/login' }],
  ['POST', '/logout', 302, { Location: '/login' }],
  ['GET', '/logout', 405, { Allow: 'POST' }],
  ['PUT', '/login', 405, { Allow: 'GET, HEAD, POST' }],
  ['DELETE', '/profile', 405, { Allow: 'GET, HEAD' }],
  ['GET', '/elsewhere', 404, {}],
  ['GET', '/constructor', 404, {}],
] as const) {
  test(`${method} ${target} is answered ${status}`, (t) => {
    const answered = answer(request(method, target), site());
    t.is(answered.status, status);
    for (const [name, value] of Object.entries(header)) t.is(answered.headers[name], value);
  });
}

test('a login begins a session, its cookie opens the profile, logging out ends it', (t) => {
  const shop = site();
  const answered = answer(login(), shop);
  t.like(answered, { status: 302, headers: { Location: '/profile' } });
  const cookie = answered.headers['Set-Cookie'] ?? '';
  t.regex(cookie, /^session=[0-9a-f]{32}; Path=\/; HttpOnly; SameSite=Lax$/);
  const [pair = ''] = cookie.split(';');
  const profile = answer(request('GET', '/profile', { cookie: `theme=dark; ${pair}` }), shop);
  t.is(profile.status, 200);
  t.is(readProfileUser(profile.body), 'alice');
  t.regex(profile.body, /900101-1\*{6}/);
  t.notRegex(profile.body, /900101-1234567/);
  answer(request('POST', '/logout', { cookie: pair }), shop);
  t.is(answer(request('GET', '/profile', { cookie: pair }), shop).status, 302);
  t.regex(answer(login(), site(true)).headers['Set-Cookie'] ?? '', /; Secure$/);
});

test('a wrong password gets the form again; an incomplete form and another type of content are distinguished', (t) => {
  const shop = site();
  const denied = answer(login(encodeLoginForm({ ...form, password: 'x' })), shop);
  t.is(denied.status, 401);
  t.regex(denied.body, /role="alert"/);
  t.is(shop.sessions.size, 0);
  t.is(answer(login('username=alice'), shop).status, 400);
  t.is(answer({ ...login(), contentType: 'application/json' }, shop).status, 415);
  t.is(answer({ ...login(), contentType: undefined }, shop).status, 415);
});

test('a form round-trips', (t) => {
  for (const value of ['tiger-lily', '비밀 번호', 'a&b=c%+;"\'<>', '\u0000\n']) {
    t.deepEqual(decodeLoginForm(encodeLoginForm({ ...form, password: value })), {
      form: { ...form, password: value },
    });
  }
  t.deepEqual(decodeLoginForm('username=a&username=b&password='), {
    missing: ['username', 'password', 'rrn'],
  });
  t.is(maskRegistrationNumber('900101-1234567'), '900101-1******');
  t.is(maskRegistrationNumber('secret'), '******');
});

test('pages are escaped, speak both languages, and load nothing', (t) => {
  const nasty = '<script>alert("1")</script>&\'';
  const page = profilePage('en', { user: nasty, rrn: '' });
  t.false(page.includes('<script'));
  t.is(readProfileUser(page), nasty);
  t.is(escapeHtml('<&>"\''), '&#60;&#38;&#62;&#34;&#39;');
  for (const language of languages) {
    const pages = [
      loginPage(language),
      loginPage(language, { denied: true }),
      profilePage(language, { user: 'x', rrn: '' }),
      ...problemStatuses.map((status) => problemPage(language, status)),
    ];
    for (const html of pages) {
      t.true(html.startsWith(`<!doctype html>\n<html lang="${language}">`));
      t.notRegex(html, /<script|<img|<link|src=|https?:/i);
      t.is(html, html.normalize('NFC'));
      t.is(/[가-힣]/.test(html), language === 'ko');
    }
  }
  for (const field of ['username', 'password', 'rrn'])
    t.regex(loginPage('ko'), new RegExp(`<label for="${field}">.*\\n<input id="${field}" name="${field}"`));
  t.throws(() => problemPage('en', 418));
});

test('the language is the one that is asked for most', (t) => {
  for (const [header, language] of [
    [undefined, 'en'],
    ['', 'en'],
    ['ko', 'ko'],
    ['ko-KR,ko;q=0.9,en-US;q=0.8', 'ko'],
    ['en-US,en;q=0.9,ko;q=0.8', 'en'],
    ['en;q=0.1, ko;q=0.2', 'ko'],
    ['ko;q=0', 'en'],
    ['fr, ko;q=0.5', 'ko'],
    ['*;q=x,;;,', 'en'],
  ] as const)
    t.is(preferredLanguage(header), language, header);
});

test('a password is distinguished from every other, and its hash from that of the same password', (t) => {
  const hash = hashPassword('tiger-lily', randomBytes);
  t.true(verifyPassword('tiger-lily', hash));
  t.false(verifyPassword('tiger-lilx', hash));
  t.false(verifyPassword('', hash));
  t.notDeepEqual(hashPassword('tiger-lily', randomBytes), hash);
  const composed = hashPassword('비밀', randomBytes);
  t.true(verifyPassword('비밀'.normalize('NFD'), composed), 'a Mac may send decomposed Hangul');
});

test('sessions are bounded: the oldest ends', (t) => {
  let count = 0;
  const store = new SessionStore((length) => new Uint8Array(length).fill(count++), 2);
  const [first, second, third] = ['a', 'b', 'c'].map((user) => store.begin({ user, rrn: '' }));
  t.is(store.size, 2);
  t.is(store.find(first), undefined);
  t.is(store.find(second)?.user, 'b');
  t.is(store.find(third)?.user, 'c');
  t.is(store.find(undefined), undefined);
});

test('a cookie is found among others', (t) => {
  t.is(readCookie('a=1; session=xyz; b=2', 'session'), 'xyz');
  t.is(readCookie('xsession=1', 'session'), undefined);
  t.is(readCookie(undefined, 'session'), undefined);
  t.regex(writeSessionCookie(undefined, false), /^session=; .*Max-Age=0/);
});

test('each page of a site bears the name of the site that was called, a bank’s that of the bank', (t) => {
  for (const [host, en, ko] of [
    ['bank.localhost', 'Bank', '은행'],
    ['shop.localhost', 'Shop', '상점'],
    ['mail.localhost', 'Mail', '메일'],
    ['x.example', 'x.example', 'x.example'],
    [undefined, 'Shop', '상점'],
  ] as const) {
    const site = siteName(host);
    t.regex(loginPage('en', { site }), new RegExp(`<title>Log in - ${en}</title>`));
    t.regex(
      profilePage('ko', { user: 'alice', rrn: '' }, site),
      new RegExp(`<title>내 정보 - ${ko}</title>`),
    );
    t.regex(problemPage('en', 404, site), new RegExp(`<title>${en}</title>.*<h1>${en}</h1>`, 's'));
  }
});
