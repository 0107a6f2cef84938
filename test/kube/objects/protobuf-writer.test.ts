/** Objects as protobuf for etcd: what is written is read back, byte by byte as Go writes it where no field is empty. */
import test from 'ava';
import { isVirtual, apiVersionOf, resources } from '../../../src/kube/apiserver/resources.ts';
import { bootstrapPolicy, kubeadmPolicy } from '../../../src/kube/authz/bootstrap-policy.ts';
import { kubeadmObjects } from '../../../src/kube/kubeadm-objects.ts';
import { readEnvelope, readMessage } from '../../../src/kube/objects/protobuf.ts';
import { writeEnvelope } from '../../../src/kube/objects/protobuf-writer.ts';
import { schemas } from '../../../src/kube/objects/schema.ts';
import { authority } from '../support/cluster.ts';
import { specimen, varint } from '../support/encode.ts';

const stored = resources.filter((row) => !isVirtual(row));
const schemaOf = ({ kind }: { readonly kind: string }) => stored.find((row) => row.kind === kind)!.schema;

function roundTrip(object: { readonly apiVersion: string; readonly kind: string }): unknown {
  const bytes = writeEnvelope(object, schemaOf(object));
  if (!bytes) return undefined;
  const { apiVersion, kind, raw } = readEnvelope(bytes);
  return { apiVersion, kind, ...readMessage(raw, schemaOf(object)) };
}

for (const row of stored) {
  test(`${row.kind}: every field is written and read back`, (t) => {
    const object = { apiVersion: apiVersionOf(row), kind: row.kind, ...specimen(row.schema) };
    t.deepEqual(roundTrip(object), object);
  });
}

test('what a cluster begins with comes back as it is', (t) => {
  const objects = [
    ...bootstrapPolicy(),
    ...kubeadmPolicy(),
    ...kubeadmObjects({ root: authority, server: { host: '127.0.0.1', port: 6443 } }),
  ];
  t.true(objects.length > 50);
  for (const object of objects) {
    // Empty lists are none in protobuf: an aggregated role begins with no rules.
    const filled = Object.entries(object).filter(([, value]) => !Array.isArray(value) || value.length > 0);
    t.deepEqual(roundTrip(object), Object.fromEntries(filled), object.metadata.name);
  }
});

test('a Secret is what a real API server stores, in the order of its numbers, without its empty fields', (t) => {
  const bytes = writeEnvelope(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      data: {
        user: Buffer.from('bob').toString('base64'),
        password: Buffer.from('tiger').toString('base64'),
      },
      metadata: { namespace: 'default', creationTimestamp: '2025-11-26T06:03:20Z', name: 'db' },
    } as never,
    schemas.Secret,
  )!;
  const time = `\b${varint(BigInt(Date.parse('2025-11-26T06:03:20Z') / 1000)).toString('latin1')}\x10\0`;
  const metadata = `\n\x02db\x1a\x07defaultB\b${time}`;
  const raw = `\n${String.fromCodePoint(metadata.length)}${metadata}\x12\x11\n\bpassword\x12\x05tiger\x12\x0b\n\x04user\x12\x03bob\x1a\x06Opaque`;
  t.is(
    bytes.toString('latin1'),
    `k8s\0\n\x0c\n\x02v1\x12\x06Secret\x12${String.fromCodePoint(raw.length)}${raw}\x1a\0"\0`,
  );
});

test('times are kept as Go keeps them: seconds, and microseconds in a MicroTime', (t) => {
  const lease = (renewTime: string) =>
    roundTrip({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'a' },
      spec: { renewTime },
    } as never);
  const read = (renewTime: string): unknown => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'a' },
    spec: { renewTime },
  });
  t.deepEqual(lease('2026-11-29T17:00:00.123456Z'), read('2026-11-29T17:00:00.123456Z'));
  t.deepEqual(lease('2026-11-29T17:00:00.1234567Z'), read('2026-11-29T17:00:00.123456Z'));
  t.deepEqual(lease('2026-11-29T17:00:00Z'), read('2026-11-29T17:00:00.000000Z'));
  t.deepEqual(lease('1969-12-31T23:59:59.5Z'), read('1969-12-31T23:59:59.500000Z'));
  t.deepEqual(lease('2026-11-29T17:00:00+09:00'), read('2026-11-29T08:00:00.000000Z'));
});

test('what the tables do not cover is not written', (t) => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } };
  t.truthy(writeEnvelope(secret, schemas.Secret));
  for (const more of [
    { spec: {} },
    { data: 'x' },
    { data: { a: 1 } },
    { type: 3 },
    { immutable: 'yes' },
    { metadata: { name: 'a', generation: 1.5 } },
    { metadata: { name: 'a', creationTimestamp: 'today' } },
    { metadata: { name: '\ud800' } },
    { metadata: { name: 'a', finalizers: {} } },
    { metadata: { name: 'a', managedFields: [] } },
  ])
    t.is(writeEnvelope({ ...secret, ...more }, schemas.Secret), undefined, JSON.stringify(more));
});
