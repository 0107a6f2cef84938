/** Why a bundle is refused, and where. */
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';

export interface RefusalFacts {
  readonly expected?: Localized;
  readonly received?: string;
}

/** Makes the error. @param line from 1; 0 for the file as a whole */
export type Refuse = (line: number, what: Localized, more?: RefusalFacts) => UserError;

/** Of what is received no more is repeated, in characters. */
const longestReceived = 300;

export const refusalsOf =
  (name: string): Refuse =>
  (line, what, { expected, received } = {}) =>
    new UserError({
      what: {
        en: `the bundle cannot be replayed: ${what.en}`,
        ko: `번들을 재생할 수 없습니다. ${what.ko}`,
      },
      where: line === 0 ? name : `${name}: line ${line}`,
      ...(expected ? { expected } : {}),
      ...(received === undefined ? {} : { received: received.slice(0, longestReceived) }),
    });

export const tooLarge: Localized = {
  en: 'it is larger than a bundle may be',
  ko: '번들에 허용된 크기를 넘습니다',
};

export const endsEarly: Localized = { en: 'it ends early', ko: '중간에 끊긴 파일입니다' };
