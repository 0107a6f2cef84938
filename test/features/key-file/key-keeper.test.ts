import { mkdtempSync, readdirSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { keepKey } from '../../../src/features/key-file/key-keeper.ts';
import { isOpenToOthers, permissionText, readersOf } from '../../../src/pki/keystore/key-file.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';

const kept = { name: 'shop', key: 'the text of a private key\n' };

test('the readers of a key file are reported, and it is deleted afterwards', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-keeper-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  t.deepEqual(keepKey(kept, 0o600, folder), {
    kind: 'key-file',
    key: 'shop',
    permissions: '-rw-------',
    mode: '0600',
    group: false,
    others: false,
    accepted: true,
  });
  t.deepEqual(keepKey(kept, 0o644, folder), {
    kind: 'key-file',
    key: 'shop',
    permissions: '-rw-r--r--',
    mode: '0644',
    group: true,
    others: true,
    accepted: false,
  });
  t.deepEqual(keepKey(kept, 0o640, folder), {
    kind: 'key-file',
    key: 'shop',
    permissions: '-rw-r-----',
    mode: '0640',
    group: true,
    others: false,
    accepted: false,
  });
  t.deepEqual(readdirSync(folder), []);
  t.throws(() => keepKey(kept, 0o600, join(folder, 'missing')), { code: 'ENOENT' });
});

test('writing without reading opens a key to others too: another can be put in its place', (t) => {
  t.true(isOpenToOthers(0o602));
  t.true(isOpenToOthers(0o620));
  t.false(isOpenToOthers(0o100600));
  t.deepEqual(readersOf(0o602), { group: false, others: false });
});

withPeer('ls', 'permissions are written as ls writes them', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-keeper-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'key');
  writeFileSync(file, '');
  for (const mode of [0o600, 0o644, 0o640, 0o400, 0o755, 0o602, 0o777, 0o000]) {
    chmodSync(file, mode);
    const { stdout } = await runProgram('ls', ['-l', file]);
    t.is(stdout.slice(0, 10), permissionText(mode));
  }
});
