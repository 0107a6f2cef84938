/** Logs by way of the API server, from a kubelet that is a plain HTTPS server; the real kubectl reads them. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer, request as ask } from 'node:https';
import type { ServerOptions } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import type { TLSSocket } from 'node:tls';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { KubeletsOptions } from '../../../src/kube/components/kubelet-client.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { withPeer } from '../../helpers/peer.ts';
import { startCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'kubernetes' } },
      'other-ca': { profile: 'root', subject: { CN: 'kubernetes' } },
      client: {
        profile: 'client',
        issuer: 'ca',
        subject: { CN: 'kube-apiserver-kubelet-client', O: 'kubeadm:cluster-admins' },
      },
      rogue: { profile: 'client', issuer: 'other-ca', subject: { CN: 'kube-apiserver-kubelet-client' } },
      kubelet: {
        profile: 'server',
        issuer: 'ca',
        subject: { CN: 'system:node:n1', O: 'system:nodes' },
        san: ['IP:127.0.0.1'],
      },
      nameless: { profile: 'server', issuer: 'ca', subject: { CN: 'system:node:n1' }, san: ['DNS:n1'] },
      'last-year': {
        profile: 'server',
        issuer: 'ca',
        subject: { CN: 'n1' },
        san: ['IP:127.0.0.1'],
        flaws: ['expired'],
      },
    },
  },
  { clock: systemClock },
);
const own = world.authority('ca');

interface Kubelet {
  readonly port: number;
  /** Path and query of what was asked, and by whom. */
  readonly asked: string[];
}

async function listening(t: ExecutionContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Lets in whom its CA vouches for, as a kubelet does: with 401, not with an alert. */
async function startKubelet(
  t: ExecutionContext,
  shows: string,
  answer: RequestListener = (_request, response) => response.end('hello\n'),
  tls: ServerOptions = {},
): Promise<Kubelet> {
  const { certificate, key } = world.identity(shows);
  const asked: string[] = [];
  const server = createServer(
    { cert: certificate, key, ca: own, requestCert: true, rejectUnauthorized: false, ...tls },
    (request, response) => {
      const socket = request.socket as TLSSocket;
      asked.push(
        `${socket.authorized ? String(socket.getPeerCertificate().subject.CN) : 'nobody'} ${request.url ?? ''}`,
      );
      if (socket.authorized) answer(request, response);
      else response.writeHead(401).end('Unauthorized');
    },
  );
  t.teardown(() => server.closeAllConnections());
  return { port: await listening(t, server), asked };
}

interface Started extends TestCluster {
  readonly log: CaptureLog;
}

/** With the pods `web` on a node whose kubelet listens there, and `waiting` on none. */
async function start(
  t: ExecutionContext,
  port: number,
  kubelets: Partial<KubeletsOptions> = {},
): Promise<Started> {
  const log = new CaptureLog({ clock: systemClock });
  const cluster = await startCluster(t, {
    random: randomBytes,
    kubelets: { identity: world.identity('client'), tap: { log, hop: 'G' }, timeout: 5000, ...kubelets },
  });
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
  await cluster.call('/api/v1/nodes', { body: { metadata: { name: 'n1' } } });
  await cluster.call('/api/v1/nodes/n1/status', {
    method: 'PUT',
    body: { metadata: { name: 'n1' }, status },
  });
  const pod = (name: string, spec: object): object => ({
    metadata: { name },
    spec: { containers: [{ name: 'web', image: 'nginx' }], ...spec },
  });
  for (const body of [pod('web', { nodeName: 'n1' }), pod('waiting', {}), pod('lost', { nodeName: 'n9' })])
    await cluster.call('/api/v1/namespaces/default/pods', { body });
  return Object.assign(cluster, { log });
}

const logOf = (pod: string): string => `/api/v1/namespaces/default/pods/${pod}/log`;
const pathOf = (port: number): string => `https://127.0.0.1:${port}/containerLogs/default/web/web`;

withPeer(
  ['kubectl'],
  'kubectl logs reads what the kubelet gives to the API server’s certificate',
  async (t) => {
    const kubelet = await startKubelet(t, 'kubelet');
    const cluster = await start(t, kubelet.port, { authorities: [own] });
    t.is((await cluster.kubectl('logs', 'web', '--tail=5', '--timestamps', '-c', 'web')).stdout, 'hello\n');
    t.is((await cluster.kubectl('logs', 'waiting')).stdout, '');
    t.deepEqual(kubelet.asked, [
      'kube-apiserver-kubelet-client /containerLogs/default/web/web?tailLines=5&timestamps=true',
    ]);
    t.regex((await cluster.kubectl('logs', 'web', '-c', 'x')).stderr, /container x is not valid for pod web/);
    t.regex(
      (await cluster.kubectl('logs', 'lost')).stderr,
      /^Error from server \(NotFound\): nodes "n9" not found$/m,
    );
    await cluster.call('/api/v1/namespaces/default/pods/web/status', {
      method: 'PATCH',
      body: { status: { phase: 'Running' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    for (const words of [
      ['exec', 'web', '--', 'ls'],
      ['attach', 'web'],
      ['port-forward', 'web', '0:80'],
    ]) {
      const { exitCode, stderr } = await cluster.kubectl(...words);
      t.is(exitCode, 1);
      t.regex(
        stderr,
        /^(Error from server \(MethodNotAllowed\)|error: .*): pods\/(exec|attach|portforward) is not served here: no real container runs in this cluster$/m,
        words[0],
      );
    }
    t.regex(
      (await cluster.kubectl('exec', 'waiting', '--', 'ls')).stderr,
      /pod waiting does not have a host assigned/,
    );
  },
);

withPeer(['kubectl'], 'kubectl says of a kubelet what Go says', async (t) => {
  const [good, nameless, old] = await Promise.all(
    ['kubelet', 'nameless', 'last-year'].map(async (shows) => startKubelet(t, shows)),
  );
  const rows: readonly (readonly [port: number, kubelets: Partial<KubeletsOptions>, says: string])[] = [
    [
      good!.port,
      { authorities: [world.authority('other-ca')] },
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    ],
    [
      nameless!.port,
      { authorities: [own] },
      "tls: failed to verify certificate: x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs",
    ],
    [
      old!.port,
      { authorities: [own] },
      'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time ',
    ],
  ];
  for (const [port, kubelets, says] of rows) {
    const { stderr } = await (await start(t, port, kubelets)).kubectl('logs', 'web');
    t.true(stderr.startsWith(`Error from server: Get "${pathOf(port)}": ${says}`), stderr);
  }
  t.deepEqual(good!.asked, []);
  // As kubeadm leaves it: whatever the kubelet shows is believed.
  t.is((await (await start(t, nameless!.port)).kubectl('logs', 'web')).stdout, 'hello\n');
  const { stderr } = await (await start(t, good!.port, { identity: world.identity('rogue') })).kubectl(
    'logs',
    'web',
  );
  t.is(
    stderr,
    'error: You must be logged in to the server (the server has asked for the client to provide credentials ( pods/log web))\n',
  );
  t.deepEqual(good!.asked, ['nobody /containerLogs/default/web/web']);
});

test('a kubelet that switches to another protocol has not answered', async (t) => {
  const odd = await startKubelet(t, 'kubelet', (request) =>
    request.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
  );
  const { code, body } = await (await start(t, odd.port)).call(logOf('web'));
  t.is(code, 500);
  t.regex(String(body['message']), /^Get "https:.*": EOF$/);
});

test('what is no kubelet is told apart', async (t) => {
  const tcp = createTcpServer((socket) =>
    socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  );
  const closed = createTcpServer();
  const freed = await listening(t, closed);
  closed.close();
  await once(closed, 'close');
  const shut = createTcpServer((socket) => socket.destroy());
  const insisting = await startKubelet(t, 'kubelet', undefined, {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
  });
  const rows: readonly (readonly [port: number, says: RegExp])[] = [
    [freed, /: dial tcp 127\.0\.0\.1:\d+: connect: connection refused$/],
    [await listening(t, tcp), /: http: server gave HTTP response to HTTPS client$/],
    [await listening(t, shut), /: (EOF|read: connection reset by peer)$/],
  ];
  for (const [port, says] of rows) {
    const cluster = await start(t, port);
    const { code, body } = await cluster.call(logOf('web'));
    t.is(code, 500);
    t.regex(String(body['message']), says);
    t.is(body['reason'], undefined);
  }
  const { body } = await (await start(t, insisting.port, { identity: world.identity('rogue') })).call(
    logOf('web'),
  );
  t.regex(
    String(body['message']),
    /^Get "https:.*": (EOF|read: connection reset by peer|remote error: tls: .*)$/,
  );
});

test('what a kubelet says is handed on as it comes, and no more than the client takes', async (t) => {
  let ended = (): void => {};
  const isEnded = new Promise<void>((resolve) => (ended = resolve));
  let written = 0;
  const kubelet = await startKubelet(t, 'kubelet', (request, response) => {
    if (request.url?.includes('follow=true')) {
      response.write('first\n');
      response.once('close', ended);
    } else {
      const block = Buffer.alloc(1024 * 1024, 'x');
      const pump = (): void => {
        while (written < 64 && response.write(block)) written++;
        if (written < 64) response.once('drain', pump);
        else response.end();
      };
      response.once('close', ended);
      pump();
    }
  });
  const cluster = await start(t, kubelet.port);
  const open = async (path: string): Promise<IncomingMessage> => {
    const asked = ask({ host: '127.0.0.1', port: cluster.server.address.port, path, agent: cluster.agent });
    asked.on('error', () => {});
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return response;
  };
  const following = await open(`${logOf('web')}?follow=true`);
  t.is(following.headers['content-type'], 'text/plain');
  const [chunk] = (await once(following, 'data')) as [Buffer];
  t.is(chunk.toString(), 'first\n');
  following.on('error', () => {});
  following.destroy();
  // The client is gone, and so is the connection to the kubelet.
  await isEnded;
  const unread = await open(logOf('web'));
  unread.on('error', () => {});
  unread.pause();
  // Whatever was still on its way has arrived when this answer has.
  await cluster.call('/version');
  t.true(written < 64, `${written} MiB were taken for a client that reads nothing`);
  unread.destroy();
  t.true(cluster.log.events.some((event) => 'hop' in event && event.hop === 'G'));
});

test('a log that breaks off is not taken for a whole one', async (t) => {
  const kubelet = await startKubelet(t, 'kubelet', (_request, response) => {
    // Behind the write: Node 24 drops what waits in a response whose socket is ended.
    response.write('half', () => response.socket?.destroySoon());
  });
  const cluster = await start(t, kubelet.port);
  await t.throwsAsync(cluster.call(logOf('web')), { message: /aborted|socket hang up|ECONNRESET/ });
});

test('a server without a certificate for kubelets says so', async (t) => {
  const cluster = await startCluster(t, {});
  await cluster.call('/api/v1/nodes', {
    body: { metadata: { name: 'n1' }, status: { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }] } },
  });
  await cluster.call('/api/v1/namespaces/default/pods', {
    body: {
      metadata: { name: 'web' },
      spec: { nodeName: 'n1', containers: [{ name: 'web', image: 'nginx' }] },
    },
  });
  t.is((await cluster.call(logOf('web'))).code, 503);
});
