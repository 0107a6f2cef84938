/** What a browsing client reports of a visit. */
import type { Address } from '../../capture/event.ts';

declare module '../../capture/event.ts' {
  interface Observations {
    visit: VisitReport;
  }
}

/** A browsing client's own account of one visit: everything that it asked for, in order. */
export interface VisitReport {
  readonly requests: readonly PageRequest[];
  /** Where the visit ended: the address in the bar, and the user that the page named. */
  readonly shown?: { readonly url: string; readonly user?: string };
  /** Whether it will speak to that site over TLS only from now on (RFC 6797). */
  readonly knowsHsts: boolean;
  /** Why the visit did not come to its end. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** One request of a browsing client, as it tells it. */
export interface PageRequest {
  readonly method: string;
  readonly url: string;
  /** The address that it was sent from; joins this to a connection. */
  readonly from?: Address;
  /** The names of the cookies that went along. */
  readonly cookies: readonly string[];
  /** It was to be `http:`; the browser knew better (RFC 6797 section 8.3). */
  readonly upgraded?: true;
  /** Absent where no answer came. */
  readonly status?: number;
  /** Bytes of the whole request and of the whole answer, above TLS. */
  readonly requestBytes?: number;
  readonly answerBytes?: number;
  /** Of the page that came. */
  readonly title?: string;
  /** How long nothing was asked after the answer had come, in milliseconds; absent for the last. */
  readonly lookedAtMs?: number;
}
