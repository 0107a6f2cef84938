/** Bodies within bounds: of one, of all together, and what breaks off. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import test from 'ava';
import { ApiFailure } from '../../../src/kube/objects/objects.ts';
import { RequestBodies } from '../../../src/kube/apiserver/request-body.ts';

interface Sent {
  readonly stream: PassThrough;
  readonly request: IncomingMessage;
}

function requestWith(headers: Readonly<Record<string, string>> = {}): Sent {
  const stream = new PassThrough();
  return { stream, request: Object.assign(stream, { headers }) as unknown as IncomingMessage };
}

const never = new Promise<void>(() => {});
const codeOf = async (reading: Promise<unknown>): Promise<number | undefined> => {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof ApiFailure ? error.status.code : undefined;
};

test('a body is read whole', async (t) => {
  const { stream, request } = requestWith();
  const reading = new RequestBodies({ each: 10, together: 20 }).read(request, never);
  stream.write('hello');
  stream.end('world');
  t.is(Buffer.from(await reading).toString(), 'helloworld');
});

test('a body that is too large is refused unread where it says so, and as it comes where it does not', async (t) => {
  const bodies = new RequestBodies({ each: 10, together: 100 });
  const said = requestWith({ 'content-length': '11' });
  t.is(await codeOf(bodies.read(said.request, never)), 413);
  const came = requestWith();
  const reading = codeOf(bodies.read(came.request, never));
  came.stream.write('hello');
  came.stream.write('world!');
  t.is(await reading, 413);
  // What still comes is thrown away.
  t.true(came.stream.write(Buffer.alloc(1_000_000)) || !came.stream.isPaused());
});

test('a body that breaks off is a 400', async (t) => {
  const { stream, request } = requestWith();
  const reading = codeOf(new RequestBodies({ each: 10, together: 20 }).read(request, never));
  stream.write('hel');
  stream.destroy();
  t.is(await reading, 400);
});

test('what has ended, or broken off, before it is read is known at once', async (t) => {
  const bodies = new RequestBodies({ each: 10, together: 20 });
  const { stream: ended, request } = requestWith();
  ended.end();
  ended.resume();
  await once(ended, 'end');
  t.is((await bodies.read(request, never)).length, 0);
  const broken = requestWith();
  broken.stream.destroy();
  await once(broken.stream, 'close');
  t.is(await codeOf(bodies.read(broken.request, never)), 400);
});

test('more than is held together waits for those before it to be answered', async (t) => {
  const bodies = new RequestBodies({ each: 10, together: 15 });
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const first = requestWith();
  const held = bodies.read(first.request, answered);
  first.stream.end('0123456789');
  await held;
  const second = requestWith();
  const refused = codeOf(bodies.read(second.request, Promise.resolve()));
  second.stream.end('0123456789');
  t.is(await refused, 429);
  answer();
  await answered;
  const third = requestWith();
  const read = bodies.read(third.request, never);
  third.stream.end('0123456789');
  t.is((await read).length, 10);
});
