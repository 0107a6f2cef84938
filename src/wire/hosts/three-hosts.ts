/**
 * Three hosts on one machine, each a network namespace of its own with a network stack of its own: a client in a café, the café's
 * router, and a server in a data centre. Two pairs of virtual Ethernet interfaces (veth) join them, and all that the client
 * and the server send each other crosses the router. The addresses are those that RFC 5737 keeps for documentation.
 *
 * 1. Nothing is named outside of the namespaces, so any number of these can be there at a time, and the kernel removes them with the last
 *    process in them: the agents end with this process, however that ends.
 * 2. As root the namespaces are made directly. Otherwise they belong to a user namespace in which this user is root, where the
 *    system allows that.
 */
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { RemoteHost } from './remote-host.ts';

/** What the wires do to packets. */
export interface WireConditions {
  /** Of each packet that the router sends, in milliseconds. */
  readonly delay?: number | undefined;
  /** Of a hundred packets that the router sends. */
  readonly loss?: number | undefined;
  /** The largest IP packet on both wires, in bytes. */
  readonly mtu?: number | undefined;
}

export interface ThreeHostsOptions extends WireConditions {
  readonly variables: NodeJS.ProcessEnv;
  /** The path of a program; undefined where it is not installed. */
  readonly find: (program: string) => string | undefined;
  /** How the user asked for it, for messages. */
  readonly where: string;
}

export const addresses = {
  client: '192.0.2.2',
  /** Towards the café. */
  router: '192.0.2.1',
  routerOutside: '198.51.100.1',
  server: '198.51.100.2',
} as const;

/** The router's interfaces, in the order in which a client's packets cross them. */
export const links = ['cafe', 'data-centre'] as const;
export type Link = (typeof links)[number];

/** The interface of the two other hosts. */
const endInterface = 'eth0';

/** The Debian package of each program. */
const packages: Readonly<Record<string, string>> = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  ip: 'iproute2',
  tc: 'iproute2',
  tcpdump: 'tcpdump',
};

export class ThreeHosts {
  readonly client: RemoteHost;
  readonly router: RemoteHost;
  readonly server: RemoteHost;
  readonly #tcpdump: string;
  readonly #where: string;

  private constructor(
    { client, router, server }: Pick<ThreeHosts, 'client' | 'router' | 'server'>,
    tcpdump: string,
    where: string,
  ) {
    this.client = client;
    this.router = router;
    this.server = server;
    this.#tcpdump = tcpdump;
    this.#where = where;
  }

  /** @throws UserError where a program is missing or the system refuses it */
  static async start(options: ThreeHostsOptions): Promise<ThreeHosts> {
    const { variables, where } = options;
    if (process.platform !== 'linux')
      throw new UserError({
        what: {
          en: 'network namespaces exist on Linux only',
          ko: '네트워크 네임스페이스는 Linux에만 있습니다',
        },
        where,
        received: process.platform,
      });
    const need = (program: string): string => programOf(program, options);
    const [unshare, ip, tcpdump] = [need('unshare'), need('ip'), need('tcpdump')];
    const tc = options.delay || options.loss ? need('tc') : undefined;
    const hosts: RemoteHost[] = [];
    try {
      const { router, others } = await startRouter(options, unshare, () => need('nsenter'));
      hosts.push(router);
      const start = async (address: string): Promise<RemoteHost> => {
        const host = await RemoteHost.start({ address, through: others, variables });
        hosts.push(host);
        return host;
      };
      const started = await Promise.allSettled([start(addresses.client), start(addresses.server)]);
      const [client, server] = started.map((result) => {
        if (result.status === 'fulfilled') return result.value;
        throw refused(where, others.join(' '), result.reason);
      });
      if (!client || !server) throw new Error('two hosts were just started');
      const three = new ThreeHosts({ client, router, server }, tcpdump, where);
      await three.#join(ip, options);
      if (tc !== undefined) await three.#shape(tc, options);
      return three;
    } catch (error) {
      await Promise.all(hosts.map(async (host) => host.close()));
      throw error;
    }
  }

  /** Ends the agents, and the namespaces with them. */
  async close(): Promise<void> {
    await Promise.all([this.client, this.router, this.server].map(async (host) => host.close()));
  }

  /**
   * Captures what crosses an interface of the router, as the bytes of a capture file. Returns a function that ends it; that
   * returns, when all has been read, how many packets were lost because nobody was quick enough for them.
   */
  async capture(link: Link, onBytes: (bytes: Uint8Array) => void): Promise<() => Promise<number>> {
    const pipe = links.indexOf(link);
    const stream = this.router.pipe(pipe);
    stream.on('data', onBytes);
    const ended = new Promise<void>((resolve) => stream.once('close', () => resolve()));
    // -Z root: no other user is known in a user namespace.
    const args = [
      '-i',
      link,
      '-n',
      '-U',
      '-s',
      '0',
      '-B',
      '16384',
      '--immediate-mode',
      '-Z',
      'root',
      '-w',
      '-',
    ];
    const stop = await this.router
      .start({ file: this.#tcpdump, args, pipe, readyAt: 'listening on' })
      .catch((error: Error) => {
        throw refused(this.#where, `tcpdump ${args.join(' ')}`, error);
      });
    return async () => {
      const said = await stop();
      await ended;
      return Number(/^(\d+) packets? dropped by kernel/m.exec(said)?.[1] ?? 0);
    };
  }

  async #join(ip: string, { mtu }: WireConditions): Promise<void> {
    const { client, router, server } = this;
    for (const [link, host, own, gateway] of [
      ['cafe', client, addresses.client, addresses.router],
      ['data-centre', server, addresses.server, addresses.routerOutside],
    ] as const) {
      await this.#ip(
        router,
        ip,
        'link',
        'add',
        'name',
        link,
        'type',
        'veth',
        'peer',
        'name',
        endInterface,
        'netns',
        `${host.pid}`,
      );
      for (const [at, device, address] of [
        [router, link, gateway],
        [host, endInterface, own],
      ] as const) {
        // Where the kernel has no IPv6 there is nothing to turn off.
        await at.set('/proc/sys/net/ipv6/conf/all/disable_ipv6', '1').catch(() => {});
        await this.#ip(at, ip, 'link', 'set', 'dev', 'lo', 'up');
        await this.#ip(at, ip, 'address', 'add', `${address}/24`, 'dev', device);
        await this.#ip(
          at,
          ip,
          'link',
          'set',
          'dev',
          device,
          ...(mtu === undefined ? [] : ['mtu', `${mtu}`]),
          'up',
        );
        // Packets as they would be on a cable; an older `ip` cannot ask for it.
        await at.run(ip, 'link', 'set', 'dev', device, 'gso_max_segs', '1');
      }
      await this.#ip(host, ip, 'route', 'add', 'default', 'via', gateway);
    }
    await router.set('/proc/sys/net/ipv4/ip_forward', '1').catch((error: Error) => {
      throw refused(this.#where, 'net.ipv4.ip_forward = 1', error);
    });
  }

  /** Delay and loss, on both of the router's interfaces. */
  async #shape(tc: string, { delay = 0, loss = 0 }: WireConditions): Promise<void> {
    const netem = [
      'netem',
      ...(delay > 0 ? ['delay', `${delay}ms`] : []),
      ...(loss > 0 ? ['loss', `${loss}%`] : []),
    ];
    for (const link of links) {
      const args = ['qdisc', 'add', 'dev', link, 'root', ...netem];
      const { status, output } = await this.router.run(tc, ...args);
      if (status !== 0)
        throw new UserError({
          what: {
            en: `this kernel does not delay or lose packets: \`tc ${args.join(' ')}\` said: ${oneLine(output)}`,
            ko: `이 커널로는 패킷을 늦추거나 버릴 수 없습니다. \`tc ${args.join(' ')}\`의 답: ${oneLine(output)}`,
          },
          where: this.#where,
          remedy: {
            en: 'It needs the module sch_netem (on Debian in the package of the kernel; modprobe sch_netem). Or leave out --delay and --loss.',
            ko: 'sch_netem 모듈이 필요합니다(Debian에서는 커널 패키지에 포함, modprobe sch_netem). 아니면 --delay와 --loss를 빼세요.',
          },
        });
    }
  }

  async #ip(host: RemoteHost, ip: string, ...args: readonly string[]): Promise<void> {
    const { status, output } = await host.run(ip, ...args);
    if (status !== 0) throw refused(this.#where, `ip ${args.join(' ')}`, new Error(output));
  }
}

/** The router's agent, and how the others are started. */
async function startRouter(
  { variables, where }: ThreeHostsOptions,
  unshare: string,
  nsenter: () => string,
): Promise<{ readonly router: RemoteHost; readonly others: readonly [string, ...string[]] }> {
  const start = async (...through: readonly [string, ...string[]]): Promise<RemoteHost> =>
    RemoteHost.start({
      address: addresses.router,
      otherAddresses: [addresses.routerOutside],
      through,
      variables,
      pipes: links.length,
    });
  const direct = [unshare, '--net'] as const;
  let first: unknown;
  if (process.geteuid?.() === 0) {
    try {
      return { router: await start(...direct), others: direct };
    } catch (error) {
      first = error;
    }
  }
  const own = [unshare, '--map-root-user', '--net'] as const;
  try {
    const router = await start(...own);
    const inside = [nsenter(), '--preserve-credentials', '--user', '--target', `${router.pid}`] as const;
    return { router, others: [...inside, ...direct] };
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw refused(where, (first ? direct : own).join(' '), first ?? error);
  }
}

/** @throws UserError where it is not installed */
function programOf(program: string, { find, where }: ThreeHostsOptions): string {
  const path = find(program);
  if (path !== undefined) return path;
  const name = packages[program] ?? program;
  throw new UserError({
    what: { en: `${program} is not installed`, ko: `${program} 프로그램이 없습니다` },
    where,
    remedy: { en: `Install the package ${name}.`, ko: `${name} 패키지를 설치하세요.` },
  });
}

function refused(where: string, tried: string, error: unknown): UserError {
  const said = oneLine(error instanceof Error ? error.message : String(error));
  const what: Localized = {
    en: `network namespaces are refused here: \`${tried}\` said: ${said}`,
    ko: `여기서는 네트워크 네임스페이스를 쓸 수 없습니다. \`${tried}\`의 답: ${said}`,
  };
  return new UserError(
    {
      what,
      where,
      remedy: {
        en: 'Run it as root, or where users may make namespaces (`unshare --map-root-user --net true` tells).',
        ko: 'root로 실행하거나, 사용자가 네임스페이스를 만들 수 있는 곳에서 실행하세요(`unshare --map-root-user --net true`로 확인).',
      },
    },
    { cause: error },
  );
}

const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, '; ') || '(nothing)';
