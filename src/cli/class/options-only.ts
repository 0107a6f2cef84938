/** Refuses operands of an action that has none. */
import { UserError } from '../../i18n/user-error.ts';
import type { Parsed } from '../command.ts';

/** @throws UserError */
export function optionsOnly(parsed: Parsed, action: string): void {
  if (parsed.operands.length === 0) return;
  throw new UserError({
    what: { en: `${action} accepts options only`, ko: `${action}에는 옵션만 지정합니다` },
    where: `wirelab class ${action}`,
    received: parsed.operands.join(' '),
    remedy: {
      en: `Run ./wirelab class ${action} --help for examples.`,
      ko: `예시 보기: ./wirelab class ${action} --help`,
    },
  });
}
