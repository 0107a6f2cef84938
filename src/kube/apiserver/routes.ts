/**
 * Parses a request line (k8s.io/apiserver, request.RequestInfo) into a resource or a path. A path is split once, and a
 * malformed one is refused before any lookup.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import type { Attributes, User, Verb } from './attributes.ts';
import { pathSegmentFault } from '../objects/names.ts';
import { ApiFailure } from '../objects/objects.ts';
import { findResource } from './resources.ts';
import type { ResourceType } from './resources.ts';
import { parseFieldSelector, SelectorError } from '../objects/selectors.ts';

export interface ResourceRoute {
  readonly kind: 'resource';
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  /** The plural as requested. */
  readonly plural: string;
  readonly subresource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** The equality selectors of a list or a watch: field and value. */
  readonly selected: ReadonlyMap<string, string>;
  /** Absent if the server has no such resource. */
  readonly type: ResourceType | undefined;
  readonly query: URLSearchParams;
}

export interface PathRoute {
  readonly kind: 'path';
  readonly verb: Verb;
  readonly path: string;
  readonly query: URLSearchParams;
}

export type Route = ResourceRoute | PathRoute;

/** With a name, without one. */
const verbs: Dictionary<readonly [one: Verb, all: Verb]> = {
  GET: ['get', 'list'],
  HEAD: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['delete', 'deletecollection'],
};

/** Subresources of a namespace itself. */
const namespaceParts = new Set(['status', 'finalize']);

/** @throws ApiFailure 400 for an invalid path, 405 for an unknown method. */
export function parseRoute(method: string, target: string): Route {
  const mark = target.indexOf('?');
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
  const segments = segmentsOf(mark < 0 ? target : target.slice(0, mark));
  const known = Object.hasOwn(verbs, method) ? verbs[method] : undefined;
  if (!known)
    throw new ApiFailure(
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    );
  const resource = resourceSegments(segments);
  if (!resource) return { kind: 'path', verb: method.toLowerCase(), path: `/${segments.join('/')}`, query };

  const { group, version } = resource;
  let rest = resource.rest;
  let namespace: string | undefined;
  if (rest[0] === 'namespaces' && rest[1] !== undefined) {
    namespace = rest[1];
    if (rest[2] !== undefined && !namespaceParts.has(rest[2])) rest = rest.slice(2);
  }
  const [plural = '', name, subresource = '', ...more] = rest;
  const type = more.length > 0 ? undefined : findResource(group, version, plural);
  const isWatch =
    ['GET', 'HEAD'].includes(method) &&
    name === undefined &&
    ['true', '1'].includes(query.get('watch') ?? '');
  const verb = isWatch ? 'watch' : known[name === undefined ? 1 : 0];
  const selected = selectedFields(query, verb);
  // A list restricted to one name is authorized for that name.
  return {
    kind: 'resource',
    verb,
    group,
    version,
    plural,
    subresource,
    namespace,
    name: name ?? selected.get('metadata.name'),
    selected,
    type,
    query,
  };
}

function selectedFields(query: URLSearchParams, verb: Verb): ReadonlyMap<string, string> {
  if (!['list', 'watch', 'deletecollection'].includes(verb)) return new Map();
  try {
    return new Map(
      parseFieldSelector(query.get('fieldSelector') ?? '').flatMap(({ field, value, equals }) =>
        equals ? [[field, value] as const] : [],
      ),
    );
  } catch (error) {
    // Reported when the list is executed.
    if (error instanceof SelectorError) return new Map();
    throw error;
  }
}

function segmentsOf(path: string): string[] {
  if (!path.startsWith('/')) throw new ApiFailure('BadRequest', 'the path of a request begins with a slash');
  const segments = path.split('/').slice(1);
  // A trailing slash is ignored.
  if (segments.at(-1) === '') segments.pop();
  return segments.map((segment) => {
    let decoded: string;
    try {
      decoded = decodeURIComponent(segment);
    } catch {
      throw new ApiFailure('BadRequest', `invalid URL escape in ${quoted(segment)}`);
    }
    const fault =
      decoded === ''
        ? 'may not be empty'
        : /[\0-\x1f\x7f]/.test(decoded)
          ? 'may not contain control characters'
          : pathSegmentFault(decoded);
    if (fault !== undefined)
      throw new ApiFailure('BadRequest', `Name parameter invalid: ${quoted(decoded)}: ${fault}`);
    return decoded;
  });
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 256));
}

function resourceSegments(
  segments: readonly string[],
): { readonly group: string; readonly version: string; readonly rest: readonly string[] } | undefined {
  const [root, first = '', second = '', ...rest] = segments;
  // Also for unknown groups and versions: only authorized clients learn that they do not exist.
  if (root === 'api' && segments.length > 2) return { group: '', version: first, rest: segments.slice(2) };
  if (root === 'apis' && rest.length > 0) return { group: first, version: second, rest };
  return undefined;
}

export function attributesOf(route: Route, user: User): Attributes {
  if (route.kind === 'path') return { user, verb: route.verb, path: route.path };
  const { verb, group, version, plural, subresource, namespace, name, selected } = route;
  return {
    user,
    verb,
    group,
    version,
    resource: plural,
    ...defined({ subresource: subresource || undefined, namespace, name }),
    ...(selected.size === 0 ? {} : { selected }),
  };
}

/** The resource of an authorized route. @throws ApiFailure 404, 405 */
export function servedType(route: ResourceRoute): ResourceType {
  const { type, subresource, verb, namespace, name } = route;
  const part =
    type && subresource !== '' && Object.hasOwn(type.subresources, subresource)
      ? type.subresources[subresource]
      : undefined;
  // Namespaced resources can only be listed across all namespaces.
  const misplaced =
    type !== undefined &&
    type.plural !== 'namespaces' &&
    (type.namespaced
      ? namespace === undefined && !['list', 'watch'].includes(verb)
      : namespace !== undefined);
  if (!type || misplaced || (subresource !== '' && !part))
    throw new ApiFailure('NotFound', 'the server could not find the requested resource', {});
  const named = !['list', 'watch', 'create', 'deletecollection'].includes(verb);
  // Objects are created through the collection; a POST to a subresource needs an existing object.
  if (
    !(part ?? type).verbs.includes(verb) ||
    (named && name === undefined) ||
    (verb === 'create' && (name !== undefined) !== (part !== undefined))
  ) {
    throw new ApiFailure(
      'MethodNotAllowed',
      `the server does not allow this method on the requested resource`,
      {},
    );
  }
  return type;
}

export function notFound(type: Pick<ResourceType, 'group' | 'plural'>, name: string): ApiFailure {
  const { group, plural } = type;
  return new ApiFailure(
    'NotFound',
    `${group === '' ? plural : `${plural}.${group}`} ${JSON.stringify(name)} not found`,
    { name, ...defined({ group: group || undefined }), kind: plural },
  );
}
