/** What is reported of a question to a resolver: by the client, and by the resolver. */
import type { Address } from '../../capture/event.ts';

/** A client's own account of a question to a resolver. */
export interface ResolvedReport {
  readonly name: string;
  /** `SRV`. */
  readonly type: string;
  /** Where it was sent; absent where it got no such answer. */
  readonly to?: Address;
  /** `NXDOMAIN`, or the code of an error, where there was none. */
  readonly error?: string;
}

/** A resolver's own account of what it was asked and told during one step. */
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
