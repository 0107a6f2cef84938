/**
 * The commands with which a person reaches each door of a running scenario by hand: curl for the login, openssl to see
 * the handshake. Pure: addresses and the paths of the certificates' files come in.
 */
import type { Address } from '../capture/event.ts';
import { prefixEnd } from '../kube/etcd/client.ts';
import { etcdctlCommand } from '../kube/etcd/etcdctl-words.ts';
import type { World } from '../pki/keystore/world.ts';
import type { Plan, PlannedClient, PlannedServer, PlannedProxy, PlannedStep } from './plan.ts';
import type { TlsChoice } from './scenario.ts';
import { addressFor, hostOf, loginOf } from '../features/login/step.ts';
import { serviceName } from '../features/look-up/step.ts';
import type { PlannedLookUp } from '../features/look-up/step.ts';

export interface ManualCommand {
  /** The wire that leads to the door. */
  readonly hop: string;
  /** The participant whose door it is. */
  readonly to: string;
  /** Whose trust and certificate the commands use. */
  readonly client: string;
  readonly curl?: string;
  /** Absent where no TLS is spoken. */
  readonly openssl?: string;
  /** For a resolver, in the place of curl. */
  readonly dig?: string;
  /** For an API server of Kubernetes, in the place of both. */
  readonly kubectl?: string;
}

/** One entry for each way into the scenario that a step uses, then the servers behind proxies, as the proxies reach them. */
export function manualCommandsOf(
  plan: Plan,
  addresses: ReadonlyMap<string, Address>,
  world: World | undefined,
  doorsOf: ReadonlyMap<string, Address> = new Map(),
): ManualCommand[] {
  const doors = new Map<string, ManualCommand>();
  for (const step of plan.steps) {
    if (step.enrol)
      for (const way of enrolmentWays(step, plan, addresses, doorsOf))
        if (!doors.has(`${way.to} ${way.hop}`)) doors.set(`${way.to} ${way.hop}`, way);
    if (step.visit)
      for (const [key, reach] of reachOfVisit(step, plan, addresses, world, doorsOf))
        if (!doors.has(key)) doors.set(key, reach);
    if (step.kubectl) askTheCluster(step, plan, { addresses, doorsOf, world }, doors);
    if (step.etcdctl) askTheStore(step, plan, { addresses, doorsOf, world }, doors);
    const act = step.login ?? step.lookUp;
    if (!act) continue;
    const { to, account } = act;
    const { client, lookUp } = step;
    const site = step.login?.site;
    if (lookUp) askTheResolver(lookUp, client, plan, { addresses, doorsOf }, doors);
    const key = `${to} ${site ?? ''} ${client}`;
    const hop = lookUp?.wire ?? step.path[0];
    const door = [...plan.proxies, ...plan.servers].find(({ name }) => name === to);
    const who = plan.clients.find(({ name }) => name === client);
    // What a tampering client does, no other program does; and what is shown needs a key that lies somewhere.
    if (
      doors.has(key) ||
      hop === undefined ||
      !door ||
      !who ||
      who.tamper !== undefined ||
      hasHiddenKey(who, world)
    )
      continue;
    const way = {
      hop,
      door: siteDoor(door, act),
      who,
      account,
      ...(lookUp ? { scheme: lookUp.scheme } : {}),
    };
    doors.set(
      key,
      commands(
        way,
        plan,
        (site === undefined ? doorsOf.get(hop) : undefined) ?? addressFor(addresses, act),
        world,
      ),
    );
  }
  for (const proxy of plan.proxies) {
    const door = plan.servers.find(({ name }) => name === proxy.target);
    const account = plan.accounts[0]?.name ?? '';
    // An API server has no page; who it is for the proxy, the proxy's clients see.
    if (!door || door.kind === 'kube-apiserver') continue;
    const who: PlannedClient = { ...proxy.towardsTarget, name: proxy.name };
    doors.set(
      `${door.name} ${proxy.name}`,
      commands(
        { hop: proxy.wires.outgoing, door, who, account },
        plan,
        doorsOf.get(proxy.wires.outgoing) ?? addresses.get(door.name),
        world,
      ),
    );
  }
  return [...doors.values()];
}

/** Its certificate is somebody's whose key stays with the program. */
function hasHiddenKey({ certificate }: PlannedClient, world: World | undefined): boolean {
  return certificate !== undefined && world?.files(certificate)?.key === '';
}

/** How a CA is asked by hand, and how the sites are looked at to which it goes. */
function enrolmentWays(
  { client, doors }: PlannedStep,
  plan: Plan,
  addresses: ReadonlyMap<string, Address>,
  doorsOf: ReadonlyMap<string, Address>,
): ManualCommand[] {
  return doors.flatMap(({ to, wire: hop, from }): ManualCommand[] => {
    const server = plan.servers.find(({ name }) => name === to);
    const { host, port } = (hop === undefined ? undefined : doorsOf.get(hop)) ??
      addresses.get(to) ?? { host: '127.0.0.1', port: 0 };
    if (!server || hop === undefined) return [];
    const asked =
      from === undefined
        ? ['--data-binary', '@shop.csr', `http://${server.host}:${port}/orders`]
        : [`http://${server.host}:${port}/.well-known/acme-challenge/TOKEN`];
    return [
      {
        hop,
        to,
        client: from ?? client,
        curl: shellWords([
          'curl',
          '--silent',
          '--show-error',
          '--resolve',
          `${server.host}:${port}:${host}`,
          '--include',
          ...asked,
        ]),
      },
    ];
  });
}

/** Both ports of the site that a step visits, by the key of who knocks where. What the addresses call 80 and 443 is told to curl. */
function reachOfVisit(
  { visit, client }: PlannedStep,
  plan: Plan,
  addresses: ReadonlyMap<string, Address>,
  world: World | undefined,
  doorsOf: ReadonlyMap<string, Address>,
): [string, ManualCommand][] {
  const who = plan.clients.find(({ name }) => name === client);
  return (['http', 'https'] as const).flatMap((scheme): [string, ManualCommand][] => {
    const { to, wire } = visit?.[scheme] ?? {};
    const door = [...plan.proxies, ...plan.servers].find(({ name }) => name === to);
    const hop = wire ?? plan.proxies.find(({ name }) => name === to)?.wires.incoming;
    if (!who || !door || hop === undefined) return [];
    const address = doorsOf.get(hop) ?? addresses.get(door.name);
    const told = commands({ hop, door, who, account: '' }, plan, address, world);
    const trusted = authorityFor(who, door, world);
    const authority =
      scheme === 'https' && trusted !== undefined ? world?.files(trusted)?.certificate : undefined;
    const at = `${door.host}:${scheme === 'http' ? 80 : 443}:${address?.host ?? '127.0.0.1'}:${address?.port ?? 0}`;
    const curl = [
      'curl',
      '--silent',
      '--show-error',
      '--include',
      '--connect-to',
      at,
      ...(authority === undefined ? [] : ['--cacert', authority]),
      `${scheme}://${door.host}/`,
    ];
    return [[`${door.name} ${who.name}`, { ...told, curl: shellWords(curl) }]];
  });
}

/** The programs' arguments, nothing quoted, and what is sent where a program takes it from its input. */
export interface Commands {
  readonly curl: readonly string[];
  readonly openssl: readonly string[];
  readonly gnutls: readonly string[];
  readonly request: string;
}

/** How the login of a step is tried by hand, under the step's version of TLS; undefined without the certificates' files. */
export function argumentsFor(
  step: PlannedStep,
  plan: Plan,
  addresses: ReadonlyMap<string, Address>,
  world: World | undefined,
): Commands | undefined {
  const login = loginOf(step);
  const { to, client, account } = login;
  const [hop] = step.path;
  const door = [...plan.proxies, ...plan.servers].find(({ name }) => name === to);
  const who = plan.clients.find(({ name }) => name === client);
  const trusted = who?.trust?.[0];
  if (hop === undefined || !door || !who || (trusted !== undefined && !world?.files(trusted)))
    return undefined;
  return argumentsOf(
    { hop, door: siteDoor(door, login), who, account, ...(step.tls === undefined ? {} : { tls: step.tls }) },
    plan,
    addressFor(addresses, login),
    world,
  );
}

/** Under the name of the site, where it is one of several. */
function siteDoor<EntryPoint extends { readonly name: string; readonly host: string }>(
  door: EntryPoint,
  login: { readonly to: string; readonly site?: string },
): EntryPoint {
  return login.site === undefined ? door : { ...door, name: login.site, host: hostOf(door, login) };
}

/** What a lookUp is told, as dig shows it: once for each service. */
function askTheResolver(
  { resolver, askedOver, scheme, meant }: PlannedLookUp,
  client: string,
  plan: Plan,
  {
    addresses,
    doorsOf,
  }: { readonly addresses: ReadonlyMap<string, Address>; readonly doorsOf: ReadonlyMap<string, Address> },
  doors: Map<string, ManualCommand>,
): void {
  const host = plan.servers.find(({ name }) => name === meant)?.host ?? '';
  const service = serviceName(scheme, host);
  const key = `${resolver} ${service}`;
  if (doors.has(key)) return;
  const { host: address, port } = doorsOf.get(askedOver) ??
    addresses.get(resolver) ?? { host: '127.0.0.1', port: 0 };
  doors.set(key, {
    hop: askedOver,
    to: resolver,
    client,
    dig: shellWords(['dig', `@${address}`, '-p', String(port), 'SRV', service]),
  });
}

/**
 * How the first question of each client is asked by hand; what a client was given while the run went on lies in no file.
 * What kubectl has no words for (headers of one's own, a tunnel without a kubeconfig) is asked with curl: whom the server knows.
 */
function askTheCluster(
  { kubectl, client, path, server }: PlannedStep,
  plan: Plan,
  {
    addresses,
    doorsOf,
    world,
  }: {
    readonly addresses: ReadonlyMap<string, Address>;
    readonly doorsOf: ReadonlyMap<string, Address>;
    readonly world: World | undefined;
  },
  doors: Map<string, ManualCommand>,
): void {
  const who = plan.clients.find(({ name }) => name === client);
  const [hop] = path;
  const key = `${kubectl?.to ?? ''} ${client} ${JSON.stringify(kubectl?.headers ?? {})}`;
  const own = who?.certificate === undefined ? undefined : world?.files(who.certificate);
  const door = [...plan.proxies, ...plan.servers].find(({ name }) => name === kubectl?.to);
  if (!kubectl || !who || !door || hop === undefined || doors.has(key) || (!own && who.token === undefined))
    return;
  const isTunnel = door.kind === 'connect';
  const asked = isTunnel ? plan.servers.find(({ name }) => name === server) : door;
  const authority = asked && authorityFor(who, asked, world);
  const trusted = authority === undefined ? undefined : world?.files(authority)?.certificate;
  const proxy = addresses.get(door.name);
  const { host, port } = (isTunnel ? undefined : doorsOf.get(hop)) ??
    addresses.get(asked?.name ?? '') ?? { host: '127.0.0.1', port: 0 };
  if (kubectl.headers || isTunnel) {
    const words = [
      'curl',
      '--silent',
      '--show-error',
      '--include',
      ...(isTunnel && proxy ? ['--proxy', `http://${proxy.host}:${proxy.port}`] : []),
      ...(trusted === undefined ? [] : ['--cacert', trusted]),
      ...(own
        ? ['--cert', own.chain, '--key', own.key]
        : ['--header', `Authorization: Bearer ${who.token ?? ''}`]),
      ...Object.entries(kubectl.headers ?? {}).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
      '--json',
      '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}',
      `https://${host}:${port}/apis/authentication.k8s.io/v1/selfsubjectreviews`,
    ];
    doors.set(key, { hop, to: kubectl.to, client, curl: shellWords(words) });
    return;
  }
  const words = [
    'kubectl',
    `--server=https://${host}:${port}`,
    // kubectl takes no CA where it is told to verify nothing.
    ...(trusted === undefined || kubectl.runs.includes('--insecure-skip-tls-verify')
      ? []
      : [`--certificate-authority=${trusted}`]),
    ...(own
      ? [`--client-certificate=${own.chain}`, `--client-key=${own.key}`]
      : [`--token=${who.token ?? ''}`]),
    // A manifest of the scenario lies in no file.
    ...(/(?:^| )-f /.test(kubectl.runs) ? ['auth', 'whoami'] : kubectl.runs.split(' ')),
  ];
  doors.set(key, { hop, to: kubectl.to, client, kubectl: shellWords(words) });
}

/**
 * How the first question of each client to an etcd is asked by hand: over its JSON gateway, which every etcd has, whoever
 * has no etcdctl; and how the alert is seen that turns it away.
 */
function askTheStore(
  { etcdctl, client }: PlannedStep,
  plan: Plan,
  {
    addresses,
    doorsOf,
    world,
  }: {
    readonly addresses: ReadonlyMap<string, Address>;
    readonly doorsOf: ReadonlyMap<string, Address>;
    readonly world: World | undefined;
  },
  doors: Map<string, ManualCommand>,
): void {
  const who = plan.clients.find(({ name }) => name === client);
  const door = plan.servers.find(({ name }) => name === etcdctl?.to);
  const command = etcdctlCommand(etcdctl?.runs ?? '');
  const key = `${etcdctl?.to ?? ''} ${client}`;
  if (!etcdctl || !who || !door || command?.verb !== 'get' || doors.has(key)) return;
  const { host, port } = doorsOf.get(etcdctl.wire) ??
    addresses.get(etcdctl.to) ?? { host: '127.0.0.1', port: 0 };
  const isSecured = door.security !== 'plain';
  const trusted = isSecured ? authorityFor(who, door, world) : undefined;
  const authority = trusted === undefined ? undefined : world?.files(trusted)?.certificate;
  const own = isSecured && who.certificate !== undefined ? world?.files(who.certificate) : undefined;
  const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');
  const asked = {
    key: base64(command.key),
    ...(command.isPrefix ? { range_end: base64(prefixEnd(command.key)) } : {}),
    ...(command.keysOnly ? { keys_only: true } : {}),
  };
  const curl = [
    'curl',
    '--silent',
    '--show-error',
    ...(authority === undefined ? [] : ['--cacert', authority]),
    ...(own ? ['--cert', own.chain, '--key', own.key] : []),
    '--header',
    'Content-Type: application/json',
    '--data',
    JSON.stringify(asked),
    `${isSecured ? 'https' : 'http'}://${host}:${port}/v3/kv/range`,
  ];
  const openssl = [
    'openssl',
    's_client',
    '-connect',
    `${host}:${port}`,
    '-verify_return_error',
    ...(authority === undefined ? [] : ['-CAfile', authority]),
    ...(own ? ['-cert', own.certificate, '-key', own.key] : []),
    '-ign_eof',
    '-brief',
  ];
  const request = String.raw`printf 'GET /health HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n'`;
  doors.set(key, {
    hop: etcdctl.wire,
    to: etcdctl.to,
    client,
    curl: shellWords(curl),
    ...(isSecured ? { openssl: `${request} | ${shellWords(openssl)}` } : {}),
  });
}

interface Way {
  /** What the client speaks, where that is not what the wire is drawn with. */
  readonly scheme?: 'http' | 'https';
  readonly hop: string;
  readonly door: PlannedServer | PlannedProxy;
  readonly who: PlannedClient;
  readonly account: string;
  readonly tls?: TlsChoice;
}

function commands(
  way: Way,
  plan: Plan,
  address: Address | undefined,
  world: World | undefined,
): ManualCommand {
  const { hop, door, who } = way;
  const { curl, openssl } = argumentsOf(way, plan, address, world);
  const security = spokenIn(way, plan);
  const request = String.raw`printf 'GET /login HTTP/1.1\r\nHost: ${door.host}:${address?.port ?? 0}\r\nConnection: close\r\n\r\n'`;
  return {
    hop,
    to: door.name,
    client: who.name,
    curl: shellWords(['curl', ...curl]),
    // s_client knows no pins: it would take whom this client refuses.
    ...(security === 'plain' || who.pin !== undefined
      ? {}
      : { openssl: `${request} | ${shellWords(['openssl', ...openssl])}` }),
  };
}

/**
 * Of several CAs that a client trusts, the one that the door's certificate leads up to: curl and openssl are given a single
 * file. The first where none of them does, so that the commands end as the client's own try did.
 */
function authorityFor(
  { trust = [] }: PlannedClient,
  door: PlannedServer | PlannedProxy,
  world: World | undefined,
): string | undefined {
  const [first] = trust;
  if (!world || trust.length < 2 || door.certificate === undefined) return first;
  const all = world.names.map((name) => ({ name, ...world.summary(name) }));
  const seen = new Set<string>();
  for (let at = all.find(({ name }) => name === door.certificate); at && !seen.has(at.name); ) {
    seen.add(at.name);
    const { issuer, authorityKeyId } = at;
    const above = all.filter(({ subject, keyId }) => subject === issuer && keyId === authorityKeyId);
    const trusted = above.find(({ name }) => trust.includes(name));
    if (trusted) return trusted.name;
    [at] = above;
  }
  return first;
}

function securityOf(hop: string, plan: Plan): 'plain' | 'tls' | 'mtls' {
  return plan.wires.find((wire) => wire.hop === hop)?.security ?? 'plain';
}

function spokenIn({ hop, scheme }: Way, plan: Plan): 'plain' | 'tls' | 'mtls' {
  const drawn = securityOf(hop, plan);
  if (scheme === undefined || drawn === 'mtls') return drawn;
  return scheme === 'http' ? 'plain' : 'tls';
}

function argumentsOf(way: Way, plan: Plan, address: Address | undefined, world: World | undefined): Commands {
  const { door, who, account, tls } = way;
  const { host, port } = address ?? { host: '127.0.0.1', port: 0 };
  const security = spokenIn(way, plan);
  const login = plan.accounts.find(({ name }) => name === account);
  const files = (name: string) => world?.files(name);
  const trusted = authorityFor(who, door, world);
  const authority = trusted === undefined ? undefined : files(trusted)?.certificate;
  // Each of these programs is given one list, which is enough for a chain without intermediates.
  const list =
    who.verify === false || who.revocations?.[0] === undefined ? undefined : files(who.revocations[0])?.crl;
  const own = security === 'mtls' && who.certificate !== undefined ? files(who.certificate) : undefined;
  const fields = login
    ? [
        ['username', login.user],
        ['password', login.password],
        ['rrn', login.rrn],
      ]
    : [];
  const curl = [
    '--silent',
    '--show-error',
    '--resolve',
    `${door.host}:${port}:${host}`,
    ...(tls === undefined ? [] : [`--tlsv${tls}`, '--tls-max', tls]),
    ...(security === 'plain'
      ? []
      : who.verify === false
        ? ['--insecure']
        : authority
          ? ['--cacert', authority]
          : []),
    ...(list === undefined ? [] : ['--crlfile', list]),
    ...(security === 'plain' || who.pin === undefined || !world
      ? []
      : ['--pinnedpubkey', `sha256//${world.publicKeyPin(who.pin)}`]),
    ...(own ? ['--cert', own.chain, '--key', own.key] : []),
    '--include',
    ...fields.flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`]),
    `${security === 'plain' ? 'http' : 'https'}://${door.host}:${port}/login`,
  ];
  const openssl = [
    's_client',
    '-connect',
    `${host}:${port}`,
    '-servername',
    door.host,
    ...(tls === undefined ? [] : [`-tls${tls.replace('.', '_')}`]),
    ...(who.verify === false
      ? []
      : [
          '-verify_return_error',
          ...(authority ? ['-verify_hostname', door.host, '-CAfile', authority] : []),
        ]),
    ...(list === undefined ? [] : ['-crl_check', '-CRL', list]),
    ...(own ? ['-cert', own.certificate, '-cert_chain', own.chain, '-key', own.key] : []),
    // It goes on reading after its input has ended: under TLS 1.3 a refusal comes after the handshake.
    '-ign_eof',
    '-brief',
  ];
  const gnutls = [
    '--port',
    String(port),
    '--sni-hostname',
    door.host,
    ...(tls === undefined ? [] : ['--priority', `NORMAL:-VERS-ALL:+VERS-TLS${tls}`]),
    ...(who.verify === false
      ? ['--insecure']
      : ['--verify-hostname', door.host, ...(authority ? ['--x509cafile', authority] : [])]),
    ...(list === undefined ? [] : ['--x509crlfile', list]),
    ...(own ? ['--x509certfile', own.chain, '--x509keyfile', own.key] : []),
    host,
  ];
  return {
    curl,
    openssl,
    gnutls,
    request: `GET /login HTTP/1.1\r\nHost: ${door.host}:${port}\r\nConnection: close\r\n\r\n`,
  };
}

/** Quoted for a POSIX shell where it needs to be. */
function shellWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`))
    .join(' ');
}
