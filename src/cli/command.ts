/**
 * Defines what a command is, and parses its options. A command is one file that exports a `Command`; the table in
 * main.ts names them. Options are declared as data, so that help, parsing and error messages come from one row.
 */
import { defined } from '../core/defined.ts';
import type { Language, Localized } from '../i18n/language.ts';
import { verbatim } from '../i18n/language.ts';
import { UserError } from '../i18n/user-error.ts';
import { nearest } from '../i18n/nearest.ts';
import type { Places } from './places.ts';

export interface OptionRow {
  /** The name of the value in help; without it the option is a flag. */
  readonly value?: string;
  readonly short?: string;
  /** The value may be left out: the next word is one only where it looks like this. */
  readonly optional?: RegExp;
  /** The allowed values, if limited. */
  readonly choices?: readonly string[];
  /** May be repeated; `Parsed.all` returns every value, `Parsed.text` the last one. */
  readonly many?: true;
  /** Starts a section of the option list in help, which this row and the following ones belong to. */
  readonly heading?: Localized;
  readonly help: Localized;
}

export type OptionTable = Readonly<Record<string, OptionRow>>;

/** What the process environment provides to a command. */
export interface Environment {
  readonly variables: NodeJS.ProcessEnv;
  readonly places: Places;
  readonly language: Language;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  /** Stops the processes of this job, as Ctrl-Z does; returns when a shell continues them. Absent where there is no shell. */
  readonly stopJob?: () => void;
}

/** The texts of the help for a command or an action. */
export interface CommandWords {
  readonly summary: Localized;
  /** The operands in the usage line. */
  readonly operands: string;
  readonly options: OptionTable;
  readonly examples: readonly { readonly line: string; readonly does: Localized }[];
  /** The meaning of the exit codes, if it differs from a run's. */
  readonly exits?: Localized;
}

export interface Command extends CommandWords {
  readonly actions?: undefined;
  /** The exit code if the reader of the output goes away before the command has one; 0 unless given. */
  readonly exitUnread?: number;
  /** Runs it; the exit code is 0 (claims hold), 1 (they do not), or thrown as a UserError (2). */
  run(parsed: Parsed, environment: Environment): Promise<number>;
}

/** A command with several actions, each a command in its own right: `certs show`. */
export interface CommandOfActions extends CommandWords {
  /** Actions are imported on first use. */
  readonly actions: Readonly<Record<string, () => Promise<Command>>>;
}

/** Commands by name; each is imported on first use. */
export type CommandTable = Readonly<Record<string, () => Promise<Command | CommandOfActions>>>;

export interface Parsed {
  readonly operands: readonly string[];
  /** The operands behind `--`; absent where there was none. */
  readonly afterDashes?: readonly string[];
  /** Whether it was given; with an optional value, whether with one or without. */
  flag(name: string): boolean;
  text(name: string): string | undefined;
  /** The values of a repeatable option, in order. */
  all(name: string): readonly string[];
}

/** Options of every command. */
export const commonOptions: OptionTable = {
  lang: {
    value: 'en|ko',
    choices: ['en', 'ko'],
    help: {
      en: 'the output language (default: from LC_ALL, LC_MESSAGES, LANG)',
      ko: '출력 언어(기본값: LC_ALL, LC_MESSAGES, LANG에서 정함)',
    },
  },
  help: { short: 'h', help: { en: 'show this help', ko: '이 도움말' } },
};

/** The exit codes of every command that runs until it is ended: of the signals SIGHUP, SIGINT, SIGQUIT and SIGTERM. */
export const signalExits: Localized = {
  en: '129 the terminal was closed (SIGHUP); 130 Ctrl-C (SIGINT); 131 SIGQUIT; 143 SIGTERM',
  ko: '129는 터미널이 닫힘(SIGHUP), 130은 Ctrl-C(SIGINT), 131은 SIGQUIT, 143은 SIGTERM',
};

const seeHelp = (command: string): Localized => ({
  en: `Run ./wirelab ${command} --help for the options.`,
  ko: `옵션 목록: ./wirelab ${command} --help`,
});

/** One option as given; `value` is the text after it, `inline` is true for `--name=value`. */
interface GivenOption {
  readonly given: string;
  readonly name: string;
  readonly value: string | undefined;
  readonly inline: boolean;
}

/**
 * Splits words into options and operands like getopt_long: `--name value`, `--name=value`, `-x value`, `-xvalue`, `-xy`
 * for two flags; after `--` everything is an operand. Hand-written because it runs at every start and this is all that
 * is needed.
 */
function readWords(
  words: readonly string[],
  table: OptionTable,
): {
  readonly options: readonly GivenOption[];
  readonly operands: readonly string[];
  readonly afterDashes?: readonly string[];
} {
  const options: GivenOption[] = [];
  const operands: string[] = [];
  let afterDashes: readonly string[] | undefined;
  const byShort = (letter: string): string =>
    Object.entries(table).find(([name, { short }]) => short === letter || name === letter)?.[0] ?? letter;
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--') {
      afterDashes = left.splice(0);
      operands.push(...afterDashes);
    } else if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const given = equals < 0 ? word : word.slice(0, equals);
      const name = given.slice(2);
      const inline = equals >= 0;
      const value = inline ? word.slice(equals + 1) : takesNext(table[name], left) ? left.shift() : undefined;
      options.push({ given, name, value, inline });
    } else if (word.startsWith('-') && word.length > 1) {
      for (let rest = word.slice(1); rest !== ''; ) {
        const letter = rest.slice(0, 1);
        const name = byShort(letter);
        rest = rest.slice(1);
        const takesValue = table[name]?.value !== undefined;
        const inline = takesValue && rest !== '';
        options.push({
          given: `-${letter}`,
          name,
          value: takesValue ? (inline ? rest : left.shift()) : undefined,
          inline,
        });
        if (takesValue) rest = '';
      }
    } else {
      operands.push(word);
    }
  }
  return defined({ options, operands, afterDashes });
}

function takesNext(row: OptionRow | undefined, [next]: readonly string[]): boolean {
  if (row?.optional) return next !== undefined && row.optional.test(next);
  return row?.value !== undefined;
}

/** Parses the words after a command's name. @throws UserError for an unknown option, and a missing or invalid value. */
export function parseCommand(name: string, options: OptionTable, words: readonly string[]): Parsed {
  const table: OptionTable = { ...options, ...commonOptions };
  const read = readWords(words, table);
  const flags = new Set<string>();
  const texts = new Map<string, string[]>();
  for (const { given, name: option, value, inline } of read.options) {
    const row = Object.hasOwn(table, option) ? table[option] : undefined;
    if (!row) throw unknownOption(name, given, Object.keys(table));
    if (row.optional && value === undefined) flags.add(option);
    else if (row.value)
      texts.set(option, [...(texts.get(option) ?? []), checkValue(name, given, row, value, inline)]);
    else if (value === undefined) flags.add(option);
    else throw takesNoValue(name, given, value);
  }
  return {
    operands: read.operands,
    ...(read.afterDashes ? { afterDashes: read.afterDashes } : {}),
    flag: (option) => flags.has(option) || (table[option]?.optional !== undefined && texts.has(option)),
    text: (option) => texts.get(option)?.at(-1),
    all: (option) => texts.get(option) ?? [],
  };
}

function unknownOption(command: string, given: string, known: readonly string[]): UserError {
  const near = nearest(given.replace(/^-+/, ''), known);
  return new UserError({
    what: { en: `unknown option: ${given}`, ko: `${given} 옵션은 없습니다` },
    where: `wirelab ${command}`,
    received: given,
    remedy: near
      ? {
          en: `Did you mean --${near}? ${seeHelp(command).en}`,
          ko: `--${near} 옵션을 찾으셨나요? ${seeHelp(command).ko}`,
        }
      : seeHelp(command),
  });
}

function takesNoValue(command: string, given: string, value: string): UserError {
  return new UserError({
    what: { en: `${given} does not accept a value`, ko: `${given} 옵션에는 값을 붙이지 않습니다` },
    where: `wirelab ${command}`,
    expected: verbatim(given),
    received: `${given}=${value}`,
    remedy: seeHelp(command),
  });
}

/** Explains how to give several values to a repeatable option. */
export function repeated(command: string, given: string, values: readonly string[]): Localized {
  const example = values
    .slice(0, 2)
    .map((value) => `${given} ${value}`)
    .join(' ');
  return {
    en: `Give one value at a time and repeat the option for more: ${example}. ${seeHelp(command).en}`,
    ko: `한 번에 값 하나만 씁니다. 여러 개면 옵션을 반복하세요: ${example}. ${seeHelp(command).ko}`,
  };
}

const attached = (given: string, value: string): string =>
  given.startsWith('--') ? `${given}=${value}` : `${given}${value}`;

function checkValue(
  command: string,
  given: string,
  row: OptionRow,
  value: string | undefined,
  inline: boolean,
): string {
  const expected = verbatim(`${given} ${row.value ?? ''}`);
  // `--keylog --json`: the next word is an option, so the value is missing. A lone `-`, a negative number and `--name=-x` are
  // values.
  const isOption = value !== undefined && !inline && /^-[^\d.]/.test(value);
  if (value === undefined || value === '' || isOption) {
    const help = seeHelp(command);
    throw new UserError(
      defined({
        what: { en: `missing value for ${given}`, ko: `${given} 옵션에 값이 필요합니다` },
        where: `wirelab ${command}`,
        expected,
        received: value || undefined,
        remedy:
          isOption && !value.startsWith('--')
            ? {
                en: `A value that begins with - is attached: ${attached(given, value)}. ${help.en}`,
                ko: `-로 시작하는 값은 붙여 씁니다: ${attached(given, value)}. ${help.ko}`,
              }
            : help,
      }),
    );
  }
  if (row.choices && !row.choices.includes(value)) {
    throw new UserError({
      what: { en: `invalid value for ${given}`, ko: `${given} 옵션에 쓸 수 없는 값입니다` },
      where: `wirelab ${command}`,
      expected,
      received: value,
      remedy: row.many ? repeated(command, given, row.choices) : seeHelp(command),
    });
  }
  return value;
}
