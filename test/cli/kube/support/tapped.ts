/** API servers of another make, and `kube tap` in front of them. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectHttp2, createSecureServer } from 'node:http2';
import type { Http2SecureServer, Http2ServerResponse } from 'node:http2';
import { createServer } from 'node:https';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { ExecutionContext } from 'ava';
import * as yaml from 'yaml';
import { readUserConfig } from '../../../../src/kube/kubectl/user-config.ts';
import type { UserConfig } from '../../../../src/kube/kubectl/user-config.ts';
import { kubeconfigText } from '../../../../src/pki/kubeadm/kubeconfig.ts';
import { start } from '../../../helpers/running.ts';
import type { Running } from '../../../helpers/running.ts';
import { makeWorld } from '../../../wire/support/world.ts';

export const world = makeWorld();
export const alice = world.identity('alice');

export interface Desk {
  readonly path: (name: string) => string;
}

export function desk(t: ExecutionContext): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-tap-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return { path: (name) => join(folder, name) };
}

type Asked = Pick<IncomingMessage, 'headers' | 'httpVersion' | 'url'> & { readonly socket: Duplex };

/** A server that speaks HTTP/2 and HTTP/1.1 as a real API server does; it knows callers by their certificates. */
export async function apiServer(
  t: ExecutionContext,
  speaks: 'h2' | 'http/1.1' = 'h2',
  onAsked: (asked: Asked, user: unknown) => void = () => {},
): Promise<number> {
  const { certificate: cert, key } = world.identity('server');
  const options = {
    cert,
    key,
    ca: world.authority('client-ca'),
    requestCert: true,
    rejectUnauthorized: false,
  };
  const answer = (asked: Asked, response: ServerResponse | Http2ServerResponse): void => {
    const user = (asked.socket as TLSSocket).getPeerCertificate().subject?.CN ?? asked.headers.authorization;
    onAsked(asked, user);
    response.writeHead(user === undefined ? 401 : 200, { 'content-type': 'application/json' });
    (response as ServerResponse).write(`${JSON.stringify({ user, version: asked.httpVersion })}\n`);
    if (asked.url?.includes('watch=true') !== true) response.end();
  };
  const server: Http2SecureServer | HttpsServer =
    speaks === 'h2'
      ? createSecureServer({ ...options, allowHTTP1: true }, answer)
      : createServer({ ...options, ALPNProtocols: [speaks] }, answer);
  server.on('upgrade', (_asked, socket: Socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.pipe(socket);
  });
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {});
  });
  server.on('sessionError', () => {}).on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

type Proof = Parameters<typeof kubeconfigText>[0]['proof'];

export function configOf(
  { path }: Desk,
  port: number,
  proof: Proof = alice,
  authority = 'server-ca',
): string {
  const text = kubeconfigText({
    cluster: 'shop',
    server: `https://127.0.0.1:${port}`,
    user: 'alice',
    authority: world.authority(authority),
    proof,
  });
  writeFileSync(path('config'), text, { mode: 0o600 });
  return path('config');
}

interface TappedRun extends Running {
  readonly port: number;
  readonly config: UserConfig;
  /** Waits for a warning. */
  warns(pattern: RegExp): Promise<string>;
}

/** @param words of the command, and variables of its environment. */
export async function tapped(
  t: ExecutionContext,
  { path }: Desk,
  ...words: (string | Readonly<Record<string, string>>)[]
): Promise<TappedRun> {
  const variables = words.filter((one) => typeof one === 'object');
  const running = start(
    t,
    [
      'kube',
      'tap',
      '--no-tui',
      '--out',
      path('tap.kubeconfig'),
      ...words.filter((one) => typeof one === 'string'),
    ],
    undefined,
    Object.assign({}, ...variables) as Record<string, string>,
  );
  let warned = '';
  running.child.stderr.setEncoding('utf8').on('data', (text: string) => {
    warned += text;
    running.child.emit('warned');
  });
  await running.until(/auth whoami/);
  const config = readUserConfig([path('tap.kubeconfig')], undefined, yaml);
  return {
    ...running,
    async warns(pattern) {
      const said = (): string => warned.replaceAll(/\s+/g, ' ');
      while (!pattern.test(said())) await once(running.child, 'warned');
      return said();
    },
    port: Number(new URL(config.server).port),
    config,
  };
}

export const credentialsIn = ({ authority, identity }: UserConfig) => ({
  ca: authority,
  cert: identity?.certificate,
  key: identity?.key,
});

/** What the server answers over HTTP/2. */
export async function answered(t: ExecutionContext, config: UserConfig, path: string, headers: object = {}) {
  const session = connectHttp2(config.server, credentialsIn(config));
  t.teardown(() => session.destroy());
  const stream = session.request({ ':path': path, ...headers });
  const [piece] = (await once(stream, 'data')) as [Buffer];
  return { session, stream, said: JSON.parse(piece.toString()) as { user: string; version: string } };
}
