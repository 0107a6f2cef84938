/**
 * What an API server asks of the rules: who a caller is, whether he may, and what a kind demands beyond its shape. The
 * server in `server.ts` knows no rule by itself; this file has the words, and a default that permits everything.
 *
 * 1. Every hook may throw an `ApiFailure`; it becomes the answer. Anything else that is thrown is a fault of ours (500).
 * 2. A hook never changes what it is given.
 */
import type { Address } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Attributes, Authorize, User } from './attributes.ts';
import { ApiFailure } from '../objects/objects.ts';
import type { KubeObject } from '../objects/objects.ts';

/** What is known of a connection before its first request. */
export interface ConnectionFacts {
  readonly remote: Address;
  /** The certificates that the client presented, leaf first, each in DER; unverified, and empty when it presented none. */
  readonly presented: readonly Uint8Array[];
}

/** Who asks; or why nobody can be told to (answered 401, without the reason: that is for the server's own log). */
export type Authentication =
  | {
      readonly user: User;
      /** Who acts as that user. */
      readonly impersonator?: User;
    }
  | { readonly rejected: Rejection };

export interface Rejection {
  /** A name for programs: `unknown_ca`, `token_unknown`. */
  readonly reason: string;
  readonly words: Localized;
}

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

type ResourceAttributes = Extract<Attributes, { resource: string }>;

/** A write that has been authorized and has not been done. */
export interface Change {
  readonly operation: Operation;
  readonly attributes: ResourceAttributes;
  /** As it shall be; for DELETE what it is. Its defaults are set, its metadata belongs to the server already. */
  readonly object: KubeObject;
  /** What it is now; absent for CREATE. */
  readonly old?: KubeObject;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Rules for one resource, asked before admission. Each gives back the object as it shall be stored. */
export interface Behaviour {
  /** A new object: what the server fills in, and what it refuses. */
  readonly create?: (change: Change) => Promise<KubeObject> | KubeObject;
  /** By subresource, the empty one for the object itself: which parts of the new object count, and what is refused. */
  readonly update?: Readonly<
    Record<string, (change: Change & { readonly old: KubeObject }) => Promise<KubeObject> | KubeObject>
  >;
}

/** What answers a virtual resource, one that is never stored: the posted object with its status. */
export type Review = (posted: KubeObject, user: User) => Promise<KubeObject> | KubeObject;

/** To what something is posted that is no object of its own (`serviceaccounts/NAME/token`), and by whom. */
export interface PostTarget {
  readonly namespace: string;
  readonly name: string;
  readonly user: User;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What answers it; the posted object with what became of it. */
export type Post = (posted: KubeObject, target: PostTarget) => Promise<KubeObject>;

export interface ApiHooks {
  /**
   * Impersonation is settled here too: an ApiFailure (403) where it is asked for and not allowed.
   * @param rawHeaders names and values by turns, as they came: a header may stand several times.
   */
  authenticate(facts: ConnectionFacts, rawHeaders: readonly string[]): Promise<Authentication>;
  readonly authorize: Authorize;
  /** Whether a write may be done, and the object as it shall be stored. */
  admit(change: Change): Promise<KubeObject>;
  /** By `resource.group` (`certificatesigningrequests.certificates.k8s.io`); `pods` for the core group. */
  readonly behaviours: Readonly<Record<string, Behaviour>>;
  /** By the same names. */
  readonly reviews: Readonly<Record<string, Review>>;
  /** By resource and part: `serviceaccounts/token`. What is missing is answered as not there. */
  readonly posts?: Readonly<Record<string, Post>>;
  /** What is answered at paths that are no resources, beside discovery. */
  readonly documents?: Readonly<Record<string, object>>;
}

const everybody: User = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** Who may do everything may pose as anybody. @throws ApiFailure 400 */
function posing(rawHeaders: readonly string[]): User {
  const headers = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? ''] as const] : [],
  );
  const all = (wanted: string): string[] =>
    headers.flatMap(([name, value]) => (name === wanted ? [value] : []));
  const [name] = all('impersonate-user');
  if (name) return { name, groups: [...all('impersonate-group'), 'system:authenticated'] };
  if (headers.some(([header]) => header.startsWith('impersonate-')))
    throw new ApiFailure(
      'BadRequest',
      'requested to impersonate groups, a uid or extra without impersonating a user',
    );
  return everybody;
}

/** Everybody is the administrator. */
export const permissive: ApiHooks = {
  authenticate: async (_facts, rawHeaders) => Promise.resolve({ user: posing(rawHeaders) }),
  authorize: async () => Promise.resolve({ allowed: true, reason: 'everything is permitted' }),
  admit: async ({ object }) => Promise.resolve(object),
  behaviours: {},
  reviews: {
    'selfsubjectaccessreviews.authorization.k8s.io': (posted) => ({ ...posted, status: { allowed: true } }),
    'subjectaccessreviews.authorization.k8s.io': (posted) => ({ ...posted, status: { allowed: true } }),
    'localsubjectaccessreviews.authorization.k8s.io': (posted) => ({ ...posted, status: { allowed: true } }),
    'selfsubjectrulesreviews.authorization.k8s.io': (posted) => ({
      ...posted,
      status: {
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        incomplete: false,
      },
    }),
    'selfsubjectreviews.authentication.k8s.io': (posted, user) => ({
      ...posted,
      status: { userInfo: { username: user.name, groups: [...user.groups] } },
    }),
    'tokenreviews.authentication.k8s.io': (posted, user) => ({
      ...posted,
      status: { authenticated: true, user: { username: user.name, groups: [...user.groups] } },
    }),
  },
};
