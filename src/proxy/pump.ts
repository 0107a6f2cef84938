/**
 * Defines what forwards data between the two hops of a proxy. The rows of `pumps.ts` implement it; `proxy.ts` uses it.
 */
import type { Accepted, Introduced, Introduction } from '../wire/endpoint.ts';
import type { StarttlsName } from '../wire/starttls/protocols.ts';

export interface Pump {
  /** Open connections of clients. */
  readonly open: number;
  /** Takes over a connection that was admitted, or that must receive the reason for its refusal. */
  serve(accepted: Accepted): void;
  /** Connects to the target for a client that must hear it before it is admitted; absent where none must. */
  introduce?(served: Introduced): Introduction;
  /**
   * Only responds to pending requests and waits for no new ones, for at most `milliseconds`. Pumps that do not know
   * requests do nothing.
   */
  drain(milliseconds: number): Promise<void>;
  /** Sets the greatest age of clients' connections, also of open ones; absent for a pump that does not know requests. */
  limitAge?(milliseconds: number): void;
  /** Lets open connections finish within `graceMs`; the listener and the second hop abort the rest. */
  close(graceMs: number): Promise<void>;
}

/** In milliseconds. */
export interface ProxyTimeouts {
  /** For a client's handshake. */
  readonly handshake?: number;
  /** For connecting to the target, including the handshake. */
  readonly connect?: number;
  /** For the head of the target's response; http only. */
  readonly response?: number;
  /**
   * For the head and the body of a client's request, from the moment that it may start; http, and connect for the
   * tunnel request.
   */
  readonly request?: number;
  /** How long a client's connection may be idle between two requests; http only. */
  readonly idle?: number;
  /** The age at which a client's connection takes no further request; http only. Unlimited by default. */
  readonly age?: number;
  /** How long one side may continue after the other has closed; bytes and connect only. Unlimited by default. */
  readonly close?: number;
}

/** The protocol in which TLS is requested, on each side where it is. */
export interface StarttlsHops {
  readonly client?: StarttlsName | undefined;
  readonly target?: StarttlsName | undefined;
}
