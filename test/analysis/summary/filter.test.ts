/** The grammar of filters: what an expression lets through, what is not known yet, and where a bad one goes wrong. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import test from 'ava';
import { filterKeys } from '../../../src/analysis/summary/filter-keys.ts';
import { isFault, parseFilter } from '../../../src/analysis/summary/filter.ts';
import type { ConnectionSummary } from '../../../src/analysis/summary/connection-summary.ts';
import { open, outcome, summary } from './support.ts';

function tested(expression: string, one: ConnectionSummary): boolean | undefined {
  const filter = parseFilter(expression);
  if (!filter || isFault(filter)) throw new Error(`${expression}: ${filter?.what.en ?? 'empty'}`);
  return filter.test(one);
}

const shop = summary({
  stream: 3,
  sni: 'shop.localhost',
  hosts: ['Shop.localhost'],
  protocols: ['tls', 'http'],
  version: 'TLS 1.3',
  suite: 'TLS_AES_128_GCM_SHA256',
  alpn: 'http/1.1',
  methods: ['GET', 'POST'],
  statuses: [200, 404],
  paths: ['/login?next=1'],
  requests: 2,
  latency: { least: 2000, most: 150_000, last: 2000 },
});

for (const [expression, passes] of [
  ['sni=shop.localhost', true],
  ['sni=SHOP.localhost', true],
  ['sni=shop', false],
  ['sni=shop*', true],
  ['sni=*.local*', true],
  ['sni=*x*', false],
  ['sni!=shop', true],
  ['host~shop', true],
  ['host!~shop', false],
  ['name=shop.localhost', true],
  ['status>=400', true],
  ['status=404', true],
  ['status!=404', false],
  ['status>404', false],
  ['method=POST', true],
  ['method=post and status=200', true],
  ['port=443', true],
  ['port=50000', true],
  ['port=80', false],
  ['addr=10.0.0.1', true],
  ['addr=10.0.0.0/8', true],
  ['addr=10.0.1.0/24', false],
  ['addr=::1', false],
  ['addr=::ffff:10.0.0.1/200', false],
  ['client=10.0.0.2', false],
  ['server=10.0.0.2', true],
  ['protocol=http', true],
  ['protocol=redis', false],
  ['version=1.3', true],
  ['version=TLSv1.3', true],
  ['version=1.2', false],
  ['suite~aes_128', true],
  ['alpn=h2', false],
  ['bytes>1k', false],
  ['bytes>=1k', true],
  ['bytes<1KiB', true],
  ['latency>100ms', true],
  ['latency>150', false],
  ['latency<5ms', true],
  ['duration=2s', true],
  ['requests>1', true],
  ['wire=A', true],
  ['stream=3', true],
  ['transport=udp', false],
  ['path~/login', true],
  ['path="/login?next=1"', true],
  ['failed', false],
  ['not failed', true],
  ['!failed', true],
  ['refused', false],
  ['readable', false],
  ['tls', true],
  ['named', true],
  ['shop', true],
  ['"status>=400"', false],
  ['nothing-of-it', false],
  ['failed or tls', true],
  ['failed || tls', true],
  ['tls && failed', false],
  ['tls sni~shop', true],
  ['tls sni~other', false],
  ['not (tls and sni~other)', true],
  ['not tls or tls', true],
  ['(failed or tls) and not (status=500 or alert=unknown_ca)', true],
  ['not not tls', true],
] as const)
  test(`${expression}: ${passes}`, (t) => {
    t.is(tested(expression, shop), passes);
  });

test('what failed is found by its alert, its cause, and in one word', (t) => {
  const alert = { level: 'fatal', code: 48, description: 'unknown_ca' } as const;
  const failed = summary({
    alerts: ['unknown_ca'],
    outcome: outcome({ kind: 'refused_by_server', cause: 'unknown_ca', alert }),
  });
  for (const expression of ['failed', 'refused', 'alert=unknown_ca', 'cause=unknown_ca', 'unknown_ca'])
    t.true(tested(expression, failed), expression);
  // A probe that says nothing did not fail.
  t.false(tested('failed', summary({ outcome: outcome({ kind: 'nothing_said', cause: 'other_alert' }) })));
  t.false(tested('failed', summary({ outcome: outcome({ kind: 'reset', step: 'application_data' }) })));
  t.true(tested('failed', summary({ outcome: outcome({ kind: 'reset', step: 'client_hello' }) })));
});

test('of an open connection what was seen holds, and what is still to come is not known', (t) => {
  const begun = open({ sni: 'shop', statuses: [200], protocols: ['tls'] });
  for (const [expression, expected] of [
    ['sni=shop', true],
    ['sni=other', false],
    ['host=shop', undefined],
    ['status=200', true],
    ['status=404', undefined],
    ['not status=404', undefined],
    ['failed', undefined],
    ['failed or sni=shop', true],
    ['failed and sni=other', false],
    ['failed and sni=shop', undefined],
    ['bytes>500', true],
    ['bytes>5k', undefined],
    ['bytes<5k', undefined],
    ['port=443', true],
    ['port=1', false],
    ['nowhere', undefined],
    ['duration>1s', undefined],
  ] as const)
    t.is(tested(expression, begun), expected, expression);
});

test('a text is looked for in the messages: the filter says which', (t) => {
  const filter = parseFilter('hello "Zwei Worte" status=200');
  if (!filter || isFault(filter)) return t.fail();
  t.deepEqual(filter.texts, ['hello', 'zwei worte']);
  const found = summary({ statuses: [200], texts: new Set(['hello', 'zwei worte']) });
  t.true(filter.test(found));
  t.false(filter.test(summary({ statuses: [200], texts: new Set(['hello']) })));
});

for (const [expression, at, what] of [
  ['status>>400', 7, /a value is missing/],
  ['status>=abc', 8, /invalid value: abc/],
  ['status~4', 6, /~ cannot compare numbers/],
  ['sni<3', 3, /< cannot compare texts/],
  ['nmae=bar', 0, /unknown key: nmae, did you mean name\?/],
  ['foo=bar', 0, /unknown key: foo/],
  ['sni=a and foo=b', 10, /unknown key: foo/],
  ['failed=1', 6, /failed takes no value/],
  ['sni', 3, /sni needs a value/],
  ['sni=', 4, /a value is missing/],
  ['(failed', 7, /not closed/],
  ['failed)', 6, /unmatched closing/],
  ['failed or', 9, /unexpected here/],
  ['and failed', 0, /unexpected here/],
  ['not', 3, /unexpected here/],
  ['=x', 0, /unexpected here/],
  ['"open', 0, /quoted text is not closed/],
  ['bytes>10x', 6, /invalid value: 10x/],
] as const)
  test(`${expression} goes wrong at ${at}`, (t) => {
    const fault = parseFilter(expression);
    if (!fault || !isFault(fault)) return t.fail('it was taken');
    t.is(fault.at, at);
    t.regex(fault.what.en, what);
    t.not(fault.what.ko, '');
    t.not(fault.expected.en, '');
  });

test('an empty expression is none', (t) => {
  t.is(parseFilter(''), undefined);
  t.is(parseFilter('   '), undefined);
});

test('the example of every key is an expression with it', (t) => {
  for (const [name, { example }] of Object.entries(filterKeys)) {
    const filter = parseFilter(example);
    t.true(filter !== undefined && !isFault(filter), example);
    t.true(example.includes(name), example);
  }
});

test('the document lists every key as the table has it', (t) => {
  const path = resolve(import.meta.dirname, '../../../../docs/filters.md');
  const [, listed] = /<!-- keys -->\n([^]*)<!-- end of keys -->/.exec(readFileSync(path, 'utf8')) ?? [];
  const rows = Object.entries(filterKeys).map(
    ([name, { help, example, kind }]) =>
      `| \`${name}\` | ${kind === 'flag' ? 'alone' : kind} | ${help.en} | \`${example}\` |`,
  );
  t.deepEqual(listed?.trimEnd().split('\n').slice(2), rows);
});

test('nothing that can be typed throws or hangs, and a fault is inside of it', (t) => {
  const words = [
    'and',
    'or',
    'not',
    '(',
    ')',
    '"',
    '=',
    '!~',
    '>=',
    'sni',
    'status',
    'failed',
    '\\',
    '&',
    '|',
    '4',
    ' ',
  ];
  assert(
    property(
      oneof(
        string(),
        array(constantFrom(...words)).map((all) => all.join(' ')),
      ),
      (text) => {
        const parsed = parseFilter(text);
        if (parsed && isFault(parsed)) return parsed.at >= 0 && parsed.at <= text.length;
        parsed?.test(shop);
        return true;
      },
    ),
    { numRuns: 2000 },
  );
  t.true(
    isFault(
      parseFilter(`${'('.repeat(100_000)}failed`) ?? {
        at: 0,
        what: { en: '', ko: '' },
        expected: { en: '', ko: '' },
        found: '',
      },
    ),
  );
});

for (const word of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
  test(`${word} is a text like any other`, (t) => {
    t.true(tested(word, summary({ sni: `${word}.example` })));
    t.false(tested(word, shop));
  });

test('a quoted text may have a backslash before a new line', (t) => {
  t.true(tested('"a\\\nb"', summary({ sni: 'a\nb' })));
});
