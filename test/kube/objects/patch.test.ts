/** The three patches: the examples of their specifications, directives, and that what is given stays as it is. */
import test from 'ava';
import * as fc from 'fast-check';
import type { Json, JsonObject } from '../../../src/kube/objects/json.ts';
import { applyJsonPatch, applyMergePatch, objectPatch, PatchError } from '../../../src/kube/objects/patch.ts';
import { applyStrategicMergePatch } from '../../../src/kube/objects/strategic-merge.ts';

/** RFC 6902 appendix A, and what its text says beside it; a text is the kind of the mistake. */
const jsonPatches: readonly (readonly [title: string, document: JsonObject, patch: Json, result: Json])[] = [
  [
    'A.1 adding an object member',
    { foo: 'bar' },
    [{ op: 'add', path: '/baz', value: 'qux' }],
    { baz: 'qux', foo: 'bar' },
  ],
  [
    'A.2 adding an array element',
    { foo: ['bar', 'baz'] },
    [{ op: 'add', path: '/foo/1', value: 'qux' }],
    { foo: ['bar', 'qux', 'baz'] },
  ],
  [
    'A.3 removing an object member',
    { baz: 'qux', foo: 'bar' },
    [{ op: 'remove', path: '/baz' }],
    { foo: 'bar' },
  ],
  [
    'A.4 removing an array element',
    { foo: ['bar', 'qux', 'baz'] },
    [{ op: 'remove', path: '/foo/1' }],
    { foo: ['bar', 'baz'] },
  ],
  [
    'A.5 replacing a value',
    { baz: 'qux', foo: 'bar' },
    [{ op: 'replace', path: '/baz', value: 'boo' }],
    { baz: 'boo', foo: 'bar' },
  ],
  [
    'A.6 moving a value',
    { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  ],
  [
    'A.7 moving an array element',
    { foo: ['all', 'grass', 'cows', 'eat'] },
    [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    { foo: ['all', 'cows', 'eat', 'grass'] },
  ],
  [
    'A.8 testing a value',
    { baz: 'qux', foo: ['a', 2, 'c'] },
    [
      { op: 'test', path: '/baz', value: 'qux' },
      { op: 'test', path: '/foo/1', value: 2 },
    ],
    { baz: 'qux', foo: ['a', 2, 'c'] },
  ],
  ['A.9 testing a value: error', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }], 'unfit'],
  [
    'A.10 adding a nested member object',
    { foo: 'bar' },
    [{ op: 'add', path: '/child', value: { grandchild: {} } }],
    { foo: 'bar', child: { grandchild: {} } },
  ],
  [
    'A.11 ignoring unrecognized elements',
    { foo: 'bar' },
    [{ op: 'add', path: '/baz', value: 'qux', xyz: 123 }],
    { foo: 'bar', baz: 'qux' },
  ],
  [
    'A.12 adding to a nonexistent target',
    { foo: 'bar' },
    [{ op: 'add', path: '/baz/bat', value: 'qux' }],
    'unfit',
  ],
  [
    'A.14 escape ordering',
    { '/': 9, '~1': 10 },
    [{ op: 'test', path: '/~01', value: 10 }],
    { '/': 9, '~1': 10 },
  ],
  [
    'A.15 comparing strings and numbers',
    { '/': 9, '~1': 10 },
    [{ op: 'test', path: '/~01', value: '10' }],
    'unfit',
  ],
  [
    'A.16 adding an array value',
    { foo: ['bar'] },
    [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
    { foo: ['bar', ['abc', 'def']] },
  ],
  [
    'copy',
    { a: { b: 1 } },
    [
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'replace', path: '/c/b', value: 2 },
    ],
    { a: { b: 1 }, c: { b: 2 } },
  ],
  ['the whole document', { a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
  ['replacing what is not there', { a: 1 }, [{ op: 'replace', path: '/b', value: 1 }], 'unfit'],
  ['an index beyond the end', { a: [1] }, [{ op: 'add', path: '/a/2', value: 1 }], 'unfit'],
  ['an index with a zero before it', { a: [1, 2] }, [{ op: 'replace', path: '/a/01', value: 1 }], 'unfit'],
  ['a value into itself', { a: { b: {} } }, [{ op: 'move', from: '/a', path: '/a/b/c' }], 'unfit'],
  ['removing everything', { a: 1 }, [{ op: 'remove', path: '' }], 'unfit'],
  ['a path without a slash', { a: 1 }, [{ op: 'remove', path: 'a' }], 'unfit'],
  ['no value', { a: 1 }, [{ op: 'add', path: '/b' }], 'unfit'],
  ['no operation', { a: 1 }, [{ path: '/b' }], 'unfit'],
  ['an operation that every object has', { a: 1 }, [{ op: 'toString', path: '/b' }], 'unfit'],
  [
    'copies that double',
    { a: 'x'.repeat(1000) },
    Array.from({ length: 40 }, (_, n) => ({ op: 'copy', from: '', path: `/b${n}` })),
    'too-large',
  ],
];

for (const [title, document, patch, result] of jsonPatches) {
  test(`JSON patch: ${title}`, (t) => {
    const before = structuredClone(document);
    if (typeof result === 'string')
      t.is<string | undefined, string>(
        t.throws(() => applyJsonPatch(document, patch), { instanceOf: PatchError })?.kind,
        result,
      );
    else t.deepEqual(applyJsonPatch(document, patch), result);
    t.deepEqual(document, before, 'what was given has changed');
  });
}

/** RFC 7396 appendix A. */
const mergePatches: readonly (readonly [original: Json, patch: Json, result: Json])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

test('merge patch: the examples of RFC 7396', (t) => {
  for (const [original, patch, result] of mergePatches) t.deepEqual(applyMergePatch(original, patch), result);
});

const pod = {
  metadata: { name: 'p', finalizers: ['a/x'] },
  spec: {
    containers: [
      { name: 'one', image: 'a', ports: [{ containerPort: 80, protocol: 'TCP' }] },
      { name: 'two', image: 'b' },
    ],
    tolerations: [{ key: 'x' }],
  },
};
const containers = (value: Json): Json => (value as unknown as typeof pod).spec.containers;

const strategic: Readonly<
  Record<
    string,
    {
      readonly patch: Json;
      readonly kind?: string;
      readonly document?: JsonObject;
      readonly result: Json;
      readonly of?: (value: Json) => Json;
    }
  >
> = {
  'a keyed list is merged by its key': {
    patch: { spec: { containers: [{ name: 'two', image: 'c' }] } },
    of: containers,
    result: [pod.spec.containers[0]!, { name: 'two', image: 'c' }],
  },
  'a new element comes last': {
    patch: { spec: { containers: [{ name: 'three', image: 'c' }] } },
    of: containers,
    result: [...pod.spec.containers, { name: 'three', image: 'c' }],
  },
  'an element is deleted': {
    patch: { spec: { containers: [{ name: 'one', $patch: 'delete' }] } },
    of: containers,
    result: [{ name: 'two', image: 'b' }],
  },
  'a list is replaced': {
    patch: { spec: { containers: [{ name: 'x', image: 'y' }, { $patch: 'replace' }] } },
    of: containers,
    result: [{ name: 'x', image: 'y' }],
  },
  'a list in an element is merged by its own key': {
    patch: {
      spec: {
        containers: [{ name: 'one', ports: [{ containerPort: 80, name: 'http' }, { containerPort: 443 }] }],
      },
    },
    of: (value) => (containers(value) as { ports?: Json }[])[0]?.ports ?? null,
    result: [{ containerPort: 80, protocol: 'TCP', name: 'http' }, { containerPort: 443 }],
  },
  'an order is kept to': {
    patch: {
      spec: {
        '$setElementOrder/containers': [{ name: 'two' }, { name: 'one' }],
        containers: [{ name: 'two', image: 'z' }],
      },
    },
    of: (value) => (containers(value) as { name: string }[]).map(({ name }) => name),
    result: ['two', 'one'],
  },
  'a list without a key is replaced': {
    patch: { spec: { tolerations: [{ key: 'y' }] } },
    of: (value) => (value as unknown as typeof pod).spec.tolerations,
    result: [{ key: 'y' }],
  },
  'a set grows': {
    patch: { metadata: { finalizers: ['a/x', 'b/y'] } },
    of: (value) => (value as unknown as typeof pod).metadata.finalizers,
    result: ['a/x', 'b/y'],
  },
  'a set shrinks by name': {
    patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['a/x'] } },
    of: (value) => (value as unknown as typeof pod).metadata.finalizers,
    result: [],
  },
  'null removes': { patch: { spec: null }, result: { metadata: pod.metadata } },
  'an object is replaced': {
    patch: { metadata: { name: 'q', $patch: 'replace' } },
    of: (value) => (value as unknown as typeof pod).metadata,
    result: { name: 'q' },
  },
  'only some keys stay': { patch: { $retainKeys: ['metadata'] }, result: { metadata: pod.metadata } },
  'conditions of a node are keyed by their type': {
    kind: 'Node',
    document: {
      status: {
        conditions: [
          { type: 'Ready', status: 'False' },
          { type: 'Disk', status: 'True' },
        ],
      },
    },
    patch: { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
    result: {
      status: {
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'Disk', status: 'True' },
        ],
      },
    },
  },
  'those of a certificate signing request are one list': {
    kind: 'CertificateSigningRequest',
    document: { status: { conditions: [{ type: 'Approved' }] } },
    patch: { status: { conditions: [{ type: 'Failed' }] } },
    result: { status: { conditions: [{ type: 'Failed' }] } },
  },
  'data is no list, whatever it is called': {
    kind: 'ConfigMap',
    document: { data: { containers: 'a' } },
    patch: { data: { containers: 'b', x: 'y' } },
    result: { data: { containers: 'b', x: 'y' } },
  },
};

for (const [
  title,
  { patch, kind = 'Pod', document = pod, of = (value: Json): Json => value, result },
] of Object.entries(strategic)) {
  test(`strategic merge patch: ${title}`, (t) => {
    const before = structuredClone(document);
    t.deepEqual(of(applyStrategicMergePatch(document as JsonObject, patch, kind)), result);
    t.deepEqual(document, before, 'what was given has changed');
  });
}

for (const patch of [
  { $patch: 'burn' },
  { spec: { containers: [{ image: 'x' }] } },
  { $retainKeys: 'x' },
  { spec: { '$setElementOrder/containers': 7 } },
  [] as Json,
]) {
  test(`strategic merge patch: ${JSON.stringify(patch)} cannot be read`, (t) => {
    t.is(
      t.throws(() => applyStrategicMergePatch(pod, patch, 'Pod'), { instanceOf: PatchError })?.kind,
      'unreadable',
    );
  });
}

test('any JSON for a patch is applied or a mistake, and changes nothing that was given', (t) => {
  const operation = fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
    path: fc.constantFrom(
      '',
      '/spec',
      '/spec/containers/0',
      '/spec/containers/-',
      '/metadata/name',
      '/nope/x',
      'x',
    ),
    from: fc.constantFrom('', '/spec', '/metadata'),
    value: fc.jsonValue(),
  });
  const before = structuredClone(pod);
  fc.assert(
    fc.property(fc.oneof(fc.array(operation, { maxLength: 6 }), fc.jsonValue()), (patch) => {
      for (const apply of [
        applyJsonPatch,
        applyMergePatch,
        (document: JsonObject, given: Json) => applyStrategicMergePatch(document, given, 'Pod'),
      ]) {
        try {
          apply(pod, patch as Json);
        } catch (error) {
          if (!(error instanceof PatchError)) throw error;
        }
      }
    }),
    { numRuns: 1500 },
  );
  t.deepEqual(pod, before);
});

test('what is no patch is refused in Go’s words', (t) => {
  const said = (run: () => unknown): string | undefined => t.throws(run, { instanceOf: PatchError })?.message;
  t.is(
    said(() => applyJsonPatch({}, { op: 'add' })),
    'json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
  );
  t.is(
    said(() => applyJsonPatch({}, ['add'])),
    'json: cannot unmarshal string into Go value of type handlers.jsonPatchOp',
  );
  t.is(
    said(() => applyJsonPatch({}, [{ op: 'add', path: 5, value: 1 }])),
    'json: cannot unmarshal number into Go struct field jsonPatchOp.path of type string',
  );
  for (const [patch, type] of [
    [[], 'array'],
    ['x', 'string'],
    [true, 'bool'],
  ] as const)
    t.is(
      said(() => objectPatch(patch)),
      `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`,
    );
  t.deepEqual(objectPatch(null), {});
});
