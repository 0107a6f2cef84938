/** A list of messages that is never built: its places agree with each other, whatever stretches it was made of. */
import test from 'ava';
import * as fc from 'fast-check';
import type { Message } from '../../../../src/analysis/conversation/message.ts';
import { Connection } from '../../../../src/capture/connection.ts';
import { Rows } from '../../../../src/ui/tui/state/rows.ts';
import { holds } from '../support/holds.ts';

const connection = (conn: number): Connection =>
  new Connection({ events: [] }, { run: 1, conn, hop: 'A', seq: 0 });
/** Only what a list looks at. */
const message = (seq: number): Message => ({ seq }) as Message;

const sequences = fc.array(
  fc.array(fc.nat(30), { maxLength: 12 }).map((all) => all.toSorted((one, other) => one - other)),
  { maxLength: 4 },
);

test('every message between two events is there once, in order, and is found at its index', (t) => {
  holds(
    t,
    fc.property(sequences, fc.nat(30), fc.nat(30), (all, first, last) => {
      const rows = new Rows();
      const expected = all
        .flatMap((seqs, conn) => seqs.map((seq, index) => ({ conn, index, seq })))
        .filter(({ seq }) => seq >= first && seq <= last);
      for (const [conn, seqs] of all.entries()) rows.add(connection(conn), seqs.map(message), first, last);
      if (rows.length !== expected.length) throw new Error(`${rows.length} instead of ${expected.length}`);
      for (const [at, { conn, index, seq }] of expected.entries()) {
        const row = rows.at(at);
        if (row?.connection.conn !== conn || row.index !== index || row.message.seq !== seq)
          throw new Error(`row ${at} is another`);
        if (rows.indexOf(conn, index) !== at) throw new Error(`row ${at} is not found`);
      }
      if (rows.at(-1) !== undefined || rows.at(rows.length) !== undefined)
        throw new Error('rows beyond the ends');
      if (rows.slice(-5, Infinity).length !== rows.length) throw new Error('a slice of all is not all');
      const wanted = expected.findIndex(({ seq }) => seq % 3 === 0);
      if (rows.findIndex(({ seq }) => seq % 3 === 0) !== wanted) throw new Error('the first is another');
    }),
    200,
  );
});

test('what is not there is not found', (t) => {
  const rows = new Rows();
  rows.add(connection(1), [message(3), message(5)], 4, 9);
  t.is(rows.indexOf(1, 0), -1);
  t.is(rows.indexOf(2, 1), -1);
  t.is(rows.indexOf(1, 1), 0);
  t.is(
    rows.findIndex(() => false),
    -1,
  );
});

test('a million messages are counted without being gone through', (t) => {
  const many = Array.from({ length: 1_000_000 }, (_, seq) => message(seq));
  const rows = new Rows();
  rows.add(connection(1), many, 1000, 900_000);
  t.is(rows.length, 899_001);
  t.is(rows.at(500_000)?.message.seq, 501_000);
  let looked = 0;
  rows.findIndex(() => {
    looked++;
    return false;
  });
  t.true(looked <= 2000);
});
