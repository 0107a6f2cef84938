/**
 * What a person is shown, as values: the folds in `presentation` make them from the log, the renderers in `ui` set them, and
 * no renderer decides what is said. Texts are in every language; how they are set (columns,
 * colours, what breaks where) is the renderer's.
 */
import type { Localized } from '../../i18n/language.ts';

/** Text that is the same in every language (a name, a number) stands as it is. */
export type Words = Localized | string;

/** What something means to the viewer: a renderer with colours has one for each. */
export type Tone = 'plain' | 'dim' | 'sealed' | 'leaked' | 'refused' | 'question' | 'warning';

/** The moment in a few words. */
export interface Headline {
  readonly text: Localized;
  readonly tone: Tone;
}

/** A claim or a fact in one sentence; the mark says what it is to those who see no colour. */
export interface Statement {
  readonly mark: '✓' | '✗' | '?' | '!' | ' ';
  readonly tone: Tone;
  readonly text: Localized;
}

/** What a step, or a moment of it, came to. */
export interface StepOutcome {
  readonly headline: Headline;
  readonly statements: readonly Statement[];
}

export interface Table {
  readonly title: Localized;
  readonly head: readonly Words[];
  /** Each as long as the head. */
  readonly rows: readonly (readonly Words[])[];
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
  /** General knowledge that goes with it, a sentence without its full stop: worth saying once to a reader. */
  readonly hint?: Localized;
}

/** One refusal. Everything in it is harmless. */
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
    readonly mark: '✓' | '✗';
    readonly text: Localized;
  }[];
}

/** What became of a connection, how sure that is, and where in the bytes it is to be seen. */
export interface ConnectionOutcome {
  readonly rows: readonly {
    readonly kind: 'outcome' | 'certainty' | 'evidence';
    readonly label: Localized;
    readonly text: Localized;
  }[];
}

/** Commands that are there to be copied. */
export interface Commands {
  readonly title: Localized;
  readonly commands: readonly string[];
}

/** What somebody had a program ask for, in the program's words, and what came of it. */
export interface CommandOutput {
  /** `$ kubectl get pods`, and who did it in its place. */
  readonly command: Localized;
  /** What was printed as a table: the head, then rows of its length. */
  readonly table?: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };
  /** What else was printed; and what of it is enough where there is little room. */
  readonly lines: readonly Words[];
  readonly brief: readonly Words[];
  /** It failed. */
  readonly isRefused: boolean;
  /** Who asks so is let in by TLS, whatever the answer is. */
  readonly isLetIn?: true;
  /** The connections that it made. */
  readonly connections: readonly number[];
}

/** The packets that opened a connection. */
export interface Opening {
  readonly title: Localized;
  /** Out of which file, from where to where. */
  readonly source: string;
  /** When the first of them was seen; absent where no packet was. */
  readonly seen?: string;
  readonly packets: readonly {
    /** Its direction and flags: `→ SYN`. */
    readonly head: string;
    /** Its place in the file, its time and its numbers. */
    readonly place: Words;
    /** What its sender can do; empty for a packet that nobody saw. */
    readonly offers: Words;
  }[];
  /** What is to be said of them; absent for packets that were captured. */
  readonly note?: Localized;
  /** They passed no wire of this run. */
  readonly isFromFile?: true;
}

/** What somebody made of a request, in the order in which it was dealt with. */
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
  /** Bytes that are no request. */
  | { readonly state: 'bytes'; readonly bytes: number };

/** What the client sent, and what the server got. */
export interface EndpointViews {
  readonly sent: EndpointView;
  readonly got: EndpointView;
}
