/**
 * Decodes bodies into objects: JSON or protobuf, of the kind that the route names. The result has the shape of its
 * kind; errors are worded like kube-apiserver's.
 */
import { defined } from '../../core/defined.ts';
import { isJsonObject, JsonError, parseJson, withKeys } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { bodyForm } from '../apiserver/negotiation.ts';
import type { BodyForm } from '../apiserver/negotiation.ts';
import { ApiFailure } from './objects.ts';
import type { KubeObject } from './objects.ts';
import { ProtobufError, readEnvelope, readMessage } from './protobuf.ts';
import { apiVersionOf } from '../apiserver/resources.ts';
import type { BodyType } from '../apiserver/resources.ts';
import { deleteOptions } from './schema.ts';
import type { Message } from './schema/message.ts';
import { shapeObject, ShapeError } from './shape.ts';

/** JSON of a kind that its fields do not fit. */
export class UnfitObject extends ApiFailure {
  readonly mistake: ShapeError;

  constructor(kind: string, version: string, mistake: ShapeError) {
    super(
      'BadRequest',
      `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${mistake.message}`,
    );
    this.mistake = mistake;
  }
}

export interface Decoded {
  readonly object: KubeObject;
  /** Fields that the kind does not have, and that were dropped. */
  readonly unknown: readonly string[];
}

/** @throws ApiFailure 400, 415 */
export function decodeObject(body: Uint8Array, contentType: string | undefined, type: BodyType): Decoded {
  const form = bodyForm(contentType);
  return asObject(form === 'json' ? readJson(body) : readProtobuf(body, type), type, form);
}

/** JSON that is an object of the kind, from a body or from what a patch made. @throws ApiFailure 400 */
export function asObject(json: Json, type: BodyType, form: BodyForm = 'json'): Decoded {
  const apiVersion = apiVersionOf(type);
  const refuse = (why: string): never => {
    throw new ApiFailure(
      'BadRequest',
      `${type.kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: ${why}`,
    );
  };
  if (!isJsonObject(json))
    return refuse(
      `json: cannot unmarshal ${Array.isArray(json) ? 'array' : typeof json} into Go value of type v1.${type.kind}`,
    );
  const given = { kind: json['kind'] ?? type.kind, apiVersion: json['apiVersion'] ?? apiVersion };
  if (given.kind !== type.kind) {
    throw new ApiFailure(
      'BadRequest',
      `${shown(given.kind)} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: no kind ${JSON.stringify(shown(given.kind))} is registered for it here`,
    );
  }
  if (given.apiVersion !== apiVersion)
    throw new ApiFailure(
      'BadRequest',
      `the API version in the data (${shown(given.apiVersion)}) does not match the expected API version (${apiVersion})`,
    );
  try {
    // Protobuf was read by the same table.
    const { object, unknown } =
      form === 'json' ? shapeObject(json, type.schema) : { object: json, unknown: [] };
    const { metadata, ...fields } = object;
    return {
      object: {
        apiVersion,
        kind: type.kind,
        metadata: withoutEmpty(isJsonObject(metadata) ? metadata : {}),
        ...withKeys(fields, { kind: undefined, apiVersion: undefined }),
      } as unknown as KubeObject,
      unknown,
    };
  } catch (error) {
    if (error instanceof ShapeError) throw new UnfitObject(type.kind, type.version, error);
    throw error;
  }
}

function shown(value: Json): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 128);
}

/** Metadata without what is empty, as Go writes it; its name is always there. Who manages which field is not kept here. */
function withoutEmpty(metadata: JsonObject): JsonObject {
  const kept = Object.entries(metadata).filter(
    ([key, value]) =>
      key !== 'managedFields' &&
      value !== '' &&
      !(typeof value === 'object' && value !== null && Object.keys(value).length === 0),
  );
  return { name: '', ...Object.fromEntries(kept) };
}

function readJson(body: Uint8Array): Json {
  try {
    return parseJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  } catch (error) {
    if (error instanceof JsonError)
      throw new ApiFailure(
        'BadRequest',
        `couldn't get version/kind; json parse error: ${error.message.slice(0, 256)}`,
      );
    throw error;
  }
}

function readProtobuf(body: Uint8Array, type: BodyType): JsonObject {
  return fromProtobuf(body, ({ kind, apiVersion, raw }) => ({
    ...readMessage(raw, type.schema),
    ...defined({ kind: kind || undefined, apiVersion: apiVersion || undefined }),
  }));
}

function fromProtobuf<T>(body: Uint8Array, read: (envelope: ReturnType<typeof readEnvelope>) => T): T {
  try {
    return read(readEnvelope(body));
  } catch (error) {
    if (error instanceof ProtobufError)
      throw new ApiFailure('BadRequest', `couldn't decode the protobuf body: ${error.message}`);
    throw error;
  }
}

export interface DeleteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Seconds. */
  readonly gracePeriod?: number;
  readonly dryRun: boolean;
}

/** Of a body that may be empty. @throws ApiFailure 400, 415 */
export function decodeDeleteOptions(body: Uint8Array, contentType: string | undefined): DeleteOptions {
  if (body.length === 0) return { dryRun: false };
  const options =
    bodyForm(contentType) === 'json'
      ? shapedOptions(readJson(body), deleteOptions)
      : fromProtobuf(body, ({ raw }) => readMessage(raw, deleteOptions));
  return deleteOptionsIn(options);
}

/** Of options that have the shape of their kind. @throws ApiFailure 422 */
export function deleteOptionsIn({ preconditions, dryRun, gracePeriodSeconds }: JsonObject): DeleteOptions {
  const { uid, resourceVersion } = isJsonObject(preconditions) ? preconditions : {};
  return {
    ...defined({
      uid: typeof uid === 'string' && uid !== '' ? uid : undefined,
      resourceVersion:
        typeof resourceVersion === 'string' && resourceVersion !== '' ? resourceVersion : undefined,
      gracePeriod: typeof gracePeriodSeconds === 'number' ? gracePeriodSeconds : undefined,
    }),
    dryRun: Array.isArray(dryRun) && isDryRun(dryRun.map(String)),
  };
}

function shapedOptions(json: Json, schema: Message): JsonObject {
  try {
    if (isJsonObject(json)) return shapeObject(json, schema).object;
    throw new ShapeError('json: cannot unmarshal into Go value of type v1.DeleteOptions');
  } catch (error) {
    if (error instanceof ShapeError)
      throw new ApiFailure(
        'BadRequest',
        `DeleteOptions in version "v1" cannot be handled as a DeleteOptions: ${error.message}`,
      );
    throw error;
  }
}

/** Everything is done but the writing. @throws ApiFailure 422 where it is something else than that. */
export function isDryRun(values: readonly string[]): boolean {
  const odd = values.find((value) => value !== 'All' && value !== '');
  if (odd !== undefined) {
    const message = `Unsupported value: ${JSON.stringify(odd.slice(0, 128))}: supported values: "All"`;
    throw new ApiFailure('Invalid', `dryRun: ${message}`, {
      causes: [{ reason: 'FieldValueNotSupported', message, field: 'dryRun' }],
    });
  }
  return values.includes('All');
}
