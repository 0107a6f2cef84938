/** Whom `kube tap` trusts, which credentials it has, and that it follows them when they are replaced. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import * as yaml from 'yaml';
import { readUserConfig } from '../../../../src/kube/kubectl/user-config.ts';
import { askWirelab } from '../../../helpers/wirelab.ts';
import { alice, answered, apiServer, configOf, desk, tapped, world } from '../support/tapped.ts';

/** A configuration with the files, paths and entries that are given. */
function configWith(
  { path }: ReturnType<typeof desk>,
  cluster: Readonly<Record<string, unknown>>,
  user: Readonly<Record<string, unknown>> | null,
): string {
  writeFileSync(
    path('config'),
    yaml.stringify({
      kind: 'Config',
      'current-context': 'shop',
      contexts: [{ name: 'shop', context: { cluster: 'shop', user: 'alice' } }],
      clusters: [{ name: 'shop', cluster }],
      users: [{ name: 'alice', user }],
    }),
    { mode: 0o600 },
  );
  return path('config');
}

test('without a CA in the configuration the roots of the machine count, also those that were added to it', async (t) => {
  const own = desk(t);
  const port = await apiServer(t);
  configWith(own, { server: `https://127.0.0.1:${port}` }, null);
  writeFileSync(own.path('roots.pem'), world.authority('server-ca'));
  const words = [
    'kube',
    'tap',
    '--no-tui',
    '--kubeconfig',
    own.path('config'),
    '--out',
    own.path('tap.kubeconfig'),
  ];
  const refused = await askWirelab(words);
  t.is(refused.exitCode, 2);
  t.regex(refused.stderr.replaceAll(/\s+/g, ' '), /cannot be used: unknown CA/i);
  const tap = await tapped(t, own, '--kubeconfig', own.path('config'), {
    SSL_CERT_FILE: own.path('roots.pem'),
  });
  const { said } = await answered(t, tap.config, '/api', { authorization: 'Bearer x' });
  t.is(said.user, 'Bearer x');
});

test('a certificate that is replaced in its files is used from the next connection on', async (t) => {
  const own = desk(t);
  const port = await apiServer(t);
  const bob = world.identity('bob');
  const write = ({ certificate, key }: typeof alice): void => {
    writeFileSync(own.path('user.crt'), certificate);
    writeFileSync(own.path('user.key'), key, { mode: 0o600 });
  };
  write(alice);
  writeFileSync(own.path('ca.crt'), world.authority('server-ca'));
  configWith(
    own,
    { server: `https://127.0.0.1:${port}`, 'certificate-authority': 'ca.crt' },
    { 'client-certificate': 'user.crt', 'client-key': 'user.key' },
  );
  const tap = await tapped(t, own, '--kubeconfig', own.path('config'));
  t.is((await answered(t, tap.config, '/api')).said.user, 'alice');
  write(bob);
  await tap.warns(/new credentials/);
  t.is((await answered(t, tap.config, '/api/v1')).said.user, 'bob');
  t.regex(await tap.until(/\/api\/v1 200/), /^bob GET \/api\/v1 200$/m);
  // Half of a pair, and what is no certificate: what was there is kept.
  writeFileSync(own.path('user.crt'), alice.certificate);
  await tap.warns(/stay as they were: the private key does not match/);
  t.is((await answered(t, tap.config, '/api')).said.user, 'bob');
});

test('credentials that are replaced in the configuration itself: certificates, and the token that kubectl sends', async (t) => {
  const own = desk(t);
  const port = await apiServer(t);
  const tap = await tapped(t, own, '--kubeconfig', configOf(own, port, { token: 'first' }));
  const before = readUserConfig([own.path('tap.kubeconfig')], undefined, yaml);
  configOf(own, port, { token: 'second' });
  await tap.warns(/new credentials/);
  const { entries, ...rest } = readUserConfig([own.path('tap.kubeconfig')], undefined, yaml);
  t.is(entries.user['token'], 'second');
  t.is(rest.server, before.server);
  t.deepEqual(rest.identity, before.identity, 'whoever has read it can go on');
  configOf(own, port + 1, { token: 'second' });
  await tap.warns(/another server/);
  t.is((await answered(t, tap.config, '/api', { authorization: 'x' })).said.user, 'x');
});

test('an expired certificate of the user, and a server that is not verified, are said at the start', async (t) => {
  const own = desk(t);
  const server = `https://127.0.0.1:${await apiServer(t)}`;
  const { certificate, key } = world.identity('alice-expired');
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  configWith(
    own,
    { server, 'insecure-skip-tls-verify': true },
    { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) },
  );
  const tap = await tapped(t, own, '--kubeconfig', own.path('config'));
  t.regex(
    await tap.warns(/expired/),
    /insecure-skip-tls-verify.*client certificate expired at \d{4}-\d\d-\d\d/,
  );
});

test('two taps do not share a file, and none takes its own configuration for the user’s', async (t) => {
  const own = desk(t);
  const kubeconfig = configOf(own, await apiServer(t));
  const tap = await tapped(t, own, '--kubeconfig', kubeconfig);
  const written = readFileSync(own.path('tap.kubeconfig'), 'utf8');
  const fails = async (words: RegExp, ...more: string[]): Promise<void> => {
    const { exitCode, stderr } = await askWirelab(['kube', 'tap', '--no-tui', ...more]);
    t.is(exitCode, 2, stderr);
    t.regex(stderr.replaceAll(/\s+/g, ' '), words);
    t.is(readFileSync(own.path('tap.kubeconfig'), 'utf8'), written);
  };
  await fails(/another kube tap is running/, '--kubeconfig', kubeconfig, '--out', own.path('tap.kubeconfig'));
  await fails(/that kube tap wrote/, '--kubeconfig', own.path('tap.kubeconfig'), '--out', own.path('other'));
  // One that was killed leaves its file, which the next one replaces.
  tap.child.kill('SIGKILL');
  await tap.exit;
  t.true(existsSync(own.path('tap.kubeconfig')));
  const next = await tapped(t, own, '--kubeconfig', kubeconfig);
  t.is((await answered(t, next.config, '/api')).said.user, 'alice');
  // What another has put in its place is not removed.
  writeFileSync(own.path('tap.kubeconfig'), `${written}# mine\n`);
  next.child.kill('SIGTERM');
  await next.exit;
  t.true(existsSync(own.path('tap.kubeconfig')));
});

test('an address of IPv6 stands in brackets in the configuration for kubectl', async (t) => {
  const own = desk(t);
  const kubeconfig = configOf(own, await apiServer(t));
  const tap = await tapped(t, own, '--kubeconfig', kubeconfig, '--listen', '[::1]:0');
  t.regex(tap.config.server, /^https:\/\/\[::1\]:\d+$/);
  t.is((await answered(t, tap.config, '/api')).said.user, 'alice');
});
