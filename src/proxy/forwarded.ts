/**
 * Sets the headers that inform the target about the client, from the connection's own record, and lists the headers
 * that are never forwarded, because any client could forge them. Pure; used by `http-pump.ts`.
 */
import type { CertificateSummary } from '../capture/vocabulary.ts';
import type { Accepted } from '../wire/endpoint.ts';
import type { Header } from './header.ts';
import { isRemoteClaim } from './remote-user.ts';

/**
 * Claims about a client that only a proxy may make, in lower case, with a hyphen for every character that is not a
 * letter or digit. A name that ends in a hyphen or in `*` is a prefix. A target may trust any of them: each is trusted
 * by some software. Not included are credentials that the client presents itself (Authorization, X-Auth-Token,
 * X-Api-Key) and what the target checks itself (Impersonate-User).
 */
export const claims: readonly { readonly why: string; readonly names: readonly string[] }[] = [
  {
    why: 'the address, host or scheme that the client spoke from or to (RFC 7239, and what was there before it)',
    names: [
      'forwarded',
      'x-forwarded*',
      'forwarded-*',
      'x-original-forwarded-for',
      'x-envoy-',
      'x-real-*',
      'real-ip',
      'client-ip',
      'x-client-ip',
      'true-client-ip',
      'x-true-client-ip',
      'x-cluster-client-ip',
      'x-original-client-ip',
      'x-originating-ip',
      'x-proxyuser-ip',
      'x-proxy-client-ip',
      'proxy-client-ip',
      'x-host',
      'x-http-host-override',
      'x-scheme',
      'x-url-scheme',
      'front-end-https',
      'x-https',
    ],
  },
  {
    why: 'the same, as clouds and content delivery networks send it to their origins',
    names: [
      'cf-connecting-',
      'cf-pseudo-ipv4',
      'cf-ipcountry',
      'cf-visitor',
      'cloudfront-',
      'fastly-client*',
      'fly-client-',
      'fly-forwarded-',
      'akamai-',
      'x-akamai-',
      'x-azure-*',
      'x-appengine-',
      'x-vercel-',
      'x-nf-',
      'do-connecting-ip',
      'x-gateway-',
      'x-ms-forwarded-',
      'x-arr-',
      'x-amzn-tls-',
    ],
  },
  {
    why: 'the certificate of the client and its verification result (RFC 9440; nginx, Apache, HAProxy, Envoy, IIS, AWS, WebLogic, WebSphere)',
    names: [
      'x-ssl-',
      'ssl-',
      'x-tls-',
      'tls-',
      'x-mtls-',
      'mtls-',
      'x-amzn-mtls-',
      'x-arr-clientcert',
      'cf-client-cert*',
      'cf-cert-',
      'wl-proxy-',
      '-ws*',
      'x-clientcert*',
      'clientcert*',
      'x-cert-',
      'x-certificate-',
      'x-peer-cert*',
      'x-spiffe-',
      ...['cert', 'verify', 'dn', 'subject', 'issuer', 'fingerprint', 'san', 'chain', 'serial'].flatMap(
        (fact) => [`x-client-${fact}*`, `client-${fact}*`],
      ),
      'x-subject-dn',
      'x-issuer-dn',
      'x-dn',
      'x-verify',
    ],
  },
  {
    why: 'the user’s identity, as the login service reports it to the target: servers, gateways, single sign-on',
    names: [
      'x-remote-',
      'remote-',
      'x-authenticated*',
      'authenticated-*',
      'x-auth-request-',
      'x-auth-user*',
      'x-auth-email',
      'x-auth-groups',
      'x-auth-roles',
      'auth-user',
      'auth-type',
      'x-webauth-',
      'x-proxy-user',
      'x-proxy-remote-user',
      'proxy-user',
      'x-user',
      'x-username',
      'x-user-id',
      'x-userid',
      'x-user-name',
      'x-user-email',
      'x-user-groups',
      'x-user-roles',
      'x-userinfo',
      'x-consumer-',
      'x-credential-',
      'x-anonymous-consumer',
      'x-authentik-',
      'x-pomerium-',
      'x-vouch-',
      'x-ms-client-principal*',
      'x-ms-token-',
      'x-amzn-oidc-',
      'x-goog-authenticated-user-',
      'x-goog-iap-',
      'x-endpoint-api-userinfo',
      'x-apigateway-api-userinfo',
      'cf-access-',
      'oidc-',
      'x-oidc-',
      'x-saml-',
      'shib-',
      'eppn',
      'mellon-',
      'cas-user',
      'iv-*',
      'sm-user*',
      'sm-universalid',
      'sm-auth*',
      'oam-',
      'osso-',
      'x-tailscale-',
      'tailscale-user-',
    ],
  },
  {
    why: 'a path other than the one that was requested and checked (IIS, Symfony, nginx)',
    names: ['x-original-*', 'x-rewrite-', 'x-override-url'],
  },
  {
    why: 'the proxy that a CGI program uses for its own requests: it arrives as HTTP_PROXY',
    names: ['proxy'],
  },
];

const exactClaims: ReadonlySet<string> = new Set(
  claims.flatMap(({ names }) => names).filter((name) => !/[*-]$/.test(name)),
);
const claimsThatBegin = new RegExp(
  `^(?:${claims
    .flatMap(({ names }) => names)
    .filter((name) => /[*-]$/.test(name))
    .map((name) => name.replace('*', ''))
    .join('|')})`,
);

/** RFC 9110 section 7.6.1, and its predecessors. `transfer-encoding` is set again when the body is framed. */
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

/** Headers that frame or route a message, and all hop-by-hop headers. */
const framing: ReadonlySet<string> = new Set([...hopByHop, 'content-length', 'host', 'expect']);

/**
 * Whether a header claims something that only the proxy knows. Every character that is not a letter or digit counts as
 * a hyphen: CGI and its successors (RFC 3875 section 4.1.18) read `X.Forwarded.For` and `X_Forwarded_For` as one name.
 */
export function isForwardingClaim(name: string): boolean {
  const plain = plainName(name);
  return exactClaims.has(plain) || isRemoteClaim(plain) || claimsThatBegin.test(plain);
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-');
}

/** Name and value pairs from node's `rawHeaders`. */
export function headerPairs(rawHeaders: readonly string[]): Header[] {
  const pairs: Header[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    pairs.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  return pairs;
}

/** Lower-case names of the headers for this hop only: the known ones, and those that `Connection` nominates. */
export function hopByHopNames(headers: readonly Header[]): ReadonlySet<string> {
  const nominated = headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.toLowerCase().split(','));
  const names = new Set([...hopByHop, ...nominated.map((token) => token.trim())]);
  // Nominating these would remove the message's framing or routing.
  names.delete('content-length');
  names.delete('host');
  return names;
}

/** The client's headers that are forwarded, in their order and spelling: neither claims nor hop-by-hop. */
export function forwardableHeaders(headers: readonly Header[]): Header[] {
  const hopByHop = hopByHopNames(headers);
  return headers.filter(([name]) => {
    const plain = name.toLowerCase();
    // `Content_Length` frames nothing, but a CGI-style reader takes it for Content-Length.
    const read = plainName(name);
    if (read !== plain && framing.has(read)) return false;
    // This proxy has already answered `Expect: 100-continue`.
    return plain !== 'expect' && !hopByHop.has(plain) && !isForwardingClaim(plain);
  });
}

/** The headers that this proxy sets. `host` is the request's own Host header. */
export function forwardingHeaders(accepted: Accepted, host: string | undefined): Header[] {
  const { remote, local, security, peer } = accepted;
  return [
    ['X-Forwarded-For', remote.host],
    ['X-Forwarded-Proto', security === 'plain' ? 'http' : 'https'],
    ...(host === undefined ? [] : [['X-Forwarded-Host', host] as const]),
    ['X-Forwarded-Port', String(local.port)],
    ...(security === 'mtls' && peer
      ? [['X-Forwarded-Client-Cert', clientCertificateHeader(peer)] as const]
      : []),
  ];
}

/** Envoy's x-forwarded-client-cert: `Hash=…;Subject="…";URI=…;DNS=…`. */
export function clientCertificateHeader(peer: CertificateSummary): string {
  const names = (kind: string): string[] =>
    peer.san.filter((name) => name.startsWith(`${kind}:`)).map((name) => name.slice(kind.length + 1));
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

/** A header carries ASCII; every other byte is escaped in hex as in RFC 4514 section 2.4: `\EA\B9\80`. */
function escaped(text: string): string {
  let result = '';
  for (const byte of Buffer.from(text)) {
    result +=
      byte >= 0x20 && byte < 0x7f
        ? String.fromCharCode(byte)
        : `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return result;
}
