/** Kubeconfigs: what is written is read again; what strangers write is read within bounds, or refused by name. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import * as yaml from 'yaml';
import { UserError } from '../../../src/i18n/user-error.ts';
import {
  kubeconfigText,
  largestKubeconfig,
  readKubeconfig,
  withCredentials,
} from '../../../src/pki/kubeadm/kubeconfig.ts';
import type { Kubeconfig, NewKubeconfig } from '../../../src/pki/kubeadm/kubeconfig.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const read = (text: string): Kubeconfig => readKubeconfig(bytes(text), 'admin.conf', yaml);
const given: NewKubeconfig = {
  cluster: 'kubernetes',
  server: 'https://127.0.0.1:6443',
  user: 'kubernetes-admin',
  authority: 'CA',
  proof: { certificate: 'CRT', key: 'KEY' },
};

function refused(t: ExecutionContext, text: string | Uint8Array, says: RegExp): void {
  const error = t.throws(
    () => readKubeconfig(typeof text === 'string' ? bytes(text) : text, 'admin.conf', yaml),
    { instanceOf: UserError },
  );
  if (!(error instanceof UserError)) return;
  t.is(error.facts.where, 'admin.conf');
  t.regex(`${error.facts.what.en} ${error.facts.received ?? ''}`, says);
  t.regex(error.facts.what.ko, /[가-힣]/);
}

test('what is written is read again', (t) => {
  t.deepEqual(read(kubeconfigText(given)), {
    context: 'kubernetes-admin@kubernetes',
    server: 'https://127.0.0.1:6443',
    authority: { data: bytes('CA') },
    insecure: false,
    user: 'kubernetes-admin',
    certificate: { data: bytes('CRT') },
    key: { data: bytes('KEY') },
    otherProof: false,
  });
});

const names = [
  'system:node:cp-1.example',
  'true',
  'null',
  'a: b',
  'a #b',
  '- a',
  '"',
  "it's",
  '',
  ' ',
  '1',
  '1e3',
  '*a',
  '&a',
  '사용자',
  'a\nb',
  'a\u0000b',
  '\u2028',
  '!!binary x',
  '{}',
  '[::1]',
  'a@b',
  '~',
  '=',
  '<<',
  '0x1f',
  '2026-01-01',
  'a:',
  'yes',
];
test('any name comes back as it was', (t) => {
  for (const user of names.filter((name) => name !== '')) {
    const config = read(kubeconfigText({ ...given, user, cluster: user, server: user }));
    t.deepEqual(
      [config.user, config.context, config.server],
      [user, `${user}@${user}`, user],
      JSON.stringify(user),
    );
  }
  for (const server of ['https://[::1]:6443', 'https://lab.example'])
    t.is(read(kubeconfigText({ ...given, server })).server, server);
});

test('an ordinary name is written plain, as kubectl does', (t) => {
  t.regex(
    kubeconfigText({ ...given, user: 'system:node:cp1', server: 'https://[::1]:6443' }),
    /^- name: system:node:cp1$/m,
  );
  t.regex(kubeconfigText(given), /^ {4}server: https:\/\/127\.0\.0\.1:6443$/m);
});

test('JSON is YAML', (t) => {
  t.is(read(JSON.stringify(yaml.parse(kubeconfigText(given)))).user, 'kubernetes-admin');
});

test('only the current context is read; files are named, data goes before them, line breaks in it are nothing', (t) => {
  const text = `
apiVersion: v1
kind: Config
current-context: two
contexts:
- {name: one, context: {cluster: nowhere, user: nobody}}
- {name: two, context: {cluster: c, user: u}}
clusters:
- {name: c, cluster: {server: "https://a.example", certificate-authority: ca.crt, insecure-skip-tls-verify: true}}
users:
- name: u
  user:
    client-certificate: a.crt
    client-certificate-data: |
      Q1
      JU
    client-key: a.key
    exec: {command: aws, apiVersion: client.authentication.k8s.io/v1beta1}
`;
  t.deepEqual(read(text), {
    context: 'two',
    server: 'https://a.example',
    authority: { file: 'ca.crt' },
    insecure: true,
    user: 'u',
    certificate: { data: bytes('CRT') },
    key: { file: 'a.key' },
    otherProof: true,
  });
});

const whole = kubeconfigText(given);
const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefghij', (name, at) => `${name}: &${name} [${`*${'abcdefghij'[at]},`.repeat(9)}]`).join('\n')}\nkind: Config\n`;
const hostile: readonly (readonly [title: string, text: string | Uint8Array, says: RegExp])[] = [
  ['nothing', '', /not a kubeconfig an empty file/],
  ['a word', 'hello', /not a kubeconfig string/],
  ['a list', '- a\n', /not a kubeconfig a list/],
  ['another map', 'apiVersion: v1\nkind: Pod\n', /not a kubeconfig/],
  ['an open brace', '{', /cannot be read as YAML/],
  ['the same key twice', `${whole}kind: Config\n`, /cannot be read as YAML/],
  ['aliases of aliases', bomb, /cannot be read as YAML/],
  [
    'an alias of itself',
    'kind: Config\ncontexts: &a [*a]\ncurrent-context: x\n',
    /a context that it does not have x/,
  ],
  ['dashes without end', '- '.repeat(300_000), /cannot be read as YAML nested/],
  ['question marks without end', '? '.repeat(300_000), /cannot be read as YAML/],
  [
    'ever deeper lines',
    Array.from({ length: 1300 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
    /cannot be read as YAML nested/,
  ],
  ['lists in lists without end', `kind: ${'['.repeat(300_000)}`, /cannot be read as YAML nested/],
  ['maps in maps without end', `kind: Config\na: ${'{a: '.repeat(100_000)}`, /cannot be read as YAML nested/],
  [
    'a map of very many keys',
    `kind: Config\n${Array.from({ length: 60_000 }, (_, at) => `k${at}: v`).join('\n')}`,
    /cannot be read as YAML more than/,
  ],
  [
    'the same on one line',
    `kind: Config\na: {${Array.from({ length: 60_000 }, (_, at) => `k${at}: v`).join(',')}}`,
    /cannot be read as YAML more than/,
  ],
  ['commas', `[${','.repeat(1_000_000)}`, /cannot be read as YAML more than/],
  ['lines without end', '\n'.repeat(1_000_000), /cannot be read as YAML more than/],
  ['depth behind an error', `kind: Config\n\t]\n${'- '.repeat(100_000)}`, /cannot be read as YAML/],
  ['more than a megabyte', new Uint8Array(largestKubeconfig + 1), /too large/],
  ['zeros', new Uint8Array(1000), /YAML|not a kubeconfig/],
  [
    'bytes of no text',
    Uint8Array.from({ length: 1000 }, (_, at) => (at * 37) & 0xff),
    /YAML|not a kubeconfig/,
  ],
  [
    'half of it',
    whole.slice(0, whole.indexOf('contexts:')),
    /incomplete: it has no current-context and no context/,
  ],
  ['no current context', whole.replace(/^current-context: .*\n/m, ''), /no current-context/],
  [
    'a context that is not there',
    whole.replace(/^current-context: .*$/m, 'current-context: x'),
    /a context that it does not have x/,
  ],
  [
    'a cluster that is not there',
    whole.replace('    cluster: kubernetes', '    cluster: x'),
    /a cluster that it does not have x/,
  ],
  [
    'a user that is not there',
    whole.replace('    user: kubernetes-admin', '    user: x'),
    /a user that it does not have x/,
  ],
  ['users that are no list', whole.replace(/^users:\n[^]*$/m, 'users: {}\n'), /a user that it does not have/],
  [
    'users of null',
    whole.replace(/^users:\n[^]*$/m, 'users: [null, 1, {name: another, user: null}]\n'),
    /a user that it does not have/,
  ],
  [
    'data that is no base64',
    whole.replace(/client-key-data: .*/, 'client-key-data: "-----BEGIN"'),
    /client-key-data is not base64/,
  ],
];

/** Whose user is this instead. */
const withUser = (user: string): string => whole.replace(/ {2}user:\n {4}client[^]*$/, `  user: ${user}\n`);
const withProxy = (proxy: string): string =>
  whole.replace('    server:', `    proxy-url: ${proxy}\n    server:`);
const program = 'command: a, apiVersion: client.authentication.k8s.io/v1';

/** What client-go refuses of a file that is YAML and has all that is looked for. */
const unclear: typeof hostile = [
  [
    'a context twice',
    whole.replace(/contexts:\n([^]*?)current/, 'contexts:\n$1$1current'),
    /two of its contexts have the same name/,
  ],
  [
    'a cluster twice',
    whole.replace(/clusters:\n([^]*?)contexts/, 'clusters:\n$1$1contexts'),
    /two of its clusters/,
  ],
  ['a user twice', whole.replace(/users:\n([^]*)$/, 'users:\n$1$1'), /two of its users/],
  ['another version', whole.replace('apiVersion: v1', 'apiVersion: v2'), /its apiVersion .*v2/],
  ['another kind', whole.replace('kind: Config', 'kind: Pod'), /its kind .*Pod/],
  [
    'a token and a password',
    withUser('{token: a, username: b, password: c}'),
    /more than one .*token, basicAuth/,
  ],
  [
    'two programs',
    withUser(`{exec: {${program}, interactiveMode: Never}, auth-provider: {name: oidc}}`),
    /more than one/,
  ],
  ['a program without a name', withUser('{exec: {apiVersion: x}}'), /has no command/],
  ['a program without a version', withUser('{exec: {command: a}}'), /has no apiVersion/],
  ['a program that may ask or not', withUser(`{exec: {${program}}}`), /has no interactiveMode/],
  ['a proxy that is none', withProxy('ftp://a.example'), /proxy-url is not/],
  ['a proxy without a protocol', withProxy('a.example:3128'), /proxy-url is not/],
];
for (const [title, text, says] of unclear)
  test(`refused as by client-go: ${title}`, (t) => refused(t, text, says));

test('what client-go takes is read: a proxy, a token beside a program, an empty field', (t) => {
  t.is(read(withProxy('socks5://a.example:1080')).user, 'kubernetes-admin');
  t.true(read(withUser(`{token: a, exec: {${program}, interactiveMode: Never}}`)).otherProof);
  t.deepEqual([read(withUser('{token: a}')).token, read(withUser('{tokenFile: b}')).tokenFile], ['a', 'b']);
  for (const nothing of ['{token: ""}', '{username: ""}', '{exec: null}', '{}'])
    t.false(read(withUser(nothing)).otherProof, nothing);
  t.is(read(whole.replace('apiVersion: v1\n', '')).user, 'kubernetes-admin');
});

for (const [title, text, says] of hostile) test(`refused: ${title}`, (t) => refused(t, text, says));

test('a name of the language itself is no entry', (t) => {
  refused(
    t,
    whole.replace(/^current-context: .*$/m, 'current-context: __proto__'),
    /does not have __proto__/,
  );
  t.is(read(`${whole}__proto__: {polluted: true}\n`).user, 'kubernetes-admin');
  t.is(({} as Record<string, unknown>)['polluted'], undefined);
});

test('every beginning of a kubeconfig is read or refused, never a fault', (t) => {
  for (let length = 0; length < whole.length; length += 7) {
    try {
      read(whole.slice(0, length));
    } catch (error) {
      t.true(error instanceof UserError, `${length}: ${String(error)}`);
    }
  }
  t.pass();
});

const renewed = { certificate: 'NEW CRT', key: 'NEW KEY' };
test('other credentials: everything else stays, comments too', (t) => {
  const text = `# mine\n${whole.replace('users:\n', 'users:\n- name: other\n  user:\n    token: abc\n')}`;
  const changed = withCredentials(bytes(text), renewed, 'admin.conf', yaml);
  const masked = (one: string): string => one.replace(/client-(\w+)-data: .*/g, 'client-$1-data: -');
  t.is(masked(changed), masked(text));
  t.like(read(changed), {
    certificate: { data: bytes('NEW CRT') },
    key: { data: bytes('NEW KEY') },
    authority: { data: bytes('CA') },
  });
});

test('of two documents the first is read, as kubectl does, and neither is changed', (t) => {
  const two = `${whole}---\n${kubeconfigText({ ...given, user: 'other' })}`;
  t.is(read(two).user, 'kubernetes-admin');
  t.throws(() => withCredentials(bytes(two), renewed, 'admin.conf', yaml), {
    instanceOf: UserError,
    message: /more than one YAML document/,
  });
});

test('other credentials behind an alias are refused', (t) => {
  const text = whole
    .replace(/^- name: kubernetes-admin\n {2}user:\n/m, '- name: first\n  user: &u\n')
    .concat('- name: kubernetes-admin\n  user: *u\n');
  t.is(read(text).user, 'kubernetes-admin');
  const error = t.throws(() => withCredentials(bytes(text), renewed, 'admin.conf', yaml), {
    instanceOf: UserError,
  });
  t.regex(error?.message ?? '', /alias/);
});
