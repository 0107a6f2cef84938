/**
 * Builds the commands for logging in at a site by hand (curl for the login, openssl for the handshake) and those with which
 * external programs try the same. Pure: addresses and certificate file paths are passed in.
 */
import type { Address } from '../../capture/event.ts';
import type { World } from '../../pki/keystore/world.ts';
import type { ProgramCommands } from '../../engine/extensions.ts';
import type { TlsChoice } from '../../engine/kinds.ts';
import type { ManualCommand, ManualEntry, ManualRun } from '../../engine/manual-commands.ts';
import type { Plan, PlannedClient, PlannedProxy, PlannedServer, PlannedStep } from '../../engine/plan.ts';
import { addressFor, hostOf } from '../site/address.ts';
import { authorityFor, shellWords } from './shell.ts';

declare module '../../engine/extensions.ts' {
  interface ManualPrograms {
    readonly curl?: string;
    /** Absent without TLS. */
    readonly openssl?: string;
  }
  interface ProgramCommands {
    /** Arguments, unquoted. */
    readonly curl: readonly string[];
    readonly openssl: readonly string[];
    readonly gnutls: readonly string[];
    /** The standard input of a program that needs it. */
    readonly request: string;
  }
}

/** A planned login: where, and whose. */
interface SiteLogin {
  readonly to: string;
  readonly site?: string;
  readonly account: string;
}

/** How a step's client logs in over a wire. */
export function wayIn(
  { client }: PlannedStep,
  act: SiteLogin,
  { hop, scheme }: { readonly hop: string; readonly scheme?: 'http' | 'https' },
  { plan, addresses, world, tappedAddresses }: ManualRun,
): ManualEntry[] {
  const target = [...plan.proxies, ...plan.servers].find(({ name }) => name === act.to);
  const who = plan.clients.find(({ name }) => name === client);
  // No other program can do what a tampering client does, and a certificate needs its key in a file.
  if (!target || !who || who.tamper !== undefined || hasHiddenKey(who, world)) return [];
  const way = {
    hop,
    target: siteTarget(target, act),
    who,
    account: act.account,
    ...(scheme ? { scheme } : {}),
  };
  const address =
    (act.site === undefined ? tappedAddresses.get(hop) : undefined) ?? addressFor(addresses, act);
  return [[`${act.to} ${act.site ?? ''} ${client}`, commands(way, plan, address, world)]];
}

/** Its certificate's key exists only inside the program. */
function hasHiddenKey({ certificate }: PlannedClient, world: World | undefined): boolean {
  return certificate !== undefined && world?.files(certificate)?.key === '';
}

/** The manual commands for a step's login, in the step's TLS version; undefined without the certificate files. */
export function argumentsFor(
  step: PlannedStep,
  act: SiteLogin,
  { plan, addresses, world }: Pick<ManualRun, 'plan' | 'addresses' | 'world'>,
): ProgramCommands | undefined {
  const { client } = step;
  const { to, account } = act;
  const [hop] = step.path;
  const target = [...plan.proxies, ...plan.servers].find(({ name }) => name === to);
  const who = plan.clients.find(({ name }) => name === client);
  const trusted = who?.trust?.[0];
  if (hop === undefined || !target || !who || (trusted !== undefined && !world?.files(trusted)))
    return undefined;
  return argumentsOf(
    {
      hop,
      target: siteTarget(target, act),
      who,
      account,
      ...(step.tls === undefined ? {} : { tls: step.tls }),
    },
    plan,
    addressFor(addresses, act),
    world,
  );
}

/** With the site's name, where the server has several. */
function siteTarget<Target extends { readonly name: string; readonly host: string }>(
  target: Target,
  login: { readonly to: string; readonly site?: string },
): Target {
  return login.site === undefined ? target : { ...target, name: login.site, host: hostOf(target, login) };
}

interface Way {
  /** The client's protocol, where it differs from the drawing. */
  readonly scheme?: 'http' | 'https';
  readonly hop: string;
  readonly target: PlannedServer | PlannedProxy;
  readonly who: PlannedClient;
  readonly account: string;
  readonly tls?: TlsChoice;
}

export function commands(
  way: Way,
  plan: Plan,
  address: Address | undefined,
  world: World | undefined,
): ManualCommand {
  const { hop, target, who } = way;
  const { curl, openssl } = argumentsOf(way, plan, address, world);
  const security = wireSecurityOf(way, plan);
  const request = String.raw`printf 'GET /login HTTP/1.1\r\nHost: ${target.host}:${address?.port ?? 0}\r\nConnection: close\r\n\r\n'`;
  return {
    hop,
    to: target.name,
    client: who.name,
    curl: shellWords(['curl', ...curl]),
    // s_client has no pinning: it would accept a server that this client rejects.
    ...(security === 'plain' || who.pin !== undefined
      ? {}
      : { openssl: `${request} | ${shellWords(['openssl', ...openssl])}` }),
  };
}

function securityOf(hop: string, plan: Plan): 'plain' | 'tls' | 'mtls' {
  return plan.wires.find((wire) => wire.hop === hop)?.security ?? 'plain';
}

function wireSecurityOf({ hop, scheme }: Way, plan: Plan): 'plain' | 'tls' | 'mtls' {
  const drawn = securityOf(hop, plan);
  if (scheme === undefined || drawn === 'mtls') return drawn;
  return scheme === 'http' ? 'plain' : 'tls';
}

/** The versions that the step has chosen, or that the client supports, the oldest first; none where it supports all. */
function versionsOf({ tls, who }: Way): readonly TlsChoice[] {
  return tls === undefined ? (who.tls?.toSorted() ?? []) : [tls];
}

function argumentsOf(
  way: Way,
  plan: Plan,
  address: Address | undefined,
  world: World | undefined,
): ProgramCommands {
  const { target, who, account } = way;
  const { host, port } = address ?? { host: '127.0.0.1', port: 0 };
  const security = wireSecurityOf(way, plan);
  const versions = security === 'plain' ? [] : versionsOf(way);
  const [oldest, newest] = [versions[0], versions.at(-1)];
  const { ciphers, groups } = security === 'plain' ? {} : (who as Pick<PlannedClient, 'ciphers' | 'groups'>);
  const login = plan.accounts.find(({ name }) => name === account);
  const files = (name: string) => world?.files(name);
  const trusted = authorityFor(who, target, world);
  const authority = trusted === undefined ? undefined : files(trusted)?.certificate;
  // These programs take a single file, which is enough for a chain without intermediates.
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
    `${target.host}:${port}:${host}`,
    ...(oldest === undefined || newest === undefined ? [] : [`--tlsv${oldest}`, '--tls-max', newest]),
    ...(ciphers === undefined ? [] : ['--ciphers', ciphers]),
    ...(groups === undefined ? [] : ['--curves', groups]),
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
    `${security === 'plain' ? 'http' : 'https'}://${target.host}:${port}/login`,
  ];
  const openssl = [
    's_client',
    '-connect',
    `${host}:${port}`,
    '-servername',
    target.host,
    ...(oldest === undefined || oldest !== newest ? [] : [`-tls${oldest.replace('.', '_')}`]),
    ...(ciphers === undefined ? [] : ['-cipher', ciphers]),
    ...(groups === undefined ? [] : ['-groups', groups]),
    ...(who.verify === false
      ? []
      : [
          '-verify_return_error',
          ...(authority ? ['-verify_hostname', target.host, '-CAfile', authority] : []),
        ]),
    ...(list === undefined ? [] : ['-crl_check', '-CRL', list]),
    ...(own ? ['-cert', own.certificate, '-cert_chain', own.chain, '-key', own.key] : []),
    // It keeps reading after end of input: under TLS 1.3 a rejection arrives after the handshake.
    '-ign_eof',
    '-brief',
  ];
  const gnutls = [
    '--port',
    String(port),
    '--sni-hostname',
    target.host,
    ...(versions.length === 0
      ? []
      : ['--priority', `NORMAL:-VERS-ALL:${versions.map((one) => `+VERS-TLS${one}`).join(':')}`]),
    ...(who.verify === false
      ? ['--insecure']
      : ['--verify-hostname', target.host, ...(authority ? ['--x509cafile', authority] : [])]),
    ...(list === undefined ? [] : ['--x509crlfile', list]),
    ...(own ? ['--x509certfile', own.chain, '--x509keyfile', own.key] : []),
    host,
  ];
  return {
    curl,
    openssl,
    gnutls,
    request: `GET /login HTTP/1.1\r\nHost: ${target.host}:${port}\r\nConnection: close\r\n\r\n`,
  };
}
