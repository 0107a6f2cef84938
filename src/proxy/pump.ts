/**
 * What stands between the two hops of a proxy. `bytes-pump.ts`, `http-pump.ts` and `strip-pump.ts` are those there are; `proxy.ts`
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

/** In milliseconds. */
export interface ProxyTimeouts {
  /** For a client's handshake. */
  readonly handshake?: number;
  /** For reaching the target, its handshake included. */
  readonly connect?: number;
  /** For the head of the target's answer; http only. */
  readonly response?: number;
  /** For the head and the body of a client's request, from the moment that it may begin; http only, and for the request for a tunnel. */
  readonly request?: number;
  /** How long a client's connection may be idle between two requests; http only. */
  readonly idle?: number;
  /** How long one side may go on after the other has ended; bytes and tunnels only. For ever by default. */
  readonly close?: number;
}
