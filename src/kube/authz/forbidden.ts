/** The 403, in kube-apiserver's words. Who may what is decided by `rbac.ts`, `node-authorizer.ts` and the admissions. */
import type { Attributes } from '../apiserver/attributes.ts';
import { quoted } from '../objects/field-error.ts';
import { ApiFailure } from '../objects/objects.ts';

/** `pods.metrics.k8s.io`: a resource with its group, where it has one. */
export const qualifiedResource = (resource: string, group: string): string =>
  group === '' ? resource : `${resource}.${group}`;

/** What somebody may not, as a sentence without its beginning. */
function refusal(attributes: Attributes): string {
  const who = `User ${quoted(attributes.user.name)} cannot ${attributes.verb}`;
  if (attributes.resource === undefined) return `${who} path ${quoted(attributes.path)}`;
  const { resource, subresource, group, namespace } = attributes;
  const what = `resource ${quoted(subresource ? `${resource}/${subresource}` : resource)} in API group ${quoted(group)}`;
  return `${who} ${what} ${namespace ? `in the namespace ${quoted(namespace)}` : 'at the cluster scope'}`;
}

/** The answer to a request that nobody's rule allows. @param reason what went wrong in looking for one: a binding to a role that is not there. */
export function forbidden(attributes: Attributes, reason = ''): ApiFailure {
  const sentence = reason === '' ? refusal(attributes) : `${refusal(attributes)}: ${reason}`;
  if (attributes.resource === undefined) return new ApiFailure('Forbidden', `forbidden: ${sentence}`, {});
  return forbiddenObject(attributes.resource, attributes.group, attributes.name ?? '', sentence);
}

/** The answer of an admission: the request as such is allowed, but not with this object. */
export function forbiddenObject(resource: string, group: string, name: string, why: string): ApiFailure {
  const qualified = qualifiedResource(resource, group);
  return new ApiFailure(
    'Forbidden',
    `${qualified}${name === '' ? '' : ` ${quoted(name)}`} is forbidden: ${why}`,
    {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      kind: resource,
    },
  );
}
