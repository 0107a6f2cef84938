/** A connection of Node's own HTTP/2 client and server, recorded as the pieces that went each way. */
import { once } from 'node:events';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { ClientHttp2Session, ServerHttp2Stream, IncomingHttpHeaders, ServerOptions } from 'node:http2';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import type { Piece } from '../../../src/protocols/piece.ts';

export interface Recording {
  readonly pieces: readonly Piece[];
}

const portOf = (server: Pick<Server, 'address'>): number => (server.address() as AddressInfo).port;

async function listening(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

/**
 * @param options.onStream answers a request
 * @param options.talk what the client does; the connection is closed afterwards
 */
export async function recordHttp2({
  onStream,
  talk,
  settings = {},
}: {
  readonly onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;
  readonly talk: (client: ClientHttp2Session) => Promise<void>;
  readonly settings?: ServerOptions;
}): Promise<Recording> {
  const target = createHttp2Server(settings);
  target.on('stream', onStream);
  await listening(target);
  const pieces: Piece[] = [];
  const offsets = { client: 0, server: 0 };
  const record = (from: 'client' | 'server', bytes: Uint8Array): void => {
    pieces.push({ from, offset: offsets[from], bytes, tag: pieces.length });
    offsets[from] += bytes.length;
  };
  const tap = createServer((one) => {
    const other = connect(portOf(target), '127.0.0.1');
    one.on('data', (bytes: Buffer) => {
      record('client', bytes);
    });
    other.on('data', (bytes: Buffer) => {
      record('server', bytes);
    });
    one.pipe(other).pipe(one);
    for (const socket of [one, other]) socket.on('error', () => undefined);
  });
  await listening(tap);
  const client = connectHttp2(`http://127.0.0.1:${portOf(tap)}`);
  client.on('stream', (pushed) => {
    pushed.resume();
  });
  try {
    await talk(client);
  } finally {
    const closed = once(client, 'close');
    client.close();
    await closed;
    tap.close();
    target.close();
  }
  return { pieces };
}

/** One request; resolves with its answer's body and trailers when it is complete. */
export async function ask(
  client: ClientHttp2Session,
  headers: Readonly<Record<string, string | readonly string[]>>,
  body: readonly (string | Uint8Array)[] = [],
  trailers?: Readonly<Record<string, string>>,
): Promise<string> {
  const stream = client.request(headers as Record<string, string>, {
    endStream: body.length === 0,
    waitForTrailers: trailers !== undefined,
  });
  if (trailers)
    stream.on('wantTrailers', () => {
      stream.sendTrailers(trailers);
    });
  for (const part of body)
    await new Promise<void>((resolve) => {
      stream.write(part, () => {
        resolve();
      });
    });
  if (body.length > 0) stream.end();
  let text = '';
  for await (const part of stream) text += String(part);
  return text;
}
