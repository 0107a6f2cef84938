/** Runs rows with the real kubectl, and says of each how it came out. */
import { setTimeout as pause } from 'node:timers/promises';
import { matches, splitWords } from './command.ts';
import type { Command } from './command.ts';
import type { Prepared } from './prepared.ts';

export type Outcome = 'as it is' | 'refused' | 'known to differ' | 'different';

export interface Result {
  readonly command: Command;
  readonly outcome: Outcome;
  readonly code: number | null;
  readonly printed: string;
}

/** How often a row is repeated that a controller still has to make true, with a pause between. */
const tries = 40;
const between = 250;
/** A command without an end is stopped after that, in milliseconds. */
const endlessFor = 3000;

export async function runCommand(prepared: Prepared, command: Command): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    const result = await once(prepared, command);
    if (!command.isAwaited || command.differs || result.outcome === 'as it is' || attempt === tries)
      return result;
    await pause(between);
  }
}

async function once({ kubectl, read }: Prepared, command: Command): Promise<Result> {
  const filled = (text: string): string =>
    text
      .replace(/@base64\(([^)]+)\)/g, (_, file: string) => Buffer.from(read(file)).toString('base64'))
      .replace(/@text\(([^)]+)\)/g, (_, file: string) => read(file).replaceAll('\n', '\\n'));
  const { input, environment, isEndless, code: expected = 0, refusedAs, differs } = command;
  const { exitCode, stdout, stderr } = await kubectl(splitWords(filled(command.words)), {
    ...(input === undefined
      ? {}
      : { input: filled(typeof input === 'string' ? input : JSON.stringify(input)) }),
    ...(environment ? { env: environment } : {}),
    ...(isEndless ? { timeout: endlessFor } : {}),
  });
  const printed = `${stdout}${stdout === '' || stdout.endsWith('\n') ? '' : '\n'}${stderr}`;
  const isAsItIs = (isEndless || exitCode === expected) && matches(printed, command.says);
  const isRefused = refusedAs !== undefined && exitCode === 1 && matches(printed, refusedAs);
  return {
    command,
    outcome: isAsItIs ? 'as it is' : isRefused ? 'refused' : differs ? 'known to differ' : 'different',
    code: exitCode,
    printed,
  };
}
