/**
 * The capture that `inspect` is measured on: real TLS between Node's own client and server, tapped on the way and written by
 * wirelab's own pcapng writer. TLS 1.2 and 1.3, with and without client certificates, small exchanges beside bulk up and
 * down. What is measured with it is for `inspect.ts`.
 */
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { connect as connectTls, createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { CaptureLog } from '../src/capture/log.ts';
import { PcapngSpool } from '../src/capture/file/pcapng-writer.ts';
import { systemClock } from '../src/core/clock.ts';
import { issueWorld } from '../src/pki/ca/issue.ts';

/** A connection of the mixture: what is asked and answered on it, in bytes of plaintext. */
interface Kind {
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  readonly mutual: boolean;
  readonly exchanges: readonly (readonly [question: number, answer: number])[];
}

const small = Array.from({ length: 12 }, (_, at) => [180 + 40 * at, 350 + 900 * (at % 5)] as const);

/** One round of the mixture: about 5 MB. */
const kinds: readonly Kind[] = [
  { version: 'TLSv1.3', mutual: false, exchanges: [[200, 1_500_000]] },
  { version: 'TLSv1.2', mutual: true, exchanges: [[1_000_000, 200]] },
  {
    version: 'TLSv1.3',
    mutual: true,
    exchanges: [
      [200, 700_000],
      [700_000, 200],
    ],
  },
  { version: 'TLSv1.2', mutual: false, exchanges: [[200, 700_000]] },
  ...Array.from(
    { length: 16 },
    (_, at): Kind => ({
      version: at % 3 === 0 ? 'TLSv1.2' : 'TLSv1.3',
      mutual: at % 2 === 1,
      exchanges: small,
    }),
  ),
];

/** Questions and answers announce their length and how long an answer is wanted: two numbers of four bytes. */
const headerLength = 8;
const atOnce = 8;

/** Writes a capture of at least so many bytes; returns how many connections are in it. */
export async function recordTls(path: string, bytes: number): Promise<number> {
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
  const identity = (name: string): { readonly cert: string; readonly key: string } => ({
    cert: world.identity(name).certificate,
    key: world.identity(name).key,
  });
  const listen = async (mutual: boolean): Promise<net.Server> => {
    const server = createServer(
      { ...identity('server'), ...(mutual ? { requestCert: true, ca: world.authority('client-ca') } : {}) },
      answer,
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const servers = { plain: await listen(false), mutual: await listen(true) };
  const log = new CaptureLog({ clock: systemClock, maxPayload: 0 });
  const spool = new PcapngSpool(path);
  const written = { bytes: 0 };
  log.subscribe((event) => {
    spool.fold(event);
    if (event.type === 'bytes') written.bytes += event.bytes.length;
  });
  log.append({
    type: 'began',
    version: '0.0.0',
    wallClock: new Date(0).toISOString(),
    topology: { participants: [], wires: [] },
  });
  const tap = await tapTowards(log, servers);
  let connections = 0;
  const worker = async (): Promise<void> => {
    while (written.bytes < bytes) {
      const { version, mutual, exchanges } = kinds[connections++ % kinds.length]!;
      const through = net.connect(
        (tap.servers[mutual ? 'mutual' : 'plain'].address() as AddressInfo).port,
        '127.0.0.1',
      );
      const socket = connectTls({
        socket: through,
        servername: 'bench.localhost',
        ca: world.authority('server-ca'),
        minVersion: version,
        maxVersion: version,
        ...(mutual ? identity('client') : {}),
      });
      await once(socket, 'secureConnect');
      for (const [question, wanted] of exchanges) await ask(socket, question, wanted);
      socket.end();
      await once(socket, 'close');
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  await tap.quiet();
  for (const server of [...Object.values(servers), ...Object.values(tap.servers)]) server.close();
  spool.close();
  return connections;
}

function message(length: number, wanted: number): Buffer {
  const bytes = Buffer.alloc(headerLength + length, 0x61);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(wanted, 4);
  return bytes;
}

function answer(socket: TLSSocket): void {
  socket.on('error', () => {});
  onMessage(socket, (wanted) => void socket.write(message(wanted, 0)));
}

async function ask(socket: TLSSocket, length: number, wanted: number): Promise<void> {
  const answered = new Promise<void>((resolve) => onMessage(socket, () => resolve()));
  socket.write(message(length, wanted));
  await answered;
  socket.removeAllListeners('data');
}

/** Tells of each whole message how long an answer it wants. */
function onMessage(socket: TLSSocket, heard: (wanted: number) => void): void {
  let head = Buffer.alloc(0);
  let missing = 0;
  socket.on('data', (part: Buffer) => {
    if (missing > 0) missing -= part.length;
    else {
      head = Buffer.concat([head, part]);
      if (head.length < headerLength) return;
      missing = head.readUInt32BE(0) + headerLength - head.length;
    }
    if (missing > 0) return;
    const wanted = head.readUInt32BE(4);
    head = Buffer.alloc(0);
    heard(wanted);
  });
}

type Doors = Readonly<Record<'plain' | 'mutual', net.Server>>;

/** Doors in front of the servers: what goes through them stands in the log, as if on port 443 of another machine. */
async function tapTowards(
  log: CaptureLog,
  servers: Doors,
): Promise<{ readonly servers: Doors; quiet(): Promise<void> }> {
  const open = new Set<Promise<unknown>>();
  const door = async (target: net.Server): Promise<net.Server> => {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const conn = log.nextConnection();
      const onward = net.connect({
        port: (target.address() as AddressInfo).port,
        host: '127.0.0.1',
        allowHalfOpen: true,
        noDelay: true,
      });
      log.append({
        type: 'opened',
        conn,
        hop: 'A',
        transport: 'tcp',
        from: { host: '10.1.0.2', port: 1024 + (conn % 64_000) },
        to: { host: '10.2.0.1', port: 443 },
      });
      client
        .on('error', () => onward.destroy())
        .on('data', (bytes) =>
          log.append({ type: 'bytes', conn, hop: 'A', vantage: 'wire', from: 'client', bytes }),
        );
      onward
        .on('error', () => client.destroy())
        .on('data', (bytes) =>
          log.append({ type: 'bytes', conn, hop: 'A', vantage: 'wire', from: 'server', bytes }),
        );
      client.pipe(onward).pipe(client);
      const closed = once(client, 'close').then(() =>
        log.append({ type: 'closed', conn, hop: 'A', by: 'client', how: 'end' }),
      );
      open.add(closed);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  return {
    servers: { plain: await door(servers.plain), mutual: await door(servers.mutual) },
    quiet: async () => void (await Promise.all(open)),
  };
}

/** Where the IP header stands in an enhanced packet block, and the second byte of its two addresses. */
const addressBytes = [28 + 13, 28 + 17] as const;
const enhancedPacket = 6;

/** Writes the capture so many times behind each other, each time with other addresses, so that no connection comes twice. */
export function repeatCapture(path: string, times: number, target: string): void {
  const bytes = readFileSync(path);
  const file = openSync(target, 'w', 0o600);
  try {
    for (let round = 0; round < times; round++) {
      for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4)) {
        if (bytes.readUInt32LE(at) === enhancedPacket)
          for (const place of addressBytes) bytes[at + place] = ((bytes[at + place] ?? 0) + 4) & 0xff;
      }
      writeSync(file, bytes);
    }
  } finally {
    closeSync(file);
  }
}
