/** What a process is given by its flags: each wrong file is a finding at its manifest, and sound ones are none. */
import test from 'ava';
import * as yaml from 'yaml';
import { checkCluster, changedSettings } from '../../../../src/pki/kubeadm/check.ts';
import { clusterOf } from '../../../../src/pki/kubeadm/certificates.ts';
import { completeCluster } from '../../../../src/pki/kubeadm/folder.ts';
import { completeLayout } from '../../../../src/pki/kubeadm/manifests/layout.ts';
import { fileFlags } from '../../../../src/pki/kubeadm/manifests/flags.ts';
import { selfSigned } from '../../../../src/kube/components/self-signed.ts';
import { completed, edit, issuing, now, readingOf, soundCluster } from '../../support/cluster.ts';
import type { MemoryFolder } from '../../support/cluster.ts';

/** A copy of a cluster with its manifests. */
function laidOut(): MemoryFolder {
  const folder = soundCluster();
  const { files } = completeLayout(
    readingOf(folder),
    clusterOf(),
    { files: [], made: [], kept: [] },
    { now, serving: (node) => selfSigned(node, now, issuing.random), yaml },
  );
  for (const { path, text, mode } of files) folder.set(path, { text, mode });
  return folder;
}

const reading = (folder: MemoryFolder) =>
  readingOf(
    folder,
    [...folder.keys()].filter((path) => /^[a-z-]+\.conf$/.test(path)),
  );
const findingsOf = (folder: MemoryFolder) => checkCluster({ reading: reading(folder), now }).findings;

/** A flag's value replaced; undefined takes the flag away. */
function give(folder: MemoryFolder, process: string, flag: string, value: string | undefined): void {
  edit(folder, `manifests/${process}.yaml`, (text) =>
    text.replace(
      new RegExp(String.raw`^ *- --${flag}=.*\n`, 'm'),
      value === undefined ? '' : `    - --${flag}=${value}\n`,
    ),
  );
}

test('what kubeadm lays out has no findings, whatever the addresses', (t) => {
  t.deepEqual(findingsOf(laidOut()), []);
  t.deepEqual(changedSettings({ reading: reading(laidOut()), now }), []);
});

const wrong: readonly (readonly [
  process: string,
  flag: string,
  value: string | undefined,
  problem: string,
])[] = [
  ['kube-apiserver', 'client-ca-file', '/etc/kubernetes/pki/etcd/ca.crt', 'flag_wrong_authority'],
  ['kube-apiserver', 'client-ca-file', '/etc/kubernetes/pki/apiserver.crt', 'flag_wrong_file'],
  ['kube-apiserver', 'client-ca-file', '/etc/kubernetes/pki/ca.key', 'flag_wrong_file'],
  ['kube-apiserver', 'client-ca-file', '/etc/kubernetes/pki/gone.crt', 'flag_without_file'],
  ['kube-apiserver', 'client-ca-file', '/etc/kubernetes/admin.conf', 'flag_wrong_file'],
  ['kube-apiserver', 'client-ca-file', undefined, 'flag_absent'],
  ['kube-apiserver', 'client-ca-file', '', 'flag_absent'],
  ['kube-apiserver', 'etcd-cafile', '/etc/kubernetes/pki/ca.crt', 'flag_wrong_authority'],
  [
    'kube-apiserver',
    'etcd-certfile',
    '/etc/kubernetes/pki/apiserver-kubelet-client.crt',
    'flag_wrong_authority',
  ],
  // Of the right CA, and not the certificate of the key.
  ['kube-apiserver', 'etcd-certfile', '/etc/kubernetes/pki/etcd/healthcheck-client.crt', 'flag_wrong_file'],
  ['kube-apiserver', 'etcd-keyfile', '/etc/kubernetes/pki/etcd/healthcheck-client.key', 'flag_wrong_file'],
  ['kube-apiserver', 'etcd-keyfile', '/etc/kubernetes/pki/apiserver-etcd-client.crt', 'flag_wrong_file'],
  ['kube-apiserver', 'kubelet-client-certificate', '/etc/kubernetes/pki/apiserver.crt', 'flag_wrong_file'],
  [
    'kube-apiserver',
    'kubelet-client-certificate',
    '/etc/kubernetes/pki/front-proxy-client.crt',
    'flag_wrong_authority',
  ],
  ['kube-apiserver', 'tls-cert-file', '/etc/kubernetes/pki/apiserver-kubelet-client.crt', 'flag_wrong_file'],
  ['kube-apiserver', 'tls-cert-file', '/etc/kubernetes/pki/ca.crt', 'flag_wrong_file'],
  ['kube-apiserver', 'tls-private-key-file', '/etc/kubernetes/pki/sa.key', 'flag_wrong_file'],
  ['kube-apiserver', 'requestheader-client-ca-file', '/etc/kubernetes/pki/ca.crt', 'flag_wrong_authority'],
  ['kube-apiserver', 'service-account-key-file', '/etc/kubernetes/pki/apiserver.key', 'flag_wrong_file'],
  ['kube-apiserver', 'service-account-signing-key-file', '/etc/kubernetes/pki/ca.key', 'flag_wrong_file'],
  [
    'kube-controller-manager',
    'cluster-signing-cert-file',
    '/etc/kubernetes/pki/front-proxy-ca.crt',
    'flag_wrong_authority',
  ],
  [
    'kube-controller-manager',
    'cluster-signing-key-file',
    '/etc/kubernetes/pki/etcd/ca.key',
    'flag_wrong_file',
  ],
  ['kube-controller-manager', 'cluster-signing-key-file', '', 'flag_absent'],
  ['kube-controller-manager', 'root-ca-file', '/etc/kubernetes/pki/etcd/ca.crt', 'flag_wrong_authority'],
  ['kube-controller-manager', 'kubeconfig', '/etc/kubernetes/scheduler.conf', 'flag_wrong_file'],
  ['kube-controller-manager', 'kubeconfig', '/etc/kubernetes/pki/ca.crt', 'flag_wrong_file'],
  ['kube-scheduler', 'kubeconfig', '/etc/kubernetes/kube-scheduler.conf', 'flag_without_file'],
  ['etcd', 'trusted-ca-file', '/etc/kubernetes/pki/ca.crt', 'flag_wrong_authority'],
  ['etcd', 'cert-file', '/etc/kubernetes/pki/apiserver.crt', 'flag_wrong_authority'],
  ['etcd', 'cert-file', '/etc/kubernetes/pki/etcd/healthcheck-client.crt', 'flag_wrong_file'],
  ['etcd', 'key-file', '/etc/kubernetes/pki/etcd/peer.key', 'flag_wrong_file'],
  ['etcd', 'peer-trusted-ca-file', undefined, 'flag_absent'],
];
for (const [process, flag, value, problem] of wrong)
  test(`${process} --${flag}=${value ?? '(absent)'}: ${problem}`, (t) => {
    const folder = laidOut();
    give(folder, process, flag, value);
    const found = findingsOf(folder);
    t.deepEqual(
      found.map((one) => `${one.file} ${one.problem}`),
      [`manifests/${process}.yaml ${problem}`],
      JSON.stringify(found),
    );
    const [one] = found;
    t.true(
      one?.what.en.startsWith(`--${flag}`) ||
        one?.what.en.includes(` --${flag} `) ||
        one?.what.en.includes(`--${flag} and`),
      one?.what.en,
    );
    for (const words of [one?.what.ko ?? '', one?.remedy.ko ?? '']) t.regex(words, /[가-힣]/);
    t.regex(one?.expected?.en ?? '', /^--[\w-]+=\/etc\/kubernetes\//);
    // Completing the folder is not refused for it: the certificates are what they were.
    t.notThrows(() => completeCluster(reading(folder), clusterOf(), issuing));
    t.deepEqual(changedSettings({ reading: reading(folder), now }), [`manifests/${process}.yaml`]);
  });

test('every flag that cannot be left out is missed', (t) => {
  for (const { process, flag, optional } of fileFlags) {
    if (process === 'kubelet') continue;
    const folder = laidOut();
    give(folder, process, flag, undefined);
    t.deepEqual(
      findingsOf(folder).map(({ problem }) => problem),
      optional ? [] : ['flag_absent'],
      flag,
    );
  }
});

const sound: readonly (readonly [title: string, change: (folder: MemoryFolder) => void])[] = [
  [
    'another complete pair',
    (folder) => {
      give(folder, 'kube-apiserver', 'etcd-certfile', '/etc/kubernetes/pki/etcd/healthcheck-client.crt');
      give(folder, 'kube-apiserver', 'etcd-keyfile', '/etc/kubernetes/pki/etcd/healthcheck-client.key');
    },
  ],
  [
    'a file elsewhere on the node',
    (folder) => give(folder, 'kube-apiserver', 'etcd-cafile', '/etc/ssl/etcd/ca.crt'),
  ],
  ['a path from the folder', (folder) => give(folder, 'kube-apiserver', 'client-ca-file', 'pki/ca.crt')],
  [
    'an old and a new CA in one file',
    (folder) => {
      const other = completed().get('pki/ca.crt')?.text;
      folder.set('pki/both.crt', {
        text: `${String(other)}${String(folder.get('pki/ca.crt')?.text)}`,
        mode: 0o644,
      });
      give(folder, 'kube-apiserver', 'client-ca-file', '/etc/kubernetes/pki/both.crt');
    },
  ],
  [
    'tokens verified with the private key',
    (folder) => give(folder, 'kube-apiserver', 'service-account-key-file', '/etc/kubernetes/pki/sa.key'),
  ],
  [
    'an etcd without TLS',
    (folder) => {
      give(folder, 'kube-apiserver', 'etcd-servers', 'http://127.0.0.1:12379');
      for (const flag of ['etcd-cafile', 'etcd-certfile', 'etcd-keyfile'])
        give(folder, 'kube-apiserver', flag, undefined);
    },
  ],
  ['no manifest', (folder) => void folder.delete('manifests/kube-apiserver.yaml')],
];
for (const [title, change] of sound)
  test(`sound: ${title}`, (t) => {
    const folder = laidOut();
    change(folder);
    t.deepEqual(
      findingsOf(folder).filter(({ problem }) => problem.startsWith('flag_') || problem === 'unreadable'),
      [],
    );
  });

for (const [title, text] of [
  ['no YAML', ': ['],
  ['another object', 'kind: Service\n'],
  ['an empty file', ''],
  ['a list', '- a\n'],
  ['aliases of aliases', 'a: &a [1]\nb: &b [*a,*a]\nc: [*b,*b]\nkind: Pod\n'],
] as const)
  test(`a manifest that is ${title} is unreadable, not passed over`, (t) => {
    const folder = laidOut();
    folder.set('manifests/etcd.yaml', { text, mode: 0o600 });
    t.deepEqual(
      findingsOf(folder).map(({ file, problem }) => `${file} ${problem}`),
      ['manifests/etcd.yaml unreadable'],
    );
  });

test('the kubelet’s configuration names the CA of its clients; its key is its owner’s', (t) => {
  const folder = laidOut();
  edit(folder, 'kubelet/config.yaml', (text) => text.replace('pki/ca.crt', 'pki/etcd/ca.crt'));
  folder.set('kubelet/pki/kubelet.key', { ...folder.get('kubelet/pki/kubelet.key')!, mode: 0o644 });
  t.deepEqual(
    findingsOf(folder).map(({ file, problem }) => `${file} ${problem}`),
    ['kubelet/config.yaml flag_wrong_authority', 'kubelet/pki/kubelet.key open_mode'],
  );
});
