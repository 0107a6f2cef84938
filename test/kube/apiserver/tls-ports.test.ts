/** What the ports of a cluster say to whoever does not shake hands as their clients do. */
import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'ava';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { startWhole } from '../components/support/whole.ts';
import { startKubectl } from '../support/control-plane.ts';

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
