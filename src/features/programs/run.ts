/**
 * Runs external programs (curl, openssl, gnutls-cli) as clients of a step, against the unchanged proxies, and logs their
 * output. Predictions are in `predictions.ts`; the commands come from the step's feature.
 *
 * 1. One after the other, so that each connection can be attributed to a program.
 * 2. Nothing hangs: a program that has not ended in time is killed, and has no exit code.
 * 3. Their environment has only what makes them print English and ignore the user's own settings.
 */
import { spawn } from 'node:child_process';
import type { Address } from '../../capture/event.ts';
import type { ProgramCommands } from '../../engine/extensions.ts';
import type { ProgramTrial } from '../../engine/feature.ts';
import { telling } from '../../peers/by-hand/telling.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { absentWords, isPredicted, otherVersionWords, predictedFor, programNames } from './predictions.ts';
import type { Build, ProgramName } from './predictions.ts';
import type { RunOptions } from '../../engine/run-context.ts';

export type PeerName = Exclude<ProgramName, 'node'>;

interface Peer {
  readonly versionWords: readonly string[];
  /** The version in the first line of its output. */
  readonly version: RegExp;
  readonly command: (commands: ProgramCommands) => {
    readonly words: readonly string[];
    readonly input: string;
  };
}

const peers: Readonly<Record<PeerName, Peer>> = {
  curl: {
    versionWords: ['--version'],
    version: /^curl (\d[\d.]*)/,
    command: ({ curl }) => ({
      words: ['--disable', '--max-time', '5', '--noproxy', '*', ...curl],
      input: '',
    }),
  },
  openssl: {
    versionWords: ['version'],
    version: /^\S+ (\d[\d.]*)/,
    command: ({ openssl, request }) => ({ words: openssl, input: request }),
  },
  'gnutls-cli': {
    versionWords: ['--version'],
    version: /^gnutls-cli (\d[\d.]*)/,
    command: ({ gnutls, request }) => ({ words: gnutls, input: request }),
  },
};

const isPeer = (program: ProgramName): program is PeerName => program !== 'node';

const timeoutMs = 30_000;

export type InstalledPrograms = ReadonlyMap<PeerName, Build>;

/** Which of the plan's programs are installed; a note for each that is not, or has no prediction. */
export async function findPrograms({
  plan,
  log,
  variables = {},
  signal,
}: RunOptions): Promise<InstalledPrograms> {
  const { predictions = {} } = plan;
  const installed = new Map<PeerName, Build>();
  for (const program of programNames) {
    if (!isPeer(program) || !predictions[program]) continue;
    const { versionWords, version } = peers[program];
    const said = await run(program, { words: versionWords, input: '' }, variables, signal);
    const [line = ''] = said?.output.trim().split('\n') ?? [];
    const number = version.exec(line)?.[1];
    if (number === undefined) log.append({ type: 'note', part: 'programs', text: absentWords(program) });
    else {
      const build = { version: number, build: line };
      installed.set(program, build);
      if (!predictedFor(predictions, program, build))
        log.append({
          type: 'note',
          part: 'programs',
          text: otherVersionWords(predictions, program, build),
        });
    }
  }
  return installed;
}

/** Each of them repeats what the step's client did. */
export async function runPrograms(
  step: PlannedStep,
  trial: ProgramTrial,
  installed: InstalledPrograms,
  options: RunOptions,
  addresses: ReadonlyMap<string, Address>,
): Promise<void> {
  const { plan, log, world, variables = {}, signal } = options;
  const { predictions = {} } = plan;
  const commandsFor = await trial.load();
  for (const [program, build] of installed) {
    if (signal?.aborted) return;
    if (!isPredicted(predictions, program, step)) continue;
    const commands = commandsFor(step, { plan, addresses, world });
    if (!commands) return;
    const connections: number[] = [];
    const open = new Set<number>();
    const from = log.events.length;
    const unsubscribe = log.subscribe((event) => {
      if (event.seq < from) return;
      if (event.type === 'opened' && event.hop === step.path[0]) {
        connections.push(event.conn);
        open.add(event.conn);
      } else if (event.type === 'closed') open.delete(event.conn);
    });
    const said = await run(program, peers[program].command(commands), variables, signal);
    // The far end may see the close later.
    await log.until(() => open.size === 0, timeoutMs, signal);
    unsubscribe();
    log.append({
      type: 'observed',
      who: program,
      result: {
        kind: 'program',
        program,
        ...build,
        exitCode: said?.exitCode ?? null,
        words: telling(said?.output ?? ''),
        connections,
      },
    });
  }
}

interface Said {
  /** Null when it was killed. */
  readonly exitCode: number | null;
  readonly output: string;
}

/** Undefined when it could not be started. Never rejects. */
async function run(
  program: PeerName,
  { words, input }: { readonly words: readonly string[]; readonly input: string },
  { PATH = '', HOME = '', SystemRoot }: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal | undefined,
): Promise<Said | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH, HOME, LC_ALL: 'C', ...(SystemRoot === undefined ? {} : { SystemRoot }) },
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      ...(signal ? { signal } : {}),
    });
    let output = '';
    for (const stream of [child.stderr, child.stdout]) {
      stream.setEncoding('latin1');
      stream.on('data', (text: string) => (output += output.length < 65_536 ? text : ''));
    }
    child.stdin.on('error', () => {});
    child.on('error', () => resolve(undefined));
    child.on('close', (exitCode) => resolve({ exitCode, output: Buffer.from(output, 'latin1').toString() }));
    child.stdin.end(input);
  });
}
