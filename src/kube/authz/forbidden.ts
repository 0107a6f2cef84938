/** Words the 403 as kube-apiserver does. `rbac.ts`, `node-authorizer.ts` and the admissions decide. */
import { defined } from '../../core/defined.ts';
import type { Attributes } from '../apiserver/attributes.ts';
import { quoted } from '../objects/go/quoted.ts';
import { ApiFailure } from '../objects/objects.ts';

/** `pods.metrics.k8s.io`: a resource with its group, if any. */
export const qualifiedResource = (resource: string, group: string): string =>
  group === '' ? resource : `${resource}.${group}`;

/** The denied action, as the end of a sentence. */
function refusal(attributes: Attributes): string {
  const who = `User ${quoted(attributes.user.name)} cannot ${attributes.verb}`;
  if (attributes.resource === undefined) return `${who} path ${quoted(attributes.path)}`;
  const { resource, subresource, group, namespace } = attributes;
  const what = `resource ${quoted(subresource ? `${resource}/${subresource}` : resource)} in API group ${quoted(group)}`;
  return `${who} ${what} ${namespace ? `in the namespace ${quoted(namespace)}` : 'at the cluster scope'}`;
}

/**
 * The response to a request that no rule allows. @param reason an error during evaluation, such as a binding to a
 * missing role.
 */
export function forbidden(attributes: Attributes, reason = ''): ApiFailure {
  const sentence = reason === '' ? refusal(attributes) : `${refusal(attributes)}: ${reason}`;
  if (attributes.resource === undefined) return new ApiFailure('Forbidden', `forbidden: ${sentence}`, {});
  return forbiddenObject(attributes.resource, attributes.group, attributes.name ?? '', sentence);
}

/** The response of an admission: the request is allowed in general, but not with this object. */
export function forbiddenObject(resource: string, group: string, name: string, why: string): ApiFailure {
  const qualified = qualifiedResource(resource, group);
  return new ApiFailure(
    'Forbidden',
    `${qualified}${name === '' ? '' : ` ${quoted(name)}`} is forbidden: ${why}`,
    {
      ...defined({ name: name || undefined, group: group || undefined }),
      kind: resource,
    },
  );
}
