/** A CA takes certificates back while the world goes on: what the new list says, and who believes it. */
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { readRevocationList } from '../../../src/protocols/x509/crl.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemCertificates, pemRevocationLists } from '../../../src/pki/keystore/pem.ts';
import { verifyChain } from '../../../src/pki/x509/verify.ts';
import { withdraw } from '../../../src/pki/ca/withdraw.ts';
import { present } from '../../helpers/capture.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' } },
      alice: { profile: 'client', issuer: 'ca', subject: { CN: 'alice' } },
      laptop: { profile: 'client', issuer: 'ca', subject: { CN: 'laptop' } },
      gone: { profile: 'client', issuer: 'ca', subject: { CN: 'gone' }, flaws: ['revoked'] },
    },
  },
  { clock: systemClock },
);

function reasonOf(name: string, list: string): string {
  const verdict = verifyChain({
    purpose: 'client',
    roots: pemCertificates(world.authority('ca')),
    revocations: pemRevocationLists(list),
    chain: pemCertificates(world.chain(name)),
    at: systemClock.now(),
  });
  return verdict.admitted ? 'admitted' : verdict.reason;
}

test('who is taken back is refused from now on, who was stays refused, and nobody else is', (t) => {
  const before = present(world.crl('ca'));
  t.deepEqual(
    ['alice', 'laptop', 'gone'].map((name) => reasonOf(name, before)),
    ['admitted', 'admitted', 'certificate_revoked'],
  );
  const { pem, number } = withdraw(world, {
    authority: 'ca',
    certificates: ['laptop'],
    before,
    clock: systemClock,
  });
  t.is(number, 2);
  t.deepEqual(
    ['alice', 'laptop', 'gone'].map((name) => reasonOf(name, pem)),
    ['admitted', 'certificate_revoked', 'certificate_revoked'],
  );
  const again = withdraw(world, {
    authority: 'ca',
    certificates: ['alice'],
    before: pem,
    clock: systemClock,
  });
  t.is(again.number, 3);
  t.deepEqual(
    ['alice', 'laptop', 'gone'].map((name) => reasonOf(name, again.pem)),
    ['certificate_revoked', 'certificate_revoked', 'certificate_revoked'],
  );
});

test('the entries of the old list keep their date and reason; the new one says why', (t) => {
  const before = present(world.crl('ca'));
  const listOf = (pem: string) => {
    const step = readRevocationList(present(pemRevocationLists(pem)[0]));
    if (!('got' in step)) throw new Error('unreadable');
    return step.got;
  };
  const old = listOf(before);
  const list = listOf(
    withdraw(world, {
      authority: 'ca',
      certificates: ['laptop'],
      before,
      clock: { now: () => 1_900_000_000_500 },
    }).pem,
  );
  for (const [serial, { at, reason }] of old.revoked) t.like(list.revoked.get(serial), { at, reason });
  t.like(list.revoked.get(world.summary('laptop').serial), { at: 1_900_000_000_000, reason: 1 });
  t.is(list.thisUpdate, 1_900_000_000_000);
});

test('a CA without a list begins with number 1', (t) => {
  t.is(
    withdraw(world, { authority: 'ca', certificates: ['alice'], before: undefined, clock: systemClock })
      .number,
    1,
  );
});

withPeer('openssl', 'openssl takes the new list', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-withdraw-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const { pem } = withdraw(world, {
    authority: 'ca',
    certificates: ['laptop'],
    before: world.crl('ca'),
    clock: systemClock,
  });
  const [ca, crl] = [file('ca.pem', world.authority('ca')), file('crl.pem', pem)];
  for (const [name, expected] of [
    ['laptop', /certificate revoked/],
    ['alice', /: OK/],
  ] as const) {
    const { stdout, stderr } = await runProgram('openssl', [
      'verify',
      '-crl_check',
      '-CAfile',
      ca,
      '-CRLfile',
      crl,
      file(`${name}.pem`, world.certificate(name)),
    ]);
    t.regex(stdout + stderr, expected);
  }
});
