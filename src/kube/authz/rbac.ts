/**
 * Evaluates RBAC: whether the roles bound to a user allow a request (rbac.authorization.k8s.io/v1). Pure: the roles and
 * bindings are an argument. `forbidden.ts` words the refusal; `escalation.ts` prevents escalation.
 *
 * 1. Rules only add: what no rule allows is denied, and no rule denies.
 * 2. Members of system:masters bypass RBAC: no role decides about them, so deleting bindings does not stop them.
 * 3. A ClusterRoleBinding applies everywhere; a RoleBinding only in its namespace, whichever kind of role it names.
 * 4. Stored objects may be anything: a malformed role or binding grants nothing.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import type { Attributes, Authorization, User } from '../apiserver/attributes.ts';
import { quoted } from '../objects/go/quoted.ts';
import type { KubeObject } from '../objects/objects.ts';

export const rbacGroup = 'rbac.authorization.k8s.io';

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  /** `pods`, `pods/log`, `*`, or a subresource of everything: a star, a slash, its name. */
  readonly resources: readonly string[];
  /** Empty: of every name. */
  readonly resourceNames: readonly string[];
  /** For paths that are no resources; a star at the end stands for anything. */
  readonly nonResourceURLs: readonly string[];
}

export interface Subject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
  /** Of a service account; in a RoleBinding its own namespace where it is left out. */
  readonly namespace: string;
}

export interface RoleRef {
  readonly kind: 'Role' | 'ClusterRole';
  readonly name: string;
}

interface Binding {
  readonly name: string;
  /** Empty for a ClusterRoleBinding. */
  readonly namespace: string;
  readonly roleRef: RoleRef;
  readonly subjects: readonly Subject[];
}

/** Roles and bindings, arranged for questions. */
export interface Policy {
  /** By `NAMESPACE/NAME`. */
  readonly roles: ReadonlyMap<string, readonly PolicyRule[]>;
  readonly clusterRoles: ReadonlyMap<string, readonly PolicyRule[]>;
  /** By subject (`subjectKey`), then by namespace: a user is in few groups, and there may be many bindings. */
  readonly bindings: ReadonlyMap<string, ReadonlyMap<string, readonly BoundSubject[]>>;
}

interface BoundSubject {
  readonly binding: Binding;
  readonly subject: Subject;
}

/** Arranges stored roles, cluster roles and bindings, in any order and mixed. */
export function policyOf(objects: Iterable<KubeObject>): Policy {
  const roles = new Map<string, readonly PolicyRule[]>();
  const clusterRoles: KubeObject[] = [];
  const bindings = new Map<string, Map<string, BoundSubject[]>>();
  for (const object of objects) {
    const { kind, metadata } = object;
    if (kind === 'Role') roles.set(`${metadata.namespace ?? ''}/${metadata.name}`, rulesOf(object['rules']));
    if (kind === 'ClusterRole') clusterRoles.push(object);
    const binding = kind === 'RoleBinding' || kind === 'ClusterRoleBinding' ? bindingOf(object) : undefined;
    for (const subject of binding?.subjects ?? []) {
      if (!binding) continue;
      const key = subjectKey(subject);
      const ofSubject = bindings.get(key) ?? new Map<string, BoundSubject[]>();
      bindings.set(key, ofSubject);
      const here = ofSubject.get(binding.namespace) ?? [];
      ofSubject.set(binding.namespace, here);
      here.push({ binding, subject });
    }
  }
  return { roles, clusterRoles: aggregatedRules(clusterRoles), bindings };
}

const subjectKey = ({ kind, name, namespace }: Subject): string =>
  kind === 'ServiceAccount' ? `User:system:serviceaccount:${namespace}:${name}` : `${kind}:${name}`;

const isObject = (value: unknown): value is Dictionary<unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The rules of a stored role. */
export function rulesOf(value: unknown): PolicyRule[] {
  return list(value)
    .filter(isObject)
    .map((rule) => ({
      verbs: texts(rule['verbs']),
      apiGroups: texts(rule['apiGroups']),
      resources: texts(rule['resources']),
      resourceNames: texts(rule['resourceNames']),
      nonResourceURLs: texts(rule['nonResourceURLs']),
    }));
}

/** The role that a stored binding names; undefined for what is no such reference. */
export function roleRefOf(value: unknown): RoleRef | undefined {
  if (!isObject(value) || text(value['name']) === '') return undefined;
  const { kind } = value;
  return kind === 'Role' || kind === 'ClusterRole' ? { kind, name: text(value['name']) } : undefined;
}

function bindingOf(object: KubeObject): Binding | undefined {
  const namespace = object.kind === 'RoleBinding' ? (object.metadata.namespace ?? '') : '';
  const roleRef = roleRefOf(object['roleRef']);
  if (!roleRef || (object.kind === 'RoleBinding' && namespace === '')) return undefined;
  const subjects = list(object['subjects'])
    .filter(isObject)
    .flatMap((one): Subject[] => {
      const { kind } = one;
      if (kind !== 'User' && kind !== 'Group' && kind !== 'ServiceAccount') return [];
      const home = kind === 'ServiceAccount' ? text(one['namespace']) || namespace : '';
      return kind === 'ServiceAccount' && home === ''
        ? []
        : [{ kind, name: text(one['name']), namespace: home }];
    });
  return { name: object.metadata.name, namespace, roleRef, subjects };
}

/** Rules by cluster role, those of an aggregationRule gathered from the roles that its selectors match, and from those that these gather. */
export function aggregatedRules(clusterRoles: readonly KubeObject[]): Map<string, readonly PolicyRule[]> {
  const own = new Map(clusterRoles.map((role) => [role.metadata.name, rulesOf(role['rules'])]));
  const gathers = new Map(
    clusterRoles.flatMap((role) => {
      const rule = role['aggregationRule'];
      if (!isObject(rule)) return [];
      const selectors = list(rule['clusterRoleSelectors']).filter(isObject);
      const matched = clusterRoles.filter(
        (other) =>
          other !== role && selectors.some((selector) => selects(selector, other.metadata.labels ?? {})),
      );
      return [[role.metadata.name, matched.map((other) => other.metadata.name)] as const];
    }),
  );
  const all = new Map<string, readonly PolicyRule[]>(own);
  for (const name of gathers.keys()) {
    const rules = new Map<string, PolicyRule>();
    const seen = new Set([name]);
    // A set grows while it is walked: everything that is reached is visited once, circles too.
    for (const reached of seen) {
      const further = gathers.get(reached);
      for (const next of further ?? []) seen.add(next);
      // The rules of a role that gathers are the gatherer's to write.
      if (!further) for (const rule of own.get(reached) ?? []) rules.set(JSON.stringify(rule), rule);
    }
    all.set(name, [...rules.values()]);
  }
  return all;
}

/** A rule as it is written: without what it leaves open. */
export const storedRule = (rule: PolicyRule): Partial<PolicyRule> =>
  Object.fromEntries(
    Object.entries(rule).filter(([, values]: [string, readonly string[]]) => values.length > 0),
  );

/** metav1.LabelSelector. An empty one selects everything; an unknown operator selects nothing. */
function selects(selector: Dictionary<unknown>, labels: Dictionary<string>): boolean {
  const wanted = isObject(selector['matchLabels']) ? Object.entries(selector['matchLabels']) : [];
  const valueOf = (key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  if (!wanted.every(([key, value]) => valueOf(key) === value)) return false;
  return list(selector['matchExpressions'])
    .filter(isObject)
    .every((one) => {
      const value = valueOf(text(one['key']));
      return operators.get(text(one['operator']))?.(value, texts(one['values'])) ?? false;
    });
}

/** A map, since the name is a stranger's: an object knows `constructor` too. */
const operators: ReadonlyMap<string, (value: string | undefined, values: readonly string[]) => boolean> =
  new Map([
    ['In', (value, values) => value !== undefined && values.includes(value)],
    ['NotIn', (value, values) => value === undefined || !values.includes(value)],
    ['Exists', (value) => value !== undefined],
    ['DoesNotExist', (value) => value === undefined],
  ]);

/** Whether one rule allows what is asked. */
export function ruleAllows(rule: PolicyRule, asked: Attributes): boolean {
  if (!matches(rule.verbs, asked.verb)) return false;
  if (asked.resource === undefined) return rule.nonResourceURLs.some((url) => coversPath(url, asked.path));
  return (
    matches(rule.apiGroups, asked.group) &&
    rule.resources.some((resource) => coversResource(resource, asked.resource, asked.subresource ?? '')) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(asked.name ?? ''))
  );
}

const matches = (allowed: readonly string[], asked: string): boolean =>
  allowed.includes('*') || allowed.includes(asked);

function coversResource(allowed: string, resource: string, subresource: string): boolean {
  if (allowed === '*') return true;
  if (subresource === '') return allowed === resource;
  return allowed === `${resource}/${subresource}` || allowed === `*/${subresource}`;
}

/** Only at the end is a star more than a star. */
export function coversPath(allowed: string, path: string): boolean {
  return (
    allowed === '*' ||
    allowed === path ||
    (allowed.endsWith('*') && path.startsWith(allowed.replace(/\*+$/, '')))
  );
}

interface BoundRule {
  readonly rule: PolicyRule;
  /** Of the binding that brings it, for people. */
  readonly source: string;
}

/** Every rule that holds for a user in a namespace (empty: at the cluster scope), and the references that lead nowhere. */
export function* rulesFor(
  policy: Policy,
  user: User,
  namespace: string,
): Generator<BoundRule | { readonly missing: string }> {
  const keys = [`User:${user.name}`, ...user.groups.map((group) => `Group:${group}`)];
  for (const where of namespace === '' ? [''] : ['', namespace]) {
    for (const key of new Set(keys)) {
      for (const { binding, subject } of policy.bindings.get(key)?.get(where) ?? []) {
        const rules = roleRules(policy, binding.roleRef, where);
        if (!rules) {
          yield {
            missing: `${binding.roleRef.kind.toLowerCase()}.${rbacGroup} ${quoted(binding.roleRef.name)} not found`,
          };
          continue;
        }
        const source = sourceText(binding, subject);
        for (const rule of rules) yield { rule, source };
      }
    }
  }
}

/** The rules of the role that a reference in a namespace names; undefined when there is no such role. */
export function roleRules(
  policy: Policy,
  { kind, name }: RoleRef,
  namespace: string,
): readonly PolicyRule[] | undefined {
  return kind === 'ClusterRole' ? policy.clusterRoles.get(name) : policy.roles.get(`${namespace}/${name}`);
}

function sourceText({ name, namespace, roleRef }: Binding, subject: Subject): string {
  const binding =
    namespace === '' ? `ClusterRoleBinding ${quoted(name)}` : `RoleBinding ${quoted(`${name}/${namespace}`)}`;
  const whom = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace}` : subject.name;
  return `${binding} of ${roleRef.kind} ${quoted(roleRef.name)} to ${subject.kind} ${quoted(whom)}`;
}

export const privilegedGroup = 'system:masters';

export function authorizeByRoles(policy: Policy, asked: Attributes): Authorization {
  const { user } = asked;
  if (user.groups.includes(privilegedGroup)) return { allowed: true };
  const missing = new Set<string>();
  for (const found of rulesFor(policy, user, asked.resource === undefined ? '' : (asked.namespace ?? ''))) {
    if ('missing' in found) missing.add(found.missing);
    else if (ruleAllows(found.rule, asked))
      return { allowed: true, reason: `RBAC: allowed by ${found.source}` };
  }
  if (missing.size === 0) return { allowed: false };
  const [first = ''] = missing;
  return { allowed: false, reason: `RBAC: ${missing.size === 1 ? first : `[${[...missing].join(', ')}]`}` };
}

/** status of a SelfSubjectRulesReview. */
export interface RulesReview {
  readonly resourceRules: readonly Partial<PolicyRule>[];
  readonly nonResourceRules: readonly Partial<PolicyRule>[];
  /** Rules were not found, or do not come from roles at all. */
  readonly incomplete: boolean;
  readonly evaluationError?: string;
}

/** What a user may in a namespace, as far as roles say so. */
export function reviewRules(policy: Policy, user: User, namespace: string): RulesReview {
  const resourceRules: Partial<PolicyRule>[] = [];
  const nonResourceRules: Partial<PolicyRule>[] = [];
  const missing = new Set<string>();
  for (const found of rulesFor(policy, user, namespace)) {
    if ('missing' in found) {
      missing.add(found.missing);
      continue;
    }
    const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = found.rule;
    if (resources.length > 0)
      resourceRules.push({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames.length > 0 ? { resourceNames } : {}),
      });
    if (nonResourceURLs.length > 0) nonResourceRules.push({ verbs, nonResourceURLs });
  }
  return {
    resourceRules,
    nonResourceRules,
    incomplete: missing.size > 0,
    ...(missing.size > 0 ? { evaluationError: [...missing].join(', ') } : {}),
  };
}
