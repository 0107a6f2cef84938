/** A browsing client's report of a visit. */
import type { Address } from '../../capture/event.ts';

declare module '../../capture/event.ts' {
  interface Observations {
    visit: VisitReport;
  }
}

/** A browsing client's report of one visit: all its requests, in order. */
export interface VisitReport {
  readonly requests: readonly PageRequest[];
  /** Where the visit ended: the URL in the address bar, and the user named on the page. */
  readonly shown?: { readonly url: string; readonly user?: string };
  /** Whether it will use only TLS for that site from now on (RFC 6797). */
  readonly knowsHsts: boolean;
  /** Why the visit failed. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** One request of a browsing client. */
export interface PageRequest {
  readonly method: string;
  readonly url: string;
  /** The client's local address; links this request to a connection. */
  readonly from?: Address;
  /** The names of the cookies sent. */
  readonly cookies: readonly string[];
  /** Requested as `http:`, upgraded by HSTS (RFC 6797 section 8.3). */
  readonly upgraded?: true;
  /** Absent where no response arrived. */
  readonly status?: number;
  /** Bytes of the whole request and of the whole response, above TLS. */
  readonly requestBytes?: number;
  readonly answerBytes?: number;
  /** Of the page received. */
  readonly title?: string;
  /** The time from the response to the next request, in milliseconds; absent for the last. */
  readonly lookedAtMs?: number;
}
