/** Texts that say which command of wirelab's to run, by the path that works where the learner is: a checkout is not in the PATH. */
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import type { UserErrorFacts } from '../i18n/user-error.ts';
import type { CompiledLab, LabNarration } from './lab.ts';

const bare = /(?<![./\w-])(?:\.\/)?wirelab (?=(?:lab|certs|inspect|login|kube|run) )/g;

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

/** A line of output, of which only what is called from a checkout is a command: the rest may be somebody’s data. */
export const lineCalledAs = (line: string, command: string): string =>
  line.includes('./wirelab') ? line.replaceAll(fromCheckout, () => command) : line;

const fromCheckout = /(?<![./\w-])\.\/wirelab(?= [a-z]|$)/g;

/** A lab whose texts say its commands by the path that works in the learner’s folder. */
export function labCalledAs(lab: CompiledLab, command: string): CompiledLab {
  const say = (text: string): string => text.replaceAll(bare, () => `${command} `);
  const called = ({ title, intro, end, tasks }: LabNarration): LabNarration => ({
    title,
    intro: say(intro),
    end: say(end),
    tasks: Object.fromEntries(
      Object.entries(tasks).map(([id, task]) => [
        id,
        { ...task, text: say(task.text), done: say(task.done), hints: task.hints.map(say) },
      ]),
    ),
  });
  return { ...lab, narration: { en: called(lab.narration.en), ko: called(lab.narration.ko) } };
}
