/**
 * What relays are measured with: a target that swallows, pours or echoes, clients in plaintext and TLS that upload,
 * download, bounce 64 bytes, or connect and close, and the processor time of a process. Who is measured, and against whom,
 * is for the benchmarks.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

export const bulkBytes = 400 * 1024 * 1024;
const clockTick = 100;
const chunkBytes = 256 * 1024;

/** A port below the ephemeral range: one within it might be taken by a connection before the relay listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 16_000);
    const server = net.createServer();
    const free = await new Promise<boolean>((resolve) =>
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)),
    );
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

export async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = net.connect(port, '127.0.0.1');
    const reached = await new Promise<boolean>((resolve) =>
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
    );
    socket.destroy();
    if (reached) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nothing listens on ${port}`);
}

/** User and system seconds of a process and its children, from /proc; 0 where there is no /proc. */
export function cpuSeconds(root: number): number {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
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

/**
 * A target: after a first byte of 'p' it echoes, after 'd' it pours as many bytes as the ten digits behind it say, and
 * after 'u' it swallows as many and then answers with their number.
 */
export async function startTarget(): Promise<net.Server> {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    let head: Buffer = Buffer.alloc(0);
    let received = 0;
    let wanted: number | undefined;
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('data', (chunk: Buffer) => {
      if (head[0] === 0x70 || (head.length === 0 && chunk[0] === 0x70)) {
        head = chunk;
        socket.write(chunk);
        return;
      }
      if (wanted === undefined) {
        head = Buffer.concat([head, chunk]);
        if (head.length < 11) return;
        wanted = Number(head.subarray(1, 11).toString());
        received = head.length - 11;
        if (head[0] === 0x64) pour(socket, wanted);
      } else received += chunk.length;
      // Told without a half-close, which not every relay passes on.
      if (head[0] === 0x75 && received === wanted) socket.end(String(received));
    });
  });
  server.listen(0, '127.0.0.1', 1024);
  await once(server, 'listening');
  return server;
}

function pour(socket: net.Socket, length: number): void {
  const chunk = Buffer.alloc(chunkBytes, 0x61);
  let left = length;
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      const part = left < chunk.length ? chunk.subarray(0, left) : chunk;
      left -= part.length;
      if (!socket.write(part)) return;
    }
    if (left === 0) socket.end();
  };
  socket.on('drain', more);
  more();
}

/** Opens a connection to what listens on that port, ready to be written to. */
export type Connect = (port: number) => Promise<Duplex>;

export const inPlaintext: Connect = async (port) => {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
};

/** A client with TLS: `identity` for mutual TLS. Every handshake is a whole one. */
export function overTls(
  authority: string,
  identity?: { readonly certificate: string; readonly key: string },
): Connect {
  return async (port) => {
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      servername: 'bench.localhost',
      ca: authority,
      ...(identity ? { cert: identity.certificate, key: identity.key } : {}),
    });
    socket.setNoDelay(true);
    await once(socket, 'secureConnect');
    return socket;
  };
}

const head = (letter: 'u' | 'd', length: number): string => letter + String(length).padStart(10, '0');

/** Uploads as much over so many connections at once; in MB/s. */
export async function upload(
  port: number,
  {
    connect = inPlaintext,
    connections = 1,
    bytes = bulkBytes,
  }: { connect?: Connect; connections?: number; bytes?: number } = {},
): Promise<number> {
  const streams = await Promise.all(Array.from({ length: connections }, async () => connect(port)));
  const each = bytes / connections;
  const chunk = Buffer.alloc(chunkBytes, 0x61);
  const started = performance.now();
  await Promise.all(
    streams.map(async (stream) => {
      stream.write(head('u', each));
      for (let sent = 0; sent < each; sent += chunk.length)
        if (!stream.write(sent + chunk.length > each ? chunk.subarray(0, each - sent) : chunk))
          await once(stream, 'drain');
      let answer = '';
      stream.on('data', (part: Buffer) => (answer += part.toString()));
      await once(stream, 'end');
      stream.destroy();
      if (Number(answer) !== each) throw new Error(`${answer} of ${each} bytes arrived`);
    }),
  );
  return bytes / 1e6 / ((performance.now() - started) / 1000);
}

/** Downloads over one connection; in MB/s. */
export async function download(
  port: number,
  { connect = inPlaintext, bytes = bulkBytes }: { connect?: Connect; bytes?: number } = {},
): Promise<number> {
  const stream = await connect(port);
  const started = performance.now();
  stream.write(head('d', bytes));
  let got = 0;
  stream.on('data', (part: Buffer) => (got += part.length));
  await once(stream, 'end');
  stream.destroy();
  if (got !== bytes) throw new Error(`${got} of ${bytes} bytes arrived`);
  return bytes / 1e6 / ((performance.now() - started) / 1000);
}

/** 64 bytes there and back; the median, in microseconds. */
export async function roundTrip(
  port: number,
  {
    connect = inPlaintext,
    trips = 3000,
    median,
  }: { connect?: Connect; trips?: number; median: (values: readonly number[]) => number },
): Promise<number> {
  const stream = await connect(port);
  const ping = Buffer.alloc(64, 0x70);
  const times: number[] = [];
  let wake = (): void => {};
  let got = 0;
  stream.on('data', (chunk: Buffer) => {
    got += chunk.length;
    if (got % ping.length === 0) wake();
  });
  for (let at = 0; at < trips; at++) {
    const started = performance.now();
    const back = new Promise<void>((resolve) => (wake = resolve));
    stream.write(ping);
    await back;
    times.push((performance.now() - started) * 1000);
  }
  stream.destroy();
  return median(times);
}

/** Connections that are opened, say one byte, hear it back and close, eight at a time; a second. */
export async function connections(
  port: number,
  { connect = inPlaintext, count = 1000 }: { connect?: Connect; count?: number } = {},
): Promise<number> {
  const started = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next++ < count) {
      const stream = await connect(port);
      stream.write('p');
      await once(stream, 'data');
      stream.end();
      stream.resume();
      await once(stream, 'close');
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return count / ((performance.now() - started) / 1000);
}

/**
 * Small GET requests over sixteen connections, one after the other on each; a second. A connection is kept where the other
 * side keeps it, else opened anew.
 */
export async function requests(
  port: number,
  { connections: open = 16, count = 8000 }: { connections?: number; count?: number } = {},
): Promise<number> {
  let left = count;
  const started = performance.now();
  const mayAsk = (): boolean => left-- > 0;
  const worker = async (): Promise<void> => {
    for (let isDone = false; !isDone; isDone = left <= 0) {
      const socket = (await inPlaintext(port)) as net.Socket;
      await keepAsking(socket, mayAsk);
      socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: open }, worker));
  return count / ((performance.now() - started) / 1000);
}

const request = Buffer.from('GET /small HTTP/1.1\r\nHost: bench.localhost\r\n\r\n');

/** Asks as long as it may and the connection is kept. */
async function keepAsking(socket: net.Socket, mayAsk: () => boolean): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    let text = '';
    const next = (): void => {
      if (mayAsk()) socket.write(request);
      else resolve();
    };
    socket
      .on('error', reject)
      .on('close', () => reject(new Error('a connection was closed before it was answered')));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? Number.NaN);
      if (!text.startsWith('HTTP/1.1 200') || Number.isNaN(length))
        reject(new Error(`an answer that is none: ${text.slice(0, 80)}`));
      if (text.length < end + 4 + length) return;
      const isKept = !/\r\nconnection: *close/i.test(text);
      text = '';
      if (isKept) next();
      else resolve();
    });
    next();
  });
}
