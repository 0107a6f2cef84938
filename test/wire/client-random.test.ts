import test from 'ava';
import * as fc from 'fast-check';
import { clientRandomOf, readBeginning } from '../../src/wire/client-random.ts';

const random = Buffer.from(Array.from({ length: 32 }, (_, at) => at + 1));
const hello = Buffer.concat([Buffer.from([1, 0, 0, 40, 3, 3]), random, Buffer.from([0, 0, 0, 0])]);

/** The ClientHello in records of at most `size` bytes. */
function inRecords(size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < hello.length; at += size) {
    const part = hello.subarray(at, at + size);
    parts.push(Buffer.from([22, 3, 1, 0, part.length]), part);
  }
  return Buffer.concat(parts);
}

test('the random is found however the ClientHello is cut into records', (t) => {
  for (let size = 1; size <= hello.length; size++) {
    t.deepEqual(readBeginning(inRecords(size)), { kind: 'client_hello', random: random.toString('hex') });
  }
});

test('every strict prefix of what holds the random needs more', (t) => {
  for (const size of [1, 7, hello.length]) {
    const bytes = inRecords(size);
    let end = bytes.length;
    while (readBeginning(bytes.subarray(0, end - 1)).kind === 'client_hello') end--;
    for (let length = 0; length < end; length++) t.is(readBeginning(bytes.subarray(0, length)).kind, 'needs_more', `${size} ${length}`);
  }
});

test('what is no TLS is told by its first bytes', (t) => {
  for (const text of ['GET / HTTP/1.1', 'SSH-2.0', '\x16\x02', '\x15\x03\x01\x00\x02\x02\x30', '\x16\x03\x01\x00\x00', '\x16\x03\x01\x00\x04\x02']) {
    t.is(readBeginning(Buffer.from(text, 'latin1')).kind, 'not_tls', JSON.stringify(text));
  }
});

test('random bytes never throw', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readBeginning(bytes) !== undefined));
  t.is(clientRandomOf('CLIENT_RANDOM abcd ef'), 'abcd');
  t.is(clientRandomOf('garbage'), '');
});
