/**
 * The two columns beside the wire: what the client sent and what the server got, the same in plaintext, TLS and mutual
 * TLS; for a refusal, what the client says of itself, and that nothing arrived.
 */
import test from 'ava';
import type { CaptureDraft } from '../../../../src/capture/event.ts';
import { endsOf } from '../../../../src/ui/tui/state/login.ts';
import type { Driver } from '../support/driver.ts';
import { topology } from '../../../helpers/capture.ts';
import { byHand, recorded } from '../support/scenes.ts';

const form = [
  { name: 'username', value: 'alice' },
  { name: 'password', value: 'tiger-lily' },
  { name: 'rrn', value: '900101-1234567' },
];
const seen = { state: 'seen', title: 'POST /login', form, bytes: 243, answer: '302 Found' };

function at(mode: 'plaintext' | 'tls' | 'mtls', stop: number): Driver {
  const { driver } = recorded(mode);
  for (let count = 0; count < stop; count++) driver.press('space');
  return driver;
}

for (const [mode, stop, got] of [
  ['plaintext', 2, 243],
  ['plaintext', 4, 361],
  ['tls', 2, 362],
  ['tls', 4, 362],
  ['mtls', 2, undefined],
  ['mtls', 4, undefined],
] as const) {
  test(`${mode}, stop ${stop}: the client sent what the server got, read or not on the wire between them`, (t) => {
    const ends = endsOf(at(mode, stop).press('WIRE').look);
    t.deepEqual(ends.sent, seen as typeof ends.sent);
    t.like(ends.got, { state: 'seen', title: 'POST /login', form, answer: '302 Found' });
    if (got !== undefined && ends.got.state === 'seen') t.true(ends.got.bytes >= 243);
  });
}

test('before anything has happened neither column says anything', (t) => {
  for (const [mode, stop] of [
    ['plaintext', 0],
    ['plaintext', 1],
    ['mtls', 3],
  ] as const)
    t.deepEqual(endsOf(at(mode, stop).look), { sent: { state: 'waiting' }, got: { state: 'waiting' } });
});

test('a client refused under TLS 1.3 had sent its login, which was thrown away; under TLS 1.2 it was still in the handshake', (t) => {
  t.deepEqual(endsOf(at('mtls', 6).look), {
    sent: { state: 'seen', title: 'POST /login', form, bytes: 243, thrownAway: true },
    got: { state: 'none', why: 'not_reached' },
  });
  t.deepEqual(endsOf(at('mtls', 8).look), {
    sent: { state: 'none', why: 'handshake' },
    got: { state: 'none', why: 'not_reached' },
  });
});

test('a client that refuses broke off by itself', (t) => {
  t.deepEqual(endsOf(at('mtls', 26).look), {
    sent: { state: 'none', why: 'broke_off' },
    got: { state: 'none', why: 'not_reached' },
  });
  t.deepEqual(endsOf(at('tls', 6).look).sent, { state: 'none', why: 'broke_off' });
});

test('at a moment of the past the server has got nothing yet', (t) => {
  const driver = at('plaintext', 2).press(',', ',', ',', ',', ',');
  t.is(endsOf(driver.look).got.state, 'none');
  t.regex(driver.screen(), /nothing/);
});

const began: CaptureDraft = { type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology };
const opened: CaptureDraft = {
  type: 'opened',
  conn: 1,
  hop: 'A',
  transport: 'tcp',
  from: { host: '127.0.0.1', port: 50_000 },
  to: { host: '127.0.0.1', port: 80 },
};
const post = (body: string): CaptureDraft => ({
  type: 'bytes',
  conn: 1,
  hop: 'A',
  vantage: 'wire',
  from: 'client',
  bytes: Buffer.from(
    `POST /login HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  ),
});

for (const [body, expected] of [
  ['name=%ED%99%8D%EA%B8%B8%EB%8F%99', [{ name: 'name', value: '홍길동' }]],
  ['name=홍길동', [{ name: 'name', value: '홍길동' }]],
  [
    'a=1+2%2B3&b=',
    [
      { name: 'a', value: '1 2+3' },
      { name: 'b', value: '' },
    ],
  ],
  [
    'a&b=c=d',
    [
      { name: 'a', value: '' },
      { name: 'b', value: 'c=d' },
    ],
  ],
  ['a=%zz%4', [{ name: 'a', value: '%zz%4' }]],
  ['', []],
] as const) {
  test(`the form ${body || 'without anything'} is shown decoded`, (t) => {
    const { driver } = byHand([began, opened, post(body)]);
    const { sent } = endsOf(driver.look);
    t.deepEqual(sent.state === 'seen' ? sent.form : sent, expected as never);
    t.notThrows(() => driver.screen());
  });
}

test('bytes that are no request are counted', (t) => {
  const { driver } = byHand([
    began,
    opened,
    { type: 'bytes', conn: 1, hop: 'A', vantage: 'wire', from: 'client', bytes: Buffer.alloc(1234, 1) },
  ]);
  t.deepEqual(endsOf(driver.look), {
    sent: { state: 'bytes', bytes: 1234 },
    got: { state: 'bytes', bytes: 1234 },
  });
  t.regex(driver.screen(), /1,234 bytes/);
});
