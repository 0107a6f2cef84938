/** Who is led where, and that bytes arrive as they were sent. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { openSwitchingRelay } from '../../../src/labs/checks/switching-relay.ts';

/** A server that answers with its name and what it was sent, when that has ended. */
async function place(t: ExecutionContext, name: string) {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let sent = '';
    socket
      .setEncoding('utf8')
      .on('data', (more: string) => (sent += more))
      .on('end', () => socket.end(`${name} ${sent}`));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

async function ask(port: number, words: string): Promise<string> {
  return text(connect({ host: '127.0.0.1', port }).end(words));
}

test('the first connection is passed on to one place, every later one to the other', async (t) => {
  const [first, next] = [await place(t, 'first'), await place(t, 'next')];
  const relay = await openSwitchingRelay(first, next);
  t.teardown(() => relay.close());
  const answers: string[] = [];
  for (const words of ['a', 'b', 'c']) answers.push(await ask(relay.address.port, words));
  t.deepEqual(answers, ['first a', 'next b', 'next c']);
});

test('so many connections as were asked for go to the first place', async (t) => {
  const [first, next] = [await place(t, 'first'), await place(t, 'next')];
  for (const passes of [0, 2, 3]) {
    const relay = await openSwitchingRelay(first, next, { passes: () => passes });
    t.teardown(() => relay.close());
    const answers: string[] = [];
    for (const words of ['a', 'b', 'c', 'd']) answers.push(await ask(relay.address.port, words));
    t.deepEqual(
      answers.map((answer) => answer.split(' ')[0]),
      [0, 1, 2, 3].map((number) => (number < passes ? 'first' : 'next')),
    );
    t.deepEqual({ ...relay.counts }, { first: passes, next: 4 - passes });
  }
});

test('where it starts over at once, every connection is a first one; a taken port is replaced by a free one', async (t) => {
  const [first, next] = [await place(t, 'first'), await place(t, 'next')];
  const relay = await openSwitchingRelay(first, next, { port: first.port, startsOverMs: -1 });
  t.teardown(() => relay.close());
  t.not(relay.address.port, first.port);
  t.is(await ask(relay.address.port, 'a'), 'first a');
  t.is(await ask(relay.address.port, 'b'), 'first b');
});

test('a place that is not there ends the connection', async (t) => {
  const gone = await place(t, 'gone');
  const relay = await openSwitchingRelay({ ...gone, port: 1 }, gone);
  t.teardown(() => relay.close());
  t.is(await ask(relay.address.port, 'a').catch(() => ''), '');
});
