/** Logins of real programs at real servers, through proxies: what each gives away, and to whom. */

import type { ExecutionContext } from 'ava';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { outcomeOf } from '../../src/analysis/outcome/outcome.ts';
import { Flows } from '../../src/capture/flows.ts';
import { PcapngSpool } from '../../src/capture/file/pcapng-writer.ts';
import type { CaptureLog } from '../../src/capture/log.ts';
import { listening, newLog, world } from '../features/support/shop.ts';
import { freePort } from '../helpers/free-port.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { fileIn, folderOf, heard, postgresFolder, prepare, serving } from './support/programs.ts';
import { eventsOf, openProxy } from './support/proxies.ts';

const certificates = (folder: string) => ({
  ca: fileIn(folder, 'ca.crt', world().authority('server-ca')),
  serverCertificate: fileIn(folder, 'shop.crt', world().identity('shop').certificate),
  serverKey: fileIn(folder, 'shop.key', world().identity('shop').key, 0o600),
  certificate: fileIn(folder, 'alice.crt', world().identity('alice').certificate),
  key: fileIn(folder, 'alice.key', world().identity('alice').key, 0o600),
});

const secretsIn = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('  '));

/** What tshark says of a recording. */
async function tshark(
  log: CaptureLog,
  folder: string,
  port: number,
  protocol: string,
  field: string,
): Promise<string[]> {
  const path = join(folder, 'seen.pcapng');
  rmSync(path, { force: true });
  const spool = new PcapngSpool(path);
  for (const event of log.events) spool.fold(event);
  spool.close();
  const { stdout } = await runProgram('tshark', [
    '-r',
    path,
    '-d',
    `tcp.port==${port},${protocol}`,
    '-Y',
    field,
    '-T',
    'fields',
    '-e',
    field,
  ]);
  return [...new Set(stdout.trim().split('\n'))];
}

/** TLS from end to end, through a proxy that ends none: the handshake is seen, and nothing that it protects. */
async function passesSealed(
  t: ExecutionContext,
  port: number,
  say: (at: number) => Promise<unknown>,
): Promise<void> {
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'passthrough', to: { host: '127.0.0.1', port } });
  await say(proxy.address.port);
  const lines = await heard(log, 'A', 'wire');
  t.true(
    lines.some((line) => line.includes('ClientHello')),
    lines.join('\n'),
  );
  t.deepEqual(secretsIn(lines), []);
}

for (const kind of ['plaintext', 'tls', 'mtls', 'passthrough'] as const)
  withPeer(['redis-server', 'redis-cli'], `Redis through ${kind}: AUTH and HELLO`, async (t) => {
    const folder = folderOf(t);
    const { ca, serverCertificate, serverKey, certificate, key } = certificates(folder);
    const [port, tlsPort] = [await freePort(), await freePort()];
    const settings = {
      port,
      bind: '127.0.0.1',
      save: '',
      requirepass: 'tiger-lily',
      'tls-port': tlsPort,
      'tls-cert-file': serverCertificate,
      'tls-key-file': serverKey,
      'tls-ca-cert-file': ca,
      'tls-auth-clients': 'no',
    };
    await serving(
      t,
      'redis-server',
      Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
      port,
    );
    const log = newLog();
    const proxy = await openProxy(t, { log, kind, to: { host: '127.0.0.1', port }, more: { pump: 'bytes' } });
    const isTls = kind === 'tls' || kind === 'mtls';
    const say = async (at: number, isSecured: boolean) =>
      runProgram(
        'redis-cli',
        [
          '-h',
          '127.0.0.1',
          '-p',
          String(at),
          ...(isSecured ? ['--tls', '--cacert', ca] : []),
          ...(kind === 'mtls' ? ['--cert', certificate, '--key', key] : []),
        ],
        { input: 'AUTH tiger-lily\nHELLO 3 AUTH default tiger-lily\nSET a b\nGET a\n' },
      );
    t.regex((await say(proxy.address.port, isTls)).stdout, /\bb\b/);
    const lines = await heard(log, 'A', isTls ? 'plaintext' : 'wire');
    t.deepEqual(secretsIn(lines), [
      '  auth_command (readable) default: tiger-lily',
      '  auth_command (readable) default: tiger-lily',
    ]);
    t.true(lines.includes('→ redis SET a') && lines.includes('← redis string of 1 B'), lines.join('\n'));
    if (isTls) t.deepEqual(secretsIn(await heard(log, 'A', 'wire')), []);
    if (kind === 'passthrough')
      await passesSealed(t, tlsPort, async (at) => t.regex((await say(at, true)).stdout, /\bb\b/));
  });

/** PostgreSQL's logins through each proxy, and on which side TLS is requested in its protocol. */
const postgresWays = [
  { kind: 'plaintext', mode: 'disable' },
  { kind: 'passthrough', mode: 'disable' },
  { kind: 'passthrough', mode: 'verify-ca' },
  { kind: 'plaintext', second: 'tls', mode: 'disable' },
  { kind: 'tls', mode: 'verify-ca' },
  { kind: 'tls', second: 'tls', mode: 'verify-ca' },
  // The proxy has the server's own certificate: the login is bound to that.
  { kind: 'tls', second: 'tls', mode: 'verify-ca', identity: 'database' },
  { kind: 'mtls', mode: 'verify-ca' },
  { kind: 'mtls', second: 'tls', mode: 'verify-ca' },
] as const;

/** Each with the login that the server asks for, and what it gives away. */
const postgresUsers = [
  { user: 'carol', method: 'password', gives: /^ {2}password_message \(readable\) carol: tiger-lily$/ },
  { user: 'bob', method: 'md5', gives: /^ {2}postgres_md5 \(guessable\) bob: md5[0-9a-f]{32}$/ },
  {
    user: 'alice',
    method: 'scram-sha-256',
    gives: /^ {2}scram \(guessable\) alice: [A-Za-z0-9+/]{43}=$/,
  },
] as const;

/** Who failed, why, and at which end, by what each connection of a wire shows. */
async function causesOn(log: CaptureLog, hop: string): Promise<string[]> {
  await loadReadings();
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  return flows.connections
    .filter((connection) => connection.hop === hop)
    .flatMap((connection) => {
      const { cause, by, confidence } = outcomeOf(connection);
      return cause === undefined ? [] : [`${cause} by ${by}, ${confidence}`];
    });
}

withPeer(
  ['psql', 'pg_ctlcluster', 'tshark'],
  'PostgreSQL through plaintext, TLS, mutual TLS and passthrough, with TLS on either hop: a password, MD5, SCRAM, and SCRAM that is bound to a certificate',
  async (t) => {
    const folder = folderOf(t);
    const { ca, certificate, key } = certificates(folder);
    const database = world().identity('database');
    const serverCertificate = fileIn(folder, 'database.crt', database.certificate);
    const serverKey = fileIn(folder, 'database.key', database.key, 0o600);
    const bin = postgresFolder();
    const data = join(folder, 'data');
    const password = fileIn(folder, 'password', 'tiger-lily\n');
    await prepare(join(bin, 'initdb'), [
      '-D',
      data,
      '-U',
      'alice',
      `--pwfile=${password}`,
      '-A',
      'scram-sha-256',
      '-N',
    ]);
    const rules = postgresUsers.map(({ user, method }) => `host all ${user} 127.0.0.1/32 ${method}\n`);
    fileIn(data, 'pg_hba.conf', rules.join(''), 0o600);
    const port = await freePort();
    await serving(
      t,
      join(bin, 'postgres'),
      [
        '-D',
        data,
        '-p',
        String(port),
        '-k',
        folder,
        ...['listen_addresses=127.0.0.1', 'fsync=off', 'ssl=on'].flatMap((setting) => ['-c', setting]),
        ...[`ssl_cert_file=${serverCertificate}`, `ssl_key_file=${serverKey}`].flatMap((one) => ['-c', one]),
      ],
      port,
      { asOrdinary: true },
    );
    const query = async (at: number, user: string, sql: string, more: string) =>
      runProgram(
        'psql',
        [
          `host=127.0.0.1 port=${at} user=${user} dbname=postgres gssencmode=disable sslrootcert=${ca} ${more}`,
          '-Atc',
          sql,
        ],
        // Nothing of the machine's user.
        { env: { ...process.env, HOME: folder, PGPASSWORD: 'tiger-lily' } },
      );
    const users =
      "create user carol password 'tiger-lily'; set password_encryption = 'md5'; create user bob password 'tiger-lily'";
    for (let left = 100; ; left--) {
      const made = await query(port, 'alice', users, 'sslmode=disable');
      if (made.exitCode === 0) break;
      if (left === 0 || !/starting up/.test(made.stderr)) t.fail(made.stderr);
    }
    const secured = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
    for (const way of postgresWays) {
      const { kind, mode } = way;
      const second = 'second' in way ? way.second : 'plain';
      const isEnded = kind === 'tls' || kind === 'mtls';
      const isSealed = kind === 'passthrough' && mode !== 'disable';
      const isSame = 'identity' in way;
      const log = newLog();
      const proxy = await openProxy(t, {
        log,
        kind,
        to: { host: '127.0.0.1', port },
        second,
        more: {
          pump: 'bytes',
          ...(isSame ? { accept: listening('tls', { identity: database }) } : {}),
          starttls: {
            ...(isEnded ? { client: 'postgres' } : {}),
            ...(second === 'tls' ? { target: 'postgres' } : {}),
          },
        },
      });
      const at = proxy.address.port;
      const shown = `sslmode=${mode} ${
        kind === 'mtls' ? `sslcert=${certificate} sslkey=${key}` : 'sslcert=/nowhere'
      }`;
      const read = async (hop: string, isAbove: boolean): Promise<string[]> =>
        secretsIn(await heard(log, hop, isAbove ? 'plaintext' : 'wire'));
      // SCRAM is bound to the certificate that the client saw, where server and client both have TLS.
      const isUnbound = second === 'tls' && !isSame;
      for (const { user, gives, method } of postgresUsers) {
        const name = `${kind}, ${second}, ${mode}, ${user}`;
        const before = (await read('A', isEnded)).length;
        if (isUnbound && method === 'scram-sha-256') {
          const bound = await query(at, user, secured, shown);
          t.regex(bound.stderr, /channel binding|over a non-SSL connection/, name);
          const by = kind === 'plaintext' ? 'client' : 'server';
          const cause = `channel_binding_refused by ${by}, proven`;
          await log.until(() => eventsOf(log, 'closed').length === eventsOf(log, 'opened').length, 5_000);
          t.deepEqual(await causesOn(log, 'A'), [cause], name);
          t.deepEqual((await causesOn(log, 'B')).length > 0, isEnded, name);
          // A client without TLS has no way round it.
          if (kind === 'plaintext') continue;
        }
        const said = await query(at, user, secured, `${shown} ${isUnbound ? 'channel_binding=disable' : ''}`);
        t.is(said.stdout.trim(), second === 'tls' || isSealed ? 't' : 'f', `${name}: ${said.stderr}`);
        if (isSealed) t.deepEqual(await read('A', false), [], name);
        else {
          t.regex((await read('A', isEnded)).at(-1) ?? '', gives, name);
          t.true((await read('A', isEnded)).length > before, name);
        }
        t.regex((await read('B', second === 'tls')).at(-1) ?? '', isSealed ? /^$/ : gives, name);
        if (isEnded) t.deepEqual(await read('A', false), [], name);
        if (second === 'tls') t.deepEqual(await read('B', false), [], name);
      }
      if (isSealed || isEnded)
        t.true((await heard(log, 'A', 'wire')).includes('← postgres S: TLS may begin'), kind);
      else t.true((await tshark(log, folder, at, 'pgsql', 'pgsql.password')).includes('tiger-lily'), kind);
    }
  },
);

withPeer(
  ['psql', 'pg_ctlcluster'],
  'PostgreSQL without TLS: a client that would like it is told no, and goes on in clear',
  async (t) => {
    const folder = folderOf(t);
    const bin = postgresFolder();
    const data = join(folder, 'data');
    await prepare(join(bin, 'initdb'), ['-D', data, '-U', 'alice', '-A', 'trust', '-N']);
    const port = await freePort();
    await serving(
      t,
      join(bin, 'postgres'),
      ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1', '-F'],
      port,
      { asOrdinary: true },
    );
    const log = newLog();
    const proxy = await openProxy(t, { log, kind: 'passthrough', to: { host: '127.0.0.1', port } });
    const { stdout, stderr } = await runProgram('psql', [
      `host=127.0.0.1 port=${proxy.address.port} user=alice dbname=postgres sslmode=prefer gssencmode=disable`,
      '-Atc',
      'select 40 + 2',
    ]);
    t.is(stdout.trim(), '42', stderr);
    const lines = await heard(log, 'A', 'wire');
    t.true(lines.includes('← postgres N: TLS refused, the login goes on in clear'), lines.join('\n'));
    t.true(lines.includes('→ postgres Query select 40 + 2') && lines.includes('← postgres DataRow'));
  },
);

/**
 * What MySQL's login is through each proxy, and on which side TLS is requested in its protocol: what the client shows at its own
 * wire, and what the proxy's endpoint reads there.
 */
const mysqlWays = [
  { kind: 'plaintext', words: ['--skip-ssl'] },
  { kind: 'passthrough', words: ['--skip-ssl'] },
  { kind: 'passthrough', words: ['--ssl'] },
  { kind: 'plaintext', second: 'tls', words: ['--skip-ssl'] },
  { kind: 'tls', words: ['--ssl'] },
  { kind: 'tls', second: 'tls', words: ['--ssl'] },
  { kind: 'mtls', words: ['--ssl'] },
  { kind: 'mtls', second: 'tls', words: ['--ssl'] },
] as const;

withPeer(
  ['mariadb', 'mariadbd', 'mariadb-install-db', 'tshark'],
  'MariaDB through plaintext, TLS, mutual TLS and passthrough, with TLS on either hop: a login with a password, sealed or guessable',
  async (t) => {
    const folder = folderOf(t);
    const { ca, serverCertificate, serverKey, certificate, key } = certificates(folder);
    const port = await freePort();
    const start = fileIn(
      folder,
      'start.sql',
      "CREATE USER alice@'127.0.0.1' IDENTIFIED BY 'tiger-lily';\nCREATE USER alice@localhost IDENTIFIED BY 'tiger-lily';\n",
    );
    await prepare('mariadb-install-db', [
      '--no-defaults',
      `--datadir=${join(folder, 'data')}`,
      '--skip-test-db',
      '--skip-name-resolve',
    ]);
    await serving(
      t,
      'mariadbd',
      [
        '--no-defaults',
        `--datadir=${join(folder, 'data')}`,
        `--socket=${join(folder, 's')}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        `--init-file=${start}`,
        `--ssl-cert=${serverCertificate}`,
        `--ssl-key=${serverKey}`,
      ],
      port,
      { asOrdinary: true },
    );
    const query = async (at: number, sql: string, ...words: string[]) =>
      runProgram('mariadb', [
        '--no-defaults',
        '-h127.0.0.1',
        `-P${at}`,
        '-ualice',
        '-Ne',
        sql,
        ...(words.some((word) => word.startsWith('-p')) ? [] : ['-ptiger-lily']),
        ...words,
      ]);
    for (const way of mysqlWays) {
      const { kind, words } = way;
      const second = 'second' in way ? way.second : 'plain';
      const isEnded = kind === 'tls' || kind === 'mtls';
      const isTls = words[0] === '--ssl';
      const name = `${kind}, ${second}, ${words.join(' ')}`;
      const log = newLog();
      const proxy = await openProxy(t, {
        log,
        kind,
        to: { host: '127.0.0.1', port },
        second,
        more: {
          pump: 'bytes',
          starttls: {
            ...(isEnded ? { client: 'mysql' } : {}),
            ...(second === 'tls' ? { target: 'mysql' } : {}),
          },
        },
      });
      const shown = [
        ...words,
        ...(isEnded ? [`--ssl-ca=${ca}`] : []),
        ...(kind === 'mtls' ? [`--ssl-cert=${certificate}`, `--ssl-key=${key}`] : []),
      ];
      const cipher = await query(proxy.address.port, "show status like 'Ssl_cipher'", ...shown);
      t.regex(
        cipher.stdout,
        second === 'tls' || (kind === 'passthrough' && isTls) ? /Ssl_cipher\s+TLS_/ : /^Ssl_cipher\s*$/,
        `${name}: ${cipher.stderr}`,
      );
      // More than one packet each way, behind the login.
      t.is(
        (await query(proxy.address.port, "select length(repeat('x', 70000))", ...shown)).stdout.trim(),
        '70000',
      );
      t.regex(
        (await query(proxy.address.port, 'select 1', '-pwrong', ...shown)).stderr,
        /1045.*Access denied/,
        name,
      );
      const wire = await heard(log, 'A', 'wire');
      if (isTls) {
        t.deepEqual(secretsIn(wire), [], name);
        t.true(wire.includes('→ mysql SSLRequest: TLS begins'), `${name}\n${wire.join('\n')}`);
      }
      if (!isTls || isEnded) {
        const read = isEnded ? await heard(log, 'A', 'plaintext') : wire;
        t.is(secretsIn(read).length, 3, name);
        for (const line of secretsIn(read))
          t.regex(line, /^ {2}mysql_native_password \(guessable\) alice: [0-9a-f]{40}$/);
        t.false(read.includes('→ mysql COM_QUERY select 1'), 'a wrong password asks nothing');
        t.true(
          read.some((line) => line.startsWith('→ mysql COM_QUERY select length')),
          `${name}\n${read.join('\n')}`,
        );
        t.true(
          read.some((line) => line.startsWith('← mysql ERR 1045')),
          name,
        );
      }
      if (second === 'tls') {
        t.deepEqual(secretsIn(await heard(log, 'B', 'wire')), [], name);
        t.is(secretsIn(await heard(log, 'B', 'plaintext')).length, 3, name);
      } else if (isEnded) t.is(secretsIn(await heard(log, 'B', 'wire')).length, 3, name);
      if (!isTls)
        t.true(
          (await tshark(log, folder, proxy.address.port, 'mysql', 'mysql.user')).includes('alice'),
          name,
        );
      if (!isEnded) continue;
      t.deepEqual(eventsOf(log, 'refused'), [], name);
      const refused = await query(proxy.address.port, 'select 1', '--skip-ssl');
      t.regex(refused.stderr, /3159.*this server requires TLS/, name);
      const unknown =
        kind === 'mtls' ? await query(proxy.address.port, 'select 1', '--ssl', `--ssl-ca=${ca}`) : undefined;
      if (unknown) t.not(unknown.exitCode, 0);
      t.deepEqual(
        eventsOf(log, 'refused').map(({ hop, reason }) => `${hop} ${reason}`),
        ['A starttls_required', ...(unknown ? ['A certificate_missing'] : [])],
        name,
      );
    }
  },
);

for (const kind of ['plaintext', 'tls', 'mtls', 'passthrough'] as const)
  withPeer(
    ['mosquitto', 'mosquitto_pub', 'mosquitto_passwd', 'tshark'],
    `MQTT through ${kind}: the password, topics, and a login that is refused`,
    async (t) => {
      const folder = folderOf(t);
      const { ca, serverCertificate, serverKey, certificate, key } = certificates(folder);
      const [port, tlsPort] = [await freePort(), await freePort()];
      // Its own user reads them.
      chmodSync(serverKey, 0o644);
      const passwords = fileIn(folder, 'passwords', 'alice:tiger-lily\n', 0o600);
      t.is((await runProgram('mosquitto_passwd', ['-U', passwords])).exitCode, 0);
      // It gives up root's rights and reads the file behind that.
      fileIn(folder, 'passwords', readFileSync(passwords, 'utf8'));
      const configuration = fileIn(
        folder,
        'mosquitto.conf',
        [
          `listener ${port} 127.0.0.1`,
          `listener ${tlsPort} 127.0.0.1`,
          `certfile ${serverCertificate}`,
          `keyfile ${serverKey}`,
          'allow_anonymous false',
          `password_file ${passwords}`,
          '',
        ].join('\n'),
      );
      await serving(t, 'mosquitto', ['-c', configuration], port);
      const log = newLog();
      const proxy = await openProxy(t, {
        log,
        kind,
        to: { host: '127.0.0.1', port },
        more: { pump: 'bytes' },
      });
      const isTls = kind === 'tls' || kind === 'mtls';
      const publish = async (password: string, at = proxy.address.port, isSecured = isTls) =>
        runProgram('mosquitto_pub', [
          '-h',
          '127.0.0.1',
          '-p',
          String(at),
          '-u',
          'alice',
          '-P',
          password,
          '-t',
          'shop/orders',
          '-m',
          'hello',
          '-V',
          password === 'wrong' ? '5' : '311',
          ...(isSecured ? ['--cafile', ca] : []),
          ...(kind === 'mtls' ? ['--cert', certificate, '--key', key] : []),
        ]);
      t.is((await publish('tiger-lily')).exitCode, 0);
      t.not((await publish('wrong')).exitCode, 0);
      const lines = await heard(log, 'A', isTls ? 'plaintext' : 'wire');
      t.deepEqual(secretsIn(lines), [
        '  password_message (readable) alice: tiger-lily',
        '  password_message (readable) alice: wrong',
      ]);
      t.true(
        lines.includes('→ mqtt PUBLISH shop/orders, QoS 0') &&
          lines.includes('← mqtt CONNACK, not authorized'),
        lines.join('\n'),
      );
      if (isTls) t.deepEqual(secretsIn(await heard(log, 'A', 'wire')), []);
      else
        t.deepEqual(await tshark(log, folder, proxy.address.port, 'mqtt', 'mqtt.passwd'), [
          'tiger-lily',
          'wrong',
        ]);
      if (kind === 'passthrough')
        await passesSealed(t, tlsPort, async (at) =>
          t.is((await publish('tiger-lily', at, true)).exitCode, 0),
        );
    },
  );

for (const kind of ['plaintext', 'tls', 'mtls', 'passthrough'] as const)
  withPeer(
    ['slapd', 'ldapsearch', 'tshark'],
    `LDAP through ${kind}: a simple bind, a search, StartTLS`,
    async (t) => {
      const folder = folderOf(t);
      const { ca, serverCertificate, serverKey, certificate, key } = certificates(folder);
      const port = await freePort();
      mkdirSync(join(folder, 'db'));
      const configuration = fileIn(
        folder,
        'slapd.conf',
        [
          'include /etc/ldap/schema/core.schema',
          'modulepath /usr/lib/ldap',
          'moduleload back_mdb',
          `pidfile ${join(folder, 'pid')}`,
          `TLSCertificateFile ${serverCertificate}`,
          `TLSCertificateKeyFile ${serverKey}`,
          'database mdb',
          'suffix dc=shop',
          'rootdn cn=admin,dc=shop',
          'rootpw tiger-lily',
          `directory ${join(folder, 'db')}`,
          '',
        ].join('\n'),
      );
      await serving(t, 'slapd', ['-f', configuration, '-h', `ldap://127.0.0.1:${port}`, '-d', '0'], port);
      const log = newLog();
      const proxy = await openProxy(t, {
        log,
        kind,
        to: { host: '127.0.0.1', port },
        more: { pump: 'bytes' },
      });
      const isTls = kind === 'tls' || kind === 'mtls';
      const search = async (password: string, ...words: string[]) =>
        runProgram(
          'ldapsearch',
          [
            '-x',
            '-H',
            `ldap${isTls ? 's' : ''}://127.0.0.1:${proxy.address.port}`,
            '-D',
            'cn=admin,dc=shop',
            '-w',
            password,
            '-b',
            'dc=shop',
            '(cn=Ann*)',
            ...words,
          ],
          {
            env: {
              ...process.env,
              LDAPTLS_CACERT: ca,
              ...(kind === 'mtls' ? { LDAPTLS_CERT: certificate, LDAPTLS_KEY: key } : {}),
            },
          },
        );
      // There is nothing in the directory yet.
      t.is((await search('tiger-lily')).exitCode, 32);
      t.is((await search('wrong')).exitCode, 49);
      const lines = await heard(log, 'A', isTls ? 'plaintext' : 'wire');
      t.deepEqual(secretsIn(lines), [
        '  simple_bind (readable) cn=admin,dc=shop: tiger-lily',
        '  simple_bind (readable) cn=admin,dc=shop: wrong',
      ]);
      for (const line of [
        '→ ldap SearchRequest, dc=shop, subtree, (cn=Ann*)',
        '← ldap SearchResultDone, no such object',
        '← ldap BindResponse, invalid credentials',
      ])
        t.true(lines.includes(line), lines.join('\n'));
      if (isTls) {
        t.deepEqual(secretsIn(await heard(log, 'A', 'wire')), []);
        return;
      }
      t.deepEqual(await tshark(log, folder, proxy.address.port, 'ldap', 'ldap.simple'), [
        'tiger-lily',
        'wrong',
      ]);
      if (kind !== 'passthrough') return;
      t.is((await search('tiger-lily', '-ZZ')).exitCode, 32);
      const after = await heard(log, 'A', 'wire');
      t.true(
        after.includes('→ ldap ExtendedRequest, StartTLS') &&
          after.some((line) => line.includes('ClientHello')),
      );
      t.is(secretsIn(after).length, 2, 'what stands in TLS gives nothing away');
    },
  );

/** The system's own Python has the packages of the distribution, whichever stands first in the path. */
async function pythonWith(library: string): Promise<string | undefined> {
  for (const python of ['python3', '/usr/bin/python3']) {
    const { exitCode } = await runProgram(python, ['-c', `import ${library}`]);
    if (exitCode === 0) return python;
  }
  return undefined;
}

for (const kind of ['plaintext', 'tls'] as const)
  withPeer(
    ['python3', 'tshark'],
    `a WebSocket of Python’s library through ${kind}, compressed`,
    async (t) => {
      const folder = folderOf(t);
      const { ca } = certificates(folder);
      const python = await pythonWith('websockets');
      if (python === undefined) {
        if (process.env['WIRELAB_PEERS_REQUIRED']) t.fail('not installed: python3-websockets');
        else t.pass('python3-websockets is not installed');
        return;
      }
      const port = await freePort();
      const server = fileIn(
        folder,
        'server.py',
        `import asyncio, websockets
async def echo(socket, *_):
    async for message in socket:
        await socket.send(message)
async def main():
    async with websockets.serve(echo, "127.0.0.1", ${port}):
        await asyncio.Future()
asyncio.run(main())
`,
      );
      await serving(t, python, [server], port);
      const log = newLog();
      const proxy = await openProxy(t, {
        log,
        kind,
        to: { host: '127.0.0.1', port },
        more: { pump: 'bytes' },
      });
      const secure = kind === 'tls';
      const client = fileIn(
        folder,
        'client.py',
        `import asyncio, ssl, websockets
async def main():
    context = ${secure ? `ssl.create_default_context(cafile=${JSON.stringify(ca)})` : 'None'}
    async with websockets.connect("ws${secure ? 's' : ''}://127.0.0.1:${proxy.address.port}/", ssl=context) as socket:
        for text in ["hello hello hello hello", '{"password": "tiger-lily"}', "hello hello again"]:
            await socket.send(text)
            print(await socket.recv())
asyncio.run(main())
`,
      );
      const { stdout, stderr } = await runProgram(python, [client]);
      t.regex(stdout, /hello again/, stderr);
      const lines = await heard(log, 'A', secure ? 'plaintext' : 'wire');
      const text = lines.join('\n');
      t.regex(text, /→ websocket text, \d+ B compressed, 23 B, hello hello hello hello/);
      t.regex(text, /← websocket text, \d+ B compressed, 17 B, hello hello again/);
      t.deepEqual(secretsIn(lines), [
        '  json_member (readable) password: tiger-lily',
        '  json_member (readable) password: tiger-lily',
      ]);
      t.regex(text, /websocket close 1000, normal closure/);
    },
  );

for (const kind of ['plaintext', 'tls'] as const)
  withPeer(
    'curl',
    `server-sent events read by curl through ${kind}: the response is seen before its end`,
    async (t) => {
      const folder = folderOf(t);
      const { ca } = certificates(folder);
      const server = createServer((_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const price of [41, 42]) response.write(`event: price\ndata: ${price}\n\n`);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.teardown(() => {
        server.closeAllConnections();
        server.close();
      });
      const { port } = server.address() as AddressInfo;
      const log = newLog();
      const proxy = await openProxy(t, {
        log,
        kind,
        to: { host: '127.0.0.1', port },
        more: { pump: 'bytes' },
      });
      const { stdout } = await runProgram('curl', [
        '-sN',
        '--max-time',
        '2',
        '--cacert',
        ca,
        `http${kind === 'tls' ? 's' : ''}://127.0.0.1:${proxy.address.port}/`,
      ]);
      t.regex(stdout, /data: 42/);
      const lines = await heard(log, 'A', kind === 'tls' ? 'plaintext' : 'wire');
      t.deepEqual(
        lines.filter((line) => line.startsWith('←')),
        ['← http 200 OK, text/event-stream', '← sse event price, 41', '← sse event price, 42'],
      );
    },
  );
