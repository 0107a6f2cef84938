/** `wirelab proxy --html`: when the proxy has ended, its connections on both wires are a page; on the screen what is masked stays so. */
import test from 'ava';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../../helpers/running.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { performedProxy } from '../../ui/tui/support/performed.ts';
import { folderFor, login, site } from './support/site.ts';

test('its connections on both wires, with what it was', async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'page.html');
  const words = ['--mode', 'plaintext', '--listen', '127.0.0.1:0', '--target', await site(t), '--http'];
  const proxy = start(t, ['proxy', ...words, '--no-tui', '--html', path]);
  const port = Number(/listening on 127\.0\.0\.1:(\d+)/.exec(await proxy.until(/listening on .*\d;/))?.[1]);
  await login(port);
  await proxy.until(/A #0 closed/);
  proxy.child.kill('SIGINT');
  t.deepEqual(await proxy.exit, [130, null]);
  t.deepEqual(readdirSync(folder), ['page.html']);
  const page = readFileSync(path, 'utf8');
  t.regex(page, /<html lang="en">/);
  t.regex(page, /<h1>.*A plaintext proxy.*<\/h1>/);
  t.true(page.includes(`listening on 127.0.0.1:${port}`));
  t.true(page.includes('class="topology"'));
  for (const id of ['summary', 'connections', 'conversations', 'bytes', 'connection-0', 'connection-1'])
    t.is(page.split(` id="${id}"`).length, 2, id);
  t.true(page.includes('tiger-lily'), 'as in the lines');
});

test('with a filter: what it matches', async (t) => {
  const path = join(folderFor(t), 'page.html');
  const words = ['--mode', 'plaintext', '--listen', '127.0.0.1:0', '--target', await site(t), '--http'];
  const proxy = start(t, [
    'proxy',
    ...words,
    '--no-tui',
    '--filter',
    'path~/kept and wire=A',
    '--html',
    path,
  ]);
  const port = Number(/listening on 127\.0\.0\.1:(\d+)/.exec(await proxy.until(/listening on .*\d;/))?.[1]);
  await login(port, '/other');
  await login(port, '/kept');
  await proxy.until(/#\d+ closed/);
  proxy.child.kill('SIGTERM');
  await proxy.exit;
  const page = readFileSync(path, 'utf8');
  t.true(page.includes('/kept'));
  t.false(page.includes('/other'));
});

test('where nothing ran nothing is written, and that is said; several processes have no page', async (t) => {
  const folder = folderFor(t);
  const taken = await site(t);
  const words = ['proxy', '--mode', 'plaintext', '--target', await site(t), '--no-tui'];
  const busy = await askWirelab([...words, '--listen', taken, '--html', join(folder, 'page.html')]);
  t.is(busy.exitCode, 2);
  t.regex(busy.stderr, /page\.html was not written: no proxy ran/);
  const unwritable = await askWirelab([
    ...words,
    '--listen',
    '127.0.0.1:0',
    '--html',
    join(folder, 'no', 'p'),
  ]);
  t.is(unwritable.exitCode, 2);
  t.is(unwritable.stdout, '');
  t.deepEqual(readdirSync(folder), []);
});

for (const isMasked of [false, true])
  test(`from the screen: secrets are ${isMasked ? 'masked as there' : 'there'}`, async (t) => {
    const path = join(folderFor(t), 'page.html');
    const screen = await performedProxy(t, [
      '--mode',
      'plaintext',
      '--listen',
      '0',
      '--target',
      await site(t),
      '--http',
      '--html',
      path,
    ]);
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(await screen.until(/waiting for a connection/))?.[1]);
    await login(port);
    await screen.until(/POST \/login/);
    if (isMasked) await screen.press('m');
    await screen.press('Q');
    t.is(await screen.ended, 0);
    const page = readFileSync(path, 'utf8');
    t.true(page.includes('POST'));
    t.is(page.includes('tiger-lily'), !isMasked);
  });
