/** Folders in which nothing is wrong, as kubeadm and careful people make them; with the warnings that are right. */
import { chmodSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { makeKey } from '../../../../../src/pki/ca/sign.ts';
import {
  clusterOf,
  keyFile,
  kubeadmAuthorities,
  kubeadmKubeconfigs,
  kubeadmLeaves,
} from '../../../../../src/pki/kubeadm/certificates.ts';
import type { Cluster } from '../../../../../src/pki/kubeadm/certificates.ts';
import { renewCluster } from '../../../../../src/pki/kubeadm/folder.ts';
import { certificatePem, keyPem } from '../../../../../src/pki/kubeadm/issue.ts';
import { completed, edit, now, readingOf } from '../../../../pki/support/cluster.ts';
import type { MemoryFolder } from '../../../../pki/support/cluster.ts';
import {
  day,
  issuing,
  laidOutFolder,
  namesake,
  otherConfig,
  place,
  rebuild,
  remade,
  remake,
  replace,
  reshape,
  soundFolder,
  textOf,
  trusts,
  userLines,
} from './workshop.ts';

export interface HealthyFolder {
  readonly title: string;
  readonly make?: (folder: MemoryFolder) => MemoryFolder | void;
  readonly onDisk?: (root: string) => unknown;
  readonly warnings?: readonly string[];
}

const of = (given: Partial<Cluster>): MemoryFolder => completed(new Map(), clusterOf(given));
const cp1 = { node: 'cp1', addresses: ['192.0.2.10'] } as const;

export const healthy: readonly HealthyFolder[] = [
  { title: 'as kubeadm makes it' },
  {
    title: 'ECDSA of 384 bits',
    make: () => completed(new Map(), clusterOf(cp1), { ...issuing, keyKind: 'P-384' }),
  },
  {
    title: 'RSA of 2048 bits',
    make: () => completed(new Map(), clusterOf(cp1), { ...issuing, keyKind: 'RSA-2048' }),
  },
  {
    title: 'CAs that are kept elsewhere',
    make: (folder) => kubeadmAuthorities.forEach((row) => folder.delete(keyFile(row))),
  },
  {
    title: 'an external etcd',
    make: (folder) => {
      for (const path of folder.keys())
        if (path.startsWith('pki/etcd/') && path !== 'pki/etcd/ca.crt') folder.delete(path);
    },
  },
  {
    title: 'another node of the control plane, without super-admin.conf',
    make: (folder) => void folder.delete('super-admin.conf'),
    warnings: ['super-admin.conf absent'],
  },
  { title: 'another name of the cluster', make: () => of({ ...cp1, name: 'prod-eu.corp.example' }) },
  { title: 'IPv6', make: () => of({ node: 'cp1', addresses: ['fd00::5'], serviceAddress: 'fd00:10:96::1' }) },
  {
    title: 'IPv4 and IPv6',
    make: () =>
      of({
        node: 'cp1',
        addresses: ['192.0.2.10', 'fd00::5'],
        controlPlaneEndpoint: 'https://[fd00::5]:6443',
      }),
  },
  {
    title: 'more names and addresses',
    make: () =>
      of({
        ...cp1,
        certSANs: ['lab.example', '*.lab.example', '203.0.113.7'],
        controlPlaneEndpoint: 'https://api.lab.example:443',
      }),
  },
  {
    title: 'a node named by its whole domain, in another domain of services',
    make: () =>
      of({
        node: 'cp1.corp.example',
        addresses: ['10.0.0.5'],
        dnsDomain: 'k8s.corp',
        serviceAddress: '172.30.0.1',
      }),
  },
  {
    title: 'the groups of 1.28',
    make: (folder) => {
      remake(folder, 'admin.conf', {
        subject: [
          ['O', 'system:masters'],
          ['CN', 'kubernetes-admin'],
        ],
      });
      remake(folder, 'apiserver-kubelet-client', {
        subject: [
          ['O', 'system:masters'],
          ['CN', 'kube-apiserver-kubelet-client'],
        ],
      });
      remake(folder, 'apiserver-etcd-client', {
        subject: [
          ['O', 'system:masters'],
          ['CN', 'kube-apiserver-etcd-client'],
        ],
      });
      folder.delete('super-admin.conf');
    },
    warnings: ['super-admin.conf absent', 'admin.conf unrevocable'],
  },
  {
    title: 'renewed, all of it',
    make: (folder) => {
      const { files } = renewCluster(readingOf(folder), 'all', { ...issuing, keyKind: undefined });
      for (const { path, text, mode } of files) folder.set(path, { text, mode });
    },
  },
  {
    title: 'a CA being changed: the new and the old are trusted, half of it is signed by the new',
    make: (folder) => {
      const old = textOf(folder, 'pki/ca.crt');
      const before = new Map(folder);
      rebuild(folder, 'ca', namesake('ca'));
      const both = textOf(folder, 'pki/ca.crt') + old;
      replace(folder, 'pki/ca.crt', both);
      for (const { name } of kubeadmKubeconfigs) {
        if (name === 'kubelet.conf' || name === 'scheduler.conf') replace(folder, name, textOf(before, name));
        trusts(folder, name, both);
      }
    },
    warnings: ['pki/ca.crt stray_content'],
  },
  {
    title: 'a CA being changed: the old one still signs, the new one is trusted already',
    make: (folder) => {
      const both = textOf(folder, 'pki/ca.crt') + certificatePem(namesake('ca').certificate);
      replace(folder, 'pki/ca.crt', both);
      for (const { name } of kubeadmKubeconfigs) trusts(folder, name, both);
    },
    warnings: ['pki/ca.crt stray_content'],
  },
  {
    title: 'a CA renewed with its key',
    make: (folder) => {
      const known = kubeadmKubeconfigs.map(({ name }) => [name, textOf(folder, name)] as const);
      reshape(folder, 'ca', {});
      for (const [name, text] of known) replace(folder, name, text);
    },
  },
  {
    title: 'a CA for a hundred years',
    make: (folder) => reshape(folder, 'ca', { notAfter: now + 36_500 * day }),
  },
  {
    title: 'kubelet.conf as a running node has it, copied away',
    make: (folder) =>
      edit(folder, 'kubelet.conf', (text) =>
        userLines(
          text,
          'client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem',
          'client-key: /var/lib/kubelet/pki/kubelet-client-current.pem',
        ),
      ),
    warnings: ['kubelet.conf absent'],
  },
  {
    title: 'lines of Windows, and no line break at the end',
    make: (folder) => {
      for (const [path, { text, mode }] of folder)
        folder.set(path, { text: String(text).trimEnd().replaceAll('\n', '\r\n'), mode });
    },
  },
  {
    title: 'the folder behind links, its files for their owner alone',
    onDisk: (root) => {
      mkdirSync(join(root, 'store'), 0o700);
      renameSync(join(root, 'pki'), join(root, 'store/pki'));
      chmodSync(join(root, 'store/pki/ca.crt'), 0o400);
      chmodSync(join(root, 'store/pki/ca.key'), 0o400);
      symlinkSync('store/pki', join(root, 'pki'));
    },
  },
  {
    title:
      'kubeconfigs of others beside it: of a pod, of a program, of a bootstrap token, of no cluster of ours',
    make: (folder) => {
      const user = (name: string, ...lines: readonly string[]): void =>
        otherConfig(folder, `${name}.conf`, (text) => userLines(text, ...lines));
      user('kube-proxy', 'tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token');
      user('bootstrap-kubelet', 'token: abcdef.0123456789abcdef');
      user('oidc', 'exec:', '  apiVersion: client.authentication.k8s.io/v1beta1', '  command: kubelogin');
      user(
        'cloud',
        'exec:',
        '  apiVersion: client.authentication.k8s.io/v1',
        '  command: aws',
        '  interactiveMode: IfAvailable',
        '  args: [eks, get-token]',
      );
    },
  },
  {
    title: 'a certificate whose chain is behind it, of a CA below the cluster’s',
    make: (folder) => {
      const key = makeKey('P-384');
      const { certificate } = remade(folder, 'apiserver-kubelet-client', {
        subject: [['CN', 'Team CA']],
        key,
        isCa: true,
        keyUsage: ['keyCertSign'],
        extendedKeyUsage: undefined as never,
      });
      place(folder, 'apiserver', remade(folder, 'apiserver', { by: { certificate, key } }));
      edit(folder, 'pki/apiserver.crt', (text) => text + certificatePem(certificate));
    },
  },
  {
    title: 'a learner’s certificate and key, and a key for a request',
    make: (folder) => {
      const { certificate, key } = remade(folder, 'admin.conf', {
        subject: [
          ['CN', 'alice'],
          ['O', 'dev'],
        ],
      });
      replace(folder, 'alice.crt', certificatePem(certificate));
      replace(folder, 'alice.key', keyPem(key));
      replace(folder, 'bob.key', keyPem(makeKey('P-256')));
    },
  },
  {
    title: 'certificates without usages',
    make: (folder) =>
      kubeadmLeaves.forEach(({ name }) =>
        remake(folder, name, { extendedKeyUsage: undefined as never, keyUsage: undefined as never }),
      ),
  },
  { title: 'with manifests and the kubelet’s files', make: () => laidOutFolder() },
  {
    title: 'with the kubelet’s files named as on a node',
    make: () => {
      const folder = laidOutFolder();
      edit(folder, 'kubelet.conf', (text) => text.replaceAll(': kubelet/pki/', ': /var/lib/kubelet/pki/'));
      return folder;
    },
  },
  {
    title: 'an etcd that demands certificates because it has a CA for them, without --client-cert-auth',
    make: () => {
      const folder = laidOutFolder();
      edit(folder, 'manifests/etcd.yaml', (text) => text.replace(/^ *- --client-cert-auth=.*\n/m, ''));
      return folder;
    },
  },
  { title: 'made in another order', make: () => new Map([...soundFolder()].reverse()) },
];
