/**
 * Runs a Kubernetes command line tool (kubectl, etcdctl) in a temporary folder with the given files, isolated from the
 * user's own configuration.
 *
 * 1. Nothing hangs: a program that does not end in time is ended, and has no exit code.
 * 2. It gets no input.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { shownText } from '../../core/bytes.ts';
import { defined } from '../../core/defined.ts';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Variables = Dictionary<string | undefined>;

export interface ToolRun {
  readonly program: string;
  readonly words: readonly string[];
  /** By name: what stands in the folder in which it runs. */
  readonly files: Dictionary<string>;
  /** A file in that folder whose contents afterwards are wanted. */
  readonly reads?: string;
  /** What it needs beside PATH and HOME. */
  readonly environment?: (folder: string) => Dictionary<string>;
  /** Where PATH is found. */
  readonly variables: Variables;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface ToolPrinted {
  readonly exitCode: number | null;
  readonly output: string;
  readonly words: string;
  /** What the wanted file holds. */
  readonly read?: string;
}

const mostBytes = 65_536;

/** Undefined where there is no such program. */
export async function runTool({
  program,
  words,
  files,
  environment,
  reads,
  variables,
  signal,
  timeoutMs = 8000,
}: ToolRun): Promise<ToolPrinted | undefined> {
  const folder = mkdtempSync(join(tmpdir(), `wirelab-${program}-`));
  try {
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(folder, name), text, { mode: 0o600 });
    const { PATH = '', SystemRoot } = variables;
    const own = {
      PATH,
      HOME: folder,
      LC_ALL: 'C',
      ...environment?.(folder),
      ...defined({ SystemRoot }),
    };
    const ended = await new Promise<ToolPrinted | undefined>((resolve) => {
      const child = spawn(program, words, {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: own,
        cwd: folder,
        killSignal: 'SIGKILL',
        ...defined({ signal }),
      });
      // Node's own goes on where there is no such program, and the process with it.
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      const end = (printed: ToolPrinted | undefined): void => {
        clearTimeout(timer);
        resolve(printed);
      };
      const said = { output: [] as Buffer[], words: [] as Buffer[] };
      for (const [stream, part] of [
        [child.stdout, 'output'],
        [child.stderr, 'words'],
      ] as const) {
        let length = 0;
        stream.on('data', (bytes: Buffer) => {
          if (length < mostBytes) said[part].push(bytes);
          length += bytes.length;
        });
      }
      const printed = (): Pick<ToolPrinted, 'output' | 'words'> => ({
        output: shownText(Buffer.concat(said.output)),
        words: shownText(Buffer.concat(said.words)),
      });
      // Being ended by the caller is no sign that it is missing.
      child.on('error', () => end(signal?.aborted ? { exitCode: null, ...printed() } : undefined));
      child.on('close', (exitCode) => end({ exitCode, ...printed() }));
    });
    return ended && reads !== undefined
      ? { ...ended, read: readFileSync(join(folder, reads), 'utf8') }
      : ended;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
