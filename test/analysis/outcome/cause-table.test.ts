/**
 * The table of causes, walked: each row names its cause where everything that it needs was seen, and does not where one thing
 * is missing or one that excludes it is there.
 */
import test from 'ava';
import { causeTable, admit, confidences, rowOf } from '../../../src/analysis/outcome/cause-table.ts';
import { wireCauses } from '../../../src/analysis/outcome/cause-words.ts';
import { confidenceWords } from '../../../src/analysis/outcome/outcome-words.ts';
import { holds, signNames, wordsOfSign } from '../../../src/analysis/outcome/signs.ts';
import type { Claim, SignName } from '../../../src/analysis/outcome/signs.ts';
import type { Facts } from '../../../src/analysis/outcome/wire-facts.ts';

const claim: Claim = { by: 'server' };

/** A connection of which nothing in particular is known. */
const plain: Facts = {
  captured: { client: true, server: true },
  joinedLate: false,
  hasGap: false,
  spoke: { client: true, server: true },
  speaks: {},
  end: 'end',
  endedBy: 'server',
  lastSpoke: undefined,
  silence: 0,
  loss: undefined,
  isRepeated: false,
  isResetForeign: false,
  isTls: true,
  isTls13: false,
  hasClientHello: true,
  hasServerHello: false,
  certificate: { client: 'none', server: 'none' },
  isComplete: false,
  isTooShortForFinished: false,
  alertBy: undefined,
  alertSized: undefined,
  isPsk: false,
  isLegacyServer: false,
  renegotiation: undefined,
  refusedUpgrade: undefined,
  declinedUpgrade: undefined,
  refusedTunnel: undefined,
  refusedAt: undefined,
  hasProxyHeader: false,
  complaint: undefined,
  refusedBinding: undefined,
  heartbeat: undefined,
};

/** What makes a sign hold, and what makes it not hold. */
const ways: Readonly<Record<SignName, readonly [holding: Partial<Facts>, missing: Partial<Facts>]>> = {
  bothDirections: [
    { captured: { client: true, server: true } },
    { captured: { client: true, server: false } },
  ],
  oneDirection: [{ captured: { client: true, server: false } }, { captured: { client: true, server: true } }],
  fromStart: [{ joinedLate: false }, { joinedLate: true }],
  joinedLate: [{ joinedLate: true }, { joinedLate: false }],
  gap: [{ hasGap: true, loss: undefined }, { hasGap: false }],
  lost: [{ loss: { from: 'server', bytes: 300, times: 5 } }, { loss: undefined }],
  lostLarge: [
    { loss: { from: 'server', bytes: 1448, times: 5 } },
    { loss: { from: 'server', bytes: 300, times: 5 } },
  ],
  repeated: [{ isRepeated: true }, { isRepeated: false }],
  reset: [{ end: 'reset' }, { end: 'end' }],
  foreignReset: [{ isResetForeign: true }, { isResetForeign: false }],
  prompt: [{ silence: 10 }, { silence: 60_000 }],
  silence: [{ silence: 4000 }, { silence: 10 }],
  clientSpokeLast: [{ lastSpoke: 'client' }, { lastSpoke: 'server' }],
  serverSpokeLast: [{ lastSpoke: 'server' }, { lastSpoke: 'client' }],
  serverSaidNothing: [{ spoke: { client: true, server: false } }, { spoke: { client: true, server: true } }],
  clientSaidNothing: [{ spoke: { client: false, server: true } }, { spoke: { client: true, server: true } }],
  clientHello: [{ hasClientHello: true }, { hasClientHello: false }],
  noHello: [{ hasClientHello: false, hasServerHello: false }, { hasClientHello: true }],
  serverHello: [{ hasServerHello: true }, { hasServerHello: false }],
  noServerHello: [{ hasServerHello: false }, { hasServerHello: true }],
  certificate: [
    { certificate: { client: 'read', server: 'none' } },
    { certificate: { client: 'none', server: 'read' } },
  ],
  certificateRead: [
    { certificate: { client: 'read', server: 'none' } },
    { certificate: { client: 'sealed', server: 'read' } },
  ],
  noCertificate: [
    { certificate: { client: 'empty', server: 'read' } },
    { certificate: { client: 'read', server: 'read' } },
  ],
  complete: [{ isComplete: true }, { isComplete: false }],
  incomplete: [{ isComplete: false }, { isComplete: true }],
  tooShortForFinished: [{ isTooShortForFinished: true }, { isTooShortForFinished: false }],
  alertRead: [{ alertBy: 'server' }, { alertBy: undefined }],
  alertSized: [{ alertSized: 'server' }, { alertSized: undefined }],
  psk: [{ isPsk: true }, { isPsk: false }],
  legacyServer: [{ isLegacyServer: true }, { isLegacyServer: false }],
  renegotiationRefused: [
    { renegotiation: { by: 'client', isRefused: true } },
    { renegotiation: { by: 'client', isRefused: false } },
  ],
  upgradeRefused: [{ refusedUpgrade: '454 no' }, { refusedUpgrade: undefined }],
  tunnelRefused: [{ refusedTunnel: 'HTTP/1.1 403 Forbidden' }, { refusedTunnel: undefined }],
  proxyHeader: [{ hasProxyHeader: true }, { hasProxyHeader: false }],
  bindingRefused: [{ refusedBinding: { by: 'server', said: 'no' } }, { refusedBinding: undefined }],
  complaint: [{ complaint: 'HTTP/1.1 421' }, { complaint: undefined }],
  overread: [
    { heartbeat: { by: 'server', asked: 3, answered: 16_000, isRead: false } },
    { heartbeat: undefined },
  ],
  overreadRead: [
    { heartbeat: { by: 'server', asked: 3, answered: 16_000, isRead: true } },
    { heartbeat: { by: 'server', asked: 3, answered: 16_000, isRead: false } },
  ],
  clientTls: [{ speaks: { client: 'tls' } }, { speaks: { client: 'http' } }],
  clientPlain: [{ speaks: { client: 'http' } }, { speaks: { client: 'tls' } }],
  serverPlain: [{ speaks: { client: 'tls', server: 'http' } }, { speaks: { client: 'tls', server: 'tls' } }],
};

const withAll = (names: readonly SignName[]): Facts =>
  names.reduce<Facts>((facts, name) => ({ ...facts, ...ways[name][0] }), plain);

test('the signs themselves: each holds where its fact is there, and not where it is not, and has harmless words', (t) => {
  t.deepEqual(Object.keys(ways), signNames);
  for (const name of signNames) {
    const [holding, missing] = ways[name];
    t.true(holds(name, { ...plain, ...holding }, claim), name);
    t.false(holds(name, { ...plain, ...missing }, claim), name);
    for (const facts of [{ ...plain, ...holding }, plain]) {
      for (const language of ['en', 'ko'] as const)
        t.notRegex(wordsOfSign(name, facts, claim)[language], /undefined|NaN|\p{Cc}|^\s*$/u, name);
    }
    t.regex(wordsOfSign(name, { ...plain, ...holding }, claim).ko, /[가-힣]/, name);
  }
});

for (const { cause, evidence, needs, excludedBy, provenBy, decidedBy } of causeTable) {
  test(`${cause}, by ${evidence}: named where all is seen, and where nothing excludes it`, (t) => {
    const facts = withAll(needs);
    const admission = admit(cause, evidence, facts, claim, false);
    t.truthy(admission, 'everything that it needs is there');
    t.is(admission?.confidence, provenBy === undefined ? 'proven' : 'likely');
    t.is(
      admit(cause, evidence, facts, claim, true)?.confidence,
      'likely',
      'what is inferred is never proven',
    );
    if (provenBy && provenBy.length > 0)
      t.is(admit(cause, evidence, withAll([...needs, ...provenBy]), claim, false)?.confidence, 'proven');
    for (const name of needs)
      t.is(
        admit(cause, evidence, { ...facts, ...ways[name][1] }, claim, false),
        undefined,
        `without ${name}`,
      );
    for (const name of excludedBy)
      t.is(
        admit(cause, evidence, { ...facts, ...ways[name][0] }, claim, false),
        undefined,
        `excluded by ${name}`,
      );
    t.regex(decidedBy.ko, /[가-힣]/);
  });
}

test('a cause has one row for each kind of evidence, and what has none is never named', (t) => {
  const keys = causeTable.map(({ cause, evidence }) => `${cause} ${evidence}`);
  t.is(new Set(keys).size, keys.length);
  t.is(rowOf('name_not_admitted', 'end'), undefined, 'only an endpoint knows');
  t.is(admit('name_not_admitted', 'end', withAll(signNames), claim, false), undefined);
  t.deepEqual(
    wireCauses.filter((cause) => !causeTable.some((row) => row.cause === cause)),
    [],
  );
  t.deepEqual(Object.keys(confidenceWords), [...confidences]);
});
