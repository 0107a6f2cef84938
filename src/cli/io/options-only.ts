/** Refuses operands and options that do not go with the others, and says where the examples of a command are. */
import { defined } from '../../core/defined.ts';
import { josa } from '../../i18n/josa.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { Parsed } from '../command.ts';

/**
 * @param command with its action: `certs csr`
 * @param expected the options that the call needs
 * @throws UserError
 */
export function optionsOnly(parsed: Parsed, command: string, expected?: Localized): void {
  if (parsed.operands.length === 0) return;
  throw new UserError(
    defined({
      what: { en: `${command} accepts options only`, ko: `${command}에는 옵션만 지정합니다` },
      where: `wirelab ${command}`,
      expected,
      received: parsed.operands.join(' '),
      remedy: examplesOf(command),
    }),
  );
}

/** @param chosen an option that is given, which none of the others goes with. @throws UserError */
export function goesWithout(
  parsed: Parsed,
  command: string,
  chosen: string,
  others: readonly string[],
): void {
  const excluded = others.find((name) => parsed.flag(name) || parsed.text(name) !== undefined);
  if (excluded === undefined) return;
  throw new UserError({
    what: {
      en: `--${chosen} and --${excluded} exclude each other`,
      ko: `--${josa(chosen, '과/와')} --${josa(excluded, '은/는')} 함께 쓸 수 없습니다`,
    },
    where: `wirelab ${command}`,
    expected: { en: `--${chosen} without --${excluded}`, ko: `--${excluded} 없이 --${chosen}` },
    received: `--${chosen} --${excluded}`,
  });
}

/** What to do about a wrong call. @param command with its action: `certs csr` */
export const examplesOf = (command: string): Localized => ({
  en: `Run ./wirelab ${command} --help for examples.`,
  ko: `예시 보기: ./wirelab ${command} --help`,
});
