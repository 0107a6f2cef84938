/** Scenarios on three network namespaces, by the real command and by what it is made of. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import { RunOnHosts } from '../../../src/cli/run/on-hosts.ts';
import { findPlaces } from '../../../src/cli/places.ts';
import { worldOf } from '../../../src/cli/run/world.ts';
import type { CaptureEvent } from '../../../src/capture/event.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { readIp, readTcp } from '../../../src/capture/net/ip.ts';
import { ipPacketOf } from '../../../src/capture/net/link-layers.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { standsOf } from '../../../src/cli/run/stands.ts';
import { planScenario } from '../../../src/engine/planning.ts';
import { startScenario } from '../../../src/engine/run.ts';
import type { Verdict } from '../../../src/engine/verdict.ts';
import { features } from '../../../src/features/registry.ts';
import type { ThreeHosts } from '../../../src/wire/hosts/three-hosts.ts';
import { firstDifference } from './replay/support/replayed.ts';
import { readCaptureFile } from '../../capture/support/read.ts';
import { outputValidator } from '../../helpers/output-schema.ts';
import { compiledScenarios } from '../../helpers/compiled.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import type { Permission } from '../../helpers/peer.ts';
import { mainFile, runWirelab, wirelabEnvironment } from '../../helpers/wirelab.ts';

const root = resolve(import.meta.dirname, '../../../..');
const programs = ['unshare', 'nsenter', 'ip', 'tc', 'tcpdump', 'python3'] as const;
const scenarios = ['plaintext', 'tls', 'mtls', 'fake-site', 'redirect', 'downgrade'] as const;
const others = ['client-refusals', 'inspecting-proxy', 'versions', 'metadata', 'bad-sites'] as const;

const succeeds = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;

const mayMakeNamespaces =
  succeeds('unshare', '--net', 'true') || succeeds('unshare', '--map-root-user', '--net', 'true');
const namespaces: Permission = { name: 'network namespaces', isGranted: () => mayMakeNamespaces };

/** Registers a test that needs the programs and the right to make namespaces. */
function withHosts(title: string, run: (t: ExecutionContext) => Promise<void>): void {
  withPeer(programs, title, run, namespaces);
}

/** What delays and loses packets: the kernel, or where it cannot, a program that takes its place. */
function variablesForNetem(): NodeJS.ProcessEnv {
  const probe = 'tc qdisc add dev lo root netem delay 1ms';
  const isThere =
    succeeds('unshare', '--net', 'sh', '-c', probe) ||
    succeeds('unshare', '--map-root-user', '--net', 'sh', '-c', probe);
  const standIn = join(root, 'test/wire/hosts/support');
  return isThere ? {} : { PATH: `${standIn}:${process.env['PATH'] ?? ''}` };
}

const validate = outputValidator();

interface Line {
  readonly kind: string;
  readonly conn?: number;
}

async function runOnHosts(
  t: ExecutionContext,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ readonly lines: readonly Line[]; readonly verdict: Verdict }> {
  const { exitCode, stdout, stderr } = await runWirelab(['run', ...words, '--hosts', 'netns', '--json'], {
    env,
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const verdict = lines.at(-1) as unknown as Verdict;
  const failing = verdict.findings?.filter(({ status }) => status !== 'met');
  t.is(exitCode, 0, `${stderr}${JSON.stringify({ failing, differences: verdict.router?.differences })}`);
  for (const line of lines) if (!validate(line)) t.fail(JSON.stringify(validate.errors));
  return { lines, verdict };
}

for (const name of [...scenarios, ...others]) {
  withHosts(
    `${name} on three hosts: every claim holds in the router's capture, which agrees with the taps`,
    async (t) => {
      const { lines, verdict } = await runOnHosts(t, [name]);
      const { connections = [], differences, packets = 0 } = verdict.router ?? {};
      t.deepEqual(differences, []);
      const opened = lines.filter(({ kind }) => kind === 'opened').map(({ conn }) => conn);
      t.true(opened.length > 2);
      t.deepEqual(
        connections.map(({ conn }) => conn),
        opened,
      );
      t.true(
        packets > (10 * opened.filter((conn) => connections.some((one) => one.conn === conn)).length) / 2,
      );
      t.true(connections.every(({ client, server }) => client.bytes + server.bytes > 0));
    },
  );
}

for (const name of scenarios) {
  withHosts(
    `${name} keeps its verdict on wires that delay by 50 ms and lose 5 % of the packets`,
    async (t) => {
      const { verdict } = await runOnHosts(t, [name, '--delay', '50', '--loss', '5'], variablesForNetem());
      t.deepEqual(verdict.router?.differences, []);
    },
  );
}

withHosts(
  'the file of -w has the packets as they were on the wire: opened, acknowledged, and no larger than the MTU',
  async (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'router.pcapng');
    await runOnHosts(t, ['tls', '--mtu', '576', '-w', file]);
    const { interfaces, packets, keylog, problem } = readCaptureFile(readFileSync(file));
    t.is(problem, undefined);
    t.deepEqual(
      interfaces.map(({ name }) => name),
      ['cafe', 'data-centre'],
    );
    t.deepEqual(keylog, []);
    t.true(packets.every(({ comment }) => comment === undefined));
    const segments = packets.flatMap(({ linkType, bytes }) => {
      const link = ipPacketOf(linkType, bytes);
      const packet = 'ip' in link ? readIp(link.ip) : undefined;
      const segment = packet?.protocol === 6 ? readTcp(packet.payload) : undefined;
      return packet && segment ? [{ length: 'ip' in link ? link.ip.length : 0, ...segment }] : [];
    });
    t.true(segments.some(({ syn, acknowledged }) => syn && acknowledged === undefined));
    t.true(segments.some(({ syn, acknowledged }) => syn && acknowledged !== undefined));
    t.true(segments.some(({ syn, fin, payload }) => !syn && !fin && payload.length === 0));
    t.is(Math.max(...segments.map(({ length }) => length)), 576);
    const withKeys = join(folder, 'keys.pcapng');
    await runOnHosts(t, ['tls', '--with-secrets', '-w', withKeys]);
    t.true(readCaptureFile(readFileSync(withKeys)).keylog.length > 4);
    t.is(statSync(withKeys).mode & 0o777, 0o600);
  },
);

withHosts("the answer of the lying resolver is in the router's capture, and leads to Mallory", async (t) => {
  const file = join(temporaryFolder(t), 'router.pcapng');
  await runOnHosts(t, ['fake-site', '-w', file]);
  const { exitCode, stdout } = await runWirelab(['inspect', file, '--json']);
  t.is(exitCode, 0);
  const dns = stdout.split('\n').filter((line) => line.includes('"answer SRV"'));
  t.true(
    dns.some((line) => line.includes('198.51.100.2')),
    'the truth',
  );
  t.true(
    dns.some((line) => line.includes('192.0.2.1')),
    'the lie',
  );
});

/** Runs a scenario here; `onEvent` may change the network between two events. */
async function runHere(
  t: ExecutionContext,
  name: string,
  stepTimeoutMs: number,
  onEvent: (event: CaptureEvent, three: ThreeHosts) => void,
): Promise<Verdict> {
  const compiled = compiledScenarios().find((one) => one.name === name);
  if (!compiled) throw new Error(`no scenario ${name}`);
  const variables = wirelabEnvironment();
  const places = findPlaces(variables);
  const world = await worldOf(compiled, places);
  const asked = {
    conditions: {},
    standsOf: (plan: Parameters<typeof standsOf>[1]) => {
      const stands = standsOf(features, plan);
      if ('why' in stands) throw new Error(stands.why.en);
      return stands;
    },
  };
  const plan = { ...planScenario(features, compiled), stepTimeoutMs };
  const onHosts = await RunOnHosts.start({ asked, plan, environment: { variables, places }, files: {} });
  t.teardown(async () => onHosts.close());
  const log = new CaptureLog({ clock: systemClock });
  log.subscribe(onHosts.fold);
  log.subscribe((event) => onEvent(event, onHosts.three));
  const running = await startScenario(features, {
    plan: onHosts.plan,
    log,
    clock: systemClock,
    random: (length) => randomBytes(length),
    ...(world ? { world } : {}),
    ...onHosts.options,
    version: '0',
  });
  try {
    await running.runSteps();
  } finally {
    await running.close();
  }
  return onHosts.conclude(world);
}

/** At once: nothing happens meanwhile. */
function cut(t: ExecutionContext, { pid }: { readonly pid: number }, device: string): void {
  const into = ['--target', `${pid}`, '--net'];
  const asRoot = spawnSync('nsenter', [...into, 'ip', 'link', 'set', 'dev', device, 'down']);
  if (asRoot.status === 0) return;
  const asUser = ['--preserve-credentials', '--user', ...into, 'ip', 'link', 'set', 'dev', device, 'down'];
  t.is(spawnSync('nsenter', asUser).status, 0);
}

withHosts(
  'a run on three hosts is saved and replayed, though the router saw more than the taps',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'wirelab-hosts-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'run.wirelab');
    // Clients that leave in the middle of a handshake: what they are still sent is on the wire, and read by nobody.
    const ran = await runWirelab(['run', 'fake-site', '--hosts', 'netns', '--no-tui', '--save', path]);
    t.is(ran.exitCode, 0, ran.stderr);
    const replayed = await runWirelab(['replay', path, '--no-tui']);
    t.is(replayed.exitCode, 0, replayed.stderr);
    t.is(firstDifference(replayed.stdout, ran.stdout, true), undefined);
  },
);

withHosts('a wire that is cut in the middle of a step: what nobody saw on it is not proven', async (t) => {
  const verdict = await runHere(t, 'plaintext', 1500, (event, { router }) => {
    if (event.type === 'bytes' && event.hop === 'A') cut(t, router, 'data-centre');
  });
  t.is(verdict.status, 'failed');
  const statuses = (end: string): string[] =>
    verdict.findings.filter(({ expectation }) => expectation.endsWith(end)).map(({ status }) => status);
  t.deepEqual(
    [statuses('/0'), statuses('/A'), statuses('/B')],
    [
      ['met', 'met'],
      // The café's wire is whole.
      ['met', 'met'],
      ['unobserved', 'unobserved'],
    ],
  );
  t.true(verdict.findings.some(({ step, status }) => step === 'through-a-proxy' && status === 'missed'));
});

withHosts(
  'what a tap wrote and a cut wire never carried is named with its place, and proves nothing',
  async (t) => {
    let conn: number | undefined;
    const verdict = await runHere(t, 'plaintext', 1500, (event, { client }) => {
      if (event.type !== 'opened' || conn !== undefined) return;
      ({ conn } = event);
      cut(t, client, 'eth0');
    });
    t.is(verdict.status, 'failed');
    t.like(verdict.router?.differences, {
      length: 1,
      0: { kind: 'never_crossed', hop: '0', conn, from: 'client', offset: 0 },
    });
    t.true((verdict.router?.differences[0]?.length ?? 0) > 200);
    // The tap has recorded the password; nobody on the wire could see it.
    t.true(verdict.findings.every(({ status }) => status !== 'met'));
  },
);

/** Processes that descend from one, by /proc. */
function descendants(of: number): number[] {
  const parents = readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return [[Number(name), Number(parent)] as const];
    } catch {
      return [];
    }
  });
  const found = [of];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found.slice(1);
}

const isThere = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

withHosts('nothing is left of the namespaces when the program is killed', async (t) => {
  const child = spawn(
    process.execPath,
    [mainFile, 'run', 'plaintext', '--hosts', 'netns', '--no-tui', '--pace', '60000'],
    {
      env: wirelabEnvironment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const all = descendants(child.pid ?? 0);
  const names = all.map((pid) => basename(readlinkSync(`/proc/${pid}/exe`)));
  t.deepEqual(names.toSorted(), ['node', 'node', 'node', 'tcpdump', 'tcpdump']);
  child.kill('SIGKILL');
  for (let tries = 0; all.some(isThere) && tries < 200; tries++) await pause(50);
  t.deepEqual(all.filter(isThere), []);
});

withHosts('nor when it is killed in the middle of what it does', async (t) => {
  const words = ['run', 'fake-site', '--hosts', 'netns', '--no-tui'];
  const left = new Set<number>();
  for (let round = 0; round < 12; round++) {
    const child = spawn(process.execPath, [mainFile, ...words], {
      env: wirelabEnvironment(),
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    const { pid = 0 } = child;
    while (descendants(pid).length < 3 && child.exitCode === null) await pause(10);
    // Whenever that is: while the hosts are made, while sockets are handed over, while captures end.
    await Promise.race([ended, pause(60 * round)]);
    for (const one of descendants(pid)) left.add(one);
    child.kill('SIGKILL');
    await ended;
  }
  t.true(left.size > 12);
  const still = (): number[] => [...left].filter(isThere);
  for (let tries = 0; still().length > 0 && tries < 200; tries++) await pause(50);
  t.deepEqual(still(), []);
});

withHosts('a user who is not root has the hosts in a user namespace', async (t) => {
  const asUser = ['--user', '--map-user=1000', '--map-group=1000'];
  if (!succeeds('unshare', ...asUser, 'unshare', '--map-root-user', '--net', 'true')) {
    t.pass('user namespaces are refused here');
    return;
  }
  const { exitCode, stdout, stderr } = await runProgram(
    'unshare',
    [
      '--user',
      '--map-user=1000',
      '--map-group=1000',
      process.execPath,
      mainFile,
      'run',
      'tls',
      '--hosts',
      'netns',
      '--no-tui',
    ],
    { env: wirelabEnvironment() },
  );
  t.is(exitCode, 0, stderr);
  t.regex(stdout, /the router's capture agrees with the taps: 5\s+connections/);
});

withHosts(
  'where the system refuses namespaces it is said in a sentence, with what was tried and what it said',
  async (t) => {
    const folder = temporaryFolder(t);
    const refusing = join(folder, 'unshare');
    writeFileSync(
      refusing,
      '#!/bin/sh\necho "unshare: unshare failed: Operation not permitted" >&2\nexit 1\n',
    );
    chmodSync(refusing, 0o755);
    const { exitCode, stdout, stderr } = await runWirelab(
      ['run', 'plaintext', '--hosts', 'netns', '--no-tui'],
      {
        env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
      },
    );
    t.is(exitCode, 2);
    t.is(stdout, '');
    t.regex(
      stderr,
      /network namespaces are refused here: `\S+unshare (?:--map-root-user )?--net` said: unshare: unshare failed: Operation not permitted\n/,
    );
  },
);

withHosts('a run that is ended while its hosts are being made leaves no part of its capture', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'router.pcapng');
  const child = spawn(
    process.execPath,
    [mainFile, 'run', 'tls', '--hosts', 'netns', '--no-tui', '-w', path],
    { env: wirelabEnvironment(), stdio: 'ignore' },
  );
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  while (child.exitCode === null && !existsSync(`${path}.partial`)) await pause(1);
  child.kill('SIGINT');
  t.deepEqual(await ended, [130, null]);
  t.deepEqual(readdirSync(folder), []);
});

withHosts('a kernel that may make no more network namespaces is quoted', async (t) => {
  const inside = 'echo 0 > /proc/sys/user/max_net_namespaces && exec "$@"';
  const { exitCode, stderr } = await runProgram(
    'unshare',
    [
      '--map-root-user',
      'sh',
      '-c',
      inside,
      'sh',
      process.execPath,
      mainFile,
      'run',
      'tls',
      '--hosts',
      'netns',
      '--no-tui',
    ],
    { env: wirelabEnvironment() },
  );
  t.is(exitCode, 2, stderr);
  t.regex(
    stderr,
    /network namespaces are refused here: `\S*unshare --net` said: unshare: unshare failed: No space left on device\n/,
  );
});

withHosts('a kernel without netem is quoted', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(
    join(folder, 'tc'),
    '#!/bin/sh\necho "Error: Specified qdisc kind is unknown." >&2\nexit 2\n',
  );
  chmodSync(join(folder, 'tc'), 0o755);
  const { exitCode, stderr } = await runWirelab(
    ['run', 'tls', '--hosts', 'netns', '--no-tui', '--loss', '5'],
    {
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    },
  );
  t.is(exitCode, 2);
  t.regex(
    stderr,
    /`tc qdisc add dev cafe root netem loss 5%` said: Error: Specified qdisc kind is unknown\./,
  );
});

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-hosts-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
