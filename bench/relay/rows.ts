/**
 * The figures that relays are compared by, as a table: what the load does, what is asked of wirelab against whom. How they
 * are judged where the load is the limit is `verdict.ts`.
 */
import type { LoadFigures, LoadMode, LoadOptions } from '../generator.ts';
import type { Configuration } from './contestants.ts';
import { baseline } from './contestants.ts';

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
const sslsplit = 'sslsplit -L';
const relaying = [
  { against: baseline, rate: 0.9, cpu: 1.25 },
  { against: sslsplit, rate: 1 },
];
const bulk = [
  { against: baseline, rate: 1 },
  { against: sslsplit, rate: 1 },
];
const trips = [
  { against: baseline, time: 1.15 },
  { against: sslsplit, time: 1 },
];

export const rows: readonly Row[] = [
  {
    title: 'connections, plaintext',
    configuration: 'tcp',
    mode: 'connect',
    load: { count: 3000, atOnce: 8 },
    figure: '/s',
    bounds: relaying,
  },
  {
    title: 'bulk up, plaintext, 1 connection',
    configuration: 'tcp',
    mode: 'up',
    load: { bytes: 600 * megabyte },
    figure: 'MB/s',
    bounds: bulk,
  },
  {
    title: 'bulk up, plaintext, 8 connections',
    configuration: 'tcp',
    mode: 'up',
    load: { bytes: 600 * megabyte, count: 8 },
    figure: 'MB/s',
    bounds: bulk,
  },
  {
    title: 'bulk down, plaintext, 1 connection',
    configuration: 'tcp',
    mode: 'down',
    load: { bytes: 600 * megabyte },
    figure: 'MB/s',
    bounds: bulk,
  },
  {
    title: 'round trip of 64 bytes, plaintext, p50',
    configuration: 'tcp',
    mode: 'trips',
    load: { count: 12_000 },
    figure: 'µs',
    bounds: trips,
  },
  {
    title: 'handshakes, P-256',
    configuration: 'tls',
    mode: 'connect',
    load: { count: 600, atOnce: 8 },
    figure: '/s',
    bounds: relaying,
  },
  {
    title: 'bulk up, TLS 1.3',
    configuration: 'tls',
    mode: 'up',
    load: { bytes: 300 * megabyte },
    figure: 'MB/s',
    bounds: relaying,
  },
  {
    title: 'bulk down, TLS 1.3',
    configuration: 'tls',
    mode: 'down',
    load: { bytes: 300 * megabyte },
    figure: 'MB/s',
    bounds: relaying,
  },
  {
    title: 'round trip of 64 bytes, TLS 1.3, p50',
    configuration: 'tls',
    mode: 'trips',
    load: { count: 8000 },
    figure: 'µs',
    bounds: trips,
  },
  {
    title: 'handshakes, mutual TLS',
    configuration: 'mtls',
    mode: 'connect',
    load: { count: 500, atOnce: 8 },
    figure: '/s',
    bounds: relaying,
  },
];

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

/** Connections that a run makes. */
export function connectionsOf({ mode, load }: Row): number {
  return mode === 'connect' || mode === 'refused' || mode === 'hold'
    ? (load.count ?? 1)
    : mode === 'up' || mode === 'down'
      ? (load.count ?? 1)
      : (load.atOnce ?? 1);
}
