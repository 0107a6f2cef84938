/** Runs the real etcdctl with the given certificates, isolated from the user's own configuration. */
import { defined } from '../../core/defined.ts';
import type { Address } from '../../capture/event.ts';
import { runTool } from '../kubectl/tool-program.ts';
import type { ToolPrinted, Variables } from '../kubectl/tool-program.ts';

export interface EtcdctlRun {
  readonly words: readonly string[];
  readonly to: Address;
  /** PEM; absent for an etcd without TLS. */
  readonly authority?: string;
  readonly identity?: { readonly certificate: string; readonly key: string };
  readonly variables: Variables;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** Undefined where there is no etcdctl. */
export async function runEtcdctlProgram({
  words,
  to,
  authority,
  identity,
  ...rest
}: EtcdctlRun): Promise<ToolPrinted | undefined> {
  const scheme = authority === undefined ? 'http' : 'https';
  const flags = [
    `--endpoints=${scheme}://${to.host}:${to.port}`,
    ...(authority === undefined ? [] : ['--cacert=ca.crt']),
    ...(identity ? ['--cert=client.crt', '--key=client.key'] : []),
    // A refused client tries again until its time is up.
    '--dial-timeout=1s',
    '--command-timeout=1500ms',
  ];
  const files = {
    ...defined({ 'ca.crt': authority }),
    ...(identity ? { 'client.crt': identity.certificate, 'client.key': identity.key } : {}),
  };
  return runTool({
    ...rest,
    program: 'etcdctl',
    words: [...flags, ...words],
    files,
    environment: () => ({ ETCDCTL_API: '3' }),
  });
}

/** Numbers and dots; undefined where none is installed. */
export async function etcdctlVersion(
  variables: Variables,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const printed = await runTool({
    program: 'etcdctl',
    words: ['version'],
    files: {},
    environment: () => ({ ETCDCTL_API: '3' }),
    variables,
    ...defined({ signal }),
  });
  return printed && /^etcdctl version: (\d+(?:\.\d+)*)/m.exec(printed.output)?.[1];
}
