/** The CA from outside: what it issues, what it rejects and why, and that no input stops it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublicKey } from 'node:crypto';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { certificateSummary, readCertificate } from '../../../src/protocols/x509/certificate.ts';
import { challengePath, keyAuthorization, thumbprintOf } from '../../../src/pki/ca/key-authorization.ts';
import { pemBlocks, pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { requestFor } from '../../../src/pki/ca/request.ts';
import { makeKey } from '../../../src/pki/ca/sign.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { authorities, newPair, openBench, pairOf, shopName } from '../support/authority.ts';
import type { Bench, Pair } from '../support/authority.ts';

const ask = { subject: [['CN', shopName]], san: [`DNS:${shopName}`] } as const;

interface Placed {
  readonly order: string;
  readonly challenges: readonly {
    readonly name: string;
    readonly token: string;
    readonly url: string;
    readonly type: string;
  }[];
}

/** Places an order, serves its challenge responses, and returns the CA's answer. */
async function goThrough(
  bench: Bench,
  { thumbprint }: Pair,
  request: string,
): Promise<Awaited<ReturnType<Bench['ask']>>> {
  const { content } = await bench.ask('POST', '/orders', request);
  const { order, challenges } = content as unknown as Placed;
  for (const { token } of challenges)
    bench.site.publish(challengePath(token), keyAuthorization(token, thumbprint));
  return bench.ask('POST', order);
}

test('a name that is proven gets a certificate, with the chain and for the key of the request', async (t) => {
  const bench = await openBench(t);
  const pair = newPair();
  const placed = await bench.ask('POST', '/orders', requestFor(pair.key, ask));
  t.is(placed.status, 201);
  const { order, challenges } = placed.content as unknown as Placed;
  t.is(challenges.length, 1);
  const [{ name, token, url, type } = { name: '', token: '', url: '', type: '' }] = challenges;
  t.deepEqual(
    [name, type, url],
    [shopName, 'http-01', `http://${shopName}/.well-known/acme-challenge/${token}`],
  );
  t.true(Buffer.from(token, 'base64url').length >= 16);
  t.is((await bench.ask('GET', order)).content['status'], 'pending');
  // Whitespace at the end of an answer is let be (RFC 8555 section 8.3).
  bench.site.publish(challengePath(token), `${keyAuthorization(token, pair.thumbprint)}\n`);
  const valid = await bench.ask('POST', order);
  t.is(valid.status, 200);
  t.is(valid.content['status'], 'valid');
  const chain = (await bench.ask('GET', String(valid.content['certificate']))).text;
  const certificates = pemCertificates(chain);
  t.is(certificates.length, 2);
  const step = readCertificate(certificates[0] ?? new Uint8Array(0));
  if (!('got' in step)) return t.fail('no certificate');
  t.deepEqual(certificateSummary(step.got).san, [`DNS:${shopName}`]);
  t.is(certificateSummary(step.got).issuer, 'CN=Issuing');
  t.deepEqual(
    Buffer.from(step.got.publicKey.der),
    createPublicKey(pair.key).export({ type: 'spki', format: 'der' }),
  );
  t.true(chain.endsWith(authorities().identity('issuing').certificate));

  const [reported, ...more] = bench.ca.report().orders;
  t.deepEqual(more, []);
  t.like(reported, { outcome: 'issued', names: [shopName] });
  t.deepEqual(
    reported?.challenges.map(({ passed }) => passed),
    [true],
  );
  t.deepEqual(bench.ca.report().orders, [], 'reported once');
  t.true(
    bench.log.events.some((event) => event.type === 'bytes' && event.hop === 'C'),
    'the CA’s own wire is tapped',
  );
});

test('asking again and again fetches once, and says the same', async (t) => {
  const bench = await openBench(t);
  const pair = newPair();
  const { content } = await bench.ask('POST', '/orders', requestFor(pair.key, ask));
  const { order } = content as unknown as Placed;
  const answers = await Promise.all(Array.from({ length: 5 }, async () => bench.ask('POST', order)));
  t.deepEqual([...new Set(answers.map(({ status }) => status))], [403]);
  t.is(bench.site.report().requests, 1);
  t.is((await bench.ask('GET', order)).status, 403);
});

for (const [what, publish] of [
  ['nothing is served', () => undefined],
  ['the token alone is served', (token: string) => token],
  ['the answer is for another key', (token: string) => keyAuthorization(token, newPair().thumbprint)],
  [
    'the answer is for another token',
    (_token: string, thumbprint: string) => keyAuthorization('A'.repeat(22), thumbprint),
  ],
  [
    'something precedes the response',
    (token: string, thumbprint: string) => `x${keyAuthorization(token, thumbprint)}`,
  ],
] as const) {
  test(`no certificate where ${what}`, async (t) => {
    const bench = await openBench(t);
    const pair = newPair();
    const { content } = await bench.ask('POST', '/orders', requestFor(pair.key, ask));
    const { order, challenges } = content as unknown as Placed;
    for (const { token } of challenges) {
      const text = publish(token, pair.thumbprint);
      if (text !== undefined) bench.site.publish(challengePath(token), text);
    }
    const answer = await bench.ask('POST', order);
    t.is(answer.status, 403);
    t.is(answer.content['type'], 'urn:ietf:params:acme:error:unauthorized');
    t.is((await bench.ask('GET', order.replace('orders', 'certificates'))).status, 404);
    t.like(bench.ca.report().orders.at(-1), { outcome: 'refused', problem: 'unauthorized' });
  });
}

test('one name that is not proven is enough to get nothing', async (t) => {
  const bench = await openBench(t);
  const pair = newPair();
  const answer = await goThrough(
    bench,
    pair,
    requestFor(pair.key, { subject: [], san: [`DNS:${shopName}`, 'DNS:bank.localhost'] }),
  );
  t.is(answer.status, 403);
  t.is(answer.content['type'], 'urn:ietf:params:acme:error:dns');
  const [order] = bench.ca.report().orders;
  t.deepEqual(
    order?.challenges.map(({ name, passed }) => [name, passed]),
    [
      [shopName, true],
      ['bank.localhost', false],
    ],
  );
  t.is(order?.serial, undefined);
});

const der = (pem: string): Uint8Array => pemBlocks(pem)[0]?.der ?? new Uint8Array(0);

test('a request in DER is accepted as well', async (t) => {
  const bench = await openBench(t);
  t.is((await bench.ask('POST', '/orders', der(requestFor(newPair().key, ask)))).status, 201);
});

/** One byte of the signature is turned over. */
function spoiled(request: string): Uint8Array {
  const bytes = der(request);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes;
}

const hostile: readonly (readonly [what: string, body: string | Uint8Array, status: number, type: string])[] =
  [
    ['nothing', '', 400, 'badCSR'],
    ['text', 'please', 400, 'badCSR'],
    ['a certificate', authorities().authority('root'), 400, 'badCSR'],
    ['PEM without an end', requestFor(newPair().key, ask).slice(0, -40), 400, 'badCSR'],
    [
      'PEM of nothing',
      '-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n',
      400,
      'badCSR',
    ],
    ['a request cut short', der(requestFor(newPair().key, ask)).subarray(0, -1), 400, 'badCSR'],
    [
      'a request with something behind it',
      Buffer.concat([der(requestFor(newPair().key, ask)), Buffer.from([0])]),
      400,
      'badCSR',
    ],
    ['a sequence that claims to be huge', Uint8Array.of(0x30, 0x84, 0x7f, 0xff, 0xff, 0xff), 400, 'badCSR'],
    ['sequences in sequences', Buffer.alloc(60_000, Uint8Array.of(0x30, 0x80)), 400, 'badCSR'],
    ['a signature that is none', spoiled(requestFor(newPair().key, ask)), 400, 'badCSR'],
    [
      'a NUL in a name',
      requestFor(newPair().key, { subject: [], san: [`DNS:${shopName}\0.mallory.localhost`] }),
      403,
      'rejectedIdentifier',
    ],
    [
      'a NUL in the subject',
      requestFor(newPair().key, { subject: [['CN', `${shopName}\0`]], san: [`DNS:${shopName}`] }),
      403,
      'rejectedIdentifier',
    ],
    ['no name at all', requestFor(newPair().key, { subject: [['CN', shopName]] }), 403, 'rejectedIdentifier'],
    [
      'eleven names',
      requestFor(newPair().key, {
        subject: [],
        san: Array.from({ length: 11 }, (_, index) => `DNS:a${index}.localhost`),
      }),
      403,
      'rejectedIdentifier',
    ],
    ['a weak key', requestFor(makeKey('RSA-1024'), ask), 400, 'badPublicKey'],
  ];

for (const [what, body, status, type] of hostile) {
  test(`refused, and the CA goes on: ${what}`, async (t) => {
    const bench = await openBench(t);
    const answer = await bench.ask('POST', '/orders', body);
    t.is(answer.status, status, answer.text);
    t.is(answer.content['type'], `urn:ietf:params:acme:error:${type}`);
    const { en, ko } = answer.content['title'] as { en: string; ko: string };
    t.regex(en, /[a-z]/);
    t.regex(ko, /[가-힣]/);
    t.is(answer.content['order'], undefined);
    await goesOn(t, bench);
  });
}

async function goesOn(t: ExecutionContext, bench: Bench): Promise<void> {
  const pair = newPair();
  t.is((await goThrough(bench, pair, requestFor(pair.key, ask))).status, 200);
}

test('ten megabytes are not read to the end, and the CA continues', async (t) => {
  const bench = await openBench(t);
  const body = Buffer.alloc(10 * 1024 * 1024, 'A');
  // The answer may overtake the body: then the client hears of a connection that is closed under it.
  const answer = await bench.ask('POST', '/orders', body).catch(() => undefined);
  if (answer) {
    t.is(answer.status, 413);
    t.is(answer.content['type'], 'urn:ietf:params:acme:error:malformed');
  }
  await goesOn(t, bench);
});

test('unknown paths and methods', async (t) => {
  const bench = await openBench(t);
  for (const [method, path, status] of [
    ['GET', '/', 404],
    ['GET', '/orders', 405],
    ['GET', '/orders/none', 404],
    ['POST', '/orders/none', 404],
    ['GET', '/certificates/none', 404],
    ['GET', '/orders/none/more', 404],
    ['GET', '/__proto__/none', 404],
  ] as const) {
    t.is(
      (await bench.ask(method, path, method === 'POST' ? '' : undefined)).status,
      status,
      `${method} ${path}`,
    );
  }
  const { content } = await bench.ask('POST', '/orders', requestFor(newPair().key, ask));
  const { order } = content as unknown as Placed;
  t.is((await bench.ask('DELETE', order)).status, 405);
  t.is((await bench.ask('POST', order.replace('orders', 'certificates'), '')).status, 405);
  await goesOn(t, bench);
});

test('orders are forgotten, the oldest first, when there are too many', async (t) => {
  const bench = await openBench(t);
  const request = requestFor(newPair().key, ask);
  const place = async (): Promise<string> =>
    ((await bench.ask('POST', '/orders', request)).content as unknown as Placed).order;
  const first = await place();
  for (let count = 0; count < 99; count++) await place();
  t.is((await bench.ask('GET', first)).status, 200);
  const last = await place();
  t.is((await bench.ask('GET', first)).status, 404);
  t.is((await bench.ask('GET', last)).status, 200);
  t.true(bench.ca.report().orders.length <= 100);
});

test('an expired CA signs nothing and reports it', async (t) => {
  const bench = await openBench(t, { issuer: 'expired' });
  const answer = await bench.ask('POST', '/orders', requestFor(newPair().key, ask));
  t.is(answer.status, 500);
  t.is(answer.content['type'], 'urn:ietf:params:acme:error:serverInternal');
});

test('closing ends a challenge without a response', async (t) => {
  const { rawServer } = await import('../support/authority.ts');
  let reached: (() => void) | undefined;
  const isReached = new Promise<void>((resolve) => (reached = resolve));
  const address = await rawServer(t, () => reached?.());
  const bench = await openBench(t, { resolve: () => ({ address }), challengeTimeout: 60_000 });
  const { content } = await bench.ask('POST', '/orders', requestFor(newPair().key, ask));
  const answer = bench.ask('POST', (content as unknown as Placed).order).catch(() => undefined);
  await isReached;
  await bench.ca.close(1000);
  await answer;
  t.pass();
});

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'wirelab-ca-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

for (const [kind, parameters] of [
  ['P-256', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ['RSA', ['-newkey', 'rsa:2048']],
  ['Ed25519', ['-newkey', 'ed25519']],
] as const) {
  withPeer(
    ['openssl', 'curl'],
    `a request that openssl made (${kind}) and curl sent is signed, and openssl verifies the chain`,
    async (t) => {
      const bench = await openBench(t);
      const path = folder(t);
      const file = (name: string): string => join(path, name);
      const made = await runProgram('openssl', [
        'req',
        '-new',
        ...parameters,
        '-nodes',
        '-keyout',
        file('shop.key'),
        '-out',
        file('shop.csr'),
        '-subj',
        `/O=Bank/CN=${shopName}`,
        '-addext',
        `subjectAltName=DNS:${shopName},DNS:*.${shopName}`,
        '-addext',
        'basicConstraints=critical,CA:TRUE',
      ]);
      t.is(made.exitCode, 0, made.stderr);
      const url = (of: string): string => `http://127.0.0.1:${bench.ca.address.port}${of}`;
      const curl = async (...words: string[]) => {
        const { exitCode, stdout, stderr } = await runProgram('curl', [
          '--disable',
          '--noproxy',
          '*',
          '--silent',
          '--show-error',
          '--max-time',
          '20',
          ...words,
        ]);
        t.is(exitCode, 0, stderr);
        return stdout;
      };
      const { order, challenges } = JSON.parse(
        await curl('--data-binary', `@${file('shop.csr')}`, url('/orders')),
      ) as Placed;
      const { thumbprint } = pairOf(readFileSync(file('shop.key'), 'utf8'));
      for (const { token } of challenges)
        bench.site.publish(challengePath(token), keyAuthorization(token, thumbprint));
      const { certificate } = JSON.parse(await curl('--request', 'POST', url(order))) as {
        certificate: string;
      };
      writeFileSync(file('shop.crt'), await curl(url(certificate)));
      writeFileSync(file('root.crt'), authorities().authority('root'));
      const verified = await runProgram('openssl', [
        'verify',
        '-purpose',
        'sslserver',
        '-verify_hostname',
        shopName,
        '-x509_strict',
        '-CAfile',
        file('root.crt'),
        '-untrusted',
        file('shop.crt'),
        file('shop.crt'),
      ]);
      t.is(verified.exitCode, 0, verified.stderr);
      const { stdout } = await runProgram('openssl', ['x509', '-in', file('shop.crt'), '-noout', '-text']);
      t.regex(stdout, /CA:FALSE/);
      t.regex(stdout, /Subject: CN ?= ?shop\.localhost\n/);
      t.notRegex(stdout, /\*\.shop|Bank/);
      const cuts = bench.ca
        .report()
        .orders.flatMap(({ decisions }) =>
          decisions.filter((one) => one.kind === 'cut').map(({ about }) => about),
        );
      t.deepEqual(cuts.toSorted(), ['ca', 'subject', 'wildcard']);
    },
  );
}

withPeer('openssl', 'the thumbprint of a key is that of its public half, however it is read', async (t) => {
  const path = folder(t);
  const key = join(path, 'key');
  t.is((await runProgram('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', key])).exitCode, 0);
  const { stdout } = await runProgram('openssl', ['pkey', '-in', key, '-pubout']);
  t.is(thumbprintOf(createPublicKey(stdout)), pairOf(readFileSync(key, 'utf8')).thumbprint);
});
