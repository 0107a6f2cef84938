/** The port expects something else than TLS, or something before it. */
import { afterProxyHeader, mail, node, plainHttp, raw } from '../own-servers.ts';
import { haproxy, ldap, nginx, plainRedis, postgres } from '../programs.ts';
import { failure } from '../setting.ts';
import type { Failure } from '../setting.ts';
import { trusts } from './server-certificates.ts';

export const protocols: readonly Failure[] = [
  failure(
    'plain HTTP (nginx)',
    'client',
    ['tls_on_plaintext_port'],
    (either) => ({
      serve: nginx('server', '', { listen: either('ssl', '') }),
      call: trusts(),
    }),
    { needs: ['nginx'] },
  ),
  failure(
    'plain HTTP (Node)',
    'client',
    ['tls_on_plaintext_port'],
    () => ({ serve: plainHttp, call: trusts() }),
    { hasNoCounterpart: true },
  ),
  failure(
    'a server of HTTP that answers everything with 400, as one behind a needless PROXY header',
    ['unknown'],
    ['tls_on_plaintext_port'],
    (either) => ({
      serve: either(
        node('server'),
        raw(
          (socket) =>
            void socket.once('data', () =>
              socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
            ),
        ),
      ),
      call: trusts(),
    }),
  ),
  failure('SMTP, and the client does not say STARTTLS', 'client', ['tls_on_plaintext_port'], (either) => ({
    serve: mail('server'),
    call: [...trusts(), ...either(['--starttls', 'smtp'], [])],
  })),
  failure('SMTP that refuses STARTTLS (454)', 'server', ['starttls_refused'], (either) => ({
    serve: mail('server', {
      answer: either('220 go ahead', '454 TLS not available due to temporary reason'),
    }),
    call: [...trusts(), '--starttls', 'smtp'],
  })),
  failure('IMAP, and the client does not say STARTTLS', 'client', ['tls_on_plaintext_port'], (either) => ({
    serve: mail('server', { speaks: 'imap' }),
    call: [...trusts(), ...either(['--starttls', 'imap'], [])],
  })),
  failure('POP3, and the client does not say STLS', 'client', ['tls_on_plaintext_port'], (either) => ({
    serve: mail('server', { speaks: 'pop3' }),
    call: [...trusts(), ...either(['--starttls', 'pop3'], [])],
  })),
  failure(
    'PostgreSQL, and the client does not ask for TLS',
    'client',
    ['tls_on_plaintext_port'],
    (either) => ({
      serve: postgres('server', 'hostssl all all all trust'),
      call: [...trusts(), ...either(['--starttls', 'postgres'], [])],
    }),
    { needs: ['pg_ctlcluster'], within: 6000 },
  ),
  failure(
    'PostgreSQL without TLS',
    'server',
    ['starttls_refused'],
    (either) => ({
      serve: postgres('server', 'host all all all trust', `ssl=${either('on', 'off')}`),
      call: [...trusts(), '--starttls', 'postgres'],
    }),
    { needs: ['pg_ctlcluster'], within: 6000 },
  ),
  failure(
    'Redis without TLS',
    'client',
    ['tls_on_plaintext_port'],
    () => ({
      serve: plainRedis,
      call: trusts(),
    }),
    { needs: ['redis-server'], within: 8000, hasNoCounterpart: true },
  ),
  failure(
    'SSH',
    'client',
    ['tls_on_plaintext_port'],
    () => ({
      serve: raw((socket) => void socket.write('SSH-2.0-OpenSSH_10.0p2 Debian-7\r\n')),
      call: trusts(),
    }),
    { hasNoCounterpart: true },
  ),
  failure(
    'a PROXY header is awaited (haproxy)',
    ['server', 'client'],
    ['proxy_header_missing'],
    (either) => ({
      serve: haproxy('server', either('', 'accept-proxy')),
      call: trusts(),
    }),
    { needs: ['haproxy'], within: 8000 },
  ),
  failure(
    'a PROXY header is awaited (nginx)',
    ['server', 'client'],
    ['proxy_header_missing'],
    (either) => ({
      serve: nginx('server', '', { listen: either('ssl', 'ssl proxy_protocol') }),
      call: trusts(),
    }),
    { needs: ['nginx'], within: 8000 },
  ),
  ...(
    [
      ['smtp', 'imap'],
      ['imap', 'smtp'],
      ['pop3', 'postgres'],
    ] as const
  ).map(([speaks, asked]) =>
    failure(
      `TLS is requested in ${asked} at a port of ${speaks}`,
      'client',
      ['other_protocol'],
      () => ({ serve: mail('server', { speaks }), call: [...trusts(), '--starttls', asked] }),
      // That it goes well in the right protocol, the rows above have shown.
      { hasNoCounterpart: true },
    ),
  ),
  failure(
    'TLS is requested in IMAP at a port of PostgreSQL',
    'client',
    ['other_protocol'],
    (either) => ({
      serve: postgres('server', 'hostssl all all all trust'),
      call: [...trusts(), '--starttls', either('postgres', 'imap')],
    }),
    { needs: ['pg_ctlcluster'], within: 8000 },
  ),
  failure(
    'TLS is requested in LDAP at a port of Redis',
    'client',
    ['other_protocol'],
    () => ({ serve: plainRedis, call: [...trusts(), '--starttls', 'ldap'] }),
    { needs: ['redis-server'], within: 8000, hasNoCounterpart: true },
  ),
  failure(
    'TLS is requested in SMTP at a port of plain HTTP',
    'client',
    ['other_protocol'],
    () => ({ serve: plainHttp, call: [...trusts(), '--starttls', 'smtp'] }),
    { within: 8000, hasNoCounterpart: true },
  ),
  failure(
    'TLS is requested in SMTP at a port of FTP',
    'client',
    ['other_protocol'],
    () => ({
      serve: raw((socket) => void socket.write('220 (vsFTPd 3.0.5)\r\n')),
      call: [...trusts(), '--starttls', 'smtp'],
    }),
    { hasNoCounterpart: true },
  ),
  failure(
    'STARTTLS on a port that begins with TLS (Node)',
    'server',
    ['upgrade_on_tls_port'],
    (either) => ({
      serve: node('server'),
      call: [...trusts(), ...either([], ['--starttls', 'smtp'])],
    }),
    { within: 6000 },
  ),
  failure(
    'STARTTLS on a port that begins with TLS (nginx)',
    'server',
    ['upgrade_on_tls_port'],
    (either) => ({
      serve: nginx('server'),
      call: [...trusts(), ...either([], ['--starttls', 'postgres'])],
    }),
    { needs: ['nginx'], within: 6000 },
  ),
  failure(
    'LDAP, and the client does not ask for TLS (slapd)',
    'client',
    ['tls_on_plaintext_port'],
    () => ({
      serve: ldap,
      call: trusts(),
    }),
    { needs: ['slapd'], within: 6000, hasNoCounterpart: true },
  ),
  failure(
    'a binary PROXY header is awaited',
    ['server', 'client'],
    ['proxy_header_missing'],
    (either) => ({
      serve: either(node('server'), afterProxyHeader(node('server'))),
      call: trusts(),
    }),
    { within: 8000 },
  ),
];
