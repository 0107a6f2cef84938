/** What the real kubectl must say to a control plane, a row each; a row that does not hold throws. */
import { makeRequest } from '../../../src/pki/ca/request.ts';
import { parseSubject } from '../../../src/pki/ca/subject.ts';
import { runProgram } from '../../helpers/peer.ts';
import { token, world } from './control-plane.ts';
import type { Kubectl, Started } from './control-plane.ts';

export interface Row {
  readonly started?: Started;
  /** Throws where it does not hold. */
  readonly holds: (kubectl: Kubectl, check: Check) => Promise<void>;
}

/** The same for a test and for a rule that is switched off. */
interface Check {
  is(actual: unknown, expected: unknown, what?: string): void;
  match(text: string, pattern: RegExp, what?: string): void;
}

export const strict: Check = {
  is(actual, expected, what = '') {
    if (actual !== expected) throw new Broken(`${what} expected ${String(expected)}, got ${String(actual)}`);
  },
  match(text, pattern, what = '') {
    if (!pattern.test(text)) throw new Broken(`${what} expected ${String(pattern)} in ${text}`);
  },
};

class Broken extends Error {}

interface Asked {
  readonly name: string;
  readonly subject: string;
  readonly signerName?: string;
  readonly usages?: readonly string[];
  readonly san?: readonly string[];
  readonly expirationSeconds?: number;
}

/** A file with a request in it. @returns its key. */
function writeRequest(
  kubectl: Kubectl,
  {
    name,
    subject,
    signerName = 'kubernetes.io/kube-apiserver-client',
    usages = ['client auth'],
    san,
    expirationSeconds,
  }: Asked,
): string {
  const { request, key } = makeRequest({
    subject: parseSubject(subject, 'subject'),
    ...(san ? { san } : {}),
  });
  const spec = {
    request: Buffer.from(request).toString('base64'),
    signerName,
    usages,
    ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
  };
  kubectl.write(
    `${name}.yaml`,
    JSON.stringify({
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name },
      spec,
    }),
  );
  return key;
}

/** As `kubectl get csr` shows it. */
async function conditionOf(kubectl: Kubectl, name: string): Promise<string> {
  const { stdout } = await kubectl.as('admin.conf', 'get', 'csr', name, '--no-headers');
  return stdout.trim().split(/\s+/).at(-1) ?? '';
}

async function settled(kubectl: Kubectl, name: string): Promise<void> {
  await kubectl.controlPlane.dealtWith(name, AbortSignal.timeout(kubectl.patience));
}

/** A user with a certificate from the Certificates API. */
async function enrol(
  kubectl: Kubectl,
  check: Check,
  asked: Asked,
): Promise<{ readonly certificate: string; readonly key: string }> {
  const key = writeRequest(kubectl, asked);
  check.match(
    (await kubectl.as('admin.conf', 'apply', '-f', `${asked.name}.yaml`)).stdout,
    new RegExp(`^certificatesigningrequest\\.certificates\\.k8s\\.io/${asked.name} created$`, 'm'),
  );
  check.is(
    (await kubectl.as('admin.conf', 'certificate', 'approve', asked.name)).stdout,
    `certificatesigningrequest.certificates.k8s.io/${asked.name} approved\n`,
  );
  await settled(kubectl, asked.name);
  const { stdout } = await kubectl.as(
    'admin.conf',
    'get',
    'csr',
    asked.name,
    '-o',
    'jsonpath={.status.certificate}',
  );
  return { certificate: Buffer.from(stdout, 'base64').toString(), key };
}

const nodeList = (name: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name } });

const unauthorized = /^error: You must be logged in to the server/m;
const forbidden = (what: string): RegExp => new RegExp(`^Error from server \\(Forbidden\\): .*${what}`, 'm');

/** A server that kubectl must not believe: nothing is asked of it. */
const disbelieved = (shows: string, words: RegExp): Row => ({
  started: { shows, signs: false },
  async holds(kubectl, check) {
    const { exitCode, stderr } = await kubectl.as('admin.conf', 'get', 'nodes');
    check.is(exitCode, 1);
    check.match(stderr, words);
    check.is(kubectl.answers.length, 0, 'requests');
  },
});

/** A certificate that makes nobody a user: 401, with its reason in the server's own log. */
const turnedAway = (user: string, reason: string): Row => ({
  async holds(kubectl, check) {
    const { exitCode, stderr } = await kubectl.as(user, 'get', 'nodes');
    check.is(exitCode, 1);
    check.match(stderr, unauthorized);
    const reasons = new Set(kubectl.answers.map(({ rejected }) => rejected?.reason).filter(Boolean));
    check.is([...reasons].join(), reason);
  },
});

export const rows = {
  version: {
    async holds(kubectl, check) {
      check.match((await kubectl.as('admin.conf', 'version')).stdout, /^Server Version: v1\.32\./m);
    },
  },

  whoami: {
    async holds(kubectl, check) {
      const { stdout } = await kubectl.as('admin.conf', 'auth', 'whoami');
      check.match(stdout, /^Username +kubernetes-admin$/m);
      check.match(stdout, /^Groups +\[kubeadm:cluster-admins system:authenticated\]$/m);
    },
  },

  'a user of one’s own': {
    async holds(kubectl, check) {
      writeRequest(kubectl, { name: 'alice', subject: 'O=dev,CN=alice' });
      await kubectl.as('admin.conf', 'apply', '-f', 'alice.yaml');
      check.is(await conditionOf(kubectl, 'alice'), 'Pending');
      await kubectl.as('admin.conf', 'certificate', 'approve', 'alice');
      await settled(kubectl, 'alice');
      check.is(await conditionOf(kubectl, 'alice'), 'Approved,Issued');
      const { stdout } = await kubectl.as(
        'admin.conf',
        'get',
        'csr',
        'alice',
        '-o',
        'jsonpath={.status.certificate}',
      );
      kubectl.write('alice.crt', Buffer.from(stdout, 'base64').toString());
      kubectl.write('ca.crt', world.authority('ca'));
      const verified = await runProgram(
        'openssl',
        ['verify', '-CAfile', 'ca.crt', '-purpose', 'sslclient', 'alice.crt'],
        { cwd: kubectl.folder },
      );
      check.is(verified.stdout, 'alice.crt: OK\n', verified.stderr);
    },
  },

  'a role for her': {
    async holds(kubectl, check) {
      const alice = await enrol(kubectl, check, { name: 'alice', subject: 'O=dev,CN=alice' });
      const refused = await kubectl.as(alice, 'get', 'pods');
      check.is(refused.exitCode, 1);
      check.match(
        refused.stderr,
        forbidden(
          'pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default"$',
        ),
      );
      const may = await kubectl.as(alice, 'auth', 'can-i', 'list', 'pods');
      check.is(`${may.stdout.trim()} ${may.exitCode}`, 'no 1');
      check.is(
        (
          await kubectl.as(
            'admin.conf',
            'create',
            'rolebinding',
            'alice-view',
            '--clusterrole=view',
            '--user=alice',
          )
        ).stdout,
        'rolebinding.rbac.authorization.k8s.io/alice-view created\n',
      );
      check.is((await kubectl.as(alice, 'get', 'pods')).exitCode, 0);
      check.match((await kubectl.as(alice, 'get', 'nodes')).stderr, forbidden('nodes is forbidden'));
      check.match((await kubectl.as(alice, 'get', 'secrets')).stderr, forbidden('secrets is forbidden'));
    },
  },

  'a certificate of etcd’s CA': turnedAway('apiserver-etcd-client', 'unknown_ca'),
  'a certificate of another CA of the same name': turnedAway('mallory', 'unknown_ca'),
  'an expired certificate': turnedAway('bob-last-year', 'certificate_expired'),
  'a server’s certificate': turnedAway('web', 'wrong_usage'),

  'a server of another CA': disbelieved(
    'fake-apiserver',
    /tls: failed to verify certificate: x509: certificate signed by unknown authority/,
  ),
  'a server of last year': disbelieved(
    'apiserver-last-year',
    /x509: certificate has expired or is not yet valid: current time .* is after /,
  ),
  'a server without names': disbelieved(
    'apiserver-by-common-name',
    /x509: certificate relies on legacy Common Name field, use SANs instead/,
  ),
  'a server without its address': disbelieved(
    'apiserver-without-address',
    /x509: cannot validate certificate for 127\.0\.0\.1 because it doesn't contain any IP SANs/,
  ),

  'nobody becomes system:masters': {
    async holds(kubectl, check) {
      writeRequest(kubectl, { name: 'master', subject: 'O=system:masters,CN=alice' });
      check.match(
        (await kubectl.as('admin.conf', 'apply', '-f', 'master.yaml')).stderr,
        /is forbidden: use of kubernetes\.io\/kube-apiserver-client signer with system:masters group is not allowed/,
      );
    },
  },

  'a wrong usage fails': {
    async holds(kubectl, check) {
      writeRequest(kubectl, { name: 'usage', subject: 'CN=alice', usages: ['server auth'] });
      await kubectl.as('admin.conf', 'apply', '-f', 'usage.yaml');
      await kubectl.as('admin.conf', 'certificate', 'approve', 'usage');
      await settled(kubectl, 'usage');
      check.is(await conditionOf(kubectl, 'usage'), 'Approved,Failed');
      check.match((await kubectl.as('admin.conf', 'describe', 'csr', 'usage')).stdout, /Approved,Failed/);
      const { stdout } = await kubectl.as(
        'admin.conf',
        'get',
        'csr',
        'usage',
        '-o',
        'jsonpath={.status.conditions[?(@.type=="Failed")].message}',
      );
      check.is(stdout, 'invalid usage for client certificate: server auth');
    },
  },

  'a token for a service account': {
    async holds(kubectl, check) {
      await kubectl.as('admin.conf', 'create', 'sa', 'robot');
      const made = await kubectl.as('admin.conf', 'create', 'token', 'robot', '--duration=10m');
      check.match(made.stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n?$/, made.stderr);
      const robot = { token: made.stdout.trim() };
      check.match((await kubectl.as(robot, 'get', '--raw', '/openid/v1/jwks')).stdout, /"alg":"RS256"/);
      check.match(
        (await kubectl.as(robot, 'get', '--raw', '/.well-known/openid-configuration')).stdout,
        /"issuer":"https:\/\/kubernetes\.default\.svc\.cluster\.local"/,
      );
      const { stdout } = await kubectl.as(robot, 'auth', 'whoami');
      check.match(stdout, /^Username +system:serviceaccount:default:robot$/m);
      check.match(
        stdout,
        /^Groups +\[system:serviceaccounts system:serviceaccounts:default system:authenticated\]$/m,
      );
      check.match(stdout, /^Extra: authentication\.kubernetes\.io\/credential-id +\[JTI=[0-9a-f-]{36}\]$/m);
      check.match(
        (await kubectl.as(robot, 'get', 'pods')).stderr,
        forbidden('User "system:serviceaccount:default:robot" cannot list resource "pods"'),
      );
      await kubectl.as(
        'admin.conf',
        'create',
        'rolebinding',
        'robot',
        '--clusterrole=view',
        '--serviceaccount=default:robot',
      );
      check.is((await kubectl.as(robot, 'get', 'pods')).exitCode, 0);
      check.match(
        (await kubectl.as('admin.conf', 'create', 'token', 'robot', '--duration=1m')).stderr,
        /spec\.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes/,
      );
      check.match(
        (await kubectl.as('admin.conf', 'create', 'token', 'nobody')).stderr,
        /serviceaccounts "nobody" not found/,
      );
      await kubectl.as('admin.conf', 'delete', 'sa', 'robot');
      check.match((await kubectl.as(robot, 'get', 'pods')).stderr, unauthorized);
      const reasons = new Set(kubectl.answers.map(({ rejected }) => rejected?.reason).filter(Boolean));
      check.is([...reasons].join(), 'token_bound_object_gone');
    },
  },

  'a pod has an account, and a token is made for it': {
    async holds(kubectl, check) {
      await kubectl.as('admin.conf', 'run', 'web', '--image=nginx:1.27');
      const { stdout } = await kubectl.as('admin.conf', 'get', 'pod', 'web', '-o', 'yaml');
      check.match(stdout, /^ {2}serviceAccount: default\n {2}serviceAccountName: default$/m);
      check.match(
        stdout,
        /^ {4}- mountPath: \/var\/run\/secrets\/kubernetes\.io\/serviceaccount\n {6}name: kube-api-access-[a-z0-9]{5}\n {6}readOnly: true$/m,
      );
      check.match(stdout, /^ {6}- serviceAccountToken:\n {10}expirationSeconds: 3607\n {10}path: token$/m);
      const made = await kubectl.as(
        'admin.conf',
        'create',
        'token',
        'default',
        '--bound-object-kind=Pod',
        '--bound-object-name=web',
      );
      const web = { token: made.stdout.trim() };
      check.match(
        (await kubectl.as(web, 'auth', 'whoami')).stdout,
        /^Extra: authentication\.kubernetes\.io\/pod-name +\[web\]$/m,
      );
      await kubectl.as('admin.conf', 'delete', 'pod', 'web');
      check.match((await kubectl.as(web, 'auth', 'whoami')).stderr, unauthorized);
      const refused = await kubectl.as(
        'admin.conf',
        'run',
        'web',
        '--image=nginx:1.27',
        '--overrides={"spec":{"serviceAccountName":"nobody"}}',
      );
      check.match(
        refused.stderr,
        /^Error from server \(Forbidden\): pods "web" is forbidden: error looking up service account default\/nobody: serviceaccount "nobody" not found$/m,
      );
    },
  },

  'a kubelet keeps to what is its own': {
    async holds(kubectl, check) {
      const kubelet = 'kubelet.conf';
      kubectl.write('nodes.yaml', nodeList('cp1'));
      check.match((await kubectl.as(kubelet, 'create', '-f', 'nodes.yaml')).stdout, /^node\/cp1 created$/m);
      kubectl.write('other.yaml', nodeList('other'));
      check.match(
        (await kubectl.as(kubelet, 'create', '-f', 'other.yaml')).stderr,
        /node "cp1" is not allowed to modify node "other"/,
      );
      check.is((await kubectl.as(kubelet, 'label', 'node', 'cp1', 'example.com/a=b')).exitCode, 0);
      check.match(
        (await kubectl.as(kubelet, 'label', 'node', 'cp1', 'node-restriction.kubernetes.io/a=b')).stderr,
        /^Error from server \(Forbidden\): nodes "cp1" is forbidden: is not allowed to modify labels: node-restriction\.kubernetes\.io\/a$/m,
      );
      check.match(
        (await kubectl.as(kubelet, 'get', 'nodes')).stderr,
        forbidden("node 'cp1' cannot read all nodes, only its own Node object$"),
      );
      check.match(
        (await kubectl.as(kubelet, 'get', 'lease', 'other', '-n', 'kube-node-lease')).stderr,
        forbidden('can only access node lease with the same name as the requesting node$'),
      );
      check.match(
        (await kubectl.as(kubelet, 'create', 'token', 'default')).stderr,
        /^error: failed to create token: serviceaccounts "default" is forbidden: User "system:node:cp1" cannot create resource "serviceaccounts\/token" .*: no relationship found between node 'cp1' and this object$/m,
      );
      await kubectl.as('admin.conf', 'run', 'web', '--image=nginx:1.27');
      kubectl.write(
        'binding.json',
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { name: 'web' },
          target: { kind: 'Node', name: 'cp1' },
        }),
      );
      check.match(
        (await kubectl.as(kubelet, 'get', 'pod', 'web')).stderr,
        forbidden("no relationship found between node 'cp1' and this object$"),
      );
      const bind = ['create', '--raw', '/api/v1/namespaces/default/pods/web/binding', '-f', 'binding.json'];
      check.match(
        (await kubectl.as(kubelet, ...bind)).stderr,
        forbidden('cannot create resource "pods/binding"'),
      );
      check.is((await kubectl.as('scheduler.conf', ...bind)).exitCode, 0);
      check.is((await kubectl.as(kubelet, 'get', 'pod', 'web', '-o', 'name')).stdout, 'pod/web\n');
      check.match(
        (await kubectl.as(kubelet, 'create', 'token', 'default')).stderr,
        /serviceaccounts "default" is forbidden: node requested token not bound to a pod$/m,
      );
    },
  },

  'a signer that nobody runs': {
    async holds(kubectl, check) {
      writeRequest(kubectl, { name: 'custom', subject: 'CN=alice', signerName: 'example.com/workshop' });
      await kubectl.as('admin.conf', 'apply', '-f', 'custom.yaml');
      await kubectl.as('admin.conf', 'certificate', 'approve', 'custom');
      // Requests are dealt with in their turn: when this one has its certificate, the one before was passed by.
      await enrol(kubectl, check, { name: 'later', subject: 'CN=alice' });
      check.is(await conditionOf(kubectl, 'custom'), 'Approved');
    },
  },

  'approving is a right of its own': {
    async holds(kubectl, check) {
      writeRequest(kubectl, { name: 'alice', subject: 'CN=alice' });
      await kubectl.as('admin.conf', 'apply', '-f', 'alice.yaml');
      // Everything but the verb approve on the signer.
      kubectl.write(
        'approver.yaml',
        JSON.stringify({
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: { name: 'approver' },
          rules: [
            {
              apiGroups: ['certificates.k8s.io'],
              resources: ['certificatesigningrequests'],
              verbs: ['get', 'list', 'watch'],
            },
            {
              apiGroups: ['certificates.k8s.io'],
              resources: ['certificatesigningrequests/approval'],
              verbs: ['update'],
            },
          ],
        }),
      );
      await kubectl.as('admin.conf', 'apply', '-f', 'approver.yaml');
      await kubectl.as(
        'admin.conf',
        'create',
        'clusterrolebinding',
        'bob-approves',
        '--clusterrole=approver',
        '--user=bob',
      );
      const { exitCode, stderr } = await kubectl.as('bob', 'certificate', 'approve', 'alice');
      check.is(exitCode, 1);
      check.match(
        stderr,
        forbidden(
          'user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
        ),
      );
      check.is(await conditionOf(kubectl, 'alice'), 'Pending');
    },
  },

  'a node with a token': {
    async holds(kubectl, check) {
      const bearer = { token: `${token.id}.${token.secret}` };
      const node = {
        subject: 'O=system:nodes,CN=system:node:worker',
        usages: ['digital signature', 'client auth'],
      } as const;
      writeRequest(kubectl, {
        name: 'worker',
        ...node,
        signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      });
      check.is(
        (await kubectl.as(bearer, 'create', '-f', 'worker.yaml')).stdout,
        'certificatesigningrequest.certificates.k8s.io/worker created\n',
      );
      await settled(kubectl, 'worker');
      check.is(await conditionOf(kubectl, 'worker'), 'Approved,Issued');
      writeRequest(kubectl, { name: 'other', ...node });
      check.is((await kubectl.as(bearer, 'create', '-f', 'other.yaml')).exitCode, 0);
      check.is(await conditionOf(kubectl, 'other'), 'Pending');
    },
  },

  'what RBAC gave it takes away': {
    async holds(kubectl, check) {
      check.is((await kubectl.as('admin.conf', 'get', 'nodes')).exitCode, 0);
      check.is(
        (await kubectl.as('admin.conf', 'delete', 'clusterrolebinding', 'kubeadm:cluster-admins')).exitCode,
        0,
      );
      check.match(
        (await kubectl.as('admin.conf', 'get', 'nodes')).stderr,
        forbidden('nodes is forbidden: User "kubernetes-admin"'),
      );
      check.is((await kubectl.as('super-admin.conf', 'get', 'nodes')).exitCode, 0);
    },
  },

  impersonation: {
    async holds(kubectl, check) {
      check.match(
        (await kubectl.as('admin.conf', 'auth', 'whoami', '--as=alice', '--as-group=dev')).stdout,
        /^Username +alice$/m,
      );
      check.match(
        (await kubectl.as('admin.conf', 'get', 'nodes', '--as=alice')).stderr,
        forbidden('User "alice" cannot list resource "nodes"'),
      );
      check.match(
        (await kubectl.as('bob', 'get', 'nodes', '--as=kubernetes-admin')).stderr,
        forbidden('User "bob" cannot impersonate resource "users"'),
      );
      check.match(
        (await kubectl.as('admin.conf', 'get', 'nodes', '--as=x', '--as-group=system:masters')).stdout + 'x',
        /x/,
      );
    },
  },
} as const satisfies Readonly<Record<string, Row>>;

export type RowName = keyof typeof rows;
export const rowNamed = (name: RowName): Row => rows[name];
