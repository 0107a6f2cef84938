import test from 'ava';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Arena, ReadBuffer } from '../../../src/wire/tap/arena.ts';
import { readIntoOwnBuffers } from '../../../src/wire/tap/own-read-buffers.ts';

test('what was taken is never written to again, however many connections read in turn', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ who: fc.nat(3), share: fc.double({ min: 0, max: 1, noNaN: true }) }), {
        maxLength: 400,
      }),
      (reads) => {
        const arena = new Arena();
        const landings = [0, 1, 2, 3].map(() => new ReadBuffer(arena));
        const taken: { bytes: Buffer; mark: number }[] = [];
        for (const [at, { who, share }] of reads.entries()) {
          const landing = landings[who]!;
          const length = Math.max(1, Math.round(landing.free.length * share));
          const mark = (at % 255) + 1;
          landing.free.fill(mark, 0, length);
          taken.push({ bytes: landing.take(length), mark });
          taken.push({ bytes: arena.keep([Buffer.of(mark), Buffer.of(mark)]), mark });
        }
        for (const { bytes, mark } of taken) if (!bytes.every((byte) => byte === mark)) return false;
        return true;
      },
    ),
    { numRuns: 30 },
  );
  t.pass();
});

test('an idle connection holds 4 KiB, a busy one grows to 256 KiB, and comes down again', (t) => {
  const landing = new ReadBuffer(new Arena());
  t.is(landing.free.length, 4096);
  for (let round = 0; round < 8; round++) landing.take(landing.free.length);
  t.is(landing.free.length, 256 * 1024);
  for (let round = 0; round < 60_000; round++) landing.take(64);
  t.true(landing.free.length <= 4096);
});

test('an accepted socket reads into our buffers, and the public way hears the same where that is not possible', async (t) => {
  const heard = { own: [] as Buffer[], data: [] as Buffer[] };
  const sockets: Promise<unknown>[] = [];
  const server = createServer((socket: Socket) => {
    sockets.push(once(socket, 'end'));
    socket.pause();
    const receive = (bytes: Buffer): void => void heard.own.push(bytes);
    t.true(readIntoOwnBuffers(socket, new ReadBuffer(), receive), 'this version of Node has what it takes');
    socket.on('data', (bytes: Buffer) => heard.data.push(bytes));
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.end(Buffer.alloc(300_000, 'ab'));
  client.resume();
  await once(client, 'close');
  await Promise.all(sockets);
  t.is(Buffer.concat(heard.own).toString(), 'ab'.repeat(150_000));
  t.deepEqual(heard.data, []);
  t.false(
    readIntoOwnBuffers(client, new ReadBuffer(), () => {}),
    'a socket without a handle is left alone',
  );
  server.close();
});

test('a gigabyte passes through little memory, and what is held on to stays as it was', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const own = new Arena();
  const held: { readonly range: Buffer; readonly mark: number }[] = [];
  const before = process.memoryUsage().rss;
  let most = 0;
  for (let round = 0; round < 16; round++) {
    for (let at = 0; at < 64 * 8; at++) {
      const range = own.cut(128 * 1024);
      const mark = (round * 512 + at) % 251;
      range.fill(mark);
      // One in a hundred slabs keeps something that somebody looks at.
      if (at % 200 === 0) held.push({ range, mark });
    }
    collect();
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, process.memoryUsage().rss - before);
  }
  t.is(held.length, 48);
  t.true(held.every(({ range, mark }) => range.every((byte) => byte === mark)));
  // A gigabyte was cut; what is held pins 48 slabs of a megabyte.
  t.true(most < 400 * 1024 * 1024, `${Math.round(most / 1024 / 1024)} MB more`);
});
