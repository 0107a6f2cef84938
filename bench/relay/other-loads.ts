/**
 * Relays where no C compiler is: iperf3 for bulk, openssl s_time for handshakes, wrk or h2load for requests, each where it is
 * installed. They compare nothing of what arrives, and do not wait for what wirelab reports: processor time for a unit, beside the
 * baseline, is what these figures are good for.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { markdownTable, median } from '../figures.ts';
import { writeIdentities } from '../identities.ts';
import { cpuSeconds, freePort, isInstalled, untilListening } from '../processes.ts';
import type { Section } from '../section.ts';
import { start } from './contestant.ts';
import type { Configuration } from './contestant.ts';
import { contestants } from './contestants.ts';

const execute = promisify(execFile);

interface Target {
  readonly port: number;
  readonly stop: () => void;
}

interface OtherLoad {
  readonly title: string;
  readonly program: string;
  readonly configuration: Configuration;
  readonly unit: string;
  readonly target: () => Promise<Target>;
  readonly command: (port: number, pki: string) => readonly string[];
  /** Units and seconds, from what the program prints; undefined where it says neither. */
  readonly read: (output: string) => readonly [units: number, seconds: number] | undefined;
}

async function listening(server: net.Server): Promise<Target> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, stop: () => void server.close() };
}

const pages = async (): Promise<Target> =>
  listening(createServer((_request, response) => void response.end('small')));

const numbers = (pattern: RegExp, output: string): readonly [number, number] | undefined => {
  const [, first, second] = pattern.exec(output) ?? [];
  return first === undefined || second === undefined ? undefined : [Number(first), Number(second)];
};

export const otherLoads: readonly OtherLoad[] = [
  {
    title: 'bulk up, plaintext (iperf3)',
    program: 'iperf3',
    configuration: 'tcp',
    unit: 'GB',
    target: async () => {
      const port = await freePort();
      const child = spawn('iperf3', ['-s', '-B', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
      await untilListening(port);
      return { port, stop: () => void child.kill() };
    },
    command: (port) => ['iperf3', '-c', '127.0.0.1', '-p', String(port), '-n', '400M', '-J'],
    read: (output) => {
      const { end } = JSON.parse(output) as {
        end?: { sum_received?: { bytes: number; seconds: number } };
      };
      return end?.sum_received ? [end.sum_received.bytes / 1e9, end.sum_received.seconds] : undefined;
    },
  },
  {
    title: 'handshakes, P-256 (openssl s_time)',
    program: 'openssl',
    configuration: 'tls',
    unit: 'handshake',
    target: async () => listening(net.createServer((socket) => void socket.on('error', () => {}).resume())),
    command: (port, pki) => [
      'openssl',
      's_time',
      '-connect',
      `127.0.0.1:${port}`,
      '-new',
      '-time',
      '2',
      '-CAfile',
      join(pki, 'server-ca.crt'),
    ],
    read: (output) => numbers(/(\d+) connections in (\d+) real seconds/, output),
  },
  {
    title: 'requests, 16 kept connections (wrk)',
    program: 'wrk',
    configuration: 'http',
    unit: 'request',
    target: pages,
    command: (port) => ['wrk', '-t1', '-c16', '-d2s', `http://127.0.0.1:${port}/small`],
    read: (output) => numbers(/(\d+) requests in ([\d.]+)s/, output),
  },
  {
    title: 'requests, 16 kept connections (h2load)',
    program: 'h2load',
    configuration: 'http',
    unit: 'request',
    target: pages,
    command: (port) => ['h2load', '--h1', '-n4000', '-c16', `http://127.0.0.1:${port}/small`],
    read: (output) => {
      const [, seconds, unit] = /finished in ([\d.]+)(ms|s)/.exec(output) ?? [];
      const [, units] = /(\d+) succeeded/.exec(output) ?? [];
      return seconds === undefined || units === undefined
        ? undefined
        : [Number(units), Number(seconds) / (unit === 'ms' ? 1000 : 1)];
    },
  },
];

/** @param reason why the bench's own load is not there. */
export async function benchOtherLoads(reason: string, rounds: number): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-'));
  writeIdentities(folder);
  const rows: string[][] = [];
  const data: Record<string, unknown> = {};
  try {
    for (const load of otherLoads.filter(({ program }) => isInstalled(program))) {
      const target = await load.target();
      try {
        for (const contestant of contestants) {
          if (!contestant.configurations.includes(load.configuration)) continue;
          const running = await start(contestant, {
            configuration: load.configuration,
            target: target.port,
            pki: folder,
            folder,
          });
          if (typeof running === 'string') continue;
          try {
            const samples = [];
            for (let round = 0; round < rounds; round++)
              samples.push(await sample(load, running.pid, running.port, folder));
            data[`${load.title}: ${contestant.name}`] = samples;
            rows.push([
              load.title,
              contestant.name,
              median(samples.map(({ rate }) => rate)).toPrecision(4),
              (1e6 * median(samples.map(({ cpu }) => cpu))).toFixed(0),
            ]);
          } catch (error) {
            rows.push([
              load.title,
              contestant.name,
              error instanceof Error ? error.message : String(error),
              '',
            ]);
          } finally {
            await running.stop();
          }
        }
      } finally {
        target.stop();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    lines: [
      '## Relays, by other loads',
      '',
      `The bench's own load is not there: ${reason}. What these compare and wait for is less, so that nothing is judged.`,
      '',
      ...markdownTable([['measured', 'who', 'units a second', 'CPU µs a unit'], ...rows]),
    ],
    data,
  };
}

async function sample(
  { command, read }: OtherLoad,
  pid: number,
  port: number,
  pki: string,
): Promise<{ readonly rate: number; readonly cpu: number }> {
  const [program = '', ...parameters] = command(port, pki);
  const before = cpuSeconds(pid);
  const { stdout } = await execute(program, parameters, { maxBuffer: 1 << 26, timeout: 30_000 });
  const [units, seconds] = read(stdout) ?? [0, 0];
  if (units === 0 || seconds === 0) throw new Error(`${program} counted nothing`);
  return { rate: units / seconds, cpu: (cpuSeconds(pid) - before) / units };
}
