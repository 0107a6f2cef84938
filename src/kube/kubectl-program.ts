/**
 * Runs the real kubectl with a kubeconfig of its own, in a folder that is gone afterwards: it sees no kubeconfig, cache or
 * plugin of the person whose machine it is. What is asked is the caller's.
 *
 * 1. Nothing hangs: what has not ended in time is ended, and its exit code is none.
 * 2. It is never asked anything: its input is empty.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Variables = Readonly<Record<string, string | undefined>>;

export interface KubectlRun {
  readonly words: readonly string[];
  readonly kubeconfig: string;
  /** By name: what stands in the folder in which it runs. */
  readonly files: Readonly<Record<string, string>>;
  readonly variables: Variables;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface KubectlPrinted {
  readonly exitCode: number | null;
  readonly output: string;
  readonly words: string;
}

const mostCharacters = 65_536;

/** Undefined where there is no kubectl. */
export async function runKubectlProgram({ words, kubeconfig, files, variables, signal, timeoutMs = 8000 }: KubectlRun): Promise<KubectlPrinted | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-kubectl-'));
  try {
    writeFileSync(join(folder, 'config'), kubeconfig, { mode: 0o600 });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
    return await run(words, { PATH: variables['PATH'] ?? '', HOME: folder, KUBECONFIG: join(folder, 'config'), LC_ALL: 'C', ...(variables['SystemRoot'] === undefined ? {} : { SystemRoot: variables['SystemRoot'] }) }, folder, timeoutMs, signal);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The version of the kubectl that is installed: numbers and dots; undefined where none is. */
export async function kubectlVersion(variables: Variables, signal?: AbortSignal): Promise<string | undefined> {
  const printed = await runKubectlProgram({ words: ['version', '--client', '--output=json'], kubeconfig: '', files: {}, variables, ...(signal ? { signal } : {}) });
  return printed && /"gitVersion": "v(\d+(?:\.\d+)*)/.exec(printed.output)?.[1];
}

async function run(words: readonly string[], environment: NodeJS.ProcessEnv, cwd: string, timeout: number, signal: AbortSignal | undefined): Promise<KubectlPrinted | undefined> {
  return new Promise((resolve) => {
    const child = spawn('kubectl', words, { stdio: ['ignore', 'pipe', 'pipe'], env: environment, cwd, timeout, killSignal: 'SIGKILL', ...(signal ? { signal } : {}) });
    const said = { output: '', words: '' };
    for (const [stream, part] of [[child.stdout, 'output'], [child.stderr, 'words']] as const) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        if (said[part].length < mostCharacters) said[part] += text;
      });
    }
    // Ended by who called is no sign that there is none.
    child.on('error', () => resolve(signal?.aborted ? { exitCode: null, ...said } : undefined));
    child.on('close', (exitCode) => resolve({ exitCode, ...said }));
  });
}
