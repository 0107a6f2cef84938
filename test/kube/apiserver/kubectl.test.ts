/** The real kubectl, one command after the other, as a person would type them. */
import { spawn } from 'node:child_process';
import test from 'ava';
import { permissive } from '../../../src/kube/apiserver/hooks.ts';
import { shareOf } from '../../helpers/at-length.ts';
import { withPeer } from '../../helpers/peer.ts';
import { startCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';

const manifest = (data: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'app', namespace: 'default' },
    data,
  });
const pod = (name: object): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: name,
    spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] },
  });

const request = JSON.stringify({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name: 'alice' },
  spec: {
    request: Buffer.from('-----BEGIN CERTIFICATE REQUEST-----').toString('base64'),
    signerName: 'kubernetes.io/kube-apiserver-client',
    usages: ['client auth'],
    expirationSeconds: 3600,
  },
});
const misspelt = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'misspelt' },
  spec: { containers: [{ name: 'a', image: 'b', imagge: 3 }], nodename: 'z' },
});
const daemonSet = JSON.stringify({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'web' },
  spec: {},
});
const pods = '/api/v1/namespaces/default/pods';
const binding = (name: string, target: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name },
    target: { kind: 'Node', name: target },
  });
const eviction = (name: string, deleteOptions: object = {}): string =>
  JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, deleteOptions });
const lease = (leaseDurationSeconds: number): string =>
  JSON.stringify({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'n1' },
    spec: { holderIdentity: 'n1', leaseDurationSeconds, renewTime: '2026-01-01T00:00:00.000000Z' },
  });
const node = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1', labels: { 'node-role.kubernetes.io/control-plane': '' } },
  status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1.32.3' } },
});

interface Expectation {
  readonly words: string;
  readonly input?: string;
  /** Exit code 0, and standard output like this. */
  readonly says?: RegExp;
  /** Exit code 1, and standard error like this. */
  readonly fails?: RegExp;
}

/** In this order: each sees what those before it did. */
const journeys: Readonly<Record<string, readonly Expectation[]>> = {
  'kubectl finds out what there is': [
    { words: 'version', says: /^Server Version: v1\.32\.\d+$/m },
    { words: 'cluster-info', says: /Kubernetes control plane.* is running at/ },
    {
      words: 'api-resources',
      says: /^certificatesigningrequests +csr +certificates\.k8s\.io\/v1 +false +CertificateSigningRequest$/m,
    },
    { words: 'api-resources --namespaced=false --verbs=list -o name', says: /^namespaces$/m },
    { words: 'get --raw /readyz', says: /^ok$/ },
    { words: 'get --raw /readyz?verbose', says: /readyz check passed/ },
    { words: 'explain configmap.data', says: /FIELD: data <map\[string\]string>/ },
    { words: 'auth whoami', says: /Username +kubernetes-admin/ },
    {
      words: 'auth whoami --as=alice --as-group=dev',
      says: /Username +alice\nGroups +\[dev system:authenticated\]/,
    },
    { words: 'auth can-i list pods', says: /^yes$/m },
    { words: 'auth can-i --list', says: /^\*\.\* +\[\] +\[\] +\[\*\]$/m },
  ],
  'kubectl get shows tables, objects and paths of them': [
    {
      words: 'get ns',
      says: /^NAME +STATUS +AGE\ndefault +Active +\d+s\nkube-node-lease +Active +\d+s\nkube-public +Active +\d+s\nkube-system +Active +\d+s\n$/,
    },
    { words: 'get pods -A', says: /^$/ },
    { words: 'get nodes', says: /^$/ },
    { words: 'get events', says: /^$/ },
    { words: 'get csr', says: /^$/ },
    { words: 'get sa -A', says: /^NAMESPACE +NAME +SECRETS +AGE\ndefault +default +0 +\d+s\n/ },
    { words: 'get cm', says: /^NAME +DATA +AGE\nkube-root-ca\.crt +1 +\d+s\n$/ },
    {
      words: 'get ns default -o yaml',
      says: /^apiVersion: v1\nkind: Namespace\nmetadata:\n {2}creationTimestamp: "\d{4}-/,
    },
    {
      words: 'get ns -o jsonpath={.items[*].metadata.name}',
      says: /^default kube-node-lease kube-public kube-system$/,
    },
    {
      words: 'get ns --chunk-size=1 -o name',
      says: /^namespace\/default\nnamespace\/kube-node-lease\nnamespace\/kube-public\nnamespace\/kube-system\n$/,
    },
    {
      words: 'get ns --field-selector=metadata.name=kube-public -o name',
      says: /^namespace\/kube-public\n$/,
    },
    {
      words: 'get ns -l kubernetes.io/metadata.name!=default -o name',
      says: /^namespace\/kube-node-lease\n/,
    },
    { words: 'get ns --field-selector=spec.colour=red', fails: /field label not supported: spec\.colour/ },
    { words: 'get pods --sort-by=.metadata.name', says: /^$/ },
    { words: 'get cm nope', fails: /^Error from server \(NotFound\): configmaps "nope" not found$/m },
    { words: 'get all', says: /^$/ },
    { words: 'get cm -n nowhere', says: /^$/ },
  ],
  'kubectl apply creates, leaves alone and configures': [
    { words: 'apply -f -', input: manifest({ a: '1', b: '2' }), says: /^configmap\/app created$/m },
    { words: 'apply -f -', input: manifest({ a: '1', b: '2' }), says: /^configmap\/app unchanged$/m },
    { words: 'apply -f -', input: manifest({ a: '3' }), says: /^configmap\/app configured$/m },
    { words: 'get cm app -o jsonpath={.data}', says: /^\{"a":"3"\}$/ },
    {
      words: 'apply --dry-run=server -f -',
      input: manifest({ a: '9' }),
      says: /configured \(server dry run\)/,
    },
    { words: 'get cm app -o jsonpath={.data}', says: /^\{"a":"3"\}$/ },
    { words: 'diff -f -', input: manifest({ a: '3' }), says: /^$/ },
    {
      words: 'apply --server-side -f -',
      input: manifest({ a: '3' }),
      fails: /Server-side apply not available on the server/,
    },
    {
      words: 'apply -f -',
      input: manifest({ a: '3' }).replace('"data"', '"datta"'),
      fails: /unknown field "datta"/,
    },
    { words: 'replace -f -', input: manifest({ a: '4' }), says: /^configmap\/app replaced$/m },
    { words: 'describe cm app', says: /^a:\n----\n4$/m },
  ],
  'kubectl patches in three ways': [
    { words: 'apply -f -', input: pod({ name: 'web' }), says: /created/ },
    {
      words: 'patch pod web -p {"spec":{"containers":[{"name":"web","image":"nginx:1.28"}]}}',
      says: /patched/,
    },
    { words: 'get pod web -o jsonpath={.spec.containers[*].image}', says: /^nginx:1\.28$/ },
    { words: 'patch pod web --type merge -p {"metadata":{"labels":{"tier":"front"}}}', says: /patched/ },
    {
      words:
        'patch pod web --type json -p [{"op":"test","path":"/metadata/labels/tier","value":"front"},{"op":"replace","path":"/metadata/labels/tier","value":"back"}]',
      says: /patched/,
    },
    { words: 'get pods -l tier=back -o name', says: /^pod\/web$/m },
    {
      words: 'patch pod web --type json -p [{"op":"remove","path":"/metadata/labels/nope"}]',
      fails: /^The request is invalid: the server rejected our request due to an error in our request$/m,
    },
    {
      words: 'patch pod web -p {"spec":{"containers":[{"name":"more","image":"x"}]}}',
      fails: /spec\.containers: Forbidden: pod updates may not add or remove containers/,
    },
    { words: 'patch pod nope -p {}', fails: /pods "nope" not found/ },
  ],
  'kubectl approves a request for a certificate, and drains a node': [
    { words: 'apply -f -', input: request, says: /created/ },
    { words: 'get csr', says: /^alice +\d+s +kubernetes\.io\/kube-apiserver-client +60m +Pending$/m },
    {
      words: 'certificate approve alice',
      says: /^certificatesigningrequest\.certificates\.k8s\.io\/alice approved$/m,
    },
    { words: 'get csr alice -o jsonpath={.status.conditions[0].reason}', says: /^KubectlApprove$/ },
    { words: 'get csr alice -o jsonpath={.spec.expirationSeconds}', says: /^3600$/ },
    { words: 'certificate deny alice', fails: /is already Approved/ },
    { words: 'create -f -', input: node, says: /^node\/n1 created$/m },
    { words: 'get nodes', says: /^n1 +Ready +control-plane +\d+s +v1\.32\.3$/m },
    { words: 'drain n1', says: /^node\/n1 drained$/m },
    { words: 'get nodes', says: /^n1 +Ready,SchedulingDisabled +/m },
    { words: 'taint node n1 a=b:NoSchedule', says: /tainted/ },
    { words: 'describe node n1', says: /^Taints: +a=b:NoSchedule$/m },
    { words: 'create ingress i --rule=/=a:80', fails: /could not find the requested resource/ },
  ],
  'kubectl drain evicts pods, and ends as a dry run too': [
    { words: 'create -f -', input: node, says: /created/ },
    {
      words: 'run web --image=nginx --overrides={"spec":{"nodeName":"n1","terminationGracePeriodSeconds":0}}',
      says: /created/,
    },
    {
      words: 'drain n1',
      fails: /cannot delete .*Pods that declare no controller \(use --force to override\): default\/web/,
    },
    { words: 'uncordon n1', says: /^node\/n1 uncordoned$/m },
    { words: 'drain n1 --force --dry-run=client', says: /^node\/n1 drained \(dry run\)$/m },
    {
      words: 'drain n1 --force --dry-run=server',
      says: /^evicting pod default\/web \(server dry run\)\nnode\/n1 drained \(server dry run\)$/m,
    },
    { words: 'get pods -o name', says: /^pod\/web$/m },
    {
      words: `create --raw ${pods}/web/eviction -f -`,
      input: eviction('db'),
      fails: /\(BadRequest\): name in URL does not match name in Eviction object$/m,
    },
    { words: `create --raw ${pods}/db/eviction -f -`, input: eviction('db'), fails: /pods "db" not found/ },
    {
      words: `create --raw ${pods}/web/eviction -f -`,
      input: eviction('web', { dryRun: ['Some'] }),
      fails: /Unsupported value: "Some": supported values: "All"/,
    },
    {
      words: `create --raw ${pods}/web/eviction -f -`,
      input: eviction('web', { preconditions: { uid: 'another' } }),
      fails: /the UID in the precondition \(another\) does not match the UID in record/,
    },
    {
      words: `create --raw ${pods}/web/eviction -f -`,
      input: eviction('web', { apiVersion: 'v1', kind: 'DeleteOptions', dryRun: ['All'] }),
      says: /"status":"Success","code":201/,
    },
    { words: 'drain n1 --force', says: /^pod\/web evicted\nnode\/n1 drained$/m },
    { words: 'get pods', says: /^$/ },
  ],
  'a service shows its port of every node, and where it is come to from outside': [
    { words: 'create service nodeport web --tcp=80 --node-port=30080', says: /created/ },
    { words: 'create service loadbalancer shop --tcp=443:8443', says: /created/ },
    { words: 'create service externalname other --external-name=example.com', says: /created/ },
    {
      words: 'get svc',
      says: /^other +ExternalName +<none> +example\.com +<none> +\d+s\nshop +LoadBalancer +\S+ +<pending> +443:3\d{4}\/TCP +\d+s\nweb +NodePort +\S+ +<none> +80:30080\/TCP +\d+s$/m,
    },
  ],
  'kubectl is told what a pod or a kind does not have, and a service has an address': [
    {
      words: 'create -f -',
      input: misspelt,
      fails:
        /strict decoding error: unknown field "spec\.containers\[0\]\.imagge", unknown field "spec\.nodename"/,
    },
    { words: 'create --validate=warn -f -', input: misspelt, says: /created/ },
    {
      words: 'run web --image=nginx --port=99999',
      fails:
        /^The Pod "web" is invalid: spec\.containers\[0\]\.ports\[0\]\.containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive$/m,
    },
    { words: 'run web --image=nginx --port=80', says: /created/ },
    { words: 'expose pod web', says: /^service\/web exposed$/m },
    { words: 'get svc', says: /^web +ClusterIP +10\.(?:9[6-9]|1\d\d)\.\d+\.\d+ +<none> +80\/TCP/m },
    ...['apply', 'create'].map(
      (verb): Expectation => ({
        words: `${verb} -f -`,
        input: daemonSet,
        fails: /no matches for kind "DaemonSet" in version "apps\/v1"\nensure CRDs are installed first/,
      }),
    ),
    { words: 'get --raw /openapi/v2', says: /"swagger":"2\.0"/ },
    {
      words: 'get --raw /api/v1/pods?resourceVersion=abc',
      fails: /\(BadRequest\): resourceVersion: Invalid value: "abc"/,
    },
    {
      words: 'get --raw /api/v1/pods?resourceVersion=99999',
      fails: /\(Timeout\): Timeout: Too large resource version: 99999, current: \d+$/m,
    },
  ],
  'a scheduler binds a pod once, and components hold leases': [
    { words: 'run web --image=nginx:1.27', says: /created/ },
    {
      words: `create --raw ${pods}/web/binding -f -`,
      input: binding('web', 'n1'),
      says: /"status":"Success","code":201/,
    },
    {
      words:
        'get pod web -o jsonpath={.spec.nodeName},{.status.conditions[0].type},{.status.conditions[0].status}',
      says: /^n1,PodScheduled,True$/,
    },
    {
      words: `create --raw ${pods}/web/binding -f -`,
      input: binding('web', 'n2'),
      fails:
        /^Error from server \(Conflict\): Operation cannot be fulfilled on pods\/binding "web": pod web is already assigned to node "n1"$/m,
    },
    {
      words: `create --raw ${pods}/web/binding -f -`,
      input: binding('db', 'n2'),
      fails: /name in URL does not match name in Binding object/,
    },
    {
      words: `create --raw ${pods}/nope/binding -f -`,
      input: binding('nope', 'n2'),
      fails: /pods "nope" not found/,
    },
    {
      words: `create --raw ${pods}/web/binding -f -`,
      input: binding('web', ''),
      fails: /target\.name: Required value/,
    },
    { words: 'get pods --field-selector=spec.nodeName=n1 -o name', says: /^pod\/web$/m },
    {
      words: 'patch pod web -p {"spec":{"nodeName":"n2"}}',
      fails:
        /^The Pod "web" is invalid: spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`,/m,
    },
    { words: 'apply -f -', input: lease(15), says: /^lease\.coordination\.k8s\.io\/n1 created$/m },
    {
      words: 'apply -f -',
      input: lease(0),
      fails: /spec\.leaseDurationSeconds: Invalid value: 0: must be greater than 0/,
    },
    { words: 'get leases', says: /^NAME +HOLDER +AGE\nn1 +n1 +\d+s\n$/ },
    { words: 'describe lease n1', says: /Holder Identity: +n1/ },
    {
      words: 'api-resources --api-group=coordination.k8s.io',
      says: /^leases +coordination\.k8s\.io\/v1 +true +Lease$/m,
    },
  ],
  'kubectl creates, labels, describes and deletes': [
    { words: 'create ns team-a', says: /^namespace\/team-a created$/m },
    {
      words: 'create ns team-a',
      fails: /^Error from server \(AlreadyExists\): namespaces "team-a" already exists$/m,
    },
    { words: 'run web --image=nginx -n team-a', says: /^pod\/web created$/m },
    {
      words: 'create -n team-a -f -',
      input: pod({ generateName: 'job-' }),
      says: /^pod\/job-[a-z0-9]{5} created$/m,
    },
    {
      words: 'get pods -n team-a -o wide',
      says: /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\njob-[a-z0-9]{5} +0\/1 +Pending +0 +\d+s +<none>/,
    },
    { words: 'label pod web -n team-a a=b', says: /labeled/ },
    { words: 'annotate pod web -n team-a note=hello', says: /annotated/ },
    { words: 'get pods -n team-a -l a=b --show-labels', says: /^web .* a=b,run=web$/m },
    { words: 'describe pod web -n team-a', says: /^Annotations: +note: hello$/m },
    { words: 'create secret generic db -n team-a --from-literal=password=tiger-lily', says: /created/ },
    { words: 'get secret db -n team-a -o jsonpath={.data.password}', says: /^dGlnZXItbGlseQ==$/ },
    { words: 'describe secret db -n team-a', says: /^password: +10 bytes$/m },
    { words: 'create cm settings -n team-a --from-literal=colour=red', says: /created/ },
    { words: 'create sa bot -n team-a', says: /created/ },
    { words: 'create role reader -n team-a --verb=get,list --resource=pods', says: /created/ },
    {
      words:
        'create rolebinding readers -n team-a --role=reader --user=alice --group=dev --serviceaccount=team-a:bot',
      says: /created/,
    },
    {
      words: 'get rolebinding -n team-a -o wide',
      says: /^readers +Role\/reader +\d+s +alice +dev +team-a\/bot$/m,
    },
    { words: 'describe rolebinding readers -n team-a', says: /^ {2}User +alice/m },
    { words: 'create clusterrole nodes --verb=get --resource=nodes', says: /created/ },
    { words: 'create clusterrolebinding nodes --clusterrole=nodes --group=dev', says: /created/ },
    {
      words: 'get role,clusterrole -n team-a -o name',
      says: /^role\.rbac\.authorization\.k8s\.io\/reader\nclusterrole\.rbac\.authorization\.k8s\.io\/nodes\n$/,
    },
    {
      words: 'create cm Bad_Name',
      fails:
        /ConfigMap "Bad_Name" is invalid: metadata\.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of/,
    },
    { words: 'create cm lost -n nowhere', fails: /namespaces "nowhere" not found/ },
    { words: 'delete pod web -n team-a', says: /^pod "web" deleted$/m },
    { words: 'delete cm --all -n team-a', says: /^configmap "settings" deleted$/m },
    {
      words: 'delete ns kube-system',
      fails:
        /^Error from server \(Forbidden\): namespaces "kube-system" is forbidden: this namespace may not be deleted$/m,
    },
    { words: 'delete ns team-a', says: /^namespace "team-a" deleted$/m },
    { words: 'get ns team-a', fails: /NotFound/ },
    { words: 'get secrets -A', says: /^$/ },
  ],
};

const split = (words: string): string[] => words.split(/ (?![^{[]*[}\]])/);

for (const [title, steps] of shareOf(Object.entries(journeys), 2)) {
  withPeer('kubectl', title, async (t) => {
    t.timeout(120_000);
    const cluster = await startCluster(t);
    for (const { words, input, says, fails } of steps) {
      const { exitCode, stdout, stderr } = await cluster.kubectlWith(
        input === undefined ? {} : { input },
        ...split(words),
      );
      t.is(exitCode, says ? 0 : 1, `kubectl ${words}: ${stdout}${stderr}`);
      t.regex(says ? stdout : stderr, says ?? fails!, `kubectl ${words}: ${stdout}${stderr}`);
    }
  });
}

function watching(
  cluster: TestCluster,
  ...words: readonly string[]
): { readonly until: (pattern: RegExp) => Promise<string>; readonly end: () => void } {
  const child = spawn('kubectl', words, {
    env: cluster.kubectlEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    for (const look of waiting) look();
  });
  return {
    until: async (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!pattern.test(printed)) return;
          waiting.delete(look);
          resolve(printed);
        };
        waiting.add(look);
        look();
      }),
    end: () => child.kill(),
  };
}

withPeer('kubectl', 'kubectl get -w prints what happens, in the columns of its table', async (t) => {
  t.timeout(60_000);
  const cluster = await startCluster(t);
  const watch = watching(cluster, 'get', 'cm', '-w', '--output-watch-events');
  t.teardown(watch.end);
  await watch.until(/ADDED +kube-root-ca\.crt +1 /);
  await cluster.kubectl('create', 'cm', 'app', '--from-literal=a=1');
  await watch.until(/ADDED +app +1 /);
  await cluster.kubectl('patch', 'cm', 'app', '-p', '{"data":{"b":"2"}}');
  await watch.until(/MODIFIED +app +2 /);
  await cluster.kubectl('delete', 'cm', 'app');
  const printed = await watch.until(/DELETED +app +2 /);
  t.is(printed.match(/^EVENT/gm)?.length, 1);
});

withPeer('kubectl', 'kubectl wait sees a change as it happens', async (t) => {
  t.timeout(60_000);
  const cluster = await startCluster(t);
  await cluster.kubectl('create', 'cm', 'app', '--from-literal=a=1');
  const waited = cluster.kubectl('wait', 'cm/app', '--for=jsonpath={.data.a}=2', '--timeout=20s');
  await cluster.kubectl('patch', 'cm', 'app', '-p', '{"data":{"a":"2"}}');
  const { exitCode, stdout } = await waited;
  t.is(exitCode, 0);
  t.regex(stdout, /condition met/);
});

withPeer(
  'kubectl',
  'a client certificate of any CA gets through TLS, and is handed to who judges it',
  async (t) => {
    const seen: number[] = [];
    const cluster = await startCluster(t, {
      hooks: {
        ...permissive,
        authenticate: async ({ presented }) => {
          seen.push(presented.length);
          return Promise.resolve({
            rejected: {
              reason: 'unknown_ca',
              words: { en: 'nobody is believed', ko: '아무도 믿지 않습니다' },
            },
          });
        },
      },
    });
    const { exitCode, stderr } = await cluster.kubectlWith({ user: 'mallory' }, 'get', 'ns');
    t.is(exitCode, 1);
    t.regex(stderr, /^error: You must be logged in to the server \(/m);
    t.true(seen.length > 0);
    t.deepEqual([...new Set(seen)], [1]);
  },
);

test('the journeys have steps', (t) => t.true(Object.values(journeys).every((steps) => steps.length > 3)));
