/**
 * What a person is shown, as values: `presentation` makes them from the log, the renderers in `ui` lay them out (columns,
 * colours, line breaks) and never decide their content. Texts are in every language.
 */
import type { Localized } from '../../i18n/language.ts';

/** Text that is the same in every language (a name, a number) is a plain string. */
export type Words = Localized | string;

/** What something means to the viewer: a renderer with colours has one for each. */
export type Tone = 'plain' | 'strong' | 'dim' | 'sealed' | 'leaked' | 'refused' | 'question' | 'warning';

/** The moment in a few words. */
export interface Headline {
  readonly text: Localized;
  readonly tone: Tone;
}

/** A claim or a fact in one sentence; the mark conveys the tone without colour. */
export interface Statement {
  /**
   * `✓` and `✗`: a check passed or failed. `!`: an outsider can read it, `#`: no outsider can; `x`: turned away. `?`: not
   * proven.
   */
  readonly mark: '✓' | '✗' | '?' | '!' | '#' | 'x' | ' ';
  readonly tone: Tone;
  readonly text: Localized;
  /** The wire that it is about. */
  readonly hop?: string;
}

/** The outcome of a step, or of a moment of it. */
export interface StepOutcome {
  readonly headline: Headline;
  readonly statements: readonly Statement[];
}

export interface Table {
  readonly title: Localized;
  readonly head: readonly Words[];
  /** Each as long as the head. */
  readonly rows: readonly (readonly Words[])[];
  /** Of each cell; absent for a table whose cells are all alike. */
  readonly tones?: readonly (readonly Tone[])[];
  /** The cell that the step is about, from 0. */
  readonly current?: { readonly row: number; readonly column: number };
  /** What the cells mean. */
  readonly legend: Localized;
}

export type CardRowKind =
  | 'who'
  | 'because'
  | 'presented'
  | 'expected'
  | 'alert'
  | 'onWire'
  | 'client'
  | 'words'
  | 'remedy'
  | 'certainty'
  | 'evidence'
  | 'seeIt';

export interface CardRow {
  readonly kind: CardRowKind;
  readonly label: Localized;
  readonly text: Localized;
  /** Related background, a sentence without its full stop: shown once to a reader. */
  readonly hint?: Localized;
}

/** One refusal. All text in it is safe for a terminal. */
export interface Card {
  readonly headline: Localized;
  readonly rows: readonly CardRow[];
}

/** A chain of certificates as a tree, from the root down. */
export interface Chain {
  readonly title: Localized;
  readonly links: readonly {
    /** Branches, of box lines. */
    readonly branch: string;
    /** A space: nothing is known of it, since the path breaks above. */
    readonly mark: '✓' | '✗' | ' ';
    readonly text: Localized;
  }[];
}

/** The outcome of a connection, its certainty, and the bytes that show it. */
export interface ConnectionOutcome {
  readonly rows: readonly {
    readonly kind: 'outcome' | 'certainty' | 'evidence';
    readonly label: Localized;
    readonly text: Localized;
  }[];
}

/** How to use what runs. */
export interface HowTo {
  /** To be typed in another terminal, one after the other. */
  readonly commands: readonly string[];
  /** What one should know before. */
  readonly warning?: Localized;
}

/** A command of what stays up. */
export interface TypedCommand {
  readonly title: Localized;
  /** The whole command, for copying. */
  readonly line: string;
  /** What is typed in its place, where there is a script for it. */
  readonly typed?: string;
}

/** Files with the commands of what stays up. */
export interface Scripts {
  /** To be changed into first, quoted; absent if they are typed where one is. */
  readonly folder?: string;
  /** The same folder, to be put before a name. */
  readonly path: string;
  /** What is typed, by the key of the command. */
  readonly typed: ReadonlyMap<string, string>;
}

/** A command of a peer's program, with its output and result. */
export interface CommandOutput {
  /** `$ kubectl get pods`, and what ran in its place. */
  readonly command: Localized;
  /** The printed table: the head, then rows of its length. */
  readonly table?: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
  /** The other output, and its short form. */
  readonly lines: readonly Words[];
  readonly brief: readonly Words[];
  /** It failed. */
  readonly isRefused: boolean;
  /** TLS admits this caller, whatever the response is. */
  readonly isLetIn?: true;
  /** The connections that it made. */
  readonly connections: readonly number[];
}

/** The packets that opened a connection. */
export interface Opening {
  readonly title: Localized;
  /** The file, and the two ends. */
  readonly source: string;
  /** When the first of them was seen; absent where no packet was. */
  readonly seen?: string;
  readonly packets: readonly {
    /** Its direction and flags: `→ SYN`. */
    readonly head: string;
    /** Its place in the file, its time and its numbers. */
    readonly place: Words;
    /** What its sender offers; empty for a packet that was not captured. */
    readonly offers: Words;
  }[];
  /** A remark on them; absent for packets that were captured. */
  readonly note?: Localized;
  /** They come from a file, not from a wire of this run. */
  readonly isFromFile?: true;
}

/** What a peer decided about a request, in the order of its checks. */
export interface Decision extends StepOutcome {
  /** The same in two or three lines. */
  readonly summary: readonly Statement[];
}

export type FormEntries = readonly { readonly name: string; readonly value: string }[];

/** What one endpoint knows of a request. */
export type EndpointView =
  /** Nothing has happened yet. */
  | { readonly state: 'waiting' }
  | {
      readonly state: 'none';
      readonly why: 'handshake' | 'broke_off' | 'refused' | 'not_reached' | 'silent' | 'unknown';
    }
  | {
      readonly state: 'seen';
      readonly title: string;
      readonly form: FormEntries;
      readonly bytes: number;
      readonly answer?: string;
      readonly thrownAway?: boolean;
    }
  /** The number of bytes that are no request. */
  | { readonly state: 'bytes'; readonly bytes: number };

/** What the client sent, and what the server received. */
export interface EndpointViews {
  readonly sent: EndpointView;
  readonly got: EndpointView;
}

/** A line of a heading: what it is about, and what is said of it. */
export interface SummaryRow {
  readonly label: Localized;
  readonly text: Localized;
}
