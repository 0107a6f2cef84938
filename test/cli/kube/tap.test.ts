/** `kube tap` in front of an API server: calls pass and are shown, whoever has no certificate of its own is turned away. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectHttp2, createSecureServer } from 'node:http2';
import type { Http2SecureServer, Http2ServerResponse } from 'node:http2';
import { createServer, request } from 'node:https';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import * as yaml from 'yaml';
import { readUserConfig } from '../../../src/kube/kubectl/user-config.ts';
import type { UserConfig } from '../../../src/kube/kubectl/user-config.ts';
import { kubeconfigText } from '../../../src/pki/kubeadm/kubeconfig.ts';
import { readCaptureFile } from '../../capture/support/read.ts';
import { start } from '../../helpers/running.ts';
import type { Running } from '../../helpers/running.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { makeWorld } from '../../wire/support/world.ts';

const world = makeWorld();
const alice = world.identity('alice');

interface Desk {
  readonly path: (name: string) => string;
}

function desk(t: ExecutionContext): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-tap-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return { path: (name) => join(folder, name) };
}

type Asked = Pick<IncomingMessage, 'headers' | 'httpVersion' | 'url'> & { readonly socket: Duplex };

/** A server that speaks HTTP/2 and HTTP/1.1 as a real API server does; it knows callers by their certificates. */
async function apiServer(t: ExecutionContext, speaks: 'h2' | 'http/1.1' = 'h2'): Promise<number> {
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

function configOf({ path }: Desk, port: number, proof: Proof = alice, authority = 'server-ca'): string {
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

async function tapped(
  t: ExecutionContext,
  { path }: Desk,
  ...words: string[]
): Promise<Running & { readonly port: number; readonly config: UserConfig }> {
  const running = start(t, ['kube', 'tap', '--no-tui', '--out', path('tap.kubeconfig'), ...words]);
  await running.until(/auth whoami/);
  const config = readUserConfig([path('tap.kubeconfig')], undefined, yaml);
  return { ...running, port: Number(new URL(config.server).port), config };
}

const credentialsIn = ({ authority, identity }: UserConfig) => ({
  ca: authority,
  cert: identity?.certificate,
  key: identity?.key,
});

/** What the server answers over HTTP/2. */
async function answered(t: ExecutionContext, config: UserConfig, path: string, headers: object = {}) {
  const session = connectHttp2(config.server, credentialsIn(config));
  t.teardown(() => session.destroy());
  const stream = session.request({ ':path': path, ...headers });
  const [piece] = (await once(stream, 'data')) as [Buffer];
  return { session, stream, said: JSON.parse(piece.toString()) as { user: string; version: string } };
}

test('calls over HTTP/2 pass to the server with the user’s certificate; each is a line when its answer begins', async (t) => {
  const own = desk(t);
  const port = await apiServer(t);
  const kubeconfig = configOf(own, port);
  const before = readFileSync(kubeconfig);
  const tap = await tapped(t, own, '--kubeconfig', kubeconfig, '-w', own.path('calls.pcapng'));
  t.is(statSync(own.path('tap.kubeconfig')).mode & 0o777, 0o600);
  t.is(tap.config.context, 'alice@shop');
  const { session, said } = await answered(t, tap.config, '/api/v1/pods?watch=true');
  t.deepEqual(said, { user: 'alice', version: '2.0' });
  // The watch goes on.
  await tap.until(/^alice GET \/api\/v1\/pods\?watch=true 200$/m);
  session.destroy();
  tap.child.kill('SIGTERM');
  t.deepEqual([...(await tap.exit)], [143, null]);
  t.false(existsSync(own.path('tap.kubeconfig')), 'its keys do not outlive it');
  t.deepEqual(readFileSync(kubeconfig), before);
  t.true(readCaptureFile(readFileSync(own.path('calls.pcapng'))).packets.length > 0);
});

test('a server without HTTP/2, and connections that become others: WebSocket and the like pass', async (t) => {
  const own = desk(t);
  const tap = await tapped(t, own, '--kubeconfig', configOf(own, await apiServer(t, 'http/1.1')));
  const socket = connectTls({
    port: tap.port,
    host: '127.0.0.1',
    ...credentialsIn(tap.config),
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  t.is(socket.alpnProtocol, 'http/1.1');
  socket.write(
    'GET /api/v1/namespaces/a/pods/web/exec?command=sh HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  let got = '';
  const echoed = new Promise<void>((resolve) => {
    socket.setEncoding('utf8').on('data', (text: string) => {
      got += text;
      if (got.includes('\r\n\r\n') && !got.includes('hello')) socket.write('hello');
      if (got.endsWith('hello')) resolve();
    });
  });
  await echoed;
  t.regex(
    await tap.until(/ 101$/m),
    /^alice GET \/api\/v1\/namespaces\/a\/pods\/web\/exec\?command=sh 101$/m,
  );
});

test('whoever lacks the certificate of that configuration is refused, and the card says so', async (t) => {
  const own = desk(t);
  const tap = await tapped(t, own, '--kubeconfig', configOf(own, await apiServer(t)));
  const status = await new Promise<string>((resolve) => {
    request({ port: tap.port, host: '127.0.0.1', ca: tap.config.authority, path: '/' })
      .on('response', ({ statusCode }) => resolve(String(statusCode)))
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
      .end();
  });
  t.regex(status, /ALERT|ECONNRESET|EPIPE/);
  t.regex(await tap.until(/certificate/i), /no certificate/i);
});

test('a token is kubectl’s: it passes through, and stands in no line', async (t) => {
  const own = desk(t);
  const tap = await tapped(
    t,
    own,
    '--kubeconfig',
    configOf(own, await apiServer(t), { token: 'swordfish-of-alice' }),
  );
  t.is(tap.config.entries.user['token'], 'swordfish-of-alice');
  const { said } = await answered(t, tap.config, '/api', { authorization: 'Bearer swordfish-of-alice' });
  t.is(said.user, 'Bearer swordfish-of-alice');
  const lines = await tap.until(/GET \/api 200/);
  t.notRegex(lines, /swordfish/);
});

test('a plugin’s certificate is shown to the server', async (t) => {
  const own = desk(t);
  const port = await apiServer(t);
  const status = { clientCertificateData: alice.certificate, clientKeyData: alice.key };
  writeFileSync(own.path('given'), JSON.stringify({ kind: 'ExecCredential', status }), { mode: 0o600 });
  const config = yaml.parse(readFileSync(configOf(own, port, { token: 'x' }), 'utf8')) as {
    users: { user: object }[];
  };
  config.users[0] = {
    ...config.users[0],
    user: {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: 'cat',
        args: [own.path('given')],
        interactiveMode: 'Never',
      },
    },
  };
  writeFileSync(own.path('config'), yaml.stringify(config));
  const tap = await tapped(t, own, '--kubeconfig', own.path('config'));
  const { said } = await answered(t, tap.config, '/api');
  t.is(said.user, 'alice');
});

test('what cannot work is said before anything listens or is written', async (t) => {
  const own = desk(t);
  const port = await apiServer(t);
  const fails = async (words: RegExp, ...more: string[]): Promise<void> => {
    const { exitCode, stderr } = await askWirelab(['kube', 'tap', '--no-tui', ...more], {
      env: { KUBECONFIG: undefined, HOME: own.path('nobody') },
    });
    t.is(exitCode, 2, stderr);
    t.regex(stderr.replaceAll(/\s+/g, ' '), words);
    t.false(existsSync(own.path('tap.kubeconfig')));
  };
  const out = ['--out', own.path('tap.kubeconfig')];
  await fails(/nobody\/\.kube\/config/, ...out);
  await fails(
    /the kubeconfig names a context/,
    '--kubeconfig',
    configOf(own, port),
    '--context',
    'x',
    ...out,
  );
  await fails(/not a loopback address/, '--listen', '0.0.0.0:0', ...out);
  await fails(/options only/, 'pods', ...out);
  // Nobody listens there, and a server of another CA.
  await fails(/cannot be used/, '--kubeconfig', configOf(own, 1), ...out);
  await fails(/cannot be used: unknown CA/i, '--kubeconfig', configOf(own, port, alice, 'rogue-ca'), ...out);
  writeFileSync(own.path('mine'), 'precious');
  await fails(/another file of this name/, '--kubeconfig', configOf(own, port), '--out', own.path('mine'));
  t.is(readFileSync(own.path('mine'), 'utf8'), 'precious');
});

test('in front of kube up: the caller’s name, what is allowed and what is not', async (t) => {
  const own = desk(t);
  const cluster = start(t, ['kube', 'up', '--no-tui', '--out', own.path('cluster'), '--port', '0']);
  const said = await cluster.until(/API server of \S+ (https:\S+)[^]*In another terminal/);
  const [, server = ''] = /(https:\/\/127\.0\.0\.1:\d+)/.exec(said) ?? [];
  const config = readFileSync(own.path('cluster/admin.conf'), 'utf8').replace(
    /server: .*/,
    `server: ${server}`,
  );
  writeFileSync(own.path('config'), config, { mode: 0o600 });
  const tap = await tapped(t, own, '--kubeconfig', own.path('config'));
  const statusOf = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
    new Promise((resolve, reject) => {
      request({ port: tap.port, host: '127.0.0.1', ...credentialsIn(tap.config), path, headers })
        .on('response', (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        })
        .on('error', reject)
        .end();
    });
  t.is(await statusOf('/api/v1/namespaces'), 200);
  t.is(await statusOf('/api/v1/secrets', { 'Impersonate-User': 'bob' }), 403);
  const lines = await tap.until(/ 403 /);
  t.regex(lines, /^kubernetes-admin GET \/api\/v1\/namespaces 200$/m);
  t.regex(lines, /^kubernetes-admin as bob GET \/api\/v1\/secrets 403 .*User "bob" cannot list/m);
});
