/**
 * The command as a process that goes on: what it prints is waited for, signals are sent to it, and the test ends it.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import { mainFile, measuredFile, wirelabEnvironment } from './wirelab.ts';

/** How long a line may take, in milliseconds: less than AVA gives a file that is silent, so that the test is named. */
const patience = 60_000;

/** What has been measured: a command with its options. Others with the same ones do much the same, at four times the cost. */
const measured = new Set<string>();

function isFirstOfItsKind(words: readonly string[]): boolean {
  const kind = [words[0], ...words.filter((word) => word.startsWith('-'))].join(' ');
  const isFirst = !measured.has(kind);
  measured.add(kind);
  return isFirst;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves with everything printed so far, once it matches. */
  until(pattern: RegExp): Promise<string>;
  readonly exit: Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>;
}

/** @param before what a shell does first, such as setting a limit; coverage, which writes large files, is then not collected */
export function start(
  t: ExecutionContext,
  words: readonly string[],
  before?: string,
  env: Readonly<Record<string, string>> = {},
): Running {
  const isMeasured = before === undefined && isFirstOfItsKind(words);
  const command = [process.execPath, isMeasured ? measuredFile : mainFile, ...words];
  const [program = '', ...rest] =
    before === undefined ? command : ['sh', '-c', `${before}; exec "$@"`, 'sh', ...command];
  const child = spawn(program, rest, {
    env: wirelabEnvironment({
      ...(isMeasured ? { NODE_V8_COVERAGE: process.env['NODE_V8_COVERAGE'] } : {}),
      ...env,
    }),
  });
  let printed = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    for (const check of waiting) check();
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const exit = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  t.teardown(() => child.kill('SIGKILL'));
  return {
    child,
    exit,
    until: async (pattern) =>
      new Promise((done, fail) => {
        const check = (): void => {
          if (!pattern.test(printed)) return;
          waiting.delete(check);
          clearTimeout(timer);
          done(printed);
        };
        const timer = setTimeout(() => {
          waiting.delete(check);
          fail(new Error(`not printed within ${patience} ms: ${String(pattern)}:\n${printed}`));
        }, patience);
        waiting.add(check);
        const ended = ([code, signal]: readonly [number | null, NodeJS.Signals | null]): void => {
          clearTimeout(timer);
          fail(
            new Error(`ended (${code ?? signal ?? '?'}) before ${String(pattern)}:\n${printed}${complaints}`),
          );
        };
        void exit.then(ended);
        check();
      }),
  };
}
