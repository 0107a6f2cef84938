/** Forty more faults, written after the first hundred were all found, and not changed since. */
import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { chmodSync, cpSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKey } from '../../../../../src/pki/ca/sign.ts';
import { clusterOf, kubeadmLeaves } from '../../../../../src/pki/kubeadm/certificates.ts';
import { certificatePem, keyPem } from '../../../../../src/pki/kubeadm/issue.ts';
import { edit, keyedOf, now } from '../../../../pki/support/cluster.ts';
import type { MemoryFolder } from '../../../../pki/support/cluster.ts';
import { craft } from '../../../../pki/support/craft.ts';
import type { Craft } from '../../../../pki/support/craft.ts';
import {
  base64,
  cluster,
  day,
  namesake,
  otherConfig,
  place,
  remade,
  remake,
  replace,
  textOf,
  userLines,
} from './workshop.ts';
import type { BrokenFolder } from './workshop.ts';

const cp2 = clusterOf({
  ...cluster,
  node: 'cp2',
  addresses: ['192.0.2.11'],
  localEndpoint: 'https://192.0.2.11:6443',
});
const named = (folder: MemoryFolder, name: string, ...subject: Craft['subject']): void =>
  remake(folder, name, { subject });
const keyOf = (type: string, options: object = {}): ReturnType<typeof makeKey> =>
  (
    generateKeyPairSync as unknown as (
      type: string,
      options: object,
    ) => { privateKey: ReturnType<typeof makeKey> }
  )(type, options).privateKey;

/** The API server's certificate below an intermediate CA. */
function below(folder: MemoryFolder, change: Partial<Craft>, isBehind: boolean): void {
  const key = makeKey('P-256');
  const certificate = craft({
    subject: [['CN', 'Team CA']],
    key,
    issuer: keyedOf(folder, 'pki/ca'),
    isCa: true,
    keyUsage: ['keyCertSign'],
    notBefore: now - 20 * day,
    notAfter: now + 900 * day,
    ...change,
  });
  remake(folder, 'apiserver', { by: { certificate, key } });
  if (isBehind) edit(folder, 'pki/apiserver.crt', (text) => text + certificatePem(certificate));
}

const fault = (
  title: string,
  file: string,
  problems: BrokenFolder['problems'],
  spoil: (folder: MemoryFolder) => unknown,
  also: readonly string[] = [],
): BrokenFolder => ({ title, files: [file], problems, spoil, also });
const config = (
  title: string,
  file: string,
  problems: BrokenFolder['problems'],
  to: (text: string) => string,
): BrokenFolder => fault(`${file}: ${title}`, file, problems, (folder) => edit(folder, file, to));

export const forty: readonly BrokenFolder[] = [
  // Of another node of the same cluster.
  fault('etcd’s peer of another node', 'pki/etcd/peer.crt', ['missing_name', 'wrong_identity'], (folder) =>
    remake(folder, 'etcd-peer', { cluster: cp2 }),
  ),
  fault(
    'etcd’s server of another node',
    'pki/etcd/server.crt',
    ['missing_name', 'wrong_identity'],
    (folder) => remake(folder, 'etcd-server', { cluster: cp2 }),
  ),
  fault(
    'the API server’s of another node',
    'pki/apiserver.crt',
    ['missing_name', 'wrong_identity'],
    (folder) => remake(folder, 'apiserver', { cluster: cp2 }),
  ),
  config('of another node', 'controller-manager.conf', ['wrong_server'], (text) =>
    text.replace('192.0.2.10', '192.0.2.11'),
  ),
  // Who one is, nearly.
  fault('a node’s name in capitals', 'kubelet.conf', ['wrong_identity'], (folder) =>
    named(folder, 'kubelet.conf', ['O', 'system:nodes'], ['CN', 'system:node:CP1']),
  ),
  fault('a group without its s', 'kubelet.conf', ['wrong_identity'], (folder) =>
    named(folder, 'kubelet.conf', ['O', 'system:node'], ['CN', 'system:node:cp1']),
  ),
  fault('another group of admins', 'admin.conf', ['wrong_identity'], (folder) =>
    named(folder, 'admin.conf', ['O', 'kubeadm:cluster-admin'], ['CN', 'kubernetes-admin']),
  ),
  fault('a master', 'pki/apiserver-kubelet-client.crt', ['wrong_identity'], (folder) =>
    named(
      folder,
      'apiserver-kubelet-client',
      ['O', 'system:master'],
      ['CN', 'kube-apiserver-kubelet-client'],
    ),
  ),
  fault('a capital in the scheduler’s name', 'scheduler.conf', ['wrong_identity'], (folder) =>
    named(folder, 'scheduler.conf', ['CN', 'system:kube-Scheduler']),
  ),
  fault('a blank behind the front proxy’s name', 'pki/front-proxy-client.crt', ['wrong_identity'], (folder) =>
    named(folder, 'front-proxy-client', ['CN', 'front-proxy-client ']),
  ),
  // Kubeconfigs.
  config('a name that the server does not have', 'scheduler.conf', ['wrong_server'], (text) =>
    text.replace(/( {4}server: .*)/, '$1\n    tls-server-name: apiserver.example'),
  ),
  config('base64 of base64', 'admin.conf', ['unreadable'], (text) =>
    text.replace(
      /certificate-authority-data: (.*)/,
      (_, data: string) => `certificate-authority-data: ${base64(data)}`,
    ),
  ),
  config('a context that names no user', 'admin.conf', ['no_credentials', 'unreadable'], (text) =>
    text.replace(/^ {4}user: .*\n/m, ''),
  ),
  config('a key in a file that is not there', 'scheduler.conf', ['unreadable'], (text) =>
    text.replace(/client-key-data: .*/, 'client-key: scheduler.key'),
  ),
  config('a context in other letters', 'admin.conf', ['unreadable'], (text) =>
    text.replace(/current-context: .*/, 'current-context: Kubernetes-Admin@kubernetes'),
  ),
  config('users as a map', 'kubelet.conf', ['unreadable'], (text) =>
    text.replace(/users:\n- name: (\S+)\n/, 'users:\n  $1:\n').replace(/^ {2}user:$/m, '    user:'),
  ),
  config('a misspelt field', 'controller-manager.conf', ['no_credentials'], (text) =>
    text.replace('client-certificate-data', 'client-certificate-date'),
  ),
  config('an address of version 6 without brackets', 'admin.conf', ['wrong_server'], (text) =>
    text.replace(/server: .*/, 'server: https://fd00::5:6443'),
  ),
  config('no port', 'kubelet.conf', ['other_server', 'wrong_server'], (text) => text.replace(':6443', '')),
  config('the CA’s key for its certificate', 'admin.conf', ['unreadable'], (text) =>
    text.replace(
      /certificate-authority-data: .*/,
      `certificate-authority-data: ${base64(keyPem(makeKey('P-256')))}`,
    ),
  ),
  fault('a token over two lines', 'dev.kubeconfig', ['no_credentials', 'unreadable'], (folder) =>
    otherConfig(folder, 'dev.kubeconfig', (text) => userLines(text, 'token: "abc\\ndef"')),
  ),
  fault('a kubeconfig in gzip', 'admin.conf', ['unreadable'], (folder) =>
    replace(folder, 'admin.conf', gzipSync(textOf(folder, 'admin.conf'))),
  ),
  // Files.
  fault('etcd’s address as a DNS name', 'pki/etcd/server.crt', ['missing_name'], (folder) =>
    remake(folder, 'etcd-server', {
      san: ['DNS:cp1', 'DNS:localhost', 'DNS:127.0.0.1', 'IP:192.0.2.10', 'IP:::1'],
    }),
  ),
  fault('another key before its own', 'pki/apiserver.key', ['key_mismatch'], (folder) =>
    edit(folder, 'pki/apiserver.key', (text) => keyPem(makeKey('P-256')) + text),
  ),
  fault('a CA in gzip', 'pki/ca.crt', ['unreadable'], (folder) =>
    replace(folder, 'pki/ca.crt', gzipSync(textOf(folder, 'pki/ca.crt'))),
  ),
  fault('sa.pub: a certificate of another key', 'pki/sa.pub', ['key_mismatch', 'unreadable'], (folder) =>
    replace(folder, 'pki/sa.pub', textOf(folder, 'pki/apiserver.crt')),
  ),
  fault('a file of two megabytes', 'pki/apiserver.crt', ['unreadable'], (folder) =>
    replace(folder, 'pki/apiserver.crt', new Uint8Array(2 * 1024 * 1024)),
  ),
  fault('a learner’s key of another', 'alice.key', ['key_mismatch'], (folder) => {
    const { certificate } = remade(folder, 'admin.conf', { subject: [['CN', 'alice']] });
    replace(folder, 'alice.crt', certificatePem(certificate));
    replace(folder, 'alice.key', keyPem(makeKey('P-256')));
  }),
  {
    title: 'a file’s ending in capitals',
    files: ['pki/apiserver.crt'],
    problems: ['half', 'missing'],
    onDisk: (root) => renameSync(join(root, 'pki/apiserver.crt'), join(root, 'pki/apiserver.CRT')),
  },
  {
    title: 'the folder itself is writable by all',
    files: [''],
    problems: ['open_folder'],
    onDisk: (root) => chmodSync(root, 0o777),
  },
  {
    title: 'pki is a link to a folder that is writable by all',
    files: ['pki'],
    problems: ['open_folder'],
    onDisk: (root) => {
      mkdirSync(join(root, 'shared'));
      cpSync(join(root, 'pki'), join(root, 'shared/pki'), { recursive: true });
      rmSync(join(root, 'pki'), { recursive: true });
      chmodSync(join(root, 'shared/pki'), 0o777);
      symlinkSync('shared/pki', join(root, 'pki'));
    },
  },
  {
    title: 'etcd’s folder is a file',
    files: ['pki/etcd'],
    problems: ['refused_folder'],
    onDisk: (root) => {
      rmSync(join(root, 'pki/etcd'), { recursive: true });
      writeFileSync(join(root, 'pki/etcd'), '');
    },
  },
  {
    title: 'etcd’s folder was not copied',
    files: ['pki/etcd/ca.crt'],
    problems: ['missing'],
    onDisk: (root) => rmSync(join(root, 'pki/etcd'), { recursive: true }),
    also: kubeadmLeaves.filter(({ file }) => file.startsWith('etcd/')).map(({ file }) => `pki/${file}.crt`),
  },
  {
    title: 'a key that is a link to one that all can read',
    files: ['pki/ca.key'],
    problems: ['open_mode'],
    onDisk: (root) => {
      renameSync(join(root, 'pki/ca.key'), join(root, 'ca-backup'));
      chmodSync(join(root, 'ca-backup'), 0o644);
      symlinkSync('../ca-backup', join(root, 'pki/ca.key'));
    },
  },
  // Certificates.
  fault('RSA-PSS', 'pki/apiserver.crt', ['unusable_key', 'unreadable'], (folder) =>
    remake(folder, 'apiserver', { key: keyOf('rsa-pss', { modulusLength: 2048 }) }),
  ),
  fault('RSA of 1536 bits', 'admin.conf', ['weak_key', 'unusable_key'], (folder) =>
    remake(folder, 'admin.conf', { key: keyOf('rsa', { modulusLength: 1536 }) }),
  ),
  fault('expired a second ago', 'pki/apiserver-etcd-client.crt', ['expired'], (folder) =>
    remake(folder, 'apiserver-etcd-client', { notBefore: now - 9 * day, notAfter: now - 1000 }),
  ),
  fault(
    'an intermediate CA that expired',
    'pki/apiserver.crt',
    ['expired', 'refused', 'wrong_authority'],
    (folder) => below(folder, { notBefore: now - 20 * day, notAfter: now - day }, true),
  ),
  fault('an intermediate CA that is not in the file', 'pki/apiserver.crt', ['wrong_authority'], (folder) =>
    below(folder, {}, false),
  ),
  fault(
    'a user’s certificate of the former CA, and its CA beside',
    'admin.conf',
    ['replaced_authority'],
    (folder) => {
      const former = namesake('ca');
      place(folder, 'admin.conf', remade(folder, 'admin.conf', { by: former }));
      edit(folder, 'admin.conf', (text) =>
        text.replace(
          /certificate-authority-data: .*/,
          `certificate-authority-data: ${base64(textOf(folder, 'pki/ca.crt') + certificatePem(former.certificate))}`,
        ),
      );
    },
  ),
];
