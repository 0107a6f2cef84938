/** The real kubectl through `kube tap`: every word of its output is that of the direct way. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { start } from '../../helpers/running.ts';

withPeer(
  'kubectl',
  'kubectl through the tap says what it says without it, and each of its calls is told',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'wirelab-tap-kubectl-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const path = (name: string): string => join(folder, name);
    const cluster = start(t, ['kube', 'up', '--no-tui', '--out', path('cluster'), '--port', '0']);
    const said = await cluster.until(/In another terminal/);
    const [, server = ''] = /(https:\/\/127\.0\.0\.1:\d+)/.exec(said) ?? [];
    const admin = readFileSync(path('cluster/admin.conf'), 'utf8').replace(/server: .*/, `server: ${server}`);
    writeFileSync(path('config'), admin, { mode: 0o600 });
    const tap = start(t, [
      'kube',
      'tap',
      '--no-tui',
      '--kubeconfig',
      path('config'),
      '--out',
      path('tap.kubeconfig'),
    ]);
    await tap.until(/auth whoami/);
    const kubectl = async (config: string, words: string) =>
      runProgram('kubectl', ['--cache-dir', path('cache'), ...words.split(' ')], {
        cwd: folder,
        timeout: 30_000,
        env: { KUBECONFIG: path(config) },
      });
    for (const words of [
      'run web --image=nginx --restart=Never',
      'create secret generic till --from-literal=pin=1234',
      'create configmap shop --from-literal=open=yes',
      'label pod web tier=front',
    ]) {
      const { exitCode, stderr } = await kubectl('tap.kubeconfig', words);
      t.is(exitCode, 0, `${words}: ${stderr}`);
    }
    t.is((await kubectl('tap.kubeconfig', 'wait --for=condition=Ready pod/web --timeout=20s')).exitCode, 0);
    for (const words of [
      'auth whoami -o yaml',
      'get pods -o name',
      'get secret till -o yaml',
      'get configmap shop -o json',
      'logs web',
      'auth can-i delete pods --as bob',
      'get secrets --as bob',
      'get pod nobody',
      'api-resources -o name',
      'version',
    ]) {
      const [direct, tapped] = [await kubectl('config', words), await kubectl('tap.kubeconfig', words)];
      t.is(tapped.exitCode, direct.exitCode, `${words}: ${tapped.stderr}`);
      t.is(tapped.stdout, direct.stdout, words);
      t.is(tapped.stderr, direct.stderr, words);
    }
    const lines = await tap.until(/kubernetes-admin as bob GET \S+secrets\S* 403 [^\n]*cannot list/);
    t.regex(lines, /^kubernetes-admin POST \S+\/pods\S* 201$/m);
    t.regex(lines, /^kubernetes-admin GET \S+\/pods\/web\/log\S* 200$/m);
    // The watch of kubectl wait.
    t.regex(lines, /^kubernetes-admin GET \S+watch=true\S* 200$/m);
    t.notRegex(lines, /1234|MTIzNA/);
  },
);
