/** What is made of a folder, what is kept in it, what is refused, and what is renewed. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { UserError } from '../../../src/i18n/user-error.ts';
import { completeCluster, renewable, renewCluster } from '../../../src/pki/kubeadm/folder.ts';
import type { PlannedFile, Renewal } from '../../../src/pki/kubeadm/folder.ts';
import { keyPem } from '../../../src/pki/kubeadm/issue.ts';
import {
  clusterOf,
  kubeadmCertificates,
  kubeadmKubeconfigs,
  kubeadmLeaves,
  validity,
} from '../../../src/pki/kubeadm/certificates.ts';
import { gotOf } from '../../../src/pki/kubeadm/reading.ts';
import { makeKey } from '../../../src/pki/ca/sign.ts';
import {
  completed,
  edit,
  findingsOf,
  issuing,
  keyedOf,
  now,
  put,
  readingOf,
  soundCluster,
} from '../support/cluster.ts';
import type { MemoryFolder } from '../support/cluster.ts';
import { craft, unknownCritical } from '../support/craft.ts';

const day = 86_400_000;
const complete = (
  folder: MemoryFolder,
  cluster = clusterOf(),
  how = issuing,
): ReturnType<typeof completeCluster> => completeCluster(readingOf(folder), cluster, how);
const after = (folder: MemoryFolder, files: readonly PlannedFile[]): MemoryFolder =>
  new Map([...folder, ...files.map(({ path, text, mode }) => [path, { text, mode }] as const)]);

function without(...paths: readonly string[]): MemoryFolder {
  const folder = soundCluster();
  for (const path of paths) if (!folder.delete(path)) throw new Error(`there is no ${path}`);
  return folder;
}

function refused(t: ExecutionContext, work: () => unknown, ...says: readonly RegExp[]): void {
  const error = t.throws(work, { instanceOf: UserError });
  if (!(error instanceof UserError)) return;
  const all = [error.facts, ...(error.facts.others ?? [])];
  t.is(all.length, says.length, JSON.stringify(all));
  for (const [index, says_] of says.entries()) t.regex(`${all[index]?.where}: ${all[index]?.what.en}`, says_);
  for (const { what } of all) t.regex(what.ko, /[가-힣]/);
}

test('an empty folder: everything, in kubeadm’s order, keys for their owner alone', (t) => {
  const { files, made, kept } = complete(new Map());
  t.deepEqual(made, [...kubeadmCertificates, ...kubeadmKubeconfigs].map(({ name }) => name).concat('sa'));
  t.deepEqual(kept, []);
  t.is(files.length, 2 * kubeadmCertificates.length + kubeadmKubeconfigs.length + 2);
  for (const { path, mode } of files) t.is(mode, path.endsWith('.crt') ? 0o644 : 0o600, path);
});

test('a whole folder: nothing is made', (t) => {
  const { files, made, kept } = complete(soundCluster());
  t.deepEqual([files, made, kept.length], [[], [], 16]);
});

const gaps: readonly (readonly [title: string, paths: readonly string[], ...made: readonly string[]])[] = [
  ['a leaf', ['pki/apiserver.crt', 'pki/apiserver.key'], 'apiserver'],
  ['a kubeconfig', ['admin.conf'], 'admin.conf'],
  ['both keys of service accounts', ['pki/sa.key', 'pki/sa.pub'], 'sa'],
  ['the public half alone', ['pki/sa.pub'], 'sa'],
  [
    'a CA and all that it signed',
    [
      'pki/front-proxy-ca.crt',
      'pki/front-proxy-ca.key',
      'pki/front-proxy-client.crt',
      'pki/front-proxy-client.key',
    ],
    'front-proxy-ca',
    'front-proxy-client',
  ],
];
for (const [title, paths, ...made] of gaps) {
  test(`what is missing is made, what is there signs it and stays: ${title}`, (t) => {
    const folder = without(...paths);
    const completion = complete(folder);
    t.deepEqual(completion.made, made);
    t.deepEqual(completion.files.map(({ path }) => path).sort(), [...paths].sort());
    t.deepEqual(findingsOf(after(folder, completion.files), { cluster: clusterOf() }), []);
  });
}

for (const [keyKind, label] of [
  ['P-256', 'EC PRIVATE KEY'],
  ['RSA-2048', 'RSA PRIVATE KEY'],
] as const) {
  test(`${keyKind}: the key of service accounts is of the same kind as all others, its public half beside it`, (t) => {
    const folder = completed(without('pki/sa.key', 'pki/sa.pub'), clusterOf(), { ...issuing, keyKind });
    t.true(String(folder.get('pki/sa.key')?.text).startsWith(`-----BEGIN ${label}-----\n`));
    t.true(String(folder.get('pki/sa.pub')?.text).startsWith('-----BEGIN PUBLIC KEY-----\n'));
    t.deepEqual(findingsOf(folder), []);
  });
}

test('the public half of a key that is there is of that key', (t) => {
  const folder = without('pki/sa.pub');
  t.is(complete(folder).files[0]?.text, soundCluster().get('pki/sa.pub')?.text as string);
});

test('a leaf begins with its CA, and lasts a year from today', (t) => {
  const folder = without('pki/apiserver.crt', 'pki/apiserver.key');
  const later = now + 100 * day + 123;
  const { files } = complete(folder, clusterOf(), { ...issuing, now: later });
  const { certificate } = keyedOf(after(folder, files), 'pki/apiserver');
  t.is(certificate.notBefore, now - validity.backdate);
  t.is(certificate.notAfter, later - 123 + validity.leaf);
});

test('what does not fit is refused, all of it at once, and nothing is made', (t) => {
  refused(t, () => complete(without('pki/ca.crt')), /ca\.crt: it is missing/);
  refused(t, () => complete(without('pki/apiserver.key')), /apiserver\.key: it is missing/);
  refused(
    t,
    () => complete(without('pki/ca.crt', 'pki/ca.key')),
    /pki\/ca\.crt: ca is missing, but certificates that it signed exist: apiserver, apiserver-kubelet-client, admin\.conf/,
  );
  refused(
    t,
    () => complete(without('pki/etcd/ca.key', 'pki/etcd/peer.crt', 'pki/etcd/peer.key')),
    /etcd\/ca\.key: etcd-ca has no key in this folder and cannot sign what is missing: etcd-peer/,
  );
  refused(
    t,
    () => complete(soundCluster(), clusterOf({ certSANs: ['lab.example'] })),
    /apiserver\.crt: it is not valid for every name/,
  );
  refused(
    t,
    () => complete(soundCluster(), clusterOf(), { ...issuing, now: now + 366 * day }),
    ...kubeadmLeaves.map(() => /expired/),
    ...kubeadmKubeconfigs.map(() => /expired/),
  );
  const folder = soundCluster();
  folder.set('pki/ca.key', { text: keyPem(makeKey('P-256')), mode: 0o600 });
  folder.set('scheduler.conf', { text: 'x', mode: 0o600 });
  refused(
    t,
    () => complete(folder),
    /ca\.key: the private key does not match/,
    /scheduler\.conf: the file is not a kubeconfig/,
  );
});

test('a CA whose key is kept elsewhere is no fault where nothing is missing', (t) => {
  t.deepEqual(complete(without('pki/ca.key', 'pki/etcd/ca.key', 'pki/front-proxy-ca.key')).made, []);
});

// Renewed.

const renew = (folder: MemoryFolder, asked: string, keyKind?: 'RSA-2048', at = now + 100 * day): Renewal =>
  renewCluster(readingOf(folder), asked, { now: at, random: issuing.random, keyKind });

test('all renews everything but CAs and kubelet.conf: another key, the same names, a year from today', (t) => {
  const folder = completed(new Map(), clusterOf({ node: 'cp1', certSANs: ['lab.example'] }));
  const { files, renewed, left } = renew(folder, 'all');
  t.deepEqual(
    renewed.map(({ name }) => name),
    [...renewable],
  );
  t.deepEqual(
    left.map(({ name, why }) => [name, /signing requests/.test(why.en)]),
    [['kubelet.conf', true]],
  );
  t.false(files.some(({ path }) => /ca\.(?:crt|key)$|kubelet\.conf|sa\./.test(path)));
  const next = after(folder, files);
  t.deepEqual(
    findingsOf(next, {
      now: now + 100 * day,
      cluster: clusterOf({ node: 'cp1', certSANs: ['lab.example'] }),
    }),
    [],
  );
  for (const { file, name } of kubeadmLeaves) {
    const [before, since] = [
      keyedOf(folder, `pki/${file}`).certificate,
      keyedOf(next, `pki/${file}`).certificate,
    ];
    t.is(since.subject.text, before.subject.text, name);
    t.deepEqual(since.subjectAlternativeNames, before.subjectAlternativeNames, name);
    t.deepEqual(since.extendedKeyUsage, before.extendedKeyUsage, name);
    t.notDeepEqual(since.publicKey.der, before.publicKey.der, name);
    t.is(since.notAfter, now + 100 * day + validity.leaf, name);
  }
});

test('one alone is renewed by its name, and what stands in a kubeconfig beside its user stays', (t) => {
  const folder = soundCluster();
  edit(
    folder,
    'admin.conf',
    (text) => `# mine\n${text.replace('preferences: {}', 'preferences: {colors: true}')}`,
  );
  const { files, renewed } = renew(folder, 'admin.conf');
  t.deepEqual(
    [renewed.map(({ name }) => name), files.map(({ path, mode }) => [path, mode])],
    [['admin.conf'], [['admin.conf', 0o600]]],
  );
  const [before, since] = [String(folder.get('admin.conf')?.text), String(files[0]?.text)];
  const masked = (text: string): string =>
    text
      .replace(/client-(certificate|key)-data: .*/g, 'client-$1-data: -')
      .replace(/\{ ?colors: true ?\}/, '{colors: true}');
  t.is(masked(since), masked(before));
  t.not(since, before);
});

test('a kubeconfig that names files holds the new certificate itself: the files are others’', (t) => {
  const folder = soundCluster();
  const { certificate, key } = keyedOf(folder, 'pki/apiserver-kubelet-client');
  t.truthy(certificate && key);
  edit(folder, 'admin.conf', (text) =>
    text
      .replace(/client-certificate-data: .*/, 'client-certificate: pki/apiserver-kubelet-client.crt')
      .replace(/client-key-data: .*/, 'client-key: pki/apiserver-kubelet-client.key'),
  );
  const { files } = renew(folder, 'admin.conf');
  t.deepEqual(
    files.map(({ path }) => path),
    ['admin.conf'],
  );
  const config = gotOf(readingOf(after(folder, files)).kubeconfig('admin.conf'));
  t.is(gotOf(config?.certificate)?.notAfter, now + 100 * day + validity.leaf);
  t.notRegex(String(files[0]?.text), /client-key: /);
});

test('the kind of each key is kept, or the one that was asked for', (t) => {
  const folder = completed(new Map(), clusterOf(), { ...issuing, keyKind: 'P-384' });
  const keyName = (renewal: Renewal): string =>
    keyedOf(after(folder, renewal.files), 'pki/apiserver').certificate.publicKey.name;
  t.is(keyName(renew(folder, 'apiserver')), 'P-384');
  t.is(keyName(renew(folder, 'apiserver', 'RSA-2048')), 'RSA-2048');
});

test('an expired certificate is renewed; a CA’s key that is kept elsewhere leaves what it signs', (t) => {
  const folder = without('pki/etcd/ca.key');
  const { renewed, left } = renew(folder, 'all', undefined, now + 400 * day);
  t.deepEqual(
    left.map(({ name }) => name),
    ['etcd-server', 'etcd-peer', 'etcd-healthcheck-client', 'apiserver-etcd-client', 'kubelet.conf'],
  );
  t.is(renewed.length, renewable.length - 4);
});

for (const [title, at, says] of [
  [
    'has expired',
    now + validity.authority + day,
    /pki\/ca\.crt: certificates that ca signs now would not be trusted: it expired at/,
  ],
  [
    'is not valid yet',
    now - day,
    /pki\/ca\.crt: certificates that ca signs now would not be trusted: it is not valid before/,
  ],
] as const) {
  test(`under a CA that ${title} nothing is renewed`, (t) => {
    refused(t, () => renew(soundCluster(), 'apiserver', undefined, at), says);
    refused(t, () => renew(soundCluster(), 'all', undefined, at), says, /front-proxy-ca/, /etcd-ca/);
  });
}

test('under a CA that may sign no certificates, or carries what is not understood, nothing is renewed', (t) => {
  for (const [change, says] of [
    [{ isCa: false }, /it is not a CA certificate/],
    [{ isCa: true, more: [unknownCritical()] }, /critical extension/],
  ] as const) {
    const folder = soundCluster();
    const { key } = keyedOf(folder, 'pki/front-proxy-ca');
    put(folder, 'pki/front-proxy-ca', {
      certificate: craft({
        subject: [['CN', 'front-proxy-ca']],
        key,
        notBefore: now,
        notAfter: now + 999 * day,
        ...change,
      }),
      key,
    });
    refused(t, () => renew(folder, 'front-proxy-client'), says);
  }
});

test('what is renewed ends with its CA at the latest, and says so', (t) => {
  const at = now + validity.authority - 100 * day;
  const { files, renewed } = renew(soundCluster(), 'all', undefined, at);
  for (const { name, to, endsWithAuthority } of renewed)
    t.deepEqual([to, endsWithAuthority], [now + validity.authority, true], name);
  t.deepEqual(
    findingsOf(after(soundCluster(), files), { now: at }).filter((one) => one.endsWith('outlives_authority')),
    [],
  );
  t.true(renew(soundCluster(), 'all').renewed.every(({ endsWithAuthority }) => !endsWithAuthority));
});

test('what is missing and made ends with its CA at the latest as well', (t) => {
  const at = now + 100 * day;
  const folder = without('pki/front-proxy-client.crt', 'pki/front-proxy-client.key');
  const { key } = keyedOf(folder, 'pki/front-proxy-ca');
  put(folder, 'pki/front-proxy-ca', {
    certificate: craft({
      subject: [['CN', 'front-proxy-ca']],
      key,
      notBefore: now,
      notAfter: at + 50 * day,
      isCa: true,
    }),
    key,
  });
  const { files } = complete(folder, clusterOf(), { ...issuing, now: at });
  t.is(keyedOf(after(folder, files), 'pki/front-proxy-client').certificate.notAfter, at + 50 * day);
});

test('what is not there is left by all, and refused by its name', (t) => {
  const folder = without('super-admin.conf');
  t.true(renew(folder, 'all').left.some(({ name }) => name === 'super-admin.conf'));
  refused(t, () => renew(folder, 'super-admin.conf'), /super-admin\.conf is missing/);
});

for (const [asked, says] of [
  ['ca', /a CA is not renewed/],
  ['etcd-ca', /a CA is not renewed/],
  ['kubelet.conf', /the kubelet renews its own/],
  ['apiservr', /unknown certificate/],
  ['__proto__', /unknown certificate/],
  ['', /unknown certificate/],
] as const) {
  test(`renew ${JSON.stringify(asked)} is refused`, (t) => {
    refused(t, () => renew(soundCluster(), asked), says);
  });
}

test('a CA that cannot sign is told once, and nothing is renewed', (t) => {
  const folder = soundCluster();
  folder.set('pki/ca.key', { text: keyPem(makeKey('P-256')), mode: 0o600 });
  refused(t, () => renew(folder, 'all'), /pki\/ca\.crt, pki\/ca\.key: the private key does not match/);
  refused(t, () => renew(without('pki/ca.crt', 'pki/ca.key'), 'all'), /ca is missing and cannot sign/);
});
