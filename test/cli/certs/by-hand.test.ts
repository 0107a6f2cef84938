/** A certificate's whole life by hand: asked for, signed, shown, verified, revoked, refused; with openssl's word on each. */
import test from 'ava';
import { chmodSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { desk, world } from './support/files.ts';

const byCa = ['--ca', 'ca.crt', '--ca-key', 'ca.key'];

withPeer(
  'openssl',
  'asked for, signed, verified, revoked, refused; openssl agrees at every step',
  async (t) => {
    const { folder, run } = desk(t);
    const asked = await run(
      'csr',
      '--new-key',
      'bob.key',
      '--subject',
      'CN=bob,O=Workshop',
      '--san',
      'URI:spiffe://workshop/bob',
      '--out',
      'bob.csr',
    );
    t.is(asked.exitCode, 0, asked.stderr);
    t.is(statSync(join(folder, 'bob.key')).mode & 0o777, 0o600);
    t.is(
      (await runProgram('openssl', ['req', '-in', 'bob.csr', '-verify', '-noout'], { cwd: folder })).exitCode,
      0,
    );
    const signed = await run(
      'sign',
      'bob.csr',
      ...byCa,
      '--profile',
      'client',
      '--days',
      '30',
      '--out',
      'bob.crt',
    );
    t.is(signed.exitCode, 0, signed.stderr);
    t.regex(signed.stdout, /proof of possession[^]+granted[^]+SIGNED: bob\.crt/);
    const byOpenssl = async (...more: string[]): Promise<number | null> =>
      (
        await runProgram(
          'openssl',
          [
            'verify',
            '-x509_strict',
            '-auth_level',
            '2',
            '-purpose',
            'sslclient',
            '-CAfile',
            'ca.crt',
            ...more,
            'bob.crt',
          ],
          { cwd: folder },
        )
      ).exitCode;
    t.is(await byOpenssl(), 0);
    const question = ['verify', 'bob.crt', '--cacert', 'ca.crt', '--purpose', 'client'];
    t.is((await run(...question)).exitCode, 0);
    const revoked = await run('revoke', 'alice.crt', ...byCa, '--crl', 'list.crl');
    t.is(revoked.exitCode, 0, revoked.stderr);
    t.is((await run(...question, '--crl', 'list.crl')).exitCode, 0, 'another’s revocation is not bob’s');
    t.is(await byOpenssl('-crl_check', '-CRLfile', 'list.crl'), 0);
    t.is(
      (await run('revoke', 'bob.crt', ...byCa, '--crl', 'list.crl', '--reason', 'keyCompromise')).exitCode,
      0,
    );
    const refused = await run(...question, '--crl', 'list.crl');
    t.is(refused.exitCode, 1);
    t.regex(refused.stdout, /✗ revocation +CN=bob[^]+keyCompromise[^]+REFUSED: revocation/);
    t.not(await byOpenssl('-crl_check', '-CRLfile', 'list.crl'), 0);
    const crl = await runProgram(
      'openssl',
      ['crl', '-in', 'list.crl', '-CAfile', 'ca.crt', '-noout', '-text'],
      { cwd: folder },
    );
    t.regex(crl.stderr, /verify OK/);
    t.is(crl.stdout.match(/Serial Number:/g)?.length, 2);
  },
);

withPeer('openssl', 'the question that is printed for openssl has the same answer there', async (t) => {
  const { folder, run } = desk(t);
  const answers = { 0: 0, 1: 0 };
  for (const words of [
    ['shop.chain.crt', '--cacert', 'ca.crt', '--purpose', 'server', '--name', 'shop.localhost'],
    ['shop.chain.crt', '--cacert', 'ca.crt', '--purpose', 'server', '--name', '127.0.0.1'],
    ['shop.crt', '--cacert', 'other.crt', '--cacert', 'ca.crt', '--untrusted', 'middle.crt'],
    ['shop.crt', '--cacert', 'middle.crt'],
    ['shop.crt', '--cacert', 'ca.crt'],
    ['shop.chain.crt', '--cacert', 'ca.crt', '--name', 'other.localhost'],
    ['expired.crt', '--cacert', 'ca.crt'],
    ['expired.crt', '--cacert', 'ca.crt', '--at', new Date(Date.now() - 3 * 86_400_000).toISOString()],
    ['revoked.crt', '--cacert', 'ca.crt', '--crl', 'ca.crl', '--purpose', 'client'],
    ['alice.crt', '--cacert', 'ca.crt', '--crl', 'ca.crl', '--purpose', 'client'],
    ['mallory.crt', '--cacert', 'ca.crt'],
  ]) {
    const { exitCode, stdout, stderr } = await run('verify', ...words);
    const command = /^ {2}(openssl verify .*)$/m.exec(stdout)?.[1];
    t.truthy(command, stderr);
    const { exitCode: theirs } = await runProgram('sh', ['-c', command ?? ''], { cwd: folder });
    t.is(exitCode === 0, theirs === 0, `${words.join(' ')}: ${exitCode}, openssl ${theirs}`);
    if (exitCode === 0 || exitCode === 1) answers[exitCode]++;
  }
  t.deepEqual(answers, { 0: 6, 1: 5 });
});

test('verify --json: one object, the reason by its name, every check with its words', async (t) => {
  const { run } = desk(t);
  const { exitCode, stdout } = await run('verify', 'mallory.crt', '--cacert', 'ca.crt', '--json');
  t.is(exitCode, 1);
  const object = JSON.parse(stdout) as {
    v: number;
    kind: string;
    verified: boolean;
    reason: string;
    checks: { id: string; status: string; found: { ko: string } }[];
  };
  t.like(object, { v: 2, kind: 'verification', verified: false, reason: 'unknown_ca' });
  t.regex(object.checks.find(({ status }) => status === 'failed')?.found.ko ?? '', /[가-힣]/);
});

test('Node’s roots are trusted by default, and that is printed', async (t) => {
  const { run } = desk(t);
  const { exitCode, stdout } = await run('verify', 'alice.crt');
  t.is(exitCode, 1);
  t.regex(stdout, /roots bundled with Node/);
});

test('without --out the request and the certificate alone are on standard output', async (t) => {
  const { folder, run } = desk(t);
  const asked = await run('csr', '--key', 'alice.key', '--subject', 'CN=alice');
  t.regex(asked.stdout, /^-----BEGIN CERTIFICATE REQUEST-----[^]+-----END CERTIFICATE REQUEST-----\n$/);
  writeFileSync(join(folder, 'alice.csr'), asked.stdout);
  const signed = await run('sign', 'alice.csr', ...byCa, '--profile', 'client');
  t.is(signed.exitCode, 0, signed.stderr);
  t.regex(signed.stdout, /^-----BEGIN CERTIFICATE-----[^]+-----END CERTIFICATE-----\n$/);
  t.regex(signed.stderr, /SIGNED/);
});

test('nothing that is there is lost: keys and certificates are replaced with --force alone', async (t) => {
  const { folder, run } = desk(t);
  const key = readFileSync(join(folder, 'alice.key'), 'utf8');
  const words = ['csr', '--new-key', 'alice.key', '--subject', 'CN=alice', '--out', 'new.csr'];
  const refused = await run(...words);
  t.is(refused.exitCode, 2);
  t.regex(refused.stderr, /already exists[^]+--force/);
  t.is(readFileSync(join(folder, 'alice.key'), 'utf8'), key);
  t.false(existsSync(join(folder, 'new.csr')), 'nothing else was written either');
  t.is((await run(...words, '--force')).exitCode, 0);
  t.not(readFileSync(join(folder, 'alice.key'), 'utf8'), key);
  t.is(statSync(join(folder, 'alice.key')).mode & 0o777, 0o600);
  t.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.new') || name.endsWith('.lock')),
    [],
  );
});

test('a CA that refuses writes nothing and exits with 1', async (t) => {
  const { folder, run } = desk(t);
  await run('csr', '--new-key', 'web.key', '--subject', 'CN=web', '--out', 'web.csr');
  for (const lang of ['en', 'ko']) {
    const { exitCode, stdout } = await run(
      'sign',
      'web.csr',
      ...byCa,
      '--profile',
      'server',
      '--out',
      'web.crt',
      '--lang',
      lang,
    );
    t.is(exitCode, 1);
    t.regex(stdout, lang === 'en' ? /a server needs a DNS name[^]+REFUSED/ : /거부됨/);
    t.false(existsSync(join(folder, 'web.crt')));
  }
  t.is(
    (
      await run(
        'sign',
        'web.csr',
        ...byCa,
        '--profile',
        'server',
        '--san',
        'DNS:web.localhost',
        '--out',
        'web.crt',
      )
    ).exitCode,
    0,
  );
});

test('four revocations at once are four entries, and the list keeps its mode and its neighbours', async (t) => {
  const { folder, run, beside } = desk(t);
  const other = readFileSync(join(folder, 'other.crl'), 'utf8');
  writeFileSync(join(folder, 'lists.pem'), other + readFileSync(join(folder, 'ca.crl'), 'utf8'));
  chmodSync(join(folder, 'lists.pem'), 0o640);
  const names = ['a', 'b', 'c', 'd'];
  for (const name of names) {
    await run('csr', '--new-key', `${name}.key`, '--subject', `CN=${name}`, '--out', `${name}.csr`);
    t.is(
      (await run('sign', `${name}.csr`, ...byCa, '--profile', 'client', '--out', `${name}.crt`)).exitCode,
      0,
    );
  }
  const results = await Promise.all(
    names.map(async (name) => beside('revoke', `${name}.crt`, ...byCa, '--crl', 'lists.pem')),
  );
  for (const { exitCode, stderr } of results) t.is(exitCode, 0, stderr);
  const text = readFileSync(join(folder, 'lists.pem'), 'utf8');
  t.true(text.startsWith(other), 'the list of the other CA is as it was');
  t.is(statSync(join(folder, 'lists.pem')).mode & 0o777, 0o640);
  const { items } = JSON.parse((await run('show', 'lists.pem', '--json')).stdout) as {
    items: { number: string; revoked: unknown[] }[];
  };
  t.is(items[1]?.revoked.length, 5, 'the one that was there, and four');
  t.is(items[1]?.number, '5');
  const again = await run('revoke', 'a.crt', ...byCa, '--crl', 'lists.pem');
  t.is(again.exitCode, 0);
  t.regex(again.stdout, /nothing was changed/);
  t.is(readFileSync(join(folder, 'lists.pem'), 'utf8'), text);
});

const opensslCa = `[ca]
default_ca = d
[d]
database = index.txt
crlnumber = crlnumber
serial = serial
new_certs_dir = .
certificate = own.crt
private_key = own.key
default_md = sha256
default_crl_days = 30
default_days = 30
policy = p
crl_extensions = e
[p]
commonName = supplied
[e]
authorityKeyIdentifier = keyid:always
issuerAltName = DNS:ca.localhost
`;

withPeer(
  'openssl',
  'a list that openssl began is carried on: its entries keep their extensions, its long number rises',
  async (t) => {
    const { folder, run } = desk(t);
    const openssl = async (...words: string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await runProgram('openssl', words, { cwd: folder });
      t.is(exitCode, 0, stderr);
      return stdout;
    };
    for (const [name, text] of [
      ['ca.cnf', opensslCa],
      ['index.txt', ''],
      ['crlnumber', '0FFFFFFFFFFFFFFF\n'],
      ['serial', '01\n'],
    ] as const)
      writeFileSync(join(folder, name), text);
    await openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-noenc',
      '-keyout',
      'own.key',
      '-out',
      'own.crt',
      '-subj',
      '/CN=Own',
      '-addext',
      'keyUsage=critical,keyCertSign,cRLSign',
    );
    for (const name of ['u1', 'u2', 'u3']) {
      await openssl(
        'req',
        '-new',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-noenc',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        '-subj',
        `/CN=${name}`,
      );
      await openssl(
        'ca',
        '-config',
        'ca.cnf',
        '-batch',
        '-notext',
        '-in',
        `${name}.csr`,
        '-out',
        `${name}.crt`,
      );
    }
    await openssl('ca', '-config', 'ca.cnf', '-revoke', 'u1.crt', '-crl_compromise', '20260101000000Z');
    await openssl('ca', '-config', 'ca.cnf', '-revoke', 'u2.crt', '-crl_hold', 'holdInstructionReject');
    await openssl('ca', '-config', 'ca.cnf', '-gencrl', '-out', 'own.crl');
    const entriesIn = async (): Promise<string> =>
      /Revoked Certificates:\n([^]*?) {4}Signature Algorithm/.exec(
        await openssl('crl', '-in', 'own.crl', '-CAfile', 'own.crt', '-noout', '-text'),
      )?.[1] ?? '';
    const before = await entriesIn();
    t.regex(before, /Invalidity Date[^]+Hold Instruction/);
    const { exitCode, stdout, stderr } = await run(
      'revoke',
      'u3.crt',
      '--ca',
      'own.crt',
      '--ca-key',
      'own.key',
      '--crl',
      'own.crl',
      '--reason',
      'superseded',
    );
    t.is(exitCode, 0, stderr);
    t.regex(stdout, new RegExp(`list number ${0x0fffffffffffffffn + 1n}, 3 certificates`));
    t.regex(stdout, /not kept[^]+issuer alternative name/);
    const after = await entriesIn();
    t.true(after.startsWith(before));
    t.regex(after.slice(before.length), /Superseded/);
  },
);

test('a list in DER stays one', async (t) => {
  const { folder, run } = desk(t);
  const pem = world.crl('ca') ?? '';
  writeFileSync(join(folder, 'ca.der'), Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'));
  t.is((await run('revoke', 'alice.crt', ...byCa, '--crl', 'ca.der')).exitCode, 0);
  t.is(readFileSync(join(folder, 'ca.der'))[0], 0x30);
  t.is((await run('verify', 'alice.crt', '--cacert', 'ca.crt', '--crl', 'ca.der')).exitCode, 1);
});
