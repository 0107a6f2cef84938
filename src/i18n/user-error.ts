/**
 * Defines the user's errors: a bad file, option, port or key. A UserError carries everything for one clear message in
 * every language; the command line prints it and exits with 2. What a demonstration is about (a refusal, a reset) is a
 * value and not a UserError; our own bugs are ordinary errors.
 */
import type { Localized } from './language.ts';

export interface UserErrorFacts {
  /** What was wrong, as a sentence. */
  readonly what: Localized;
  /** Where: a file with line, a path in it, an option. */
  readonly where?: string;
  readonly expected?: Localized;
  readonly received?: string;
  /** What to do about it. */
  readonly remedy?: Localized;
  /** Further errors from the same pass, in order, so that all can be fixed at once. */
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
