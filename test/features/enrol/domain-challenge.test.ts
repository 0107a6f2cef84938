/** Sites that answer a CA's challenge badly: none of them passes, holds the CA up, or leads it anywhere else. */
import type { Socket } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { carryOut } from '../../../src/features/enrol/domain-challenge.ts';
import type { ChallengeOptions, ChallengeResult } from '../../../src/features/enrol/domain-challenge.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { rawServer, shopName } from '../support/authority.ts';
import { newLog } from '../support/shop.ts';

const token = 'A'.repeat(22);
const thumbprint = 'B'.repeat(43);
const answer = `${token}.${thumbprint}`;

async function challenge(
  t: ExecutionContext,
  onConnection: (socket: Socket) => void,
  more: Partial<ChallengeOptions> = {},
): Promise<ChallengeResult> {
  const address = await rawServer(t, onConnection);
  return carryOut({
    name: shopName,
    token,
    thumbprint,
    resolve: () => ({ address }),
    clock: systemClock,
    timeout: 5000,
    signal: new AbortController().signal,
    ...more,
  });
}

const replying =
  (text: string) =>
  (socket: Socket): void =>
    void socket.once('data', () => socket.end(text));
const ok = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

for (const [what, text] of [
  ['with a length', ok(answer)],
  ['with white space behind it', ok(`${answer} \r\n`)],
  [
    'in chunks',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n${answer.slice(0, 5)}\r\n${(answer.length - 5).toString(16)}\r\n${answer.slice(5)}\r\n0\r\n\r\n`,
  ],
  ['until the connection closes', `HTTP/1.1 200 OK\r\n\r\n${answer}`],
] as const) {
  test(`the right answer passes ${what}`, async (t) => {
    t.like(await challenge(t, replying(text)), { name: shopName, passed: true });
  });
}

for (const [what, text, problem] of [
  ['another text', ok('hello'), 'unauthorized'],
  ['nothing', ok(''), 'unauthorized'],
  ['the answer with white space before it', ok(` ${answer}`), 'unauthorized'],
  ['the answer and more', ok(answer + answer), 'unauthorized'],
  [
    'the answer behind a status that is no success',
    `HTTP/1.1 404 Not Found\r\nContent-Length: ${answer.length}\r\n\r\n${answer}`,
    'unauthorized',
  ],
  [
    'a redirect',
    `HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n`,
    'unauthorized',
  ],
  ['the answer, and then a megabyte of spaces', ok(answer + ' '.repeat(1024 * 1024)), 'unauthorized'],
  ['no HTTP', 'SSH-2.0-OpenSSH\r\n', 'connection'],
  ['half an answer', `HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${answer}`, 'connection'],
  ['a header without an end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`, 'connection'],
  ['five megabytes', ok('x'.repeat(5 * 1024 * 1024)), 'connection'],
] as const) {
  test(`no challenge is passed with ${what}`, async (t) => {
    const { passed, problem: found, words } = await challenge(t, replying(text));
    t.false(passed);
    t.is(found, problem);
    for (const one of Object.values(words))
      t.false(one.includes('hello') || one.includes('SSH'), 'what was found is not passed on');
  });
}

test('a silent site, and a slow one, time out', async (t) => {
  const silent = await challenge(t, () => {}, { timeout: 100 });
  t.like(silent, { passed: false, problem: 'connection' });
  const dripping = await challenge(
    t,
    (socket) => {
      const timer = setInterval(() => socket.write('H'), 5);
      socket.on('close', () => clearInterval(timer));
    },
    { timeout: 100 },
  );
  t.like(dripping, { passed: false, problem: 'connection' });
});

test('a name that does not resolve, and an address without a listener', async (t) => {
  t.like(await challenge(t, () => {}, { resolve: () => undefined }), { passed: false, problem: 'dns' });
  // Port 1 of the loopback device: it is closed.
  t.like(await challenge(t, () => {}, { resolve: () => ({ address: { host: '127.0.0.1', port: 1 } }) }), {
    passed: false,
    problem: 'connection',
  });
});

test('challenge requests and responses cross the CA’s own tapped wire', async (t) => {
  const log = newLog();
  const address = await rawServer(t, replying(ok(answer)));
  const result = await carryOut({
    name: shopName,
    token,
    thumbprint,
    resolve: () => ({ address, tap: { log, hop: 'C' } }),
    clock: systemClock,
    timeout: 5000,
    signal: new AbortController().signal,
  });
  t.true(result.passed);
  const asked = log.events
    .flatMap((event) =>
      event.type === 'bytes' && event.from === 'client' ? [Buffer.from(event.bytes).toString()] : [],
    )
    .join('');
  t.regex(
    asked,
    new RegExp(`^GET /\\.well-known/acme-challenge/${token} HTTP/1\\.1\\r\\nHost: ${shopName}\\r\\n`),
  );
  t.true(await log.until(() => log.events.some(({ type }) => type === 'closed'), 5000));
});
