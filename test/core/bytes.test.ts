/** Bytes as text: all of it, one character a byte, or what a terminal could show. */
import test from 'ava';
import { bufferOf, latin1Text, sameBytes, shownText } from '../../src/core/bytes.ts';

test('the same bytes, wherever they lie', (t) => {
  const whole = Uint8Array.of(1, 2, 3, 4);
  t.deepEqual([...bufferOf(whole.subarray(1, 3))], [2, 3]);
  t.true(sameBytes(whole.subarray(1, 3), Uint8Array.of(2, 3)));
  t.false(sameBytes(whole, Uint8Array.of(1, 2, 3)));
  t.is(latin1Text(Uint8Array.of(0x41, 0xff)), 'A\u00ff');
});

test('text is shown as it is, and of other bytes only ASCII', (t) => {
  t.is(shownText(Buffer.from('비밀 §\n')), '비밀 §\n');
  t.is(shownText(Buffer.concat([Buffer.from('key1:비'), Buffer.of(0xff, 0x0a, 0x41)])), 'key1:····\nA');
  t.is(shownText(new Uint8Array(0)), '');
});
