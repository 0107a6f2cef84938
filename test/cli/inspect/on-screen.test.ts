/** A capture file on the screen: each connection is a stop; what only the endpoints know is said to be unknown. */
import test from 'ava';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectWords } from '../../tui/support/performed.ts';
import { runWirelab } from '../../helpers/wirelab.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-inspect-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

for (const [language, unknown] of [['en', /not known: only the/], ['ko', /알 수 없음/]] as const) {
  test(`TLS with its secrets: sealed at first, open with k, and nobody knows what the endpoints did (${language})`, async (t) => {
    const path = join(folder, `${language}.pcapng`);
    t.is((await runWirelab(['run', 'tls', '--json', '-w', path, '--with-secrets'])).exitCode, 0);
    const screen = await inspectWords(t, [path], { language, columns: 120, rows: 40 });
    await screen.until((text) => /ClientHello/.test(text) && unknown.test(text));
    t.notRegex(await screen.until(/ApplicationData/), /POST \/login/);
    await screen.press('k');
    await screen.until(/POST \/login/);
    await screen.press('q');
    t.is(await screen.ended, 0);
  });
}

test('a file of another kind is told before there is a screen', async (t) => {
  await t.throwsAsync(inspectWords(t, [join(folder, 'none')]), { message: /no such file/ });
});
