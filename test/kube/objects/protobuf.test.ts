/** Protobuf bodies: every kind round trip, every prefix, random bytes, and what is hostile. */
import test from 'ava';
import * as fc from 'fast-check';
import { decodeDeleteOptions, decodeObject } from '../../../src/kube/objects/codec.ts';
import { ApiFailure } from '../../../src/kube/objects/objects.ts';
import { ProtobufError, readEnvelope, readMessage } from '../../../src/kube/objects/protobuf.ts';
import { apiVersionOf, resources } from '../../../src/kube/apiserver/resources.ts';
import type { BodyType } from '../../../src/kube/apiserver/resources.ts';
import { deleteOptions } from '../../../src/kube/objects/schema.ts';
import { encodeMessage, envelope, lengthed, specimen, varint } from '../support/encode.ts';

const mediaType = 'application/vnd.kubernetes.protobuf';
const bodies: readonly BodyType[] = resources.flatMap((row) => [
  row,
  ...Object.values(row.subresources).flatMap(({ posts }) => posts ?? []),
]);
const typeOf = (kind: string): BodyType => bodies.find((row) => row.kind === kind)!;
const bodyOf = (type: BodyType): Buffer =>
  envelope(apiVersionOf(type), type.kind, encodeMessage(specimen(type.schema), type.schema));

/** Every kind that can be posted: kubectl and client-go send any of them as protobuf. */
const kinds = bodies.map(({ kind }) => kind);

for (const kind of kinds) {
  test(`${kind}: every field is read back as it was written`, (t) => {
    const type = typeOf(kind);
    const written = specimen(type.schema);
    t.deepEqual(readMessage(encodeMessage(written, type.schema), type.schema) as unknown, written);
    const { object, unknown } = decodeObject(bodyOf(type), mediaType, type);
    t.is(object.kind, kind);
    t.deepEqual(unknown, []);
    // The same object in JSON comes out alike.
    t.deepEqual(
      decodeObject(
        Buffer.from(JSON.stringify({ kind, apiVersion: apiVersionOf(type), ...written })),
        'application/json',
        type,
      ).object,
      object,
    );
  });

  test(`${kind}: every prefix of its body is an object or a 400`, (t) => {
    const type = typeOf(kind);
    const body = bodyOf(type);
    let refused = 0;
    for (let length = 0; length < body.length; length++) {
      try {
        decodeObject(body.subarray(0, length), mediaType, type);
      } catch (error) {
        t.true(error instanceof ApiFailure && error.status.code === 400, `${length}: ${String(error)}`);
        refused++;
      }
    }
    t.true(refused > body.length * 0.9, `${refused} of ${body.length}`);
  });
}

test('a request for a certificate as kubectl 1.32 approves it', (t) => {
  const raw = Buffer.concat([
    lengthed(
      1,
      Buffer.concat([
        lengthed(1, Buffer.from('alice')),
        lengthed(2, Buffer.alloc(0)),
        lengthed(8, Buffer.concat([varint(8n), varint(1_764_137_000n), varint(16n), varint(0n)])),
      ]),
    ),
    lengthed(
      3,
      lengthed(
        1,
        Buffer.concat([
          lengthed(1, Buffer.from('Approved')),
          lengthed(2, Buffer.from('KubectlApprove')),
          lengthed(6, Buffer.from('True')),
        ]),
      ),
    ),
  ]);
  const { object } = decodeObject(
    envelope('certificates.k8s.io/v1', 'CertificateSigningRequest', raw),
    mediaType,
    typeOf('CertificateSigningRequest'),
  );
  t.deepEqual(object as unknown, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'alice', creationTimestamp: '2025-11-26T06:03:20Z' },
    status: { conditions: [{ type: 'Approved', reason: 'KubectlApprove', status: 'True' }] },
  });
});

test('an empty string is none; an empty value of a map is one', (t) => {
  const { object } = decodeObject(
    envelope('v1', 'ConfigMap', lengthed(2, lengthed(1, Buffer.from('a')))),
    mediaType,
    typeOf('ConfigMap'),
  );
  t.deepEqual(object['data'], { a: '' });
  t.deepEqual(object.metadata as unknown, { name: '' });
});

test('fields that the table does not have are passed over, whatever their type', (t) => {
  const more = Buffer.concat([
    varint(800n),
    varint(1n),
    Buffer.from([0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8]),
    Buffer.from([0xa5, 0x06, 1, 2, 3, 4]),
    lengthed(100, Buffer.from('x')),
  ]);
  t.deepEqual(
    readMessage(
      Buffer.concat([
        more,
        lengthed(2, Buffer.concat([lengthed(1, Buffer.from('a')), lengthed(2, Buffer.from('b'))])),
      ]),
      typeOf('ConfigMap').schema,
    ) as unknown,
    { data: { a: 'b' } },
  );
});

test('options of a deletion', (t) => {
  const written = {
    gracePeriodSeconds: 0,
    preconditions: { uid: 'u', resourceVersion: '7' },
    propagationPolicy: 'Background',
    dryRun: ['All'],
  };
  const options = decodeDeleteOptions(
    envelope('v1', 'DeleteOptions', encodeMessage(written, deleteOptions)),
    mediaType,
  );
  t.deepEqual(options, { uid: 'u', resourceVersion: '7', gracePeriod: 0, dryRun: true });
  t.deepEqual(decodeDeleteOptions(Buffer.from(JSON.stringify(written)), 'application/json'), options);
  t.deepEqual(decodeDeleteOptions(Buffer.alloc(0), undefined), { dryRun: false });
});

const hostile: Readonly<Record<string, Uint8Array>> = {
  'a length beyond the end': Buffer.from([0x12, 0xff, 0x7f]),
  'a length of 2^63': Buffer.concat([Buffer.from([0x12]), varint(1n << 63n)]),
  'a varint without end': Buffer.alloc(64, 0xff),
  'a varint that breaks off': Buffer.from([0x12, 0x80]),
  'field 0': Buffer.from([0x02, 0x00]),
  'a field number beyond all': Buffer.concat([varint((1n << 40n) * 8n + 2n), Buffer.from([0])]),
  'a group': Buffer.from([0x13, 0x14]),
  'wire type 7': Buffer.from([0x17]),
  'an integer for a message': Buffer.from([0x08, 0x01]),
  'a message for an integer': lengthed(4, Buffer.from('x')),
  'a string that is not UTF-8': lengthed(2, lengthed(1, Buffer.from([0xff]))),
  'elements without end': Buffer.alloc(400_000, Buffer.from([0x12, 0x00])),
};

for (const [title, raw] of Object.entries(hostile)) {
  test(`${title} is a mistake`, (t) => {
    t.throws(() => readMessage(raw, typeOf('ConfigMap').schema), { instanceOf: ProtobufError });
  });
}

test('a field of a time beyond all calendars is none', (t) => {
  const raw = lengthed(1, lengthed(8, Buffer.concat([varint(8n), varint(1n << 62n)])));
  t.deepEqual(readMessage(raw, typeOf('ConfigMap').schema) as unknown, { metadata: {} });
});

test('__proto__ is a key like any other', (t) => {
  const raw = lengthed(
    2,
    Buffer.concat([lengthed(1, Buffer.from('__proto__')), lengthed(2, Buffer.from('x'))]),
  );
  const data = readMessage(raw, typeOf('ConfigMap').schema)['data'] as Record<string, string>;
  t.deepEqual(Object.entries(data), [['__proto__', 'x']]);
});

test('random bytes are never more than a mistake', (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...resources),
      fc.uint8Array({ maxLength: 300 }),
      fc.boolean(),
      (type, bytes, enveloped) => {
        try {
          decodeObject(
            enveloped
              ? envelope(apiVersionOf(type), type.kind, bytes)
              : Buffer.concat([Buffer.from('k8s\0', 'latin1'), bytes]),
            mediaType,
            type,
          );
        } catch (error) {
          if (!(error instanceof ApiFailure)) throw error;
        }
      },
    ),
    { numRuns: 2000 },
  );
  t.throws(() => readEnvelope(Buffer.from('k8s')), { instanceOf: ProtobufError });
});

test('a body with bytes changed is never more than a mistake', (t) => {
  const bodies = kinds.map((kind) => ({ type: typeOf(kind), body: bodyOf(typeOf(kind)) }));
  fc.assert(
    fc.property(
      fc.constantFrom(...bodies),
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
      ({ type, body }, at, byte) => {
        const changed = Buffer.from(body);
        changed[at % body.length] = byte;
        try {
          decodeObject(changed, mediaType, type);
        } catch (error) {
          if (!(error instanceof ApiFailure)) throw error;
        }
      },
    ),
    { numRuns: 3000 },
  );
  t.pass();
});
