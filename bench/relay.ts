/**
 * The plaintext relay, which captures every byte, against a direct connection and against relays that capture nothing:
 * socat, nginx (stream) and haproxy (mode tcp). Each relay is a process of its own; load and target are in this one.
 * A peer that is not installed is left out and named.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markdownTable, median, medianRatio } from './figures.ts';
import { bulk, bulkBytes, cpuSeconds, freePort, startTarget, untilListening } from './load.ts';

const rounds = 5;
const roundTrips = 3000;
const shortConnections = 1000;

interface Peer {
  readonly name: string;
  /** Starts a relay from `listen` to `target` on loopback; undefined when it is not installed. */
  start(listen: number, target: number, folder: string): ChildProcess | undefined;
}

const installed = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

const peers: readonly Peer[] = [
  {
    name: 'wirelab (everything captured)',
    start: (listen, target) => spawn(process.execPath, [new URL('relay-subject.js', import.meta.url).pathname, String(listen), String(target)], { stdio: 'inherit' }),
  },
  {
    name: 'socat',
    start: (listen, target) =>
      installed('socat')
        ? spawn('socat', ['-b', '65536', `TCP-LISTEN:${listen},bind=127.0.0.1,fork,reuseaddr,backlog=1024`, `TCP:127.0.0.1:${target}`], { stdio: 'ignore', detached: true })
        : undefined,
  },
  {
    name: 'nginx stream',
    start: (listen, target, folder) => {
      if (!installed('nginx')) return undefined;
      const file = join(folder, 'nginx.conf');
      writeFileSync(
        file,
        `daemon off; worker_processes 2; pid ${folder}/nginx.pid; error_log /dev/null; include /etc/nginx/modules-enabled/*.conf;\n` +
          `events { worker_connections 4096; }\nstream { access_log off; server { listen 127.0.0.1:${listen} backlog=1024; proxy_pass 127.0.0.1:${target}; } }\n`,
      );
      return spawn('nginx', ['-c', file], { stdio: 'ignore', detached: true });
    },
  },
  {
    name: 'haproxy',
    start: (listen, target, folder) => {
      if (!installed('haproxy')) return undefined;
      const file = join(folder, 'haproxy.cfg');
      writeFileSync(
        file,
        `global\n  nbthread 2\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n` +
          `frontend f\n  bind 127.0.0.1:${listen} backlog 1024\n  default_backend b\nbackend b\n  server s 127.0.0.1:${target}\n`,
      );
      return spawn('haproxy', ['-q', '-f', file], { stdio: 'ignore', detached: true });
    },
  },
];

async function pingPong(port: number): Promise<number> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const ping = Buffer.alloc(64, 0x70);
  const times: number[] = [];
  for (let at = 0; at < roundTrips; at++) {
    const started = performance.now();
    let got = 0;
    const back = new Promise<void>((resolve) => {
      const onData = (chunk: Buffer): void => {
        got += chunk.length;
        if (got < ping.length) return;
        socket.off('data', onData);
        resolve();
      };
      socket.on('data', onData);
    });
    socket.write(ping);
    await back;
    times.push((performance.now() - started) * 1000);
  }
  socket.destroy();
  return median(times);
}

async function connections(port: number): Promise<number> {
  const started = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next++ < shortConnections) {
      const socket = net.connect({ port, host: '127.0.0.1' });
      await once(socket, 'connect');
      socket.end('p');
      socket.resume();
      await once(socket, 'close');
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return shortConnections / ((performance.now() - started) / 1000);
}

interface Figures {
  readonly bulk: number[];
  readonly cpuPerGigabyte: number[];
  readonly roundTrip: number[];
  readonly connections: number[];
}

export async function benchRelay(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'));
  const target = await startTarget();
  const targetPort = (target.address() as AddressInfo).port;
  const running: { name: string; port: number; child?: ChildProcess; figures: Figures }[] = [];
  const absent: string[] = [];
  const emptyFigures = (): Figures => ({ bulk: [], cpuPerGigabyte: [], roundTrip: [], connections: [] });
  try {
    running.push({ name: 'direct, no relay', port: targetPort, figures: emptyFigures() });
    for (const peer of peers) {
      const port = await freePort();
      const child = peer.start(port, targetPort, folder);
      if (!child) {
        absent.push(peer.name);
        continue;
      }
      running.push({ name: peer.name, port, child, figures: emptyFigures() });
      await untilListening(port);
    }
    for (let round = 0; round < rounds; round++) {
      for (const { port, child, figures } of running) {
        const before = child?.pid ? cpuSeconds(child.pid) : 0;
        figures.bulk.push(await bulk(port));
        figures.cpuPerGigabyte.push(child?.pid ? (cpuSeconds(child.pid) - before) / (bulkBytes / 1e9) : 0);
        figures.roundTrip.push(await pingPong(port));
        figures.connections.push(await connections(port));
      }
    }
  } finally {
    for (const { child } of running) child?.kill('SIGTERM');
    target.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const ours = running.find(({ name }) => name.startsWith('wirelab'))?.figures ?? emptyFigures();
  const rows = running.map(({ name, figures }) => [
    name,
    median(figures.bulk).toFixed(0),
    medianRatio(ours.bulk, figures.bulk).toFixed(2),
    median(figures.cpuPerGigabyte) > 0 ? median(figures.cpuPerGigabyte).toFixed(2) : '',
    median(figures.roundTrip).toFixed(0),
    medianRatio(ours.roundTrip, figures.roundTrip).toFixed(2),
    median(figures.connections).toFixed(0),
    medianRatio(ours.connections, figures.connections).toFixed(2),
  ]);
  return [
    '## The plaintext relay',
    '',
    `${bulkBytes / 1024 / 1024} MiB upward on one connection, ${roundTrips} round trips of 64 bytes, ${shortConnections} connections opened and closed by 8 at a time; ` +
      `${rounds} interleaved rounds. wirelab captures every byte; the others capture nothing. A ratio is wirelab's figure over that row's: above 1 is faster in bulk and connections, slower in round trips.`,
    '',
    ...markdownTable([['relay', 'bulk MB/s', 'ratio', 'CPU s/GB', 'p50 µs', 'ratio', 'connections/s', 'ratio'], ...rows]),
    ...(absent.length > 0 ? ['', `Not installed, so not measured: ${absent.join(', ')}.`] : []),
  ];
}
