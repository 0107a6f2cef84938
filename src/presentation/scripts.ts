/**
 * The commands of what stays up as small shell scripts, so that what is typed is short: `sh alice`. It decides their names and
 * texts; the command line writes the files.
 *
 * 1. A script is the command itself, an option on each line, so that reading it shows the whole command.
 * 2. Further arguments are handed on to the program: `sh alice --verbose`.
 */
import type { ManualCommand } from '../engine/manual-commands.ts';
import { inEach } from '../i18n/language.ts';
import { safeText } from '../i18n/safe.ts';
import type { Language, Localized } from '../i18n/language.ts';
import type { TypedCommand } from './types/values.ts';
import { scriptWords, verdictWords } from './words.ts';

declare module '../engine/extensions.ts' {
  interface ManualPrograms {
    /** A program of the user's own, led there. */
    readonly own?: string;
  }
}

export interface Script {
  /** Of the file. */
  readonly name: string;
  readonly text: string;
  /** Of which command: see `commandKey`. */
  readonly key: string;
  /** The arguments to be typed behind the name, quoted. */
  readonly needs: string;
}

export interface ScriptOptions {
  readonly language: Language;
  /** Names that other files have. */
  readonly taken?: ReadonlySet<string>;
  /** Commands beside these: a client that is led to several places has none that is named after it alone. */
  readonly others?: readonly ManualCommand[];
  /** Stands in a command for what the person is to fill in; the script takes it as its first argument. */
  readonly placeholder?: string;
  /** Before each name where they are typed. */
  readonly prefix?: string;
  /** The folder in which relative paths of the commands begin, as seen from the script's own. */
  readonly workingFolder?: string;
}

/** How every script begins: what begins so in the folder of a run that was killed may be replaced. */
export const scriptHead = '#!/bin/sh\n# Made by wirelab, removed at the end of the run.';

/**
 * What holds for all of these commands: how scripts are read, and what a browser needs before it can do the same.
 * @param command how wirelab is called where they are typed
 */
export function remarksOn(commands: readonly TypedCommand[], command = './wirelab'): Localized[] {
  const name = commands.find(({ typed }) => typed !== undefined)?.typed?.split(' ')[1];
  return [
    ...(name === undefined ? [] : [inEach((language) => scriptWords.read[language](name))]),
    ...(commands.some(({ line }) => line.includes('--cacert '))
      ? [inEach((language) => scriptWords.browser[language](command))]
      : []),
  ];
}

/** A script for each command, in their order. */
export function scriptsFor(ways: readonly ManualCommand[], options: ScriptOptions): Script[] {
  const taken = new Set(options.taken);
  const { others = [] } = options;
  return ways.flatMap((way) => {
    const isElsewhere = others.some(({ client, to }) => client === way.client && to !== way.to);
    const name = freeName(way, taken, isElsewhere && way.own === undefined);
    return programsOf(way).map(([program, line], index): Script => {
      const own = index === 0 ? name : unused([`${name}-${program}`], taken);
      taken.add(own);
      const isAsking = options.placeholder !== undefined && line.includes(options.placeholder);
      return {
        name: own,
        key: commandKey(way, program),
        needs: isAsking ? `'${options.placeholder}'` : '',
        text: textOf(
          { line, title: commandTitle(way, index)[options.language], name: own },
          options,
          isAsking,
        ),
      };
    });
  });
}

/** The command lines of a way in, by their programs. */
export function programsOf({
  hop: _hop,
  to: _to,
  client: _client,
  ...programs
}: ManualCommand): [string, string][] {
  return Object.entries<string | undefined>(programs).flatMap(([program, line]) =>
    line === undefined ? [] : [[program, line]],
  );
}

/** Two peers may have the same command line. */
export function commandKey({ hop, client, to }: ManualCommand, program: string): string {
  return [hop, client, to, program].join(' ');
}

/** What a command is for; a program after the first does the same as the first, or only a part of it. */
export function commandTitle(way: ManualCommand, index = 0): Localized {
  const { hop, client, to } = way;
  const programs = programsOf(way);
  const [program = '', line = ''] = programs[index] ?? [];
  const [, first = ''] = programs[0] ?? [];
  // The first logs in; another may only be able to ask for the page.
  const isPageOnly = first.includes('--data-urlencode') && line.includes('GET /login ');
  return inEach((language) =>
    program === 'own'
      ? scriptWords.own[language](hop, to)
      : index === 0
        ? verdictWords.reachAs[language](hop, spoken(client, language), to)
        : (isPageOnly ? scriptWords.pageOnly : scriptWords.again)[language](program),
  );
}

/** A client that stands for the reader is called by the pronoun of the language. */
const spoken = (client: string, language: Language): string =>
  language === 'ko' && client === 'you' ? '나' : client;

/** Named after the client, and where that is not enough after what it leads to. */
function freeName(
  { client, to, hop, own }: ManualCommand,
  taken: ReadonlySet<string>,
  isElsewhere: boolean,
): string {
  // There is one program of the user's own: what it leads to tells its commands apart.
  const [who, whom] = (own === undefined ? [client, to] : [to, client]).map((name) => fileName(name));
  return unused(
    [...(isElsewhere ? [] : [`${who}`]), `${who}-${whom}`, `${who}-${whom}-${hop.toLowerCase()}`],
    taken,
  );
}

/** Letters, digits, full stops and hyphens; it begins with a letter or a digit. */
function fileName(name: string): string {
  const kept = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replace(/^[.-]+/, '');
  return kept === '' ? 'client' : kept;
}

function unused(names: readonly string[], taken: ReadonlySet<string>): string {
  const [last = ''] = names.slice(-1);
  const free = names.find((name) => !taken.has(name));
  for (let number = 2, name = free; ; number++) {
    if (name !== undefined) return name;
    if (!taken.has(`${last}-${number}`)) name = `${last}-${number}`;
  }
}

function textOf(
  { line, title, name }: { readonly line: string; readonly title: string; readonly name: string },
  { placeholder = '', prefix = '', workingFolder, language }: ScriptOptions,
  isAsking: boolean,
): string {
  const words = wordsOf(line);
  const asked = isAsking
    ? words.map((word) => (word.includes(placeholder) ? asking(word, placeholder) : word))
    : words;
  return [
    scriptHead,
    `# ${safeText(title)}`,
    ...(workingFolder === undefined ? [] : [`cd "$(dirname "$0")/${workingFolder}" || exit`]),
    ...(isAsking
      ? [
          `if [ -z "$1" ]; then`,
          `  echo "${scriptWords.missing[language](placeholder, `sh ${prefix}${name} '${placeholder}'`)}" >&2`,
          '  exit 2',
          'fi',
          'given=$1',
          'shift',
        ]
      : []),
    ...commandLines(asked),
    '',
  ].join('\n');
}

/** A quoted word with the first argument in the place of the placeholder. */
function asking(word: string, placeholder: string): string {
  const plain = word.replaceAll(/^'|'$/g, '').replaceAll(/["$`\\]/g, String.raw`\$&`);
  return `"${plain.replace(placeholder, () => '$given')}"`;
}

/** The words of a POSIX command line, as they are written. */
function wordsOf(line: string): string[] {
  return Array.from(line.matchAll(/(?:'[^']*'|\\[^]|[^\s'\\])+/g), ([word]) => word);
}

/** A line for each option with its value, for each program of a pipeline, and for an address. */
function commandLines(words: readonly string[]): string[] {
  const lines: string[][] = [];
  for (const [index, word] of words.entries()) {
    const isNew = index === 0 || word.startsWith('-') || /^'?https?:/.test(word) || words[index - 1] === '|';
    if (isNew) lines.push([]);
    lines.at(-1)?.push(word);
  }
  const isPipeline = words.includes('|');
  const parts = [...lines.map((part) => part.join(' ')), '"$@"'];
  return parts.map((part, index) => {
    const indent = index === 0 || lines[index - 1]?.at(-1) === '|' ? '' : '  ';
    const isLast = index === parts.length - 1;
    const head = index === 0 && !isPipeline ? 'exec ' : indent;
    return `${head}${part}${isLast || part.endsWith('|') ? '' : ' \\'}`;
  });
}
