/** Suppresses repeated messages: a message is reported once, and again only after a quiet period. */
import type { Clock } from '../../core/clock.ts';

export class Repeats {
  readonly #clock: Clock;
  readonly #quiet: number;
  /** The time of each message's last occurrence, oldest first. */
  readonly #said = new Map<string, number>();

  /** @param quiet in milliseconds. */
  constructor(clock: Clock, quiet: number) {
    this.#clock = clock;
    this.#quiet = quiet;
  }

  isNew(text: string): boolean {
    const now = this.#clock.now();
    for (const [one, at] of this.#said) {
      if (now - at <= this.#quiet) break;
      this.#said.delete(one);
    }
    const isNew = !this.#said.delete(text);
    this.#said.set(text, now);
    return isNew;
  }
}
