/**
 * A user's mistake: a bad file, flag, port or key. It carries everything that the one clear message needs,
 * in every language; the command line prints it and exits with 2. What a demonstration is about (a refusal, a reset)
 * is a value and never one of these; our own bugs are ordinary errors.
 */
import type { Localized } from './language.ts';

export interface UserErrorFacts {
  /** What was wrong, as a sentence. */
  readonly what: Localized;
  /** Where: a file with line, a path in it, a flag. */
  readonly where?: string;
  readonly expected?: Localized;
  readonly received?: string;
  /** What to do about it. */
  readonly remedy?: Localized;
  /** More mistakes that were found in the same reading, in order, so that a person mends them in one go. */
  readonly others?: readonly UserErrorFacts[];
}

export class UserError extends Error {
  readonly facts: UserErrorFacts;

  constructor(facts: UserErrorFacts, options?: ErrorOptions) {
    super(facts.where ? `${facts.where}: ${facts.what.en}` : facts.what.en, options);
    this.name = 'Mistake';
    this.facts = facts;
  }
}
