/**
 * Defines what an embedded etcd is given, its limits, and what it offers.
 */
import type { Address } from '../../../capture/event.ts';
import type { Clock } from '../../../core/clock.ts';
import type { AcceptOptions, Identity, Tap } from '../../../wire/endpoint.ts';
import type { BodyLimits } from '../../apiserver/request-body.ts';
import type { EtcdReport } from '../reports.ts';
import type { RunningEtcd } from '../running.ts';
import type { WatchLimits } from './watches.ts';

export interface EmbeddedEtcdOptions
  extends Pick<AcceptOptions, 'listen' | 'tap' | 'tls' | 'maxOpen' | 'datesByClock'> {
  /** The certificate etcd/server; for mtls. */
  readonly identity?: Identity;
  /** PEM certificates of the CAs whose clients are let in, as --trusted-ca-file; empty with security 'plaintext'. */
  readonly clientAuthorities: readonly string[];
  /** Plaintext shows what an unprotected etcd is. */
  readonly security?: 'mtls' | 'plaintext';
  /** Where what is written lasts; absent: as long as the process. */
  readonly folder?: string;
  /** Bytes of all versions, 2 GiB as etcd has it: then puts are refused. */
  readonly quotaBytes?: number;
  readonly clock: Clock;
  readonly limits?: Partial<EtcdLimits>;
  /** How long a connection may be idle between two requests, in milliseconds; ten minutes when left out. */
  readonly idle?: number;
  /** The interval of progress for idle watches that requested it, in milliseconds; 10 minutes as in etcd. */
  readonly progressEvery?: number;
  readonly onReport?: (report: EtcdReport) => void;
}

export interface EtcdLimits extends WatchLimits {
  readonly body: BodyLimits;
  /** Requests at a time, watches not counted. */
  readonly inFlight: number;
  /** How long an answer may take to be read, in milliseconds. */
  readonly reading: number;
}

export interface EmbeddedEtcd extends RunningEtcd {
  readonly kind: 'embedded';
  addListener(tap: Tap, port?: number): Promise<Address>;
  /** Shows another certificate from the next handshake on, as an etcd does whose files have changed. @throws UserError */
  renew(identity: Identity): void;
}

export const mebibyte = 1024 * 1024;
export const defaultLimits: EtcdLimits = {
  body: { each: 4 * mebibyte, together: 64 * mebibyte },
  inFlight: 400,
  unread: 256 * mebibyte,
  reading: 60_000,
  watches: 20_000,
};
export const tenMinutes = 600_000;
