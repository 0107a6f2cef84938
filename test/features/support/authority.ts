/** A certificate authority with a root of its own, two sites at which it looks, and the means to ask it. */
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import { startCertificateAuthority } from '../../../src/features/enrol/certificate-authority.ts';
import type { CertificateAuthority } from '../../../src/features/enrol/certificate-authority.ts';
import type { ResolvedName } from '../../../src/features/enrol/domain-challenge.ts';
import { startWebsite } from '../../../src/features/pages/website.ts';
import type { Website } from '../../../src/features/pages/website.ts';
import type { Address } from '../../../src/capture/event.ts';
import type { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { thumbprintOf } from '../../../src/pki/ca/key-authorization.ts';
import { makeKey } from '../../../src/pki/ca/sign.ts';
import type { World } from '../../../src/pki/keystore/world.ts';
import { allClosed, anyPort, newLog } from './shop.ts';

let made: World | undefined;

export function authorities(): World {
  made ??= issueWorld(
    {
      certificates: {
        root: { profile: 'root', subject: { CN: 'Root' } },
        issuing: { profile: 'intermediate', issuer: 'root', subject: { CN: 'Issuing' }, pathLength: 0 },
        expired: {
          profile: 'intermediate',
          issuer: 'root',
          subject: { CN: 'Expired' },
          validity: { from: '-20d', to: '-1d' },
        },
      },
    },
    { clock: systemClock },
  );
  return made;
}

export const shopName = 'shop.localhost';

export interface Bench {
  readonly ca: CertificateAuthority;
  readonly site: Website;
  readonly log: CaptureLog;
  /** What the CA answers, its content parsed where it is JSON. */
  ask(
    method: string,
    path: string,
    body?: string | Uint8Array,
  ): Promise<{
    readonly status: number;
    readonly text: string;
    readonly content: Readonly<Record<string, unknown>>;
  }>;
}

/** A CA for which `shop.localhost` is the site, and whatever else a test wants. */
export async function openBench(
  t: ExecutionContext,
  options: {
    readonly resolve?: (name: string) => ResolvedName | undefined;
    readonly issuer?: string;
    readonly challengeTimeout?: number;
  } = {},
): Promise<Bench> {
  const log = newLog();
  const site = await startWebsite({ accept: { security: 'plain', listen: anyPort, clock: systemClock } });
  const ca = await startCertificateAuthority({
    accept: { security: 'plain', listen: anyPort, clock: systemClock },
    issuer: authorities().identity(options.issuer ?? 'issuing'),
    resolve: (name) =>
      options.resolve?.(name) ??
      (name === shopName ? { address: site.address, tap: { log, hop: 'C' } } : undefined),
    clock: systemClock,
    random: randomBytes,
    ...(options.challengeTimeout === undefined ? {} : { challengeTimeout: options.challengeTimeout }),
  });
  t.teardown(async () => {
    await ca.close(200);
    await site.close(200);
    await allClosed(ca);
    await allClosed(site);
  });
  return {
    ca,
    site,
    log,
    async ask(method, path, body) {
      const response = await fetch(`http://127.0.0.1:${ca.address.port}${path}`, {
        method,
        ...(body === undefined ? {} : { body }),
        headers: { Connection: 'close' },
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json') ?? false;
      return {
        status: response.status,
        text,
        content: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
      };
    },
  };
}

export interface Pair {
  readonly key: KeyObject;
  readonly thumbprint: string;
}

export function pairOf(pem: string): Pair {
  const key = createPrivateKey(pem);
  return { key, thumbprint: thumbprintOf(createPublicKey(key)) ?? '' };
}

export function newPair(): Pair {
  return pairOf(makeKey('P-256').export({ type: 'pkcs8', format: 'pem' }).toString());
}

/** A server whose responses the test defines, closed when the test ends. */
export async function rawServer(
  t: ExecutionContext,
  onConnection: (socket: Socket) => void,
): Promise<Address> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}
