/** A wire that carries traffic independently of the steps: a permanent client's, or a server's own upstream. */
export interface StandingWire {
  readonly wire: string;
  readonly from: string;
  readonly to: string;
  /** Its security, where no server of the file is at its end. */
  readonly security?: 'tls';
}
