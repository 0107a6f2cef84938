/** What the ports of a cluster say to whoever does not shake hands as their clients do. */
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import test from 'ava';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { startWhole } from '../components/support/whole.ts';
import { startKubectl, world } from '../support/control-plane.ts';

const answer = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n';

async function plainly(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await once(socket, 'close');
  return text;
}

test('HTTP at the HTTPS ports of the API server and of a kubelet is told so', async (t) => {
  const { controlPlane, reports } = await startWhole(t, {
    scheduler: false,
    controllerManager: { controllers: ['certificates'] },
  });
  await reports.next('registered');
  t.is(await plainly(controlPlane.address.port), answer);
  t.is(await plainly(controlPlane.kubeletAddress?.port ?? 0), answer);
});

/** In the order in which they stand in the CertificateRequest (RFC 8446 section 4.2.4). */
const namesIn = (text: string): string[] =>
  /Acceptable client certificate CA names\n([\s\S]*?)\nRequested Signature/
    .exec(text)?.[1]
    ?.split('\n')
    .filter((line) => line.startsWith('CN')) ?? [];

withPeer(
  'openssl',
  'the API server names the CAs of users and of front proxies as those whose certificates it wants',
  async (t) => {
    const { controlPlane } = await startKubectl(t, { signs: false });
    for (const version of ['-tls1_3', '-tls1_2']) {
      const { stdout } = await runProgram(
        'openssl',
        ['s_client', '-connect', `127.0.0.1:${controlPlane.address.port}`, version],
        { input: '' },
      );
      t.deepEqual(
        namesIn(stdout).map((name) => name.replaceAll(' ', '')),
        ['CN=kubernetes', 'CN=front-proxy-ca'],
        stdout,
      );
      // It shows its own certificate, and not the CA's, which its clients have.
      t.regex(stdout, /^ 0 s:/m);
      t.notRegex(stdout, /^ 1 s:/m);
    }
  },
);

withPeer(
  'kubectl',
  'where h2 is offered, kubectl chooses it; who does not ask for it speaks HTTP/1.1',
  async (t) => {
    const cluster = await startKubectl(t, { signs: false, offersHttp2: true });
    const { stdout, stderr, exitCode } = await cluster.as('admin.conf', 'get', 'namespaces', '-v=8');
    t.is(exitCode, 0, stderr);
    t.regex(stdout, /^kube-system +Active/m);
    const { port } = cluster.controlPlane.address;
    const ca = world.authority('ca');
    const { certificate: cert, key } = world.identity('admin.conf');
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca, cert, key });
    t.teardown(() => session.destroy());
    const watch = session.request({ ':path': '/api/v1/configmaps?watch=true&resourceVersion=0' });
    let lines = '';
    watch.setEncoding('utf8').on('data', (chunk: string) => (lines += chunk));
    await once(watch, 'response');
    t.is(session.alpnProtocol, 'h2');
    t.is((await cluster.as('admin.conf', 'create', 'configmap', 'note', '--from-literal=a=b')).exitCode, 0);
    while (!lines.includes('"note"')) await once(watch, 'data');
    t.pass();
  },
);

test('a request over h2 whose body is empty is answered, as is one that is reset', async (t) => {
  const { controlPlane } = await startKubectl(t, { signs: false, offersHttp2: true });
  const { certificate: cert, key } = world.identity('admin.conf');
  const session = connectHttp2(`https://127.0.0.1:${controlPlane.address.port}`, {
    ca: world.authority('ca'),
    cert,
    key,
  });
  t.teardown(() => session.destroy());
  const post = (): ReturnType<typeof session.request> =>
    session.request(
      {
        ':method': 'POST',
        ':path': '/api/v1/namespaces/default/configmaps',
        'content-type': 'application/json',
      },
      { endStream: false },
    );
  const reset = post();
  reset.on('error', () => {});
  reset.close(8);
  const empty = post();
  empty.end();
  const [head] = (await once(empty, 'response')) as [Readonly<Record<string, unknown>>];
  t.is(head[':status'], 400);
});
