/** A connection as a row of a table. */
import test from 'ava';
import { listedRow } from '../../../src/presentation/report/listed-row.ts';
import {
  isReadFor,
  listOrders,
  listOrderWords,
  nextOrder,
} from '../../../src/presentation/report/list-orders.ts';
import { summary } from '../../analysis/summary/support.ts';

test('an open connection has lasted until the newest event, and nothing is said of what is not known', (t) => {
  const open = summary({
    stream: 4,
    client: undefined,
    server: { host: '::1', port: 443 },
    openedAt: 1_000_000,
    closedAt: undefined,
    latency: undefined,
    outcome: undefined,
    sni: undefined,
    hosts: [],
    asked: [],
    bytes: { client: 1234, server: 0 },
  });
  const { name, cells, outcome, isFailed } = listedRow(open, Date.UTC(2026, 0, 1), 3_500_000);
  t.is(name, '4');
  t.is(cells.time, '00:00:01.000');
  t.is(cells.client, '');
  t.is(cells.server, '[::1]:443');
  t.is(cells.name, '');
  t.is(cells.bytes, '1,234 / 0');
  t.is(cells.latency, '');
  t.is(cells.duration, '2.500 s');
  t.is(outcome, undefined);
  t.false(isFailed);
  t.is(listedRow({ ...open, closedAt: 1_000_350 }, 0, 3_500_000).cells.duration, '350 µs');
});

test('the orders follow each other in a circle, and all but the first say what they are', (t) => {
  let order: (typeof listOrders)[number] = listOrders[0];
  const seen = listOrders.map(() => {
    const now = order;
    order = nextOrder(order);
    return now;
  });
  t.deepEqual(seen, [...listOrders]);
  t.is(order, listOrders[0]);
  for (const one of listOrders)
    for (const language of ['en', 'ko'] as const)
      t.is(listOrderWords[one][language] === '', one === 'opened');
  t.deepEqual(listOrders.filter(isReadFor), ['latency', 'name']);
});
