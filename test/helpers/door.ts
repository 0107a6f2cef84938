/** A learner's connections to the door of a running lab, without other programs. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { connect } from 'node:tls';

/** The port of the door, as a script of the lab has it. */
export function doorOf(folder: string, script: string): number {
  return Number(/localhost:(\d+)/.exec(readFileSync(join(folder, 'try', script), 'utf8'))?.[1]);
}

/** Logs in over plaintext. @returns the status of the answer */
export async function logIn(port: number): Promise<number | undefined> {
  const body = 'username=alice&password=tiger-lily&rrn=900101-1234567';
  const sent = request({
    host: '127.0.0.1',
    port,
    path: '/login',
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length },
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}

/** Knocks at a door with TLS, and shows no certificate; resolves when the door has closed. */
export async function knock(port: number): Promise<void> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'shop.localhost',
    rejectUnauthorized: false,
  });
  socket.on('error', () => {}).on('secureConnect', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
  socket.resume();
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
}
