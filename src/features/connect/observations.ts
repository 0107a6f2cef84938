/** A client's report of opening a connection. */
import type { Address, TcpOpening } from '../../capture/event.ts';

/** A client's report of a connection that it opened without sending data, of one in a supplied file, or of a failed one. */
export type OpeningReport =
  | ({
      /** The client's local address; absent for a file's. */
      readonly from?: Address;
    } & TcpOpening)
  | { readonly origin: 'none'; readonly error: { readonly code: string; readonly message: string } };
