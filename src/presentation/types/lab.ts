/** A lab as blocks of a report: its tasks with what was found of each, and what happened while it was up. */
import type { Localized } from '../../i18n/language.ts';
import type { Card } from './values.ts';

export interface TaskBlock {
  readonly kind: 'task';
  /** From 1. */
  readonly number: number;
  readonly id: string;
  readonly title: Localized;
  /** Paragraphs: what is to be done. */
  readonly text: Localized;
  /** How far the learner has come; absent before the lab was begun. */
  readonly state?: { readonly isDone: boolean; readonly text: Localized };
  /** What was last found of it. */
  readonly finding?: {
    readonly reason?: Localized;
    readonly says: Localized;
    readonly details: readonly Localized[];
    /** The refusal that keeps it open. */
    readonly card?: Card;
  };
  /** Those that were given. */
  readonly hints: readonly { readonly label: Localized; readonly text: Localized }[];
  /** Paragraphs: what it shows, once it is done. */
  readonly shows?: Localized;
}

export interface JournalBlock {
  readonly kind: 'journal';
  readonly title: Localized;
  readonly entries: readonly {
    /** `14:03:59`, in UTC. */
    readonly time: string;
    readonly text: Localized;
    readonly isBad: boolean;
  }[];
}

export type ReportOfLab = TaskBlock | JournalBlock;
