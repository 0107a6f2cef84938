/** A wire over which somebody comes to a server all the time, whatever the steps do; or one that a server has behind it. */
export interface StandingWire {
  readonly wire: string;
  readonly from: string;
  readonly to: string;
  /** What is spoken on it, where no server of the file is at its end. */
  readonly security?: 'tls';
}
