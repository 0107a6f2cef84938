import test from 'ava';
import { readPemRequest } from '../../../src/kube/certificates/signing-request.ts';
import {
  implicit,
  implicitList,
  oid,
  sequence,
  set,
  small,
  taken,
  utf8String,
} from '../../../src/pki/ca/asn1.ts';
import type { Asn1 } from '../../../src/pki/ca/asn1.ts';
import { distinguishedName, extension } from '../../../src/pki/ca/extensions.ts';
import { makeRequest } from '../../../src/pki/ca/request.ts';
import { algorithmFor, makeKey, publicKeyInfo, signed } from '../../../src/pki/ca/sign.ts';
import { pemBlocks, toPem } from '../../../src/pki/keystore/pem.ts';
import { cpuTime } from '../../helpers/cpu-time.ts';

const { request } = makeRequest({
  subject: [
    ['O', 'dev'],
    ['CN', 'bob'],
  ],
  san: ['DNS:bob.example', 'IP:10.0.0.1'],
});
const der = pemBlocks(request)[0]?.der ?? new Uint8Array(0);
const read = (text: string | Uint8Array): ReturnType<typeof readPemRequest> =>
  readPemRequest(typeof text === 'string' ? Buffer.from(text) : text);
const pem = (bytes: Uint8Array): string => toPem('CERTIFICATE REQUEST', bytes);

test('a request is read, with text before and after it', (t) => {
  for (const text of [request, `hello\n${request}bye`, request + request]) t.true('request' in read(text));
});

test('every strict prefix, and every byte that is another, is a fault and nothing thrown', (t) => {
  for (let length = 0; length < der.length; length++)
    t.true('fault' in read(pem(der.subarray(0, length))), String(length));
  for (let place = 0; place < der.length; place++) {
    const changed = Uint8Array.from(der);
    changed[place] = (changed[place] ?? 0) ^ 0x55;
    t.true('fault' in read(pem(changed)), String(place));
  }
});

/** A request whose subject and names are these, whatever they are. */
function odd(subject: Asn1, ...names: readonly Asn1[]): string {
  const key = makeKey('P-256');
  const attribute = sequence(
    oid('1.2.840.113549.1.9.14'),
    set(sequence(extension('subject_alternative_name', sequence(...names)))),
  );
  return pem(
    signed(
      sequence(
        small(0),
        subject,
        taken(publicKeyInfo(key)),
        implicitList(0, ...(names.length > 0 ? [attribute] : [])),
      ),
      key,
      algorithmFor(key, 'strong'),
    ),
  );
}

const faultOf = (text: string): string | undefined => {
  const answer = read(text);
  return 'fault' in answer ? answer.fault : undefined;
};

test('names that no certificate can hold are faults', (t) => {
  const bob = distinguishedName([['CN', 'bob']]);
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
  t.is(faultOf(odd(bob)), undefined);
  t.is(
    faultOf(
      odd(
        bob,
        implicit(7, bytes(10, 0, 0, 1)),
        implicit(7, new Uint8Array(16)),
        implicit(2, bytes(0x61)),
        implicit(1, bytes(0x61)),
        implicit(6, bytes(0x61)),
      ),
    ),
    undefined,
  );
  for (const length of [0, 3, 5, 8, 17, 32])
    t.is(faultOf(odd(bob, implicit(7, new Uint8Array(length)))), 'x509: SAN IP is malformed', String(length));
  for (const [tag, kind] of [
    [1, 'email'],
    [2, 'DNS'],
    [6, 'URI'],
  ] as const) {
    t.is(faultOf(odd(bob, implicit(tag, bytes(0x61, 0xff)))), `x509: SAN ${kind} is malformed`);
    t.is(faultOf(odd(bob, implicit(tag, bytes()))), `x509: SAN ${kind} is malformed`);
  }
  // What is not copied may be anything.
  t.is(faultOf(odd(bob, implicit(8, bytes(0x2a, 0x03)))), undefined);
});

test('a value of the subject that is no text is a fault', (t) => {
  t.is(
    faultOf(odd(sequence(set(sequence(oid('2.5.4.3'), small(7)))))),
    'x509: the subject has a value that is no text',
  );
  const both = sequence(
    set(sequence(oid('2.5.4.3'), utf8String('bob'))),
    set(sequence(oid('2.5.4.10'), small(7))),
  );
  t.is(faultOf(odd(both)), 'x509: the subject has a value that is no text');
});

test('what is larger than any honest request is not looked at', (t) => {
  const began = cpuTime();
  for (const bytes of [Buffer.alloc(20_000_000, 0x2d), Buffer.from(pem(Buffer.alloc(70_000, 0x30)))]) {
    const answer = read(bytes);
    t.regex('fault' in answer ? answer.fault : '', /^the request is too large: \d+ bytes$/);
  }
  for (const bytes of [Buffer.alloc(90_000, '-----BEGIN '), Buffer.alloc(0)]) t.true('fault' in read(bytes));
  t.true(cpuTime() - began < 2000);
});

test('DER that is nested without end is malformed', (t) => {
  for (const bytes of [Uint8Array.of(0x30, 0x80), Uint8Array.of(0x30, 0x82), Uint8Array.of(0xa0, 0x03)])
    t.true('fault' in read(pem(Buffer.alloc(60_000, bytes))));
});
