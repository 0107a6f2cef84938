/** The token of a kubeconfig: what the folder shows of it, and nothing that only a server knows. */
import { createPrivateKey, sign } from 'node:crypto';
import test from 'ava';
import { checkCluster } from '../../../../src/pki/kubeadm/check.ts';
import { makeKey } from '../../../../src/pki/ca/sign.ts';
import { keyPem, publicKeyPem } from '../../../../src/pki/kubeadm/issue.ts';
import { edit, now, readingOf, soundCluster } from '../../support/cluster.ts';
import type { MemoryFolder } from '../../support/cluster.ts';

const seconds = Math.floor(now / 1000);
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token signed as kube-apiserver signs one. */
function tokenBy(key: ReturnType<typeof makeKey>, claims: object, alg = 'ES256'): string {
  const signed = `${part({ alg, kid: 'k' })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
const account = { 'kubernetes.io': { namespace: 'default' }, exp: seconds + 3600 };

function withUser(folder: MemoryFolder, user: string): MemoryFolder {
  folder.set('dev.conf', { text: folder.get('admin.conf')?.text ?? '', mode: 0o600 });
  edit(folder, 'dev.conf', (text) => text.replace(/ {2}user:\n {4}client[^]*$/, `  user: ${user}\n`));
  return folder;
}
const found = (folder: MemoryFolder): string[] =>
  checkCluster({ reading: readingOf(folder), now }).findings.map(({ file, problem }) => `${file} ${problem}`);
const told = (token: string, folder = soundCluster()): string[] =>
  found(withUser(folder, `{token: ${JSON.stringify(token)}}`));
const own = (folder: MemoryFolder): ReturnType<typeof makeKey> =>
  createPrivateKey(String(folder.get('pki/sa.key')?.text));

test('a service account’s token is of this cluster’s sa.key, or refused', (t) => {
  const folder = soundCluster();
  t.deepEqual(told(tokenBy(own(folder), account), folder), []);
  t.deepEqual(told(tokenBy(makeKey('P-256'), account)), ['dev.conf wrong_authority']);
  t.deepEqual(told(tokenBy(makeKey('RSA-2048'), account, 'RS256')), ['dev.conf wrong_authority']);
  const rsa = makeKey('RSA-2048');
  folder.set('pki/sa.key', { text: keyPem(rsa), mode: 0o600 });
  folder.set('pki/sa.pub', { text: publicKeyPem(rsa), mode: 0o600 });
  t.deepEqual(told(tokenBy(rsa, account, 'RS256'), folder), []);
});

test('its times count; another issuer’s signature and an opaque token are not judged', (t) => {
  const key = makeKey('P-256');
  t.deepEqual(told(tokenBy(key, { ...account, exp: seconds })), ['dev.conf expired']);
  t.deepEqual(told(tokenBy(key, { exp: seconds + 9, nbf: seconds + 5 })), ['dev.conf not_yet_valid']);
  for (const token of [tokenBy(key, { iss: 'https://login.example' }), 'abcdef.0123456789abcdef', 'a.b.c'])
    t.deepEqual(told(token), [], token);
});

test('a token that no server can be sent is none', (t) => {
  for (const token of ['a b', 'a\nb', ' a', 'ä'])
    t.deepEqual(told(token), ['dev.conf no_credentials'], token);
});

test('a token in a file: missing, empty, good; in a pod it is elsewhere', (t) => {
  const ofFile = (text: string | undefined, path = 'dev.token'): string[] => {
    const folder = withUser(soundCluster(), `{tokenFile: ${path}}`);
    if (text !== undefined) folder.set(path, { text, mode: 0o600 });
    return found(folder);
  };
  t.deepEqual(ofFile(undefined), ['dev.conf unreadable']);
  t.deepEqual(ofFile('\n'), ['dev.conf no_credentials']);
  t.deepEqual(ofFile('abc\n'), []);
  t.deepEqual(ofFile(undefined, '/var/run/secrets/kubernetes.io/serviceaccount/token'), []);
});

test('kubeadm’s own kubeconfigs have certificates', (t) => {
  for (const name of ['kubelet.conf', 'scheduler.conf', 'admin.conf']) {
    const folder = soundCluster();
    edit(folder, name, (text) => text.replace(/ {2}user:\n {4}client[^]*$/, '  user: {token: abc}\n'));
    t.deepEqual(found(folder), [`${name} wrong_identity`]);
  }
});
