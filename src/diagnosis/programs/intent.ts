/** Reads from the arguments and variables of a command whom it trusts, what it presents, and what it asks for. */
import { defined } from '../../core/defined.ts';
import { starttlsNames } from '../../wire/starttls/protocols.ts';
import type { Given, Intent, NamedFile, Program, Settings, Words } from './program.ts';

/** @param settings what its files of settings say: it counts where arguments and variables say nothing */
export function intentOf(
  program: Program | undefined,
  words: Words,
  variables: NodeJS.ProcessEnv,
  settings?: Settings,
): Intent {
  if (!program) return {};
  const of = (given: Given | undefined, inSettings?: Valued): Valued | undefined =>
    given ? placesOf(given, words, variables, inSettings)[0] : inSettings;
  const authorities = of(program.authorities, settingOf(settings, 'authorities'));
  const certificate = of(program.certificate, settingOf(settings, 'certificate'))?.value;
  const verified = of(program.verifiedName);
  const serverName = verified ?? of(program.serverName);
  const asked = of(program.starttls)?.value;
  return defined({
    authoritiesText: authorities ? undefined : settings?.authoritiesText,
    authorities: authorities?.value,
    mayTrustOthers: program.runsCode && authorities?.isVariable ? (true as const) : undefined,
    certificate: certificate === undefined ? undefined : fileIn(certificate),
    key: of(program.key, settingOf(settings, 'key'))?.value,
    verifies: verified?.value,
    serverName: serverName?.value ?? settings?.serverName,
    serverNameBy: serverName?.by ?? settings?.serverNameBy,
    alpn: of(program.alpn)?.value.split(','),
    starttls: starttlsNames.find((name) => name === asked),
    isInsecure:
      settings?.isInsecure ??
      (program.insecure && isGiven(program.insecure, words, variables) ? (true as const) : undefined),
  });
}

/** The option that says how strict the program is, with its value, as it was written. */
export function policyOf(
  program: Program | undefined,
  words: Words,
  variables: NodeJS.ProcessEnv,
): string | undefined {
  const given = program?.policy && valueOf(program.policy, words, variables);
  return given && `${given.by} ${given.value}`;
}

/** The folders of CAs that its arguments and variables name. */
export function foldersNamed(
  program: Program | undefined,
  words: Words,
  variables: NodeJS.ProcessEnv,
): readonly { readonly by: string; readonly path: string }[] {
  const given = program?.folder && valueOf(program.folder, words, variables);
  const paths = given?.isVariable ? given.value.split(':') : given ? [given.value] : [];
  return paths.filter((path) => path !== '').map((path) => ({ by: given?.by ?? '', path }));
}

const kinds = ['authorities', 'certificate', 'key'] as const;

/** The files that its arguments and variables name: of each kind the one that counts, and its stores. */
export function filesNamed(
  program: Program | undefined,
  words: Words,
  variables: NodeJS.ProcessEnv,
  settings?: Settings,
): readonly NamedFile[] {
  if (!program) return filesAmong(words);
  const files = kinds.flatMap((kind): NamedFile[] => {
    const given = program[kind];
    const inSettings = settingOf(settings, kind);
    const named = given ? allOf(given, words, variables, inSettings) : inSettings ? [inSettings] : [];
    return named.map(({ value, by, isVariable }) => ({
      path: kind === 'certificate' ? fileIn(value) : value,
      kind,
      by,
      isVariable,
    }));
  });
  return [
    ...files,
    ...(program.stores?.(words, variables) ?? []),
    ...(program.runsCode ? [...filesAmong(words), ...filesInCode(words)] : []),
  ].filter(({ path }) => path !== '');
}

/** curl: FILE:PASSWORD; an object of a token has its colon in front. */
const fileIn = (path: string): string => (isOfToken(path) ? path : path.replace(/:[^/]*$/, ''));

/** An object of a token (RFC 7512), or data in the place of a path. */
export const isOfToken = (path: string): boolean => /^(?:pkcs11|tpm2?|system|data):/i.test(path);

/** Words that are named like a file of certificates or keys. */
const filesAmong = (words: Words): readonly NamedFile[] =>
  words.slice(1).flatMap((word): NamedFile[] => {
    const [, by = '', path = ''] =
      /^(?:(--?[\w-]+)=)?([^\s=?&]+\.(?:crt|cer|pem|key|p12|pfx|jks))$/i.exec(word) ?? [];
    return path === '' || path.includes('://')
      ? []
      : [{ path, kind: 'other', by: by === '' ? 'argument' : by, isVariable: false }];
  });

/** Of code that is run: paths in quotes. */
const filesInCode = (words: Words): readonly NamedFile[] =>
  words.slice(1).flatMap((word): NamedFile[] =>
    /[\s;(]/.test(word)
      ? [...word.matchAll(/(['"])([^'"\s]+\.(?:crt|cer|pem|key|p12|pfx|jks))\1/gi)].map(
          ([, , path = '']) => ({
            path,
            kind: 'other',
            by: 'argument',
            isVariable: false,
          }),
        )
      : [],
  );

/** The one that counts; of variables of which only the program knows which counts, all. */
function allOf(
  given: Given,
  words: Words,
  variables: NodeJS.ProcessEnv,
  inSettings?: Valued,
): readonly Valued[] {
  const [one] = placesOf(given, words, variables, inSettings);
  if (one || !given.isAnyOf) return one ? [one] : [];
  return setIn(given, variables);
}

/** The value of one of these options. */
export const optionOf = (words: Words, ...options: string[]): string | undefined =>
  valueOf({ options }, words, {})?.value;

export interface Valued {
  readonly value: string;
  readonly by: string;
  readonly isVariable: boolean;
}

const setIn = ({ variables: names = [] }: Given, variables: NodeJS.ProcessEnv): readonly Valued[] =>
  names.flatMap((by) => {
    const value = variables[by];
    return value === undefined || value === '' ? [] : [{ value, by, isVariable: true }];
  });

/** `--option value`, `--option=value`, `-Evalue`, or a pattern: in the command itself. */
function inWords({ options = [], patterns = [] }: Given, words: Words): Valued | undefined {
  const found: Valued[] = [];
  for (const [index, word] of words.entries()) {
    if (index === 0) continue;
    const add = (value: string | undefined, by: string): void => {
      if (value !== undefined) found.push({ value, by, isVariable: false });
    };
    for (const option of options) {
      if (word === option) add(words[index + 1], option);
      else if (word.startsWith(`${option}=`)) add(word.slice(option.length + 1), option);
      else if (/^-[A-Za-z]$/.test(option) && word.startsWith(option)) add(word.slice(2), option);
    }
    for (const pattern of patterns) {
      const [, value, by = ''] = pattern.exec(word) ?? [];
      if (value !== undefined) add(value, by || nameOf(pattern, word));
    }
  }
  // As programs read their arguments: of several the last counts.
  return found.at(-1);
}

/**
 * Every place that gives a value, the one that counts first.
 * @param inSettings what a file of settings says
 */
function placesOf(
  given: Given,
  words: Words,
  variables: NodeJS.ProcessEnv,
  inSettings?: Valued,
): readonly Valued[] {
  const set = setIn(given, variables);
  const isOpen = given.isAnyOf && new Set(set.map(({ value }) => value)).size > 1;
  const places = {
    variables: isOpen ? undefined : set[0],
    words: inWords(given, words),
    settings: inSettings,
  };
  const order = given.order ?? usualOrder;
  return order.flatMap((place) => places[place] ?? []);
}

const usualOrder = ['words', 'variables', 'settings'] as const;

const valueOf = (given: Given, words: Words, variables: NodeJS.ProcessEnv): Valued | undefined =>
  placesOf(given, words, variables)[0];

const settingOf = (settings: Settings | undefined, kind: (typeof kinds)[number]): Valued | undefined => {
  const value = settings?.[kind];
  return value === undefined ? undefined : { value, by: settings?.by ?? '', isVariable: false };
};

export interface Overridden {
  readonly wins: Valued;
  readonly loses: Valued;
}

/** Several places name whom the command trusts, or what it presents, and not the same: the first counts. */
export function overriddenIn(
  program: Program | undefined,
  words: Words,
  variables: NodeJS.ProcessEnv,
  settings?: Settings,
): { readonly authorities?: Overridden; readonly certificate?: Overridden } {
  const of = (kind: 'authorities' | 'certificate'): Overridden | undefined => {
    const given = program?.[kind];
    if (!given) return undefined;
    const [wins, loses] = placesOf(given, words, variables, settingOf(settings, kind));
    return wins && loses && wins.value !== loses.value ? { wins, loses } : undefined;
  };
  return defined({ authorities: of('authorities'), certificate: of('certificate') });
}

/** What stands before the value. */
const nameOf = (pattern: RegExp, word: string): string =>
  /([\w.-]+)=/.exec(pattern.exec(word)?.[0] ?? '')?.[1] ?? word;

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
