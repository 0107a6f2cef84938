/** What is done in kubectl's place, beside kubectl: the same words and the same requests to two clusters alike. */
import test from 'ava';
import { apiClient } from '../../../src/kube/components/api-client.ts';
import { standIn } from '../../../src/kube/kubectl/stand-in.ts';
import type { Printed } from '../../../src/kube/kubectl/stand-in.ts';
import { kubectlCommand } from '../../../src/kube/kubectl/words.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { makeRequest } from '../../../src/pki/ca/request.ts';
import { withPeer } from '../../helpers/peer.ts';
import { startKubectl, world } from '../support/control-plane.ts';
import type { Kubectl } from '../support/control-plane.ts';

const { request } = makeRequest({
  subject: [
    ['O', 'dev'],
    ['CN', 'alice'],
  ],
});
const asked = (name: string, more: object = {}): KubeObject => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name },
  spec: {
    request: Buffer.from(request).toString('base64'),
    signerName: 'kubernetes.io/kube-apiserver-client',
    usages: ['client auth'],
    ...more,
  },
});
const files: Readonly<Record<string, KubeObject>> = {
  'alice.yaml': asked('alice'),
  'wrong.yaml': asked('wrong', { usages: ['server auth'] }),
  'bad.yaml': asked('bad', { expirationSeconds: 1 }),
};

async function inItsPlace(kubectl: Kubectl, user: string, line: string): Promise<Printed> {
  const command = kubectlCommand(line);
  if (!command) throw new Error(`${line} is not understood`);
  const client = apiClient({
    to: kubectl.controlPlane.address,
    authorities: [world.authority('ca')],
    identity: world.identity(user),
    clock: systemClock,
    userAgent: 'test',
  });
  return standIn(command, {
    ask: async (method, path, body) => client.call(method, path, AbortSignal.timeout(10_000), body),
    file: (name) => files[name],
    now: systemClock.now(),
  });
}

/** Who asks for what, one after the other; `settle` waits for the signer. */
const journey: readonly (readonly [user: string, line: string, settle?: string])[] = [
  ['admin.conf', 'auth whoami'],
  ['admin.conf', 'get --raw /readyz?verbose'],
  ['admin.conf', 'auth can-i delete nodes'],
  ['bob', 'auth can-i list pods -n kube-system'],
  ['admin.conf', 'get csr'],
  ['admin.conf', 'get pods'],
  ['admin.conf', 'get pods -A'],
  ['admin.conf', 'get ns'],
  ['bob', 'get secrets'],
  ['web', 'get nodes'],
  ['admin.conf', 'get csr nobody'],
  ['admin.conf', 'apply -f alice.yaml'],
  ['admin.conf', 'create -f alice.yaml'],
  ['admin.conf', 'apply -f bad.yaml'],
  ['bob', 'certificate approve alice'],
  ['admin.conf', 'certificate approve alice', 'alice'],
  ['admin.conf', 'get csr'],
  ['admin.conf', 'certificate deny alice'],
  ['admin.conf', 'replace -f wrong.yaml'],
  ['admin.conf', 'create -f wrong.yaml'],
  ['admin.conf', 'replace -f wrong.yaml'],
  ['admin.conf', 'certificate approve wrong', 'wrong'],
  ['admin.conf', 'get csr wrong -o jsonpath={.status.conditions.*.message}'],
  ['admin.conf', 'get csr wrong -o jsonpath={.spec.usages}'],
  ['admin.conf', 'create rolebinding bob-view --clusterrole=view --user=bob'],
  ['admin.conf', 'create clusterrolebinding readers --clusterrole=view --group=dev --group=ops'],
  ['admin.conf', 'get rolebindings'],
  ['bob', 'get pods'],
  ['admin.conf', 'delete rolebinding bob-view'],
  ['admin.conf', 'delete csr alice'],
  ['admin.conf', 'delete csr alice'],
  ['admin.conf', 'run web --image=nginx:1.27'],
  ['admin.conf', 'run web --image=nginx:1.27'],
  ['admin.conf', 'run shy --image=nginx:1.27 -n nowhere'],
  ['admin.conf', 'get pods'],
  ['admin.conf', 'logs web'],
  ['admin.conf', 'logs pod/web -c nope --tail=3'],
  ['admin.conf', 'logs nobody'],
  ['admin.conf', 'create token default --duration=1m'],
  ['admin.conf', 'create token nobody'],
  ['bob', 'create token default'],
  ['bob', 'logs web'],
];

/** Times and numbers of seconds differ from one cluster to the other. */
const alike = (text: string): string =>
  text
    .trim()
    .replaceAll(/\b\d+s\b/g, '0s')
    .replaceAll(/ {2,}/g, '  ');
/** What is known of the caller beside name and groups: the certificate's digest, which kubectl shows too. */
const withoutExtra = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('Extra: '))
    .join('\n');

withPeer('kubectl', 'kubectl and what stands in for it say the same, and write the same', async (t) => {
  const [real, other] = [await startKubectl(t), await startKubectl(t)];
  for (const [name, object] of Object.entries(files)) real.write(name, JSON.stringify(object));
  for (const [user, line, settle] of journey) {
    const said = await real.as(user, ...line.split(' '));
    const printed = await inItsPlace(other, user, line);
    const where = `${user}: ${line}`;
    t.is(printed.exitCode, said.exitCode ?? -1, `${where}\n${said.stderr}\n${printed.words}`);
    t.is(alike(printed.output), alike(withoutExtra(said.stdout)), where);
    // kubectl says more about a 401.
    const [own, theirs] = [alike(printed.words), alike(said.stderr)];
    t.true(theirs.includes(own) || theirs.includes('You must be logged in'), `${where}: ${own} | ${theirs}`);
    if (settle !== undefined)
      for (const { controlPlane } of [real, other])
        await controlPlane.dealtWith(settle, AbortSignal.timeout(20_000));
  }
  const writes = ({ answers }: Kubectl): string[] =>
    answers
      .filter(({ method, user }) => method !== 'GET' && user?.name !== 'system:kube-controller-manager')
      .map(({ method, target, code }) => `${method} ${target.split('?')[0] ?? ''} ${code}`);
  t.deepEqual(writes(other), writes(real));
});

test('what only kubectl can do is not understood', (t) => {
  for (const line of [
    '',
    'get',
    'get pods a b',
    'get unicorns',
    'get pods -o yaml',
    'get pods --watch',
    'exec web -- sh',
    'delete pods',
    'certificate sign x',
    'certificate approve',
    'auth can-i list',
    'create rolebinding x',
    'create rolebinding x --clusterrole=a --role=b',
    'create ns x',
    'apply',
    'apply -f a b',
    'describe csr x',
    'run web',
    'run web --image=a b',
    'logs',
    'logs deploy/web',
    'logs web -f',
    'create token',
    'create token a b',
    'create token a --duration=soon',
    'apply -f a --role=x',
  ]) {
    t.is(kubectlCommand(line), undefined, line);
  }
});

test('namespaces and names stand where they belong', (t) => {
  t.like(kubectlCommand('get po web -n shop'), {
    verb: 'get',
    name: 'web',
    namespace: 'shop',
    allNamespaces: false,
  });
  t.like(kubectlCommand('get pods --all-namespaces'), { verb: 'get', allNamespaces: true });
  t.like(kubectlCommand('get csr x --output jsonpath={.a}'), { output: 'jsonpath={.a}' });
  t.like(kubectlCommand('create rolebinding x --role reader --user a --user b --namespace n'), {
    verb: 'bind',
    name: 'x',
    namespace: 'n',
    role: { kind: 'Role', name: 'reader' },
    users: ['a', 'b'],
  });
});

test('a path is asked as it is, and what fails there is told in kubectl’s words', async (t) => {
  const command = kubectlCommand('get --raw /readyz?verbose');
  if (!command) throw new Error('it is known');
  const printed = async (answer: object): Promise<Printed> =>
    standIn(command, {
      ask: async (_method, path) => Promise.resolve({ status: 200, body: { path }, ...answer }),
      file: () => undefined,
      now: 0,
    });
  t.deepEqual(await printed({ text: '[+]etcd ok\n' }), { exitCode: 0, output: '[+]etcd ok\n', words: '' });
  t.is((await printed({})).output, '{"path":"/readyz?verbose"}');
  // As kubectl 1.32 has it.
  t.deepEqual(
    await printed({
      status: 500,
      text: '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n',
    }),
    {
      exitCode: 1,
      output: '',
      words:
        'Error from server (InternalError): an error on the server ("[+]ping ok\\n[-]etcd failed: reason withheld\\nreadyz check failed") has prevented the request from succeeding',
    },
  );
  t.regex((await printed({ status: 401, body: {} })).words, /You must be logged in/);
  for (const line of ['get --raw readyz', 'get nodes --raw /readyz'])
    t.is(kubectlCommand(line), undefined, line);
});

test('a token and a log are printed as they come', async (t) => {
  const printed = async (line: string, answer: (path: string) => object): Promise<Printed> => {
    const command = kubectlCommand(line);
    if (!command) throw new Error(line);
    return standIn(command, {
      ask: async (_method, path) => Promise.resolve({ status: 200, body: {}, ...answer(path) }),
      file: () => undefined,
      now: 0,
    });
  };
  t.deepEqual(
    await printed('create token default', () => ({ status: 201, body: { status: { token: 'a.b.c' } } })),
    { exitCode: 0, output: 'a.b.c', words: '' },
  );
  const asked: string[] = [];
  const log = await printed('logs web -n shop --tail 2', (path) => {
    asked.push(path);
    return path.includes('/log')
      ? { text: 'one\ntwo\n' }
      : { body: { spec: { containers: [{ name: 'a' }] } } };
  });
  t.is(log.output, 'one\ntwo');
  t.is(asked[1], '/api/v1/namespaces/shop/pods/web/log?container=a&tailLines=2');
});

test('a file that is not there is no request', async (t) => {
  const command = kubectlCommand('apply -f nothing.yaml');
  t.truthy(command);
  if (!command) return;
  const printed = await standIn(command, {
    ask: async () => Promise.reject(new Error('asked')),
    file: () => undefined,
    now: 0,
  });
  t.is(printed.exitCode, 1);
  t.regex(printed.words, /nothing\.yaml/);
});
