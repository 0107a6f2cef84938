/**
 * The relay, which captures every byte, against a direct connection and against relays that capture nothing: in
 * plaintext, with TLS ended in it, with client certificates. Load and target are in this process, relays in their own.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/core/clock.ts';
import { issueWorld } from '../src/pki/ca/issue.ts';
import { contestants, ours } from './contestants.ts';
import type { Configuration } from './contestants.ts';
import { markdownTable, median, medianRatio } from './figures.ts';
import {
  bulkBytes,
  connections,
  cpuSeconds,
  download,
  freePort,
  inPlaintext,
  overTls,
  roundTrip,
  startTarget,
  untilListening,
  upload,
} from './load.ts';
import type { Connect } from './load.ts';

const rounds = 5;
const handshakes = 300;
const sealedBytes = bulkBytes / 2;

/** One figure: how it is taken, which way is better, and what is asked of us against whom. */
interface Contest {
  readonly title: string;
  readonly configuration: Configuration;
  readonly unit: string;
  /** Bytes carried, where the processor time for a gigabyte is told. */
  readonly bytes?: number;
  readonly moreIsBetter: boolean;
  readonly bars: readonly { readonly against: string; readonly ratio: number }[];
  readonly measure: (port: number, connect: Connect) => Promise<number>;
}

const contests: readonly Contest[] = [
  {
    title: 'bulk, 1 connection',
    configuration: 'tcp',
    unit: 'MB/s',
    bytes: bulkBytes,
    moreIsBetter: true,
    bars: [{ against: 'nginx stream', ratio: 1 }],
    measure: async (port) => upload(port),
  },
  {
    title: 'bulk, 8 connections',
    configuration: 'tcp',
    unit: 'MB/s',
    bytes: bulkBytes,
    moreIsBetter: true,
    bars: [{ against: 'nginx stream', ratio: 1 }],
    measure: async (port) => upload(port, { connections: 8 }),
  },
  {
    title: '64 bytes there and back, p50',
    configuration: 'tcp',
    unit: 'µs',
    moreIsBetter: false,
    bars: [{ against: 'haproxy', ratio: 1.3 }],
    measure: async (port) => roundTrip(port, { median }),
  },
  {
    title: 'new connections',
    configuration: 'tcp',
    unit: '/s',
    moreIsBetter: true,
    bars: [{ against: 'haproxy', ratio: 0.5 }],
    measure: async (port) => connections(port),
  },
  {
    title: 'TLS, bulk up',
    configuration: 'tls',
    unit: 'MB/s',
    bytes: sealedBytes,
    moreIsBetter: true,
    bars: [{ against: 'haproxy', ratio: 0.9 }],
    measure: async (port, connect) => upload(port, { connect, bytes: sealedBytes }),
  },
  {
    title: 'TLS, bulk down',
    configuration: 'tls',
    unit: 'MB/s',
    bytes: sealedBytes,
    moreIsBetter: true,
    bars: [{ against: 'haproxy', ratio: 1 }],
    measure: async (port, connect) => download(port, { connect, bytes: sealedBytes }),
  },
  {
    title: 'TLS, 64 bytes there and back, p50',
    configuration: 'tls',
    unit: 'µs',
    moreIsBetter: false,
    bars: [{ against: 'haproxy', ratio: 1.4 }],
    measure: async (port, connect) => roundTrip(port, { connect, median }),
  },
  {
    title: 'P-256 handshakes',
    configuration: 'tls',
    unit: '/s',
    moreIsBetter: true,
    bars: [{ against: 'nginx stream', ratio: 0.6 }],
    measure: async (port, connect) => connections(port, { connect, count: handshakes }),
  },
  {
    title: 'mTLS handshakes',
    configuration: 'mtls',
    unit: '/s',
    moreIsBetter: true,
    bars: [{ against: 'nginx stream', ratio: Number(process.versions.node.split('.')[0]) >= 22 ? 0.6 : 0.5 }],
    measure: async (port, connect) => connections(port, { connect, count: handshakes }),
  },
];

interface Running {
  readonly name: string;
  readonly port: number;
  readonly child?: ChildProcess;
}

interface Figures {
  readonly values: number[];
  /** Processor seconds for a gigabyte. */
  readonly cpu: number[];
}

/** Certificates of this run, in a folder, and the clients that go with them. */
function prepare(folder: string): Readonly<Record<Configuration, Connect>> {
  const world = issueWorld(
    {
      certificates: {
        'server-ca': { profile: 'root', subject: { CN: 'Bench Server CA' } },
        'client-ca': { profile: 'root', subject: { CN: 'Bench Client CA' } },
        server: {
          profile: 'server',
          issuer: 'server-ca',
          subject: { CN: 'bench.localhost' },
          san: ['DNS:bench.localhost'],
        },
        client: { profile: 'client', issuer: 'client-ca', subject: { CN: 'bench' } },
      },
    },
    { clock: systemClock },
  );
  const { certificate, key } = world.identity('server');
  const file = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 });
  file('server.crt', certificate);
  file('server.key', key);
  file('server.pem', certificate + key);
  file('client-ca.crt', world.authority('client-ca'));
  return {
    tcp: inPlaintext,
    tls: overTls(world.authority('server-ca')),
    mtls: overTls(world.authority('server-ca'), world.identity('client')),
  };
}

export async function benchRelay(only: RegExp = /./): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'));
  const connect = prepare(folder);
  const target = await startTarget();
  const targetPort = (target.address() as AddressInfo).port;
  const absent = new Set<string>();
  const tables: string[][] = [];
  for (const configuration of ['tcp', 'tls', 'mtls'] as const) {
    const held = contests.filter(
      (contest) => contest.configuration === configuration && only.test(contest.title),
    );
    if (held.length === 0) continue;
    const running: Running[] =
      configuration === 'tcp' ? [{ name: 'direct, no relay', port: targetPort }] : [];
    try {
      for (const { name, start } of contestants) {
        const port = await freePort();
        const child = start(configuration, port, targetPort, folder);
        if (!child) {
          if (configuration === 'tcp') absent.add(name);
          continue;
        }
        running.push({ name, port, child });
        await untilListening(port);
      }
      for (const contest of held)
        tables.push(...contestTable(contest, running, await hold(contest, running, connect[configuration])));
    } finally {
      for (const { child } of running) child?.kill('SIGTERM');
    }
  }
  target.close();
  rmSync(folder, { recursive: true, force: true });
  return [
    '## Relays',
    '',
    `wirelab captures every byte in one thread of Node; nginx has two workers, haproxy two threads, and they capture nothing. ${bulkBytes / 1024 / 1024} MiB in plaintext, ${sealedBytes / 1024 / 1024} MiB under TLS 1.3, ` +
      `connections and handshakes 8 at a time, each with one byte there and back; ${rounds} interleaved rounds after one that is not counted. A ratio is wirelab's figure over that row's, its median round by round.`,
    '',
    ...markdownTable([['measured', 'who', 'median', 'CPU s/GB', 'ratio', 'bar'], ...tables]),
    ...(absent.size > 0 ? ['', `Not installed, so not measured: ${[...absent].join(', ')}.`] : []),
  ];
}

async function hold(
  { measure, bytes }: Contest,
  running: readonly Running[],
  connect: Connect,
): Promise<ReadonlyMap<string, Figures>> {
  const figures = new Map(running.map(({ name }): [string, Figures] => [name, { values: [], cpu: [] }]));
  for (let round = -1; round < rounds; round++) {
    for (const { name, port, child } of running) {
      const before = bytes !== undefined && child?.pid ? cpuSeconds(child.pid) : 0;
      const value = await measure(port, connect);
      const spent = bytes !== undefined && child?.pid ? (cpuSeconds(child.pid) - before) / (bytes / 1e9) : 0;
      if (round < 0) continue;
      figures.get(name)?.values.push(value);
      figures.get(name)?.cpu.push(spent);
    }
  }
  return figures;
}

function contestTable(
  { title, unit, bars, moreIsBetter }: Contest,
  running: readonly Running[],
  figures: ReadonlyMap<string, Figures>,
): string[][] {
  const own = figures.get(ours)?.values ?? [];
  return running.map(({ name }, index) => {
    const { values = [], cpu = [] } = figures.get(name) ?? {};
    const ratio = medianRatio(own, values);
    const bar = bars.find(({ against }) => against === name);
    const isReached = bar && (moreIsBetter ? ratio >= bar.ratio : ratio <= bar.ratio);
    const verdict = bar
      ? `${moreIsBetter ? 'at least' : 'at most'} ${bar.ratio}: ${isReached ? 'reached' : 'not reached'}`
      : '';
    return [
      index === 0 ? title : '',
      name,
      `${median(values).toFixed(0)} ${unit}`,
      median(cpu) > 0 ? median(cpu).toFixed(2) : '',
      name === ours ? '' : ratio.toFixed(2),
      verdict,
    ];
  });
}
