/**
 * Runs the real kubectl with its own kubeconfig, isolated from the user's kubeconfig, cache and plugins. The caller
 * provides the command.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import { runTool } from './tool-program.ts';
import type { ToolPrinted, Variables } from './tool-program.ts';

export interface KubectlRun {
  readonly words: readonly string[];
  readonly kubeconfig: string;
  /** By name: what stands in the folder in which it runs. */
  readonly files: Dictionary<string>;
  readonly variables: Variables;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** With its kubeconfig afterwards; undefined where there is no kubectl. */
export async function runKubectlProgram({
  kubeconfig,
  files,
  ...rest
}: KubectlRun): Promise<(ToolPrinted & { readonly config?: string }) | undefined> {
  const printed = await runTool({
    ...rest,
    program: 'kubectl',
    files: { ...files, config: kubeconfig },
    environment: (folder) => ({ KUBECONFIG: `${folder}/config` }),
    reads: 'config',
  });
  if (!printed) return undefined;
  const { read: config, ...said } = printed;
  return { ...said, ...defined({ config }) };
}

/** The version of the kubectl that is installed: numbers and dots; undefined where none is. */
export async function kubectlVersion(
  variables: Variables,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const printed = await runKubectlProgram({
    words: ['version', '--client', '--output=json'],
    kubeconfig: '',
    files: {},
    variables,
    ...defined({ signal }),
  });
  return printed && /"gitVersion": "v(\d+(?:\.\d+)*)/.exec(printed.output)?.[1];
}
