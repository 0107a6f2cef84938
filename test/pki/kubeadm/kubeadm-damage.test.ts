/**
 * One thing wrong with a control plane's folder, each for itself: each is found, named by its file with what to do, and
 * nothing else is called wrong; healthy folders of other makes raise no alarm.
 */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { checkCluster } from '../../../src/pki/kubeadm/check.ts';
import { problems } from '../../../src/pki/kubeadm/check/finding.ts';
import type { Finding } from '../../../src/pki/kubeadm/check/finding.ts';
import {
  certificatePem,
  issueAuthority,
  issueLeaf,
  keyPem,
  publicKeyPem,
} from '../../../src/pki/kubeadm/issue.ts';
import type { KeyedCertificate } from '../../../src/pki/kubeadm/issue.ts';
import {
  certificateFile,
  clusterOf,
  keyFile,
  kubeadmAuthorities,
  kubeadmCertificates,
  kubeadmKubeconfigs,
  kubeadmLeaves,
  leafFacts,
} from '../../../src/pki/kubeadm/certificates.ts';
import type { AuthorityRow, KubeconfigRow, LeafRow } from '../../../src/pki/kubeadm/certificates.ts';
import type { ExtendedKeyUsage } from '../../../src/pki/ca/plan.ts';
import { makeKey } from '../../../src/pki/ca/sign.ts';
import { completed, edit, issuing, keyedOf, now, put, readingOf, soundCluster } from '../support/cluster.ts';
import type { MemoryFolder } from '../support/cluster.ts';
import { craft, notBelow, onlyBelow, unknownCritical } from '../support/craft.ts';
import type { Craft } from '../support/craft.ts';

const day = 86_400_000;
const cluster = clusterOf();
const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');
const weak = makeKey('RSA-1024');
const rsa = makeKey('RSA-2048');
const oddCurve = createPrivateKey({
  key: generateKeyPairSync('ec', {
    namedCurve: 'secp256k1',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  }).privateKey,
  format: 'der',
  type: 'pkcs8',
});

interface Damage {
  readonly title: string;
  readonly spoil: (folder: MemoryFolder) => unknown;
  /** One of these is named; the first where it is about one file. */
  readonly files: readonly string[];
  /** It spoils nothing today. */
  readonly isWarning?: boolean;
  /** Others that are rightly called wrong with it. */
  readonly also?: readonly string[];
}

// How a file is spoilt.

const textOf = (folder: MemoryFolder, path: string): string => String(folder.get(path)?.text);
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const spoil = (folder: MemoryFolder, path: string, text: string | Uint8Array): unknown =>
  folder.set(path, { text, mode: folder.get(path)?.mode ?? 0o600 });
const chmod = (folder: MemoryFolder, path: string, mode: number): unknown =>
  folder.set(path, { text: folder.get(path)?.text ?? '', mode });
const derOf = (pem: string): Uint8Array =>
  new Uint8Array(
    Buffer.from(/-----BEGIN (?!EC PARAMETERS)[^-]+-----([^-]+)-----END/.exec(pem)?.[1] ?? '', 'base64'),
  );

/** What becomes of any file of PEM that Kubernetes then cannot read. */
const unreadable: Readonly<Record<string, (pem: string) => string | Uint8Array>> = {
  empty: () => '',
  'words instead': () => 'hello\n',
  'bytes of no text instead': () => Uint8Array.from({ length: 700 }, (_, at) => (at * 167 + 13) & 0xff),
  'DER instead of PEM': derOf,
  'a byte order mark before it': (pem) => bytesOf(`\u00ef\u00bb\u00bf${pem}`),
  'UTF-16': (pem) => new Uint8Array(Buffer.from(`\ufeff${pem}`, 'utf16le')),
  'cut in the middle': (pem) => pem.slice(0, pem.length / 2),
  'no END line': (pem) => pem.replace(/-----END[^]*/, ''),
  'indented by a space': (pem) => pem.replaceAll(/^/gm, ' '),
  'all in one line': (pem) => pem.replaceAll('\n', ''),
  'a character that is no base64': (pem) => pem.replace(/\n(.)/, '\n*'),
  'a byte of its DER changed in its beginning': (pem) => pem.replace(/\n..../, '\nAAAA'),
  'another label': (pem) => pem.replaceAll(/(BEGIN|END) [A-Z ]+/g, '$1 TRUSTED CERTIFICATE'),
};

const unreadableConfig: Readonly<Record<string, (text: string) => string | Uint8Array>> = {
  empty: () => '',
  'words instead': () => 'hello\n',
  'a list instead': () => '- a\n- b\n',
  'bytes of no text instead': () => Uint8Array.from({ length: 700 }, (_, at) => (at * 167 + 13) & 0xff),
  'cut in the middle': (text) => text.slice(0, text.length / 2),
  'cut before its user': (text) => text.replace(/users:[^]*/, ''),
  'a tab in its indentation': (text) => text.replace('    server', '\tserver'),
  'no current context': (text) => text.replace(/^current-context: .*$/m, ''),
  'a current context that is not there': (text) =>
    text.replace(/^current-context: .*$/m, 'current-context: nowhere'),
  'a user that is not there': (text) => text.replace(/^( {4}user: ).*$/m, '$1nobody'),
  'a cluster that is not there': (text) => text.replace(/^( {4}cluster: ).*$/m, '$1nowhere'),
  'a certificate that is no base64': (text) =>
    text.replace(/client-certificate-data: ..../, 'client-certificate-data: *---'),
  'a certificate whose base64 goes on over several lines': (text) =>
    text.replace(/(client-certificate-data: .{76})(.*)/, '$1\n      $2'),
  'a key without the padding of its base64': (text) =>
    text.replace(/client-key-data: .*/, `client-key-data: ${base64(`${keyPem(rsa)}\n`).replace(/=*$/, '')}A`),
  'a certificate in DER': (text) =>
    text.replace(
      /client-certificate-data: (.*)/,
      (_, data: string) =>
        `client-certificate-data: ${base64(derOf(Buffer.from(data, 'base64').toString()))}`,
    ),
  'a CA in DER': (text) =>
    text.replace(
      /certificate-authority-data: (.*)/,
      (_, data: string) =>
        `certificate-authority-data: ${base64(derOf(Buffer.from(data, 'base64').toString()))}`,
    ),
  'a CA that begins with a byte order mark': (text) =>
    text.replace(
      /certificate-authority-data: (.*)/,
      (_, data: string) =>
        `certificate-authority-data: ${base64(Buffer.concat([Buffer.from('efbbbf', 'hex'), Buffer.from(data, 'base64')]))}`,
    ),
  'a key that is a certificate': (text) =>
    text.replace(
      /client-key-data: .*/,
      `client-key-data: ${/client-certificate-data: (.*)/.exec(text)?.[1]}`,
    ),
  'a certificate that is a key': (text) =>
    text.replace(
      /client-certificate-data: .*/,
      `client-certificate-data: ${/client-key-data: (.*)/.exec(text)?.[1]}`,
    ),
  'an encrypted key': (text) =>
    text.replace(/client-key-data: .*/, `client-key-data: ${base64(encrypted('pkcs8'))}`),
  'a key in a file that is not there': (text) =>
    text.replace(/client-key-data: .*/, 'client-key: /nowhere/user.key'),
  'a CA in a file that is not there': (text) =>
    text.replace(/certificate-authority-data: .*/, 'certificate-authority: /nowhere/ca.crt'),
};

function encrypted(type: 'pkcs8' | 'pkcs1'): string {
  return rsa
    .export(
      type === 'pkcs8'
        ? { type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }
        : { type, format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' },
    )
    .toString();
}

// Other certificates in the place of a leaf's.

const specOf = (
  row: LeafRow | KubeconfigRow,
): Pick<Craft, 'subject' | 'san' | 'extendedKeyUsage' | 'keyUsage' | 'notBefore' | 'notAfter'> => {
  const { commonName, organizations, san, usages } = leafFacts(row, cluster);
  return {
    subject: [...organizations.map((one) => ['O', one] as const), ['CN', commonName]],
    san,
    extendedKeyUsage: usages as readonly ExtendedKeyUsage[],
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    notBefore: now - day,
    notAfter: now + 300 * day,
  };
};

type Change = Partial<Craft> & { readonly by?: (folder: MemoryFolder) => KeyedCertificate };

function remade(
  folder: MemoryFolder,
  row: LeafRow | KubeconfigRow,
  { by, ...change }: Change,
): KeyedCertificate {
  const key = change.key ?? makeKey('P-256');
  const authority = kubeadmAuthorities.find(
    ({ name }) => name === ('authority' in row ? row.authority : 'ca'),
  ) as AuthorityRow;
  return {
    certificate: craft({
      ...specOf(row),
      key,
      issuer: by?.(folder) ?? keyedOf(folder, `pki/${authority.file}`),
      ...change,
    }),
    key,
  };
}

const another = issueAuthority({ name: 'ca', file: 'ca', commonName: 'Another CA' }, issuing);
const namesake = (row: LeafRow | KubeconfigRow): KeyedCertificate =>
  issueAuthority(
    kubeadmAuthorities.find(
      ({ name }) => name === ('authority' in row ? row.authority : 'ca'),
    ) as AuthorityRow,
    issuing,
  );

const leafChanges: Readonly<Record<string, (row: LeafRow | KubeconfigRow) => Change>> = {
  'signed by a CA of the same name': (row) => ({ by: () => namesake(row) }),
  'signed by another CA': () => ({ by: () => another }),
  'signed by itself': () => ({ by: undefined as never }),
  'a signature that does not fit': () => ({ broken: true }),
  'CA:TRUE': () => ({ isCa: true, keyUsage: ['digitalSignature', 'keyCertSign'] }),
  expired: () => ({ notBefore: now - 20 * day, notAfter: now - day }),
  'not yet valid': () => ({ notBefore: now + day, notAfter: now + 100 * day }),
  'valid never': () => ({ notBefore: now + day, notAfter: now - day }),
  'for mail alone': () => ({ extendedKeyUsage: ['emailProtection'] }),
  'for the other side': (row) => ({
    extendedKeyUsage: 'usages' in row && row.usages.includes('serverAuth') ? ['clientAuth'] : ['serverAuth'],
  }),
  'a key usage without signatures': () => ({ keyUsage: ['keyEncipherment'] }),
  'RSA-1024': () => ({ key: weak }),
  'a curve that Go does not know': () => ({ key: oddCurve }),
  'SHA-1': () => ({ digest: 'sha1' }),
  'a critical extension that nobody knows': () => ({ more: [unknownCritical()] }),
  'a negative serial number': () => ({ serial: Uint8Array.of(0x92, 0x34) }),
};

const leafDamages: Damage[] = kubeadmLeaves.flatMap((row): Damage[] => {
  const [crt, key] = [certificateFile(row), keyFile(row)];
  const base = `pki/${row.file}`;
  return [
    ...Object.entries(leafChanges).map(
      ([title, change]): Damage => ({
        title: `${crt}: ${title}`,
        spoil: (folder) =>
          put(
            folder,
            base,
            title === 'signed by itself' ? selfSigned(row) : remade(folder, row, change(row)),
          ),
        files: [crt],
      }),
    ),
    { title: `${crt}: missing`, spoil: (folder) => folder.delete(crt), files: [crt] },
    { title: `${key}: missing`, spoil: (folder) => folder.delete(key), files: [key] },
    {
      title: `${key}: the key of another`,
      spoil: (folder) => spoil(folder, key, keyPem(makeKey('P-256'))),
      files: [key],
    },
    {
      title: `${crt}: words behind it`,
      spoil: (folder) => spoil(folder, crt, `${textOf(folder, crt)}trailing garbage\n`),
      files: [crt],
      isWarning: true,
    },
    {
      title: `${crt}: zeros behind it`,
      spoil: (folder) => spoil(folder, crt, `${textOf(folder, crt)}\0\0\0\0`),
      files: [crt],
      isWarning: true,
    },
    {
      title: `${crt}: a stranger’s certificate behind it`,
      spoil: (folder) => spoil(folder, crt, textOf(folder, crt) + certificatePem(another.certificate)),
      files: [crt],
      isWarning: true,
    },
    {
      title: `${crt}: the same once more`,
      spoil: (folder) => spoil(folder, crt, textOf(folder, crt) + textOf(folder, crt)),
      files: [crt],
      isWarning: true,
    },
    {
      title: `${crt}: its CA before it`,
      spoil: (folder) =>
        spoil(
          folder,
          crt,
          textOf(
            folder,
            certificateFile(kubeadmAuthorities.find(({ name }) => name === row.authority) as AuthorityRow),
          ) + textOf(folder, crt),
        ),
      files: [crt],
      also: [key],
    },
    {
      title: `${crt}: its private key behind it, for all to read`,
      spoil: (folder) => spoil(folder, crt, textOf(folder, crt) + textOf(folder, key)),
      files: [crt],
    },
    {
      title: `${crt}: a serial number of zero`,
      spoil: (folder) => put(folder, base, remade(folder, row, { serial: Uint8Array.of(0) })),
      files: [crt],
      isWarning: true,
    },
    { title: `${crt}: writable by all`, spoil: (folder) => chmod(folder, crt, 0o666), files: [crt] },
    ...(row.names
      ? (row.name === 'apiserver'
          ? [...new Set(row.names(cluster))]
          : ['localhost', '127.0.0.1', cluster.node]
        ).map(
          (absent): Damage => ({
            title: `${crt}: not valid for ${absent}`,
            spoil: (folder) =>
              put(
                folder,
                base,
                remade(folder, row, {
                  san: leafFacts(row, cluster).san.filter((name) => !name.endsWith(`:${absent}`)),
                }),
              ),
            files: [crt],
          }),
        )
      : []),
    ...(row.names
      ? [
          {
            title: `${crt}: no name at all`,
            spoil: (folder: MemoryFolder) => put(folder, base, remade(folder, row, { san: [] })),
            files: [crt],
          },
        ]
      : []),
    // etcd's own two are the same to everybody.
    ...kubeadmLeaves
      .filter((other) => other.name > row.name && !(row.name === 'etcd-peer' && other.name === 'etcd-server'))
      .map(
        (other): Damage => ({
          title: `${row.name} and ${other.name}, each in the place of the other`,
          spoil: (folder) => {
            const [one, two] = [keyedOf(folder, base), keyedOf(folder, `pki/${other.file}`)];
            put(folder, base, two);
            put(folder, `pki/${other.file}`, one);
          },
          files: [crt, certificateFile(other)],
          also: [crt, certificateFile(other)],
        }),
      ),
  ];
});

function selfSigned(row: LeafRow | KubeconfigRow): KeyedCertificate {
  const key = makeKey('P-256');
  return { certificate: craft({ ...specOf(row), key }), key };
}

// Kubeconfigs.

function recertified(folder: MemoryFolder, name: string, { certificate, key }: KeyedCertificate): void {
  edit(folder, name, (text) =>
    text
      .replace(
        /client-certificate-data: .*/,
        `client-certificate-data: ${base64(certificatePem(certificate))}`,
      )
      .replace(/client-key-data: .*/, `client-key-data: ${base64(keyPem(key))}`),
  );
}

const configDamages: Damage[] = kubeadmKubeconfigs.flatMap((row): Damage[] => {
  const { name } = row;
  const change = (title: string, to: (text: string) => string): Damage => ({
    title: `${name}: ${title}`,
    spoil: (folder) => edit(folder, name, to),
    files: [name],
  });
  return [
    ...Object.entries(unreadableConfig).map(
      ([title, to]): Damage => ({
        title: `${name}: ${title}`,
        spoil: (folder) => spoil(folder, name, to(textOf(folder, name))),
        files: [name],
      }),
    ),
    ...Object.entries(leafChanges).map(
      ([title, to]): Damage => ({
        title: `${name}: ${title}`,
        spoil: (folder) =>
          recertified(
            folder,
            name,
            title === 'signed by itself' ? selfSigned(row) : remade(folder, row, to(row)),
          ),
        files: [name],
      }),
    ),
    {
      title: `${name}: missing`,
      spoil: (folder) => folder.delete(name),
      files: [name],
      ...(name === 'super-admin.conf' ? { isWarning: true } : {}),
    },
    {
      title: `${name}: a certificate without a common name`,
      spoil: (folder) =>
        recertified(folder, name, remade(folder, row, { subject: [['O', row.organization ?? 'dev']] })),
      files: [name],
    },
    change('another key', (text) =>
      text.replace(/client-key-data: .*/, `client-key-data: ${base64(keyPem(makeKey('P-256')))}`),
    ),
    change('a CA of another name', (text) =>
      text.replace(
        /certificate-authority-data: .*/,
        `certificate-authority-data: ${base64(certificatePem(another.certificate))}`,
      ),
    ),
    change('a CA of the same name', (text) =>
      text.replace(
        /certificate-authority-data: .*/,
        `certificate-authority-data: ${base64(certificatePem(namesake(row).certificate))}`,
      ),
    ),
    change('no CA', (text) => text.replace(/ {4}certificate-authority-data: .*\n/, '')),
    change('any server is believed', (text) =>
      text.replace(/certificate-authority-data: .*/, 'insecure-skip-tls-verify: true'),
    ),
    change('a server without TLS', (text) => text.replace('https://', 'http://')),
    change('a server that is no URL', (text) => text.replace(/server: .*/, 'server: "127.0.0.1:6443"')),
    change('no server', (text) => text.replace(/ {4}server: .*\n/, '')),
    change('a host for which the API server has no name', (text) =>
      text.replace(/server: .*/, 'server: https://192.0.2.99:6443'),
    ),
    change('no credentials', (text) =>
      text.replace(/ {4}client-.*\n/g, '').replace(/ {2}user:\n$/, '  user: {}\n'),
    ),
    change('a certificate without a key', (text) => text.replace(/ {4}client-key-data: .*\n/, '')),
    ...(name === 'controller-manager.conf'
      ? []
      : [
          {
            ...change('another port than the others', (text) => text.replace(':6443', ':7443')),
            isWarning: true,
          },
        ]),
    ...[0o644, 0o640, 0o660, 0o666, 0o604].map(
      (mode): Damage => ({
        title: `${name}: mode ${mode.toString(8)}`,
        spoil: (folder) => chmod(folder, name, mode),
        files: [name],
      }),
    ),
    ...kubeadmKubeconfigs
      .filter((other) => other.name !== name)
      .map(
        (other): Damage => ({
          title: `${name}: a copy of ${other.name}`,
          spoil: (folder) => spoil(folder, name, textOf(folder, other.name)),
          files: [name],
        }),
      ),
  ];
});

// CAs.

const authorityChanges: Readonly<Record<string, Partial<Craft>>> = {
  'CA:FALSE': { isCa: false },
  'a key usage without certificates': { keyUsage: ['digitalSignature'] },
  expired: { notBefore: now - 300 * day, notAfter: now - day },
  'not yet valid': { notBefore: now + day },
  'a critical extension that nobody knows': { more: [unknownCritical()] },
  'a critical name constraint that excludes its names': { more: [onlyBelow('good.test', true)] },
  'a negative serial number': { serial: Uint8Array.of(0xff, 0) },
  'a signature over itself that does not fit': { broken: true },
  'good for mail alone': { extendedKeyUsage: ['emailProtection'] },
  'its name written with another type of string, in a certificate for the same key': {
    name: undefined as never,
  },
};

const leafFilesOf = (row: AuthorityRow): string[] => [
  ...kubeadmLeaves.filter(({ authority }) => authority === row.name).map(certificateFile),
  ...(row.name === 'ca' ? kubeadmKubeconfigs.map(({ name }) => name) : []),
];

/** The same CA and key, with something else in its certificate. */
function recrafted(folder: MemoryFolder, row: AuthorityRow, change: Partial<Craft>): void {
  const {
    certificate: {
      subject: { der: name },
    },
    key,
  } = keyedOf(folder, `pki/${row.file}`);
  put(folder, `pki/${row.file}`, {
    certificate: craft({
      subject: [['CN', row.commonName]],
      name,
      key,
      notBefore: now - day,
      notAfter: now + 3000 * day,
      isCa: true,
      keyUsage: ['digitalSignature', 'keyEncipherment', 'keyCertSign'],
      san: [`DNS:${row.commonName}`],
      ...change,
    }),
    key,
  });
  if (row.name === 'ca')
    for (const { name } of kubeadmKubeconfigs)
      edit(folder, name, (text) =>
        text.replace(
          /certificate-authority-data: .*/,
          `certificate-authority-data: ${base64(textOf(folder, 'pki/ca.crt'))}`,
        ),
      );
}

/** Another CA, and everything signed by it. */
function rebuilt(folder: MemoryFolder, row: AuthorityRow, authority: KeyedCertificate): void {
  put(folder, `pki/${row.file}`, authority);
  for (const leaf of kubeadmLeaves.filter(({ authority: name }) => name === row.name))
    put(folder, `pki/${leaf.file}`, issueLeaf(leafFacts(leaf, cluster), authority, issuing));
  if (row.name !== 'ca') return;
  for (const config of kubeadmKubeconfigs) {
    recertified(folder, config.name, issueLeaf(leafFacts(config, cluster), authority, issuing));
    edit(folder, config.name, (text) =>
      text.replace(
        /certificate-authority-data: .*/,
        `certificate-authority-data: ${base64(certificatePem(authority.certificate))}`,
      ),
    );
  }
}

const authorityDamages: Damage[] = kubeadmAuthorities.flatMap((row): Damage[] => {
  const [crt, key] = [certificateFile(row), keyFile(row)];
  const base = `pki/${row.file}`;
  return [
    // A name constraint may be told of the CA or of what it does not permit.
    ...Object.entries(authorityChanges).map(([title, change]): Damage => {
      const damage = {
        title: `${crt}: ${title}`,
        spoil: (folder: MemoryFolder) => recrafted(folder, row, change),
        files: [crt],
      };
      if (!title.includes('constraint')) return damage;
      // The one client below the front proxy's CA has no name that such a constraint is about: neither Go nor OpenSSL refuses it.
      return {
        ...damage,
        files: [crt, ...leafFilesOf(row)],
        also: leafFilesOf(row),
        isWarning: row.name === 'front-proxy-ca',
      };
    }),
    {
      title: `${crt}: a name constraint that is not critical`,
      spoil: (folder) => recrafted(folder, row, { more: [onlyBelow('good.test', false)] }),
      files: [crt],
      isWarning: true,
      also: leafFilesOf(row),
    },
    {
      title: `${crt}: RSA-1024`,
      spoil: (folder) =>
        rebuilt(folder, row, {
          certificate: craft({
            subject: [['CN', row.commonName]],
            key: weak,
            notBefore: now - day,
            notAfter: now + 3000 * day,
            isCa: true,
            keyUsage: ['keyCertSign'],
          }),
          key: weak,
        }),
      files: [crt],
    },
    {
      title: `${crt}: a curve that Go does not know`,
      spoil: (folder) =>
        rebuilt(folder, row, {
          certificate: craft({
            subject: [['CN', row.commonName]],
            key: oddCurve,
            notBefore: now - day,
            notAfter: now + 3000 * day,
            isCa: true,
            keyUsage: ['keyCertSign'],
          }),
          key: oddCurve,
        }),
      files: [crt],
    },
    { title: `${crt}: missing`, spoil: (folder) => folder.delete(crt), files: [crt] },
    {
      title: `${crt} and its key: missing`,
      spoil: (folder) => [folder.delete(crt), folder.delete(key)],
      files: [crt],
    },
    {
      title: `${key}: the key of another`,
      spoil: (folder) => spoil(folder, key, keyPem(makeKey('P-256'))),
      files: [key],
    },
    {
      title: `${crt}: its private key behind it, for all to read`,
      spoil: (folder) => spoil(folder, crt, textOf(folder, crt) + textOf(folder, key)),
      files: [crt],
    },
    {
      title: `${crt}: its private key behind it, for its owner alone`,
      spoil: (folder) => [
        spoil(folder, crt, textOf(folder, crt) + textOf(folder, key)),
        chmod(folder, crt, 0o600),
      ],
      files: [crt],
      isWarning: true,
    },
    {
      title: `${crt}: words behind it`,
      spoil: (folder) => spoil(folder, crt, `${textOf(folder, crt)}trailing garbage\n`),
      files: [crt],
      isWarning: true,
    },
    {
      title: `${crt}: another CA behind it`,
      spoil: (folder) => spoil(folder, crt, textOf(folder, crt) + certificatePem(another.certificate)),
      files: [crt],
      isWarning: true,
    },
    {
      title: `${crt}: a leaf behind it`,
      spoil: (folder) => spoil(folder, crt, textOf(folder, crt) + textOf(folder, 'pki/apiserver.crt')),
      files: [crt],
      isWarning: true,
    },
    { title: `${crt}: writable by all`, spoil: (folder) => chmod(folder, crt, 0o646), files: [crt] },
    {
      title: `${crt}: writable by its group`,
      spoil: (folder) => chmod(folder, crt, 0o664),
      files: [crt],
      isWarning: true,
    },
    {
      title: `${crt}: re-created under the same name`,
      spoil: (folder) => put(folder, base, issueAuthority(row, issuing)),
      files: leafFilesOf(row),
      also: leafFilesOf(row),
    },
    {
      title: `${crt}: a leaf in its place`,
      spoil: (folder) => put(folder, base, keyedOf(folder, 'pki/apiserver-kubelet-client')),
      files: [crt],
    },
    ...kubeadmAuthorities
      .filter((other) => other.name !== row.name)
      .map(
        (other): Damage => ({
          title: `${crt}: ${other.name} in its place`,
          spoil: (folder) => put(folder, base, keyedOf(folder, `pki/${other.file}`)),
          files: [crt],
          ...(row.name === 'ca' ? { also: kubeadmKubeconfigs.map(({ name }) => name) } : {}),
        }),
      ),
    ...kubeadmAuthorities
      .filter((other) => other.name > row.name)
      .map(
        (other): Damage => ({
          title: `${row.name} and ${other.name} are one`,
          spoil: (folder) => oneForTwo(folder, row, other),
          files: [certificateFile(other), crt],
          isWarning: true,
        }),
      ),
  ];
});

/** A company's CA in the place of two. */
function oneForTwo(folder: MemoryFolder, one: AuthorityRow, other: AuthorityRow): void {
  const company = issueAuthority({ ...one, commonName: 'Company CA' }, issuing);
  rebuilt(folder, one, company);
  rebuilt(folder, other, company);
}

// Every file, whatever it holds.

const pemFiles = [
  ...kubeadmCertificates.flatMap((row) => [certificateFile(row), keyFile(row)]),
  'pki/sa.key',
  'pki/sa.pub',
];
const keyFiles = pemFiles.filter((path) => path.endsWith('.key'));

const fileDamages: Damage[] = [
  ...pemFiles.flatMap((path) =>
    Object.entries(unreadable).map(
      ([title, to]): Damage => ({
        title: `${path}: ${title}`,
        spoil: (folder) => spoil(folder, path, to(textOf(folder, path))),
        files: [path],
      }),
    ),
  ),
  ...keyFiles.flatMap((path): Damage[] => [
    ...[0o644, 0o640, 0o660, 0o604, 0o777].map(
      (mode): Damage => ({
        title: `${path}: mode ${mode.toString(8)}`,
        spoil: (folder) => chmod(folder, path, mode),
        files: [path],
      }),
    ),
    {
      title: `${path}: encrypted`,
      spoil: (folder) => spoil(folder, path, encrypted('pkcs8')),
      files: [path],
    },
    {
      title: `${path}: encrypted as OpenSSL once did it`,
      spoil: (folder) => spoil(folder, path, encrypted('pkcs1')),
      files: [path],
    },
    {
      title: `${path}: another private key behind it`,
      spoil: (folder) => spoil(folder, path, textOf(folder, path) + keyPem(weak)),
      files: [path],
      isWarning: true,
    },
    {
      title: `${path}: a public key`,
      spoil: (folder) => spoil(folder, path, publicKeyPem(rsa)),
      files: [path],
    },
  ]),
  {
    title: 'sa.pub of another key',
    spoil: (folder) => spoil(folder, 'pki/sa.pub', publicKeyPem(makeKey('P-256'))),
    files: ['pki/sa.pub'],
  },
  {
    title: 'sa.key of another key',
    spoil: (folder) => spoil(folder, 'pki/sa.key', keyPem(makeKey('P-256'))),
    files: ['pki/sa.pub', 'pki/sa.key'],
  },
  { title: 'sa.key missing', spoil: (folder) => folder.delete('pki/sa.key'), files: ['pki/sa.key'] },
  { title: 'sa.pub missing', spoil: (folder) => folder.delete('pki/sa.pub'), files: ['pki/sa.pub'] },
  {
    title: 'sa.pub with the private key in it, for all to read',
    spoil: (folder) => [
      spoil(folder, 'pki/sa.pub', textOf(folder, 'pki/sa.pub') + textOf(folder, 'pki/sa.key')),
      chmod(folder, 'pki/sa.pub', 0o644),
    ],
    files: ['pki/sa.pub'],
  },
  ...(
    [
      ['RSA-1024', weak],
      ['Ed25519', makeKey('Ed25519')],
      ['a curve of no JWS', oddCurve],
    ] as const
  ).map(
    ([title, key]): Damage => ({
      title: `sa.key: ${title}`,
      spoil: (folder) => [
        spoil(folder, 'pki/sa.key', keyPem(key)),
        spoil(folder, 'pki/sa.pub', publicKeyPem(key)),
      ],
      files: ['pki/sa.key'],
    }),
  ),
];

// Who a certificate names.

const kubelet = kubeadmKubeconfigs.find(({ name }) => name === 'kubelet.conf') as KubeconfigRow;
const configOf = (name: string): KubeconfigRow =>
  kubeadmKubeconfigs.find((one) => one.name === name) as KubeconfigRow;
const leafOf = (name: string): LeafRow => kubeadmLeaves.find((one) => one.name === name) as LeafRow;

const identityDamages: Damage[] = [
  {
    title: 'kubelet.conf of another node',
    spoil: (folder) =>
      recertified(
        folder,
        'kubelet.conf',
        issueLeaf(leafFacts(kubelet, clusterOf({ node: 'worker-7' })), keyedOf(folder, 'pki/ca'), issuing),
      ),
    files: ['kubelet.conf'],
  },
  {
    title: 'kubelet.conf of another node, where no etcd is',
    spoil: (folder) => {
      for (const path of [...folder.keys()].filter((one) => one.includes('etcd'))) folder.delete(path);
      recertified(
        folder,
        'kubelet.conf',
        issueLeaf(leafFacts(kubelet, clusterOf({ node: 'worker-7' })), keyedOf(folder, 'pki/ca'), issuing),
      );
    },
    files: ['kubelet.conf'],
  },
  {
    title: 'apiserver.crt of another node',
    spoil: (folder) =>
      put(
        folder,
        'pki/apiserver',
        issueLeaf(
          leafFacts(leafOf('apiserver'), clusterOf({ node: 'cp-9' })),
          keyedOf(folder, 'pki/ca'),
          issuing,
        ),
      ),
    files: ['pki/apiserver.crt'],
  },
  {
    title: 'admin.conf of the group that cannot be taken away',
    spoil: (folder) =>
      recertified(
        folder,
        'admin.conf',
        remade(folder, configOf('admin.conf'), {
          subject: [
            ['O', 'system:masters'],
            ['CN', 'kubernetes-admin'],
          ],
        }),
      ),
    files: ['admin.conf'],
    isWarning: true,
  },
  {
    title: 'scheduler.conf of that group as well',
    spoil: (folder) =>
      recertified(
        folder,
        'scheduler.conf',
        remade(folder, configOf('scheduler.conf'), {
          subject: [
            ['O', 'system:masters'],
            ['CN', 'system:kube-scheduler'],
          ],
        }),
      ),
    files: ['scheduler.conf'],
    isWarning: true,
  },
  {
    title: 'a learner’s certificate of that group',
    spoil: (folder) =>
      put(
        folder,
        'eve',
        issueLeaf(
          { commonName: 'eve', organizations: ['system:masters'], usages: ['clientAuth'], san: [] },
          keyedOf(folder, 'pki/ca'),
          issuing,
        ),
      ),
    files: ['eve.crt'],
    isWarning: true,
  },
  {
    title: 'the key of nobody’s certificate, for all to read',
    spoil: (folder) => folder.set('pki/old.key', { text: keyPem(makeKey('P-256')), mode: 0o644 }),
    files: ['pki/old.key'],
  },
  {
    title: 'a learner’s certificate with SHA-1',
    spoil: (folder) => put(folder, 'alice', learner(folder, { digest: 'sha1' })),
    files: ['alice.crt'],
  },
  {
    title: 'a learner’s certificate with RSA-1024',
    spoil: (folder) => put(folder, 'alice', learner(folder, { key: weak })),
    files: ['alice.crt'],
  },
  {
    title: 'a learner’s certificate with an unknown critical extension',
    spoil: (folder) => put(folder, 'alice', learner(folder, { more: [unknownCritical()] })),
    files: ['alice.crt'],
  },
  {
    title: 'no super-admin.conf, as on every node but the first',
    spoil: (folder) => folder.delete('super-admin.conf'),
    files: ['super-admin.conf'],
    isWarning: true,
  },
  {
    title: 'a chain over a CA that may not have one below',
    spoil: (folder) => overIntermediate(folder, 0),
    files: ['pki/apiserver.crt', 'pki/ca.crt'],
  },
];

function learner(folder: MemoryFolder, change: Partial<Craft>): KeyedCertificate {
  const key = change.key ?? makeKey('P-256');
  return {
    certificate: craft({
      subject: [['CN', 'alice']],
      key,
      issuer: keyedOf(folder, 'pki/ca'),
      notBefore: now - day,
      notAfter: now + 99 * day,
      extendedKeyUsage: ['clientAuth'],
      ...change,
    }),
    key,
  };
}

/** The API server's certificate is of an intermediate, which stands behind it. */
function overIntermediate(folder: MemoryFolder, pathLength: number | undefined): void {
  recrafted(folder, kubeadmAuthorities[0] as AuthorityRow, pathLength === undefined ? {} : { pathLength });
  const middle = { key: makeKey('P-256') };
  const certificate = craft({
    subject: [['CN', 'Middle']],
    key: middle.key,
    issuer: keyedOf(folder, 'pki/ca'),
    isCa: true,
    keyUsage: ['keyCertSign'],
    notBefore: now - day,
    notAfter: now + 900 * day,
  });
  const leaf = issueLeaf(leafFacts(leafOf('apiserver'), cluster), { certificate, key: middle.key }, issuing);
  put(folder, 'pki/apiserver', leaf);
  spoil(folder, 'pki/apiserver.crt', certificatePem(leaf.certificate) + certificatePem(certificate));
}

const every = [...fileDamages, ...leafDamages, ...configDamages, ...authorityDamages, ...identityDamages];

/** Each kind of damage once, at another file each time: `make test-peers` tries each at every file. */
function oneOfEachKind(): readonly Damage[] {
  const kinds = new Map<string, Damage[]>();
  for (const damage of every) {
    const [, kind = damage.title] = /^\S+: (.*)$/.exec(damage.title) ?? [];
    const same = kinds.get(kind) ?? [];
    same.push(damage);
    kinds.set(kind, same);
  }
  return [...kinds.values()].map((same, at) => same[at % same.length] as Damage);
}

const damages = process.env['WIRELAB_SLOW'] === '1' ? every : oneOfEachKind();

const findingsIn = (folder: MemoryFolder): readonly Finding[] =>
  checkCluster({ reading: readingOf(folder), now }).findings;
const told = (findings: readonly Finding[]): string =>
  findings.map(({ file, problem, what }) => `${file} ${problem}: ${what.en}`).join('\n');

const tried = damages.map((damage) => {
  const folder = soundCluster();
  damage.spoil(folder);
  return { ...damage, findings: findingsIn(folder) };
});

test(`each of ${damages.length} damages is found, its file named with what to do, and no other file is called wrong`, (t) => {
  t.true(every.length > 900 && damages.length > 150, String(damages.length));
  t.is(new Set(every.map(({ title }) => title)).size, every.length, 'each title once');
  const missed: string[] = [];
  for (const { title, findings, files, isWarning, also = [] } of tried) {
    const named = findings.filter(
      ({ file, problem }) => files.includes(file) && (isWarning === true || problems[problem] === 'wrong'),
    );
    if (named.length === 0) missed.push(`${title}: not found\n${told(findings)}`);
    const others = findings.filter(
      ({ file, problem }) => !files.includes(file) && !also.includes(file) && problems[problem] === 'wrong',
    );
    if (others.length > 0) missed.push(`${title}: others are blamed\n${told(others)}`);
    for (const { what, remedy, received } of findings) {
      if (what.en.length < 6 || !/[가-힣]/.test(what.ko) || remedy.en.length < 6 || remedy.ko.length < 6)
        missed.push(`${title}: says too little`);
      if (/undefined|\[object|PRIVATE KEY-----\n\w/.test(JSON.stringify([what, remedy, received ?? ''])))
        missed.push(`${title}: ${what.en}`);
    }
  }
  t.is(missed.length, 0, missed.join('\n\n'));
});

test('every problem that there is, is one of these damages, or of a manifest, a folder’s mode or the time', (t) => {
  const seen = new Set(tried.flatMap(({ findings }) => findings.map(({ problem }) => problem)));
  t.deepEqual(
    Object.keys(problems).filter((problem) => !seen.has(problem as never) && !problem.startsWith('flag_')),
    ['open_folder', 'ending_soon', 'outlives_authority'],
  );
});

// What is sound.

const healthy: readonly (readonly [
  title: string,
  make: (folder: MemoryFolder) => MemoryFolder | void,
  ...warnings: readonly string[],
])[] = [
  [
    'keys of CAs that are kept elsewhere',
    (folder) => kubeadmAuthorities.forEach((row) => folder.delete(keyFile(row))),
  ],
  [
    'lines that end in CR LF',
    (folder) => {
      for (const [path, { text, mode }] of folder)
        folder.set(path, { text: String(text).replaceAll('\n', '\r\n'), mode });
    },
  ],
  [
    'no line break at the end of a file',
    (folder) => {
      for (const [path, { text, mode }] of folder) folder.set(path, { text: String(text).trimEnd(), mode });
    },
  ],
  [
    'a byte order mark before kubeconfigs, which kubectl reads',
    (folder) =>
      kubeadmKubeconfigs.forEach(({ name }) => spoil(folder, name, `\ufeff${textOf(folder, name)}`)),
  ],
  [
    'base64 in a block of lines',
    (folder) =>
      edit(folder, 'admin.conf', (text) =>
        text.replace(
          /client-certificate-data: (.{76})(.*)/,
          'client-certificate-data: |\n      $1\n      $2',
        ),
      ),
  ],
  [
    'words and comments before certificates, as openssl x509 -text writes them',
    (folder) =>
      kubeadmCertificates.forEach((row) =>
        spoil(
          folder,
          certificateFile(row),
          `Certificate:\n    Data:\n        Version: 3 (0x2)\n# mine\n${textOf(folder, certificateFile(row))}# the end\n`,
        ),
      ),
  ],
  [
    'keys as PKCS #8, and the parameters of a curve before a key',
    (folder) => {
      for (const path of [...folder.keys()].filter((one) => one.endsWith('.key')))
        spoil(
          folder,
          path,
          createPrivateKey(textOf(folder, path)).export({ type: 'pkcs8', format: 'pem' }).toString(),
        );
      spoil(
        folder,
        'pki/sa.key',
        `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${textOf(folder, 'pki/sa.key')}`,
      );
    },
  ],
  [
    'RSA everywhere',
    (folder) =>
      kubeadmAuthorities.forEach((row) =>
        rebuilt(folder, row, {
          certificate: craft({
            subject: [['CN', row.commonName]],
            key: rsa,
            notBefore: now - day,
            notAfter: now + 3000 * day,
            isCa: true,
            keyUsage: ['keyCertSign', 'digitalSignature'],
          }),
          key: rsa,
        }),
      ),
    'pki/front-proxy-ca.crt shared_authority',
    'pki/etcd/ca.crt shared_authority',
  ],
  [
    'a CA without key usage and identifiers, as openssl req -x509 may make it',
    (folder) => kubeadmAuthorities.forEach((row) => recrafted(folder, row, { keyUsage: undefined as never })),
  ],
  [
    'a CA signed by itself with SHA-1, on which nobody relies',
    (folder) => recrafted(folder, kubeadmAuthorities[0] as AuthorityRow, { digest: 'sha1' }),
  ],
  [
    'a CA that may have no CA below it',
    (folder) => kubeadmAuthorities.forEach((row) => recrafted(folder, row, { pathLength: 0 })),
  ],
  [
    'a name constraint that excludes none of its names',
    (folder) => recrafted(folder, authorityOf('front-proxy-ca'), { more: [notBelow('bad.test')] }),
    'pki/front-proxy-ca.crt constrained',
  ],
  [
    'a CA that is a company’s intermediate',
    (folder) => {
      const { key } = keyedOf(folder, 'pki/ca');
      const { certificate } = keyedOf(folder, 'pki/ca');
      put(folder, 'pki/ca', {
        certificate: craft({
          subject: [],
          name: certificate.subject.der,
          key,
          issuer: another,
          notBefore: now - day,
          notAfter: now + 900 * day,
          isCa: true,
          keyUsage: ['keyCertSign'],
          san: ['DNS:kubernetes'],
        }),
        key,
      });
      for (const { name } of kubeadmKubeconfigs)
        edit(folder, name, (text) =>
          text.replace(
            /certificate-authority-data: .*/,
            `certificate-authority-data: ${base64(textOf(folder, 'pki/ca.crt'))}`,
          ),
        );
      if (!certificate.keyId) throw new Error('its leaves name it by its key');
    },
  ],
  [
    'a server’s certificate of an intermediate that stands behind it',
    (folder) => overIntermediate(folder, undefined),
  ],
  [
    'a server’s certificate with its CA behind it',
    (folder) =>
      spoil(folder, 'pki/apiserver.crt', textOf(folder, 'pki/apiserver.crt') + textOf(folder, 'pki/ca.crt')),
  ],
  [
    'a CA that is being changed: the new and the old one are trusted, some certificates are of the old',
    (folder) => {
      const old = textOf(folder, 'pki/ca.crt');
      const admin = textOf(folder, 'admin.conf');
      const fresh = issueAuthority(authorityOf('ca'), issuing);
      rebuilt(folder, authorityOf('ca'), fresh);
      spoil(folder, 'pki/ca.crt', textOf(folder, 'pki/ca.crt') + old);
      spoil(
        folder,
        'admin.conf',
        admin.replace(
          /certificate-authority-data: .*/,
          `certificate-authority-data: ${base64(textOf(folder, 'pki/ca.crt'))}`,
        ),
      );
    },
    'pki/ca.crt stray_content',
  ],
  [
    'a CA renewed with the same key, which kubeconfigs know by its former certificate',
    (folder) => {
      const { certificate, key } = keyedOf(folder, 'pki/ca');
      put(folder, 'pki/ca', {
        certificate: craft({
          subject: [],
          name: certificate.subject.der,
          key,
          notBefore: now - day,
          notAfter: now + 3000 * day,
          isCa: true,
          keyUsage: ['keyCertSign'],
        }),
        key,
      });
    },
  ],
  [
    'certificates without usages, identifiers or key usage',
    (folder) =>
      kubeadmLeaves.forEach((row) =>
        put(
          folder,
          `pki/${row.file}`,
          remade(folder, row, { extendedKeyUsage: undefined as never, keyUsage: undefined as never }),
        ),
      ),
  ],
  [
    'a client’s certificate of version 1',
    (folder) =>
      put(
        folder,
        'pki/etcd/healthcheck-client',
        remade(folder, leafOf('etcd-healthcheck-client'), { isOld: true }),
      ),
  ],
  [
    'Ed25519 in a kubeconfig',
    (folder) =>
      recertified(folder, 'admin.conf', remade(folder, configOf('admin.conf'), { key: makeKey('Ed25519') })),
  ],
  [
    'RSA for a server, P-384 for a client',
    (folder) =>
      [
        put(folder, 'pki/apiserver', remade(folder, leafOf('apiserver'), { key: rsa })),
        put(
          folder,
          'pki/front-proxy-client',
          remade(folder, leafOf('front-proxy-client'), { key: makeKey('P-384') }),
        ),
      ].forEach(() => {}),
  ],
  [
    'an etcd that runs elsewhere: its CA and what the API server shows it',
    (folder) => {
      for (const path of [
        'etcd/ca.key',
        'etcd/server.crt',
        'etcd/server.key',
        'etcd/peer.crt',
        'etcd/peer.key',
        'etcd/healthcheck-client.crt',
        'etcd/healthcheck-client.key',
      ])
        folder.delete(`pki/${path}`);
    },
  ],
  [
    'by hand, as the documentation has it: etcd is kube-etcd, without ::1, and there is no kubelet.conf beside it yet',
    (folder) => {
      for (const name of ['etcd-server', 'etcd-peer'])
        put(
          folder,
          `pki/${leafOf(name).file}`,
          remade(folder, leafOf(name), {
            subject: [['CN', 'kube-etcd']],
            san: ['DNS:control-plane', 'DNS:localhost', 'IP:10.0.0.5', 'IP:127.0.0.1'],
          }),
        );
      recertified(
        folder,
        'admin.conf',
        remade(folder, configOf('admin.conf'), {
          subject: [
            ['O', 'kubeadm:cluster-admins'],
            ['CN', 'me'],
          ],
        }),
      );
    },
  ],
  [
    'a kubelet.conf as kubeadm leaves it, in a copy of the folder',
    (folder) =>
      edit(folder, 'kubelet.conf', (text) =>
        text
          .replace(
            /client-certificate-data: .*/,
            'client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem',
          )
          .replace(/client-key-data: .*/, 'client-key: /var/lib/kubelet/pki/kubelet-client-current.pem'),
      ),
    'kubelet.conf absent',
  ],
  [
    'another node of the control plane',
    (folder) => folder.delete('super-admin.conf') && undefined,
    'super-admin.conf absent',
  ],
  [
    'a worker: its kubelet.conf and the CA',
    (folder) => {
      for (const path of folder.keys())
        if (path !== 'kubelet.conf' && path !== 'pki/ca.crt') folder.delete(path);
    },
  ],
  [
    'an endpoint that several nodes share, at another port',
    () =>
      completed(
        new Map(),
        clusterOf({
          node: 'cp1',
          addresses: ['10.0.0.5'],
          controlPlaneEndpoint: 'https://lb.example:443',
          certSANs: ['lab.example'],
        }),
      ),
  ],
  [
    'a load balancer on the node itself',
    () =>
      completed(
        new Map(),
        clusterOf({ node: 'cp1', addresses: ['10.0.0.5'], controlPlaneEndpoint: 'https://10.0.0.5:8443' }),
      ),
  ],
  [
    'IPv6 alone',
    () =>
      completed(
        new Map(),
        clusterOf({ node: 'cp1', addresses: ['fd00::5'], serviceAddress: 'fd00:10:96::1' }),
      ),
  ],
  [
    'another domain, and another network of services',
    () =>
      completed(
        new Map(),
        clusterOf({
          node: 'cp1.corp.example',
          addresses: ['10.0.0.5'],
          dnsDomain: 'k8s.corp.example',
          serviceAddress: '172.30.0.1',
        }),
      ),
  ],
  [
    'a kubeconfig that knows the server by another name than it calls',
    (folder) =>
      edit(folder, 'admin.conf', (text) =>
        text.replace(/server: .*/, 'server: https://198.51.100.7:6443\n    tls-server-name: kubernetes'),
      ),
  ],
  [
    'a kubeconfig that reaches another name of the server',
    (folder) =>
      edit(folder, 'admin.conf', (text) => text.replace(/server: .*/, 'server: https://control-plane:6443')),
  ],
  [
    'admin.conf of before 1.29',
    (folder) => {
      recertified(
        folder,
        'admin.conf',
        remade(folder, configOf('admin.conf'), {
          subject: [
            ['O', 'system:masters'],
            ['CN', 'kubernetes-admin'],
          ],
        }),
      );
      folder.delete('super-admin.conf');
    },
    'admin.conf unrevocable',
    'super-admin.conf absent',
  ],
  [
    'two public keys in sa.pub while the key is being changed',
    (folder) => spoil(folder, 'pki/sa.pub', publicKeyPem(makeKey('P-256')) + textOf(folder, 'pki/sa.pub')),
  ],
  [
    'a learner’s certificates beside it, and a key for a request',
    (folder) =>
      [
        put(folder, 'alice', learner(folder, {})),
        put(
          folder,
          'pki/web',
          learner(folder, { extendedKeyUsage: ['serverAuth'], san: ['DNS:web.example'] }),
        ),
        folder.set('bob.key', { text: keyPem(makeKey('P-256')), mode: 0o600 }),
      ].forEach(() => {}),
  ],
  [
    'a learner’s CA below the cluster’s',
    (folder) =>
      put(
        folder,
        'team-ca',
        learner(folder, {
          subject: [['CN', 'Team CA']],
          isCa: true,
          keyUsage: ['keyCertSign'],
          extendedKeyUsage: undefined as never,
        }),
      ),
  ],
];

function authorityOf(name: AuthorityRow['name']): AuthorityRow {
  return kubeadmAuthorities.find((row) => row.name === name) as AuthorityRow;
}

for (const [title, make, ...warnings] of healthy) {
  test(`no alarm: ${title}${warnings.length > 0 ? ` (${warnings.join(', ')})` : ''}`, (t) => {
    const folder = soundCluster();
    const findings = findingsIn(make(folder) ?? folder);
    t.deepEqual(
      findings.map(({ file, problem }) => `${file} ${problem}`),
      warnings,
      told(findings),
    );
    t.true(findings.every(({ problem }) => problems[problem] === 'warning'));
  });
}
