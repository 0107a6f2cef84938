/** A run that is shared, as its presenter starts it and as its viewers are served. */
import { readFileSync } from 'node:fs';
import { get, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { connect } from 'node:tls';
import test from 'ava';
import { start } from '../../../helpers/running.ts';
import { until } from '../../../helpers/until.ts';
import { askWirelab, certificatesFolder } from '../../../helpers/wirelab.ts';
import { performed } from '../../../ui/tui/support/performed.ts';
import type { LiveUpdate } from '../../../../src/ui/html/live/format.ts';
import { ask } from '../../../helpers/ask-http.ts';
import { Viewer } from './support.ts';

const updateOf = ({ data }: { readonly data: string }): LiveUpdate => JSON.parse(data) as LiveUpdate;

test('without a screen the address is said, the page has the run, and a signal ends it', async (t) => {
  const run = start(t, ['run', 'plaintext', '--no-tui', '--share']);
  const { child, exit } = run;
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await run.until(/^Verdict: PASSED /m);
  const [, url = ''] = /^viewers follow at (http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/)$/m.exec(said) ?? [];
  const viewer = new Viewer(`${url}events`);
  await viewer.until((event) => updateOf(event).order.includes('result'));
  const { status, body, headers } = await ask(url);
  t.is(status, 200);
  t.regex(body, /<section id="result"/);
  t.regex(body, /tiger-lily/);
  t.notRegex(String(headers['content-security-policy']), /unsafe/);
  t.regex((await ask(`${url}bytes`)).body, /bytes-items-0/);
  child.kill('SIGTERM');
  await viewer.until(({ name }) => name === 'end');
  t.deepEqual([...(await exit)], [143, null]);
});

test('viewers follow the screen: its steps, back, and what it masks', async (t) => {
  const show = await performed(t, { scenario: 'tls', words: ['--share'] });
  const { shared } = show.loop.model;
  const url = shared?.urls[0] ?? '';
  const viewer = new Viewer(`${url}events`);
  const place = (section: string, isEnd: boolean) => (event: { readonly data: string }) => {
    const { place: at } = updateOf(event);
    return at.section === section && at.isEnd === isEnd;
  };
  await viewer.until(place('intro', false));
  await show.press(' ');
  await viewer.until(place('step-1', false));
  await show.press(' ');
  // The count of stops may come a moment after the end.
  const revealed = await viewer.until(
    (event) =>
      place('step-1', true)(event) && /^1\. .+ \(3 of 8\)$/.test(updateOf(event).place.words[0] ?? ''),
  );
  t.false(updateOf(revealed).isMasked);
  viewer.events.length = 0;
  await show.press('m');
  const masked = updateOf(await viewer.until((event) => updateOf(event).isMasked));
  t.true(masked.sections.length > 0);
  t.notRegex((await ask(url)).body, /tiger-lily/);
  viewer.events.length = 0;
  await show.press('b');
  await viewer.until(place('step-1', false));
  await show.leave();
  await viewer.until(({ name }) => name === 'end');
  t.pass();
});

test('over TLS the page is served under a certificate of the workshop’s CA, and not without', async (t) => {
  const { child } = start(t, ['run', 'plaintext', '--no-tui', '--share', '--share-tls']);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdout.resume();
  await until(() => /trust .*\n/.test(said));
  const [url = ''] = /https:\S+/.exec(said) ?? [];
  const file = join(certificatesFolder, 'workshop', 'workshop-server-ca.crt');
  t.true(said.includes(file));
  const ca = readFileSync(file);
  const [response] = (await once(get(url, { ca, agent: false }), 'response')) as [IncomingMessage];
  t.is(response.resume().statusCode, 200);
  const viewer = new Viewer(`${url}events`, { ca }, request);
  await viewer.until((event) => updateOf(event).order.includes('result'));
  viewer.close();
  const { port } = new URL(url);
  const old = connect({
    host: '127.0.0.1',
    port: Number(port),
    ca,
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
  });
  const [error] = (await once(old, 'error')) as [Error];
  t.truthy(error);
  await t.throwsAsync(once(get(url, { agent: false }), 'response'), { message: /certificate/ });
});

test('an address that is taken or is none ends with 2, before anything runs', async (t) => {
  const { child } = start(t, ['run', 'plaintext', '--no-tui', '--share']);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdout.resume();
  await until(() => said.includes('/\n'));
  const { host } = new URL(/http:\S+/.exec(said)?.[0] ?? '');
  const taken = await askWirelab(['run', 'plaintext', '--no-tui', '--share', host]);
  t.is(taken.exitCode, 2);
  t.is(taken.stdout, '');
  t.regex(taken.stderr, /in use/);
  for (const wrong of ['127.0.0.1:70000', 'a:b:1', '70000', ':']) {
    const none = await askWirelab(['run', 'plaintext', '--no-tui', '--share', wrong]);
    t.is(none.exitCode, 2);
    t.regex(none.stderr, /invalid value for --share[^]*expected: HOST:PORT/, wrong);
  }
  t.is((await askWirelab(['run', 'plaintext', '--share-tls'])).exitCode, 2);
});
