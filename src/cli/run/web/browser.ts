/** Opens an address in the user's browser by the program that the system has for it, without a shell. */
import { spawn } from 'node:child_process';
import { findProgram } from '../../io/which.ts';
import type { Which } from '../../io/which.ts';
import type { GuardedServer } from './guarded-server.ts';

interface OpenerRow {
  readonly program: string;
  /** Elsewhere it would start a browser that needs a terminal. */
  readonly serves: (variables: NodeJS.ProcessEnv, platform: NodeJS.Platform) => boolean;
}

const rows: readonly OpenerRow[] = [
  { program: 'open', serves: (_, platform) => platform === 'darwin' },
  {
    program: 'xdg-open',
    serves: (variables, platform) =>
      platform !== 'darwin' && Boolean(variables['DISPLAY'] || variables['WAYLAND_DISPLAY']),
  },
];

/** The program, as a path; undefined if there is none, or nothing to show a window on. */
export function openerFor(
  variables: NodeJS.ProcessEnv,
  which: Which,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  for (const { program, serves } of rows) {
    const found = serves(variables, platform) ? which(program) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Starts it, and does not wait: the browser stays when this program ends. Resolves with whether it was started. */
async function openWith(opener: string, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const child = spawn(opener, [address], { stdio: 'ignore', detached: true });
      child.on('error', () => resolve(false));
      child.on('spawn', () => resolve(true));
      child.unref();
    } catch {
      // Node reports most failures through an event and throws the others.
      resolve(false);
    }
  });
}

/**
 * Opens a page of a server where there is a program for it; elsewhere the address is there to be opened by hand. It is in the arguments
 * of that program, which every user of the machine can read: it works once.
 */
export async function openBrowser(
  server: Pick<GuardedServer, 'urlForOnce'>,
  variables: NodeJS.ProcessEnv,
): Promise<void> {
  const opener = openerFor(variables, (program) => findProgram(program, variables));
  if (opener !== undefined) await openWith(opener, server.urlForOnce());
}
