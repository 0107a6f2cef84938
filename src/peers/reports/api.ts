/** A Kubernetes API server's report of its requests. */
import type { ApiRequest } from '../../kube/apiserver/audit.ts';

declare module '../../capture/event.ts' {
  interface Observations {
    api: ApiReport;
  }
}

/** An API server's report of the requests that reached it during one step: its audit log. */
export interface ApiReport {
  /** The last of them. */
  readonly requests: readonly ApiRequest[];
  readonly total: number;
  /** Requests of permanent clients, each over its own wire: kept apart from the others. */
  readonly standing?: readonly StandingRequests[];
}

/** The requests of one permanent client. */
export interface StandingRequests {
  readonly hop: string;
  /** The last of them. */
  readonly requests: readonly ApiRequest[];
  readonly total: number;
}
