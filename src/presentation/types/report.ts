/**
 * A report as a list of blocks, in the order in which a reader meets them: what a run, a capture or a visitor's connection comes
 * to. `presentation/report` makes them from the log; a renderer lays out one after the other and needs no other source.
 *
 * 1. A block is plain data, which can be kept or sent. All texts are in every language. They may hold what a peer sent: a
 *    renderer makes them safe before it sets them.
 * 2. `step` is the step of the scenario that a block belongs to, `conn` the connection. Blocks of several connections may
 *    alternate where these are reported while they are open.
 * 3. `isAgain` marks what a reader who began at the top has read before: a renderer leaves it out or sets it smaller.
 */
import type { Localized } from '../../i18n/language.ts';
import type { BytePlace } from './bytes.ts';
import type { ReportOfDiagnosis } from './diagnosis.ts';
import type { ReportOfLab } from './lab.ts';
import type { Exposure, LadderHead, LadderMessage } from './ladder.ts';
import type { Takeaway } from './takeaway.ts';
import type { Claim } from './verdict.ts';
import type {
  Card,
  CardRow,
  Chain,
  CommandOutput,
  Decision,
  Headline,
  Opening,
  SummaryRow,
  Table,
  TypedCommand,
  Words,
} from './values.ts';

interface OfStep {
  /** The id of the step; absent outside of all steps, as for a visitor's connection or a capture. */
  readonly step?: string;
}

interface OfConnection extends OfStep {
  readonly conn: number;
}

/** A remark that holds for many places. */
export interface Remark {
  readonly text: Localized;
  readonly isAgain?: true;
}

/** The title of the run. */
export interface TitleBlock {
  readonly kind: 'title';
  readonly text: Localized;
}

/** Paragraphs; an indented line stands as it is. */
export interface NarrationBlock extends OfStep {
  readonly kind: 'narration';
  /** `intro`: of the run; `programs`: about programs that are missing or of another version; `note`: anything else. */
  readonly part: 'intro' | 'before' | 'after' | 'programs' | 'note';
  readonly text: Localized;
}

/** Participants and wires, as in the log's topology. */
export interface TopologyBlock {
  readonly kind: 'topology';
  readonly participants: readonly {
    readonly name: string;
    readonly role: 'client' | 'server' | 'proxy';
    readonly kind?: string;
    readonly owner?: string;
  }[];
  readonly wires: readonly {
    readonly hop: string;
    readonly from: string;
    readonly to: string;
    readonly protocol: string;
    readonly alsoFrom?: readonly string[];
    readonly mutualFor?: readonly string[];
    readonly seat?: Localized;
  }[];
  readonly hub?: string;
  /** The paths from the clients on, wire by wire. */
  readonly ways: readonly {
    /** Several where they share the first wire. */
    readonly clients: readonly string[];
    readonly legs: readonly {
      readonly hop: string;
      /** `──https──[B eavesdropper]──>` */
      readonly wire: Localized;
      /** `front: tls` */
      readonly to: string;
    }[];
  }[];
}

/** A step begins. */
export interface StepBlock {
  readonly kind: 'step';
  readonly step: string;
  /** From 1. */
  readonly number: number;
  readonly title: Localized;
}

export interface QuestionBlock extends OfStep {
  readonly kind: 'question';
  readonly text: Localized;
}

/** An answer with its letter: `a`, `b`, ... */
export interface Choice {
  readonly letter: string;
  readonly text: Localized;
  readonly isRight: boolean;
}

export interface ChoicesBlock extends OfStep {
  readonly kind: 'choices';
  readonly choices: readonly Choice[];
}

export interface AnswerBlock extends OfStep {
  readonly kind: 'answer';
  readonly label: Localized;
  /** The right ones. */
  readonly choices: readonly Choice[];
}

/** What a step has shown, or that it has not. */
export interface LessonBlock extends OfStep {
  readonly kind: 'lesson';
  readonly lesson: Headline;
}

/** For the speaker's eyes: made only where it was asked for. */
export interface SpeakerBlock extends OfStep {
  readonly kind: 'speaker';
  readonly text: Localized;
}

/** What a participant reported, at the moment of the report. */
export interface NewsBlock extends OfStep {
  readonly kind: 'news';
  /** Microseconds since the run began. */
  readonly at: number;
  readonly who: string;
  readonly text: Localized;
}

/** A command of a program, with its output. */
export interface CommandBlock extends OfStep {
  readonly kind: 'command';
  readonly who: string;
  readonly command: CommandOutput;
}

/** The head of a conversation: its messages follow. */
export interface ConnectionBlock extends OfConnection {
  readonly kind: 'connection';
  readonly hop: string;
  readonly head: LadderHead;
  /** `continued`: blocks of another connection stood in between; `kept`: it was opened, and reported, before. */
  readonly more?: { readonly why: 'continued' | 'kept'; readonly text: Localized };
  /** Of a capture, at its first head. */
  readonly captured?: {
    /** `10.0.0.1:5000` */
    readonly client: string;
    readonly server: string;
    /** `2024-05-06 07:08:09.123`, in UTC. */
    readonly opened: string;
    /** In which of several captures it was seen, and what differs between them. */
    readonly seen?: Localized;
    readonly differences: readonly Localized[];
  };
}

/** A message, or several sealed records in a row, with the secrets in it. */
export interface MessageBlock extends OfConnection {
  readonly kind: 'message';
  readonly message: LadderMessage;
  /** All of its bytes, those of each record in a row included; absent for an act of both sides. */
  readonly place?: BytePlace;
  /** The earliest and the latest time of the connection that is known so far, in microseconds since the run began. */
  readonly times: readonly [from: number, until: number];
  /** Of a capture: the number of its last packet; null where it has none. */
  readonly frame?: number | null;
  /** How long the response took to come. */
  readonly latency?: { readonly microseconds: number; readonly text: Localized };
  /** The secrets of the run. */
  readonly known: readonly Exposure[];
  /** Its first lines, where its protocol is text. */
  readonly lines: readonly string[];
  /** Secrets that were found by their shape. */
  readonly shaped: readonly Exposure[];
}

/** What one should know to read the messages before it. */
export interface RemarkBlock extends OfConnection, Remark {
  readonly kind: 'remark';
}

/** Connections of programs that tried again and ended as one that is reported. */
export interface TriedAgainBlock extends OfStep {
  readonly kind: 'tried-again';
  readonly conns: readonly number[];
  readonly text: Localized;
}

export interface ChainBlock extends OfStep {
  readonly kind: 'chain';
  readonly who: string;
  readonly chain: Chain;
}

/** A row of a card; `isAgain`: an earlier card had the same one; `isHintAgain`: its hint alone was given before. */
export interface ReportedRow extends CardRow {
  readonly isAgain?: true;
  readonly isHintAgain?: true;
}

/** One refusal, of a connection that is reported before it. */
export interface CardBlock extends OfConnection {
  readonly kind: 'card';
  readonly card: Omit<Card, 'rows'> & { readonly rows: readonly ReportedRow[] };
  /** Names the step whose card had the rows that are there again. */
  readonly rest?: { readonly step: string; readonly label: Localized; readonly text: Localized };
}

export interface OpeningBlock extends OfStep {
  readonly kind: 'opening';
  readonly who: string;
  readonly opening: Opening;
}

export interface DecisionBlock extends OfStep {
  readonly kind: 'decision';
  readonly who: string;
  readonly decision: Decision;
}

/** What attempts, observations and servers came to. */
export interface SentencesBlock extends OfStep {
  readonly kind: 'sentences';
  readonly sentences: readonly Words[];
}

/** What became of a connection, with what it sums up to where it is of a capture. */
export interface OutcomeBlock extends OfConnection {
  readonly kind: 'outcome';
  readonly rows: readonly {
    readonly kind: 'total' | 'outcome' | 'certainty' | 'evidence' | 'login';
    readonly label: Localized;
    readonly text: Localized;
  }[];
  /** The bytes that show it. */
  readonly evidence: readonly BytePlace[];
}

/** A table at the end of a run. */
export interface TableBlock {
  readonly kind: 'table';
  /** `refusals`: a row for each; `closing`: what a feature compares. */
  readonly about: 'refusals' | 'closing';
  readonly table: Table;
}

/** Versions of TLS side by side: what an eavesdropper knows of each. */
export interface SidesBlock {
  readonly kind: 'sides';
  /** In the order of the columns. */
  readonly conns: readonly number[];
  readonly table: Table;
  readonly remarks: readonly Remark[];
}

export interface VerdictBlock {
  readonly kind: 'verdict';
  readonly verdict: Takeaway;
  /** What the run teaches as a whole. */
  readonly lesson?: { readonly label: Localized; readonly text: Localized };
}

/** The claims about a step, or about the whole run. */
export interface ClaimsBlock extends OfStep {
  readonly kind: 'claims';
  /** Of the step. */
  readonly number?: number;
  readonly title: Localized;
  readonly claims: readonly Claim[];
}

/** What is not proven, and what is often said and not so. */
export interface ClosingBlock {
  readonly kind: 'closing';
  readonly title: Localized;
  readonly text: Localized;
}

/** How to reach what stays up. */
export interface ReachBlock {
  readonly kind: 'reach';
  readonly text: Localized;
  readonly commands: readonly TypedCommand[];
  /** The commands are scripts, in a folder that one changes into before; absent where one is there already. */
  readonly scripts?: { readonly folder?: string };
  /** What holds for all of them. */
  readonly remarks: readonly Localized[];
}

/** What many connections come to. */
export interface SummaryBlock {
  readonly kind: 'summary';
  readonly rows: readonly SummaryRow[];
}

/** All that was counted of them. */
export interface StatisticsBlock {
  readonly kind: 'statistics';
  /** `isLegendAgain`: the table before it has the same legend. */
  readonly tables: readonly (Table & { readonly isLegendAgain?: true })[];
}

/** A connection in the list behind a summary. */
export interface ListedBlock {
  readonly kind: 'listed';
  readonly conn: number;
  /** `3`, `udp:3` */
  readonly name: string;
  /** `07:08:09.123`, in UTC. */
  readonly time: string;
  /** Addresses, names, protocol, sizes: those that are known. */
  readonly facts: readonly Localized[];
  readonly end?: Localized;
  readonly isFailed: boolean;
}

export type BlockKind = ReportBlock['kind'];
export type BlockOf<Kind extends BlockKind> = Extract<ReportBlock, { readonly kind: Kind }>;

export type ReportBlock =
  | TitleBlock
  | NarrationBlock
  | TopologyBlock
  | StepBlock
  | QuestionBlock
  | ChoicesBlock
  | AnswerBlock
  | LessonBlock
  | SpeakerBlock
  | NewsBlock
  | CommandBlock
  | ConnectionBlock
  | MessageBlock
  | RemarkBlock
  | TriedAgainBlock
  | ChainBlock
  | CardBlock
  | OpeningBlock
  | DecisionBlock
  | SentencesBlock
  | OutcomeBlock
  | TableBlock
  | SidesBlock
  | VerdictBlock
  | ClaimsBlock
  | ClosingBlock
  | ReachBlock
  | SummaryBlock
  | StatisticsBlock
  | ListedBlock
  | ReportOfDiagnosis
  | ReportOfLab;
