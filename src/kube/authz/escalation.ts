/**
 * Prevents privilege escalation: writing a role requires all of its rules, or the verb `escalate` on it; binding a role
 * requires all of its rules in the binding's namespace, or the verb `bind` on it. Without this, a user who can create
 * roles would be an administrator. `rbac.ts` has the rules of roles.
 */
import { defined } from '../../core/defined.ts';
import type { Attributes, Authorization, User } from '../apiserver/attributes.ts';
import { quoted } from '../objects/go/quoted.ts';
import { forbiddenObject, qualifiedResource } from './forbidden.ts';
import { ApiFailure } from '../objects/objects.ts';
import type { KubeObject } from '../objects/objects.ts';
import { coversPath, privilegedGroup, rbacGroup, roleRefOf, roleRules, rulesFor, rulesOf } from './rbac.ts';
import type { Policy, PolicyRule } from './rbac.ts';

export interface Granting {
  readonly user: User;
  /** The new object, of one of the four RBAC kinds. */
  readonly object: KubeObject;
  /** The object it replaces. */
  readonly old?: KubeObject;
  readonly policy: Policy;
  /** The whole chain of authorizers: escalate and bind may come from elsewhere. */
  readonly authorize: (attributes: Attributes) => Promise<Authorization>;
}

const plurals: ReadonlyMap<string, string> = new Map([
  ['Role', 'roles'],
  ['ClusterRole', 'clusterroles'],
  ['RoleBinding', 'rolebindings'],
  ['ClusterRoleBinding', 'clusterrolebindings'],
]);

/** @throws ApiFailure 403, or 404 for a binding to a missing role. */
export async function checkEscalation(granting: Granting): Promise<void> {
  const { user, object } = granting;
  const resource = plurals.get(object.kind);
  if (resource === undefined || user.groups.includes(privilegedGroup)) return;
  await (object.kind.endsWith('Binding') ? checkBinding(granting, resource) : checkRole(granting, resource));
}

const same = (left: unknown, right: unknown): boolean =>
  JSON.stringify(left ?? null) === JSON.stringify(right ?? null);

async function checkRole(
  { user, object, old, policy, authorize }: Granting,
  resource: string,
): Promise<void> {
  if (old && same(old['rules'], object['rules']) && same(old['aggregationRule'], object['aggregationRule']))
    return;
  const { name, namespace = '' } = object.metadata;
  const right = { user, verb: 'escalate', resource, name };
  if ((await authorize(onRoles(right, namespace))).allowed) return;
  // The aggregated rules are not known in advance. A user with all rights may escalate, and has passed.
  if (object['aggregationRule']) {
    throw forbiddenObject(
      resource,
      rbacGroup,
      name,
      'must have cluster-admin privileges to use an aggregationRule',
    );
  }
  refuseMissing(user, heldRules(policy, user, namespace), rulesOf(object['rules']), resource, name);
}

async function checkBinding(
  { user, object, old, policy, authorize }: Granting,
  resource: string,
): Promise<void> {
  if (old && same(old['roleRef'], object['roleRef']) && same(old['subjects'], object['subjects'])) return;
  const { name } = object.metadata;
  const namespace = object.kind === 'RoleBinding' ? (object.metadata.namespace ?? '') : '';
  const roleRef = roleRefOf(object['roleRef']);
  // An invalid reference is refused by validation.
  if (!roleRef) return;
  const roles = plurals.get(roleRef.kind) ?? '';
  const right = { user, verb: 'bind', resource: roles, name: roleRef.name };
  if ((await authorize(onRoles(right, namespace))).allowed) return;
  const rules = roleRules(policy, roleRef, namespace);
  if (!rules) {
    throw new ApiFailure(
      'NotFound',
      `${qualifiedResource(roles, rbacGroup)} ${quoted(roleRef.name)} not found`,
      { name: roleRef.name, group: rbacGroup, kind: roles },
    );
  }
  refuseMissing(user, heldRules(policy, user, namespace), rules, resource, name);
}

const onRoles = (
  right: Pick<Extract<Attributes, { resource: string }>, 'user' | 'verb' | 'resource' | 'name'>,
  namespace: string,
): Attributes => ({
  ...right,
  group: rbacGroup,
  version: 'v1',
  ...defined({ namespace: namespace || undefined }),
});

function heldRules(policy: Policy, user: User, namespace: string): PolicyRule[] {
  return Array.from(rulesFor(policy, user, namespace)).flatMap((one) => ('rule' in one ? [one.rule] : []));
}

function refuseMissing(
  user: User,
  held: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
  resource: string,
  name: string,
): void {
  const missing = missingRules(held, wanted);
  if (missing.length === 0) return;
  const groups = user.groups.map(quoted).join(' ');
  const lines = [...new Set(compact(missing).map(ruleText))].sort().join('\n');
  throw forbiddenObject(
    resource,
    rbacGroup,
    name,
    `user ${quoted(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${lines}`,
  );
}

/** The limit of compared rights; a role with more is an attack, and counts as not held. */
const mostRights = 20_000;

/** The single rights of `wanted` that no rule of `held` contains. */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const rights = wanted.reduce((sum, rule) => sum + countRights(rule), 0);
  if (rights > mostRights) return wanted.slice(0, 1);
  const missing: PolicyRule[] = [];
  for (const rule of wanted)
    for (const right of singleRights(rule)) if (!held.some((one) => covers(one, right))) missing.push(right);
  return missing;
}

const countRights = ({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): number =>
  verbs.length *
  (apiGroups.length * resources.length * Math.max(1, resourceNames.length) + nonResourceURLs.length);

const nothing: PolicyRule = {
  verbs: [],
  apiGroups: [],
  resources: [],
  resourceNames: [],
  nonResourceURLs: [],
};

function* singleRights(rule: PolicyRule): Generator<PolicyRule> {
  const names = rule.resourceNames.length > 0 ? rule.resourceNames.map((one) => [one]) : [[]];
  for (const apiGroup of rule.apiGroups) {
    for (const resource of rule.resources) {
      for (const verb of rule.verbs)
        for (const resourceNames of names)
          yield { ...nothing, verbs: [verb], apiGroups: [apiGroup], resources: [resource], resourceNames };
    }
  }
  for (const url of rule.nonResourceURLs)
    for (const verb of rule.verbs) yield { ...nothing, verbs: [verb], nonResourceURLs: [url] };
}

/** Whether a rule contains a single right: a wildcard is covered only by a wildcard. */
function covers(held: PolicyRule, right: PolicyRule): boolean {
  const has = (all: readonly string[], [one]: readonly string[]): boolean =>
    one === undefined || all.includes('*') || all.includes(one);
  if (!has(held.verbs, right.verbs)) return false;
  const [url] = right.nonResourceURLs;
  if (url !== undefined) return held.nonResourceURLs.some((one) => coversPath(one, url));
  const [resource = ''] = right.resources;
  const slash = resource.indexOf('/');
  const hasResource = held.resources.some(
    (one) => one === '*' || one === resource || (slash >= 0 && one === `*${resource.slice(slash)}`),
  );
  if (!has(held.apiGroups, right.apiGroups) || !hasResource) return false;
  // A rule for certain names does not cover a right to all of them.
  return (
    held.resourceNames.length === 0 ||
    (right.resourceNames.length > 0 &&
      has(
        held.resourceNames.filter((one) => one !== '*'),
        right.resourceNames,
      ))
  );
}

/** Single rights to the same resource are reported together. */
function compact(rights: readonly PolicyRule[]): PolicyRule[] {
  const together = new Map<string, PolicyRule>();
  for (const right of rights) {
    const key = JSON.stringify({ ...right, verbs: [] });
    const known = together.get(key);
    together.set(key, known ? { ...known, verbs: [...known.verbs, ...right.verbs] } : right);
  }
  return [...together.values()].slice(0, mostLines);
}

const mostLines = 50;

function ruleText({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ];
  const filled = parts
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => `${name}:[${values.slice(0, mostLines).map(quoted).join(' ')}]`);
  return `{${filled.join(', ')}}`;
}
