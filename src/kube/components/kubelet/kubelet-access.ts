/**
 * Authenticates and authorizes the clients of a kubelet (kubernetes/pkg/kubelet/server/auth.go,
 * `--authentication-token-webhook`, `--authorization-mode=Webhook`, anonymous off, as kubeadm sets it): certificates of
 * the cluster's CA are verified here, tokens by the API server (TokenReview). The API server authorizes them
 * (SubjectAccessReview), for `nodes/proxy` and related resources.
 *
 * 1. An invalid certificate, or no credentials, is a 401; the reason is only logged by the kubelet.
 * 2. The API server's decisions are cached: allowed for five minutes, denied for half a minute, a token for two
 *    minutes. A revoked right ends that late.
 * 3. The cache is limited in callers; the oldest are dropped first.
 */
import type { Dictionary } from '../../../core/dictionary.ts';
import { defined } from '../../../core/defined.ts';
import { createHash } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import type { Localized } from '../../../i18n/language.ts';
import { pemCertificates } from '../../../pki/keystore/pem.ts';
import type { ApiClient } from '../api-client.ts';
import type { User } from '../../apiserver/attributes.ts';
import { prepareAuthentication } from '../../authn/authentication.ts';
import { requestHeaders } from '../../apiserver/headers.ts';
import { isJsonObject, listAt, objectAt, textAt, valueAt } from '../../objects/json.ts';
import { ask } from '../asking.ts';

/** What a path of the kubelet is to the authorizer: a verb and a part of the node. */
export interface Wanted {
  readonly verb: string;
  readonly subresource: string;
}

const verbs: Dictionary<string> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
/** Everything else is `proxy`. */
const parts: Dictionary<string> = {
  stats: 'stats',
  metrics: 'metrics',
  logs: 'log',
  spec: 'spec',
  checkpoint: 'checkpoint',
};

export function wantedOf(method: string, path: string): Wanted {
  const [, first = ''] = path.split('/');
  return {
    verb: (Object.hasOwn(verbs, method) ? verbs[method] : undefined) ?? method.toLowerCase(),
    subresource: (Object.hasOwn(parts, first) ? parts[first] : undefined) ?? 'proxy',
  };
}

export type Caller = { readonly user: User } | { readonly why: Localized };

const minute = 60_000;
const kept = { callers: 1_000, allowed: 5 * minute, denied: minute / 2, token: 2 * minute } as const;

export interface AccessOptions {
  /** PEM of the CAs whose client certificates are believed. */
  readonly clientAuthorities: readonly string[];
  /** With which the API server is asked. */
  readonly client: ApiClient;
  readonly node: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
}

export class KubeletAccess {
  readonly #options: AccessOptions;
  readonly #authenticate: ReturnType<typeof prepareAuthentication>;
  readonly #callers: Remembered<Caller>;
  readonly #answers: Remembered<boolean>;

  /** @throws UserError when a CA cannot be read. */
  constructor(options: AccessOptions) {
    this.#options = options;
    this.#authenticate = prepareAuthentication({
      clientAuthorities: options.clientAuthorities.flatMap(pemCertificates),
      anonymous: false,
    });
    this.#callers = new Remembered(kept.callers, options.clock);
    this.#answers = new Remembered(kept.callers, options.clock);
  }

  /** @throws what `ask` throws, for a token. */
  async who(presented: readonly Uint8Array[], rawHeaders: readonly string[]): Promise<Caller> {
    const found = this.#authenticate({ chain: presented, headers: new Map() }, this.#options.clock.now());
    if (found.outcome === 'authenticated') return { user: found.user };
    const [scheme = '', token = ''] = (requestHeaders(rawHeaders).get('authorization')?.[0] ?? '')
      .trim()
      .split(' ');
    if (scheme.toLowerCase() === 'bearer' && token !== '') return this.#reviewed(token);
    const [first] = found.faults;
    return { why: first?.words ?? { en: 'no valid credentials', ko: '알 수 없음' } };
  }

  /** @throws what `ask` throws. */
  async may(user: User, { verb, subresource }: Wanted): Promise<boolean> {
    const { client, node, signal } = this.#options;
    const resourceAttributes = { verb, version: 'v1', resource: 'nodes', subresource, name: node };
    const spec = {
      user: user.name,
      groups: [...user.groups],
      ...defined({ uid: user.uid, extra: user.extra }),
      resourceAttributes,
    };
    return this.#answers.get(digest(JSON.stringify(spec)), async () => {
      const review = await ask(client, 'POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', signal, {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec,
      });
      const value = valueAt(review, 'status', 'allowed') === true;
      return { value, during: value ? kept.allowed : kept.denied };
    });
  }

  async #reviewed(token: string): Promise<Caller> {
    const { client, signal } = this.#options;
    return this.#callers.get(digest(token), async () => {
      const review = await ask(client, 'POST', '/apis/authentication.k8s.io/v1/tokenreviews', signal, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token },
      });
      const name = textAt(review, 'status', 'user', 'username');
      const isKnown = valueAt(review, 'status', 'authenticated') === true && name !== '';
      const value: Caller = isKnown
        ? { user: userOf(objectAt(review, 'status', 'user'), name) }
        : { why: { en: 'the API server does not accept the token', ko: 'API 서버가 모르는 토큰입니다' } };
      return { value, during: kept.token };
    });
  }
}

const textsOf = (values: readonly unknown[]): string[] =>
  values.filter((one): one is string => typeof one === 'string');

function userOf(info: unknown, name: string): User {
  const uid = textAt(info, 'uid');
  const extra = objectAt(info, 'extra');
  return {
    name,
    groups: textsOf(listAt(info, 'groups')),
    ...defined({
      uid: uid || undefined,
      extra:
        isJsonObject(extra) && Object.keys(extra).length > 0
          ? Object.fromEntries(Object.keys(extra).map((key) => [key, textsOf(listAt(extra, key))]))
          : undefined,
    }),
  };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64');

/** A limited cache of answers with a lifetime. Concurrent queries for the same key share one answer. */
class Remembered<T> {
  readonly #most: number;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #answers = new Map<string, { readonly value: Promise<T>; until: number }>();

  constructor(most: number, clock: Pick<Clock, 'now'>) {
    this.#most = most;
    this.#clock = clock;
  }

  async get(key: string, find: () => Promise<{ readonly value: T; readonly during: number }>): Promise<T> {
    const known = this.#answers.get(key);
    if (known && this.#clock.now() < known.until) return known.value;
    this.#answers.delete(key);
    const finding = find();
    const answer = { value: finding.then(({ value }) => value), until: Number.POSITIVE_INFINITY };
    this.#answers.set(key, answer);
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= this.#most) break;
      this.#answers.delete(oldest);
    }
    try {
      answer.until = this.#clock.now() + (await finding).during;
    } catch (error) {
      // What could not be asked is asked again.
      if (this.#answers.get(key) === answer) this.#answers.delete(key);
      answer.value.catch(() => {});
      throw error;
    }
    return answer.value;
  }
}
