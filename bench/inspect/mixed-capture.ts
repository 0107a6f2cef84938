/**
 * The capture that `inspect` is measured on: real TLS between Node's own client and server, tapped on the way and written by
 * wirelab's own pcapng writer. Handshakes and certificates are of hundreds of kinds, so that nothing that was learned from one
 * connection helps with the next: versions, cipher suites, groups, ALPN, resumption, keys, chains, names, client certificates.
 */
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { connect as connectTls, createSecureContext, createServer } from 'node:tls';
import type { SecureContext, TLSSocket } from 'node:tls';
import { PcapngSpool } from '../../src/capture/file/pcapng-writer.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import type { CertificateRow } from '../../src/pki/ca/recipe.ts';

/** A connection of the mixture: its handshake, and what is asked and answered on it, in bytes of plaintext. */
interface Kind {
  /** Which of the servers' identities. */
  readonly identity: number;
  readonly serverName: string;
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  readonly cipher: string;
  readonly group: string;
  readonly protocols: readonly string[];
  readonly client: number | undefined;
  readonly isResumed: boolean;
  readonly exchanges: readonly (readonly [question: number, answer: number])[];
}

const keys = ['P-256', 'P-384', 'RSA-2048', 'P-256', 'P-256', 'P-384'] as const;
const identities = 36;
const clients = 12;
const ciphers = {
  'TLSv1.3': ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  ec: ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  rsa: ['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-RSA-CHACHA20-POLY1305'],
} as const;
const groups = ['X25519', 'P-256', 'P-384', 'X25519:P-256', 'P-521:P-256'] as const;
const protocols = [[], ['http/1.1'], ['h2', 'http/1.1'], ['h2']] as const;
/** One round of the mixture makes no handshake twice. */
export const kindsOfCapture = 480;

/** One large key of RSA: they take long to make. */
const keyOf = (identity: number): (typeof keys)[number] | 'RSA-3072' =>
  identity === 5 ? 'RSA-3072' : (keys[identity % keys.length] ?? 'P-256');

function kind(number: number): Kind {
  const at = number % kindsOfCapture;
  const identity = (at * 7) % identities;
  const version = at % 3 === 0 ? 'TLSv1.2' : 'TLSv1.3';
  const suites =
    version === 'TLSv1.3' ? ciphers[version] : keyOf(identity).startsWith('RSA') ? ciphers.rsa : ciphers.ec;
  const exchanges = Array.from(
    { length: 1 + (at % 12) },
    (_, turn) => [180 + 40 * turn + at, 350 + 900 * ((turn + at) % 5)] as const,
  );
  return {
    identity,
    serverName: `host-${at}.id-${identity}.bench.localhost`,
    version,
    cipher: suites[(at >> 2) % suites.length] ?? suites[0],
    // Under TLS 1.2 the curve of a certificate's key has to be among them.
    group: [
      ...new Set([
        ...(groups[at % groups.length] ?? 'X25519').split(':'),
        ...(version === 'TLSv1.2' ? ['P-256', 'P-384'] : []),
      ]),
    ].join(':'),
    protocols: protocols[(at >> 1) % protocols.length] ?? [],
    client: at % 4 === 1 ? at % clients : undefined,
    isResumed: at % 6 === 4,
    exchanges:
      at % 10 === 7
        ? [...exchanges, [200, 850_000]]
        : at % 30 === 2
          ? [...exchanges, [800_000, 200]]
          : exchanges,
  };
}

/** Two CAs, intermediates below one of them, and leaves with different keys, names and chains. */
function certificates(): Record<string, CertificateRow> {
  const rows: Record<string, CertificateRow> = {
    'server-ca': { profile: 'root', subject: { CN: 'Bench Server CA', O: 'Bench' } },
    'client-ca': { profile: 'root', subject: { CN: 'Bench Client CA' }, key: 'P-384' },
  };
  for (let at = 0; at < 4; at++)
    rows[`issuing-${at}`] = {
      profile: 'intermediate',
      issuer: at % 2 === 0 ? 'server-ca' : `issuing-${at - 1}`,
      subject: { CN: `Bench Issuing CA ${at}`, C: 'KR' },
      key: at === 3 ? 'RSA-2048' : 'P-256',
    };
  for (let at = 0; at < identities; at++)
    rows[`server-${at}`] = {
      profile: 'server',
      issuer: at % 5 === 4 ? 'server-ca' : `issuing-${at % 5}`,
      subject: { CN: `id-${at}.bench.localhost`, O: `Organization ${at}`, OU: ['web', `unit ${at}`] },
      san: Array.from({ length: 1 + (at % 9) }, (_, name) =>
        name === 0 ? `DNS:*.id-${at}.bench.localhost` : `DNS:alias-${name}.id-${at}.bench.localhost`,
      ),
      key: keyOf(at),
    };
  for (let at = 0; at < clients; at++)
    rows[`client-${at}`] = {
      profile: 'client',
      issuer: 'client-ca',
      subject: { CN: `client ${at}`, OU: `team ${at % 3}` },
      key: keyOf(at),
    };
  return rows;
}

function credentials(
  world: ReturnType<typeof issueWorld>,
  name: string,
): { readonly cert: string; readonly key: string } {
  const { certificate, key } = world.identity(name);
  return { cert: certificate, key };
}

/** Questions and answers announce their length and how long an answer is wanted: two numbers of four bytes. */
const headerLength = 8;
const atOnce = 8;

/** Writes a capture of at least so many bytes and handshakes; returns how many connections are in it. */
export async function recordTls(path: string, bytes: number, handshakes = kindsOfCapture): Promise<number> {
  const world = issueWorld({ certificates: certificates() }, { clock: systemClock });
  const contexts: SecureContext[] = Array.from({ length: identities }, (_, at) =>
    createSecureContext({ ...credentials(world, `server-${at}`), ca: world.authority('client-ca') }),
  );
  const listen = async (mutual: boolean): Promise<net.Server> => {
    const server = createServer(
      {
        // No certificate but the one that is chosen by name: OpenSSL would choose between keys of two kinds.
        ALPNProtocols: ['h2', 'http/1.1'],
        SNICallback: (name, done) => {
          const identity = Number(/id-(\d+)\./.exec(name)?.[1]);
          done(null, contexts[identity]);
        },
        ...(mutual ? { requestCert: true, ca: world.authority('client-ca') } : {}),
      },
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
  const visit = async (of: Kind, session?: Buffer): Promise<Buffer | undefined> => {
    connections++;
    const through = net.connect(
      (tap.servers[of.client === undefined ? 'plain' : 'mutual'].address() as AddressInfo).port,
      '127.0.0.1',
    );
    const socket = connectTls({
      socket: through,
      servername: of.serverName,
      ca: world.authority('server-ca'),
      minVersion: of.version,
      maxVersion: of.version,
      ciphers: of.cipher,
      ecdhCurve: of.group,
      ALPNProtocols: [...of.protocols],
      ...(session ? { session } : {}),
      ...(of.client === undefined ? {} : credentials(world, `client-${of.client}`)),
    });
    let ticket: Buffer | undefined;
    socket.on('session', (bytes) => (ticket = bytes));
    await once(socket, 'secureConnect');
    for (const [question, wanted] of of.exchanges) await ask(socket, question, wanted);
    socket.end();
    await once(socket, 'close');
    return ticket;
  };
  let next = 0;
  const worker = async (): Promise<void> => {
    while (written.bytes < bytes || next < handshakes) {
      const of = kind(next++);
      const ticket = await visit(of);
      if (of.isResumed && ticket) await visit(of, ticket);
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

/** Cuts it behind the last packet with which it has at most so many bytes. */
export function cutCapture(path: string, most: number): void {
  const bytes = readFileSync(path);
  let end = 0;
  while (end < bytes.length && end + bytes.readUInt32LE(end + 4) <= most) end += bytes.readUInt32LE(end + 4);
  truncateSync(path, end);
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
