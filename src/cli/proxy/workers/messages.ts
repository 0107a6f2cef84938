/**
 * Defines the requests of the supervisor to a worker, over the channel that Node keeps between the two, and how errors
 * cross it. What a worker has to show goes another way (`frames.ts`).
 */
import type { Address } from '../../../capture/event.ts';
import type { LogShare } from '../../../capture/log.ts';
import { UserError } from '../../../i18n/user-error.ts';
import type { UserErrorFacts } from '../../../i18n/user-error.ts';
import type { ProxyCredentials } from '../../../proxy/proxy.ts';
import type { RelayCounts } from '../relay.ts';
import type { PlaceGrant } from './places-link.ts';

/** Each request with its parameter and its answer. */
export interface Requests {
  /** Listens, with everything that a worker needs to know beside the command line. */
  start(beginning: Beginning): Address;
  /** Checks credentials and keeps them ready; they replace those that were kept. */
  prepare(credentials: ProxyCredentials): void;
  /** Applies what is kept, or drops it. */
  renew(isApplied: boolean): void;
  counts(): RelayCounts & {
    /** The number of the event that last showed whether the target can be reached; 0 if there was none. */
    readonly targetSeq: number;
  };
  /** What its connections are granted, by their numbers. */
  places(granted: readonly (readonly [what: PlaceGrant, id: number])[]): void;
  /** Hands over everything at once, and how far it is. */
  report(): void;
  /** Lets open connections finish; answers with the number that remained after these milliseconds. */
  drain(milliseconds: number): number;
  /** Ends the connections and the worker. */
  close(graceMs: number): void;
}

export interface Beginning {
  readonly share: LogShare;
  readonly listen: Address;
  readonly credentials: ProxyCredentials;
  /** What is written to files: packets, keys. */
  readonly packets: boolean;
  readonly keys: boolean;
  /** Its part of the memory for payload, in bytes. */
  readonly maxPayload: number;
}

export type RequestName = keyof Requests;

export interface Request<Name extends RequestName = RequestName> {
  readonly id: number;
  readonly ask: Name;
  readonly value: Parameters<Requests[Name]>[0];
}

/** The answer with this number comes unasked: the worker takes requests now. */
export const readyId = 0;

export type Answer = { readonly id: number } & (
  | { readonly value: unknown }
  | { readonly facts: UserErrorFacts }
  | { readonly fault: string }
);

/** How a worker's failure crosses: a user's mistake in full, anything else as text. */
export function failureOf(id: number, error: unknown): Answer {
  if (error instanceof UserError) return { id, facts: error.facts };
  return { id, fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** What is thrown for an answer that is a failure. */
export function errorOf(answer: Answer): Error | undefined {
  if ('facts' in answer) return new UserError(answer.facts);
  if ('fault' in answer) return new Error(answer.fault);
  return undefined;
}
