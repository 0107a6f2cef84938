/** Says how the same command is given what it lacks: the exact line to type. */
import { shellWord } from '../../i18n/shell-word.ts';
import type { DiagnosedCause } from '../diagnosis.ts';
import { inEach } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Alteration, Given, Program, Words } from './program.ts';

const ofTrust: ReadonlySet<DiagnosedCause> = new Set(['unknown_ca', 'self_signed']);

/** For every program that uses this machine's CAs. */
const trustEverywhere = 'sudo cp CA.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates';

/**
 * @param said what the program wrote
 * @returns undefined where nothing that is typed on the client mends it
 */
export function remedyFor(
  cause: DiagnosedCause,
  by: string,
  {
    program,
    words,
    said,
    variables,
    authorities,
  }: {
    readonly program: Program | undefined;
    readonly words: Words;
    readonly said: string;
    readonly variables: NodeJS.ProcessEnv;
    /** A file with CAs among the words of a program that has no row. */
    readonly authorities?: string | undefined;
  },
): string | undefined {
  if (by === 'client' && ofTrust.has(cause)) {
    if (authorities !== undefined)
      return words
        .map((word, index) => shellWord(index === 0 ? word : withFile(word, authorities)))
        .join(' ');
    return program
      ? altered(words, program.trust(words, said, variables), aliasesOf(program))
      : trustEverywhere;
  }
  if (by === 'server' && cause === 'certificate_missing' && program?.present)
    return altered(words, program.present(words, variables), aliasesOf(program));
  return undefined;
}

/** An option and its other spellings: `--cert`, `-E`. */
const aliasesOf = ({ authorities, certificate, key }: Program): readonly (readonly string[])[] =>
  [authorities, certificate, key].map((given) => given?.options ?? []);

const withFile = (word: string, path: string): string =>
  word === path || word.endsWith(`=${path}`) ? `${word.slice(0, word.length - path.length)}CA.crt` : word;

/** The command changed like that, as it is typed. */
export function altered(
  given: Words,
  { variables = {}, options = {}, words: more = [], patterns = [], behind, instead }: Alteration,
  aliases: readonly (readonly string[])[] = [],
): string {
  if (instead !== undefined) return instead;
  const replaced = patterns.reduce<Words>(withinWords, given);
  // What a word of the command says itself counts more than what would be put before or into it.
  if (replaced !== given) return replaced.map(shellWord).join(' ');
  let words = given;
  const added: string[] = [...more];
  for (const [option, value] of Object.entries(options)) {
    const name = option.replace(/=$/, '');
    const names = aliases.find((some) => some.includes(name)) ?? [name];
    const changed = names.map((one) => withValue(words, one, value)).find((one) => one !== undefined);
    if (changed) words = changed;
    else added.push(...(option.endsWith('=') ? [`${option}${value}`] : [option, value]));
  }
  const at = behind === undefined ? 1 : Math.max(1, words.indexOf(behind) + 1);
  return [
    ...Object.entries(variables).map(([name, one]) => `${name}=${shellWord(one)}`),
    ...[...words.slice(0, at), ...added, ...words.slice(at)].map(shellWord),
  ].join(' ');
}

/** With another value in every word that gives one. */
const withinWords = (words: Words, [pattern, value]: readonly [RegExp, string]): Words => {
  const changed = words.map((word, index) => {
    const [match, old] = index === 0 ? [] : (pattern.exec(word) ?? []);
    return match === undefined || old === undefined
      ? word
      : word.replace(match, () => match.slice(0, match.length - old.length) + value);
  });
  return changed.some((word, index) => word !== words[index]) ? changed : words;
};

/** With another value for an option that is given; undefined where it is not. */
function withValue(words: Words, option: string, value: string): Words | undefined {
  // Of several the last counts.
  const apart = words.lastIndexOf(option);
  if (apart > 0 && apart + 1 < words.length) return words.with(apart + 1, value);
  const isShort = /^-[A-Za-z]$/.test(option);
  const before = isShort ? option : `${option}=`;
  const joined = words.findLastIndex((word) => word.startsWith(before) && (!isShort || word.length > 2));
  return joined > 0 ? words.with(joined, `${before}${value}`) : undefined;
}

/**
 * General words name the options of wirelab and of curl: of a program that has others the same with its own. Code that is run has
 * none.
 */
export function inItsOptions(words: Localized, program: Program | undefined): Localized {
  if (!program || program.runsCode) return words;
  const own = (given: Given | undefined, usual: string): string => {
    const options = given?.options ?? [];
    return options.includes(usual) ? usual : (options[0] ?? given?.variables?.[0] ?? usual);
  };
  const names: Readonly<Record<string, string>> = {
    '--cacert': own(program.authorities, '--cacert'),
    '--cert': own(program.certificate, '--cert'),
    '--key': own(program.key, '--key'),
  };
  return inEach((language) =>
    words[language].replaceAll(/(?<![\w-])--(?:cacert|cert|key)(?![\w-])/g, (name) => names[name] ?? name),
  );
}
