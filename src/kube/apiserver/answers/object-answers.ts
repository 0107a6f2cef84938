/**
 * Answers with objects in the form that the client accepts: as they are, as a Table, or as metadata alone.
 */
import type { Dictionary } from '../../../core/dictionary.ts';
import { answerForm } from '../negotiation.ts';
import type { AnswerForm } from '../negotiation.ts';
import { ApiFailure } from '../../objects/objects.ts';
import type { KubeObject } from '../../objects/objects.ts';
import type { NamedTarget } from '../registry/registry.ts';
import { apiVersionOf } from '../resources.ts';
import type { ResourceType } from '../resources.ts';
import type { ResourceRoute } from '../routes.ts';
import { partialObject, tableOf } from '../tables.ts';
import type { IncludeObject } from '../tables.ts';
import { jsonAnswer } from './answer.ts';
import type { ApiRequest, ApiOptions, Answered } from './answer.ts';

export interface Call {
  readonly route: ResourceRoute;
  readonly type: ResourceType;
  readonly request: ApiRequest;
  readonly target: NamedTarget;
  readonly options: ApiOptions;
}

export function formOf({ request }: Call): AnswerForm {
  return answerForm(request.headers.accept, ['Table', 'PartialObjectMetadata']);
}

const included: readonly IncludeObject[] = ['None', 'Metadata', 'Object'];

export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const asked = query.get('includeObject') ?? 'Metadata';
  const known = included.find((one) => one === asked);
  if (!known)
    throw new ApiFailure(
      'BadRequest',
      `unrecognized includeObject value: ${JSON.stringify(asked.slice(0, 64))}`,
    );
  return known;
}

export function objectAnswer(
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

export function listAnswer(
  call: Call,
  objects: readonly KubeObject[],
  metadata: Dictionary<unknown>,
): Answered {
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
  return jsonAnswer({
    kind: `${type.kind}List`,
    apiVersion: apiVersionOf(type),
    metadata,
    // The list says it for all of them, as in Kubernetes.
    items: objects.map(({ kind: _kind, apiVersion: _apiVersion, ...object }) => object),
  });
}
