/**
 * The real command as a process of its own, with certificates in a temporary folder and a fixed locale.
 */
import { mkdtempSync, rmSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { Environment } from '../../src/cli/command.ts';
import { findPlaces } from '../../src/cli/places.ts';
import { languageAsked, perform } from '../../src/cli/program.ts';
import { atMost } from './in-turn.ts';
import { runProgram } from './peer.ts';
import { stateHome } from './state-home.ts';
import type { ProgramResult } from './peer.ts';
import { atExit } from './at-exit.ts';

const root = resolve(import.meta.dirname, '../../..');

/** Every demonstration that lies in the project. */
export const scenarioNames = readdirSync(join(root, 'scenarios')).sort();

/** The command as the launcher starts it. */
export const mainFile = join(root, 'dist', 'bundle/start.cjs');

/**
 * The same, and where coverage is measured its modules one by one. A process so measured costs four times as much to start:
 * that is for those that do what no test does in its own process (`running.ts`).
 */
export const measuredFile = process.env['NODE_V8_COVERAGE']
  ? join(root, 'dist', 'src/cli/main.js')
  : mainFile;

/** One folder a test process; removed as the process ends. */
const folder = mkdtempSync(join(tmpdir(), 'wirelab-test-'));
atExit(() => rmSync(folder, { recursive: true, force: true }));

/** The folder in which these runs keep their certificates. */
export const certificatesFolder = join(folder, 'certs');

export function wirelabEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return {
    PATH,
    HOME,
    LANG: 'C.UTF-8',
    WIRELAB_CERTS: certificatesFolder,
    XDG_STATE_HOME: stateHome,
    WIRELAB_NO_MOTION: '1',
    // Left out, Node would set it: coverage of child processes is collected through this variable.
    NODE_V8_COVERAGE: undefined,
    ...more,
  };
}

/** So many at a time: the tests of a file all begin at once, and a hundred processes would each be too slow for its own limits. */
const inTurn = atMost(4);

/** What is written is kept; nobody is at a terminal. */
class Kept extends Writable {
  readonly isTTY = false;
  #text = '';

  get text(): string {
    return this.#text;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#text += chunk.toString();
    done();
  }
}

/** One after the other: each may have a folder of its own to be in. */
let asking: Promise<unknown> = Promise.resolve();

/** The same command in this process, one at a time: a process of its own costs ten times as much. Whatever ends a process, or runs beside another, is for `runWirelab`. */
export async function askWirelab(
  words: readonly string[],
  { env = {}, cwd }: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<ProgramResult> {
  const variables = wirelabEnvironment(env);
  const [stdout, stderr] = [new Kept(), new Kept()];
  const before = asking;
  const answer = (async () => {
    await before.catch(() => {});
    const home = process.cwd();
    const setState = (place: string | undefined): void => {
      if (place === undefined) delete process.env['XDG_STATE_HOME'];
      else process.env['XDG_STATE_HOME'] = place;
    };
    const state = process.env['XDG_STATE_HOME'];
    if (cwd !== undefined) process.chdir(cwd);
    // Labs look for their state in the process's own environment.
    setState(variables['XDG_STATE_HOME']);
    try {
      return await perform(words, environmentOf(words, variables, stdout, stderr));
    } finally {
      setState(state);
      if (cwd !== undefined) process.chdir(home);
    }
  })();
  asking = answer;
  return { exitCode: await answer, stdout: stdout.text, stderr: stderr.text };
}

/** The same beside others: for commands that change nothing of the process. */
export async function asWirelab(
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<ProgramResult> {
  const variables = wirelabEnvironment(env);
  const [stdout, stderr] = [new Kept(), new Kept()];
  const exitCode = await perform(words, environmentOf(words, variables, stdout, stderr));
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

function environmentOf(
  words: readonly string[],
  variables: NodeJS.ProcessEnv,
  stdout: Kept,
  stderr: Kept,
): Environment {
  return {
    variables,
    places: findPlaces(variables),
    language: languageAsked(words, variables),
    stdin: Object.assign(Readable.from([]), { isTTY: false }) as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
  };
}

export async function runWirelab(
  words: readonly string[],
  options: { env?: NodeJS.ProcessEnv; input?: string; cwd?: string } = {},
): Promise<ProgramResult> {
  const { env, ...rest } = options;
  return inTurn(async () =>
    runProgram(process.execPath, [mainFile, ...words], {
      timeout: 120_000,
      ...rest,
      env: wirelabEnvironment(env),
    }),
  );
}
