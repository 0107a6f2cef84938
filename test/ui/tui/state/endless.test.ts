import test from 'ava';
import { loadReadings } from '../../../../src/analysis/conversation/conversation.ts';
import { SecretHunt } from '../../../../src/analysis/secrets/secret-hunt.ts';
import type { Topology } from '../../../../src/capture/event.ts';
import { Flows } from '../../../../src/capture/flows.ts';
import { NewestClosed } from '../../../../src/capture/event-releaser.ts';
import { Steps } from '../../../../src/capture/steps.ts';
import { loadExplanations } from '../../../../src/presentation/conversation/explain.ts';
import { loadWireReading } from '../../../../src/presentation/refusals.ts';
import { readAt } from '../../../../src/ui/tui/state/reading.ts';
import { placeOf, startModel, withPlace } from '../../../../src/ui/tui/state/model.ts';
import type { Model } from '../../../../src/ui/tui/state/model.ts';
import { RunState } from '../../../../src/ui/tui/state/run-state.ts';
import { update } from '../../../../src/ui/tui/state/update.ts';
import { view } from '../../../../src/ui/tui/view.ts';
import { textOf } from '../support/driver.ts';
import { allShown } from '../../../helpers/shown.ts';
import { ScriptedLog, present } from '../../../helpers/capture.ts';

const topology: Topology = {
  participants: [
    { name: 'client', role: 'client' },
    { name: 'proxy', role: 'proxy', kind: 'plaintext' },
    { name: 'server', role: 'server' },
  ],
  wires: [
    { hop: 'A', from: 'client', to: 'proxy', protocol: 'tcp' },
    { hop: 'B', from: 'proxy', to: 'server', protocol: 'tcp' },
  ],
};

/** A proxy on the screen, without the proxy and without the terminal. */
function screen(mostClosed: number, maxPayload?: number) {
  const scripted = new ScriptedLog({ endless: true, ...(maxPayload === undefined ? {} : { maxPayload }) });
  const { log } = scripted;
  const flows = new Flows(log);
  const hunt = new SecretHunt([]);
  const closed = new NewestClosed(log, flows, mostClosed);
  const scene = new RunState({
    flows,
    shown: allShown,
    hunt,
    steps: new Steps(),
    isVisited: true,
    isEndless: true,
    findingsOf: () => [],
    plan: [],
    secrets: new Map(),
    typed: () => [],
  });
  let model: Model = startModel({
    size: { columns: 100, rows: 30 },
    language: 'en',
    ascii: true,
    modes: [{ name: 'proxy', title: { en: '', ko: '' }, comparable: '' }],
    mode: 'proxy',
  });
  [model] = update(model, { type: 'session', mode: 'proxy', scene });
  log.subscribe((event) => {
    flows.fold(event);
    [model] = update(model, { type: 'captured', scene, events: [event] });
    closed.fold(event);
  });
  log.append({ type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology });
  log.append({ type: 'note', part: 'intro', text: { en: 'A proxy', ko: '프록시' } });
  const visit = (conn: number): void => {
    scripted.opened(conn);
    scripted.bytes('client', `GET /${conn} HTTP/1.1\r\nHost: shop\r\n\r\n`, { conn });
    scripted.closed('client', 'end', conn);
  };
  return {
    scripted,
    log,
    flows,
    scene,
    closed,
    visit,
    get model() {
      return model;
    },
    set model(changed: Model) {
      model = changed;
    },
  };
}

const viewOf = (model: Model): string => {
  update(model, { type: 'frame' });
  return textOf(view(model));
};

test.before(async () => {
  await Promise.all([loadReadings(), loadExplanations(), loadWireReading()]);
});

test('the screen of a proxy keeps the newest connections that are over, and says how many older ones it does not', (t) => {
  const shown = screen(200);
  for (let conn = 1; conn <= 3000; conn++) shown.visit(conn);
  const { scene, flows, log, closed } = shown;
  t.is(flows.connections.length, 200);
  t.is(closed.forgotten, 2800);
  t.true(log.keptEvents <= 2 + 3 * 200, `${log.keptEvents} events are kept`);
  t.true(scene.stops.length <= 1101);
  t.is(scene.stops.length - 1 + scene.gone, 3000);
  t.is(scene.stops[0]?.kind, 'intro');
  const place = placeOf(shown.model);
  t.is(scene.stops[place.stop]?.conn, 3000, 'who watches the present sees the newest');
  t.regex(
    viewOf(shown.model),
    new RegExp(`${String(scene.gone).replace(/(?=...$)/, ',')} older connections are not kept`),
  );
});

test('who looks at an earlier visitor stays with him while older ones go, and is at the oldest when he goes too', (t) => {
  const shown = screen(5000);
  for (let conn = 1; conn <= 1100; conn++) shown.visit(conn);
  t.is(shown.scene.gone, 100, 'some have gone');
  const at = shown.scene.stops.findIndex(({ conn }) => conn === 450);
  shown.model = withPlace(shown.model, { stop: at });
  for (let conn = 1101; conn <= 1400; conn++) shown.visit(conn);
  t.is(shown.scene.stops[placeOf(shown.model).stop]?.conn, 450);
  t.is(present(readAt(shown.model)).rows.at(1)?.message.title.en, 'GET /450');
  for (let conn = 1401; conn <= 1600; conn++) shown.visit(conn);
  const { stop } = placeOf(shown.model);
  t.is(stop, 1);
  t.true((shown.scene.stops[stop]?.conn ?? 0) > 450);
  t.notThrows(() => viewOf(shown.model));
});

test('a visitor whose connection is not kept any more is shown without what was said', (t) => {
  const shown = screen(10);
  for (let conn = 1; conn <= 100; conn++) shown.visit(conn);
  shown.model = withPlace(shown.model, { stop: 3 });
  const look = present(readAt(shown.model));
  t.is(look.stop?.conn, 3);
  t.is(look.rows.length, 0, 'nobody else is shown in his place');
  t.notThrows(() => viewOf(shown.model));
});

test('of a long conversation that is looked at the first and the newest messages are there, and how many are not', (t) => {
  const shown = screen(10);
  shown.scripted.opened(1);
  for (let at = 0; at < 6000; at++)
    shown.scripted.bytes('client', `GET /${at} HTTP/1.1\r\nHost: shop\r\n\r\n`);
  const { scene } = shown;
  const read = (): readonly { readonly title: { readonly en: string } }[] => {
    const connection = present(shown.flows.connection(1));
    scene.look((readings) => readings.messages(connection));
    while (scene.isReading) scene.readOn();
    return scene.readings.messages(connection);
  };
  const titles = read().map(({ title }) => title.en);
  t.true(titles.length <= 2048);
  t.deepEqual(titles.slice(0, 3), ['TCP opened', 'GET /0', 'GET /1']);
  t.is(titles.at(-1), 'GET /5999');
  const older = present(titles.find((title) => title.includes('not kept')));
  t.is(Number(/^([\d,]+)/.exec(older)?.[1]?.replaceAll(',', '')) + titles.length - 1, 6001);
});

test('what the log of a screen lets go of is no longer in memory, not uncaptured', (t) => {
  const shown = screen(10, 200_000);
  shown.scripted.opened(1);
  for (let at = 0; at < 3000; at++)
    shown.scripted.bytes('client', `line ${at} of something that nobody knows\n`);
  const connection = present(shown.flows.connection(1));
  t.true(
    connection.stream('wire', 'client').chunks.length < 1000,
    'chunks that nobody can read are gone too',
  );
  const titles = shown.scene.look((readings) => readings.messages(connection).map(({ title }) => title.en));
  t.true(titles.includes('no longer in memory'));
  t.false(titles.includes('not captured'));
});
