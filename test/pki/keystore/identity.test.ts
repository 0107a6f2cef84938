import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { UserError } from '../../../src/i18n/user-error.ts';
import { loadAuthorities, loadIdentity, loadRevocations } from '../../../src/pki/keystore/identity.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' } },
      middle: { profile: 'intermediate', issuer: 'ca', subject: { CN: 'Middle' } },
      shop: { profile: 'server', issuer: 'middle', subject: { CN: 'shop' } },
    },
    revocations: { ca: {} },
  },
  { clock: { now: Date.now } },
);
const folder = mkdtempSync(join(tmpdir(), 'wirelab-identity-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const shop = world.identity('shop');
const encrypted = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
  .toString();
const files: Readonly<Record<string, string>> = {
  'shop.crt': shop.certificate,
  'shop.key': shop.key,
  'ca.crt': world.authority('ca'),
  'ca.key': world.identity('ca').key,
  'ca.crl': world.crl('ca') ?? '',
  'both.pem': `${shop.key}${shop.certificate}`,
  'empty.pem': '',
  'words.pem': 'hello\n',
  'cut.crt': shop.certificate.replace(/^(.*\n.*\n)[^-]*/, '$1'),
  'cut.key': shop.key.replace(/\n[^-]{20}/, '\n'),
  'locked.key': encrypted,
  'crlf.crt': shop.certificate.replaceAll('\n', '\r\n'),
  'crlf.key': shop.key.replaceAll('\n', '\r\n'),
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
const path = (name: string): string => join(folder, name);

test('a chain and its key are loaded as they are, from one file too, and with the line ends of Windows', (t) => {
  t.deepEqual(loadIdentity({ certFile: path('shop.crt'), keyFile: path('shop.key') }), shop);
  t.is(loadIdentity({ certFile: path('both.pem'), keyFile: path('both.pem') }).key, files['both.pem'] ?? '');
  t.notThrows(() => loadIdentity({ certFile: path('crlf.crt'), keyFile: path('crlf.key') }));
  t.deepEqual(loadAuthorities(path('ca.crt')), [world.authority('ca')]);
  t.deepEqual(loadAuthorities(path('shop.crt')), [world.certificate('shop'), world.certificate('middle')]);
  t.deepEqual(loadRevocations(path('ca.crl')), [world.crl('ca') ?? '']);
});

const mistakes: readonly [title: string, run: () => unknown, file: string, words: RegExp][] = [
  [
    'a file that is not there',
    () => loadIdentity({ certFile: path('none'), keyFile: path('shop.key') }),
    'none',
    /cannot be read/,
  ],
  ['a folder', () => loadAuthorities(folder), '', /cannot be read/],
  [
    'an empty file',
    () => loadIdentity({ certFile: path('empty.pem'), keyFile: path('shop.key') }),
    'empty.pem',
    /no certificate/,
  ],
  ['no PEM', () => loadAuthorities(path('words.pem')), 'words.pem', /no certificate/],
  [
    'a key as certificate',
    () => loadIdentity({ certFile: path('shop.key'), keyFile: path('shop.key') }),
    'shop.key',
    /no certificate/,
  ],
  [
    'a certificate as key',
    () => loadIdentity({ certFile: path('shop.crt'), keyFile: path('shop.crt') }),
    'shop.crt',
    /no PRIVATE KEY/,
  ],
  [
    'a certificate cut short',
    () => loadIdentity({ certFile: path('cut.crt'), keyFile: path('shop.key') }),
    'cut.crt',
    /damaged/,
  ],
  [
    'a key with a hole',
    () => loadIdentity({ certFile: path('shop.crt'), keyFile: path('cut.key') }),
    'cut.key',
    /damaged/,
  ],
  [
    'a key with a passphrase',
    () => loadIdentity({ certFile: path('shop.crt'), keyFile: path('locked.key') }),
    'locked.key',
    /passphrase/,
  ],
  [
    'somebody else’s key',
    () => loadIdentity({ certFile: path('shop.crt'), keyFile: path('ca.key') }),
    'ca.key',
    /does not match/,
  ],
  ['a certificate as revocation list', () => loadRevocations(path('ca.crt')), 'ca.crt', /no X509 CRL/],
];

for (const [title, run, file, words] of mistakes) {
  test(`a mistake that names its file: ${title}`, (t) => {
    const error = t.throws(run, { instanceOf: UserError });
    t.true(error?.facts.where?.includes(path(file)), error?.facts.where);
    t.regex(error?.facts.what.en ?? '', words);
    t.regex(error?.facts.what.ko ?? '', /[가-힣]/);
  });
}

// Root may read everything.
if (process.getuid?.() !== 0) {
  test.serial('a file that may not be read', (t) => {
    writeFileSync(path('secret.key'), shop.key);
    chmodSync(path('secret.key'), 0);
    t.throws(() => loadIdentity({ certFile: path('shop.crt'), keyFile: path('secret.key') }), {
      instanceOf: UserError,
    });
  });
}
