/** A command that names whom it trusts, or what it presents, in two places. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Attempt } from '../../../src/diagnosis/attempt/attempt.ts';
import { explained } from '../../../src/diagnosis/case.ts';
import { withOverridden } from '../../../src/diagnosis/command/overridden.ts';
import type { Context } from '../../../src/diagnosis/command/context.ts';
import type { Finding } from '../../../src/diagnosis/diagnosis.ts';
import { overriddenIn } from '../../../src/diagnosis/programs/intent.ts';
import { programOf } from '../../../src/diagnosis/programs/programs.ts';
import { readLeaf } from '../../../src/diagnosis/chain.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { world } from '../../cli/certs/support/files.ts';

const shop = pemCertificates(world.chain('shop'));

function judged(
  t: ExecutionContext,
  {
    line,
    variables,
    by = 'client',
  }: { readonly line: string; readonly variables: NodeJS.ProcessEnv; readonly by?: 'client' | 'server' },
): Finding {
  const path = mkdtempSync(join(tmpdir(), 'wirelab-overridden-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  for (const name of ['ca', 'other']) writeFileSync(join(path, `${name}.crt`), world.certificate(name));
  const own = line.replaceAll('@', path).split(' ');
  const finding = explained({ cause: 'unknown_ca', by, detail: {}, confidence: 'likely', evidence: [] });
  return withOverridden(finding, {
    overridden: overriddenIn(programOf('git'), own, variables),
    diagnosis: { others: [], attempts: [{ number: 1, chain: shop } as unknown as Attempt] },
    own,
    now: systemClock.now(),
  } as unknown as Context);
}

test('the right CA stands where it does not count', (t) => {
  t.truthy(readLeaf(world.certificate('ca')));
  const finding = judged(t, {
    line: 'git -c http.sslCAInfo=@/ca.crt ls-remote https://x/',
    variables: { GIT_SSL_CAINFO: 'other.crt' },
  });
  t.is(finding.confidence, 'proven');
  t.regex(finding.because.en, /GIT_SSL_CAINFO other\.crt counts, not http\.sslCAInfo/);
  t.regex(finding.remedy.command ?? '', /^env -u GIT_SSL_CAINFO git -c http\.sslCAInfo=\S+ ls-remote/);
});

test('another wrong one there: which counts is said, and no more', (t) => {
  const finding = judged(t, {
    line: 'git -c http.sslCAInfo=@/other.crt ls-remote https://x/',
    variables: { GIT_SSL_CAINFO: 'one.crt' },
  });
  t.is(finding.confidence, 'likely');
  t.regex(finding.because.en, /named twice/);
  t.is(finding.remedy.command, undefined);
});

test('named once, nothing is said of it', (t) => {
  const finding = judged(t, { line: 'git ls-remote https://x/', variables: { GIT_SSL_CAINFO: 'one.crt' } });
  t.notRegex(finding.because.en, /named twice/);
});

test('the certificate that is presented', (t) => {
  const finding = judged(t, {
    line: 'git -c http.sslCert=mine.crt ls-remote https://x/',
    variables: { GIT_SSL_CERT: 'left.crt' },
    by: 'server',
  });
  t.regex(finding.because.en, /certificate is named twice, and GIT_SSL_CERT left\.crt counts/);
  t.regex(finding.remedy.words.en, /^if http\.sslCert mine\.crt was meant, take GIT_SSL_CERT away/);
});
