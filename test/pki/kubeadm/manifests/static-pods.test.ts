/** The manifests agree with those of a cluster that kubeadm 1.32 has made, flag by flag. */
import test from 'ava';
import { parse } from 'yaml';
import { clusterOf, kubeadmCertificates } from '../../../../src/pki/kubeadm/certificates.ts';
import { fileFlags, flagsOf } from '../../../../src/pki/kubeadm/manifests/flags.ts';
import { staticPodNames } from '../../../../src/pki/kubeadm/manifests/processes.ts';
import { commandIn, flagValue } from '../../../../src/pki/kubeadm/manifests/read-manifest.ts';
import { commandOf, manifestText } from '../../../../src/pki/kubeadm/manifests/static-pods.ts';

const cluster = clusterOf({ node: 'cp1', addresses: ['192.0.2.10'] });
const facts = { cluster, signs: true };

const pki = '/etc/kubernetes/pki';
const commands = {
  'kube-apiserver': [
    'advertise-address=192.0.2.10',
    'allow-privileged=true',
    'authorization-mode=Node,RBAC',
    `client-ca-file=${pki}/ca.crt`,
    'enable-admission-plugins=NodeRestriction',
    'enable-bootstrap-token-auth=true',
    `etcd-cafile=${pki}/etcd/ca.crt`,
    `etcd-certfile=${pki}/apiserver-etcd-client.crt`,
    `etcd-keyfile=${pki}/apiserver-etcd-client.key`,
    'etcd-servers=https://127.0.0.1:2379',
    `kubelet-client-certificate=${pki}/apiserver-kubelet-client.crt`,
    `kubelet-client-key=${pki}/apiserver-kubelet-client.key`,
    'kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
    `proxy-client-cert-file=${pki}/front-proxy-client.crt`,
    `proxy-client-key-file=${pki}/front-proxy-client.key`,
    'requestheader-allowed-names=front-proxy-client',
    `requestheader-client-ca-file=${pki}/front-proxy-ca.crt`,
    'requestheader-extra-headers-prefix=X-Remote-Extra-',
    'requestheader-group-headers=X-Remote-Group',
    'requestheader-username-headers=X-Remote-User',
    'secure-port=6443',
    'service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `service-account-key-file=${pki}/sa.pub`,
    `service-account-signing-key-file=${pki}/sa.key`,
    'service-cluster-ip-range=10.96.0.0/12',
    `tls-cert-file=${pki}/apiserver.crt`,
    `tls-private-key-file=${pki}/apiserver.key`,
  ],
  'kube-controller-manager': [
    'authentication-kubeconfig=/etc/kubernetes/controller-manager.conf',
    'authorization-kubeconfig=/etc/kubernetes/controller-manager.conf',
    'bind-address=127.0.0.1',
    `client-ca-file=${pki}/ca.crt`,
    'cluster-name=kubernetes',
    `cluster-signing-cert-file=${pki}/ca.crt`,
    `cluster-signing-key-file=${pki}/ca.key`,
    'controllers=*,bootstrapsigner,tokencleaner',
    'kubeconfig=/etc/kubernetes/controller-manager.conf',
    'leader-elect=true',
    `requestheader-client-ca-file=${pki}/front-proxy-ca.crt`,
    `root-ca-file=${pki}/ca.crt`,
    `service-account-private-key-file=${pki}/sa.key`,
    'use-service-account-credentials=true',
  ],
  'kube-scheduler': [
    'authentication-kubeconfig=/etc/kubernetes/scheduler.conf',
    'authorization-kubeconfig=/etc/kubernetes/scheduler.conf',
    'bind-address=127.0.0.1',
    'kubeconfig=/etc/kubernetes/scheduler.conf',
    'leader-elect=true',
  ],
  etcd: [
    'advertise-client-urls=https://192.0.2.10:2379',
    `cert-file=${pki}/etcd/server.crt`,
    'client-cert-auth=true',
    'data-dir=/var/lib/etcd',
    'experimental-initial-corrupt-check=true',
    'experimental-watch-progress-notify-interval=5s',
    'initial-advertise-peer-urls=https://192.0.2.10:2380',
    'initial-cluster=cp1=https://192.0.2.10:2380',
    `key-file=${pki}/etcd/server.key`,
    'listen-client-urls=https://127.0.0.1:2379,https://192.0.2.10:2379',
    'listen-metrics-urls=http://127.0.0.1:2381',
    'listen-peer-urls=https://192.0.2.10:2380',
    'name=cp1',
    `peer-cert-file=${pki}/etcd/peer.crt`,
    'peer-client-cert-auth=true',
    `peer-key-file=${pki}/etcd/peer.key`,
    `peer-trusted-ca-file=${pki}/etcd/ca.crt`,
    'snapshot-count=10000',
    `trusted-ca-file=${pki}/etcd/ca.crt`,
  ],
} as const;

for (const name of staticPodNames)
  test(`${name}: its command line is kubeadm’s, and its manifest is read back`, (t) => {
    const expected = [name, ...commands[name].map((flag) => `--${flag}`)];
    t.deepEqual(commandOf(name, facts), expected);
    t.deepEqual(commandIn(parse(manifestText(name, facts))), expected);
  });

test('a manifest is kubeadm’s to the letter', (t) => {
  t.is(
    manifestText('kube-scheduler', facts),
    `apiVersion: v1
kind: Pod
metadata:
  creationTimestamp: null
  labels:
    component: kube-scheduler
    tier: control-plane
  name: kube-scheduler
  namespace: kube-system
spec:
  containers:
  - command:
    - kube-scheduler
    - --authentication-kubeconfig=/etc/kubernetes/scheduler.conf
    - --authorization-kubeconfig=/etc/kubernetes/scheduler.conf
    - --bind-address=127.0.0.1
    - --kubeconfig=/etc/kubernetes/scheduler.conf
    - --leader-elect=true
    image: registry.k8s.io/kube-scheduler:v1.32.3
    imagePullPolicy: IfNotPresent
    livenessProbe:
      failureThreshold: 8
      httpGet:
        host: 127.0.0.1
        path: /livez
        port: 10259
        scheme: HTTPS
      initialDelaySeconds: 10
      periodSeconds: 10
      timeoutSeconds: 15
    name: kube-scheduler
    readinessProbe:
      failureThreshold: 3
      httpGet:
        host: 127.0.0.1
        path: /readyz
        port: 10259
        scheme: HTTPS
      periodSeconds: 1
      timeoutSeconds: 15
    resources:
      requests:
        cpu: 100m
    startupProbe:
      failureThreshold: 24
      httpGet:
        host: 127.0.0.1
        path: /livez
        port: 10259
        scheme: HTTPS
      initialDelaySeconds: 10
      periodSeconds: 10
      timeoutSeconds: 15
    volumeMounts:
    - mountPath: /etc/kubernetes/scheduler.conf
      name: kubeconfig
      readOnly: true
  hostNetwork: true
  priority: 2000001000
  priorityClassName: system-node-critical
  securityContext:
    seccompProfile:
      type: RuntimeDefault
  volumes:
  - hostPath:
      path: /etc/kubernetes/scheduler.conf
      type: FileOrCreate
    name: kubeconfig
status: {}
`,
  );
});

test('addresses: the port and the networks of this cluster, IPv6 in brackets', (t) => {
  const six = {
    cluster: clusterOf({ node: 'cp1', addresses: ['fd00::1'], serviceSubnet: 'fd00:10:96::/112' }),
    signs: false,
  };
  const server = commandOf('kube-apiserver', six);
  t.is(flagValue(server, 'etcd-servers'), 'https://[::1]:2379');
  t.is(flagValue(server, 'service-cluster-ip-range'), 'fd00:10:96::/112');
  t.is(flagValue(commandOf('etcd', six), 'listen-client-urls'), 'https://[::1]:2379,https://[fd00::1]:2379');
  const pod = parse(manifestText('kube-apiserver', six)) as {
    metadata: { annotations: Record<string, string> };
    spec: { containers: { livenessProbe: { httpGet: { host: string } } }[] };
  };
  t.is(
    pod.metadata.annotations['kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint'],
    '[fd00::1]:6443',
  );
  t.is(pod.spec.containers[0]?.livenessProbe.httpGet.host, 'fd00::1');
  const port = { cluster: clusterOf({ localEndpoint: 'https://127.0.0.1:16443' }), signs: true };
  t.is(flagValue(commandOf('kube-apiserver', port), 'secure-port'), '16443');
  // Without the CA's key, kubeadm lets nothing be signed.
  const manager = commandOf('kube-controller-manager', six);
  t.is(flagValue(manager, 'cluster-signing-key-file'), '');
  t.is(flagValue(manager, 'cluster-signing-cert-file'), '');
});

test('the table names files of the cluster, each flag of a pair with its other half', (t) => {
  const files = new Set([
    ...kubeadmCertificates.flatMap(({ file }) => [`pki/${file}.crt`, `pki/${file}.key`]),
    'pki/sa.key',
    'pki/sa.pub',
    'controller-manager.conf',
    'scheduler.conf',
  ]);
  for (const { process, flag, file, half, purpose, without } of fileFlags) {
    t.true(files.has(file), `${flag} ${file}`);
    for (const words of [purpose, without]) t.regex(words.ko, /[가-힣]/, flag);
    if (half !== undefined) t.is(flagsOf(process).find((row) => row.flag === half)?.half, flag, flag);
  }
});

test('flags are read in both forms; the last of several counts', (t) => {
  t.is(flagValue(['a', '--x=1', '--x', '2'], 'x'), '2');
  t.is(flagValue(['a', '--x', '2', '--x=1'], 'x'), '1');
  t.is(flagValue(['a', '--xy=1'], 'x'), undefined);
  for (const none of [null, [], 'x', { kind: 'Pod' }, { kind: 'Pod', spec: { containers: [] } }])
    t.is(commandIn(none), undefined);
});
