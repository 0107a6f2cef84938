/** Drawing asks and changes nothing: what a frame shows was read before it, in `update`, where runs change and nowhere else. */
import test from 'ava';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sceneOf } from '../../../../src/ui/tui/state/model.ts';
import { update } from '../../../../src/ui/tui/state/update.ts';
import { view } from '../../../../src/ui/tui/view.ts';
import { present } from '../../../helpers/capture.ts';
import { textOf } from '../support/driver.ts';
import { byHand, recorded } from '../support/scenes.ts';

const topology = {
  participants: [
    { name: 'client', role: 'client' },
    { name: 'server', role: 'server' },
  ],
  wires: [{ hop: 'A', from: 'client', to: 'server', protocol: 'http' }],
} as const;
const address = { host: '127.0.0.1', port: 80 };

test('a frame shows what was read for it, and drawing it reads nothing', (t) => {
  const { driver } = byHand([
    { type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology },
    { type: 'opened', conn: 1, hop: 'A', transport: 'tcp', from: { ...address, port: 5000 }, to: address },
    {
      type: 'bytes',
      conn: 1,
      hop: 'A',
      vantage: 'wire',
      from: 'client',
      bytes: Buffer.from('GET /deep HTTP/1.1\r\nHost: shop\r\n\r\n'),
    },
  ]);
  const { model } = driver;
  const scene = present(sceneOf(model));
  t.notRegex(textOf(view(model)), /GET \/deep/);
  t.notRegex(textOf(view(model)), /GET \/deep/, 'nor does drawing twice');
  t.is(scene.readings.reads, 0);
  update(model, { type: 'frame' });
  t.true(scene.readings.reads > 0);
  t.regex(textOf(view(model)), /GET \/deep/);
});

test('however often a screen is drawn, the run behind it stays as it is', (t) => {
  for (const name of ['plaintext', 'tls'] as const) {
    const { driver } = recorded(name);
    for (let stop = ''; stop !== driver.stop; driver.press('space')) {
      stop = driver.stop;
      for (const keys of [[], ['k'], ['t'], ['t', 's']]) {
        driver.press(...keys);
        const first = driver.screen();
        const { scene, model } = driver;
        const [version, reads, size] = [scene.version, scene.readings.reads, scene.readings.size];
        t.is(textOf(view(model)), first);
        t.is(textOf(view({ ...model, size: { columns: 160, rows: 50 } })).length > 0, true);
        t.deepEqual([scene.version, scene.readings.reads, scene.readings.size], [version, reads, size]);
      }
    }
  }
});

/** Where a run is folded, judged and read further. */
const changing = ['update.ts', 'reading.ts', 'run-state.ts'];

test('no source but those of update folds, judges or reads a run', (t) => {
  const root = resolve(import.meta.dirname, '../../../../../src');
  const files = ['ui/tui', 'cli'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const others = files.filter(
    (file) => file.endsWith('.ts') && !changing.some((name) => file === `ui/tui/state/${name}`),
  );
  t.true(others.length > 50);
  for (const file of others)
    t.notRegex(
      readFileSync(join(root, file), 'utf8'),
      /\bscene\??\.(?:fold|finish|look|readOn)\(|readings\.look\(/,
      file,
    );
});
