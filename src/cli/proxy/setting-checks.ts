/** Refuses proxy options that contradict each other or have no effect. */
import type { Address } from '../../capture/event.ts';
import { localized, verbatim } from '../../i18n/language.ts';
import type { Localized, Pair } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import { UserError } from '../../i18n/user-error.ts';
import { isThrough, proxyKind, proxyKinds } from '../../proxy/kinds.ts';
import { pumps } from '../../proxy/pumps.ts';
import type { Security } from '../../wire/endpoint.ts';
import { hasRule } from '../../wire/tls/admission.ts';
import type { Parsed } from '../command.ts';
import { isLoopback } from '../io/loopback.ts';
import { where, wrong } from './setting-values.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { ipVersion } from '../../core/ip-version.ts';

/** Options of a TLS listener, and of one that requires client certificates. */
const listenerTls = ['cert', 'key', 'min-tls', 'max-tls', 'ciphers', 'alpn', 'starttls'] as const;
const listenerMutual = [
  'cacert',
  'crl',
  'allow-cn',
  'allow-ou',
  'allow-dns',
  'allow-uri',
  'reject',
  'allow-all',
] as const;
const verification = ['target-cacert', 'verify-cn', 'verify-ou', 'verify-dns', 'verify-uri'] as const;
const targetIdentity = ['target-cert', 'target-key'] as const;
const secondHopTls = [
  ...targetIdentity,
  ...verification,
  'override-server-name',
  'target-alpn',
  'target-starttls',
  'insecure',
] as const;

/** @throws UserError for the first of the options that was given: it would have no effect. */
function refuseIdle(
  parsed: Parsed,
  options: readonly string[],
  why: Pair,
  expected: (option: string) => string,
): void {
  const idle = options.find((option) => parsed.text(option) !== undefined || parsed.flag(option));
  if (idle !== undefined) throw withoutEffect(idle, localized(why), verbatim(expected(idle)));
}

/** `--http` relays HTTP/1.1 only. */
function refuseHttp2(
  parsed: Parsed,
  option: string,
  protocols: readonly string[] | undefined,
  [en, ko]: Pair,
): void {
  if (!protocols?.some((name) => /^h[23]/.test(name))) return;
  throw wrong(
    {
      en: `--http supports only HTTP/1.1: a ${en} that negotiated HTTP/2 could not communicate`,
      ko: `--http는 HTTP/1.1만 다룹니다. HTTP/2로 합의한 ${ko} 통신할 수 없습니다`,
    },
    `--${option} ${parsed.text(option) ?? ''}`,
    verbatim(`--${option} http/1.1`),
  );
}

export function checkListener(
  parsed: Parsed,
  { kind, pump, policy, reject, listener, routeFiles, onlyRoutes, tls, targetAlpn }: ProxySettings,
): void {
  if (pump === 'http') {
    refuseHttp2(parsed, 'alpn', tls.alpn, ['client', '클라이언트는']);
    refuseHttp2(parsed, 'target-alpn', targetAlpn, ['target', '서버와는']);
  }
  const { accepts } = proxyKinds[kind];
  if (accepts === 'plain')
    refuseIdle(
      parsed,
      [...listenerTls, ...listenerMutual],
      [`a ${kind} listener does not use TLS`, `${kind} 리스너는 TLS를 쓰지 않습니다`],
      () => '--mode tls, --mode mtls',
    );
  // Of several names with a certificate each, the first is shown to clients that request another one.
  else if (
    !onlyRoutes ||
    routeFiles.some((files) => files.listener === undefined) ||
    listener.cert !== undefined ||
    listener.key !== undefined
  ) {
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
  if (accepts === 'tls')
    refuseIdle(
      parsed,
      listenerMutual,
      [
        'a tls listener does not request client certificates',
        'tls 리스너는 클라이언트 인증서를 요구하지 않습니다',
      ],
      () => '--mode mtls',
    );
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
  const canParse = proxyKind(kind).pumps.includes('http');
  if (!canParse) {
    const { en, ko } = pumps.http.unfit(kind);
    refuseIdle(parsed, ['http'], [en, ko], () => '--mode tls --http');
  }
  if (pump !== 'http')
    refuseIdle(
      parsed,
      [...(pump === 'connect' ? [] : ['request-timeout']), 'response-timeout', 'idle-timeout'],
      ['without --http, requests are not parsed', '--http 없이는 요청을 구분하지 않습니다'],
      (option) => `${canParse ? '' : '--mode tls '}--http --${option}`,
    );
}

/** Of several targets, the one that needs the most decides which options have an effect. */
export function strongest(all: readonly Security[]): Security {
  return all.includes('mtls') ? 'mtls' : all.includes('tls') ? 'tls' : 'plain';
}

export function checkSecondHop(
  parsed: Parsed,
  { kind, secondHop: usual, routes, routeFiles, onlyRoutes, dialer, insecure, serverName }: ProxySettings,
): void {
  const secondHop = strongest([usual, ...routes.map(({ dial }) => dial.security)]);
  if (secondHop !== 'plain' && isThrough(kind)) {
    throw withoutEffect(
      'target-tls',
      { en: `a ${kind} proxy does not add TLS`, ko: `${kind} 프록시는 TLS를 더하지 않습니다` },
      verbatim('--mode plaintext --target-tls tls'),
    );
  }
  if (secondHop === 'plain')
    refuseIdle(
      parsed,
      secondHopTls,
      ['the connection to the target does not use TLS', '서버 쪽 연결에 TLS를 쓰지 않습니다'],
      () => '--target-tls tls',
    );
  if (secondHop === 'tls')
    refuseIdle(
      parsed,
      targetIdentity,
      [
        '--target-tls tls presents no client certificate to the target',
        '--target-tls tls에서는 서버에 인증서를 제시하지 않습니다',
      ],
      () => '--target-tls mtls',
    );
  const isNeeded =
    (!onlyRoutes && usual === 'mtls') ||
    routes.some(({ dial }, index) => dial.security === 'mtls' && routeFiles[index]?.dialer === undefined) ||
    dialer.cert !== undefined ||
    dialer.key !== undefined;
  if (secondHop === 'mtls' && isNeeded && dialer.cert === undefined)
    throw needs(
      '--target-cert FILE',
      '서버에 제시할 인증서를 --target-cert로 지정하세요',
      'missing --target-cert: mutual TLS presents a client certificate to the target',
    );
  if (secondHop === 'mtls' && isNeeded && dialer.key === undefined)
    throw needs(
      '--target-key FILE',
      '그 인증서의 개인 키를 --target-key로 지정하세요',
      'missing --target-key: the certificate needs its private key',
    );
  if (insecure)
    refuseIdle(
      parsed,
      verification,
      ['--insecure disables verification', '--insecure는 아무것도 검증하지 않습니다'],
      (option) => `--${option}`,
    );
  if (
    serverName !== undefined &&
    ipVersion(serverName) === 0 &&
    !/^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$/.test(serverName)
  ) {
    throw wrong(
      { en: 'invalid server name', ko: '서버 이름으로 쓸 수 없습니다' },
      `--override-server-name ${serverName}`,
      verbatim('shop.example'),
    );
  }
}

/** What precedes TLS, or the bytes of a connection. */
export function checkPrelude(parsed: Parsed, { pump, starttls, proxyHeader }: ProxySettings): void {
  const { client, target } = starttls;
  if (pump === 'http') {
    const named = client === undefined ? 'target-starttls' : 'starttls';
    if (client !== undefined || target !== undefined)
      throw wrong(
        {
          en: `--${named} and --http contradict each other: HTTP does not request TLS`,
          ko: `${josa(`--${named}`, '과/와')} --http는 함께 쓸 수 없습니다. HTTP에서는 TLS를 따로 요청하지 않습니다`,
        },
        `--http --${named} ${parsed.text(named) ?? ''}`,
      );
    if (proxyHeader.out !== undefined)
      throw wrong(
        {
          en: 'with --http, clients share connections to the server: a PROXY header could name only one of them',
          ko: '--http에서는 여러 클라이언트가 서버 연결을 함께 쓰므로 PROXY 헤더에 누구 하나만 적을 수 없습니다',
        },
        `--http --proxy-protocol ${parsed.text('proxy-protocol') ?? ''}`,
        {
          en: 'X-Forwarded-For, which --http sets, or no --http',
          ko: '--http가 설정하는 X-Forwarded-For, 또는 --http 없이',
        },
      );
  }
  if (client !== undefined && target !== undefined && client !== target)
    throw wrong(
      {
        en: 'client and server would speak two different protocols',
        ko: '클라이언트와 서버가 서로 다른 프로토콜을 쓰게 됩니다',
      },
      `--starttls ${client} --target-starttls ${target}`,
      verbatim(`--starttls ${client} --target-starttls ${client}`),
    );
  if (proxyHeader.out === undefined)
    refuseIdle(
      parsed,
      ['proxy-protocol-version'],
      ['no header is sent to the server', '서버에 보내는 헤더가 없습니다'],
      () => '--proxy-protocol out',
    );
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

export function keepToLoopback(parsed: Parsed, option: string, { host }: Address, leave: string): void {
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

export const needs = (option: string, ko: string, en: string): UserError =>
  new UserError({
    what: { en, ko },
    where,
    expected: verbatim(option),
    remedy: {
      en: 'Run ./wirelab proxy --help for options and examples.',
      ko: '옵션과 예: ./wirelab proxy --help',
    },
  });
