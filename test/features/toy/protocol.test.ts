import { randomBytes } from 'node:crypto';
import test from 'ava';
import { LineSplitter, longestLine, readLine, writeLine } from '../../../src/features/toy/protocol.ts';
import type { ToyLine } from '../../../src/features/toy/protocol.ts';

const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

const lines: readonly ToyLine[] = [
  { type: 'key', key: bytes(16) },
  { type: 'sealed', nonce: bytes(12), ciphertext: bytes(53), tag: bytes(16) },
  { type: 'padlock_wanted' },
  { type: 'padlock', publicKey: bytes(294) },
  { type: 'locked', user: 'alice', padding: 'rsa-oaep-sha256', locked: bytes(256) },
  { type: 'locked', user: 'alice', padding: 'rsa-unpadded', locked: bytes(256) },
  { type: 'welcome', user: 'alice' },
  { type: 'denied' },
  { type: 'error' },
];

test('every line is read as it was written', (t) => {
  for (const line of lines) {
    const text = writeLine(line);
    t.true(text.endsWith('\r\n'));
    t.deepEqual(readLine(text.trimEnd()), line);
  }
});

test('a line with a missing word, an extra word or a wrong key length is rejected', (t) => {
  for (const line of lines) {
    const text = writeLine(line).trimEnd();
    t.is(readLine(`${text} more`), undefined, text);
    if (text.includes(' ')) t.is(readLine(text.slice(0, text.lastIndexOf(' '))), undefined, text);
  }
  const key = writeLine({ type: 'key', key: bytes(16) }).trimEnd();
  for (const broken of [
    key.slice(0, -1),
    key.slice(0, -2),
    `${key}00`,
    key.replace('aes-128-gcm', 'rot13'),
    key.replace(/.$/, 'g'),
    key.toLowerCase(),
  ])
    t.is(readLine(broken), undefined, broken);
  for (const word of [
    '',
    ' ',
    '__proto__',
    'constructor',
    'toString',
    'LOCKED alice rot13 AAAA',
    'LOCKED  rsa-unpadded AAAA',
    'PADLOCK ====',
    'WELCOME ',
  ])
    t.is(readLine(word), undefined, word);
});

test('random bytes are no line, and never throw', (t) => {
  for (let round = 0; round < 500; round++) {
    const splitter = new LineSplitter();
    for (const text of splitter.push(bytes(round))) t.notThrows(() => readLine(text));
  }
});

test('lines are complete, with chunks of any size', (t) => {
  const text = Buffer.from(lines.map(writeLine).join(''), 'latin1');
  const whole = new LineSplitter().push(text);
  t.is(whole.length, lines.length);
  const one = new LineSplitter();
  t.deepEqual(
    [...text].flatMap((byte) => one.push(Uint8Array.of(byte))),
    whole,
  );
  t.deepEqual(new LineSplitter().push(Buffer.from('KEY')), [], 'what has not ended is no line');
});

test('an endless line is not read further, and costs no memory', (t) => {
  const splitter = new LineSplitter();
  t.deepEqual(splitter.push(Buffer.from('DENIED\r\n')), ['DENIED']);
  t.false(splitter.isOverlong);
  for (let sent = 0; sent <= longestLine; sent += 512) t.deepEqual(splitter.push(Buffer.alloc(512, 'x')), []);
  t.true(splitter.isOverlong);
  t.deepEqual(splitter.push(Buffer.from('\r\nDENIED\r\n')), []);
  const atOnce = new LineSplitter();
  t.deepEqual(
    atOnce.push(Buffer.from(`ERROR\r\n${'x'.repeat(longestLine + 1)}\r\nDENIED\r\n`)),
    ['ERROR'],
    'what stood before it counts',
  );
  t.true(atOnce.isOverlong);
});
