/** nginx as a server with TLS that demands a certificate of its clients. It listens in a folder of its own, on no port. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { file } from '../../analysis/support/failing-peers.ts';
import type { Serving } from './failures.ts';

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

const settings = (folder: string, version: string): string => `
daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/errors;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  server {
    listen unix:${folder}/socket ssl;
    ssl_protocols TLSv${version};
    ssl_certificate ${file('server.crt')}; ssl_certificate_key ${file('server.key')};
    ssl_client_certificate ${file('good-ca.crt')}; ssl_verify_client on;
    location / { return 200 ok; }
  }
}
`;

/** Resolves once it accepts; rejects if it ends before. */
export async function startNginx(version: '1.2' | '1.3'): Promise<Serving> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-nginx-'));
  const place = join(folder, 'nginx.conf');
  writeFileSync(place, settings(folder, version));
  const child = spawn('nginx', ['-p', folder, '-e', join(folder, 'errors'), '-c', place], {
    stdio: 'ignore',
  });
  const ended = once(child, 'close');
  const path = join(folder, 'socket');
  const open = async (): Promise<Socket | undefined> =>
    new Promise((resolve) => {
      const socket = connect({ path, allowHalfOpen: true }, () => resolve(socket));
      socket.on('error', () => resolve(undefined));
    });
  for (let first = await open(); ; first = await open()) {
    if (first) {
      first.destroy();
      break;
    }
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    await pause(5);
  }
  return {
    target(socket) {
      const inner = connect({ path, allowHalfOpen: true });
      inner.on('error', () => socket.destroy());
      socket.on('error', () => inner.destroy());
      socket.pipe(inner).pipe(socket);
    },
    async close() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
