/** A pinned public key: it stops a server that everybody vouches for, it replaces no other check, and it is the one curl knows. */
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { accept } from '../../src/wire/accept.ts';
import { dial } from '../../src/wire/dial.ts';
import type { DialOptions } from '../../src/wire/endpoint.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { failed } from './support/streams.ts';
import { makeWorld } from './support/world.ts';

const world = makeWorld();

async function asked(t: ExecutionContext, server: string, more: Partial<DialOptions>, log?: CaptureLog) {
  const listener = await accept(
    {
      security: 'tls',
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      identity: world.identity(server),
    },
    ({ stream }) => stream.resume().end(),
  );
  t.teardown(async () => listener.close(0));
  const dialed = await dial({
    security: 'tls',
    to: listener.address,
    clock: systemClock,
    serverName: 'shop.localhost',
    authorities: [world.authority('server-ca')],
    ...(log ? { tap: { log, hop: 'A' } } : {}),
    ...more,
  });
  if (dialed.outcome === 'connected')
    dialed.stream
      .on('error', () => {})
      .resume()
      .end();
  return { dialed, port: listener.address.port };
}

function pinOf(name: string): string {
  const key = new X509Certificate(world.identity(name).certificate).publicKey.export({
    type: 'spki',
    format: 'der',
  });
  return createHash('sha256').update(key).digest('base64');
}

test('the server whose key is pinned is taken, and one with another key of the same CA is not', async (t) => {
  const { dialed } = await asked(t, 'server', { pins: ['AAAA', pinOf('server')] });
  t.is(dialed.outcome, 'connected');
  const log = new CaptureLog({ clock: systemClock });
  const { dialed: other } = await asked(t, 'server-below-intermediate', { pins: [pinOf('server')] }, log);
  t.like(failed(other), { reason: 'key_not_pinned', by: 'client', code: 'PUBLIC_KEY_NOT_PINNED' });
  t.is(log.events.find((event) => event.type === 'refused')?.reason, 'key_not_pinned');
  // Its twin without the pin is taken.
  const { dialed: twin } = await asked(t, 'server-below-intermediate', {});
  t.is(twin.outcome, 'connected');
});

test('a pin replaces no other check, and holds where nothing else is checked', async (t) => {
  const { dialed } = await asked(t, 'server-rogue', { pins: [pinOf('server-rogue')] });
  t.is(failed(dialed).reason, 'unknown_ca');
  const { dialed: unverified } = await asked(t, 'server-rogue', { pins: [pinOf('server')], verify: false });
  t.is(failed(unverified).reason, 'key_not_pinned');
});

withPeer(['curl', 'openssl'], 'curl and openssl know the same pin', async (t) => {
  const pem = execFileSync('openssl', ['x509', '-pubkey', '-noout'], {
    input: world.identity('server').certificate,
  });
  const der = execFileSync('openssl', ['pkey', '-pubin', '-outform', 'DER'], { input: pem });
  t.is(createHash('sha256').update(der).digest('base64'), pinOf('server'));
  const { port } = await asked(t, 'server', {});
  const curl = async (pin: string) =>
    runProgram('curl', [
      '--silent',
      '--insecure',
      '--resolve',
      `shop.localhost:${port}:127.0.0.1`,
      '--pinnedpubkey',
      `sha256//${pin}`,
      `https://shop.localhost:${port}/`,
    ]);
  t.is((await curl(pinOf('server-rogue'))).exitCode, 90);
  t.not((await curl(pinOf('server'))).exitCode, 90);
});
