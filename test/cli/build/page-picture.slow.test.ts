/** The picture of a page in the README: that it can be drawn at any time, from a run that really happens. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { runProgram, withPeer } from '../../helpers/peer.ts';

const root = resolve(import.meta.dirname, '../../../..');

/** As a PNG says: https://www.w3.org/TR/png-3/#11IHDR */
function sizeOf(png: Buffer): readonly [width: number, height: number] {
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

test('the picture that is committed is small, and the README shows it', (t) => {
  t.regex(readFileSync(join(root, 'README.md'), 'utf8'), /^!\[[^\]]{20,}\]\(docs\/page\.png\)$/m);
  t.true(readFileSync(join(root, 'docs/page.png')).length < 400_000);
});

withPeer('chromium', 'a page is drawn from a run, as large as the one that is committed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-picture-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'new', 'page.png');
  const { exitCode, stdout, stderr } = await runProgram(
    process.execPath,
    [join(root, 'dist/src/cli/build/page-picture.js'), file],
    { cwd: folder },
  );
  t.is(exitCode, 0, stderr);
  t.is(stdout, '');
  const [drawn, committed] = [readFileSync(file), readFileSync(join(root, 'docs/page.png'))];
  t.deepEqual(sizeOf(drawn), sizeOf(committed));
  // An empty page is a fiftieth of it.
  t.true(drawn.length > committed.length / 2, `${drawn.length} bytes`);
});
