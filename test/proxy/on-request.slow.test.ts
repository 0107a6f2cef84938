/**
 * TLS on request and PROXY headers between real programs: psql and PostgreSQL, ldapsearch and slapd, curl and haproxy, through a proxy
 * that ends TLS on both sides. With mutual TLS a client without a certificate is refused.
 */
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../helpers/free-port.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { listening, newLog, world } from '../features/support/shop.ts';
import { eventsOf, openProxy, streamOf } from './support/proxies.ts';

/** Of Debian's user for it, since PostgreSQL does not run as root. */
const unprivileged = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;

interface Folder {
  readonly path: string;
  readonly file: (name: string, text: string, mode?: number) => string;
}

function folderFor(t: ExecutionContext): Folder {
  const path = mkdtempSync(join(tmpdir(), 'wirelab-peer-'));
  if (isRoot) chownSync(path, unprivileged.uid, unprivileged.gid);
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    file(name, text, mode = 0o600) {
      const file = join(path, name);
      writeFileSync(file, text);
      chmodSync(file, mode);
      if (isRoot) chownSync(file, unprivileged.uid, unprivileged.gid);
      return file;
    },
  };
}

/** Starts a server that stays in the foreground, and waits until its port is open. */
async function startServer(
  t: ExecutionContext,
  program: string,
  parameters: readonly string[],
  port: number,
): Promise<void> {
  const child = spawn(program, [...parameters], { stdio: 'ignore', ...(isRoot ? unprivileged : {}) });
  const ended = new Promise((resolve) => child.once('close', resolve));
  t.teardown(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    const attempt = (left: number): void => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve();
      });
      socket.once('error', () => {
        if (left === 0) reject(new Error(`${program} does not listen`));
        else setTimeout(() => attempt(left - 1), 100);
      });
    };
    attempt(150);
  });
}

const serverFiles = ({ file }: Folder) => ({
  cert: file('server.crt', world().chain('shop')),
  key: file('server.key', world().identity('shop').key),
  ca: file('ca.crt', world().authority('server-ca'), 0o644),
  clientCert: file('alice.crt', world().chain('alice'), 0o644),
  clientKey: file('alice.key', world().identity('alice').key),
});

const programs = '/usr/lib/postgresql';
const postgresFolder = existsSync(programs)
  ? readdirSync(programs)
      .map((version) => join(programs, version, 'bin'))
      .findLast((folder) => existsSync(join(folder, 'initdb')))
  : undefined;

withPeer(
  'psql',
  'psql and PostgreSQL: SSLRequest is answered and made; mutual TLS refuses a client without a certificate',
  async (t) => {
    if (postgresFolder === undefined) {
      t.pass('the server is not installed');
      return;
    }
    const folder = folderFor(t);
    const { cert, key, ca, clientCert, clientKey } = serverFiles(folder);
    const data = join(folder.path, 'data');
    const made = await new Promise<number | null>((resolve) =>
      spawn(join(postgresFolder, 'initdb'), ['-D', data, '-U', 'alice', '-A', 'trust'], {
        stdio: 'ignore',
        ...(isRoot ? unprivileged : {}),
      }).once('close', resolve),
    );
    t.is(made, 0);
    const port = await freePort();
    const options = [
      `-cssl=on`,
      `-cssl_cert_file=${cert}`,
      `-cssl_key_file=${key}`,
      `-cunix_socket_directories=${folder.path}`,
    ];
    await startServer(
      t,
      join(postgresFolder, 'postgres'),
      ['-D', data, '-h', '127.0.0.1', '-p', String(port), ...options],
      port,
    );
    const log = newLog();
    const proxy = await openProxy(t, {
      log,
      kind: 'mtls',
      to: { host: '127.0.0.1', port },
      second: 'tls',
      more: { pump: 'bytes', starttls: { client: 'postgres', target: 'postgres' } },
    });
    const at = `host=127.0.0.1 port=${proxy.address.port} user=alice dbname=postgres sslmode=verify-full sslrootcert=${ca}`;
    const ask = async (more: string) =>
      runProgram(
        'psql',
        [`${at} ${more}`, '-Atc', 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'],
        {
          // Nothing of the machine's user.
          env: { ...process.env, HOME: folder.path },
        },
      );
    const admitted = await ask(`sslcert=${clientCert} sslkey=${clientKey}`);
    t.is(admitted.stdout.trim(), 't', admitted.stderr);
    t.regex(streamOf(log, 'A', 'plaintext', 'client'), /pg_stat_ssl/);
    t.regex(streamOf(log, 'B', 'wire', 'client'), /^\0\0\0\x08\x04\xd2\x16\x2f\x16\x03/);
    const refused = await ask('sslcert=/nowhere');
    t.not(refused.exitCode, 0);
    t.regex(refused.stderr, /certificate required/);
    const plain = await ask('sslmode=disable');
    t.regex(plain.stderr, /this server requires TLS/);
    t.deepEqual(
      eventsOf(log, 'refused').map(({ reason }) => reason),
      ['certificate_missing', 'starttls_required'],
    );
  },
);

withPeer(['slapd', 'ldapsearch'], 'ldapsearch -ZZ and slapd: StartTLS is answered and made', async (t) => {
  const folder = folderFor(t);
  const { cert, key, ca } = serverFiles(folder);
  mkdirSync(join(folder.path, 'db'));
  if (isRoot) chownSync(join(folder.path, 'db'), unprivileged.uid, unprivileged.gid);
  const config = folder.file(
    'slapd.conf',
    [
      'include /etc/ldap/schema/core.schema',
      `TLSCertificateFile ${cert}`,
      `TLSCertificateKeyFile ${key}`,
      `pidfile ${folder.path}/pid`,
      'modulepath /usr/lib/ldap',
      'moduleload back_mdb',
      'database mdb',
      'suffix "dc=shop"',
      'rootdn "cn=admin,dc=shop"',
      'rootpw tiger-lily',
      `directory ${folder.path}/db`,
      '',
    ].join('\n'),
  );
  const port = await freePort();
  await startServer(t, 'slapd', ['-d', '0', '-f', config, '-h', `ldap://127.0.0.1:${port}/`], port);
  const log = newLog();
  const proxy = await openProxy(t, {
    log,
    kind: 'tls',
    to: { host: '127.0.0.1', port },
    second: 'tls',
    more: { pump: 'bytes', starttls: { client: 'ldap', target: 'ldap' } },
  });
  const ask = async (...more: readonly string[]) =>
    runProgram(
      'ldapwhoami',
      [
        '-x',
        ...more,
        '-H',
        `ldap://127.0.0.1:${proxy.address.port}`,
        '-D',
        'cn=admin,dc=shop',
        '-w',
        'tiger-lily',
      ],
      { env: { ...process.env, LDAPTLS_CACERT: ca } },
    );
  const secured = await ask('-ZZ');
  t.regex(secured.stdout, /dn:cn=admin,dc=shop/, secured.stderr);
  t.regex(streamOf(log, 'A', 'plaintext', 'client'), /tiger-lily/);
  t.notRegex(streamOf(log, 'A', 'wire', 'client'), /tiger-lily/);
  t.regex((await ask()).stderr, /Confidentiality required/);
  t.deepEqual(
    eventsOf(log, 'refused').map(({ reason }) => reason),
    ['starttls_required'],
  );
});

for (const [version, directive] of [
  [1, 'send-proxy'],
  [2, 'send-proxy-v2 proxy-v2-options unique-id,ssl'],
] as const)
  withPeer(
    ['haproxy', 'curl'],
    `haproxy on both sides: headers of version ${version} are read and written`,
    async (t) => {
      const folder = folderFor(t);
      const [front, behind] = [await freePort(), await freePort()];
      const log = newLog();
      const proxy = await openProxy(t, {
        log,
        kind: 'plaintext',
        to: { host: '127.0.0.1', port: behind },
        more: {
          pump: 'bytes',
          accept: { ...listening('plain'), proxyHeader: true },
          targetProxyHeader: version,
        },
      });
      const config = folder.file(
        'haproxy.cfg',
        `global
  maxconn 50
defaults
  mode tcp
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend front
  bind 127.0.0.1:${front}
  default_backend wirelab
backend wirelab
  server one 127.0.0.1:${proxy.address.port} ${directive}
frontend behind
  mode http
  bind 127.0.0.1:${behind} accept-proxy
  http-request return status 200 content-type text/plain lf-string "%[src]:%[src_port]"
`,
      );
      await startServer(t, 'haproxy', ['-f', config, '-db'], front);
      const { stdout, stderr } = await runProgram('curl', [
        '-sS',
        '--local-port',
        '30000-60000',
        '-w',
        ' %{local_port}',
        `http://127.0.0.1:${front}/`,
      ]);
      const [said = '', port = ''] = stdout.split(' ');
      t.is(said, `127.0.0.1:${port}`, stderr);
      const opened = eventsOf(log, 'opened', 'A').at(-1);
      t.deepEqual(opened?.from, { host: '127.0.0.1', port: Number(port) });
      t.is(opened?.to.port, front);
    },
  );
