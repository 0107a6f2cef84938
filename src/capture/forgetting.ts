/**
 * What of a log belongs to one connection, so that it goes when nobody will ask for it again. What has been told is for others
 * to know. Bytes are not counted here, since they may be any number: whoever looks them up lets them go (`Flows.forget`).
 */
import type { Flows } from './flows.ts';
import type { CaptureLog } from './log.ts';

/** Lets go of what a connection left behind in the log. */
export class Forgetting {
  readonly #log: Pick<CaptureLog, 'release'>;
  readonly #seqs = new Map<number, number[]>();

  constructor(log: Pick<CaptureLog, 'release'>) {
    this.#log = log;
  }

  readonly fold = (event: { readonly type: string; readonly conn?: number; readonly seq: number }): void => {
    if (event.conn === undefined || event.type === 'bytes') return;
    const seqs = this.#seqs.get(event.conn);
    if (seqs) seqs.push(event.seq);
    else this.#seqs.set(event.conn, [event.seq]);
  };

  forget(conn: number): void {
    this.#log.release(this.#seqs.get(conn) ?? []);
    this.#seqs.delete(conn);
  }
}

/** Of connections that have closed the newest are kept; older ones leave nothing behind but their number. */
export class NewestClosed {
  readonly #flows: Flows;
  readonly #forgetting: Forgetting;
  readonly #most: number;
  readonly #closed: number[] = [];
  #forgotten = 0;

  constructor(log: Pick<CaptureLog, 'release'>, flows: Flows, most: number) {
    this.#flows = flows;
    this.#forgetting = new Forgetting(log);
    this.#most = most;
  }

  /** How many were forgotten. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** To be given each event behind everybody who looks at connections. */
  readonly fold = (event: { readonly type: string; readonly conn?: number; readonly seq: number }): void => {
    this.#forgetting.fold(event);
    if (event.type !== 'closed' || event.conn === undefined) return;
    this.#closed.push(event.conn);
    const oldest = this.#closed.length > this.#most ? this.#closed.shift() : undefined;
    if (oldest === undefined) return;
    this.#forgotten++;
    this.#flows.forget(oldest);
    this.#forgetting.forget(oldest);
  };
}
