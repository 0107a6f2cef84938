/** Reads from the arguments and variables of a command whom it trusts, what it presents, and what it asks for. */
import { defined } from '../../core/defined.ts';
import { starttlsNames } from '../../wire/starttls/protocols.ts';
import type { Given, Intent, Program, Words } from './program.ts';

export function intentOf(program: Program | undefined, words: Words, variables: NodeJS.ProcessEnv): Intent {
  if (!program) return {};
  const of = (given: Given | undefined): string | undefined => given && valueOf(given, words, variables);
  const asked = of(program.starttls);
  return defined({
    authorities: of(program.authorities),
    certificate: of(program.certificate),
    key: of(program.key),
    serverName: of(program.serverName),
    alpn: of(program.alpn)?.split(','),
    starttls: starttlsNames.find((name) => name === asked),
    isInsecure: program.insecure && isGiven(program.insecure, words, variables) ? (true as const) : undefined,
  });
}

/** `--option value`, `--option=value`, `-Evalue`; then a pattern; then a variable. */
function valueOf(
  { options = [], patterns = [], variables: names = [], variablesFirst, isAnyOf }: Given,
  words: Words,
  variables: NodeJS.ProcessEnv,
): string | undefined {
  const set = names.map((name) => variables[name]).filter((value) => value !== undefined && value !== '');
  const ofVariables = isAnyOf && new Set(set).size > 1 ? undefined : set[0];
  if (variablesFirst && ofVariables !== undefined) return ofVariables;
  for (const [index, word] of words.entries()) {
    if (index === 0) continue;
    for (const option of options) {
      if (word === option) return words[index + 1];
      if (word.startsWith(`${option}=`)) return word.slice(option.length + 1);
      if (/^-[A-Za-z]$/.test(option) && word.startsWith(option)) return word.slice(2);
    }
    for (const pattern of patterns) {
      const found = pattern.exec(word)?.[1];
      if (found !== undefined) return found;
    }
  }
  return ofVariables;
}

function isGiven(given: Given, words: Words, variables: NodeJS.ProcessEnv): boolean {
  const isFlag = words.some(
    (word, index) =>
      index > 0 &&
      (given.options ?? []).some(
        (option) =>
          word === option ||
          word === `${option}=true` ||
          // Short flags may stand together: -sk.
          (/^-[A-Za-z]$/.test(option) && /^-[A-Za-z]+$/.test(word) && word.includes(option.slice(1))),
      ),
  );
  return isFlag || valueOf({ ...given, options: [] }, words, variables) !== undefined;
}
