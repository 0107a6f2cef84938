/** Two versions beside each other: who stands beside whom, whose login's form is known, and the table that comes of it. */
import test from 'ava';
import { conversation, loadReadings } from '../../src/analysis/conversation.ts';
import { Flows } from '../../src/capture/flows.ts';
import type { Connection } from '../../src/capture/flows.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { languages } from '../../src/i18n/language.ts';
import { counterpartOf, inOrder, sideOf, sidesLegend, sidesNotes, sidesTable } from '../../src/story/sides.ts';
import type { OneSide } from '../../src/story/sides.ts';
import { present } from '../helpers/capture.ts';
import { password, recordLogin } from '../helpers/live.ts';

await loadReadings();

async function logins(...each: readonly Parameters<typeof recordLogin>[]): Promise<Flows> {
  const log = new CaptureLog({ clock: systemClock });
  for (const [security, options] of each) await recordLogin(security, { ...options, log });
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  return flows;
}

/** Runs come one after the other here; the log of one run is what is wanted. */
const sides = (flows: Flows, connections: readonly Connection[], typed?: Parameters<typeof sideOf>[2]): OneSide[] => inOrder(connections).map((one) => present(sideOf(one, conversation(one), typed, flows)));

test('the form of somebody else’s login is known from one that stood readable in the same log', async (t) => {
  const flows = await logins(['tls', { version: 'TLSv1.3' }], ['tls', { version: 'TLSv1.2' }]);
  const [one, other] = flows.connections.filter(({ carriesTls }) => carriesTls);
  t.truthy(one && other);
  // Each opens with the logged keys, and gives the other's form.
  for (const { visible } of sides(flows, flows.connections.filter(({ run }) => run === flows.connections[0]?.run))) {
    t.true(visible.password === undefined || visible.password.most === password.length);
  }
});

test('a table has a row for each point, a mark for each state, and says which rows differ', async (t) => {
  const flows = await logins(['mtls', { version: 'TLSv1.3', identity: 'alice' }], ['mtls', { version: 'TLSv1.2', identity: 'alice' }]);
  const both = sides(flows, flows.connections);
  t.deepEqual(both.map(({ visible }) => visible.version), ['TLS 1.2', 'TLS 1.3']);
  for (const language of languages) {
    const { head, rows, differs } = sidesTable(both, language);
    for (const row of rows) {
      t.is(row.length, head.length);
      for (const cell of row.slice(2)) t.regex(cell, /^[!*~-] ./);
    }
    t.true(differs.includes(true) && differs.includes(false));
    t.deepEqual(rows.map(([mark]) => mark === '>'), differs);
    t.regex(sidesLegend(both, language), /^! .*\* .*- .*~ .*> /);
    t.true(sidesNotes(both, language).length > 0);
  }
  t.regex(present(sidesTable(both, 'en').rows[4])[2] ?? '', /^! CN=shop\.localhost/);
});

test('what our own client typed gives its password’s length; nothing typed gives the request’s alone', async (t) => {
  const flows = await logins(['tls', { version: 'TLSv1.2' }]);
  const connection = present(flows.connections[0]);
  const alone = present(sideOf(connection, conversation(connection), undefined, flows));
  t.is(alone.visible.password, undefined);
  t.regex(sidesNotes([alone], 'en').join(' '), /such as from a login of one’s own/);
  t.is(sideOf(connection, [], undefined, flows), undefined);
});

test('a connection’s counterpart is of another version; one that has none stands alone', async (t) => {
  const flows = await logins(['tls', { version: 'TLSv1.3' }]);
  t.is(counterpartOf(present(flows.connections[0]), flows), undefined);
});
