import test from 'ava';
import * as fc from 'fast-check';
import { excerpt, readStep } from '../../src/core/cursor.ts';
import type { Cursor } from '../../src/core/cursor.ts';
import { fieldPathAt, findField } from '../../src/core/field.ts';
import { fromHex, hexdump, toCode, toColonHex, toHex, toOffset, toPrintable } from '../../src/core/hex.ts';
import { Writer } from '../../src/core/writer.ts';
import type { MadeUpFieldId } from '../helpers/field-ids.ts';

interface Message {
  readonly kind: number;
  readonly name: string;
  readonly numbers: readonly number[];
}

function write({ kind, name, numbers }: Message): Uint8Array {
  return new Writer()
    .uint8(kind)
    .vector(2, (body) =>
      body
        .vector(1, (inner) => inner.text(name))
        .vector(3, (inner) => numbers.forEach((number) => inner.uint32(number))),
    )
    .finish();
}

const whole: MadeUpFieldId = 'message';

function read(cursor: Cursor): Message {
  const kind = cursor.uint8('message.kind');
  return cursor.vector('message.body', 2, (body) => {
    const name = body.vector('message.name', 1, (inner) => inner.text('message.name.text', inner.remaining));
    const numbers = body.vector('message.numbers', 3, (inner) => {
      const found: number[] = [];
      while (inner.remaining > 0) found.push(inner.uint32('message.number'));
      return found;
    });
    return { kind, name, numbers };
  });
}

const messages: fc.Arbitrary<Message> = fc.record({
  kind: fc.nat(255),
  name: fc.string({ maxLength: 20, unit: 'grapheme-ascii' }),
  numbers: fc.array(fc.nat(0xffffffff), { maxLength: 5 }),
});

test('what the writer writes the cursor reads', (t) => {
  fc.assert(
    fc.property(messages, (message) => {
      const bytes = write(message);
      const step = readStep(whole, bytes, read);
      if (!('got' in step)) throw new Error(JSON.stringify(step));
      t.deepEqual(step.got, message);
      t.is(step.consumed, bytes.length);
      t.deepEqual(step.field.range, [0, bytes.length]);
    }),
  );
});

test('every strict prefix needs more at an open end and is malformed at a closed one', (t) => {
  const bytes = write({ kind: 7, name: 'tiger', numbers: [1, 2] });
  for (let length = 0; length < bytes.length; length++) {
    const open = readStep(whole, bytes.subarray(0, length), read);
    t.true('needMore' in open && open.needMore > 0 && length + open.needMore <= bytes.length, `${length}`);
    const closed = readStep(whole, bytes.subarray(0, length), read, { open: false });
    t.true('malformed' in closed && closed.malformed.kind === 'overrun', `${length}`);
  }
});

test('bytes after the message stay unread, and random bytes never throw', (t) => {
  const bytes = Buffer.concat([write({ kind: 7, name: 'a', numbers: [] }), Buffer.from('next')]);
  const step = readStep(whole, bytes, read);
  t.true('got' in step && step.consumed === bytes.length - 4);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.boolean(),
      (random, open) => void readStep(whole, random, read, { open }),
    ),
  );
  t.pass();
});

test('a length that points past what holds it is malformed, with what was understood so far', (t) => {
  // kind 7, body of 3 bytes, in which the name claims 9.
  const step = readStep(whole, Uint8Array.of(7, 0, 3, 9, 65, 66), read);
  if (!('malformed' in step)) return t.fail();
  t.like(step.malformed, {
    kind: 'overrun',
    id: 'message.name',
    offset: 4,
    expected: '9 bytes',
    found: '2 bytes left',
  });
  t.is(findField(step.partial, 'message.kind')?.value, 7);
  t.is(findField(step.partial, 'message.name.length')?.value, 9, 'the lying length itself is in the tree');
  return undefined;
});

test('bytes left over inside a block are malformed', (t) => {
  const step = readStep(whole, Uint8Array.of(7, 0, 5, 0, 0, 0, 0, 99), read);
  t.true(
    'malformed' in step && step.malformed.kind === 'trailing_bytes' && step.malformed.id === 'message.body',
  );
});

test('ranges are in the coordinates of the stream, origins are kept, and every byte has its path', (t) => {
  const bytes = write({ kind: 7, name: 'tiger', numbers: [0x01020304] });
  const step = readStep(whole, bytes, read, { base: 100, origin: 'decrypted' });
  if (!('got' in step)) return t.fail();
  t.deepEqual(step.field.range, [100, 100 + bytes.length]);
  t.deepEqual(findField(step.field, 'message.name.text')?.range, [104, 109]);
  t.is(findField(step.field, 'message.number')?.origin, 'decrypted');
  t.deepEqual(
    fieldPathAt(step.field, 105).map(({ id }) => id),
    ['message', 'message.body', 'message.name', 'message.name.text'],
  );
  for (let at = 100; at < 100 + bytes.length; at++)
    t.true((fieldPathAt(step.field, at).at(-1)?.children.length ?? 1) === 0, `${at}`);
  t.deepEqual(fieldPathAt(step.field, 99), []);
  t.is(findField(step.field, 'message.nowhere'), undefined);
  return undefined;
});

test('values are views, text is Latin-1 byte for byte, and looking ahead reads nothing', (t) => {
  const bytes = Uint8Array.of(0xe9, 1, 2, 3);
  const step = readStep(whole, bytes, (cursor) => {
    t.is(cursor.peek(), 0xe9);
    t.is(cursor.peek(4), undefined);
    return {
      text: cursor.text('message.text', 1),
      view: cursor.bytes('message.bytes', 2),
      rest: cursor.rest('message.rest'),
    };
  });
  if (!('got' in step)) return t.fail();
  t.is(step.got.text, 'é');
  t.is(step.got.view.buffer, bytes.buffer);
  t.deepEqual([...step.got.view, ...step.got.rest], [1, 2, 3]);
  return undefined;
});

test('a bug in a reader is thrown, not taken for malformed bytes', (t) => {
  t.throws(
    () =>
      readStep(whole, new Uint8Array(1), () => {
        throw new TypeError('bug');
      }),
    { instanceOf: TypeError },
  );
});

test('the writer refuses what does not fit, and grows', (t) => {
  t.throws(() => new Writer().uint8(256), { instanceOf: RangeError });
  t.throws(() => new Writer().uint16(-1), { instanceOf: RangeError });
  t.throws(() => new Writer().uint24(1.5), { instanceOf: RangeError });
  t.throws(() => new Writer().vector(1, (inner) => inner.bytes(new Uint8Array(256))), {
    instanceOf: RangeError,
  });
  t.is(
    new Writer().bytes(new Uint8Array(200)).bytes(new Uint8Array(5000)).uint32(0xffffffff).finish().length,
    5204,
  );
  t.is(
    toHex(new Writer().uint8(1).uint16(0x0203).uint24(0x040506).uint32(0x0708090a).text('é').finish()),
    '0102030405060708090ac3a9',
  );
});

test('hex goes both ways; anything else is refused', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      t.deepEqual([...fromHex(toHex(bytes))], [...bytes]);
      t.deepEqual([...fromHex(toColonHex(bytes))], [...bytes]);
    }),
  );
  t.deepEqual([...fromHex(' 0A\n0b ')], [10, 11]);
  t.throws(() => fromHex('abc'), { instanceOf: RangeError });
  t.throws(() => fromHex('zz'), { instanceOf: RangeError });
});

test('offsets, codes and dumps look as the screen has them', (t) => {
  t.is(toOffset(0x90), '0x0090');
  t.is(toOffset(0x12345), '0x12345');
  t.is(toCode(0x1301), '0x1301');
  t.is(toCode(48, 2), '0x30');
  t.is(toPrintable(Uint8Array.of(0x41, 0, 0x7f, 0x1b, 0x7e)), 'A...~');
  t.deepEqual(hexdump(Buffer.from('GET / HTTP/1.1\r\nX'), 0x10), [
    '00000010  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  |GET / HTTP/1.1..|',
    `00000020  58${' '.repeat(48)}|X|`,
  ]);
  t.is(excerpt(Uint8Array.of(1, 2)), '0102');
  t.is(excerpt(new Uint8Array(9)), '0000000000000000… (9 bytes)');
});

test('what somebody else encoded is read, or kept whole where it is not as expected, and the bytes around it are read either way', (t) => {
  const read = (bytes: Uint8Array) =>
    readStep(
      'message',
      bytes,
      (cursor) => {
        const got = cursor.block('message.body', 3, (body) =>
          body.restOr('message.opaque', (inner) => [
            inner.uint8('message.kind'),
            inner.uint16('message.value'),
          ]),
        );
        return { got, after: cursor.uint8('message.after') };
      },
      { base: 50, open: false },
    );
  const good = read(Uint8Array.of(1, 0, 2, 9));
  if (!('got' in good)) return t.fail();
  t.deepEqual(good.got, { got: [1, 2], after: 9 });
  t.deepEqual(
    good.field.children[0]?.children.map(({ id, range }) => [id, range]),
    [
      ['message.kind', [50, 51]],
      ['message.value', [51, 53]],
    ],
  );
  const strict = (bytes: Uint8Array) =>
    readStep(
      'message',
      bytes,
      (cursor) =>
        cursor.block('message.body', 3, (body) =>
          body.restOr('message.opaque', (inner) => inner.uint32('message.value')),
        ),
      { base: 50, open: false },
    );
  const bad = strict(Uint8Array.of(1, 0, 2));
  if (!('got' in bad)) return t.fail();
  t.is(bad.got, undefined);
  t.deepEqual(
    bad.field.children[0]?.children.map(({ id, range }) => [id, range]),
    [['message.opaque', [50, 53]]],
  );
  const left = readStep(
    'message',
    Uint8Array.of(1, 0, 2),
    (cursor) => cursor.restOr('message.opaque', (inner) => inner.uint8('message.kind')),
    { open: false },
  );
  t.is('got' in left ? left.got : 0, undefined, 'what leaves bytes over is not as expected');
});
