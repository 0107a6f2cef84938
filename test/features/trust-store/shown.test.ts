/** The drawing of a chain: each certificate in its place, one break, and nothing of a name that a terminal would obey. */
import test from 'ava';
import { inLanguage } from '../../../src/i18n/language.ts';
import { breakPlace } from '../../../src/peers/reports/chain.ts';
import type { ChainStep } from '../../../src/peers/reports/chain.ts';
import type { Observation } from '../../../src/capture/event.ts';
import { shown } from '../../../src/features/trust-store/shown.ts';
import type { Chain } from '../../../src/presentation/types/values.ts';
import { reportOf, shownBy } from '../support/reports.ts';

type ChainReport = Extract<Observation, { kind: 'chain' }>;

const chainOf = (who: string, result: ChainReport, sent: readonly string[] | undefined): Chain =>
  shownBy(shown, reportOf(who, result), (own, report) => own.chain?.(report, sent));

const step = (subject: string, issuer: string, more: Partial<ChainStep> = {}): ChainStep => ({
  subject,
  issuer,
  notAfter: '2026-05-31T00:00:00Z',
  sha256: `hash of ${subject}`,
  ...more,
});
const leaf = step('CN=shop', 'CN=middle');
const middle = step('CN=middle', 'CN=root');
const root = step('CN=root', 'CN=root');
const report = (way: readonly ChainStep[], breaks?: ChainReport['breaks'], trusts = 1): ChainReport => ({
  kind: 'chain',
  name: 'shop',
  trusts,
  way,
  ...(breaks ? { breaks } : {}),
});
const drawn = (report: ChainReport, sent: readonly ChainStep[] | undefined): string[] =>
  inLanguage(
    chainOf(
      'client',
      report,
      sent?.map(({ sha256 }) => sha256),
    ).links,
    'en',
  ).map(({ branch, mark, text }) => `${branch}${mark} ${text}`);

test('a whole chain hangs from the root, and says what was sent', (t) => {
  t.deepEqual(drawn(report([leaf, middle, { ...root, trusted: true }]), [leaf, middle]), [
    '✓ CN=root: trusted; not sent, not required',
    '└─ ✓ CN=middle: sent as number 2',
    '   └─ ✓ CN=shop: sent as number 1',
  ]);
  t.deepEqual(drawn(report([leaf, middle, { ...root, trusted: true }]), [leaf, root, middle]).slice(0, 2), [
    '✓ CN=root: trusted; sent as number 2, not required',
    '└─ ✓ CN=middle: sent as number 3',
  ]);
});

test('a missing issuer is drawn as the break', (t) => {
  t.deepEqual(drawn(report([leaf], { at: 0, reason: 'intermediate_missing' }), [leaf]), [
    '✗ CN=middle: BREAKS HERE: not sent, and not the one root that the client trusts',
    '└─   CN=shop: sent as number 1',
  ]);
  t.regex(
    drawn(report([leaf, middle], { at: 1, reason: 'unknown_ca' }, 140), [leaf, middle])[0] ?? '',
    /^✗ CN=root: BREAKS HERE: not sent, and not among the 140 roots/,
  );
});

test('a break is shown at the certificate at fault, and nowhere else', (t) => {
  const way = [leaf, middle, { ...root, trusted: true as const }];
  for (const [at, reason, words] of [
    [1, 'certificate_expired', /CN=middle: sent as number 2; BREAKS HERE: expired on 2026-05-31$/],
    [1, 'not_a_ca', /CN=middle: .*BREAKS HERE: not a CA/],
    [2, 'path_too_long', /CN=root: .*BREAKS HERE: path length limit/],
    [0, 'name_mismatch', /CN=shop: sent as number 1; /],
  ] as const) {
    const lines = drawn(report(way, { at, reason }), [leaf, middle]);
    const broken = lines.filter((line) => line.includes('✗'));
    t.is(broken.length, 1);
    t.regex(broken[0] ?? '', words);
  }
  t.regex(
    drawn(report([leaf, middle, root], { at: 2, reason: 'unknown_ca' }), [leaf, middle, root])[0] ?? '',
    /^✗ CN=root: sent as number 3; BREAKS HERE: it signs itself/,
  );
});

test('a sentence about a break names the certificate at which the drawing has its only cross', (t) => {
  const trusted = { ...root, trusted: true as const };
  for (const [way, at, reason, named] of [
    [[leaf], 0, 'intermediate_missing', 'CN=middle'],
    [[leaf, middle], 1, 'unknown_ca', 'CN=root'],
    [[leaf, middle, root], 2, 'unknown_ca', 'CN=root'],
    [[leaf, middle, trusted], 1, 'certificate_expired', 'CN=middle'],
    // Its issuer is missing too, but that is not why it was refused.
    [[leaf], 0, 'name_mismatch', 'CN=shop'],
    [[leaf, middle], 0, 'certificate_expired', 'CN=shop'],
  ] as const) {
    const broken = report(way, { at, reason });
    t.is(breakPlace(broken)?.subject, named);
    const crossed = drawn(broken, way).filter((line) => line.includes('✗'));
    t.is(crossed.length, 1, named);
    t.true(crossed[0]?.includes(`✗ ${named}:`), crossed[0]);
  }
  t.is(breakPlace(report([leaf, middle, trusted])), undefined);
});

test('certificates outside the path are counted; without keys positions are omitted', (t) => {
  const other = step('CN=other', 'CN=other');
  t.is(
    drawn(report([leaf, { ...middle, trusted: true }]), [leaf, other]).at(-1),
    '✓ one more certificate was sent, and not needed',
  );
  t.deepEqual(drawn(report([leaf, { ...middle, trusted: true }]), undefined), [
    '✓ CN=middle: trusted',
    '└─ ✓ CN=shop: shown',
  ]);
});

test('names are made safe', (t) => {
  const evil = step('CN=\u001b[2Jshop\u202e', 'CN=\u001b]0;x\u0007');
  const all =
    JSON.stringify(chainOf('client', report([evil], { at: 0, reason: 'unknown_ca' }), [])) +
    shownBy(
      shown,
      reportOf('\u001b[1m', {
        kind: 'trust-store',
        roots: 1,
        ended: 0,
        organizations: [{ organization: '\u001b[2J', subjects: [] }],
      }),
      (own, report) => own.story?.(report),
    ).en;
  t.notRegex(all, /\\u001b|\u001b|\u202e|\\u0007/);
});
