/** Every kind of damage to a control plane's folder is found, named, and nothing else with it. */
import test from 'ava';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { checkCluster } from '../../../src/pki/kubeadm/check.ts';
import {
  certificatePem,
  issueAuthority,
  issueLeaf,
  keyPem,
  publicKeyPem,
} from '../../../src/pki/kubeadm/issue.ts';
import {
  clusterOf,
  kubeadmAuthorities,
  kubeadmKubeconfigs,
  kubeadmLeaves,
  leafFacts,
  validity,
} from '../../../src/pki/kubeadm/certificates.ts';
import type {
  AuthorityRow,
  KubeconfigRow,
  LeafFacts,
  LeafRow,
} from '../../../src/pki/kubeadm/certificates.ts';
import { kubeconfigText } from '../../../src/pki/kubeadm/kubeconfig.ts';
import { makeKey } from '../../../src/pki/ca/sign.ts';
import { shareOf } from '../../helpers/at-length.ts';
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
import { craft } from '../support/craft.ts';

const day = 86_400_000;
const cluster = clusterOf();
const row = (name: string): LeafRow => kubeadmLeaves.find((one) => one.name === name) as LeafRow;
const authorityRow = (name: string): AuthorityRow =>
  kubeadmAuthorities.find((one) => one.name === name) as AuthorityRow;
const configRow = (name: string): KubeconfigRow =>
  kubeadmKubeconfigs.find((one) => one.name === name) as KubeconfigRow;
const data = (text: string): string => Buffer.from(text).toString('base64');

/** One certificate of the tree, issued by its CA with something else in it. */
function reissue(
  folder: MemoryFolder,
  name: string,
  change: Partial<LeafFacts>,
  how: { by?: string; at?: number } = {},
): void {
  const leaf = row(name);
  const authority = keyedOf(folder, `pki/${authorityRow(how.by ?? leaf.authority).file}`);
  put(
    folder,
    `pki/${leaf.file}`,
    issueLeaf({ ...leafFacts(leaf, cluster), ...change }, authority, { ...issuing, now: how.at ?? now }),
  );
}

/** The same for a kubeconfig. */
function reconfigure(
  folder: MemoryFolder,
  name: string,
  change: Partial<LeafFacts>,
  how: { by?: string; at?: number } = {},
): void {
  const { certificate, key } = issueLeaf(
    { ...leafFacts(configRow(name), cluster), ...change },
    keyedOf(folder, how.by ?? 'pki/ca'),
    { ...issuing, now: how.at ?? now },
  );
  edit(folder, name, (text) =>
    text
      .replace(/client-certificate-data: .*/, `client-certificate-data: ${data(certificatePem(certificate))}`)
      .replace(/client-key-data: .*/, `client-key-data: ${data(keyPem(key))}`),
  );
}

/** Another CA of the same name in the place of the cluster's. */
function recreate(folder: MemoryFolder, name: string): void {
  put(folder, `pki/${authorityRow(name).file}`, issueAuthority(authorityRow(name), issuing));
}

const spoil = (folder: MemoryFolder, path: string, text: string | Uint8Array): unknown =>
  folder.set(path, { text, mode: folder.get(path)?.mode ?? 0o600 });
const chmod = (folder: MemoryFolder, path: string, mode: number): unknown =>
  folder.set(path, { text: folder.get(path)?.text ?? '', mode });
const leavesOf = (name: string): string[] =>
  kubeadmLeaves
    .filter(({ authority }) => authority === name)
    .map(({ file }) => `pki/${file}.crt replaced_authority`);
const strangers = issueWorld(
  { certificates: { ca: { profile: 'root', subject: { CN: 'Another CA' } } } },
  { clock: { now: () => now } },
);

const damages: readonly (readonly [
  title: string,
  spoil: (folder: MemoryFolder) => unknown,
  ...found: readonly string[],
])[] = [
  ['nothing', () => {}],
  [
    'no CA',
    (folder) => [folder.delete('pki/front-proxy-ca.crt'), folder.delete('pki/front-proxy-ca.key')],
    'pki/front-proxy-ca.crt missing',
  ],
  [
    'a CA’s key without its certificate',
    (folder) => folder.delete('pki/front-proxy-ca.crt'),
    'pki/front-proxy-ca.crt half',
  ],
  ['a CA whose key is kept elsewhere', (folder) => folder.delete('pki/ca.key')],
  [
    'no apiserver-etcd-client',
    (folder) => [
      folder.delete('pki/apiserver-etcd-client.crt'),
      folder.delete('pki/apiserver-etcd-client.key'),
    ],
    'pki/apiserver-etcd-client.crt missing',
  ],
  ['a certificate without its key', (folder) => folder.delete('pki/apiserver.key'), 'pki/apiserver.key half'],
  ['a key without its certificate', (folder) => folder.delete('pki/etcd/peer.crt'), 'pki/etcd/peer.crt half'],
  [
    'no etcd at all',
    (folder) => [...folder.keys()].filter((path) => path.includes('etcd')).map((path) => folder.delete(path)),
  ],
  [
    'no key of service accounts',
    (folder) => [folder.delete('pki/sa.key'), folder.delete('pki/sa.pub')],
    'pki/sa.key missing',
  ],
  ['sa.pub alone', (folder) => folder.delete('pki/sa.key'), 'pki/sa.key half'],
  ['sa.key alone', (folder) => folder.delete('pki/sa.pub'), 'pki/sa.pub half'],
  [
    'sa.pub of another key',
    (folder) => spoil(folder, 'pki/sa.pub', publicKeyPem(makeKey('P-256'))),
    'pki/sa.pub key_mismatch',
  ],
  ['no admin.conf', (folder) => folder.delete('admin.conf'), 'admin.conf missing'],
  [
    'no super-admin.conf, as on every other node',
    (folder) => folder.delete('super-admin.conf'),
    'super-admin.conf absent',
  ],
  [
    'text for a certificate',
    (folder) => spoil(folder, 'pki/apiserver.crt', 'hello\n'),
    'pki/apiserver.crt unreadable',
  ],
  ['an empty key', (folder) => spoil(folder, 'pki/apiserver.key', ''), 'pki/apiserver.key unreadable'],
  [
    'half a certificate',
    (folder) => edit(folder, 'pki/front-proxy-client.crt', (text) => text.slice(0, 300)),
    'pki/front-proxy-client.crt unreadable',
  ],
  [
    'a key in the place of a certificate',
    (folder) => spoil(folder, 'pki/apiserver.crt', keyedText(folder, 'pki/apiserver.key')),
    'pki/apiserver.crt unreadable',
  ],
  [
    'a kubeconfig that is no YAML',
    (folder) => spoil(folder, 'scheduler.conf', '{'),
    'scheduler.conf unreadable',
  ],
  [
    'a kubeconfig without a current context',
    (folder) =>
      edit(folder, 'admin.conf', (text) => text.replace(/^current-context: .*$/m, 'current-context: ""')),
    'admin.conf unreadable',
  ],
  [
    'the key of another certificate',
    (folder) => spoil(folder, 'pki/apiserver.key', keyPem(makeKey('P-256'))),
    'pki/apiserver.key key_mismatch',
  ],
  [
    'a CA’s key of another CA',
    (folder) => spoil(folder, 'pki/ca.key', keyPem(makeKey('P-256'))),
    'pki/ca.key key_mismatch',
  ],
  [
    'another key in a kubeconfig',
    (folder) =>
      edit(folder, 'admin.conf', (text) =>
        text.replace(/client-key-data: .*/, `client-key-data: ${data(keyPem(makeKey('P-256')))}`),
      ),
    'admin.conf key_mismatch',
  ],
  [
    'a leaf in the place of a CA',
    (folder) => put(folder, 'pki/front-proxy-ca', keyedOf(folder, 'pki/front-proxy-client')),
    'pki/front-proxy-ca.crt not_a_ca',
  ],
  [
    'a CA in the place of a leaf',
    (folder) => put(folder, 'pki/front-proxy-client', keyedOf(folder, 'pki/front-proxy-ca')),
    'pki/front-proxy-client.crt ca_as_leaf',
    'pki/front-proxy-client.crt wrong_identity',
  ],
  [
    'the cluster’s CA in the place of etcd’s',
    (folder) => put(folder, 'pki/etcd/ca', keyedOf(folder, 'pki/ca')),
    'pki/etcd/ca.crt wrong_authority',
  ],
  [
    'a CA of another name in the place of etcd’s',
    (folder) =>
      put(
        folder,
        'pki/etcd/ca',
        issueAuthority({ ...authorityRow('etcd-ca'), commonName: 'Corporate CA' }, issuing),
      ),
    ...['etcd/server', 'etcd/peer', 'etcd/healthcheck-client', 'apiserver-etcd-client'].map(
      (file) => `pki/${file}.crt wrong_authority`,
    ),
  ],
  [
    'signed by another CA of the cluster',
    (folder) => reissue(folder, 'apiserver-etcd-client', {}, { by: 'ca' }),
    'pki/apiserver-etcd-client.crt wrong_authority',
  ],
  [
    'a kubeconfig’s certificate of etcd’s CA',
    (folder) => reconfigure(folder, 'admin.conf', {}, { by: 'pki/etcd/ca' }),
    'admin.conf wrong_authority',
  ],
  ['etcd’s CA made anew', (folder) => recreate(folder, 'etcd-ca'), ...leavesOf('etcd-ca')],
  [
    'the CA made anew',
    (folder) => recreate(folder, 'ca'),
    ...leavesOf('ca'),
    ...kubeadmKubeconfigs.map(({ name }) => `${name} replaced_authority`),
  ],
  [
    'a certificate changed after it was signed',
    (folder) => edit(folder, 'pki/etcd/healthcheck-client.crt', spoiltSignature),
    'pki/etcd/healthcheck-client.crt bad_signature',
  ],
  [
    'an expired certificate',
    (folder) => reissue(folder, 'apiserver', {}, { at: now - 366 * day }),
    'pki/apiserver.crt expired',
  ],
  [
    'an expired kubeconfig',
    (folder) => reconfigure(folder, 'kubelet.conf', {}, { at: now - 366 * day }),
    'kubelet.conf expired',
  ],
  [
    'a certificate that expires soon',
    (folder) => reissue(folder, 'etcd-server', {}, { at: now - 350 * day }),
    'pki/etcd/server.crt ending_soon',
  ],
  [
    'a client’s certificate for a server',
    (folder) => reissue(folder, 'apiserver', { usages: ['clientAuth'] }),
    'pki/apiserver.crt wrong_usage',
  ],
  [
    'etcd’s server that may not be a client',
    (folder) => reissue(folder, 'etcd-server', { usages: ['serverAuth'] }),
    'pki/etcd/server.crt wrong_usage',
  ],
  ['a certificate for every usage', (folder) => reissue(folder, 'apiserver-kubelet-client', { usages: [] })],
  [
    'a server’s certificate in a kubeconfig',
    (folder) => reconfigure(folder, 'admin.conf', { usages: ['serverAuth'] }),
    'admin.conf wrong_usage',
  ],
  [
    'no name but the common one',
    (folder) => reissue(folder, 'apiserver', { san: [] }),
    'pki/apiserver.crt missing_name',
  ],
  [
    'a server without the address that kubeconfigs call',
    (folder) =>
      reissue(folder, 'apiserver', {
        san: leafFacts(row('apiserver'), cluster).san.filter((name) => name !== 'IP:127.0.0.1'),
      }),
    'pki/apiserver.crt missing_name',
  ],
  [
    'etcd without localhost',
    (folder) => reissue(folder, 'etcd-peer', { san: ['DNS:control-plane', 'IP:127.0.0.1', 'IP:::1'] }),
    'pki/etcd/peer.crt missing_name',
  ],
  [
    'the API server as a kubelet’s client of no group',
    (folder) => reissue(folder, 'apiserver-kubelet-client', { organizations: [] }),
    'pki/apiserver-kubelet-client.crt wrong_identity',
  ],
  [
    'the group of before 1.29',
    (folder) => reissue(folder, 'apiserver-kubelet-client', { organizations: ['system:masters'] }),
  ],
  [
    'another name of the front proxy',
    (folder) => reissue(folder, 'front-proxy-client', { commonName: 'proxy' }),
    'pki/front-proxy-client.crt wrong_identity',
  ],
  [
    'an administrator without a group',
    (folder) => reconfigure(folder, 'admin.conf', { organizations: [] }),
    'admin.conf wrong_identity',
  ],
  [
    'a kubelet that is no node',
    (folder) => reconfigure(folder, 'kubelet.conf', { commonName: 'system:node:' }),
    'kubelet.conf wrong_identity',
  ],
  [
    'no credentials',
    (folder) =>
      edit(folder, 'admin.conf', (text) =>
        text.replace(/ {4}client-.*\n/g, '').replace(/ {2}user:\n$/, '  user: {}\n'),
      ),
    'admin.conf no_credentials',
  ],
  [
    'a token instead of a certificate',
    (folder) =>
      edit(folder, 'admin.conf', (text) =>
        text.replace(/ {4}client-.*\n/g, '').replace(/ {2}user:\n$/, '  user: {token: abc}\n'),
      ),
    'admin.conf wrong_identity',
  ],
  [
    'a server that is not looked at',
    (folder) =>
      edit(folder, 'admin.conf', (text) =>
        text.replace(/certificate-authority-data: .*/, 'insecure-skip-tls-verify: true'),
      ),
    'admin.conf unverified_server',
  ],
  [
    'no CA in a kubeconfig',
    (folder) =>
      edit(folder, 'admin.conf', (text) => text.replace(/ {4}certificate-authority-data: .*\n/, '')),
    'admin.conf unverified_server',
  ],
  [
    'a CA in a kubeconfig that is another’s',
    (folder) =>
      edit(folder, 'admin.conf', (text) =>
        text.replace(
          /certificate-authority-data: .*/,
          `certificate-authority-data: ${data(strangers.certificate('ca'))}`,
        ),
      ),
    'admin.conf wrong_authority',
  ],
  [
    'a server without TLS',
    (folder) => edit(folder, 'scheduler.conf', (text) => text.replace('https://', 'http://')),
    'scheduler.conf wrong_server',
  ],
  ['a key that all may read', (folder) => chmod(folder, 'pki/ca.key', 0o644), 'pki/ca.key open_mode'],
  [
    'a kubeconfig that its group may read',
    (folder) => chmod(folder, 'admin.conf', 0o640),
    'admin.conf open_mode',
  ],
  ['a certificate that all may read', (folder) => chmod(folder, 'pki/ca.crt', 0o444)],
  [
    'a kubeconfig that names a file that is not there',
    (folder) =>
      edit(folder, 'admin.conf', (text) =>
        text.replace(/client-key-data: .*/, 'client-key: /nowhere/admin.key'),
      ),
    'admin.conf unreadable',
  ],
  [
    'a kubeconfig that names the files of the tree',
    (folder) =>
      edit(folder, 'admin.conf', (text) =>
        text.replace(/certificate-authority-data: .*/, 'certificate-authority: pki/ca.crt'),
      ),
  ],
  [
    'a learner’s certificate of the cluster’s CA',
    (folder) =>
      put(
        folder,
        'alice',
        issueLeaf(
          { commonName: 'alice', organizations: ['dev'], usages: ['clientAuth'], san: [] },
          keyedOf(folder, 'pki/ca'),
          issuing,
        ),
      ),
  ],
  [
    'a learner’s certificate of the CA before',
    (folder) =>
      put(
        folder,
        'alice',
        issueLeaf(
          { commonName: 'alice', organizations: [], usages: ['clientAuth'], san: [] },
          issueAuthority(authorityRow('ca'), issuing),
          issuing,
        ),
      ),
    'alice.crt replaced_authority',
  ],
  [
    'a learner’s server without a name',
    (folder) =>
      put(
        folder,
        'web',
        issueLeaf(
          { commonName: 'web.example', organizations: [], usages: ['serverAuth'], san: [] },
          keyedOf(folder, 'pki/ca'),
          issuing,
        ),
      ),
    'web.crt missing_name',
  ],
  [
    'a learner’s expired certificate with another’s key',
    (folder) => {
      put(
        folder,
        'alice',
        issueLeaf(
          { commonName: 'alice', organizations: [], usages: ['clientAuth'], san: [] },
          keyedOf(folder, 'pki/ca'),
          { ...issuing, now: now - 366 * day },
        ),
      );
      spoil(folder, 'alice.key', keyPem(makeKey('P-256')));
    },
    'alice.key key_mismatch',
    'alice.crt expired',
  ],
  [
    'a learner’s self-signed certificate',
    (folder) => put(folder, 'own', issueAuthority({ name: 'ca', file: 'own', commonName: 'own' }, issuing)),
  ],
  [
    'a copy of admin.conf',
    (folder) => folder.set('mine.conf', folder.get('admin.conf') ?? { text: '', mode: 0 }),
  ],
  [
    'a copy of admin.conf from before the CA was made anew',
    (folder) => folder.set('mine.conf', completed().get('admin.conf') ?? { text: '', mode: 0 }),
    'mine.conf replaced_authority',
  ],
];

function keyedText(folder: MemoryFolder, path: string): string {
  return String(folder.get(path)?.text);
}

/** Its last byte but one is of the signature. */
function spoiltSignature(pem: string): string {
  const der = Buffer.from(pem.replace(/-----.*-----|\n/g, ''), 'base64');
  der[der.length - 2] = (der.at(-2) ?? 0) ^ 1;
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

for (const [title, change, ...found] of damages) {
  test(`${title}: ${found.length === 0 ? 'nothing is wrong' : found.length > 2 ? `${found.length} findings` : found.join(', ')}`, (t) => {
    const folder = soundCluster();
    change(folder);
    t.deepEqual(findingsOf(folder), found);
  });
}

const later: readonly (readonly [title: string, at: number, problem: string])[] = [
  ['a year later all but the CAs are expired', now + 366 * day, 'expired'],
  ['before the CAs began nothing is valid', now - day, 'not_yet_valid'],
];
for (const [title, at, problem] of later) {
  test(title, (t) => {
    const found = findingsOf(soundCluster(), { now: at });
    t.true(found.every((one) => one.endsWith(` ${problem}`)));
    t.is(
      found.length,
      kubeadmLeaves.length +
        kubeadmKubeconfigs.length +
        (problem === 'expired' ? 0 : kubeadmAuthorities.length),
    );
  });
}

test('what outlives its CA is told before the CA ends', (t) => {
  const folder = soundCluster();
  const at = now + validity.authority - 100 * day;
  // kubeadm lets it say a year; what is made here ends with its CA.
  const key = makeKey('P-256');
  const certificate = craft({
    subject: [['CN', 'front-proxy-client']],
    key,
    issuer: keyedOf(folder, 'pki/front-proxy-ca'),
    notBefore: now,
    notAfter: at + validity.leaf,
    extendedKeyUsage: ['clientAuth'],
  });
  put(folder, 'pki/front-proxy-client', { certificate, key });
  t.deepEqual(
    findingsOf(folder, { now: at }).filter((one) => one.includes('front-proxy')),
    ['pki/front-proxy-client.crt outlives_authority'],
  );
});

test('what was asked of a cluster is demanded: its node, its names, its servers', (t) => {
  const folder = soundCluster();
  t.deepEqual(findingsOf(folder, { cluster }), []);
  t.deepEqual(findingsOf(folder, { cluster: clusterOf({ certSANs: ['lab.example'] }) }), [
    'pki/apiserver.crt missing_name',
  ]);
  t.deepEqual(findingsOf(folder, { cluster: clusterOf({ node: 'cp2' }) }), [
    'pki/apiserver.crt missing_name',
    'pki/etcd/server.crt missing_name',
    'pki/etcd/peer.crt missing_name',
    'kubelet.conf wrong_identity',
  ]);
  t.deepEqual(
    findingsOf(folder, { cluster: clusterOf({ controlPlaneEndpoint: 'https://127.0.0.1:7443' }) }),
    ['admin.conf wrong_server', 'super-admin.conf wrong_server', 'kubelet.conf wrong_server'],
  );
});

test('every problem has been seen, and tells what to do in both languages', (t) => {
  const seen = new Map<string, number>();
  const folders = damages.map(([, change]) => {
    const folder = soundCluster();
    change(folder);
    return folder;
  });
  const checkups = [
    ...folders.map((folder) => checkCluster({ reading: readingOf(folder), now })),
    checkCluster({ reading: readingOf(soundCluster()), now: now - day }),
    checkCluster({ reading: readingOf(soundCluster()), now: now + validity.authority - day }),
  ];
  for (const { what, remedy, problem, expected } of checkups.flatMap(({ findings }) => findings)) {
    seen.set(problem, (seen.get(problem) ?? 0) + 1);
    t.true(what.en.length > 5 && /[가-힣]/.test(what.ko), problem);
    t.true(remedy.en.length > 5 && remedy.ko.length > 5, problem);
    t.notRegex(JSON.stringify([what, remedy, expected ?? '']), /undefined|\[object/, problem);
  }
  // The others are seen in kubeadm-damage.test.ts, and in the test above.
  t.true(seen.has('ending_soon') && seen.size > 15);
});

test('the table of expirations: every certificate, then the CAs, each in the order of its name', (t) => {
  const folder = soundCluster();
  folder.delete('pki/etcd/ca.key');
  folder.delete('pki/front-proxy-client.crt');
  const { certificates, authorities } = checkCluster({ reading: readingOf(folder), now });
  t.deepEqual(
    certificates.map(({ name, authority, externallyManaged }) => [name, authority, externallyManaged]),
    [
      ['admin.conf', 'ca', false],
      ['apiserver', 'ca', false],
      ['apiserver-etcd-client', 'etcd-ca', true],
      ['apiserver-kubelet-client', 'ca', false],
      ['controller-manager.conf', 'ca', false],
      ['etcd-healthcheck-client', 'etcd-ca', true],
      ['etcd-peer', 'etcd-ca', true],
      ['etcd-server', 'etcd-ca', true],
      ['front-proxy-client', 'front-proxy-ca', false],
      ['scheduler.conf', 'ca', false],
      ['super-admin.conf', 'ca', false],
    ],
  );
  t.deepEqual(
    authorities.map(({ name, externallyManaged, notAfter }) => [name, externallyManaged, notAfter]),
    [
      ['ca', false, now + validity.authority],
      ['etcd-ca', true, now + validity.authority],
      ['front-proxy-ca', false, now + validity.authority],
    ],
  );
  t.is(certificates.find(({ name }) => name === 'apiserver')?.notAfter, now + validity.leaf);
  t.false(
    'notAfter' in (certificates.find(({ name }) => name === 'front-proxy-client') ?? {}),
    'it is missing',
  );
});

test('a kubeconfig alone is judged by itself', (t) => {
  const text = soundCluster().get('admin.conf')?.text ?? '';
  const check = (mode: number, content: string | Uint8Array): string[] =>
    findingsOf(new Map([['config', { text: content, mode }]]));
  t.deepEqual(check(0o600, text), []);
  t.deepEqual(
    checkCluster({
      reading: readingOf(new Map([['config', { text, mode: 0o644 }]]), ['config']),
      now,
    }).findings.map(({ problem }) => problem),
    ['open_mode'],
  );
  const { certificate } = keyedOf(soundCluster(), 'pki/ca');
  const bad = kubeconfigText({
    cluster: 'c',
    server: 'https://127.0.0.1:6443',
    user: 'u',
    authority: certificatePem(certificate),
    proof: { certificate: certificatePem(certificate), key: keyPem(makeKey('P-256')) },
  });
  t.deepEqual(
    checkCluster({
      reading: readingOf(new Map([['config', { text: bad, mode: 0o600 }]]), ['config']),
      now,
    }).findings.map(({ problem }) => problem),
    ['key_mismatch', 'ca_as_leaf'],
  );
});

test('foreign text in names is made harmless', (t) => {
  const folder = soundCluster();
  reconfigure(folder, 'scheduler.conf', { commonName: 'a\u001b]0;x\u0007\u202eb' });
  const findings = checkCluster({ reading: readingOf(folder), now }).findings;
  t.is(findings.length, 1);
  t.notRegex(JSON.stringify(findings).replace(/\\\\/g, ''), /\\u001b|\\u0007|\u202e/);
});

test('whatever a file is cut or spoilt to, the check ends, and a cut is always found', (t) => {
  const files = shareOf([...soundCluster()], 4, ([path]) => path.split('.').at(-1));
  for (const [path, { text, mode }] of files) {
    const whole = Buffer.from(text);
    for (const share of [0, 0.1, 0.35, 0.6, 0.85]) {
      const folder = soundCluster();
      const length = Math.floor(whole.length * share);
      folder.set(path, { text: new Uint8Array(whole.subarray(0, length)), mode });
      t.true(findingsOf(folder).length > 0, `${path} cut to ${length} bytes`);
      const spoilt = Uint8Array.from(whole);
      spoilt[length] = (spoilt[length] ?? 0) ^ 0x15;
      folder.set(path, { text: spoilt, mode });
      t.notThrows(() => findingsOf(folder), `${path} spoilt at ${length}`);
    }
  }
});
