/** What a server says: before TLS in the words of its protocol, and behind the handshake. */
import { createServer } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { text } from '../certificates.ts';
import { mail, node, raw, secureServer } from '../own-servers.ts';
import type { NodeAnswer } from '../own-servers.ts';
import { failure } from '../setting.ts';
import type { Failure, Serve } from '../setting.ts';
import { presents } from './client-certificates.ts';
import { trusts } from './server-certificates.ts';

const day = 86_400_000;
const asks = { ca: text('clients.crt'), requestCert: true, rejectUnauthorized: false };

/** Answers by what it sees of the client. */
export const deciding = (
  decide: (request: IncomingMessage, socket: TLSSocket) => NodeAnswer,
  options: ServerOptions = {},
): Serve =>
  secureServer(() =>
    createServer({ cert: text('server.crt'), key: text('server.key'), ...options }, (request, response) => {
      const { status = 200, headers = {}, body = 'welcome\n' } = decide(request, request.socket as TLSSocket);
      response.writeHead(status, { ...headers }).end(body);
    }).on('tlsClientError', () => {}),
  );

/** Says this, and ends. */
export const saying = (words: string | Uint8Array): Serve =>
  raw((socket) => {
    socket.end(words);
  });

const later: NodeAnswer = {
  status: 403,
  body: 'Forbidden\nReason: Cannot perform Post-Handshake Authentication.\n',
};

export const answers: readonly Failure[] = [
  failure(
    'a certificate that is wanted only behind the handshake, as TLS 1.3 clients do not allow it',
    'server',
    ['certificate_not_requested'],
    (either) => ({
      serve: deciding((_request, socket) => (socket.getProtocol() === 'TLSv1.3' ? later : {}), {
        maxVersion: either('TLSv1.2', 'TLSv1.3'),
      }),
      call: [...trusts(), ...presents('client')],
    }),
  ),
  failure(
    'a certificate that a server behind this one wants, and that the client presents in vain',
    'server',
    ['certificate_not_requested'],
    (either) => ({
      serve: node(
        'server',
        {},
        either({}, { status: 400, body: '<center>No required SSL certificate was sent</center>' }),
      ),
      call: [...trusts(), ...presents('client')],
    }),
  ),
  failure(
    'a certificate that the client cannot use: the server takes only signatures of RSA keys',
    'server',
    ['no_common_signature'],
    (either) => ({
      serve: node('server-rsa', {
        ca: text('clients.crt'),
        requestCert: true,
        rejectUnauthorized: true,
        ...either({}, { sigalgs: 'RSA-PSS+SHA256' }),
      }),
      call: [...trusts(), ...presents('client')],
    }),
  ),
  failure('the same under TLS 1.2', 'server', ['no_common_signature'], (either) => ({
    serve: node('server-rsa', {
      ca: text('clients.crt'),
      requestCert: true,
      rejectUnauthorized: true,
      maxVersion: 'TLSv1.2',
      ...either({}, { sigalgs: 'RSA-PSS+SHA256:RSA+SHA256' }),
    }),
    call: [...trusts(), ...presents('client')],
  })),
  failure(
    'an address, where the server wants a name and says so (Apache)',
    'server',
    ['unknown_server_name'],
    (either) => ({
      serve: deciding((request, socket) =>
        (socket as TLSSocket & { servername?: string | false }).servername === 'localhost' &&
        request.headers.host?.startsWith('localhost')
          ? {}
          : {
              status: 403,
              body: 'Reason: The client software did not provide a hostname using Server Name Indication (SNI), which is required to access this server.',
            },
      ),
      host: either('localhost', '127.0.0.1'),
      call: trusts(),
    }),
  ),
  failure(
    'an intermediate certificate of the right name and another key',
    'client',
    ['unknown_ca', 'intermediate_missing', 'bad_signature'],
    (either) => ({ serve: node(either('server-long', 'server-long-before')), call: trusts() }),
  ),
  failure('a name that the server does not serve (421)', 'server', ['refused_by_application'], (either) => ({
    serve: deciding((request) =>
      request.headers.host?.startsWith('localhost') ? {} : { status: 421, body: 'Misdirected' },
    ),
    call: [...trusts(), ...either([], ['--servername', 'shop.localhost'])],
  })),
  ...(
    [
      ['smtp', '550 127.0.0.1 is listed at zen.example.org\r\n'],
      ['smtp', '421 Too many concurrent SMTP connections; please try again later.\r\n'],
      ['imap', '* BYE Too many connections\r\n'],
      ['pop3', '-ERR [SYS/TEMP] access denied\r\n'],
    ] as const
  ).map(([protocol, words]) =>
    failure(
      `turned away at the greeting (${protocol}: ${words.slice(0, 12)})`,
      'server',
      ['target_greeting_refused'],
      (either) => ({
        serve: either(mail('server', { speaks: protocol }), saying(words)),
        call: [...trusts(), '--starttls', protocol],
      }),
    ),
  ),
  failure(
    'a firewall overwrites STARTTLS in what SMTP offers',
    'between',
    ['starttls_refused'],
    (either) => ({
      serve: either(
        mail('server'),
        raw((socket) => {
          socket.write('220 mail.localhost ESMTP\r\n');
          socket.on('data', (line) =>
            socket.write(
              /^(?:EHLO|HELO)/i.test(String(line))
                ? '250-mail\r\n250-XXXXXXXA\r\n250 PIPELINING\r\n'
                : '502 no\r\n',
            ),
          );
        }),
      ),
      call: [...trusts(), '--starttls', 'smtp'],
    }),
  ),
  failure('SMTP without an offer of TLS', 'server', ['starttls_refused'], (either) => ({
    serve: either(
      mail('server'),
      raw((socket) => {
        socket.write('220 mail.localhost ESMTP\r\n');
        socket.on('data', (line) =>
          socket.write(
            /^(?:EHLO|HELO)/i.test(String(line)) ? '250-mail\r\n250 PIPELINING\r\n' : '502 no\r\n',
          ),
        );
      }),
    ),
    call: [...trusts(), '--starttls', 'smtp'],
  })),
  failure(
    'the clock of the server is behind, and so it refuses the client',
    'server',
    ['clock_wrong'],
    (either) => ({
      serve: node(
        'server',
        asks,
        either(
          {},
          {
            status: 400,
            headers: { Date: new Date(Date.now() - 4000 * day).toUTCString() },
            body: 'The SSL certificate error',
          },
        ),
      ),
      call: [...trusts(), ...presents('client')],
    }),
  ),
  failure('an expired client certificate, and a 403', 'server', ['certificate_expired'], (either) => ({
    serve: deciding(
      (_request, socket) => (socket.authorized ? {} : { status: 403, body: 'Forbidden' }),
      asks,
    ),
    call: [...trusts(), ...presents(either('client', 'client-expired'))],
  })),
  failure(
    'only a group that TLS 1.3 does not have, at a server that has TLS 1.3',
    'server',
    ['no_common_group'],
    (either) => ({ serve: node('server', { ecdhCurve: either('auto', 'secp256k1') }), call: trusts() }),
  ),
];
