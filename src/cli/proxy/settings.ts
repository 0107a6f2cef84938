/**
 * Converts the options of `wirelab proxy` into settings: a pure function. It reports every error that can be found
 * without access to files or the network.
 *
 * 1. Loopback only, on both sides, unless an option allows more.
 * 2. mTLS admits no client without a rule.
 * 3. An option without effect is an error: its user believes that it protects something.
 */
import { defined } from '../../core/defined.ts';
import { verbatim } from '../../i18n/language.ts';
import { isProxyKind, proxyKindNames, relayingPump } from '../../proxy/kinds.ts';
import type { AdmissionPolicy } from '../../wire/endpoint.ts';
import type { StarttlsName } from '../../wire/starttls/names.ts';
import type { Parsed } from '../command.ts';
import { isLoopback } from '../io/loopback.ts';
import { checkListener, checkPrelude, checkSecondHop, keepToLoopback, needs } from './setting-checks.ts';
import {
  addressOf,
  durationOf,
  numberOf,
  protocolsOf,
  timeoutsOf,
  tlsChoices,
  workersOf,
  wrong,
} from './setting-values.ts';
import type { CredentialFiles, ProxySettings } from './proxy-settings.ts';

/** @throws UserError for invalid or contradictory options. */
export function readSettings(parsed: Parsed): ProxySettings {
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
  const target = addressOf(parsed, 'target');
  if (!listen)
    throw needs('--listen HOST:PORT', '연결을 받을 주소를 --listen으로 지정하세요', 'missing --listen');
  if (!target)
    throw needs('--target HOST:PORT', '연결할 서버의 주소를 --target으로 지정하세요', 'missing --target');
  if (target.port === 0)
    throw wrong(
      { en: 'cannot connect to port 0', ko: '0번 포트에는 연결할 수 없습니다' },
      `--target ${parsed.text('target') ?? ''}`,
      verbatim('1 … 65535'),
    );
  const status = addressOf(parsed, 'status');
  if (
    listen.port === target.port &&
    (listen.host === target.host || (isLoopback(listen.host) && isLoopback(target.host)))
  ) {
    throw wrong(
      {
        en: 'the proxy would connect to itself in an endless loop',
        ko: '프록시가 자기 자신에게 끝없이 연결하게 됩니다',
      },
      `--listen ${parsed.text('listen') ?? ''} --target ${parsed.text('target') ?? ''}`,
      { en: 'two addresses', ko: '서로 다른 두 주소' },
    );
  }
  keepToLoopback(parsed, 'listen', listen, 'unsafe-listen');
  if (status) keepToLoopback(parsed, 'status', status, 'unsafe-listen');
  keepToLoopback(parsed, 'target', target, 'unsafe-target');

  const secondHop = ({ off: 'plain', tls: 'tls', mtls: 'mtls' } as const)[
    (parsed.text('target-tls') ?? 'off') as 'off' | 'tls' | 'mtls'
  ];
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
    insecure: parsed.flag('insecure'),
    timeouts: timeoutsOf(parsed),
    shutdownMs: durationOf(parsed, 'shutdown-timeout') ?? 10_000,
    ...numberOf(parsed, 'max-concurrent-conns', 'maxConnections'),
    workers: workersOf(parsed),
    status,
  });
  checkListener(parsed, settings);
  checkSecondHop(parsed, settings);
  checkPrelude(parsed, settings);
  return settings;
}

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
