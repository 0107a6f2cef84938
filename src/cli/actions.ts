/**
 * Which action of a command a person asked for: `certs show FILE`. Its options are its own and read as a command's are;
 * before its name only those stand that every command has.
 */
import { UserError } from '../i18n/user-error.ts';
import { nearest } from '../i18n/nearest.ts';
import { commonOptions, parseCommand } from './command.ts';
import type { Command, CommandOfActions, Environment } from './command.ts';

interface ChosenAction {
  readonly name: string;
  readonly action: Command;
  /** What stands behind its name, and the common options that stood before it. */
  readonly words: readonly string[];
}

/**
 * The action that the words name; undefined when they asked for the command's help and were given it.
 * @throws UserError when they name none, or one that there is not.
 */
export async function chooseAction(
  command: string,
  { actions, ...words }: CommandOfActions,
  given: readonly string[],
  { language, stdout }: Environment,
): Promise<ChosenAction | undefined> {
  const at = positionOfAction(given);
  const name = at < 0 ? undefined : given[at];
  const load = name !== undefined && Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (name !== undefined && load) return { name, action: await load(), words: given.toSpliced(at, 1) };
  if (parseCommand(command, words.options, given.slice(0, at < 0 ? undefined : at)).flag('help')) {
    const { actionLines } = await import('./help.ts');
    const all = await Promise.all(
      Object.entries(actions).map(async ([action, loadIt]) => [action, await loadIt()] as const),
    );
    stdout.write(`${actionLines(command, words, all, language).join('\n')}\n`);
    return undefined;
  }
  throw notAnAction(command, name, Object.keys(actions));
}

/** The first word that is neither an option nor an option's value; -1 where there is none. */
function positionOfAction(words: readonly string[]): number {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) return at;
    const option = commonOptions[word.replace(/^--/, '')];
    if (option?.value) at++;
  }
  return -1;
}

function notAnAction(command: string, word: string | undefined, known: readonly string[]): UserError {
  const near = word === undefined ? undefined : nearest(word, known);
  const help = {
    en: `./wirelab ${command} --help lists them.`,
    ko: `목록 보기: ./wirelab ${command} --help`,
  };
  return new UserError({
    what:
      word === undefined
        ? { en: `${command} needs to know what to do`, ko: `${command} 명령에는 할 일을 적어야 합니다` }
        : {
            en: `${command} cannot do ${JSON.stringify(word)}`,
            ko: `${command} 명령에 ${JSON.stringify(word)} 작업은 없습니다`,
          },
    where: `wirelab ${command}`,
    expected: { en: `one of ${known.join(', ')}`, ko: `다음 중 하나: ${known.join(', ')}` },
    received: word ?? '',
    remedy: near
      ? {
          en: `Did you mean ./wirelab ${command} ${near}? ${help.en}`,
          ko: `./wirelab ${command} ${near} 명령을 찾으셨나요? ${help.ko}`,
        }
      : help,
  });
}
