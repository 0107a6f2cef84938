/** Makes a finding of a cause that only an experiment finds. */
import { defined } from '../core/defined.ts';
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import type { Blamed, Evidence, Finding, FoundCause, Machine } from './diagnosis.ts';
import { foundWords } from './words.ts';

export interface Found {
  readonly cause: FoundCause;
  readonly by: Blamed;
  readonly confidence: Finding['confidence'];
  readonly evidence: readonly Evidence[];
  readonly message?: string | undefined;
  /** Follows the general sentence. */
  readonly more?: Localized | undefined;
  readonly on?: Machine | undefined;
  /** In the place of the general one. */
  readonly remedy?: Localized | undefined;
  readonly command?: string | undefined;
}

export function found({
  cause,
  by,
  confidence,
  evidence,
  message,
  more,
  on,
  command,
  remedy,
}: Found): Finding {
  const words = foundWords[cause];
  return defined({
    cause,
    by,
    confidence,
    message,
    name: words.name,
    because: more
      ? inEach(
          (language) =>
            `${words.because[language].replace(/\.$/, '')}${language === 'en' ? ': ' : '. '}${more[language]}`,
        )
      : words.because,
    remedy: defined({ on: on ?? words.on, words: remedy ?? words.remedy, command }),
    evidence,
  });
}
