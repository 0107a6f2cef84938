/** Who issued whom: by name, key identifier and signature, whatever the order, and in circles too. */
import test from 'ava';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { issuerTreeOf } from '../../../src/pki/x509/issuer-tree.ts';
import type { LineageNode } from '../../../src/pki/x509/issuer-tree.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { got } from '../../protocols/x509/got.ts';
import { cpuTime } from '../../helpers/cpu-time.ts';

const world = issueWorld(
  {
    certificates: {
      root: { profile: 'root', subject: { CN: 'Root' } },
      namesake: { profile: 'root', subject: { CN: 'Root' } },
      middle: { profile: 'intermediate', issuer: 'root', subject: { CN: 'Middle' } },
      leaf: { profile: 'client', issuer: 'middle', subject: { CN: 'leaf' } },
      sister: { profile: 'client', issuer: 'middle', subject: { CN: 'sister' } },
      broken: { profile: 'client', issuer: 'middle', subject: { CN: 'broken' }, flaws: ['bad-signature'] },
    },
  },
  { clock: { now: Date.now } },
);
const read = (...names: string[]): Certificate[] =>
  names.map(
    (name) => got(readCertificate(pemCertificates(world.certificate(name))[0] ?? new Uint8Array(0))).value,
  );
/** `Root(Middle(leaf))`, with ! where the signature does not fit and ? where the issuer is absent. */
const drawn = (nodes: readonly LineageNode[]): string =>
  nodes
    .map(
      ({ certificate, children, link, top }) =>
        `${certificate.subject.attributes[0]?.value}${link?.signature === 'broken' ? '!' : top === 'issuer_absent' ? '?' : ''}${children.length > 0 ? `(${drawn(children)})` : ''}`,
    )
    .join(' ');

test('whatever the order, the tree is the same', (t) => {
  t.is(drawn(issuerTreeOf(read('root', 'middle', 'leaf'))), 'Root(Middle(leaf))');
  t.is(drawn(issuerTreeOf(read('leaf', 'root', 'middle'))), 'Root(Middle(leaf))');
  t.is(drawn(issuerTreeOf(read('leaf', 'middle', 'sister'))), 'Middle?(leaf sister)');
  t.is(drawn(issuerTreeOf(read('leaf'))), 'leaf?');
  t.is(drawn(issuerTreeOf([])), '');
});

test('a namesake with another key is no issuer, and a signature that does not fit is told', (t) => {
  t.is(drawn(issuerTreeOf(read('namesake', 'middle', 'root'))), 'Root Root(Middle)');
  t.is(drawn(issuerTreeOf(read('namesake', 'middle'))), 'Root Middle?');
  t.is(drawn(issuerTreeOf(read('middle', 'broken'))), 'Middle?(broken!)');
  const [root, middle] = read('root', 'middle') as [Certificate, Certificate];
  const { keyId: _dropped, ...without } = middle;
  t.is(issuerTreeOf([root, without as Certificate])[0]?.children[0]?.link?.keyIds, 'match');
  const { authorityKeyId: _none, ...nameless } = middle;
  t.is(issuerTreeOf([root, nameless as Certificate])[0]?.children[0]?.link?.keyIds, 'absent');
});

test('certificates that issued each other in a circle stand once each', (t) => {
  const [root, middle] = read('root', 'middle') as [Certificate, Certificate];
  const first = { ...root, subject: root.subject, issuer: middle.subject };
  const second = { ...middle, subject: middle.subject, issuer: root.subject };
  t.is(
    drawn(
      issuerTreeOf([first, second].map(({ keyId: _k, authorityKeyId: _a, ...rest }) => rest as Certificate)),
    ).match(/Root|Middle/g)?.length,
    2,
  );
});

test('a chain of three thousand, each the issuer of the next, is drawn and does not exhaust the stack', (t) => {
  const [leaf] = read('leaf') as [Certificate];
  const { keyId: _k, authorityKeyId: _a, ...bare } = leaf;
  const named = (value: string): Certificate['subject'] => ({
    der: new Uint8Array(Buffer.from(value)),
    text: value,
    attributes: [{ type: 'CN', value }],
  });
  const chain = Array.from(
    { length: 3000 },
    (_, at): Certificate => ({ ...bare, subject: named(`c${at}`), issuer: named(`c${at - 1}`) }),
  );
  const count = (nodes: readonly LineageNode[]): number =>
    nodes.reduce((sum, { children }) => sum + 1 + count(children), 0);
  t.is(count(issuerTreeOf(chain)), 3000);
});

test('five thousand certificates take no time', (t) => {
  const [leaf] = read('leaf') as [Certificate];
  const started = cpuTime();
  issuerTreeOf(Array.from({ length: 5000 }, () => leaf));
  t.true(cpuTime() - started < 5000);
});
