/** Client and server have nothing in common: versions, suites, groups, application protocols, names. */
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:tls';
import { node, secureServer } from '../own-servers.ts';
import { text } from '../certificates.ts';
import { gnutls, go, haproxy, nginx, openssl } from '../programs.ts';
import { failure, isNewClient } from '../setting.ts';
import type { Failure } from '../setting.ts';
import { trusts } from './server-certificates.ts';

/** The first frame of a server in HTTP/2 (RFC 9113 section 3.4): SETTINGS, empty. */
const settings = Buffer.from('000000040000000000', 'hex');

export const negotiation: readonly Failure[] = [
  failure(
    'TLS 1.0 only (openssl)',
    'server',
    ['no_common_version', 'old_ciphers_only'],
    (either) => ({
      serve: openssl('server-rsa', ...either([], ['-tls1', '-cipher', 'DEFAULT:@SECLEVEL=0'])),
      call: trusts(),
    }),
    { needs: ['openssl'] },
  ),
  failure(
    'TLS 1.1 only (GnuTLS)',
    ['client', 'server'],
    ['no_common_version', 'old_ciphers_only'],
    (either) => ({
      serve: gnutls('server-rsa', '--priority', either('NORMAL', 'NORMAL:-VERS-ALL:+VERS-TLS1.1')),
      call: trusts(),
    }),
    { needs: ['gnutls-serv'] },
  ),
  failure(
    'cipher suites that no client offers any more (openssl)',
    'server',
    ['no_common_cipher', 'old_ciphers_only'],
    (either) => ({
      serve: openssl('server-rsa', '-tls1_2', '-cipher', either('DEFAULT', 'CAMELLIA256-SHA:@SECLEVEL=0')),
      call: trusts(),
    }),
    { needs: ['openssl'] },
  ),
  failure(
    'a group that few clients have (openssl)',
    'server',
    ['no_common_group'],
    (either) => ({
      serve: openssl('server', '-tls1_2', '-groups', either('P-256', 'brainpoolP256r1')),
      call: trusts(),
    }),
    { needs: ['openssl'] },
  ),
  ...(isNewClient
    ? []
    : [
        failure(
          'only the hybrid group (Go)',
          'server',
          ['no_common_group'],
          (either) => ({
            serve: go('server', 'min=772', either('curve=29', 'curve=4588')),
            call: trusts(),
          }),
          { needs: ['go'] },
        ),
        failure(
          'only the hybrid group (openssl)',
          'server',
          ['no_common_group'],
          (either) => ({
            serve: openssl('server', '-tls1_3', '-groups', either('X25519:X25519MLKEM768', 'X25519MLKEM768')),
            call: trusts(),
          }),
          { needs: ['openssl'] },
        ),
      ]),
  failure(
    'signatures over SHA-1 only (openssl)',
    'server',
    ['no_common_signature'],
    (either) => ({
      serve: openssl(
        'server-rsa',
        '-tls1_2',
        '-cipher',
        'ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0',
        '-sigalgs',
        either('RSA+SHA256', 'RSA+SHA1'),
      ),
      call: trusts(),
    }),
    { needs: ['openssl'] },
  ),
  failure(
    'a server without secure renegotiation (GnuTLS)',
    'client',
    ['legacy_renegotiation'],
    (either) => ({
      serve: gnutls(
        'server',
        '--priority',
        `NORMAL:-VERS-ALL:+VERS-TLS1.2${either('', ':%DISABLE_SAFE_RENEGOTIATION')}`,
      ),
      call: trusts(),
    }),
    { needs: ['gnutls-serv'] },
  ),
  failure('no application protocol in common (Node)', 'server', ['no_common_protocol'], (either) => ({
    serve: node('server', { ALPNProtocols: ['http/1.1'] }),
    call: [...trusts(), '--alpn', either('http/1.1', 'h3')],
  })),
  failure(
    'no application protocol in common (nginx)',
    'server',
    ['no_common_protocol'],
    (either) => ({
      serve: nginx('server'),
      call: [...trusts(), '--alpn', either('http/1.1', 'acme-tls/1')],
    }),
    { needs: ['nginx'] },
  ),
  failure(
    'HTTP/2 only, and the client does not offer it (Node)',
    'server',
    ['no_common_protocol'],
    (either) => ({
      serve: secureServer(() =>
        createSecureServer(
          { cert: text('server.crt'), key: text('server.key'), allowHTTP1: either(true, false) },
          (_request, response) => {
            response.end('welcome\n');
          },
        ),
      ),
      call: trusts(),
    }),
  ),
  failure(
    'a server that hangs up where no application protocol was agreed on, as gRPC does (Node)',
    ['server', 'unknown'],
    ['no_common_protocol'],
    (either) => ({
      serve: secureServer(() =>
        createServer(
          { cert: text('server.crt'), key: text('server.key'), ALPNProtocols: ['h2'] },
          (socket) => {
            socket.on('error', () => {});
            if (socket.alpnProtocol !== 'h2') return void socket.destroy();
            socket.write(settings);
            // HEADERS of stream 1 with END_STREAM: status 200.
            socket.once('data', () => socket.write(Buffer.from('00000101050000000188', 'hex'))).resume();
          },
        ),
      ),
      call: [...trusts(), ...either(['--alpn', 'h2'], [])],
    }),
  ),
  failure(
    'a client that has TLS 1.2 at most, and a server that has 1.3 only (Node)',
    'server',
    ['no_common_version'],
    (either) => ({
      serve: node('server', { minVersion: either('TLSv1.2', 'TLSv1.3') }),
      call: [...trusts(), '--max-tls', '1.2'],
    }),
  ),
  failure(
    'a client that wants TLS 1.3, and a server that has 1.2 only (Node)',
    ['client', 'server'],
    ['no_common_version'],
    (either) => ({
      serve: node('server', { maxVersion: either('TLSv1.3', 'TLSv1.2') }),
      call: [...trusts(), '--min-tls', '1.3'],
    }),
  ),
  failure('an old client, of TLS 1.1 (Node)', 'server', ['no_common_version'], (either) => ({
    serve: node('server', { minVersion: either('TLSv1', 'TLSv1.2'), ciphers: 'DEFAULT@SECLEVEL=0' }),
    call: [...trusts(), '--max-tls', '1.1'],
  })),
  failure(
    'the suites of the client are none of the server’s (Node)',
    'server',
    ['no_common_cipher'],
    (either) => ({
      serve: node('server', {
        maxVersion: 'TLSv1.2',
        ciphers: either('ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'),
      }),
      call: [...trusts(), '--max-tls', '1.2', '--ciphers', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    }),
  ),
  failure(
    'the suites of a client that has TLS 1.2 at most do not fit the key of a server that has both versions (Node)',
    'server',
    ['no_common_cipher'],
    (either) => ({
      serve: node(either('server-rsa', 'server'), {}),
      call: [...trusts(), '--max-tls', '1.2', '--ciphers', 'ECDHE-RSA-AES128-GCM-SHA256'],
    }),
  ),
  failure(
    'a client of TLS 1.2, and a server of both versions whose suites of TLS 1.2 are out of use (openssl)',
    'server',
    ['no_common_cipher'],
    (either) => ({
      serve: openssl('server-rsa', '-cipher', either('DEFAULT', 'CAMELLIA256-SHA:@SECLEVEL=0')),
      call: [...trusts(), '--max-tls', '1.2'],
    }),
    { needs: ['openssl'] },
  ),
  failure(
    'the groups of the client are none of the server’s (Node)',
    'server',
    ['no_common_group'],
    (either) => ({
      serve: node('server', { ecdhCurve: either('X25519:P-256', 'P-256') }),
      call: [...trusts(), '--groups', 'X25519'],
    }),
  ),
  failure(
    'a name that the server does not serve (nginx)',
    'server',
    ['unknown_server_name'],
    (either) => ({
      serve: nginx('server', '', {
        more: 'server { listen 127.0.0.1:PORT ssl default_server; ssl_reject_handshake on; }',
      }),
      call: [...trusts(), '--servername', either('localhost', 'shop.localhost')],
    }),
    { needs: ['nginx'] },
  ),
  failure(
    'a name that the server does not serve (haproxy)',
    'server',
    ['unknown_server_name'],
    (either) => ({
      serve: haproxy('server', 'strict-sni'),
      call: [...trusts(), '--servername', either('localhost', 'elsewhere.localhost')],
    }),
    { needs: ['haproxy'] },
  ),
  failure(
    'an address, where the server wants a name (haproxy)',
    'server',
    ['unknown_server_name'],
    (either) => ({
      serve: haproxy('server', 'strict-sni'),
      host: either('localhost', '127.0.0.1'),
      call: trusts(),
    }),
    { needs: ['haproxy'] },
  ),
  failure(
    'a name that the server does not serve, and it says internal_error (Go)',
    'server',
    ['unknown_server_name', 'internal_error'],
    (either) => ({
      serve: go('server', 'names=localhost'),
      call: [...trusts(), '--servername', either('localhost', 'shop.localhost')],
    }),
    { needs: ['go'] },
  ),
  failure(
    'security of 256 bits, and a key of 128 (GnuTLS, SECURE256)',
    'server',
    ['negotiation_failed', 'no_common_signature', 'no_common_group'],
    (either) => ({
      serve: gnutls('server', '--priority', either('NORMAL', 'SECURE256')),
      call: trusts(),
    }),
    { needs: ['gnutls-serv'] },
  ),
];
