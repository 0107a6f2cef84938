/**
 * Requests that two readers could read in two ways, and claims that only a proxy may make: each is refused or cleaned. What
 * the target received is read from its own bytes (`support/raw-requests.ts`), never from what the proxy says of it.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Address } from '../../src/capture/event.ts';
import { objectionTo } from '../../src/proxy/objection.ts';
import type { ReceivedRequest } from '../../src/proxy/objection.ts';
import { newLog } from '../features/support/shop.ts';
import { openProxy } from './support/proxies.ts';
import { readRequests } from './support/raw-requests.ts';

interface Heard {
  bytes: string;
  /** Whether the connection was ended, or broken off. */
  how: 'open' | 'end' | 'reset';
}

interface Target {
  readonly address: Address;
  readonly heard: readonly Heard[];
  /** Resolves when that connection is no longer open. */
  readonly gone: (heard: Heard) => Promise<void>;
}

/** Answers every whole request with its path, and an upgrade as it is told to. */
async function openTarget(t: ExecutionContext, upgrades: boolean): Promise<Target> {
  const heard: Heard[] = [];
  const sockets = new Map<Heard, Socket>();
  const server = createServer((socket) => {
    const one: Heard = { bytes: '', how: 'open' };
    let answered = 0;
    let upgraded = false;
    heard.push(one);
    sockets.set(one, socket);
    socket.on('error', () => (one.how = 'reset'));
    socket.on('end', () => (one.how = 'end'));
    socket.on('data', (chunk: Buffer) => {
      one.bytes += chunk.toString('latin1');
      if (upgraded) return;
      for (const { line, headers } of readRequests(one.bytes).requests.slice(answered)) {
        answered++;
        upgraded = upgrades && headers.some(([name]) => name.toLowerCase() === 'upgrade');
        if (upgraded)
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
          );
        else socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${line.length}\r\n\r\n${line}`);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets.values()) socket.destroy();
  });
  const gone = async (one: Heard): Promise<void> => {
    const socket = sockets.get(one);
    if (socket && !socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  };
  return { address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, heard, gone };
}

/** Sends, and reads until there are so many answers, or the end. */
async function converse(to: Address, bytes: string, answers: number): Promise<string> {
  const socket = connect({ ...to, noDelay: true });
  socket.on('error', () => {});
  let text = '';
  const over = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (statusesOf(text).length >= answers && /\r\n\r\n(.*HTTP\/1\.1)?$|^$/s.test(text)) resolve();
    });
    socket.once('close', () => resolve());
  });
  socket.write(Buffer.from(bytes, 'latin1'));
  await over;
  socket.destroy();
  return text;
}

const statusesOf = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

const host = 'Host: shop\r\n';
const hidden = `GET /smuggled HTTP/1.1\r\n${host}\r\n`;
const get = (headers = '', line = 'GET / HTTP/1.1'): string => `${line}\r\n${host}${headers}\r\n`;
const sized = (lengths: string, body = 'abc'): string => `POST / HTTP/1.1\r\n${host}${lengths}\r\n${body}`;
const coded = (coding: string, body = '3\r\nabc\r\n0\r\n\r\n'): string =>
  `POST / HTTP/1.1\r\n${host}${coding}\r\n${body}`;
const chunks = (body: string): string => coded('Transfer-Encoding: chunked\r\n', body);
const upgrade = (headers = '', line = 'GET / HTTP/1.1'): string =>
  `${line}\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n${headers}\r\n`;

/** Refused, with that status, before anything of it is forwarded. */
const refused: Readonly<Record<string, readonly [bytes: string, status: number]>> = {
  'the same length twice': [sized('Content-Length: 3\r\nContent-Length: 3\r\n'), 400],
  'two lengths': [
    sized(`Content-Length: 3\r\nContent-Length: ${3 + hidden.length}\r\n`, `abc${hidden}`),
    400,
  ],
  'a list of lengths': [sized('Content-Length: 3, 3\r\n'), 400],
  'a length with a sign': [sized('Content-Length: +3\r\n'), 400],
  'a negative length': [sized('Content-Length: -3\r\n'), 400],
  'a length in hex': [sized('Content-Length: 0x3\r\n'), 400],
  'a length in two words': [sized('Content-Length: 3 3\r\n'), 400],
  'an empty length': [sized('Content-Length:\r\n', hidden), 400],
  'a length that overflows 64 bits': [sized('Content-Length: 18446744073709551619\r\n'), 400],
  'a length that not every reader can count to': [sized('Content-Length: 9223372036854775807\r\n'), 400],
  'a length before chunks': [coded('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n'), 400],
  'chunks before a length': [
    coded(`Transfer-Encoding: chunked\r\nContent-Length: 5\r\n`, `0\r\n\r\n${hidden}`),
    400,
  ],
  'an empty coding': [coded('Transfer-Encoding:\r\n', hidden), 400],
  'an empty coding beside a length': [sized('Transfer-Encoding:\r\nContent-Length: 3\r\n'), 400],
  'a coding that only resembles chunked': [coded('Transfer-Encoding: xchunked\r\n'), 501],
  'chunked with a parameter': [coded('Transfer-Encoding: chunked;q=1\r\n'), 501],
  'chunked in quotes': [coded('Transfer-Encoding: "chunked"\r\n'), 501],
  'a vertical tab before chunked': [coded('Transfer-Encoding: \vchunked\r\n'), 400],
  'a coding after chunked': [coded('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${hidden}`), 400],
  'chunked twice': [coded('Transfer-Encoding: chunked, chunked\r\n'), 400],
  'a coding before chunked': [coded('Transfer-Encoding: gzip, chunked\r\n'), 501],
  'two lines of codings': [coded('Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n'), 501],
  'the identity': [coded('Transfer-Encoding: identity\r\n'), 501],
  'a space before the colon of a coding': [coded('Transfer-Encoding : chunked\r\n'), 400],
  'a coding on a folded line': [coded('Transfer-Encoding:\r\n chunked\r\n'), 400],
  'chunks in HTTP/1.0': [
    `POST / HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    400,
  ],
  'lines that end in LF alone': ['GET / HTTP/1.1\nHost: shop\n\n', 400],
  'one line that ends in LF alone': [get('X: a\nX-Forwarded-For: 6.6.6.6\r\n'), 400],
  'a head that ends in LF alone': ['GET / HTTP/1.1\r\nHost: shop\r\n\n', 400],
  'a CR in a value': [get('X: a\rX-Forwarded-For: 6.6.6.6\r\n'), 400],
  'two CRs before LF': [get('X: a\r\r\n'), 400],
  'a folded line': [get('X: a\r\n b\r\n'), 400],
  'a folded line that hides a header': [get('X: a\r\n\tX-Forwarded-For: 6.6.6.6\r\n'), 400],
  'a fold before the first header': ['GET / HTTP/1.1\r\n Host: shop\r\nHost: shop\r\n\r\n', 400],
  'a space before a colon': ['GET / HTTP/1.1\r\nHost : shop\r\n\r\n', 400],
  'a header without a name': [get(': x\r\n'), 400],
  'a header without a colon': [get('X-Forwarded-For\r\n'), 400],
  'a parenthesis in a name': [get('X(y): a\r\n'), 400],
  'a NUL in a name': [get('X\0: a\r\n'), 400],
  'a NUL in a value': [get('X: a\0b\r\n'), 400],
  'a control character in a value': [get('X: a\x01b\r\n'), 400],
  'the absolute form': [get('', 'GET http://shop/ HTTP/1.1'), 400],
  'the authority form': [get('', 'GET shop:80 HTTP/1.1'), 400],
  'an asterisk': [get('', 'OPTIONS * HTTP/1.1'), 400],
  'an asterisk for GET': [get('', 'GET * HTTP/1.1'), 400],
  CONNECT: [`CONNECT shop:80 HTTP/1.1\r\n${host}\r\n${hidden}`, 405],
  'CONNECT of a path': [`CONNECT / HTTP/1.1\r\n${host}\r\n${hidden}`, 405],
  'a fragment': [get('', 'GET /a#b HTTP/1.1'), 400],
  'a space in a path': [get('', 'GET /a b HTTP/1.1'), 400],
  'a tab in a path': [get('', 'GET /a\tb HTTP/1.1'), 400],
  'a NUL in a path': [get('', 'GET /a\0b HTTP/1.1'), 400],
  'a CR in a path': [get('', 'GET /a\rb HTTP/1.1'), 400],
  'a byte beyond ASCII in a path': [get('', 'GET /a\xe9 HTTP/1.1'), 400],
  'tabs in the request line': [get('', 'GET\t/\tHTTP/1.1'), 400],
  'a method that nobody knows': [get('', 'STEAL / HTTP/1.1'), 400],
  'a method in small letters': [get('', 'get / HTTP/1.1'), 400],
  'a method of RTSP': [get('', 'DESCRIBE / RTSP/1.0'), 501],
  'the preface of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  'HTTP/0.9': ['GET /\r\n\r\n', 505],
  'HTTP/0.9 by name': [get('', 'GET / HTTP/0.9'), 505],
  'HTTP/2.0 by name': [get('', 'GET / HTTP/2.0'), 505],
  'HTTP/1.2': [get('', 'GET / HTTP/1.2'), 400],
  'a space behind the version': [get('', 'GET / HTTP/1.1 '), 400],
  'two Hosts': [get('Host: elsewhere\r\n'), 400],
  'the same Host twice': [get('hOST: shop\r\n'), 400],
  'no Host': ['GET / HTTP/1.1\r\n\r\n', 400],
  'an empty Host': ['GET / HTTP/1.1\r\nHost:\r\n\r\n', 400],
  'a Host with a path': ['GET / HTTP/1.1\r\nHost: shop/admin\r\n\r\n', 400],
  'a Host with a user': ['GET / HTTP/1.1\r\nHost: admin@shop\r\n\r\n', 400],
  'a list of Hosts': ['GET / HTTP/1.1\r\nHost: shop, elsewhere\r\n\r\n', 400],
  'an upgrade with a length': [upgrade(`Content-Length: ${hidden.length}\r\n`) + hidden, 400],
  'an upgrade with chunks': [`${upgrade('Transfer-Encoding: chunked\r\n')}0\r\n\r\n${hidden}`, 400],
  'an upgrade in HTTP/1.0': [upgrade('', 'GET / HTTP/1.0') + hidden, 400],
  'an upgrade by POST': [upgrade('', 'POST / HTTP/1.1') + hidden, 501],
  'an upgrade to two protocols': [
    `GET / HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n\r\n${hidden}`,
    501,
  ],
  'an expectation that nobody knows': [sized('Expect: 200-ok\r\nContent-Length: 3\r\n'), 417],
  // What is wrong shows only in the body; the parser finds it in the same turn.
  'a chunk size in hex notation': [chunks('0x3\r\nabc\r\n0\r\n\r\n'), 400],
  'a space before a chunk size': [chunks(' 3\r\nabc\r\n0\r\n\r\n'), 400],
  'a space behind a chunk size': [chunks('3 \r\nabc\r\n0\r\n\r\n'), 400],
  'a chunk size with a sign': [chunks('+3\r\nabc\r\n0\r\n\r\n'), 400],
  'a negative chunk size': [chunks('-1\r\nabc\r\n0\r\n\r\n'), 400],
  'a chunk size that overflows': [chunks('10000000000000003\r\nabc\r\n0\r\n\r\n'), 400],
  'no chunk size': [chunks('\r\nabc\r\n0\r\n\r\n'), 400],
  'a chunk size that ends in LF alone': [chunks('3\nabc\r\n0\r\n\r\n'), 400],
  'an LF in a chunk extension': [chunks(`3;a\n${hidden}\r\nabc\r\n0\r\n\r\n`), 400],
  'a CR in a chunk extension': [chunks('3;a\rb\r\nabc\r\n0\r\n\r\n'), 400],
};

/** Begun, since the head was sound, and broken off at the fault: the target never takes it for whole. */
const brokenOff: Readonly<Record<string, string>> = {
  'a chunk that ends in LF alone': chunks('3\r\nabc\n0\r\n\r\n'),
  'a chunk without an end': chunks('3\r\nabc0\r\n\r\n'),
  'a chunk that is longer than its size': chunks(`3\r\nabcd\r\n0\r\n\r\n`),
  'the end of the chunks in LF alone': chunks('3\r\nabc\r\n0\r\n\n'),
  'a length in the trailers': chunks(`3\r\nabc\r\n0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`),
};

interface Cleaned {
  readonly bytes: string;
  /** The bodies of what the target hears, one a request. */
  readonly bodies: readonly string[];
  /** What the target must not have heard of it. */
  readonly not?: RegExp;
  readonly line?: string;
  readonly upgrades?: boolean;
}

const forged = (headers: string): Cleaned => ({ bytes: get(headers), bodies: [''], not: /6\.6\.6\.6|evil/i });

/** Forwarded, and harmless by then. */
const cleaned: Readonly<Record<string, Cleaned>> = {
  'a body that looks like a request': {
    bytes: sized(`Content-Length: ${hidden.length}\r\n`, hidden),
    bodies: [hidden],
  },
  'a GET with such a body': { bytes: get(`Content-Length: ${hidden.length}\r\n`) + hidden, bodies: [hidden] },
  'such a body in a chunk': {
    bytes: chunks(`${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`),
    bodies: [hidden],
  },
  'zeros before a length': { bytes: sized('Content-Length: 0000003\r\n'), bodies: ['abc'] },
  'zeros before a chunk size': {
    bytes: chunks('000000000000000003\r\nabc\r\n0\r\n\r\n'),
    bodies: ['abc'],
    not: /0{5}/,
  },
  'chunk extensions': {
    bytes: chunks('3;a=b;c="d;e"\r\nabc\r\n0;evil\r\n\r\n'),
    bodies: ['abc'],
    not: /a=b|evil/,
  },
  trailers: {
    bytes: coded(
      'Trailer: X-Forwarded-For\r\nTransfer-Encoding: chunked\r\n',
      '3\r\nabc\r\n0\r\nX-Forwarded-For: 6.6.6.6\r\nAuthorization: evil\r\n\r\n',
    ),
    bodies: ['abc'],
    not: /6\.6\.6\.6|evil|Trailer/i,
  },
  'chunked in capitals behind a tab': { bytes: coded('tRANSFER-eNCODING:\tcHuNkEd\r\n'), bodies: ['abc'] },
  'a length and a coding that Connection nominates': {
    bytes: coded('Connection: Transfer-Encoding, Content-Length, Host\r\nTransfer-Encoding: chunked\r\n'),
    bodies: ['abc'],
  },
  'a coding with an underscore': {
    bytes: sized('Transfer_Encoding: chunked\r\nContent-Length: 3\r\n'),
    bodies: ['abc'],
    not: /_/,
  },
  'a length with an underscore': {
    bytes: sized('Content_Length: 0600\r\nContent-Length: 3\r\n'),
    bodies: ['abc'],
    not: /0600/,
  },
  'a Host with an underscore is no Host': { bytes: get('H_ost: x\r\nHOST_: y\r\n'), bodies: [''] },
  'two requests at once': {
    bytes: get('', 'GET /one HTTP/1.1') + get('', 'GET /two HTTP/1.1'),
    bodies: ['', ''],
  },
  'empty lines before a request': { bytes: `\r\n\r\n${get()}`, bodies: [''] },
  'no Host in HTTP/1.0': { bytes: 'GET / HTTP/1.0\r\n\r\n', bodies: [''] },
  'an upgrade that is not agreed to, and what follows it': {
    bytes: upgrade() + hidden,
    bodies: [''],
    not: /smuggled/,
  },
  'what follows an upgrade that is agreed to comes after the agreement': {
    bytes: upgrade() + hidden,
    bodies: [''],
    upgrades: true,
  },
  'an upgrade that Connection does not name': {
    bytes: get('Upgrade: websocket\r\n'),
    bodies: [''],
    not: /upgrade/i,
  },
  'X-Forwarded-For': forged('X-Forwarded-For: 6.6.6.6\r\n'),
  'X-Forwarded-For in odd case, twice': forged(
    'x-FORWARDED-for: 6.6.6.6\r\nX-forwarded-FOR: 6.6.6.6, 127.0.0.1\r\n',
  ),
  X_Forwarded_For: forged('X_Forwarded_For: 6.6.6.6\r\nX-Forwarded_For: 6.6.6.6\r\n'),
  'X-Forwarded-For that Connection nominates': forged(
    'Connection: X-Forwarded-For, X-Forwarded-Proto\r\nX-Forwarded-For: 6.6.6.6\r\n',
  ),
  Forwarded: forged('Forwarded: for=6.6.6.6;host=evil;proto=https\r\n'),
  'X-Real-IP': forged('X-Real-IP: 6.6.6.6\r\nX_REAL_IP: 6.6.6.6\r\n'),
  'X-Forwarded-Host, -Proto, -Port, -Server, -Prefix': forged(
    'X-Forwarded-Host: evil\r\nX-Forwarded-Proto: evil\r\nX-Forwarded-Port: evil\r\nX-Forwarded-Server: evil\r\nX-Forwarded-Prefix: /evil\r\n',
  ),
  'X-Forwarded-Client-Cert': forged(
    'X-Forwarded-Client-Cert: Hash=evil\r\nx_forwarded_client_cert: Hash=evil\r\n',
  ),
  'certificate headers of other proxies': forged(
    'X-SSL-Client-Cert: evil\r\nSSL_CLIENT_CERT: evil\r\nX-Client-DN: CN=evil\r\nClient-Cert: :evil:\r\nX-Client-Verify: evil\r\n',
  ),
  'addresses as other proxies name them': forged(
    'True-Client-IP: 6.6.6.6\r\nCF-Connecting-IP: 6.6.6.6\r\nX-Client-IP: 6.6.6.6\r\nX-Cluster-Client-IP: 6.6.6.6\r\n',
  ),
};

/** Another client's request over the same proxy: nothing that was sent before may have been left for it. */
async function victim(t: ExecutionContext, proxy: Address, { heard }: Target): Promise<void> {
  t.regex(
    await converse(proxy, get('', 'GET /victim HTTP/1.1').replace(/\r\n$/, 'Connection: close\r\n\r\n'), 2),
    /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nGET \/victim HTTP\/1\.1$/,
  );
  t.is(
    heard
      .flatMap(({ bytes }) => readRequests(bytes).requests)
      .filter(({ line }) => line.startsWith('GET /victim ')).length,
    1,
  );
}

for (const [what, [bytes, status]] of Object.entries(refused)) {
  test(`refused, and the target hears of none of it: ${what}`, async (t) => {
    const target = await openTarget(t, false);
    const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to: target.address });
    t.deepEqual(statusesOf(await converse(proxy.address, bytes, 2)), [status]);
    t.deepEqual(
      target.heard.filter((one) => one.bytes !== ''),
      [],
    );
    await victim(t, proxy.address, target);
  });
}

for (const [what, bytes] of Object.entries(brokenOff)) {
  test(`broken off, and the target never takes it for whole: ${what}`, async (t) => {
    const target = await openTarget(t, false);
    const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to: target.address });
    t.deepEqual(statusesOf(await converse(proxy.address, bytes, 2)), [400]);
    await victim(t, proxy.address, target);
    const [begun] = target.heard;
    if (begun && begun.bytes !== '' && !begun.bytes.startsWith('GET /victim')) {
      await target.gone(begun);
      t.not(begun.how, 'open');
      t.like(readRequests(begun.bytes), { requests: { length: 0 }, faults: { length: 0 } });
    }
  });
}

for (const [what, { bytes, bodies, not, upgrades = false }] of Object.entries(cleaned)) {
  test(`forwarded, and harmless by then: ${what}`, async (t) => {
    const target = await openTarget(t, upgrades);
    const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to: target.address });
    const socket = connect({ ...proxy.address });
    socket.on('error', () => {});
    let text = '';
    const answered = new Promise<void>((resolve) =>
      socket.on(
        'data',
        (chunk: Buffer) =>
          statusesOf((text += chunk.toString('latin1'))).length >= bodies.length && resolve(),
      ),
    );
    socket.write(Buffer.from(bytes, 'latin1'));
    await answered;
    await victim(t, proxy.address, target);
    const readings = target.heard.map((one) =>
      readRequests(upgrades ? one.bytes.replace(hidden, '') : one.bytes),
    );
    t.deepEqual(
      readings.flatMap(({ faults }) => faults),
      [],
    );
    t.deepEqual(readings.map(({ rest }) => rest).join(''), '');
    const requests = readings
      .flatMap((reading) => reading.requests)
      .filter(({ line }) => !line.startsWith('GET /victim '));
    t.deepEqual(
      requests.map(({ body }) => body),
      [...bodies],
    );
    for (const request of requests) {
      t.notRegex(request.line, /smuggled/);
      if (not) t.notRegex(JSON.stringify(request), not);
      const said = request.headers.filter(([name]) =>
        /^(x-forwarded-for|forwarded|x-real-ip)$/i.test(name.replaceAll('_', '-')),
      );
      t.deepEqual(said, [['X-Forwarded-For', '127.0.0.1']], 'who the client is, said once, by the proxy');
    }
    socket.destroy();
  });
}

test('a fault in a body whose request is being answered breaks the answer off, and is not answered in the middle of it', async (t) => {
  const server = createServer((socket) => {
    socket
      .on('error', () => {})
      .once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe beginning'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const proxy = await openProxy(t, {
    log: newLog(),
    kind: 'plaintext',
    to: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
  });
  const socket = connect({ ...proxy.address });
  socket.on('error', () => {});
  let text = '';
  const begun = new Promise<void>((resolve) =>
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()).endsWith('the beginning') && resolve()),
  );
  socket.write(chunks('3\r\nabc\r\n'));
  await begun;
  socket.write(`3\r\nabcd${hidden}`);
  await new Promise((resolve) => socket.once('close', resolve));
  t.regex(text, /^HTTP\/1\.1 200 OK\r\n[^]*the beginning$/);
});

test('there are many of them', (t) => {
  const count = Object.keys(refused).length + Object.keys(brokenOff).length + Object.keys(cleaned).length;
  t.log(`${count} rows`);
  t.true(count >= 60);
});

test('the reader of raw requests finds each fault', (t) => {
  const sound = `GET / HTTP/1.1\r\n${host}\r\n`;
  t.deepEqual(readRequests(sound + sound).requests.length, 2);
  t.like(readRequests(`${sound}GET`), { rest: 'GET', faults: { length: 0 } });
  for (const [bytes, fault] of [
    ['GET / HTTP/1.0\r\nHost: shop\r\n\r\n', /request line/],
    ['GET / HTTP/1.1\r\nHost: shop\nX: y\r\n\r\n', /field/],
    ['GET / HTTP/1.1\r\nHost : shop\r\n\r\n', /field/],
    ['GET / HTTP/1.1\r\n\r\n', /Hosts: none/],
    [`GET / HTTP/1.1\r\n${host}${host}\r\n`, /Hosts: shop and shop/],
    [
      `GET / HTTP/1.1\r\n${host}Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      /framed twice/,
    ],
    [`GET / HTTP/1.1\r\n${host}Content_Length: 0\r\nContent-Length: 0\r\n\r\n`, /framed twice/],
    [`GET / HTTP/1.1\r\n${host}Content-Length: +1\r\n\r\nx`, /length \+1/],
    [`GET / HTTP/1.1\r\n${host}Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n`, /coding gzip/],
    [`GET / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n1;x\r\na\r\n0\r\n\r\n`, /chunk size/],
    [`GET / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n`, /end of a chunk/],
  ] as const) {
    t.regex(readRequests(bytes).faults.join(), fault);
  }
});

const received: ReceivedRequest = {
  method: 'GET',
  url: '/',
  httpVersion: '1.1',
  headers: [['Host', 'shop']],
  isUpgrade: false,
};

test('hosts that are names and addresses are no objection', (t) => {
  for (const name of [
    'shop',
    'shop.localhost:8443',
    '127.0.0.1:80',
    '[::1]',
    '[::1]:8443',
    'xn--9d0bm53a.localhost',
    'my_shop',
    'shop:',
  ]) {
    t.is(objectionTo({ ...received, headers: [['Host', name]] }), name === 'shop:' ? 400 : undefined, name);
  }
  for (const name of [
    '',
    ' ',
    'a b',
    'a/b',
    'a?b',
    'a#b',
    'a@b',
    'a,b',
    'a\\b',
    '[::1',
    '::1',
    'a:b',
    'a:123456',
    '상점',
  ]) {
    t.is(objectionTo({ ...received, headers: [['Host', name]] }), 400, name);
  }
});
