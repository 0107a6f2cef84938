/**
 * Lists the pumps, one row each: what forwards between the two hops of a proxy. Each is loaded only if it is used; which
 * kind of proxy may use which pump is in `kinds.ts`.
 */
import type { Between } from '../wire/tap/relay.ts';
import type { TamperName } from '../wire/tamper/tamper.ts';
import type { DialOptions } from '../wire/endpoint.ts';
import type { Localized } from '../i18n/language.ts';
import type { ProxyTimeouts, Pump, StarttlsHops } from './pump.ts';
import type { RemoteUser } from './remote-user.ts';
import type { SecondHop } from './second-hop.ts';

export interface PumpOptions {
  readonly tamper?: TamperName;
  readonly between?: Between;
  readonly remoteUser?: RemoteUser;
  readonly starttls?: StarttlsHops;
  readonly dial: Pick<DialOptions, 'to'>;
  /** Only for `connect`: the targets of tunnels, by what the client requests. */
  readonly tunnels?: {
    readonly choose: (authority: string) => SecondHop | undefined;
    readonly names: readonly string[];
    /** Whether the target itself may be requested by its address. */
    readonly hasTarget: boolean;
  };
}

export interface PumpRow {
  /** What it does, as the second half of a sentence that begins with its name. */
  readonly about: string;
  /** Why a kind of proxy that does not list it cannot use it. */
  readonly unfit: (kind: string) => Localized;
  start(target: SecondHop, timeouts: ProxyTimeouts, options: PumpOptions): Promise<Pump>;
}

export const pumps = {
  http: {
    about: 'processes requests and sets forwarding headers',
    unfit: (kind) => ({
      en: `a ${kind} proxy sees only what an eavesdropper sees: it cannot process HTTP requests`,
      ko: `${kind} 프록시는 도청자와 같은 것만 보므로 HTTP 요청을 처리할 수 없습니다`,
    }),
    start: async (target, timeouts, { remoteUser }) =>
      (await import('./http-pump.ts')).createHttpPump(target, timeouts, remoteUser),
  },
  bytes: {
    about: 'forwards any protocol unchanged',
    unfit: (kind) => ({
      en: `a ${kind} proxy does not simply forward bytes`,
      ko: `${kind} 프록시는 바이트를 그대로 전달하기만 하지는 않습니다`,
    }),
    start: async (target, timeouts, { tamper, between, starttls }) =>
      (await import('./bytes-pump.ts')).createBytesPump(target, { ...timeouts, tamper, between, starttls }),
  },
  strip: {
    about: 'for demonstrations only, removes from responses whatever would lead the client to TLS',
    unfit: (kind) => ({
      en: `a ${kind} proxy has nothing to strip: the client’s side uses TLS too`,
      ko: `${kind} 프록시는 클라이언트 쪽도 TLS이므로 벗겨 낼 것이 없습니다`,
    }),
    start: async (target, timeouts) => (await import('./strip-pump.ts')).createStripPump(target, timeouts),
  },
  connect: {
    about: 'forwards bytes after the client has requested a tunnel (CONNECT, RFC 9110 section 9.3.6)',
    unfit: (kind) => ({
      en: `a ${kind} proxy does not open tunnels`,
      ko: `${kind} 프록시는 터널을 열어 주지 않습니다`,
    }),
    start: async (target, timeouts, { dial, tunnels }) =>
      (await import('./connect-pump.ts')).createConnectPump(
        target,
        tunnels?.hasTarget === false ? undefined : dial.to,
        timeouts,
        tunnels?.choose,
        tunnels?.names,
      ),
  },
} as const satisfies Readonly<Record<string, PumpRow>>;

export type PumpName = keyof typeof pumps;

export const pumpNames = Object.keys(pumps) as PumpName[];
