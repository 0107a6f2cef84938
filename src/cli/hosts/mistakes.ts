/** The mistakes that a call of `serve-site` or `login` can make, and the sentence about what is not this machine. */
import { defined } from '../../core/defined.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { examplesOf } from '../io/options-only.ts';

export type HostCommand = 'serve-site' | 'login';

export function wrongCall(
  command: HostCommand,
  what: Localized,
  facts: { readonly received?: string; readonly expected?: Localized; readonly remedy?: Localized } = {},
): UserError {
  return new UserError(
    defined({
      what,
      where: `wirelab ${command}`,
      received: facts.received,
      expected: facts.expected,
      remedy: facts.remedy ?? examplesOf(command),
    }),
  );
}

export function withoutEffect(command: HostCommand, option: string, why: Localized): UserError {
  return wrongCall(
    command,
    {
      en: `--${option} would have no effect: ${why.en}`,
      ko: `--${option} 옵션이 효과가 없습니다. ${why.ko}`,
    },
    { received: `--${option}` },
  );
}

export function missing(command: HostCommand, option: string, what: Localized): UserError {
  return wrongCall(command, what, { expected: verbatim(option) });
}

/** What is not this machine is used only where that was asked for. */
export function beyond(command: HostCommand, host: string): UserError {
  return command === 'serve-site'
    ? wrongCall(
        command,
        { en: '--listen is not a loopback address', ko: '--listen 주소가 이 컴퓨터 밖에 있습니다' },
        {
          received: host,
          expected: { en: '127.0.0.1, [::1] or localhost', ko: '127.0.0.1, [::1] 또는 localhost' },
          remedy: {
            en: 'Anyone who can reach this machine could open the site. If this is intended, add --unsafe-listen',
            ko: '이 컴퓨터에 접속할 수 있는 누구나 사이트를 열 수 있게 됩니다. 의도한 것이라면 --unsafe-listen 옵션을 쓰세요.',
          },
        },
      )
    : wrongCall(
        command,
        { en: 'the site is not on this machine', ko: '이 컴퓨터에 있는 사이트가 아닙니다' },
        {
          received: host,
          expected: {
            en: 'a loopback address (127.0.0.1, ::1, localhost)',
            ko: '루프백 주소(127.0.0.1, ::1, localhost)',
          },
          remedy: {
            en: 'User name and password would leave this machine. If they are made up and you may log in there, add --unsafe-target.',
            ko: '사용자 이름과 비밀번호가 이 컴퓨터 밖으로 나갑니다. 가상의 것이고 로그인해도 되는 곳이라면 --unsafe-target을 붙이세요.',
          },
        },
      );
}
