/** A list carried on: every entry is kept byte for byte, the number rises, and nobody else's certificate or list is touched. */
import { createPrivateKey } from 'node:crypto';
import test from 'ava';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { readRevocationList } from '../../../src/protocols/x509/crl.ts';
import type { RevocationList } from '../../../src/protocols/x509/crl.ts';
import { buildRevocationList } from '../../../src/pki/ca/crl.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemCertificates, pemRevocationLists } from '../../../src/pki/keystore/pem.ts';
import { entryOf, nextList, objectionToRevoking } from '../../../src/pki/ca/revoking.ts';
import { got } from '../../protocols/x509/got.ts';

const now = Date.parse('2026-06-01T00:00:00Z');
const day = 86_400_000;
const names = Array.from({ length: 30 }, (_, at) => `c${at}`);
const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' } },
      namesake: { profile: 'root', subject: { CN: 'CA' } },
      other: { profile: 'root', subject: { CN: 'Other' } },
      unsigning: { profile: 'root', subject: { CN: 'Unsigning' }, keyUsage: ['keyCertSign'] },
      under: { profile: 'client', issuer: 'unsigning', subject: { CN: 'under' } },
      stranger: { profile: 'client', issuer: 'other', subject: { CN: 'stranger' } },
      double: { profile: 'client', issuer: 'namesake', subject: { CN: 'double' } },
      forged: { profile: 'client', issuer: 'ca', subject: { CN: 'forged' }, flaws: ['bad-signature'] },
      ...Object.fromEntries(
        names.map((name) => [name, { profile: 'client' as const, issuer: 'ca', subject: { CN: name } }]),
      ),
    },
    revocations: { ca: { flaws: [] }, other: {}, namesake: { flaws: ['crl-bad-signature'] } },
  },
  { clock: { now: () => now } },
);
const certificateOf = (name: string): Certificate =>
  got(readCertificate(pemCertificates(world.certificate(name))[0] ?? new Uint8Array(0))).value;
const key = createPrivateKey(world.identity('ca').key);
const listOf = (name: string): RevocationList =>
  got(readRevocationList(pemRevocationLists(world.crl(name) ?? '')[0] ?? new Uint8Array(0))).value;
const next = (name: string, before?: RevocationList, reason?: number, at = now): RevocationList =>
  got(
    readRevocationList(
      nextList({
        certificate: certificateOf(name),
        authority: certificateOf('ca'),
        key,
        before,
        reason,
        at,
        lasts: 30 * day,
      }).der,
    ),
  ).value;

test('thirty certificates one after the other: every entry is kept as it was, and the numbers rise by one', (t) => {
  let list: RevocationList | undefined;
  for (const [index, name] of names.entries()) {
    const before = list;
    t.is(objectionToRevoking(certificateOf(name), certificateOf('ca'), before), undefined);
    t.is(entryOf(certificateOf(name), before), undefined);
    list = next(name, before, index % 7 === 0 ? undefined : index % 6, now + index * 1000);
    t.is(list.entries.length, index + 1);
    t.deepEqual(
      Array.from(list.entries, ({ der }) => Buffer.from(der)).slice(0, -1),
      Array.from(before?.entries ?? [], ({ der }) => Buffer.from(der)),
    );
    t.is(list.crlNumber?.at(-1), index + 1);
    t.truthy(entryOf(certificateOf(name), list));
  }
});

test('a number beyond 32 bits rises too', (t) => {
  const authority = certificateOf('ca');
  const der = buildRevocationList({
    issuer: authority.subject.der,
    key,
    keyId: authority.keyId ?? new Uint8Array(20),
    number: 2n ** 64n - 1n,
    thisUpdate: now,
    nextUpdate: now + day,
    revoked: [],
  });
  const list = next('c0', got(readRevocationList(der)).value);
  t.deepEqual([...(list.crlNumber ?? [])], [1, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test('a list is never older than the one that it carries on', (t) => {
  const late = next('c0', undefined, undefined, now + 5 * day);
  t.is(next('c1', late, undefined, now).thisUpdate, now + 5 * day);
});

test('an entry with a reason has it, and one without has none', (t) => {
  t.is(entryOf(certificateOf('c0'), next('c0', undefined, 1))?.reason, 1);
  t.is(entryOf(certificateOf('c0'), next('c0', undefined, 0))?.reason, undefined);
});

for (const [what, certificate, authority, before] of [
  ['other_issuer', 'stranger', 'ca', undefined],
  ['other_issuer', 'double', 'ca', undefined],
  ['forged', 'forged', 'ca', undefined],
  ['no_crl_sign', 'under', 'unsigning', undefined],
  ['foreign_list', 'c0', 'ca', 'other'],
  ['unusable_list', 'c0', 'ca', 'namesake'],
] as const) {
  test(`an objection: ${what}, ${certificate}`, (t) => {
    t.is(
      objectionToRevoking(certificateOf(certificate), certificateOf(authority), before && listOf(before)),
      what,
    );
  });
}

test('a part of a list is not carried on', (t) => {
  const list = listOf('ca');
  t.is(objectionToRevoking(certificateOf('c0'), certificateOf('ca'), list), undefined);
  t.is(
    objectionToRevoking(certificateOf('c0'), certificateOf('ca'), {
      ...list,
      extensions: [...list.extensions, { oid: '2.5.29.28', name: undefined, critical: true }],
    }),
    'unusable_list',
  );
});
