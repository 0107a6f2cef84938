/**
 * Logins recorded over real sockets and real TLS: a client dials, a server answers 302, the log keeps what the taps saw.
 */
import { systemClock } from '../../src/core/clock.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import type { TlsVersion } from '../../src/capture/vocabulary.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { accept } from '../../src/wire/accept.ts';
import { dial } from '../../src/wire/dial.ts';
import type { Security } from '../../src/wire/endpoint.ts';
import { topology } from './capture.ts';

export const password = 'tiger-lily';
const body = `username=alice&password=${password}&rrn=900101-1234567`;
export const loginRequest = [
  'POST /login HTTP/1.1',
  'Host: shop.localhost',
  'Content-Type: application/x-www-form-urlencoded',
  `Content-Length: ${body.length}`,
  '',
  body,
].join('\r\n');
export const loginResponse =
  'HTTP/1.1 302 Found\r\nLocation: /profile\r\nSet-Cookie: session=5e55104; HttpOnly\r\nContent-Length: 0\r\n\r\n';

export const world = issueWorld(
  {
    certificates: {
      'server-ca': { profile: 'root', subject: { CN: 'Server CA' } },
      'client-ca': { profile: 'root', subject: { CN: 'Client CA' } },
      'rogue-ca': { profile: 'root', subject: { CN: 'Rogue CA' } },
      shop: {
        profile: 'server',
        issuer: 'server-ca',
        subject: { CN: 'shop.localhost' },
        san: ['DNS:shop.localhost'],
      },
      alice: { profile: 'client', issuer: 'client-ca', subject: { CN: 'alice' } },
      mallory: { profile: 'client', issuer: 'rogue-ca', subject: { CN: 'mallory' } },
    },
  },
  { clock: systemClock },
);

export interface LiveLogin {
  readonly log: CaptureLog;
  /** Whether the client heard the answer. */
  readonly answered: boolean;
}

/** One login; `identity` names the client's certificate, `authority` the CA that it trusts. */
export async function recordLogin(
  security: Security,
  options: {
    version?: TlsVersion;
    identity?: 'alice' | 'mallory';
    authority?: 'server-ca' | 'rogue-ca';
    log?: CaptureLog;
    host?: string;
  } = {},
): Promise<LiveLogin> {
  const {
    version = 'TLSv1.3',
    identity,
    authority = 'server-ca',
    log = new CaptureLog({ clock: systemClock }),
    host = '127.0.0.1',
  } = options;
  const tls = { minVersion: version, maxVersion: version };
  log.append({ type: 'began', version: '0.1.0', wallClock: new Date().toISOString(), topology });
  const listener = await accept(
    {
      security,
      listen: { host, port: 0 },
      clock: systemClock,
      tap: { log, hop: 'A' },
      identity: world.identity('shop'),
      tls,
      ...(security === 'mtls'
        ? { clientAuthorities: [world.authority('client-ca')], policy: { allowAll: true } }
        : {}),
    },
    ({ stream }) => {
      stream.once('data', () => stream.end(loginResponse));
      stream.on('error', () => {});
    },
  );
  const dialed = await dial({
    security,
    to: listener.address,
    clock: systemClock,
    reportTo: log,
    serverName: 'shop.localhost',
    authorities: [world.authority(authority)],
    tls,
    ...(identity ? { identity: world.identity(identity) } : {}),
  });
  let answer = '';
  if (dialed.outcome === 'connected') {
    const { stream } = dialed;
    stream.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    stream.on('error', () => {});
    stream.on('end', () => stream.end());
    stream.write(loginRequest);
    await new Promise((resolve) => stream.once('close', resolve));
  }
  await log.until(() => log.events.some((event) => event.type === 'closed' && event.hop === 'A'), 10_000);
  await listener.close();
  return { log, answered: answer.includes('302 Found') };
}
