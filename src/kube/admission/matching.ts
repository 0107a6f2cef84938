/**
 * Decides which webhooks a write concerns (k8s.io/apiserver, admission/plugin/webhook/predicates), by rules and selectors.
 *
 * 1. No webhook is called for a configuration of webhooks: a broken one can always be mended or removed.
 * 2. `*` stands for resources, not for subresources; these are `pods/log`, `pods/*`, `*` and a slash before either.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { isEmptySelector, selects } from '../objects/validation/label-selectors.ts';
import { Place } from '../objects/validation/place.ts';
import type { KubeObject } from '../objects/objects.ts';
import type { Webhook, WebhookRule } from './webhook.ts';

/** What a webhook is asked about, as far as it decides whether it is. */
export interface Subject {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** Empty for what belongs to no namespace. */
  readonly namespace: string;
  /** Absent for DELETE. */
  readonly object?: KubeObject;
  /** Absent for CREATE. */
  readonly old?: KubeObject;
}

type Labels = Dictionary<string>;

export const webhooksGroup = 'admissionregistration.k8s.io';

const exempt: ReadonlySet<string> = new Set([
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
]);

/** Whether webhooks are never asked about it. */
export const isExempt = ({ group, resource }: Pick<Subject, 'group' | 'resource'>): boolean =>
  group === webhooksGroup && exempt.has(resource);

/** @param labelsOf those of a namespace, undefined if there is none. */
export async function concerns(
  webhook: Webhook,
  subject: Subject,
  labelsOf: (namespace: string) => Promise<Labels | undefined>,
): Promise<boolean> {
  if (!webhook.rules.some((rule) => fits(rule, subject))) return false;
  const objects = new Place(webhook.objectSelector);
  const isSelected = (object: KubeObject | undefined): boolean =>
    object !== undefined && selects(objects, object.metadata.labels ?? {});
  if (!isEmptySelector(objects) && !isSelected(subject.object) && !isSelected(subject.old)) return false;
  const namespaces = new Place(webhook.namespaceSelector);
  const isNamespace = subject.resource === 'namespaces' && subject.group === '';
  if (isEmptySelector(namespaces) || (subject.namespace === '' && !isNamespace)) return true;
  const own =
    isNamespace && subject.subresource === '' && subject.object
      ? subject.object.metadata.labels
      : await labelsOf(subject.namespace);
  return own !== undefined && selects(namespaces, own);
}

const holds = (values: readonly string[], value: string): boolean =>
  values.includes('*') || values.includes(value);

function fits(rule: WebhookRule, subject: Subject): boolean {
  const { operation, group, version, resource, subresource, namespace } = subject;
  const isOfCluster = namespace === '' || (resource === 'namespaces' && group === '');
  return (
    (rule.scope === '*' || (rule.scope === 'Cluster') === isOfCluster) &&
    holds(rule.operations, operation) &&
    holds(rule.apiGroups, group) &&
    holds(rule.apiVersions, version) &&
    rule.resources.some((one) => {
      const slash = one.indexOf('/');
      const [own, part] = slash < 0 ? [one, ''] : [one.slice(0, slash), one.slice(slash + 1)];
      return (own === '*' || own === resource) && (part === '*' || part === subresource);
    })
  );
}
