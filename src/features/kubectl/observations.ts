/** What is reported of kubectl, and by the API server that it asks. */
import type { ApiRequest } from '../../kube/apiserver/audit.ts';

/** An API server's own account of the requests that reached it during one step: its audit log. */
export interface ApiReport {
  /** The last of them. */
  readonly requests: readonly ApiRequest[];
  readonly total: number;
  /** What those said who come all the time, whatever the step does, each over a wire of its own: apart from the others. */
  readonly standing?: readonly StandingRequests[];
}

/** What those said who come all the time over one wire. */
export interface StandingRequests {
  readonly hop: string;
  /** The last of them. */
  readonly requests: readonly ApiRequest[];
  readonly total: number;
}
