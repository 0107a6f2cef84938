/** Handshakes of real programs over UDP, recorded by a relay between them: what is read is what tshark reads. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { ipv4, pcap, udp } from '../../capture/support/packets.ts';
import { freePort } from '../../helpers/free-port.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { selfSigned } from '../../protocols/helpers/self-signed.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-datagrams-'));
test.after.always(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string): string => join(folder, name);
const shop = selfSigned('shop.example', 'RSA');
writeFileSync(inFolder('key.pem'), shop.key);
writeFileSync(inFolder('cert.pem'), shop.cert);
const [key, cert] = [inFolder('key.pem'), inFolder('cert.pem')];

/** Passes datagrams on, and writes them down as packets. */
async function relayTo(serverPort: number) {
  const packets: Uint8Array[] = [];
  const [front, back] = [createSocket('udp4'), createSocket('udp4')];
  let clientPort = 0;
  const record = (payload: Uint8Array, isFromClient: boolean): void => {
    const ports = isFromClient
      ? { sourcePort: 50_001, destinationPort: 4433 }
      : { sourcePort: 4433, destinationPort: 50_001 };
    const addresses = isFromClient ? {} : { source: '10.0.0.2', destination: '10.0.0.1' };
    packets.push(ipv4(udp({ ...ports, payload }), { protocol: 17, ...addresses }));
  };
  front.on('message', (payload, { port }) => {
    clientPort = port;
    record(payload, true);
    back.send(payload, serverPort, '127.0.0.1');
  });
  back.on('message', (payload) => {
    record(payload, false);
    front.send(payload, clientPort, '127.0.0.1');
  });
  // A server that is not there yet answers with an error.
  for (const socket of [front, back]) socket.on('error', () => {});
  front.bind(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    port: front.address().port,
    write(name: string): string {
      for (const socket of [front, back]) socket.close();
      const path = inFolder(name);
      writeFileSync(path, pcap(packets.map((bytes, index) => ({ bytes, microseconds: 1.7e15 + index }))));
      return path;
    },
  };
}

interface Case {
  readonly name: string;
  readonly server: (port: number) => readonly string[];
  readonly client: (port: number) => readonly string[];
  readonly input?: string;
}

/** Records one conversation; the client is started again until it has been answered. */
async function recorded(t: ExecutionContext, { name, server, client, input = '' }: Case): Promise<string> {
  const port = await freePort();
  const [program = '', ...words] = server(port);
  const child = spawn(program, words, { stdio: ['pipe', 'ignore', 'ignore'] });
  t.teardown(() => child.kill('SIGKILL'));
  for (let attempt = 0; ; attempt++) {
    const relay = await relayTo(port);
    const [clientProgram = '', ...clientWords] = client(relay.port);
    await runProgram(clientProgram, clientWords, {
      input,
      timeout: 6000,
      env: { ...process.env, SSLKEYLOGFILE: inFolder(`${name}.keys`) },
    });
    const path = relay.write(`${name}.pcap`);
    const answered = await linesOf(path);
    if (answered.some(({ message }) => message === 'server_hello') || attempt === 5) return path;
  }
}

interface Line {
  readonly kind: string;
  readonly message?: string;
  readonly sni?: string;
  readonly encrypted?: boolean;
  readonly description?: string;
  readonly protocols?: readonly string[];
}

async function linesOf(path: string, ...words: readonly string[]): Promise<Line[]> {
  const { stdout } = await askWirelab(['inspect', path, '--json', ...words]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

const typeNames: Readonly<Record<string, string>> = {
  1: 'client_hello',
  2: 'server_hello',
  3: 'hello_verify_request',
  4: 'new_session_ticket',
  8: 'encrypted_extensions',
  11: 'certificate',
  12: 'server_key_exchange',
  13: 'certificate_request',
  14: 'server_hello_done',
  15: 'certificate_verify',
  16: 'client_key_exchange',
  20: 'finished',
};

/** Handshake messages by tshark, in the order of the file; of fragments the ones that complete them. */
async function byTshark(path: string, field: string, keys?: string): Promise<string[]> {
  const { stdout } = await runProgram('tshark', [
    '-n',
    '-r',
    path,
    ...(keys === undefined ? [] : ['-o', `tls.keylog_file:${keys}`]),
    '-d',
    'udp.port==4433,' + (field.startsWith('dtls') ? 'dtls' : 'quic'),
    '-T',
    'fields',
    '-e',
    field,
  ]);
  return stdout
    .split(/[\n,]/)
    .filter((type) => type !== '')
    .map((type) => typeNames[type] ?? type);
}

const messagesIn = (lines: readonly Line[]): string[] =>
  lines.flatMap(({ kind, message }) => (kind === 'handshake' && message !== undefined ? [message] : []));

const openssl: Case = {
  name: 'openssl',
  server: (port) => [
    'openssl',
    's_server',
    '-dtls1_2',
    '-accept',
    String(port),
    '-cert',
    cert,
    '-key',
    key,
    '-quiet',
  ],
  client: (port) => [
    'openssl',
    's_client',
    '-dtls1_2',
    '-connect',
    `127.0.0.1:${port}`,
    '-servername',
    'shop.example',
  ],
  input: 'Q\n',
};
const gnutls: Case = {
  name: 'gnutls',
  server: (port) => [
    'gnutls-serv',
    '--udp',
    '-p',
    String(port),
    '--x509certfile',
    cert,
    '--x509keyfile',
    key,
    '--mtu',
    '400',
  ],
  client: (port) => [
    'gnutls-cli',
    '--udp',
    '--insecure',
    '-p',
    String(port),
    '--sni-hostname',
    'shop.example',
    '127.0.0.1',
  ],
};

for (const one of [openssl, gnutls])
  withPeer(
    [one.server(0)[0] ?? '', one.client(0)[0] ?? '', 'tshark'],
    `DTLS 1.2 between ${one.name}'s client and server: every message that tshark sees, and the name`,
    async (t) => {
      const path = await recorded(t, one);
      const lines = await linesOf(path);
      t.is(lines.find(({ message }) => message === 'client_hello')?.sni, 'shop.example');
      const own = messagesIn(lines);
      const theirs = await byTshark(path, 'dtls.handshake.type');
      // tshark lists each fragment, and a retransmission once more.
      t.deepEqual(new Set(own), new Set(theirs));
      t.true(own.includes('certificate') && own.includes('server_hello_done'));
      t.deepEqual(lines.find(({ kind }) => kind === 'stream')?.protocols, ['dtls', 'tls']);
    },
  );

withPeer(
  ['openssl'],
  'the keys of datagrams are in a bundle that keeps secrets, and are counted in one that does not',
  async (t) => {
    const keys = inFolder('saved.keys');
    const path = await recorded(t, {
      ...openssl,
      name: 'saved',
      client: (port) => [...openssl.client(port), '-keylogfile', keys],
    });
    const shown = await askWirelab(['inspect', path, '--keylog', keys, '--no-tui']);
    t.regex(shown.stdout, /Finished .* opened with the keys/);
    const saved = inFolder('saved.wirelab');
    await askWirelab(['inspect', path, '--keylog', keys, '--save', saved, '--with-secrets']);
    t.is((await askWirelab(['replay', saved, '--no-tui'])).stdout, shown.stdout);
    const { stderr } = await askWirelab(['inspect', path, '--keylog', keys, '--save', saved]);
    t.regex(stderr, /; [1-9]\d* lines? of the key log left out/);
    t.false((await askWirelab(['replay', saved, '--no-tui'])).stdout.includes('opened with the keys'));
  },
);

withPeer(
  ['openssl'],
  'a certificate that openssl refuses over DTLS is an alert with its reason',
  async (t) => {
    const path = await recorded(t, {
      ...openssl,
      name: 'refused',
      client: (port) => [...openssl.client(port), '-verify_return_error', '-verify', '2'],
    });
    const lines = await linesOf(path);
    t.is(lines.find(({ kind }) => kind === 'alert')?.description, 'unknown_ca');
  },
);

withPeer(
  ['gtlsserver', 'gtlsclient', 'tshark'],
  'QUIC between ngtcp2’s client and server: the name without keys, the handshake with them, as tshark sees it',
  async (t) => {
    const path = await recorded(t, {
      name: 'quic',
      server: (port) => ['gtlsserver', '-q', '-d', folder, '127.0.0.1', String(port), key, cert],
      client: (port) => [
        'gtlsclient',
        '-q',
        '--exit-on-first-stream-close',
        '127.0.0.1',
        String(port),
        'https://shop.example/cert.pem',
      ],
    });
    const sealed = await linesOf(path);
    // For an address this client asks for this name.
    t.is(sealed.find(({ message }) => message === 'client_hello')?.sni, 'localhost');
    t.deepEqual(messagesIn(sealed), ['client_hello', 'server_hello']);
    const keys = inFolder('quic.keys');
    t.true(existsSync(keys));
    const opened = messagesIn(await linesOf(path, '--keylog', keys));
    t.deepEqual(opened, await byTshark(path, 'tls.handshake.type', keys));
    t.true(['encrypted_extensions', 'certificate', 'finished'].every((one) => opened.includes(one)));
  },
);
