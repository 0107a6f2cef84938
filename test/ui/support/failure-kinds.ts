/**
 * The kinds of failure, by what happens, and the cause that a proxy names for each: one that relays TLS unread, and one that
 * ends it, with and without a demand for certificates. No cause: nothing failed, or nobody can know.
 */
import { createServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import type { Cause } from '../../../src/analysis/outcome/cause-words.ts';
import type { Security } from '../../../src/wire/endpoint.ts';
import { file } from '../../analysis/support/failing-peers.ts';
import { answers, dialogue, ends, helloOf, openssl, program, raw, resets, tls, waits } from './failures.ts';
import { startNginx } from './nginx.ts';
import type { Behind, Failing, Leaves, Target, TlsSide } from './failures.ts';

const trusts = ['-CAfile', file('good-ca.crt'), '-verify_return_error'];
const presents = (name: string): string[] => ['-cert', file(`${name}.crt`), '-key', file(`${name}.key`)];
const hello = await helloOf({});
const silent: Target = (socket) => void socket.on('end', () => socket.end()).resume();
const once =
  (reply: (socket: Parameters<Target>[0], clock: Parameters<Target>[1]) => void): Target =>
  (socket, clock) =>
    void socket
      .on('end', () => socket.end())
      .once('data', () => reply(socket, clock))
      .resume();
const givesUp: Leaves = async (socket, { clock, heard }) => {
  await heard();
  clock.skip(5000);
  socket.end();
};
const sslRequest = Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47);
const proxyHeader = Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1234 443\r\n');
const sealedNonsense = Buffer.from(`1703030020${'5a'.repeat(32)}`, 'hex');
const asked = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

/** A request, and a record behind it that no key opens. */
const corrupts: Parameters<typeof tls>[1] = (socket, lower) =>
  void socket.write('HEAD / HTTP/1.1\r\n', () => lower.write(sealedNonsense));

/** A record in which so many bytes are sealed, in the place of the client's Finished. */
const sealed = (length: number): Failing['visit'] =>
  raw(
    hello,
    (socket) => void socket.end(Buffer.concat([Buffer.of(23, 3, 3, 0, length), Buffer.alloc(length, 0x5a)])),
    'answered',
  );

/** TLS of Node's on a raw connection. */
const tlsTarget = (options: TlsOptions): Target => {
  const server = createServer(options, answers);
  server.on('tlsClientError', () => {});
  return (socket) => void server.emit('connection', socket);
};

const versions = { '1.2': '-tls1_2', '1.3': '-tls1_3' } as const;
type Version = keyof typeof versions;
const inBoth = (name: string, of: (flag: string, version: Version) => Kind): Record<string, Kind> =>
  Object.fromEntries(
    Object.entries(versions).map(([version, flag]) => [
      `${name}, TLS ${version}`,
      of(flag, version as Version),
    ]),
  );

export interface Causes {
  readonly relayed?: Cause;
  readonly tls?: Cause;
  readonly mtls?: Cause;
}
export interface Kind extends Failing {
  readonly causes: Causes;
  /** A proxy that processes requests meets something else. */
  readonly isOtherOverHttp?: true;
}
const everywhere = (cause: Cause): Causes => ({ relayed: cause, tls: cause, mtls: cause });
const relayed = (cause: Cause, ended: Cause): Causes => ({ relayed: cause, tls: ended, mtls: ended });
const nothing: Causes = {};
const unexplained = everywhere('closed_during_handshake');
/** A browser that is asked for a certificate leaves so. */
const leaves: Causes = { relayed: 'closed_during_handshake', tls: 'closed_during_handshake' };
/** Of a client that presents no certificate. */
const turnedAway: Causes = { mtls: 'certificate_missing' };

/** A client that is shown a certificate of the server's. */
const server =
  (name: string, in12: Cause, in13: Cause, ...words: readonly string[]) =>
  (flag: string, version: Version): Kind => ({
    causes: everywhere(version === '1.2' ? in12 : in13),
    side: { identity: name },
    visit: openssl(...(words.length > 0 ? words : trusts), flag),
  });
/** A client that presents a certificate. */
const client =
  (name: string | undefined, cause: Cause) =>
  (flag: string, version: Version): Kind => ({
    // Under TLS 1.3 its certificate and the alert are sealed; that it presented none shows by the size.
    causes: {
      mtls: cause,
      relayed: version === '1.2' || cause === 'certificate_missing' ? cause : 'certificate_not_accepted',
    },
    side: { isMutual: true, ...(name === 'client-revoked' ? { hasLists: true } : {}) },
    visit: openssl(...trusts, ...(name === undefined ? [] : presents(name)), flag),
  });

/** A client that is welcome, and a target that the proxy does not get along with. */
const behind =
  (cause: Cause, dials: Security, { tls: choices, ...side }: TlsSide, more: Partial<Behind> = {}) =>
  (_flag: string, version: Version): Kind => ({
    causes: { tls: cause, mtls: cause },
    side: {},
    behind: {
      dials,
      side: { ...side, tls: { ...choices, minVersion: `TLSv${version}`, maxVersion: `TLSv${version}` } },
      ...(dials === 'plain' ? {} : { trusts: 'good-ca.crt' }),
      ...more,
    },
    visit: tls({ presents: 'client' }),
  });

export const kinds: Readonly<Record<string, Kind>> = {
  ...inBoth(
    'a server of an unknown CA',
    server('server', 'unknown_ca', 'unknown_ca', '-CAfile', file('other-ca.crt'), '-verify_return_error'),
  ),
  ...inBoth(
    'a server that has expired',
    server('server-expired', 'certificate_expired', 'certificate_expired'),
  ),
  ...inBoth(
    'a server from the future',
    server('server-not-yet-valid', 'certificate_not_yet_valid', 'certificate_not_accepted'),
  ),
  ...inBoth(
    'a server with a certificate for clients',
    server('server-wrong-usage', 'wrong_usage', 'wrong_usage'),
  ),
  ...inBoth(
    'a server of another name',
    server(
      'server',
      'certificate_not_accepted',
      'certificate_not_accepted',
      ...trusts,
      '-verify_hostname',
      'other.example',
    ),
  ),
  ...inBoth('a server that vouches for itself', server('server-self-signed', 'self_signed', 'unknown_ca')),
  ...inBoth('a client without a certificate', client(undefined, 'certificate_missing')),
  ...inBoth('a client of an unknown CA', client('client-other', 'unknown_ca')),
  ...inBoth('a client that has expired', client('client-expired', 'certificate_expired')),
  ...inBoth('a client from the future', client('client-not-yet-valid', 'certificate_not_yet_valid')),
  ...inBoth('a client with a certificate for servers', client('client-wrong-usage', 'wrong_usage')),
  ...inBoth('a client that was revoked', client('client-revoked', 'certificate_revoked')),
  ...inBoth('a client that vouches for itself', client('client-self-signed', 'self_signed')),
  // Nobody but the server can tell it from any other bytes, and for the server these are no alert.
  'a sealed alert of the client, TLS 1.3': {
    causes: relayed('certificate_not_accepted', 'bad_record'),
    side: {},
    visit: sealed(19),
  },
  'a sealed alert of the client that is padded as Java does': {
    causes: relayed('certificate_not_accepted', 'bad_record'),
    side: {},
    visit: sealed(35),
  },
  'a version that is too old': {
    causes: everywhere('no_common_version'),
    side: { tls: { minVersion: 'TLSv1.3' } },
    visit: openssl(...trusts, '-tls1_2'),
  },
  'no cipher suite in common': {
    causes: everywhere('no_common_cipher'),
    side: { tls: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' } },
    visit: openssl(...trusts, '-tls1_2', '-cipher', 'ECDHE-ECDSA-CHACHA20-POLY1305'),
  },
  'no application protocol in common': {
    causes: everywhere('no_common_protocol'),
    side: { tls: { alpn: ['h2'] } },
    visit: openssl(...trusts, '-alpn', 'http/1.1'),
  },
  'a client that closes after its ClientHello': { causes: leaves, target: silent, visit: raw(hello) },
  'a client that resets after its ClientHello': {
    causes: unexplained,
    target: silent,
    visit: raw(hello, resets),
  },
  'a server that resets after the ClientHello': {
    causes: relayed('closed_during_handshake', 'client_silent'),
    target: once((socket) => void socket.resetAndDestroy()),
    visit: raw(hello, waits),
  },
  'a server that closes after the ClientHello': {
    causes: relayed('closed_during_handshake', 'client_silent'),
    target: once((socket) => void socket.end()),
    visit: raw(hello, waits),
  },
  'a client that closes upon the request for a certificate, TLS 1.2': {
    causes: { tls: 'closed_during_handshake' },
    side: { tls: { maxVersion: 'TLSv1.2' }, isMutual: true },
    visit: raw(hello, ends, 'answered'),
  },
  'a client that closes upon the request for a certificate, TLS 1.3': {
    causes: leaves,
    side: { isMutual: true },
    visit: raw(hello, ends, 'answered'),
  },
  'a client that leaves after the handshake, TLS 1.2': {
    causes: turnedAway,
    side: {},
    visit: tls({ maxVersion: 'TLSv1.2' }, (socket) => void socket.end()),
  },
  'a client that leaves after the handshake, TLS 1.3': {
    causes: turnedAway,
    side: {},
    visit: tls({}, (socket) => void socket.end()),
  },
  'a client that leaves without close_notify': {
    causes: leaves,
    side: {},
    visit: tls({}, (_socket, lower) => void lower.end()),
  },
  'an orderly end': { causes: turnedAway, side: {}, visit: tls({}) },
  'an orderly end under mutual TLS': {
    causes: nothing,
    side: { isMutual: true },
    visit: tls({ presents: 'client' }),
  },
  'a ClientHello that is cut': { causes: unexplained, target: silent, visit: raw(hello.subarray(0, 60)) },
  garbage: {
    causes: relayed('no_reply', 'plaintext_on_tls_port'),
    target: silent,
    visit: raw(Buffer.alloc(64, 0xa7)),
  },
  'a hello of SSL 2.0': {
    causes: everywhere('no_reply'),
    target: silent,
    visit: raw(
      Buffer.from(`802e0100020015000000100100800200800600400400800700c00300800000${'09'.repeat(16)}`, 'hex'),
    ),
  },
  'a HelloRetryRequest, and the client leaves': {
    causes: unexplained,
    side: { tls: { groups: 'P-384' } },
    visit: raw(hello, ends, 'answered'),
  },
  'a corrupted record, TLS 1.2': {
    isOtherOverHttp: true,
    causes: { relayed: 'no_reply', mtls: 'certificate_missing' },
    side: {},
    visit: tls({ maxVersion: 'TLSv1.2' }, corrupts),
  },
  'a corrupted record, TLS 1.3': { causes: turnedAway, side: {}, visit: tls({}, corrupts) },
  'a pre-shared key of another value': {
    causes: relayed('psk_wrong', 'no_common_cipher'),
    target: tlsTarget({ ciphers: 'PSK', maxVersion: 'TLSv1.2', pskCallback: () => Buffer.alloc(32, 1) }),
    visit: tls({
      ciphers: 'PSK',
      maxVersion: 'TLSv1.2',
      checkServerIdentity: () => undefined,
      pskCallback: () => ({ psk: Buffer.alloc(32, 2), identity: 'me' }),
    }),
  },
  'plain HTTP to a TLS port': {
    causes: everywhere('plaintext_on_tls_port'),
    side: {},
    visit: raw(asked, waits),
  },
  'plain HTTP to a TLS port that says so': {
    causes: everywhere('plaintext_on_tls_port'),
    target: once(
      (socket) =>
        void socket.end(
          'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nThe plain HTTP request was sent to HTTPS port',
        ),
    ),
    visit: raw(asked, waits),
  },
  'TLS to a plain HTTP port': {
    causes: { relayed: 'tls_on_plaintext_port', mtls: 'certificate_missing' },
    target: once((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')),
    visit: openssl(...trusts),
  },
  'TLS to a port that greets': {
    isOtherOverHttp: true,
    causes: { relayed: 'tls_on_plaintext_port', mtls: 'certificate_missing' },
    target: (socket) => {
      once(() => void socket.write('500 what?\r\n'))(socket, undefined as never);
      socket.write('220 mail ready\r\n');
    },
    visit: openssl(...trusts),
  },
  'a PROXY header before TLS': {
    causes: everywhere('proxy_header_refused'),
    side: {},
    visit: raw(Buffer.concat([proxyHeader, hello]), waits),
  },
  'an SSLRequest to a TLS port': {
    causes: everywhere('upgrade_on_tls_port'),
    side: {},
    visit: raw(sslRequest, waits),
  },
  'an SSLRequest that is refused': {
    causes: relayed('starttls_refused', 'upgrade_on_tls_port'),
    target: once((socket) => void socket.write('N')),
    visit: raw(sslRequest, ends, 'answered'),
  },
  'STARTTLS that is refused': {
    causes: { relayed: 'starttls_refused' },
    target: (socket) => {
      once(() => void socket.write('454 TLS not available\r\n'))(socket, undefined as never);
      socket.write('220 mail\r\n');
    },
    visit: dialogue('STARTTLS\r\n'),
  },
  'a tunnel to elsewhere': {
    causes: relayed('tunnel_refused', 'plaintext_on_tls_port'),
    target: once((socket) => void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')),
    asksItself: true,
    visit: raw('CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: 192.0.2.1:443\r\n\r\n', waits),
  },
  'a request without a tunnel': {
    causes: everywhere('plaintext_on_tls_port'),
    side: {},
    asksItself: true,
    visit: raw(asked, waits),
  },
  'a target that is down, TLS': {
    causes: relayed('target_unreachable', 'client_silent'),
    target: 'down',
    visit: raw(hello, waits),
  },
  'a target that is down, HTTP': {
    causes: relayed('target_unreachable', 'plaintext_on_tls_port'),
    target: 'down',
    visit: raw(asked, waits),
  },
  'a target that is down, behind TLS': {
    causes: everywhere('target_unreachable'),
    target: 'down',
    visit: tls({ presents: 'client' }),
  },
  'a server without an answer to the ClientHello': {
    causes: relayed('server_silent', 'closed_during_handshake'),
    target: silent,
    visit: raw(hello, givesUp),
  },
  'a server without an answer to a request': {
    causes: relayed('no_reply', 'plaintext_on_tls_port'),
    target: silent,
    visit: raw(asked, givesUp),
  },
  'a client that goes no further': {
    causes: relayed('closed_during_handshake', 'handshake_timeout'),
    target: once((socket, clock) => {
      clock.skip(5000);
      socket.end();
    }),
    visit: raw(hello.subarray(0, 60), waits),
  },
  'a refusal over HTTP': {
    causes: { relayed: 'certificate_not_accepted', mtls: 'unknown_ca' },
    side: { isMutual: true, reject: 'http' },
    visit: tls({ presents: 'client-other' }),
  },
  ...inBoth(
    'a target that demands a certificate of the proxy',
    behind('certificate_missing', 'tls', { isMutual: true }),
  ),
  ...inBoth('a target of an unknown CA', behind('unknown_ca', 'tls', {}, { trusts: 'other-ca.crt' })),
  ...inBoth(
    'a target that has expired',
    behind('certificate_expired', 'tls', { identity: 'server-expired' }),
  ),
  ...inBoth('a target of another name', behind('name_mismatch', 'tls', {}, { serverName: 'other.example' })),
  ...inBoth(
    'a target with TLS, and a proxy that dials without',
    behind('plaintext_on_tls_port', 'plain', {}),
  ),
  'a target without TLS, and a proxy that dials with it': {
    causes: { tls: 'tls_on_plaintext_port', mtls: 'tls_on_plaintext_port' },
    side: {},
    behind: { dials: 'tls', trusts: 'good-ca.crt' },
    visit: tls({ presents: 'client' }),
  },
  'a target that ends without an answer': {
    causes: relayed('closed_during_handshake', 'plaintext_on_tls_port'),
    target: once((socket) => void socket.end()),
    visit: tls({ presents: 'client' }),
  },
  'a target that resets': {
    causes: { relayed: 'closed_during_handshake' },
    target: once((socket) => void socket.resetAndDestroy()),
    visit: tls({ presents: 'client' }),
  },
  'a probe': { causes: nothing, side: {}, visit: raw('') },
  'a probe that the server answers with an alert': {
    causes: nothing,
    target: (socket) =>
      void socket.on('end', () => socket.end(Buffer.from('15030100020232', 'hex'))).resume(),
    visit: raw(''),
  },
  'a client that is awaited in vain': { causes: nothing, side: {}, visit: raw('', waits) },
  'a probe that resets': { causes: nothing, side: {}, visit: raw('', resets) },
  'curl, which distrusts the CA': {
    causes: everywhere('unknown_ca'),
    side: {},
    visit: program('curl', ({ port, tunnel }) => [
      '-s',
      '--cacert',
      file('other-ca.crt'),
      ...(tunnel ? ['--proxytunnel', '--proxy', `http://127.0.0.1:${port}`] : []),
      `https://127.0.0.1:${tunnel?.port ?? port}/`,
    ]),
  },
  ...inBoth('curl, which asks for another name', (_flag, version) => ({
    // Under TLS 1.3 only the endpoint knows which names its certificate has.
    causes: {
      ...(version === '1.2' ? { relayed: 'name_mismatch' as const } : {}),
      tls: 'name_mismatch',
      mtls: 'certificate_missing',
    },
    side: {},
    visit: program('curl', ({ port, tunnel }) => [
      '-s',
      '--tls-max',
      version,
      '--cacert',
      file('good-ca.crt'),
      ...(tunnel ? ['--proxytunnel', '--proxy', `http://127.0.0.1:${port}`] : []),
      '--connect-to',
      `::127.0.0.1:${tunnel?.port ?? port}`,
      `https://other.example:${tunnel?.port ?? port}/`,
    ]),
  })),
  // It completes the handshake and answers with 400, which a sniffer cannot read.
  ...inBoth('nginx, which demands a certificate of the proxy', (_flag, version) => ({
    causes: { tls: 'refused_over_http', mtls: 'refused_over_http' },
    serves: { program: 'nginx', start: async () => startNginx(version) },
    behind: { dials: 'tls', trusts: 'good-ca.crt', serverName: 'localhost' },
    visit: tls({ presents: 'client' }),
  })),
  ...inBoth('nginx, which demands a certificate of the client', (_flag, version) => ({
    causes: { tls: 'refused_over_http', mtls: 'certificate_missing' },
    serves: { program: 'nginx', start: async () => startNginx(version) },
    behind: { dials: 'tls', trusts: 'good-ca.crt', serverName: 'localhost' },
    visit: tls({}),
  })),
  'GnuTLS without a certificate': {
    causes: { relayed: 'certificate_missing', mtls: 'certificate_missing' },
    side: { isMutual: true },
    visit: program('gnutls-cli', ({ port }) => [
      '--x509cafile',
      file('good-ca.crt'),
      '--port',
      String(port),
      'localhost',
    ]),
  },
};
