/** What ends a slow request, and what does not end a slow answer. */
import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { accept } from '../../../src/wire/accept.ts';
import { HttpFront } from '../../../src/wire/http/front.ts';
import type { HttpFrontOptions } from '../../../src/wire/http/front.ts';

/** Everything that a server says to a client that says that. */
async function said(
  t: ExecutionContext,
  onRequest: HttpFrontOptions['onRequest'],
  text: string,
): Promise<string> {
  const front = new HttpFront({ requestTimeout: 100, idleTimeout: 100, onRequest });
  const listener = await accept(
    { security: 'plain', listen: { host: '127.0.0.1', port: 0 }, clock: systemClock },
    (accepted) => front.serve(accepted),
  );
  t.teardown(async () => listener.close(0));
  const socket = connect(listener.address.port, '127.0.0.1');
  socket.write(text);
  let heard = '';
  socket.setEncoding('latin1').on('data', (part: string) => (heard += part));
  await once(socket, 'end');
  socket.destroy();
  return heard;
}

test('an answer may take longer than a request, also where nobody reads that it has no body', async (t) => {
  const heard = await said(
    t,
    (_request, response) => {
      response.write('begun');
      setTimeout(() => response.end('done'), 300);
    },
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  );
  t.regex(heard, /^HTTP\/1\.1 200 OK\r\n[^]*begun[^]*done\r\n0\r\n\r\n$/);
});

test('a request that does not come whole in time is ended', async (t) => {
  t.regex(
    await said(t, () => {}, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{'),
    /^HTTP\/1\.1 408 /,
  );
  t.is(await said(t, () => {}, 'GET / HTTP/1.1\r\nHost'), '');
});
