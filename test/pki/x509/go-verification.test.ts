/** What Go says of a server's chain: kubectl is a program of Go's, and says it itself. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { goRefusal } from '../../../src/pki/x509/go-verification.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';

const leaf = {
  profile: 'server',
  issuer: 'ca',
  subject: { CN: 'gate.shop.svc' },
  san: ['DNS:gate.shop.svc'],
} as const;
const ca = { profile: 'root', subject: { CN: 'ca', O: 'Shop' } } as const;

const world = issueWorld(
  {
    certificates: {
      ca,
      'ca-again': ca,
      'ca-expired': { ...ca, subject: { CN: 'expired' }, flaws: ['expired'] },
      'rsa-ca': { ...ca, subject: { CN: 'rsa' }, key: 'RSA-2048' },
      'rsa-ca-again': { ...ca, subject: { CN: 'rsa' }, key: 'RSA-2048' },
      'p256-named-rsa': { ...ca, subject: { CN: 'rsa' } },
      'edwards-ca': { ...ca, subject: { CN: 'edwards' }, key: 'Ed25519' },
      'edwards-ca-again': { ...ca, subject: { CN: 'edwards' }, key: 'Ed25519' },
      other: { profile: 'root', subject: { CN: 'other' } },
      middle: { profile: 'intermediate', issuer: 'ca', subject: { CN: 'middle' } },
      gate: leaf,
      wildcard: { ...leaf, san: ['DNS:*.shop.svc'] },
      'other-name': { ...leaf, san: ['DNS:gate', 'DNS:gate.shop', 'IP:127.0.0.1'] },
      'only-cn': { ...leaf, san: [] },
      'another-cn': { ...leaf, subject: { CN: 'gate' }, san: [] },
      address: { ...leaf, san: ['IP:127.0.0.1'] },
      client: { ...leaf, profile: 'client' },
      old: { ...leaf, flaws: ['expired'] },
      early: { ...leaf, flaws: ['not-yet-valid'] },
      'old-and-other': { ...leaf, san: ['DNS:gate'], flaws: ['expired'] },
      alone: { ...leaf, flaws: ['self-signed'] },
      'by-expired': { ...leaf, issuer: 'ca-expired' },
      'by-rsa': { ...leaf, issuer: 'rsa-ca' },
      'by-edwards': { ...leaf, issuer: 'edwards-ca' },
      'by-middle': { ...leaf, issuer: 'middle' },
      'by-middle-alone': { ...leaf, issuer: 'middle', flaws: ['missing-intermediate'] },
      forged: { ...leaf, flaws: ['bad-signature'] },
    },
  },
  { clock: systemClock },
);

/** What is presented, whom the client trusts, and, if it is not gate.shop.svc, which name it wants. */
const rows: readonly (readonly [row: string, trusted: readonly string[], name?: string])[] = [
  ['gate', ['ca']],
  ['gate', ['other', 'ca']],
  ['gate', ['other']],
  ['gate', ['ca-again']],
  ['gate', ['gate']],
  ['gate', ['middle']],
  ['wildcard', ['ca']],
  ['wildcard', ['ca'], 'a.gate.shop.svc'],
  ['other-name', ['ca']],
  ['other-name', ['ca'], '10.0.0.1'],
  ['only-cn', ['ca']],
  ['another-cn', ['ca']],
  ['address', ['ca']],
  ['gate', ['ca'], '127.0.0.1'],
  ['client', ['ca']],
  ['old', ['ca']],
  ['old', ['other']],
  ['early', ['ca']],
  ['old-and-other', ['other']],
  ['alone', ['ca']],
  ['alone', ['alone']],
  ['by-expired', ['ca-expired']],
  ['by-rsa', ['rsa-ca-again']],
  ['by-rsa', ['p256-named-rsa']],
  ['by-edwards', ['edwards-ca-again']],
  ['by-middle', ['ca']],
  ['by-middle', ['ca-again']],
  ['by-middle-alone', ['ca']],
  ['by-middle-alone', ['middle']],
  ['forged', ['ca']],
];

const pemOf = (row: string): string => world.certificate(row);
const undated = (text: string): string =>
  text.replace(/current time \S+/, 'current time T').replaceAll(/[\d-]{10}T[\d:]{8}Z/g, 'D');

function said(row: string, trusted: readonly string[], hostname: string): string {
  return (
    goRefusal({
      chain: pemCertificates(world.identity(row).certificate),
      roots: trusted.flatMap((one) => pemCertificates(pemOf(one))),
      hostname,
      at: Date.now(),
    }) ?? 'trusted'
  );
}

test('a hundred names are counted, not listed', (t) => {
  const nameOf = (kind: string, count: number): string =>
    goRefusal({
      chain: pemCertificates(
        issueWorld(
          {
            certificates: {
              ca,
              many: {
                ...leaf,
                san: Array.from({ length: count }, (_, at) =>
                  kind === 'DNS' ? `DNS:n${at}.test` : `IP:10.0.0.${at}`,
                ),
              },
            },
          },
          { clock: systemClock },
        ).identity('many').certificate,
      ),
      roots: [],
      hostname: kind === 'DNS' ? 'gate.test' : '10.1.1.1',
      at: Date.now(),
    }) ?? '';
  t.is(nameOf('DNS', 100), 'x509: certificate is valid for 100 names, but none matched gate.test');
  t.is(nameOf('IP', 120), 'x509: certificate is valid for 120 IP SANs, but none matched 10.1.1.1');
  t.regex(nameOf('DNS', 99), /^x509: certificate is valid for n0\.test, n1\.test, .*, not gate\.test$/);
});

withPeer('kubectl', 'every chain is judged as Go judges it, in the same words', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-go-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const otherwise: string[] = [];
  for (const [row, trusted, name = 'gate.shop.svc'] of rows) {
    const { certificate: cert, key } = world.identity(row);
    const server = createServer({ cert, key }, (_, response) => response.end('{}'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    writeFileSync(join(folder, 'ca.crt'), trusted.map(pemOf).join(''));
    const { stdout, stderr } = await runProgram(
      'kubectl',
      [
        `--server=https://127.0.0.1:${port}`,
        '--certificate-authority=ca.crt',
        `--tls-server-name=${name}`,
        '--token=x',
        'get',
        '--raw',
        '/',
      ],
      { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C' } },
    );
    server.close();
    server.closeAllConnections();
    const theirs =
      /tls: failed to verify certificate: (.*)/.exec(stderr)?.[1] ?? (stdout === '{}' ? 'trusted' : stderr);
    const ours = said(row, trusted, name);
    if (undated(ours) !== undated(theirs))
      otherwise.push(`${row}, trusting ${trusted.join(', ')}, as ${name}:\n  Go: ${theirs}\n  we: ${ours}`);
  }
  t.deepEqual(otherwise, []);
});

test('the leaf’s dates come before its names, and these before its issuer', (t) => {
  t.regex(said('old-and-other', ['other'], 'gate.shop.svc'), /^x509: certificate has expired/);
  t.regex(
    said('other-name', ['other'], 'gate.shop.svc'),
    /^x509: certificate is valid for gate, gate\.shop, not/,
  );
  t.is(said('gate', ['other'], 'gate.shop.svc'), 'x509: certificate signed by unknown authority');
});

test('a leaf that cannot be read is no certificate', (t) => {
  t.is(
    goRefusal({ chain: [Uint8Array.of(1, 2)], roots: [], hostname: 'a.test', at: Date.now() }),
    'x509: malformed certificate',
  );
});
