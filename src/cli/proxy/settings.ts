/**
 * Converts the options of `wirelab proxy` into settings: a pure function. It reports every error that can be found
 * without access to files or the network.
 *
 * 1. Loopback only, on both sides, unless an option allows more.
 * 2. mTLS admits no client without a rule.
 * 3. An option without effect is an error: its user believes that it protects something.
 */
import { defined } from '../../core/defined.ts';
import { isIP } from 'node:net';
import type { Address } from '../../capture/event.ts';
import type { TlsVersion } from '../../capture/vocabulary.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { isProxyKind, isThrough, proxyKindNames, proxyKinds } from '../../proxy/kinds.ts';
import type { ProxyKindName, PumpName } from '../../proxy/kinds.ts';
import type { ProxyTimeouts } from '../../proxy/pump.ts';
import { hasRule } from '../../wire/tls/admission.ts';
import type { AdmissionPolicy, Security, TlsChoices } from '../../wire/endpoint.ts';
import type { Parsed } from '../command.ts';
import { isLoopback } from '../io/loopback.ts';

/** The files of one side, as named by the options. */
export interface CredentialFiles {
  readonly cert?: string;
  readonly key?: string;
  readonly cacert?: string;
  readonly crl: readonly string[];
}

export interface ProxySettings {
  readonly kind: ProxyKindName;
  readonly pump: PumpName;
  readonly listen: Address;
  readonly target: Address;
  readonly listener: CredentialFiles;
  readonly policy: AdmissionPolicy;
  readonly reject: 'tls' | 'http';
  readonly tls: TlsChoices;
  /** ALPN protocols for the target; by default the one negotiated with the client. */
  readonly targetAlpn?: readonly string[];
  readonly secondHop: Security;
  readonly dialer: CredentialFiles;
  readonly serverName?: string;
  readonly serverPolicy: AdmissionPolicy;
  readonly insecure: boolean;
  readonly timeouts: ProxyTimeouts;
  /** How long open connections may continue after SIGTERM, in milliseconds. */
  readonly shutdownMs: number;
  readonly maxConnections?: number;
  readonly status?: Address;
}

const where = 'wirelab proxy';

function wrong(what: Localized, received: string, expected?: Localized, remedy?: Localized): UserError {
  return new UserError(defined({ what, where, received, expected, remedy }));
}

const needs = (option: string, ko: string, en: string): UserError =>
  new UserError({
    what: { en, ko },
    where,
    expected: verbatim(option),
    remedy: {
      en: 'Run ./wirelab proxy --help for options and examples.',
      ko: '옵션과 예: ./wirelab proxy --help',
    },
  });

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
  const pump: PumpName = parsed.flag('http') ? 'http' : kind === 'connect' ? 'connect' : 'bytes';
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
    serverName,
    serverPolicy,
    insecure: parsed.flag('insecure'),
    timeouts: timeoutsOf(parsed),
    shutdownMs: durationOf(parsed, 'shutdown-timeout') ?? 10_000,
    ...numberOf(parsed, 'max-concurrent-conns', 'maxConnections'),
    status,
  });
  checkListener(parsed, settings);
  checkSecondHop(parsed, settings);
  return settings;
}

/** Options of a TLS listener, and of one that requires client certificates. */
const listenerTls = ['cert', 'key', 'min-tls', 'max-tls', 'ciphers', 'alpn'] as const;
const listenerMutual = ['cacert', 'crl', 'allow-cn', 'allow-ou', 'allow-dns', 'allow-uri', 'reject'] as const;
const verification = ['target-cacert', 'verify-cn', 'verify-ou', 'verify-dns', 'verify-uri'] as const;
const secondHopTls = [...verification, 'override-server-name', 'target-alpn'] as const;

function given(parsed: Parsed, names: readonly string[]): string | undefined {
  return names.find((name) => parsed.text(name) !== undefined);
}

function checkListener(
  parsed: Parsed,
  { kind, pump, policy, reject, listener, tls, targetAlpn }: ProxySettings,
): void {
  if (pump === 'http' && tls.alpn?.some((name) => /^h[23]/.test(name))) {
    throw wrong(
      {
        en: '--http supports only HTTP/1.1: a client that negotiated HTTP/2 could not communicate',
        ko: '--http는 HTTP/1.1만 다룹니다. HTTP/2로 합의한 클라이언트는 통신할 수 없습니다',
      },
      `--alpn ${parsed.text('alpn') ?? ''}`,
      verbatim('--alpn http/1.1'),
    );
  }
  if (pump === 'http' && targetAlpn?.some((name) => /^h[23]/.test(name))) {
    throw wrong(
      {
        en: '--http supports only HTTP/1.1: a target that negotiated HTTP/2 could not communicate',
        ko: '--http는 HTTP/1.1만 다룹니다. HTTP/2로 합의한 서버와는 통신할 수 없습니다',
      },
      `--target-alpn ${parsed.text('target-alpn') ?? ''}`,
      verbatim('--target-alpn http/1.1'),
    );
  }
  const { accepts } = proxyKinds[kind];
  if (accepts === 'plain') {
    const idle =
      given(parsed, [...listenerTls, ...listenerMutual]) ??
      (parsed.flag('allow-all') ? 'allow-all' : undefined);
    if (idle !== undefined)
      throw withoutEffect(
        idle,
        { en: `a ${kind} listener does not use TLS`, ko: `${kind} 리스너는 TLS를 쓰지 않습니다` },
        verbatim('--mode tls, --mode mtls'),
      );
  } else {
    if (listener.cert === undefined)
      throw needs(
        '--cert FILE',
        'TLS 리스너의 인증서를 --cert로 지정하세요',
        'missing --cert: a TLS listener needs a certificate',
      );
    if (listener.key === undefined)
      throw needs(
        '--key FILE',
        '그 인증서의 개인 키를 --key로 지정하세요',
        'missing --key: the certificate needs its private key',
      );
  }
  if (accepts === 'tls') {
    const idle = given(parsed, listenerMutual) ?? (parsed.flag('allow-all') ? 'allow-all' : undefined);
    if (idle !== undefined)
      throw withoutEffect(
        idle,
        {
          en: 'a tls listener does not request client certificates',
          ko: 'tls 리스너는 클라이언트 인증서를 요구하지 않습니다',
        },
        verbatim('--mode mtls'),
      );
  }
  if (accepts === 'mtls') {
    if (listener.cacert === undefined)
      throw needs(
        '--cacert FILE',
        '클라이언트 인증서를 발급한 CA를 --cacert로 지정하세요',
        'missing --cacert: the trusted CAs for client certificates',
      );
    if (!hasRule(policy)) {
      throw new UserError({
        what: {
          en: 'no rule admits any client',
          ko: '허용 규칙이 없어 아무도 들어올 수 없습니다',
        },
        where,
        expected: verbatim(
          '--allow-cn NAME, --allow-ou NAME, --allow-dns NAME, --allow-uri PATTERN, --allow-all',
        ),
        remedy: {
          en: 'Specify which clients to admit; --allow-all admits every client with a certificate from that CA. One matching rule suffices.',
          ko: '허용할 대상을 지정하세요. --allow-all은 그 CA가 발급한 인증서를 모두 허용합니다. 규칙이 여럿이면 하나만 맞아도 됩니다.',
        },
      });
    }
    if (reject === 'http' && pump !== 'http') {
      throw wrong(
        {
          en: '--reject http requires --http',
          ko: '--reject http는 HTTP를 다루는 프록시에서만 쓸 수 있습니다',
        },
        '--reject http',
        verbatim('--http --reject http'),
      );
    }
  }
  if (isThrough(kind) && pump === 'http')
    throw withoutEffect(
      'http',
      {
        en: `a ${kind} proxy sees only what an eavesdropper sees`,
        ko: `${kind} 프록시는 도청자와 같은 것만 봅니다`,
      },
      verbatim('--mode tls --http'),
    );
  if (pump !== 'http') {
    const idle = given(parsed, [
      ...(pump === 'connect' ? [] : ['request-timeout']),
      'response-timeout',
      'idle-timeout',
    ]);
    if (idle !== undefined)
      throw withoutEffect(
        idle,
        { en: 'without --http, requests are not parsed', ko: '--http 없이는 요청을 구분하지 않습니다' },
        verbatim(`--http --${idle}`),
      );
  }
}

function checkSecondHop(
  parsed: Parsed,
  { kind, secondHop, dialer, insecure, serverName }: ProxySettings,
): void {
  if (secondHop !== 'plain' && isThrough(kind)) {
    throw withoutEffect(
      'target-tls',
      { en: `a ${kind} proxy does not add TLS`, ko: `${kind} 프록시는 TLS를 더하지 않습니다` },
      verbatim('--mode plaintext --target-tls tls'),
    );
  }
  const idle =
    given(parsed, ['target-cert', 'target-key', ...secondHopTls]) ?? (insecure ? 'insecure' : undefined);
  if (secondHop === 'plain' && idle !== undefined)
    throw withoutEffect(
      idle,
      { en: 'the connection to the target does not use TLS', ko: '서버 쪽 연결에 TLS를 쓰지 않습니다' },
      verbatim('--target-tls tls'),
    );
  const shown = given(parsed, ['target-cert', 'target-key']);
  if (secondHop === 'tls' && shown !== undefined)
    throw withoutEffect(
      shown,
      {
        en: '--target-tls tls presents no client certificate to the target',
        ko: '--target-tls tls에서는 서버에 인증서를 제시하지 않습니다',
      },
      verbatim('--target-tls mtls'),
    );
  if (secondHop === 'mtls' && dialer.cert === undefined)
    throw needs(
      '--target-cert FILE',
      '서버에 제시할 인증서를 --target-cert로 지정하세요',
      'missing --target-cert: mutual TLS presents a client certificate to the target',
    );
  if (secondHop === 'mtls' && dialer.key === undefined)
    throw needs(
      '--target-key FILE',
      '그 인증서의 개인 키를 --target-key로 지정하세요',
      'missing --target-key: the certificate needs its private key',
    );
  if (insecure) {
    const useless = given(parsed, verification);
    if (useless !== undefined)
      throw withoutEffect(
        useless,
        { en: '--insecure disables verification', ko: '--insecure는 아무것도 검증하지 않습니다' },
        verbatim(`--${useless}`),
      );
  }
  if (
    serverName !== undefined &&
    isIP(serverName) === 0 &&
    !/^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$/.test(serverName)
  ) {
    throw wrong(
      { en: 'invalid server name', ko: '서버 이름으로 쓸 수 없습니다' },
      `--override-server-name ${serverName}`,
      verbatim('shop.example'),
    );
  }
}

function withoutEffect(option: string, why: Localized, expected: Localized): UserError {
  return new UserError({
    what: {
      en: `--${option} would have no effect: ${why.en}`,
      ko: `--${option} 옵션이 효과가 없습니다. ${why.ko}`,
    },
    where,
    expected,
    received: `--${option}`,
  });
}

function filesOf(parsed: Parsed, prefix: '' | 'target-'): CredentialFiles {
  const cert = parsed.text(`${prefix}cert`);
  const key = parsed.text(`${prefix}key`);
  const cacert = parsed.text(`${prefix}cacert`);
  return defined({ cert, key, cacert, crl: prefix === '' ? parsed.all('crl') : [] });
}

/** `HOST:PORT`, `[::1]:PORT`; a port alone is one on 127.0.0.1. */
function addressOf(parsed: Parsed, option: string): Address | undefined {
  const text = parsed.text(option);
  if (text === undefined) return undefined;
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):)?(\d{1,5})$/.exec(text);
  const [, six, name, port] = match ?? [];
  if (!match || Number(port) > 65_535 || (six !== undefined && isIP(six) !== 6)) {
    throw wrong({ en: `invalid value for --${option}`, ko: `--${option} 값이 주소가 아닙니다` }, text, {
      en: 'HOST:PORT, for example 127.0.0.1:8443 or [::1]:8443',
      ko: 'HOST:PORT 형식, 예: 127.0.0.1:8443, [::1]:8443',
    });
  }
  return { host: six ?? name ?? '127.0.0.1', port: Number(port) };
}

function keepToLoopback(parsed: Parsed, option: string, { host }: Address, leave: string): void {
  if (isLoopback(host) || parsed.flag(leave)) return;
  throw wrong(
    { en: `--${option} is not a loopback address`, ko: `--${option} 주소가 이 컴퓨터 밖에 있습니다` },
    host,
    { en: '127.0.0.1, [::1] or localhost', ko: '127.0.0.1, [::1] 또는 localhost' },
    option === 'target'
      ? {
          en: `All traffic is captured. If this is intended and permitted, add --${leave}`,
          ko: `지나가는 내용이 모두 기록됩니다. 의도한 것이고 허가받았다면 --${leave} 옵션을 쓰세요.`,
        }
      : {
          en: `Anyone who can reach this machine could use the proxy. If this is intended, add --${leave}`,
          ko: `이 컴퓨터에 접속할 수 있는 누구나 프록시를 쓸 수 있게 됩니다. 의도한 것이라면 --${leave} 옵션을 쓰세요.`,
        },
  );
}

const versions: Readonly<Record<string, TlsVersion>> = {
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  '1.2': 'TLSv1.2',
  '1.3': 'TLSv1.3',
};

function tlsChoices(parsed: Parsed): TlsChoices {
  const minVersion = versions[parsed.text('min-tls') ?? ''];
  const maxVersion = versions[parsed.text('max-tls') ?? ''];
  if (minVersion && maxVersion && minVersion > maxVersion) {
    throw wrong(
      {
        en: '--min-tls is higher than --max-tls',
        ko: '--min-tls와 --max-tls 사이에 남는 TLS 버전이 없습니다',
      },
      `--min-tls ${parsed.text('min-tls') ?? ''} --max-tls ${parsed.text('max-tls') ?? ''}`,
    );
  }
  const ciphers = parsed.text('ciphers');
  const alpn = protocolsOf(parsed, 'alpn');
  return defined({ minVersion, maxVersion, ciphers, alpn });
}

/** Protocol names, comma-separated. */
function protocolsOf(parsed: Parsed, option: string): readonly string[] | undefined {
  const text = parsed.text(option);
  if (text === undefined) return undefined;
  const protocols = text.split(',').map((one) => one.trim());
  if (protocols.some((one) => one === '' || Buffer.byteLength(one) > 255))
    throw wrong(
      { en: `--${option} contains no protocol name`, ko: `--${option}에 프로토콜 이름이 없습니다` },
      text,
      verbatim('h2,http/1.1'),
    );
  return protocols;
}

const timeoutNames = {
  'handshake-timeout': 'handshake',
  'connect-timeout': 'connect',
  'request-timeout': 'request',
  'response-timeout': 'response',
  'idle-timeout': 'idle',
  'close-timeout': 'close',
} as const satisfies Readonly<Record<string, keyof ProxyTimeouts>>;

function timeoutsOf(parsed: Parsed): ProxyTimeouts {
  return Object.fromEntries(
    Object.entries(timeoutNames).flatMap(([option, name]) => {
      const milliseconds = durationOf(parsed, option);
      return milliseconds === undefined ? [] : [[name, milliseconds]];
    }),
  );
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, '': 1000 };
const longestDuration = 24 * 3_600_000;

/** `500ms`, `10s`, `2m`, `1h`; a number alone is seconds. */
function durationOf(parsed: Parsed, option: string): number | undefined {
  const text = parsed.text(option);
  if (text === undefined) return undefined;
  const [, number, unit = ''] = /^(\d{1,9})(ms|s|m|h)?$/.exec(text) ?? [];
  const milliseconds = Number(number) * (units[unit] ?? Number.NaN);
  if (!(milliseconds > 0 && milliseconds <= longestDuration)) {
    throw wrong({ en: `invalid value for --${option}`, ko: `--${option} 값이 시간이 아닙니다` }, text, {
      en: 'a duration such as 500ms, 10s, 2m or 1h; more than 0, at most 24h',
      ko: '500ms, 10s, 2m, 1h 형식. 0보다 크고 24시간 이하',
    });
  }
  return milliseconds;
}

function numberOf<Name extends string>(
  parsed: Parsed,
  option: string,
  name: Name,
): Partial<Record<Name, number>> {
  const text = parsed.text(option);
  if (text === undefined) return {};
  if (!/^\d{1,6}$/.test(text) || Number(text) === 0)
    throw wrong(
      { en: `invalid value for --${option}`, ko: `--${option} 값이 연결 수가 아닙니다` },
      text,
      verbatim('1 … 999999'),
    );
  return { [name]: Number(text) } as Partial<Record<Name, number>>;
}
