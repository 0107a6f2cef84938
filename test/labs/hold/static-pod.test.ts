/** Which files the flags of a static pod name, and which of them may be missing. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signerIn } from '../../../src/labs/hold/control-plane-files.ts';
import { filesNamedIn } from '../../../src/labs/hold/static-pod.ts';
import { FileError } from '../../../src/labs/own-files.ts';
import { world } from '../../kube/support/control-plane.ts';

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-pod-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'manifests'));
  return folder;
}

const signing = ['--cluster-signing-cert-file=pki/ca.crt', '--cluster-signing-key-file', 'pki/ca.key'];
const manifest = (...command: readonly string[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ command }] } });

test('a controller manager publishes a root CA file only if a flag names one', (t) => {
  const folder = folderOf(t);
  const filesOf = (...flags: readonly string[]): unknown => {
    writeFileSync(
      join(folder, 'manifests/kube-controller-manager.yaml'),
      manifest('kube-controller-manager', '--kubeconfig=controller-manager.conf', ...signing, ...flags),
    );
    return filesNamedIn(folder, 'kube-controller-manager');
  };
  const usual = {
    kubeconfig: 'controller-manager.conf',
    'cluster-signing-cert-file': 'pki/ca.crt',
    'cluster-signing-key-file': 'pki/ca.key',
  };
  t.deepEqual(filesOf(), usual);
  t.deepEqual(filesOf('--root-ca-file='), usual);
  t.deepEqual(filesOf('--root-ca-file=/etc/kubernetes/pki/both.crt'), {
    ...usual,
    'root-ca-file': 'pki/both.crt',
  });
});

test('a CA that signs is one certificate: two are refused in the words of kube-controller-manager', (t) => {
  const folder = folderOf(t);
  const [ca, rogue] = [world.identity('ca'), world.identity('rogue-ca')];
  writeFileSync(join(folder, 'ca.key'), ca.key);
  writeFileSync(join(folder, 'ca.crt'), ca.certificate);
  t.deepEqual(signerIn(folder, 'ca.crt', 'ca.key'), ca);
  writeFileSync(join(folder, 'ca.crt'), ca.certificate + rogue.certificate);
  const error = t.throws(() => signerIn(folder, 'ca.crt', 'ca.key'), { instanceOf: FileError });
  t.is(
    error?.facts.what.en,
    'error reading CA cert file "csr-controller::ca.crt::ca.key": expected 1 certificate, found 2',
  );
});
