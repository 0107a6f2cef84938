/**
 * A log under a clock that the test moves, and short ways to say what happens in it.
 */
import type { Clock } from '../../src/core/clock.ts';
import type { CaptureEvent, Side, Topology, Vantage } from '../../src/capture/event.ts';
import { CaptureLog } from '../../src/capture/log.ts';

/** Every look at it is one microsecond later than the last. */
export function tickingClock(): Clock & { advance(microseconds: number): void } {
  let time = 0;
  return {
    now: () => Date.UTC(2026, 0, 1) + time / 1000,
    microseconds: () => time++,
    advance: (microseconds) => {
      time += microseconds;
    },
  };
}

export const topology: Topology = {
  participants: [
    { name: 'client', role: 'client' },
    { name: 'server', role: 'server' },
  ],
  wires: [{ hop: 'A', from: 'client', to: 'server', protocol: 'http' }],
};

export class ScriptedLog {
  readonly log: CaptureLog;

  constructor(options: { maxPayload?: number; endless?: boolean; clock?: Clock } = {}) {
    this.log = new CaptureLog({
      clock: options.clock ?? tickingClock(),
      ...(options.maxPayload === undefined ? {} : { maxPayload: options.maxPayload }),
      ...(options.endless ? { endless: true } : {}),
    });
  }

  began(wallClock = '2026-01-01T00:00:00.000Z'): CaptureEvent {
    return this.log.append({ type: 'began', version: '0.0.0', wallClock, topology });
  }

  opened(
    conn = 1,
    hop = 'A',
    addresses: { from?: string; to?: string; transport?: 'tcp' | 'udp' } = {},
  ): CaptureEvent {
    const { from = '127.0.0.1', to = '127.0.0.1', transport = 'tcp' } = addresses;
    return this.log.append({
      type: 'opened',
      conn,
      hop,
      transport,
      from: { host: from, port: 50_000 + conn },
      to: { host: to, port: 8080 },
    });
  }

  bytes(
    from: Side,
    bytes: string | Uint8Array,
    options: { conn?: number; hop?: string; vantage?: Vantage } = {},
  ): CaptureEvent {
    const { conn = 1, hop = 'A', vantage = 'wire' } = options;
    return this.log.append({ type: 'bytes', conn, hop, vantage, from, bytes: Buffer.from(bytes) });
  }

  closed(
    by: Side | 'unknown' = 'client',
    how: 'end' | 'reset' | 'timeout' = 'end',
    conn = 1,
    hop = 'A',
  ): CaptureEvent {
    return this.log.append({ type: 'closed', conn, hop, by, how });
  }
}

/** The value, which must be there: a test that goes on without it would prove nothing. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('expected a value');
  return value;
}
