/**
 * Starts a proxy: combines a listener, a pump and the connection to the target as its kind requires (`kinds.ts`).
 * `wire` decides on admission, the pump on the bytes.
 */
import type { Address } from '../capture/event.ts';
import type { RelayLog } from '../capture/boundary.ts';
import type { Clock } from '../core/clock.ts';
import { defined } from '../core/defined.ts';
import { UserError } from '../i18n/user-error.ts';
import { accept } from '../wire/accept.ts';
import type {
  AcceptOptions,
  Accepted,
  DialerCredentials,
  DialOptions,
  Introduced,
  ListenerCredentials,
} from '../wire/endpoint.ts';
import { defaultPump, proxyKind, proxyKinds } from './kinds.ts';
import type { ProxyKindName } from './kinds.ts';
import { pumps } from './pumps.ts';
import type { PumpName } from './pumps.ts';
import type { ProxyTimeouts, Pump, StarttlsHops } from './pump.ts';
import type { RemoteUser } from './remote-user.ts';
import { routeByAuthority } from './routes.ts';
import type { TargetRoute } from './routes.ts';
import { SecondHop } from './second-hop.ts';
import type { Between } from '../wire/tap/relay.ts';
import type { TamperName } from '../wire/tamper/tamper.ts';
import { starttlsRow } from '../wire/starttls/protocols.ts';

export interface ProxyOptions {
  readonly kind: ProxyKindName;
  /** By default the kind's first pump. */
  readonly pump?: PumpName;
  readonly accept: Omit<
    AcceptOptions,
    'security' | 'clock' | 'tap' | 'reject' | 'handshakeTimeout' | 'starttls' | 'introduce'
  >;
  readonly dial: Omit<
    DialOptions,
    'clock' | 'tap' | 'reportTo' | 'timeout' | 'starttls' | 'meet' | 'proxyHeader'
  >;
  /** The protocol in which TLS is requested, on each side where it is; `bytes` only. */
  readonly starttls?: StarttlsHops;
  /** Connections to the target begin with a PROXY protocol header of this version; not with `http`, which shares them. */
  readonly targetProxyHeader?: 1 | 2;
  /** Further targets, by what the client requests; the first that fits. Where none does, it is `dial`'s. */
  readonly routes?: readonly TargetRoute[];
  /** `dial` is no target: what fits no route is refused. */
  readonly onlyRoutes?: boolean;
  /** The names of the wires on both sides, as in the log. */
  readonly wires: { readonly incoming: string; readonly outgoing: string };
  /** The target records the outgoing wire, in the same log and under the same name: here it is not recorded once more. */
  readonly isTappedByTarget?: boolean;
  readonly log: RelayLog;
  readonly clock: Clock;
  /** How a client is refused. */
  readonly reject?: 'tls' | 'http';
  readonly timeouts?: ProxyTimeouts;
  /** How it changes the client's bytes, for demonstrations of an attacker in the middle; `bytes` only. */
  readonly tamper?: TamperName;
  /** What it does with the bytes in the place of forwarding them, for such demonstrations; `bytes` only. */
  readonly between?: Between;
  /**
   * Informs the target who the client is, by the verified certificate; mtls and http only. Otherwise such headers from
   * clients are removed.
   */
  readonly remoteUser?: RemoteUser;
  /** Called as soon as it listens, before the first connection. */
  readonly onListening?: (address: Address) => void;
}

/** The certificates that a proxy presents and the CAs it trusts, on both sides. */
export interface ProxyCredentials {
  readonly listener: ListenerCredentials;
  readonly dialer: DialerCredentials;
  /** What differs for each of `routes`, in their order. */
  readonly routes?: readonly DialerCredentials[];
}

export interface RunningProxy {
  readonly kind: ProxyKindName;
  readonly address: Address;
  /** Open connections on both sides. */
  readonly open: number;
  /** Open connections of clients. */
  readonly clients: number;
  /** Of these, the ones that wait until another has closed. */
  readonly waiting: number;
  /**
   * Checks new credentials; the returned function applies them from the next handshake on. Open connections are
   * unaffected. Rejects with a `UserError` if they cannot be used.
   */
  prepare(credentials: ProxyCredentials): Promise<() => void>;
  /** The same in one step: if it rejects, nothing has changed. */
  renew(credentials: ProxyCredentials): Promise<void>;
  /** Stops accepting connections and lets open ones finish; resolves with the number that remained after `milliseconds`. */
  drain(milliseconds: number): Promise<number>;
  close(graceMs?: number): Promise<void>;
}

/** Rejects with a `UserError` if the kind does not allow the pump or the second hop, or the listener cannot listen. */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const { kind, wires, log, clock, reject, timeouts = {}, starttls = {} } = options;
  const pumpName = options.pump ?? defaultPump(kind);
  checkCombination(kind, pumpName, options);
  const hopTo = (dial: Partial<ProxyOptions['dial']>): SecondHop =>
    new SecondHop(
      defined({
        ...options.dial,
        ...dial,
        clock,
        timeout: timeouts.connect,
        starttls: starttls.target,
      }) as DialOptions,
      log,
      wires.outgoing,
      options.targetProxyHeader,
      options.isTappedByTarget,
    );
  const { routes = [] } = options;
  const target = hopTo({});
  const others = routes.map(({ dial }) => hopTo(dial));
  // Loading a pump takes time (http-proxy 5 ms); the listener starts meanwhile, and an early client waits for it.
  let pump: Pump | undefined;
  const early: Accepted[] = [];
  const loading = startPumps(pumpName, target, others, timeouts, options);
  const listening = accept(
    {
      ...options.accept,
      security: proxyKinds[kind].accepts,
      clock,
      tap: { log, hop: wires.incoming },
      ...defined({
        reject,
        handshakeTimeout: timeouts.handshake,
        starttls: starttls.client ?? declined(kind, starttls),
        introduce: async (served: Introduced) => (await loading).introduce?.(served),
      }),
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

  const prepare: RunningProxy['prepare'] = async ({ listener: shown, dialer, routes: own = [] }) => {
    const dials = await Promise.all([
      target.prepare(dialer),
      ...others.map(async (hop, index) => hop.prepare({ ...dialer, ...own[index] })),
    ]);
    const present = listener.prepare(shown);
    return () => {
      present();
      for (const dial of dials) dial();
    };
  };
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
    prepare,
    renew: async (credentials) => (await prepare(credentials))(),
    async drain(milliseconds) {
      listener.stop();
      const until = performance.now() + milliseconds;
      await running.drain(milliseconds);
      await log.until(() => listener.open === 0, Math.max(0, until - performance.now()));
      return listener.open;
    },
    async close(graceMs = 1000) {
      await running.close(graceMs);
      await Promise.all([
        listener.close(graceMs),
        ...[target, ...others].map(async (hop) => hop.close(graceMs)),
      ]);
    },
  };
}

/** With several targets, a pump for each, and one that chooses. */
async function startPumps(
  name: PumpName,
  target: SecondHop,
  others: readonly SecondHop[],
  timeouts: ProxyTimeouts,
  options: ProxyOptions,
): Promise<Pump> {
  const { routes = [], onlyRoutes = false } = options;
  if (routes.length === 0) return pumps[name].start(target, timeouts, options);
  if (name === 'connect') {
    const tunnels = {
      choose: (authority: string) => others[routeByAuthority(routes, authority)],
      names: routes.flatMap(({ authorities }) => authorities),
      hasTarget: !onlyRoutes,
    };
    return pumps.connect.start(target, timeouts, { ...options, tunnels });
  }
  const { createNamePump } = await import('./name-pump.ts');
  const [own, ...named] = await Promise.all(
    [target, ...others].map(async (hop) => pumps[name].start(hop, timeouts, options)),
  );
  return createNamePump(routes, named, onlyRoutes ? undefined : own, timeouts);
}

/** A plaintext listener in front of a target that is asked for TLS: its clients need not ask. */
const declined = (kind: ProxyKindName, { target }: StarttlsHops): StarttlsHops['target'] =>
  proxyKinds[kind].accepts === 'plain' ? target : undefined;

function checkCombination(kind: ProxyKindName, pump: PumpName, options: ProxyOptions): void {
  const { pumps: allowed, dials } = proxyKind(kind);
  if (!allowed.includes(pump)) {
    throw new UserError({
      what: pumps[pump].unfit(kind),
      expected: { en: `pump: ${allowed.join(' or ')}`, ko: `pump: ${allowed.join(' 또는 ')}` },
      received: `pump: ${pump}`,
    });
  }
  if (options.remoteUser !== undefined && (kind !== 'mtls' || pump !== 'http')) {
    throw new UserError({
      what: {
        en: 'only a proxy that verifies certificates and reads HTTP can identify the client to the target',
        ko: '클라이언트가 누구인지 서버에 알리려면 인증서를 검증하고 HTTP를 읽는 프록시여야 합니다',
      },
      expected: { en: 'kind: mtls with pump: http', ko: 'kind: mtls, pump: http' },
      received: `kind: ${kind}, pump: ${pump}`,
    });
  }
  const name = options.starttls?.client ?? options.starttls?.target;
  if (name !== undefined && starttlsRow(name).greeting === 'target' && options.routes?.length) {
    const { title } = starttlsRow(name);
    throw new UserError({
      what: {
        en: `with ${title}, a target greets the client before the client can name one: several targets cannot be told apart`,
        ko: `${title}에서는 클라이언트가 이름을 보내기 전에 대상이 먼저 인사하므로 여러 대상 가운데 고를 수 없습니다`,
      },
      expected: { en: 'one target', ko: '대상 하나' },
      received: `starttls: ${name}, targets: ${options.routes.length}`,
    });
  }
  const unfit = [options.dial, ...(options.routes ?? []).map(({ dial }) => dial)].find(
    ({ security }) => !dials.includes(security),
  );
  if (unfit) {
    throw new UserError({
      what: {
        en: `a ${kind} proxy does not add TLS on the connection to the target`,
        ko: `${kind} 프록시는 서버 쪽 구간에 TLS를 더하지 않습니다`,
      },
      expected: { en: `the second hop: ${dials.join(' or ')}`, ko: `두 번째 구간: ${dials.join(' 또는 ')}` },
      received: unfit.security,
    });
  }
}
