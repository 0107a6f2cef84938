/**
 * Answers access reviews (authorization.k8s.io/v1, authentication.k8s.io/v1): parses the posted review, asks the given
 * authorizer, and writes the result into the status.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import type { Attributes, Authorize, User } from '../apiserver/attributes.ts';
import { invalid, invalidObject, required } from '../objects/field-error.ts';
import type { FieldError } from '../objects/field-error.ts';
import type { KubeObject } from '../objects/objects.ts';
import { reviewRules } from './rbac.ts';
import type { Policy } from './rbac.ts';

type Plain = Dictionary<unknown>;

const plainOf = (value: unknown): Plain | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Plain) : undefined;
const textOf = (object: Plain | undefined, name: string): string => {
  const value = object?.[name];
  return typeof value === 'string' ? value : '';
};
const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

const group = 'authorization.k8s.io';

/** The attributes that a review asks about. @throws ApiFailure 422 */
function questionOf(posted: KubeObject, user: User, more: readonly FieldError[] = []): Attributes {
  const spec = plainOf(posted['spec']) ?? {};
  const [resource, path] = [plainOf(spec['resourceAttributes']), plainOf(spec['nonResourceAttributes'])];
  const errors = [...more];
  if (resource && path)
    errors.push(
      invalid(
        'spec.nonResourceAttributes',
        path,
        'cannot be specified in combination with resourceAttributes',
      ),
    );
  if (!resource && !path)
    errors.push(
      invalid(
        'spec.resourceAttributes',
        null,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    );
  if (errors.length > 0) throw invalidObject(posted.kind, group, '', errors);
  if (!resource) return { user, verb: textOf(path, 'verb'), path: textOf(path, 'path') };
  const [subresource, namespace, name] = ['subresource', 'namespace', 'name'].map((field) =>
    textOf(resource, field),
  );
  return {
    user,
    verb: textOf(resource, 'verb'),
    group: textOf(resource, 'group'),
    version: textOf(resource, 'version'),
    resource: textOf(resource, 'resource'),
    ...defined({
      subresource: subresource || undefined,
      namespace: namespace || undefined,
      name: name || undefined,
    }),
  };
}

async function answered(posted: KubeObject, question: Attributes, authorize: Authorize): Promise<KubeObject> {
  const { allowed, reason } = await authorize(question);
  return { ...posted, status: { allowed, ...defined({ reason: reason || undefined }) } };
}

/** SelfSubjectAccessReview: may I? */
export async function reviewOwnAccess(
  posted: KubeObject,
  user: User,
  authorize: Authorize,
): Promise<KubeObject> {
  return answered(posted, questionOf(posted, user), authorize);
}

/** SubjectAccessReview, and LocalSubjectAccessReview, which asks about its own namespace: may they? */
export async function reviewAccess(posted: KubeObject, authorize: Authorize): Promise<KubeObject> {
  const spec = plainOf(posted['spec']) ?? {};
  const [name, uid, groups] = [textOf(spec, 'user'), textOf(spec, 'uid'), textsOf(spec['groups'])];
  const extra = Object.entries(plainOf(spec['extra']) ?? {}).map(
    ([key, values]) => [key, textsOf(values)] as const,
  );
  const errors =
    name === '' && groups.length === 0
      ? [invalid('spec.user', name, 'at least one of user or group must be specified')]
      : [];
  const home = posted.metadata.namespace ?? '';
  if (posted.kind === 'LocalSubjectAccessReview') {
    const asked = plainOf(spec['resourceAttributes']);
    if (!asked) errors.push(required('spec.resourceAttributes'));
    else if (textOf(asked, 'namespace') !== home)
      errors.push(
        invalid(
          'spec.resourceAttributes.namespace',
          textOf(asked, 'namespace'),
          'must match metadata.namespace',
        ),
      );
  }
  const user: User = {
    name,
    groups,
    ...defined({ uid: uid || undefined, extra: extra.length > 0 ? Object.fromEntries(extra) : undefined }),
  };
  return answered(posted, questionOf(posted, user, errors), authorize);
}

/** SelfSubjectRulesReview: what may I, in a namespace? @throws ApiFailure 422 without one. */
export function reviewOwnRules(posted: KubeObject, user: User, policy: Policy): KubeObject {
  const namespace = textOf(plainOf(posted['spec']), 'namespace');
  if (namespace === '') throw invalidObject(posted.kind, group, '', [required('spec.namespace')]);
  return { ...posted, status: { ...reviewRules(policy, user, namespace) } };
}

/** SelfSubjectReview: who am I? */
export function reviewSelf(posted: KubeObject, { name, uid, groups, extra }: User): KubeObject {
  return {
    ...posted,
    status: {
      userInfo: {
        username: name,
        ...defined({ uid: uid || undefined }),
        groups: [...groups],
        ...defined({ extra }),
      },
    },
  };
}
