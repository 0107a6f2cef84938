/**
 * An alert that TLS sends on a connection that stands arrives, and what follows it is an end and no reset: a KeyUpdate of
 * a type that there is not (RFC 8446 section 4.6.3) is answered with illegal_parameter.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import test from 'ava';
import { aeadSuiteNamed, sealRecord } from '../../src/protocols/tls/keys/key-schedule.ts';
import type { PumpName } from '../../src/proxy/pumps.ts';
import { alertIn } from '../../src/wire/tls/failures.ts';
import { host, newLog, world } from '../features/support/shop.ts';
import { present } from '../helpers/capture.ts';
import { eventsOf, openProxy } from '../proxy/support/proxies.ts';

for (const pump of ['bytes', 'http'] as const satisfies readonly PumpName[]) {
  for (const kind of ['tls', 'mtls'] as const) {
    test(`${kind}, ${pump}: a KeyUpdate of an invalid type is answered with illegal_parameter, and the connection ends`, async (t) => {
      const target = createServer((socket: Socket) => void socket.on('error', () => {}).pipe(socket));
      target.listen(0, '127.0.0.1');
      await once(target, 'listening');
      t.teardown(() => void target.close());
      const log = newLog();
      const proxy = await openProxy(t, {
        log,
        kind,
        to: { host: '127.0.0.1', port: (target.address() as AddressInfo).port },
        more: { pump },
      });
      const raw = connect({ ...proxy.address });
      const failures: string[] = [];
      // OpenSSL has renamed the alert between the versions that Node 20 and Node 22 carry; what it says is the same.
      const fail = (error: NodeJS.ErrnoException): void =>
        void failures.push(alertIn(error)?.description ?? String(error.code));
      raw.on('error', fail);
      const { certificate: cert, key } = world().identity('alice');
      const client = connectTls({
        socket: raw,
        ca: world().authority('server-ca'),
        servername: host,
        minVersion: 'TLSv1.3',
        ...(kind === 'mtls' ? { cert, key } : {}),
      });
      let secret: Uint8Array | undefined;
      client.on('keylog', (line: Buffer) => {
        const [label, , value = ''] = line.toString().trim().split(' ');
        if (label === 'CLIENT_TRAFFIC_SECRET_0') secret = Buffer.from(value, 'hex');
      });
      client.on('error', fail);
      await once(client, 'secureConnect');
      t.true(await log.until(() => eventsOf(log, 'secured', 'A').length === 1, 5000));
      const suite = present(aeadSuiteNamed(client.getCipher().standardName));
      raw.write(
        sealRecord({
          suite,
          secret: present(secret),
          sequence: 0,
          contentType: 22,
          content: Uint8Array.of(24, 0, 0, 1, 9),
        }),
      );
      await new Promise((resolve) => client.once('close', resolve));
      t.deepEqual(failures, ['illegal_parameter']);
      t.true(await log.until(() => eventsOf(log, 'closed', 'A').length === 1, 5000));
      t.like(eventsOf(log, 'closed', 'A')[0], { by: 'server', how: 'end' });
    });
  }
}
