/** Which path is built, and that no pile of certificates keeps the builder busy. */
import test from 'ava';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { buildPath, isSelfSigned } from '../../../src/pki/x509/path.ts';
import { got } from '../../protocols/x509/got.ts';
import { ca, dn, implicit, leaf, p256, seq, utcTime } from '../openssl/der-kit.ts';
import type { Made } from '../openssl/der-kit.ts';

const at = Date.parse('2026-06-01T00:00:00Z');
const read = ({ der }: Made): Certificate => got(readCertificate(der)).value;

const root = ca({ subject: 'Root' });
const middle = ca({ by: root, subject: 'Middle' });
const alice = leaf(middle);

test('a path of one hundred CAs is complete, and one more is too long', (t) => {
  const pair = p256();
  const all = [root];
  for (let index = 0; index < 101; index++) all.push(ca({ by: all.at(-1)!, subject: `CA ${index}`, pair }));
  const path = (count: number): ReturnType<typeof buildPath> =>
    buildPath(read(leaf(all[count]!)), all.slice(1, count + 1).map(read), [read(root)], at);
  t.like(path(100), { complete: true, isTooLong: false });
  t.is(path(100).path.length, 102);
  t.like(path(101), { complete: false, isTooLong: true });
});

test('of several that may have issued it the first that is valid is taken, else the one that ends last', (t) => {
  const pair = p256();
  const expired = (year: number): Certificate =>
    read(
      ca({
        by: root,
        subject: 'Twice',
        pair,
        notBefore: utcTime('200101000000Z'),
        notAfter: utcTime(`${year}0101000000Z`),
      }),
    );
  const current = read(ca({ by: root, subject: 'Twice', pair }));
  const below = read(leaf(ca({ by: root, subject: 'Twice', pair })));
  const [old, older] = [expired(22), expired(21)];
  t.is(buildPath(below, [older, current, old], [read(root)], at).path[1], current);
  t.is(buildPath(below, [older, old], [read(root)], at).path[1], old);
});

test('a trusted certificate ends the path, unless it names itself as its issuer and does not mean it', (t) => {
  t.deepEqual(buildPath(read(alice), [], [read(middle)], at).path.length, 2);
  t.true(buildPath(read(alice), [], [read(middle)], at).complete);
  const misfit = ca({ subject: 'Misfit', ext: { aki: seq(implicit(0, 'another key')) } });
  t.false(isSelfSigned(read(misfit)));
  t.like(buildPath(read(leaf(misfit)), [], [read(misfit)], at), { complete: false });
  t.true(buildPath(read(alice), [], [read(alice)], at).complete);
});

test('CAs that signed each other, and thousands that could have, end soon', (t) => {
  const [one, two] = [p256(), p256()];
  const seedOne = ca({ subject: 'Loop 1', pair: one });
  const first = ca({ by: ca({ subject: 'Loop 2', pair: two }), subject: 'Loop 1', pair: one });
  const second = ca({ by: seedOne, subject: 'Loop 2', pair: two });
  const loop = [read(first), read(second)];
  t.is(buildPath(read(leaf(first)), loop, [read(root)], at).path.length, 3);
  const pile = Array.from({ length: 2000 }, () => loop).flat();
  const started = process.cpuUsage();
  t.is(buildPath(read(leaf(first)), pile, [read(root)], at).path.length, 3);
  t.true(process.cpuUsage(started).user < 5_000_000);
});

test('names of one relative part with several values are not those of several parts', (t) => {
  const together = ca({ subject: dn({ together: ['CN=a', 'O=b'] }) });
  t.false(buildPath(read(leaf(together, { issuer: dn('CN=a', 'O=b') })), [], [read(together)], at).complete);
  t.true(
    buildPath(read(leaf(together, { issuer: dn({ together: ['CN=A', 'O=b '] }) })), [], [read(together)], at)
      .complete,
  );
});
