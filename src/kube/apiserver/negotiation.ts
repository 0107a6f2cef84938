/**
 * Negotiates media types: the form of a response (Accept) and the type of a body (Content-Type). Responses are always
 * JSON; clients select the contents: the object, a Table, or only its metadata.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { ApiFailure } from '../objects/objects.ts';

/** `Table` and `PartialObjectMetadata` are requested by `as=`; the latter's list has its own name. */
export type AnswerForm = 'plain' | 'Table' | 'PartialObjectMetadata' | 'aggregated';

interface MediaRange {
  readonly type: string;
  readonly parameters: Dictionary<string>;
}

const json = new Set(['application/json', 'application/*', '*/*']);

/** By `group/version/as`, in the versions that clients send; clients list the newest first. */
const forms: Dictionary<AnswerForm> = {
  'meta.k8s.io/v1/Table': 'Table',
  'meta.k8s.io/v1/PartialObjectMetadata': 'PartialObjectMetadata',
  'meta.k8s.io/v1/PartialObjectMetadataList': 'PartialObjectMetadata',
  'apidiscovery.k8s.io/v2/APIGroupDiscoveryList': 'aggregated',
};

const rangeLimit = 64;

function rangesOf(header: string): readonly MediaRange[] {
  return header
    .split(',')
    .slice(0, rangeLimit)
    .map((part) => {
      const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim());
      return {
        type: type.toLowerCase(),
        parameters: Object.fromEntries(
          parameters.map((parameter) => {
            const equals = parameter.indexOf('=');
            return equals < 0
              ? [parameter, '']
              : [parameter.slice(0, equals).trim(), parameter.slice(equals + 1).trim()];
          }),
        ),
      };
    });
}

/** The first range, in the client's order, that this server supports. @throws ApiFailure 406 */
export function answerForm(accept: string | undefined, offered: readonly AnswerForm[]): AnswerForm {
  if (accept === undefined || accept.trim() === '') return 'plain';
  for (const { type, parameters } of rangesOf(accept)) {
    if (!json.has(type)) continue;
    const { as, g = '', v = '' } = parameters;
    const form = as === undefined ? 'plain' : (forms[`${g}/${v}/${as}`] ?? 'unknown');
    if (form === 'plain' || (form !== 'unknown' && offered.includes(form))) return form;
  }
  throw new ApiFailure('NotAcceptable', 'only the following media types are accepted: application/json', {});
}

export type BodyForm = 'json' | 'protobuf';

const bodies: Dictionary<BodyForm> = {
  'application/json': 'json',
  'application/vnd.kubernetes.protobuf': 'protobuf',
};

/** @throws ApiFailure 415 */
export function bodyForm(contentType: string | undefined): BodyForm {
  // A missing Content-Type means JSON.
  const type = mediaType(contentType) || 'application/json';
  const form = Object.hasOwn(bodies, type) ? bodies[type] : undefined;
  if (!form) throw unknownForm(Object.keys(bodies));
  return form;
}

export type PatchForm = 'json-patch' | 'merge-patch' | 'strategic-merge-patch';

const patches: Dictionary<PatchForm> = {
  'application/json-patch+json': 'json-patch',
  'application/merge-patch+json': 'merge-patch',
  'application/strategic-merge-patch+json': 'strategic-merge-patch',
};

/** @throws ApiFailure 415: also for server-side apply, so that clients treat the server as one without it. */
export function patchForm(contentType: string | undefined): PatchForm {
  const type = mediaType(contentType);
  const form = Object.hasOwn(patches, type) ? patches[type] : undefined;
  if (!form) throw unknownForm(Object.keys(patches));
  return form;
}

function mediaType(header: string | undefined): string {
  return rangesOf(header ?? '')[0]?.type ?? '';
}

function unknownForm(known: readonly string[]): ApiFailure {
  return new ApiFailure(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${known.join(', ')}`,
    {},
  );
}
