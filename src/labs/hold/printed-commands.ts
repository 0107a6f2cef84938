/**
 * The commands of a running lab, by what they are for, as its terminal lists them. They are kept with the lab's state while it runs:
 * `wirelab lab commands` in another terminal lists the same ones.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../../i18n/read-file.ts';
import type { TypedCommand } from '../../presentation/types/values.ts';
import { replaceFile, stateOf } from '../state.ts';
import type { LabEvent } from './holding.ts';

export type PrintedCommands = Dictionary<readonly TypedCommand[]>;

/** The commands after an event; the same value if it changes none. @param commands those that the event makes possible */
export function commandsWith(
  known: PrintedCommands,
  event: LabEvent,
  commands: readonly TypedCommand[],
): PrintedCommands {
  switch (event.kind) {
    case 'open':
      return { ...known, [event.tasks.join(' ')]: commands };
    case 'shut':
      return event.goesOn ? known : { ...known, [event.tasks.join(' ')]: [] };
    case 'live':
      return { ...known, [`live ${event.wire}`]: commands };
    case 'cluster':
    case 'control-plane':
      return { [event.kind]: commands };
    default:
      return known;
  }
}

const fileName = 'commands.json';
/** The most bytes of the file. */
const largest = 1024 * 1024;

/** Keeps them for other terminals. */
export class KeptCommands {
  readonly #path: string;
  #commands: PrintedCommands = {};

  constructor(folder: string) {
    this.#path = join(stateOf(folder), fileName);
    // Of a run that was killed.
    this.close();
  }

  after(event: LabEvent, commands: readonly TypedCommand[]): void {
    const now = commandsWith(this.#commands, event, commands);
    if (now === this.#commands) return;
    this.#commands = now;
    const lines = Object.values(now).flatMap((some) => some.map(({ typed, line }) => typed ?? line));
    try {
      replaceFile(this.#path, `${JSON.stringify(lines)}\n`);
    } catch {
      // They are printed in the terminal of the lab all the same.
    }
  }

  close(): void {
    rmSync(this.#path, { force: true });
  }
}

/** Those of the lab that runs in a folder, as they are typed there; none if it has printed none. */
export function keptCommands(folder: string): readonly string[] {
  try {
    const lines: unknown = JSON.parse(readText(join(stateOf(folder), fileName), largest));
    return Array.isArray(lines) ? lines.filter((line): line is string => typeof line === 'string') : [];
  } catch {
    return [];
  }
}
