import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { findField } from '../../../src/core/field.ts';
import type { Field } from '../../../src/core/field.ts';
import { readRevocationList } from '../../../src/protocols/x509/crl.ts';
import { x509FieldIds } from '../../../src/protocols/x509/ids.ts';
import { revocationReasons } from '../../../src/protocols/x509/oids.ts';
import { buildRevocationList } from '../../../src/pki/ca/crl.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemRevocationLists } from '../../../src/pki/keystore/pem.ts';
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

test('of a list of very many entries each is found, and the fields of the first thousand are named', (t) => {
  const count = 3000;
  const revoked = Array.from({ length: count }, (_, index) => ({
    serial: Buffer.from((index + 0x100000).toString(16).padStart(8, '0'), 'hex'),
    at: Date.UTC(2026, 0, 1),
    reason: index % 2 === 0 ? 1 : 4,
  }));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = buildRevocationList({
    issuer: Buffer.from('300f310d300b06035504030c0454657374', 'hex'),
    key: privateKey,
    keyId: new Uint8Array(20),
    number: 1,
    thisUpdate: 0,
    nextUpdate: 1000,
    revoked,
  });
  const step = readRevocationList(der);
  if (!('got' in step)) throw new Error('it can be read');
  const { entries, revoked: bySerial } = step.got;
  t.is(entries.length, count);
  t.is(bySerial.size, count);
  for (const index of [0, 1, 1023, 1024, 1025, count - 1]) {
    t.is(entries.at(index)?.reason, index % 2 === 0 ? 1 : 4);
    t.is(bySerial.get((index + 0x100000).toString(16))?.reason, index % 2 === 0 ? 1 : 4);
  }
  t.is(bySerial.get('ffffff'), undefined);
  const countOf = (field: Field): number => field.children.reduce((sum, child) => sum + countOf(child), 1);
  t.true(countOf(step.field) < 1024 * 30, `${countOf(step.field)} fields`);
  const list = findField(step.field, 'x509.tbs_crl.revoked_certificates');
  t.is(list?.children.at(-1)?.range[1], list?.range[1], 'the further ones are one field up to the end');
});
