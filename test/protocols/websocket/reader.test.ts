/** WebSocket: frames, masks, fragments, compression with and without context, closing in words. */
import test from 'ava';
import { constants, deflateRawSync } from 'node:zlib';
import { present } from '../../helpers/capture.ts';
import type { ProtocolReader } from '../../../src/protocols/protocol.ts';
import { explainedWebSocketFields } from '../../../src/protocols/websocket/texts.ts';
import { websocket } from '../../../src/protocols/websocket/protocol.ts';
import { findField } from '../../../src/core/field.ts';
import type { Utterance } from '../helpers/spoken.ts';
import { checkMessages, hear, idsIn, linesOf } from '../helpers/spoken.ts';

const key = Buffer.from([1, 2, 3, 4]);

interface FrameOptions {
  readonly last?: boolean;
  readonly compressed?: boolean;
}

function frame(
  from: Utterance[0],
  opcode: number,
  payload: Uint8Array | string,
  { last = true, compressed = false }: FrameOptions = {},
): Utterance {
  const body = Buffer.from(payload as string);
  const isMasked = from === 'client';
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(BigInt(body.length));
  const length =
    body.length < 126
      ? [body.length]
      : body.length < 65_536
        ? [126, body.length >> 8, body.length & 255]
        : [127, ...long];
  length[0] = (length[0] ?? 0) | (isMasked ? 0x80 : 0);
  const head = Buffer.from([opcode | (last ? 0x80 : 0) | (compressed ? 0x40 : 0), ...length]);
  return [
    from,
    isMasked
      ? Buffer.concat([head, key, body.map((byte, at) => byte ^ (key[at % 4] ?? 0))])
      : Buffer.concat([head, body]),
  ];
}

async function readerFor(extensions?: string): Promise<ProtocolReader> {
  const { upgraded } = await present(websocket.load)();
  return present(
    present(upgraded)({
      token: 'websocket',
      header: (name) => (name === 'sec-websocket-extensions' ? extensions : undefined),
    }),
  );
}

/** As RFC 7692 section 7.2.1 has it: without its end. */
const deflated = (text: string, dictionary?: Uint8Array): Buffer =>
  deflateRawSync(text, {
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(dictionary ? { dictionary } : {}),
  }).subarray(0, -4);

const close = (code: number, reason: string): Buffer =>
  Buffer.from([code >> 8, code & 255, ...Buffer.from(reason)]);

const plain: readonly Utterance[] = [
  frame('client', 1, 'hello'),
  frame('server', 1, 'one, ', { last: false }),
  frame('server', 9, 'still there?'),
  frame('client', 10, 'still there?'),
  frame('server', 0, 'two, ', { last: false }),
  frame('server', 0, 'three'),
  frame('server', 2, Buffer.alloc(300)),
  frame('client', 2, Buffer.alloc(70_000)),
  frame('client', 8, close(1008, 'too many')),
  frame('server', 8, close(4001, '')),
];

const expected = [
  '→ text',
  '← text, part',
  '← ping',
  '→ pong',
  '← continuation, part',
  '← continuation, last part',
  '← binary',
  '→ binary',
  '→ close 1008, policy violation: too many',
  '← close 4001, of the application',
];

for (const size of [Infinity, 1, 333])
  test(`frames of both sides, in pieces of ${size}`, async (t) => {
    const messages = hear(await readerFor(), plain, size);
    t.deepEqual(linesOf(messages), expected);
    checkMessages(t, messages, 'websocket');
    const contents = messages.flatMap(({ content }) =>
      content ? [Buffer.from(content.bytes).toString()] : [],
    );
    t.deepEqual(contents, ['hello', 'one, two, three']);
    t.is(findField(present(messages[0]?.field()), 'websocket.payload')?.value, 'hello', 'without its mask');
  });

test('compression: with context each message builds on those before', async (t) => {
  const first = 'the quick brown fox jumps over the lazy dog';
  const second = `${first} again`;
  const said = [
    frame('server', 1, deflated(first), { compressed: true }),
    frame('server', 1, deflated(second, Buffer.from(first)), { compressed: true }),
    frame('server', 1, 'plain'),
  ];
  const messages = hear(await readerFor('permessage-deflate; client_max_window_bits=15'), said);
  t.deepEqual(
    messages.map(({ content }) => content && Buffer.from(content.bytes).toString()),
    [first, second, 'plain'],
  );
  t.regex(linesOf(messages)[1] ?? '', /^← text, \d+ B compressed, 49 B$/);
  checkMessages(t, messages, 'deflate');
  const without = hear(await readerFor('permessage-deflate; server_no_context_takeover'), [
    frame('server', 1, deflated(first), { compressed: true }),
    frame('server', 1, deflated(first), { compressed: true }),
  ]);
  t.deepEqual(
    without.map(({ content }) => content && Buffer.from(content.bytes).toString()),
    [first, first],
  );
});

test('a bomb is not opened, nor is what builds on it; a frame that claims compression without agreement is none', async (t) => {
  const bomb = deflated('\0'.repeat(200 * 1024 * 1024));
  const messages = hear(await readerFor('permessage-deflate'), [
    frame('server', 1, bomb.subarray(0, 200_000), { compressed: true }),
    frame('server', 1, deflated('small'), { compressed: true }),
  ]);
  t.deepEqual(linesOf(messages), ['← text, compressed, not opened', '← text, compressed, not opened']);
  const none = hear(await readerFor(), [frame('server', 1, deflated('x'), { compressed: true })]);
  t.deepEqual(linesOf(none), ['← not understood']);
  checkMessages(t, none, 'none');
});

test('every explained field is one that a conversation shows', async (t) => {
  const ids = idsIn(hear(await readerFor(), [...plain, ['client', Buffer.from([0xff, 0xff])]]));
  t.deepEqual(
    explainedWebSocketFields.filter((id) => !ids.has(id)),
    [],
  );
});

test('hostile bytes: nothing is thrown, nothing is lost', async (t) => {
  const said = plain.slice(0, 7);
  const length = said.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  for (let end = 0; end < length; end += 3) {
    let left = end;
    const cut = said.flatMap(([from, bytes]): Utterance[] => {
      const part = bytes.subarray(0, left);
      left -= part.length;
      return part.length === 0 ? [] : [[from, part]];
    });
    checkMessages(t, hear(await readerFor('permessage-deflate'), cut), `cut at ${end}`);
  }
  for (let change = 0; change < 400; change++) {
    const spoilt = said.map(([from, bytes], index): Utterance => {
      const copy = Uint8Array.from(bytes);
      copy[(change * 7 + index) % copy.length] = (change * 31) & 255;
      return [from, copy];
    });
    checkMessages(
      t,
      hear(await readerFor('permessage-deflate'), spoilt, 1 + (change % 50)),
      `spoilt ${change}`,
    );
  }
});

test('an endless message takes no endless memory', async (t) => {
  const reader = await readerFor();
  let at = 0;
  for (let part = 0; part < 100; part++) {
    const [, bytes] = frame('server', part === 0 ? 1 : 0, Buffer.alloc(100_000, 97), { last: false });
    const [message] = reader.feed({ from: 'server', offset: at, bytes, tag: 0 });
    t.is(message?.content, undefined);
    at += bytes.length;
  }
  const [last] = reader.feed({ from: 'server', offset: at, bytes: frame('server', 0, 'end')[1], tag: 0 });
  t.is(last?.content, undefined, 'too long to be put together');
});

test('it is not recognised by bytes, and another upgrade is not taken for it', async (t) => {
  t.false(websocket.looksLike(frame('server', 1, 'x')[1], 'server'));
  const { upgraded } = await present(websocket.load)();
  t.is(upgraded?.({ token: 'h2c', header: () => undefined }), undefined);
});
