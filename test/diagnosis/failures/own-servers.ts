/** Servers of this process: Node's, raw ones that follow a few lines, and what stands between a client and a server. */
import { once } from 'node:events';
import { createServer as createPlain } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { ServerOptions } from 'node:https';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { text } from './certificates.ts';
import type { Serve, Started } from './setting.ts';

async function listening(started: Started, server: Server, host = '127.0.0.1'): Promise<number> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, host);
  await once(server, 'listening');
  started.endedBy(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

export const plainHttp: Serve = async (started) =>
  listening(
    started,
    createPlain((_request, response) => void response.end('welcome\n')),
  );

const chainOf = (name: string): string => text(`${name}.chain.crt`) || text(`${name}.crt`);

/** Over TLS it takes what it is sent, says nothing, and keeps its end open when the client has left. */
export const hanging: Serve = async (started) =>
  listening(
    started,
    createTls(
      { cert: chainOf('server'), key: text('server.key'), allowHalfOpen: true },
      (socket) => void socket.on('error', () => {}).resume(),
    ),
  );

export interface NodeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const node =
  (
    name: string,
    options: ServerOptions = {},
    { status = 200, headers = {}, body = 'welcome\n' }: NodeAnswer = {},
    host?: string,
  ): Serve =>
  async (started) => {
    const server = createSecure(
      { cert: chainOf(name), key: text(`${name}.key`), ...options },
      (_request, response) => void response.writeHead(status, headers).end(body),
    );
    server.on('tlsClientError', () => {});
    return listening(started, server, host);
  };

/** @param serve gets each connection; what it does not read is discarded */
export const raw =
  (serve: (socket: Socket) => void, host?: string): Serve =>
  async (started) =>
    listening(
      started,
      createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
        socket.on('end', () => socket.end());
        serve(socket);
        socket.resume();
      }),
      host,
    );

/** A port on which nothing listens any more. */
export const nothing: Serve = async () => 1;

export interface Relayed {
  readonly client: Socket;
  readonly server: Socket;
}

/** Passes everything on, except where one of these decides otherwise. */
export interface Middlebox {
  /** Before anything is passed on. @returns true where it has dealt with the connection */
  readonly atFirst?: (first: Buffer, ways: Relayed) => boolean;
  /** @returns what goes on to the client in its place */
  readonly toClient?: (bytes: Buffer, before: number, ways: Relayed) => Buffer | undefined;
  /** @returns what goes on to the server in its place */
  readonly toServer?: (bytes: Buffer, before: number, ways: Relayed) => Buffer | undefined;
}

/** A middlebox in front of a server. */
export const behind =
  (serve: Serve, { atFirst, toClient, toServer }: Middlebox): Serve =>
  async (started) => {
    const port = await serve(started);
    return listening(
      started,
      createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
        const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
        server.on('error', () => client.destroy());
        client.on('error', () => server.destroy());
        client.once('close', () => server.destroy());
        server.once('close', () => client.end());
        const ways = { client, server };
        let [up, down, isTaken] = [0, 0, false];
        client.on('data', (bytes: Buffer) => {
          if (isTaken) return;
          if (up === 0 && atFirst?.(bytes, ways)) {
            isTaken = true;
            return;
          }
          const passed = toServer ? toServer(bytes, up, ways) : bytes;
          up += bytes.length;
          if (passed && passed.length > 0) server.write(passed);
        });
        server.on('data', (bytes: Buffer) => {
          if (isTaken) return;
          const passed = toClient ? toClient(bytes, down, ways) : bytes;
          down += bytes.length;
          if (passed && passed.length > 0) client.write(passed);
        });
        client.on('end', () => server.end());
        server.on('end', () => client.end());
      }),
    );
  };

/** Any server of Node's. */
export const secureServer =
  (make: () => Server): Serve =>
  async (started) =>
    listening(started, make());

/** What a ClientHello shows to whoever reads its first segment. */
export const hello = {
  isWhole: (first: Buffer): boolean => first.length >= 5 && first.length >= 5 + first.readUInt16BE(3),
  /** Has supported_versions (RFC 8446 section 4.2.1) with TLS 1.3 in it. */
  offers13: (first: Buffer): boolean => /\x00\x2b\x00[\s\S]{2,8}\x03\x04/.test(first.toString('latin1')),
};

export const namesServer = (first: Buffer, name: string): boolean => first.includes(name);

/** In the place of the server, whatever is said to it. */
export const plainBlockPage: Middlebox = {
  atFirst: (_first, { client }) => {
    client.end(
      'HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<h1>This site is blocked</h1>\n',
    );
    return true;
  },
};

/** Clients that name this server get one, and all others the other. */
export const byName =
  (name: string, named: Serve, others: Serve): Serve =>
  async (started) => {
    const ports = [await named(started), await others(started)] as const;
    return raw((socket) => {
      socket.once('data', (first: Buffer) => {
        const server = connect({ port: ports[first.includes(name) ? 0 : 1], host: '127.0.0.1' });
        server.on('error', () => socket.destroy());
        server.write(first);
        socket.pipe(server).pipe(socket);
      });
    })(started);
  };

/** Of the server's answer that much is passed on, and then this is done. */
export const cutAfter = (serve: Serve, most: number, end: (client: Socket) => void): Serve =>
  behind(serve, {
    toClient: (bytes, before, { client }) => {
      if (before + bytes.length <= most) return bytes;
      client.write(bytes.subarray(0, Math.max(0, most - before)), () => end(client));
      return undefined;
    },
  });

/** Ends TLS with a certificate of its own, as inspecting proxies do. */
export const tlsInTheMiddle = (name: string): Serve => node(name, {}, { headers: { Via: '1.1 inspector' } });

const dialects = {
  smtp: {
    greeting: '220 mail.example ESMTP',
    asked: /^STARTTLS/i,
    answer: '220 go ahead',
    other: '250 STARTTLS',
  },
  imap: {
    greeting: '* OK [CAPABILITY IMAP4rev1 STARTTLS] ready',
    asked: /^\S+ STARTTLS/i,
    answer: 'TAG OK begin',
    other: 'TAG OK done',
  },
  pop3: { greeting: '+OK POP3 ready', asked: /^STLS/i, answer: '+OK begin', other: '+OK' },
} as const;

/** A mail server that begins TLS when it is asked to; what follows is a greeting. */
export const mail =
  (
    name: string,
    { speaks = 'smtp', answer }: { readonly speaks?: keyof typeof dialects; readonly answer?: string } = {},
  ): Serve =>
  async (started) => {
    const { TLSSocket, createSecureContext } = await import('node:tls');
    const secureContext = createSecureContext({ cert: chainOf(name), key: text(`${name}.key`) });
    const dialect = dialects[speaks];
    return listening(
      started,
      createServer((socket) => {
        socket.write(`${dialect.greeting}\r\n`);
        const onData = (bytes: Buffer): void => {
          const line = bytes.toString('latin1');
          if (bytes[0] === 22) return void socket.end('500 what?\r\n');
          const tag = /^\S+/.exec(line)?.[0] ?? '';
          if (!dialect.asked.test(line)) return void socket.write(`${dialect.other.replace('TAG', tag)}\r\n`);
          const said = answer ?? dialect.answer;
          socket.write(`${said.replace('TAG', tag)}\r\n`);
          if (answer !== undefined && !answer.startsWith('220')) return;
          socket.off('data', onData);
          const secured = new TLSSocket(socket, { isServer: true, secureContext });
          secured.on('error', () => {});
          secured.on('data', (asked: Buffer) => {
            const [first = ''] = /^\S+/.exec(asked.toString('latin1')) ?? [];
            secured.write(`${dialect.other.replace('TAG', first)}\r\n`);
          });
        };
        socket.on('data', onData);
      }),
    );
  };

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

/** Passes on what follows a PROXY protocol header of version 2, and hangs up on all else. */
export const afterProxyHeader =
  (serve: Serve): Serve =>
  async (started) => {
    const port = await serve(started);
    return raw((socket) => {
      socket.once('data', (first: Buffer) => {
        if (!first.subarray(0, 12).equals(signature)) return void socket.destroy();
        const server = connect(port, '127.0.0.1');
        server.on('error', () => socket.destroy());
        const rest = first.subarray(16 + first.readUInt16BE(14));
        if (rest.length > 0) server.write(rest);
        socket.pipe(server).pipe(socket);
      });
    })(started);
  };

/** Connections go to one server and to the other, turn by turn; the first one to the second of them. */
export const turnByTurn =
  (...serves: readonly Serve[]): Serve =>
  async (started) => {
    const ports: number[] = [];
    for (const serve of serves) ports.push(await serve(started));
    let turn = 0;
    return raw((socket) => {
      turn = (turn + 1) % ports.length;
      const server = connect({ port: ports[turn] ?? 0, host: '127.0.0.1', allowHalfOpen: true });
      server.on('error', () => socket.destroy());
      socket.pipe(server).pipe(socket);
    })(started);
  };
