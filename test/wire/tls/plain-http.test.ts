/** HTTP in clear at a port that speaks TLS: answered where a listener says so, and nothing else is. */
import { connect } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { accept } from '../../../src/wire/accept.ts';
import type { AcceptOptions } from '../../../src/wire/endpoint.ts';

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'ca' } },
      server: { profile: 'server', issuer: 'ca', subject: { CN: 'server' }, san: ['IP:127.0.0.1'] },
    },
  },
  { clock: systemClock },
);
const answer = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n';

/** What comes back for these pieces, and what the log says of it. */
async function spoken(
  t: ExecutionContext,
  options: Partial<AcceptOptions>,
  ...pieces: readonly string[]
): Promise<{ readonly text: string; readonly log: CaptureLog }> {
  const log = new CaptureLog({ clock: systemClock });
  const listener = await accept(
    {
      security: 'tls',
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      identity: world.identity('server'),
      tap: { log, hop: 'A' },
      ...options,
    },
    () => t.fail('nobody has shaken hands'),
  );
  t.teardown(async () => listener.close(0));
  const socket = connect(listener.address.port, '127.0.0.1');
  socket.setNoDelay();
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  for (const piece of pieces) {
    await new Promise<void>((resolve) => socket.write(piece, 'latin1', () => setImmediate(resolve)));
  }
  socket.on('error', () => {});
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { text, log };
}

const request = 'GET /version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

for (const method of ['GET /', 'HEAD /', 'POST /', 'PUT /', 'OPTIONS /']) {
  test(`${method}: as Go answers it, also where it comes byte by byte`, async (t) => {
    const whole = request.replace('GET /', method);
    t.is((await spoken(t, { plainHttp: 'go' }, whole)).text, answer);
    t.is((await spoken(t, { plainHttp: 'go' }, ...whole.split(''))).text, answer);
  });
}

test('where the listener does not say so, or where it is no HTTP, nothing is answered in clear', async (t) => {
  t.is((await spoken(t, {}, request)).text, '');
  for (const text of ['HELO mail\r\n\r\n\r\n', '\xfe'.repeat(50), 'GETTY IMAGES\r\n'])
    t.is((await spoken(t, { plainHttp: 'go' }, text)).text, '', text);
});

test('the log has the answer, and the refusal', async (t) => {
  const { log } = await spoken(t, { plainHttp: 'go' }, request);
  const refused = log.events.find((event) => event.type === 'refused');
  t.like(refused, { by: 'server', reason: 'plaintext_on_tls_port' });
  const sent = log.events.flatMap((event) =>
    event.type === 'bytes' && event.from === 'server' ? [Buffer.from(event.bytes).toString('latin1')] : [],
  );
  t.is(sent.join(''), answer);
});
