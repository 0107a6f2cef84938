/** `wirelab certs show` by the real command: what it says of each kind, what it never says, and a live server. */
import test from 'ava';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { privateKeyForms } from '../../../src/pki/keystore/private-key-forms.ts';
import { cellWidth } from '../../../src/i18n/width.ts';
import { bits, ca, constraints, extension, general, implicit, seq } from '../../pki/openssl/der-kit.ts';
import { desk, world } from './support/files.ts';
import { outputValidator } from '../../helpers/output-schema.ts';

test('a certificate in words, in both languages, within 80 columns', async (t) => {
  const { run } = desk(t);
  for (const [lang, ...says] of [
    [
      'en',
      /subject +CN=alice,O=Workshop/,
      /valid for another \d+ days/,
      /ext\. usage +clientAuth/,
      /SHA-256 +[0-9a-f]{64}$/m,
      /CN=Workshop CA,O=Workshop \(not included\)\n +└─ \[1\] CN=alice/,
    ],
    ['ko', /주체 +CN=alice,O=Workshop/, /\d+일 더 유효함/, /여기에 없음/],
  ] as const) {
    const { exitCode, stdout, stderr } = await run('show', 'alice.crt', '--lang', lang);
    t.is(exitCode, 0, stderr);
    for (const pattern of says) t.regex(stdout, pattern);
    for (const line of stdout.split('\n')) t.true(cellWidth(line) <= 80, line);
  }
});

test('validity is seen against the clock', async (t) => {
  const { run } = desk(t);
  t.regex((await run('show', 'expired.crt')).stdout, /expired (?:24 hours|1 day|\d+ hours) ago/);
});

test('a bundle in any order: keys are matched, the chain is a tree, and no private number is ever printed', async (t) => {
  const { folder, run } = desk(t);
  const bundle = ['shop.key', 'shop.crt', 'other.crl', 'ca.crt', 'middle.crt', 'alice.key']
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('');
  writeFileSync(join(folder, 'bundle.pem'), bundle, { mode: 0o600 });
  const shown = await run('show', 'bundle.pem');
  t.is(shown.exitCode, 0, shown.stderr);
  t.regex(shown.stdout, /6 items/);
  t.regex(shown.stdout, /\[1\] private key[^[]+matches certificate \[2\]/);
  t.regex(shown.stdout, /\[6\] private key[^[]+matches no certificate/);
  t.regex(
    shown.stdout,
    /\[4\] CN=Workshop CA,O=Workshop \(self-signed\)\n +└─ \[5\] CN=Workshop Middle,O=Workshop \(key ids match, signature valid\)\n +└─ \[2\] CN=shop/,
  );
  t.notRegex(shown.stdout, /other users can read/);
  const json = await run('show', 'bundle.pem', '--json');
  for (const { pkcs8, secrets } of ['shop', 'alice'].map((name) =>
    privateKeyForms(name, world.identity(name).key),
  )) {
    for (const { bytes } of [{ bytes: pkcs8.subarray(-40) }, ...secrets]) {
      for (const form of ['hex', 'base64', 'base64url'] as const) {
        const text = Buffer.from(bytes).toString(form).slice(0, 20).toLowerCase();
        for (const { stdout, stderr } of [shown, json])
          t.false((stdout + stderr).replace(/[\s:]/g, '').toLowerCase().includes(text), form);
      }
    }
  }
});

test('a key that others may read is reported', async (t) => {
  if (process.platform === 'win32') {
    t.pass();
    return;
  }
  const { folder, run } = desk(t);
  chmodSync(join(folder, 'alice.key'), 0o644);
  const { stdout } = await run('show', 'alice.key');
  t.regex(stdout, /other users can read the file \(mode 0644\)/);
  const json = JSON.parse((await run('show', 'alice.key', '--json')).stdout) as {
    items: { openToOthers?: boolean; mode?: string }[];
  };
  t.like(json.items[0], { openToOthers: true, mode: '0644' });
});

test('--json is one object with every item, its peculiarities and the chain', async (t) => {
  const { run } = desk(t);
  const { stdout } = await run('show', 'shop.chain.crt', '--json');
  t.is(stdout.trim().split('\n').length, 1);
  const { v, kind, items, chain } = JSON.parse(stdout) as {
    v: number;
    kind: string;
    items: { subject: string; sha256: string }[];
    chain: { item: number; issued: { item: number; signature: string }[] }[];
  };
  t.deepEqual([v, kind], [2, 'certificates']);
  t.is(items[0]?.sha256, world.summary('shop').sha256);
  t.like(chain[0], { item: 2, top: 'issuer_absent' });
  t.like(chain[0]?.issued[0], { item: 1, signature: 'holds', keyIds: 'match' });
});

const validate = outputValidator();

test('every object of --json fits the schema, and is harmless on a terminal', async (t) => {
  const { folder, run } = desk(t);
  const { issueWorld } = await import('../../../src/pki/ca/issue.ts');
  const hostile = issueWorld(
    { certificates: { ca: { profile: 'root', subject: { CN: 'a\u202eb\u0085\u{e0001}' } } } },
    { clock: { now: Date.now } },
  );
  writeFileSync(join(folder, 'hostile.crt'), hostile.certificate('ca'));
  chmodSync(join(folder, 'alice.key'), 0o644);
  await run(
    'csr',
    '--key',
    'shop.key',
    '--subject',
    'CN=shop',
    '--san',
    'DNS:*.shop.localhost',
    '--out',
    'shop.csr',
  );
  writeFileSync(
    join(folder, 'all.pem'),
    ['ca.crt', 'ca.crl', 'shop.csr', 'shop.chain.crt', 'alice.key', 'alice.crt']
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join(''),
  );
  const counts: Record<string, number> = {};
  for (const words of [
    ['show', 'all.pem'],
    ['show', 'alice.key'],
    ['show', 'hostile.crt'],
    ['show', 'expired.crt'],
    ['show', '--trusted'],
    ['verify', 'shop.chain.crt', '--cacert', 'ca.crt', '--purpose', 'server', '--name', 'shop.localhost'],
    ['verify', 'revoked.crt', '--cacert', 'ca.crt', '--crl', 'ca.crl'],
    ['verify', 'mallory.crt', '--cacert', 'ca.crt'],
    ['verify', 'hostile.crt', '--strict'],
  ]) {
    const { stdout, stderr } = await run(...words, '--json');
    const data = JSON.parse(stdout) as { kind: string };
    const fits: boolean = validate(data);
    t.true(
      fits,
      `${words.join(' ')}: ${stderr}${JSON.stringify(validate.errors?.filter(({ keyword }) => keyword !== 'oneOf' && keyword !== 'const'))}`,
    );
    t.notRegex(stdout.trimEnd(), /[\p{Cc}\p{Cf}\u{e0001}]/u);
    counts[data.kind] = (counts[data.kind] ?? 0) + 1;
  }
  t.deepEqual(counts, { certificates: 4, 'trusted-roots': 1, verification: 4 });
  t.true(
    JSON.parse((await run('show', 'hostile.crt', '--json')).stdout).items[0].subject.includes('\u202e'),
    'nothing is lost',
  );
});

test('hostile names reach the terminal as harmless text', async (t) => {
  const { folder, run } = desk(t);
  const { issueWorld } = await import('../../../src/pki/ca/issue.ts');
  const hostile = issueWorld(
    {
      certificates: {
        ca: { profile: 'root', subject: { CN: 'CA\u001b]0;title\u0007', O: 'a\u202eb\u0000\nc' } },
      },
    },
    { clock: { now: Date.now } },
  );
  writeFileSync(join(folder, 'hostile.crt'), hostile.certificate('ca'));
  for (const words of [
    ['show', 'hostile.crt'],
    ['verify', 'hostile.crt'],
    ['verify', 'alice.crt', '--cacert', 'hostile.crt'],
    ['verify', 'hostile.crt', '--cacert', 'hostile.crt', '--lang', 'ko'],
  ]) {
    const { stdout, stderr } = await run(...words);
    t.notRegex(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f\u200b-\u200f\u202a-\u202e]/);
  }
  t.regex((await run('show', 'hostile.crt')).stdout, /control character/);
});

test('--trusted: the roots of Node, counted by organization', async (t) => {
  const { run } = desk(t);
  for (const lang of ['en', 'ko']) {
    const { exitCode, stdout, stderr } = await run('show', '--trusted', '--lang', lang);
    t.is(exitCode, 0, stderr);
    t.regex(stdout, /Internet Security Research Group +\d+/);
    for (const line of stdout.split('\n')) t.true(cellWidth(line) <= 80, line);
  }
  const json = JSON.parse((await run('show', '--trusted', '--json')).stdout) as {
    count: number;
    groups: { roots: unknown[] }[];
    expireWithinAYear: number;
  };
  t.true(json.count > 50);
  t.is(
    json.groups.reduce((sum, { roots }) => sum + roots.length, 0),
    json.count,
  );
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

for (const [title, options] of [
  ['TLS 1.3', {}],
  ['TLS 1.2', { maxVersion: 'TLSv1.2' }],
  ['a server that asks for a client certificate', { requestCert: true, rejectUnauthorized: true }],
  ['TLS 1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }],
  [
    'TLS 1.2 and a client certificate',
    { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' },
  ],
] as const satisfies readonly (readonly [string, TlsOptions])[]) {
  test(`a live server: ${title}`, async (t) => {
    const { run } = desk(t);
    const names: (string | false)[] = [];
    const server = createServer({
      ...options,
      key: world.identity('shop').key,
      cert: world.chain('shop'),
      SNICallback: (name, done) => (names.push(name), done(null)),
    });
    server.on('tlsClientError', () => {});
    const port = await listen(server);
    t.teardown(() => server.close());
    const { exitCode, stdout, stderr } = await run(
      'show',
      `127.0.0.1:${port}`,
      '--servername',
      'shop.localhost',
    );
    t.is(exitCode, 0, stderr);
    t.regex(stdout, /not verified/);
    t.regex(stdout, /\[1\] certificate\n +subject +CN=shop\.localhost/);
    t.regex(stdout, /└─ \[1\] CN=shop\.localhost \(key ids match, signature valid\)/);
    t.deepEqual(names, ['shop.localhost']);
    const json = JSON.parse((await run('show', `localhost:${port}`, '--json')).stdout) as {
      verified: boolean;
      items: unknown[];
    };
    t.false(json.verified);
    t.is(json.items.length, 2);
  });
}

test('a server without TLS, an unused port, and a remote server are errors', async (t) => {
  const { run } = desk(t);
  const plain = createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const port = await listen(plain);
  t.teardown(() => plain.close());
  for (const [target, says] of [
    [`127.0.0.1:${port}`, /does not use TLS|no certificate/],
    ['192.0.2.1:443', /not on this machine[^]+--unsafe-target/],
    ['127.0.0.1:0', /invalid port/],
    ['127.0.0.1:70000', /invalid port/],
  ] as const) {
    for (const lang of ['en', 'ko']) {
      const { exitCode, stdout, stderr } = await run('show', target, '--lang', lang);
      t.is(exitCode, 2, stderr);
      t.is(stdout, '');
      t.regex(stderr, lang === 'en' ? says : /[가-힣]/);
    }
  }
});

test('a port without a listener is an error', async (t) => {
  const { run } = desk(t);
  const server = createTcpServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  const { exitCode, stderr } = await run('show', `127.0.0.1:${port}`);
  t.is(exitCode, 2);
  t.regex(stderr, /connection refused/);
});

test('a CA with name constraints: the names it may certify are printed in both languages and as JSON', async (t) => {
  const { folder, run } = desk(t);
  const limited = ca({
    subject: 'Limited',
    ext: {
      nc: {
        critical: constraints(
          [general.dns('good.test'), general.ip(10, 0, 0, 0, 255, 0, 0, 0)],
          [general.dns('a.good.test')],
        ),
      },
      nsCertType: bits(Buffer.of(0x04)),
      policyConstraints: { critical: seq(implicit(0, Buffer.of(0))) },
    },
    more: [extension('1.2.3.4', seq())],
  });
  writeFileSync(join(folder, 'limited.crt'), limited.pem);
  const english = (await run('show', 'limited.crt')).stdout.replace(/\s+/g, ' ');
  for (const words of [
    'permitted DNS:good.test, IP:10.0.0.0/255.0.0.0 (critical)',
    'excluded DNS:a.good.test (critical)',
    'Netscape sslCA',
    'an explicit policy is required after 0 more certificates',
    '1.2.3.4',
  ])
    t.true(english.includes(words), `${words}: ${english}`);
  const korean = (await run('show', 'limited.crt', '--lang', 'ko')).stdout.replace(/\s+/g, ' ');
  for (const words of ['허용된 이름 DNS:good.test', '제외된 이름 DNS:a.good.test'])
    t.true(korean.includes(words), `${words}: ${korean}`);
  const [item] = (JSON.parse((await run('show', 'limited.crt', '--json')).stdout) as { items: object[] })
    .items;
  t.like(item, {
    nameConstraints: { permitted: ['DNS:good.test', 'IP:10.0.0.0/255.0.0.0'], excluded: ['DNS:a.good.test'] },
  });
});

test('a CA with name constraints signs no name outside of them, and says so', async (t) => {
  const { folder, run } = desk(t);
  const limited = ca({ subject: 'Limited', ext: { nc: constraints([general.dns('good.test')]) } });
  writeFileSync(join(folder, 'limited.crt'), limited.pem);
  writeFileSync(
    join(folder, 'limited.key'),
    limited.pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    { mode: 0o600 },
  );
  t.is(
    (
      await run(
        'csr',
        '--subject',
        'CN=shop',
        '--san',
        'DNS:good.test',
        '--new-key',
        'good.key',
        '--out',
        'good.csr',
      )
    ).exitCode,
    0,
  );
  t.is(
    (
      await run(
        'csr',
        '--subject',
        'CN=shop',
        '--san',
        'DNS:bad.test',
        '--new-key',
        'bad.key',
        '--out',
        'bad.csr',
      )
    ).exitCode,
    0,
  );
  const sign = async (name: string): ReturnType<typeof run> =>
    run(
      'sign',
      `${name}.csr`,
      '--ca',
      'limited.crt',
      '--ca-key',
      'limited.key',
      '--profile',
      'server',
      '--out',
      `${name}.crt`,
    );
  const good = await sign('good');
  t.is(good.exitCode, 0, good.stderr);
  const bad = await sign('bad');
  t.is(bad.exitCode, 1, bad.stderr);
  t.regex(bad.stdout.replace(/\s+/g, ' '), /DNS:bad\.test, for which CN=Limited may not issue/);
});
