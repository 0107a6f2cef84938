import { createCipheriv } from 'node:crypto';
import test from 'ava';
import * as fc from 'fast-check';
import type { Side } from '../../../src/capture/event.ts';
import { coverageOf } from '../../../src/protocols/coverage.ts';
import { DtlsConversation } from '../../../src/protocols/dtls/conversation.ts';
import type { DtlsDatagram } from '../../../src/protocols/dtls/conversation.ts';
import { dtlsMessage } from '../../../src/protocols/dtls/datagram.ts';
import { dtlsTexts } from '../../../src/protocols/dtls/texts.ts';
import { ja4Of } from '../../../src/protocols/tls/fingerprint.ts';
import { KeyRing } from '../../../src/protocols/tls/keys/keylog.ts';
import { aeadSuite, keyBlock12 } from '../../../src/protocols/tls/keys/key-schedule.ts';
import { present } from '../../helpers/capture.ts';
import { allFields, treeFaults } from '../helpers/tree.ts';

const u8 = (...values: number[]): Buffer => Buffer.from(values);
const u16 = (value: number): Buffer => u8(value >> 8, value & 0xff);
const u24 = (value: number): Buffer => u8(value >> 16, (value >> 8) & 0xff, value & 0xff);

interface RecordFacts {
  readonly type?: number;
  readonly version?: number;
  readonly epoch?: number;
  readonly sequence?: number;
}

function record(
  body: Uint8Array,
  { type = 22, version = 0xfefd, epoch = 0, sequence = 0 }: RecordFacts = {},
): Buffer {
  return Buffer.concat([
    u8(type),
    u16(version),
    u16(epoch),
    u8(0, 0),
    u8(0, 0),
    u16(sequence),
    u16(body.length),
    body,
  ]);
}

/** Bytes from `start` to `end` of a message. */
function fragment(type: number, number: number, body: Uint8Array, start = 0, end = body.length): Buffer {
  return Buffer.concat([
    u8(type),
    u24(body.length),
    u16(number),
    u24(start),
    u24(end - start),
    body.subarray(start, end),
  ]);
}

const clientRandom = '61'.repeat(32);
const serverRandom = '62'.repeat(32);
const sni = Buffer.concat([u16(0), u16(17), u16(15), u8(0), u16(12), Buffer.from('shop.example')]);

function clientHello({
  cookie = '',
  random = clientRandom,
}: {
  cookie?: string;
  random?: string;
} = {}): Buffer {
  return Buffer.concat([
    u16(0xfefd),
    Buffer.from(random, 'hex'),
    u8(0),
    u8(cookie.length),
    Buffer.from(cookie),
    u16(4),
    u16(0xc02b),
    u16(0xc02f),
    u8(1, 0),
    u16(sni.length),
    sni,
  ]);
}

const serverHello = Buffer.concat([u16(0xfefd), Buffer.from(serverRandom, 'hex'), u8(0), u16(0xc02b), u8(0)]);
const verify = Buffer.concat([u16(0xfeff), u8(6), Buffer.from('cookie')]);

class Dialogue {
  readonly ring = new KeyRing();
  readonly #conversation = new DtlsConversation(() => this.ring);

  feed(from: Side, bytes: Uint8Array): DtlsDatagram | undefined {
    const piece = { from, offset: 0, bytes, tag: 1 };
    const found = this.#conversation.feed(piece);
    if (found) {
      const faults = treeFaults(present(dtlsMessage(piece, found).field()));
      if (faults.length > 0) throw new Error(faults.join('; '));
    }
    return found;
  }

  titles(from: Side, ...records: readonly Uint8Array[]): string[] | undefined {
    return this.feed(from, Buffer.concat(records))?.messages.map(({ title }) => title);
  }
}

test('a handshake with a cookie: each message once, the ClientHello with its name', (t) => {
  const dialogue = new Dialogue();
  const [first] = present(
    dialogue.feed('client', record(fragment(1, 0, clientHello()), { version: 0xfeff })),
  ).messages;
  const { content } = present(first);
  if (content.type !== 'client_hello') return t.fail();
  t.deepEqual(
    [content.extensions.serverName, content.cipherSuites, ja4Of(content).slice(0, 10)],
    ['shop.example', [0xc02b, 0xc02f], 'dd2d020100'],
  );
  t.deepEqual(dialogue.titles('server', record(fragment(3, 0, verify))), ['HelloVerifyRequest']);
  const again = record(fragment(1, 1, clientHello({ cookie: 'cookie' })));
  t.deepEqual(dialogue.titles('client', again), ['ClientHello']);
  t.deepEqual(dialogue.titles('client', again), []);
  t.deepEqual(
    dialogue.titles(
      'server',
      record(fragment(2, 1, serverHello)),
      record(fragment(14, 2, u8()), { sequence: 1 }),
    ),
    ['ServerHello', 'ServerHelloDone'],
  );
});

test('DTLS inside CAPWAP is read behind its preamble, and only there', (t) => {
  const preamble = u8(1, 0, 0, 0);
  const hello = record(fragment(1, 0, clientHello()));
  t.deepEqual(new Dialogue().titles('client', preamble, hello), ['ClientHello']);
  t.is(new Dialogue().titles('client', u8(1, 0, 0, 1), hello), undefined);
  t.is(new Dialogue().titles('client', preamble), undefined);
});

test('DTLS 1.0 as old OpenSSL numbers it is DTLS 1.0', (t) => {
  const dialogue = new Dialogue();
  const body = clientHello({ cookie: 'cookie' });
  body.writeUInt16BE(0x0100, 0);
  const [first] = present(
    dialogue.feed('client', record(fragment(1, 0, body), { version: 0x0100 })),
  ).messages;
  const { content } = present(first);
  if (content.type !== 'client_hello') return t.fail();
  t.deepEqual(content.cipherSuites, [0xc02b, 0xc02f]);
  t.is(ja4Of(content).slice(0, 3), 'dd1');
});

test('fragments may come in any order, overlap and come again; messages come in their order', (t) => {
  const dialogue = new Dialogue();
  const hello = clientHello();
  t.deepEqual(dialogue.titles('client', record(fragment(1, 0, hello, 30, 50))), []);
  t.deepEqual(dialogue.titles('client', record(fragment(1, 0, hello, 40))), []);
  t.deepEqual(dialogue.titles('client', record(fragment(1, 0, hello, 0, 35))), ['ClientHello']);
  const server = new Dialogue();
  t.deepEqual(server.titles('server', record(fragment(2, 0, serverHello, 0, 10))), []);
  t.deepEqual(server.titles('server', record(fragment(14, 1, u8()))), []);
  t.deepEqual(server.titles('server', record(fragment(2, 0, serverHello, 5))), [
    'ServerHello',
    'ServerHelloDone',
  ]);
});

test('another ClientHello with the first number begins another handshake', (t) => {
  const dialogue = new Dialogue();
  dialogue.feed('client', record(fragment(1, 0, clientHello())));
  dialogue.feed('server', record(fragment(2, 0, serverHello)));
  t.deepEqual(dialogue.titles('client', record(fragment(1, 0, clientHello({ random: '63'.repeat(32) })))), [
    'ClientHello',
  ]);
  t.deepEqual(dialogue.titles('server', record(fragment(2, 0, serverHello))), ['ServerHello']);
});

test('an alert in clear is read; behind a change of keys one is known to be there', (t) => {
  const dialogue = new Dialogue();
  const alerts = present(
    dialogue.feed(
      'client',
      Buffer.concat([record(u8(2, 48), { type: 21 }), record(Buffer.alloc(30, 9), { type: 21, epoch: 1 })]),
    ),
  ).messages;
  t.deepEqual(
    alerts.map(({ content, encrypted }) => [content, encrypted]),
    [
      [{ type: 'alert', alert: { level: 'fatal', code: 48, description: 'unknown_ca' } }, false],
      [{ type: 'sealed' }, true],
    ],
  );
});

test('with the master secret records of DTLS 1.2 are opened, with the epoch in their number', (t) => {
  const suite = present(aeadSuite(0xc02b));
  const master = Buffer.alloc(48, 5);
  const keys = keyBlock12(suite, master, Buffer.from(clientRandom, 'hex'), Buffer.from(serverRandom, 'hex'));
  const dialogue = new Dialogue();
  dialogue.ring.add([`CLIENT_RANDOM ${clientRandom} ${master.toString('hex')}`]);
  dialogue.feed('client', record(fragment(1, 0, clientHello())));
  dialogue.feed('server', record(fragment(2, 0, serverHello)));
  const sealed = sealedRecord(suite, keys.client, {
    contentType: 23,
    epoch: 1,
    sequence: 7,
    content: Buffer.from('hello'),
  });
  const found = present(dialogue.feed('client', sealed));
  t.deepEqual(
    found.messages.map(({ title, opened, bytes }) => [title, opened, Buffer.from(present(bytes)).toString()]),
    [['ApplicationData', true, 'hello']],
  );
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
  t.deepEqual(present(dialogue.feed('client', sealed)).messages, []);
});

/** RFC 6347 section 4.1.2.1. */
function sealedRecord(
  suite: NonNullable<ReturnType<typeof aeadSuite>>,
  { key, iv }: { readonly key: Uint8Array; readonly iv: Uint8Array },
  facts: { contentType: number; epoch: number; sequence: number; content: Uint8Array },
): Buffer {
  const { contentType, epoch, sequence, content } = facts;
  const explicit = Buffer.concat([u16(epoch), u8(0, 0, 0, 0), u16(sequence)]);
  const cipher = createCipheriv('aes-128-gcm', key, Buffer.concat([iv, explicit]));
  cipher.setAAD(Buffer.concat([explicit, u8(contentType), u16(0xfefd), u16(content.length)]));
  const body = Buffer.concat([explicit, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  if (suite.tagLength !== 16) throw new Error('a tag of 16 bytes');
  return record(body, { type: contentType, epoch, sequence });
}

test('the short records of DTLS 1.3 are told where the flow has shown what it is', (t) => {
  const short = Buffer.concat([u8(0x2e), u16(7), u16(20), Buffer.alloc(20, 3)]);
  const dialogue = new Dialogue();
  t.is(dialogue.feed('client', short), undefined);
  dialogue.feed('client', record(fragment(1, 0, clientHello())));
  const found = present(dialogue.feed('client', Buffer.concat([short, u8(0x20), u8(1), Buffer.alloc(16)])));
  t.deepEqual(
    found.records.map(({ epoch, content }) => [epoch, content]),
    [
      [2, undefined],
      [0, undefined],
    ],
  );
  t.true(dtlsMessage({ from: 'client', offset: 0, bytes: short, tag: 0 }, found).isSealed);
});

test('what is no record is none: TLS, a length beyond the datagram, bytes behind', (t) => {
  const whole = record(fragment(1, 0, clientHello()));
  const feed = (bytes: Uint8Array): DtlsDatagram | undefined => new Dialogue().feed('client', bytes);
  t.is(feed(u8(0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0, 0, 0, 0, 0)), undefined);
  for (let length = 0; length < whole.length; length++) t.is(feed(whole.subarray(0, length)), undefined);
  t.is(feed(Buffer.concat([whole, u8(0)])), undefined);
});

test('lengths that cannot be, and any bytes, give no exception and a tree without gaps', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(40), (bytes, cut) => {
      const dialogue = new Dialogue();
      dialogue.feed('client', bytes);
      dialogue.feed('client', record(bytes, { type: 20 + (cut % 7) }));
      dialogue.feed('server', record(bytes.subarray(cut), { type: 22 }));
      const whole = fragment(1, 0, clientHello());
      for (const [index, byte] of bytes.entries()) whole[(index * 5 + byte) % whole.length] = byte;
      dialogue.feed('client', record(whole));
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('fragments of messages that never come are few', (t) => {
  const dialogue = new Dialogue();
  const body = Buffer.alloc(100_000);
  const before = process.memoryUsage().arrayBuffers;
  for (let number = 0; number < 4000; number++)
    dialogue.feed('server', record(fragment(11, number, body, 1, 2)));
  t.true(process.memoryUsage().arrayBuffers - before < 40_000_000);
});

test('every field of DTLS has words and a known meaning', (t) => {
  const dialogue = new Dialogue();
  const short = Buffer.concat([u8(0x2e), u16(7), u16(20), Buffer.alloc(20, 3)]);
  const bytes = Buffer.concat([
    record(fragment(1, 0, clientHello())),
    record(u8(2, 48), { type: 21 }),
    record(u8(1), { type: 20 }),
    record(Buffer.alloc(30), { type: 23, epoch: 1 }),
  ]);
  const inside = Buffer.concat([u8(1, 0, 0, 0), bytes]);
  const seen = new Set<string>();
  for (const one of [bytes, short, inside]) {
    const found = present(dialogue.feed('client', one));
    const field = present(dtlsMessage({ from: 'client', offset: 0, bytes: one, tag: 0 }, found).field());
    for (const { id } of allFields(field)) seen.add(id);
    const { unknown, uncovered } = coverageOf(field);
    t.deepEqual([unknown, uncovered], [0, 0]);
  }
  t.deepEqual([...seen].toSorted(), Object.keys(dtlsTexts).toSorted());
});
