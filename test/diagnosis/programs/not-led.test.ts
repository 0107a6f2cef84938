/** Why a command was not led, from its words and what it wrote. */
import test from 'ava';
import { whyNotLed } from '../../../src/diagnosis/programs/not-led.ts';

for (const [id, command, said] of [
  ['unix_socket', 'curl --unix-socket /run/x.sock http://x/', ''],
  ['unix_socket', 'curl --abstract-unix-socket x http://x/', ''],
  ['unix_socket', 'psql host=/run/postgresql', ''],
  [
    'unix_socket',
    'psql',
    'psql: error: connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: No such file',
  ],
  ['unix_socket', 'docker ps', 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.'],
  [
    'unix_socket',
    'mariadb',
    "ERROR 2002 (HY000): Can't connect to local server through socket '/run/mysqld/mysqld.sock' (2)",
  ],
  ['quic', 'curl --http3-only https://x/', ''],
  ['quic', 'visit x', 'QUIC: handshake timed out'],
  ['ssh', 'git clone git@x:a/b', ''],
  ['ssh', 'git clone ssh://x/a', ''],
  ['ssh', 'git pull', 'ssh: connect to host x port 22: Connection refused'],
  [
    'resolver',
    'psql -h x',
    'psql: error: could not translate host name "x" to address: Name or service not known',
  ],
  ['resolver', 'visit x', 'dial tcp: lookup x: no such host'],
  ['resolver', 'java Visit', 'java.net.UnknownHostException: x'],
  ['past', 'visit x', 'dial tcp 127.0.0.1:1: connect: connection refused'],
  ['past', 'visit x', 'tls: failed to verify certificate: x509: certificate signed by unknown authority'],
  [undefined, 'visit x', 'usage: visit URL'],
  [undefined, 'curl -d @a.b https://x/', ''],
] as const)
  test(`${command}: ${said || '(silent)'}`, (t) => {
    t.is(whyNotLed(command.split(' '), said)?.id, id);
  });
