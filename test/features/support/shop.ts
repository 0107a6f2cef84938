/**
 * A small world for logins: certificates made for the test, a shop that listens on them, and a client's options.
 */
import { randomBytes } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import { startLoginServer } from '../../../src/peers/site/server.ts';
import type { LoginServer } from '../../../src/peers/site/server.ts';
import type { LogInOptions } from '../../../src/peers/client/log-in.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { Address } from '../../../src/capture/event.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import type { World } from '../../../src/pki/keystore/world.ts';
import type {
  AcceptOptions,
  DialOptions,
  Identity,
  Security,
  TlsChoices,
} from '../../../src/wire/endpoint.ts';
import { until } from '../../helpers/until.ts';

export const alice = { user: 'alice', password: 'tiger-lily', rrn: '900101-1234567' } as const;
export const host = 'shop.localhost';

let made: World | undefined;

/** Two CAs, as the demonstrations have them, and an untrusted one. */
export function world(): World {
  made ??= issueWorld(
    {
      certificates: {
        'server-ca': { profile: 'root', subject: { CN: 'Workshop Server CA' } },
        'client-ca': { profile: 'root', subject: { CN: 'Workshop Client CA' } },
        rogue: { profile: 'root', subject: { CN: 'Rogue CA' } },
        shop: {
          profile: 'server',
          issuer: 'server-ca',
          subject: { CN: host },
          san: [`DNS:${host}`, 'DNS:proxy.localhost', 'IP:127.0.0.1'],
        },
        /** Behind a proxy that shows another one, for the same name. */
        database: {
          profile: 'server',
          issuer: 'server-ca',
          subject: { CN: host },
          san: [`DNS:${host}`, 'DNS:proxy.localhost', 'IP:127.0.0.1'],
        },
        impostor: { profile: 'server', issuer: 'rogue', subject: { CN: host }, san: [`DNS:${host}`] },
        alice: {
          profile: 'client',
          issuer: 'client-ca',
          subject: { O: 'Workshop', CN: 'alice' },
          san: ['DNS:alice.localhost', 'URI:spiffe://workshop/alice'],
        },
        mallory: { profile: 'client', issuer: 'rogue', subject: { CN: 'mallory' } },
        proxy: { profile: 'client', issuer: 'client-ca', subject: { CN: 'proxy' } },
      },
    },
    { clock: systemClock },
  );
  return made;
}

export function newLog(): CaptureLog {
  const log = new CaptureLog({ clock: systemClock });
  log.append({
    type: 'began',
    version: '0',
    wallClock: new Date(0).toISOString(),
    topology: { participants: [], wires: [] },
  });
  return log;
}

export const anyPort: Address = { host: '127.0.0.1', port: 0 };

/** The options of a listener of that security, except `security`, `clock` and `tap`. */
export function listening(
  security: Security,
  options: { identity?: Identity; tls?: TlsChoices } = {},
): Omit<AcceptOptions, 'security' | 'clock'> {
  return {
    listen: anyPort,
    ...(security === 'plain' ? {} : { identity: options.identity ?? world().identity('shop') }),
    ...(security === 'mtls'
      ? { clientAuthorities: [world().authority('client-ca')], policy: { allowAll: true } }
      : {}),
    ...(options.tls ? { tls: options.tls } : {}),
  };
}

export interface Shop {
  readonly server: LoginServer;
  readonly log: CaptureLog;
}

/** A shop on its own wire, closed when the test ends; nothing may be open then. */
export async function openShop(
  t: ExecutionContext,
  security: Security,
  options: {
    identity?: Identity;
    tls?: TlsChoices;
    log?: CaptureLog;
    hop?: string;
    accept?: Partial<AcceptOptions>;
  } = {},
): Promise<Shop> {
  const log = options.log ?? newLog();
  const server = await startLoginServer({
    accept: {
      ...listening(security, options),
      security,
      clock: systemClock,
      tap: { log, hop: options.hop ?? 'A' },
      ...options.accept,
    },
    accounts: [alice, { user: 'bob', password: '비밀번호' }],
    random: randomBytes,
  });
  t.teardown(async () => {
    await server.close(200);
    await allClosed(server);
  });
  return { server, log };
}

/** A listener has closed when its sockets have let go; their own `close` comes a little later. What stays open fails. */
export async function allClosed(listener: { readonly open: number }): Promise<void> {
  await until(() => listener.open === 0, 10_000);
  if (listener.open !== 0) throw new Error(`${listener.open} connections are still open`);
}

export function dialing(security: Security, to: Address, options: Partial<DialOptions> = {}): DialOptions {
  return {
    security,
    to,
    clock: systemClock,
    ...(security === 'plain' ? {} : { serverName: host, authorities: [world().authority('server-ca')] }),
    ...(security === 'mtls' ? { identity: world().identity('alice') } : {}),
    ...options,
  };
}

export function loginOptions(
  log: CaptureLog,
  dial: DialOptions,
  more: Partial<LogInOptions> = {},
): LogInOptions {
  return {
    who: 'client',
    dial: { reportTo: log, ...dial },
    host: `${host}:${dial.to.port}`,
    ...alice,
    log,
    timeout: 5_000,
    ...more,
  };
}
