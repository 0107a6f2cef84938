/**
 * What the labs of a class have reported, kept in a file: a line for each learner and lab, as `class gather --format json` prints
 * them and reads them again. The newest report counts, whatever time it names: learners' clocks differ.
 *
 * A report is acknowledged when it is on the disk. Those that come within a moment are written together; the file is replaced as
 * a whole, so that whoever reads it, and the next start, never finds half of it.
 */
import { existsSync } from 'node:fs';
import type { Clock } from '../../../core/clock.ts';
import { UserError } from '../../../i18n/user-error.ts';
import { writeNewFiles } from '../../certs/files.ts';
import { boardJson } from '../board.ts';
import { inOrder, readHandedIn } from '../handed-in.ts';
import type { HandedIn } from '../handed-in.ts';

/** Labs of one learner. */
const mostLabs = 50;
/** Bytes of the file: every lab of more learners than a class has, each with the longest finding. */
const largest = 64 * 1024 * 1024;
/** Reports that come within so many milliseconds are written together. */
const gatherFor = 20;

/** A learner has reported more labs than there are. */
export class TooManyLabs extends Error {}

export class Entries {
  readonly #path: string;
  readonly #clock: Pick<Clock, 'now'>;
  #rows: Map<string, HandedIn>;
  #waiting: { readonly done: () => void; readonly fail: (error: unknown) => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @throws UserError for a file that has something else in it */
  constructor(path: string, clock: Pick<Clock, 'now'>) {
    this.#path = path;
    this.#clock = clock;
    const kept = existsSync(path) ? readHandedIn(path, largest) : [];
    this.#rows = new Map(kept.map((row) => [keyOf(row), row]));
  }

  /** By learner and lab. */
  get rows(): readonly HandedIn[] {
    return inOrder([...this.#rows.values()]);
  }

  /** Resolves when it is written. Rejects with `TooManyLabs`, and with a `UserError` where it cannot be written. */
  async put(entry: HandedIn): Promise<void> {
    const key = keyOf(entry);
    const own = [...this.#rows.values()].filter(({ learner }) => learner === entry.learner).length;
    if (!this.#rows.has(key) && own >= mostLabs) throw new TooManyLabs(`${own} labs of ${entry.learner}`);
    this.#rows.set(key, this.#inTime(entry));
    await new Promise<void>((done, fail) => {
      this.#waiting.push({ done, fail });
      this.#timer ??= setTimeout(() => this.#write(), gatherFor);
    });
  }

  /** Writes what was not written yet. */
  close(): void {
    if (this.#timer) this.#write();
  }

  /** No check is of a time to come. */
  #inTime(entry: HandedIn): HandedIn {
    const now = this.#clock.now();
    const isBefore = entry.at !== undefined && Date.parse(entry.at) <= now;
    return isBefore ? entry : { ...entry, at: new Date(now).toISOString() };
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting.splice(0);
    try {
      writeNewFiles([{ path: this.#path, text: boardJson(this.rows), mode: 0o600, flag: '--folder' }], true);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      for (const { fail } of waiting) fail(error);
      return;
    }
    for (const { done } of waiting) done();
  }
}

const keyOf = ({ learner, lab }: HandedIn): string => JSON.stringify([learner, lab]);
