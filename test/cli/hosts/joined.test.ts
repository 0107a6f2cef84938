/** What each of three hosts wrote with `-w`, read together: a login through a proxy is two connections, whoever saw them. */
import test from 'ava';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from '../../helpers/running.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { makeWorld } from '../../wire/support/world.ts';

const world = makeWorld();
const folder = mkdtempSync(join(tmpdir(), 'wirelab-three-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

test('site, proxy and client: two connections, paired by the proxy, opened by the keys of the site', async (t) => {
  const { certificate, key } = world.identity('server');
  const captures = ['site', 'proxy', 'client'].map((name) => join(folder, `${name}.pcapng`));
  const [ofSite = '', ofProxy = '', ofClient = ''] = captures;
  const site = start(t, [
    'serve-site',
    '--listen',
    '127.0.0.1:0',
    '--password',
    'made-up',
    '-w',
    ofSite,
    '--with-secrets',
    '--cert',
    file('server.crt', certificate),
    '--key',
    file('server.key', key),
  ]);
  const [, port = ''] = /listens on 127\.0\.0\.1:(\d+)/.exec(await site.until(/may log in/)) ?? [];
  const proxy = start(t, [
    'proxy',
    '--mode',
    'passthrough',
    '--no-tui',
    '--listen',
    '127.0.0.1:0',
    '--target',
    `127.0.0.1:${port}`,
    '-w',
    ofProxy,
  ]);
  const [, listen = ''] =
    /listening on (127\.0\.0\.1:\d+)/.exec(await proxy.until(/listening on \S+:\d+/)) ?? [];
  const client = await askWirelab(
    [
      'login',
      `https://${listen}`,
      '--servername',
      'shop.localhost',
      '-w',
      ofClient,
      '--cacert',
      file('ca.crt', world.authority('server-ca')),
    ],
    { env: { WIRELAB_PASSWORD: 'made-up' } },
  );
  t.is(client.exitCode, 0, client.stdout + client.stderr);
  await proxy.until(/A #0 closed/);
  await site.until(/A #0 closed/);
  for (const running of [site, proxy]) {
    running.child.kill('SIGTERM');
    await running.exit;
  }

  const { exitCode, stdout, stderr } = await askWirelab(['inspect', '--json', ofClient, ofProxy, ofSite]);
  t.is(exitCode, 0, stderr);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const streams = lines
    .filter(({ kind }) => kind === 'stream')
    .toSorted((one, other) => Number(one['stream']) - Number(other['stream']));
  t.deepEqual(
    streams.map(({ hop, seen, differences }) => [
      hop,
      (seen as { file: number }[]).map((place) => place.file),
      differences,
    ]),
    [
      // The client's file names its wire first; behind the proxy the proxy's does.
      ['A', [0, 1], undefined],
      ['B', [1, 2], undefined],
    ],
  );
  t.true(
    streams.every(({ plaintext }) => plaintext !== undefined),
    'the keys of the site open both',
  );
  // All have the clock of one machine.
  const { files } = lines.at(-1) as { files: { clock?: { ahead: number; uncertainty?: number } }[] };
  for (const { clock } of files)
    t.true(Math.abs(clock?.ahead ?? Infinity) <= (clock?.uncertainty ?? 0), JSON.stringify(clock));
  // What was requested is counted once: the proxy's file says that one is for the other.
  t.is(lines.at(-1)?.['requests'], 2);
  const secrets = lines.filter(({ kind, field }) => kind === 'secret' && field === 'password');
  t.is(secrets.length, 2);
});
