/** HTTP/2 over a listener of ours: whole exchanges, and clients that leave at any moment. */
import { connect as connectHttp2 } from 'node:http2';
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import { once } from 'node:events';
import { connect } from 'node:tls';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { accept } from '../../../src/wire/accept.ts';
import { Http2Front } from '../../../src/wire/http/http2-front.ts';
import type { HttpExchange } from '../../../src/wire/http/exchange.ts';

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'ca' } },
      server: { profile: 'server', issuer: 'ca', subject: { CN: 'server' }, san: ['IP:127.0.0.1'] },
    },
  },
  { clock: systemClock },
);

interface Serving {
  readonly port: number;
  readonly log: CaptureLog;
  readonly front: Http2Front;
}

async function serve(
  t: ExecutionContext,
  onExchange: (exchange: HttpExchange) => void,
  requestTimeout?: number,
): Promise<Serving> {
  const front = new Http2Front({ onExchange, ...(requestTimeout === undefined ? {} : { requestTimeout }) });
  const log = new CaptureLog({ clock: systemClock });
  const listener = await accept(
    {
      security: 'tls',
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      identity: world.identity('server'),
      tap: { log, hop: 'A' },
      tls: { alpn: ['h2'] },
    },
    (accepted) => front.serve(accepted),
  );
  t.teardown(async () => {
    await front.close(0);
    await listener.close(0);
  });
  return { port: listener.address.port, log, front };
}

function client(t: ExecutionContext, port: number): ClientHttp2Session {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: world.authority('ca') });
  session.on('error', () => {});
  t.teardown(() => session.destroy());
  return session;
}

async function asked(
  session: ClientHttp2Session,
  path: string,
  body = '',
): Promise<{ readonly headers: IncomingHttpHeaders; readonly text: string }> {
  const stream = session.request({ ':path': path, ':method': body === '' ? 'GET' : 'POST' });
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  if (body !== '') stream.end(body);
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  await once(stream, 'end');
  return { headers, text };
}

/** Says the request back. */
function echo({ method, target, headers, body, begin, out }: HttpExchange): void {
  const chunks: Buffer[] = [];
  body.on('data', (chunk: Buffer) => chunks.push(chunk));
  body.on('end', () => {
    const text = `${method} ${target} ${headers.host} ${Buffer.concat(chunks).toString()}`;
    begin(200, { 'Content-Type': 'text/plain', 'Content-Length': Buffer.byteLength(text) });
    out.end(text);
  });
}

test('requests of one connection are answered side by side, and their plaintext is logged', async (t) => {
  const { port, log } = await serve(t, echo);
  const session = client(t, port);
  const answers = await Promise.all(
    ['/one', '/two', '/three'].map(async (path) => asked(session, path, 'words'.repeat(20_000))),
  );
  for (const [index, path] of ['/one', '/two', '/three'].entries()) {
    t.is(answers[index]?.text, `POST ${path} 127.0.0.1:${port} ${'words'.repeat(20_000)}`);
    t.is(Number(answers[index]?.headers[':status']), 200);
  }
  const said = log.events.flatMap((event) =>
    event.type === 'bytes' && event.vantage === 'plaintext' && event.from === 'client'
      ? [Buffer.from(event.bytes).toString('latin1')]
      : [],
  );
  t.true(said.join('').startsWith('PRI * HTTP/2.0'));
});

test('a response without a length is sent as it comes', async (t) => {
  const { port } = await serve(t, ({ begin, out }) => {
    begin(200, { 'Content-Type': 'application/json' });
    out.write('one\n');
    setImmediate(() => out.end('two\n'));
  });
  t.is((await asked(client(t, port), '/')).text, 'one\ntwo\n');
});

test('what is refused before its body is read leaves the connection usable', async (t) => {
  const { port } = await serve(t, (exchange) => {
    if (exchange.target !== '/large') return echo(exchange);
    exchange.abandonBody();
    exchange.begin(413, { 'Content-Length': 3 });
    exchange.out.end('no\n');
    return undefined;
  });
  const session = client(t, port);
  const stream = session.request({ ':path': '/large', ':method': 'POST' });
  stream.on('error', () => {});
  stream.write(Buffer.alloc(1_000_000));
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  t.is(Number(headers[':status']), 413);
  t.is((await asked(session, '/next', 'x')).text, `POST /next 127.0.0.1:${port} x`);
});

test('a client may leave at any moment: others are served', async (t) => {
  const { port } = await serve(t, (exchange) => {
    exchange.begin(200, { 'Content-Type': 'text/plain' });
    exchange.out.write('x'.repeat(100_000));
    if (exchange.target !== '/open') exchange.out.end();
  });
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
  const leaving: readonly ((port: number) => Promise<unknown>)[] = [
    // At once; after the preface; in the middle of it; with what is none.
    ...[Buffer.alloc(0), preface, preface.subarray(0, 10), Buffer.from('GET / HTTP/1.1\r\n\r\n')].flatMap(
      (bytes) =>
        (['end', 'destroy'] as const).map((how) => async (to: number) => {
          const socket = connect({
            port: to,
            host: '127.0.0.1',
            ca: world.authority('ca'),
            ALPNProtocols: ['h2'],
          });
          socket.on('error', () => {}).resume();
          await once(socket, 'secureConnect');
          if (bytes.length > 0) socket.write(bytes);
          socket[how]();
          await (socket.closed ? undefined : once(socket, 'close'));
        }),
    ),
    // While a response comes.
    ...(['close', 'destroy'] as const).map((how) => async (to: number) => {
      const session = client(t, to);
      const stream = session.request({ ':path': '/open' });
      stream.on('error', () => {});
      await once(stream, 'response');
      if (how === 'destroy') session.destroy();
      else stream.close();
    }),
  ];
  for (let round = 0; round < 5; round++) await Promise.all(leaving.map(async (leave) => leave(port)));
  t.is((await asked(client(t, port), '/')).text.length, 100_000);
});

test('closing lets a pending response finish', async (t) => {
  let begun = (_exchange: HttpExchange): void => {};
  const pending = new Promise<HttpExchange>((resolve) => (begun = resolve));
  const { port, front } = await serve(t, (exchange) => begun(exchange));
  const answer = asked(client(t, port), '/');
  const exchange = await pending;
  exchange.begin(200, { 'Content-Type': 'text/plain' });
  const closing = front.close(10_000);
  exchange.out.end('done');
  t.is((await answer).text, 'done');
  await closing;
});

test('a body that does not end is waited for no longer than over HTTP/1.1; the connection stays', async (t) => {
  const ended: string[] = [];
  const { port } = await serve(
    t,
    (exchange) => {
      if (exchange.target === '/ends') return echo(exchange);
      exchange.body.resume().once('close', () => ended.push(exchange.target));
      // What answers before has its time.
      if (exchange.target === '/answered') exchange.begin(200, {});
      return undefined;
    },
    200,
  );
  const session = client(t, port);
  const [answered, endless] = ['/answered', '/endless'].map((path) => {
    const stream = session.request({ ':path': path, ':method': 'POST' });
    stream.on('error', () => {}).write('{');
    return stream;
  });
  const [headers] = (await once(endless!, 'response')) as [IncomingHttpHeaders];
  t.is(Number(headers[':status']), 408);
  await once(endless!.resume(), 'close');
  t.false(answered!.closed);
  t.is((await asked(session, '/ends', 'x')).text, `POST /ends 127.0.0.1:${port} x`);
  t.deepEqual(ended, ['/endless']);
});
