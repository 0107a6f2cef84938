/**
 * What of a log belongs to one connection, so that it goes when nobody will ask for it again. What has been told is for others
 * to know. Bytes are not counted here, since they may be any number: whoever looks them up lets them go (`Flows.forget`).
 */
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
