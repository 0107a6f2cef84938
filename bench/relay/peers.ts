/**
 * The peers of the table, as their manuals start them, with no option but where from, where to and with which certificate. Only
 * sslsplit keeps what it carries. A listener's queue is as long as the others' where the default is five.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration, Contestant, Place } from './contestant.ts';

export const sslsplit = 'sslsplit -L';
export const httpProxy = 'http-proxy, default agent';

const subject = (name: string): string => join(import.meta.dirname, name);

function written(path: string, text: string): string {
  writeFileSync(path, text);
  return path;
}

const endsTls = (configuration: Configuration): boolean =>
  configuration === 'tls' || configuration === 'mtls' || configuration === 'split';

function haproxy({ configuration, listen, target, pki, folder }: Place): readonly string[] {
  const mode = configuration === 'http' ? 'http' : 'tcp';
  const client = configuration === 'mtls' ? ` ca-file ${pki}/client-ca.crt verify required` : '';
  const bind = endsTls(configuration) ? ` ssl crt ${pki}/server.pem${client}` : '';
  const onward =
    configuration === 'split'
      ? ` ssl verify required ca-file ${pki}/server-ca.crt sni str(bench.localhost) verifyhost bench.localhost`
      : '';
  const file = written(
    join(folder, 'haproxy.cfg'),
    `defaults\n  mode ${mode}\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n` +
      `frontend f\n  bind 127.0.0.1:${listen}${bind}\n  default_backend b\nbackend b\n  server s 127.0.0.1:${target}${onward}\n`,
  );
  return ['haproxy', '-q', '-f', file];
}

function nginx({ configuration, listen, target, pki, folder }: Place): readonly string[] {
  const tls = endsTls(configuration)
    ? `ssl_certificate ${pki}/server.crt; ssl_certificate_key ${pki}/server.key;`
    : '';
  const mutual =
    configuration === 'mtls' ? `ssl_verify_client on; ssl_client_certificate ${pki}/client-ca.crt;` : '';
  const onward =
    configuration === 'split'
      ? `proxy_ssl on; proxy_ssl_verify on; proxy_ssl_trusted_certificate ${pki}/server-ca.crt; proxy_ssl_name bench.localhost;`
      : '';
  const at = `listen 127.0.0.1:${listen} backlog=1024${tls === '' ? '' : ' ssl'};`;
  const server =
    configuration === 'http'
      ? `http { access_log off; server { ${at} location / { proxy_pass http://127.0.0.1:${target}; } } }`
      : `stream { server { ${at} ${tls} ${mutual} ${onward} proxy_pass 127.0.0.1:${target}; } }`;
  const file = written(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes auto; pid ${folder}/nginx.pid; error_log /dev/null; include /etc/nginx/modules-enabled/*.conf;\n` +
      `events { worker_connections 16384; }\n${server}\n`,
  );
  return ['nginx', '-c', file];
}

function sslsplitCommand({ configuration, listen, target, pki, folder }: Place): readonly string[] {
  const tls =
    configuration === 'split'
      ? ['-A', `${pki}/server.pem`, '-c', `${pki}/server.pem`, '-k', `${pki}/server.key`]
      : [];
  const type = configuration === 'split' ? 'ssl' : 'tcp';
  const user = process.getuid?.() === 0 ? ['-u', 'root'] : [];
  const logs = ['-l', join(folder, 'connections.log'), '-L', join(folder, 'content.log')];
  const place = [type, '127.0.0.1', String(listen), '127.0.0.1', String(target)];
  return ['sslsplit', ...user, ...logs, ...tls, ...place];
}

function socat({ configuration, listen, target, pki }: Place): readonly string[] {
  const common = `bind=127.0.0.1,fork,reuseaddr,backlog=1024`;
  const mutual = configuration === 'mtls' ? `,cafile=${pki}/client-ca.crt,verify=1` : ',verify=0';
  return [
    'socat',
    endsTls(configuration)
      ? `OPENSSL-LISTEN:${listen},${common},cert=${pki}/server.pem${mutual}`
      : `TCP-LISTEN:${listen},${common}`,
    `TCP:127.0.0.1:${target}`,
  ];
}

function stunnel({ configuration, listen, target, pki, folder }: Place): readonly string[] {
  const mutual = configuration === 'mtls' ? `verifyChain = yes\nCAfile = ${pki}/client-ca.crt\n` : '';
  const file = written(
    join(folder, 'stunnel.conf'),
    `foreground = yes\npid = ${folder}/stunnel.pid\n[bench]\naccept = 127.0.0.1:${listen}\nconnect = 127.0.0.1:${target}\n` +
      `cert = ${pki}/server.crt\nkey = ${pki}/server.key\n${mutual}`,
  );
  return ['stunnel', file];
}

function mitmproxy({ configuration, listen, target, pki, folder }: Place): readonly string[] {
  const kind = configuration === 'http' ? 'http' : configuration === 'split' ? 'tls' : 'tcp';
  const certificates = endsTls(configuration) ? ['--certs', `*=${pki}/server.pem`] : [];
  return [
    'mitmdump',
    '--set',
    `confdir=${folder}`,
    '--set',
    `ssl_verify_upstream_trusted_ca=${pki}/server-ca.crt`,
    '--listen-host',
    '127.0.0.1',
    '--listen-port',
    String(listen),
    '--mode',
    `reverse:${kind}://127.0.0.1:${target}`,
    ...certificates,
  ];
}

function ghostunnel({ configuration, listen, target, pki }: Place): readonly string[] {
  const clients =
    configuration === 'mtls'
      ? ['--cacert', `${pki}/client-ca.crt`, '--allow-all']
      : ['--disable-authentication'];
  const identity = ['--cert', `${pki}/server.crt`, '--key', `${pki}/server.key`];
  const ends = ['--listen', `127.0.0.1:${listen}`, '--target', `127.0.0.1:${target}`];
  return ['ghostunnel', 'server', ...ends, ...identity, ...clients];
}

/** Where mockttp is installed, beside this program or for everybody; undefined if nowhere. */
function mockttpFolder(): string | undefined {
  const { stdout } = spawnSync('npm', ['root', '-g'], { encoding: 'utf8' });
  const roots = ['node_modules', ...(process.env['NODE_PATH'] ?? '').split(':'), (stdout ?? '').trim()];
  return roots
    .filter((root) => root !== '')
    .find((root) => existsSync(join(root, 'mockttp', 'package.json')));
}

export const peers: readonly Contestant[] = [
  {
    name: 'haproxy',
    role: 'peer',
    program: 'haproxy',
    configurations: ['tcp', 'tls', 'mtls', 'split', 'http'],
    command: haproxy,
  },
  {
    name: 'nginx',
    role: 'peer',
    program: 'nginx',
    configurations: ['tcp', 'tls', 'mtls', 'split', 'http'],
    command: nginx,
  },
  {
    name: sslsplit,
    role: 'peer',
    program: 'sslsplit',
    configurations: ['tcp', 'split'],
    command: sslsplitCommand,
  },
  {
    name: 'socat',
    role: 'peer',
    program: 'socat',
    configurations: ['tcp', 'tls', 'mtls'],
    command: socat,
  },
  {
    name: 'stunnel',
    role: 'peer',
    program: 'stunnel',
    configurations: ['tls', 'mtls'],
    command: stunnel,
  },
  {
    name: 'ghostunnel',
    role: 'peer',
    program: 'ghostunnel',
    configurations: ['tls', 'mtls'],
    command: ghostunnel,
  },
  {
    name: 'mitmproxy',
    role: 'peer',
    program: 'mitmdump',
    configurations: ['tcp', 'split', 'http'],
    command: mitmproxy,
  },
  {
    name: httpProxy,
    role: 'peer',
    configurations: ['http'],
    command: ({ listen, target }) => [
      process.execPath,
      subject('http-proxy.js'),
      String(listen),
      String(target),
    ],
  },
  {
    name: 'mockttp',
    role: 'peer',
    isThere: () => mockttpFolder() !== undefined,
    configurations: ['http'],
    command: ({ listen, target }) => [
      process.execPath,
      subject('mockttp.js'),
      String(listen),
      String(target),
      mockttpFolder() ?? '',
    ],
  },
];
