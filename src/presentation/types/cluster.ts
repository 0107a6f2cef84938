/**
 * A star of wires: the hub, its callers and those that it calls, how each wire is used and secured, in which order the wires
 * carried data, and what is known of one of them.
 */
import type { Localized } from '../../i18n/language.ts';
import type { Tone } from './values.ts';

/** `lit`: bytes passed a moment ago; `spoke`: in the moment that is shown; `quiet`: before that; `unused`: never. */
export type Light = 'lit' | 'spoke' | 'quiet' | 'unused';

/**
 * How the two ends authenticate: both present a certificate; both do, but the client says that it does not verify the server's;
 * the server alone; not at all.
 */
export type Security = 'mtls' | 'half' | 'tls' | 'plaintext';

export interface ClusterWire {
  readonly hop: string;
  /** The clients that use it, in one text. */
  readonly callers: string;
  readonly to: string;
  readonly light: Light;
  /** Undefined before any data was sent. */
  readonly security: Security | undefined;
  readonly securityName: Localized;
  /** Its newest connection was refused. */
  readonly isRefusing: boolean;
  /** Connections and bytes, or how many were refused; undefined for a wire that was never used. */
  readonly counts: Localized | undefined;
  /** Its places in the order, counted from 1. */
  readonly places: readonly number[];
}

/** The order in which wires carried data. */
export interface CallOrder {
  readonly label: Localized;
  readonly text: Localized;
  /** Nothing has been sent yet; the text says so. */
  readonly isEmpty: boolean;
}

export interface Cluster {
  readonly hub: string;
  /** What the hub is to its callers, and to those that it calls. */
  readonly faces: { readonly server: Localized; readonly client: Localized };
  /** All wires, in the order of the topology. */
  readonly wires: readonly ClusterWire[];
  readonly calledOver: readonly ClusterWire[];
  readonly callsOver: readonly ClusterWire[];
  /** Wires that do not touch the hub. */
  readonly others: readonly ClusterWire[];
  /** The order of the moment that is shown, and of the latest burst if that is another one. */
  readonly orders: readonly CallOrder[];
}

export interface WireFact {
  /** The end that it is about; absent for the wire as a whole. */
  readonly who?: string;
  readonly mark?: '✗';
  readonly tone: Tone;
  readonly text: Localized;
}

/** A request with its response. */
export interface WireExchange {
  /** Microseconds since the run began. */
  readonly at: number;
  readonly conn: number;
  readonly request: Localized;
  readonly response: Localized;
  /** Whom the server took the caller for, where callers differ: `bob`, `alice as bob`. */
  readonly caller?: string;
  /** The response has not ended. */
  readonly isOpen: boolean;
}

/** What is known of one wire. */
export interface WireReport {
  readonly facts: readonly WireFact[];
  /** The names of its two ends. */
  readonly ends: readonly [client: string, server: string];
  /** The newest first; undefined where no request could be read. */
  readonly exchanges: { readonly title: Localized; readonly list: readonly WireExchange[] } | undefined;
}
