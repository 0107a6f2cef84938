/**
 * Validates roles and bindings after defaulting, with kube-apiserver's messages. `escalation.ts` decides who may write
 * them. Pure.
 */
import { goStruct } from '../objects/go/values.ts';
import type { FieldError } from '../objects/field-error.ts';
import type { KubeObject } from '../objects/objects.ts';
import { Place } from '../objects/validation/place.ts';
import { rbacGroup } from './rbac.ts';

/** None for an object of another kind. */
export function rbacErrors(object: KubeObject, old?: KubeObject): FieldError[] {
  return validators.get(object.kind)?.(new Place(object), old && new Place(old)) ?? [];
}

type Validator = (object: Place, old: Place | undefined) => FieldError[];

const validators: ReadonlyMap<string, Validator> = new Map<string, Validator>([
  ['Role', (role) => ruleErrors(role, true)],
  ['ClusterRole', (role) => [...ruleErrors(role, false), ...aggregationErrors(role.at('aggregationRule'))]],
  ['RoleBinding', (binding, old) => bindingErrors(binding, old, true)],
  ['ClusterRoleBinding', (binding, old) => bindingErrors(binding, old, false)],
]);

function ruleErrors(role: Place, isNamespaced: boolean): FieldError[] {
  return role.at('rules').items.flatMap((rule) => {
    const [verbs, urls, apiGroups, resources] = ['verbs', 'nonResourceURLs', 'apiGroups', 'resources'].map(
      (field) => rule.at(field),
    ) as [Place, Place, Place, Place];
    const hasResources = [apiGroups, resources, rule.at('resourceNames')].some(
      ({ items }) => items.length > 0,
    );
    return [
      ...verbs.requiredIf(verbs.items.length === 0, 'verbs must contain at least one value'),
      ...(urls.items.length > 0
        ? [
            ...urls.invalidIf(isNamespaced, 'namespaced rules cannot apply to non-resource URLs'),
            ...urls.invalidIf(
              hasResources,
              'rules cannot apply to both regular resources and non-resource URLs',
            ),
          ]
        : [
            ...apiGroups.requiredIf(
              apiGroups.items.length === 0,
              'resource rules must supply at least one api group',
            ),
            ...resources.requiredIf(
              resources.items.length === 0,
              'resource rules must supply at least one resource',
            ),
          ]),
    ];
  });
}

function aggregationErrors(rule: Place): FieldError[] {
  const selectors = rule.at('clusterRoleSelectors');
  return selectors.requiredIf(
    rule.isSet && rule.value !== null && selectors.items.length === 0,
    'at least one clusterRoleSelector required if aggregationRule is non-nil',
  );
}

function bindingErrors(binding: Place, old: Place | undefined, isNamespaced: boolean): FieldError[] {
  const roleRef = binding.at('roleRef').or({});
  const name = roleRef.at('name');
  const isChanged = ['apiGroup', 'kind', 'name'].some(
    (field) => old?.at('roleRef', field).value !== roleRef.at(field).value,
  );
  return [
    ...roleRef.at('apiGroup').supported([rbacGroup]),
    ...roleRef.at('kind').supported(isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']),
    ...name.requiredText(),
    ...pathSegmentErrors(name),
    ...binding.at('subjects').items.flatMap((subject) => subjectErrors(subject, isNamespaced)),
    ...roleRef.invalidIf(
      old !== undefined && isChanged,
      'cannot change roleRef',
      goStruct('rbac.RoleRef', [
        ['APIGroup', roleRef.at('apiGroup').text],
        ['Kind', roleRef.at('kind').text],
        ['Name', name.text],
      ]),
    ),
  ];
}

/** Names of roles are looser than others: they need only fit in a path. */
function pathSegmentErrors(name: Place): FieldError[] {
  return [
    ...name.invalidIf(['.', '..'].includes(name.text), `may not be '${name.text}'`),
    ...['/', '%'].flatMap((mark) => name.invalidIf(name.text.includes(mark), `may not contain '${mark}'`)),
  ];
}

/** By kind of a subject: its API group. */
const subjectGroups: ReadonlyMap<string, string> = new Map([
  ['ServiceAccount', ''],
  ['User', rbacGroup],
  ['Group', rbacGroup],
]);

function subjectErrors(subject: Place, isNamespaced: boolean): FieldError[] {
  const kind = subject.at('kind');
  const group = subjectGroups.get(kind.text);
  const namespace = subject.at('namespace');
  return [
    ...subject.at('name').requiredText(),
    ...(group === undefined
      ? kind.supported([...subjectGroups.keys()])
      : subject.at('apiGroup').supported([group])),
    ...namespace.requiredIf(kind.text === 'ServiceAccount' && !isNamespaced && namespace.text === ''),
  ];
}
