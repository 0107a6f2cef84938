/**
 * TLS programs that talk to each other through a tap on loopback: `openssl s_server` on one side, a client on the other.
 * Everything that they say, and the bytes on the wire between them, is kept.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsChunk } from '../../../src/protocols/tls/conversation.ts';
import type { SelfSigned } from './self-signed.ts';

/** A program with what it has said so far. */
export class Talker {
  readonly child: ChildProcessWithoutNullStreams;
  #said = '';
  readonly #ended: Promise<unknown>;

  constructor(program: string, parameters: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(program, [...parameters], {
      stdio: 'pipe',
      env: { ...process.env, ...env },
      timeout: 20_000,
    });
    this.#ended = once(this.child, 'close');
    this.child.stdin.on('error', () => {});
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#said += chunk.toString('latin1');
      });
    }
  }

  say(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  /** Waits until it has said something that matches. */
  async hears(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#said);
      if (found) return found;
      const ended = await Promise.race([
        once(this.child.stdout, 'data'),
        once(this.child.stderr, 'data'),
        this.#ended.then(() => 'ended'),
      ]);
      if (ended === 'ended' && !pattern.test(this.#said))
        throw new Error(`it ended without ${pattern}:\n${this.#said}`);
    }
  }

  async end(): Promise<void> {
    this.child.stdin.end();
    await this.#ended;
  }

  async stop(): Promise<void> {
    this.child.kill();
    await this.#ended;
  }
}

export interface Programs {
  readonly server: Talker;
  /** Where clients connect: the tap in front of the server. */
  readonly port: number;
  /** A path in a folder that is removed afterwards. */
  readonly file: (name: string) => string;
  /** What went over the wire, one list a connection. */
  readonly connections: readonly TlsChunk[][];
  readonly keylog: () => Promise<string[]>;
}

/** Runs `openssl s_server` behind a tap, then `run`; cleans up whatever happens. */
export async function withServer<T>(
  identity: SelfSigned,
  parameters: readonly string[],
  run: (programs: Programs) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-tapped-'));
  const file = (name: string): string => join(folder, name);
  await Promise.all([
    writeFile(file('key.pem'), identity.key, { mode: 0o600 }),
    writeFile(file('cert.pem'), identity.cert),
  ]);
  const server = new Talker('openssl', [
    's_server',
    '-accept',
    '127.0.0.1:0',
    '-key',
    file('key.pem'),
    '-cert',
    file('cert.pem'),
    '-keylogfile',
    file('keylog'),
    ...parameters,
  ]);
  const connections: TlsChunk[][] = [];
  const tap = createServer();
  try {
    const [, serverPort] = await server.hears(/ACCEPT \S+:(\d+)/);
    tap.on('connection', (socket) => {
      const chunks: TlsChunk[] = [];
      connections.push(chunks);
      const upstream = connect(Number(serverPort), '127.0.0.1');
      for (const [from, source, sink] of [
        ['client', socket, upstream],
        ['server', upstream, socket],
      ] as const) {
        let offset = 0;
        source.on('data', (bytes: Buffer) => {
          chunks.push({ from, offset, bytes });
          offset += bytes.length;
          sink.write(bytes);
        });
        source.on('end', () => sink.end());
        source.on('error', () => sink.destroy());
      }
    });
    tap.listen(0, '127.0.0.1');
    await once(tap, 'listening');
    const { port } = tap.address() as AddressInfo;
    const keylog = async (): Promise<string[]> => (await readFile(file('keylog'), 'utf8')).split('\n');
    return await run({ server, port, file, connections, keylog });
  } finally {
    tap.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
