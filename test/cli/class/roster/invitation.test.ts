/** The file of an invitation: what is written is read, and anything else is refused by name. */
import test from 'ava';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../../src/i18n/user-error.ts';
import { invitationText, readInvitation } from '../../../../src/cli/class/roster/invitation.ts';
import { withPeer, runProgram } from '../../../helpers/peer.ts';
import { folderFor, invited } from './support.ts';

test('an invitation is read as it was written, and only its owner may read it', async (t) => {
  const folder = folderFor(t);
  const [anna] = await invited(folder, ['anna'], { port: 9000 });
  if (!anna) return void t.fail();
  t.like(anna, { learner: 'anna', server: { host: '127.0.0.1', port: 9000 } });
  const file = join(folder, 'anna.pem');
  t.is(readFileSync(file, 'utf8'), invitationText(anna));
  if (process.platform !== 'win32') t.is(statSync(file).mode & 0o777, 0o600);
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\n', '\r\n'));
  t.deepEqual(readInvitation(file), anna);
});

test('what is no invitation, or no longer one, is named', async (t) => {
  const folder = folderFor(t);
  const [anna, bin] = await invited(folder, ['anna', 'bin']);
  if (!anna || !bin) return void t.fail();
  const whole = invitationText(anna);
  const bad: Readonly<Record<string, string>> = {
    empty: '',
    text: 'hello',
    'a certificate': anna.identity.certificate,
    'without head': whole.slice(whole.indexOf('-----BEGIN')),
    'without server': whole.replace(/^server: .*\n/m, ''),
    'without key': invitationText({ ...anna, identity: { ...anna.identity, key: '' } }),
    'without authority': invitationText({ ...anna, authority: '' }),
    'two authorities': `${whole}${bin.authority}`,
    'the key of another': invitationText({ ...anna, identity: { ...anna.identity, key: bin.identity.key } }),
    'the name of another': invitationText({ ...anna, learner: 'bin' }),
    'no address': whole.replace(/^server: .*$/m, 'server: http://x/'),
    'port 0': whole.replace(/^server: .*$/m, 'server: 127.0.0.1:0'),
    large: whole + ' '.repeat(70_000),
  };
  const file = join(folder, 'bad.pem');
  for (const [name, text] of Object.entries(bad)) {
    writeFileSync(file, text);
    const error = t.throws(() => readInvitation(file), { instanceOf: UserError }, name);
    t.is(error?.facts.where?.split(':')[0], file, name);
  }
  t.throws(() => readInvitation(folder), { instanceOf: UserError });
  t.throws(() => readInvitation(join(folder, 'none.pem')), { instanceOf: UserError });
  // Up to the end of its last block.
  for (let end = 0; end < whole.trimEnd().length; end += 7) {
    writeFileSync(file, whole.slice(0, end));
    t.throws(() => readInvitation(file), { instanceOf: UserError }, `cut after ${end}`);
  }
});

withPeer('openssl', 'openssl reads an invitation as it is', async (t) => {
  const folder = folderFor(t);
  await invited(folder, ['anna']);
  const file = join(folder, 'anna.pem');
  const shown = await runProgram('openssl', [
    'x509',
    '-in',
    file,
    '-noout',
    '-subject',
    '-ext',
    'extendedKeyUsage',
  ]);
  t.is(shown.exitCode, 0, shown.stderr);
  t.regex(shown.stdout, /CN ?= ?anna[^]*TLS Web Client Authentication/);
  const verified = await runProgram('openssl', [
    'verify',
    '-purpose',
    'sslclient',
    '-CAfile',
    join(folder, 'class', 'class-client-ca.crt'),
    file,
  ]);
  t.is(verified.exitCode, 0, verified.stdout + verified.stderr);
});
