/**
 * A running proxy: a listener, a pump and the way to the target, put together as its kind says (`kinds.ts`).
 * Who is admitted is `wire`'s to decide, what happens to the bytes the pump's.
 */
import type { Address } from '../capture/event.ts';
import type { RelayLog } from '../capture/boundary.ts';
import type { Clock } from '../core/clock.ts';
import { UserError } from '../i18n/user-error.ts';
import { accept } from '../wire/accept.ts';
import { checkDialer } from '../wire/dial.ts';
import type {
  AcceptOptions,
  Accepted,
  DialerCredentials,
  DialOptions,
  ListenerCredentials,
} from '../wire/endpoint.ts';
import { defaultPump, isThrough, proxyKinds } from './kinds.ts';
import type { ProxyKindName, PumpName } from './kinds.ts';
import type { ProxyTimeouts, Pump } from './pump.ts';
import type { RemoteUser } from './remote-user.ts';
import { SecondHop } from './second-hop.ts';
import type { TamperName } from '../wire/tamper/tamper.ts';

export interface ProxyOptions {
  readonly kind: ProxyKindName;
  /** By default the kind's own. */
  readonly pump?: PumpName;
  readonly accept: Omit<AcceptOptions, 'security' | 'clock' | 'tap' | 'reject' | 'handshakeTimeout'>;
  readonly dial: Omit<DialOptions, 'clock' | 'tap' | 'reportTo' | 'timeout'>;
  /** The names of the wires on both sides, as the log has them. */
  readonly wires: { readonly incoming: string; readonly outgoing: string };
  readonly log: RelayLog;
  readonly clock: Clock;
  /** How a refused client is told. */
  readonly reject?: 'tls' | 'http';
  readonly timeouts?: ProxyTimeouts;
  /** What it does to the client's bytes, in a demonstration of somebody in the middle; bytes only. */
  readonly tamper?: TamperName;
  /** It tells the target who the client is, by the certificate that it verified; mtls and http only. Such headers of clients are dropped otherwise. */
  readonly remoteUser?: RemoteUser;
  /** Told as soon as it listens, before the first connection. */
  readonly onListening?: (address: Address) => void;
}

/** What a proxy shows and whom it trusts, on both sides. */
export interface ProxyCredentials {
  readonly listener: ListenerCredentials;
  readonly dialer: DialerCredentials;
}

export interface RunningProxy {
  readonly kind: ProxyKindName;
  readonly address: Address;
  /** Connections that are open now, on both sides. */
  readonly open: number;
  /** Connections of clients that are open now. */
  readonly clients: number;
  /** Of these, the ones that wait until another has closed. */
  readonly waiting: number;
  /** From the next handshake on; what is open stays as it is. Rejects with a `UserError` when they cannot be used: then nothing has changed. */
  renew(credentials: ProxyCredentials): Promise<void>;
  /** Takes no new connection and lets what is under way come to its end; resolves with how many were left after `milliseconds`. */
  drain(milliseconds: number): Promise<number>;
  close(graceMs?: number): Promise<void>;
}

/** Each is loaded only where it is used. */
const pumps: Readonly<
  Record<
    PumpName,
    (
      target: SecondHop,
      timeouts: ProxyTimeouts,
      options: Pick<ProxyOptions, 'tamper' | 'remoteUser' | 'dial'>,
    ) => Promise<Pump>
  >
> = {
  http: async (target, timeouts, { remoteUser }) =>
    (await import('./http-pump.ts')).createHttpPump(target, timeouts, remoteUser),
  bytes: async (target, timeouts, { tamper }) =>
    (await import('./bytes-pump.ts')).createBytesPump(target, { ...timeouts, tamper }),
  strip: async (target, timeouts) => (await import('./strip-pump.ts')).createStripPump(target, timeouts),
  connect: async (target, timeouts, { dial }) =>
    (await import('./connect-pump.ts')).createConnectPump(target, dial.to, timeouts),
};

/** Rejects with a `UserError` when the kind does not go with the pump or the second hop, or the listener cannot listen. */
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
  const loading = pumps[pumpName](target, timeouts, options);
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
  ).then((opened) => {
    options.onListening?.(opened.address);
    return opened;
  });
  const [listener, running] = await Promise.all([listening, loading]);
  pump = running;
  for (const accepted of early.splice(0)) running.serve(accepted);

  return {
    kind,
    address: listener.address,
    get open() {
      return listener.open + target.open;
    },
    get clients() {
      return listener.open;
    },
    get waiting() {
      return listener.waiting;
    },
    async renew({ listener: shown, dialer }) {
      // What can be refused comes first; after it nothing can.
      await checkDialer({ ...options.dial, ...dialer, clock });
      listener.renew(shown);
      await target.renew(dialer);
    },
    async drain(milliseconds) {
      listener.stop();
      const until = performance.now() + milliseconds;
      await running.drain(milliseconds);
      await log.until(() => listener.open === 0, Math.max(0, until - performance.now()));
      return listener.open;
    },
    async close(graceMs = 1000) {
      await running.close(graceMs);
      await Promise.all([listener.close(graceMs), target.close(graceMs)]);
    },
  };
}

function checkCombination(kind: ProxyKindName, pump: PumpName, options: ProxyOptions): void {
  const { pumps, dials }: { readonly pumps: readonly PumpName[]; readonly dials: readonly string[] } =
    proxyKinds[kind];
  if (!pumps.includes(pump)) {
    throw new UserError({
      what:
        pump === 'strip'
          ? {
              en: `a ${kind} proxy has nothing to strip: what goes through it is TLS on the client’s side too`,
              ko: `${kind} 프록시는 클라이언트 쪽도 TLS이므로 벗겨 낼 것이 없습니다`,
            }
          : {
              en: isThrough(kind)
                ? `a ${kind} proxy cannot read HTTP: it sees only what an eavesdropper sees`
                : `a ${kind} proxy gives no tunnels`,
              ko: isThrough(kind)
                ? `${kind} 프록시는 도청자와 같은 것만 보므로 HTTP를 읽을 수 없습니다`
                : `${kind} 프록시는 터널을 열어 주지 않습니다`,
            },
      expected: { en: `pump: ${pumps.join(' or ')}`, ko: `pump: ${pumps.join(' 또는 ')}` },
      received: `pump: ${pump}`,
    });
  }
  if (options.remoteUser !== undefined && (kind !== 'mtls' || pump !== 'http')) {
    throw new UserError({
      what: {
        en: 'only a proxy that verifies certificates and reads HTTP can tell the target who the client is',
        ko: '클라이언트가 누구인지 서버에 알리려면 인증서를 검증하고 HTTP를 읽는 프록시여야 합니다',
      },
      expected: { en: 'kind: mtls with pump: http', ko: 'kind: mtls, pump: http' },
      received: `kind: ${kind}, pump: ${pump}`,
    });
  }
  if (!dials.includes(options.dial.security)) {
    throw new UserError({
      what: {
        en: `a ${kind} proxy adds no TLS of its own on the way to the target`,
        ko: `${kind} 프록시는 서버 쪽 구간에 TLS를 더하지 않습니다`,
      },
      expected: { en: `the second hop: ${dials.join(' or ')}`, ko: `두 번째 구간: ${dials.join(' 또는 ')}` },
      received: options.dial.security,
    });
  }
}
