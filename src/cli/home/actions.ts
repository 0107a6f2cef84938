/**
 * Selects the action of a command, such as `certs show FILE`. Options after the action's name belong to the action;
 * before the name only the options that every command has are allowed.
 */
import { UserError } from '../../i18n/user-error.ts';
import { nearest } from '../../i18n/nearest.ts';
import { commonOptions, parseCommand } from '../command.ts';
import type { Command, CommandOfActions, Environment } from '../command.ts';

interface ChosenAction {
  readonly name: string;
  readonly action: Command;
  /** The words after the action's name, and the common options that were given before it. */
  readonly words: readonly string[];
}

/**
 * The selected action; undefined if the words request the command's help, which has then been printed.
 * @throws UserError if no action is given, or an unknown one.
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

/** The index of the first word that is neither an option nor an option's value; -1 if there is none. */
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
    en: `Run ./wirelab ${command} --help for a list.`,
    ko: `목록 보기: ./wirelab ${command} --help`,
  };
  return new UserError({
    what:
      word === undefined
        ? { en: `missing action for ${command}`, ko: `${command} 명령에는 할 일을 적어야 합니다` }
        : {
            en: `unknown action for ${command}: ${JSON.stringify(word)}`,
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
