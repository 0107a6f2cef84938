/**
 * Implements JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396) on any JSON. `registry.ts` decides which patch a
 * kind accepts; the third form is `strategic-merge.ts`.
 *
 * 1. The given document is not modified; the result shares nothing with the patch.
 * 2. A small patch can have large effects: operations, copied bytes and moved elements are limited.
 */
import { isDeepStrictEqual } from 'node:util';
import { depthLimit, isDeeperThan, isJsonObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';

/** A patch that cannot be parsed (400), cannot be applied (422), or exceeds a limit (413). */
export class PatchError extends Error {
  readonly kind: 'unreadable' | 'unfit' | 'too-large';

  constructor(kind: PatchError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

const limits = { operations: 10_000, copiedBytes: 3 * 1024 * 1024, movedElements: 20_000_000 } as const;

type MutableObject = Record<string, Json>;
type Container = MutableObject | Json[];

/** What an operation of each kind needs beside its path. */
const operations = {
  add: ['value'],
  remove: [],
  replace: ['value'],
  move: ['from'],
  copy: ['from'],
  test: ['value'],
} as const;

interface Budget {
  copiedBytes: number;
  movedElements: number;
}

/** @throws PatchError */
export function applyJsonPatch(document: JsonObject, patch: Json): Json {
  if (!Array.isArray(patch))
    throw new PatchError('unreadable', unmarshalled(patch, 'Go value of type []handlers.jsonPatchOp'));
  const list = patch as readonly Json[];
  if (list.length > limits.operations)
    throw new PatchError(
      'too-large',
      `The allowed maximum operations in a JSON patch is ${limits.operations}, got ${list.length}`,
    );
  const budget: Budget = { copiedBytes: 0, movedElements: 0 };
  // The whole document stands under one key: then its root has a container as everything has.
  const root: MutableObject = { document: structuredClone<Json>(document) };
  for (const one of list) applyOperation(root, one, budget);
  return notTooDeep(root['document'] ?? null);
}

function applyOperation(root: MutableObject, operation: Json, budget: Budget): void {
  if (!isJsonObject(operation))
    throw new PatchError('unreadable', unmarshalled(operation, 'Go value of type handlers.jsonPatchOp'));
  const { op, path, from } = operation;
  for (const [name, text] of Object.entries({ op, path, from }))
    if (text !== undefined && text !== null && typeof text !== 'string')
      throw new PatchError(
        'unreadable',
        unmarshalled(text, `Go struct field jsonPatchOp.${name} of type string`),
      );
  const needs =
    typeof op === 'string' && Object.hasOwn(operations, op)
      ? operations[op as keyof typeof operations]
      : undefined;
  if (!needs)
    throw new PatchError('unfit', `Unexpected kind: ${typeof op === 'string' ? op.slice(0, 64) : 'unknown'}`);
  for (const key of ['path', ...needs])
    if (!Object.hasOwn(operation, key))
      throw new PatchError('unfit', `operation ${op as string} lacks ${key}`);
  const at = pointerOf(path);
  const value = (): Json => structuredClone<Json>(operation['value'] ?? null);
  switch (op) {
    case 'add':
      return add(root, at, value(), budget);
    case 'remove':
      remove(root, at, budget);
      return undefined;
    case 'replace':
      get(root, at);
      return set(root, at, value());
    case 'test':
      if (!isDeepStrictEqual(getOrNull(root, at), operation['value'] ?? null))
        throw new PatchError(
          'unfit',
          `testing value /${at.slice(1).join('/').slice(0, 128)} failed: test failed`,
        );
      return undefined;
    case 'move': {
      const source = pointerOf(from);
      if (at.length > source.length && source.every((token, index) => at[index] === token))
        throw new PatchError('unfit', 'a value cannot be moved into itself');
      const moved = remove(root, source, budget);
      return add(root, at, moved, budget);
    }
    default: {
      const copied = notTooDeep(get(root, pointerOf(from)));
      budget.copiedBytes += JSON.stringify(copied).length;
      if (budget.copiedBytes > limits.copiedBytes)
        throw new PatchError(
          'too-large',
          `Unable to complete the copy, the accumulated size increase of copy is ${budget.copiedBytes}, exceeding the limit ${limits.copiedBytes}`,
        );
      return add(root, at, structuredClone<Json>(copied), budget);
    }
  }
}

/** Moving and copying things into one another makes them deep. */
function notTooDeep(value: Json): Json {
  if (isDeeperThan(value, depthLimit)) throw new PatchError('unfit', 'exceeded max depth');
  return value;
}

/** RFC 6901, with the root's own key before it. */
function pointerOf(path: Json | undefined): readonly string[] {
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/')))
    throw new PatchError('unfit', `invalid path ${JSON.stringify(path ?? null).slice(0, 128)}`);
  return [
    'document',
    ...path
      .split('/')
      .slice(1)
      .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~')),
  ];
}

function missing(at: readonly string[]): PatchError {
  return new PatchError(
    'unfit',
    `doc is missing path: ${JSON.stringify(`/${at.slice(1).join('/')}`.slice(0, 256))}: missing value`,
  );
}

/** @throws PatchError where there is nothing to hold it. */
function containerOf(root: MutableObject, at: readonly string[]): Container {
  let container: Json = root;
  for (const token of at.slice(0, -1)) container = child(container, token) ?? null;
  if (typeof container !== 'object' || container === null) throw missing(at);
  return container as Container;
}

function child(value: Json, token: string): Json | undefined {
  if (Array.isArray(value))
    return /^(?:0|[1-9]\d{0,8})$/.test(token) ? (value as readonly Json[])[Number(token)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, token) ? value[token] : undefined;
}

function get(root: MutableObject, at: readonly string[]): Json {
  const value = child(containerOf(root, at), at.at(-1) ?? '');
  if (value === undefined) throw missing(at);
  return value;
}

function getOrNull(root: MutableObject, at: readonly string[]): Json {
  return child(containerOf(root, at), at.at(-1) ?? '') ?? null;
}

/** An own property, whatever it is called. */
function put(container: MutableObject, key: string, value: Json): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function set(root: MutableObject, at: readonly string[], value: Json): void {
  const container = containerOf(root, at);
  const token = at.at(-1) ?? '';
  if (Array.isArray(container)) container[indexIn(container, token, container.length - 1, at)] = value;
  else put(container, token, value);
}

function add(root: MutableObject, at: readonly string[], value: Json, budget: Budget): void {
  const container = containerOf(root, at);
  const token = at.at(-1) ?? '';
  if (!Array.isArray(container)) return put(container, token, value);
  const index = token === '-' ? container.length : indexIn(container, token, container.length, at);
  move(budget, container.length - index);
  container.splice(index, 0, value);
}

function remove(root: MutableObject, at: readonly string[], budget: Budget): Json {
  if (at.length === 1) throw new PatchError('unfit', 'the whole document cannot be removed');
  const container = containerOf(root, at);
  const token = at.at(-1) ?? '';
  const removed = child(container, token);
  if (removed === undefined) throw missing(at);
  if (Array.isArray(container)) {
    move(budget, container.length - Number(token));
    container.splice(Number(token), 1);
  } else delete container[token];
  return removed;
}

function move(budget: Budget, elements: number): void {
  budget.movedElements += elements;
  if (budget.movedElements > limits.movedElements)
    throw new PatchError('too-large', 'the operations of the patch move too many elements');
}

function indexIn(container: readonly Json[], token: string, last: number, at: readonly string[]): number {
  const index = /^(?:0|[1-9]\d{0,8})$/.test(token) ? Number(token) : Number.NaN;
  if (!(index <= last))
    throw new PatchError(
      'unfit',
      `Unable to access invalid index: ${JSON.stringify(token.slice(0, 64))} of ${container.length} at /${at.slice(1).join('/').slice(0, 128)}`,
    );
  return index;
}

/** Go's words for JSON of another type. */
export function unmarshalled(value: Json, target: string): string {
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${type} into ${target}`;
}

/** Of a patch that must be an object. @throws PatchError */
export function objectPatch(patch: Json): JsonObject {
  if (patch === null) return {};
  if (!isJsonObject(patch))
    throw new PatchError('unreadable', unmarshalled(patch, 'Go value of type map[string]interface {}'));
  return patch;
}

/** RFC 7396 section 2. */
export function applyMergePatch(target: Json, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map<string, Json>(isJsonObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, applyMergePatch(merged.get(key) ?? null, value));
  }
  return Object.fromEntries(merged);
}
