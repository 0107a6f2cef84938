/** What is to be done, and on which machine, where another one than the usual is right. */
import test from 'ava';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { createServer as createTls } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { file, text } from './certificates.ts';
import { diagnosed } from './diagnosing.ts';
import type { Said } from './diagnosing.ts';
import { node, raw, secureServer, turnByTurn } from './own-servers.ts';
import { trusts } from './rows/server-certificates.ts';
import type { Serve } from './setting.ts';

interface Remedy {
  readonly on: string;
  readonly words: { readonly en: string };
}

const diagnosisOf = async (serve: Serve, call: readonly string[] = trusts()): Promise<Said> =>
  diagnosed({ serve, host: '127.0.0.1', call });

const remedyIn = ({ line }: Said): string => {
  const { on, words } = line.remedy as Remedy;
  return `${on}: ${words.en}`;
};
const textIn = ({ line }: Said, field: 'name' | 'because'): string =>
  (line[field] as { readonly en: string }).en;

const behindOldRoot = (...above: readonly string[]): Serve =>
  node('server-crossed', {
    cert: [text('server-below-old-root.crt'), ...above.map((name) => text(`${name}.crt`))].join(''),
  });

test('a root of the client’s list that is out of date is replaced there, though the server sends it too', async (t) => {
  const bare = await diagnosisOf(behindOldRoot(), trusts('old-root'));
  t.like(bare, { cause: 'certificate_expired', by: 'client', confidence: 'proven' });
  t.regex(remedyIn(bare), /^client: replace .*CN=Old Root.* the server does not send it$/);
  const sent = await diagnosisOf(behindOldRoot('old-root'), trusts('old-root'));
  t.like(sent, { cause: 'certificate_expired', by: 'client', confidence: 'proven' });
  t.regex(remedyIn(sent), /^client: replace .* a client goes by its own list$/);
  const crossed = await diagnosisOf(node('server-crossed'), trusts('old-root'));
  t.regex(remedyIn(crossed), /^client: replace .*CN=New Root, a CA signed by it/);
});

test('an intermediate CA that the client and the server both have is renewed at the server', async (t) => {
  const serve = node('server-below-expired');
  const both = await diagnosisOf(serve, ['--cacert', file('ca-and-expired.crt')]);
  t.like(both, { cause: 'certificate_expired', by: 'client' });
  t.regex(remedyIn(both), /^server: let the server send the renewed certificate .* its own list too/);
  // OpenSSL takes the certificate of the list before the one that is sent.
  const renewed = await diagnosisOf(node('server-renewed-issuing'), [
    '--cacert',
    file('root-and-issuing-before.crt'),
  ]);
  t.like(renewed, { cause: 'certificate_expired', by: 'client' });
  t.regex(
    remedyIn(renewed),
    /^client: take the certificate of the intermediate CA CN=Renewed Issuing CA out/,
  );
  t.is((await diagnosisOf(node('server-renewed-issuing'), trusts('new-root'))).exitCode, 0);
  t.regex(remedyIn(await diagnosisOf(serve)), /^server: /);
});

test('the server itself presents the intermediate certificate that the client lacks', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-alone-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['client-below-issuing.crt', 'client-below-issuing.key'])
    copyFileSync(file(name), join(folder, name));
  const mutual = { requestCert: true, rejectUnauthorized: true, ca: text('ca.crt') };
  const own = [
    '--cert',
    join(folder, 'client-below-issuing.crt'),
    '--key',
    join(folder, 'client-below-issuing.key'),
  ];
  const said = await diagnosisOf(node('server-long', mutual), [...trusts(), ...own]);
  t.like(said, { cause: 'intermediate_missing', by: 'server', confidence: 'proven' });
  t.regex(remedyIn(said), /^client: let the client send the certificate of .*Example Issuing CA/);
});

/** @param onOther what is done with a client that has not agreed on HTTP/2 */
const onlyHttp2 = (onOther?: (socket: import('node:tls').TLSSocket) => void): Serve =>
  secureServer(() => {
    const server = createSecureServer({ cert: text('server.crt'), key: text('server.key') });
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 });
      stream.end('welcome');
    });
    if (onOther) server.on('unknownProtocol', onOther);
    return server;
  });

test('HTTP/2 alone: the protocol that the server speaks is named', async (t) => {
  const refused = await diagnosisOf(onlyHttp2(), [...trusts(), '--alpn', 'http/1.1']);
  t.like(refused, { cause: 'no_common_protocol', confidence: 'proven' });
  t.regex(remedyIn(refused), /^client: let the client offer h2/);
  const hungUp = await diagnosisOf(onlyHttp2((socket) => void once(socket, 'data').then(() => socket.end())));
  t.like(hungUp, { cause: 'no_common_protocol', confidence: 'proven' });
  t.regex(remedyIn(hungUp), /^client: let the client offer h2/);
  const goAway = Buffer.from('0000000400000000000000080700000000000000000000000001', 'hex');
  const gaveUp = await diagnosisOf(
    onlyHttp2((socket) => void once(socket, 'data').then(() => socket.end(goAway))),
  );
  t.like(gaveUp, { cause: 'no_common_protocol', confidence: 'proven' });
});

test('HTTP/2 over TLS that ends before the server, without ALPN', async (t) => {
  const settings = Buffer.from('000000040000000000', 'hex');
  const serve = secureServer(() =>
    createTls({ cert: text('server.crt'), key: text('server.key') }, (socket) => void socket.write(settings)),
  );
  const said = await diagnosisOf(serve);
  t.like(said, { cause: 'no_common_protocol', confidence: 'likely' });
  t.regex(remedyIn(said), /^server: let what ends TLS agree on h2/);
});

test('a server of HTTP that complains before anything was said has been told something by somebody else', async (t) => {
  const said = await diagnosisOf(
    raw((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')),
  );
  t.like(said, { cause: 'proxy_header_refused', by: 'unknown', confidence: 'likely' });
  t.regex(remedyIn(said), /^between: /);
});

test('brokers without TLS: the protocol is named, and TLS is switched on there', async (t) => {
  const mqtt = await diagnosisOf(
    raw((socket) =>
      socket.once('data', (first: Buffer) =>
        first[0] === 0x10 ? socket.write(Buffer.from('20020000', 'hex')) : socket.resetAndDestroy(),
      ),
    ),
  );
  t.like(mqtt, { cause: 'tls_on_plaintext_port', confidence: 'proven' });
  t.regex(textIn(mqtt, 'because'), /without TLS, in MQTT: CONNACK, return code 0$/);
  t.regex(remedyIn(mqtt), /^server: switch TLS on at port/);
  const amqp = await diagnosisOf(
    raw((socket) => socket.once('data', () => socket.end(Buffer.from('414d515000000901', 'hex')))),
  );
  t.like(amqp, { cause: 'tls_on_plaintext_port', confidence: 'proven' });
  t.regex(remedyIn(amqp), /^server: switch TLS on .*RabbitMQ/);
  const irc = await diagnosisOf(
    raw((socket) => void socket.write(':irc.example NOTICE * :*** Looking up your hostname\r\n')),
  );
  t.like(irc, { cause: 'tls_on_plaintext_port', confidence: 'proven' });
  t.regex(String((irc.line.remedy as { command?: string }).command), /-starttls irc /);
});

test('what fails now and then is said in the headline', async (t) => {
  const said = await diagnosisOf(turnByTurn(node('server'), node('server', {}, { status: 502 })));
  t.like(said, { cause: 'intermittent', confidence: 'proven' });
  t.is(textIn(said, 'name'), 'it fails now and then: HTTP 502');
});

/** @param status of what is no request for a WebSocket; without one the connection ends */
const webSockets = (status?: number): Serve =>
  secureServer(() => {
    const server = createHttps({ cert: text('server.crt'), key: text('server.key') }, (request, response) => {
      if (status === undefined) request.socket.destroy();
      else response.writeHead(status).end();
    });
    server.on('upgrade', (_request, socket) =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    );
    return server;
  });

test('a server of WebSockets is asked for one, and is well', async (t) => {
  for (const status of [undefined, 426]) {
    const said = await diagnosed({ serve: webSockets(status), host: 'wss://127.0.0.1', call: trusts() });
    t.like(said, { exitCode: 0, cause: 'none' }, String(status));
  }
  const byHttps = await diagnosisOf(webSockets(426));
  t.like(byHttps, { exitCode: 0, cause: 'none' });
  // The same status of a server that wants something else is one still.
  t.is((await diagnosisOf(node('server', {}, { status: 426 }))).exitCode, 1);
});

test('a protocol that the server does not have, and it hangs up', async (t) => {
  const other: Serve = secureServer(() =>
    createTls({ cert: text('server.crt'), key: text('server.key') }, (socket) => void socket.end()),
  );
  const said = await diagnosisOf(other, [...trusts(), '--alpn', 'h2']);
  t.like(said, { cause: 'no_common_protocol', confidence: 'likely' });
  t.is((await diagnosisOf(other)).cause, 'ends_after_handshake');
});

/** Brokers that answer in plain text, and end what they cannot read. */
const broker = (asked: RegExp, answer: Buffer): Serve =>
  raw((socket) =>
    socket.once('data', (first: Buffer) =>
      asked.test(first.toString('latin1')) ? socket.write(answer) : socket.resetAndDestroy(),
    ),
  );

test('calls without TLS are made in their protocol', async (t) => {
  const rows = [
    ['mqtt', /^\x10/, Buffer.from('20020000', 'hex')],
    ['redis', /^PING/, Buffer.from('+PONG\r\n')],
  ] as const;
  for (const [scheme, asked, answer] of rows) {
    const well = await diagnosed({
      serve: broker(asked, answer),
      host: `${scheme}://127.0.0.1`,
      call: trusts(),
    });
    t.like(well, { exitCode: 0, cause: 'none' }, scheme);
    const secured = await diagnosed({ serve: node('server'), host: `${scheme}://127.0.0.1`, call: trusts() });
    t.like(secured, { cause: 'plaintext_on_tls_port', confidence: 'proven' }, scheme);
    t.true(remedyIn(secured).includes(`${scheme}s://`), scheme);
  }
});
