/**
 * Runs a credential plugin as client-go does (client.authentication.k8s.io, ExecCredential) and reads the credentials that it
 * prints. Its messages and questions go to the user's terminal.
 */
import { spawn } from 'node:child_process';
import { defined } from '../../core/defined.ts';
import { UserError } from '../../i18n/user-error.ts';
import { isMap } from '../../pki/kubeadm/kubeconfig.ts';
import type { YamlMap } from '../../pki/kubeadm/kubeconfig.ts';
import type { ExecPlugin } from './user-config.ts';

export interface PluginCredentials {
  /** It gives out a bearer token, which kubectl asks it for itself. */
  readonly hasToken: boolean;
  /** PEM. */
  readonly identity?: { readonly certificate: string; readonly key: string };
  /** In milliseconds since the epoch; absent if they do not expire. */
  readonly expires?: number;
}

export interface PluginCall {
  readonly plugin: ExecPlugin;
  /** For errors: the configuration that names it. */
  readonly where: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Somebody can answer its questions. */
  readonly isInteractive: boolean;
  /** For a plugin that asks which cluster it is for. */
  readonly cluster: { readonly server: string; readonly authority?: string; readonly entry: YamlMap };
}

/** Of what a plugin prints, in characters. */
const mostPrinted = 1024 * 1024;

/** @throws UserError if it cannot be run, fails, or prints no credentials. */
export async function runExecPlugin({
  plugin,
  where,
  variables,
  isInteractive,
  cluster,
}: PluginCall): Promise<PluginCredentials> {
  const { apiVersion, command, args, env, interactiveMode, installHint } = plugin;
  const failure = (what: string, ko: string, received?: string): UserError =>
    new UserError(
      defined({
        what: {
          en: `the credential plugin ${command} ${what}`,
          ko: `자격 증명 플러그인 ${command}: ${ko}`,
        },
        where,
        received,
        remedy: {
          en:
            installHint ?? 'Run kubectl get --raw /version with this configuration: it runs the same plugin.',
          ko:
            installHint ??
            '같은 설정으로 kubectl get --raw /version을 실행해 보세요. 같은 플러그인이 실행됩니다.',
        },
      }),
    );
  if (interactiveMode === 'Always' && !isInteractive)
    throw failure('asks questions, and there is no terminal', '질문에 답할 터미널이 필요합니다');
  const asks = isInteractive && interactiveMode !== 'Never';
  const info = {
    apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive: asks,
      ...execInfoOf(plugin, cluster),
    },
  };
  const child = spawn(command, [...args], {
    stdio: [asks ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    env: {
      ...variables,
      ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify(info),
    },
  });
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(0, mostPrinted);
  });
  const ended = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : `${signal ?? code ?? ''}`));
  });
  if (ended === 'ENOENT') throw failure('is not installed', '설치되어 있지 않습니다');
  if (ended !== undefined) throw failure('failed', '실패했습니다', `exit ${ended}`);
  let credential: unknown;
  try {
    credential = JSON.parse(printed);
  } catch {
    throw failure('printed no JSON', 'JSON을 출력하지 않았습니다');
  }
  const status = isMap(credential) && credential['kind'] === 'ExecCredential' && credential['status'];
  if (!isMap(status)) throw failure('printed no credentials', '출력에 자격 증명이 없습니다');
  const [certificate, key] = [status['clientCertificateData'], status['clientKeyData']];
  const expires = Date.parse(String(status['expirationTimestamp']));
  return defined({
    hasToken: typeof status['token'] === 'string' && status['token'] !== '',
    identity:
      typeof certificate === 'string' && typeof key === 'string' && certificate !== ''
        ? { certificate, key }
        : undefined,
    expires: Number.isNaN(expires) ? undefined : expires,
  });
}

/** What a plugin is told of the cluster, if it asks. */
export const execInfoOf = (
  { provideClusterInfo }: Pick<ExecPlugin, 'provideClusterInfo'>,
  cluster: PluginCall['cluster'],
): { readonly cluster?: object } => (provideClusterInfo ? { cluster: clusterInfo(cluster) } : {});

function clusterInfo({ server, authority, entry }: PluginCall['cluster']): object {
  const extensions = Array.isArray(entry['extensions']) ? (entry['extensions'] as unknown[]) : [];
  const own = extensions.find((one) => isMap(one) && one['name'] === 'client.authentication.k8s.io/exec');
  return defined({
    server,
    'tls-server-name': entry['tls-server-name'],
    'insecure-skip-tls-verify': entry['insecure-skip-tls-verify'],
    'certificate-authority-data':
      authority === undefined ? undefined : Buffer.from(authority).toString('base64'),
    'proxy-url': entry['proxy-url'],
    config: isMap(own) ? own['extension'] : undefined,
  });
}
