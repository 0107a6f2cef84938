/**
 * Real servers that terminate mutual TLS, each in a folder of its own, with the settings that a test varies. `run` resolves once the
 * port accepts connections; what was started is ended by its own process, with the test.
 */
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileIn, folderOf, postgresFolder, prepare, serving } from '../../../proxy/support/programs.ts';
import { world } from '../../certs/support/files.ts';
import { freePort } from '../../../helpers/free-port.ts';
import { atMost } from '../../../helpers/in-turn.ts';
import { atExit } from '../../../helpers/at-exit.ts';

/** A port is free until somebody takes it: one server after the other. */
const inTurn = atMost(1);

export interface Running {
  readonly port: number;
  readonly pid: number;
}

/** @param prepare writes what the program needs into its folder, and returns its parameters */
async function serve(
  t: ExecutionContext,
  folder: string,
  program: string,
  prepare: (home: string, port: number) => readonly string[],
): Promise<Running> {
  return inTurn(async () => {
    const port = await freePort();
    const home = join(folder, `${program}-${port}`);
    mkdirSync(home);
    return run(t, port, program, prepare(home, port), home);
  });
}

async function run(
  t: ExecutionContext,
  port: number,
  program: string,
  parameters: readonly string[],
  cwd: string,
): Promise<Running> {
  const child = spawn(program, [...parameters], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const words: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => words.push(piece));
  child.stderr.on('data', (piece: Buffer) => words.push(piece));
  const end = (): boolean => child.kill('SIGKILL');
  const forget = atExit(end);
  t.teardown(async () => {
    forget();
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  });
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  while (!(await accepts(port))) {
    if (failure) throw failure;
    if (child.exitCode !== null)
      throw new Error(`${program} ended: ${child.exitCode} ${Buffer.concat(words).toString()}`);
    await pause(5);
  }
  return { port, pid: child.pid ?? 0 };
}

const accepts = async (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

/** @param folder with `shop.key`, `shop.chain.crt`, `ca.crt` @param settings of the server block and its location */
export async function nginx(
  t: ExecutionContext,
  folder: string,
  settings: string,
  location = 'return 200 "hello\\n";',
): Promise<Running> {
  return serve(t, folder, 'nginx', (home, port) => {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${home}/${name};`)
      .join(' ');
    writeFileSync(
      join(home, 'nginx.conf'),
      `daemon off; pid ${home}/pid; error_log ${home}/errors; worker_processes 1;
events {}
http {
  access_log off; ${temporary}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/shop.chain.crt; ssl_certificate_key ${folder}/shop.key;
    ssl_client_certificate ${folder}/ca.crt;
    ${settings}
    location / { ${location} }
  }
}
`,
    );
    return ['-p', home, '-e', join(home, 'errors'), '-c', join(home, 'nginx.conf')];
  });
}

/** @param bind of the bind line, behind the certificates @param rules of the frontend */
export async function haproxy(
  t: ExecutionContext,
  folder: string,
  bind: string,
  rules = '',
): Promise<Running> {
  return serve(t, folder, 'haproxy', (home, port) => {
    writeFileSync(
      join(home, 'shop.pem'),
      readFileSync(join(folder, 'shop.chain.crt'), 'utf8') + readFileSync(join(folder, 'shop.key'), 'utf8'),
      { mode: 0o600 },
    );
    writeFileSync(
      join(home, 'haproxy.cfg'),
      `defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend shop
  bind 127.0.0.1:${port} ssl crt ${home}/shop.pem ca-file ${folder}/ca.crt ${bind}
  ${rules}
  http-request return status 200 content-type text/plain string hello
`,
    );
    return ['-db', '-f', join(home, 'haproxy.cfg')];
  });
}

/** In front of an HTTP server of this process. @param settings of the service */
export async function stunnel(t: ExecutionContext, folder: string, settings: string): Promise<Running> {
  const behind = createServer((_request, response) => response.end('hello\n')).listen(0, '127.0.0.1');
  await once(behind, 'listening');
  t.teardown(() => behind.close());
  return serve(t, folder, 'stunnel', (home, port) => {
    writeFileSync(
      join(home, 'stunnel.conf'),
      `foreground = yes
pid = ${home}/pid
[shop]
accept = 127.0.0.1:${port}
connect = 127.0.0.1:${(behind.address() as AddressInfo).port}
cert = ${folder}/shop.chain.crt
key = ${folder}/shop.key
CAfile = ${folder}/ca.crt
${settings}
`,
    );
    return [join(home, 'stunnel.conf')];
  });
}

const ownFiles = (folder: string) => ({
  certificate: fileIn(folder, 'shop.chain.crt', world.chain('shop')),
  key: fileIn(folder, 'shop.key', world.identity('shop').key, 0o600),
  ca: fileIn(folder, 'ca.crt', world.certificate('ca')),
});

/** @param method of pg_hba.conf, for every user over TLS */
export async function postgres(t: ExecutionContext, method: string): Promise<{ readonly port: number }> {
  const folder = folderOf(t);
  const { certificate, key, ca } = ownFiles(folder);
  const data = join(folder, 'data');
  const bin = postgresFolder();
  await prepare(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-N']);
  const rules = fileIn(folder, 'pg_hba.conf', `hostssl all all 127.0.0.1/32 ${method}\n`);
  return inTurn(async () => {
    const port = await freePort();
    const settings = [
      'listen_addresses=127.0.0.1',
      `hba_file=${rules}`,
      'ssl=on',
      `ssl_cert_file=${certificate}`,
      `ssl_key_file=${key}`,
      `ssl_ca_file=${ca}`,
    ].flatMap((setting) => ['-c', setting]);
    const words = ['-D', data, '-p', String(port), '-k', folder, '-F', ...settings];
    await serving(t, join(bin, 'postgres'), words, port, { asOrdinary: true });
    return { port };
  });
}

/**
 * Debian's is built with GnuTLS, which looks at no extended key usage, and has TLS 1.0 open.
 * @param verifies the name of its setting: `tls_verify_hosts` requires a certificate, `tls_try_verify_hosts` does not
 */
export async function exim(
  t: ExecutionContext,
  verifies: 'tls_verify_hosts' | 'tls_try_verify_hosts',
): Promise<{ readonly port: number }> {
  const folder = folderOf(t);
  const { certificate, key, ca } = ownFiles(folder);
  const isRoot = process.getuid?.() === 0;
  return inTurn(async () => {
    const port = await freePort();
    const configuration = fileIn(
      folder,
      'exim.conf',
      `${isRoot ? 'exim_user = nobody\nexim_group = nogroup\n' : ''}spool_directory = ${folder}
log_file_path = ${folder}/%slog
primary_hostname = localhost
daemon_smtp_ports = ${port}
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = ${certificate}
tls_privatekey = ${key}
tls_verify_certificates = ${ca}
${verifies} = *
keep_environment =
`,
    );
    // It must belong to root where it is started by root.
    if (isRoot) chownSync(configuration, 0, 0);
    await serving(t, 'exim4', ['-bdf', '-C', configuration], port);
    return { port };
  });
}

/** @param verifies its TLSVerifyClient: `demand`, `allow` … */
export async function slapd(
  t: ExecutionContext,
  verifies: string,
  scheme: 'ldap' | 'ldaps' = 'ldap',
): Promise<{ readonly port: number }> {
  const folder = folderOf(t);
  const { certificate, key, ca } = ownFiles(folder);
  const configuration = fileIn(
    folder,
    'slapd.conf',
    `include /etc/ldap/schema/core.schema
TLSCertificateFile ${certificate}
TLSCertificateKeyFile ${key}
TLSCACertificateFile ${ca}
TLSVerifyClient ${verifies}
pidfile ${folder}/pid
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "dc=shop"
directory ${folder}
`,
  );
  return inTurn(async () => {
    const port = await freePort();
    await serving(
      t,
      'slapd',
      ['-d', '0', '-f', configuration, '-h', `${scheme}://127.0.0.1:${port}/`],
      port,
      {
        asOrdinary: true,
      },
    );
    return { port };
  });
}

/** @param settings of the virtual host; its page `/` and `/orders/` are there */
export async function apache(t: ExecutionContext, settings: string): Promise<{ readonly port: number }> {
  const folder = folderOf(t);
  const { certificate, key, ca } = ownFiles(folder);
  const pages = join(folder, 'pages');
  mkdirSync(join(pages, 'orders'), { recursive: true });
  fileIn(pages, 'index.html', 'hello\n');
  fileIn(join(pages, 'orders'), 'index.html', 'orders\n');
  return inTurn(async () => {
    const port = await freePort();
    const modules = ['mpm_event', 'authz_core', 'dir', 'ssl'].map(
      (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
    );
    const configuration = fileIn(
      folder,
      'apache.conf',
      `${modules.join('\n')}
ServerRoot ${folder}
PidFile ${folder}/pid
ErrorLog ${folder}/errors
ServerName shop.localhost
Mutex posixsem
${process.getuid?.() === 0 ? 'User nobody\nGroup nogroup' : ''}
Listen 127.0.0.1:${port}
DocumentRoot ${pages}
SSLCertificateFile ${certificate}
SSLCertificateKeyFile ${key}
SSLCACertificateFile ${ca}
<VirtualHost 127.0.0.1:${port}>
SSLEngine on
${settings}
</VirtualHost>
`,
    );
    await serving(t, 'apache2', ['-D', 'FOREGROUND', '-f', configuration], port);
    return { port };
  });
}

export async function redis(
  t: ExecutionContext,
  folder: string,
  asks: 'yes' | 'optional' | 'no',
): Promise<Running> {
  return serve(t, folder, 'redis-server', (home, port) =>
    [
      `--port 0 --tls-port ${port} --bind 127.0.0.1 --dir ${home}`,
      `--tls-cert-file ${folder}/shop.chain.crt --tls-key-file ${folder}/shop.key`,
      `--tls-ca-cert-file ${folder}/ca.crt --tls-auth-clients ${asks}`,
    ].flatMap((words) => words.split(' ')),
  );
}

/** @param settings of its listener */
export async function mosquitto(t: ExecutionContext, settings: string): Promise<{ readonly port: number }> {
  const folder = folderOf(t);
  const { certificate, key, ca } = ownFiles(folder);
  return inTurn(async () => {
    const port = await freePort();
    const configuration = fileIn(
      folder,
      'mosquitto.conf',
      `listener ${port} 127.0.0.1
certfile ${certificate}
keyfile ${key}
cafile ${ca}
${settings}
`,
    );
    await serving(t, 'mosquitto', ['-c', configuration], port, { asOrdinary: true });
    return { port };
  });
}
