/** The options for how the screen looks, of every command that has one, and what they mean in an environment. */
import type { OptionTable, Parsed } from '../command.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { themes } from '../../ui/tui/theme.ts';
import type { Theme } from '../../ui/tui/theme.ts';

const choices = themes.join('|');

export const screenOptions: OptionTable = {
  theme: {
    value: choices,
    choices: themes,
    help: {
      en: 'the colours of the screen (also: WIRELAB_THEME; default: by the terminal’s background)',
      ko: '화면의 색(WIRELAB_THEME 환경 변수도 가능. 기본값: 터미널 배경에 맞춤)',
    },
  },
  'no-motion': {
    help: {
      en: 'nothing moves on the screen (also: WIRELAB_NO_MOTION)',
      ko: '화면에서 아무것도 움직이지 않음(WIRELAB_NO_MOTION 환경 변수도 가능)',
    },
  },
};

const remedy: Localized = {
  en: 'Set it to one of these, or unset it.',
  ko: '위 값 중 하나로 정하거나 변수를 지우세요.',
};

/** Whether something may move on the screen. */
export const wantsMotion = (
  parsed: Parsed,
  variables: Readonly<Record<string, string | undefined>>,
): boolean => !parsed.flag('no-motion') && !variables['WIRELAB_NO_MOTION'];

/** The theme that was asked for. @throws UserError for a variable with another value. */
export function themeAskedFor(
  parsed: Parsed,
  variables: Readonly<Record<string, string | undefined>>,
): Theme | undefined {
  const named = (name: string | undefined): Theme | undefined => themes.find((theme) => theme === name);
  const option = named(parsed.text('theme'));
  const value = variables['WIRELAB_THEME'] || undefined;
  if (option !== undefined || value === undefined) return option;
  const theme = named(value);
  if (theme !== undefined) return theme;
  throw new UserError({
    what: { en: 'invalid value of WIRELAB_THEME', ko: 'WIRELAB_THEME 환경 변수의 값이 올바르지 않습니다' },
    expected: { en: choices, ko: choices },
    received: value,
    remedy,
  });
}
