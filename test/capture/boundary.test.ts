/** What crosses from relaying to reading is plain data: who reads copies of the events, as another thread gets them, says the same. */
import { connect } from 'node:tls';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { SecretHunt } from '../../src/analysis/secrets/secret-hunt.ts';
import { loadReadings } from '../../src/analysis/conversation/conversation.ts';
import type { CaptureFeed, CaptureSink, Clonable, CrossingEvent } from '../../src/capture/boundary.ts';
import { Flows } from '../../src/capture/flows.ts';
import type { CaptureEvent } from '../../src/capture/event.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { JsonReport } from '../../src/ui/json/json.ts';
import { accept } from '../../src/wire/accept.ts';
import { present } from '../helpers/capture.ts';
import { closedCount } from '../wire/support/streams.ts';
import { makeWorld } from '../wire/support/world.ts';

/** As another thread gets it. */
function crossing(events: readonly CaptureEvent[]): CaptureEvent[] {
  const { port1, port2 } = new MessageChannel();
  try {
    return events.map((event) => {
      port1.postMessage(event);
      return present(receiveMessageOnPort(port2)).message as CaptureEvent;
    });
  } finally {
    port1.close();
    port2.close();
  }
}

function told(events: readonly CaptureEvent[]): string[] {
  const flows = new Flows({ events });
  const lines: string[] = [];
  const report = new JsonReport({
    flows,
    hunt: new SecretHunt([]),
    secrets: new Map(),
    withSecrets: true,
    write: (line) => lines.push(line),
  });
  for (const event of events) {
    flows.fold(event);
    report.fold(event);
  }
  report.end();
  return lines;
}

const world = makeWorld();

/** One client at a listener for mutual TLS that is in front of nothing: what was captured. */
async function visit(t: ExecutionContext, certificate: string | undefined): Promise<readonly CaptureEvent[]> {
  const log = new CaptureLog({ clock: systemClock });
  const listener = await accept(
    {
      security: 'mtls',
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      tap: { log, hop: 'A' },
      identity: world.identity('server'),
      clientAuthorities: [world.authority('client-ca')],
      policy: { allowAll: true },
    },
    ({ stream }) => stream.on('data', () => stream.end('HTTP/1.1 204 No Content\r\n\r\n')),
  );
  t.teardown(async () => listener.close());
  const identity = certificate === undefined ? undefined : world.identity(certificate);
  const socket = connect({
    port: listener.address.port,
    host: '127.0.0.1',
    servername: 'shop.localhost',
    ca: [world.authority('server-ca')],
    ...(identity ? { cert: identity.certificate, key: identity.key } : {}),
  });
  socket.on('secureConnect', () => socket.write('GET / HTTP/1.1\r\nHost: shop.localhost\r\n\r\n'));
  socket.on('error', () => {}).resume();
  t.true(await closedCount(log, 1));
  return log.events;
}

for (const [who, certificate] of [
  ['an admitted client', 'alice'],
  ['a refused client', undefined],
] as const) {
  test(`${who}: a reader in another thread says of its connection what one beside the relay says`, async (t) => {
    await loadReadings();
    const events = await visit(t, certificate);
    t.is(
      events.some(({ type }) => type === 'refused'),
      certificate === undefined,
    );
    const crossed = crossing(events);
    t.is(crossed.length, events.length);
    for (const [index, event] of crossed.entries()) t.not(event, events[index]);
    const lines = told(events);
    t.true(lines.length > events.length, 'what the bytes were is told too');
    t.deepEqual(told(crossed), lines);
  });
}

test('nothing of a socket crosses: a function, a promise or a stream in an event does not compile', (t) => {
  const clonable: CaptureEvent extends Clonable<CaptureEvent> ? true : false = true;
  t.true(clonable);
  interface WithSocket {
    readonly type: 'bytes';
    readonly socket: { readonly destroy: () => void };
  }
  // @ts-expect-error -- It has a function in it.
  const socket: WithSocket extends Clonable<WithSocket> ? true : false = true;
  t.true(socket);
  interface WithPromise {
    readonly type: 'bytes';
    readonly done: Promise<void>;
  }
  // @ts-expect-error -- A promise is nothing but functions.
  const promise: WithPromise extends Clonable<WithPromise> ? true : false = true;
  t.true(promise);
  const crosses: CrossingEvent['type'] = 'bytes';
  t.is(crosses, 'bytes');
});

test('who relays cannot read, and who reads cannot write', (t) => {
  const log = new CaptureLog({ clock: { now: () => 0, microseconds: () => 0 } });
  const sink: CaptureSink = log;
  const feed: CaptureFeed = log;
  sink.append({ type: 'keylog', line: 'A' });
  t.is(feed.length, 1);
  // @ts-expect-error -- No event comes back to who relays.
  t.truthy(sink.subscribe);
  // @ts-expect-error -- A reader adds nothing.
  t.truthy(feed.append);
});
