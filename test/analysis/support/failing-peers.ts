/**
 * TLS programs that fail to agree, recorded by a tap between them as a sniffer would see it: the wire and its end, no word
 * of either endpoint. Certificates are issued when this file is loaded.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/clock.ts';
import type { Side } from '../../../src/capture/event.ts';
import { Flows } from '../../../src/capture/flows.ts';
import type { Connection } from '../../../src/capture/connection.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { issueTexts } from '../../../src/pki/ca/issue.ts';
import type { CertificateRow } from '../../../src/pki/ca/recipe.ts';
import { Talker } from '../../protocols/helpers/tapped-programs.ts';
import { present, topology } from '../../helpers/capture.ts';
import { atExit } from '../../helpers/at-exit.ts';

const server: CertificateRow = {
  profile: 'server',
  issuer: 'good-ca',
  subject: { CN: 'localhost' },
  san: ['DNS:localhost', 'IP:127.0.0.1'],
};
const client: CertificateRow = { profile: 'client', issuer: 'good-ca', subject: { CN: 'alice' } };

const { texts } = issueTexts(
  {
    certificates: {
      'good-ca': { profile: 'root', subject: { CN: 'Good CA' } },
      'other-ca': { profile: 'root', subject: { CN: 'Other CA' } },
      server,
      'server-rsa': { ...server, key: 'RSA-2048' },
      'server-expired': { ...server, flaws: ['expired'] },
      'server-not-yet-valid': { ...server, flaws: ['not-yet-valid'] },
      'server-self-signed': { ...server, flaws: ['self-signed'] },
      'server-wrong-usage': { ...server, flaws: ['wrong-usage'] },
      'server-bad-signature': { ...server, flaws: ['bad-signature'] },
      client,
      'client-other': { ...client, issuer: 'other-ca', subject: { CN: 'mallory' } },
      'client-self-signed': { ...client, flaws: ['self-signed'] },
      'client-expired': { ...client, flaws: ['expired'] },
      'client-not-yet-valid': { ...client, flaws: ['not-yet-valid'] },
      'client-wrong-usage': { ...client, flaws: ['wrong-usage'] },
      'client-revoked': { ...client, flaws: ['revoked'] },
    },
    revocations: { 'good-ca': {} },
  },
  { clock: systemClock },
);

const folder = mkdtempSync(join(tmpdir(), 'wirelab-failing-'));
atExit(() => rmSync(folder, { recursive: true, force: true }));
for (const [name, text] of Object.entries(texts)) writeFileSync(file(name), text, { mode: 0o600 });

/** A file of the certificates: `server.crt`, `server.key`, `good-ca.crl`. */
export function file(name: string): string {
  return join(folder, name);
}

/** What openssl is told to present a certificate. */
export const presents = (name: string): string[] => [
  '-cert',
  file(`${name}.crt`),
  '-key',
  file(`${name}.key`),
];

export interface Recorded {
  readonly connection: Connection;
  /** NSS key log lines of the server. */
  readonly keys: readonly string[];
}

/** A tap in front of a port; everything that goes through is in its log, one connection after the other. */
export class Tap {
  readonly log = new CaptureLog({ clock: systemClock });
  readonly flows = new Flows(this.log);
  readonly #listener = createServer({ allowHalfOpen: true });

  constructor(target: number) {
    this.log.subscribe(this.flows.fold);
    this.log.append({ type: 'began', version: '0.0.0', wallClock: new Date().toISOString(), topology });
    this.#listener.on('connection', (socket) =>
      this.#carry(socket, connect({ port: target, host: '127.0.0.1', allowHalfOpen: true })),
    );
  }

  async listen(): Promise<number> {
    this.#listener.listen(0, '127.0.0.1');
    await once(this.#listener, 'listening');
    return (this.#listener.address() as AddressInfo).port;
  }

  /** The only connection, once it has ended. */
  async only(): Promise<Connection> {
    if (!(await this.log.until(() => this.log.events.some(({ type }) => type === 'closed'), 15_000)))
      throw new Error('the connection never ended');
    return present(this.flows.connections[0]);
  }

  close(): void {
    this.#listener.close();
  }

  #carry(own: Socket, upstream: Socket): void {
    const conn = this.log.nextConnection();
    const port = (socket: Socket) => ({ host: '127.0.0.1', port: socket.remotePort ?? 0 });
    this.log.append({
      type: 'opened',
      conn,
      hop: 'A',
      transport: 'tcp',
      from: port(own),
      to: { host: '127.0.0.1', port: (this.#listener.address() as AddressInfo).port },
    });
    let first: { readonly by: Side; readonly how: 'end' | 'reset' } | undefined;
    for (const [from, source, sink] of [
      ['client', own, upstream],
      ['server', upstream, own],
    ] as const) {
      source.on('data', (bytes: Buffer) => {
        this.log.append({ type: 'bytes', conn, hop: 'A', vantage: 'wire', from, bytes });
        sink.write(bytes);
      });
      source.on('end', () => {
        first ??= { by: from, how: 'end' };
        sink.end();
      });
      source.on('error', () => {
        first ??= { by: from, how: 'reset' };
        sink.resetAndDestroy();
      });
    }
    let open = 2;
    for (const socket of [own, upstream]) {
      socket.once('close', () => {
        if (--open === 0)
          this.log.append({ type: 'closed', conn, hop: 'A', ...(first ?? { by: 'unknown', how: 'end' }) });
      });
    }
  }
}

let runs = 0;

function talker(port: number, words: readonly string[], program: readonly string[] | undefined): Talker {
  const [name, ...parameters] = program ?? [];
  if (name === undefined)
    return new Talker('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...words]);
  const last = parameters.at(-1) ?? '';
  return new Talker(
    name,
    last.includes('{}')
      ? [...parameters.slice(0, -1), last.replace('{}', String(port))]
      : [...parameters, String(port)],
  );
}

/**
 * `openssl s_server -www` and a client: `openssl s_client`, which asks for a page where it is let in, unless it is one of
 * this process (`speak`) or another program, whose last word gets the port in the place of `{}`, or behind it.
 */
export async function opensslFails(
  serverWords: readonly string[],
  clientWords: readonly string[],
  speak?: (port: number) => Socket,
  program?: readonly string[],
): Promise<Recorded> {
  const place = join(folder, `run-${++runs}`);
  mkdirSync(place);
  const keylog = join(place, 'keylog');
  const running = new Talker('openssl', [
    's_server',
    '-www',
    '-accept',
    '127.0.0.1:0',
    '-keylogfile',
    keylog,
    ...serverWords,
  ]);
  let tap: Tap | undefined;
  try {
    const [, port] = await running.hears(/ACCEPT \S+:(\d+)/);
    tap = new Tap(Number(port));
    const tapPort = await tap.listen();
    const asking = speak ? undefined : talker(tapPort, clientWords, program);
    asking?.say('GET / HTTP/1.0\r\n\r');
    speak?.(tapPort)
      .on('error', () => {})
      .resume();
    const connection = await tap.only();
    await asking?.stop();
    return { connection, keys: readFileSync(keylog, 'utf8').split('\n') };
  } finally {
    tap?.close();
    await running.stop();
  }
}
