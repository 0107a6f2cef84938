/** What an API server of Kubernetes reports of those who asked it. */
import type { ApiRequest } from '../../kube/apiserver/audit.ts';

declare module '../../capture/event.ts' {
  interface Observations {
    api: ApiReport;
  }
}

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
