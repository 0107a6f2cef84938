/** Reports about a login at a site: by its client, and by the server. */
import type { Address } from '../../capture/event.ts';
import type { Alert } from '../../capture/vocabulary.ts';

declare module '../../capture/event.ts' {
  interface Observations {
    login: LoginReport;
    served: ServedReport;
  }
}

/** A demo client's report of one login. */
export interface LoginReport {
  readonly outcome: 'admitted' | 'denied' | 'refused' | 'refusing' | 'failed';
  /** The client's local address; links this report to a connection. */
  readonly from?: Address;
  readonly status?: number;
  /** The user named on the profile page. */
  readonly user?: string;
  /** Whether the client's TLS stack had reported a connection. */
  readonly believedConnected: boolean;
  /** Bytes of the request that the client had written to its connection. */
  readonly sentBytes: number;
  /** The client's own error: a code of its runtime or its TLS library, and the alert in it. */
  readonly error?: { readonly code: string; readonly message: string; readonly alert?: Alert };
  /** The result of a second request over the same connection, if the step makes one: a status, or an error code. */
  readonly again?: { readonly status?: number; readonly user?: string; readonly code?: string };
}

/** A server's report of what reached it during one step. */
export interface ServedReport {
  readonly connections: number;
  readonly requests: number;
  readonly logins: readonly { readonly user: string; readonly accepted: boolean }[];
}
