/** Proxies for the commands of `wirelab why`: HTTP and SOCKS 5, with and without TLS of their own. */
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';

export interface Proxy {
  readonly port: number;
  /** What it was asked for: `CONNECT shop.example:443`. */
  readonly asked: readonly string[];
  /** As it received them. */
  readonly heads: readonly string[];
}

export interface ProxyKind {
  /** It speaks TLS itself. */
  readonly tls?: TlsOptions;
  /** In the place of a tunnel. */
  readonly answers?: string;
  /** Where it leads, whatever it is asked for. */
  readonly leadsTo?: number;
}

export async function httpProxy(
  t: ExecutionContext,
  { tls, answers, leadsTo }: ProxyKind = {},
): Promise<Proxy> {
  const asked: string[] = [];
  const heads: string[] = [];
  const serve = (socket: Socket): void => {
    socket.on('error', () => {});
    socket.once('data', (head: Buffer) => {
      heads.push(head.toString());
      const [, host = '', port = ''] = /^CONNECT (\S+):(\d+) /.exec(head.toString()) ?? [];
      asked.push(/^[^\r]*?(?= HTTP)/.exec(head.toString())?.[0] ?? '');
      if (answers !== undefined) return void socket.end(answers);
      const to = leadsTo === undefined ? { host, port: Number(port) } : { host: '127.0.0.1', port: leadsTo };
      const on = connect(to, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(on).pipe(socket);
      });
      on.on('error', () => socket.destroy());
      socket.on('close', () => on.destroy());
      return undefined;
    });
  };
  const server = tls ? createTlsServer(tls, serve).on('tlsClientError', () => {}) : createTcpServer(serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, asked, heads };
}

/** RFC 1928, for names and IPv4 addresses, without a login. */
export async function socksProxy(t: ExecutionContext, leadsTo: number): Promise<Proxy> {
  const asked: string[] = [];
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]));
      socket.once('data', (request: Buffer) => {
        const name = request.subarray(5, 5 + (request[4] ?? 0)).toString();
        asked.push(request[3] === 3 ? name : [...request.subarray(4, 8)].join('.'));
        const on = connect({ host: '127.0.0.1', port: leadsTo }, () => {
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          socket.pipe(on).pipe(socket);
        });
        on.on('error', () => socket.destroy());
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, asked, heads: [] };
}
