/** Whole commands under measurement: their wall time, and what memory they had at most. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { residentMegabytes } from './processes.ts';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are no failure. */
  readonly codes?: readonly number[];
}

const environment = (more: CommandOptions['env']): NodeJS.ProcessEnv => ({
  ...process.env,
  SSLKEYLOGFILE: '',
  ...more,
});

/** Wall milliseconds of a command whose output is thrown away. */
export function wallMilliseconds(
  words: readonly string[],
  { cwd, env, codes = [0] }: CommandOptions = {},
): number {
  const [program = '', ...parameters] = words;
  const started = process.hrtime.bigint();
  const { status, stderr } = spawnSync(program, parameters, {
    cwd,
    env: environment(env),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const spent = Number(process.hrtime.bigint() - started) / 1e6;
  if (!codes.includes(status ?? -1))
    throw new Error(`${words.join(' ')} ended with ${status}: ${stderr.toString().slice(0, 300)}`);
  return spent;
}

/** How often memory is looked at; the peak is the kernel's own, so that only its last rise can be missed. */
const lookMilliseconds = 20;

export interface Observation {
  readonly seconds: number;
  /** Peak resident memory in MB. */
  readonly megabytes: number;
}

/** Wall seconds and peak memory of a command, its output written to a file or thrown away. */
export async function observe(
  words: readonly string[],
  { cwd, env, codes = [0], output }: CommandOptions & { readonly output?: string } = {},
): Promise<Observation> {
  const [program = '', ...parameters] = words;
  const file = output === undefined ? undefined : openSync(output, 'w');
  const started = performance.now();
  const child = spawn(program, parameters, {
    cwd,
    env: environment(env),
    stdio: ['ignore', file ?? 'ignore', 'ignore'],
  });
  if (file !== undefined) closeSync(file);
  let megabytes = 0;
  const look = setInterval(() => {
    megabytes = Math.max(megabytes, residentMegabytes(child.pid ?? 0));
  }, lookMilliseconds);
  const [status] = (await once(child, 'exit')) as [number | null];
  clearInterval(look);
  if (!codes.includes(status ?? -1)) throw new Error(`${words.join(' ')} ended with ${status}`);
  return { seconds: (performance.now() - started) / 1000, megabytes };
}
