/** The browser against a site's two listeners, honest and hostile, and curl for comparison. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { browse, newMemory } from '../../../src/features/visit/browser.ts';
import type { BrowseOptions, Visit } from '../../../src/features/visit/browser.ts';
import { startRedirectSite, toTls } from '../../../src/features/visit/redirect-site.ts';
import type { RedirectSiteOptions } from '../../../src/features/visit/redirect-site.ts';
import { articles } from '../../../src/features/pages/articles.ts';
import { pageOf, startPageSite } from '../../../src/features/pages/page-site.ts';
import type { LoginServer } from '../../../src/peers/site/server.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { alice, allClosed, anyPort, dialing, host, listening, newLog, world } from '../support/shop.ts';
import { startTcpServer } from '../../helpers/tcp-server.ts';

async function openSite(
  t: ExecutionContext,
  security: 'plain' | 'tls',
  more: Partial<RedirectSiteOptions> = {},
): Promise<LoginServer> {
  const site = await startRedirectSite({
    accept: { ...listening(security), security, clock: systemClock },
    host,
    accounts: [alice],
    random: randomBytes,
    ...more,
  });
  t.teardown(async () => {
    await site.close(200);
    await allClosed(site);
  });
  return site;
}

const login = { username: alice.user, password: alice.password, rrn: alice.rrn };

/** Both listeners of a site, and a browser that remembers from one visit to the next. */
async function openShop(t: ExecutionContext, more: Partial<RedirectSiteOptions> = {}) {
  const [plain, sealed] = [await openSite(t, 'plain'), await openSite(t, 'tls', more)];
  const memory = newMemory();
  const visit = async (options: Partial<BrowseOptions> = {}): Promise<Visit> =>
    browse({
      who: 'alice',
      memory,
      host,
      ports: { http: dialing('plain', plain.address), https: dialing('tls', sealed.address) },
      typed: [host],
      log: newLog(),
      clock: systemClock,
      timeout: 5_000,
      ...options,
    });
  return { plain, sealed, memory, visit };
}

const asked = ({ requests }: Visit): string[] =>
  requests.map(({ method, url, status, cookies }) => [method, url, status, ...cookies].join(' '));

test('what is typed without a scheme goes to port 80, and on to 443; the login follows the page’s link and form', async (t) => {
  const { visit, plain, sealed } = await openShop(t);
  const visited = await visit({ login });
  t.deepEqual(asked(visited), [
    'GET http://shop.localhost/ 301',
    'GET https://shop.localhost/ 200',
    'GET https://shop.localhost/login 200',
    'POST https://shop.localhost/login 302',
    'GET https://shop.localhost/profile 200 session',
  ]);
  t.deepEqual(visited.shown, { url: 'https://shop.localhost/profile', user: 'alice' });
  t.is(visited.error, undefined);
  t.false(visited.knowsHsts);
  t.is(plain.report().requests, 1);
  t.deepEqual(sealed.report(), {
    kind: 'served',
    connections: 1,
    requests: 4,
    logins: [{ user: 'alice', accepted: true }],
  });
});

test('a cookie without Secure goes to port 80 on the next visit, one with it does not', async (t) => {
  for (const secureCookie of [false, true]) {
    const { visit } = await openShop(t, { secureCookie });
    await visit({ login });
    const [first, second] = asked(await visit({ typed: [`${host}/profile`] }));
    t.is(first, `GET http://shop.localhost/profile 301${secureCookie ? '' : ' session'}`);
    t.is(second, 'GET https://shop.localhost/profile 200 session');
  }
});

test('HSTS is learned from the first answer over TLS; from then on port 80 is not asked', async (t) => {
  const { visit, plain } = await openShop(t, { hsts: { maxAge: 60, includeSubDomains: true } });
  const first = await visit();
  t.true(first.knowsHsts);
  t.is(plain.report().connections, 1);
  const second = await visit({ typed: [`http://${host}/search?q=a`] });
  t.like(second.requests[0], {
    url: 'https://shop.localhost/search?q=a',
    upgraded: true,
    status: 200,
    title: 'Search - Shop',
  });
  t.is(second.requests.length, 1);
  t.is(plain.report().connections, 0);
});

test('HSTS is not learned where the certificate is not verified', async (t) => {
  const { sealed, visit } = await openShop(t, { hsts: { maxAge: 60 } });
  const visited = await visit({
    ports: { https: { ...dialing('tls', sealed.address), verify: false } },
    typed: [`https://${host}/`],
  });
  t.like(visited.shown, { url: 'https://shop.localhost/' });
  t.false(visited.knowsHsts);
});

test('a certificate that cannot be verified ends the visit, and nothing is asked', async (t) => {
  const { visit } = await openShop(t);
  const stranger = await openSite(t, 'tls', {
    accept: {
      ...listening('tls', { identity: world().identity('impostor') }),
      security: 'tls',
      clock: systemClock,
    },
  });
  const visited = await visit({
    ports: { https: dialing('tls', stranger.address) },
    typed: [`https://${host}/`],
    login,
  });
  t.is(visited.shown, undefined);
  t.regex(visited.error?.code ?? '', /CERT|ISSUER|SELF_SIGNED|UNABLE/);
  t.is(visited.requests.length, 0);
  t.is(stranger.report().requests, 0);
});

test('the redirect keeps the path, and leads nowhere else whatever is asked', (t) => {
  const to = (target: string): string | undefined =>
    toTls({ target, language: 'en' }, host).headers['Location'];
  t.is(to('/search?q=a%20b'), 'https://shop.localhost/search?q=a%20b');
  for (const target of [
    '//mallory.localhost/',
    'http://mallory.localhost/',
    '*',
    '',
    '/a\r\nSet-Cookie: x=1',
    '/a b',
  ])
    t.is(to(target), 'https://shop.localhost/', JSON.stringify(target));
});

const say = (text: string) => (socket: Socket) => void socket.on('data', () => socket.write(text));
const to = (location: string): string =>
  `HTTP/1.1 301 Moved\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;

for (const [what, serve, error, requests] of [
  ['sends in circles', say(to('/again')), 'ERR_TOO_MANY_REDIRECTS', 21],
  ['sends to another site', say(to('http://mallory.localhost/')), 'ENOTFOUND', 1],
  ['sends to another port', say(to('http://shop.localhost:8080/')), 'ECONNREFUSED', 1],
  ['redirects to a closed port', say(to('https://shop.localhost/')), 'ECONNREFUSED', 1],
  ['closes at once', (socket: Socket) => void socket.end(), 'CLOSED_BEFORE_ANSWER', 1],
  ['resets', (socket: Socket) => void socket.once('data', () => socket.resetAndDestroy()), 'ECONNRESET', 1],
  ['says nothing', () => {}, 'ETIMEDOUT', 1],
  ['speaks no HTTP', say('SSH-2.0-x\r\n'), 'MALFORMED_RESPONSE', 1],
  [
    'never ends its page',
    (socket: Socket) =>
      void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel')),
    'CLOSED_BEFORE_ANSWER',
    1,
  ],
  ['has no form to log in', say('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'), 'NO_LOGIN_FORM', 1],
  [
    'has a form that asks for other things',
    say('HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n<form method="post"><input name="a">    '),
    'NO_LOGIN_FORM',
    1,
  ],
  [
    'has a form that leads elsewhere',
    say(
      `HTTP/1.1 200 OK\r\nContent-Length: 129\r\n\r\n${'<form method="post" action="http://mallory.localhost/"><input name="username"><input name="password"><input name="rrn"></form>'.padEnd(129)}`,
    ),
    'ENOTFOUND',
    1,
  ],
] as const) {
  test(`a site that ${what}`, async (t) => {
    const address = await startTcpServer(t, serve);
    const log = newLog();
    const visited = await browse({
      who: 'alice',
      memory: newMemory(),
      host,
      ports: { http: dialing('plain', address) },
      typed: [host],
      login,
      log,
      clock: systemClock,
      timeout: what === 'says nothing' ? 100 : 5_000,
    });
    t.is(visited.error?.code, error);
    t.is(visited.requests.length, requests);
    t.like(log.events.at(-1), { type: 'observed', who: 'alice', result: { kind: 'visit' } });
  });
}

test('a connection that the site closes is reopened, and a redirect to a page is followed', async (t) => {
  let connections = 0;
  const address = await startTcpServer(t, (socket) => {
    const answer =
      connections++ === 0
        ? to('/b').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')
        : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
    socket.once('data', () => (answer.includes('301') ? socket.end(answer) : socket.write(answer)));
  });
  const visited = await browse({
    who: 'alice',
    memory: newMemory(),
    host,
    ports: { http: dialing('plain', address) },
    typed: [host],
    log: newLog(),
    clock: systemClock,
    timeout: 5_000,
  });
  t.deepEqual(asked(visited), ['GET http://shop.localhost/ 301', 'GET http://shop.localhost/b 200']);
  t.is(connections, 2);
});

test('a visit is called off while it waits or looks, and the connection is gone', async (t) => {
  for (const [serve, lookAtMs] of [
    [() => {}, []],
    [say('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'), [60_000]],
  ] as const) {
    const called = new AbortController();
    const address = await startTcpServer(t, (socket) => {
      serve(socket);
      socket.once('data', () => setImmediate(() => called.abort()));
    });
    const visited = await browse({
      who: 'alice',
      memory: newMemory(),
      host,
      ports: { http: dialing('plain', address) },
      typed: [host],
      lookAtMs,
      log: newLog(),
      clock: systemClock,
      signal: called.signal,
    });
    t.is(visited.error?.code, 'ABORT_ERR');
  }
});

test('what is typed and is no address stops the visit', async (t) => {
  const visited = await browse({
    who: 'alice',
    memory: newMemory(),
    host,
    ports: {},
    typed: ['ftp://x'],
    log: newLog(),
    clock: systemClock,
  });
  t.is(visited.error?.code, 'ERR_INVALID_URL');
});

test('the pharmacy has a page for each article, each of its own size; filled up, all are of one size', async (t) => {
  const targets = Object.keys(articles).map((number) => `/item/${number}`);
  for (const language of ['en', 'ko'] as const) {
    const sizes = (padTo?: number): Set<number> =>
      new Set(
        targets.map((target) =>
          Buffer.byteLength(pageOf({ method: 'GET', target, language }, padTo)?.body ?? ''),
        ),
      );
    t.is(sizes().size, targets.length);
    t.deepEqual([...sizes(8192)], [8192]);
  }
  for (const target of ['/item/999', '/item/101/', '/item/toString', 'item/101', '/item/1e2'])
    t.is(pageOf({ method: 'GET', target, language: 'en' }), undefined, target);
  const site = await startPageSite({
    accept: { ...listening('plain'), security: 'plain', clock: systemClock, listen: anyPort },
    random: randomBytes,
  });
  t.teardown(async () => site.close(200));
  const visited = await browse({
    who: 'alice',
    memory: newMemory(),
    host,
    ports: { http: dialing('plain', site.address) },
    typed: targets.map((target) => host + target),
    lookAtMs: [1],
    log: newLog(),
    clock: systemClock,
  });
  t.is(new Set(visited.requests.map(({ answerBytes }) => answerBytes)).size, targets.length);
  t.is(
    new Set(visited.requests.map(({ requestBytes }) => requestBytes)).size,
    1,
    'addresses are of one length',
  );
  t.true((visited.requests[0]?.lookedAtMs ?? -1) >= 0);
});

withPeer(
  'curl',
  'curl is sent from port 80 to 443, keeps HSTS like the browser, and then leaves port 80 alone',
  async (t) => {
    const { plain, sealed } = await openShop(t, { hsts: { maxAge: 3600 } });
    const folder = mkdtempSync(join(tmpdir(), 'wirelab-curl-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const [authority, hsts] = [join(folder, 'ca.pem'), join(folder, 'hsts.txt')];
    writeFileSync(authority, world().authority('server-ca'));
    const connecting = (port: number, { address }: LoginServer): string[] => [
      '--connect-to',
      `${host}:${port}:${address.host}:${address.port}`,
    ];
    const curl = async (...words: string[]) =>
      runProgram('curl', [
        '--disable',
        '--noproxy',
        '*',
        '--silent',
        '--show-error',
        '--include',
        '--location',
        '--cacert',
        authority,
        '--hsts',
        hsts,
        ...connecting(80, plain),
        ...connecting(443, sealed),
        ...words,
      ]);
    const first = await curl(`http://${host}/search?q=a`);
    t.is(first.exitCode, 0, first.stderr);
    t.regex(
      first.stdout,
      /^HTTP\/1\.1 301[^]*Location: https:\/\/shop\.localhost\/search\?q=a\r[^]*HTTP\/1\.1 200[^]*Strict-Transport-Security: max-age=3600\r/,
    );
    t.is(plain.report().requests, 1);
    t.regex(readFileSync(hsts, 'utf8'), /shop\.localhost/);
    const second = await curl('--verbose', `http://${host}/`);
    t.regex(second.stderr, /Switched from HTTP to HTTPS due to HSTS/);
    t.is(plain.report().connections, 0);
  },
);
