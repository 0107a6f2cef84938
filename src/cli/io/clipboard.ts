/**
 * Which program puts text onto the clipboard here, and putting it there. The text goes through standard input: a command
 * line can be read by every process of the machine. The other way, OSC 52, needs no program and is the terminal's own.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { Which } from './which.ts';

export interface ClipboardTool {
  /** The program's path, as it was found. */
  readonly command: string;
  readonly args: readonly string[];
  /** How the program reads its input; UTF-8 unless it says so. */
  readonly encoding?: BufferEncoding;
  /** Set for the program alone. */
  readonly variables?: Readonly<Record<string, string>>;
}

interface ClipboardRow extends Omit<ClipboardTool, 'command'> {
  readonly program: string;
  readonly serves: (variables: NodeJS.ProcessEnv, platform: NodeJS.Platform) => boolean;
}

const underWayland: ClipboardRow['serves'] = (variables) => Boolean(variables['WAYLAND_DISPLAY']);
const underX: ClipboardRow['serves'] = (variables) => Boolean(variables['DISPLAY']);

/** The first that serves and is installed is taken. */
const rows: readonly ClipboardRow[] = [
  // Takes the locale's encoding for its input, which is not UTF-8 where none is set.
  {
    program: 'pbcopy',
    args: [],
    variables: { LC_ALL: 'en_US.UTF-8' },
    serves: (_, platform) => platform === 'darwin',
  },
  { program: 'wl-copy', args: ['--type', 'text/plain;charset=utf-8'], serves: underWayland },
  { program: 'xclip', args: ['-selection', 'clipboard', '-in'], serves: underX },
  { program: 'xsel', args: ['--clipboard', '--input'], serves: underX },
  // Reads the code page of the console, or UTF-16: only that has Hangul everywhere. A byte order mark would be pasted too.
  {
    program: 'clip.exe',
    args: [],
    encoding: 'utf16le',
    serves: (variables) => Boolean(variables['WSL_DISTRO_NAME'] || variables['WSL_INTEROP']),
  },
];

/** The program that serves this session, or undefined where none is installed or there is no clipboard to reach. */
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

/** Whether the program took the text and ended well within `timeoutMs`. Never rejects; no shell is involved. */
export async function copyWith(
  tool: ClipboardTool,
  text: string,
  { timeoutMs = 2000 }: { readonly timeoutMs?: number } = {},
): Promise<boolean> {
  const { command, args, encoding = 'utf8', variables } = tool;
  return new Promise((resolve) => {
    // xclip and wl-copy leave a process behind that serves the clipboard. In a group of its own, and with no stream of
    // ours, it neither holds this program nor ends with it.
    let child: ChildProcessByStdio<Writable, null, null>;
    try {
      child = spawn(command, args, {
        stdio: ['pipe', 'ignore', 'ignore'],
        detached: true,
        env: { ...process.env, ...variables },
      });
    } catch {
      // Node reports the usual failures through an event, and throws the others.
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
    // One that does not read to the end says so by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(Buffer.from(text, encoding));
  });
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
