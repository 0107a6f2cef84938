/** Starts the real programs that fail, each on a port and in a folder of its own, and ends them by their id. */
import { spawn } from 'node:child_process';
import type { SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../helpers/free-port.ts';
import { mainFile, wirelabEnvironment } from '../../helpers/wirelab.ts';
import { file } from './certificates.ts';
import type { Serve, Started } from './setting.ts';
import { atExit } from '../../helpers/at-exit.ts';

const readyTime = 20_000;

export interface Program {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** Runs it until it is ended; its words are kept for the error of one that does not begin. */
export async function run(
  started: Started,
  { program, args, env, user }: Program,
  isReady: (said: string) => Promise<boolean>,
): Promise<void> {
  const child = spawn(program, [...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(env ? { env: { ...process.env, ...env } } : {}),
    ...user,
  });
  let said = '';
  const keep = (text: Buffer): void => {
    if (said.length < 4000) said += text.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => {});
  const closed = once(child, 'close').catch((error: unknown) => {
    said += String(error);
  });
  started.endedBy(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  const until = Date.now() + readyTime;
  while (!(await isReady(said))) {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > until)
      throw new Error(`${program} did not begin: ${said}`);
    await pause(30);
  }
}

export async function accepts(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

export function folderOf(started: Started): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-failure-'));
  started.endedBy(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

const pair = (name: string): string[] => [
  file(existsSync(file(`${name}.chain.crt`)) ? `${name}.chain.crt` : `${name}.crt`),
  file(`${name}.key`),
];

export const openssl =
  (name: string, ...more: readonly string[]): Serve =>
  async (started) => {
    const port = await freePort();
    const [chain = '', key = ''] = pair(name);
    await run(
      started,
      {
        program: 'openssl',
        args: [
          's_server',
          '-quiet',
          '-accept',
          `127.0.0.1:${port}`,
          '-cert',
          chain,
          '-cert_chain',
          chain,
          '-key',
          key,
          '-www',
          ...more,
        ],
      },
      async () => accepts(port),
    );
    return port;
  };

export const gnutls =
  (name: string, ...more: readonly string[]): Serve =>
  async (started) => {
    const port = await freePort();
    const [chain = '', key = ''] = pair(name);
    await run(
      started,
      {
        program: 'gnutls-serv',
        args: ['--http', '--port', String(port), '--x509certfile', chain, '--x509keyfile', key, ...more],
      },
      async () => accepts(port),
    );
    return port;
  };

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** @param settings of its server block, without the port */
export const nginx =
  (name: string, settings = '', { listen = 'ssl', more = '' } = {}): Serve =>
  async (started) => {
    const [port, folder] = [await freePort(), folderOf(started)];
    const [chain = '', key = ''] = pair(name);
    const place = join(folder, 'nginx.conf');
    writeFileSync(
      place,
      `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/errors;
      events {}
      http {
        access_log off;
        ${temporary.map((one) => `${one}_temp_path ${folder}/${one};`).join(' ')}
        server {
          listen 127.0.0.1:${port} ${listen};
          ssl_certificate ${chain}; ssl_certificate_key ${key};
          server_name localhost;
          ${settings}
          ${settings.includes('location') ? '' : 'location / { return 200 "welcome\\n"; }'}
        }
        ${more.replaceAll('PORT', String(port))}
      }`,
    );
    await run(
      started,
      { program: 'nginx', args: ['-p', folder, '-e', join(folder, 'errors'), '-c', place] },
      async () => accepts(port),
    );
    return port;
  };

/** @param lines of its front end at that port, and of what stands behind it */
async function startHaproxy(
  started: Started,
  mode: 'http' | 'tcp',
  lines: (port: number, folder: string) => readonly string[],
): Promise<number> {
  const [port, folder] = [await freePort(), folderOf(started)];
  const place = join(folder, 'haproxy.cfg');
  writeFileSync(
    place,
    `${[
      'global',
      '  maxconn 100',
      'defaults',
      `  mode ${mode}`,
      '  timeout connect 5s',
      '  timeout client 20s',
      '  timeout server 20s',
      'frontend all',
      ...lines(port, folder),
    ].join('\n')}\n`,
  );
  await run(started, { program: 'haproxy', args: ['-db', '-f', place] }, async () => accepts(port));
  return port;
}

/** A file with a chain and its key, as haproxy reads them. */
function chainWithKey(name: string, folder: string): string {
  const [chain = '', key = ''] = pair(name);
  const both = join(folder, 'both.pem');
  writeFileSync(both, readFileSync(chain, 'utf8') + readFileSync(key, 'utf8'), { mode: 0o600 });
  return both;
}

/** @param bind what follows the address in its `bind` line; @param frontend more lines of its front end */
export const haproxy =
  (name: string, bind = '', frontend: readonly string[] = []): Serve =>
  async (started) =>
    startHaproxy(started, 'http', (port, folder) => [
      `  bind 127.0.0.1:${port} ssl crt ${chainWithKey(name, folder)} ${bind}`,
      ...frontend.map((line) => `  ${line}`),
      ...(frontend.some((line) => line.startsWith('use_backend'))
        ? ['backend nobody']
        : ['  http-request return status 200 content-type text/plain string welcome']),
    ]);

/** In front of a plain server of this process's, or of another one. */
export const stunnel =
  (name: string, settings: readonly string[] = [], before?: Serve): Serve =>
  async (started) => {
    const [port, folder] = [await freePort(), folderOf(started)];
    const { plainHttp } = await import('./own-servers.ts');
    const behind = await (before ?? plainHttp)(started);
    const [chain = '', key = ''] = pair(name);
    const place = join(folder, 'stunnel.conf');
    writeFileSync(
      place,
      [
        'foreground = yes',
        'pid =',
        'debug = 4',
        '[all]',
        `accept = 127.0.0.1:${port}`,
        `connect = 127.0.0.1:${behind}`,
        `cert = ${chain}`,
        `key = ${key}`,
        ...settings,
        '',
      ].join('\n'),
    );
    await run(started, { program: 'stunnel4', args: [place] }, async () => accepts(port));
    return port;
  };

export const redis =
  (name: string, ...more: readonly string[]): Serve =>
  async (started) => {
    const [port, folder] = [await freePort(), folderOf(started)];
    const [chain = '', key = ''] = pair(name);
    await run(
      started,
      {
        program: 'redis-server',
        args: [
          '--bind',
          '127.0.0.1',
          '--port',
          '0',
          '--tls-port',
          String(port),
          '--dir',
          folder,
          '--save',
          '',
          '--tls-cert-file',
          chain,
          '--tls-key-file',
          key,
          '--tls-ca-cert-file',
          file('clients.crt'),
          ...more,
        ],
      },
      async () => accepts(port),
    );
    return port;
  };

const programs = '/usr/lib/postgresql';
export const postgresFolder = existsSync(programs)
  ? readdirSync(programs)
      .map((version) => join(programs, version, 'bin'))
      .findLast((folder) => existsSync(join(folder, 'initdb')))
  : undefined;

/** PostgreSQL refuses to run as root. */
const unprivileged = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;
let cluster: Promise<string> | undefined;

async function makeCluster(): Promise<string> {
  const made = mkdtempSync(join(tmpdir(), 'wirelab-postgres-'));
  atExit(() => rmSync(made, { recursive: true, force: true }));
  if (isRoot) chownSync(made, unprivileged.uid, unprivileged.gid);
  const data = join(made, 'data');
  await done(
    join(postgresFolder ?? '', 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-N', '--no-instructions'],
    isRoot ? unprivileged : {},
  );
  return data;
}

/** Runs a program to its end. */
async function done(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<void> {
  const child = spawn(program, [...args], { stdio: ['ignore', 'ignore', 'pipe'], ...options });
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`${program}: ${said}`);
}

/** One cluster is made for all. */
async function freshCluster(started: Started): Promise<string> {
  const folder = folderOf(started);
  chmodSync(folder, 0o755);
  const data = join(folder, 'data');
  cluster ??= makeCluster();
  await done('cp', ['-a', await cluster, data]);
  return data;
}

/** @param rules of pg_hba.conf */
export const postgres =
  (name: string, rules: string, ...settings: readonly string[]): Serve =>
  async (started) => {
    if (postgresFolder === undefined) throw new Error('PostgreSQL is not installed');
    const port = await freePort();
    const data = await freshCluster(started);
    const [chain = '', key = ''] = pair(name);
    for (const [from, to] of [
      [chain, 'server.crt'],
      [key, 'server.key'],
      [file('clients.crt'), 'clients.crt'],
    ] as const) {
      copyFileSync(from, join(data, to));
      chmodSync(join(data, to), 0o600);
      if (isRoot) chownSync(join(data, to), unprivileged.uid, unprivileged.gid);
    }
    writeFileSync(join(data, 'pg_hba.conf'), `${rules}\n`);
    await run(
      started,
      {
        program: join(postgresFolder, 'postgres'),
        args: [
          '-D',
          data,
          '-h',
          '127.0.0.1',
          '-p',
          String(port),
          '-k',
          '',
          '-F',
          ...[
            'ssl=on',
            'ssl_cert_file=server.crt',
            'ssl_key_file=server.key',
            'ssl_ca_file=clients.crt',
            ...settings,
          ].flatMap((one) => ['-c', one]),
        ],
        ...(isRoot ? { user: unprivileged } : {}),
      },
      // It takes connections before it takes logins.
      async (said) => said.includes('ready to accept connections'),
    );
    return port;
  };

/** @param settings of an `ssl.SSLContext` named `context`, line by line */
export const python =
  (name: string, ...settings: readonly string[]): Serve =>
  async (started) => {
    const port = await freePort();
    const [chain = '', key = ''] = pair(name);
    const lines = [
      'import http.server, ssl',
      'context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)',
      `context.load_cert_chain(${JSON.stringify(chain)}, ${JSON.stringify(key)})`,
      ...settings,
      'class Handler(http.server.BaseHTTPRequestHandler):',
      '  def do_GET(self):',
      '    self.send_response(200); self.send_header("Content-Length", "2"); self.end_headers(); self.wfile.write(b"ok")',
      '  def log_message(self, *all): pass',
      'class Server(http.server.ThreadingHTTPServer):',
      '  def get_request(self):',
      '    socket, address = self.socket.accept()',
      '    return context.wrap_socket(socket, server_side=True, do_handshake_on_connect=False), address',
      `Server(("127.0.0.1", ${port}), Handler).serve_forever()`,
    ];
    await run(started, { program: 'python3', args: ['-c', lines.join('\n')] }, async () => accepts(port));
    return port;
  };

const goProgram = `//go:debug tlsmlkem=1
package main
import ("crypto/tls"; "crypto/x509"; "fmt"; "net/http"; "os"; "strings"; "log"; "io")
func main() {
  config := &tls.Config{}
  for _, word := range os.Args[4:] {
    name, value, _ := strings.Cut(word, "=")
    switch name {
    case "min": fmt.Sscan(value, &config.MinVersion)
    case "max": fmt.Sscan(value, &config.MaxVersion)
    case "clients":
      text, _ := os.ReadFile(value)
      config.ClientCAs = x509.NewCertPool()
      config.ClientCAs.AppendCertsFromPEM(text)
      config.ClientAuth = tls.RequireAndVerifyClientCert
    case "names": config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
      if hello.ServerName != value { return nil, fmt.Errorf("no such name") }
      return nil, nil
    }
    case "curve":
      var curve tls.CurveID
      fmt.Sscan(value, &curve)
      config.CurvePreferences = []tls.CurveID{curve}
    }
  }
  server := &http.Server{Addr: "127.0.0.1:" + os.Args[1], TLSConfig: config, ErrorLog: log.New(io.Discard, "", 0)}
  http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "welcome") })
  fmt.Println(server.ListenAndServeTLS(os.Args[2], os.Args[3]))
}
`;
let goBinary: Promise<string> | undefined;

async function compiled(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-go-'));
  atExit(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'main.go'), goProgram);
  const own = { GOTOOLCHAIN: 'local', GO111MODULE: 'off', CGO_ENABLED: '0' };
  await done('go', ['build', '-o', join(folder, 'server'), join(folder, 'main.go')], {
    env: { GOCACHE: join(tmpdir(), 'wirelab-go-cache'), ...process.env, ...own },
  });
  return join(folder, 'server');
}

/** Compiled once. */
export const go =
  (name: string, ...settings: readonly string[]): Serve =>
  async (started) => {
    const port = await freePort();
    const [chain = '', key = ''] = pair(name);
    goBinary ??= compiled();
    await run(started, { program: await goBinary, args: [String(port), chain, key, ...settings] }, async () =>
      accepts(port),
    );
    return port;
  };

export const plainRedis: Serve = async (started) => {
  const [port, folder] = [await freePort(), folderOf(started)];
  await run(
    started,
    {
      program: 'redis-server',
      args: ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''],
    },
    async () => accepts(port),
  );
  return port;
};

/** A load balancer that reads the hello and passes the connection on. @param rules of its front end */
export const balancer =
  (serve: Serve, rules: readonly string[]): Serve =>
  async (started) => {
    const target = await serve(started);
    return startHaproxy(started, 'tcp', (port) => [
      `  bind 127.0.0.1:${port}`,
      '  tcp-request inspect-delay 3s',
      ...rules.map((rule) => `  ${rule}`),
      '  tcp-request content accept if { req.ssl_hello_type 1 }',
      '  default_backend servers',
      'backend servers',
      `  server one 127.0.0.1:${target}`,
    ]);
  };

/** Ends TLS, and passes on what is in it. @param serve undefined: its back end is empty */
export const tcpGateway =
  (name: string, serve: Serve | undefined): Serve =>
  async (started) => {
    const target = await serve?.(started);
    return startHaproxy(started, 'tcp', (port, folder) => [
      `  bind 127.0.0.1:${port} ssl crt ${chainWithKey(name, folder)}`,
      '  default_backend servers',
      'backend servers',
      ...(target === undefined ? [] : [`  server one 127.0.0.1:${target}`]),
    ]);
  };

export const ldap: Serve = async (started) => {
  const [port, folder] = [await freePort(), folderOf(started)];
  const place = join(folder, 'slapd.conf');
  writeFileSync(place, `include /etc/ldap/schema/core.schema\npidfile ${folder}/pid\n`);
  await run(
    started,
    { program: 'slapd', args: ['-d', '0', '-h', `ldap://127.0.0.1:${port}`, '-f', place] },
    async () => accepts(port),
  );
  return port;
};

/** wirelab's own proxy, in front of a plain server of this process's. */
export const wirelabProxy =
  (name: string, ...options: readonly string[]): Serve =>
  async (started) => {
    const { plainHttp } = await import('./own-servers.ts');
    const [port, target] = [await freePort(), await plainHttp(started)];
    const [chain = '', key = ''] = pair(name);
    await run(
      started,
      {
        program: process.execPath,
        args: [
          mainFile,
          'proxy',
          '--mode',
          'mtls',
          '--listen',
          `127.0.0.1:${port}`,
          '--target',
          `127.0.0.1:${target}`,
          '--cert',
          chain,
          '--key',
          key,
          ...options,
        ],
        env: wirelabEnvironment(),
      },
      async () => accepts(port),
    );
    return port;
  };
