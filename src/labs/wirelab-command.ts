/** Texts that say which command of wirelab's to run, by the path that works where the learner is: a checkout is not in the PATH. */
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import type { UserErrorFacts } from '../i18n/user-error.ts';

const bare = /(?<![./\w-])(?:\.\/)?wirelab (?=(?:lab|certs|inspect|login) )/g;

/** @param command how wirelab is called, quoted for a shell */
export function calledAs(text: Localized, command: string): Localized {
  return inEach((language) => text[language].replaceAll(bare, () => `${command} `));
}

/** The same for the remedies of an error; the same value where it names no command. */
export function remediesCalledAs(facts: UserErrorFacts, command: string): UserErrorFacts {
  const { remedy, others } = facts;
  if (!remedy && !others) return facts;
  return {
    ...facts,
    ...(remedy ? { remedy: calledAs(remedy, command) } : {}),
    ...(others ? { others: others.map((one) => remediesCalledAs(one, command)) } : {}),
  };
}
