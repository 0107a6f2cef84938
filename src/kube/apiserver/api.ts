/**
 * Processes a request to the API server without sockets, in the order of kube-apiserver: the path is parsed, the user
 * authenticated and authorized, and only then the body read and the request executed.
 *
 * 1. Unauthorized clients learn nothing about existing objects: 401 and 403 precede 404.
 * 2. A client's error is an `ApiFailure` and becomes a Status; any other exception is an internal error.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { Readable } from 'node:stream';
import type { Attributes } from './attributes.ts';
import { decodeDeleteOptions, decodeObject, deleteOptionsIn, isDryRun } from '../objects/codec.ts';
import { objectAt, textAt } from '../objects/json.ts';
import { containerOf, kubeletAddress, logQuery } from './pod-logs.ts';
import { boundPod, checkBinding } from '../objects/pod-binding.ts';
import { ApiFailure } from '../objects/objects.ts';
import type { KubeObject, Status } from '../objects/objects.ts';
import { numberOf, pageOf } from './paging.ts';
import { typeOf } from './registry/stored-form.ts';
import { deletedStatus } from './registry/conflicts.ts';
import type { NamedTarget } from './registry/registry.ts';
import { isVirtual, qualifiedName, storePrefix } from './resources.ts';
import { forbidden } from '../authz/forbidden.ts';
import { attributesOf, parseRoute, servedType } from './routes.ts';
import type { ResourceRoute } from './routes.ts';
import { selectionOf } from './selection.ts';
import { StoreFailure, UnreadableValue } from '../store/store.ts';
import type { WatchRequest } from './watch.ts';
import { jsonAnswer } from './answers/answer.ts';
import type { ApiRequest, Caller, ApiOptions, Answered, Answer } from './answers/answer.ts';
import { answerPath } from './answers/documents.ts';
import { formOf, includeObjectOf, objectAnswer, listAnswer } from './answers/object-answers.ts';
import type { Call } from './answers/object-answers.ts';
import { strictness } from './answers/field-validation.ts';
import { patch } from './answers/patch.ts';

/** Never rejects. */
export function createApi(options: ApiOptions): Answer {
  return async (request) => {
    let caller: Caller = {};
    const warned = new Set<string>();
    try {
      const route = parseRoute(request.method, request.target);
      const authentication = await options.hooks.authenticate(request.facts, request.rawHeaders);
      caller = authentication;
      if (!('user' in authentication)) throw new ApiFailure('Unauthorized', 'Unauthorized');
      const attributes = attributesOf(route, authentication.user);
      const { allowed, reason } = await options.hooks.authorize(attributes);
      if (!allowed) throw forbidden(attributes, reason);
      const answered =
        route.kind === 'path'
          ? await answerPath(route, request, options)
          : await answerResource(route, attributes, request, options, (text) => warned.add(text));
      return { ...withWarnings(answered, warned), caller };
    } catch (error) {
      const status = statusOf(error);
      return {
        ...withWarnings(jsonAnswer(status, status.code), warned),
        caller:
          error instanceof ApiFailure || error instanceof StoreFailure ? caller : { ...caller, fault: error },
      };
    }
  };
}

/** The answer with what webhooks had to say beside. */
function withWarnings<A extends Answered>(answered: A, warned: ReadonlySet<string>): A {
  return answered.kind === 'json' && warned.size > 0
    ? { ...answered, warnings: [...(answered.warnings ?? []), ...warned] }
    : answered;
}

function statusOf(error: unknown): Status {
  if (error instanceof UnreadableValue)
    return new ApiFailure('InternalError', `Internal error occurred: ${error.message}`, {
      causes: [{ message: error.message }],
    }).status;
  // As kube-apiserver forwards its storage's messages: without a reason.
  if (error instanceof StoreFailure)
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: error.message,
      code: 500,
    };
  return (
    error instanceof ApiFailure
      ? error
      : new ApiFailure('InternalError', 'Internal error occurred: the server has a fault of its own', {})
  ).status;
}

const nodeType = typeOf('', 'nodes');

async function answerResource(
  route: ResourceRoute,
  attributes: Attributes,
  request: ApiRequest,
  options: ApiOptions,
  warn: (text: string) => void,
): Promise<Answered> {
  const type = servedType(route);
  const { query, subresource, name = '' } = route;
  if (attributes.path !== undefined) throw new Error('a resource has no path');
  const target: NamedTarget = {
    type,
    attributes,
    namespace: type.namespaced ? route.namespace : undefined,
    name,
    subresource,
    dryRun: isDryRun(query.getAll('dryRun')),
    warn,
  };
  if (type.subresources[subresource]?.stream !== undefined) return refuseStream(target, options);
  const answer = Object.hasOwn(operations, route.verb) ? operations[route.verb] : undefined;
  if (!answer)
    throw new ApiFailure(
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    );
  return answer({ route, type, request, target, options });
}

/** Commands, terminals and forwarded ports: a protocol other than HTTP, between kubectl and a container. */
async function refuseStream(target: NamedTarget, { registry }: ApiOptions): Promise<never> {
  const { object } = await registry.get(target);
  if (textAt(object, 'spec', 'nodeName') === '')
    throw new ApiFailure('BadRequest', `pod ${target.name} does not have a host assigned`);
  throw new ApiFailure(
    'MethodNotAllowed',
    `pods/${target.subresource} is not served here: no real container runs in this cluster`,
    { name: target.name, kind: 'pods' },
  );
}

/** The log of a container, fetched from the kubelet of its node. */
async function podLog({
  target,
  route,
  request: { signal },
  options: { registry, openLog },
}: Call): Promise<Answered> {
  const { object: pod } = await registry.get(target);
  const container = containerOf(pod, route.query.get('container') ?? '');
  const query = logQuery(route.query, target.name);
  const node = textAt(pod, 'spec', 'nodeName');
  const contentType = 'text/plain';
  // Nothing has run yet, so the log is empty.
  if (node === '') return { kind: 'stream', code: 200, contentType, body: Readable.from([]) };
  const { object } = await registry.get({ type: nodeType, namespace: undefined, name: node });
  const to = kubeletAddress(object);
  if (!openLog)
    throw new ApiFailure(
      'ServiceUnavailable',
      'this API server has no certificate for kubelets: it cannot fetch logs',
    );
  const path = `/containerLogs/${[target.namespace ?? '', target.name, container].map(encodeURIComponent).join('/')}${query === '' ? '' : `?${query}`}`;
  return {
    kind: 'stream',
    code: 200,
    contentType,
    body: await openLog(to, path, target.name, signal?.() ?? new AbortController().signal),
  };
}

/** By verb. */
const operations: Dictionary<(call: Call) => Promise<Answered>> = {
  get: async (call) =>
    call.target.subresource === 'log'
      ? podLog(call)
      : objectAnswer(call, (await call.options.registry.get(call.target)).object),
  list,
  watch,
  create,
  update: async (call) => {
    const decoded = decodeObject(await call.request.body(), call.request.headers['content-type'], call.type);
    const warnings = strictness(call, decoded);
    const { registry } = call.options;
    if (await isCreation(call, decoded.object)) {
      await checkMayCreate(call);
      return objectAnswer(call, await registry.create(call.target, decoded.object), 201, warnings);
    }
    return objectAnswer(call, await registry.update(call.target, () => decoded.object), 200, warnings);
  },
  patch,
  delete: async (call) => {
    const { object, gone } = await call.options.registry.remove(call.target, await deleteOptionsOf(call));
    return gone ? jsonAnswer(deletedStatus(call.type, object)) : objectAnswer(call, object);
  },
  deletecollection: async (call) => {
    const { registry } = call.options;
    const deletion = await deleteOptionsOf(call);
    const { items, revision } = await registry.store.list(prefixOf(call));
    const matches = selectionOf(call.type, call.route.query);
    const removed: KubeObject[] = [];
    for (const { object } of items) {
      if (!matches(object)) continue;
      const gone = await registry
        .remove({ ...call.target, name: object.metadata.name }, deletion)
        .catch((error: unknown) => {
          // Another writer was faster.
          if (error instanceof ApiFailure && error.status.reason === 'NotFound') return undefined;
          throw error;
        });
      if (gone) removed.push(gone.object);
    }
    return listAnswer(call, removed, { resourceVersion: String(revision) });
  },
};

/** Whether an update creates the object: of some kinds, of that name, and none that the client has seen before. */
async function isCreation(
  { type, target, options: { registry } }: Call,
  { metadata }: KubeObject,
): Promise<boolean> {
  return (
    type.createsOnUpdate &&
    target.subresource === '' &&
    metadata.name === target.name &&
    !metadata.uid &&
    !metadata.resourceVersion &&
    !(await registry.has(target))
  );
}

/** @throws ApiFailure 403 */
async function checkMayCreate({ target: { attributes }, options: { hooks } }: Call): Promise<void> {
  const creating = { ...attributes, verb: 'create' as const };
  const { allowed, reason } = await hooks.authorize(creating);
  if (!allowed) throw forbidden(creating, reason);
}

function prefixOf({ type, target }: Call): string {
  return storePrefix(type, target.namespace);
}

async function list(call: Call): Promise<Answered> {
  const { query } = call.route;
  const matches = selectionOf(call.type, query);
  const least = numberOf(query, 'resourceVersion') ?? 0;
  const { items, revision } = await call.options.registry.store.list(prefixOf(call));
  // kube-apiserver waits three seconds for it first.
  if (least > revision)
    throw new ApiFailure('Timeout', `Timeout: Too large resource version: ${least}, current: ${revision}`, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version', field: '' }],
    });
  const page = pageOf(
    items.filter(({ object }) => matches(object)),
    revision,
    query,
  );
  const selects = query.get('labelSelector') || query.get('fieldSelector');
  return listAnswer(
    call,
    page.items.map(({ object }) => object),
    {
      resourceVersion: String(page.revision),
      ...(page.next
        ? { continue: page.next.token, ...(selects ? {} : { remainingItemCount: page.next.remaining }) }
        : {}),
    },
  );
}

export async function watch(call: Call): Promise<Answered> {
  const { route, type } = call;
  const { query } = route;
  const revision = numberOf(query, 'resourceVersion') ?? 0;
  const marksBeginning = isTrue(query, 'sendInitialEvents');
  const request: WatchRequest = {
    type,
    prefix: prefixOf(call),
    revision: revision === 0 || marksBeginning ? undefined : revision,
    matches: selectionOf(type, query),
    form: formOf(call),
    includeObject: includeObjectOf(query),
    bookmarks: isTrue(query, 'allowWatchBookmarks'),
    marksBeginning,
    timeoutSeconds: numberOf(query, 'timeoutSeconds') || undefined,
  };
  return Promise.resolve({ kind: 'watch', code: 200, watch: request });
}

function isTrue(query: URLSearchParams, name: string): boolean {
  return ['true', '1'].includes(query.get(name) ?? '');
}

/** Handlers for POST to a subresource, by resource and subresource. */
const posts: Dictionary<(call: Call, posted: KubeObject, warnings: readonly string[]) => Promise<Answered>> =
  {
    'pods/binding': async ({ target, options: { registry, clock } }, binding, warnings) => {
      checkBinding(binding, target.name);
      await registry.update(target, (pod) => boundPod(pod, binding, clock.now()));
      return posted(warnings);
    },
    'pods/eviction': async ({ target, options: { registry } }, eviction, warnings) => {
      if (eviction.metadata.name !== target.name)
        throw new ApiFailure('BadRequest', 'name in URL does not match name in Eviction object');
      const options = deleteOptionsIn(objectAt(eviction, 'deleteOptions'));
      await registry.remove(target, { ...options, dryRun: options.dryRun || target.dryRun });
      return posted(warnings);
    },
  };

/** The request was carried out, or has been started. */
function posted(warnings: readonly string[]): Answered {
  return {
    ...jsonAnswer({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, 201),
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

async function post(call: Call, object: KubeObject, warnings: readonly string[]): Promise<Answered> {
  const {
    type,
    target: {
      subresource,
      namespace = '',
      name,
      attributes: { user },
    },
    options: { hooks, clock },
  } = call;
  const what = `${qualifiedName(type)}/${subresource}`;
  const own = posts[what];
  if (own) return own(call, object, warnings);
  const hook = hooks.posts?.[what];
  if (!hook) throw new ApiFailure('NotFound', 'the server could not find the requested resource', {});
  if (object.metadata.name !== '' && object.metadata.name !== name)
    throw new ApiFailure(
      'BadRequest',
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`,
    );
  const document = await hook(object, { namespace, name, user, at: clock.now() });
  return { ...jsonAnswer(document, 201), ...(warnings.length > 0 ? { warnings } : {}) };
}

async function create(call: Call): Promise<Answered> {
  const { type, request, target, options } = call;
  const bodyType = type.subresources[target.subresource]?.posts ?? type;
  const decoded = decodeObject(await request.body(), request.headers['content-type'], bodyType);
  const warnings = strictness({ ...call, type: bodyType }, decoded);
  if (target.subresource !== '') return post(call, decoded.object, warnings);
  if (!isVirtual(type))
    return objectAnswer(call, await options.registry.create(target, decoded.object), 201, warnings);
  const reviews = options.hooks.reviews;
  const name = qualifiedName(type);
  const review = Object.hasOwn(reviews, name) ? reviews[name] : undefined;
  if (!review) throw new ApiFailure('NotFound', 'the server could not find the requested resource', {});
  return objectAnswer(call, await review(decoded.object, target.attributes.user), 201, warnings);
}

async function deleteOptionsOf({ request, target }: Call): Promise<ReturnType<typeof decodeDeleteOptions>> {
  const given = decodeDeleteOptions(await request.body(), request.headers['content-type']);
  return { ...given, dryRun: given.dryRun || target.dryRun };
}
