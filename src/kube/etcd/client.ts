/**
 * Implements a client of etcd's version 3 API over its JSON gateway (etcd documentation, "gRPC gateway"): HTTP/1.1 with
 * base64 for bytes, strings for 64-bit numbers, and default values omitted. It reports requests and responses;
 * `etcd-store.ts` handles failures.
 *
 * 1. Numbers are exact or refused: a revision that JavaScript cannot represent is an invalid response.
 * 2. etcd's responses are validated; a response that is not etcd's is a `BrokenAnswer`.
 */
import { defined } from '../../core/defined.ts';
import { BrokenAnswer, HttpClient, Unreachable } from '../../wire/http/client.ts';
import type { HttpClientOptions } from '../../wire/http/client.ts';
import type { Address } from '../../capture/event.ts';
import type { DialOptions, Identity } from '../../wire/endpoint.ts';
import { isJsonObject, JsonError, listAt, objectAt, parseJson, valueAt } from '../objects/json.ts';
import type { Json, JsonObject } from '../objects/json.ts';
import type {
  KeyValue,
  RangeRequest,
  RangeAnswer,
  Key,
  Comparison,
  Operation,
  Transaction,
  TransactionAnswer,
  DeletionAnswer,
  WatchAnswer,
  WatchedEvent,
  EtcdStatus,
} from './client-messages.ts';

export interface EtcdClientOptions
  extends Pick<
      DialOptions,
      | 'to'
      | 'authorities'
      | 'verify'
      | 'identity'
      | 'serverName'
      | 'clock'
      | 'datesByClock'
      | 'tap'
      | 'reportTo'
      | 'onPresented'
      | 'tls'
    >,
    Pick<HttpClientOptions, 'keepFor'> {
  /**
   * Its certificate, requested for each connection, instead of `identity`: read from its file, as kube-apiserver's etcd
   * client does.
   */
  readonly identityNow?: () => Identity;
  /** By default mtls with an identity, tls with authorities alone, and plain with neither. */
  readonly security?: DialOptions['security'];
  /** Other members of the same etcd: the next one is dialed when one does not answer. */
  readonly others?: readonly Address[];
  readonly userAgent?: string;
  /** Kept for requests; each watch has one more. */
  readonly connections?: number;
  /** Of a request for which no other is named, in milliseconds; and of making a connection. */
  readonly timeout?: number;
  readonly dialTimeout?: number;
  /** The most that is read of an answer, in bytes, and of a line of a watch, in characters. */
  readonly limits?: { readonly body: number; readonly line: number };
}

/** etcd answered that it did not do it, with the code of gRPC. */
export class EtcdRefusal extends Error {
  readonly code: number;
  readonly status: number;

  constructor(message: string, code: number, status: number) {
    super(message);
    this.name = 'EtcdRefusal';
    this.code = code;
    this.status = status;
  }
}

/** The limits of one request. */
export interface CallOptions {
  readonly signal: AbortSignal;
  readonly timeout?: number;
}

/** Behind every key that begins so. */
export function prefixEnd(prefix: Key): Uint8Array {
  const bytes = Buffer.from(prefix as string);
  for (let at = bytes.length - 1; at >= 0; at--) {
    const byte = bytes[at] ?? 0;
    if (byte < 0xff) return Buffer.concat([bytes.subarray(0, at), Buffer.from([byte + 1])]);
  }
  return Buffer.from([0]);
}

/** A value has at most 1.5 MiB (etcd's --max-request-bytes); a list has no limit and is read in pages. */
const defaults = {
  connections: 8,
  timeout: 10_000,
  dialTimeout: 3_000,
  limits: { body: 24 * 1024 * 1024, line: 24 * 1024 * 1024 },
} as const;

export class EtcdClient {
  readonly #http: HttpClient;
  readonly #timeout: number;
  readonly #members: readonly Address[];
  /** Which of them is dialed. */
  #member = 0;

  constructor({
    security,
    others = [],
    userAgent = 'kube-apiserver',
    connections = defaults.connections,
    timeout = defaults.timeout,
    dialTimeout = defaults.dialTimeout,
    limits = defaults.limits,
    identityNow,
    keepFor,
    ...target
  }: EtcdClientOptions) {
    const secured = security ?? (target.identity ? 'mtls' : target.authorities ? 'tls' : 'plain');
    const dial = { ...target, security: secured, timeout: dialTimeout };
    this.#members = [target.to, ...others];
    this.#http = new HttpClient({
      dial: async () =>
        Promise.resolve({
          ...dial,
          to: this.#members[this.#member] ?? target.to,
          ...(identityNow ? { identity: identityNow() } : {}),
        }),
      headers: { 'User-Agent': userAgent },
      connections,
      limits,
      ...defined({ keepFor }),
    });
    this.#timeout = timeout;
  }

  /** All of these throw `Unreachable` (nothing was sent), `BrokenAnswer`, `EtcdRefusal`, or the signal's reason. */
  async range(asked: RangeRequest, call: CallOptions): Promise<RangeAnswer> {
    return rangeAnswer(await this.#call('/v3/kv/range', rangeBody(asked), call, true));
  }

  async put(
    key: Key,
    value: Key,
    call: CallOptions,
  ): Promise<{ readonly revision: number; readonly previous?: KeyValue }> {
    const answer = await this.#call(
      '/v3/kv/put',
      { key: base64(key), value: base64(value), prev_kv: true },
      call,
    );
    const previous = valueAt(answer, 'prev_kv');
    return {
      revision: revisionOf(answer),
      ...(previous === undefined ? {} : { previous: keyValue(previous) }),
    };
  }

  async remove(
    { key, end }: { readonly key: Key; readonly end?: Key },
    call: CallOptions,
  ): Promise<DeletionAnswer> {
    const answer = await this.#call('/v3/kv/deleterange', { ...spanBody(key, end), prev_kv: true }, call);
    return { revision: revisionOf(answer), removed: listAt(answer, 'prev_kvs').map(keyValue) };
  }

  async transact({ compare, success, failure }: Transaction, call: CallOptions): Promise<TransactionAnswer> {
    const body = {
      compare: compare.map(comparisonBody),
      success: success.map(operationBody),
      failure: failure.map(operationBody),
    };
    const answer = await this.#call('/v3/kv/txn', body, call);
    return {
      revision: revisionOf(answer),
      succeeded: valueAt(answer, 'succeeded') === true,
      found: listAt(answer, 'responses').map(foundBy),
    };
  }

  /** Forgets what was before a revision. */
  async compact(revision: number, call: CallOptions): Promise<void> {
    await this.#call('/v3/kv/compaction', { revision: String(revision) }, call);
  }

  async status(call: CallOptions): Promise<EtcdStatus> {
    const answer = await this.#call('/v3/maintenance/status', {}, call, true);
    const version = valueAt(answer, 'version');
    return {
      version: typeof version === 'string' && /^[\w.+-]{1,64}$/.test(version) ? version : '',
      revision: revisionOf(answer),
      size: numberAt(answer, 'dbSize'),
      used: numberAt(answer, 'dbSizeInUse'),
    };
  }

  /**
   * Everything that happens to a range of keys from a revision on, in order, with what was before, until etcd ends it or
   * the signal does.
   * @param idle disconnected after this time without data, in milliseconds; etcd itself sends progress at least every
   * ten minutes.
   */
  async watch(
    { key, end, revision }: { readonly key: Key; readonly end?: Key; readonly revision?: number },
    signal: AbortSignal,
    onAnswer: (answer: WatchAnswer) => void,
    idle = 15 * 60_000,
  ): Promise<void> {
    const creation = {
      ...spanBody(key, end),
      prev_kv: true,
      progress_notify: true,
      fragment: true,
      ...(revision === undefined ? {} : { start_revision: String(revision) }),
    };
    const response = await this.#passing(
      this.#http.stream({
        method: 'POST',
        path: '/v3/watch',
        body: JSON.stringify({ create_request: creation }),
        timeout: this.#timeout,
        signal,
      }),
    );
    const bounds = { timeout: idle, signal };
    if (response.statusCode !== 200)
      throw failureIn(jsonIn((await this.#http.body(response, bounds)).toString()), response.statusCode ?? 0);
    for await (const line of this.#http.lines(response, bounds)) {
      const answer = jsonIn(line);
      const result = valueAt(answer, 'result');
      if (!isJsonObject(result)) throw failureIn(objectAt(answer, 'error'), 200);
      onAnswer(watchAnswer(result));
    }
  }

  close(): void {
    this.#http.close();
  }

  async #call(
    path: string,
    body: object,
    { signal, timeout = this.#timeout }: CallOptions,
    idempotent = false,
  ): Promise<JsonObject> {
    const { status, body: bytes } = await this.#passing(
      this.#http.call({
        method: 'POST',
        path,
        body: JSON.stringify(body),
        signal,
        timeout,
        idempotent,
      }),
    );
    const answer = jsonIn(bytes.toString());
    if (status === 200) return answer;
    const failure = failureIn(answer, status);
    // A member without a leader, or that ends.
    if (failure instanceof EtcdRefusal && failure.code === unavailable) this.#passOver();
    throw failure;
  }

  /** Whoever asks again after a failed connection asks another member. */
  async #passing<T>(asked: Promise<T>): Promise<T> {
    const member = this.#member;
    return asked.catch((error: unknown) => {
      if ((error instanceof Unreachable || error instanceof BrokenAnswer) && member === this.#member)
        this.#passOver();
      throw error;
    });
  }

  #passOver(): void {
    this.#member = (this.#member + 1) % this.#members.length;
  }
}

/** UNAVAILABLE of gRPC. */
const unavailable = 14;

function base64(bytes: Key): string {
  return Buffer.from(bytes as string).toString('base64');
}

function spanBody(key: Key, end: Key | undefined): object {
  return { key: base64(key), ...(end === undefined ? {} : { range_end: base64(end) }) };
}

function rangeBody({ key, end, revision = 0, limit = 0, keysOnly, countOnly }: RangeRequest): object {
  return {
    ...spanBody(key, end),
    ...defined({
      revision: revision > 0 ? String(revision) : undefined,
      limit: limit > 0 ? String(limit) : undefined,
      keys_only: keysOnly ? true : undefined,
      count_only: countOnly ? true : undefined,
    }),
  };
}

/** By what is compared: the name of the number. */
const compared = { CREATE: 'create_revision', MOD: 'mod_revision', VERSION: 'version' } as const;

function comparisonBody({ key, target, equal }: Comparison): object {
  return { key: base64(key), target, result: 'EQUAL', [compared[target]]: String(equal) };
}

function operationBody(operation: Operation): object {
  if ('put' in operation)
    return { request_put: { key: base64(operation.put.key), value: base64(operation.put.value) } };
  if ('range' in operation) return { request_range: rangeBody(operation.range) };
  return { request_delete_range: { ...spanBody(operation.remove.key, operation.remove.end), prev_kv: true } };
}

function jsonIn(text: string): JsonObject {
  try {
    const value: Json = parseJson(text);
    if (isJsonObject(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  throw new BrokenAnswer('the response is not a JSON object');
}

/** An answer of the gateway that is an error: `{error, code, message}`, in a stream `{grpc_code, message}`. */
function failureIn(answer: JsonObject, status: number): Error {
  const message = valueAt(answer, 'message') ?? valueAt(answer, 'error');
  const code = valueAt(answer, 'code') ?? valueAt(answer, 'grpc_code');
  if (typeof message !== 'string' || typeof code !== 'number')
    return new BrokenAnswer(`an answer with the status ${status} that is none of etcd’s`);
  return new EtcdRefusal(message.slice(0, 512), code, status);
}

/** An int64: a string of digits, and nothing for 0. @throws BrokenAnswer */
function numberAt(answer: unknown, ...path: readonly string[]): number {
  const value = valueAt(answer, ...path);
  if (value === undefined) return 0;
  if (typeof value !== 'string' || !/^\d{1,19}$/.test(value))
    throw new BrokenAnswer(`${path.join('.')} is no number`);
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw new BrokenAnswer(`${path.join('.')} is ${value}: numbers beyond 2^53 are not exact`);
  return number;
}

function revisionOf(answer: unknown): number {
  return numberAt(answer, 'header', 'revision');
}

function bytesAt(answer: unknown, name: string): Buffer {
  const value = valueAt(answer, name) ?? '';
  if (typeof value !== 'string') throw new BrokenAnswer(`${name} is no base64`);
  const bytes = Buffer.from(value, 'base64');
  // Node passes over what is no base64; then fewer bytes come of it.
  const padding = value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0;
  if (value.length % 4 !== 0 || bytes.length !== (value.length / 4) * 3 - padding)
    throw new BrokenAnswer(`${name} is no base64`);
  return bytes;
}

function keyValue(answer: unknown): KeyValue {
  return {
    key: bytesAt(answer, 'key'),
    value: bytesAt(answer, 'value'),
    createRevision: numberAt(answer, 'create_revision'),
    modRevision: numberAt(answer, 'mod_revision'),
    version: numberAt(answer, 'version'),
  };
}

function rangeAnswer(answer: unknown): RangeAnswer {
  return {
    revision: revisionOf(answer),
    items: listAt(answer, 'kvs').map(keyValue),
    more: valueAt(answer, 'more') === true,
    count: numberAt(answer, 'count'),
  };
}

function foundBy(response: unknown): readonly KeyValue[] {
  const previous = valueAt(response, 'response_put', 'prev_kv');
  if (previous !== undefined) return [keyValue(previous)];
  return [
    ...listAt(response, 'response_range', 'kvs'),
    ...listAt(response, 'response_delete_range', 'prev_kvs'),
  ].map(keyValue);
}

function watchAnswer(result: JsonObject): WatchAnswer {
  const compacted = numberAt(result, 'compact_revision');
  const reason = valueAt(result, 'cancel_reason');
  const canceled = {
    reason: typeof reason === 'string' ? reason.slice(0, 512) : '',
    ...(compacted > 0 ? { compacted } : {}),
  };
  return {
    revision: revisionOf(result),
    created: valueAt(result, 'created') === true,
    ...(valueAt(result, 'canceled') === true ? { canceled } : {}),
    fragment: valueAt(result, 'fragment') === true,
    events: listAt(result, 'events').map(watchedEvent),
  };
}

function watchedEvent(event: unknown): WatchedEvent {
  const previous = valueAt(event, 'prev_kv');
  return {
    type: valueAt(event, 'type') === 'DELETE' ? 'DELETE' : 'PUT',
    item: keyValue(objectAt(event, 'kv')),
    ...(previous === undefined ? {} : { previous: keyValue(previous) }),
  };
}
