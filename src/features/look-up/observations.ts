/** Reports about a DNS query: by the client, and by the resolver. */
import type { Address } from '../../capture/event.ts';

/** A client's report of a DNS query. */
export interface ResolvedReport {
  readonly name: string;
  /** `SRV`. */
  readonly type: string;
  /** The address that it was directed to; absent without an answer. */
  readonly to?: Address;
  /** `NXDOMAIN`, or an error code, where there was no answer. */
  readonly error?: string;
}

/** A resolver's report of queries and answers during one step. */
export interface AnsweredReport {
  readonly questions: number;
  /** The first of them. `said` has addresses, names, and hosts with their port. */
  readonly answers: readonly {
    readonly name: string;
    readonly type: string;
    readonly rcode: number;
    readonly said: readonly string[];
  }[];
}
