/** The certificate that a kubelet makes itself, and the files in which it keeps what it has. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  readPair,
  writeKubeletConf,
  writePair,
  writeServing,
} from '../../../src/kube/components/kubelet/kubelet-folder.ts';
import { selfSigned } from '../../../src/kube/components/self-signed.ts';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { temporaryFolder } from './support/whole.ts';

const at = Date.parse('2026-03-01T12:00:00.9Z');
const certificates = (pem: string): Certificate[] =>
  pemCertificates(pem).map((der) => {
    const step = readCertificate(der);
    if (!('got' in step)) throw new Error('unreadable');
    return step.got;
  });

test('a leaf for the name alone, and its CA, for a year and an hour back', (t) => {
  const [leaf, authority, ...more] = certificates(selfSigned('n1', at, randomBytes).certificate);
  const seconds = Math.floor(at / 1000);
  t.deepEqual(more, []);
  t.like(leaf, {
    subject: { text: `CN=n1@${seconds}` },
    issuer: { text: `CN=n1-ca@${seconds}` },
    extendedKeyUsage: ['serverAuth'],
    subjectAlternativeNames: [{ kind: 'DNS', value: 'n1' }],
  });
  t.like(authority, { subject: { text: `CN=n1-ca@${seconds}` }, basicConstraints: { isCa: true } });
  t.is(leaf?.notBefore, seconds * 1000 - 3_600_000);
  t.is((leaf?.notAfter ?? 0) - (leaf?.notBefore ?? 0), 365 * 86_400_000);
});

test('a node that is called by an address has that', (t) =>
  t.like(certificates(selfSigned('127.0.0.1', at, randomBytes).certificate)[0], {
    subjectAlternativeNames: [{ kind: 'IP', value: '127.0.0.1' }],
  }));

withPeer('openssl', 'openssl verifies the leaf by its CA, and by nothing else', async (t) => {
  const folder = temporaryFolder(t);
  const blocks = selfSigned('n1', Date.now(), randomBytes).certificate.split(/(?=-----BEGIN)/);
  writeFileSync(join(folder, 'leaf.pem'), blocks[0] ?? '');
  writeFileSync(join(folder, 'ca.pem'), blocks[1] ?? '');
  writeFileSync(
    join(folder, 'other.pem'),
    selfSigned('n1', Date.now(), randomBytes).certificate.split(/(?=-----BEGIN)/)[1] ?? '',
  );
  const verify = async (authority: string): Promise<number | null> =>
    (
      await runProgram('openssl', [
        'verify',
        '-no-CAfile',
        '-no-CApath',
        '-CAfile',
        join(folder, authority),
        '-purpose',
        'sslserver',
        '-verify_hostname',
        'n1',
        join(folder, 'leaf.pem'),
      ])
    ).exitCode;
  t.is(await verify('ca.pem'), 0);
  t.not(await verify('other.pem'), 0);
});

test('what is kept is read again: the newest, by a link, for its owner alone', (t) => {
  const folder = temporaryFolder(t);
  t.is(readPair(folder, 'kubelet-client'), undefined);
  const [first, second] = [selfSigned('a', at, randomBytes), selfSigned('b', at, randomBytes)];
  writePair(folder, 'kubelet-client', first, at);
  t.deepEqual(readPair(folder, 'kubelet-client'), first);
  const file = join(folder, 'pki', 'kubelet-client-2026-03-01-12-00-00.pem');
  t.is(statSync(file).mode & 0o777, 0o600);
  writePair(folder, 'kubelet-client', second, at + 1000);
  t.deepEqual(readPair(folder, 'kubelet-client'), second);
  t.is(
    readlinkSync(join(folder, 'pki', 'kubelet-client-current.pem')),
    'kubelet-client-2026-03-01-12-00-01.pem',
  );
  t.deepEqual(readdirSync(join(folder, 'pki')).length, 3);
});

test('what is damaged is none, and what was open to others is closed', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'pki'));
  for (const text of [
    '',
    'no PEM',
    selfSigned('a', at, randomBytes).certificate,
    selfSigned('a', at, randomBytes).key,
  ]) {
    writeFileSync(join(folder, 'pki', 'kubelet-client-current.pem'), text);
    t.is(readPair(folder, 'kubelet-client'), undefined);
  }
  writeFileSync(join(folder, 'pki', 'kubelet.key'), 'old');
  chmodSync(join(folder, 'pki', 'kubelet.key'), 0o644);
  writeServing(folder, selfSigned('a', at, randomBytes));
  t.is(statSync(join(folder, 'pki', 'kubelet.key')).mode & 0o777, 0o600);
  writeKubeletConf(folder, 'https://127.0.0.1:6443', 'PEM');
  t.is(statSync(join(folder, 'kubelet.conf')).mode & 0o777, 0o600);
  t.false(/PRIVATE|client-key-data/.test(readFileSync(join(folder, 'kubelet.conf'), 'utf8')));
});
