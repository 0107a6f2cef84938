/** The table of predictions: to which programs it applies, what matches it, and errors in the file. */
import test from 'ava';
import { UserError } from '../../../src/i18n/user-error.ts';
import {
  absentWords,
  isAsPredicted,
  isPredicted,
  otherVersionWords,
  predictedFor,
  predictedLogin,
  versionsIn,
} from '../../../src/features/programs/predictions.ts';
import type { Predictions } from '../../../src/features/programs/predictions.ts';
import { parsePredictions } from '../../../src/features/programs/predictions-schema.ts';
import { telling } from '../../../src/peers/by-hand/telling.ts';
import { features } from '../../../src/features/registry.ts';
import { planScenario } from '../../../src/engine/planning.ts';
import { compiled } from '../../engine/support/demonstration.ts';

const predictions: Predictions = {
  node: [{ version: '20', logins: { expired: { '1.3': { words: 'EXPIRED' } } } }],
  curl: [
    { version: '8.14', build: 'OpenSSL/3', logins: { expired: { '1.3': { exit: 56, words: 'expired' } } } },
    { version: '8.14', build: 'LibreSSL', logins: { expired: { '1.2': { exit: 35, words: 'expired' } } } },
  ],
};

test('a prediction is for a version and its patches, and for a build where it names one', (t) => {
  const found = (version: string, build: string) =>
    predictedFor(predictions, 'curl', { version, build })?.build;
  t.is(found('8.14', 'curl 8.14 OpenSSL/3.5.9'), 'OpenSSL/3');
  t.is(found('8.14.1', 'curl 8.14.1 LibreSSL/4.0'), 'LibreSSL');
  t.is(found('8.140.1', 'curl 8.140.1 OpenSSL/3.5.9'), undefined, 'a prefix of digits is no version');
  t.is(found('8.9', 'curl 8.9 OpenSSL/3.5.9'), undefined);
  t.is(found('8.14.1', 'curl 8.14.1 GnuTLS/3.8'), undefined);
  t.truthy(predictedFor(predictions, 'node', { version: '20.20.2' }));
  t.is(predictedFor(predictions, 'openssl', { version: '3.5.9' }), undefined);
});

test('exit code and words must both fit; what is no process has no exit code', (t) => {
  const prediction = { exit: 56, words: 'alert unknown ca' };
  t.true(isAsPredicted(prediction, { exitCode: 56, words: 'curl: (56) tlsv1 alert unknown ca, errno 0' }));
  t.false(isAsPredicted(prediction, { exitCode: 35, words: 'curl: (35) tlsv1 alert unknown ca' }));
  t.false(isAsPredicted(prediction, { exitCode: 56, words: 'alert certificate unknown' }));
  t.false(isAsPredicted(prediction, { exitCode: null, words: 'alert unknown ca' }), 'it had to be ended');
  t.true(isAsPredicted({ words: 'alert' }, { exitCode: null, words: 'alert' }));
});

test('a program is run only for logins that are predicted, for any version of it', (t) => {
  t.is(predictedLogin({ id: 'wrong-time-expired-1.3', tls: '1.3' }), 'wrong-time-expired');
  t.true(isPredicted(predictions, 'curl', { id: 'expired-1.2', tls: '1.2' }));
  t.false(isPredicted(predictions, 'node', { id: 'expired-1.2', tls: '1.2' }));
  t.false(isPredicted(predictions, 'curl', { id: 'revoked-1.3', tls: '1.3' }));
  t.false(isPredicted(predictions, 'openssl', { id: 'expired-1.3', tls: '1.3' }));
});

test('missing programs and other versions are reported in both languages', (t) => {
  t.is(versionsIn(predictions, 'curl'), '8.14 (OpenSSL/3), 8.14 (LibreSSL)');
  const words = otherVersionWords(predictions, 'curl', { version: '8.9' });
  t.regex(words.en, /predicted for 8\.14.*here 8\.9/);
  t.regex(words.ko, /8\.9.*[가-힣]/);
  t.regex(absentWords('gnutls-cli').en, /gnutls-cli is not installed/);
  t.regex(absentWords('gnutls-cli').ko, /[가-힣]/);
});

test('of what a program prints the lines that say what went wrong are kept, else its last', (t) => {
  t.is(
    telling('Processed 1 CA\n*** Fatal error: x\n\n  *** Received alert [48]: CA is unknown  \n'),
    '*** Fatal error: x\n*** Received alert [48]: CA is unknown',
  );
  t.is(telling('one\ntwo\n'), 'two');
  t.is(telling(''), '');
  t.is(telling(`error ${'x'.repeat(9000)}`).length, 2000);
});

const errorOf = (value: unknown): UserError => {
  try {
    parsePredictions(value, ['expired', 'revoked'], 'predictions.yaml');
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was wrong');
};

test('a table that is wrong is named by file and place', (t) => {
  const row = (more: object) => ({ curl: [{ version: '8.14', logins: {}, ...more }] });
  t.deepEqual(
    parsePredictions(
      row({ logins: { expired: { '1.2': { exit: 35, words: 'expired' } } } }),
      ['expired'],
      'p',
    )['curl']?.[0]?.version,
    '8.14',
  );
  t.regex(
    errorOf(row({ logins: { expird: {} } })).facts.where ?? '',
    /predictions\.yaml: curl\.0\.logins\.expird/,
  );
  t.is(errorOf(row({ logins: { expird: {} } })).facts.remedy?.en, 'Did you mean expired?');
  t.regex(
    errorOf(row({ logins: { expired: { '1.1': { words: 'expired' } } } })).facts.where ?? '',
    /curl\.0\.logins\.expired/,
  );
  t.regex(errorOf(row({ logins: { expired: { '1.2': { words: 'e' } } } })).facts.where ?? '', /words/);
  t.regex(errorOf(row({ version: 'new' })).facts.where ?? '', /version/);
  t.regex(errorOf({ wget: [] }).facts.where ?? '', /predictions\.yaml/);
});

test('every refusal of the scenario is predicted for each version of Node that runs it, and for no login that is admitted', async (t) => {
  const {
    steps,
    claims,
    predictions: table = {},
  } = planScenario(features, await compiled('client-refusals'));
  for (const step of steps) {
    const isRefused = claims.some((claim) => claim.step === step.id && claim.kind === 'refused');
    for (const row of table.node ?? [])
      t.is(
        row.logins[predictedLogin(step)]?.[step.tls ?? '1.3'] !== undefined,
        isRefused,
        `${step.id}, node ${row.version}`,
      );
  }
  t.deepEqual(
    table.node?.map(({ version }) => version),
    ['20', '22', '24'],
  );
});
