/** Counts the operands of an action, and reads the options that several actions share. */
import { ipVersion, withoutBrackets } from '../../core/ip-version.ts';
import { domainToASCII } from 'node:url';
import { UserError } from '../../i18n/user-error.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Parsed } from '../command.ts';
import { examplesOf } from '../io/options-only.ts';

/** The single operand. @throws UserError if there is none, or more than one. */
export function onlyOperand(parsed: Parsed, action: string, expected: Localized): string {
  const [operand, ...more] = parsed.operands;
  if (operand !== undefined && operand !== '' && more.length === 0) return operand;
  throw new UserError({
    what:
      more.length > 0
        ? {
            en: `too many operands for ${action}`,
            ko: `${action}에는 하나만 지정합니다`,
          }
        : { en: `missing operand for ${action}`, ko: `${action}에는 대상을 지정해야 합니다` },
    where: `wirelab certs ${action}`,
    expected,
    received: parsed.operands.join(' '),
    remedy: examplesOf(`certs ${action}`),
  });
}

/** A required option. @throws UserError */
export function needed(parsed: Parsed, action: string, option: string, value: string): string {
  const given = parsed.text(option);
  if (given !== undefined) return given;
  throw new UserError({
    what: { en: `missing --${option}`, ko: `${action}에는 --${option} 옵션이 필요합니다` },
    where: `wirelab certs ${action}`,
    expected: { en: `--${option} ${value}`, ko: `--${option} ${value}` },
    remedy: examplesOf(`certs ${action}`),
  });
}

/**
 * A host name or an address; an internationalized name is returned in its ASCII form, as certificates contain it.
 * @throws UserError
 */
export function hostNameOf(given: string, where: string): string {
  const bare = withoutBrackets(given);
  if (ipVersion(bare)) return bare;
  const ascii = /^[\x00-\x7f]*$/.test(given) ? given : domainToASCII(given);
  if (/^[A-Za-z0-9_*-]+(?:\.[A-Za-z0-9_*-]+)*\.?$/.test(ascii)) return ascii;
  throw new UserError({
    what: { en: 'invalid host name', ko: '호스트 이름이 아닙니다' },
    where,
    expected: {
      en: 'a name or an address only, such as shop.localhost or 127.0.0.1',
      ko: 'shop.localhost나 127.0.0.1처럼 이름 또는 주소만',
    },
    received: given,
    remedy: { en: 'Remove https://, the port and the path.', ko: 'https://, 포트, 경로는 빼세요.' },
  });
}
