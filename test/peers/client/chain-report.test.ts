/** The client's account of a chain: where the way leads, where it breaks, and that no certificate, however broken, ends it. */
import test from 'ava';
import { rootCertificates } from 'node:tls';
import { chainReport, reporting } from '../../../src/peers/client/chain-report.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { storeReport } from '../../../src/features/trust-store/run.ts';

const at = Date.parse('2026-06-01T00:00:00Z');
const world = issueWorld(
  {
    certificates: {
      root: { profile: 'root', subject: { CN: 'Root', O: 'Workshop' } },
      middle: { profile: 'intermediate', issuer: 'root', subject: { CN: 'Middle', O: 'Workshop' } },
      old: {
        profile: 'intermediate',
        issuer: 'root',
        subject: { CN: 'Old', O: 'Workshop' },
        flaws: ['expired'],
      },
      leaf: {
        profile: 'server',
        issuer: 'middle',
        subject: { CN: 'shop.localhost' },
        san: ['DNS:shop.localhost'],
      },
      'below-old': {
        profile: 'server',
        issuer: 'old',
        subject: { CN: 'shop.localhost' },
        san: ['DNS:shop.localhost'],
      },
    },
  },
  { clock: { now: () => at } },
);
const der = (name: string): Uint8Array => pemCertificates(world.certificate(name))[0] ?? new Uint8Array(0);
const read = (bytes: Uint8Array): Certificate => {
  const step = readCertificate(bytes);
  if ('got' in step) return step.got;
  throw new Error('a certificate of our own cannot be read');
};
const roots = [read(der('root'))];
const asked = { name: 'shop.localhost', at };

const rows: readonly (readonly [
  title: string,
  chain: readonly string[],
  way: readonly string[],
  breaks: readonly [number, string] | undefined,
])[] = [
  ['whole', ['leaf', 'middle'], ['leaf', 'middle', 'root'], undefined],
  ['in any order', ['leaf', 'root', 'middle'], ['leaf', 'middle', 'root'], undefined],
  ['without its intermediate', ['leaf'], ['leaf'], [0, 'intermediate_missing']],
  [
    'below one that has expired',
    ['below-old', 'old'],
    ['below-old', 'old', 'root'],
    [1, 'certificate_expired'],
  ],
];

for (const [title, chain, way, breaks] of rows) {
  test(`a chain ${title}: ${breaks?.[1] ?? 'leads to the root'}`, (t) => {
    const report = chainReport(chain.map(der), roots, asked);
    t.deepEqual(
      report?.way.map(({ sha256 }) => sha256),
      way.map((name) => world.summary(name).sha256),
    );
    t.deepEqual(report?.breaks && [report.breaks.at, report.breaks.reason], breaks && [...breaks]);
    t.is(report?.way.at(-1)?.trusted, way.at(-1) === 'root' ? true : undefined);
    t.is(report?.trusts, 1);
  });
}

test('another name is a break at the leaf', (t) => {
  t.deepEqual(
    chainReport([der('leaf'), der('middle')], roots, { ...asked, name: 'bank.localhost' })?.breaks,
    { at: 0, reason: 'name_mismatch' },
  );
});

test('no certificate, and none that can be read, are not reported', (t) => {
  t.is(chainReport([], roots, asked), undefined);
  t.is(
    chainReport([new Uint8Array(0), Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff)], roots, asked),
    undefined,
  );
});

test('a chain of which a byte is wrong, or the end is missing, is reported without throwing', (t) => {
  const leaf = der('leaf');
  const middle = der('middle');
  let reported = 0;
  for (let index = 0; index < leaf.length; index++) {
    const spoiled = Uint8Array.from(leaf);
    spoiled[index] = (spoiled[index] ?? 0) ^ 0xff;
    for (const chain of [
      [spoiled, middle],
      [leaf.subarray(0, index), middle],
      [leaf, middle.subarray(0, index)],
    ])
      if (chainReport(chain, roots, asked)) reported++;
  }
  t.true(reported > leaf.length);
});

test('a client without trusted CAs uses the bundled roots of Node', (t) => {
  const log = new CaptureLog({ clock: systemClock });
  reporting({ who: 'browser', log, clock: { now: () => at }, host: 'shop.localhost' })([
    der('leaf'),
    der('middle'),
  ]);
  const [event] = log.events;
  if (event?.type !== 'observed' || event.result.kind !== 'chain') return t.fail('no report');
  t.is(event.who, 'browser');
  t.is(event.result.trusts, rootCertificates.length);
  t.deepEqual(event.result.breaks, { at: 1, reason: 'unknown_ca' });
});

test('a store is reported by its organizations; what cannot be read in it is left out', (t) => {
  const broken = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n';
  const report = storeReport([world.certificate('root'), world.certificate('old'), broken, 'no PEM'], at);
  t.deepEqual(report, {
    kind: 'trust-store',
    roots: 2,
    ended: 1,
    organizations: [{ organization: 'Workshop', subjects: ['CN=Root,O=Workshop', 'CN=Old,O=Workshop'] }],
  });
  t.is(storeReport(rootCertificates, at).roots, rootCertificates.length);
});
