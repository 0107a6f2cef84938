/**
 * The figures that relays are compared by, as a table: what the load does, what is asked of wirelab against whom. How they
 * are judged where the load is the limit is `verdict.ts`.
 */
import type { LoadFigures, LoadMode, LoadOptions } from '../generator.ts';
import type { Configuration } from './contestant.ts';
import { baseline } from './contestants.ts';
import { httpProxy, sslsplit } from './peers.ts';

/** What is asked: a rate at least so many times another's, a time at most so many, or processor time a unit at most so many. */
export interface Bound {
  readonly against: string;
  readonly rate?: number;
  readonly time?: number;
  readonly cpu?: number;
}

export interface Row {
  readonly title: string;
  readonly configuration: Configuration;
  readonly mode: LoadMode;
  readonly load: LoadOptions;
  /** What is counted: bulk in MB a second, round trips in microseconds, everything else in units a second. */
  readonly figure: 'MB/s' | 'µs' | '/s';
  readonly bounds: readonly Bound[];
}

const megabyte = 1_000_000;
const relaying: readonly Bound[] = [
  { against: baseline, rate: 0.9, cpu: 1.25 },
  { against: sslsplit, rate: 1 },
];
const bulk: readonly Bound[] = [
  { against: baseline, rate: 1 },
  { against: sslsplit, rate: 1 },
];
const trips: readonly Bound[] = [
  { against: baseline, time: 1.15 },
  { against: sslsplit, time: 1 },
];

const row = (
  configuration: Configuration,
  title: string,
  mode: LoadMode,
  load: LoadOptions,
  bounds: readonly Bound[],
): Row => ({
  title,
  configuration,
  mode,
  load,
  figure: mode === 'up' || mode === 'down' ? 'MB/s' : mode === 'trips' ? 'µs' : '/s',
  bounds,
});

/** Plaintext: what one run carries takes a third of a second where it takes the shortest time. */
const much = 400 * megabyte;
const sealed = 200 * megabyte;

export const rows: readonly Row[] = [
  row('tcp', 'connections, plaintext', 'connect', { count: 2400, atOnce: 8 }, relaying),
  row('tcp', 'bulk up, plaintext, 1 connection', 'up', { bytes: much }, bulk),
  row('tcp', 'bulk up, plaintext, 8 connections', 'up', { bytes: much, count: 8 }, bulk),
  row('tcp', 'bulk down, plaintext, 1 connection', 'down', { bytes: much }, bulk),
  row('tcp', 'round trip of 64 bytes, plaintext, p50', 'trips', { count: 9000 }, trips),
  row('tls', 'handshakes, P-256', 'connect', { count: 500, atOnce: 8 }, relaying),
  row('tls', 'bulk up, TLS 1.3', 'up', { bytes: sealed }, relaying),
  row('tls', 'bulk down, TLS 1.3', 'down', { bytes: sealed }, relaying),
  row('tls', 'round trip of 64 bytes, TLS 1.3, p50', 'trips', { count: 5000 }, trips),
  row('mtls', 'handshakes, mutual TLS', 'connect', { count: 300, atOnce: 8 }, relaying),
  row('mtls', 'refusals, mutual TLS, no certificate', 'refused', { count: 300, atOnce: 8 }, []),
  row('split', 'handshakes, TLS on both sides', 'connect', { count: 300, atOnce: 8 }, relaying),
  row('split', 'bulk down, TLS on both sides', 'down', { bytes: sealed }, relaying),
  row('http', 'requests, 16 kept connections', 'http', { count: 4000, atOnce: 16 }, [
    { against: httpProxy, rate: 2.5 },
  ]),
];

export const lighterTimes = 4;

/** The same with a quarter of it, for the round that warms up, and for who is slow. */
export function lighter(heavy: Row): Row {
  const { mode, load } = heavy;
  const part =
    mode === 'up' || mode === 'down'
      ? { ...load, bytes: Math.round((load.bytes ?? 0) / lighterTimes) }
      : { ...load, count: Math.ceil((load.count ?? 1) / lighterTimes) };
  return { ...heavy, load: part };
}

/** How many units of work one run was: gigabytes, or what was counted. */
export function unitsOf(row: Row, figures: LoadFigures): number {
  return row.figure === 'MB/s' ? figures.bytes / 1e9 : figures.units;
}

export function valueOf(row: Row, figures: LoadFigures): number {
  return row.figure === 'MB/s'
    ? figures.bytes / 1e6 / figures.seconds
    : row.figure === 'µs'
      ? figures.p50 * 1000
      : figures.units / figures.seconds;
}

/** Connections that a run makes; undefined where that depends on whom it meets: one that keeps them, or closes them. */
export function connectionsOf({ mode, load }: Row): number | undefined {
  return mode === 'http' ? undefined : mode === 'trips' ? 1 : (load.count ?? 1);
}
