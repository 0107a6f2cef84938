/** The list of a Certificate message as a chain: in order and not, with a gap, with strangers, broken, hostile. */
import test from 'ava';
import { chainFaults, chainOf, linkRemark } from '../../../src/analysis/eavesdropper/chain.ts';
import { tlsTexts } from '../../../src/protocols/tls/texts.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { present } from '../../helpers/capture.ts';
import { certificateOf } from '../../protocols/x509/certificate-bytes.ts';

const world = issueWorld(
  {
    certificates: {
      root: { profile: 'root', subject: { CN: 'Root' } },
      namesake: { profile: 'root', subject: { CN: 'Root' } },
      upper: { profile: 'intermediate', issuer: 'root', subject: { CN: 'Upper' } },
      lower: { profile: 'intermediate', issuer: 'upper', subject: { CN: 'Lower' } },
      shop: { profile: 'server', issuer: 'lower', subject: { CN: 'shop' }, san: ['DNS:shop'] },
      broken: {
        profile: 'server',
        issuer: 'lower',
        subject: { CN: 'broken' },
        san: ['DNS:shop'],
        flaws: ['bad-signature'],
      },
    },
  },
  { clock: { now: Date.now } },
);
const list = (...names: string[]): Uint8Array[] =>
  names.map((name) => present(pemCertificates(world.certificate(name))[0]));
const fits = { keyIds: 'match', signature: 'holds' } as const;

test('leaf first, each issuer behind what it issued, the root not sent: a chain in order', (t) => {
  const chain = chainOf(list('shop', 'lower', 'upper'));
  t.deepEqual(chain, {
    links: [{ issuer: 1, ...fits }, { issuer: 2, ...fits }, { issuer: 'not_sent' }],
    ends: 'issuer_not_sent',
    order: 'leaf_first',
    extra: [],
  });
  t.is(chainFaults(present(chain)), undefined);
});

test('a root that is sent too ends the chain at itself', (t) => {
  t.deepEqual(chainOf(list('shop', 'lower', 'upper', 'root')), {
    links: [
      { issuer: 1, ...fits },
      { issuer: 2, ...fits },
      { issuer: 3, ...fits },
      { issuer: 'itself', signature: 'holds' },
    ],
    ends: 'self_issued',
    order: 'leaf_first',
    extra: [],
  });
});

test('the wrong order is told, and the links are the same', (t) => {
  const chain = present(chainOf(list('shop', 'upper', 'lower')));
  t.deepEqual(chain, {
    links: [{ issuer: 2, ...fits }, { issuer: 'not_sent' }, { issuer: 1, ...fits }],
    ends: 'issuer_not_sent',
    order: 'mixed',
    extra: [],
  });
  t.regex(chainFaults(chain)?.en ?? '', /wrong order/);
});

test('an intermediate that is missing leaves what stands above it outside of the chain', (t) => {
  const chain = present(chainOf(list('shop', 'upper', 'root')));
  t.is(chain.ends, 'issuer_not_sent');
  t.deepEqual(chain.links[0], { issuer: 'not_sent' });
  t.deepEqual(chain.extra, [1, 2]);
  t.regex(chainFaults(chain)?.en ?? '', /2 not part of the chain/);
});

test('a namesake with another key is no issuer; the true one behind it is', (t) => {
  t.deepEqual(chainOf(list('upper', 'namesake'))?.links[0], { issuer: 'not_sent' });
  t.deepEqual(chainOf(list('upper', 'namesake', 'root'))?.links[0], { issuer: 2, ...fits });
  t.deepEqual(chainOf(list('upper', 'namesake', 'root'))?.extra, [1]);
});

test('a signature that does not fit is told of its link', (t) => {
  const chain = present(chainOf(list('broken', 'lower')));
  t.deepEqual(chain.links[0], { issuer: 1, keyIds: 'match', signature: 'broken' });
  t.regex(chainFaults(chain)?.en ?? '', /signature does not fit/);
  t.regex(chainFaults(chain)?.ko ?? '', /서명/);
});

test('nothing, what is no certificate, a circle and a long list are said as they are', (t) => {
  t.is(chainOf([]), undefined);
  t.deepEqual(chainOf([Buffer.from('no certificate')]), {
    links: [{ issuer: 'unreadable' }],
    ends: 'unreadable',
    order: 'leaf_first',
    extra: [],
  });
  const circle = present(chainOf([certificateOf([], 'one', 'other'), certificateOf([], 'other', 'one')]));
  t.is(circle.ends, 'circle');
  t.deepEqual(
    circle.links.map(({ issuer }) => issuer),
    [1, 0],
  );
  const same = certificateOf([], 'subject', 'issuer');
  const long = present(chainOf(Array.from({ length: 500 }, () => same)));
  t.is(long.links.length, 500);
  t.deepEqual(long.links[400], { issuer: 'unexamined' });
});

test('every remark on an issuer has its words', (t) => {
  const chains = [list('shop', 'lower'), list('broken', 'lower'), list('root')].map((one) =>
    present(chainOf(one)),
  );
  const selfBroken = present(chainOf([certificateOf([])]));
  const remarks = [...chains, selfBroken].flatMap(({ links }) => links.map((link) => linkRemark(link) ?? ''));
  t.deepEqual(
    [...new Set(remarks)].toSorted(),
    ['issuer_itself', 'issuer_itself.broken', 'issuer_not_sent', 'issuer_sent', 'issuer_sent.broken'].map(
      (name) => `tls.handshake.certificate.${name}`,
    ),
  );
  for (const remark of remarks) t.true(remark in tlsTexts, remark);
});
