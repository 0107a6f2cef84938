/** Folders of a control plane with one fault each, as they come from copying, renewing and restoring by hand. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { makeKey } from '../../../../../src/pki/ca/sign.ts';
import {
  certificateFile,
  clusterOf,
  kubeadmKubeconfigs,
  kubeadmLeaves,
  leafFacts,
} from '../../../../../src/pki/kubeadm/certificates.ts';
import { certificatePem, keyPem, publicKeyPem } from '../../../../../src/pki/kubeadm/issue.ts';
import { edit, keyedOf, now, put } from '../../../../pki/support/cluster.ts';
import type { MemoryFolder } from '../../../../pki/support/cluster.ts';
import { craft, unknownCritical } from '../../../../pki/support/craft.ts';
import {
  authorityBase,
  authorityNameOf,
  base64,
  cluster,
  day,
  leafRow,
  namesake,
  otherConfig,
  rebuild,
  remake,
  replace,
  reshape,
  soundFolder,
  stranger,
  textOf,
  tokenOf,
  trusts,
  userLines,
} from './workshop.ts';
import type { BrokenFolder, Change } from './workshop.ts';

const crtOf = (name: string): string => (name.endsWith('.conf') ? name : certificateFile(leafRow(name)));
const weak = makeKey('RSA-1024');
const curve = (namedCurve: string): ReturnType<typeof makeKey> =>
  generateKeyPairSync('ec', { namedCurve }).privateKey;

const one = (
  title: string,
  file: string,
  problem: BrokenFolder['problems'][number] | BrokenFolder['problems'],
  spoil: (folder: MemoryFolder) => unknown,
  also: readonly string[] = [],
): BrokenFolder => ({
  title,
  files: [file],
  problems: typeof problem === 'string' ? [problem] : problem,
  spoil,
  also,
});
const remadeOne = (
  title: string,
  name: string,
  problem: Parameters<typeof one>[2],
  change: Change | ((folder: MemoryFolder) => Change),
): BrokenFolder =>
  one(`${name}: ${title}`, crtOf(name), problem, (folder) =>
    remake(folder, name, typeof change === 'function' ? change(folder) : change),
  );
const onDisk = (
  title: string,
  file: string,
  problem: Parameters<typeof one>[2],
  change: (at: string, root: string) => unknown,
  also: readonly string[] = [],
): BrokenFolder => ({
  title,
  files: [file],
  problems: typeof problem === 'string' ? [problem] : problem,
  onDisk: (root) => change(join(root, file), root),
  also,
});
const config = (
  title: string,
  name: string,
  problem: Parameters<typeof one>[2],
  change: (text: string, folder: MemoryFolder) => string,
): BrokenFolder =>
  one(`${name}: ${title}`, name, problem, (folder) => edit(folder, name, (text) => change(text, folder)));

const issuers: readonly BrokenFolder[] = [
  ...[...kubeadmLeaves, ...kubeadmKubeconfigs].map(({ name }) =>
    remadeOne('signed by a CA of the same name', name, 'replaced_authority', {
      by: namesake(authorityNameOf(name)),
    }),
  ),
  remadeOne('signed by etcd’s CA', 'apiserver', 'wrong_authority', { by: 'etcd-ca' }),
  remadeOne('signed by the cluster’s CA', 'etcd-server', 'wrong_authority', { by: 'ca' }),
  remadeOne('signed by the cluster’s CA', 'front-proxy-client', 'wrong_authority', { by: 'ca' }),
  remadeOne('signed by the cluster’s CA', 'apiserver-etcd-client', 'wrong_authority', { by: 'ca' }),
  remadeOne('signed by the front proxy’s CA', 'admin.conf', 'wrong_authority', { by: 'front-proxy-ca' }),
  remadeOne('a signature that does not verify', 'apiserver', 'bad_signature', { broken: true }),
];

function exchange(folder: MemoryFolder, left: string, right: string): void {
  const [first, second] = [folder.get(left), folder.get(right)];
  if (!first || !second) throw new Error(`${left} or ${right} is missing`);
  folder.set(left, { ...first, text: second.text });
  folder.set(right, { ...second, text: first.text });
}

const exchanged: readonly BrokenFolder[] = [
  {
    title: 'apiserver and apiserver-kubelet-client, each in the place of the other',
    files: ['pki/apiserver.crt', 'pki/apiserver-kubelet-client.crt'],
    problems: ['wrong_usage', 'wrong_identity'],
    spoil: (folder) => {
      exchange(folder, 'pki/apiserver.crt', 'pki/apiserver-kubelet-client.crt');
      exchange(folder, 'pki/apiserver.key', 'pki/apiserver-kubelet-client.key');
    },
  },
  {
    title: 'etcd’s server and its health check’s client, each in the place of the other',
    // etcd takes its server's own certificate from a client as well.
    files: ['pki/etcd/server.crt'],
    problems: ['wrong_usage', 'wrong_identity'],
    spoil: (folder) => {
      exchange(folder, 'pki/etcd/server.crt', 'pki/etcd/healthcheck-client.crt');
      exchange(folder, 'pki/etcd/server.key', 'pki/etcd/healthcheck-client.key');
    },
  },
  {
    title: 'ca and front-proxy-ca, each in the place of the other',
    files: ['pki/ca.crt', 'pki/front-proxy-ca.crt'],
    problems: ['wrong_authority'],
    spoil: (folder) => {
      exchange(folder, 'pki/ca.crt', 'pki/front-proxy-ca.crt');
      exchange(folder, 'pki/ca.key', 'pki/front-proxy-ca.key');
    },
    also: kubeadmKubeconfigs.map(({ name }) => name),
  },
  {
    title: 'two keys, each with the certificate of the other',
    files: ['pki/apiserver.key', 'pki/etcd/server.key'],
    problems: ['key_mismatch'],
    spoil: (folder) => exchange(folder, 'pki/apiserver.key', 'pki/etcd/server.key'),
  },
  {
    title: 'scheduler.conf and controller-manager.conf, each in the place of the other',
    files: ['scheduler.conf', 'controller-manager.conf'],
    problems: ['wrong_identity'],
    spoil: (folder) => exchange(folder, 'scheduler.conf', 'controller-manager.conf'),
  },
  one('admin.conf: a copy of scheduler.conf', 'admin.conf', 'wrong_identity', (folder) =>
    replace(folder, 'admin.conf', textOf(folder, 'scheduler.conf')),
  ),
];

const label = 'OPENSSH PRIVATE KEY';
const openssh = `-----BEGIN ${label}-----\n${base64('openssh-key-v1\0and no more of it')}\n-----END ${label}-----\n`;

const keys: readonly BrokenFolder[] = [
  one('apiserver.key: a new one', 'pki/apiserver.key', 'key_mismatch', (folder) =>
    replace(folder, 'pki/apiserver.key', keyPem(makeKey('P-256'))),
  ),
  one('ca.key: the front proxy’s', 'pki/ca.key', 'key_mismatch', (folder) =>
    replace(folder, 'pki/ca.key', textOf(folder, 'pki/front-proxy-ca.key')),
  ),
  one('etcd/peer.key: the server’s', 'pki/etcd/peer.key', 'key_mismatch', (folder) =>
    replace(folder, 'pki/etcd/peer.key', textOf(folder, 'pki/etcd/server.key')),
  ),
  config('the key of scheduler.conf', 'admin.conf', 'key_mismatch', (text, folder) =>
    text.replace(
      /client-key-data: .*/,
      /client-key-data: .*/.exec(textOf(folder, 'scheduler.conf'))?.[0] ?? '',
    ),
  ),
  one('sa.pub: not of sa.key', 'pki/sa.pub', 'key_mismatch', (folder) =>
    replace(folder, 'pki/sa.pub', publicKeyPem(makeKey('RSA-2048'))),
  ),
  one('sa.key: RSA of 1024 bits', 'pki/sa.key', 'weak_key', (folder) => {
    replace(folder, 'pki/sa.key', keyPem(weak));
    replace(folder, 'pki/sa.pub', publicKeyPem(weak));
  }),
  one('sa.key: a key of SSH', 'pki/sa.key', 'unreadable', (folder) => replace(folder, 'pki/sa.key', openssh)),
  one('sa.pub: a public key of SSH', 'pki/sa.pub', 'unreadable', (folder) =>
    replace(folder, 'pki/sa.pub', `ssh-rsa ${base64('an ssh key')} root@cp1\n`),
  ),
  one('sa.pub: PKCS #1, which Kubernetes does not read', 'pki/sa.pub', 'unreadable', (folder) => {
    const key = makeKey('RSA-2048');
    replace(folder, 'pki/sa.key', keyPem(key));
    replace(folder, 'pki/sa.pub', createPublicKey(key).export({ type: 'pkcs1', format: 'pem' }).toString());
  }),
  one('front-proxy-client.key: not copied', 'pki/front-proxy-client.key', 'half', (folder) =>
    folder.delete('pki/front-proxy-client.key'),
  ),
  one('apiserver.key: encrypted', 'pki/apiserver.key', 'unreadable', (folder) =>
    replace(
      folder,
      'pki/apiserver.key',
      keyedOf(folder, 'pki/apiserver')
        .key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
        .toString(),
    ),
  ),
  one('apiserver: the key of its CA', 'pki/apiserver.crt', 'ca_as_leaf', (folder) =>
    remake(folder, 'apiserver', { key: keyedOf(folder, 'pki/ca').key }),
  ),
  one('sa.key: the key of the cluster’s CA', 'pki/sa.key', 'ca_as_leaf', (folder) => {
    replace(folder, 'pki/sa.key', textOf(folder, 'pki/ca.key'));
    replace(folder, 'pki/sa.pub', publicKeyPem(keyedOf(folder, 'pki/ca').key));
  }),
  one(
    'front-proxy-ca: the same as ca',
    'pki/front-proxy-ca.crt',
    ['shared_authority', 'wrong_authority'],
    (folder) => {
      put(folder, 'pki/front-proxy-ca', keyedOf(folder, 'pki/ca'));
      remake(folder, 'front-proxy-client', { by: 'ca' });
    },
  ),
  one('etcd’s CA: the key of the cluster’s', 'pki/etcd/ca.crt', 'shared_authority', (folder) => {
    const { key } = keyedOf(folder, 'pki/ca');
    rebuild(folder, 'etcd-ca', {
      certificate: craft({
        subject: [['CN', 'etcd-ca']],
        key,
        isCa: true,
        keyUsage: ['keyCertSign'],
        notBefore: now - day,
        notAfter: now + 3000 * day,
      }),
      key,
    });
  }),
];

const past = { notBefore: now - 400 * day, notAfter: now - day };

const times: readonly BrokenFolder[] = [
  remadeOne('expired yesterday', 'apiserver', 'expired', past),
  remadeOne('expired yesterday', 'scheduler.conf', 'expired', past),
  remadeOne('valid from tomorrow', 'etcd-peer', 'not_yet_valid', {
    notBefore: now + day,
    notAfter: now + 300 * day,
  }),
  remadeOne('ends before it begins', 'etcd-healthcheck-client', ['expired', 'not_yet_valid'], {
    notBefore: now + 9 * day,
    notAfter: now - 9 * day,
  }),
  ...(['ca', 'etcd-ca'] as const).map((name) =>
    one(`${name}: expired before what it signed`, `${authorityBase(name)}.crt`, 'expired', (folder) =>
      reshape(folder, name, past),
    ),
  ),
  one('front-proxy-ca: valid from tomorrow', 'pki/front-proxy-ca.crt', 'not_yet_valid', (folder) =>
    reshape(folder, 'front-proxy-ca', { notBefore: now + day }),
  ),
];

const usages: readonly BrokenFolder[] = [
  remadeOne('for clients alone', 'apiserver', 'wrong_usage', { extendedKeyUsage: ['clientAuth'] }),
  remadeOne('for servers alone', 'etcd-server', 'wrong_usage', { extendedKeyUsage: ['serverAuth'] }),
  remadeOne('for clients alone', 'etcd-peer', 'wrong_usage', { extendedKeyUsage: ['clientAuth'] }),
  remadeOne('for servers', 'apiserver-etcd-client', 'wrong_usage', { extendedKeyUsage: ['serverAuth'] }),
  remadeOne('for servers', 'admin.conf', 'wrong_usage', { extendedKeyUsage: ['serverAuth'] }),
  remadeOne('for mail', 'front-proxy-client', 'wrong_usage', { extendedKeyUsage: ['emailProtection'] }),
  remadeOne('a key usage without signatures', 'apiserver-kubelet-client', 'wrong_usage', {
    keyUsage: ['keyEncipherment'],
  }),
];

const names: readonly BrokenFolder[] = [
  ...['10.96.0.1', '192.0.2.10', 'cp1', 'kubernetes.default', 'kubernetes.default.svc', 'lab.example'].map(
    (name) => remadeOne(`not valid for ${name}`, 'apiserver', 'missing_name', { without: [name] }),
  ),
  ...['localhost', '127.0.0.1'].map((name) =>
    remadeOne(`not valid for ${name}`, 'etcd-server', 'missing_name', { without: [name] }),
  ),
  remadeOne('not valid for localhost', 'etcd-peer', 'missing_name', { without: ['localhost'] }),
  remadeOne('not valid for the address of the node', 'etcd-peer', 'missing_name', {
    without: ['192.0.2.10'],
  }),
  remadeOne('the service’s address written as a DNS name', 'apiserver', 'missing_name', {
    san: leafFacts(leafRow('apiserver'), cluster).san.map((name) => name.replace('IP:10.', 'DNS:10.')),
  }),
  remadeOne('no names', 'apiserver', 'missing_name', { san: [] }),
];

const forms: readonly BrokenFolder[] = [
  one('ca: no keyCertSign', 'pki/ca.crt', 'not_a_ca', (folder) =>
    reshape(folder, 'ca', { keyUsage: ['digitalSignature', 'keyEncipherment'] }),
  ),
  one('etcd-ca: CA:FALSE', 'pki/etcd/ca.crt', 'not_a_ca', (folder) =>
    reshape(folder, 'etcd-ca', { isCa: false }),
  ),
  {
    title: 'ca: no CA may be below it, and one is',
    files: ['pki/ca.crt'],
    problems: ['refused'],
    spoil: (folder) => {
      reshape(folder, 'ca', { pathLength: 0 });
      const key = makeKey('P-256');
      const certificate = craft({
        subject: [['CN', 'Team CA']],
        key,
        issuer: keyedOf(folder, 'pki/ca'),
        isCa: true,
        keyUsage: ['keyCertSign'],
        notBefore: now - day,
        notAfter: now + 900 * day,
      });
      remake(folder, 'apiserver', { by: { certificate, key } });
      edit(folder, 'pki/apiserver.crt', (text) => text + certificatePem(certificate));
    },
  },
  one('front-proxy-ca: RSA of 1024 bits', 'pki/front-proxy-ca.crt', 'weak_key', (folder) =>
    rebuild(folder, 'front-proxy-ca', {
      certificate: craft({
        subject: [['CN', 'front-proxy-ca']],
        key: weak,
        isCa: true,
        keyUsage: ['keyCertSign'],
        notBefore: now - day,
        notAfter: now + 3000 * day,
      }),
      key: weak,
    }),
  ),
  remadeOne('signed with SHA-1', 'etcd-server', 'weak_signature', { digest: 'sha1' }),
  remadeOne('RSA of 1024 bits', 'apiserver', 'weak_key', { key: weak }),
  remadeOne('a curve with which Go does not sign in TLS', 'apiserver', 'unusable_key', {
    key: curve('secp224r1'),
  }),
  remadeOne('CA:TRUE', 'apiserver-kubelet-client', 'ca_as_leaf', {
    isCa: true,
    keyUsage: ['digitalSignature', 'keyCertSign'],
  }),
  remadeOne('an unknown critical extension', 'etcd-peer', 'unknown_extension', { more: [unknownCritical()] }),
  remadeOne(
    'an identifier of another key of its CA',
    'apiserver',
    ['refused', 'wrong_authority'],
    (folder) => {
      const { certificate, key } = keyedOf(folder, 'pki/ca');
      return { by: { certificate: { ...certificate, keyId: new Uint8Array(20).fill(7) }, key } };
    },
  ),
  remadeOne('a negative serial number', 'front-proxy-client', 'negative_serial', {
    serial: Uint8Array.of(0x92, 0x34),
  }),
];

const derOf = (pem: string): Uint8Array =>
  new Uint8Array(Buffer.from(/-----BEGIN [^-]+-----([^-]+)-----END/.exec(pem)?.[1] ?? '', 'base64'));
const bent = (title: string, path: string, to: (text: string) => string | Uint8Array): BrokenFolder =>
  one(`${path}: ${title}`, path, 'unreadable', (folder) => replace(folder, path, to(textOf(folder, path))));

const files: readonly BrokenFolder[] = [
  bent('DER', 'pki/apiserver.crt', derOf),
  bent('a byte order mark', 'pki/ca.crt', (text) => `\ufeff${text}`),
  bent('UTF-16', 'pki/front-proxy-ca.crt', (text) => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'))),
  bent('empty', 'pki/etcd/server.crt', () => ''),
  bent('cut', 'pki/apiserver-kubelet-client.key', (text) => text.slice(0, 90)),
  bent('a request in its place', 'pki/apiserver.crt', (text) =>
    text.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'),
  ),
  one('apiserver.crt: a stranger’s certificate behind it', 'pki/apiserver.crt', 'stray_content', (folder) =>
    edit(folder, 'pki/apiserver.crt', (text) => text + certificatePem(stranger.certificate)),
  ),
  one('ca.crt: another CA behind it', 'pki/ca.crt', 'stray_content', (folder) =>
    edit(folder, 'pki/ca.crt', (text) => text + certificatePem(stranger.certificate)),
  ),
  one('apiserver.crt: its key behind it', 'pki/apiserver.crt', 'open_mode', (folder) =>
    edit(folder, 'pki/apiserver.crt', (text) => text + textOf(folder, 'pki/apiserver.key')),
  ),
  onDisk('ca.key: readable by all', 'pki/ca.key', 'open_mode', (at) => chmodSync(at, 0o644)),
  onDisk('sa.key: readable by its group', 'pki/sa.key', 'open_mode', (at) => chmodSync(at, 0o640)),
  onDisk('admin.conf: readable by all', 'admin.conf', 'open_mode', (at) => chmodSync(at, 0o644)),
  onDisk('ca.crt: writable by all', 'pki/ca.crt', 'open_mode', (at) => chmodSync(at, 0o666)),
  onDisk('pki: writable by all', 'pki', 'open_folder', (at) => chmodSync(at, 0o777)),
  onDisk('pki/etcd: writable by all', 'pki/etcd', 'open_folder', (at) => chmodSync(at, 0o777)),
  onDisk('ca.crt: a link to itself', 'pki/ca.crt', 'unreadable', (at) => {
    rmSync(at);
    symlinkSync('ca.crt', at);
  }),
  onDisk('apiserver.key: a link to nowhere', 'pki/apiserver.key', 'unreadable', (at) => {
    rmSync(at);
    symlinkSync('../../gone.key', at);
  }),
  onDisk('apiserver.crt: a folder', 'pki/apiserver.crt', 'unreadable', (at) => {
    rmSync(at);
    mkdirSync(at);
  }),
  onDisk('sa.key: a link to a device', 'pki/sa.key', 'unreadable', (at) => {
    rmSync(at);
    symlinkSync('/dev/zero', at);
  }),
  onDisk('pki/etcd: a link to itself', 'pki/etcd', 'refused_folder', (at) => {
    rmSync(at, { recursive: true });
    symlinkSync('etcd', at);
  }),
];

const elsewhere = clusterOf({ ...cluster, node: 'worker7' });

const configs: readonly BrokenFolder[] = [
  one(
    'admin.conf: the CA of another cluster',
    'admin.conf',
    ['replaced_authority', 'wrong_authority'],
    (folder) => trusts(folder, 'admin.conf', certificatePem(namesake('ca').certificate)),
  ),
  one('kubelet.conf: the CA of the front proxy', 'kubelet.conf', 'wrong_authority', (folder) =>
    trusts(folder, 'kubelet.conf', textOf(folder, 'pki/front-proxy-ca.crt')),
  ),
  one(
    'scheduler.conf: a server’s certificate in place of the CA',
    'scheduler.conf',
    'wrong_authority',
    (folder) => trusts(folder, 'scheduler.conf', textOf(folder, 'pki/apiserver.crt')),
  ),
  one(
    'admin.conf: a second CA that the cluster does not have',
    'admin.conf',
    ['stray_content', 'wrong_authority'],
    (folder) =>
      trusts(folder, 'admin.conf', textOf(folder, 'pki/ca.crt') + certificatePem(stranger.certificate)),
  ),
  one(
    'admin.conf: all of another cluster',
    'admin.conf',
    ['replaced_authority', 'wrong_server'],
    (folder) => {
      const other = soundFolder();
      rebuild(other, 'ca', namesake('ca'));
      replace(folder, 'admin.conf', textOf(other, 'admin.conf'));
    },
  ),
  config('the server of another cluster', 'admin.conf', 'wrong_server', (text) =>
    text.replace('lab.example', 'other.example'),
  ),
  config('a blank behind the server', 'scheduler.conf', 'wrong_server', (text) =>
    text.replace(/server: (.*)/, 'server: "$1 "'),
  ),
  config('a slash too few in the server', 'kubelet.conf', 'wrong_server', (text) =>
    text.replace('https://', 'https:/'),
  ),
  config('no TLS', 'controller-manager.conf', 'wrong_server', (text) => text.replace('https:', 'http:')),
  config('any server is believed', 'admin.conf', 'unverified_server', (text) =>
    text.replace(/certificate-authority-data: .*/, 'insecure-skip-tls-verify: true'),
  ),
  config('no CA', 'kubelet.conf', 'unverified_server', (text) =>
    text.replace(/ {4}certificate-authority-data: .*\n/, ''),
  ),
  remadeOne('group and user exchanged', 'admin.conf', 'wrong_identity', {
    subject: [
      ['O', 'kubernetes-admin'],
      ['CN', 'kubeadm:cluster-admins'],
    ],
  }),
  remadeOne('the name without its prefix', 'scheduler.conf', 'wrong_identity', {
    subject: [['CN', 'kube-scheduler']],
  }),
  remadeOne('of another node', 'kubelet.conf', 'wrong_identity', { cluster: elsewhere }),
  remadeOne('no group', 'kubelet.conf', 'wrong_identity', { subject: [['CN', 'system:node:cp1']] }),
  config(
    'a token in place of its certificate',
    'controller-manager.conf',
    ['wrong_identity', 'no_credentials'],
    (text) => userLines(text, 'token: abcdef.0123456789abcdef'),
  ),
  config('an empty token', 'admin.conf', 'no_credentials', (text) => userLines(text, 'token: ""')),
  config('base64 cut', 'admin.conf', 'unreadable', (text) =>
    text.replace(/(client-certificate-data: .{80}).*/, '$1'),
  ),
  config('no base64', 'scheduler.conf', 'unreadable', (text) =>
    text.replace(/client-key-data: .../, 'client-key-data: ***'),
  ),
  config('its context twice', 'admin.conf', 'unreadable', (text) =>
    text.replace(/contexts:\n([^]*?)current-context/, 'contexts:\n$1$1current-context'),
  ),
  config('its user twice', 'admin.conf', 'unreadable', (text) =>
    text.replace(/users:\n([^]*)$/, 'users:\n$1$1'),
  ),
  config('its cluster twice', 'kubelet.conf', 'unreadable', (text) =>
    text.replace(/clusters:\n([^]*?)contexts/, 'clusters:\n$1$1contexts'),
  ),
  config('another version', 'admin.conf', 'unreadable', (text) =>
    text.replace('apiVersion: v1', 'apiVersion: v2'),
  ),
  config('a certificate that is not there', 'kubelet.conf', 'unreadable', (text) =>
    userLines(text, 'client-certificate: kubelet-client.pem', 'client-key: kubelet-client.pem'),
  ),
  one('dev.kubeconfig: a token in a file that is not there', 'dev.kubeconfig', 'unreadable', (folder) =>
    otherConfig(folder, 'dev.kubeconfig', (text) => userLines(text, 'tokenFile: dev.token')),
  ),
  one('dev.kubeconfig: a token that expired', 'dev.kubeconfig', 'expired', (folder) =>
    otherConfig(folder, 'dev.kubeconfig', (text) =>
      userLines(text, `token: ${tokenOf({ sub: 'dev', exp: Math.floor((now - day) / 1000) })}`),
    ),
  ),
  one(
    'dev.kubeconfig: a token and a password',
    'dev.kubeconfig',
    ['unreadable', 'no_credentials'],
    (folder) =>
      otherConfig(folder, 'dev.kubeconfig', (text) =>
        userLines(text, 'token: abc', 'username: dev', 'password: secret'),
      ),
  ),
  one(
    'dev.kubeconfig: a program without a name',
    'dev.kubeconfig',
    ['unreadable', 'no_credentials'],
    (folder) =>
      otherConfig(folder, 'dev.kubeconfig', (text) =>
        userLines(text, 'exec:', '  apiVersion: client.authentication.k8s.io/v1', '  interactiveMode: Never'),
      ),
  ),
];

export const hundred: readonly BrokenFolder[] = [
  ...issuers,
  ...exchanged,
  ...keys,
  ...times,
  ...usages,
  ...names,
  ...forms,
  ...files,
  ...configs,
];
