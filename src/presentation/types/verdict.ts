/** The end of a run: the status of each claim, and what the claims leave open. */
import type { Localized } from '../../i18n/language.ts';
import type { BytePlace } from './bytes.ts';
import type { Takeaway } from './takeaway.ts';
import type { Statement } from './values.ts';

/** What was claimed, or what a router saw. */
export interface Claim extends Statement {
  /** The claim's id. */
  readonly expectation?: string;
  /** The bytes that decide it. */
  readonly evidence?: readonly BytePlace[];
}

export interface VerdictReport {
  readonly takeaway: Takeaway;
  readonly sections: readonly {
    /** The step that they are about; absent for claims about the whole run. */
    readonly step?: string;
    readonly title: Localized;
    readonly statements: readonly Claim[];
  }[];
  readonly closing: readonly { readonly title: Localized; readonly text: Localized }[];
}
