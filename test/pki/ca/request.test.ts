import test from 'ava';
import { readSigningRequest } from '../../../src/protocols/x509/request.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemBlocks, pemCertificates, toPem } from '../../../src/pki/keystore/pem.ts';
import { makeRequest, readRequest, signRequest } from '../../../src/pki/ca/request.ts';
import { verifyChain } from '../../../src/pki/x509/verify.ts';

const clock = { now: () => Date.parse('2026-06-01T00:00:00Z') };
const world = issueWorld({ certificates: { ca: { profile: 'root', subject: { CN: 'CA' } } } }, { clock });
const { request, key } = makeRequest({
  subject: [
    ['CN', 'bob'],
    ['O', '작업장'],
  ],
  san: ['DNS:bob.localhost', 'IP:127.0.0.1'],
});

test('a signed request is a certificate for its key, its subject and its names, good for its profile only', (t) => {
  const certificate = signRequest(request, { authority: world.identity('ca'), profile: 'client', clock });
  const question = {
    chain: pemCertificates(certificate),
    roots: pemCertificates(world.authority('ca')),
    at: clock.now(),
  };
  const admitted = verifyChain({ ...question, purpose: 'client' });
  t.true(admitted.admitted);
  if (!admitted.admitted) return;
  t.is(admitted.path[0]?.subject.text, 'CN=bob,O=작업장');
  t.deepEqual(admitted.path[0]?.subjectAlternativeNames, [
    { kind: 'DNS', value: 'bob.localhost' },
    { kind: 'IP', value: '127.0.0.1' },
  ]);
  t.is(verifyChain({ ...question, purpose: 'server' }).admitted, false);
  t.regex(key, /BEGIN PRIVATE KEY/);
});

test('a request for somebody else’s key is refused', (t) => {
  const mine = pemBlocks(request)[0]?.der ?? new Uint8Array(0);
  for (let at = mine.length - 1; at > mine.length - 20; at -= 5) {
    const forged = Uint8Array.from(mine);
    forged[at] = (forged[at] ?? 0) ^ 1;
    t.throws(() => readRequest(toPem('CERTIFICATE REQUEST', forged)), { instanceOf: UserError });
  }
  t.notThrows(() => readRequest(request));
});

test('what is no request is a mistake, and its reader never throws', (t) => {
  for (const text of ['', 'hello', world.certificate('ca')])
    t.throws(() => readRequest(text), { instanceOf: UserError });
  const der = pemBlocks(request)[0]?.der ?? new Uint8Array(0);
  for (let length = 0; length < der.length; length++)
    t.true('malformed' in readSigningRequest(der.subarray(0, length)));
});
