/**
 * Validates roles and bindings after defaulting, with kube-apiserver's messages. `escalation.ts` decides who may write
 * them. Pure.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { invalid, notSupported, required } from '../objects/field-error.ts';
import type { FieldError } from '../objects/field-error.ts';
import type { KubeObject } from '../objects/objects.ts';
import { rbacGroup } from './rbac.ts';

type Plain = Dictionary<unknown>;

const objectsOf = (value: unknown): Plain[] =>
  Array.isArray(value)
    ? value.map((one: unknown) => (typeof one === 'object' && one !== null ? (one as Plain) : {}))
    : [];
const countOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** None for an object of another kind. */
export function rbacErrors(object: KubeObject, old?: KubeObject): FieldError[] {
  return validators.get(object.kind)?.(object, old) ?? [];
}

type Validator = (object: KubeObject, old: KubeObject | undefined) => FieldError[];

const validators: ReadonlyMap<string, Validator> = new Map<string, Validator>([
  ['Role', (object) => ruleErrors(object['rules'], true)],
  [
    'ClusterRole',
    (object) => [...ruleErrors(object['rules'], false), ...aggregationErrors(object['aggregationRule'])],
  ],
  ['RoleBinding', (object, old) => bindingErrors(object, old, true)],
  ['ClusterRoleBinding', (object, old) => bindingErrors(object, old, false)],
]);

function ruleErrors(rules: unknown, isNamespaced: boolean): FieldError[] {
  return objectsOf(rules).flatMap((rule, index) => {
    const field = `rules[${index}]`;
    const errors =
      countOf(rule['verbs']) === 0
        ? [required(`${field}.verbs`, 'verbs must contain at least one value')]
        : [];
    if (countOf(rule['nonResourceURLs']) > 0) {
      const urls = rule['nonResourceURLs'];
      if (isNamespaced)
        errors.push(
          invalid(`${field}.nonResourceURLs`, urls, 'namespaced rules cannot apply to non-resource URLs'),
        );
      if (countOf(rule['apiGroups']) + countOf(rule['resources']) + countOf(rule['resourceNames']) > 0) {
        errors.push(
          invalid(
            `${field}.nonResourceURLs`,
            urls,
            'rules cannot apply to both regular resources and non-resource URLs',
          ),
        );
      }
      return errors;
    }
    if (countOf(rule['apiGroups']) === 0)
      errors.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
    if (countOf(rule['resources']) === 0)
      errors.push(required(`${field}.resources`, 'resource rules must supply at least one resource'));
    return errors;
  });
}

function aggregationErrors(rule: unknown): FieldError[] {
  if (rule === undefined || rule === null) return [];
  const isEmpty = countOf((rule as Plain)['clusterRoleSelectors']) === 0;
  return isEmpty
    ? [
        required(
          'aggregationRule.clusterRoleSelectors',
          'at least one clusterRoleSelector required if aggregationRule is non-nil',
        ),
      ]
    : [];
}

function bindingErrors(object: KubeObject, old: KubeObject | undefined, isNamespaced: boolean): FieldError[] {
  const roleRef = (object['roleRef'] ?? {}) as Plain;
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const errors: FieldError[] = [];
  if (roleRef['apiGroup'] !== rbacGroup)
    errors.push(notSupported('roleRef.apiGroup', textOf(roleRef['apiGroup']), [rbacGroup]));
  if (!kinds.includes(textOf(roleRef['kind'])))
    errors.push(notSupported('roleRef.kind', textOf(roleRef['kind']), kinds));
  const name = textOf(roleRef['name']);
  if (name === '') errors.push(required('roleRef.name'));
  else errors.push(...pathSegmentErrors('roleRef.name', name));
  errors.push(
    ...objectsOf(object['subjects']).flatMap((subject, index) =>
      subjectErrors(subject, `subjects[${index}]`, isNamespaced),
    ),
  );
  if (old && !sameRoleRef(old['roleRef'], roleRef))
    errors.push(invalid('roleRef', roleRef, 'cannot change roleRef'));
  return errors;
}

function sameRoleRef(old: unknown, next: Plain): boolean {
  const before = (old ?? {}) as Plain;
  return ['apiGroup', 'kind', 'name'].every((key) => before[key] === next[key]);
}

/** Names of roles are looser than others: they need only fit in a path. */
function pathSegmentErrors(field: string, name: string): FieldError[] {
  if (name === '.' || name === '..') return [invalid(field, name, `may not be '${name}'`)];
  return ['/', '%']
    .filter((mark) => name.includes(mark))
    .map((mark) => invalid(field, name, `may not contain '${mark}'`));
}

function subjectErrors(subject: Plain, field: string, isNamespaced: boolean): FieldError[] {
  const errors = textOf(subject['name']) === '' ? [required(`${field}.name`)] : [];
  const kind = textOf(subject['kind']);
  const apiGroup = textOf(subject['apiGroup']);
  if (kind === 'ServiceAccount') {
    if (apiGroup !== '') errors.push(notSupported(`${field}.apiGroup`, apiGroup, ['']));
    if (!isNamespaced && textOf(subject['namespace']) === '') errors.push(required(`${field}.namespace`));
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== rbacGroup) errors.push(notSupported(`${field}.apiGroup`, apiGroup, [rbacGroup]));
  } else {
    errors.push(notSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}
