/**
 * Serves the OpenAPI documents that `kubectl create` and `apply` request: the kinds, and that the server validates
 * unknown fields itself (`fieldValidation`). Fields of a kind are included as far as `schema.ts` has them.
 */
import { groups, isVirtual, resources } from './resources.ts';
import type { ResourceType } from './resources.ts';
import { serverVersion } from './discovery.ts';
import { jsonFields } from '../objects/schema/message.ts';
import type { FieldType, Message, PlainType } from '../objects/schema/message.ts';

const title = 'Kubernetes';
const [swagger, version] = ['2.0', serverVersion.gitVersion];
const text = (field: number, words: string): string =>
  `${String.fromCharCode(field * 8 + 2, words.length)}${words}`;

/**
 * `/openapi/v2`, without any kinds: clients request it last, for kinds that the v3 documents lack. As JSON, and in
 * protobuf (gnostic, openapiv2/OpenAPIv2.proto: swagger 1, info 2 with title 1 and version 2, paths 8), the only form
 * that kubectl accepts.
 */
export const openApi2 = {
  document: { swagger, info: { title, version }, paths: {} },
  /** The value of an Accept header. */
  type: 'application/com.github.proto-openapi.spec.v2',
  contentType: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
  bytes: Buffer.from(
    `${text(1, swagger)}${text(2, text(1, title) + text(2, version))}${text(8, '')}`,
    'latin1',
  ),
} as const;

/** `/openapi/v3`: the list of documents. Their URLs contain the version, so that clients may cache them. */
export function openApiIndex(): object {
  return {
    paths: Object.fromEntries(
      groups.map((group) => [
        pathOf(group),
        { serverRelativeURL: `/openapi/v3/${pathOf(group)}?hash=${serverVersion.gitVersion}` },
      ]),
    ),
  };
}

/** `/openapi/v3/api/v1`, `/openapi/v3/apis/GROUP/v1`; undefined where there is no such group. */
export function openApiDocument(path: string): object | undefined {
  const group = groups.find((one) => `/openapi/v3/${pathOf(one)}` === path);
  if (group === undefined) return undefined;
  const known = documents.get(group) ?? documentOf(group);
  documents.set(group, known);
  return known;
}

/** Built once: the core group has about two hundred messages. */
const documents = new Map<string, object>();

function documentOf(group: string): object {
  const rows = resources.filter((row) => row.group === group);
  return {
    openapi: '3.0.0',
    info: { title, version },
    paths: Object.fromEntries(rows.flatMap(pathsOf)),
    components: { schemas: Object.fromEntries(rows.flatMap((row) => schemasOf(row.schema, row))) },
  };
}

function pathOf(group: string): string {
  return group === '' ? 'api/v1' : `apis/${group}/v1`;
}

function pathsOf(row: ResourceType): (readonly [string, object])[] {
  const { group, version, kind, plural, namespaced } = row;
  const base = `/${pathOf(group)}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}`;
  const operation = (action: string): object => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
    parameters: ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
      name,
      in: 'query',
      schema: { type: 'string', uniqueItems: true },
    })),
    responses: {
      200: {
        description: 'OK',
        content: {
          'application/json': { schema: { $ref: `#/components/schemas/${componentName(row.schema, row)}` } },
        },
      },
    },
  });
  return [
    [base, { post: operation('post') }],
    ...(isVirtual(row)
      ? []
      : [[`${base}/{name}`, { put: operation('put'), patch: operation('patch') }] as const]),
  ];
}

function componentName({ name }: Message, { group, version }: ResourceType): string {
  const owner =
    name === 'ObjectMeta' || name === 'OwnerReference'
      ? 'io.k8s.apimachinery.pkg.apis.meta'
      : `io.k8s.api.${group === '' ? 'core' : (group.split('.')[0] ?? '')}`;
  return `${owner}.${version}.${name}`;
}

/** What `kubectl explain` shows in place of upstream's texts. */
const undescribed =
  'Fields have no descriptions here. They are at https://kubernetes.io/docs/reference/kubernetes-api/';

/** A message and those in it, each once. */
function schemasOf(
  message: Message,
  row: ResourceType,
  visited = new Set<Message>(),
): (readonly [string, object])[] {
  if (visited.has(message)) return [];
  visited.add(message);
  const isKind = message === row.schema;
  const fields = Object.entries(jsonFields(message));
  const below = fields.flatMap(([, [, type]]) => messagesIn(type));
  const own = {
    description: undescribed,
    type: 'object',
    properties: {
      ...(isKind ? { apiVersion: { type: 'string' }, kind: { type: 'string' } } : {}),
      ...Object.fromEntries(fields.map(([name, [, type]]) => [name, typeSchema(type, row)])),
    },
    ...(isKind
      ? { 'x-kubernetes-group-version-kind': [{ group: row.group, version: row.version, kind: row.kind }] }
      : {}),
  };
  return [[componentName(message, row), own], ...below.flatMap((one) => schemasOf(one, row, visited))];
}

function messagesIn(type: FieldType): Message[] {
  if (typeof type === 'string') return [];
  if ('list' in type) return messagesIn(type.list);
  if ('map' in type) return messagesIn(type.map);
  return 'fields' in type ? [type] : [];
}

const plainTypes: Readonly<Record<PlainType, object>> = {
  string: { type: 'string' },
  bytes: { type: 'string', format: 'byte' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  bool: { type: 'boolean' },
  time: { type: 'string', format: 'date-time' },
  microTime: { type: 'string', format: 'date-time' },
  any: { type: 'array', items: {} },
  quantity: { type: 'string' },
  strings: { type: 'array', items: { type: 'string' } },
  intOrString: { type: 'string', format: 'int-or-string' },
};

function typeSchema(type: FieldType, row: ResourceType): object {
  if (typeof type === 'string') return plainTypes[type];
  if ('text' in type) return plainTypes.string;
  if ('optional' in type) return plainTypes[type.optional];
  if ('list' in type) return { type: 'array', items: typeSchema(type.list, row) };
  if ('map' in type) return { type: 'object', additionalProperties: typeSchema(type.map, row) };
  return { allOf: [{ $ref: `#/components/schemas/${componentName(type, row)}` }] };
}
