/** What stands beside a lesson says nothing else than the lesson: no mark, word or cut that takes it back. */
import test from 'ava';
import { liveScenario, recorded } from '../support/scenes.ts';

test('a wire of readable lines with encrypted values in them is called neither readable nor sealed', async (t) => {
  const { driver, stage } = await liveScenario('key-exchange');
  t.teardown(async () => stage.close());
  await driver.settled();
  while (driver.stop !== 'reveal padlock') await driver.press('space').settled();
  t.regex(driver.screen(), /──toy──\[C café\]──>/);
  t.notRegex(driver.screen(), /READABLE|SEALED/);
  t.regex(driver.screen(), /LOCKED alice/);
});

test('a lesson whose claims hold has no line beside it that proves nothing', async (t) => {
  const { driver, stage } = await liveScenario('downgrade');
  t.teardown(async () => stage.close());
  await driver.settled();
  while (driver.stop !== 'reveal honest') await driver.press('space').settled();
  t.notRegex(driver.screen(), /^ \? /m);
  t.notRegex(driver.screen({ columns: 120, rows: 40 }), /^ \? /m);
});

test('a table of refusals that is cut keeps the newest, says how many lines are left out, and z shows them', (t) => {
  const { driver } = recorded('mtls');
  while (driver.stop !== 'reveal revoked-1.2') driver.press('space');
  t.is(driver.look.body, 'matrix');
  const small = driver.screen({ columns: 80, rows: 20 });
  t.regex(small, /^ client +TLS[^]*^ … \d+ more lines: z\s*$[^]*^[ >]alice-revoked +1\.2 /m);
  t.notRegex(small, /^ nobody +1\.3/m);
  t.notRegex(driver.screen({ columns: 120, rows: 40 }), /more lines: z/);
  const whole = driver.press('z').screen({ columns: 80, rows: 30 });
  t.regex(whole, /^ nobody +1\.3[^]*^[ >]alice-revoked +1\.2 /m);
  t.notRegex(whole, /more lines: z/);
});

test('what a refused client had sent is not known where only the wire was seen: that is not nothing', async (t) => {
  const { driver, stage } = await liveScenario('k8s-etcd');
  t.teardown(async () => stage.close());
  await driver.settled();
  while (driver.stop !== 'reveal nothing-at-etcd') await driver.press('space').settled();
  const { model } = driver;
  const { place } = driver.look;
  driver.model = { ...model, places: { ...model.places, [model.mode]: { ...place, body: 'brief' } } };
  t.regex(driver.screen(), /^ sent +not known: only the wire was seen/m);
  t.regex(driver.screen({}, 'ko'), /^ 보낸 것 +알 수 없음: 전송 구간만 보임/m);
});
