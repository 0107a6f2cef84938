/** The tables of messages: each number and each name once, and what they are made of ends somewhere. */
import test from 'ava';
import { deleteOptions, schemas } from '../../../src/kube/objects/schema.ts';
import { jsonFields } from '../../../src/kube/objects/schema/message.ts';
import type { FieldType, Message } from '../../../src/kube/objects/schema/message.ts';
import { openApiDocument } from '../../../src/kube/apiserver/openapi.ts';

function messagesIn(type: FieldType): Message[] {
  if (typeof type === 'string' || 'text' in type || 'optional' in type) return [];
  if ('list' in type) return messagesIn(type.list);
  return 'map' in type ? messagesIn(type.map) : [type];
}

const all = new Set<Message>([...Object.values(schemas), deleteOptions]);
// A set grows while it is walked.
for (const { fields, inline } of all) {
  for (const [, type] of Object.values(fields)) for (const one of messagesIn(type)) all.add(one);
  if (inline) all.add(inline[1]);
}

test('every number of a message is one field’s, and every name too', (t) => {
  for (const message of all) {
    const { name, fields, inline } = message;
    const numbers = [...Object.values(fields).map(([number]) => number), ...(inline ? [inline[0]] : [])];
    t.is(new Set(numbers).size, numbers.length, name);
    t.true(
      numbers.every((number) => Number.isInteger(number) && number > 0),
      name,
    );
    t.is(
      Object.keys(jsonFields(message)).length,
      Object.keys(fields).length + (inline ? Object.keys(jsonFields(inline[1])).length : 0),
      name,
    );
  }
  t.true(all.size > 150, String(all.size));
});

/** A few that are easily mistaken, as generated.proto of k8s.io/api 1.32 has them. */
const known: readonly (readonly [path: readonly string[], number: number])[] = [
  [['Service', 'spec', 'clusterIPs'], 18],
  [['Service', 'spec', 'ipFamilyPolicy'], 17],
  [['Service', 'spec', 'trafficDistribution'], 23],
  [['Pod', 'spec', 'ephemeralContainers'], 34],
  [['Pod', 'spec', 'resources'], 40],
  [['Pod', 'spec', 'containers', 'restartPolicy'], 24],
  [['Pod', 'spec', 'containers', 'livenessProbe', 'terminationGracePeriodSeconds'], 7],
  [['Pod', 'spec', 'containers', 'volumeMounts', 'recursiveReadOnly'], 7],
  [['Node', 'spec', 'podCIDRs'], 7],
  [['Event', 'eventTime'], 10],
];

test('fields have the numbers of generated.proto', (t) => {
  for (const [[kind = '', ...path], number] of known) {
    let at: Message | undefined = (schemas as Readonly<Record<string, Message>>)[kind];
    let found = 0;
    for (const field of path) {
      const row: readonly [number, FieldType] | undefined = at?.fields[field];
      t.truthy(row, `${kind}.${path.join('.')}`);
      found = row?.[0] ?? 0;
      at = row ? messagesIn(row[1])[0] : undefined;
    }
    t.is(found, number, `${kind}.${path.join('.')}`);
  }
});

test('the OpenAPI document of the core group has every message once, and no reference into nothing', (t) => {
  const document = openApiDocument('/openapi/v3/api/v1') as {
    readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  };
  const names = new Set(Object.keys(document.components.schemas));
  const text = JSON.stringify(document);
  for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
    t.true(names.has(name), name);
  t.true(names.has('io.k8s.api.core.v1.Probe'));
  t.true(text.length < 400_000, String(text.length));
});
