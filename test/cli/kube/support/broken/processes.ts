/** Faults in what the processes of a control plane and the kubelet are given: manifests, settings, the kubelet's files. */
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { makeKey } from '../../../../../src/pki/ca/sign.ts';
import { certificatePem, keyPem } from '../../../../../src/pki/kubeadm/issue.ts';
import { edit, now } from '../../../../pki/support/cluster.ts';
import type { MemoryFolder } from '../../../../pki/support/cluster.ts';
import { day, remade, replace, userLines } from './workshop.ts';
import type { BrokenFolder, Change } from './workshop.ts';

type Problems = BrokenFolder['problems'];
const current = 'kubelet/pki/kubelet-client-current.pem';

const of = (
  title: string,
  file: string,
  problems: Problems,
  how: Pick<BrokenFolder, 'spoil' | 'onDisk'>,
): BrokenFolder => ({ title, files: [file], problems, isLaidOut: true, ...how });
const edited = (
  title: string,
  file: string,
  problems: Problems,
  to: (text: string) => string,
): BrokenFolder => of(`${file}: ${title}`, file, problems, { spoil: (folder) => edit(folder, file, to) });
const flag = (
  process: string,
  name: string,
  value: string | undefined,
  ...problems: Problems
): BrokenFolder =>
  edited(`--${name}=${value ?? '(absent)'}`, `manifests/${process}.yaml`, problems, (text) =>
    text.replace(
      new RegExp(String.raw`^( *- )--${name}=.*\n`, 'm'),
      value === undefined ? '' : `$1--${name}=${value}\n`,
    ),
  );
const etc = '/etc/kubernetes';

/** The kubelet's certificate and key, in the one file that the link leads to. */
function dated(folder: MemoryFolder, change: Change, ownKey = true): void {
  const path = [...folder.keys()].find((one) => /kubelet-client-\d/.test(one)) ?? '';
  const { certificate, key } = remade(folder, 'kubelet.conf', change);
  replace(folder, path, certificatePem(certificate) + keyPem(ownKey ? key : makeKey('P-256')));
}

export const processes: readonly BrokenFolder[] = [
  flag('kube-apiserver', 'client-ca-file', `${etc}/pki/gone.crt`, 'flag_without_file'),
  flag('kube-apiserver', 'etcd-cafile', `${etc}/pki/ca.crt`, 'flag_wrong_authority'),
  flag('kube-apiserver', 'tls-cert-file', `${etc}/pki/apiserver-kubelet-client.crt`, 'flag_wrong_file'),
  flag('kube-apiserver', 'tls-private-key-file', `${etc}/pki/sa.key`, 'flag_wrong_file'),
  flag('kube-apiserver', 'requestheader-client-ca-file', `${etc}/pki/ca.crt`, 'flag_wrong_authority'),
  flag('kube-apiserver', 'service-account-key-file', undefined, 'flag_absent'),
  flag('kube-apiserver', 'etcd-servers', 'http://127.0.0.1:2379', 'wrong_server'),
  flag('kube-controller-manager', 'cluster-signing-key-file', `${etc}/pki/etcd/ca.key`, 'flag_wrong_file'),
  flag('kube-controller-manager', 'kubeconfig', `${etc}/scheduler.conf`, 'flag_wrong_file'),
  flag('kube-scheduler', 'kubeconfig', `${etc}/kube-scheduler.conf`, 'flag_without_file'),
  flag('etcd', 'trusted-ca-file', `${etc}/pki/ca.crt`, 'flag_wrong_authority'),
  of('the services’ network is another than the certificate’s', 'pki/apiserver.crt', ['missing_name'], {
    spoil: (folder) =>
      edit(folder, 'manifests/kube-apiserver.yaml', (text) =>
        text.replace(/--service-cluster-ip-range=.*/, '--service-cluster-ip-range=10.97.0.0/16'),
      ),
  }),
  edited('empty', 'manifests/etcd.yaml', ['unreadable'], () => ''),
  edited('a tab', 'manifests/kube-scheduler.yaml', ['unreadable'], (text) =>
    text.replace('spec:\n ', 'spec:\n\t'),
  ),
  of('a manifest that is a folder', 'manifests/kube-scheduler.yaml', ['unreadable'], {
    onDisk: (root) => {
      rmSync(join(root, 'manifests/kube-scheduler.yaml'));
      mkdirSync(join(root, 'manifests/kube-scheduler.yaml'));
    },
  }),
  of('manifests that all can write', 'manifests', ['open_folder'], {
    onDisk: (root) => chmodSync(join(root, 'manifests'), 0o777),
  }),
  of('a manifest that all can write', 'manifests/kube-apiserver.yaml', ['open_mode'], {
    onDisk: (root) => chmodSync(join(root, 'manifests/kube-apiserver.yaml'), 0o666),
  }),
  edited('another CA for its clients', 'kubelet/config.yaml', ['flag_wrong_authority'], (text) =>
    text.replace('pki/ca.crt', 'pki/front-proxy-ca.crt'),
  ),
  of('the kubelet’s link leads nowhere', current, ['unreadable'], {
    onDisk: (root) => {
      rmSync(join(root, current));
      symlinkSync('kubelet-client-2020-01-01-00-00-00.pem', join(root, current));
    },
  }),
  of('the kubelet’s link leads to itself', current, ['unreadable'], {
    onDisk: (root) => {
      rmSync(join(root, current));
      symlinkSync('kubelet-client-current.pem', join(root, current));
    },
  }),
  of('the kubelet’s link leads nowhere, named as on a node', current, ['unreadable'], {
    spoil: (folder) =>
      edit(folder, 'kubelet.conf', (text) => text.replaceAll(`: ${current}`, `: /var/lib/${current}`)),
    onDisk: (root) => {
      rmSync(join(root, current));
      symlinkSync('kubelet-client-2020-01-01-00-00-00.pem', join(root, current));
    },
  }),
  of('the kubelet’s certificate expired', 'kubelet.conf', ['expired'], {
    spoil: (folder) => dated(folder, { notBefore: now - 9 * day, notAfter: now - day }),
  }),
  of('the kubelet’s certificate expired, named as on a node', 'kubelet.conf', ['expired'], {
    spoil: (folder) => {
      dated(folder, { notBefore: now - 9 * day, notAfter: now - day });
      edit(folder, 'kubelet.conf', (text) => text.replaceAll(`: ${current}`, `: /var/lib/${current}`));
    },
  }),
  of('the kubelet’s certificate without its key', 'kubelet.conf', ['key_mismatch'], {
    spoil: (folder) => dated(folder, {}, false),
  }),
  of('the kubelet’s key for all to read', current, ['open_mode'], {
    onDisk: (root) => chmodSync(join(root, current), 0o644),
  }),
  of('kubelet.conf names a file that is not there', 'kubelet.conf', ['unreadable'], {
    spoil: (folder) =>
      edit(folder, 'kubelet.conf', (text) =>
        text.replaceAll(current, 'kubelet/pki/kubelet-client-2020-01-01-00-00-00.pem'),
      ),
  }),
  of('the kubelet’s server has another key', 'kubelet/pki/kubelet.key', ['key_mismatch'], {
    spoil: (folder) => replace(folder, 'kubelet/pki/kubelet.key', keyPem(makeKey('RSA-2048'))),
  }),
  of('kubelet.conf has a token', 'kubelet.conf', ['wrong_identity'], {
    spoil: (folder) =>
      edit(folder, 'kubelet.conf', (text) =>
        userLines(
          text
            .replace(/client-certificate: .*/, 'client-certificate-data: x')
            .replace(/client-key: .*/, 'client-key-data: x'),
          'token: abcdef.0123456789abcdef',
        ),
      ),
  }),
];
