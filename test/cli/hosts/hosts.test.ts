/** `serve-site` and `login` as processes: a site and a client that know each other only by the network. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCaptureFile } from '../../capture/support/read.ts';
import { nowhere } from '../../helpers/nowhere.ts';
import { start } from '../../helpers/running.ts';
import { askWirelab, runWirelab } from '../../helpers/wirelab.ts';
import { makeWorld } from '../../wire/support/world.ts';

const world = makeWorld();
const files = mkdtempSync(join(tmpdir(), 'wirelab-hosts-'));
test.after.always(() => rmSync(files, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(files, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function identity(row: string): string[] {
  const { certificate, key } = world.identity(row);
  return ['--cert', file(`${row}.crt`, certificate), '--key', file(`${row}.key`, key)];
}

const serverCa = file('server-ca.crt', world.authority('server-ca'));
const clientCa = file('client-ca.crt', world.authority('client-ca'));

/** A site on a free port. */
async function site(t: ExecutionContext, ...words: string[]) {
  const running = start(t, ['serve-site', '--listen', '127.0.0.1:0', ...words]);
  const said = await running.until(/may log in|로그인할 수/);
  const port = /127\.0\.0\.1:(\d+)/.exec(said)?.[1] ?? '';
  return { running, said, port, url: `https://shop.localhost:${port}` };
}

const env = { WIRELAB_PASSWORD: 'a made-up one' };
const known = ['--password', env.WIRELAB_PASSWORD];

/** Rows without their line breaks. */
const whole = (text: string): string => text.replace(/\n {10}/g, ' ');

test('a login in plaintext is admitted, and printed at both ends without the password', async (t) => {
  const { running, port } = await site(t, '--plain', ...known);
  const client = await askWirelab(['login', `http://127.0.0.1:${port}`], { env });
  t.is(client.exitCode, 0, client.stdout + client.stderr);
  t.regex(client.stdout, /^agreed {4}no TLS: everybody/m);
  t.regex(
    whole(client.stdout),
    /^sent {6}\d+ bytes of requests, first POST \/login with username=alice, password=••••••, rrn=900101-1\*{6}$/m,
  );
  t.regex(client.stdout, /^result {4}admitted as alice$/m);
  t.regex(client.stdout, /READABLE password: ••••••/);
  const printed = await running.until(/closed by the client/);
  t.regex(printed, /#0 127\.0\.0\.1:\d+: alice logged in\n/);
  t.false(`${client.stdout}${printed}`.includes(env.WIRELAB_PASSWORD));
});

test('secrets are printed by whoever asks for them', async (t) => {
  const { running, port } = await site(t, '--plain', '--show-secrets', ...known);
  const client = await askWirelab(['login', `http://127.0.0.1:${port}`, '--show-secrets'], { env });
  t.regex(client.stdout, /password=a\s+made-up\s+one,/);
  t.regex(await running.until(/closed by the client/), /READABLE password: a made-up one/);
  const wrong = await askWirelab(['login', `http://127.0.0.1:${port}`], {
    env: { WIRELAB_PASSWORD: 'guessed' },
  });
  t.is(wrong.exitCode, 1);
  await running.until(/login as alice refused, wrong user name or password\s+\(password\s+guessed\)/);
});

test('a wrong password and an unknown user are refused', async (t) => {
  const { running, port } = await site(t, '--plain', ...known);
  const wrong = await askWirelab(['login', `http://127.0.0.1:${port}`], {
    env: { WIRELAB_PASSWORD: 'guessed' },
  });
  t.is(wrong.exitCode, 1);
  t.regex(wrong.stdout, /^answer {4}status 401$/m);
  t.regex(wrong.stdout, /^result {4}not admitted: the site says/m);
  const stranger = await askWirelab(['login', `http://127.0.0.1:${port}`, '--user', 'mallory'], { env });
  t.is(stranger.exitCode, 1);
  const printed = await running.until(/login as mallory refused/);
  t.regex(printed, /login as alice refused, wrong user name or password/);
  t.notRegex(printed, /logged in/);
});

test('the password that a site makes up lets its user in', async (t) => {
  const { said, port } = await site(t, '--plain', '--user', 'bob');
  const [, password = ''] = /WIRELAB_PASSWORD=(demo-\S+) /.exec(said.replace(/\s+/g, ' ')) ?? [];
  t.regex(password, /^demo-[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/);
  const client = await runWirelab(
    ['login', `http://127.0.0.1:${port}`, '--user', 'bob', '--password-stdin'],
    { input: `${password}\nmore` },
  );
  t.is(client.exitCode, 0, client.stdout + client.stderr);
  t.regex(client.stdout, /admitted as bob/);
});

test('with TLS the client says what was agreed and who verified the site', async (t) => {
  const { running, url } = await site(t, ...identity('server'), ...known);
  const client = await askWirelab(['login', url, '--cacert', serverCa], { env });
  t.is(client.exitCode, 0, client.stdout + client.stderr);
  t.regex(client.stdout, /^agreed {4}TLS 1\.3, TLS_AES_\w+$/m);
  t.regex(
    whole(client.stdout),
    /^site {6}CN=shop\.localhost \(issued by CN=Server CA,O=Workshop\); verified by this client for shop\.localhost, up to CN=Server CA,O=Workshop \(of --cacert /m,
  );
  t.notRegex(client.stdout, /READABLE/);
  t.regex(await running.until(/closed by the client/), /alice logged in/);
});

test('a site with a certificate of its own making is refused, unless the client is careless', async (t) => {
  const { running, url } = await site(t, ...identity('server-rogue'), ...known);
  const careful = await askWirelab(['login', url, '--cacert', serverCa], { env });
  t.is(careful.exitCode, 1);
  t.regex(careful.stdout, /REFUSED by client: the server shop\.localhost \(unknown CA\)/);
  t.regex(careful.stdout, /^sent {6}nothing: the password has not left this client$/m);
  t.notRegex(await running.until(/closed/), /logged in|POST/);
  const careless = await askWirelab(['login', url, '--insecure'], { env });
  t.is(careless.exitCode, 0);
  t.regex(
    whole(careless.stdout),
    /not verified by anyone \(--insecure\); a careful client refuses it: unknown CA/,
  );
  t.regex(careless.stderr, /Whoever answers gets the password/);
  t.regex(await running.until(/alice logged in/), /POST \/login/);
});

test('the name that is asked for is the one that is verified, wherever it leads', async (t) => {
  const { port } = await site(t, ...identity('server'), ...known);
  const away = `bank.example:${port}`;
  const wrong = await askWirelab(['login', away, '--resolve', `${away}:127.0.0.1`, '--cacert', serverCa], {
    env,
  });
  t.is(wrong.exitCode, 1);
  t.regex(wrong.stdout, /REFUSED by client/);
  t.regex(wrong.stdout, /result {4}not admitted: this client refused the site/);
  const right = await askWirelab(
    ['login', away, '--resolve', `${away}:127.0.0.1`, '--servername', 'shop.localhost', '--cacert', serverCa],
    { env },
  );
  t.is(right.exitCode, 0, right.stdout + right.stderr);
});

test('a login that pins a public key sends nothing to a site with another, whoever vouches for it', async (t) => {
  const { url } = await site(t, ...identity('server'), ...known);
  const own = file('server.crt', world.certificate('server'));
  const key = new X509Certificate(world.certificate('server')).publicKey.export({
    type: 'spki',
    format: 'pem',
  });
  const other = file('alice-only.crt', world.certificate('alice'));
  const words = ['login', url, '--cacert', serverCa, '--pinnedpubkey'];
  const hashes = ['alice', 'server'].map((row) => `sha256//${world.publicKeyPin(row)}`);
  for (const pin of [own, file('server.pub', key.toString()), hashes.join(';')]) {
    const admitted = await askWirelab([...words, pin], { env });
    t.is(admitted.exitCode, 0, admitted.stdout + admitted.stderr);
  }
  for (const trust of [['--cacert', serverCa], ['--insecure']]) {
    const refused = await askWirelab(['login', url, ...trust, '--pinnedpubkey', other], { env });
    t.is(refused.exitCode, 1);
    t.regex(whole(refused.stdout), /refused by this client: another key/);
    t.regex(refused.stdout, /^sent {6}nothing: the password has not left this client$/m);
    t.notRegex(refused.stdout, /s_client/);
  }
  for (const [pin, says] of [
    ['sha256//abc', /invalid hash/],
    [file('empty.pub', 'nothing'), /empty\.pub/],
    [file('server-only.key', world.identity('server').key), /no public key/],
  ] as const) {
    const wrong = await askWirelab([...words, pin], { env });
    t.is(wrong.exitCode, 2);
    t.regex(wrong.stderr, says);
  }
});

test('mutual TLS admits alice and refuses whoever has no certificate', async (t) => {
  const { running, said, url } = await site(t, ...identity('server'), '--cacert', clientCa, ...known);
  t.regex(said.replace(/\s+/g, ' '), /--cert CLIENT\.crt --key CLIENT\.key/);
  const words = ['login', url, '--cacert', serverCa];
  const without = await askWirelab(words, { env });
  t.is(without.exitCode, 1);
  t.regex(
    whole(without.stdout),
    /^result {4}not admitted: the site refused this client: .* \(alert certificate_required\)$/m,
  );
  const printed = await running.until(/REFUSED by site: the client \(no certificate\)/);
  t.notRegex(printed, /logged in/);
  const { certificate, key } = world.identity('alice');
  const alice = await askWirelab(
    [...words, '--cert', file('alice.crt', certificate), '--key', file('alice.key', key)],
    { env },
  );
  t.is(alice.exitCode, 0, alice.stdout + alice.stderr);
  await running.until(/alice logged in\s+\(client\s+certificate\s+CN=alice,/);
});

test('each end writes a capture of its own, complete when it has ended', async (t) => {
  const [ofSite, ofClient] = [join(files, 'site.pcapng'), join(files, 'client.pcapng')];
  const { running, url } = await site(t, ...identity('server'), ...known, '-w', ofSite);
  const client = await askWirelab(['login', url, '--cacert', serverCa, '-w', ofClient], { env });
  t.is(client.exitCode, 0, client.stdout + client.stderr);
  await running.until(/closed by the client/);
  running.child.kill('SIGTERM');
  t.deepEqual(await running.exit, [143, null]);
  for (const path of [ofSite, ofClient]) {
    t.true(existsSync(path));
    t.true(readCaptureFile(readFileSync(path)).packets.length > 5, path);
  }
});

test('nobody listens: not admitted, and nothing was sent', async (t) => {
  const { exitCode, stdout } = await askWirelab(['login', `127.0.0.1:${nowhere.port}`], { env });
  t.is(exitCode, 1);
  t.regex(stdout, /no program listens on 127\.0\.0\.1/);
  t.regex(stdout, /nothing: the password has not left/);
});

const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
  [
    'an address of others is opened to them only when told',
    ['serve-site', '--plain', '--listen', '0.0.0.0:0'],
    /--listen is not a loopback address[^]*--unsafe-listen/,
  ],
  ['a site of others', ['login', '192.0.2.1:443'], /not on this machine[^]*--unsafe-target/],
  [
    'a resolved address of others',
    ['login', 'a.example:443', '--resolve', 'a.example:443:192.0.2.1'],
    /not on this machine/,
  ],
  ['no certificate', ['serve-site'], /missing --cert/],
  ['no key', ['serve-site', '--cert', serverCa], /missing --key/],
  [
    'TLS options of a plain site',
    ['serve-site', '--plain', '--cacert', clientCa],
    /--cacert would have no effect/,
  ],
  ['a site with an operand', ['serve-site', 'x'], /takes options only/],
  ['two passwords', ['serve-site', '--plain', '--password', 'a', '--password-stdin'], /contradict/],
  ['no address', ['login'], /missing address/],
  ['two addresses', ['login', 'a:1', 'b:1'], /too many operands/],
  ['no port', ['login', 'localhost'], /invalid value for the address of the site/],
  ['port 0', ['login', 'localhost:0'], /cannot connect to port 0/],
  ['another scheme', ['login', 'ftp://localhost'], /not the address of a site/],
  ['a page', ['login', 'https://localhost/account'], /the form is sent to \/login/],
  [
    'TLS options in plaintext',
    ['login', 'http://localhost', '--insecure'],
    /--insecure would have no effect/,
  ],
  [
    'CAs that are not asked',
    ['login', 'localhost:1', '--insecure', '--cacert', serverCa],
    /--cacert would have no effect/,
  ],
  ['a certificate without its key', ['login', 'localhost:1', '--cert', serverCa], /missing --key/],
  ['a key without its certificate', ['login', 'localhost:1', '--key', serverCa], /missing --cert/],
  [
    'a row for another host',
    ['login', 'a.example:1', '--resolve', 'b.example:1:127.0.0.1'],
    /about another address/,
  ],
  [
    'a row without an address',
    ['login', 'a.example:1', '--resolve', 'a.example:1'],
    /invalid value for --resolve/,
  ],
  [
    'a file that is none',
    ['login', 'localhost:1', '--cacert', join(files, 'none')],
    /--cacert: the file cannot be read/,
  ],
  ['a server name that is none', ['login', 'localhost:1', '--servername', 'a b'], /invalid server name/],
  ['an empty password', ['login', 'localhost:1', '--password-stdin'], /standard input has no password/],
];

for (const [what, words, said] of mistakes) {
  test(`a mistake in the call: ${what}`, async (t) => {
    const { exitCode, stderr } = await askWirelab(words, { env });
    t.is(exitCode, 2);
    t.regex(stderr, said);
  });
}

test('a password in an address is not repeated, and one is needed', async (t) => {
  const inUrl = await askWirelab(['login', 'http://alice:geheim@localhost:1'], { env });
  t.is(inUrl.exitCode, 2);
  t.false(inUrl.stderr.includes('geheim'));
  const none = await askWirelab(['login', 'localhost:1']);
  t.is(none.exitCode, 2);
  t.regex(none.stderr, /no password was given/);
});

test('both speak Korean', async (t) => {
  const { running, port } = await site(t, '--plain', '--lang', 'ko', ...known);
  const client = await askWirelab(['login', `http://127.0.0.1:${port}`, '--lang', 'ko'], { env });
  t.regex(client.stdout, /^결과 {6}alice로 로그인했습니다$/m);
  await running.until(/alice가 로그인했습니다/);
});
