/** Credential plugins are run as kubectl runs them. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { UserError } from '../../../src/i18n/user-error.ts';
import { runExecPlugin } from '../../../src/kube/kubectl/exec-plugin.ts';
import type { ExecPlugin } from '../../../src/kube/kubectl/user-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-plugin-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function plugin(name: string, script: string, more: Partial<ExecPlugin> = {}): ExecPlugin {
  const command = join(folder, name);
  writeFileSync(command, `#!/bin/sh\n${script}\n`);
  chmodSync(command, 0o755);
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    command,
    args: ['--region', 'north'],
    env: [{ name: 'WHO', value: 'alice' }],
    interactiveMode: 'Never',
    provideClusterInfo: false,
    ...more,
  };
}

const call = async (given: ExecPlugin) =>
  runExecPlugin({
    plugin: given,
    where: 'config',
    variables: { PATH: process.env['PATH'] },
    isInteractive: false,
    cluster: {
      server: 'https://a.localhost',
      authority: 'CA',
      entry: {
        'tls-server-name': 'b.localhost',
        extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'x' } }],
      },
    },
  });

const printing = (status: object): string =>
  `printf '%s' '${JSON.stringify({ kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1', status })}'`;

test('a token is kubectl’s to send; a certificate is read with its expiry', async (t) => {
  t.deepEqual(await call(plugin('token', printing({ token: 'abc' }))), { hasToken: true });
  t.deepEqual(
    await call(
      plugin(
        'certificate',
        printing({
          clientCertificateData: 'C',
          clientKeyData: 'K',
          expirationTimestamp: '2030-01-01T00:00:00Z',
        }),
      ),
    ),
    { hasToken: false, identity: { certificate: 'C', key: 'K' }, expires: Date.UTC(2030, 0, 1) },
  );
});

test('it gets its arguments, its environment, and the cluster if it asks for it', async (t) => {
  const script = `printf '%s' "$1 $2 $WHO $KUBERNETES_EXEC_INFO" > "$0.said"; ${printing({ token: 'abc' })}`;
  const given = plugin('asks', script, { provideClusterInfo: true });
  await call(given);
  const { readFileSync } = await import('node:fs');
  const said = readFileSync(`${given.command}.said`, 'utf8');
  t.true(said.startsWith('--region north alice {'));
  t.deepEqual(JSON.parse(said.slice('--region north alice '.length)), {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      cluster: {
        server: 'https://a.localhost',
        'tls-server-name': 'b.localhost',
        'certificate-authority-data': Buffer.from('CA').toString('base64'),
        config: { audience: 'x' },
      },
    },
  });
});

test('whatever goes wrong is said, with the hint that the configuration has', async (t) => {
  const cases: [ExecPlugin, RegExp][] = [
    [plugin('fails', 'exit 3', { installHint: 'Log in first.' }), /failed/],
    [plugin('chatters', 'echo hello'), /printed no JSON/],
    [plugin('empty', 'echo {}'), /printed no credentials/],
    [{ ...plugin('gone', ''), command: join(folder, 'not-there') }, /is not installed/],
    [plugin('curious', printing({ token: 'abc' }), { interactiveMode: 'Always' }), /no terminal/],
  ];
  for (const [given, words] of cases) {
    const error = await t.throwsAsync(call(given), { instanceOf: UserError });
    t.regex(error?.facts.what.en ?? '', words);
    if (given.installHint !== undefined) t.is(error?.facts.remedy?.en, given.installHint);
  }
});
