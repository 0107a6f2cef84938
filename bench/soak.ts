/**
 * `make soak`: runs the real command under what a peer may say for as long as it likes, samples its resident memory, and ends
 * with 1 where that grows beyond its bound. Writes a table and a plot of every run (dist/soak.svg). A word chooses the runs
 * whose names hold it; SECONDS bounds each of them, and of those that end by a count several times as much.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import tls from 'node:tls';
import { systemClock } from '../src/core/clock.ts';
import { issueWorld } from '../src/pki/ca/issue.ts';
import { freePort, untilListening } from './processes.ts';

const root = resolve(import.meta.dirname, '../..');
/** Another checkout's command can be put beside this one. */
const command = process.env['SOAK_COMMAND'] ?? join(root, 'wirelab');
const seconds = Number(process.env['SECONDS'] ?? 15);
const megabyte = 1024 * 1024;
const host = '127.0.0.1';

interface Sample {
  readonly at: number;
  readonly resident: number;
}

/** Goes on until the time is over or there is nothing more to say; tells how much it has said. */
type Load = (port: number, isOver: () => boolean) => Promise<string>;

interface Run {
  readonly name: string;
  readonly words: (target: number) => readonly string[];
  readonly target: () => Promise<net.Server>;
  readonly load: Load;
  /** Megabytes that it may take at most, the program itself included. */
  readonly most: number;
  readonly onScreen?: boolean;
  /** It ends by a count; so many times as long is given to reach it. */
  readonly times?: number;
}

const listening = async <S extends net.Server>(server: S): Promise<S> =>
  new Promise((done) => {
    server.listen(0, host, () => done(server));
  });
const portOf = (server: net.Server): number => (server.address() as AddressInfo).port;
const quiet = <S extends net.Socket>(socket: S): S => socket.on('error', () => socket.destroy());
const swallowing = async (): Promise<net.Server> =>
  listening(net.createServer((socket) => void quiet(socket).resume()));
const answering = async (): Promise<net.Server> =>
  listening(
    http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      request.resume().on('end', () => response.end('ok'));
    }),
  );
const mail = async (): Promise<net.Server> =>
  listening(
    net.createServer((socket) => {
      quiet(socket).write('220 mail.example ESMTP\r\n');
      socket.on('data', (bytes) => {
        const lines = bytes.filter((byte) => byte === 10).length;
        if (!socket.write('250 OK\r\n'.repeat(lines))) socket.pause();
      });
      socket.on('drain', () => socket.resume());
    }),
  );

/** Says the same again and again, as fast as it is taken. */
async function pour(socket: net.Socket, block: Buffer, isOver: () => boolean): Promise<number> {
  let said = 0;
  quiet(socket).resume();
  while (!isOver() && !socket.destroyed) {
    said += block.length;
    if (!socket.write(block))
      await new Promise<void>((done) => void socket.once('drain', done).once('close', done));
    else await new Promise((done) => void setImmediate(done));
  }
  return said;
}

const connected = async (port: number): Promise<net.Socket> =>
  new Promise((done, failed) => {
    const socket = net.connect(port, host, () => done(socket)).once('error', failed);
  });

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'Soak CA' } },
      server: {
        profile: 'server',
        issuer: 'ca',
        subject: { CN: 'soak.localhost' },
        san: ['DNS:soak.localhost'],
      },
    },
  },
  { clock: systemClock },
);
const identity = world.identity('server');
const server = { cert: identity.certificate, key: identity.key };

/** A hello that says nothing, then one-byte records. */
const crumbs: Load = async (port, isOver) => {
  const socket = await connected(port);
  const record = Buffer.from([0x17, 3, 3, 0, 1, 0xaa]);
  socket.write(Buffer.from([0x16, 3, 1, 0, 4, 1, 0, 0, 0]));
  return `${((await pour(socket, Buffer.concat(Array.from({ length: 4096 }, () => record)), isOver)) / 6 / 1e6).toFixed(1)} M records`;
};

/** One handshake message that never comes whole, a byte a record. */
const fragments: Load = async (port, isOver) => {
  let rounds = 0;
  while (!isOver()) {
    rounds++;
    const socket = await connected(port);
    const records = [0x01, 0x01, 0xff, 0x00, ...Array.from({ length: 100_000 }, () => 0)].map((byte) =>
      Buffer.from([0x16, 3, 1, 0, 1, byte]),
    );
    await pour(socket, Buffer.concat(records), once());
    socket.destroy();
  }
  return `${rounds} connections`;
};

function once(): () => boolean {
  let asked = 0;
  return () => asked++ > 0;
}

const mostRecords = 1_500_000;
const genuine: Load = async (port, isOver) => {
  const socket = await new Promise<tls.TLSSocket>((done) => {
    const opened = tls.connect({ port, host, rejectUnauthorized: false, servername: 'soak.localhost' }, () =>
      done(opened),
    );
  });
  quiet(socket);
  let records = 0;
  // What is written before the last write is out shares a record with it.
  await new Promise<void>((done) => {
    const next = (): void => {
      if (isOver() || socket.destroyed || records >= mostRecords) return done();
      records++;
      socket.write('x', next);
    };
    socket.on('close', () => done());
    next();
  });
  socket.destroy();
  return `${(records / 1000).toFixed(0)} k records`;
};

const noop: Load = async (port, isOver) => {
  const socket = await connected(port);
  socket.write('EHLO client.example\r\n');
  return `${((await pour(socket, Buffer.from('NOOP\r\n'.repeat(1000)), isOver)) / 6e6).toFixed(1)} M lines`;
};

const keptAlive: Load = async (port, isOver) => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
  let asked = 0;
  const one = async (): Promise<void> => {
    while (!isOver()) {
      await new Promise<void>((done) => {
        http
          .get({ port, host, agent, path: `/${asked++}` }, (response) => response.resume().on('close', done))
          .on('error', () => done());
      });
    }
  };
  await Promise.all(Array.from({ length: 20 }, one));
  agent.destroy();
  return `${(asked / 1000).toFixed(0)} k requests`;
};

const mostConnections = 100_000;
const short: Load = async (port, isOver) => {
  let count = 0;
  const one = async (): Promise<void> => {
    while (!isOver() && count < mostConnections) {
      count++;
      await new Promise<void>((done) => {
        const socket = quiet(
          net.connect(port, host, () => socket.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')),
        ).resume();
        socket.on('close', () => done());
      });
    }
  };
  await Promise.all(Array.from({ length: 16 }, one));
  return `${(count / 1000).toFixed(0)} k connections`;
};

const upload: Load = async (port, isOver) => {
  let sent = 0;
  while (!isOver()) {
    await new Promise<void>((done) => {
      const request = http.request(
        { port, host, method: 'PUT', path: '/', headers: { 'Content-Length': 300 * megabyte } },
        (response) => response.resume().on('close', done),
      );
      request.on('error', () => done());
      const block = Buffer.alloc(megabyte);
      let left = 300;
      const more = (): void => {
        while (left > 0) {
          left--;
          sent++;
          if (!request.write(block)) return void request.once('drain', more);
        }
        request.end();
      };
      more();
    });
  }
  return `${sent} MB`;
};

const proxy =
  (mode: string, ...more: readonly string[]) =>
  (target: number): readonly string[] => ['proxy', '--mode', mode, '--target', `${host}:${target}`, ...more];

const outputs = [
  { name: '--no-tui', words: ['--no-tui'] },
  { name: '--json', words: ['--json'] },
  { name: 'screen', words: ['--max-memory', '32M'], onScreen: true },
] as const;

const loads = [
  { name: 'one-byte records', mode: ['passthrough'], target: swallowing, load: crumbs },
  { name: 'a handshake in crumbs', mode: ['passthrough'], target: swallowing, load: fragments },
  {
    name: 'genuine TLS, one byte a record',
    mode: ['passthrough'],
    target: async () => listening(tls.createServer(server, (socket) => void quiet(socket).resume())),
    load: genuine,
    times: 6,
  },
  { name: 'EHLO and NOOP', mode: ['plaintext'], target: mail, load: noop },
  { name: 'keep-alive requests', mode: ['plaintext', '--http'], target: answering, load: keptAlive },
  { name: 'short connections', mode: ['plaintext', '--http'], target: answering, load: short, times: 10 },
  { name: 'uploads of 300 MB', mode: ['plaintext', '--http'], target: answering, load: upload },
] as const;

const runs: readonly Run[] = loads.flatMap(({ name, mode: [mode, ...more], target, load, ...rest }) =>
  outputs.map(
    (output): Run => ({
      name: `${name}, ${output.name}`,
      words: proxy(mode, ...more, ...output.words),
      target,
      load,
      most: 'onScreen' in output ? 500 : 400,
      ...('onScreen' in output ? { onScreen: true } : {}),
      ...('times' in rest ? { times: rest.times } : {}),
    }),
  ),
);

function residentOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** A terminal is `script`'s: the command is its child's child. */
function programOf(child: ChildProcess): number {
  for (let pid = child.pid ?? 0, name = ''; ; ) {
    try {
      name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      if (name === 'node' || name === 'MainThread') return pid;
      pid = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
    } catch {
      return 0;
    }
    if (!pid) return 0;
  }
}

/** A command may take its time where everything is busy. */
async function untilUp(port: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await untilListening(port);
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

interface Outcome {
  readonly run: string;
  readonly samples: readonly Sample[];
  readonly said: string;
  readonly most: number;
  readonly died: boolean;
}

async function watched(
  name: string,
  words: readonly string[],
  port: number,
  load: (isOver: () => boolean) => Promise<string>,
  { most, onScreen = false, times = 1 }: Pick<Run, 'most' | 'onScreen' | 'times'>,
  cwd: string,
): Promise<Outcome> {
  const line = [command, ...words].map((word) => `'${word}'`).join(' ');
  const env = { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' };
  const child = onScreen
    ? spawn('script', ['-qfc', line, '/dev/null'], { cwd, env, stdio: ['pipe', 'ignore', 'ignore'] })
    : spawn(command, words, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  await untilUp(port);
  const pid = programOf(child);
  const began = performance.now();
  const samples: Sample[] = [];
  const sample = (): void => void samples.push({ at: performance.now() - began, resident: residentOf(pid) });
  const timer = setInterval(sample, 250);
  const isOver = (): boolean =>
    performance.now() - began > times * seconds * 1000 ||
    child.exitCode !== null ||
    samples.some(({ resident }) => resident > 4 * most * megabyte);
  const said = await load(isOver).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  );
  sample();
  clearInterval(timer);
  const died = child.exitCode !== null || residentOf(pid) === 0;
  const ended = new Promise((done) => (child.exitCode === null ? child.once('exit', done) : done(undefined)));
  if (!died) process.kill(pid, 'SIGKILL');
  await ended;
  return { run: name, samples, said, most, died };
}

const kubeWatches: Load = async (port, isOver) => {
  const agent = new https.Agent({ keepAlive: false, maxSockets: Infinity });
  const open: http.ClientRequest[] = [];
  const watch = async (): Promise<void> =>
    new Promise((done) => {
      const request = https.get(
        { port, host, agent, path: '/api/v1/pods?watch=1', rejectUnauthorized: false, ...admin },
        (response) => {
          response.resume();
          done();
        },
      );
      request.on('error', () => done());
      open.push(request);
    });
  let count = 0;
  while (!isOver() && count < 1500) {
    await Promise.all(Array.from({ length: 20 }, watch));
    count += 20;
  }
  const stood = performance.now();
  while (!isOver() && performance.now() - stood < seconds * 1000)
    await new Promise((done) => void setTimeout(done, 100));
  for (const request of open) request.destroy();
  return `${count} watches`;
};
let admin: { cert?: string; key?: string } = {};

async function kube(onScreen: boolean): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-soak-'));
  try {
    const port = await freePort();
    const words = [
      'kube',
      'up',
      '--out',
      join(folder, 'c'),
      '--port',
      String(port),
      ...(onScreen ? ['--max-memory', '32M'] : ['--no-tui', '-w', join(folder, 'seen.pcapng')]),
    ];
    return await watched(
      `kube up, 1500 watches, ${onScreen ? 'screen' : '--no-tui -w'}`,
      words,
      port,
      async (isOver) => {
        const text = readFileSync(join(folder, 'c/admin.conf'), 'utf8');
        const part = (name: string): string =>
          Buffer.from(new RegExp(`${name}: (\\S+)`).exec(text)?.[1] ?? '', 'base64').toString();
        admin = { cert: part('client-certificate-data'), key: part('client-key-data') };
        return kubeWatches(port, isOver);
      },
      { most: 500, onScreen, times: 4 },
      folder,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function plotOf(outcomes: readonly Outcome[]): string {
  const [width, height, left, top] = [900, 480, 60, 20];
  const longest = Math.max(1, ...outcomes.map(({ samples }) => samples.at(-1)?.at ?? 0));
  const highest = Math.max(
    ...outcomes.flatMap(({ samples }) => samples.map(({ resident }) => resident)),
    megabyte,
  );
  const x = (at: number): number => left + (at / longest) * (width - left - 20);
  const y = (resident: number): number => height - 40 - (resident / highest) * (height - 40 - top);
  const lines = outcomes.map(({ run, samples }, index) => {
    const colour = `hsl(${(index * 137) % 360} 70% 40%)`;
    const points = samples
      .map(({ at, resident }) => `${x(at).toFixed(1)},${y(resident).toFixed(1)}`)
      .join(' ');
    return `<polyline fill="none" stroke="${colour}" points="${points}"/><text x="${left + 10}" y="${height + 14 * index}" fill="${colour}">${run}</text>`;
  });
  const scale = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<text x="5" y="${y(share * highest).toFixed(0)}">${((share * highest) / megabyte).toFixed(0)} MB</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + 14 * outcomes.length + 10}" font-family="monospace" font-size="11"><rect width="100%" height="100%" fill="white"/>${scale.join('')}${lines.join('')}</svg>\n`;
}

const wanted = process.argv[2] ?? '';
const outcomes: Outcome[] = [];
const folder = mkdtempSync(join(tmpdir(), 'wirelab-soak-'));
try {
  for (const run of runs.filter(({ name }) => name.includes(wanted))) {
    const target = await run.target();
    const port = await freePort();
    outcomes.push(
      await watched(
        run.name,
        [...run.words(portOf(target)), '--listen', `${host}:${port}`],
        port,
        async (isOver) => run.load(port, isOver),
        run,
        folder,
      ),
    );
    target.close();
    const last = outcomes.at(-1);
    console.log(last ? rowOf(last) : '');
  }
  for (const onScreen of [false, true]) {
    if (!`kube up, 1500 watches, ${onScreen ? 'screen' : '--no-tui -w'}`.includes(wanted)) continue;
    const outcome = await kube(onScreen);
    outcomes.push(outcome);
    console.log(rowOf(outcome));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function isWithin({ samples, most, died }: Outcome): boolean {
  return !died && samples.every(({ resident }) => resident <= most * megabyte);
}

function rowOf(outcome: Outcome): string {
  const residents = outcome.samples.map(({ resident }) => resident / megabyte);
  const half = residents[Math.floor(residents.length / 2)] ?? 0;
  const mark = outcome.died ? 'DIED' : isWithin(outcome) ? 'ok' : 'TOO MUCH';
  return `${outcome.run.padEnd(46)} ${outcome.said.padEnd(20)} half-way ${half.toFixed(0).padStart(5)} MB  most ${Math.max(
    ...residents,
  )
    .toFixed(0)
    .padStart(5)} MB  bound ${outcome.most} MB  ${mark}`;
}

writeFileSync(join(root, 'dist/soak.svg'), plotOf(outcomes));
console.log('plot: dist/soak.svg');
process.exit(outcomes.length > 0 && outcomes.every((outcome) => isWithin(outcome)) ? 0 : 1);
