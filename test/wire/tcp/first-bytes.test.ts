import test from 'ava';
import * as fc from 'fast-check';
import { readBeginning } from '../../../src/wire/tcp/first-bytes.ts';

const rows: readonly (readonly [bytes: string, kind: ReturnType<typeof readBeginning>['kind']])[] = [
  ['\x16\x03\x01\x01\x6f\x01', 'tls'],
  ['\x16\x03', 'tls'],
  ['\x17\x03\x03\x00\x05hello', 'tls'],
  ['\x15\x03\x01\x00\x02\x02\x30', 'alert'],
  ['GET / HTTP/1.1', 'not_tls'],
  ['SSH-2.0', 'not_tls'],
  ['\x16\x02', 'not_tls'],
  ['\x18\x03', 'not_tls'],
  ['\x13\x03', 'not_tls'],
];

for (const [text, kind] of rows) {
  test(`${JSON.stringify(text)} is ${kind}, and no prefix is anything else`, (t) => {
    const bytes = Buffer.from(text, 'latin1');
    t.is(readBeginning(bytes).kind, kind);
    for (let length = 0; length < bytes.length; length++) {
      t.true(['needs_more', kind].includes(readBeginning(bytes.subarray(0, length)).kind), String(length));
    }
  });
}

test('an alert is read with its level', (t) => {
  t.like(readBeginning(Buffer.from([21, 3, 1, 0, 2, 2, 48])), {
    alert: { level: 'fatal', code: 48, description: 'unknown_ca' },
  });
  t.like(readBeginning(Buffer.from([21, 3, 1, 0, 2, 1, 0])), {
    alert: { level: 'warning', description: 'close_notify' },
  });
});

test('random bytes never throw', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => readBeginning(bytes) !== undefined));
  t.pass();
});
