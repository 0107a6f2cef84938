/**
 * What a proxy says about the client to the target: headers made from the connection's own record, and the list of
 * headers that are never taken over, because whoever sends them could claim to be anyone. Pure; used by `http-pump.ts`.
 */
import type { CertificateSummary } from '../capture/vocabulary.ts';
import type { Accepted } from '../wire/endpoint.ts';
import { isRemoteClaim } from './remote-user.ts';

/** Claims about a client that only a proxy may make: every header that begins so … */
const claimPrefixes: readonly string[] = [
  'x-forwarded',
  'x-ssl-',
  'ssl-',
  'x-tls-',
  'tls-',
  'x-envoy-',
  ...['cert', 'verify', 'dn', 'subject', 'issuer', 'fingerprint', 'san', 'chain'].flatMap((fact) => [`x-client-${fact}`, `client-${fact}`]),
];
/** … and these. */
const claims: ReadonlySet<string> = new Set([
  'forwarded',
  'x-real-ip',
  'client-ip',
  'x-client-ip',
  'true-client-ip',
  'x-cluster-client-ip',
  'x-original-client-ip',
  'fastly-client-ip',
  'cf-connecting-ip',
]);

/** RFC 9110 section 7.6.1, and the older ones that it names. `transfer-encoding` is set anew by who frames the body. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** What frames or routes a message; and all that belongs to one hop. */
const framing: ReadonlySet<string> = new Set([...hopByHop, 'content-length', 'host', 'expect']);

/** Whether a header claims what only the proxy knows. Underscores count as hyphens, as CGI and its heirs read them. */
export function isForwardingClaim(name: string): boolean {
  const plain = name.toLowerCase().replaceAll('_', '-');
  return claims.has(plain) || isRemoteClaim(plain) || claimPrefixes.some((prefix) => plain.startsWith(prefix));
}

export type Header = readonly [name: string, value: string];

/** Name and value pairs from node's `rawHeaders`. */
export function headerPairs(rawHeaders: readonly string[]): Header[] {
  const pairs: Header[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) pairs.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  return pairs;
}

/** Names, in lower case, of the headers that are meant for this hop alone: the known ones, and those that `Connection` nominates. */
export function hopByHopNames(headers: readonly Header[]): ReadonlySet<string> {
  const nominated = headers.filter(([name]) => name.toLowerCase() === 'connection').flatMap(([, value]) => value.toLowerCase().split(','));
  const names = new Set([...hopByHop, ...nominated.map((token) => token.trim())]);
  // Nominating these would unframe or reroute the message.
  names.delete('content-length');
  names.delete('host');
  return names;
}

/** The client's headers that travel on, in their order and spelling: neither claims, nor meant for this hop alone. */
export function forwardableHeaders(headers: readonly Header[]): Header[] {
  const hopByHop = hopByHopNames(headers);
  return headers.filter(([name]) => {
    const plain = name.toLowerCase();
    // `Content_Length` is none, but whoever reads underscores as hyphens takes it for one.
    if (plain.includes('_') && framing.has(plain.replaceAll('_', '-'))) return false;
    // `Expect: 100-continue` has been answered by this proxy already.
    return plain !== 'expect' && !hopByHop.has(plain) && !isForwardingClaim(plain);
  });
}

/** The headers that this proxy answers for. `host` is the request's own Host header. */
export function forwardingHeaders(accepted: Accepted, host: string | undefined): Header[] {
  const { remote, local, security, peer } = accepted;
  return [
    ['X-Forwarded-For', remote.host],
    ['X-Forwarded-Proto', security === 'plain' ? 'http' : 'https'],
    ...(host === undefined ? [] : [['X-Forwarded-Host', host] as const]),
    ['X-Forwarded-Port', String(local.port)],
    ...(security === 'mtls' && peer ? [['X-Forwarded-Client-Cert', clientCertificateHeader(peer)] as const] : []),
  ];
}

/** Envoy's x-forwarded-client-cert: `Hash=…;Subject="…";URI=…;DNS=…`. */
export function clientCertificateHeader(peer: CertificateSummary): string {
  const names = (kind: string): string[] => peer.san.filter((name) => name.startsWith(`${kind}:`)).map((name) => name.slice(kind.length + 1));
  return [
    `Hash=${peer.sha256}`,
    `Subject=${quoted(peer.subject)}`,
    ...names('URI').map((name) => `URI=${quotedIfNeeded(name)}`),
    ...names('DNS').map((name) => `DNS=${quotedIfNeeded(name)}`),
  ].join(';');
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '\\"')}"`;
}

function quotedIfNeeded(text: string): string {
  return /[,;="]/.test(text) ? quoted(text) : escaped(text);
}

/** A header carries ASCII; every other byte is written as RFC 4514 section 2.4 writes it in hex: `\EA\B9\80`. */
function escaped(text: string): string {
  let result = '';
  for (const byte of Buffer.from(text)) {
    result += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return result;
}
