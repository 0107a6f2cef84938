import test from 'ava';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../src/i18n/user-error.ts';
import { takeTurn } from '../../../src/pki/keystore/turn.ts';

test('who waits in vain learns which process has the turn, and has it when that gives it back', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-turn-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const lock = join(folder, 'lock');
  const release = await takeTurn(lock);
  const error = await t.throwsAsync(takeTurn(lock, 20), { instanceOf: UserError });
  t.is(error.facts.received, `process ${process.pid}`);
  t.is(error.facts.where, lock);
  const waiting = takeTurn(lock);
  release();
  (await waiting)();
});
