/**
 * Which proxy the variables of the environment name for a server, as programs in Go read them (golang.org/x/net/http/httpproxy):
 * HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case. This machine itself is always reached without.
 */
import { withoutBrackets } from '../../core/ip-version.ts';
import { BlockList, isIP } from 'node:net';
import type { ProxyOnTheWay } from '../../wire/endpoint.ts';

/**
 * @param exceptions `named`: only what NO_PROXY names is reached without a proxy; `own`: this machine itself too
 * @returns the variable and its value; undefined if the server is reached without a proxy
 */
export function proxyFor(
  server: URL,
  variables: Readonly<Record<string, string | undefined>>,
  exceptions: 'own' | 'named' = 'own',
): { readonly name: string; readonly value: string } | undefined {
  const isTls = server.protocol === 'https:';
  const names = isTls ? ['HTTPS_PROXY', 'https_proxy'] : ['HTTP_PROXY', 'http_proxy'];
  const name = names.find((one) => variables[one]);
  const value = name === undefined ? undefined : variables[name];
  if (name === undefined || value === undefined) return undefined;
  const host = withoutBrackets(server.hostname).toLowerCase();
  const port = server.port || (isTls ? '443' : '80');
  const isOwn = host === 'localhost' || isWithin(host, '127.0.0.0/8') || host === '::1';
  if (isOwn && exceptions === 'own') return undefined;
  const exempt = (variables['NO_PROXY'] || variables['no_proxy'] || '').split(',');
  if (exempt.some((one) => isExempt(one.trim().toLowerCase(), host, port))) return undefined;
  return { name, value: value.includes('://') ? value : `http://${value}` };
}

function isExempt(pattern: string, host: string, port: string): boolean {
  if (pattern === '') return false;
  if (pattern === '*') return true;
  if (pattern.includes('/')) return isWithin(host, pattern);
  const [, name = pattern, of] = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(pattern) ?? [];
  if (of !== undefined && of !== port) return false;
  const bare = withoutBrackets(name).replace(/^\*(?=\.)/, '');
  if (isIP(bare)) return isWithin(host, `${bare}/${isIP(bare) === 4 ? 32 : 128}`);
  return bare.startsWith('.') ? host.endsWith(bare) : host === bare || host.endsWith(`.${bare}`);
}

/** @param range of addresses, in CIDR notation; what is none contains nothing */
function isWithin(host: string, range: string): boolean {
  const [net = '', bits = ''] = range.split('/');
  const family = isIP(net);
  if (family === 0 || isIP(host) === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    return false;
  const list = new BlockList();
  list.addSubnet(net, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}

const spokenBy: Readonly<Record<string, 'http' | 'socks5'>> = {
  'http:': 'http',
  'https:': 'http',
  'socks5:': 'socks5',
  'socks5h:': 'socks5',
};

/** Reads `http://user:password@host:port`, `https://host`, `socks5://host`. @returns undefined for one that is not supported */
export function proxyOnTheWay(proxy: string): ProxyOnTheWay | undefined {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  const speaks = url && spokenBy[url.protocol];
  if (!speaks) return undefined;
  const { hostname, port, username, password } = url;
  const isTls = url.protocol === 'https:';
  return {
    host: withoutBrackets(hostname),
    port: Number(port || (speaks === 'http' ? (isTls ? 443 : 80) : 1080)),
    speaks,
    ...(isTls ? { tls: {} } : {}),
    ...(username === ''
      ? {}
      : { login: { user: decodeURIComponent(username), password: decodeURIComponent(password) } }),
  };
}
