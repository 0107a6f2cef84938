/**
 * Who is measured: wirelab, which captures everything, and relays that capture nothing. Each is a process of its own, in one
 * of three configurations: TCP through and through, TLS ended and plaintext behind it, the same with client certificates
 * asked for. A peer that is not installed is left out and named.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Configuration = 'tcp' | 'tls' | 'mtls';

export interface Contestant {
  readonly name: string;
  /** Starts a relay from `listen` to `target` on loopback; undefined when it is not installed or cannot do that. */
  readonly start: (
    configuration: Configuration,
    listen: number,
    target: number,
    folder: string,
  ) => ChildProcess | undefined;
}

export const ours = 'wirelab (everything captured)';
export const subject = (name: string): string => new URL(name, import.meta.url).pathname;
const isInstalled = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

/** The folder holds server.crt, server.key, server.pem (both) and client-ca.crt. */
export const contestants: readonly Contestant[] = [
  {
    name: ours,
    start: (configuration, listen, target, folder) =>
      spawn(
        process.execPath,
        [subject('relay-subject.js'), String(listen), String(target), configuration, folder],
        { stdio: 'inherit' },
      ),
  },
  {
    name: 'socat',
    start: (configuration, listen, target) =>
      configuration === 'tcp' && isInstalled('socat')
        ? spawn(
            'socat',
            [
              '-b',
              '65536',
              `TCP-LISTEN:${listen},bind=127.0.0.1,fork,reuseaddr,backlog=1024`,
              `TCP:127.0.0.1:${target}`,
            ],
            { stdio: 'ignore', detached: true },
          )
        : undefined,
  },
  {
    name: 'nginx stream',
    start: (configuration, listen, target, folder) => {
      if (!isInstalled('nginx')) return undefined;
      const file = join(folder, `nginx-${configuration}.conf`);
      const tls =
        configuration === 'tcp'
          ? ''
          : ` ssl_certificate ${folder}/server.crt; ssl_certificate_key ${folder}/server.key; ssl_session_cache off;`;
      const mutual =
        configuration === 'mtls'
          ? ` ssl_verify_client on; ssl_client_certificate ${folder}/client-ca.crt;`
          : '';
      writeFileSync(
        file,
        `daemon off; worker_processes 2; pid ${folder}/nginx-${configuration}.pid; error_log /dev/null; include /etc/nginx/modules-enabled/*.conf;\n` +
          `events { worker_connections 4096; }\n` +
          `stream { access_log off; server { listen 127.0.0.1:${listen} backlog=1024${tls === '' ? '' : ' ssl'};${tls}${mutual} proxy_pass 127.0.0.1:${target}; } }\n`,
      );
      return spawn('nginx', ['-c', file], { stdio: 'ignore', detached: true });
    },
  },
  {
    name: 'haproxy',
    start: (configuration, listen, target, folder) => {
      if (!isInstalled('haproxy')) return undefined;
      const file = join(folder, `haproxy-${configuration}.cfg`);
      const tls =
        configuration === 'tcp'
          ? ''
          : ` ssl crt ${folder}/server.pem${configuration === 'mtls' ? ` ca-file ${folder}/client-ca.crt verify required` : ''}`;
      writeFileSync(
        file,
        `global\n  nbthread 2\n  tune.ssl.cachesize 0\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n` +
          `frontend f\n  bind 127.0.0.1:${listen} backlog 1024${tls}\n  default_backend b\nbackend b\n  server s 127.0.0.1:${target}\n`,
      );
      return spawn('haproxy', ['-q', '-f', file], { stdio: 'ignore', detached: true });
    },
  },
];
