/**
 * Three hosts in network namespaces: a site, a router that translates addresses, a client; tcpdump at both ends, and `inspect` of both
 * files. Needs root, or a machine that lets a user make namespaces.
 */
import type { ExecutionContext } from 'ava';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withPeer } from '../../helpers/peer.ts';
import type { Permission } from '../../helpers/peer.ts';
import { askWirelab, mainFile, wirelabEnvironment } from '../../helpers/wirelab.ts';

const programs = ['ip', 'tcpdump', 'nft'];

/** Of this process alone, so that runs beside each other do not meet. */
const names = ['client', 'router', 'site'].map((name) => `wl${process.pid}-${name}`);
const [client = '', router = '', site = ''] = names;

const namespaces: Permission = {
  name: 'network namespaces',
  isGranted: () =>
    spawnSync('ip', ['netns', 'add', `wl${process.pid}-try`]).status === 0 &&
    spawnSync('ip', ['netns', 'del', `wl${process.pid}-try`]).status === 0,
};

const ip = (...words: string[]): string => execFileSync('ip', words, { encoding: 'utf8' });
const inside = (name: string, ...words: string[]): string => ip('netns', 'exec', name, ...words);

function build(t: ExecutionContext): void {
  t.teardown(() => {
    for (const name of names) spawnSync('ip', ['netns', 'del', name]);
  });
  for (const name of names) {
    ip('netns', 'add', name);
    ip('-n', name, 'link', 'set', 'lo', 'up');
  }
  for (const [end, own, peer, host] of [
    [client, 'c0', 'r0', '10.77.1'],
    [site, 's0', 'r1', '10.77.2'],
  ] as const) {
    ip('link', 'add', own, 'netns', end, 'type', 'veth', 'peer', 'name', peer, 'netns', router);
    ip('-n', end, 'addr', 'add', `${host}.2/24`, 'dev', own);
    ip('-n', router, 'addr', 'add', `${host}.1/24`, 'dev', peer);
    ip('-n', end, 'link', 'set', own, 'up');
    ip('-n', router, 'link', 'set', peer, 'up');
    ip('-n', end, 'route', 'add', 'default', 'via', `${host}.1`);
  }
  inside(router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  inside(router, 'nft', 'add table ip nat');
  inside(router, 'nft', 'add chain ip nat out { type nat hook postrouting priority 100; }');
  inside(router, 'nft', 'add rule ip nat out oifname r1 masquerade');
}

/** Runs in a namespace until the test ends; resolves once it has printed that. */
async function running(
  t: ExecutionContext,
  name: string,
  words: readonly string[],
  until: RegExp,
): Promise<ChildProcess> {
  const child = spawn('ip', ['netns', 'exec', name, ...words], { env: wirelabEnvironment() });
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  await new Promise<void>((done, fail) => {
    const onText = (text: Buffer): void => {
      said += text.toString();
      if (until.test(said)) done();
    };
    child.stdout.on('data', onText);
    child.stderr.on('data', onText);
    child.once('close', () => fail(new Error(said)));
  });
  return child;
}

/** With every packet in its file at once. */
const dump = (path: string, device: string): string[] => [
  'tcpdump',
  '--immediate-mode',
  '-U',
  '-n',
  '-i',
  device,
  '-w',
  path,
];

async function ended(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGINT');
  await closed;
}

/** As if the clock of that host were fast. */
function movedBy(seconds: number, path: string): Buffer {
  const bytes = readFileSync(path);
  for (let at = 24; at + 16 <= bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) {
    const microseconds = bytes.readUInt32LE(at) * 1e6 + bytes.readUInt32LE(at + 4) + seconds * 1e6;
    bytes.writeUInt32LE(Math.floor(microseconds / 1e6), at);
    bytes.writeUInt32LE(microseconds % 1e6, at + 4);
  }
  return bytes;
}

interface Line {
  readonly kind: string;
  readonly seen?: readonly { readonly client: { readonly host: string } }[];
  readonly differences?: unknown;
  readonly files?: readonly { readonly clock: { readonly ahead: number; readonly uncertainty: number } }[];
}

withPeer(
  programs,
  'what tcpdump wrote at both ends of a translated path is one connection, by one clock',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'wirelab-hosts-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    build(t);
    const wirelab = [process.execPath, mainFile];
    const password = ['--password', 'made-up'];
    const listen = ['--listen', '10.77.2.2:8080', '--unsafe-listen'];
    await running(t, site, [...wirelab, 'serve-site', '--plain', ...listen, ...password], /may log in/);
    const paths = ['client.pcap', 'site.pcap'].map((name) => join(folder, name));
    const [one = '', other = ''] = paths;
    const dumps = [
      await running(t, client, dump(one, 'c0'), /listening on/),
      await running(t, site, dump(other, 's0'), /listening on/),
    ];
    const login = spawnSync(
      'ip',
      ['netns', 'exec', client, ...wirelab, 'login', 'http://10.77.2.2:8080', '--unsafe-target'],
      { env: wirelabEnvironment({ WIRELAB_PASSWORD: 'made-up' }), encoding: 'utf8' },
    );
    t.is(login.status, 0, login.stdout + login.stderr);
    for (const child of dumps) await ended(child);
    writeFileSync(other, movedBy(3.2, other));

    const { exitCode, stdout, stderr } = await askWirelab(['inspect', '--json', one, other]);
    t.is(exitCode, 0, stderr);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const streams = lines.filter(({ kind }) => kind === 'stream');
    t.is(streams.length, 1);
    t.deepEqual(
      streams[0]?.seen?.map((place) => place.client.host),
      ['10.77.1.2', '10.77.2.1'],
    );
    t.is(streams[0]?.differences, undefined);
    const { ahead = 0, uncertainty = Infinity } = lines.at(-1)?.files?.[1]?.clock ?? {};
    // Both namespaces have the clock of this machine.
    t.true(Math.abs(ahead - 3_200_000) <= uncertainty + 1, `${ahead} ± ${uncertainty}`);
    t.true(uncertainty < 100_000, String(uncertainty));
  },
  namespaces,
);
