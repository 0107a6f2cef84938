/**
 * The plaintext relay, which captures every byte, against a direct connection and against relays that capture nothing:
 * socat, nginx (stream) and haproxy (mode tcp). Each relay is a process of its own; load and target are in this one.
 * A peer that is not installed is left out and named.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markdownTable, median, medianRatio } from './figures.ts';

const rounds = 5;
const bulkBytes = 400 * 1024 * 1024;
const roundTrips = 3000;
const shortConnections = 1000;
const clockTick = 100;

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

/** A port below the ephemeral range: one within it might be taken by a connection before the relay listens. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 16_000);
    const server = net.createServer();
    const free = await new Promise<boolean>((resolve) => server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)));
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = net.connect(port, '127.0.0.1');
    const reached = await new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)).once('error', () => resolve(false)));
    socket.destroy();
    if (reached) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nothing listens on ${port}`);
}

/** User and system seconds of a process and its children, from /proc; 0 where there is no /proc. */
function cpuSeconds(root: number): number {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = stdout.trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const family = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid = 0, parent = 0] of rows) {
      if (family.has(parent) && !family.has(pid)) {
        family.add(pid);
        grown = true;
      }
    }
  }
  let ticks = 0;
  for (const pid of family) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      ticks += Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]);
    } catch {
      // The process ended between ps and here.
    }
  }
  return ticks / clockTick;
}

/** A target that swallows what is sent and says when all of it has come; it answers a first byte of 'p' with an echo. */
async function startTarget(): Promise<net.Server> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    let received = 0;
    let echo: boolean | undefined;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      echo ??= chunk[0] === 0x70;
      received += chunk.length;
      // Told without a half-close, which not every relay passes on.
      if (echo) socket.write(chunk);
      else if (received === bulkBytes) socket.end(String(received));
    });
    socket.on('end', () => socket.end());
  });
  server.listen(0, '127.0.0.1', 1024);
  await once(server, 'listening');
  return server;
}

async function bulk(port: number): Promise<number> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  const chunk = Buffer.alloc(256 * 1024, 0x61);
  const started = performance.now();
  for (let sent = 0; sent < bulkBytes; sent += chunk.length) if (!socket.write(chunk)) await once(socket, 'drain');
  let answer = '';
  for await (const part of socket) answer += String(part);
  if (Number(answer) !== bulkBytes) throw new Error(`${answer} of ${bulkBytes} bytes arrived`);
  return bulkBytes / 1e6 / ((performance.now() - started) / 1000);
}

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
