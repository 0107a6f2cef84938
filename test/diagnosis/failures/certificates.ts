/** The certificates of the failures: one of each fault, issued when this file is loaded, in a folder that goes with the process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/clock.ts';
import { issueTexts } from '../../../src/pki/ca/issue.ts';
import type { CertificateRow } from '../../../src/pki/ca/recipe.ts';
import { makeKey } from '../../../src/pki/ca/sign.ts';
import { toPem } from '../../../src/pki/keystore/pem.ts';
import { craft, mustStaple, ofPublicCa, onlyBelow } from '../../pki/support/craft.ts';
import { atExit } from '../../helpers/at-exit.ts';

const server: CertificateRow = {
  profile: 'server',
  issuer: 'ca',
  subject: { CN: 'localhost', O: 'Example' },
  san: ['DNS:localhost', 'DNS:shop.localhost', 'IP:127.0.0.1', 'IP:::1'],
};
const client: CertificateRow = { profile: 'client', issuer: 'clients', subject: { CN: 'alice' } };
const root = { CN: 'Example Root', O: 'Example' };

const { texts } = issueTexts(
  {
    certificates: {
      ca: { profile: 'root', subject: root },
      twin: { profile: 'root', subject: root },
      other: { profile: 'root', subject: { CN: 'Elsewhere Root', O: 'Elsewhere' } },
      intermediate: {
        profile: 'intermediate',
        issuer: 'ca',
        subject: { CN: 'Example Issuing CA', O: 'Example' },
      },
      // As it was before it was made anew.
      'intermediate-before': {
        profile: 'intermediate',
        issuer: 'ca',
        subject: { CN: 'Example Issuing CA', O: 'Example' },
      },
      'intermediate-expired': {
        profile: 'intermediate',
        issuer: 'ca',
        subject: { CN: 'Example Old CA', O: 'Example' },
        flaws: ['expired'],
      },
      'stale-ca': { profile: 'root', subject: { CN: 'Stale Root' } },
      server,
      'server-expired': { ...server, flaws: ['expired'] },
      'server-not-yet': { ...server, flaws: ['not-yet-valid'] },
      'server-other-name': { ...server, flaws: ['wrong-name'] },
      'server-no-address': { ...server, san: ['DNS:localhost'] },
      'server-self-signed': { ...server, flaws: ['self-signed'] },
      'server-other': { ...server, issuer: 'other' },
      'server-made-to-order': {
        ...server,
        issuer: 'other',
        san: ['DNS:localhost', 'DNS:shop.localhost', 'DNS:another.invalid'],
      },
      'server-of-others': { ...server, issuer: 'other', san: ['DNS:router.example'] },
      'server-twin': { ...server, issuer: 'twin' },
      'server-long': { ...server, issuer: 'intermediate' },
      'server-below-expired': { ...server, issuer: 'intermediate-expired' },
      'server-usage': { ...server, flaws: ['wrong-usage'] },
      'server-revoked': { ...server, flaws: ['revoked'] },
      'server-stale': { ...server, issuer: 'stale-ca' },
      'server-weak': { ...server, flaws: ['weak-key'] },
      'server-sha1': { ...server, key: 'RSA-2048', flaws: ['weak-signature'] },
      'server-rsa': { ...server, key: 'RSA-2048' },
      'server-as-ca': { ...server, flaws: ['ca-as-leaf'] },
      'server-bad-signature': { ...server, flaws: ['bad-signature'] },
      'server-yesterday': { ...server, validity: { from: '-2d', to: '-1d' } },
      clients: { profile: 'root', subject: { CN: 'Client CA' } },
      'clients-intermediate': {
        profile: 'intermediate',
        issuer: 'clients',
        subject: { CN: 'Client Issuing CA' },
      },
      'server-issuing': { ...server, keyUsage: ['digitalSignature', 'keyCertSign'] },
      'server-below-server': { ...server, issuer: 'server-issuing', flaws: ['leaf-as-ca'] },
      'stale-clients': { profile: 'root', subject: { CN: 'Stale Client CA' } },
      'client-stale': { ...client, issuer: 'stale-clients' },
      'client-weak': { ...client, flaws: ['weak-key'] },
      client,
      'client-other': { ...client, issuer: 'other' },
      'client-expired': { ...client, flaws: ['expired'] },
      'client-not-yet': { ...client, flaws: ['not-yet-valid'] },
      'client-usage': { ...client, flaws: ['wrong-usage'] },
      'client-revoked': { ...client, flaws: ['revoked'] },
      'client-self-signed': { ...client, flaws: ['self-signed'] },
      'client-long': { ...client, issuer: 'clients-intermediate' },
      'client-below-issuing': { ...client, issuer: 'intermediate' },
      'client-postgres': { ...client, subject: { CN: 'postgres' } },
    },
    revocations: {
      ca: {},
      clients: {},
      'stale-ca': { flaws: ['crl-expired'] },
      'stale-clients': { flaws: ['crl-expired'] },
    },
  },
  { clock: systemClock },
);

const folder = mkdtempSync(join(tmpdir(), 'wirelab-failures-'));
atExit(() => rmSync(folder, { recursive: true, force: true }));

/** Of a file that lies in the folder: `ca.crt`, `server.key`, `server-long.chain.crt`. */
export const file = (name: string): string => join(folder, name);

/** The same text, for servers of this process. */
export const text = (name: string): string => made[name] ?? '';

const day = 86_400_000;
const [now, keys] = [
  Date.now(),
  { old: makeKey('P-256'), new: makeKey('P-256'), leaf: makeKey('P-256'), limited: makeKey('P-256') },
];
const span = (from: number, to: number) => ({ notBefore: now + from * day, notAfter: now + to * day });
const named = (name: string) => [['CN', name] as const];
const authority = { isCa: true, keyUsage: ['keyCertSign', 'cRLSign'] as const };
const leaf = {
  subject: named('localhost'),
  key: keys.leaf,
  extendedKeyUsage: ['serverAuth'] as const,
  san: ['DNS:localhost', 'IP:127.0.0.1'],
};
const oldRoot = craft({ subject: named('Old Root'), key: keys.old, ...authority, ...span(-4000, -1) });
const newRoot = craft({ subject: named('New Root'), key: keys.new, ...authority, ...span(-400, 4000) });
const crossed = craft({
  subject: named('New Root'),
  key: keys.new,
  issuer: { certificate: oldRoot, key: keys.old },
  ...authority,
  ...span(-400, -1),
  serial: Uint8Array.of(0x77),
});
const limited = (domain: string) =>
  craft({
    subject: named('Limited Root'),
    key: keys.limited,
    ...authority,
    ...span(-400, 4000),
    more: [onlyBelow(domain, true)],
  });
const below = (
  certificate: typeof newRoot,
  key: typeof keys.new,
  more: Partial<Parameters<typeof craft>[0]> = {},
) =>
  craft({ ...leaf, issuer: { certificate, key }, ...span(-10, 300), serial: Uint8Array.of(0x41), ...more });
const remade = (key: typeof keys.new, hasNoKeyId = true) =>
  craft({ subject: named('Remade Root'), key, hasNoKeyId, ...authority, ...span(-400, 4000) });
const stapled = (isDemanded: boolean) =>
  craft({
    ...leaf,
    issuer: { certificate: newRoot, key: keys.new },
    ...span(-10, 300),
    serial: Uint8Array.of(0x42),
    more: isDemanded ? [mustStaple] : [],
  });
/** As a public CA issues it. */
const ofPublic = (extendedKeyUsage: readonly ('serverAuth' | 'clientAuth')[], serial: number) =>
  craft({
    ...leaf,
    extendedKeyUsage,
    issuer: { certificate: newRoot, key: keys.new },
    ...span(-10, 80),
    serial: Uint8Array.of(serial),
    more: [ofPublicCa],
  });
const lasting = craft({
  ...leaf,
  issuer: { certificate: newRoot, key: keys.new },
  ...span(-10, 1200),
  serial: Uint8Array.of(0x45),
});
/** Only its common name is the name of the server. */
const nameless = craft({
  subject: named('localhost'),
  key: keys.leaf,
  extendedKeyUsage: ['serverAuth'] as const,
  issuer: { certificate: newRoot, key: keys.new },
  ...span(-10, 80),
  serial: Uint8Array.of(0x46),
});
/** An intermediate CA that is renewed with the same key. */
const issuing = (from: number, to: number) =>
  craft({
    subject: named('Renewed Issuing CA'),
    key: keys.limited,
    issuer: { certificate: newRoot, key: keys.new },
    ...authority,
    ...span(from, to),
    serial: Uint8Array.of(0x78),
  });
const leafKey = keys.leaf.export({ type: 'pkcs8', format: 'pem' }).toString();
const pem = ({ der }: { readonly der: Uint8Array }): string => toPem('CERTIFICATE', der);

const crafted: Readonly<Record<string, string>> = {
  'remade-old.crt': pem(remade(keys.old)),
  'remade.crt': pem(remade(keys.new)),
  'named.crt': pem(remade(keys.new, false)),
  'server-remade.crt': pem(below(remade(keys.new), keys.new)),
  'server-remade.key': leafKey,
  'server-named.crt': pem(below(remade(keys.new, false), keys.new)),
  'server-named.key': leafKey,
  'server-altered.crt': pem(below(remade(keys.new, false), keys.new, { broken: true })),
  'server-altered.key': leafKey,
  'server-address-as-name.crt': pem(below(remade(keys.new), keys.new, { san: ['DNS:127.0.0.1'] })),
  'server-address-as-name.key': leafKey,
  'old-root.crt': pem(oldRoot),
  'new-root.crt': pem(newRoot),
  'root-and-issuing-before.crt': pem(newRoot) + pem(issuing(-400, -1)),
  'server-renewed-issuing.chain.crt': pem(below(issuing(-2, 400), keys.limited)) + pem(issuing(-2, 400)),
  'server-renewed-issuing.key': leafKey,
  'server-below-old-root.crt': pem(below(oldRoot, keys.old)),
  'ca-and-expired.crt': `${texts['ca.crt']}${texts['intermediate-expired.crt']}`,
  'server-crossed.chain.crt': pem(below(newRoot, keys.new)) + pem(crossed),
  'limited-to-localhost.crt': pem(limited('localhost')),
  'limited-to-example.crt': pem(limited('example.test')),
  'server-limited.crt': pem(below(limited('localhost'), keys.limited)),
  'server-stapled.crt': pem(stapled(true)),
  'server-stapled.key': leafKey,
  'client-of-public-ca.crt': pem(ofPublic(['serverAuth'], 0x43)),
  'client-of-public-ca.key': leafKey,
  'client-of-public-ca-before.crt': pem(ofPublic(['serverAuth', 'clientAuth'], 0x44)),
  'client-of-public-ca-before.key': leafKey,
  'server-nameless.crt': pem(nameless),
  'server-nameless.key': leafKey,
  'server-lasting.crt': pem(lasting),
  'server-lasting.key': leafKey,
  'server-unstapled.crt': pem(stapled(false)),
  'server-unstapled.key': leafKey,
  'server-crossed.key': leafKey,
  'server-limited.key': leafKey,
  'server-long-bare.crt': texts['server-long.crt'] ?? '',
  'server-long-bare.key': texts['server-long.key'] ?? '',
  'server-long-before.chain.crt': `${texts['server-long.crt']}${texts['intermediate-before.crt']}`,
  'server-long-before.key': texts['server-long.key'] ?? '',
  'server-long-disordered.key': texts['server-long.key'] ?? '',
  'hosts-one': '127.0.0.1 both.example\n',
  'hosts-both': '127.0.0.1 both.example\n::1 both.example\n',
  'clients-both.crt': `${texts['clients.crt']}${texts['clients-intermediate.crt']}`,
  // As some tools concatenate them: the CA first, and a stray certificate in the middle.
  'server-long-disordered.chain.crt': `${texts['server-long.crt']}${texts['other.crt']}${texts['intermediate.crt']}`,
};

const made: Readonly<Record<string, string>> = { ...texts, ...crafted };
for (const [name, content] of Object.entries(made)) writeFileSync(file(name), content, { mode: 0o644 });
