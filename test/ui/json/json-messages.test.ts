/**
 * What JSON says of single messages of a capture: in which frame they came, how certificates hang together, and what of
 * a message can be known that is not what it claims to be. Every line is held to the schema.
 */
import { deflateSync } from 'node:zlib';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { SecretHunt } from '../../../src/analysis/secrets/secret-hunt.ts';
import type { CaptureDraft, Side } from '../../../src/capture/event.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { preface } from '../../../src/protocols/http2/recognise.ts';
import { JsonReport } from '../../../src/ui/json/json.ts';
import { outputValidator } from '../../helpers/output-schema.ts';
import { present } from '../../helpers/capture.ts';
import { headers, settings } from '../../protocols/http2/frames.ts';
import { alertRecord, clientHello, logOf, loginRequest, record, serverHello } from '../support/story.ts';

const fits = outputValidator();

type Line = { readonly kind: string; readonly [key: string]: unknown };

/** One connection to port 80, whose pieces came in frames 10, 20, 30 …; what JSON says of it. */
function linesOf(
  t: ExecutionContext,
  ...pieces: readonly (readonly [from: Side, bytes: Uint8Array])[]
): Line[] {
  const drafts: CaptureDraft[] = [
    {
      type: 'opened',
      conn: 1,
      hop: 'A',
      transport: 'tcp',
      from: { host: '192.0.2.1', port: 50_001 },
      to: { host: '192.0.2.2', port: 80 },
    },
    ...pieces.map(
      ([from, bytes], index): CaptureDraft => ({
        type: 'bytes',
        conn: 1,
        hop: 'A',
        vantage: 'wire',
        from,
        bytes,
        frame: 10 * (index + 1),
      }),
    ),
    { type: 'closed', conn: 1, hop: 'A', by: 'client', how: 'end' },
  ];
  const { events } = logOf(drafts);
  const flows = new Flows({ events });
  const lines: Line[] = [];
  const report = new JsonReport({
    flows,
    hunt: new SecretHunt([]),
    secrets: new Map(),
    withSecrets: false,
    events: false,
    write: (line) => {
      const parsed = JSON.parse(line) as Line;
      t.true(fits(parsed), `${line.slice(0, 200)}: ${JSON.stringify(fits.errors?.slice(0, 3))}`);
      lines.push(parsed);
    },
  });
  for (const event of events) {
    flows.fold(event);
    report.fold(event);
  }
  report.end();
  return lines;
}

const uint24 = (value: number): Buffer => Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff]);
const handshake = (type: number, body: Uint8Array, length = body.length): Buffer =>
  record(22, Buffer.concat([Buffer.from([type]), uint24(length), body]));
const listOf = (...certificates: readonly Uint8Array[]): Buffer => {
  const all = Buffer.concat(certificates.flatMap((der) => [uint24(der.length), der]));
  return Buffer.concat([uint24(all.length), all]);
};

const world = issueWorld(
  {
    certificates: {
      root: { profile: 'root', subject: { CN: 'Root' } },
      middle: { profile: 'intermediate', issuer: 'root', subject: { CN: 'Middle' } },
      shop: { profile: 'server', issuer: 'middle', subject: { CN: 'shop' }, san: ['DNS:shop'] },
    },
  },
  { clock: { now: Date.now } },
);
const der = (name: string): Uint8Array => present(pemCertificates(world.certificate(name))[0]);

test('HTTP messages and problems say in which frame they came, as handshake messages and alerts do', (t) => {
  const http = linesOf(
    t,
    ['client', loginRequest()],
    ['server', Buffer.from('HTTP/1.1 204 No Content\r\n\r\n')],
  );
  t.deepEqual(
    http.filter(({ kind }) => kind === 'http').map(({ title, frame }) => [title, frame]),
    [
      ['POST /login', 10],
      ['204 No Content', 20],
    ],
  );
  const tls = linesOf(
    t,
    ['client', clientHello('shop')],
    ['server', serverHello],
    ['server', handshake(11, Buffer.from([0, 0, 9, 1]))],
    ['client', alertRecord(50)],
  );
  t.deepEqual(
    tls.flatMap(({ kind, frame }) => (kind === 'stream' ? [] : [[kind, frame]])),
    [
      ['handshake', 10],
      ['handshake', 20],
      ['handshake', 30],
      ['problem', 30],
      ['alert', 40],
    ],
  );
});

test('TLS that is spoken on port 80 is TLS: the content decides, not the port, also where the server answers in HTTP', (t) => {
  const lines = linesOf(
    t,
    ['client', clientHello('shop.localhost')],
    ['server', Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')],
  );
  t.like(lines[0], { kind: 'handshake', message: 'client_hello', sni: 'shop.localhost', to: '192.0.2.2:80' });
  t.false(lines.some(({ kind, message }) => kind === 'handshake' && message !== 'client_hello'));
});

test('HTTP that is spoken on port 80 stays HTTP', (t) => {
  const lines = linesOf(t, ['client', loginRequest()]);
  t.true(lines.some(({ kind }) => kind === 'http'));
  t.false(lines.some(({ kind }) => kind === 'handshake'));
});

test('a Certificate message whose inner length lies is a message of its type and length, and a problem that says where', (t) => {
  const body = Buffer.concat([uint24(3820), Buffer.alloc(253, 0x30)]);
  const lines = linesOf(
    t,
    ['client', clientHello('shop')],
    ['server', Buffer.concat([serverHello, handshake(11, body)])],
  );
  const [message, problem] = lines.slice(2);
  t.like(message, { kind: 'handshake', message: 'certificate', length: 256 });
  t.false('certificates' in present(message));
  t.like(problem, {
    kind: 'problem',
    what: 'tls.handshake.certificate.certificate_list',
    expected: '3820 bytes',
    found: '253 bytes left',
  });
});

test('behind a Certificate whose lengths lie, a message in a record of its own is still that message, and not the rest of the lie', (t) => {
  // Outer length 256, inner length 3820: what follows in the record begins no message, and ends with it.
  const lie = Buffer.concat([uint24(3820), Buffer.alloc(253, 0x30), Buffer.alloc(40, 0x31)]);
  const lines = linesOf(
    t,
    ['client', clientHello('shop')],
    ['server', serverHello],
    ['server', record(22, Buffer.concat([Uint8Array.of(11), uint24(256), lie]))],
    ['server', handshake(14, Buffer.alloc(0))],
  );
  t.deepEqual(
    lines.flatMap(({ kind, message }) => (kind === 'handshake' ? [message] : [])),
    ['client_hello', 'server_hello', 'certificate', 'server_hello_done'],
  );
  t.is(lines.filter(({ kind }) => kind === 'problem').length, 2);
});

test('a hello in the form of SSL 2.0 is the ClientHello of its connection, with its fingerprints', (t) => {
  const hello = Buffer.from([
    0x80,
    9 + 6 + 16,
    1,
    3,
    0,
    0,
    6,
    0,
    0,
    0,
    16,
    0,
    0,
    0x2f,
    0x07,
    0,
    0xc0,
    ...Buffer.alloc(16, 7),
  ]);
  const lines = linesOf(t, ['client', hello], ['server', serverHello]);
  t.like(lines[0], {
    kind: 'handshake',
    message: 'client_hello',
    cipherSuites: ['0x002f'],
    supportedVersions: [],
  });
  t.regex(String(lines[0]?.['ja4']), /^t[a-z0-9]{2}i01/);
});

test('a message that is shorter than its own length is a problem and no message', (t) => {
  const lines = linesOf(
    t,
    ['client', clientHello('shop')],
    ['server', serverHello],
    ['server', handshake(11, Buffer.alloc(9), 300)],
  );
  t.deepEqual(
    lines.map(({ kind }) => kind),
    ['handshake', 'handshake', 'problem', 'stream'],
  );
});

test('the certificates of a message come with the chain that they are', (t) => {
  const lines = linesOf(
    t,
    ['client', clientHello('shop')],
    ['server', serverHello],
    ['server', handshake(11, listOf(der('shop'), der('middle')))],
  );
  t.like(lines[2], {
    message: 'certificate',
    chain: {
      links: [{ issuer: 1, keyIds: 'match', signature: 'holds' }, { issuer: 'not_sent' }],
      ends: 'issuer_not_sent',
      order: 'leaf_first',
      extra: [],
    },
  });
});

test('an empty list of certificates is no chain', (t) => {
  const lines = linesOf(
    t,
    ['client', clientHello('shop')],
    ['server', serverHello],
    ['client', handshake(11, listOf())],
  );
  t.deepEqual(lines[2]?.['certificates'], []);
  t.false('chain' in present(lines[2]));
});

test('a compressed certificate shows its certificates and their chain, or why it stays shut', (t) => {
  const entries = Buffer.concat(
    [der('shop'), der('middle')].flatMap((one) => [uint24(one.length), one, Buffer.from([0, 0])]),
  );
  const body = Buffer.concat([Buffer.from([0]), uint24(entries.length), entries]);
  const compressed = deflateSync(body);
  const message = (claimed: number): Buffer =>
    handshake(
      25,
      Buffer.concat([Buffer.from([0, 1]), uint24(claimed), uint24(compressed.length), compressed]),
    );
  const [, , good, bad] = linesOf(
    t,
    ['client', clientHello('shop')],
    ['server', serverHello],
    ['server', message(body.length)],
    ['server', message(2 ** 23)],
  );
  t.like(good, {
    message: 'compressed_certificate',
    compression: 'zlib',
    chain: { ends: 'issuer_not_sent' },
  });
  t.deepEqual(
    (present(good)['certificates'] as { subject: string }[]).map(({ subject }) => subject),
    ['CN=shop', 'CN=Middle'],
  );
  t.like(bad, { message: 'compressed_certificate', compression: 'zlib', unopened: 'too_long' });
});

test('a stapled response has its own line after the message that contains it', (t) => {
  const lines = linesOf(
    t,
    ['client', clientHello('shop')],
    ['server', serverHello],
    ['server', handshake(22, Buffer.concat([Buffer.from([1]), uint24(5), Buffer.from('30030a0103', 'hex')]))],
  );
  t.like(lines[2], { message: 'certificate_status', ocsp: { status: 'tryLater', responses: [] } });
});

test('a message of a protocol without a line of its own has one, with what it says as HTTP', (t) => {
  const lines = linesOf(
    t,
    [
      'client',
      Buffer.concat([
        preface,
        settings(),
        headers(
          1,
          [
            [':method', 'GET'],
            [':path', '/shop?token=tok-1'],
            [':authority', 'shop.localhost'],
            ['accept', '*/*'],
          ],
          0x05,
        ),
      ]),
    ],
    ['server', Buffer.concat([settings(), headers(1, [[':status', '204']], 0x05)])],
  );
  const messages = lines.filter(({ kind }) => kind === 'message');
  t.deepEqual(
    messages.map(({ protocol, title, frame }) => [protocol, title, frame]),
    [
      ['http2', 'HTTP/2 preface', 10],
      ['http2', 'SETTINGS', 10],
      ['http2', 'GET /shop?token=tok-1', 10],
      ['http2', 'SETTINGS', 20],
      ['http2', '204', 20],
    ],
  );
  t.deepEqual(messages[2]?.['http'], {
    kind: 'request',
    stream: 1,
    method: 'GET',
    path: '/shop?token=tok-1',
    authority: 'shop.localhost',
    headers: [['accept', '*/*']],
    endsStream: true,
  });
  t.like(
    lines.find(({ kind }) => kind === 'secret'),
    { protocol: 'http2', field: 'token', value: 'tok-1', encoding: 'query_parameter' },
  );
});
