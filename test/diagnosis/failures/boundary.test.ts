/** What separates exit code 0 from the others: nothing wrong hides behind a handshake that completed. */
import { createServer as createHttp2 } from 'node:http2';
import { createServer } from 'node:tls';
import test from 'ava';
import { text } from './certificates.ts';
import { diagnosed, wordsOf } from './diagnosing.ts';
import type { Said } from './diagnosing.ts';
import { behind, node, raw, secureServer, turnByTurn } from './own-servers.ts';
import { trusts } from './rows/server-certificates.ts';
import type { Serve } from './setting.ts';

const why = async (serve: Serve, ...call: readonly string[]): Promise<Said> =>
  diagnosed({ serve, host: '127.0.0.1', call: [...trusts(), ...call] });

const notes = ({ line }: Said): readonly string[] =>
  (line.others as readonly { readonly name: { readonly en: string } }[]).map(({ name }) => name.en);

interface Over {
  /** To the first bytes. */
  readonly says?: string;
  readonly protocols?: string[];
  readonly greets?: string;
}

const overTls = ({ says, protocols, greets }: Over): Serve =>
  secureServer(() =>
    createServer(
      {
        cert: text('server.crt'),
        key: text('server.key'),
        ...(protocols ? { ALPNProtocols: protocols } : {}),
      },
      (socket) => {
        socket.on('error', () => {});
        if (greets !== undefined) socket.write(greets);
        socket.once('data', () => void (says === undefined ? undefined : socket.end(says))).resume();
      },
    ),
  );

test('a server of another protocol that waits is well, and that GET had no answer is mentioned', async (t) => {
  const said = await why(overTls({}));
  t.is(said.exitCode, 0, wordsOf(said));
  t.deepEqual(notes(said), ['no answer to GET /']);
});

test('one that hangs up at GET is too', async (t) => {
  const said = await why(overTls({ says: '' }));
  t.is(said.exitCode, 0, wordsOf(said));
  t.deepEqual(notes(said), ['no answer to GET /']);
});

test('one that greets, or complains in its own words, is mentioned for nothing', async (t) => {
  for (const over of [{ greets: '+OK ready\r\n' }, { says: '-ERR unknown command\r\n' }]) {
    const said = await why(overTls(over));
    t.is(said.exitCode, 0, wordsOf(said));
    t.deepEqual(notes(said), []);
  }
});

test('one that agreed on HTTP and hangs up, or answers something else, is not', async (t) => {
  const mute = await why(overTls({ says: '', protocols: ['http/1.1'] }));
  t.is(mute.cause, 'refused_by_application', wordsOf(mute));
  const other = await why(
    overTls({ says: '-ERR unknown command\r\n', protocols: ['http/1.1'] }),
    '--alpn',
    'http/1.1',
  );
  t.is(other.cause, 'unusable_answer', wordsOf(other));
});

test('a client of HTTP/2 alone, where the server agrees on nothing', async (t) => {
  const said = await why(overTls({}), '--alpn', 'h2');
  t.is(said.exitCode, 1, wordsOf(said));
  t.is(said.cause, 'no_common_protocol');
  const well = await why(overTls({}), '--alpn', 'h2,http/1.1');
  t.is(well.exitCode, 0, wordsOf(well));
});

test('a status of the application is its own business, one of a gateway is not', async (t) => {
  for (const status of [200, 301, 401, 403, 404])
    t.is((await why(node('server', {}, { status }))).exitCode, 0, `${status}`);
  for (const status of [502, 503, 504])
    t.is((await why(node('server', {}, { status }))).exitCode, 1, `${status}`);
});

test('an answer whose length is not declared may go on for ever', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\r\n\r\n';
  const said = await why(overTls({ says: head, protocols: ['http/1.1'] }));
  t.is(said.exitCode, 0, wordsOf(said));
});

test('every fourth connection to a slow server is cut: a call that took long is repeated too', async (t) => {
  const broken = raw((socket) => void socket.once('data', () => socket.end()));
  const said = await why(turnByTurn(broken, node('server'), broken));
  t.is(said.cause, 'intermittent', wordsOf(said));
});

test('an answer over HTTP/2 that does not come', async (t) => {
  const answering = (status: number): Serve =>
    secureServer(() => {
      const server = createHttp2();
      server.on('stream', (stream) => stream.respond({ ':status': status }, { endStream: true }));
      return createServer(
        { cert: text('server.crt'), key: text('server.key'), ALPNProtocols: ['h2'] },
        (socket) => void server.emit('connection', socket),
      );
    });
  const well = await why(answering(200), '--alpn', 'h2');
  t.is(well.exitCode, 0, wordsOf(well));
  // The SETTINGS of HTTP/2, and an end: they are no answer.
  const settings = Buffer.from('000000040000000000', 'hex').toString('latin1');
  const left = await why(overTls({ says: settings, protocols: ['h2'] }), '--alpn', 'h2');
  t.is(left.exitCode, 1, wordsOf(left));
});

test('a middlebox that takes the last byte of an answer', async (t) => {
  const said = await why(
    behind(node('server', { maxVersion: 'TLSv1.2' }), {
      toClient: (bytes, before, { client }) => {
        if (before < 2000 && bytes.length < 200) return bytes;
        client.end(bytes.subarray(0, -1));
        return undefined;
      },
    }),
  );
  t.is(said.exitCode, 1, wordsOf(said));
  t.is(said.cause, 'cut_within_record');
});
