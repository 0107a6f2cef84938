/**
 * Lets kubectl run the user's credential plugin and show a certificate of another make besides: kubectl runs no plugin for a user
 * who has a certificate in the configuration (client-go, exec.go), so the plugin's answer has to carry it. kubectl runs a script
 * that runs the plugin.
 */
import { execPath } from 'node:process';
import { execInfoOf } from './exec-plugin.ts';
import type { PluginCall } from './exec-plugin.ts';
import type { YamlMap } from '../../pki/kubeadm/kubeconfig.ts';

/** The variable in which the script gets `Wrapped`. */
const given = 'WIRELAB_TAP_PLUGIN';

interface Wrapped {
  readonly command: string;
  readonly args: readonly string[];
  /** The configuration that has the certificate and its key; they stand in no argument and no variable. */
  readonly file: string;
  /** What the plugin is told of the cluster (ExecCredential), if it asks. */
  readonly cluster?: object;
}

/** The `exec` of a user in a configuration, in place of the one that is given. */
export function wrappedExec(
  exec: YamlMap,
  { plugin, cluster }: Pick<PluginCall, 'plugin' | 'cluster'>,
  file: string,
): YamlMap {
  const { command, args, env } = plugin;
  const wrapped: Wrapped = { command, args, file, ...execInfoOf(plugin, cluster) };
  return {
    ...exec,
    command: execPath,
    args: ['-e', `(${runWrapped.toString()})(${JSON.stringify(given)})`],
    env: [...env, { name: given, value: JSON.stringify(wrapped) }],
    provideClusterInfo: false,
  };
}

/** Runs by itself, without anything of this module. */
/* c8 ignore start */
function runWrapped(variable: string): void {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { [variable]: text = '{}', ...env } = process.env;
  const { command, args, file, cluster } = JSON.parse(text) as Wrapped;
  const fail = (why: string): never => {
    process.stderr.write(`wirelab kube tap: ${why}\n`);
    process.exit(1);
  };
  const info = JSON.parse(env['KUBERNETES_EXEC_INFO'] ?? '{}') as { spec?: object };
  info.spec = { ...info.spec, ...(cluster ? { cluster } : {}) };
  const { error, status, stdout } = spawnSync(command, args, {
    stdio: ['inherit', 'pipe', 'inherit'],
    env: { ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    encoding: 'utf8',
  });
  if (error) fail(`${command}: ${(error as NodeJS.ErrnoException).code ?? error.message}`);
  if (status !== 0) process.exit(status ?? 1);
  try {
    const own = readFileSync(file, 'utf8');
    const dataOf = (name: string): string =>
      Buffer.from(new RegExp(`^ +${name}: (\\S+)$`, 'm').exec(own)?.[1] ?? '', 'base64').toString();
    const credential = JSON.parse(stdout) as { status?: object };
    credential.status = {
      ...credential.status,
      clientCertificateData: dataOf('client-certificate-data'),
      clientKeyData: dataOf('client-key-data'),
    };
    process.stdout.write(JSON.stringify(credential));
  } catch (unusable) {
    // The words of a JSON error quote what was printed: a token, perhaps.
    fail(unusable instanceof SyntaxError ? `${command} printed no JSON` : String(unusable));
  }
}
/* c8 ignore stop */
