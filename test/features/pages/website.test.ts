import test from 'ava';
import type { ExecutionContext } from 'ava';
import { startWebsite } from '../../../src/features/pages/website.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { withPeer, runProgram } from '../../helpers/peer.ts';
import { allClosed, anyPort, newLog } from '../support/shop.ts';

async function open(t: ExecutionContext) {
  const site = await startWebsite({ accept: { security: 'plain', listen: anyPort, clock: systemClock } });
  t.teardown(async () => {
    await site.close(200);
    await allClosed(site);
  });
  return { site, url: (path: string): string => `http://127.0.0.1:${site.address.port}${path}` };
}

test('what was published is served until it is removed; nothing else is', async (t) => {
  const { site, url } = await open(t);
  const take = site.publish('/a', 'here');
  const got = await fetch(url('/a?x=1'));
  t.deepEqual([got.status, await got.text(), got.headers.get('cache-control')], [200, 'here', 'no-store']);
  t.is((await fetch(url('/b'))).status, 404);
  t.is((await fetch(url('/a/'))).status, 404);
  t.is((await fetch(url('/__proto__'))).status, 404);
  take();
  t.is((await fetch(url('/a'))).status, 404);
  t.is(site.report().requests, 5);
  t.is(site.report().requests, 0);
});

test('nothing can be stored there over HTTP', async (t) => {
  const { url } = await open(t);
  for (const method of ['PUT', 'POST', 'DELETE', 'PATCH']) {
    t.is((await fetch(url('/.well-known/acme-challenge/token'), { method, body: 'mine' })).status, 405);
  }
  t.is((await fetch(url('/.well-known/acme-challenge/token'))).status, 404);
});

withPeer('curl', 'curl gets the file and its head, and an additional listener is tapped', async (t) => {
  const { site } = await open(t);
  site.publish('/a', 'here');
  const log = newLog();
  const listener = await site.openListener({ log, hop: 'C' });
  const words = [
    '--disable',
    '--noproxy',
    '*',
    '--silent',
    '--max-time',
    '10',
    `http://127.0.0.1:${listener.port}/a`,
  ];
  t.is((await runProgram('curl', words)).stdout, 'here');
  t.regex((await runProgram('curl', ['--head', ...words])).stdout, /Content-Length: 4/);
  t.true(log.events.some((event) => event.type === 'bytes' && event.hop === 'C'));
});
