/** TLS succeeds, and the application refuses. */
import { createServer } from 'node:tls';
import { text } from '../certificates.ts';
import { behind, node, nothing, plainHttp, raw, secureServer } from '../own-servers.ts';
import { balancer, haproxy, nginx, stunnel, tcpGateway } from '../programs.ts';
import { failure } from '../setting.ts';
import type { Failure, Serve } from '../setting.ts';
import { trusts } from './server-certificates.ts';

/** Of a server of this process that answers anything with this. */
const overTls = (said: string | Buffer): Serve =>
  secureServer(() =>
    createServer({ cert: text('server.crt'), key: text('server.key') }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => void socket.end(said)).resume();
    }),
  );

const unusable = {
  'an answer over HTTP with 10 MB of headers': `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(10 * 1024 * 1024)}\r\n\r\n`,
  'an answer over HTTP that ends within its head': 'HTTP/1.1 200 OK\r\nContent-Type: text/ht',
  'an answer over HTTP that ends within its body': 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf',
} as const;

export const applications: readonly Failure[] = [
  failure('TLS ends before a server that expects TLS', 'server', ['refused_by_application'], (either) => ({
    serve: node(
      'server',
      {},
      either(
        {},
        { status: 400, body: '<h1>400 Bad Request</h1>The plain HTTP request was sent to HTTPS port\n' },
      ),
    ),
    call: trusts(),
  })),
  failure(
    'nginx does not serve that name on this connection (421)',
    'server',
    ['refused_by_application'],
    (either) => ({
      serve: nginx('server', 'if ($ssl_server_name != localhost) { return 421; }'),
      call: [...trusts(), '--servername', either('localhost', 'shop.localhost')],
    }),
    { needs: ['nginx'] },
  ),
  failure(
    'haproxy demands a certificate in words (403 of wirelab’s kind)',
    'server',
    ['certificate_missing', 'refused_by_application'],
    (either) => ({
      serve: haproxy(
        'server',
        '',
        either(
          [],
          ['http-request return status 403 content-type text/plain string "client certificate required"'],
        ),
      ),
      call: trusts(),
    }),
    { needs: ['haproxy'] },
  ),
  failure(
    'a gateway without a server behind it (haproxy)',
    'server',
    ['refused_by_application'],
    (either) => ({
      serve: haproxy('server', '', either([], ['use_backend nobody'])),
      call: trusts(),
    }),
    { needs: ['haproxy'] },
  ),
  failure(
    'a gateway that passes TLS on to nobody (haproxy in TCP mode)',
    'unknown',
    ['ends_every_connection'],
    (either) => ({ serve: balancer(either(node('server'), nothing), []), call: trusts() }),
    { needs: ['haproxy'], within: 12_000 },
  ),
  failure(
    'a gateway that ends TLS before nobody (haproxy in TCP mode)',
    'server',
    ['ends_after_handshake'],
    (either) => ({
      serve: tcpGateway('server', either(plainHttp, nothing)),
      call: trusts(),
    }),
    { needs: ['haproxy'], within: 12_000 },
  ),
  failure(
    'a gateway that ends TLS, with an empty back end (haproxy in TCP mode)',
    'server',
    ['ends_after_handshake'],
    (either) => ({ serve: tcpGateway('server', either(plainHttp, undefined)), call: trusts() }),
    { needs: ['haproxy'] },
  ),
  failure(
    'a gateway without a server behind it (stunnel)',
    ['server', 'unknown'],
    ['ends_after_handshake'],
    (either) => ({ serve: stunnel('server', [], either(plainHttp, nothing)), call: trusts() }),
    { needs: ['stunnel4'] },
  ),
  ...(['TLSv1.2', 'TLSv1.3'] as const).map((maxVersion) =>
    failure(
      `a server that ends the connection with the handshake (Node, ${maxVersion})`,
      'server',
      ['ends_after_handshake'],
      (either) => ({
        serve: either(
          node('server', { maxVersion }),
          secureServer(() =>
            createServer(
              { cert: text('server.crt'), key: text('server.key'), maxVersion },
              (socket) => void socket.on('error', () => {}).end(),
            ),
          ),
        ),
        call: trusts(),
      }),
    ),
  ),
  failure(
    'post-handshake authentication, as Apache wants it',
    'server',
    ['certificate_missing'],
    (either) => ({
      serve: node(
        'server',
        {},
        either(
          {},
          {
            status: 403,
            body: 'You don’t have permission to access this resource.Reason: Cannot perform Post-Handshake Authentication.\n',
          },
        ),
      ),
      call: trusts(),
    }),
  ),
  failure(
    'nginx hangs up without an answer (444)',
    'server',
    ['refused_by_application'],
    (either) => ({
      serve: nginx('server', either('return 200;', 'return 444;')),
      call: trusts(),
    }),
    { needs: ['nginx'] },
  ),
  ...Object.entries(unusable).map(([title, said]) =>
    failure(title, ['server', 'unknown'], ['unusable_answer'], (either) => ({
      serve: either(node('server'), overTls(said)),
      call: trusts(),
    })),
  ),
  failure(
    'an application that resets at the first request',
    ['unknown', 'server'],
    ['application_resets'],
    (either) => ({
      serve: behind(node('server', { maxVersion: 'TLSv1.2' }), {
        toServer: (bytes, _before, { client }) => {
          if (bytes[0] !== 0x17 || either(true, false)) return bytes;
          client.resetAndDestroy();
          return undefined;
        },
      }),
      call: trusts(),
    }),
  ),
  ...([true, false] as const).map((hasAlpn) =>
    failure(
      `an application that never answers (Node, ${hasAlpn ? 'with' : 'without'} ALPN)`,
      ['server', 'unknown'],
      ['application_silent'],
      (either) => ({
        serve: either(
          node('server'),
          secureServer(() =>
            createServer(
              {
                cert: text('server.crt'),
                key: text('server.key'),
                ...(hasAlpn ? { ALPNProtocols: ['http/1.1'] } : {}),
              },
              (socket) => {
                socket.on('error', () => {});
                socket.on('data', (bytes: Buffer) => {
                  if (bytes.includes('HTTP/9.9')) socket.end('HTTP/1.1 505 no\r\nConnection: close\r\n\r\n');
                });
              },
            ),
          ),
        ),
        call: trusts(),
      }),
      { within: 20_000 },
    ),
  ),
  failure(
    'an application that never answers (nginx before a server that is stuck)',
    ['server', 'unknown'],
    ['application_silent'],
    (either) => ({
      serve: async (started) => {
        const port = await either(
          plainHttp,
          raw(() => {}),
        )(started);
        return nginx('server', `location / { proxy_pass http://127.0.0.1:${port}; }`)(started);
      },
      call: trusts(),
    }),
    { needs: ['nginx'], within: 10_000 },
  ),
];
