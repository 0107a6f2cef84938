/** Where a tap connects to, how, and as whom: read from the user's configuration as client-go reads it. */
import { defined } from '../../../core/defined.ts';
import { withoutBrackets } from '../../../core/ip-version.ts';
import { safeText } from '../../../i18n/safe.ts';
import { UserError } from '../../../i18n/user-error.ts';
import type { UserConfig } from '../../../kube/kubectl/user-config.ts';
import { proxyFor, proxyOnTheWay } from '../../../kube/kubectl/proxy-variables.ts';
import { pemCertificates, toPem } from '../../../pki/keystore/pem.ts';
import { systemRoots } from '../../../pki/keystore/system-roots.ts';
import type { ProxyOptions } from '../../../proxy/proxy.ts';
import type { Identity, ProxyOnTheWay } from '../../../wire/endpoint.ts';

export interface TapTarget
  extends Pick<
    ProxyOptions['dial'],
    'to' | 'security' | 'authorities' | 'identity' | 'serverName' | 'verify' | 'through'
  > {
  /** Behind the address, for a server that shares one. */
  readonly path: string;
}

/**
 * @param given the certificate of a credential plugin
 * @throws UserError if the server's URL, its CA or the way to it cannot be used
 */
export function targetOf(
  config: UserConfig,
  given: Identity | undefined,
  variables: Readonly<Record<string, string | undefined>>,
): TapTarget {
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
  const to = { host: withoutBrackets(url.hostname), port: Number(url.port || (isTls ? 443 : 80)) };
  // As client-go: what stands in the configuration counts before what the plugin gives.
  const identity = config.identity ?? given;
  const named = config.authority === undefined ? undefined : pemCertificates(config.authority);
  if (named?.length === 0)
    throw new UserError({
      what: {
        en: 'certificate-authority has no certificate in PEM',
        ko: 'certificate-authority에 PEM 인증서가 없습니다',
      },
      where: config.where,
    });
  const ofVariables = proxyFor(url, variables);
  const proxy =
    config.proxy === undefined
      ? ofVariables && { url: ofVariables.value, where: ofVariables.name }
      : { url: config.proxy, where: config.where };
  return defined({
    to,
    path: url.pathname === '/' ? '' : url.pathname,
    security: !isTls ? ('plain' as const) : identity ? ('mtls' as const) : ('tls' as const),
    identity: isTls ? identity : undefined,
    authorities:
      named?.map((der) => toPem('CERTIFICATE', der)) ??
      (isTls && !config.insecure ? systemRoots(variables) : undefined),
    serverName: config.serverName,
    verify: config.insecure ? false : undefined,
    through: proxy && proxyOf(proxy.url, proxy.where),
  });
}

function proxyOf(proxy: string, where: string): ProxyOnTheWay {
  const found = proxyOnTheWay(proxy);
  // client-go judges one with TLS of its own by the cluster's CA.
  if (!found || found.tls)
    throw new UserError({
      what: {
        en: 'the proxy on the way to this cluster is not supported',
        ko: '이 클러스터로 가는 길의 프록시는 지원하지 않습니다',
      },
      where,
      expected: {
        en: 'http://HOST:PORT or socks5://HOST:PORT',
        ko: 'http://HOST:PORT 또는 socks5://HOST:PORT',
      },
      received: safeText(proxy.replace(/\/\/[^@/]*@/, '//…@')),
    });
  return found;
}
