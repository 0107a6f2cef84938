/**
 * Extends a limit of connections over processes: a worker's connections ask the supervisor for their places (`Places` in
 * `wire/tcp/places.ts`), so that the limit holds, and the order of arrival counts, over all workers. Each connection that
 * waits has a number of its worker's; what it reports and what it is granted cross by that number.
 */
import type { Place, PlaceGiver, PlaceHolder } from '../../../wire/tcp/places.ts';

/** What a worker reports of a connection; `full`, with any number: one more could not be accepted. */
export type PlaceReport = 'arrive' | 'full' | keyof Place;

/** What is granted to a connection. */
export type PlaceGrant = keyof PlaceHolder;

/** A worker's half. */
export class AskedPlaces implements PlaceGiver {
  readonly #report: (what: PlaceReport, id: number) => void;
  readonly #holders = new Map<number, PlaceHolder>();
  #next = 1;

  constructor(report: (what: PlaceReport, id: number) => void) {
    this.#report = report;
  }

  arrive(holder: PlaceHolder): Place {
    const id = this.#next++;
    this.#holders.set(id, holder);
    const report = (what: PlaceReport) => (): void => {
      if (this.#holders.has(id)) this.#report(what, id);
    };
    report('arrive')();
    return {
      spoke: report('spoke'),
      isStill: report('isStill'),
      idle: report('idle'),
      active: report('active'),
      gone: () => {
        if (this.#holders.delete(id)) this.#report('gone', id);
      },
    };
  }

  seated(): Place {
    throw new Error('places are only asked for where their number has a limit');
  }

  makeRoomForOne(): void {
    this.#report('full', 0);
  }

  /** What the supervisor has granted. A connection that has gone meanwhile has reported that. */
  grant(what: PlaceGrant, id: number): void {
    const holder = this.#holders.get(id);
    if (what === 'sendAway') this.#holders.delete(id);
    holder?.[what]();
  }
}

/** The supervisor's half, for one worker. */
export class PlacesDesk {
  readonly #places: PlaceGiver;
  readonly #grant: (what: PlaceGrant, id: number) => void;
  readonly #held = new Map<number, Place>();

  constructor(places: PlaceGiver, grant: (what: PlaceGrant, id: number) => void) {
    this.#places = places;
    this.#grant = grant;
  }

  take(what: PlaceReport, id: number): void {
    if (what === 'full') return this.#places.makeRoomForOne();
    if (what === 'arrive') return this.#arrive(id);
    this.#held.get(id)?.[what]();
    if (what === 'gone') this.#held.delete(id);
  }

  #arrive(id: number): void {
    let isAway = false;
    const place = this.#places.arrive({
      serve: () => this.#grant('serve', id),
      sendAway: () => {
        isAway = true;
        this.#held.delete(id);
        this.#grant('sendAway', id);
      },
      close: () => this.#grant('close', id),
    });
    if (!isAway) this.#held.set(id, place);
  }

  /** Connections that wait or are served. */
  get held(): number {
    return this.#held.size;
  }

  /** The worker has ended, and its connections with it. */
  end(): void {
    for (const place of this.#held.values()) place.gone();
    this.#held.clear();
  }
}
