/** Files that a command names: whether they are there, and hold what they are named for. */
import test from 'ava';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrivateKey } from 'node:crypto';
import { systemClock } from '../../../src/core/clock.ts';
import { authoritiesAmong, faultyFiles } from '../../../src/diagnosis/command/files.ts';
import type { NamedFile } from '../../../src/diagnosis/programs/program.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { writePkcs12 } from '../../../src/pki/keystore/pkcs12.ts';

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' } },
      me: { profile: 'client', issuer: 'ca', subject: { CN: 'me' } },
    },
  },
  { clock: systemClock },
);
const { key } = world.identity('me');
const folder = mkdtempSync(join(tmpdir(), 'wirelab-named-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const ca = file('ca.crt', world.certificate('ca'));
const me = file('me.crt', world.certificate('me'));
const meKey = file('me.key', key);
const [der = new Uint8Array()] = pemCertificates(world.certificate('ca'));
const store = file(
  'me.p12',
  writePkcs12({
    chain: pemCertificates(world.certificate('me')),
    key: createPrivateKey(key),
    password: 'secret',
    name: 'me',
  }),
);

const faultIn = (named: Pick<NamedFile, 'path' | 'kind'> & Partial<NamedFile>): string | undefined =>
  faultyFiles([{ by: '--x', isVariable: false, ...named }])[0]?.fault;

test('what is there and right has no fault', (t) => {
  t.is(faultIn({ path: ca, kind: 'authorities' }), undefined);
  t.is(faultIn({ path: me, kind: 'certificate' }), undefined);
  t.is(faultIn({ path: meKey, kind: 'key' }), undefined);
  t.is(faultIn({ path: store, kind: 'certificate', store: { password: 'secret' } }), undefined);
});

test('each fault', (t) => {
  t.is(faultIn({ path: join(folder, 'none'), kind: 'authorities' }), 'missing');
  t.is(faultIn({ path: join(ca, 'below'), kind: 'authorities' }), 'missing');
  t.is(faultIn({ path: folder, kind: 'authorities' }), 'unreadable');
  t.is(faultIn({ path: file('empty', ''), kind: 'authorities' }), 'empty');
  t.is(faultIn({ path: meKey, kind: 'authorities' }), 'no_certificate');
  t.is(faultIn({ path: file('text', 'hello'), kind: 'certificate' }), 'no_certificate');
  t.is(faultIn({ path: file('ca.der', der), kind: 'authorities' }), 'not_pem');
  t.is(faultIn({ path: me, kind: 'key' }), 'no_key');
  t.is(faultIn({ path: store, kind: 'certificate', store: { password: 'other' } }), 'wrong_password');
});

test('what cannot be told of a file is no fault of it', (t) => {
  for (const path of ['pkcs11:token=x', '-', '/dev/fd/63', '/dev/null'])
    t.is(faultIn({ path, kind: 'certificate' }), undefined, path);
  t.is(faultIn({ path: store, kind: 'certificate', store: { password: undefined } }), undefined);
  t.is(
    faultIn({
      path: file('own.jks', new Uint8Array([0xfe, 0xed, 0xfe, 0xed])),
      kind: 'certificate',
      store: { password: 'x' },
    }),
    undefined,
    'of Java alone',
  );
});

test('the file with CAs among the words of a program of which no more is known', (t) => {
  t.is(authoritiesAmong(['./mine', 'https://x/', ca, me])?.path, ca);
  t.is(authoritiesAmong(['./mine', `--ca=${ca}`])?.path, ca);
  t.is(authoritiesAmong(['./mine', me, meKey]), undefined, 'a certificate of its own');
  t.is(authoritiesAmong(['./mine', ca, file('other.crt', world.certificate('ca'))]), undefined, 'which one?');
});
