/**
 * `wirelab prove` against nginx, haproxy, stunnel, Node and etcd: sound, and with one misconfiguration each. Each is found, and a sound
 * server has no hole.
 */
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { desk, world } from '../certs/support/files.ts';
import { startEtcd } from '../../helpers/etcd.ts';
import { withPeer } from '../../helpers/peer.ts';
import { mainFile } from '../../helpers/wirelab.ts';
import {
  apache,
  exim,
  haproxy,
  mosquitto,
  nginx,
  postgres,
  redis,
  slapd,
  stunnel,
} from './support/enforcers.ts';
import { enforced, notEnforced, proveAt, table, withKey } from './support/proving.ts';
import type { Proven } from './support/proving.ts';

type Start = (t: ExecutionContext, folder: string) => Promise<{ readonly port: number }>;

interface Row {
  readonly peers: readonly string[];
  readonly server: string;
  readonly how: string;
  readonly start: Start;
  /** None: sound. */
  /** Absent: unknown. */
  readonly holes: readonly string[] | undefined;
  readonly starttls?: string;
  readonly path?: string;
}

const old = 'ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers DEFAULT@SECLEVEL=0;';

async function node(
  t: ExecutionContext,
  options: ServerOptions,
  admits: (socket: TLSSocket) => boolean = () => true,
): Promise<{ readonly port: number }> {
  const server = createServer(
    {
      key: world.identity('shop').key,
      cert: world.chain('shop'),
      ca: world.certificate('ca'),
      requestCert: true,
      ...options,
    },
    (request, response) => response.writeHead(admits(request.socket as TLSSocket) ? 200 : 403).end('hello\n'),
  );
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port };
}

const etcd =
  (isAsking: boolean): Start =>
  async (t) => {
    const running = await startEtcd(
      {
        certificate: world.chain('shop'),
        key: world.identity('shop').key,
        clientAuthority: world.certificate('ca'),
      },
      ...(isAsking ? [] : ['--client-cert-auth=false', '--trusted-ca-file=']),
    );
    t.teardown(async () => running.close());
    return running;
  };

const anyCertificate = [
  'other-ca',
  'same-name-ca',
  'same-key-id-ca',
  'self-signed',
  'expired',
  'not-yet-valid',
  'wrong-usage',
  'bad-signature',
  'client-as-ca',
];
const anybody = ['none', 'none-tls1.2', ...anyCertificate];

const rows: readonly Row[] = [
  {
    peers: ['nginx'],
    server: 'nginx',
    how: 'sound',
    start: async (t, folder) => nginx(t, folder, 'ssl_verify_client on;'),
    holes: [],
  },
  {
    peers: ['nginx'],
    server: 'nginx',
    how: 'sound, TLS 1.2 alone',
    start: async (t, folder) => nginx(t, folder, 'ssl_verify_client on; ssl_protocols TLSv1.2;'),
    holes: [],
  },
  {
    peers: ['nginx'],
    server: 'nginx',
    how: 'optional, with a 403 of its own',
    start: async (t, folder) =>
      nginx(
        t,
        folder,
        'ssl_verify_client optional;',
        'if ($ssl_client_verify != SUCCESS) { return 403; } return 200 "hello\\n";',
      ),
    holes: [],
  },
  {
    peers: ['nginx'],
    server: 'nginx',
    how: 'optional',
    start: async (t, folder) => nginx(t, folder, 'ssl_verify_client optional;'),
    holes: ['none', 'none-tls1.2'],
  },
  {
    peers: ['nginx'],
    server: 'nginx',
    how: 'any CA (optional_no_ca)',
    start: async (t, folder) =>
      nginx(
        t,
        folder,
        'ssl_verify_client optional_no_ca;',
        'if ($ssl_client_verify = NONE) { return 403; } return 200 "hello\\n";',
      ),
    holes: ['other-ca', 'same-name-ca', 'self-signed'],
  },
  {
    peers: ['nginx'],
    server: 'nginx',
    how: 'TLS 1.0 open',
    start: async (t, folder) => nginx(t, folder, `ssl_verify_client on; ${old}`),
    holes: ['tls1.0', 'tls1.1'],
  },
  {
    peers: ['haproxy'],
    server: 'haproxy',
    how: 'sound',
    start: async (t, folder) => haproxy(t, folder, 'verify required'),
    holes: [],
  },
  {
    peers: ['haproxy'],
    server: 'haproxy',
    how: 'optional, with a rule',
    start: async (t, folder) =>
      haproxy(t, folder, 'verify optional', 'http-request deny unless { ssl_c_used 1 }'),
    holes: [],
  },
  {
    peers: ['haproxy'],
    server: 'haproxy',
    how: 'optional',
    start: async (t, folder) => haproxy(t, folder, 'verify optional'),
    holes: ['none', 'none-tls1.2'],
  },
  {
    peers: ['haproxy'],
    server: 'haproxy',
    how: 'wrong usage accepted (crt-ignore-err 26)',
    start: async (t, folder) => haproxy(t, folder, 'verify required crt-ignore-err 26'),
    holes: ['wrong-usage'],
  },
  {
    peers: ['haproxy'],
    server: 'haproxy',
    how: 'expired accepted (crt-ignore-err 10)',
    start: async (t, folder) => haproxy(t, folder, 'verify required crt-ignore-err 10'),
    holes: ['expired'],
  },
  {
    peers: ['haproxy'],
    server: 'haproxy',
    how: 'all errors ignored',
    start: async (t, folder) => haproxy(t, folder, 'verify required crt-ignore-err all ca-ignore-err all'),
    // OpenSSL gives up on a chain whose signer is not allowed to sign at all.
    holes: anyCertificate.filter((id) => id !== 'client-as-ca'),
  },
  {
    peers: ['haproxy'],
    server: 'haproxy',
    how: 'TLS 1.0 open',
    start: async (t, folder) =>
      haproxy(t, folder, 'verify required ssl-min-ver TLSv1.0 ciphers DEFAULT@SECLEVEL=0'),
    holes: ['tls1.0', 'tls1.1'],
  },
  {
    peers: ['stunnel'],
    server: 'stunnel',
    how: 'sound',
    start: async (t, folder) => stunnel(t, folder, 'verifyChain = yes'),
    holes: [],
  },
  {
    peers: ['stunnel'],
    server: 'stunnel',
    how: 'optional (verify = 1)',
    start: async (t, folder) => stunnel(t, folder, 'verify = 1'),
    holes: ['none', 'none-tls1.2'],
  },
  {
    peers: ['stunnel'],
    server: 'stunnel',
    how: 'any certificate (requireCert, verifyChain no)',
    start: async (t, folder) => stunnel(t, folder, 'requireCert = yes\nverifyChain = no'),
    holes: anyCertificate,
  },
  {
    peers: ['stunnel'],
    server: 'stunnel',
    how: 'TLS 1.0 open',
    start: async (t, folder) =>
      stunnel(
        t,
        folder,
        'verifyChain = yes\nsslVersionMin = TLSv1\nciphers = DEFAULT@SECLEVEL=0\nsecurityLevel = 0',
      ),
    holes: ['tls1.0', 'tls1.1'],
  },
  {
    peers: [],
    server: 'Node',
    how: 'sound',
    start: async (t) => node(t, { rejectUnauthorized: true }),
    holes: [],
  },
  {
    peers: [],
    server: 'Node',
    how: 'any CA, in the application',
    start: async (t) =>
      node(
        t,
        { rejectUnauthorized: false },
        (socket) =>
          socket.authorized ||
          ['SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT'].includes(
            String(socket.authorizationError),
          ),
      ),
    holes: ['other-ca', 'same-name-ca', 'self-signed'],
  },
  { peers: ['etcd'], server: 'etcd', how: 'sound', start: etcd(true), holes: [] },
  {
    peers: ['etcd'],
    server: 'etcd',
    how: 'without --client-cert-auth',
    start: etcd(false),
    holes: [...anybody, 'other-key'],
  },
  {
    peers: ['psql', 'pg_ctlcluster'],
    server: 'PostgreSQL',
    how: 'sound (clientcert=verify-ca)',
    start: async (t) => postgres(t, 'trust clientcert=verify-ca'),
    starttls: 'postgres',
    holes: [],
  },
  {
    peers: ['psql', 'pg_ctlcluster'],
    server: 'PostgreSQL',
    how: 'optional',
    start: async (t) => postgres(t, 'trust'),
    starttls: 'postgres',
    holes: ['none', 'none-tls1.2'],
  },
  {
    peers: ['exim4'],
    server: 'exim',
    how: 'tls_verify_hosts, by GnuTLS',
    start: async (t) => exim(t, 'tls_verify_hosts'),
    starttls: 'smtp',
    holes: ['wrong-usage', 'tls1.0', 'tls1.1'],
  },
  {
    peers: ['exim4'],
    server: 'exim',
    how: 'optional (tls_try_verify_hosts)',
    start: async (t) => exim(t, 'tls_try_verify_hosts'),
    starttls: 'smtp',
    holes: [...anybody, 'tls1.0', 'tls1.1'],
  },
  {
    peers: ['slapd'],
    server: 'slapd',
    how: 'demand',
    start: async (t) => slapd(t, 'demand'),
    starttls: 'ldap',
    holes: [],
  },
  {
    peers: ['slapd'],
    server: 'slapd',
    how: 'allow',
    start: async (t) => slapd(t, 'allow'),
    starttls: 'ldap',
    holes: anybody,
  },
  {
    peers: ['apache2'],
    server: 'Apache',
    how: 'sound',
    start: async (t) => apache(t, 'SSLVerifyClient require'),
    holes: [],
  },
  {
    peers: ['apache2'],
    server: 'Apache',
    how: 'optional',
    start: async (t) => apache(t, 'SSLVerifyClient optional'),
    holes: ['none', 'none-tls1.2'],
  },
  {
    peers: ['apache2'],
    server: 'Apache',
    how: 'asks by renegotiation, where a certificate is required',
    start: async (t) => apache(t, '<Location /orders>\nSSLVerifyClient require\n</Location>'),
    path: '/orders/',
    holes: [],
  },
  {
    peers: ['apache2'],
    server: 'Apache',
    how: 'asks by renegotiation, elsewhere',
    start: async (t) => apache(t, '<Location /orders>\nSSLVerifyClient require\n</Location>'),
    holes: [...anybody, 'other-key'],
  },
  {
    peers: ['redis-server'],
    server: 'Redis',
    how: 'sound',
    start: async (t, folder) => redis(t, folder, 'yes'),
    holes: [],
  },
  {
    peers: ['redis-server'],
    server: 'Redis',
    how: 'optional',
    start: async (t, folder) => redis(t, folder, 'optional'),
    holes: ['none', 'none-tls1.2'],
  },
  {
    peers: ['mosquitto'],
    server: 'mosquitto',
    how: 'sound',
    start: async (t) => mosquitto(t, 'allow_anonymous true\nrequire_certificate true'),
    holes: [],
  },
  {
    peers: ['mosquitto'],
    server: 'mosquitto',
    how: 'no certificate is required',
    start: async (t) => mosquitto(t, 'allow_anonymous true\nrequire_certificate false'),
    holes: [...anybody, 'other-key'],
  },
  {
    peers: ['mosquitto'],
    server: 'mosquitto',
    how: 'no certificate is required, and a login is, which the valid client has not',
    start: async (t) => mosquitto(t, 'allow_anonymous false\nrequire_certificate false'),
    holes: undefined,
  },
  {
    peers: ['slapd'],
    server: 'slapd',
    how: 'sound, at ldaps',
    start: async (t) => slapd(t, 'demand', 'ldaps'),
    holes: [],
  },
  {
    peers: ['slapd'],
    server: 'slapd',
    how: 'takes everybody, at ldaps',
    start: async (t) => slapd(t, 'never', 'ldaps'),
    holes: [...anybody, 'other-key'],
  },
];

for (const { peers, server, how, start, holes, starttls, path } of rows)
  withPeer(peers, `${server}: ${how}`, async (t) => {
    const { folder } = desk(t);
    const { port } = await start(t, folder);
    const proven = await proveAt(
      t,
      folder,
      port,
      ...withKey,
      '--cacert',
      'ca.crt',
      '--servername',
      'shop.localhost',
      ...(starttls === undefined ? [] : ['--starttls', starttls]),
      ...(path === undefined ? [] : ['--path', path]),
    );
    t.log(table(proven));
    t.log(`${proven.proof.connections} connections, ${proven.proof.milliseconds} ms`);
    if (!holes) t.is(proven.exitCode, 3, table(proven));
    else if (holes.length === 0) enforced(t, proven);
    else notEnforced(t, proven, holes);
  });

/** With the command of the documentation, and what makes the server read the list. */
async function revoking(t: ExecutionContext, folder: string, port: number, reload: string): Promise<Proven> {
  const command = `"${process.execPath}" "${mainFile}" certs revoke "$WIRELAB_CERTIFICATE" --ca ca.crt --ca-key ca.key --crl ca.crl >/dev/null && ${reload}`;
  return proveAt(t, folder, port, ...withKey, '--revoke-command', command);
}

withPeer('nginx', 'nginx: revocation, with ssl_crl and a reload', async (t) => {
  const { folder } = desk(t);
  const { port, pid } = await nginx(t, folder, `ssl_verify_client on; ssl_crl ${folder}/ca.crl;`);
  const proven = await revoking(t, folder, port, `kill -HUP ${pid}`);
  t.log(table(proven));
  enforced(t, proven);
  t.is(proven.clients.get('revoked')?.mark, 'ok');
});

withPeer('nginx', 'nginx: the list is ignored', async (t) => {
  const { folder } = desk(t);
  const { port, pid } = await nginx(t, folder, 'ssl_verify_client on;');
  const proven = await revoking(t, folder, port, `kill -HUP ${pid}`);
  t.log(table(proven));
  notEnforced(t, proven, ['revoked']);
});

withPeer('stunnel', 'stunnel: revocation, with CRLfile and a reload', async (t) => {
  const { folder } = desk(t);
  const { port, pid } = await stunnel(t, folder, `verifyChain = yes\nCRLfile = ${folder}/ca.crl`);
  const proven = await revoking(t, folder, port, `kill -HUP ${pid}`);
  t.log(table(proven));
  t.is(proven.clients.get('revoked')?.mark, 'ok', table(proven));
});

withPeer('stunnel', 'stunnel: the list is ignored', async (t) => {
  const { folder } = desk(t);
  const { port, pid } = await stunnel(t, folder, 'verifyChain = yes');
  notEnforced(t, await revoking(t, folder, port, `kill -HUP ${pid}`), ['revoked']);
});

/** etcd reads the list at every connection. */
for (const reads of [true, false])
  withPeer(
    'etcd',
    `etcd: ${reads ? 'revocation, with --client-crl-file' : 'the list is ignored'}`,
    async (t) => {
      const { folder } = desk(t);
      const running = await startEtcd(
        {
          certificate: world.chain('shop'),
          key: world.identity('shop').key,
          clientAuthority: world.certificate('ca'),
        },
        ...(reads ? ['--client-crl-file', `${folder}/ca.crl`] : []),
      );
      t.teardown(async () => running.close());
      const proven = await revoking(t, folder, running.port, 'true');
      t.log(table(proven));
      if (reads) enforced(t, proven);
      else notEnforced(t, proven, ['revoked']);
    },
  );
