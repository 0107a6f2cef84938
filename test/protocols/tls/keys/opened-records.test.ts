/** Records that were opened are handed on without the keys: what they hold is read as it was, and nothing else opens. */
import test from 'ava';
import { randomBytes } from 'node:crypto';
import { Flows } from '../../../../src/capture/flows.ts';
import { readTls } from '../../../../src/analysis/conversation/tls-reading.ts';
import { KeyRing } from '../../../../src/protocols/tls/keys/keylog.ts';
import {
  isOpenedRecord,
  openedRecord,
  openedRecordLine,
} from '../../../../src/protocols/tls/keys/opened-records.ts';
import type { TlsMessage } from '../../../../src/protocols/tls/message/message.ts';
import { recordLogin } from '../../../helpers/live.ts';

const sayings = (messages: readonly TlsMessage[]): unknown[] =>
  messages.map(({ from, offset, length, title, content, opened, encrypted, ranges }) => ({
    from,
    offset,
    length,
    title,
    content,
    opened,
    encrypted,
    ranges,
  }));

for (const version of ['TLSv1.3', 'TLSv1.2'] as const)
  test(`${version}: with the lines of all records a connection is read as with its keys; with some, those alone open`, async (t) => {
    const { log } = await recordLogin('mtls', { version, identity: 'alice' });
    const flows = new Flows(log);
    for (const event of log.events) flows.fold(event);
    const [connection] = flows.connections;
    if (!connection) return t.fail('no connection');
    const lines = new Map<string, string>();
    const withKeys = readTls(connection, flows.keylog, Infinity, (place, opened, randoms) => {
      for (const random of randoms)
        lines.set(`${place.from} ${place.offset}`, openedRecordLine(random, place, opened) ?? '');
    });
    t.true(lines.size > 3);
    for (const line of lines.values()) t.true(isOpenedRecord(line), line.slice(0, 40));
    for (const line of flows.keylog) t.false(isOpenedRecord(line));
    t.deepEqual(sayings(readTls(connection, lines.values()).messages), sayings(withKeys.messages));
    const [first = ''] = lines.values();
    const some = readTls(connection, [first]).messages;
    t.is(some.filter(({ opened }) => opened).length > 0, true);
    t.true(some.some(({ content }) => content.type === 'sealed'));
    t.false(readTls(connection).messages.some(({ opened }) => opened));
  });

test('a line that does not fit the length of its record opens nothing, whatever it has', (t) => {
  const random = '0'.repeat(64);
  const shut = { headLength: 0, tailLength: 16 };
  const place = { from: 'client', offset: 7, length: 5 + 3 + 1 + 16 } as const;
  const opened = {
    contentType: 22,
    content: Uint8Array.of(1, 2, 3),
    seal: { ...shut, inner: { contentType: 22, padding: 0 } },
  };
  const line = openedRecordLine(random, place, opened) ?? '';
  const read = (lines: readonly string[], length = place.length) => {
    const keys = new KeyRing();
    keys.add(lines);
    return openedRecord(keys, [random], { ...place, length }, { shut, isInside: true });
  };
  t.deepEqual(Array.from(read([line])?.content ?? []), [1, 2, 3]);
  t.is(read([line], place.length + 1), undefined);
  t.is(read([]), undefined);
  for (let length = 0; length < 40; length++) {
    const other = read([`OPENED_C_7 ${random} ${randomBytes(length).toString('hex')}`]);
    if (other) t.is(other.content.length + (other.seal.inner?.padding ?? 0), 3);
  }
  t.is(openedRecordLine(random, place, { ...opened, seal: { ...shut, isMac: true } }), undefined);
});
