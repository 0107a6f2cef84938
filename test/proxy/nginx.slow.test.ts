/**
 * nginx as the server, curl as the client: HTTP/1.1 and HTTP/2 in clear and above TLS, a client certificate that nginx requires
 * itself, and PROXY headers of both versions, which nginx reports as it understood them. tshark reads the same headers.
 */
import type { ExecutionContext } from 'ava';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { outcomeOf } from '../../src/analysis/outcome/outcome.ts';
import { PcapngSpool } from '../../src/capture/file/pcapng-writer.ts';
import { Flows } from '../../src/capture/flows.ts';
import type { CaptureLog } from '../../src/capture/log.ts';
import { listening, newLog, world } from '../features/support/shop.ts';
import { freePort } from '../helpers/free-port.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { fileIn, folderOf, heard, serving } from './support/programs.ts';
import { eventsOf, openProxy } from './support/proxies.ts';

interface Nginx {
  readonly folder: string;
  readonly ca: string;
  /** `--cert` and `--key` of alice. */
  readonly presents: readonly string[];
  readonly plain: number;
  readonly tls: number;
  /** The same, for clients with a certificate. */
  readonly mutual: number;
  /** What begins with a PROXY header, in clear and above TLS. */
  readonly headed: number;
  readonly headedTls: number;
}

async function startNginx(t: ExecutionContext): Promise<Nginx> {
  const folder = folderOf(t);
  const ca = fileIn(folder, 'ca.crt', world().authority('server-ca'));
  const clientCa = fileIn(folder, 'client-ca.crt', world().authority('client-ca'));
  const certificate = fileIn(folder, 'shop.crt', world().identity('shop').certificate);
  const key = fileIn(folder, 'shop.key', world().identity('shop').key);
  const clientCertificate = fileIn(folder, 'alice.crt', world().identity('alice').certificate);
  const clientKey = fileIn(folder, 'alice.key', world().identity('alice').key);
  const [plain, tls, mutual, headed, headedTls] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => {
    mkdirSync(join(folder, name));
    return `  ${name}_temp_path ${join(folder, name)};`;
  });
  const configuration = fileIn(
    folder,
    'nginx.conf',
    `daemon off;
master_process off;
pid ${join(folder, 'pid')};
error_log ${join(folder, 'error.log')};
events { worker_connections 64; }
http {
  access_log off;
${temporary.join('\n')}
  ssl_certificate ${certificate};
  ssl_certificate_key ${key};
  http2 on;
  server { listen 127.0.0.1:${plain}; location / { return 200 "$server_protocol"; } }
  server { listen 127.0.0.1:${tls} ssl; location / { return 200 "$server_protocol"; } }
  server {
    listen 127.0.0.1:${mutual} ssl;
    ssl_verify_client on;
    ssl_client_certificate ${clientCa};
    location / { return 200 "$ssl_client_s_dn"; }
  }
  server {
    http2 off;
    listen 127.0.0.1:${headed} proxy_protocol;
    listen 127.0.0.1:${headedTls} ssl proxy_protocol;
    location / { return 200 "$proxy_protocol_addr:$proxy_protocol_port>$proxy_protocol_server_port"; }
  }
}
`,
  );
  await serving(t, 'nginx', ['-p', folder, '-e', join(folder, 'error.log'), '-c', configuration], plain);
  const presents = ['--cert', clientCertificate, '--key', clientKey];
  return { folder, ca, presents, plain, tls, mutual, headed, headedTls };
}

const get = async (ca: string, url: string, ...more: readonly string[]) =>
  (await runProgram('curl', ['-sS', '--cacert', ca, '-w', ' %{local_port}', ...more, url])).stdout;

const target = (port: number) => ({ host: '127.0.0.1', port });

/** In the order of opening; where the proxy ends TLS the server is judged on its own wire. */
async function outcomesOn(log: CaptureLog, hop: string) {
  await loadReadings();
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  return flows.connections.filter((one) => one.hop === hop).map((one) => outcomeOf(one));
}

withPeer(
  ['nginx', 'curl'],
  'nginx through each mode: HTTP/1.1 and HTTP/2, every request is read',
  async (t) => {
    const nginx = await startNginx(t);
    for (const [version, asks] of [
      ['HTTP/1.1', []],
      ['HTTP/2.0', ['--http2-prior-knowledge']],
    ] as const) {
      const log = newLog();
      const proxy = await openProxy(t, {
        log,
        kind: 'plaintext',
        to: target(nginx.plain),
        more: { pump: 'bytes' },
      });
      const said = await get(nginx.ca, `http://127.0.0.1:${proxy.address.port}/page`, ...asks);
      t.is(said.split(' ')[0], version);
      for (const hop of ['A', 'B'])
        t.true(
          (await heard(log, hop, 'wire')).some((line) => /^→ http2? GET \/page/.test(line)),
          hop,
        );
    }
    const log = newLog();
    const proxy = await openProxy(t, { log, kind: 'passthrough', to: target(nginx.tls) });
    const said = await get(nginx.ca, `https://127.0.0.1:${proxy.address.port}/page`);
    t.is(said.split(' ')[0], 'HTTP/2.0');
    t.deepEqual(
      (await heard(log, 'A', 'wire')).filter((line) => line.includes('/page')),
      [],
      'sealed',
    );
  },
);

withPeer(
  ['nginx', 'curl'],
  'a client certificate that nginx requires: admitted, and refused over HTTP/1.1 and HTTP/2 alike',
  async (t) => {
    const nginx = await startNginx(t);
    for (const [protocol, flag] of [
      ['http/1.1', '--http1.1'],
      ['h2', '--http2'],
    ] as const) {
      const passed = await openProxy(t, { log: newLog(), kind: 'passthrough', to: target(nginx.mutual) });
      const admitted = await get(
        nginx.ca,
        `https://127.0.0.1:${passed.address.port}/`,
        flag,
        ...nginx.presents,
      );
      t.regex(admitted, /^CN=alice/);

      const log = newLog();
      const proxy = await openProxy(t, {
        log,
        kind: 'tls',
        to: target(nginx.mutual),
        second: 'tls',
        more: { pump: 'bytes', accept: { ...listening('tls'), tls: { alpn: [protocol] } } },
      });
      t.regex(await get(nginx.ca, `https://127.0.0.1:${proxy.address.port}/`, flag), /No required SSL cert/);
      await proxy.close(500);
      for (const outcome of await outcomesOn(log, 'B')) {
        t.is(outcome.cause, 'refused_over_http', protocol);
        t.regex(outcome.sentence.en, /HTTP\/(?:1\.1|2) 400.*No required SSL certificate was sent/);
      }
    }
  },
);

for (const version of [1, 2] as const)
  withPeer(['nginx', 'curl', 'tshark'], `nginx reads a PROXY header of version ${version}`, async (t) => {
    const nginx = await startNginx(t);
    for (const [kind, port] of [
      ['plaintext', nginx.headed],
      ['passthrough', nginx.headedTls],
    ] as const) {
      const log = newLog();
      const proxy = await openProxy(t, {
        log,
        kind,
        to: target(port),
        more: { pump: 'bytes', targetProxyHeader: version },
      });
      const scheme = kind === 'plaintext' ? 'http' : 'https';
      const said = await get(nginx.ca, `${scheme}://127.0.0.1:${proxy.address.port}/`);
      const [, seen, at, own] = /^127\.0\.0\.1:(\d+)>(\d+) (\d+)$/.exec(said) ?? [];
      t.is(seen, own, said);
      t.is(Number(at), proxy.address.port, said);
      t.is(eventsOf(log, 'opened', 'A').at(-1)?.from.port, Number(own));

      const path = join(nginx.folder, `${kind}.pcapng`);
      const spool = new PcapngSpool(path);
      for (const event of log.events) spool.fold(event);
      spool.close();
      const { stdout } = await runProgram('tshark', [
        '-r',
        path,
        '-Y',
        'proxy',
        '-T',
        'fields',
        '-e',
        'proxy.srcport',
      ]);
      t.deepEqual(stdout.trim().split('\n'), [String(own)], 'tshark reads one header, of the same client');
    }
  });
