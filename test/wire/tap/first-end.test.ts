/** Which side ended a connection first, and what no longer counts. */
import test from 'ava';
import { FirstEnd } from '../../../src/wire/tap/first-end.ts';

test('the first cause counts, and an abort more than an end', (t) => {
  const end = new FirstEnd();
  t.deepEqual(end.cause, { by: 'unknown', how: 'end' });
  end.ended('client');
  end.ended('server');
  t.deepEqual(end.cause, { by: 'client', how: 'end' });
  end.aborted('server', 'reset');
  end.aborted('client', 'reset');
  t.deepEqual(end.cause, { by: 'server', how: 'reset' });
});

test('what is reset once it is settled is neither side’s doing', (t) => {
  const end = new FirstEnd();
  end.ended('client');
  end.settle();
  end.aborted('server', 'reset');
  end.ended('server');
  t.deepEqual(end.cause, { by: 'client', how: 'end' });
});
