/**
 * Parses foreign JSON: with a depth limit, without assumptions about its shape, and copied so that every key is only a
 * key (`__proto__` is a valid key of a ConfigMap). `schema.ts` defines the fields of a kind.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { goJsonFault } from './go/json.ts';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Deeper than any object of the API; everything here that calls itself stays far from the end of the stack. */
export const depthLimit = 200;

/** Text that is no JSON, in Go's words, or JSON that is too deep. */
export class JsonError extends Error {}

export function parseJson(text: string): Json {
  // Looked at before it is parsed: a megabyte of brackets would take a second.
  if (opensMoreThan(text, depthLimit + 1)) throw new JsonError('exceeded max depth');
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new JsonError(goJsonFault(text) ?? String(error), { cause: error });
  }
}

/** Whether so many objects and lists stand in each other. What is no JSON may be counted wrong. */
function opensMoreThan(text: string, limit: number): boolean {
  let open = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '[':
      case '{':
        if (++open > limit) return true;
        break;
      case ']':
      case '}':
        open--;
        break;
      case '"':
        at = endOfString(text, at + 1);
        break;
      default:
    }
  }
  return false;
}

/** Where its last quotation mark stands. @param from behind the first one. */
function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Level by level, since a stack is what such a value attacks. */
export function isDeeperThan(value: Json, limit: number): boolean {
  let level: Json[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    const next: Json[] = [];
    for (const one of level) {
      if (typeof one !== 'object' || one === null) continue;
      for (const child of Array.isArray(one) ? (one as readonly Json[]) : Object.values(one))
        if (typeof child === 'object' && child !== null) next.push(child);
    }
    level = next;
  }
  return false;
}

/** What stands at a path of an object of unknown shape; undefined where there is nothing. */
export function valueAt(object: unknown, ...path: readonly string[]): unknown {
  let value = object;
  for (const key of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** The string there; empty where there is none. */
export function textAt(object: unknown, ...path: readonly string[]): string {
  const value = valueAt(object, ...path);
  return typeof value === 'string' ? value : '';
}

export function listAt(object: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = valueAt(object, ...path);
  return Array.isArray(value) ? value : [];
}

export function objectAt(object: unknown, ...path: readonly string[]): JsonObject {
  const value = valueAt(object, ...path);
  return isJsonObject(value) ? value : {};
}

/** The object with these keys set; those that are undefined are left out. */
export function withKeys<T extends object>(object: T, changes: Dictionary<unknown>): T {
  return Object.fromEntries(
    [...Object.entries(object), ...Object.entries(changes)].filter(
      ([key, value]) => !(Object.hasOwn(changes, key) && changes[key] === undefined) && value !== undefined,
    ),
  ) as T;
}
