/**
 * Implements strategic merge patch (k8s.io/apimachinery, util/strategicpatch): a merge patch that knows keyed lists, so
 * that a patch can address one container of several. The table below lists them; every other list is replaced.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { isJsonObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { objectPatch, PatchError } from './patch.ts';

/** How the lists of a field are merged: by the value of a key of their elements, or as sets of values. */
type Strategy = { readonly key: string } | 'set';

/** By the name of the field; `parent.field` where the name alone would say too much (the `patchMergeKey` tags of k8s.io/api). */
const strategies: Dictionary<Strategy> = {
  'metadata.finalizers': 'set',
  'metadata.ownerReferences': { key: 'uid' },
  'spec.containers': { key: 'name' },
  'spec.initContainers': { key: 'name' },
  'spec.ephemeralContainers': { key: 'name' },
  'spec.volumes': { key: 'name' },
  'spec.imagePullSecrets': { key: 'name' },
  'spec.hostAliases': { key: 'ip' },
  'spec.topologySpreadConstraints': { key: 'topologyKey' },
  'spec.schedulingGates': { key: 'name' },
  'spec.resourceClaims': { key: 'name' },
  'spec.podCIDRs': 'set',
  // Those of a service.
  'spec.ports': { key: 'port' },
  'ephemeralContainers.env': { key: 'name' },
  'ephemeralContainers.volumeMounts': { key: 'mountPath' },
  'containers.env': { key: 'name' },
  'containers.ports': { key: 'containerPort' },
  'containers.volumeMounts': { key: 'mountPath' },
  'containers.volumeDevices': { key: 'devicePath' },
  'initContainers.env': { key: 'name' },
  'initContainers.ports': { key: 'containerPort' },
  'initContainers.volumeMounts': { key: 'mountPath' },
  'initContainers.volumeDevices': { key: 'devicePath' },
  'status.addresses': { key: 'type' },
  'status.podIPs': { key: 'ip' },
  'status.hostIPs': { key: 'ip' },
};

/** Kinds whose conditions are keyed by their type; those of a certificate signing request are one list. */
const keyedConditions = new Set(['Pod', 'Node', 'Namespace', 'Service']);

/** Kinds with keyed lists at the top level: the secrets of a service account, the webhooks of a configuration. */
const topLists: Dictionary<Dictionary<Strategy>> = {
  ServiceAccount: { secrets: { key: 'name' }, imagePullSecrets: { key: 'name' } },
  ValidatingWebhookConfiguration: { webhooks: { key: 'name' } },
};

/** Keys of a patch that are about merging and no fields. */
const orderPrefix = '$setElementOrder/';
const deletePrefix = '$deleteFromPrimitiveList/';

/** @throws PatchError */
export function applyStrategicMergePatch(object: JsonObject, patch: Json, kind: string): JsonObject {
  return mergeObjects(object, objectPatch(patch), '', kind);
}

function strategyOf(parent: string, field: string, kind: string): Strategy | undefined {
  if (parent === '') return topLists[kind]?.[field];
  if (parent === 'status' && field === 'conditions')
    return keyedConditions.has(kind) ? { key: 'type' } : undefined;
  const path = `${parent}.${field}`;
  return Object.hasOwn(strategies, path) ? strategies[path] : undefined;
}

/** @param parent the field in which the object stands; for an element of a list, the list. */
function mergeObjects(original: JsonObject, patch: JsonObject, parent: string, kind: string): JsonObject {
  const directive = patch['$patch'];
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge')
    throw new PatchError('unreadable', `Unknown patch type found: ${JSON.stringify(directive).slice(0, 64)}`);

  const kept = retained(original, patch);
  const merged = new Map<string, Json>(Object.entries(kept));
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(deletePrefix)) {
      const field = key.slice(deletePrefix.length);
      const gone = new Set(listOf(value, key).map((one) => JSON.stringify(one)));
      const current = merged.get(field);
      if (Array.isArray(current))
        merged.set(
          field,
          (current as readonly Json[]).filter((one) => !gone.has(JSON.stringify(one))),
        );
    }
    if (key.startsWith('$')) continue;
    if (value === null) {
      merged.delete(key);
      continue;
    }
    const current = merged.get(key);
    if (isJsonObject(value))
      merged.set(key, mergeObjects(isJsonObject(current) ? current : {}, value, key, kind));
    else if (Array.isArray(value))
      merged.set(key, mergeLists(Array.isArray(current) ? current : [], value, { parent, field: key, kind }));
    else merged.set(key, value);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (!key.startsWith(orderPrefix)) continue;
    const field = key.slice(orderPrefix.length);
    const current = merged.get(field);
    const strategy = strategyOf(parent, field, kind);
    if (Array.isArray(current) && strategy) merged.set(field, ordered(current, listOf(value, key), strategy));
  }
  return Object.fromEntries(merged);
}

function listOf(value: Json, key: string): readonly Json[] {
  if (!Array.isArray(value)) throw new PatchError('unreadable', `${key.slice(0, 128)} is no list`);
  return value;
}

/** `$retainKeys`: of what is there, only these stay. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch['$retainKeys'];
  if (keys === undefined) return original;
  const kept = new Set(listOf(keys, '$retainKeys'));
  return Object.fromEntries(Object.entries(original).filter(([key]) => kept.has(key)));
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(patch).filter(([key, value]) => !key.startsWith('$') && value !== null),
  );
}

interface Place {
  readonly parent: string;
  readonly field: string;
  readonly kind: string;
}

function mergeLists(
  original: readonly Json[],
  patch: readonly Json[],
  { parent, field, kind }: Place,
): readonly Json[] {
  const strategy = strategyOf(parent, field, kind);
  const changes = patch.filter((one) => !isReplacement(one));
  if (!strategy || changes.length < patch.length) return changes.map(plain);
  if (strategy === 'set') {
    const known = new Set(original.map((one) => JSON.stringify(one)));
    return [...original, ...changes.filter((one) => !known.has(JSON.stringify(one)))];
  }
  const { key } = strategy;
  // By the key's text: a Map keeps the order, and a patch of many elements stays a matter of one pass.
  const merged = new Map<string, Json>(original.map((one, index) => [keyOf(one, key) ?? `#${index}`, one]));
  for (const change of changes) {
    const id = keyOf(change, key);
    if (id === undefined || !isJsonObject(change))
      throw new PatchError(
        'unreadable',
        `map: ${JSON.stringify(change).slice(0, 128)} does not contain declared merge key: ${key}`,
      );
    const current = merged.get(id);
    if (change['$patch'] === 'delete') merged.delete(id);
    else merged.set(id, mergeObjects(isJsonObject(current) ? current : {}, change, field, kind));
  }
  return [...merged.values()];
}

/** An element that says that the whole list is replaced. */
function isReplacement(element: Json): boolean {
  return isJsonObject(element) && element['$patch'] === 'replace' && Object.keys(element).length === 1;
}

/** A value of a list that is replaced, without what is about merging. */
function plain(element: Json): Json {
  return isJsonObject(element)
    ? Object.fromEntries(Object.entries(element).filter(([key]) => !key.startsWith('$')))
    : element;
}

function keyOf(element: Json, key: string): string | undefined {
  const value = isJsonObject(element) ? element[key] : undefined;
  return value === undefined ? undefined : JSON.stringify(value);
}

/** What the order names comes in it; what it does not name keeps its place behind what stood before it. */
function ordered(list: readonly Json[], order: readonly Json[], strategy: Strategy): readonly Json[] {
  const idOf = (element: Json): string =>
    strategy === 'set' ? JSON.stringify(element) : (keyOf(element, strategy.key) ?? '');
  const rank = new Map(order.map((element, index) => [idOf(element), index]));
  const named = list
    .filter((element) => rank.has(idOf(element)))
    .toSorted((one, other) => (rank.get(idOf(one)) ?? 0) - (rank.get(idOf(other)) ?? 0));
  let next = 0;
  return list.map((element) => (rank.has(idOf(element)) ? (named[next++] ?? element) : element));
}
