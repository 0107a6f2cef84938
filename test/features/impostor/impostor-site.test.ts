/** The impostor: it looks like the shop, admits every login, and stores what was typed. */
import { randomBytes } from 'node:crypto';
import test from 'ava';
import { startImpostor } from '../../../src/features/impostor/impostor-site.ts';
import { encodeLoginForm, formContentType } from '../../../src/peers/site/form.ts';
import { logIn } from '../../../src/peers/client/log-in.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { openShop } from '../support/shop.ts';

const accept = { security: 'plain', listen: { host: '127.0.0.1', port: 0 }, clock: systemClock } as const;
const form = { username: '앨리스 & co', password: 'tiger-lily%', rrn: '900101-1234567' };

test('a login is recorded as typed, the client is admitted, and the next report starts empty', async (t) => {
  const impostor = await startImpostor({ accept, random: (length) => randomBytes(length) });
  t.teardown(async () => impostor.close(0));
  const log = new CaptureLog({ clock: systemClock });
  const login = await logIn({
    who: 'alice',
    dial: { security: 'plain', to: impostor.address, clock: systemClock },
    host: 'shop.localhost',
    user: form.username,
    password: form.password,
    rrn: form.rrn,
    log,
  });
  t.like(login, { outcome: 'admitted', user: form.username });
  t.deepEqual(impostor.report(), {
    kind: 'taken',
    connections: 1,
    requests: 2,
    logins: [{ user: form.username, password: form.password, rrn: form.rrn }],
  });
  t.deepEqual(impostor.report(), { kind: 'taken', connections: 0, requests: 0, logins: [] });
});

test('stored logins are bounded', async (t) => {
  const impostor = await startImpostor({ accept, random: (length) => randomBytes(length) });
  t.teardown(async () => impostor.close(0));
  const url = `http://127.0.0.1:${impostor.address.port}/login`;
  for (let count = 0; count < 105; count++)
    await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'Content-Type': formContentType },
      body: encodeLoginForm(form),
    });
  const { logins, requests } = impostor.report();
  t.is(requests, 105);
  t.is(logins.length, 100);
});

withPeer('curl', 'its login page is the shop’s, byte for byte', async (t) => {
  const impostor = await startImpostor({ accept, random: (length) => randomBytes(length) });
  t.teardown(async () => impostor.close(0));
  const { server } = await openShop(t, 'plain');
  const pages = await Promise.all(
    [impostor.address, server.address].map(async ({ port }) =>
      runProgram('curl', ['--silent', '--show-error', `http://127.0.0.1:${port}/login`]),
    ),
  );
  t.is(pages[0]?.stdout, pages[1]?.stdout);
  t.regex(pages[0]?.stdout ?? '', /<form/);
});
