/**
 * What all features show of a run: which feature presents which kind of report, and what they present of a step. Features make
 * the values; the files beside this one arrange them, and `ui` renders them.
 */
import type { CaptureEvent, EventOf, Observation } from '../capture/event.ts';
import type { Observed } from '../engine/view.ts';
import type { Plan, PlannedStep } from '../engine/plan.ts';
import type { ClosingTable, ServerTraits, Shown, ShownReport } from '../engine/shown.ts';
import { namesOf } from '../engine/extensions.ts';
import type { FormEntries } from './types/values.ts';

type Kind = Observation['kind'];
export type Report = EventOf<'observed'>;
/** How a report of any kind is shown. */
export type AnyShown = ShownReport<Observed<Kind>>;

export class ShownFeatures {
  readonly all: readonly Shown[];
  readonly #reports: NonNullable<Shown['reports']>;
  readonly #servers: ReadonlyMap<string, ServerTraits>;
  readonly #readable: ReadonlySet<string>;

  constructor(all: readonly Shown[] = []) {
    this.all = all;
    this.#reports = all.reduce<NonNullable<Shown['reports']>>(
      (known, { reports }) => ({ ...known, ...reports }),
      {},
    );
    this.#servers = new Map(
      all.flatMap(({ servers = {} }) => namesOf(servers).map((kind) => [kind, servers[kind] ?? {}] as const)),
    );
    this.#readable = new Set(all.flatMap(({ readable = [] }) => readable));
  }

  /** How that report is shown; empty for a kind that no feature presents. */
  of({ result: { kind } }: Report): AnyShown {
    return this.#ofKind(kind);
  }

  #ofKind<K extends Kind>(kind: K): ShownReport<Observed<K>> {
    const own: ShownReport<Observed<K>> | undefined = this.#reports[kind];
    return own ?? {};
  }

  /** Of servers of that kind. */
  traitsOf(kind: string | undefined): ServerTraits {
    return (kind === undefined ? undefined : this.#servers.get(kind)) ?? {};
  }

  /** Whether the protocol of such a wire is readable text. */
  isReadable(protocol: string | undefined): boolean {
    return protocol !== undefined && this.#readable.has(protocol);
  }

  /** The first value that a feature returns. */
  first<T>(say: (shown: Shown) => T | undefined): T | undefined {
    for (const shown of this.all) {
      const said = say(shown);
      if (said !== undefined) return said;
    }
    return undefined;
  }

  tables(): ClosingTable[] {
    return this.all.flatMap((shown) => shown.table?.() ?? []);
  }

  /** @param tables of `tables()`, which are given every event of the run */
  foldInto(tables: readonly ClosingTable[], event: CaptureEvent): void {
    const sentTo = event.type === 'observed' ? this.of(event).sentTo?.(event) : undefined;
    for (const table of tables) table.fold(event, sentTo);
  }

  /** What the client of a step types into its form. */
  typed(step: PlannedStep, { accounts }: Pick<Plan, 'accounts'>): FormEntries {
    const entries = (account: string | undefined): FormEntries =>
      accounts
        .filter(({ name }) => name === account)
        .flatMap(({ user, password, rrn }) => [
          { name: 'username', value: user },
          { name: 'password', value: password },
          { name: 'rrn', value: rrn },
        ]);
    return this.first((shown) => shown.typed?.(step, entries)) ?? [];
  }
}

export const nothingShown = new ShownFeatures();
