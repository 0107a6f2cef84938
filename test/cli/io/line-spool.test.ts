/** Lines that wait for their turn come out as they went in, from memory and from the file alike. */
import test from 'ava';
import { LineSpool } from '../../../src/cli/io/line-spool.ts';

for (const mostMemory of [0, 10, 1000, Infinity])
  test(`lines of each connection come out in their order, with ${mostMemory} characters in memory`, (t) => {
    const spool = new LineSpool(mostMemory);
    const expected = new Map<number, string[]>();
    for (let at = 0; at < 500; at++) {
      const conn = (at * 7) % 5;
      const line = `${at} 한글 ${'x'.repeat(at % 40)}`;
      spool.add(conn, line);
      expected.set(conn, [...(expected.get(conn) ?? []), line]);
    }
    t.deepEqual(spool.connections, [0, 1, 2, 3, 4]);
    spool.drop(3);
    t.deepEqual([...spool.take(3)], []);
    for (const conn of [4, 0, 2, 1]) t.deepEqual([...spool.take(conn)], expected.get(conn));
    t.deepEqual(spool.connections, []);
    spool.close();
  });

test('a line longer than a block of the file is whole', (t) => {
  const spool = new LineSpool(0);
  const long = '한y'.repeat(8_000_000);
  spool.add(1, long);
  spool.add(1, '');
  spool.add(1, 'end');
  t.deepEqual([...spool.take(1)], [long, '', 'end']);
  spool.close();
});
