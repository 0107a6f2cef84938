/** What a row of the table of signatures is. */
import type { Localized } from '../../i18n/language.ts';
import type { Start } from './start.ts';

/** What a message is: a name of its protocol, the same in every language, or words. */
export type SightingTitle = string | Localized;

export interface Signature {
  /** As it is called beside each message, and in filters. */
  readonly id: string;
  readonly label: string;
  readonly over: 'tcp' | 'udp' | 'both';
  /** What of it is plain, where that is worth a sentence. */
  readonly note?: Localized;
  /** Undefined where it is another protocol. */
  readonly read: (start: Start) => SightingTitle | undefined;
}
