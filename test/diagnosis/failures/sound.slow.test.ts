/** Servers with which nothing is wrong, most of them of other protocols than HTTP: no experiment makes a failure of them. */
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../helpers/free-port.ts';
import { withPeer } from '../../helpers/peer.ts';
import { file } from './certificates.ts';
import { diagnosed, wordsOf } from './diagnosing.ts';
import { accepts, folderOf, nginx, openssl, redis, run } from './programs.ts';
import { presents } from './rows/client-certificates.ts';
import { trusts } from './rows/server-certificates.ts';
import type { Serve } from './setting.ts';

const [certificate, key, clients] = [file('server.crt'), file('server.key'), file('clients.crt')];

/** @param args given the port, and a folder of its own */
const program =
  (name: string, args: (port: number, folder: string) => readonly string[]): Serve =>
  async (started) => {
    const [port, folder] = [await freePort(), folderOf(started)];
    chmodSync(folder, 0o755);
    await run(started, { program: name, args: args(port, folder) }, async () => accepts(port));
    return port;
  };

const mosquitto = (...settings: readonly string[]): Serve =>
  program('mosquitto', (port, folder) => {
    // It gives up its rights before it reads them.
    const own = ([from, to]: readonly [string, string]): string => {
      const place = join(folder, to);
      copyFileSync(from, place);
      chmodSync(place, 0o644);
      return place;
    };
    const lines = [
      `listener ${port} 127.0.0.1`,
      `certfile ${own([certificate, 'certificate'])}`,
      `keyfile ${own([key, 'key'])}`,
      `cafile ${own([clients, 'clients'])}`,
      'allow_anonymous true',
      ...settings,
    ];
    const place = join(folder, 'mosquitto.conf');
    writeFileSync(place, `${lines.join('\n')}\n`);
    return ['-c', place];
  });

const slapd = (scheme: 'ldap' | 'ldaps'): Serve =>
  program('slapd', (port, folder) => {
    const place = join(folder, 'slapd.conf');
    writeFileSync(
      place,
      `${['include /etc/ldap/schema/core.schema', `pidfile ${folder}/pid`, `TLSCertificateFile ${certificate}`, `TLSCertificateKeyFile ${key}`, `TLSCACertificateFile ${clients}`].join('\n')}\n`,
    );
    return ['-d', '0', '-h', `${scheme}://127.0.0.1:${port}`, '-f', place];
  });

const rows: readonly (readonly [title: string, needs: string, serve: Serve, call: readonly string[]])[] = [
  ['MQTT', 'mosquitto', mosquitto(), []],
  ['MQTT with client certificates', 'mosquitto', mosquitto('require_certificate true'), presents('client')],
  ['LDAP over TLS', 'slapd', slapd('ldaps'), []],
  ['LDAP that turns to TLS', 'slapd', slapd('ldap'), ['--starttls', 'ldap']],
  [
    'an echo (GnuTLS)',
    'gnutls-serv',
    program('gnutls-serv', (port) => [
      '--echo',
      '--port',
      String(port),
      '--x509certfile',
      certificate,
      '--x509keyfile',
      key,
    ]),
    [],
  ],
  [
    'a server that says nothing (openssl)',
    'openssl',
    program('openssl', (port) => [
      's_server',
      '-quiet',
      '-accept',
      `127.0.0.1:${port}`,
      '-cert',
      certificate,
      '-key',
      key,
    ]),
    [],
  ],
  [
    'Redis with a password',
    'redis-server',
    redis('server', '--tls-auth-clients', 'no', '--requirepass', 'tiger'),
    [],
  ],
  ['a page that is missing (nginx)', 'nginx', nginx('server', 'return 404;'), []],
  ['a page that is forbidden (nginx)', 'nginx', nginx('server', 'return 403;'), []],
  [
    'a certificate that is optional (nginx)',
    'nginx',
    nginx('server', `ssl_client_certificate ${clients}; ssl_verify_client optional;`),
    [],
  ],
  ['HTTP/2 (nginx)', 'nginx', nginx('server', 'http2 on;'), ['--alpn', 'h2']],
  ['a chain with a stray certificate in it (nginx)', 'nginx', nginx('server-long-disordered'), []],
  ['a rare group (openssl)', 'openssl', openssl('server', '-groups', 'X448'), []],
];

for (const [title, needs, serve, call] of rows)
  withPeer(needs, `nothing is wrong: ${title}`, async (t) => {
    const said = await diagnosed({ serve, call: [...trusts(), ...call] });
    t.is(said.exitCode, 0, `${wordsOf(said)}\n${JSON.stringify(said.line).slice(0, 2000)}`);
    t.is(said.cause, 'none');
  });
