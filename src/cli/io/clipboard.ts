/**
 * Finds the clipboard program of this session and copies text with it. The text goes through standard input: command
 * lines are visible to every process on the machine. The alternative, OSC 52, needs no program and belongs to the
 * terminal.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { Which } from './which.ts';

export interface ClipboardTool {
  /** The resolved path of the program. */
  readonly command: string;
  readonly args: readonly string[];
  /** The encoding of the program's input; UTF-8 by default. */
  readonly encoding?: BufferEncoding;
  /** Environment variables for this program only. */
  readonly variables?: Readonly<Record<string, string>>;
}

interface ClipboardRow extends Omit<ClipboardTool, 'command'> {
  readonly program: string;
  readonly serves: (variables: NodeJS.ProcessEnv, platform: NodeJS.Platform) => boolean;
}

const underWayland: ClipboardRow['serves'] = (variables) => Boolean(variables['WAYLAND_DISPLAY']);
const underX: ClipboardRow['serves'] = (variables) => Boolean(variables['DISPLAY']);

/** The first installed program that fits the session is used. */
const rows: readonly ClipboardRow[] = [
  // It uses the locale's encoding for its input, which is not UTF-8 if none is set.
  {
    program: 'pbcopy',
    args: [],
    variables: { LC_ALL: 'en_US.UTF-8' },
    serves: (_, platform) => platform === 'darwin',
  },
  { program: 'wl-copy', args: ['--type', 'text/plain;charset=utf-8'], serves: underWayland },
  { program: 'xclip', args: ['-selection', 'clipboard', '-in'], serves: underX },
  { program: 'xsel', args: ['--clipboard', '--input'], serves: underX },
  // It reads the console's code page, or UTF-16, which alone always has Hangul. A byte order mark would be pasted too.
  {
    program: 'clip.exe',
    args: [],
    encoding: 'utf16le',
    serves: (variables) => Boolean(variables['WSL_DISTRO_NAME'] || variables['WSL_INTEROP']),
  },
];

/** The clipboard program for this session; undefined if none is installed or the session has no clipboard. */
export function clipboardTool(
  variables: NodeJS.ProcessEnv,
  which: Which,
  platform: NodeJS.Platform = process.platform,
): ClipboardTool | undefined {
  for (const { program, serves, ...tool } of rows) {
    const command = serves(variables, platform) ? which(program) : undefined;
    if (command !== undefined) return { command, ...tool };
  }
  return undefined;
}

/** Whether the program accepted the text and exited successfully within `timeoutMs`. Never rejects; no shell is involved. */
export async function copyWith(
  tool: ClipboardTool,
  text: string,
  { timeoutMs = 2000 }: { readonly timeoutMs?: number } = {},
): Promise<boolean> {
  const { command, args, encoding = 'utf8', variables } = tool;
  return new Promise((resolve) => {
    // xclip and wl-copy leave a process behind that serves the clipboard. In its own process group, without our
    // streams, it neither keeps this program alive nor ends with it.
    let child: ChildProcessByStdio<Writable, null, null>;
    try {
      child = spawn(command, args, {
        stdio: ['pipe', 'ignore', 'ignore'],
        detached: true,
        env: { ...process.env, ...variables },
      });
    } catch {
      // Node reports most failures through an event and throws the others.
      resolve(false);
      return;
    }
    const timer = setTimeout(() => {
      if (child.pid !== undefined) killGroup(child.pid);
      finish(false);
    }, timeoutMs);
    const finish = (copied: boolean): void => {
      clearTimeout(timer);
      child.stdin.destroy();
      child.unref();
      resolve(copied);
    };
    child.on('error', () => finish(false));
    child.on('exit', (exitCode) => finish(exitCode === 0));
    // A program that does not read all input reports it by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(Buffer.from(text, encoding));
  });
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It has exited in the meantime.
  }
}
