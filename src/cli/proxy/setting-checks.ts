/** Refuses proxy options that contradict each other or have no effect. */
import type { Address } from '../../capture/event.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { isThrough, proxyKinds } from '../../proxy/kinds.ts';
import { hasRule } from '../../wire/tls/admission.ts';
import type { Parsed } from '../command.ts';
import { isLoopback } from '../io/loopback.ts';
import { where, wrong } from './setting-values.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { isIP } from 'node:net';

/** Options of a TLS listener, and of one that requires client certificates. */
const listenerTls = ['cert', 'key', 'min-tls', 'max-tls', 'ciphers', 'alpn'] as const;

const listenerMutual = ['cacert', 'crl', 'allow-cn', 'allow-ou', 'allow-dns', 'allow-uri', 'reject'] as const;

const verification = ['target-cacert', 'verify-cn', 'verify-ou', 'verify-dns', 'verify-uri'] as const;

const secondHopTls = [...verification, 'override-server-name', 'target-alpn'] as const;

function given(parsed: Parsed, names: readonly string[]): string | undefined {
  return names.find((name) => parsed.text(name) !== undefined);
}

export function checkListener(
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

export function checkSecondHop(
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
