import test from 'ava';
import type { Field } from '../../../src/core/field.ts';
import { readRevocationList } from '../../../src/dissect/x509/crl.ts';
import { x509FieldIds } from '../../../src/dissect/x509/ids.ts';
import { revocationReasons } from '../../../src/dissect/x509/oids.ts';
import { issueWorld } from '../../../src/pki/issue.ts';
import { pemRevocationLists } from '../../../src/pki/pem.ts';
import { got } from './got.ts';

const now = Date.parse('2026-06-01T00:00:00Z');
const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' } },
      gone: { profile: 'client', issuer: 'ca', subject: { CN: 'gone' }, flaws: ['revoked'] },
      here: { profile: 'client', issuer: 'ca', subject: { CN: 'here' } },
      quiet: { profile: 'root', subject: { CN: 'Quiet' } },
    },
    revocations: { quiet: {} },
  },
  { clock: { now: () => now } },
);
const derOf = (name: string): Uint8Array => pemRevocationLists(world.crl(name) ?? '')[0] ?? new Uint8Array(0);

test('reads who is revoked, since when, and why', (t) => {
  const { value: list } = got(readRevocationList(derOf('ca')));
  t.is(list.issuer.text, 'CN=CA');
  t.is(list.thisUpdate, now - 86_400_000);
  t.is(list.nextUpdate, now + 365 * 86_400_000);
  t.deepEqual([...list.revoked.keys()], [world.summary('gone').serial]);
  t.is(revocationReasons[list.revoked.get(world.summary('gone').serial)?.reason ?? 0], 'keyCompromise');
  t.false(list.revoked.has(world.summary('here').serial));
  t.deepEqual(list.crlNumber, Uint8Array.of(1));
  t.is(list.authorityKeyId?.length, 20);
});

test('a list that revokes nobody', (t) => {
  t.is(got(readRevocationList(derOf('quiet'))).value.revoked.size, 0);
  t.is(world.crl('here'), undefined);
});

test('every byte has a field, every field an id of the list', (t) => {
  const step = got(readRevocationList(derOf('ca')));
  let at = 0;
  const known = new Set<string>(x509FieldIds);
  const walk = (field: Field): void => {
    t.true(known.has(field.id), field.id);
    field.children.forEach(walk);
    if (field.children.length > 0) return;
    t.is(field.range[0], at, field.id);
    at = field.range[1];
  };
  walk(step.field);
  t.is(at, derOf('ca').length);
});

test('prefixes are malformed and flipped bytes never throw', (t) => {
  const der = Uint8Array.from(derOf('ca'));
  for (let at = 0; at < der.length; at++) {
    t.true('malformed' in readRevocationList(der.subarray(0, at)), String(at));
    for (const mask of [0x01, 0x80, 0xff]) {
      der[at] = (der[at] ?? 0) ^ mask;
      readRevocationList(der);
      der[at] = (der[at] ?? 0) ^ mask;
    }
  }
});
