/**
 * One TLS connection between two Node sockets over a pipe that records every byte and every key log line, in order.
 */
import { Duplex } from 'node:stream';
import { once } from 'node:events';
import { TLSSocket, connect, createSecureContext } from 'node:tls';
import type { ConnectionOptions, TLSSocketOptions } from 'node:tls';
import type { Side } from '../../../src/capture/event.ts';

export type Recorded =
  | { readonly type: 'bytes'; readonly from: Side; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: 'keylog'; readonly line: string };

export interface Recording {
  readonly events: readonly Recorded[];
  readonly keylog: readonly string[];
  /** The whole of one direction. */
  stream(from: Side): Uint8Array;
  /** What the client's stack says of the connection; undefined when the handshake failed. */
  readonly agreed?: { readonly cipher: string; readonly version: string | null };
}

class PipeEnd extends Duplex {
  peer: PipeEnd | undefined;
  readonly #record: (bytes: Uint8Array) => void;

  constructor(record: (bytes: Uint8Array) => void) {
    super();
    this.#record = record;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#record(Uint8Array.from(chunk));
    this.peer?.push(Buffer.from(chunk));
    done();
  }

  override _final(done: () => void): void {
    this.peer?.push(null);
    done();
  }
}

export interface RecordOptions {
  readonly server: TLSSocketOptions & { readonly key: string; readonly cert: string };
  readonly client?: ConnectionOptions;
  /** Runs once both ends are secure; the recording ends when it is done. */
  readonly talk?: (client: TLSSocket, server: TLSSocket) => Promise<void>;
  /** Whose key log lines are recorded. */
  readonly keylogOf?: Side;
}

/** Runs the connection to the end of `talk` (or to the failure of the handshake) and hands over what was recorded. */
export async function recordTls(options: RecordOptions): Promise<Recording> {
  const events: Recorded[] = [];
  const keylog: string[] = [];
  const offsets = { client: 0, server: 0 };
  const record =
    (from: Side) =>
    (bytes: Uint8Array): void => {
      events.push({ type: 'bytes', from, offset: offsets[from], bytes });
      offsets[from] += bytes.length;
    };
  const clientEnd = new PipeEnd(record('client'));
  const serverEnd = new PipeEnd(record('server'));
  clientEnd.peer = serverEnd;
  serverEnd.peer = clientEnd;

  const server = new TLSSocket(serverEnd, {
    isServer: true,
    secureContext: createSecureContext(options.server),
    ...options.server,
  });
  const client = connect({ socket: clientEnd, rejectUnauthorized: false, ...options.client });
  const listener = (options.keylogOf ?? 'server') === 'server' ? server : client;
  listener.on('keylog', (line: Buffer) => {
    const text = line.toString().trim();
    keylog.push(text);
    events.push({ type: 'keylog', line: text });
  });
  const failed = new Promise<'failed'>((resolve) => {
    for (const socket of [client, server]) socket.on('error', () => resolve('failed'));
  });
  const secured = Promise.all([once(client, 'secureConnect'), once(server, 'secure')]).then(
    () => 'secured' as const,
    () => 'failed' as const,
  );
  if ((await Promise.race([secured, failed])) === 'secured')
    await Promise.race([options.talk?.(client, server), failed]);
  const cipher = client.getCipher()?.standardName;
  const agreed = cipher && { agreed: { cipher, version: client.getProtocol() } };
  client.destroy();
  server.destroy();
  return {
    events,
    keylog,
    stream: (from) =>
      Buffer.concat(
        events.flatMap((event) => (event.type === 'bytes' && event.from === from ? [event.bytes] : [])),
      ),
    ...agreed,
  };
}

/** Writes on one socket and waits until the other has read as many bytes. */
export async function exchange(from: TLSSocket, to: TLSSocket, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve) => {
    let left = bytes.length;
    const listen = (chunk: Buffer): void => {
      left -= chunk.length;
      if (left > 0) return;
      to.off('data', listen);
      resolve();
    };
    to.on('data', listen);
    from.write(bytes);
  });
}
