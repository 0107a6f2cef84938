/**
 * The interface through which a feature shows its reports: each report becomes values of `presentation/types`. The folds of
 * `presentation` combine them with what the bytes say, and every renderer gets the same value. A feature names the file
 * with its `Shown` in `feature.ts`; it is loaded when a run is displayed, not by planning.
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

/** A client's account of what it sent. */
export interface ClientAccount {
  /** The request, as `GET /path`. */
  readonly title: string;
  /** Bytes that it had written to its connection. */
  readonly sentBytes: number;
  /** Whether its TLS stack had reported a connection. */
  readonly believedConnected: boolean;
  /** The client itself broke off. */
  readonly brokeOff?: true;
  /** In the words of its runtime or its TLS library. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** A reporting client: what links its report to connections. */
export interface ShownClient {
  /** The local addresses that it used. */
  readonly from?: readonly Address[];
  readonly connections?: readonly number[];
  readonly account?: ClientAccount;
}

/** A request as a server handled it. */
export interface ServedRequest {
  readonly conn: number;
  /** The client identity that the server determined; absent where it has none. */
  readonly user?: string;
  readonly groups?: readonly string[];
  /** Who acts as that user. */
  readonly impersonator?: string;
}

/** How a report of one kind is shown. Each method fills one place in the presentation. */
export interface ShownReport<Report> {
  /** Links the report to connections. */
  client?(report: Report): ShownClient;
  /** The outcome of the step, which replaces what its wires say; among the sentences after the step's connections. */
  outcome?(report: Report): StepOutcome | undefined;
  /** A sentence shown at the moment of the report. */
  news?(report: Report): Localized;
  /** The same, also shown with the text of the step. */
  story?(report: Report): Localized;
  command?(report: Report): CommandOutput;
  /** @param sent SHA-256 of the certificates sent to the reporting client, where the wire shows them */
  chain?(report: Report, sent: readonly string[] | undefined): Chain;
  opening?(report: Report): Opening;
  decisions?(report: Report): readonly Decision[];
  /** The client identities that a server determined, from all its reports shown. @param conn of this connection alone */
  served?(reports: readonly Report[], conn?: number): readonly Localized[];
  /** The same for permanent clients, each over its own wire. */
  standing?(report: Report): readonly { readonly hop: string; readonly lines: readonly Localized[] }[];
  /** Every request that a server reports, the newest last. */
  requests?(report: Report): readonly ServedRequest[];
  /** A request reached the server. */
  hasServed?(report: Report): boolean;
  /** A server admitted a client. */
  hasAdmitted?(report: Report): boolean;
  /** A server rejected a client, and said so only in its own log. */
  hasTurnedAway?(report: Report): boolean;
  /** A program's output, with the connections that it fully explains. */
  program?(
    report: Report,
  ): { readonly words: Localized; readonly connections: readonly number[] } | undefined;
  /** The address to which a client was directed. */
  sentTo?(report: Report): Address | undefined;
}

/** A table after a run, folded as the run goes on. */
export interface ClosingTable {
  /** @param sentTo from a report: the address to which a client was directed */
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

/** What is known of both ends of a step besides the bytes. */
export interface EndpointFacts {
  readonly step: PlannedStep;
  readonly typed: FormEntries;
  readonly account: ClientAccount | undefined;
  readonly hasAdmitted: boolean;
}

export interface ServerTraits {
  /** Its wires show the client identity that it determined, and whose certificates are shown. */
  readonly identifiesCallers?: true;
  /** Other servers keep their data in it: it does not know on whose behalf they ask. */
  readonly isStore?: true;
}

/** How a feature is shown: a property is absent where there is nothing to show. */
export interface Shown {
  readonly reports?: { readonly [K in Observation['kind']]?: ShownReport<Observed<K>> };
  readonly servers?: { readonly [K in ServerKindName]?: ServerTraits };
  /** Plaintext protocols: their content is shown as it is. */
  readonly readable?: readonly string[];
  /** Made for each run. */
  table?(): ClosingTable;
  /** What both ends know where their bytes do not show it. */
  endpoints?(facts: EndpointFacts): EndpointViews | undefined;
  /** What the client of a step types. @param entries of an account: all fields of its form */
  typed?(step: PlannedStep, entries: (account: string | undefined) => FormEntries): FormEntries | undefined;
  /** The size of our own client's request, for the typed text. @param host as in `Host` */
  requestForm?(host: string, typed: FormEntries): RequestForm | undefined;
  /** The shell command that repeats a step. */
  byHand?(step: PlannedStep, ways: readonly ManualCommand[]): string | undefined;
}
