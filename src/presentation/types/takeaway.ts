/** The verdict in one sentence. */
import type { Localized } from '../../i18n/language.ts';
import type { Tone } from './values.ts';

export interface Takeaway {
  readonly label: Localized;
  readonly status: Localized;
  /** How many of the claims hold. */
  readonly claims: Localized;
  readonly tone: Tone;
}
