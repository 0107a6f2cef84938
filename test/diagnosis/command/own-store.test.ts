/** Where a program looks for CAs, and what it finds there: nothing, or a file without the name that it looks for. */
import test from 'ava';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Attempt } from '../../../src/diagnosis/attempt/attempt.ts';
import { explained } from '../../../src/diagnosis/case.ts';
import { withStore } from '../../../src/diagnosis/command/own-store.ts';
import type { StoreFacts } from '../../../src/diagnosis/command/own-store.ts';
import { withUnlinked } from '../../../src/diagnosis/command/unlinked.ts';
import type { Diagnosis, Finding } from '../../../src/diagnosis/diagnosis.ts';
import { hear } from '../../../src/diagnosis/programs/hear.ts';
import { programOf } from '../../../src/diagnosis/programs/programs.ts';
import { makeKey } from '../../../src/pki/ca/sign.ts';
import { craft } from '../../pki/support/craft.ts';
import { world } from '../../cli/certs/support/files.ts';

const untrusted = explained({
  cause: 'unknown_ca',
  by: 'client',
  detail: {},
  confidence: 'proven',
  evidence: [],
});
const day = 86_400_000;
const span = { notBefore: Date.now() - day, notAfter: Date.now() + day };
const [caKey, key] = [makeKey('P-256'), makeKey('P-256')];
const ca = craft({
  subject: [['CN', 'Corp CA']],
  key: caKey,
  isCa: true,
  keyUsage: ['keyCertSign'],
  ...span,
});
const leaf = craft({
  subject: [['CN', 'shop']],
  key,
  issuer: { certificate: ca, key: caKey },
  san: ['DNS:shop.test'],
  ...span,
});
const pem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
const diagnosis = (made?: Finding): Diagnosis => ({
  ...(made ? { finding: made } : {}),
  others: [],
  attempts: [{ number: 1, result: 'completed', chain: [leaf.der] } as unknown as Attempt],
});

test('a machine without a list of CAs: that comes first', (t) => {
  const of = (line: string, more: Partial<StoreFacts> = {}): Finding => {
    const own = line.split(' ');
    return withStore(untrusted, {
      program: programOf(own[0] ?? ''),
      own,
      heard: undefined,
      variables: {},
      diagnosis: diagnosis(untrusted),
      trustIsKnown: true,
      isListed: false,
      among: undefined,
      systemList: () => undefined,
      ...more,
    });
  };
  const empty = /^this machine's own list of CAs is empty or missing/;
  const bare = of('curl https://shop.test/');
  t.regex(bare.because.en, empty);
  t.regex(bare.remedy.words.en, /^install the list first: the package ca-certificates.* add its CA: /);
  t.regex(
    of('curl https://shop.test/', { diagnosis: diagnosis() }).remedy.words.en,
    /is among the public ones/,
  );
  const heard = hear({ stdout: '', stderr: 'x509: certificate signed by unknown authority' }, undefined);
  t.regex(of('./inventory', { heard }).because.en, empty, 'a program in Go');
  for (const other of [
    of('curl https://shop.test/', { systemList: () => [''] }),
    of('curl --cacert ca.crt https://shop.test/', { isListed: true }),
    of('node client.js'),
    of('./inventory'),
  ])
    t.notRegex(other.because.en, empty);
});

test('a folder of CAs without the names by which OpenSSL looks', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-folder-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const of = (line: string, variables: NodeJS.ProcessEnv = {}, stderr = ''): Finding => {
    const own = line.replaceAll('@', folder).split(' ');
    const program = programOf(own[0] ?? '');
    const heard = hear({ stdout: '', stderr }, program);
    return withUnlinked(untrusted, { program, own, variables, heard, diagnosis: diagnosis() });
  };
  writeFileSync(join(folder, 'other.pem'), world.certificate('ca'));
  t.is<Finding, Finding>(of('curl --capath @ https://shop.test/'), untrusted, 'it holds another CA');
  writeFileSync(join(folder, 'corp.pem'), pem(ca.der));
  for (const line of [
    'curl --capath @ https://x/',
    'redis-cli --cacertdir @ PING',
    'openssl s_client -CApath @',
  ]) {
    const finding = of(line);
    t.regex(finding.because.en, /holds the CA of the server's certificate \(corp\.pem\)/, line);
    t.is(finding.remedy.command, `openssl rehash ${folder}`);
    t.is(finding.confidence, 'proven');
  }
  const failed =
    'ssl.SSLCertVerificationError: certificate verify failed: unable to get local issuer certificate';
  const variables = { SSL_CERT_DIR: `/nonexistent:${folder}` };
  t.regex(of('python3 x.py', variables, failed).because.en, /SSL_CERT_DIR .*corp\.pem/);
  t.is<Finding, Finding>(of('python3 x.py', variables, `requests.exceptions.SSLError: ${failed}`), untrusted);
  t.is<Finding, Finding>(of('node x.js', variables, failed), untrusted, 'it goes by no such folder');
  renameSync(join(folder, 'corp.pem'), join(folder, '1a2b3c4d.0'));
  t.is<Finding, Finding>(of('curl --capath @ https://shop.test/'), untrusted, 'it was found');
});
