/** What kubectl's settings say of its API server. */
import test from 'ava';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as yaml from 'yaml';
import { settingsOfKubectl } from '../../../src/diagnosis/programs/kubeconfig.ts';
import { makeFolder } from '../../../src/capture/file/output-folder.ts';

const settings = async (words: readonly string[], variables: NodeJS.ProcessEnv) =>
  settingsOfKubectl(words, variables, async () => Promise.resolve(yaml));

const config = `apiVersion: v1
kind: Config
current-context: one
clusters:
- name: one
  cluster: {server: 'https://k8s.test:6443', certificate-authority: ca.crt, tls-server-name: kubernetes.svc}
- name: two
  cluster: {server: 'https://k8s.test:6443', certificate-authority-data: ${Buffer.from('PEM').toString('base64')}}
contexts:
- name: one
  context: {cluster: one, user: u}
- name: two
  context: {cluster: two, user: u}
users:
- name: u
  user: {client-certificate: /abs/me.crt, client-key: me.key}
`;

test('of the context, with paths from where the file is', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-kubeconfig-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'config');
  writeFileSync(path, config);
  t.deepEqual(await settings(['kubectl', '--kubeconfig', path, 'version'], {}), {
    by: path,
    authorities: join(folder, 'ca.crt'),
    certificate: '/abs/me.crt',
    key: join(folder, 'me.key'),
    serverName: 'kubernetes.svc',
    serverNameBy: `tls-server-name (${path})`,
  });
  t.like(await settings(['kubectl', `--kubeconfig=${path}`, '--context', 'two', 'get', 'pods'], {}), {
    authoritiesText: 'PEM',
    authorities: undefined,
  });
  t.like(await settings(['kubectl', 'version'], { KUBECONFIG: path }), { by: path });
  t.is(await settings(['kubectl', 'version'], { KUBECONFIG: `${path}:${path}` }), undefined, 'merged');
  makeFolder(join(folder, '.kube'));
  writeFileSync(join(folder, '.kube', 'config'), config);
  t.like(await settings(['kubectl', 'version'], { HOME: folder }), {
    by: join(folder, '.kube', 'config'),
  });
});

test('one that cannot be read says nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-kubeconfig-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'config');
  t.is(await settings(['kubectl', '--kubeconfig', path], {}), undefined);
  writeFileSync(path, '{{{');
  t.is(await settings(['kubectl', '--kubeconfig', path], {}), undefined);
  writeFileSync(path, config);
  t.is(await settings(['kubectl', '--kubeconfig', path, '--context=none'], {}), undefined);
  t.is(await settings(['kubectl'], {}), undefined);
});
