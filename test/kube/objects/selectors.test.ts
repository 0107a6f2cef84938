/** Selectors, names and media types: what is read, and what is refused. */
import test from 'ava';
import * as fc from 'fast-check';
import {
  configKeyFault,
  labelKeyFault,
  labelValueFault,
  nameFaults,
} from '../../../src/kube/objects/names.ts';
import { answerForm, bodyForm, patchForm } from '../../../src/kube/apiserver/negotiation.ts';
import { ApiFailure } from '../../../src/kube/objects/objects.ts';
import {
  parseFieldSelector,
  parseLabelSelector,
  SelectorError,
} from '../../../src/kube/objects/selectors.ts';

const labels = { tier: 'front', env: 'prod', empty: '', level: '7', 'example.com/team': 'a' };

/** Selectors that these labels meet, and those that they do not. */
const selectors: Readonly<Record<'met' | 'unmet' | 'mistaken', readonly string[]>> = {
  met: [
    '',
    'tier',
    'tier=front',
    'tier==front',
    'tier!=back',
    '!nope',
    'nope!=x',
    'tier in (front,back)',
    'tier in ( front , back )',
    'nope notin (a)',
    'env notin (dev,test)',
    'tier=front,env=prod',
    ' tier = front , !nope ',
    'empty=',
    'empty',
    'example.com/team=a',
    'empty in ()',
    'empty in (,x)',
    'tier notin (notin)',
    'level>2',
    'level<10,level>0',
  ],
  unmet: [
    'nope',
    '!tier',
    'tier=back',
    'tier!=front',
    'tier in (back)',
    'nope in (a)',
    'tier notin (front)',
    'tier=front,env=dev',
    'constructor',
    'toString in (x)',
    'level>7',
    'tier>1',
    'nope<1',
  ],
  mistaken: [
    '=',
    'a=b=c',
    'tier in',
    'tier in (',
    'tier in front',
    '(',
    'a b',
    'a!',
    '!',
    'tier=@',
    'level>high',
    'tier in (a b)',
    'tier,',
    'a//b',
    '/x',
    'x/',
    'tier=front env=prod',
    `a=${'x'.repeat(64)}`,
    'y'.repeat(64),
  ],
};

for (const [outcome, texts] of Object.entries(selectors)) {
  test(`label selectors that are ${outcome}`, (t) => {
    for (const text of texts) {
      if (outcome === 'mistaken')
        t.throws(() => parseLabelSelector(text), { instanceOf: SelectorError }, text);
      else t.is(parseLabelSelector(text)(labels), outcome === 'met', text);
    }
  });
}

test('field selectors', (t) => {
  t.deepEqual(parseFieldSelector('metadata.name=a,status.phase!=Running,spec.x==y'), [
    { field: 'metadata.name', value: 'a', equals: true },
    { field: 'status.phase', value: 'Running', equals: false },
    { field: 'spec.x', value: 'y', equals: true },
  ]);
  t.deepEqual(parseFieldSelector(''), []);
  for (const text of ['metadata.name', '=a', '!=a'])
    t.throws(() => parseFieldSelector(text), { instanceOf: SelectorError }, text);
});

test('any text for a selector is read or a mistake', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z=!(), ]{0,30}$/)), (text) => {
      for (const parse of [parseLabelSelector, parseFieldSelector]) {
        try {
          parse(text);
        } catch (error) {
          if (!(error instanceof SelectorError)) throw error;
        }
      }
    }),
    { numRuns: 3000 },
  );
  t.pass();
});

const longest = (length: number): string => 'a'.repeat(length);
const names: readonly (readonly [
  what: string,
  fault: (name: string) => string | undefined,
  good: readonly string[],
  bad: readonly string[],
])[] = [
  [
    'label',
    nameFaults.label,
    ['a', 'a-b', '0', longest(63)],
    ['', 'A', '-a', 'a-', 'a.b', 'a_b', 'ä', 'a\n', longest(64)],
  ],
  [
    'subdomain',
    nameFaults.subdomain,
    ['a', 'a.b-c.0', longest(253)],
    ['', '.', 'a..b', 'a.', '.a', 'A.b', 'a/b', 'a\n', longest(254)],
  ],
  [
    'path segment',
    nameFaults['path-segment'],
    ['a', 'system:node:x', 'A B', '...'],
    ['.', '..', 'a/b', 'a%b'],
  ],
  [
    'label key',
    labelKeyFault,
    ['a', 'A_b.c-1', 'example.com/a', longest(63)],
    ['', '/a', 'a/', 'a/b/c', 'a//b', '-a', 'a-', 'A.com/a', 'a b', 'a\n', longest(64)],
  ],
  [
    'label value',
    labelValueFault,
    ['', 'a', 'A_b.c-1', longest(63)],
    ['-', 'a-', '.a', 'a b', 'a/b', 'a\n', longest(64)],
  ],
  [
    'config key',
    configKeyFault,
    ['a', 'A_b.c-1', '.a', '-', 'a..b', longest(253)],
    ['', '.', '..', '..a', 'a/b', 'a b', 'a\n', longest(254)],
  ],
];

for (const [what, fault, good, bad] of names) {
  test(`what a ${what} may be`, (t) => {
    for (const name of good) t.is(fault(name), undefined, JSON.stringify(name));
    for (const name of bad) t.is(typeof fault(name), 'string', JSON.stringify(name));
  });
}

test('in which form an answer is given', (t) => {
  const table =
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';
  const discovery =
    'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';
  t.is(answerForm(table, ['Table']), 'Table');
  t.is(answerForm(table, []), 'plain');
  t.is(answerForm(discovery, ['aggregated']), 'aggregated');
  t.is(answerForm('application/vnd.kubernetes.protobuf,application/json', []), 'plain');
  for (const any of [undefined, '', '*/*', 'application/*', 'text/html, */*;q=0.8', 'APPLICATION/JSON ; q=1'])
    t.is(answerForm(any, ['Table']), 'plain', any);
  for (const none of [
    'text/html',
    'application/vnd.kubernetes.protobuf',
    'application/json;as=Chair;v=v1;g=meta.k8s.io',
    ',',
    'constructor',
  ])
    t.throws(() => answerForm(none, ['Table']), { instanceOf: ApiFailure }, none);
});

test('in which form a body is', (t) => {
  t.is(bodyForm(undefined), 'json');
  t.is(bodyForm('application/json; charset=utf-8'), 'json');
  t.is(bodyForm('application/vnd.kubernetes.protobuf'), 'protobuf');
  t.is(patchForm('application/strategic-merge-patch+json'), 'strategic-merge-patch');
  for (const none of ['text/plain', 'toString', 'application/yaml'])
    t.is(t.throws(() => bodyForm(none), { instanceOf: ApiFailure })?.status.code, 415);
  for (const none of [undefined, 'application/json', 'application/apply-patch+yaml', 'valueOf'])
    t.is(t.throws(() => patchForm(none), { instanceOf: ApiFailure })?.status.code, 415);
});

/** As k8s.io/apimachinery's labels.Parse says it. */
const said = {
  'env in (a': "unable to parse requirement: found '', expected: ',' or ')'",
  'env in (a b)': "unable to parse requirement: found 'b', expected: ',' or ')'",
  'env in a': "unable to parse requirement: found 'a' expected: '('",
  'env in (=)': "unable to parse requirement: found '=', expected: ',', ')' or identifier",
  'env in (a,=)': "unable to parse requirement: found '=', expected: ',', or identifier",
  'env prod': "unable to parse requirement: found 'prod', expected: in, notin, =, ==, !=, gt, lt",
  'a==b==c': "found '==', expected: ',' or 'end of string'",
  'a=b,': "found '', expected: identifier after ','",
  '=': "found '=', expected: !, identifier, or 'end of string'",
  '!': "unable to parse requirement: found '', expected: identifier",
  'a=(': "unable to parse requirement: found '(', expected: identifier",
  'level>high': `unable to parse requirement: values[0]: Invalid value: "high": for 'Gt', 'Lt' operators, the value must be an integer`,
};

test('what cannot be read of a label selector is said in the API’s words', (t) => {
  for (const [text, message] of Object.entries(said))
    t.throws(() => parseLabelSelector(text), { message }, text);
  t.throws(() => parseLabelSelector('a//b'), {
    message: /^unable to parse requirement: <nil>: Invalid value: "a\/\/b": a qualified name must consist of/,
  });
  t.throws(() => parseLabelSelector('a=@'), {
    message: /^unable to parse requirement: values\[0\]\[a\]: Invalid value: "@": a valid label must be/,
  });
});
