/** Several targets behind one listener: chosen by the server name, by the host of a tunnel; and what fits none. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { connect } from 'node:net';
import { systemClock } from '../../src/core/clock.ts';
import { isAuthority } from '../../src/proxy/routes.ts';
import { isNamed } from '../../src/wire/tls/named.ts';
import { accept } from '../../src/wire/accept.ts';
import { dial } from '../../src/wire/dial.ts';
import type { Security } from '../../src/wire/endpoint.ts';
import { dialing, listening, newLog } from '../features/support/shop.ts';
import { eventsOf, openProxy } from './support/proxies.ts';

async function openServer(t: ExecutionContext, says: string, security: Security) {
  const listener = await accept({ ...listening(security), security, clock: systemClock }, ({ stream }) => {
    stream.on('error', () => {});
    stream.on('data', () => stream.write(says));
    stream.on('end', () => stream.end());
  });
  t.teardown(async () => listener.close(0));
  return listener.address;
}

test('a name fits itself, in any case; a wildcard fits one label more', (t) => {
  t.true(isNamed('Shop.example', 'shop.EXAMPLE.'));
  t.false(isNamed('shop.example', 'a.shop.example'));
  t.true(isNamed('*.shop.example', 'a.shop.example'));
  for (const name of ['shop.example', 'a.b.shop.example', '.shop.example'])
    t.false(isNamed('*.shop.example', name), name);
  t.true(isAuthority('api.example', 'api.example:443'));
  t.true(isAuthority('api.example:443', 'API.example:443'));
  t.false(isAuthority('api.example:443', 'api.example:444'));
});

for (const kind of ['tls', 'passthrough'] as const)
  for (const only of [false, true]) {
    test(`${kind}: the server name chooses the target${only ? ', and an unknown one is refused' : ''}`, async (t) => {
      const log = newLog();
      const security = kind === 'tls' ? 'plain' : 'tls';
      const usual = await openServer(t, 'usual', security);
      const other = await openServer(t, 'other', security);
      const proxy = await openProxy(t, {
        log,
        kind,
        to: usual,
        more: {
          pump: 'bytes',
          routes: [
            { serverNames: ['proxy.localhost'], authorities: [], dial: { to: other, security: 'plain' } },
          ],
          onlyRoutes: only,
        },
      });
      const said = async (serverName: string): Promise<string> => {
        const dialed = await dial({ ...dialing('tls', proxy.address), serverName });
        if (dialed.outcome === 'failed') return dialed.failure.reason;
        const { stream } = dialed;
        stream.on('error', () => {});
        stream.write('?');
        const heard = await new Promise<string>((resolve) => {
          stream.once('data', (bytes: Buffer) => resolve(String(bytes)));
          stream.once('close', () => resolve('closed'));
        });
        stream.end();
        return heard;
      };
      t.is(await said('proxy.localhost'), 'other');
      const elsewhere = await said('shop.localhost');
      if (!only) return t.is(elsewhere, 'usual');
      t.not(elsewhere, 'usual');
      return t.deepEqual(
        eventsOf(log, 'refused', 'A').map(({ reason, detail }) => [reason, detail.code]),
        [['no_target_for_name', 'shop.localhost']],
      );
    });
  }

test('passthrough: what is no TLS goes to the usual target, whole', async (t) => {
  const log = newLog();
  const usual = await openServer(t, 'usual', 'plain');
  const proxy = await openProxy(t, {
    log,
    kind: 'passthrough',
    to: usual,
    more: { routes: [{ serverNames: ['x'], authorities: [], dial: { to: usual, security: 'plain' } }] },
  });
  const dialed = await dial(dialing('plain', proxy.address));
  if (dialed.outcome === 'failed') return t.fail();
  dialed.stream.write('hello');
  t.is(String((await once(dialed.stream, 'data'))[0]), 'usual');
  return dialed.stream.end();
});

test('connect: the host of the tunnel chooses the target, and every refusal says why', async (t) => {
  const log = newLog();
  const usual = await openServer(t, 'usual', 'plain');
  const other = await openServer(t, 'other', 'plain');
  const proxy = await openProxy(t, {
    log,
    kind: 'connect',
    to: usual,
    more: {
      routes: [{ serverNames: [], authorities: ['api.example:443'], dial: { to: other, security: 'plain' } }],
      onlyRoutes: true,
    },
  });
  const ask = async (text: string): Promise<string> => {
    const socket = connect(proxy.address.port, '127.0.0.1').on('error', () => {});
    socket.write(text);
    const parts: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => {
      parts.push(bytes);
      if (String(bytes).includes('200 Connection')) socket.write('?');
      if (String(bytes).endsWith('other')) socket.end();
    });
    await once(socket, 'close');
    return Buffer.concat(parts).toString();
  };
  t.regex(await ask('CONNECT api.example:443 HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 200 .*other$/s);
  t.regex(
    await ask('CONNECT bank.example:443 HTTP/1.1\r\n\r\n'),
    /^HTTP\/1\.1 403 .*tunnels to api\.example:443 only, not to bank\.example:443/s,
  );
  t.regex(await ask('GET / HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 405 .*must be CONNECT/s);
  t.regex(await ask('nonsense\r\n\r\n'), /^HTTP\/1\.1 400 .*no request for a tunnel/s);
  t.regex(await ask('CONNECT a:1 HTTP/2.0\r\n\r\n'), /^HTTP\/1\.1 505 .*only HTTP/s);
});
