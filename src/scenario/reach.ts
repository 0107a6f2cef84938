/**
 * The commands with which a person reaches each door of a running scenario by hand: curl for the login, openssl to see
 * the handshake. Pure: addresses and the paths of the certificates' files come in.
 */
import type { Address } from '../capture/event.ts';
import type { World } from '../pki/world.ts';
import type { Plan, PlannedClient, PlannedServer, PlannedProxy } from './plan.ts';

export interface Reach {
  /** The wire that leads to the door. */
  readonly hop: string;
  /** The participant whose door it is. */
  readonly to: string;
  /** Whose trust and certificate the commands use. */
  readonly client: string;
  readonly curl: string;
  /** Absent where no TLS is spoken. */
  readonly openssl?: string;
}

/** One entry for each way into the scenario that a step uses, then the servers behind proxies, as the proxies reach them. */
export function reachOf(plan: Plan, addresses: ReadonlyMap<string, Address>, world: World | undefined, doorsOf: ReadonlyMap<string, Address> = new Map()): Reach[] {
  const doors = new Map<string, Reach>();
  for (const step of plan.steps) {
    const { to, client, account } = step.login;
    const key = `${to} ${client}`;
    const hop = step.path[0];
    const door = [...plan.proxies, ...plan.servers].find(({ name }) => name === to);
    const who = plan.clients.find(({ name }) => name === client);
    if (doors.has(key) || hop === undefined || !door || !who) continue;
    doors.set(key, commands({ hop, door, who, account }, plan, doorsOf.get(hop) ?? addresses.get(to), world));
  }
  for (const proxy of plan.proxies) {
    const door = plan.servers.find(({ name }) => name === proxy.target);
    const account = plan.accounts[0]?.name ?? '';
    if (!door) continue;
    const who: PlannedClient = { ...proxy.towardsTarget, name: proxy.name };
    doors.set(`${door.name} ${proxy.name}`, commands({ hop: proxy.wires.outgoing, door, who, account }, plan, doorsOf.get(proxy.wires.outgoing) ?? addresses.get(door.name), world));
  }
  return [...doors.values()];
}

interface Way {
  readonly hop: string;
  readonly door: PlannedServer | PlannedProxy;
  readonly who: PlannedClient;
  readonly account: string;
}

function commands({ hop, door, who, account }: Way, plan: Plan, address: Address | undefined, world: World | undefined): Reach {
  const { host, port } = address ?? { host: '127.0.0.1', port: 0 };
  const security = plan.wires.find((wire) => wire.hop === hop)?.security ?? 'plain';
  const login = plan.accounts.find(({ name }) => name === account);
  const files = (name: string) => world?.files(name);
  const authority = who.trust?.[0] === undefined ? undefined : files(who.trust[0])?.certificate;
  const own = security === 'mtls' && who.certificate !== undefined ? files(who.certificate) : undefined;
  const fields = login
    ? [
        ['username', login.user],
        ['password', login.password],
        ['rrn', login.rrn],
      ]
    : [];
  const curl = [
    'curl',
    '--silent',
    '--show-error',
    '--resolve',
    `${door.host}:${port}:${host}`,
    ...(security === 'plain' ? [] : who.verify === false ? ['--insecure'] : authority ? ['--cacert', authority] : []),
    ...(own ? ['--cert', own.chain, '--key', own.key] : []),
    '--include',
    ...fields.flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`]),
    `${security === 'plain' ? 'http' : 'https'}://${door.host}:${port}/login`,
  ];
  const openssl = [
    'openssl',
    's_client',
    '-connect',
    `${host}:${port}`,
    '-servername',
    door.host,
    ...(who.verify === false ? [] : ['-verify_return_error', ...(authority ? ['-verify_hostname', door.host, '-CAfile', authority] : [])]),
    ...(own ? ['-cert', own.certificate, '-cert_chain', own.chain, '-key', own.key] : []),
    // It goes on reading after its input has ended: under TLS 1.3 a refusal comes after the handshake.
    '-ign_eof',
    '-brief',
  ];
  const request = String.raw`printf 'GET /login HTTP/1.1\r\nHost: ${door.host}:${port}\r\nConnection: close\r\n\r\n'`;
  return {
    hop,
    to: door.name,
    client: who.name,
    curl: shellWords(curl),
    ...(security === 'plain' ? {} : { openssl: `${request} | ${shellWords(openssl)}` }),
  };
}

/** Quoted for a POSIX shell where it needs to be. */
function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ');
}
