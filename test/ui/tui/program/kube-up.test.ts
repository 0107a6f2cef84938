/** `wirelab kube up` on the screen: its wires, who comes over them, with which certificate, and for what. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as yaml from 'yaml';
import { systemClock } from '../../../../src/core/clock.ts';
import { apiClient } from '../../../../src/kube/components/api-client.ts';
import { readKubeconfig } from '../../../../src/pki/kubeadm/kubeconfig.ts';
import { performedUp } from '../support/performed.ts';

const forever = new AbortController().signal;

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-up-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'cluster');
}

test('what becomes of its etcd is said: in the bottom line, and with what to do about it on the first page', async (t) => {
  const folder = folderOf(t);
  const { until, press, leave } = await performedUp(t, folder, { columns: 120, rows: 40 });
  await until(/https:\/\/127\.0\.0\.1:\d+/);
  // From the picture to what is said.
  await press('v');
  await until(/Also running/);
  rmSync(join(folder, 'etcd-embedded'), { recursive: true });
  // Its components write without being asked to.
  const text = (await until(/has been deleted[\s\S]*etcd: etcd does not answer/)).replaceAll(/\s+/g, ' ');
  t.regex(
    text,
    /etcd: the etcd's log cannot be written: its file etcd\.log has been deleted\. No further requests are acknowledged: check the disk and the folder, and start again/,
  );
  t.is(await leave(), 0);
});

for (const [language, keys, all] of [
  ['en', /another terminal; c copies/, /Bootstrap token: abcdef/],
  ['ko', /c: 첫 줄 복사/, /부트스트랩 토큰: abcdef/],
] as const) {
  test(`it opens on the picture of its wires, which light up, with how to connect, in ${language}`, async (t) => {
    const folder = folderOf(t);
    const { until, press, leave, emulator } = await performedUp(t, folder, {
      columns: 80,
      rows: 24,
      language,
    });
    const text = await until(
      (shown) => keys.test(shown) && /─\[C\]─mTLS/.test(shown.replaceAll(/[═─]+/g, '─')),
    );
    t.regex(text, /^ {3}export KUBECONFIG=\S+ *$/m);
    t.regex(text, /^ {3}kubectl --server=https:\/\/127\.0\.0\.1:\d+ /m);
    for (const letter of ['A', 'B', 'C', 'D', 'E', 'F', 'G']) t.true(text.includes(`[${letter}]`), letter);
    await press('c');
    await until(/export KUBECONFIG/);
    await emulator.settled();
    t.is(emulator.clipboard, `export KUBECONFIG=${join(folder, 'admin.conf')}`);
    await press('v');
    await until(all);
    await press('v');
    await until(keys);
    t.is(await leave(), 0);
  });
}

/** Whoever has that kubeconfig, at the address that stands on the screen. */
function callerFrom(folder: string, name: string, url: string) {
  const { authority, certificate, key } = readKubeconfig(readFileSync(join(folder, name)), name, yaml);
  const text = (material: typeof authority): string =>
    material && 'data' in material ? Buffer.from(material.data).toString() : '';
  return apiClient({
    to: { host: '127.0.0.1', port: Number(new URL(url).port) },
    authorities: [text(authority)],
    identity: { certificate: text(certificate), key: text(key) },
    clock: systemClock,
    userAgent: 'test',
  });
}

for (const [language, knows, shows] of [
  [
    'en',
    /kube-apiserver identifies kubernetes-admin \(kubeadm:cluster-admins,\s+system:authenticated\): GET\s+\/api\/v1\/namespaces → 200/,
    /client shows O=kubeadm:cluster-admins,CN=kubernetes-admin, signed by\s+CN=kubernetes/,
  ],
  [
    'ko',
    /kube-apiserver, 호출자: kubernetes-admin\(kubeadm:cluster-admins,\s+system:authenticated\): GET\s+\/api\/v1\/namespaces → 200/,
    /클라이언트의 인증서: O=kubeadm:cluster-admins,CN=kubernetes-admin\(서명:\s+CN=kubernetes\)/,
  ],
] as const) {
  test(`a caller is shown by certificate, name and question, in ${language}`, async (t) => {
    const folder = folderOf(t);
    const { until, press, leave } = await performedUp(t, folder, { columns: 120, rows: 40, language });
    const url = /https:\/\/127\.0\.0\.1:\d+/.exec(await until(/https:\/\/127\.0\.0\.1:\d+/))?.[0] ?? '';
    t.is(
      (await callerFrom(folder, 'admin.conf', url).call('GET', '/api/v1/namespaces', forever)).status,
      200,
    );
    // All wires at once, and what the components do meanwhile; then the one over which somebody came.
    await until(
      (shown) =>
        ['A', 'B', 'C', 'D', 'E', 'F', 'G'].every((letter) => shown.includes(`[${letter}]`)) &&
        /\[A\]═?─?mTLS/.test(shown.replaceAll(/[═─●•]+/g, '')),
    );
    await press('A\r');
    const text = (await until((shown) => knows.test(shown.replaceAll(/\s+/g, ' ')))).replaceAll(/\s+/g, ' ');
    t.regex(text, shows);
    t.is(await leave(), 0);
  });
}
