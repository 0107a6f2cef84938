/** The picture of a page in the README: that it can be drawn at any time, from a run that really happens. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { committed, drawPage } from '../../helpers/page-picture.ts';
import { withPeer } from '../../helpers/peer.ts';

/** As a PNG says: https://www.w3.org/TR/png-3/#11IHDR */
const sizeOf = (png: Buffer): readonly [width: number, height: number] => [
  png.readUInt32BE(16),
  png.readUInt32BE(20),
];

test('the picture of a page is small, and the README shows it', (t) => {
  const readme = readFileSync(resolve(committed, '../../README.md'), 'utf8');
  t.regex(readme, /^!\[[^\]]{20,}\]\(docs\/page\.png\)$/m);
  t.true(readFileSync(committed).length < 400_000);
});

withPeer('chromium', 'a page is drawn from a run, as large as the one that is committed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-picture-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'page.png');
  await drawPage(file);
  const [drawn, before] = [readFileSync(file), readFileSync(committed)];
  t.deepEqual(sizeOf(drawn), sizeOf(before));
  // An empty page is a fiftieth of it.
  t.true(drawn.length > before.length / 2, `${drawn.length} bytes`);
});
