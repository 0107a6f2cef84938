/**
 * How a feature shows what is reported in its runs: values of `presentation/types`, made from one report each. The folds of
 * `presentation` put them together with what the bytes say, and every renderer gets the same value. A feature names the
 * file with its `Shown` in `feature.ts`; it is loaded where somebody looks at a run, and not by planning.
 */
import type { RequestForm } from '../analysis/eavesdropper/size-estimate.ts';
import type { Address, CaptureEvent, EvidenceRef, Observation } from '../capture/event.ts';
import type { Localized } from '../i18n/language.ts';
import type {
  Chain,
  CommandOutput,
  Decision,
  EndpointViews,
  FormEntries,
  Opening,
  StepOutcome,
  Table,
} from '../presentation/types/values.ts';
import type { ServerKindName } from './extensions.ts';
import type { FindingStatus } from './kinds.ts';
import type { ManualCommand } from './manual-commands.ts';
import type { PlannedStep } from './plan.ts';
import type { Observed } from './view.ts';

/** What a client says of what it sent. */
export interface ClientAccount {
  /** The request, as `GET /path`. */
  readonly title: string;
  /** Bytes that it had handed to its connection. */
  readonly sentBytes: number;
  /** Whether its TLS stack told it that it was connected. */
  readonly believedConnected: boolean;
  /** It was the client that wanted no more. */
  readonly brokeOff?: true;
  /** In the words of its runtime or its TLS library. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** A client that speaks of itself: what joins it to connections. */
export interface ShownClient {
  /** The addresses that it spoke from. */
  readonly from?: readonly Address[];
  readonly connections?: readonly number[];
  readonly account?: ClientAccount;
}

/** A request as a server dealt with it. */
export interface ServedRequest {
  readonly conn: number;
  /** Whom the server took the caller for; absent where it could not tell. */
  readonly user?: string;
  readonly groups?: readonly string[];
}

/** How a report of one kind is shown. Each of these is one place where something stands. */
export interface ShownReport<Report> {
  /** Who speaks from where. */
  client?(report: Report): ShownClient;
  /** What the step came to, in the place of what its wires say; among the sentences behind the step's connections. */
  outcome?(report: Report): StepOutcome | undefined;
  /** A sentence at the moment of the report. */
  news?(report: Report): Localized;
  /** The same, and with the text of the step too. */
  story?(report: Report): Localized;
  command?(report: Report): CommandOutput;
  /** @param sent SHA-256 of the certificates that were sent to whoever reports, where the wire shows them */
  chain?(report: Report, sent: readonly string[] | undefined): Chain;
  opening?(report: Report): Opening;
  decisions?(report: Report): readonly Decision[];
  /** Whom a server took its callers for, of all that it reported in what is shown. @param conn of this connection alone */
  served?(reports: readonly Report[], conn?: number): readonly Localized[];
  /** The same of those who come all the time, over a wire of their own each. */
  standing?(report: Report): readonly { readonly hop: string; readonly lines: readonly Localized[] }[];
  /** Every request that a server reports, the newest last. */
  requests?(report: Report): readonly ServedRequest[];
  /** A server let somebody in. */
  hasAdmitted?(report: Report): boolean;
  /** A server let somebody not in, and said so in its log alone. */
  hasTurnedAway?(report: Report): boolean;
  /** A program's own words, with the connections of which they say enough. */
  program?(
    report: Report,
  ): { readonly words: Localized; readonly connections: readonly number[] } | undefined;
  /** Where a client was sent. */
  sentTo?(report: Report): Address | undefined;
}

/** A table behind a run, folded as the run goes on. */
export interface ClosingTable {
  /** @param sentTo of a report: where a client was sent */
  fold(event: CaptureEvent, sentTo: Address | undefined): void;
  /** Undefined where there is nothing to compare. */
  table(verdict: {
    readonly findings: readonly {
      readonly expectation: string;
      readonly status: FindingStatus;
      readonly evidence: readonly EvidenceRef[];
    }[];
    readonly titleOf: (step: string) => Localized;
  }): Table | undefined;
}

/** What is known of both ends of a step beside the bytes. */
export interface EndpointFacts {
  readonly step: PlannedStep;
  readonly typed: FormEntries;
  readonly account: ClientAccount | undefined;
  readonly hasAdmitted: boolean;
}

export interface ServerTraits {
  /** On its wires it is told for whom it takes a caller, and whose certificates are shown. */
  readonly identifiesCallers?: true;
  /** Others keep what is theirs in it: on whose account they come nobody can tell. */
  readonly isStore?: true;
}

/** How a feature is shown: everything is absent where it has nothing to say. */
export interface Shown {
  readonly reports?: { readonly [K in Observation['kind']]?: ShownReport<Observed<K>> };
  readonly servers?: { readonly [K in ServerKindName]?: ServerTraits };
  /** Protocols that are made to be read: what is said in them is shown as it is. */
  readonly readable?: readonly string[];
  /** Made for each run. */
  table?(): ClosingTable;
  /** What both ends know, where their bytes do not say it. */
  endpoints?(facts: EndpointFacts): EndpointViews | undefined;
  /** What the client of a step types. @param entries of an account: all that its form has */
  typed?(step: PlannedStep, entries: (account: string | undefined) => FormEntries): FormEntries | undefined;
  /** How long our own client's request is, for what it typed. @param host as in `Host` */
  requestForm?(host: string, typed: FormEntries): RequestForm | undefined;
  /** How a step is done once more from a shell. */
  byHand?(step: PlannedStep, ways: readonly ManualCommand[]): string | undefined;
}
