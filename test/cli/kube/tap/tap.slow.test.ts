/** The real kubectl through `kube tap`: every word of its output is that of the direct way. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, withPeer } from '../../../helpers/peer.ts';
import * as yaml from 'yaml';
import { start } from '../../../helpers/running.ts';
import { alice, apiServer, configOf, desk, tapped } from '../support/tapped.ts';

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

withPeer('kubectl', 'a credential plugin is run by kubectl, as it would be without the tap', async (t) => {
  const own = desk(t);
  const asked: unknown[] = [];
  const port = await apiServer(t, 'h2', ({ headers }, user) => asked.push([headers.authorization, user]));
  const config = yaml.parse(readFileSync(configOf(own, port, { token: 'x' }), 'utf8')) as {
    users: { user: object }[];
  };
  const plugin = {
    apiVersion: 'client.authentication.k8s.io/v1',
    // As clouds' plugins: a token that the variables and the arguments of the configuration decide.
    command: './login',
    args: ['get-token', 'shop'],
    env: [{ name: 'PROFILE', value: 'north' }],
    interactiveMode: 'IfAvailable',
    provideClusterInfo: true,
  };
  config.users[0] = { ...config.users[0], user: { exec: plugin } };
  writeFileSync(own.path('config'), yaml.stringify(config), { mode: 0o600 });
  writeFileSync(
    own.path('login'),
    `#!/bin/sh
printf '%s\\n' "$KUBERNETES_EXEC_INFO" >>'${own.path('told')}'
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$PROFILE-$1-$2"
`,
    { mode: 0o755 },
  );
  const kubectl = async (name: string, ...words: string[]) =>
    runProgram('kubectl', words, { env: { KUBECONFIG: own.path(name) } });
  const tap = await tapped(t, own, '--kubeconfig', own.path('config'));
  const direct = await kubectl('config', 'get', '--raw', '/version');
  const through = await kubectl('tap.kubeconfig', 'get', '--raw', '/version');
  t.is(direct.exitCode, 0, direct.stderr);
  t.is(through.exitCode, 0, through.stderr);
  t.deepEqual(
    asked,
    Array.from({ length: 2 }, () => [`Bearer north-get-token-shop`, `Bearer north-get-token-shop`]),
  );
  // Once at the start, and for each kubectl: told of the server itself.
  const told = readFileSync(own.path('told'), 'utf8').split(/\n+/).slice(0, -1);
  t.is(told.length, 3);
  for (const one of told)
    t.is(
      (JSON.parse(one) as { spec: { cluster: { server: string } } }).spec.cluster.server,
      `https://127.0.0.1:${port}`,
    );
  const shown = await kubectl('tap.kubeconfig', 'config', 'view');
  t.notRegex(
    shown.stdout,
    new RegExp(
      Buffer.from(tap.config.identity?.key ?? alice.key)
        .toString('base64')
        .slice(60, 120),
    ),
  );
  // A plugin that fails says so in its own words.
  writeFileSync(own.path('login'), '#!/bin/sh\necho "the session has expired" >&2\nexit 7\n');
  const failed = await kubectl('tap.kubeconfig', 'get', '--raw', '/version');
  t.regex(failed.stderr, /the session has expired/);
  t.not(failed.exitCode, 0);
});
