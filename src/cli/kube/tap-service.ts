/**
 * Runs a mutual TLS proxy in front of a real API server, with the user's own credentials behind it, and writes the configuration
 * with which kubectl calls it. `kube/tapped-calls.ts` reads the calls; `kube/kubectl/user-config.ts` the user's configuration.
 *
 * 1. Whoever calls it must show a certificate that only that configuration has: others on this machine cannot use the user's
 *    credentials through it.
 * 2. Bytes pass unchanged: a token, or the token of a credential plugin, is sent by kubectl itself. Only a client certificate
 *    cannot be passed on, and is shown by the proxy.
 * 3. Whatever the server answers at the start, a call is answered by the server. Only a server that cannot be reached, or not be
 *    trusted, is an error of the command.
 */
import { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { explainRefusal } from '../../analysis/outcome/refusal.ts';
import { formatAddress } from '../../capture/event.ts';
import type { Address, Topology } from '../../capture/event.ts';
import type { RunLog } from '../../capture/log.ts';
import { systemClock } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { UserError } from '../../i18n/user-error.ts';
import { runExecPlugin } from '../../kube/kubectl/exec-plugin.ts';
import type { PluginCall, PluginCredentials } from '../../kube/kubectl/exec-plugin.ts';
import { configFor } from '../../kube/kubectl/user-config.ts';
import type { OtherAddress, UserConfig } from '../../kube/kubectl/user-config.ts';
import { wrappedExec } from '../../kube/kubectl/wrapped-plugin.ts';
import type { Caller } from '../../kube/tapped-calls.ts';
import { issueTexts } from '../../pki/ca/issue.ts';
import { isMap } from '../../pki/kubeadm/kubeconfig.ts';
import type { Yaml } from '../../pki/kubeadm/kubeconfig.ts';
import { pemCertificates, toPem } from '../../pki/keystore/pem.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import { startProxy } from '../../proxy/proxy.ts';
import type { ProxyOptions, RunningProxy } from '../../proxy/proxy.ts';
import { dial } from '../../wire/dial.ts';
import type { Identity } from '../../wire/endpoint.ts';

export const tapWires = { callers: 'A', server: 'B' } as const;
export const tapParticipants = { callers: 'kubectl', tap: 'wirelab', server: 'kube-apiserver' } as const;

export interface TapSettings {
  readonly config: UserConfig;
  readonly listen: Address;
  /** Where the configuration for kubectl is written. */
  readonly file: string;
  readonly version: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly yaml: Yaml;
}

export interface Tap {
  readonly address: Address;
  /** As whom the proxy's certificate identifies its callers at the server. */
  readonly certificate: () => Caller | undefined;
  close(graceMs?: number): Promise<void>;
}

/** What stands before everything is started: whether the server can be reached and trusted, with which credentials. */
export interface PreparedTap extends TapSettings {
  readonly target: TapTarget;
  readonly credentials: PluginCredentials | undefined;
  readonly alpn: readonly string[];
}

interface TapTarget
  extends Pick<
    ProxyOptions['dial'],
    'to' | 'security' | 'authorities' | 'identity' | 'serverName' | 'verify' | 'through'
  > {
  /** Behind the address, for a server that shares one. */
  readonly path: string;
}

/** How long the server may take to accept a connection at the start, in milliseconds. */
const patience = 10_000;

/** The protocols that kubectl speaks, the one it prefers first. */
const spoken = ['h2', 'http/1.1'];

/**
 * Runs the user's credential plugin, if there is one, and connects to the server once.
 * @throws UserError if the server cannot be reached or is not trusted
 */
export async function prepareTap(settings: TapSettings, isInteractive: boolean): Promise<PreparedTap> {
  const { config } = settings;
  refuseForeign(settings.file);
  const credentials = await askPlugin(settings, isInteractive);
  const target = targetOf(config, credentials?.identity);
  const { path: _, ...own } = target;
  if (target.security === 'plain') return { ...settings, target, credentials, alpn: ['http/1.1'] };
  const dialed = await dial({ ...own, clock: systemClock, timeout: patience, tls: { alpn: spoken } });
  if (dialed.outcome === 'connected') {
    dialed.stream.destroy();
    // What the server speaks is offered: it must be the same on both sides.
    return { ...settings, target, credentials, alpn: dialed.secured?.alpn === 'h2' ? spoken : ['http/1.1'] };
  }
  const { failure } = dialed;
  const by = failure.by === 'unknown' ? 'client' : failure.by;
  const { name, because } = explainRefusal({
    by,
    reason: failure.reason,
    detail: defined({ code: failure.code, presented: failure.presented }),
    ...defined({ alert: failure.alert }),
  });
  throw new UserError({
    what: {
      en: `the API server cannot be used: ${name.en}. ${because.en}`,
      ko: `API 서버에 접속할 수 없습니다: ${name.ko}. ${because.ko}`,
    },
    where: safeText(config.server),
    received: safeText(failure.code),
    remedy: {
      en: 'Try kubectl get --raw /version with the same configuration.',
      ko: '같은 설정으로 kubectl get --raw /version을 실행해 보세요.',
    },
  });
}

async function askPlugin(
  { config, variables }: TapSettings,
  isInteractive: boolean,
): Promise<PluginCredentials | undefined> {
  const { plugin, where } = config;
  return plugin && runExecPlugin({ plugin, where, variables, isInteractive, cluster: clusterOf(config) });
}

const clusterOf = ({ server, authority, entries }: UserConfig): PluginCall['cluster'] =>
  defined({ server, authority, entry: entries.cluster });

/** kubectl asks a plugin for its token by itself; whatever gives out certificates only is asked here. */
function execBeside({ config, credentials, file }: PreparedTap): Pick<OtherAddress, 'exec'> {
  const { plugin, entries } = config;
  const exec = entries.user['exec'];
  return plugin && credentials?.hasToken === true && isMap(exec)
    ? { exec: wrappedExec(exec, { plugin, cluster: clusterOf(config) }, file) }
    : {};
}

function targetOf(config: UserConfig, given: Identity | undefined): TapTarget {
  const url = URL.canParse(config.server) ? new URL(config.server) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UserError({
      what: {
        en: `the server of context ${config.context} is no URL of HTTP`,
        ko: `${config.context} 컨텍스트의 서버가 HTTP URL이 아닙니다`,
      },
      where: config.where,
      expected: { en: 'https://HOST:PORT', ko: 'https://HOST:PORT' },
      received: safeText(config.server),
    });
  const isTls = url.protocol === 'https:';
  const to = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || (isTls ? 443 : 80)) };
  // As client-go: what stands in the configuration counts before what the plugin gives.
  const identity = config.identity ?? given;
  const authorities = config.authority === undefined ? undefined : pemCertificates(config.authority);
  if (authorities?.length === 0)
    throw new UserError({
      what: {
        en: 'certificate-authority has no certificate in PEM',
        ko: 'certificate-authority에 PEM 인증서가 없습니다',
      },
      where: config.where,
    });
  return defined({
    to,
    path: url.pathname === '/' ? '' : url.pathname,
    security: !isTls ? ('plain' as const) : identity ? ('mtls' as const) : ('tls' as const),
    identity: isTls ? identity : undefined,
    authorities: authorities?.map((der) => toPem('CERTIFICATE', der)),
    serverName: config.serverName,
    verify: config.insecure ? false : undefined,
    through: config.proxy === undefined ? undefined : tunnelOf(config.proxy, config.where),
  });
}

function tunnelOf(proxy: string, where: string): Address {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url?.protocol === 'http:' && url.username === '')
    return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) };
  throw new UserError({
    what: {
      en: 'proxy-url of this cluster is not supported',
      ko: '이 클러스터의 proxy-url은 지원하지 않습니다',
    },
    where,
    expected: { en: 'http://HOST:PORT', ko: 'http://HOST:PORT' },
    received: safeText(proxy.replace(/\/\/[^@/]*@/, '//…@')),
  });
}

export interface TapRun {
  readonly log: RunLog;
  readonly onNote: (text: Localized) => void;
  /** Where it listened before: it is started again. */
  readonly listen?: Address;
}

/** @throws UserError if it cannot listen, or the file cannot be written. */
export async function startTap(prepared: PreparedTap, { log, onNote, listen }: TapRun): Promise<Tap> {
  const { config, target, alpn, file, version, yaml } = prepared;
  const { path, ...dialing } = target;
  const own = credentialsOfTap(config, prepared.listen.host);
  const listener = { identity: own.server, clientAuthorities: [own.authority] };
  const proxy = await startProxy({
    kind: 'mtls',
    pump: 'bytes',
    // Its CA signs one certificate of a client.
    accept: { listen: listen ?? prepared.listen, ...listener, policy: { allowAll: true }, tls: { alpn } },
    dial: { ...dialing, tls: {} },
    wires: { incoming: tapWires.callers, outgoing: tapWires.server },
    log,
    clock: systemClock,
    onListening: (address) =>
      log.append({
        type: 'began',
        version,
        wallClock: new Date().toISOString(),
        topology: topologyOf(address, target),
      }),
  });
  let identity = target.identity;
  const renewal = renewing(prepared, proxy, onNote, (renewed) => {
    identity = renewed;
    return { listener, dialer: defined({ identity: renewed, authorities: target.authorities }) };
  });
  try {
    writeConfig(
      file,
      configFor(
        config,
        {
          server: `https://${formatAddress(proxy.address)}${path}`,
          authority: own.authority,
          identity: own.client,
          ...execBeside(prepared),
        },
        heading,
        yaml,
      ),
    );
  } catch (error) {
    renewal.stop();
    await proxy.close(0);
    throw error;
  }
  return {
    address: proxy.address,
    certificate: () => identity && callerIn(identity),
    async close(graceMs = 500) {
      renewal.stop();
      if (isOwn(file)) rmSync(file, { force: true });
      await proxy.close(graceMs);
    },
  };
}

/** A plugin's certificate is asked for again when it is about to expire. */
function renewing(
  prepared: PreparedTap,
  proxy: Pick<RunningProxy, 'renew'>,
  onNote: (text: Localized) => void,
  credentialsWith: (identity: Identity) => Parameters<RunningProxy['renew']>[0],
): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let hasStopped = false;
  const plan = ({ identity, expires }: PluginCredentials): void => {
    if (prepared.config.identity || !identity || expires === undefined || hasStopped) return;
    const wait = Math.min(Math.max(expires - Date.now() - beforeExpiry, shortestWait), longestWait);
    timer = setTimeout(() => void renew(), wait).unref();
  };
  const renew = async (): Promise<void> => {
    try {
      // The screen has the terminal.
      const renewed = await askPlugin(prepared, false);
      if (!renewed?.identity) return;
      await proxy.renew(credentialsWith(renewed.identity));
      plan(renewed);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      onNote(error.facts.what);
    }
  };
  if (prepared.credentials) plan(prepared.credentials);
  return {
    stop() {
      hasStopped = true;
      clearTimeout(timer);
    },
  };
}

/** In milliseconds. */
const beforeExpiry = 60_000;
const shortestWait = 10_000;
const longestWait = 24 * 3600_000;

interface OwnCredentials {
  /** PEM. */
  readonly authority: string;
  readonly server: Identity;
  readonly client: Identity;
}

/** A CA of its own, for the wire between kubectl and the proxy; its key is not kept. */
function credentialsOfTap({ user }: Pick<UserConfig, 'user'>, host: string): OwnCredentials {
  const validity = { from: '-1h', to: '30d' } as const;
  const san = ['DNS:localhost', 'IP:127.0.0.1', 'IP:::1'];
  const named = host.includes(':') || /^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`;
  const { texts } = issueTexts(
    {
      certificates: {
        ca: { profile: 'root', subject: { CN: 'wirelab kube tap' }, validity },
        server: {
          profile: 'server',
          issuer: 'ca',
          subject: { CN: 'wirelab kube tap' },
          san: [...new Set([...san, named])],
          validity,
        },
        client: {
          profile: 'client',
          issuer: 'ca',
          subject: { CN: safeText(user).slice(0, 64) || 'kubectl' },
          validity,
        },
      },
    },
    { clock: systemClock },
  );
  const identityOf = (name: string): Identity => ({
    certificate: texts[`${name}.crt`] ?? '',
    key: texts[`${name}.key`] ?? '',
  });
  return { authority: texts['ca.crt'] ?? '', server: identityOf('server'), client: identityOf('client') };
}

/** As Kubernetes reads a client certificate: the common name is the user, organizations are groups. */
function callerIn({ certificate }: Identity): Caller | undefined {
  const [der] = pemCertificates(certificate);
  const read = der && readCertificate(der);
  if (!read || !('got' in read)) return undefined;
  const { attributes } = read.got.subject;
  const values = (type: string): string[] =>
    attributes.filter((one) => one.type === type).map(({ value }) => value);
  const [user] = values('CN');
  return user === undefined ? undefined : { user, groups: [...values('O'), 'system:authenticated'] };
}

function topologyOf(listen: Address, { to, security }: TapTarget): Topology {
  const { callers, tap, server } = tapParticipants;
  return {
    hub: tap,
    participants: [
      { name: callers, role: 'client' },
      { name: tap, role: 'proxy', kind: 'mtls', address: listen },
      { name: server, role: 'server', address: to, kind: server },
    ],
    wires: [
      { hop: tapWires.callers, from: callers, to: tap, protocol: 'mtls' },
      { hop: tapWires.server, from: tap, to: server, protocol: security === 'plain' ? 'http' : security },
    ],
  };
}

/** The first line of a configuration that was written here. */
const heading =
  '# Made by wirelab kube tap, and removed when it ends. It has the keys of your credentials: do not share it.\n';

function isOwn(file: string): boolean {
  try {
    return lstatSync(file).isFile() && readFileSync(file, 'utf8').startsWith(heading);
  } catch {
    return false;
  }
}

/** @throws UserError if there is another file of that name. */
function refuseForeign(file: string): void {
  try {
    lstatSync(file);
  } catch {
    return;
  }
  if (isOwn(file)) return;
  throw new UserError({
    what: {
      en: 'there is another file of this name, and it is not overwritten',
      ko: '같은 이름의 다른 파일이 있어 덮어쓰지 않습니다',
    },
    where: file,
    remedy: { en: 'Name another one with --out FILE.', ko: '--out FILE로 다른 이름을 지정하세요.' },
  });
}

function writeConfig(file: string, text: string): void {
  refuseForeign(file);
  try {
    rmSync(file, { force: true });
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new UserError(
      {
        what: {
          en: 'the configuration for kubectl cannot be written',
          ko: 'kubectl 설정 파일을 쓸 수 없습니다',
        },
        where: file,
        received: (error as NodeJS.ErrnoException).code ?? String(error),
        remedy: { en: 'Name another one with --out FILE.', ko: '--out FILE로 다른 이름을 지정하세요.' },
      },
      { cause: error },
    );
  }
}
