/**
 * The baseline: the shortest relay that Node makes. It captures nothing, parses nothing and prints nothing.
 * bare-relay.js LISTEN-PORT TARGET-PORT tcp|tls|mtls|split FOLDER
 */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';

const [listen = '0', target = '0', configuration = 'tcp', folder = ''] = process.argv.slice(2);
const file = (name: string): Buffer => readFileSync(join(folder, name));

const serverCa = configuration === 'split' ? file('server-ca.crt') : undefined;

function relay(client: net.Socket): void {
  const to = { host: '127.0.0.1', port: Number(target), noDelay: true };
  const onward =
    configuration === 'split'
      ? tls.connect({ ...to, ca: serverCa, servername: 'bench.localhost' })
      : net.connect(to);
  client.on('error', () => onward.destroy());
  onward.on('error', () => client.destroy());
  client.pipe(onward).pipe(client);
}

const server =
  configuration === 'tcp'
    ? net.createServer({ noDelay: true }, relay)
    : tls.createServer(
        {
          cert: file('server.crt'),
          key: file('server.key'),
          noDelay: true,
          ...(configuration === 'mtls'
            ? { ca: file('client-ca.crt'), requestCert: true, rejectUnauthorized: true }
            : {}),
        },
        relay,
      );
server.on('tlsClientError', () => {});
server.listen(Number(listen), '127.0.0.1', 4096);
