/** That a lab is up: who answers proves the token, a second one is not let in beside it, and what is left of a dead one counts for nothing. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../src/i18n/user-error.ts';
import { askUp, claimFolder, demandFree } from '../../../src/labs/hold/claim.ts';
import type { UpAnswer } from '../../../src/labs/hold/claim.ts';
import { giveId, stateOf } from '../../../src/labs/state.ts';
import '../../helpers/state-home.ts';

const said: UpAnswer = { ports: { bank: 4711 }, seen: [], issued: ['00'] };

function labFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-claim-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, '.wirelab'));
  giveId(folder);
  return folder;
}

const placeOf = (folder: string): string => join(stateOf(folder), 'up.json');

test('a running lab responds, and no longer when it has ended', async (t) => {
  const folder = labFolder(t);
  t.is(await askUp(folder), undefined);
  const release = await claimFolder(folder, () => said);
  t.deepEqual(await askUp(folder), { pid: process.pid, answer: said });
  t.is(statSync(placeOf(folder)).mode & 0o777, 0o600);
  const error = await t.throwsAsync(demandFree(folder), { instanceOf: UserError });
  t.regex(error.facts.remedy?.en ?? '', new RegExp(`kill ${process.pid}`));
  await t.throwsAsync(
    claimFolder(folder, () => said),
    { instanceOf: UserError },
  );
  release();
  t.is(await askUp(folder), undefined);
  await t.notThrowsAsync(demandFree(folder));
});

test('a lab that is busy for longer than an answer may take has not gone: a check hears it', async (t) => {
  const folder = labFolder(t);
  const release = await claimFolder(folder, () => {
    // Nothing of this process runs meanwhile, as where it gets no processor.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5500);
    return said;
  });
  t.deepEqual(await askUp(folder), { pid: process.pid, answer: said });
  release();
});

test('of many that come at once one gets the folder', async (t) => {
  const folder = labFolder(t);
  const claims = await Promise.allSettled(
    Array.from({ length: 8 }, async () => claimFolder(folder, () => said)),
  );
  const got = claims.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  t.is(got.length, 1);
  for (const one of claims) if (one.status === 'rejected') t.true(one.reason instanceof UserError);
  t.deepEqual((await askUp(folder))?.answer, said);
  for (const release of got) release();
});

test('another program on the port, without the token, is not the lab, whatever it responds', async (t) => {
  const folder = labFolder(t);
  const release = await claimFolder(folder, () => said);
  const place = JSON.parse(readFileSync(placeOf(folder), 'utf8')) as {
    readonly port: number;
    readonly token: string;
  };
  for (const answer of [
    '',
    '{}',
    'null',
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    `${JSON.stringify({ answer: JSON.stringify(said), proof: '0'.repeat(64) })}\n`,
  ]) {
    const impostor = createServer((socket) => void socket.on('error', () => {}).end(answer)).listen(
      0,
      '127.0.0.1',
    );
    await once(impostor, 'listening');
    writeFileSync(
      placeOf(folder),
      JSON.stringify({ ...place, pid: process.pid, port: (impostor.address() as AddressInfo).port }),
    );
    t.is((await askUp(folder))?.answer, undefined, answer);
    impostor.close();
  }
  for (const text of ['', '{', 'null', '{"pid":0,"port":1,"token":"x"}']) {
    writeFileSync(placeOf(folder), text);
    t.is(await askUp(folder), undefined, text);
  }
  release();
});

test('a request without the token, or one that is too long, has no response', async (t) => {
  const folder = labFolder(t);
  const release = await claimFolder(folder, () => said);
  t.teardown(release);
  const { port } = JSON.parse(readFileSync(placeOf(folder), 'utf8')) as { readonly port: number };
  for (const question of [
    'GET / HTTP/1.1\r\n\r\n',
    '{}\n',
    `${JSON.stringify({ challenge: 'x', proof: '0'.repeat(64) })}\n`,
    'x'.repeat(100_000),
  ]) {
    const socket = connect({ host: '127.0.0.1', port });
    let heard = '';
    socket.on('data', (bytes) => (heard += bytes.toString())).on('error', () => {});
    socket.write(question);
    await new Promise((closed) => socket.on('close', closed));
    t.is(heard, '', question.slice(0, 40));
  }
  t.deepEqual((await askUp(folder))?.answer, said);
});
