/**
 * Authenticates requests (k8s.io/apiserver, authentication): from certificates and headers to a user, or a 401 with the
 * reasons for the server's log. Pure: the clock is an argument. `rbac.ts` authorizes; `impersonation.ts` decides on
 * impersonation.
 *
 * 1. The first successful method decides, in this order: request headers (for a front proxy only), x509, bearer token.
 * 2. Each pool of CAs is separate. A certificate of the front proxy's CA is not a user, and one of the cluster's CA
 *    cannot set user headers.
 * 3. Requests without credentials are anonymous. An invalid certificate or token is a 401, even if another credential
 *    is valid.
 * 4. Stricter than kube-apiserver: a certificate needs exactly one common name.
 */
import { defined } from '../../core/defined.ts';
import { sha256Hex } from '../../core/sha256.ts';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { safeText } from '../../i18n/safe.ts';
import { josa } from '../../i18n/josa.ts';
import type { User } from '../apiserver/attributes.ts';
import { verifyClient } from './client-certificate.ts';
import { extraOf } from '../apiserver/headers.ts';
import type { RequestHeaders } from '../apiserver/headers.ts';
import type { KubeObject } from '../objects/objects.ts';
import type { ServiceAccountToken, TokenFault, VerifyToken } from './service-account-tokens.ts';

export interface BootstrapToken {
  /** Six characters of a-z and 0-9: public. */
  readonly id: string;
  /** Sixteen of them. */
  readonly secret: string;
  /** In addition to system:bootstrappers. */
  readonly groups: readonly string[];
  /** Milliseconds since the epoch; invalid from then on. */
  readonly expiration?: number;
}

export interface AuthenticationPools {
  /** The cluster's CAs, DER: `--client-ca-file`. */
  readonly clientAuthorities: readonly Uint8Array[];
  /** `--requestheader-client-ca-file` and `--requestheader-allowed-names` (none: any name). */
  readonly frontProxy?: {
    readonly authorities: readonly Uint8Array[];
    readonly allowedNames: readonly string[];
  };
  /** The current ones; called for each token. */
  readonly bootstrapTokens?: () => Iterable<BootstrapToken>;
  /** Verifies service account tokens; without it none are accepted. */
  readonly serviceAccountTokens?: VerifyToken;
  /** `--anonymous-auth`; true by default. */
  readonly anonymous?: boolean;
}

export interface Credentials {
  /** DER, leaf first, as received by TLS; empty if no certificate was presented. */
  readonly chain: readonly Uint8Array[];
  readonly headers: RequestHeaders;
}

export type AuthenticationMethod = 'request-header' | 'x509' | 'bearer-token' | 'anonymous';

export interface AuthenticationFault {
  readonly method: AuthenticationMethod;
  readonly reason:
    | RefusalReason
    | 'name_not_allowed'
    | 'common_name_missing'
    | 'common_name_ambiguous'
    | 'token_unknown'
    | 'token_bound_object_gone'
    | 'anonymous_not_allowed'
    | TokenFault['reason'];
  readonly words: Localized;
}

export type Authentication =
  | {
      readonly outcome: 'authenticated';
      readonly user: User;
      readonly method: AuthenticationMethod;
      /** The objects that a token depends on, which must still be checked for existence. */
      readonly token?: Omit<ServiceAccountToken, 'user'>;
    }
  | {
      readonly outcome: 'unauthorized';
      /** At least one. */
      readonly faults: readonly AuthenticationFault[];
    };

export const wellKnown = {
  authenticated: 'system:authenticated',
  unauthenticated: 'system:unauthenticated',
  anonymous: 'system:anonymous',
} as const;

type Attempt =
  | { readonly user: User; readonly token?: Omit<ServiceAccountToken, 'user'> }
  | AuthenticationFault
  | undefined;
type Authenticator = readonly [
  method: AuthenticationMethod,
  attempt: (credentials: Credentials, at: number, audiences: readonly string[] | undefined) => Attempt,
];

/**
 * Parses the CAs once and returns the authenticator; `at` is in milliseconds since the epoch, `audiences` restricts
 * tokens to those audiences instead of the API server.
 * @throws UserError if a CA cannot be read.
 */
export function prepareAuthentication(
  pools: AuthenticationPools,
): (credentials: Credentials, at: number, audiences?: readonly string[]) => Authentication {
  const clients = pools.clientAuthorities.map(readAuthority);
  const proxies = pools.frontProxy?.authorities.map(readAuthority) ?? [];
  const allowedNames = pools.frontProxy?.allowedNames ?? [];
  const authenticators: readonly Authenticator[] = [
    [
      'request-header',
      (credentials, at) =>
        proxies.length === 0 ? undefined : byRequestHeader(credentials, proxies, allowedNames, at),
    ],
    ['x509', ({ chain }, at) => (chain.length === 0 ? undefined : byCertificate(chain, clients, at))],
    ['bearer-token', ({ headers }, at, audiences) => byToken(headers, pools, at, audiences)],
  ];
  return (credentials, at, audiences) => {
    const faults: AuthenticationFault[] = [];
    for (const [method, attempt] of authenticators) {
      const result = attempt(credentials, at, audiences);
      if (result && 'user' in result)
        return { outcome: 'authenticated', ...result, user: withAuthenticated(result.user), method };
      if (result) faults.push(result);
    }
    if (faults.length > 0) return { outcome: 'unauthorized', faults: tellingFaults(faults) };
    if (pools.anonymous ?? true)
      return {
        outcome: 'authenticated',
        user: { name: wellKnown.anonymous, groups: [wellKnown.unauthenticated] },
        method: 'anonymous',
      };
    const words = {
      en: 'no certificate and no token, and anonymous requests are not allowed',
      ko: '인증서도 토큰도 없으며 익명 요청은 허용되지 않습니다',
    };
    return {
      outcome: 'unauthorized',
      faults: [{ method: 'anonymous', reason: 'anonymous_not_allowed', words }],
    };
  };
}

/**
 * One fault per certificate: that it is not the front proxy's is not worth reporting, and its own defect is reported
 * once. The x509 fault takes precedence.
 */
function tellingFaults(faults: readonly AuthenticationFault[]): readonly AuthenticationFault[] {
  const reasons = new Set(faults.filter(({ method }) => method === 'x509').map(({ reason }) => reason));
  return faults.filter(
    ({ method, reason }) => method !== 'request-header' || (reason !== 'unknown_ca' && !reasons.has(reason)),
  );
}

function readAuthority(der: Uint8Array): Certificate {
  const step = readCertificate(der);
  if ('got' in step) return step.got;
  throw new UserError({
    what: { en: 'a CA’s certificate cannot be read', ko: 'CA 인증서를 읽을 수 없습니다' },
  });
}

function withAuthenticated(user: User): User {
  const known: readonly string[] = [wellKnown.authenticated, wellKnown.unauthenticated];
  if (user.name === wellKnown.anonymous || user.groups.some((group) => known.includes(group))) return user;
  return { ...user, groups: [...user.groups, wellKnown.authenticated] };
}

const valuesOf = (certificate: Certificate, type: string): string[] =>
  certificate.subject.attributes.filter((one) => one.type === type && !one.encoded).map((one) => one.value);

/**
 * As kube-apiserver sends it to extension servers: the name in X-Remote-User, groups in X-Remote-Group, the rest in
 * X-Remote-Extra-.
 */
function byRequestHeader(
  { chain, headers }: Credentials,
  proxies: readonly Certificate[],
  allowedNames: readonly string[],
  at: number,
): Attempt {
  if (chain.length === 0) return undefined;
  const verified = verifyClient(chain, proxies, at);
  if (!('leaf' in verified)) return { method: 'request-header', ...verified };
  const name = valuesOf(verified.leaf, 'CN').at(-1) ?? '';
  if (allowedNames.length > 0 && !allowedNames.includes(name)) {
    const shown = safeText(name);
    return {
      method: 'request-header',
      reason: 'name_not_allowed',
      words: {
        en: `CN=${shown} may not act for other users: not in the list of front proxies`,
        ko: `CN=${josa(shown, '은/는')} 프런트 프록시 목록에 없어 다른 사용자를 대신할 수 없습니다`,
      },
    };
  }
  const user = headers.get('x-remote-user')?.[0] ?? '';
  if (user === '') return undefined;
  const extra = extraOf(headers, 'x-remote-extra-');
  const uid = headers.get('x-remote-uid')?.[0] ?? '';
  return {
    user: {
      name: user,
      ...defined({ uid: uid || undefined }),
      groups: headers.get('x-remote-group') ?? [],
      ...(Object.keys(extra).length > 0 ? { extra } : {}),
    },
  };
}

/** CN is the name, each O a group. The certificate's digest is added, so that an audit can identify it. */
function byCertificate(chain: readonly Uint8Array[], clients: readonly Certificate[], at: number): Attempt {
  const verified = verifyClient(chain, clients, at);
  if (!('leaf' in verified)) return { method: 'x509', ...verified };
  const names = verified.leaf.subject.attributes.filter(({ type }) => type === 'CN');
  const [name] = names;
  if (!name || name.encoded || name.value === '') {
    return {
      method: 'x509',
      reason: 'common_name_missing',
      words: {
        en: 'the certificate contains no user name: it has no common name (CN)',
        ko: '인증서에 사용자 이름이 없습니다. 일반 이름(CN)이 비어 있습니다',
      },
    };
  }
  if (names.length > 1) {
    return {
      method: 'x509',
      reason: 'common_name_ambiguous',
      words: {
        en: `the certificate has ${names.length} common names (CN)`,
        ko: `인증서에 일반 이름(CN)이 ${names.length}개 있습니다`,
      },
    };
  }
  const digest = sha256Hex(verified.leaf.der);
  return {
    user: {
      name: name.value,
      groups: valuesOf(verified.leaf, 'O'),
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${digest}`] },
    },
  };
}

/** RFC 6750 section 2.1. Other schemes are ignored. */
function byToken(
  headers: RequestHeaders,
  pools: AuthenticationPools,
  at: number,
  audiences: readonly string[] | undefined,
): Attempt {
  const [scheme = '', token = ''] = (headers.get('authorization')?.[0] ?? '').trim().split(' ');
  if (scheme.toLowerCase() !== 'bearer' || token === '') return undefined;
  const ofAccount = pools.serviceAccountTokens?.(token, at, audiences);
  if (ofAccount && 'user' in ofAccount) {
    const { user, ...rest } = ofAccount;
    return { user, token: rest };
  }
  if (ofAccount) return { method: 'bearer-token', ...ofAccount };
  const [, id = '', secret = ''] = tokenForm.exec(token) ?? [];
  for (const known of pools.bootstrapTokens?.() ?? []) {
    if (known.id !== id || !sameSecret(known.secret, secret)) continue;
    if (known.expiration !== undefined && at >= known.expiration) {
      return {
        method: 'bearer-token',
        reason: 'token_expired',
        words: {
          en: `the bootstrap token ${id} has expired`,
          ko: `부트스트랩 토큰 ${josa(id, '이/가')} 만료되었습니다`,
        },
      };
    }
    return { user: { name: `system:bootstrap:${id}`, groups: [bootstrappers, ...known.groups] } };
  }
  return {
    method: 'bearer-token',
    reason: 'token_unknown',
    words: { en: 'invalid bearer token', ko: '유효하지 않은 베어러(bearer) 토큰입니다' },
  };
}

const tokenForm = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const bootstrappers = 'system:bootstrappers';

/** In constant time; the digests make the lengths equal. */
function sameSecret(left: string, right: string): boolean {
  const [one, other] = [left, right].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

/**
 * The token in a Secret of type bootstrap.kubernetes.io/token (values in base64); undefined if it is not usable for
 * that.
 */
export function bootstrapTokenOf(
  secret: KubeObject,
  usage: 'authentication' | 'signing' = 'authentication',
): BootstrapToken | undefined {
  const { data } = secret;
  if (secret['type'] !== 'bootstrap.kubernetes.io/token' || typeof data !== 'object' || data === null)
    return undefined;
  const field = (name: string): string => {
    const value: unknown = Object.hasOwn(data, name) ? (data as Record<string, unknown>)[name] : undefined;
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString() : '';
  };
  const [id, token] = [field('token-id'), field('token-secret')];
  if (!tokenForm.test(`${id}.${token}`) || field(`usage-bootstrap-${usage}`) !== 'true') return undefined;
  if (secret.metadata.name !== `bootstrap-token-${id}`) return undefined;
  const groups = field('auth-extra-groups')
    .split(',')
    .filter((group) => group !== '');
  if (!groups.every((group) => groupForm.test(group))) return undefined;
  const expiration = field('expiration');
  const ends = expiration === '' ? undefined : Date.parse(expiration);
  // An unreadable date counts as expired.
  return {
    id,
    secret: token,
    groups,
    ...(ends === undefined ? {} : { expiration: Number.isNaN(ends) ? 0 : ends }),
  };
}

const groupForm = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;
