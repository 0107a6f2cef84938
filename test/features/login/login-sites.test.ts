/**
 * A server with sites: who asks for a name is shown what belongs to it, who asks for none or for another what is shown to
 * everybody; sites that speak TLS in another way have ports of their own. Looked at by our own client and by openssl.
 */
import test from 'ava';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { UserError } from '../../../src/i18n/user-error.ts';
import { features } from '../../../src/features/registry.ts';
import type { RunningScenario } from '../../../src/engine/run.ts';
import { addressFor } from '../../../src/peers/site/address.ts';
import { compileScenario } from '../../../src/engine/compile.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import {
  compiled,
  perform,
  recipeFolders,
  removeWorldFolder,
  root,
  worldFolder,
  worldOf,
} from '../../engine/support/demonstration.ts';

test.after.always(removeWorldFolder);

/** Runs `look` while the sites are up; no step of the scenario is run before it. */
async function whileUp(
  look: (running: RunningScenario) => Promise<void>,
): Promise<Awaited<ReturnType<typeof perform>>> {
  const scenario = await compiled('bad-sites');
  scenario.file.steps = scenario.file.steps.filter(({ id }) => id === 'good');
  return perform(scenario, { meanwhile: look });
}

async function shownTo(servername: string, address: { host: string; port: number }): Promise<string> {
  const socket = connectTls({ ...address, ...(servername ? { servername } : {}), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

test('by the name that is asked for, in any case; everybody else is shown the server’s own', async (t) => {
  const world = await worldOf(await compiled('bad-sites'));
  await whileUp(async ({ addresses }) => {
    const address = addresses.get('sites') ?? { host: '', port: 0 };
    for (const [name, row] of [
      ['expired.bad.localhost', 'expired'],
      ['EXPIRED.bad.localhost', 'expired'],
      ['ecc384.bad.localhost', 'ecc384'],
      ['no-such-site.bad.localhost', 'good'],
      ['bad.localhost', 'good'],
      ['', 'good'],
    ] as const) {
      t.is(await shownTo(name, address), world?.summary(row).sha256 ?? '', name);
    }
    const apart = addressFor(addresses, { to: 'sites', site: 'rsa2048' });
    t.not(apart?.port, address.port);
    t.is(await shownTo('rsa2048.bad.localhost', apart ?? address), world?.summary('rsa2048').sha256 ?? '');
    t.is(addressFor(addresses, { to: 'sites', site: 'expired' })?.port, address.port);
  });
});

test('what is no TLS, a hello cut short and a name of nonsense leave the sites up', async (t) => {
  const { statuses } = await whileUp(async ({ addresses }) => {
    const address = addresses.get('sites') ?? { host: '', port: 0 };
    const hello = Buffer.from('16030100050100000100', 'hex');
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      hello,
      hello.subarray(0, 3),
      Buffer.alloc(0),
      Buffer.alloc(300, 0xff),
    ]) {
      const socket: Socket = connect(address.port, address.host);
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.end(bytes);
      socket.resume();
      await once(socket, 'close');
    }
    t.truthy(await shownTo(`${'a'.repeat(60)}.bad.localhost`, address));
  });
  t.is(statuses['good-good/admitted'], 'met');
});

withPeer(
  'openssl',
  'openssl finds each site as it is meant: expired, of one version, with a small group',
  async (t) => {
    const world = await worldOf(await compiled('bad-sites'));
    const authority = join(await worldFolder(), 'bad-sites-root.pem');
    await writeFile(authority, world?.certificate('bad-sites-root') ?? '');
    await whileUp(async ({ addresses }) => {
      const ask = async (site: string, ...more: string[]): Promise<string> => {
        const address = addressFor(addresses, { to: 'sites', site });
        const { stdout, stderr } = await runProgram('openssl', [
          's_client',
          '-connect',
          `127.0.0.1:${address?.port ?? 0}`,
          '-servername',
          `${site}.bad.localhost`,
          '-CAfile',
          authority,
          ...more,
        ]);
        return stdout + stderr;
      };
      t.regex(await ask('good'), /Verify return code: 0 \(ok\)/);
      t.regex(await ask('expired'), /Verify return code: 10 /);
      t.regex(await ask('incomplete-chain'), /Verify return code: 2[01] /);
      t.regex(await ask('tls-1-0', '-tls1', '-cipher', 'DEFAULT@SECLEVEL=0'), /Protocol *: TLSv1\b(?!\.)/);
      t.regex(await ask('tls-1-3'), /TLSv1\.3/);
      t.regex(await ask('tls-1-3', '-tls1_2'), /alert protocol version/);
      t.regex(await ask('null', '-cipher', 'NULL@SECLEVEL=0'), /ECDHE-ECDSA-NULL-SHA/);
      t.regex(await ask('dh1024', '-cipher', 'DHE@SECLEVEL=0'), /DH, 1024 bits/);
      t.regex(await ask('dh2048'), /DH, 2048 bits/);
      t.regex(
        await ask('static-rsa', '-cipher', 'AES128-GCM-SHA256'),
        /Cipher(?: is|    :) AES128-GCM-SHA256/,
      );
    });
  },
);

withPeer('curl', 'a manual connection to a site is seen on its wire', async (t) => {
  const { log } = await whileUp(async (running) => {
    const ways = await running.openForManualUse();
    t.is(ways.length, 5);
    t.true(ways.every(({ hop }) => hop === 'A'));
    const way = ways.find(({ to }) => to === 'ecc384');
    t.regex(way?.curl ?? '', /https:\/\/ecc384\.bad\.localhost:\d+\/login/);
    const port = /localhost:(\d+)\/login/.exec(way?.curl ?? '')?.[1];
    const { exitCode } = await runProgram('curl', [
      '-sk',
      '--resolve',
      `ecc384.bad.localhost:${port}:127.0.0.1`,
      `https://ecc384.bad.localhost:${port}/`,
    ]);
    t.is(exitCode, 0);
  });
  const last = log.events.findLast((event) => event.type === 'secured');
  t.is(last?.type === 'secured' ? last.side : undefined, 'server');
});

test('a site that the server does not have, and an expectation for one that is not requested, are errors', async (t) => {
  const { readFile, mkdtemp, rm, copyFile } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const source = await readFile(join(root, 'scenarios', 'bad-sites', 'scenario.yaml'), 'utf8');
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-sites-'));
  t.teardown(async () => rm(folder, { recursive: true, force: true }));
  for (const file of ['en.md', 'ko.md', 'predictions.yaml'])
    await copyFile(join(root, 'scenarios', 'bad-sites', file), join(folder, file));
  for (const [from, to, what] of [
    ['sites: [revoked]', 'sites: [revokd]', /unknown site/],
    ['for: [cbc]', 'for: [good]', /does not use this client or site/],
    ['for: [cbc]', 'for: [cbcc]', /unknown client or site/],
  ] as const) {
    t.true(source.includes(from));
    await writeFile(join(folder, 'scenario.yaml'), source.replace(from, to));
    const error = await t.throwsAsync(compileScenario(features, folder, { recipeFolders }));
    const said =
      error instanceof UserError
        ? error.facts.what.en
        : JSON.stringify(error, (_, value: unknown) => value) + String(error);
    t.regex(said, what);
  }
});
