/**
 * Answers a PATCH: reads the patch, applies it to the current object, and reports in kube-apiserver’s words why it cannot.
 */
import { asObject, UnfitObject } from '../../objects/codec.ts';
import type { Decoded } from '../../objects/codec.ts';
import { JsonError, parseJson } from '../../objects/json.ts';
import type { Json, JsonObject } from '../../objects/json.ts';
import { invalid, invalidObject } from '../../objects/field-error.ts';
import { patchForm } from '../negotiation.ts';
import type { PatchForm } from '../negotiation.ts';
import { ApiFailure } from '../../objects/objects.ts';
import type { KubeObject } from '../../objects/objects.ts';
import { applyJsonPatch, applyMergePatch, objectPatch, PatchError } from '../../objects/patch.ts';
import type { ResourceType } from '../resources.ts';
import { applyStrategicMergePatch } from '../../objects/strategic-merge.ts';
import type { Answered } from './answer.ts';
import { objectAnswer } from './object-answers.ts';
import type { Call } from './object-answers.ts';
import { unknownFields } from './field-validation.ts';

/** By form: a patch onto an object. */
const patches: Readonly<Record<PatchForm, (object: JsonObject, patch: Json, kind: string) => Json>> = {
  'json-patch': applyJsonPatch,
  'merge-patch': (object, patch) => applyMergePatch(object, objectPatch(patch)),
  'strategic-merge-patch': applyStrategicMergePatch,
};

export async function patch(call: Call): Promise<Answered> {
  const { type, request, target, options } = call;
  const form = patchForm(request.headers['content-type']);
  const given = readPatch(await request.body(), form);
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

/** A strategic merge patch is decoded elsewhere than the others, and its mistakes are said without a beginning. */
const unreadable = (form: PatchForm, why: string): ApiFailure =>
  new ApiFailure('BadRequest', `${form === 'strategic-merge-patch' ? '' : 'error decoding patch: '}${why}`);

function readPatch(body: Uint8Array, form: PatchForm): Json {
  try {
    return parseJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  } catch (error) {
    if (error instanceof JsonError) throw unreadable(form, error.message);
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
    if (error.kind === 'unreadable') throw unreadable(form, error.message);
    throw new ApiFailure('Invalid', 'the server rejected our request due to an error in our request', {});
  }
}
