/**
 * Who was turned away by a class, from the log of its door: a card for each, as a proxy prints them. The same again is counted
 * and not repeated: a lab whose invitation has expired goes on trying. Nothing is kept of a connection once it has closed.
 */
import { EventReleaser } from '../../../capture/event-releaser.ts';
import type { CaptureEvent, Topology } from '../../../capture/event.ts';
import { Flows } from '../../../capture/flows.ts';
import type { CaptureLog } from '../../../capture/log.ts';
import { endedWell } from '../../../analysis/outcome/ended-well.ts';
import { isAdvice, refusalCard } from '../../../presentation/card.ts';
import { isFailure, loadWireReading, Speakers, verdictOf } from '../../../presentation/refusals.ts';
import type { Card } from '../../../presentation/types/values.ts';

export interface TurnedAway {
  readonly card: Card;
  /** Milliseconds since the epoch, of the newest one. */
  readonly at: number;
  /** How often. */
  readonly count: number;
}

/** Cards that are kept; the oldest ones go. */
const mostCards = 50;

export class TurnedAwayLog {
  readonly #topology: Topology;
  readonly #now: () => number;
  readonly #onChange: (latest: TurnedAway) => void;
  /** By what the card says, the newest last. */
  readonly #cards = new Map<string, TurnedAway>();
  #total = 0;

  private constructor(
    log: CaptureLog,
    topology: Topology,
    now: () => number,
    onChange: (latest: TurnedAway) => void,
  ) {
    this.#topology = topology;
    this.#now = now;
    this.#onChange = onChange;
    const flows = new Flows(log);
    const forgetting = new EventReleaser(log);
    const speakers = new Speakers();
    log.subscribe((event: CaptureEvent) => {
      flows.fold(event);
      forgetting.fold(event);
      if (event.type !== 'closed') return;
      this.#closed(event.conn, flows, speakers);
      flows.forget(event.conn);
      forgetting.forget(event.conn);
    });
  }

  /** @param log that is to be written. @param onChange called with each one that is turned away */
  static async start(
    log: CaptureLog,
    topology: Topology,
    now: () => number,
    onChange: (latest: TurnedAway) => void,
  ): Promise<TurnedAwayLog> {
    await loadWireReading();
    return new TurnedAwayLog(log, topology, now, onChange);
  }

  /** The newest first. */
  get cards(): readonly TurnedAway[] {
    return [...this.#cards.values()].toReversed();
  }

  get total(): number {
    return this.#total;
  }

  #closed(conn: number, flows: Flows, speakers: Speakers): void {
    const connection = flows.connection(conn);
    if (!connection || endedWell(connection)) return;
    const topology = this.#topology;
    const verdict = verdictOf(connection, { flows, topology, speakers });
    if (!verdict?.story || !verdict.hasCard || !isFailure(verdict)) return;
    const card = refusalCard(verdict.story, { topology, inStep: false });
    const who = card.rows.filter(({ kind }) => kind === 'because' || kind === 'presented');
    const key = JSON.stringify([card.headline.en, who.map(({ text }) => text.en)]);
    const latest = { card, at: this.#now(), count: (this.#cards.get(key)?.count ?? 0) + 1 };
    this.#cards.delete(key);
    this.#cards.set(key, latest);
    const [oldest] = this.#cards.keys();
    if (this.#cards.size > mostCards && oldest !== undefined) this.#cards.delete(oldest);
    this.#total++;
    this.#onChange(latest);
  }
}

/** What to do about it is said for a proxy that somebody runs: here it is a new invitation, or none. */
export const withoutAdvice = ({ headline, rows }: Card): Card => ({
  headline,
  rows: rows.filter(({ kind }) => !isAdvice(kind)),
});
