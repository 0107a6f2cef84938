/** Nobody answers, or something between the two has its own idea of the connection. */
import { createServer as createSecure } from 'node:https';
import { file, text } from '../certificates.ts';
import { unshare } from '../namespaces.ts';
import {
  behind,
  byName,
  cutAfter,
  hello,
  namesServer,
  node,
  nothing,
  plainHttp,
  plainBlockPage,
  raw,
  secureServer,
  tlsInTheMiddle,
  turnByTurn,
} from '../own-servers.ts';
import { balancer, nginx, openssl, python } from '../programs.ts';
import type { Middlebox } from '../own-servers.ts';
import { failure } from '../setting.ts';
import type { Failure, Serve } from '../setting.ts';
import { trusts } from './server-certificates.ts';

/** One bit of the first common name in it is another. */
function withOtherName(bytes: Buffer): Buffer {
  const at = bytes.indexOf(Buffer.from([0x55, 0x04, 0x03]));
  const altered = Buffer.from(bytes);
  if (at >= 0 && at + 5 < altered.length) altered[at + 5] = (altered[at + 5] ?? 0) ^ 1;
  return altered;
}

/** So many answers, and then none but that it was asked too often. */
const limited =
  (most: number): Serve =>
  async (started) => {
    let asked = 0;
    const server = createSecure(
      { cert: text('server.crt'), key: text('server.key') },
      (_request, response) => {
        asked += 1;
        response.writeHead(asked > most ? 429 : 200, { 'Retry-After': '60' }).end('welcome\n');
      },
    );
    return secureServer(() => server)(started);
  };

/** Connections of one client are too many from some number on. */
function atMost(most: number): NonNullable<Middlebox['atFirst']> {
  let seen = 0;
  return (_first, { client }) => {
    seen += 1;
    if (seen <= most) return false;
    client.resetAndDestroy();
    return true;
  };
}

/** The fourth, the eighth and so on. */
function everyFourth(isBroken: boolean): NonNullable<Middlebox['atFirst']> {
  let seen = 0;
  return (_first, { client }) => {
    seen += 1;
    if (!isBroken || seen % 4 !== 0) return false;
    client.destroy();
    return true;
  };
}

export const network: readonly Failure[] = [
  failure('nothing listens', 'nobody', ['nothing_listens'], (either) => ({
    serve: either(node('server'), nothing),
    call: trusts(),
    host: '127.0.0.1',
  })),
  failure(
    'it closes at once',
    ['server', 'unknown'],
    ['ends_every_connection'],
    (either) => ({
      serve: either(
        node('server'),
        raw((socket) => void socket.end()),
      ),
      call: trusts(),
    }),
    { within: 8000 },
  ),
  failure(
    'it resets at once',
    ['server', 'unknown', 'between'],
    ['ends_every_connection'],
    (either) => ({
      serve: either(
        node('server'),
        raw((socket) => void socket.resetAndDestroy()),
      ),
      call: trusts(),
    }),
    { within: 8000 },
  ),
  failure(
    'it says nothing',
    ['server', 'unknown', 'between'],
    ['server_silent'],
    (either) => ({
      serve: either(
        node('server'),
        raw(() => {}),
      ),
      call: trusts(),
    }),
    { within: 10_000 },
  ),
  failure(
    'a large hello is dropped (a middlebox before nginx)',
    'between',
    ['large_hello_dropped'],
    (either) => ({
      serve: behind(nginx('server'), { atFirst: (first) => first.length > either(1e6, 1400) }),
      call: trusts(),
    }),
    { needs: ['nginx'], within: 10_000 },
  ),
  failure(
    'a large hello is reset (a middlebox before openssl)',
    'between',
    ['large_hello_dropped'],
    (either) => ({
      serve: behind(openssl('server'), {
        atFirst: (first, { client }) => {
          if (first.length <= either(1e6, 1400)) return false;
          client.resetAndDestroy();
          return true;
        },
      }),
      call: trusts(),
    }),
    { needs: ['openssl'], within: 10_000 },
  ),
  failure(
    'a hello in several segments is reset (a middlebox before Python)',
    ['between', 'unknown'],
    ['segmented_hello_refused'],
    (either) => ({
      serve: behind(python('server'), {
        atFirst: (first, { client }) => {
          if (hello.isWhole(first) || either(true, false)) return false;
          client.resetAndDestroy();
          return true;
        },
      }),
      call: trusts(),
    }),
    { needs: ['python3'], within: 10_000 },
  ),
  failure(
    'large answers are lost (a middlebox that drops large packets)',
    ['between', 'unknown'],
    ['large_answers_lost'],
    (either) => ({
      serve: behind(node('server-rsa'), {
        toClient: (bytes) => (bytes.length > either(1e6, 600) ? undefined : bytes),
      }),
      call: trusts(),
    }),
    { within: 10_000 },
  ),
  failure(
    'connections to one name are reset (a middlebox)',
    ['between', 'unknown'],
    ['name_filtered'],
    (either) => ({
      serve: behind(node('server'), {
        atFirst: (first, { client }) => {
          if (!namesServer(first, 'shop.localhost')) return false;
          client.resetAndDestroy();
          return true;
        },
      }),
      call: [...trusts(), '--servername', either('localhost', 'shop.localhost')],
    }),
    { within: 8000 },
  ),
  failure(
    'connections to one name get no answer (a middlebox)',
    ['between', 'unknown'],
    ['name_filtered'],
    (either) => ({
      serve: behind(node('server'), { atFirst: (first) => namesServer(first, 'shop.localhost') }),
      call: [...trusts(), '--servername', either('localhost', 'shop.localhost')],
    }),
    { within: 10_000 },
  ),
  failure('a block page in the place of the server', 'between', ['tls_on_plaintext_port'], (either) => ({
    serve: behind(node('server'), either({}, plainBlockPage)),
    call: trusts(),
  })),
  failure('a middlebox with a certificate of its own CA', 'client', ['unknown_ca'], (either) => ({
    serve: either(node('server'), tlsInTheMiddle('server-other')),
    call: trusts(),
  })),
  failure(
    'a middlebox that refuses TLS 1.3',
    ['server', 'between', 'unknown'],
    ['version_intolerance'],
    (either) => ({
      serve: behind(node('server'), {
        atFirst: (first, { client }) => {
          if (!hello.offers13(first) || either(true, false)) return false;
          client.resetAndDestroy();
          return true;
        },
      }),
      call: trusts(),
    }),
    { within: 8000 },
  ),
  failure(
    'the clock of this machine is a year ahead',
    'client',
    ['clock_wrong'],
    (either) => ({
      serve: node('server'),
      call: trusts(),
      under: ['env', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'faketime', '-f', either('+1d', '+400d')],
    }),
    { needs: ['faketime'], within: 4000 },
  ),
  failure(
    'one of the addresses of the name is not served',
    'server',
    ['one_address_fails'],
    (either) => ({
      serve: node('server'),
      host: 'both.example',
      call: [...trusts(), '--servername', 'localhost'],
      under: [
        ...unshare('--mount'),
        'sh',
        '-c',
        `mount --bind ${file(either('hosts-one', 'hosts-both'))} /etc/hosts; exec "$@"`,
        'sh',
      ],
    }),
    { needs: ['unshare'], within: 6000 },
  ),
  failure(
    'a load balancer rejects one name (haproxy)',
    ['between', 'unknown'],
    ['name_filtered'],
    (either) => ({
      serve: balancer(node('server'), ['tcp-request content reject if { req.ssl_sni -i shop.localhost }']),
      call: [...trusts(), '--servername', either('localhost', 'shop.localhost')],
    }),
    { needs: ['haproxy'], within: 8000 },
  ),
  failure('a middlebox alters the certificate on the way', 'between', ['handshake_altered'], (either) => ({
    serve: behind(node('server', { maxVersion: 'TLSv1.2' }), {
      toClient: (bytes) => (either(true, false) ? bytes : withOtherName(bytes)),
    }),
    call: trusts(),
  })),
  failure(
    'what the client sends after its hello is lost (a middlebox)',
    'between',
    ['packets_lost'],
    (either) => ({
      serve: behind(node('server'), {
        toServer: (bytes, before) => (before === 0 || either(true, false) ? bytes : undefined),
      }),
      call: trusts(),
    }),
    { within: 10_000 },
  ),
  failure(
    'the answer to the hello stops after three bytes',
    ['unknown', 'server', 'between'],
    ['server_silent', 'large_answers_lost'],
    (either) => ({
      serve: behind(node('server'), {
        toClient: (bytes, before) =>
          either(bytes, bytes.subarray(0, Math.max(0, Math.min(bytes.length, 3 - before)))),
      }),
      call: trusts(),
    }),
    { within: 10_000 },
  ),
  failure(
    'a handshake message that is longer than any, in a record',
    ['client', 'server'],
    ['protocol_error', 'bad_record'],
    (either) => ({
      serve: either(
        node('server'),
        raw(
          (socket) =>
            void socket.once('data', () => socket.end(Buffer.from('16030300040bffffff1603034000', 'hex'))),
        ),
      ),
      call: trusts(),
    }),
  ),
  failure(
    'one of two servers behind one address has no TLS, and is the first',
    ['unknown', 'server'],
    ['intermittent'],
    (either) => ({
      serve: turnByTurn(node('server'), either(node('server'), plainHttp)),
      call: trusts(),
    }),
  ),
  failure(
    'one of two servers behind one address has no TLS, and is the second',
    ['unknown', 'server'],
    ['intermittent'],
    (either) => ({
      serve: turnByTurn(either(node('server'), plainHttp), node('server')),
      call: trusts(),
    }),
  ),
  failure(
    'one of two servers behind one address has an expired certificate, and is the first',
    ['unknown', 'server'],
    ['intermittent'],
    (either) => ({
      serve: turnByTurn(node('server'), node(either('server', 'server-expired'))),
      call: trusts(),
    }),
  ),
  failure(
    'one of two servers behind one address has an expired certificate, and is the second',
    ['unknown', 'server'],
    ['intermittent'],
    (either) => ({
      serve: turnByTurn(node(either('server', 'server-expired')), node('server')),
      call: trusts(),
    }),
  ),
  failure(
    'one of three servers behind one address has a certificate of another CA',
    ['unknown', 'server'],
    ['intermittent'],
    (either) => ({
      serve: turnByTurn(node('server'), node('server'), either(node('server'), node('server-other'))),
      call: trusts(),
    }),
  ),
  failure(
    'one of three servers behind one address wants a client certificate',
    ['unknown', 'server'],
    ['intermittent'],
    (either) => ({
      serve: turnByTurn(
        node('server', either({}, { requestCert: true, rejectUnauthorized: true, ca: text('ca.crt') })),
        node('server'),
        node('server'),
      ),
      call: trusts(),
    }),
  ),
  failure(
    'one of three servers behind one address resets',
    ['unknown', 'server'],
    ['intermittent'],
    (either) => ({
      serve: turnByTurn(
        node('server'),
        node('server'),
        either(
          node('server'),
          raw((socket) => void socket.once('data', () => socket.resetAndDestroy())),
        ),
      ),
      call: trusts(),
    }),
  ),
  failure('every second call gets an alert', ['unknown', 'server'], ['intermittent'], (either) => ({
    serve: turnByTurn(
      node('server'),
      either(
        node('server'),
        // handshake_failure
        raw((socket) => void socket.once('data', () => socket.end(Buffer.from('15030300020228', 'hex')))),
      ),
    ),
    call: trusts(),
  })),
  failure(
    'every second call is answered by a gateway without a server',
    ['unknown', 'server'],
    ['intermittent'],
    (either) => ({
      serve: turnByTurn(node('server'), either(node('server'), node('server', {}, { status: 502 }))),
      call: trusts(),
    }),
  ),
  failure('the third call is one too many: 429', ['unknown', 'server'], ['intermittent'], (either) => ({
    serve: limited(either(1000, 2)),
    call: trusts(),
  })),
  failure(
    'more connections than a limit allows are reset',
    ['unknown', 'between'],
    ['intermittent'],
    (either) => ({
      serve: behind(node('server'), { atFirst: atMost(either(1000, 1)) }),
      call: trusts(),
    }),
    { within: 6000 },
  ),
  ...([['TLSv1.2', 74] as const, ['TLSv1.3', 200] as const] as const).map(([version, most]) =>
    failure(
      `a reset in place of the certificate (${version})`,
      ['unknown', 'between'],
      // A reset right behind data is an end to some systems.
      ['reset_in_handshake', 'cut_within_record'],
      (either) => ({
        serve: cutAfter(node('server', { maxVersion: version }), either(1e6, most), (client) =>
          client.resetAndDestroy(),
        ),
        call: trusts(),
      }),
    ),
  ),
  failure('the answer is cut within a record', ['unknown', 'between'], ['cut_within_record'], (either) => ({
    serve: cutAfter(node('server', { maxVersion: 'TLSv1.2' }), either(1e6, 300), (client) => client.end()),
    call: trusts(),
  })),
  failure('TLS to one name is inspected on the way', 'between', ['intercepted'], (either) => ({
    serve: byName('shop.localhost', node(either('server', 'server-other')), node('server')),
    call: [...trusts(), '--servername', 'shop.localhost'],
  })),
  failure(
    'TLS is inspected on the way: a certificate is made for every name that is called',
    'between',
    ['intercepted'],
    (either) => ({
      serve: node(either('server', 'server-made-to-order')),
      call: [...trusts(), '--servername', 'shop.localhost'],
    }),
  ),
  failure('a network that wants a login first', 'between', ['login_page'], (either) => ({
    serve: either(
      node('server'),
      node(
        'server-other-name',
        {},
        { status: 302, headers: { Location: 'http://login.hotel.example/?orig=localhost' } },
      ),
    ),
    call: trusts(),
  })),
  failure(
    'the answer to the hello comes a byte at a time, and has no end',
    ['unknown', 'server'],
    ['slow_server'],
    (either) => ({
      serve: either(
        node('server'),
        raw(
          (socket) =>
            void socket.once('data', () => {
              socket.write(Buffer.from('1603034000', 'hex'));
              const drip = setInterval(() => socket.write(Buffer.from([2])), 200);
              socket.once('close', () => clearInterval(drip));
            }),
        ),
      ),
      call: trusts(),
    }),
    { within: 10_000 },
  ),
  failure('one connection of four is dropped', 'unknown', ['intermittent'], (either) => ({
    serve: behind(node('server'), { atFirst: everyFourth(either(false, true)) }),
    call: trusts(),
  })),
  failure(
    'one of two servers behind one address is broken',
    ['unknown', 'server'],
    ['intermittent'],
    (either) => ({
      serve: turnByTurn(
        node('server'),
        either(
          node('server'),
          raw((socket) => void socket.end()),
        ),
      ),
      call: trusts(),
    }),
    { within: 8000 },
  ),
];
