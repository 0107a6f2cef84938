/** What a client reports of the opening of a connection. */
import type { Address, TcpOpening } from '../../capture/event.ts';

/** A client's own account of a connection that it opened and said nothing over, or of one in a file that it was handed; or of one that did not come about. */
export type OpeningReport =
  | ({
      /** The address that it spoke from; absent for a file's. */
      readonly from?: Address;
    } & TcpOpening)
  | { readonly origin: 'none'; readonly error: { readonly code: string; readonly message: string } };
