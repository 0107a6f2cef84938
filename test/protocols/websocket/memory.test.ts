/** What opened messages take of memory: a thousand bytes are a million without compression. */
import test from 'ava';
import { constants, deflateRawSync } from 'node:zlib';
import { webSocketReader } from '../../../src/protocols/websocket/reader.ts';

test('of many opened messages the newest are whole, and the beginning of the others is kept', (t) => {
  const payload = deflateRawSync(Buffer.alloc(1e6, 'x'), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(
    0,
    -4,
  );
  const frame = Buffer.concat([Uint8Array.of(0xc1, 126, payload.length >> 8, payload.length & 255), payload]);
  const reader = webSocketReader('permessage-deflate');
  const messages = Array.from({ length: 150 }, (_, at) =>
    reader.feed({ from: 'server', offset: at * frame.length, bytes: frame, tag: at }),
  ).flat();
  t.is(messages.length, 150);
  t.is(messages.at(-1)?.content?.bytes.length, 1e6);
  t.is(messages[0]?.content?.bytes.length, 4096);
  for (const { facts } of messages) t.regex(facts?.en ?? '', /B compressed, 1000000 B/);
  // A part of a buffer holds all of it.
  const held = new Map(
    messages.map(({ content }) => [content?.bytes.buffer, content?.bytes.buffer.byteLength ?? 0]),
  );
  t.true([...held.values()].reduce((sum, size) => sum + size, 0) < 80e6);
});
