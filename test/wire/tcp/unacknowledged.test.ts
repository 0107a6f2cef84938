/** What the kernel of this machine knows of what was sent over a connection. */
import test from 'ava';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { unacknowledged, unacknowledgedIn } from '../../../src/wire/tcp/unacknowledged.ts';

/** As proc_net_tcp(5) has it; ports 443 (01BB) and 40001 (9C41). */
const listWith = (row: string): string =>
  `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n${row}\n`;

test('what was sent again and never acknowledged', (t) => {
  const lost = listWith(
    '  12: 020109 0A:9C41 010109 0A:01BB 01 00000072:00000000 01:0000004D 00000004     0        0 77 2',
  );
  // Addresses are one word in the list.
  const list = lost.replaceAll(' 0A:', '0A:');
  t.deepEqual(unacknowledgedIn(list, 40001, 443), { bytes: 0x72, retransmissions: 4 });
  t.is(unacknowledgedIn(list, 40002, 443), undefined);
  t.is(unacknowledgedIn(list, 40001, 444), undefined);
});

test('a receiver that is full is asked again, and nothing is lost', (t) => {
  const list = listWith(
    '  12: 0201090A:9C41 0101090A:01BB 01 00010000:00000000 04:0000004D 00000003     0        0 77 2',
  );
  t.deepEqual(unacknowledgedIn(list, 40001, 443), { bytes: 0x10000, retransmissions: 0 });
});

test('a connection that is over is not looked at, and neither is a listener', (t) => {
  const list = listWith(
    '  12: 0201090A:9C41 0101090A:01BB 06 00000000:00000000 03:0000004D 00000000     0        0 0 3',
  );
  t.is(unacknowledgedIn(list, 40001, 443), undefined);
  t.is(unacknowledgedIn(list, 443, 0), undefined);
});

(existsSync('/proc/net/tcp') ? test : test.skip)(
  'a program that reads nothing has its kernel acknowledge all the same',
  async (t) => {
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const accepted = once(server, 'connection');
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const [other] = (await accepted) as [typeof socket];
    await new Promise<void>((resolve) => socket.write('hello', () => resolve()));
    const { localPort = 0 } = socket;
    const state = (): ReturnType<typeof unacknowledged> =>
      unacknowledged({ host: '127.0.0.1', port: localPort }, { host: '127.0.0.1', port });
    // Acknowledgements may be delayed by a few turns.
    for (let turn = 0; turn < 10_000 && state()?.bytes !== 0; turn++)
      await new Promise((resolve) => setImmediate(resolve));
    t.deepEqual(state(), { bytes: 0, retransmissions: 0 });
    socket.destroy();
    other.destroy();
    server.close();
  },
);
