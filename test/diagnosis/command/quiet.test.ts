/** What is said of a certificate, a clock, a host and a store where a command itself says little. */
import test from 'ava';
import type { Attempt } from '../../../src/diagnosis/attempt/attempt.ts';
import { explained } from '../../../src/diagnosis/case.ts';
import { withClock } from '../../../src/diagnosis/command/clock.ts';
import { coveredUp } from '../../../src/diagnosis/command/covered-up.ts';
import {
  asSureAsChain,
  isClearOf,
  joinExperiments,
  joinWords,
} from '../../../src/diagnosis/command/judge.ts';
import { withOwnHost } from '../../../src/diagnosis/command/names/own-host.ts';
import type { Seen } from '../../../src/diagnosis/command/seen.ts';
import { withVisibleFlaw } from '../../../src/diagnosis/command/visible-flaw.ts';
import type { Diagnosis, Finding } from '../../../src/diagnosis/diagnosis.ts';
import { hear } from '../../../src/diagnosis/programs/hear.ts';
import { programOf } from '../../../src/diagnosis/programs/programs.ts';
import type { Outcome } from '../../../src/analysis/outcome/outcome-facts.ts';
import { makeKey } from '../../../src/pki/ca/sign.ts';
import { craft } from '../../pki/support/craft.ts';

const now = Date.now();
const day = 86_400_000;
const key = makeKey('P-256');
const leaf = (from: number, to: number): Uint8Array =>
  craft({
    subject: [['CN', 'shop']],
    key,
    san: ['DNS:shop.test'],
    notBefore: now + from * day,
    notAfter: now + to * day,
  }).der;

const finding = (cause: Parameters<typeof explained>[0]['cause'], more: Partial<Finding> = {}): Finding => ({
  ...explained({ cause, by: 'client', detail: {}, confidence: 'proven', evidence: [] }),
  ...more,
});

const seenBy = (chain: readonly Uint8Array[], made?: Finding): Diagnosis => ({
  ...(made ? { finding: made } : {}),
  others: [],
  attempts: [
    {
      number: 1,
      at: now,
      result: 'completed',
      chain,
      change: { words: { en: '', ko: '' } },
    } as unknown as Attempt,
  ],
});

const [expired, future, good] = [leaf(-9, -3), leaf(1, 9), leaf(-9, 9)];
const untrusted = finding('unknown_ca');

test('a date is looked at in the certificate itself: an unknown CA hides it from the judgement of the chain', (t) => {
  t.false(isClearOf('certificate_expired', seenBy([expired], untrusted)));
  t.false(isClearOf('certificate_not_yet_valid', seenBy([future], untrusted)));
  t.true(isClearOf('certificate_expired', seenBy([good], untrusted)));
  t.false(isClearOf('name_mismatch', seenBy([good], untrusted)), 'not judged');
  t.true(isClearOf('name_mismatch', seenBy([good])));
});

test('the clock of a command is to blame only where the dates are right', (t) => {
  const refused = finding('certificate_expired');
  t.is(withClock(refused, seenBy([expired], untrusted), false), refused);
  t.regex(withClock(refused, seenBy([good]), true).remedy.words.en, /^correct the clock/);
  t.regex(
    withClock(refused, seenBy([good], untrusted), false).remedy.words.en,
    /whether a CA certificate in its own list is out of date/,
  );
});

test('of a refusal without a reason: what any client sees in the certificate', (t) => {
  const refused = finding('certificate_not_accepted', { confidence: 'likely' });
  const of = (chain: Uint8Array, name?: string): string => {
    const made = withVisibleFlaw(refused, seenBy([chain], untrusted), name);
    return `${made.cause} ${made.confidence} ${made.remedy.on}`;
  };
  t.is(of(expired, 'shop.test'), 'certificate_expired likely server');
  t.is(of(future, 'shop.test'), 'certificate_not_yet_valid likely server');
  t.is(of(good, 'bank.test'), 'name_mismatch likely client');
  t.is(of(good, 'shop.test'), 'certificate_not_accepted likely server');
  t.is(of(good), 'certificate_not_accepted likely server', 'which name it verified is not known');
});

test('an unknown CA of a certificate that came alone is as sure as the list of CAs is known', (t) => {
  t.is(asSureAsChain(untrusted, seenBy([good]), false).confidence, 'likely');
  t.is(asSureAsChain(untrusted, seenBy([good]), true).confidence, 'proven');
  t.is(asSureAsChain(untrusted, seenBy([good, good]), false).confidence, 'proven');
});

test('a pin is the program’s own: how its connection ended makes it no less sure', (t) => {
  const heard = hear(
    { stdout: '', stderr: 'curl: (90) SSL: public key does not match pinned public key' },
    programOf('curl'),
  );
  const outcome = {
    kind: 'closed_without_alert',
    by: 'client',
    detail: {},
    evidence: [],
    signs: [],
    seen: [],
  };
  for (const failed of [true, false])
    t.like(joinWords({ outcome: outcome as unknown as Outcome, failed }, heard), {
      cause: 'key_not_pinned',
      by: 'client',
      confidence: 'proven',
    });
});

test('libldap verifies a name of its own for localhost: its words are not refuted by the name that was called', (t) => {
  const heard = hear(
    { stdout: '', stderr: 'additional info: TLS: hostname does not match name in peer certificate' },
    programOf('ldapsearch'),
  );
  const said = joinWords({ failed: false }, heard);
  const joined = joinExperiments(said, heard, {
    diagnosis: seenBy([good]),
    trustIsKnown: true,
    isInsecure: false,
    identityIsKnown: true,
    commandFailed: true,
    isAnswered: true,
  });
  t.like(joined, { cause: 'name_mismatch', by: 'client', confidence: 'likely' });
  const words = ['ldapsearch', '-ZZ', '-H', 'ldap://localhost:389'];
  t.regex(withOwnHost(joined as Finding, words).because.en, /in the place of localhost/);
  t.is<Finding | undefined, Finding | undefined>(
    withOwnHost(joined as Finding, words.with(3, 'ldap://db.test')),
    joined,
  );
});

test('a refusal is covered up by a later call of the same server', (t) => {
  const of = (failed: boolean, port: number, cause?: string): Seen =>
    ({
      failed,
      isTls: true,
      serverName: 'shop.test',
      led: { to: { host: '127.0.0.1', port } },
      outcome: { by: 'client', cause },
    }) as unknown as Seen;
  const refused = of(true, 1, 'name_mismatch');
  t.is(coveredUp([refused, of(false, 1)]), refused);
  t.is(coveredUp([refused, of(false, 2)]), undefined, 'another server');
  t.is(coveredUp([of(true, 1, 'no_common_version'), of(false, 1)]), undefined, 'not of its certificate');
  t.is(coveredUp([of(false, 1), refused]), undefined, 'nothing went well afterwards');
});
