/** The user's kubectl configuration is read as kubectl reads it, and written anew for another address. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import * as yaml from 'yaml';
import { UserError } from '../../../src/i18n/user-error.ts';
import { configFiles, configFor, readUserConfig } from '../../../src/kube/kubectl/user-config.ts';
import { makeWorld } from '../../wire/support/world.ts';

const world = makeWorld();
const folder = mkdtempSync(join(tmpdir(), 'wirelab-user-config-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const alice = world.identity('alice');
file('own/alice.crt', alice.certificate);
file('own/alice.key', alice.key);
file('own/ca.crt', world.authority('server-ca'));

const own = file(
  'own/config',
  `apiVersion: v1
kind: Config
current-context: shop
contexts:
- name: shop
  context: { cluster: shop, user: alice, namespace: till }
clusters:
- name: shop
  cluster: { server: 'https://shop.localhost:6443/k8s/c-1', certificate-authority: ca.crt, tls-server-name: shop.localhost, proxy-url: 'http://127.0.0.1:3128' }
users:
- name: alice
  user: { client-certificate: alice.crt, client-key: alice.key, as: bob }
`,
);
const second = file(
  'second/config',
  `kind: Config
current-context: cloud
contexts:
- name: cloud
  context: { cluster: cloud, user: robot }
- name: shop
  context: { cluster: cloud, user: robot }
- name: pod
  context: { cluster: cloud, user: pod }
clusters:
- name: cloud
  cluster: { server: 'https://cloud.localhost', insecure-skip-tls-verify: true }
users:
- name: robot
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ./login
      args: [--to, 1]
      env: [{ name: REGION, value: north }]
      interactiveMode: Never
      provideClusterInfo: true
      installHint: Install login first.
- name: pod
  user: { tokenFile: token, exec: { apiVersion: client.authentication.k8s.io/v1, command: login } }
`,
);

const mistakeOf = (
  t: { throws: (run: () => unknown, like: object) => UserError | undefined },
  run: () => unknown,
) => t.throws(run, { instanceOf: UserError })?.facts;

test('relative paths count from the file that has them', (t) => {
  const config = readUserConfig([own], undefined, yaml);
  t.deepEqual(config.identity, { certificate: alice.certificate, key: alice.key });
  t.is(config.authority, world.authority('server-ca'));
  t.is(config.context, 'shop');
  t.is(config.serverName, 'shop.localhost');
  t.is(config.proxy, 'http://127.0.0.1:3128');
  t.false(config.insecure);
});

test('of several files the first that names something wins; further contexts can be asked for', (t) => {
  t.is(readUserConfig([own, second], undefined, yaml).server, 'https://shop.localhost:6443/k8s/c-1');
  t.is(readUserConfig([second, own], undefined, yaml).server, 'https://cloud.localhost');
  t.is(readUserConfig([second, own], 'shop', yaml).user, 'robot');
  const config = readUserConfig([own, second], 'cloud', yaml);
  t.true(config.insecure);
  t.deepEqual(config.plugin, {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: join(folder, 'second/login'),
    args: ['--to', '1'],
    env: [{ name: 'REGION', value: 'north' }],
    interactiveMode: 'Never',
    provideClusterInfo: true,
    installHint: 'Install login first.',
  });
  // No plugin is run for a user with a token.
  const pod = readUserConfig([own, second], 'pod', yaml);
  t.is(pod.plugin, undefined);
  t.is(pod.entries.user['tokenFile'], join(folder, 'second/token'));
});

test('the configuration for another address keeps names, namespace, impersonation and token; not the certificate and the way', (t) => {
  const config = readUserConfig([own, second], undefined, yaml);
  const other = {
    server: 'https://127.0.0.1:1/k8s/c-1',
    authority: 'CA',
    identity: { certificate: 'C', key: 'K' },
  };
  const text = configFor(config, other, '# first line\n', yaml);
  t.true(text.startsWith('# first line\n'));
  const path = file('tap.kubeconfig', text);
  const written = readUserConfig([path], undefined, yaml);
  t.is(written.context, 'shop');
  t.is(written.server, other.server);
  t.is(written.authority, 'CA');
  t.deepEqual(written.identity, other.identity);
  t.is(written.proxy, undefined);
  t.is(written.serverName, undefined);
  t.is(written.entries.context['namespace'], 'till');
  t.is(written.entries.user['as'], 'bob');
  t.regex(configFor(readUserConfig([second], 'pod', yaml), other, '', yaml), /tokenFile: .*second\/token/);
  const robot = configFor(readUserConfig([second], undefined, yaml), other, '', yaml);
  t.regex(robot, /command: .*second\/login/);
  t.notRegex(robot, /insecure/);
});

test('what says nothing is no mistake: an empty file of several, a user without credentials, a context without a user', (t) => {
  const empty = file('empty', '# nothing yet\n');
  const users = file('users', 'users:\n- name: alice\n  user:\n');
  const rest = file(
    'rest',
    `current-context: shop
contexts: [{ name: shop, context: { cluster: shop, user: alice } }, { name: open, context: { cluster: shop } }]
clusters: [{ name: shop, cluster: { server: 'http://127.0.0.1:8080' } }]
`,
  );
  const config = readUserConfig([empty, users, rest], undefined, yaml);
  t.deepEqual([config.user, config.identity, config.plugin], ['alice', undefined, undefined]);
  const open = readUserConfig([empty, users, rest], 'open', yaml);
  t.is(open.user, '');
  // The certificate for the other address needs a user.
  const other = { server: 'https://127.0.0.1:1', authority: 'CA', identity: { certificate: 'C', key: 'K' } };
  const written = readUserConfig([file('written', configFor(open, other, '', yaml))], undefined, yaml);
  t.deepEqual(written.identity, other.identity);
  t.regex(mistakeOf(t, () => readUserConfig([empty], undefined, yaml))?.received ?? '', /an empty file/);
});

test('the files are those that kubectl reads', (t) => {
  const all = (): boolean => true;
  t.deepEqual(configFiles('a', { KUBECONFIG: 'b', HOME: '/h' }, all), ['a']);
  t.deepEqual(configFiles(undefined, { KUBECONFIG: 'b::c', HOME: '/h' }, all), ['b', 'c']);
  t.deepEqual(
    configFiles(undefined, { KUBECONFIG: 'b:c' }, (path) => path === 'c'),
    ['c'],
  );
  t.deepEqual(
    configFiles(undefined, { KUBECONFIG: 'b:c' }, () => false),
    ['b'],
  );
  t.deepEqual(configFiles(undefined, { HOME: '/h' }, all), ['/h/.kube/config']);
});

test('what cannot be used is named: a missing file, a missing context, half a certificate, half a plugin', (t) => {
  t.is(
    mistakeOf(t, () => readUserConfig([join(folder, 'none')], undefined, yaml))?.where,
    join(folder, 'none'),
  );
  const facts = mistakeOf(t, () => readUserConfig([own, second], 'nowhere', yaml));
  t.is(facts?.received, 'nowhere');
  t.regex(facts?.expected?.en ?? '', /shop, cloud, pod/);
  const half = file(
    'half',
    `kind: Config
current-context: a
contexts: [{ name: a, context: { cluster: a, user: a } }]
clusters: [{ name: a, cluster: { server: 'https://a.localhost' } }]
users: [{ name: a, user: { client-certificate: own/alice.crt } }]
`,
  );
  t.regex(
    mistakeOf(t, () => readUserConfig([half], undefined, yaml))?.what.en ?? '',
    /a certificate without a key/,
  );
  const broken = file(
    'broken',
    `kind: Config
current-context: a
contexts: [{ name: a, context: { cluster: a, user: a } }]
clusters: [{ name: a, cluster: { server: 'https://a.localhost' } }]
users: [{ name: a, user: { exec: { command: login } } }]
`,
  );
  t.regex(
    mistakeOf(t, () => readUserConfig([broken], undefined, yaml))?.what.en ?? '',
    /exec entry of user a/,
  );
});
