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
import { explainRefusal } from '../../../analysis/outcome/refusal.ts';
import { hostPort } from '../../../capture/event.ts';
import type { Address, Topology } from '../../../capture/event.ts';
import type { RunLog } from '../../../capture/log.ts';
import { systemClock } from '../../../core/clock.ts';
import { defined } from '../../../core/defined.ts';
import type { Localized } from '../../../i18n/language.ts';
import { safeText } from '../../../i18n/safe.ts';
import { UserError } from '../../../i18n/user-error.ts';
import { runExecPlugin } from '../../../kube/kubectl/exec-plugin.ts';
import type { PluginCall, PluginCredentials } from '../../../kube/kubectl/exec-plugin.ts';
import { configFor } from '../../../kube/kubectl/user-config.ts';
import type { OtherAddress, UserConfig } from '../../../kube/kubectl/user-config.ts';
import { wrappedExec } from '../../../kube/kubectl/wrapped-plugin.ts';
import type { Caller } from '../../../kube/tapped-calls.ts';
import { issueTexts } from '../../../pki/ca/issue.ts';
import { isMap } from '../../../pki/kubeadm/kubeconfig.ts';
import { pemCertificates } from '../../../pki/keystore/pem.ts';
import { readCertificate } from '../../../protocols/x509/certificate.ts';
import { startProxy } from '../../../proxy/proxy.ts';
import { dial } from '../../../wire/dial.ts';
import type { Identity } from '../../../wire/endpoint.ts';
import { heading, refuseTaken, writeConfig } from './file.ts';
import type { WrittenConfig } from './file.ts';
import { keepCurrent } from './renewal.ts';
import type { OwnCredentials, PreparedTap, TapSettings } from './settings.ts';
import { targetOf } from './target.ts';
import type { TapTarget } from './target.ts';

export const tapWires = { callers: 'A', server: 'B' } as const;
export const tapParticipants = { callers: 'kubectl', tap: 'wirelab', server: 'kube-apiserver' } as const;

export interface Tap {
  readonly address: Address;
  /** As whom the proxy's certificate identifies its callers at the server. */
  readonly certificate: () => Caller | undefined;
  /** To start it again: with the credentials that it has now. */
  readonly current: PreparedTap;
  close(graceMs?: number): Promise<void>;
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
  await refuseTaken(settings.file);
  const credentials = await askPlugin(settings, isInteractive);
  const target = targetOf(config, credentials?.identity, settings.variables);
  const own = credentialsOfTap(config, settings.listen.host);
  const prepared = (alpn: readonly string[]): PreparedTap => ({
    ...settings,
    target,
    credentials,
    alpn,
    own,
  });
  const { path: _, ...dialing } = target;
  if (target.security === 'plain') return prepared(['http/1.1']);
  const dialed = await dial({ ...dialing, clock: systemClock, timeout: patience, tls: { alpn: spoken } });
  if (dialed.outcome === 'connected') {
    dialed.stream.destroy();
    // What the server speaks is offered: it must be the same on both sides.
    return prepared(dialed.secured?.alpn === 'h2' ? spoken : ['http/1.1']);
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
      ko: `API 서버를 쓸 수 없습니다(${name.ko}). ${because.ko}`,
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

export interface TapRun {
  readonly log: RunLog;
  readonly onNote: (text: Localized) => void;
}

/** @throws UserError if it cannot listen, or the file cannot be written. */
export async function startTap(prepared: PreparedTap, { log, onNote }: TapRun): Promise<Tap> {
  const { target, alpn, file, version, own } = prepared;
  const { path: _, ...dialing } = target;
  const listener = { identity: own.server, clientAuthorities: [own.authority] };
  const proxy = await startProxy({
    kind: 'mtls',
    pump: 'bytes',
    // Its CA signs one certificate of a client.
    accept: { listen: prepared.listen, ...listener, policy: { allowAll: true }, tls: { alpn } },
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
  const listening = { ...prepared, listen: proxy.address };
  let written: WrittenConfig;
  try {
    written = writeConfig(file, configOf(listening));
  } catch (error) {
    await proxy.close(0);
    throw error;
  }
  const renewal = keepCurrent(listening, {
    // The screen has the terminal.
    askPlugin: async (now) => askPlugin(now, false),
    async apply(next) {
      const { identity, authorities } = next.target;
      await proxy.renew({ listener, dialer: defined({ identity, authorities }) });
      // What is kubectl's own may have changed: its token, a plugin.
      written.replace(configOf(next));
    },
    onNote,
  });
  return {
    address: proxy.address,
    get current() {
      return renewal.current;
    },
    certificate() {
      const { identity } = renewal.current.target;
      return identity && callerIn(identity);
    },
    async close(graceMs = 500) {
      renewal.stop();
      written.remove();
      await proxy.close(graceMs);
    },
  };
}

/** What kubectl reads. */
function configOf(prepared: PreparedTap): string {
  const { config, target, listen, own, yaml } = prepared;
  const address = {
    server: `https://${hostPort(listen)}${target.path}`,
    authority: own.authority,
    identity: own.client,
    ...execBeside(prepared),
  };
  return configFor(config, address, heading, yaml);
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
