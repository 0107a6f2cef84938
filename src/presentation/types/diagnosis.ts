/** Why a connection fails, as blocks of a report: the answer, what speaks for it, and every experiment. */
import type { Localized } from '../../i18n/language.ts';
import type { BytePlace } from './bytes.ts';
import type { Tone } from './values.ts';

export interface DiagnosisRow {
  /** `target`, `ran`, `connection` and `at` only place it. */
  readonly kind: 'because' | 'todo' | 'target' | 'ran' | 'connection' | 'at' | 'other';
  readonly label: Localized;
  readonly text: Localized;
  /** To type, as it stands. */
  readonly command?: string;
  /** It may be a page long, and is known to the reader: a renderer may cut it. */
  readonly isKnown?: true;
}

/** What is wrong, who has to do what, and where it was seen. */
export interface DiagnosisBlock {
  readonly kind: 'diagnosis';
  readonly headline: Localized;
  readonly tone: Tone;
  readonly rows: readonly DiagnosisRow[];
}

export interface EvidenceItem {
  readonly text: Localized;
  /** The bytes that show it, where a connection has them. */
  readonly place?: BytePlace;
  /** The connections that it is about. */
  readonly conns: readonly number[];
}

export interface EvidenceBlock {
  readonly kind: 'evidence';
  readonly title: Localized;
  readonly items: readonly EvidenceItem[];
}

/** What was tried, and what came back; several in a row that came out alike are one. */
export interface ExperimentRow {
  readonly first: number;
  readonly last: number;
  readonly changed: Localized;
  readonly cameBack: Localized;
  /** One for each that was connected. */
  readonly conns: readonly number[];
}

export interface ExperimentsBlock {
  readonly kind: 'experiments';
  readonly title: Localized;
  readonly rows: readonly ExperimentRow[];
}

/** One experiment, whose connection is reported behind it. */
export interface ExperimentBlock {
  readonly kind: 'experiment';
  readonly conn: number;
  readonly number: number;
  readonly changed: Localized;
  readonly cameBack: Localized;
}

export type ReportOfDiagnosis = DiagnosisBlock | EvidenceBlock | ExperimentsBlock | ExperimentBlock;
