/** The client's certificate is not accepted by the server, or missing. */
import { file, text } from '../certificates.ts';
import { node } from '../own-servers.ts';
import {
  gnutls,
  go,
  haproxy,
  nginx,
  openssl,
  postgres,
  python,
  redis,
  stunnel,
  wirelabProxy,
} from '../programs.ts';
import { failure, isNewClient } from '../setting.ts';
import type { Failure } from '../setting.ts';
import { trusts } from './server-certificates.ts';

export const presents = (name: string): string[] => [
  '--cert',
  file(text(`${name}.chain.crt`) === '' ? `${name}.crt` : `${name}.chain.crt`),
  '--key',
  file(`${name}.key`),
];

const requires = { ca: text('clients.crt'), requestCert: true, rejectUnauthorized: true };
const mutual = `ssl_client_certificate ${file('clients.crt')}; ssl_verify_client`;

export const clientCertificates: readonly Failure[] = [
  failure('no certificate, and Node requires one', 'server', ['certificate_missing'], (either) => ({
    serve: node('server', requires),
    call: [...trusts(), ...either(presents('client'), [])],
  })),
  failure(
    'no certificate, and openssl requires one (TLS 1.2)',
    'server',
    ['certificate_missing'],
    (either) => ({
      serve: openssl(
        'server',
        '-tls1_2',
        '-Verify',
        '2',
        '-verify_return_error',
        '-CAfile',
        file('clients.crt'),
      ),
      call: [...trusts(), ...either(presents('client'), [])],
    }),
    { needs: ['openssl'] },
  ),
  failure(
    'no certificate, and nginx answers with 400',
    'server',
    ['certificate_missing'],
    (either) => ({
      serve: nginx('server', `${mutual} on;`),
      call: [...trusts(), ...either(presents('client'), [])],
    }),
    { needs: ['nginx'] },
  ),
  failure(
    'no certificate, and GnuTLS requires one',
    'server',
    ['certificate_missing'],
    (either) => ({
      serve: gnutls(
        'server',
        '--x509cafile',
        file('clients.crt'),
        '--require-client-cert',
        '--verify-client-cert',
      ),
      call: [...trusts(), ...either(presents('client'), [])],
    }),
    { needs: ['gnutls-serv'] },
  ),
  failure(
    'no certificate, and haproxy requires one',
    'server',
    ['certificate_missing'],
    (either) => ({
      serve: haproxy('server', `ca-file ${file('clients.crt')} verify required`),
      call: [...trusts(), ...either(presents('client'), [])],
    }),
    { needs: ['haproxy'] },
  ),
  failure(
    'a certificate of a CA that Go does not trust',
    'server',
    ['unknown_ca', 'certificate_not_accepted'],
    (either) => ({
      serve: go('server', `clients=${file('clients.crt')}`),
      call: [...trusts(), ...presents(either('client', 'client-other'))],
    }),
    { needs: ['go'] },
  ),
  failure(
    'a certificate of a CA that openssl does not trust',
    'server',
    ['unknown_ca'],
    (either) => ({
      serve: openssl('server', '-Verify', '2', '-verify_return_error', '-CAfile', file('clients.crt')),
      call: [...trusts(), ...presents(either('client', 'client-other'))],
    }),
    { needs: ['openssl'] },
  ),
  failure(
    'a client certificate that has expired (nginx)',
    'server',
    ['certificate_expired'],
    (either) => ({
      serve: nginx('server', `${mutual} on;`),
      call: [...trusts(), ...presents(either('client', 'client-expired'))],
    }),
    { needs: ['nginx'] },
  ),
  failure(
    'a client certificate that is not valid yet (Python)',
    'server',
    ['certificate_not_yet_valid'],
    (either) => ({
      serve: python(
        'server',
        'context.verify_mode = ssl.CERT_REQUIRED',
        `context.load_verify_locations(${JSON.stringify(file('clients.crt'))})`,
      ),
      call: [...trusts(), ...presents(either('client', 'client-not-yet'))],
    }),
    { needs: ['python3'] },
  ),
  failure(
    'a client certificate for servers only (stunnel)',
    'server',
    ['wrong_usage'],
    (either) => ({
      serve: stunnel('server', ['verifyChain = yes', `CAfile = ${file('clients.crt')}`]),
      call: [...trusts(), ...presents(either('client', 'client-usage'))],
    }),
    { needs: ['stunnel4'] },
  ),
  failure(
    'a client certificate that was revoked (Node)',
    'server',
    ['certificate_revoked', 'certificate_refused'],
    (either) => ({
      serve: node('server', { ...requires, crl: text('clients.crl') }),
      call: [...trusts(), ...presents(either('client', 'client-revoked'))],
    }),
  ),
  failure(
    'a client certificate of a public CA, which issues none for clients any more (Node)',
    'server',
    ['wrong_usage'],
    (either) => ({
      serve: node('server', { ...requires, ca: text('new-root.crt') }),
      call: [...trusts(), ...presents(either('client-of-public-ca-before', 'client-of-public-ca'))],
    }),
  ),
  failure(
    'a client certificate without its intermediate one (Node)',
    'server',
    ['intermediate_missing'],
    (either) => ({
      serve: node('server', requires),
      call: [
        ...trusts(),
        '--cert',
        file(either('client-long.chain.crt', 'client-long.crt')),
        '--key',
        file('client-long.key'),
      ],
    }),
  ),
  failure(
    'a client certificate without its intermediate one (haproxy)',
    'server',
    ['intermediate_missing'],
    (either) => ({
      serve: haproxy('server', `ca-file ${file('clients.crt')} verify required`),
      call: [
        ...trusts(),
        '--cert',
        file(either('client-long.chain.crt', 'client-long.crt')),
        '--key',
        file('client-long.key'),
      ],
    }),
    { needs: ['haproxy'] },
  ),
  failure(
    'a certificate that is optional for nginx, and required by its location (403)',
    'server',
    ['refused_by_application', 'certificate_missing'],
    (either) => ({
      serve: nginx(
        'server',
        `${mutual} optional; location / { if ($ssl_client_verify != SUCCESS) { return 403; } return 200 "welcome\\n"; }`,
      ),
      call: [...trusts(), ...either(presents('client'), [])],
    }),
    { needs: ['nginx'] },
  ),
  failure(
    'a self-signed client certificate (nginx answers with 400)',
    'server',
    ['unknown_ca', 'self_signed', 'certificate_refused'],
    (either) => ({
      serve: nginx('server', `${mutual} on;`),
      call: [...trusts(), ...presents(either('client', 'client-self-signed'))],
    }),
    { needs: ['nginx'] },
  ),
  failure(
    'PostgreSQL requires a client certificate (FATAL)',
    'server',
    ['certificate_missing'],
    (either) => ({
      serve: postgres('server', 'hostssl all all all cert'),
      call: [...trusts(), '--starttls', 'postgres', ...either(presents('client-postgres'), [])],
    }),
    { needs: ['pg_ctlcluster'], within: 6000 },
  ),
  failure(
    'PostgreSQL has no rule for this client (pg_hba.conf)',
    'server',
    ['refused_by_application'],
    (either) => ({
      serve: postgres('server', either('hostssl all all all trust', 'hostssl all somebody all trust')),
      call: [...trusts(), '--starttls', 'postgres', '--user', 'postgres'],
    }),
    { needs: ['pg_ctlcluster'], within: 6000 },
  ),
  failure(
    'Redis requires a client certificate',
    'server',
    ['certificate_missing'],
    (either) => ({
      serve: redis('server', '--tls-auth-clients', 'yes'),
      call: [...trusts(), ...either(presents('client'), [])],
    }),
    { needs: ['redis-server'] },
  ),
  failure(
    'the revocation list of the server is overdue (haproxy)',
    'server',
    ['crl_expired'],
    (either) => ({
      serve: haproxy(
        'server',
        `ca-file ${file('stale-clients.crt')} verify required ${either('', `crl-file ${file('stale-clients.crl')}`)}`,
      ),
      call: [...trusts(), ...presents('client-stale')],
    }),
    { needs: ['haproxy'] },
  ),
  ...(isNewClient
    ? []
    : [
        failure(
          'the key of the client certificate is too weak (openssl)',
          'server',
          ['weak_key'],
          (either) => ({
            serve: openssl('server', '-Verify', '2', '-verify_return_error', '-CAfile', file('clients.crt')),
            call: [...trusts(), ...presents(either('client', 'client-weak'))],
          }),
          { needs: ['openssl'] },
        ),
      ]),
  failure(
    'the certificate is of another user (PostgreSQL)',
    'server',
    ['certificate_refused'],
    (either) => ({
      serve: postgres('server', 'hostssl all all all cert'),
      call: [
        ...trusts(),
        '--starttls',
        'postgres',
        '--user',
        'postgres',
        ...presents(either('client-postgres', 'client')),
      ],
    }),
    { needs: ['pg_ctlcluster'], within: 6000 },
  ),
  failure(
    'the answer is that of a server behind, with a certificate and without',
    'server',
    ['certificate_refused'],
    (either) => ({
      serve: node(
        'server',
        { ...requires, rejectUnauthorized: false },
        either({}, { status: 400, body: '<title>400 No required SSL certificate was sent</title>\n' }),
      ),
      call: [...trusts(), ...presents('client')],
    }),
  ),
  failure(
    'a certificate of another name, and stunnel answers with internal_error',
    'server',
    ['certificate_refused'],
    (either) => ({
      serve: stunnel('server', [
        'verifyChain = yes',
        `CAfile = ${file('clients.crt')}`,
        ...either([], ['checkHost = somebody.else']),
      ]),
      call: [...trusts(), ...presents('client')],
    }),
    { needs: ['stunnel4'] },
  ),
  failure(
    'a certificate that stunnel has not pinned',
    'server',
    ['unknown_ca', 'certificate_refused'],
    (either) => ({
      serve: stunnel('server', [
        'verifyPeer = yes',
        `CAfile = ${file(either('client.crt', 'client-postgres.crt'))}`,
      ]),
      call: [...trusts(), ...presents('client')],
    }),
    { needs: ['stunnel4'] },
  ),
  failure(
    'a client certificate that was revoked (haproxy)',
    'server',
    ['certificate_revoked'],
    (either) => ({
      serve: haproxy(
        'server',
        `ca-file ${file('clients.crt')} verify required crl-file ${file('clients.crl')}`,
      ),
      call: [...trusts(), ...presents(either('client', 'client-revoked'))],
    }),
    { needs: ['haproxy'] },
  ),
  failure(
    'a client certificate that has expired (GnuTLS)',
    'server',
    ['certificate_expired'],
    (either) => ({
      serve: gnutls(
        'server',
        '--x509cafile',
        file('clients.crt'),
        '--require-client-cert',
        '--verify-client-cert',
      ),
      call: [...trusts(), ...presents(either('client', 'client-expired'))],
    }),
    { needs: ['gnutls-serv'] },
  ),
  failure(
    'a client certificate for servers only (Go)',
    'server',
    ['wrong_usage'],
    (either) => ({
      serve: go('server', `clients=${file('clients.crt')}`),
      call: [...trusts(), ...presents(either('client', 'client-usage'))],
    }),
    { needs: ['go'] },
  ),
  failure(
    'no certificate, and wirelab’s own proxy answers with 403',
    'server',
    ['certificate_missing'],
    (either) => ({
      serve: wirelabProxy(
        'server',
        '--cacert',
        file('clients.crt'),
        '--allow-all',
        '--http',
        '--reject',
        'http',
      ),
      call: [...trusts(), ...either(presents('client'), [])],
    }),
    { within: 4000 },
  ),
];
