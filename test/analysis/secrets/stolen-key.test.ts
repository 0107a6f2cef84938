/** A recording first, the private key later: what opens, told from captured bytes alone. */
import { randomBytes } from 'node:crypto';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { logIn } from '../../../src/peers/client/log-in.ts';
import { startLoginServer } from '../../../src/peers/site/server.ts';
import { loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import { keyExchangeIn } from '../../../src/analysis/conversation/key-exchange.ts';
import { openRecorded } from '../../../src/analysis/secrets/stolen-key.ts';
import { readTls } from '../../../src/analysis/conversation/tls-reading.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import type { Connection } from '../../../src/capture/connection.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import type { TlsChoices } from '../../../src/wire/endpoint.ts';
import { alice, anyPort, host, newLog } from '../../features/support/shop.ts';
import { present } from '../../helpers/capture.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';

await loadReadings();

const server = { profile: 'server', issuer: 'ca', subject: { CN: host }, san: [`DNS:${host}`] } as const;
const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' } },
      shop: { ...server, key: 'RSA-2048' },
      other: { ...server, key: 'RSA-2048' },
      curve: server,
    },
  },
  { clock: systemClock },
);
const [shop, other, curve] = ['shop', 'other', 'curve'].map((name) => world.identity(name).key);

interface Recorded {
  readonly ticketKeys?: Uint8Array;
  readonly certificate?: string;
  readonly tls?: TlsChoices;
  readonly clientTls?: TlsChoices;
  readonly maxPayload?: number;
}

async function shopOn(t: ExecutionContext, { certificate = 'shop', tls, maxPayload, ticketKeys }: Recorded) {
  const log = maxPayload === undefined ? newLog() : new CaptureLog({ clock: systemClock, maxPayload });
  const site = await startLoginServer({
    accept: {
      security: 'tls',
      listen: anyPort,
      clock: systemClock,
      identity: world.identity(certificate),
      tap: { log, hop: 'A' },
      ...(tls ? { tls } : {}),
      ...(ticketKeys ? { ticketKeys } : {}),
    },
    accounts: [alice],
    random: randomBytes,
  });
  t.teardown(async () => site.close(200));
  return { log, site };
}

function connectionIn(log: CaptureLog): Connection {
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  return present(flows.connections[0]);
}

/** A login that is over, as the wire carried it. */
async function recorded(t: ExecutionContext, options: Recorded): Promise<Connection> {
  const { log, site } = await shopOn(t, options);
  const { address } = site;
  const dial = {
    security: 'tls',
    to: address,
    clock: systemClock,
    serverName: host,
    authorities: [world.authority('ca')],
    ...(options.clientTls ? { tls: options.clientTls } : {}),
  } as const;
  t.is((await logIn({ who: 'client', dial, host, ...alice, log: newLog() })).outcome, 'admitted');
  await log.until(() => log.events.some(({ type }) => type === 'closed'), 3000);
  return connectionIn(log);
}

const tls12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const staticRsa: TlsChoices = { ...tls12, ciphers: 'AES128-GCM-SHA256' };

test('a static RSA key exchange opens to its key, password and all, and to no other', async (t) => {
  const connection = await recorded(t, { tls: staticRsa });
  const opened = openRecorded(connection, present(shop));
  t.like(opened, { tried: 1, opened: 1 });
  t.true(Buffer.from(opened.said.client).includes(`password=${alice.password}`));
  t.true(Buffer.from(opened.said.server).includes('alice'));
  for (const key of [present(other), present(curve)]) {
    const { tried, opened: none, said } = openRecorded(connection, key);
    t.deepEqual([tried, none, said.client.length, said.server.length], [1, 0, 0, 0]);
  }
});

test('under TLS 1.2 the ticket key opens what ECDHE has agreed on; under TLS 1.3 it opens nothing', async (t) => {
  const ticketKeys = randomBytes(48);
  const old = await recorded(t, { ticketKeys, clientTls: tls12 });
  t.is(openRecorded(old, present(shop)).opened, 0);
  const opened = openRecorded(old, present(other), ticketKeys);
  t.like(opened, { tried: 1, opened: 1 });
  t.true(Buffer.from(opened.said.client).includes(`password=${alice.password}`));
  t.is(openRecorded(old, present(shop), randomBytes(48)).opened, 0);
  const recent = await recorded(t, { ticketKeys });
  t.like(openRecorded(recent, present(shop), ticketKeys), { tried: 1, opened: 0 });
});

for (const accepted of [true, false])
  test(`a session that a client resumes opens to the ticket key ${accepted ? 'of the ticket that it shows' : 'only if the server accepted that ticket'}`, async (t) => {
    const keys = [randomBytes(48), randomBytes(48)] as const;
    const sessions: Buffer[] = [];
    const login = async (ticketKeys: Uint8Array): Promise<Connection> => {
      const { log, site } = await shopOn(t, { ticketKeys });
      const dial = {
        security: 'tls',
        to: site.address,
        clock: systemClock,
        serverName: host,
        authorities: [world.authority('ca')],
        tls: tls12,
        ...(sessions[0] ? { session: sessions[0] } : {}),
        onSession: (session: Buffer) => void sessions.push(session),
      } as const;
      t.is((await logIn({ who: 'client', dial, host, ...alice, log: newLog() })).outcome, 'admitted');
      await log.until(() => log.events.some(({ type }) => type === 'closed'), 3000);
      return connectionIn(log);
    };
    await login(keys[0]);
    const again = await login(keys[accepted ? 0 : 1]);
    t.is(again.secured.server?.resumed, accepted ? true : undefined);
    const { opened, said } = openRecorded(again, present(other), keys[0]);
    t.is(opened, accepted ? 1 : 0);
    t.is(Buffer.from(said.client).includes(`password=${alice.password}`), accepted);
  });

test('where two public values crossed, the right key opens nothing', async (t) => {
  for (const [clientTls, tls] of [
    [tls12, {}],
    [{}, {}],
    [tls12, { groups: 'P-256' }],
  ] as const) {
    const connection = await recorded(t, { clientTls, tls });
    const { tried, opened, said } = openRecorded(connection, present(shop));
    t.deepEqual([tried, opened, said.client.length, said.server.length], [1, 0, 0, 0]);
  }
  t.is(openRecorded(await recorded(t, { certificate: 'curve', clientTls: tls12 }), present(curve)).opened, 0);
});

test('the key exchange is read off the wire, with its values', async (t) => {
  const exchangeOf = async (options: Recorded) => keyExchangeIn(readTls(await recorded(t, options)).messages);
  const locked = present(await exchangeOf({ tls: staticRsa }));
  if (locked.how !== 'RSA') return t.fail(locked.how);
  t.is(locked.locked.value.length, 256);
  t.is(locked.locked.from, 'client');
  for (const [clientTls, group, length] of [
    [tls12, 'x25519', 32],
    [{ minVersion: 'TLSv1.3', groups: 'X25519' }, 'x25519', 32],
    [{ minVersion: 'TLSv1.3', groups: 'P-256' }, 'secp256r1', 65],
    [{ ...tls12, groups: 'P-384' }, 'secp384r1', 97],
  ] as const) {
    const crossed = present(await exchangeOf({ clientTls }));
    if (crossed.how === 'RSA') return t.fail('locked');
    t.is(crossed.how, 'ECDHE');
    t.is(crossed.group, group);
    const { client, server: answer } = crossed.publicValues;
    t.deepEqual(
      [client.from, answer.from, client.value.length, answer.value.length],
      ['client', 'server', length, length],
    );
    t.notDeepEqual(client.value, answer.value);
  }
});

test('what the log has dropped is not opened, and nothing throws', async (t) => {
  const opened = openRecorded(await recorded(t, { tls: staticRsa, maxPayload: 500 }), present(shop));
  t.is(opened.said.client.length + opened.said.server.length, 0);
});

test('a connection that is cut anywhere, or of noise, never throws', async (t) => {
  const whole = await recorded(t, { tls: staticRsa });
  const pieces = (['client', 'server'] as const).map((from) =>
    present(whole.stream('wire', from).read(0, whole.stream('wire', from).length)),
  );
  const [client, answer] = pieces.map((bytes) => Buffer.from(bytes));
  const of = (one: Uint8Array, two: Uint8Array): Connection => {
    const log = newLog();
    log.append({ type: 'opened', conn: 1, hop: 'A', transport: 'tcp', from: anyPort, to: anyPort });
    log.append({ type: 'bytes', conn: 1, hop: 'A', vantage: 'wire', from: 'client', bytes: one });
    log.append({ type: 'bytes', conn: 1, hop: 'A', vantage: 'wire', from: 'server', bytes: two });
    return connectionIn(log);
  };
  for (let length = 0; length < present(client).length; length += 41)
    t.notThrows(() => openRecorded(of(present(client).subarray(0, length), present(answer)), present(shop)));
  for (let round = 0; round < 100; round++) {
    const spoiled = Buffer.from(present(client));
    spoiled[randomBytes(2).readUInt16BE() % spoiled.length] = randomBytes(1)[0] ?? 0;
    t.notThrows(() => openRecorded(of(spoiled, present(answer)), present(shop)));
    t.is(openRecorded(of(randomBytes(round * 7), randomBytes(round)), present(shop)).opened, 0);
  }
});

withPeer(
  'openssl',
  'a recorded openssl s_client opens to the key under a static RSA exchange, and not under ECDHE',
  async (t) => {
    for (const [cipher, expected] of [
      ['AES128-GCM-SHA256', 1],
      ['ECDHE-RSA-AES128-GCM-SHA256', 0],
    ] as const) {
      const { log, site } = await shopOn(t, {
        tls: { ...tls12, ciphers: 'AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256' },
      });
      const { address } = site;
      const { stdout, stderr } = await runProgram(
        'openssl',
        [
          's_client',
          '-connect',
          `127.0.0.1:${address.port}`,
          '-servername',
          host,
          '-tls1_2',
          '-cipher',
          cipher,
          '-ign_eof',
          '-quiet',
        ],
        {
          input: `GET /login HTTP/1.1\r\nHost: ${host}\r\nCookie: said=by-openssl\r\nConnection: close\r\n\r\n`,
        },
      );
      t.regex(stdout, /200 OK/, stderr);
      await log.until(() => log.events.some(({ type }) => type === 'closed'), 3000);
      const { opened, said } = openRecorded(connectionIn(log), present(shop));
      t.is(opened, expected, cipher);
      t.is(Buffer.from(said.client).includes('said=by-openssl'), expected === 1);
    }
  },
);
