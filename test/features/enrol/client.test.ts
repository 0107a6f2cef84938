/** A client that requests a certificate, with an honest CA and with hostile ones. */
import type { Socket } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { enrol } from '../../../src/features/enrol/client.ts';
import type { Enrolled } from '../../../src/features/enrol/client.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { requestFor } from '../../../src/pki/ca/request.ts';
import { newPair, openBench, rawServer, shopName } from '../support/authority.ts';
import type { Bench } from '../support/authority.ts';
import { newLog } from '../support/shop.ts';

test('requests, proves, and returns the chain; the challenge response is removed again', async (t) => {
  const bench = await openBench(t);
  const pair = newPair();
  const paths: string[] = [];
  const { result, chain } = await enrol({
    who: 'owner',
    dial: { security: 'plain', to: bench.ca.address, clock: systemClock, tap: { log: bench.log, hop: 'B' } },
    host: 'ca.localhost',
    request: requestFor(pair.key, { subject: [['CN', shopName]], san: [`DNS:${shopName}`] }),
    thumbprint: pair.thumbprint,
    publish(path, text) {
      paths.push(path);
      return bench.site.publish(path, text);
    },
    log: bench.log,
  });
  t.like(result, { kind: 'enrolment', outcome: 'issued', status: 200 });
  t.is(pemCertificates(chain ?? '').length, 2);
  t.is(result.serial, bench.ca.report().orders[0]?.serial);
  t.is(paths.length, 1);
  t.is((await fetch(`http://127.0.0.1:${bench.site.address.port}${paths[0] ?? ''}`)).status, 404);
  t.true(
    bench.log.events.some(
      (event) => event.type === 'observed' && event.who === 'owner' && event.result.kind === 'enrolment',
    ),
  );
  const sent = bench.log.events
    .flatMap((event) => (event.type === 'bytes' ? [Buffer.from(event.bytes).toString('latin1')] : []))
    .join('');
  t.regex(sent, /BEGIN CERTIFICATE REQUEST/);
  t.notRegex(sent, /PRIVATE KEY/);
});

test('a client that cannot prove the name is told why', async (t) => {
  const { result, chain } = await asking(t, await openBench(t));
  t.like(result, { outcome: 'refused', status: 403, problem: 'unauthorized' });
  t.is(chain, undefined);
});

async function asking(
  t: ExecutionContext,
  to: Bench | ((socket: Socket) => void),
  published: string[] = [],
  timeout = 2000,
): Promise<Enrolled> {
  const pair = newPair();
  return enrol({
    who: 'owner',
    dial: {
      security: 'plain',
      to: typeof to === 'function' ? await rawServer(t, to) : to.ca.address,
      clock: systemClock,
    },
    host: 'ca.localhost',
    request: requestFor(pair.key, { subject: [], san: [`DNS:${shopName}`] }),
    thumbprint: pair.thumbprint,
    publish(path) {
      published.push(path);
      return () => {};
    },
    log: newLog(),
    timeout,
  });
}

const json = (status: number, content: unknown): string => {
  const body = typeof content === 'string' ? content : JSON.stringify(content);
  return `HTTP/1.1 ${status} Whatever\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};
/** Answers in turn, whatever is asked. */
const saying =
  (...answers: readonly string[]) =>
  (socket: Socket): void => {
    let at = 0;
    socket.on('data', () => socket.write(answers[at++] ?? ''));
    socket.on('end', () => socket.end());
  };
const token = 'A'.repeat(22);
const placed = json(201, { order: '/orders/1', challenges: [{ token }] });

for (const [what, answers, outcome] of [
  ['no JSON', [json(201, '{')], 'failed'],
  ['null', [json(201, 'null')], 'failed'],
  [
    'an order with line feeds in its path',
    [json(201, { order: '/orders/1\r\nX: y', challenges: [] })],
    'failed',
  ],
  ['an order at another host', [json(201, { order: 'http://elsewhere/', challenges: [] })], 'failed'],
  [
    'a certificate with line feeds in its path',
    [placed, json(200, { certificate: '/a b\r\n\r\nGET /' })],
    'failed',
  ],
  [
    'a certificate that is none',
    [placed, json(200, { certificate: '/certificates/1' }), json(200, 'hello')],
    'failed',
  ],
  ['an error of a type that is no text', [json(400, { type: 7 })], 'failed'],
  ['an error', [json(400, { type: 'urn:ietf:params:acme:error:badCSR' })], 'refused'],
  ['no HTTP', ['hello\r\n\r\n'], 'failed'],
] as const) {
  test(`a CA that answers ${what} ends in a report: ${outcome}`, async (t) => {
    const { result, chain } = await asking(t, saying(...answers));
    t.is(result.outcome, outcome);
    t.is(chain, undefined);
  });
}

for (const bad of ['../../etc/passwd', 'a b', '', 'x'.repeat(1000), `${token}\r\n`, 7, null, {}]) {
  test(`a token that is none is served nowhere: ${JSON.stringify(bad).slice(0, 30)}`, async (t) => {
    const published: string[] = [];
    await asking(
      t,
      saying(json(201, { order: '/orders/1', challenges: [{ token: bad }, { token }, null] }), json(403, {})),
      published,
    );
    t.deepEqual(published, [`/.well-known/acme-challenge/${token}`]);
  });
}

test('a silent CA times out, and a missing one is reported', async (t) => {
  t.like(await asking(t, () => {}, [], 100), { result: { outcome: 'failed', error: { code: 'ETIMEDOUT' } } });
  t.like(await asking(t, (socket) => socket.destroy()), { result: { outcome: 'failed' } });
});
