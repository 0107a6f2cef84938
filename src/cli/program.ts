/**
 * Runs the command line: finds the command, parses its options, runs it, and turns the result into an exit code: 0 the
 * claims hold, 1 an expectation failed, 2 a user error, 70 an internal error, 129, 130, 131 and 143 by signal. Commands
 * are imported on demand, so that a start loads only what it uses.
 */
import { languageOf } from '../i18n/language.ts';
import type { Language, Localized } from '../i18n/language.ts';
import { UserError } from '../i18n/user-error.ts';
import { parseCommand } from './command.ts';
import type { Command, CommandTable, Environment } from './command.ts';
import { isOnTerminal } from './io/outlets.ts';
import { findPlaces, readVersion } from './places.ts';

/** Every command, one row each. */
export const commands: CommandTable = {
  run: async () => (await import('./run.ts')).run,
  notes: async () => (await import('./notes/index.ts')).notes,
  replay: async () => (await import('./run/replay/command.ts')).replay,
  view: async () => (await import('./inspect/view/command.ts')).view,
  inspect: async () => (await import('./inspect.ts')).inspect,
  proxy: async () => (await import('./proxy.ts')).proxy,
  'serve-site': async () => (await import('./hosts/serve-site.ts')).serveSite,
  login: async () => (await import('./hosts/login.ts')).login,
  list: async () => (await import('./list.ts')).list,
  lab: async () => (await import('./lab/lab.ts')).lab,
  new: async () => (await import('./author/new.ts')).newFolder,
  certs: async () => (await import('./certs/certs.ts')).certs,
  kube: async () => (await import('./kube/kube.ts')).kube,
  class: async () => (await import('./class/class.ts')).classCommand,
  why: async () => (await import('./diagnosis/why.ts')).why,
  prove: async () => (await import('./diagnosis/prove.ts')).prove,
  doctor: async () => (await import('./doctor/doctor.ts')).doctor,
  completion: async () => (await import('./home/manual/commands.ts')).completionOf(commands),
  man: async () => (await import('./home/manual/commands.ts')).manOf(commands),
};

const unknownCommand = async (word: string): Promise<UserError> => {
  const { nearest } = await import('../i18n/nearest.ts');
  const near = nearest(word, Object.keys(commands));
  const known = Object.keys(commands).join(', ');
  const remedy: Localized = near
    ? {
        en: `Did you mean ./wirelab ${near}? Run ./wirelab --help for all commands.`,
        ko: `./wirelab ${near} 명령을 찾으셨나요? 전체 목록: ./wirelab --help`,
      }
    : { en: 'Run ./wirelab --help for all commands.', ko: '전체 목록: ./wirelab --help' };
  return new UserError({
    what: {
      en: `unknown command: ${JSON.stringify(word)}`,
      ko: `${JSON.stringify(word)} 명령은 없습니다`,
    },
    expected: { en: `one of ${known}`, ko: `다음 중 하나: ${known}` },
    received: word,
    remedy,
  });
};

/** The language is needed even for errors in options, so it is determined before anything is parsed. */
export function languageAsked(words: readonly string[], variables: NodeJS.ProcessEnv): Language {
  const at = words.indexOf('--lang');
  const asked =
    at >= 0 ? words[at + 1] : words.find((word) => word.startsWith('--lang='))?.slice('--lang='.length);
  return asked === 'en' || asked === 'ko' ? asked : languageOf(variables);
}

async function start(words: readonly string[], environment: Environment): Promise<number> {
  const [name, ...rest] = words;
  if (name === '--version' || name === '-V') {
    environment.stdout.write(`wirelab ${readVersion(environment.places.root)}\n`);
    return 0;
  }
  // As git has it: the help of a command, or of its action.
  if (name === 'help' && rest[0] !== undefined && !rest[0].startsWith('-')) {
    if (!Object.hasOwn(commands, rest[0])) throw await unknownCommand(rest[0]);
    return start([...rest, '--help'], environment);
  }
  if (isWithoutCommand(words) && isOnTerminal(environment)) {
    const { home } = await import('./home/home.ts');
    return home(environment, start);
  }
  if (
    name === undefined ||
    name === '--help' ||
    name === '-h' ||
    name === 'help' ||
    name.startsWith('--lang')
  ) {
    const { overviewLines } = await import('./home/help.ts');
    const all = await Promise.all(
      Object.entries(commands).map(async ([command, load]) => [command, await load()] as const),
    );
    environment.stdout.write(`${overviewLines(all, environment.language).join('\n')}\n`);
    return 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) throw await unknownCommand(name);
  const command = await load();
  if (command.actions) {
    const { chooseAction } = await import('./home/actions.ts');
    const chosen = await chooseAction(name, command, rest, environment);
    return chosen ? runCommand(`${name} ${chosen.name}`, chosen.action, chosen.words, environment) : 0;
  }
  return runCommand(name, command, rest, environment);
}

/** Only the language is given. */
function isWithoutCommand(words: readonly string[]): boolean {
  const [first, ...more] = words;
  return (
    first === undefined ||
    (first === '--lang' ? more.length === 1 : first.startsWith('--lang=') && more.length === 0)
  );
}

/** Parses the words after a command's name, and runs the command or prints its help. */
async function runCommand(
  name: string,
  command: Command,
  words: readonly string[],
  environment: Environment,
): Promise<number> {
  const parsed = parseCommand(name, command.options, words);
  if (parsed.flag('help')) {
    const { commandLines } = await import('./home/help.ts');
    environment.stdout.write(`${commandLines(name, command, environment.language).join('\n')}\n`);
    return 0;
  }
  exitUnread = command.exitUnread ?? 0;
  const code = await command.run(parsed, environment);
  exitUnread = code;
  // After 129 the terminal is gone.
  if (environment.stdout.isTTY && code !== 129) await remember(name, parsed.operands, environment);
  return code;
}

/** Whoever was at a terminal has seen it; and is told if nothing can be kept for the next start. */
async function remember(
  name: string,
  operands: readonly string[],
  { places, variables, language, stderr }: Environment,
): Promise<void> {
  const [{ keyOfCommand, markSeen }, { stateProblem }, { warningLine }] = await Promise.all([
    import('./home/seen.ts'),
    import('./io/state-file.ts'),
    import('./io/user-error-text.ts'),
  ]);
  const key = keyOfCommand(name, operands, places);
  if (key === undefined) return;
  markSeen(key, variables);
  const problem = stateProblem(variables);
  if (problem) stderr.write(warningLine(problem, language));
}

async function reportError(error: unknown, environment: Environment): Promise<number> {
  if (error instanceof UserError) {
    const { userErrorLines } = await import('./io/user-error-text.ts');
    environment.stderr.write(`${userErrorLines(error, environment.language).join('\n')}\n`);
    return 2;
  }
  const ours: Localized = {
    en: 'internal error in wirelab:',
    ko: 'wirelab 자체의 오류입니다:',
  };
  const { safeLines } = await import('../i18n/safe.ts');
  const trace = safeLines(error instanceof Error ? (error.stack ?? error.message) : String(error));
  environment.stderr.write(`wirelab: ${ours[environment.language]}\n${trace.join('\n')}\n`);
  return 70;
}

let stdout: NodeJS.WriteStream | undefined;
/** The exit code where nobody reads the output any more. */
let exitUnread = 0;

function openStdout(): NodeJS.WriteStream {
  if (!stdout) {
    stdout = process.stdout;
    const opened = stdout;
    // A reader that closed the pipe (`| head`) is no error: there is no output left to write. The screen handles it
    // itself.
    opened.on('error', (error: NodeJS.ErrnoException) => {
      if (opened.listenerCount('error') === 1) process.exit(error.code === 'EPIPE' ? exitUnread : 70);
    });
  }
  return stdout;
}

/** Runs the command and prints its errors; resolves with the exit code. */
export async function perform(words: readonly string[], environment: Environment): Promise<number> {
  try {
    return await start(words, environment);
  } catch (error) {
    return reportError(error, environment);
  }
}

/**
 * Until a command has returned its exit code, no end of the process looks like a success: neither an error that no promise carries,
 * nor an end because nothing is left that could go on.
 *
 * @returns what removes the guard
 */
function guardEnd(environment: Environment): () => void {
  const fail = async (error: unknown): Promise<void> => {
    // A screen restores its terminal first, and reports the error itself.
    if (process.listenerCount('uncaughtException') > 1) return;
    process.exitCode = 70;
    process.exit(await reportError(error, environment));
  };
  const stall = async (): Promise<void> => {
    process.exitCode = await reportError(new Error('the command ended without a result'), environment);
  };
  const onError = (error: unknown): void => void fail(error);
  const onStall = (): void => {
    process.exitCode = 70;
    void stall();
  };
  process.on('uncaughtException', onError).once('beforeExit', onStall);
  return () => void process.off('uncaughtException', onError).off('beforeExit', onStall);
}

/** Runs the command and sets the process's exit code. @param run a test's, in the place of all commands */
export async function main(words: readonly string[], run = perform): Promise<void> {
  const environment: Environment = {
    variables: process.env,
    places: findPlaces(process.env),
    language: languageAsked(words, process.env),
    // Opened on first use: each costs time at the start.
    get stdout() {
      return openStdout();
    },
    get stderr() {
      return process.stderr;
    },
    get stdin() {
      return process.stdin;
    },
    stopJob: () => void process.kill(0, 'SIGTSTP'),
  };
  const unguard = guardEnd(environment);
  process.exitCode = await run(words, environment);
  unguard();
  // Node aborts if it exits and cannot restore a terminal that is gone: then the signal itself ends the process.
  if (process.exitCode === 129 && !process.getBuiltinModule('node:tty').isatty(0))
    process.kill(process.pid, 'SIGHUP');
}
