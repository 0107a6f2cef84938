/**
 * Defines the hooks of an API server: authentication, authorization, and the rules of each kind. The server in
 * `server.ts` has no rules itself; this file defines the types, and a default that permits everything.
 *
 * 1. Every hook may throw an `ApiFailure`, which becomes the response. Any other exception is an internal error (500).
 * 2. A hook never modifies its arguments.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import type { Address } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Attributes, Authorize, User } from './attributes.ts';
import { ApiFailure } from '../objects/objects.ts';
import type { KubeObject } from '../objects/objects.ts';

/** What is known about a connection before its first request. */
export interface ConnectionFacts {
  readonly remote: Address;
  /** The client's certificates, leaf first, each in DER; unverified, and empty if it presented none. */
  readonly presented: readonly Uint8Array[];
}

/** The user; or why authentication failed (answered with 401, without the reason, which is only logged). */
export type Authentication =
  | {
      readonly user: User;
      /** The real user who acts as that user. */
      readonly impersonator?: User;
    }
  | { readonly rejected: Rejection };

export interface Rejection {
  /** An identifier for programs: `unknown_ca`, `token_unknown`. */
  readonly reason: string;
  readonly words: Localized;
}

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

type ResourceAttributes = Extract<Attributes, { resource: string }>;

/** A write that has been authorized but not executed. */
export interface Change {
  readonly operation: Operation;
  readonly attributes: ResourceAttributes;
  /** The new object; for DELETE the current one. Its defaults are set, and its metadata is already the server's. */
  readonly object: KubeObject;
  /** The current object; absent for CREATE. */
  readonly old?: KubeObject;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Rules for one resource, called before admission. Each returns the object to store. */
export interface Behaviour {
  /** For a new object: fills in server fields, and refuses invalid ones. */
  readonly create?: (change: Change) => Promise<KubeObject> | KubeObject;
  /** By subresource, empty for the object itself: selects which parts of the new object count, and refuses others. */
  readonly update?: Dictionary<
    (change: Change & { readonly old: KubeObject }) => Promise<KubeObject> | KubeObject
  >;
}

/** Answers a virtual resource, which is never stored: returns the posted object with its status. */
export type Review = (posted: KubeObject, user: User) => Promise<KubeObject> | KubeObject;

/** The target of a POST whose body is not a separate object (`serviceaccounts/NAME/token`), and the user. */
export interface PostTarget {
  readonly namespace: string;
  readonly name: string;
  readonly user: User;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Answers it; returns the posted object with the result. */
export type Post = (posted: KubeObject, target: PostTarget) => Promise<KubeObject>;

export interface ApiHooks {
  /**
   * Also applies impersonation: an ApiFailure (403) if it is requested but not allowed.
   * @param rawHeaders alternating names and values, as received: a header may occur several times.
   */
  authenticate(facts: ConnectionFacts, rawHeaders: readonly string[]): Promise<Authentication>;
  readonly authorize: Authorize;
  /** Whether a write is admitted; returns the object to store. */
  admit(change: Change): Promise<KubeObject>;
  /**
   * Asks the webhooks that a write concerns, after `admit`.
   * @param kind of the object. @param warn called with what a webhook wants the client to be told.
   * @throws ApiFailure
   */
  readonly askWebhooks?: (
    change: Change,
    kind: { readonly group: string; readonly kind: string },
    dryRun: boolean,
    warn: (text: string) => void,
  ) => Promise<void>;
  /** By `resource.group` (`certificatesigningrequests.certificates.k8s.io`); `pods` for the core group. */
  readonly behaviours: Dictionary<Behaviour>;
  /** By the same names. */
  readonly reviews: Dictionary<Review>;
  /** By resource and subresource: `serviceaccounts/token`. Missing ones are answered with 404. */
  readonly posts?: Dictionary<Post>;
  /** Responses for paths that are not resources, beside discovery. @param host of the request, and its port. */
  readonly documents?: Dictionary<(host: string) => object>;
}

const everybody: User = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** A user who may do everything may impersonate anyone. @throws ApiFailure 400 */
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

/** Every client is the administrator. */
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
