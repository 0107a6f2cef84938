/** Comparing two versions: which connections are paired, whose login form is known, and the resulting table. */
import test from 'ava';
import { conversation, loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { Flows } from '../../src/capture/flows.ts';
import type { Connection } from '../../src/capture/connection.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { inLanguage, languages } from '../../src/i18n/language.ts';
import { counterpartOf, inOrder, sideOf, sidesTable } from '../../src/presentation/sides.ts';
import type { OneSide } from '../../src/presentation/sides.ts';
import { present, ScriptedLog } from '../helpers/capture.ts';
import { exchange, recordTls } from '../protocols/helpers/recorded-tls.ts';
import { selfSigned } from '../protocols/helpers/self-signed.ts';
import { loginRequest, password, recordLogin } from '../helpers/live.ts';

await loadReadings();

async function logins(...each: readonly Parameters<typeof recordLogin>[]): Promise<Flows> {
  const log = new CaptureLog({ clock: systemClock });
  for (const [security, options] of each) await recordLogin(security, { ...options, log });
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  return flows;
}

const sides = (
  flows: Flows,
  connections: readonly Connection[],
  typed?: Parameters<typeof sideOf>[2],
): OneSide[] => inOrder(connections).map((one) => present(sideOf(one, conversation(one), typed, flows)));

const shop = selfSigned('shop.localhost', 'RSA');

/** A login of another client, logged as one connection to port 8080. */
async function spoken(
  script: ScriptedLog,
  conn: number,
  typedPassword: string,
  maxVersion: 'TLSv1.2' | 'TLSv1.3',
  withKeys: boolean,
): Promise<void> {
  const request = Buffer.from(
    loginRequest
      .replace(password, typedPassword)
      .replace(
        /Content-Length: \d+/,
        `Content-Length: ${loginRequest.split('\r\n\r\n')[1]!.length - password.length + typedPassword.length}`,
      ),
  );
  const { events, keylog } = await recordTls({
    server: shop,
    client: { servername: 'shop.localhost', maxVersion },
    talk: async (client, server) => exchange(client, server, request),
  });
  script.opened(conn);
  for (const event of events) if (event.type === 'bytes') script.bytes(event.from, event.bytes, { conn });
  if (withKeys) for (const line of keylog) script.log.append({ type: 'keylog', line });
  script.closed('client', 'end', conn);
}

function flowsOf(script: ScriptedLog): Flows {
  const flows = new Flows(script.log);
  for (const event of script.log.events) flows.fold(event);
  return flows;
}

test('the form of another client’s login is known from a decrypted one at the same port', async (t) => {
  for (const withKeys of [true, false]) {
    const script = new ScriptedLog();
    script.began();
    await spoken(script, 1, 'mine-and-known', 'TLSv1.3', withKeys);
    await spoken(script, 2, password, 'TLSv1.2', false);
    await spoken(script, 3, 'a-secret-of-another-length', 'TLSv1.3', false);
    const flows = flowsOf(script);
    const [, second, third] = sides(flows, flows.connections).toSorted(
      (one, other) => one.connection.conn - other.connection.conn,
    );
    t.is(second?.visible.password?.most, withKeys ? password.length : undefined);
    t.is(third?.visible.password?.least, withKeys ? 'a-secret-of-another-length'.length : undefined);
  }
});

test('the counterpart is of another version, on the same wire, the nearest one', async (t) => {
  const script = new ScriptedLog();
  script.began();
  await spoken(script, 1, password, 'TLSv1.2', false);
  await spoken(script, 2, password, 'TLSv1.3', false);
  await spoken(script, 3, password, 'TLSv1.3', false);
  await spoken(script, 4, password, 'TLSv1.2', false);
  const flows = flowsOf(script);
  const partners = flows.connections.map((connection) => counterpartOf(connection, flows)?.conn);
  t.deepEqual(partners, [2, 1, 4, 3]);
  const [one] = flows.connections;
  t.is(
    counterpartOf(present(one), flows, ({ conn }) => (conn === 1 || conn === 3 ? 'alice' : 'bob'))?.conn,
    3,
    'the same client comes before the nearest',
  );
});

test('a table has a row for each point, a mark for each state, and says which rows differ', async (t) => {
  const flows = await logins(
    ['mtls', { version: 'TLSv1.3', identity: 'alice' }],
    ['mtls', { version: 'TLSv1.2', identity: 'alice' }],
  );
  const both = sides(flows, flows.connections);
  t.deepEqual(
    both.map(({ visible }) => visible.version),
    ['TLS 1.2', 'TLS 1.3'],
  );
  for (const language of languages) {
    const { head, rows, legend, notes, differs } = inLanguage(sidesTable(both), language);
    for (const row of rows) {
      t.is(row.length, head.length);
      for (const cell of row.slice(2)) t.regex(cell, /^[!#~-] ./);
    }
    t.true(differs.includes(true) && differs.includes(false));
    t.deepEqual(
      rows.map(([mark]) => mark === '>'),
      differs,
    );
    t.regex(legend, /^! .*# .*- .*~ .*> /);
    t.true(notes.length > 0);
  }
  t.regex(present(inLanguage(sidesTable(both), 'en').rows[4])[2] ?? '', /^! CN=shop\.localhost/);
});

test('what our own client typed gives its password’s length; nothing typed gives the request’s alone', async (t) => {
  const flows = await logins(['tls', { version: 'TLSv1.2' }]);
  const connection = present(flows.connections[0]);
  const alone = present(sideOf(connection, conversation(connection), undefined, flows));
  t.is(alone.visible.password, undefined);
  t.regex(inLanguage(sidesTable([alone]).notes, 'en').join(' '), /such as from a login of one’s own/);
  t.is(sideOf(connection, [], undefined, flows), undefined);
});

test('a connection’s counterpart has another version; without one there is a single column', async (t) => {
  const flows = await logins(['tls', { version: 'TLSv1.3' }]);
  t.is(counterpartOf(present(flows.connections[0]), flows), undefined);
});
