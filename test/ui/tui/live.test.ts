/**
 * The demonstrations on real sockets, as a person goes through them by pressing one key. `WIRELAB_RECORD=1` keeps the
 * logs of these walks for the tests that play them again.
 */
import test from 'ava';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demonstrations, live, recorded } from './support/scenes.ts';
import { writeRecording } from './support/recording.ts';

for (const name of demonstrations) {
  test(`${name} is walked from the introduction to the verdict, and comes out as it was recorded`, async (t) => {
    const { driver, log, stage } = live(name, { size: { columns: 120, rows: 40 } });
    t.teardown(async () => stage.close());
    await driver.settled();
    const stops = [driver.stop];
    while (!driver.stop.startsWith('verdict')) {
      await driver.press('space').settled();
      stops.push(driver.stop);
    }
    if (process.env['WIRELAB_RECORD'] === '1') writeRecording(name, log.events);
    t.is(driver.scene.verdict?.status, 'passed');
    t.is(stops.length, driver.scene.planned);

    const again = recorded(name).driver;
    const played = [again.stop];
    while (!again.stop.startsWith('verdict')) played.push(again.press('space').stop);
    t.deepEqual(stops, played);
    t.deepEqual(
      driver.scene.verdict?.findings.map(({ expectation, status }) => `${status} ${expectation}`),
      again.scene.verdict?.findings.map(({ expectation, status }) => `${status} ${expectation}`),
    );
  });
}

test('a run that cannot begin says why, at the start and behind a key', async (t) => {
  // A folder cannot lie below a file.
  const certificates = join(fileURLToPath(import.meta.url), 'certs');
  const { driver: first, stage } = live('tls', { certificates });
  t.teardown(async () => stage.close());
  await first.until(({ model }) => model.sessions['tls']?.state === 'failed');
  t.regex(first.screen(), /could not start/);
  t.regex(first.screen(), /wirelab: /);

  const { driver, stage: other } = live('plaintext', { certificates });
  t.teardown(async () => other.close());
  await driver.settled();
  driver.press('2');
  await driver.until(({ model }) => model.sessions['tls']?.state === 'failed');
  t.is(driver.model.mode, 'tls');
  t.regex(driver.screen(), /could not start/);
  driver.press('1');
  t.is(driver.stop, 'intro');
});

test('a manual connection is shown, beside the commands that made it', async (t) => {
  const { driver, log, stage } = live('plaintext', { hold: true, size: { columns: 120, rows: 40 } });
  t.teardown(async () => stage.close());
  await driver.settled();
  while (!driver.stop.startsWith('verdict')) await driver.press('space').settled();
  const [way] = driver.scene.ways;
  const port = Number(/http:\/\/[^:/]+:(\d+)/.exec(way?.curl ?? '')?.[1]);
  t.true(port > 0, way?.curl);
  t.regex(driver.screen(), /> sh customer/);
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  await driver.until(({ stop }) => stop === 'visitor');
  socket.end('GET /a-visit HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n');
  const { conn } = driver.look.stop ?? {};
  await driver.until(() => log.events.some((event) => event.type === 'closed' && event.conn === conn));
  t.regex(driver.screen(), /visitor, connection \d+/);
  t.regex(driver.screen(), /GET \/a-visit/);
  t.is(driver.press('b').stop, 'verdict');
});

test('r while a step runs ends that run; its later events are ignored', async (t) => {
  const { driver, stage } = live('plaintext');
  t.teardown(async () => stage.close());
  await driver.settled();
  const before = driver.scene;
  driver.press('space', 'space', 'r');
  await driver.until(({ scene }) => scene !== before);
  await driver.settled();
  t.is(driver.stop, 'intro');
  while (!driver.stop.startsWith('verdict')) await driver.press('space').settled();
  t.is(driver.scene.verdict?.status, 'passed');
  t.is(driver.scene.stops.length, driver.scene.planned);
});

test('1 2 3 show the same login in all three ways, on real sockets', async (t) => {
  const { driver, stage } = live('plaintext', { size: { columns: 120, rows: 40 } });
  t.teardown(async () => stage.close());
  await driver.settled();
  for (let count = 0; count < 4; count++) await driver.press('space').settled();
  t.is(driver.stop, 'reveal through-a-proxy');
  t.is((await driver.press('2').settled()).stop, 'reveal sealed-login');
  t.is((await driver.press('3').settled()).stop, 'reveal alice-1.3');
  t.regex(driver.screen(), /wire A SEALED/);
  t.is((await driver.press('1').settled()).stop, 'reveal through-a-proxy');
});

for (const [name, stop, through, opens] of [
  ['tls', 3, 'sealed-login', 'question second-hop'],
  ['tls', 4, 'second-hop', 'reveal second-hop'],
  ['tls', 7, 'unknown-ca', 'verdict'],
  ['mtls', 5, 'alice-1.2', 'question nobody-1.3'],
  ['mtls', 0, undefined, 'intro'],
] as const)
  test(`a show that opens at stop ${stop + 1} of ${name} has run what lies before, and goes on from there`, async (t) => {
    const { driver, stage } = live(name, {
      goal: { mode: name, stop },
      ...(through === undefined ? {} : { through }),
    });
    t.teardown(async () => stage.close());
    // On the way there a key does nothing.
    driver.press('space');
    await driver.settled();
    t.is(driver.stop, opens);
    t.is(driver.press('b').stop === opens, stop === 0);
    await driver.press(...(stop === 0 ? [] : ['space'])).settled();
    t.is(driver.stop, opens);
    while (!driver.stop.startsWith('verdict')) await driver.press('space').settled();
    t.is(driver.scene.verdict?.status, 'passed');
    t.is(driver.scene.stops.length, driver.scene.planned);
  });
