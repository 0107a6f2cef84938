/**
 * A running proxy: a listener, a pump and the way to the target, put together as its kind says (`kinds.ts`).
 * Who is admitted is `wire`'s to decide, what happens to the bytes the pump's.
 */
import type { Address } from '../capture/event.ts';
import type { RunLog } from '../capture/log.ts';
import type { Clock } from '../core/clock.ts';
import { Mistake } from '../i18n/mistake.ts';
import { accept } from '../wire/accept.ts';
import type { AcceptOptions, Accepted, DialOptions } from '../wire/endpoint.ts';
import { defaultPump, proxyKinds } from './kinds.ts';
import type { ProxyKindName, PumpName } from './kinds.ts';
import type { Pump } from './pump.ts';
import { SecondHop } from './second-hop.ts';

/** In milliseconds. */
export interface ProxyTimeouts {
  /** For a client's handshake. */
  readonly handshake?: number;
  /** For reaching the target, its handshake included. */
  readonly connect?: number;
  /** For the head of the target's answer; http only. */
  readonly response?: number;
  /** How long a client's connection may be idle between two requests; http only. */
  readonly idle?: number;
}

export interface ProxyOptions {
  readonly kind: ProxyKindName;
  /** By default the kind's own. */
  readonly pump?: PumpName;
  readonly accept: Omit<AcceptOptions, 'security' | 'clock' | 'tap' | 'reject' | 'handshakeTimeout'>;
  readonly dial: Omit<DialOptions, 'clock' | 'tap' | 'reportTo' | 'timeout'>;
  /** The names of the wires on both sides, as the log has them. */
  readonly wires: { readonly incoming: string; readonly outgoing: string };
  readonly log: RunLog;
  readonly clock: Clock;
  /** How a refused client is told. */
  readonly reject?: 'tls' | 'http';
  readonly timeouts?: ProxyTimeouts;
}

export interface RunningProxy {
  readonly kind: ProxyKindName;
  readonly address: Address;
  /** Connections that are open now, on both sides. */
  readonly open: number;
  /** As a listener's. */
  setRevocations(lists: readonly string[]): void;
  close(graceMs?: number): Promise<void>;
}

/** Each is loaded only where it is used. */
const pumps: Readonly<Record<PumpName, (target: SecondHop, timeouts: ProxyTimeouts) => Promise<Pump>>> = {
  http: async (target, timeouts) => (await import('./http-pump.ts')).createHttpPump(target, timeouts),
  bytes: async (target) => (await import('./bytes-pump.ts')).createBytesPump(target),
};

/** Rejects with a `Mistake` when the kind does not go with the pump or the second hop, or the listener cannot listen. */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const { kind, wires, log, clock, reject, timeouts = {} } = options;
  const pumpName = options.pump ?? defaultPump(kind);
  checkCombination(kind, pumpName, options);
  const target = new SecondHop(
    { ...options.dial, clock, ...(timeouts.connect === undefined ? {} : { timeout: timeouts.connect }) },
    log,
    wires.outgoing,
  );
  // Loading a pump takes a while (http-proxy 5 ms); listening goes on meanwhile, and an early client waits for it.
  let pump: Pump | undefined;
  const early: Accepted[] = [];
  const loading = pumps[pumpName](target, timeouts);
  const listening = accept(
    {
      ...options.accept,
      security: proxyKinds[kind].accepts,
      clock,
      tap: { log, hop: wires.incoming },
      ...(reject ? { reject } : {}),
      ...(timeouts.handshake === undefined ? {} : { handshakeTimeout: timeouts.handshake }),
    },
    (accepted) => {
      if (pump) pump.serve(accepted);
      else early.push(accepted);
    },
  );
  const [listener, running] = await Promise.all([listening, loading]);
  pump = running;
  for (const accepted of early.splice(0)) running.serve(accepted);

  return {
    kind,
    address: listener.address,
    get open() {
      return listener.open + target.open;
    },
    setRevocations(lists) {
      listener.setRevocations(lists);
    },
    async close(graceMs = 1000) {
      await running.close(graceMs);
      await Promise.all([listener.close(graceMs), target.close(graceMs)]);
    },
  };
}

function checkCombination(kind: ProxyKindName, pump: PumpName, options: ProxyOptions): void {
  const { pumps, dials }: { readonly pumps: readonly PumpName[]; readonly dials: readonly string[] } = proxyKinds[kind];
  if (!pumps.includes(pump)) {
    throw new Mistake({
      what: {
        en: `a ${kind} proxy cannot read HTTP: it sees only what an eavesdropper sees`,
        ko: `${kind} 프록시는 도청자와 같은 것만 보므로 HTTP를 읽을 수 없습니다`,
      },
      expected: { en: `pump: ${pumps.join(' or ')}`, ko: `pump: ${pumps.join(' 또는 ')}` },
      received: `pump: ${pump}`,
    });
  }
  if (!dials.includes(options.dial.security)) {
    throw new Mistake({
      what: {
        en: `a ${kind} proxy adds no TLS of its own on the way to the target`,
        ko: `${kind} 프록시는 서버 쪽 구간에 TLS를 더하지 않습니다`,
      },
      expected: { en: `the second hop: ${dials.join(' or ')}`, ko: `두 번째 구간: ${dials.join(' 또는 ')}` },
      received: options.dial.security,
    });
  }
}
