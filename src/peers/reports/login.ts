/** What is reported of a login at a site: by its client, and by the server. */
import type { Address } from '../../capture/event.ts';
import type { Alert } from '../../capture/vocabulary.ts';

declare module '../../capture/event.ts' {
  interface Observations {
    login: LoginReport;
    served: ServedReport;
  }
}

/** A demo client's own account of one login. */
export interface LoginReport {
  readonly outcome: 'admitted' | 'denied' | 'refused' | 'refusing' | 'failed';
  /** The address that the client spoke from; joins this to a connection. */
  readonly from?: Address;
  readonly status?: number;
  /** The user that the profile page named. */
  readonly user?: string;
  /** Whether the client's TLS stack told it that it was connected. */
  readonly believedConnected: boolean;
  /** Bytes of the request that the client had handed to its connection. */
  readonly sentBytes: number;
  /** The client's own words: an error code of its runtime or its TLS library, and the alert in it. */
  readonly error?: { readonly code: string; readonly message: string; readonly alert?: Alert };
  /** What came of a second question over the same connection, where the step asks one: an answer, or the code of an error. */
  readonly again?: { readonly status?: number; readonly user?: string; readonly code?: string };
}

/** A server's own account of what reached it during one step. */
export interface ServedReport {
  readonly connections: number;
  readonly requests: number;
  readonly logins: readonly { readonly user: string; readonly accepted: boolean }[];
}
