/**
 * Splits lists into pages (Kubernetes API concepts, "Retrieving large results sets in chunks"): a page ends with a
 * token for the next one.
 *
 * 1. Every page has the revision of the first, but is read from the current objects. A client that then watches from
 *    that revision receives all later changes, and so has a complete state in the end.
 */
import { isJsonObject, JsonError, parseJson } from '../objects/json.ts';
import { ApiFailure } from '../objects/objects.ts';
import type { Stored, StoreKey } from '../store/store.ts';

export interface Page {
  readonly items: readonly Stored[];
  readonly revision: number;
  /** Where there is more. */
  readonly next?: { readonly token: string; readonly remaining: number };
}

interface Place {
  readonly revision: number;
  /** The last key of the previous page. */
  readonly after: StoreKey;
}

/** @param items the selected objects, in key order. @throws ApiFailure 400 */
export function pageOf(items: readonly Stored[], revision: number, query: URLSearchParams): Page {
  const limit = numberOf(query, 'limit') ?? 0;
  const token = query.get('continue') ?? '';
  const place = token === '' ? undefined : placeOf(token);
  if (place && !['', '0'].includes(query.get('resourceVersion') ?? ''))
    throw new ApiFailure('BadRequest', 'specifying resource version is not allowed when using continue');
  const left = place ? items.filter(({ key }) => key > place.after) : items;
  const shown = limit > 0 ? left.slice(0, limit) : left;
  const last = shown.at(-1);
  const at = place?.revision ?? revision;
  if (!last || shown.length === left.length) return { items: shown, revision: at };
  return {
    items: shown,
    revision: at,
    next: { token: tokenOf({ revision: at, after: last.key }), remaining: left.length - shown.length },
  };
}

function tokenOf({ revision, after }: Place): string {
  return Buffer.from(JSON.stringify({ rv: revision, start: after })).toString('base64url');
}

function placeOf(token: string): Place {
  try {
    const place = parseJson(Buffer.from(token, 'base64url').toString());
    if (isJsonObject(place) && Number.isSafeInteger(place['rv']) && typeof place['start'] === 'string')
      return { revision: Number(place['rv']), after: place['start'] };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  throw new ApiFailure('BadRequest', 'continue key is not valid: it is none that this server gave');
}

/** A number in a query; undefined if absent. @throws ApiFailure 400 */
export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw new ApiFailure(
      'BadRequest',
      `${name}: Invalid value: ${JSON.stringify(text.slice(0, 64))}: must be a number that is not negative`,
    );
  return Number(text);
}
