/**
 * Converts the options of `wirelab proxy` into settings: a pure function. It reports every error that can be found
 * without access to files or the network.
 *
 * 1. Loopback only, on both sides, unless an option allows more.
 * 2. mTLS admits no client without a rule.
 * 3. An option without effect is an error: its user believes that it protects something.
 */
import { defined } from '../../core/defined.ts';
import { formatAddress } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { isProxyKind, proxyKindNames, proxyKinds, relayingPump } from '../../proxy/kinds.ts';
import type { ProxyKindName } from '../../proxy/kinds.ts';
import type { TargetRoute } from '../../proxy/routes.ts';
import type { AdmissionPolicy, Security } from '../../wire/endpoint.ts';
import type { StarttlsName } from '../../wire/starttls/protocols.ts';
import type { Parsed } from '../command.ts';
import { isLoopback } from '../io/loopback.ts';
import { checkListener, checkPrelude, checkSecondHop, keepToLoopback, needs } from './setting-checks.ts';
import type { TargetKey, TargetRow } from './config.ts';
import {
  addressIn,
  addressOf,
  durationOf,
  numberOf,
  protocolsOf,
  timeoutsOf,
  tlsChoices,
  wrong,
} from './setting-values.ts';
import type { CredentialFiles, CredentialPair, ProxySettings, RouteFiles } from './proxy-settings.ts';

/** @throws UserError for invalid or contradictory options. */
export function readSettings(parsed: Parsed & { readonly targets?: readonly TargetRow[] }): ProxySettings {
  const [stray] = parsed.operands;
  if (stray !== undefined) {
    throw wrong(
      { en: 'proxy accepts options only', ko: 'proxy 명령에는 옵션만 적습니다' },
      stray,
      verbatim('--mode ... --listen HOST:PORT --target HOST:PORT'),
    );
  }
  const kind = parsed.text('mode');
  if (kind === undefined) {
    throw needs(`--mode ${proxyKindNames.join('|')}`, '프록시 종류를 --mode로 지정하세요', 'missing --mode');
  }
  if (!isProxyKind(kind)) throw new Error('the option row allows only known kinds');
  const listen = addressOf(parsed, 'listen');
  const secondHop = securities[(parsed.text('target-tls') ?? 'off') as keyof typeof securities];
  const insecure = parsed.flag('insecure');
  const routes = routesOf(parsed, kind, secondHop);
  const routeFiles = routeFilesOf(parsed, kind, { routes, insecure });
  const own = addressOf(parsed, 'target');
  const target = own ?? routes[0]?.dial.to;
  if (!listen)
    throw needs('--listen HOST:PORT', '연결을 받을 주소를 --listen으로 지정하세요', 'missing --listen');
  if (!target)
    throw needs('--target HOST:PORT', '연결할 서버의 주소를 --target으로 지정하세요', 'missing --target');
  const status = addressOf(parsed, 'status');
  keepToLoopback(parsed, 'listen', listen, 'unsafe-listen');
  if (status) keepToLoopback(parsed, 'status', status, 'unsafe-listen');
  for (const to of [target, ...routes.map(({ dial }) => dial.to)]) checkTarget(parsed, listen, to);

  const pump = parsed.flag('http') ? 'http' : relayingPump(kind);
  const policy: AdmissionPolicy = {
    allowAll: parsed.flag('allow-all'),
    allowCommonNames: parsed.all('allow-cn'),
    allowOrganizationalUnits: parsed.all('allow-ou'),
    allowDnsNames: parsed.all('allow-dns'),
    allowUris: parsed.all('allow-uri'),
  };
  const serverPolicy: AdmissionPolicy = {
    allowCommonNames: parsed.all('verify-cn'),
    allowOrganizationalUnits: parsed.all('verify-ou'),
    allowDnsNames: parsed.all('verify-dns'),
    allowUris: parsed.all('verify-uri'),
  };
  const serverName = parsed.text('override-server-name');
  const reject = (parsed.text('reject') ?? 'tls') as 'tls' | 'http';
  const tls = tlsChoices(parsed);
  const targetAlpn = protocolsOf(parsed, 'target-alpn');
  const settings: ProxySettings = defined({
    kind,
    pump,
    listen,
    target,
    routes,
    routeFiles,
    onlyRoutes: own === undefined,
    listener: filesOf(parsed, ''),
    policy,
    reject,
    tls,
    targetAlpn,
    secondHop,
    dialer: filesOf(parsed, 'target-'),
    starttls: defined({
      client: parsed.text('starttls') as StarttlsName | undefined,
      target: parsed.text('target-starttls') as StarttlsName | undefined,
    }),
    proxyHeader: proxyHeaderOf(parsed),
    serverName,
    serverPolicy,
    insecure,
    timeouts: timeoutsOf(parsed),
    shutdownMs: durationOf(parsed, 'shutdown-timeout') ?? 10_000,
    ...numberOf(parsed, 'max-concurrent-conns', 'maxConnections'),
    status,
  });
  checkListener(parsed, settings);
  checkSecondHop(parsed, settings);
  checkPrelude(parsed, settings);
  return settings;
}

const securities = { off: 'plain', tls: 'tls', mtls: 'mtls' } as const;

function checkTarget(parsed: Parsed, listen: Address, target: Address): void {
  const written = formatAddress(target);
  if (target.port === 0)
    throw wrong(
      { en: 'cannot connect to port 0', ko: '0번 포트에는 연결할 수 없습니다' },
      `--target ${written}`,
      verbatim('1 … 65535'),
    );
  if (
    listen.port === target.port &&
    (listen.host === target.host || (isLoopback(listen.host) && isLoopback(target.host)))
  ) {
    throw wrong(
      {
        en: 'the proxy would connect to itself in an endless loop',
        ko: '프록시가 자기 자신에게 끝없이 연결하게 됩니다',
      },
      `--listen ${parsed.text('listen') ?? ''} --target ${written}`,
      { en: 'two addresses', ko: '서로 다른 두 주소' },
    );
  }
  keepToLoopback(parsed, 'target', target, 'unsafe-target');
}

/** The rows of `targets`. */
function routesOf(
  { targets = [] }: { readonly targets?: readonly TargetRow[] },
  kind: ProxyKindName,
  usual: Security,
): TargetRoute[] {
  return targets.map(({ where, values }) => {
    const only = (key: keyof typeof values): string | undefined => values[key]?.[0];
    const by = kind === 'connect' ? 'connect' : 'server-name';
    const other = kind === 'connect' ? 'server-name' : 'connect';
    if (kind === 'plaintext')
      throw misplaced(where, {
        en: 'a plaintext listener learns no server name by which to choose a target',
        ko: 'plaintext 리스너는 대상을 고를 서버 이름을 알 수 없습니다',
      });
    if (values[other] !== undefined || values[by] === undefined)
      throw misplaced(
        where,
        {
          en: `a ${kind} proxy chooses its targets by ${by}`,
          ko: `${kind} 프록시는 ${by} 값으로 대상을 고릅니다`,
        },
        by,
      );
    const to = only('target');
    if (to === undefined)
      throw misplaced(
        where,
        { en: 'this row has no target', ko: '대상 주소가 없습니다' },
        'target: HOST:PORT',
      );
    const asked = only('target-tls');
    if (asked !== undefined && !Object.hasOwn(securities, asked))
      throw misplaced(
        where,
        { en: 'invalid target-tls', ko: 'target-tls 값이 올바르지 않습니다' },
        'off, tls, mtls',
      );
    return {
      serverNames: values['server-name'] ?? [],
      authorities: values.connect ?? [],
      dial: defined({
        to: addressIn(to, 'target'),
        security: asked === undefined ? usual : securities[asked as keyof typeof securities],
        serverName: only('override-server-name'),
      }),
    };
  });
}

/** The files of each row of `targets`. */
function routeFilesOf(
  { targets = [] }: { readonly targets?: readonly TargetRow[] },
  kind: ProxyKindName,
  { routes, insecure }: Pick<ProxySettings, 'routes' | 'insecure'>,
): RouteFiles[] {
  return targets.map(({ where, places, values }, index) => {
    const security = routes[index]?.dial.security ?? 'plain';
    const at = (key: TargetKey): string => places[key] ?? where;
    const pair = (cert: 'cert' | 'target-cert', key: 'key' | 'target-key'): CredentialPair | undefined => {
      const [certificate, secret] = [values[cert]?.[0], values[key]?.[0]];
      if (certificate !== undefined && secret !== undefined) return { cert: certificate, key: secret };
      if (certificate === undefined && secret === undefined) return undefined;
      const [given, missing] = certificate === undefined ? [key, cert] : [cert, key];
      throw misplaced(
        at(given),
        {
          en: `${given} has no ${missing} beside it`,
          ko: `${given}만 있고 ${missing} 항목이 없습니다`,
        },
        `${missing}: FILE`,
      );
    };
    const idle = (key: TargetKey, why: Localized, expected?: string): void => {
      if (values[key] === undefined) return;
      throw misplaced(
        at(key),
        { en: `${key} would have no effect: ${why.en}`, ko: `${key} 항목은 효과가 없습니다. ${why.ko}` },
        expected,
      );
    };
    const [listener, dialer] = [pair('cert', 'key'), pair('target-cert', 'target-key')];
    if (proxyKinds[kind].accepts === 'plain')
      idle(
        'cert',
        {
          en: `a ${kind} proxy does not terminate the TLS of its clients`,
          ko: `${kind} 프록시는 클라이언트의 TLS를 끝내지 않습니다`,
        },
        'mode: tls, mode: mtls',
      );
    if (security !== 'mtls')
      idle(
        'target-cert',
        {
          en: 'no certificate is presented to this target',
          ko: '이 대상에는 인증서를 제시하지 않습니다',
        },
        'target-tls: mtls',
      );
    if (security === 'plain')
      idle(
        'target-cacert',
        {
          en: 'the connection to this target does not use TLS',
          ko: '이 대상과의 연결에 TLS를 쓰지 않습니다',
        },
        'target-tls: tls',
      );
    if (insecure)
      idle('target-cacert', {
        en: '--insecure disables verification',
        ko: '--insecure는 아무것도 검증하지 않습니다',
      });
    return defined({ where, listener, dialer, authorities: values['target-cacert']?.[0] });
  });
}

const misplaced = (place: string, what: Localized, expected?: string): UserError =>
  new UserError(
    defined({ what, where: place, expected: expected === undefined ? undefined : verbatim(expected) }),
  );

function proxyHeaderOf(parsed: Parsed): ProxySettings['proxyHeader'] {
  const direction = parsed.text('proxy-protocol');
  const isSent = direction === 'out' || direction === 'both';
  const version = parsed.text('proxy-protocol-version') === '1' ? 1 : 2;
  return defined({ in: direction === 'in' || direction === 'both', out: isSent ? version : undefined });
}

function filesOf(parsed: Parsed, prefix: '' | 'target-'): CredentialFiles {
  const cert = parsed.text(`${prefix}cert`);
  const key = parsed.text(`${prefix}key`);
  const cacert = parsed.text(`${prefix}cacert`);
  return defined({ cert, key, cacert, crl: prefix === '' ? parsed.all('crl') : [] });
}
