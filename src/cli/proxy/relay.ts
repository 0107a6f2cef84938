/**
 * Starts what relays a proxy's connections, and counts them. `perform.ts` has what belongs to the command: notes, reloading, the status page.
 */
import { defined } from '../../core/defined.ts';
import type { RelayLog } from '../../capture/boundary.ts';
import type { Address, CaptureDraft, Topology } from '../../capture/event.ts';
import { systemClock } from '../../core/clock.ts';
import { proxyKinds } from '../../proxy/kinds.ts';
import { startProxy } from '../../proxy/proxy.ts';
import type { ProxyCredentials, RunningProxy } from '../../proxy/proxy.ts';
import { Metrics } from '../../ui/status/metrics.ts';
import type { MetricsSnapshot } from '../../ui/status/metrics.ts';
import type { AcceptOptions } from '../../wire/endpoint.ts';
import type { Crowding } from './crowding.ts';
import { openFilesLimit } from './open-files.ts';
import type { ProxySettings } from './proxy-settings.ts';

/** Descriptors for the program itself: standard streams, files, the status page, Node's own. */
const ownDescriptors = 48;

/** The wires in front of the proxy and behind it. */
export const wires = { incoming: 'A', outgoing: 'B' } as const;

/** What relays connections. */
export interface Relay
  extends Pick<RunningProxy, 'address' | 'clients' | 'waiting' | 'prepare' | 'renew' | 'drain' | 'close'> {
  counts(): Promise<RelayCounts>;
}

export interface RelayCounts {
  readonly metrics: MetricsSnapshot;
  /** Open connections of clients, and how many of them wait until another has closed. */
  readonly clients: number;
  readonly waiting: number;
}

export interface RelayOptions {
  readonly settings: ProxySettings;
  readonly credentials: ProxyCredentials;
  readonly log: RelayLog;
  readonly crowding: Pick<Crowding, 'sentAway' | 'madeRoom'>;
  /** Called as soon as it listens, before the first connection. */
  readonly onListening: (address: Address) => void;
}

/** Rejects with a `UserError` if it cannot listen, or the credentials cannot be used. */
export async function startRelay({
  settings,
  credentials,
  log,
  crowding,
  onListening,
}: RelayOptions): Promise<Relay> {
  const metrics = new Metrics(wires);
  const unsubscribe = log.subscribe(metrics.fold);
  const proxy = await startOn(
    settings,
    credentials,
    log,
    {
      // A connection takes two descriptors, one per side; some are reserved.
      maxOpen: Math.max(1, Math.floor((openFilesLimit() - ownDescriptors) / 2)),
      onSentAway: crowding.sentAway,
      onMadeRoom: crowding.madeRoom,
    },
    onListening,
  );
  return {
    address: proxy.address,
    get clients() {
      return proxy.clients;
    },
    get waiting() {
      return proxy.waiting;
    },
    counts: async () =>
      Promise.resolve({ metrics: metrics.snapshot, clients: proxy.clients, waiting: proxy.waiting }),
    prepare: async (renewed) => proxy.prepare(renewed),
    renew: async (renewed) => proxy.renew(renewed),
    drain: async (milliseconds) => proxy.drain(milliseconds),
    async close(graceMs) {
      await proxy.close(graceMs);
      unsubscribe();
    },
  };
}

async function startOn(
  {
    kind,
    pump,
    listen,
    target,
    routes,
    onlyRoutes,
    policy,
    reject,
    tls,
    targetAlpn,
    starttls,
    proxyHeader,
    secondHop,
    serverName,
    serverPolicy,
    insecure,
    timeouts,
    maxConnections,
  }: ProxySettings,
  { listener, dialer, routes: own = [] }: ProxyCredentials,
  log: RelayLog,
  bounds: Pick<AcceptOptions, 'maxOpen' | 'onSentAway' | 'onMadeRoom'>,
  onListening: (address: Address) => void,
): Promise<RunningProxy> {
  return startProxy({
    kind,
    pump,
    accept: defined({
      listen,
      ...listener,
      tls,
      policy: proxyKinds[kind].accepts === 'mtls' ? policy : undefined,
      maxConnections,
      proxyHeader: proxyHeader.in || undefined,
      ...bounds,
    }),
    dial: defined({
      security: secondHop,
      to: target,
      ...dialer,
      serverPolicy,
      serverName,
      verify: insecure ? false : undefined,
      tls: targetAlpn && { alpn: targetAlpn },
    }),
    routes: routes.map((route, index) => ({ ...route, dial: { ...route.dial, ...own[index] } })),
    onlyRoutes,
    wires,
    log,
    clock: systemClock,
    reject,
    timeouts,
    starttls,
    ...(proxyHeader.out === undefined ? {} : { targetProxyHeader: proxyHeader.out }),
    onListening,
  });
}

/** The event with which the run of a proxy begins. */
export function beganAt(
  settings: ProxySettings,
  address: Address,
  version: string,
): Extract<CaptureDraft, { type: 'began' }> {
  return {
    type: 'began',
    version,
    wallClock: new Date().toISOString(),
    topology: topologyOf(settings, address),
  };
}

function topologyOf({ kind, pump, target, secondHop }: ProxySettings, listen: Address): Topology {
  const spoken = (security: 'plain' | 'tls' | 'mtls'): string =>
    security === 'plain'
      ? pump === 'http'
        ? 'http'
        : 'tcp'
      : security === 'mtls'
        ? 'mtls'
        : pump === 'http'
          ? 'https'
          : 'tls';
  return {
    participants: [
      { name: 'client', role: 'client' },
      { name: 'proxy', role: 'proxy', kind, address: listen },
      { name: 'server', role: 'server', address: target },
    ],
    wires: [
      { hop: wires.incoming, from: 'client', to: 'proxy', protocol: spoken(proxyKinds[kind].accepts) },
      { hop: wires.outgoing, from: 'proxy', to: 'server', protocol: spoken(secondHop) },
    ],
  };
}
