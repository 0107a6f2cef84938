/**
 * What stands between the two hops of a proxy. `bytes-pump.ts` and `http-pump.ts` are the two there are; `proxy.ts`
 * feeds them.
 */
import type { Accepted } from '../wire/endpoint.ts';

export interface Pump {
  /** Connections of clients that are open now. */
  readonly open: number;
  /** Takes over a connection that was admitted, or that must be told why it was not. */
  serve(accepted: Accepted): void;
  /** No request is awaited any more, only answered; at most `milliseconds`. Where nobody knows what a request is, nothing is done. */
  drain(milliseconds: number): Promise<void>;
  /** Lets what is under way come to its end, at most `graceMs`; the listener and the second hop end the rest. */
  close(graceMs: number): Promise<void>;
}
