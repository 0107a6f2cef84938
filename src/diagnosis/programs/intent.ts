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
  const of = (given: Given | undefined): Valued | undefined => given && valueOf(given, words, variables);
  const authorities = of(program.authorities);
  const certificate = of(program.certificate)?.value ?? settings?.certificate;
  const serverName = of(program.serverName);
  const asked = of(program.starttls)?.value;
  return defined({
    authoritiesText: authorities ? undefined : settings?.authoritiesText,
    authorities: authorities?.value ?? settings?.authorities,
    mayTrustOthers: program.runsCode && authorities?.isVariable ? (true as const) : undefined,
    certificate: certificate === undefined ? undefined : fileIn(certificate),
    key: of(program.key)?.value ?? settings?.key,
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
    const inSettings = settings?.[kind];
    const named = given ? allOf(given, words, variables) : [];
    if (named.length === 0 && inSettings !== undefined)
      return [
        {
          path: kind === 'certificate' ? fileIn(inSettings) : inSettings,
          kind,
          by: settings?.by ?? '',
          isVariable: false,
        },
      ];
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
function allOf(given: Given, words: Words, variables: NodeJS.ProcessEnv): readonly Valued[] {
  const one = valueOf(given, words, variables);
  if (one || !given.isAnyOf) return one ? [one] : [];
  return setIn(given, variables);
}

/** The value of one of these options. */
export const optionOf = (words: Words, ...options: string[]): string | undefined =>
  valueOf({ options }, words, {})?.value;

interface Valued {
  readonly value: string;
  readonly by: string;
  readonly isVariable: boolean;
}

const setIn = ({ variables: names = [] }: Given, variables: NodeJS.ProcessEnv): readonly Valued[] =>
  names.flatMap((by) => {
    const value = variables[by];
    return value === undefined || value === '' ? [] : [{ value, by, isVariable: true }];
  });

/** `--option value`, `--option=value`, `-Evalue`; then a pattern; then a variable. */
function valueOf(given: Given, words: Words, variables: NodeJS.ProcessEnv): Valued | undefined {
  const { options = [], patterns = [], variablesFirst, isAnyOf, isLast } = given;
  const set = setIn(given, variables);
  const ofVariables = isAnyOf && new Set(set.map(({ value }) => value)).size > 1 ? undefined : set[0];
  if (variablesFirst && ofVariables !== undefined) return ofVariables;
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
  return (isLast ? found.at(-1) : found[0]) ?? ofVariables;
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
