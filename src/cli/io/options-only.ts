/** Refuses operands of a command that has none, and says where the examples of a command are. */
import { defined } from '../../core/defined.ts';
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

/** What to do about a wrong call. @param command with its action: `certs csr` */
export const examplesOf = (command: string): Localized => ({
  en: `Run ./wirelab ${command} --help for examples.`,
  ko: `예시 보기: ./wirelab ${command} --help`,
});
