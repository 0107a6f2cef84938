/**
 * Issues tokens on request (`serviceaccounts/NAME/token`, authentication.k8s.io/v1 TokenRequest) and answers
 * TokenReviews. `service-account-tokens.ts` creates the tokens; this file has the rules for requests, with
 * kube-apiserver's messages.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import type { User } from '../apiserver/attributes.ts';
import { invalid, invalidObject } from '../objects/field-error.ts';
import type { FieldError } from '../objects/field-error.ts';
import type { PostTarget } from '../apiserver/hooks.ts';
import { listAt, objectAt, textAt, valueAt, withKeys } from '../objects/json.ts';
import { restrictToken } from '../authz/node-restriction.ts';
import { ApiFailure } from '../objects/objects.ts';
import type { KubeObject } from '../objects/objects.ts';
import { storeKey } from '../apiserver/resources.ts';
import { notFound } from '../apiserver/routes.ts';
import type { TokenContent } from './service-account-tokens.ts';
import type { Store } from '../store/store.ts';

export interface TokenIssuing {
  readonly store: Pick<Store, 'get'>;
  readonly sign: (content: TokenContent) => string;
  /** The default audience of a token: the API server. */
  readonly issuer: string;
  /** A unique token id. */
  readonly newId: () => string;
}

const group = 'authentication.k8s.io';
/** Seconds. */
const durations = { shortest: 600, longest: 2 ** 32, usual: 3600 } as const;

/**
 * kubelets request this lifetime for pods (`kube-api-access-…`). Old programs do not reload the file, so such a token
 * is valid for a year, and its use after the requested time is only logged.
 */
export const podTokenSeconds = 3607;
const extendedSeconds = 365 * 24 * 3600;

/** The request with its token. @throws ApiFailure 400, 403, 404, 409, 422 */
export async function issueToken(
  issuing: TokenIssuing,
  posted: KubeObject,
  { namespace, name, user, at }: PostTarget,
): Promise<KubeObject> {
  const { store, issuer } = issuing;
  const asked = valueAt(posted, 'spec', 'expirationSeconds');
  const seconds = typeof asked === 'number' ? asked : durations.usual;
  const given = listAt(posted, 'spec', 'audiences').filter((one): one is string => typeof one === 'string');
  const audiences = given.length === 0 ? [issuer] : given;
  const faults = durationFaults(seconds);
  if (faults.length > 0) throw invalidObject('TokenRequest', group, '', faults);
  const account = await read(store, 'serviceaccounts', namespace, name);
  const bound = await boundObject(store, posted, namespace, name);
  restrictToken(user, posted, name, bound?.object);
  const issuedAt = Math.floor(at / 1000);
  const isExtended =
    bound?.kind === 'pod' && seconds === podTokenSeconds && audiences.every((one) => one === issuer);
  const node = bound?.kind === 'pod' ? await nodeOfPod(store, bound.object) : undefined;
  const token = issuing.sign({
    namespace,
    account: named(account),
    audiences,
    issuedAt,
    expiresAt: issuedAt + (isExtended ? extendedSeconds : seconds),
    ...(isExtended ? { warnAfter: issuedAt + seconds } : {}),
    ...(bound ? { [bound.kind]: named(bound.object) } : {}),
    ...defined({ node }),
    id: issuing.newId(),
  });
  const time = (after: number): string =>
    new Date(Math.min((issuedAt + after) * 1000, latest)).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    ...posted,
    metadata: { name, namespace, creationTimestamp: time(0) },
    spec: withKeys(objectAt(posted, 'spec'), {
      audiences,
      expirationSeconds: seconds,
      boundObjectRef: valueAt(posted, 'spec', 'boundObjectRef'),
    }),
    status: { token, expirationTimestamp: time(seconds) },
  };
}

/** The latest time in RFC 3339. */
const latest = Date.parse('9999-12-31T23:59:59Z');

function durationFaults(seconds: number): FieldError[] {
  const field = 'spec.expirationSeconds';
  if (seconds < durations.shortest)
    return [invalid(field, seconds, 'may not specify a duration less than 10 minutes')];
  return seconds > durations.longest
    ? [invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds')]
    : [];
}

const named = ({ metadata }: KubeObject): { readonly name: string; readonly uid: string } => ({
  name: metadata.name,
  uid: metadata.uid ?? '',
});

async function read(
  store: TokenIssuing['store'],
  plural: string,
  namespace: string | undefined,
  name: string,
): Promise<KubeObject> {
  const stored = await store.get(
    storeKey({ group: '', plural, namespaced: namespace !== undefined }, namespace, name),
  );
  if (!stored) throw notFound({ group: '', plural }, name);
  return stored.object;
}

interface Bound {
  readonly kind: 'pod' | 'secret' | 'node';
  readonly object: KubeObject;
}

const bindable: Dictionary<readonly [plural: string, kind: Bound['kind']]> = {
  Pod: ['pods', 'pod'],
  Secret: ['secrets', 'secret'],
  Node: ['nodes', 'node'],
};

async function boundObject(
  store: TokenIssuing['store'],
  posted: KubeObject,
  namespace: string,
  account: string,
): Promise<Bound | undefined> {
  const reference = valueAt(posted, 'spec', 'boundObjectRef');
  if (reference === undefined) return undefined;
  const [apiVersion, kind, name, uid] = ['apiVersion', 'kind', 'name', 'uid'].map((field) =>
    textAt(reference, field),
  ) as [string, string, string, string];
  const row = apiVersion === 'v1' && Object.hasOwn(bindable, kind) ? bindable[kind] : undefined;
  if (!row)
    throw new ApiFailure(
      'BadRequest',
      `cannot bind token to object of type ${apiVersion.slice(0, 128)}, Kind=${kind.slice(0, 128)}`,
    );
  const [plural, bound] = row;
  const object = await read(store, plural, bound === 'node' ? undefined : namespace, name);
  if (bound === 'pod' && textAt(object, 'spec', 'serviceAccountName') !== account) {
    throw new ApiFailure(
      'BadRequest',
      `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
    );
  }
  if (uid !== '' && uid !== object.metadata.uid) {
    const why = `the UID in the bound object reference (${uid.slice(0, 128)}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw new ApiFailure(
      'Conflict',
      `Operation cannot be fulfilled on ${kind} ${JSON.stringify(name)}: ${why}`,
      { name, kind },
    );
  }
  return { kind: bound, object };
}

/** For information: the node of the pod. */
async function nodeOfPod(store: TokenIssuing['store'], pod: KubeObject): Promise<TokenContent['node']> {
  const name = textAt(pod, 'spec', 'nodeName');
  if (name === '') return undefined;
  const stored = await store.get(
    storeKey({ group: '', plural: 'nodes', namespaced: false }, undefined, name),
  );
  return stored ? named(stored.object) : { name };
}

/** The user and audiences of a token; or the error. */
export type TestToken = (
  token: string,
  audiences: readonly string[] | undefined,
) => Promise<{ readonly user: User; readonly audiences: readonly string[] } | { readonly error: string }>;

/** TokenReview: identifies a token's user, for example for a kubelet's clients. @throws ApiFailure 400 */
export async function reviewToken(posted: KubeObject, test: TestToken): Promise<KubeObject> {
  const token = textAt(posted, 'spec', 'token');
  if (token === '') throw new ApiFailure('BadRequest', 'token is required for TokenReview in authentication');
  const wanted = listAt(posted, 'spec', 'audiences').filter((one): one is string => typeof one === 'string');
  const found = await test(token, wanted.length === 0 ? undefined : wanted);
  if ('error' in found) return { ...posted, status: { user: {}, error: found.error } };
  const { name, uid, groups, extra } = found.user;
  const user = {
    username: name,
    ...defined({ uid: uid || undefined }),
    groups: [...groups],
    ...(extra && Object.keys(extra).length > 0 ? { extra } : {}),
  };
  return { ...posted, status: { authenticated: true, user, audiences: found.audiences } };
}
