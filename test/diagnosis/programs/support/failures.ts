/** Servers that make the clients of real programs fail, one way each. */
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { createServer as createPlainServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { createServer, TLSSocket, createSecureContext } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { systemClock } from '../../../../src/core/clock.ts';
import type { DiagnosedCause } from '../../../../src/diagnosis/diagnosis.ts';
import { issueWorld } from '../../../../src/pki/ca/issue.ts';
import { makeKey } from '../../../../src/pki/ca/sign.ts';
import { toPem } from '../../../../src/pki/keystore/pem.ts';
import type { Certificate } from '../../../../src/protocols/x509/certificate.ts';
import { craft } from '../../../pki/support/craft.ts';
import { nowhere } from '../../../helpers/nowhere.ts';

const san = ['DNS:localhost', 'IP:127.0.0.1'];
const day = 86_400_000;
const subject = { CN: 'localhost' };

export const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'Program CA' } },
      other: { profile: 'root', subject: { CN: 'Other CA' } },
      good: { profile: 'server', issuer: 'ca', subject, san },
      expired: { profile: 'server', issuer: 'ca', subject, san, flaws: ['expired'] },
      elsewhere: { profile: 'server', issuer: 'ca', subject: { CN: 'x' }, flaws: ['wrong-name'] },
      alone: { profile: 'server', issuer: 'ca', subject, san, flaws: ['self-signed'] },
    },
  },
  { clock: systemClock },
);

/** A CA that was made anew under its name, without key identifiers: its old certificate, and what its new key has signed. */
const [oldKey, newKey, leafKey] = [makeKey('RSA-2048'), makeKey('RSA-2048'), makeKey('P-256')];
const remadeCa = (key: typeof oldKey): Certificate =>
  craft({
    subject: [['CN', 'Remade CA']],
    key,
    isCa: true,
    hasNoKeyId: true,
    keyUsage: ['keyCertSign', 'cRLSign'],
    notBefore: Date.now() - day,
    notAfter: Date.now() + 300 * day,
  });
const pem = ({ der }: Certificate): string => toPem('CERTIFICATE', der);
export const oldAuthority = pem(remadeCa(oldKey));
const remade: TlsOptions = {
  cert: pem(
    craft({
      subject: [['CN', 'localhost']],
      key: leafKey,
      issuer: { certificate: remadeCa(newKey), key: newKey },
      extendedKeyUsage: ['serverAuth'],
      san,
      notBefore: Date.now() - day,
      notAfter: Date.now() + 30 * day,
    }),
  ),
  key: leafKey.export({ type: 'pkcs8', format: 'pem' }),
};

export interface Failure {
  readonly name: string;
  readonly cause: DiagnosedCause;
  /** Which CA the client trusts; `old`: the one of the same name, before it was made anew; `none`: a file that is not there. */
  readonly trusts: 'ca' | 'other' | 'old' | 'none';
  /** @returns the port */
  readonly start: (t: ExecutionContext) => Promise<number>;
}

async function listening(t: ExecutionContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

const identity = (name: string): TlsOptions => ({ key: world.identity(name).key, cert: world.chain(name) });

const secure =
  (name: string, more: TlsOptions = {}) =>
  async (t: ExecutionContext): Promise<number> => {
    const server = createServer({ ...identity(name), ...more }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () =>
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nhi\n'),
      );
    });
    server.on('tlsClientError', () => {});
    return listening(t, server);
  };

const mutual = { requestCert: true, rejectUnauthorized: true, ca: world.certificate('ca') };

const row = (
  name: string,
  cause: DiagnosedCause,
  start: Failure['start'],
  trusts: Failure['trusts'] = 'ca',
): Failure => ({ name, cause, start, trusts });

export const failures: readonly Failure[] = [
  row('unknown CA', 'unknown_ca', secure('good'), 'other'),
  row('a CA made anew under its name', 'unknown_ca', secure('good', remade), 'old'),
  row('a CA file that is not there', 'unusable_file', secure('good'), 'none'),
  row('expired', 'certificate_expired', secure('expired')),
  row('wrong name', 'name_mismatch', secure('elsewhere')),
  row('self-signed', 'self_signed', secure('alone')),
  row('no certificate, TLS 1.3', 'certificate_missing', secure('good', { ...mutual, minVersion: 'TLSv1.3' })),
  row('no certificate, TLS 1.2', 'certificate_missing', secure('good', { ...mutual, maxVersion: 'TLSv1.2' })),
  row(
    'an old version only',
    'no_common_version',
    secure('good', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
  ),
  row('plaintext', 'tls_on_plaintext_port', async (t) =>
    listening(
      t,
      createPlainServer((_request, response) => response.end('hi\n')),
    ),
  ),
  row('nothing listens', 'nothing_listens', async () => nowhere.port),
  row('closed at once', 'ends_every_connection', async (t) =>
    listening(
      t,
      createTcpServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.end());
      }),
    ),
  ),
];

/** The same for a client of PostgreSQL, which requests TLS first. */
export const postgres =
  (
    name: string,
    { asks = false, declines = false }: { readonly asks?: boolean; readonly declines?: boolean } = {},
  ) =>
  async (t: ExecutionContext): Promise<number> => {
    const secureContext = createSecureContext({
      ...identity(name),
      ...(asks ? { ca: world.certificate('ca') } : {}),
    });
    return listening(
      t,
      createTcpServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => {
          if (declines) return socket.write('N');
          socket.write('S');
          const inner = new TLSSocket(socket, {
            isServer: true,
            secureContext,
            requestCert: asks,
            rejectUnauthorized: asks,
          });
          inner.on('error', () => {}).on('data', () => inner.end());
          return undefined;
        });
      }),
    );
  };

export const postgresFailures: readonly Failure[] = [
  row('unknown CA', 'unknown_ca', postgres('good'), 'other'),
  row('expired', 'certificate_expired', postgres('expired')),
  row('wrong name', 'name_mismatch', postgres('elsewhere')),
  row('self-signed', 'self_signed', postgres('alone')),
  row('no certificate', 'certificate_missing', postgres('good', { asks: true })),
  row('without TLS', 'starttls_refused', postgres('good', { declines: true })),
  row('nothing listens', 'nothing_listens', async () => nowhere.port),
];
