/**
 * Processes a request to the API server without sockets, in the order of kube-apiserver: the path is parsed, the user
 * authenticated and authorized, and only then the body read and the request executed.
 *
 * 1. Unauthorized clients learn nothing about existing objects: 401 and 403 precede 404.
 * 2. A client's error is an `ApiFailure` and becomes a Status; any other exception is an internal error.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { Clock } from '../../core/clock.ts';
import type { Attributes, User } from './attributes.ts';
import {
  asObject,
  decodeDeleteOptions,
  decodeObject,
  deleteOptionsIn,
  isDryRun,
  UnfitObject,
} from '../objects/codec.ts';
import type { Decoded } from '../objects/codec.ts';
import { aggregatedType, discoveryDocument, paths, serverVersion } from './discovery.ts';
import type { ApiHooks, ConnectionFacts, Rejection } from './hooks.ts';
import { JsonError, parseJson } from '../objects/json.ts';
import type { Json, JsonObject } from '../objects/json.ts';
import { objectAt, textAt } from '../objects/json.ts';
import { invalid, invalidObject } from '../objects/field-error.ts';
import type { OpenLog } from '../components/kubelet-client.ts';
import { containerOf, kubeletAddress, logQuery } from './pod-logs.ts';
import { boundPod, checkBinding } from '../objects/pod-binding.ts';
import { answerForm, patchForm } from './negotiation.ts';
import type { AnswerForm, PatchForm } from './negotiation.ts';
import { ApiFailure } from '../objects/objects.ts';
import type { KubeObject, Status } from '../objects/objects.ts';
import { openApi2, openApiDocument, openApiIndex } from './openapi.ts';
import { numberOf, pageOf } from './paging.ts';
import { applyJsonPatch, applyMergePatch, PatchError } from '../objects/patch.ts';
import { deletedStatus, typeOf } from './registry.ts';
import type { NamedTarget, Registry } from './registry.ts';
import { apiVersionOf, isVirtual, qualifiedName, storePrefix } from './resources.ts';
import type { BodyType, ResourceType } from './resources.ts';
import { forbidden } from '../authz/forbidden.ts';
import { attributesOf, parseRoute, servedType } from './routes.ts';
import type { PathRoute, ResourceRoute } from './routes.ts';
import { selectionOf } from './selection.ts';
import { applyStrategicMergePatch } from '../objects/strategic-merge.ts';
import { partialObject, tableOf } from './tables.ts';
import type { IncludeObject } from './tables.ts';
import { StoreFailure } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import type { WatchRequest } from './watch.ts';

export interface ApiRequest {
  readonly method: string;
  /** Path and query, as received. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly facts: ConnectionFacts;
  /** Called at most once. @throws ApiFailure 413 */
  readonly body: () => Promise<Uint8Array>;
  /** Aborted when the client disconnects. */
  readonly signal?: () => AbortSignal;
}

export type ApiAnswer = {
  /** The authentication result, for the server's own log. */
  readonly caller: Caller;
} & (
  | {
      readonly kind: 'json';
      readonly code: number;
      readonly document: object;
      /** The content type, unless it is plain JSON. */
      readonly contentType?: string;
      readonly warnings?: readonly string[];
    }
  | { readonly kind: 'text'; readonly code: number; readonly text: string }
  | { readonly kind: 'watch'; readonly code: 200; readonly watch: WatchRequest }
  /** Data from another server, forwarded as it arrives. */
  | { readonly kind: 'stream'; readonly code: 200; readonly contentType: string; readonly body: Readable }
);

export interface Caller {
  readonly user?: User;
  /** The real user who acts as that user. */
  readonly impersonator?: User;
  /** Why authentication failed. */
  readonly rejected?: Rejection;
  /** The internal error, if there was one. */
  readonly fault?: unknown;
}

export interface ApiOptions {
  readonly registry: Registry;
  readonly hooks: ApiHooks;
  readonly clock: Pick<Clock, 'now'>;
  /** The connection to kubelets; without it, none is made. */
  readonly openLog?: OpenLog;
}

type Answered = ApiAnswer extends infer Answer
  ? Answer extends ApiAnswer
    ? Omit<Answer, 'caller'>
    : never
  : never;

export type Answer = (request: ApiRequest) => Promise<ApiAnswer>;

/** Never rejects. */
export function createApi(options: ApiOptions): Answer {
  return async (request) => {
    let caller: Caller = {};
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
          : await answerResource(route, attributes, request, options);
      return { ...answered, caller };
    } catch (error) {
      const status = statusOf(error);
      return {
        ...jsonAnswer(status, status.code),
        caller:
          error instanceof ApiFailure || error instanceof StoreFailure ? caller : { ...caller, fault: error },
      };
    }
  };
}

function statusOf(error: unknown): Status {
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

function jsonAnswer(document: object, code = 200): Extract<Answered, { kind: 'json' }> {
  return { kind: 'json', code, document };
}

const probes = new Set(['healthz', 'livez', 'readyz']);

async function answerPath(
  route: PathRoute,
  { headers }: ApiRequest,
  { registry, hooks }: ApiOptions,
): Promise<Answered> {
  const { documents = {} } = hooks;
  const own = Object.hasOwn(documents, route.path) ? documents[route.path] : undefined;
  const answered = own
    ? jsonAnswer(own)
    : ((await probeAt(route, registry.store)) ?? documentAt(route, headers.accept));
  if (!answered) throw new ApiFailure('NotFound', 'the server could not find the requested resource', {});
  if (!['get', 'head'].includes(route.verb))
    throw new ApiFailure(
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
      {},
    );
  return answered;
}

/** The server's health: all checks, or one by its name. A failure names the check but, as in kube-apiserver, not the cause. */
async function probeAt({ path, query }: PathRoute, store: Store): Promise<Answered | undefined> {
  const [, probe = '', name, ...more] = path.split('/');
  if (!probes.has(probe) || more.length > 0) return undefined;
  const checks = new Map<string, () => Promise<boolean>>([['ping', async () => Promise.resolve(true)]]);
  if (store.health) checks.set('etcd', async () => (await store.health?.()) ?? true);
  const asked = name === undefined ? [...checks] : [...checks].filter(([check]) => check === name);
  if (asked.length === 0) return undefined;
  const results = await Promise.all(
    asked.map(async ([check, isWell]) => ({ check, isWell: await isWell() })),
  );
  const isWell = results.every((result) => result.isWell);
  if (isWell && !query.has('verbose')) return { kind: 'text', code: 200, text: 'ok' };
  const lines = results.map((result) =>
    result.isWell ? `[+]${result.check} ok` : `[-]${result.check} failed: reason withheld`,
  );
  return {
    kind: 'text',
    code: isWell ? 200 : 500,
    text: [...lines, `${probe} check ${isWell ? 'passed' : 'failed'}`, ''].join('\n'),
  };
}

function documentAt({ path }: PathRoute, accept: string | undefined): Answered | undefined {
  if (path === '/') return jsonAnswer({ paths });
  if (path === '/version') return jsonAnswer(serverVersion);
  if (path === '/openapi/v2')
    return accept?.includes(openApi2.type)
      ? {
          kind: 'stream',
          code: 200,
          contentType: openApi2.contentType,
          body: Readable.from([openApi2.bytes]),
        }
      : jsonAnswer(openApi2.document);
  if (path === '/openapi/v3') return jsonAnswer(openApiIndex());
  const schema = openApiDocument(path);
  if (schema) return jsonAnswer(schema);
  const aggregated = answerForm(accept, ['aggregated']) === 'aggregated';
  const document = discoveryDocument(path, aggregated);
  if (!document) return undefined;
  return aggregated && (path === '/api' || path === '/apis')
    ? { ...jsonAnswer(document), contentType: aggregatedType }
    : jsonAnswer(document);
}

const nodeType = typeOf('', 'nodes');

interface Call {
  readonly route: ResourceRoute;
  readonly type: ResourceType;
  readonly request: ApiRequest;
  readonly target: NamedTarget;
  readonly options: ApiOptions;
}

async function answerResource(
  route: ResourceRoute,
  attributes: Attributes,
  request: ApiRequest,
  options: ApiOptions,
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
    return objectAnswer(
      call,
      await call.options.registry.update(call.target, () => decoded.object),
      200,
      warnings,
    );
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

function formOf({ request }: Call): AnswerForm {
  return answerForm(request.headers.accept, ['Table', 'PartialObjectMetadata']);
}

function prefixOf({ type, target }: Call): string {
  return storePrefix(type, target.namespace);
}

const included: readonly IncludeObject[] = ['None', 'Metadata', 'Object'];

function includeObjectOf(query: URLSearchParams): IncludeObject {
  const asked = query.get('includeObject') ?? 'Metadata';
  const known = included.find((one) => one === asked);
  if (!known)
    throw new ApiFailure(
      'BadRequest',
      `unrecognized includeObject value: ${JSON.stringify(asked.slice(0, 64))}`,
    );
  return known;
}

function objectAnswer(
  call: Call,
  object: KubeObject,
  code = 200,
  warnings: readonly string[] = [],
): Answered {
  const form = formOf(call);
  const extra = warnings.length > 0 ? { warnings } : {};
  if (form === 'PartialObjectMetadata') return { ...jsonAnswer(partialObject(object), code), ...extra };
  if (form !== 'Table') return { ...jsonAnswer(object, code), ...extra };
  const metadata = { resourceVersion: object.metadata.resourceVersion };
  return {
    ...jsonAnswer(
      tableOf(call.type, [object], {
        includeObject: includeObjectOf(call.route.query),
        at: call.options.clock.now(),
        metadata,
      }),
      code,
    ),
    ...extra,
  };
}

function listAnswer(call: Call, objects: readonly KubeObject[], metadata: Dictionary<unknown>): Answered {
  const { type, route, options } = call;
  const form = formOf(call);
  if (form === 'Table')
    return jsonAnswer(
      tableOf(type, objects, {
        includeObject: includeObjectOf(route.query),
        at: options.clock.now(),
        metadata,
      }),
    );
  if (form === 'PartialObjectMetadata')
    return jsonAnswer({
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      items: objects.map(partialObject),
    });
  return jsonAnswer({ kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata, items: objects });
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

async function watch(call: Call): Promise<Answered> {
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

/** Applies `fieldValidation` to unknown fields and returns the warnings. @throws ApiFailure 400 */
function strictness(
  { type, route }: { readonly type: BodyType; readonly route: ResourceRoute },
  decoded: Decoded,
): readonly string[] {
  const { warnings, refused } = unknownFields(route, decoded);
  if (refused !== undefined)
    throw new ApiFailure(
      'BadRequest',
      `${type.kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: ${refused}`,
    );
  return warnings;
}

/** @throws ApiFailure 422 for an unknown `fieldValidation` value. */
function unknownFields(
  { query }: ResourceRoute,
  { unknown }: Decoded,
): { readonly warnings: readonly string[]; readonly refused?: string } {
  const asked = query.get('fieldValidation') || 'Warn';
  if (!['Strict', 'Warn', 'Ignore'].includes(asked)) {
    const message = `Unsupported value: ${JSON.stringify(asked.slice(0, 64))}: supported values: "Ignore", "Strict", "Warn"`;
    throw new ApiFailure('Invalid', `fieldValidation: ${message}`, {
      causes: [{ reason: 'FieldValueNotSupported', message, field: 'fieldValidation' }],
    });
  }
  const messages = unknown.map((field) => `unknown field ${JSON.stringify(field.slice(0, 256))}`);
  if (asked === 'Strict' && messages.length > 0)
    return { warnings: [], refused: `strict decoding error: ${messages.join(', ')}` };
  return { warnings: asked === 'Warn' ? messages : [] };
}

/** By form: a patch onto an object. */
const patches: Readonly<Record<PatchForm, (object: JsonObject, patch: Json, kind: string) => Json>> = {
  'json-patch': applyJsonPatch,
  'merge-patch': applyMergePatch,
  'strategic-merge-patch': applyStrategicMergePatch,
};

async function patch(call: Call): Promise<Answered> {
  const { type, request, target, options } = call;
  const form = patchForm(request.headers['content-type']);
  const given = readPatch(await request.body());
  let warnings: readonly string[] = [];
  const changed = await options.registry.update(target, (current) => {
    const json = patched(form, current, given, type);
    const refuse = (why: string): never => {
      throw invalidObject('', '', '', [
        invalid('patch', form === 'strategic-merge-patch' ? goText(given) : JSON.stringify(json), why),
      ]);
    };
    const decoded = patchedObject(json, type, ({ message, converted }) =>
      refuse(form === 'strategic-merge-patch' ? converted : message),
    );
    const unknown = unknownFields(call.route, decoded);
    if (unknown.refused !== undefined) return refuse(unknown.refused);
    warnings = unknown.warnings;
    return decoded.object;
  });
  return objectAnswer(call, changed, 200, warnings);
}

/** @param refuse called for a value that does not match its kind. */
function patchedObject(
  json: Json,
  type: ResourceType,
  refuse: (mistake: UnfitObject['mistake']) => never,
): Decoded {
  try {
    return asObject(json, type);
  } catch (error) {
    if (error instanceof UnfitObject) return refuse(error.mistake);
    throw error;
  }
}

/** A value as Go's %v prints it. */
function goText(value: Json): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(goText).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `map[${members.map(([key, one]) => `${key}:${goText(one)}`).join(' ')}]`;
}

function readPatch(body: Uint8Array): Json {
  try {
    return parseJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  } catch (error) {
    if (error instanceof JsonError)
      throw new ApiFailure('BadRequest', `error decoding patch: ${error.message.slice(0, 256)}`);
    throw error;
  }
}

function patched(form: PatchForm, current: KubeObject, given: Json, { kind }: ResourceType): Json {
  try {
    return patches[form](current as unknown as JsonObject, given, kind);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    if (error.kind === 'too-large')
      throw new ApiFailure('RequestEntityTooLarge', `Request entity too large: ${error.message}`);
    if (error.kind === 'unreadable')
      throw new ApiFailure('BadRequest', `error decoding patch: ${error.message}`);
    throw new ApiFailure('Invalid', 'the server rejected our request due to an error in our request', {});
  }
}

async function deleteOptionsOf({ request, target }: Call): Promise<ReturnType<typeof decodeDeleteOptions>> {
  const given = decodeDeleteOptions(await request.body(), request.headers['content-type']);
  return { ...given, dryRun: given.dryRun || target.dryRun };
}
