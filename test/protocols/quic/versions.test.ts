/** Versions besides 1 and 2: drafts with the keys that they print, Facebook's, and Google's with frames of their own. */
import test from 'ava';
import type { Side } from '../../../src/capture/event.ts';
import { quic } from '../../../src/protocols/quic/protocol.ts';
import type { DatagramContent } from '../../../src/protocols/protocol.ts';
import { initialKeys } from '../../../src/protocols/quic/protection.ts';
import { quicVersion } from '../../../src/protocols/quic/versions.ts';
import { KeyRing } from '../../../src/protocols/tls/keys/keylog.ts';
import { present } from '../../helpers/capture.ts';
import { treeFaults } from '../helpers/tree.ts';
import { clientHello, cryptoFrame, hex, longPacket, varint } from './packets.ts';

const chosenId = hex('8394c8f03e515708');

const loaded = present(await quic.load?.());

class Flow {
  readonly #reader = present(loaded.datagrams)(() => new KeyRing());

  feed(from: Side, bytes: Uint8Array): readonly DatagramContent[] | undefined {
    return this.#reader.feed({ from, offset: 0, bytes, tag: 1 });
  }

  /** `Initial: version 1, to …`, and titles of TLS. */
  lines(from: Side, bytes: Uint8Array): string[] | undefined {
    return this.feed(from, bytes)?.map((one) => {
      if ('tls' in one) return one.tls.title;
      const faults = treeFaults(present(one.field()));
      if (faults.length > 0) throw new Error(faults.join('; '));
      return `${one.protocol} ${one.title.en}: ${one.facts?.en ?? ''}`;
    });
  }
}

function initial(code: number, content: Uint8Array): Buffer {
  return longPacket({
    first: 0xc0,
    version: code,
    destination: chosenId,
    token: Buffer.alloc(0),
    number: 2,
    content: Buffer.concat([content, Buffer.alloc(Math.max(0, 1162 - content.length))]),
    keys: initialKeys(present(quicVersion(code)), chosenId).client,
  });
}

/** Appendix A.1 of drafts 27 and 29. */
const published = {
  0xff00001b: 'af7fd7efebd21878ff66811248983694 8681359410a70bb9c92f0420 a980b8b4fb7d9fbc13e814c23164253d',
  0xff00001d: '175257a31eb09dea9366d8bb79ad80ba 6b26114b9cba2b63a9e8dd4f 9ddd12c994c0698b89374a9c077a3077',
};

for (const [code, expected] of Object.entries(published))
  test(`keys of ${quicVersion(Number(code))?.name} are those that it prints`, (t) => {
    const { key, iv, hp } = initialKeys(present(quicVersion(Number(code))), chosenId).client;
    t.is([key, iv, hp].map((bytes) => Buffer.from(bytes).toString('hex')).join(' '), expected);
  });

const named: readonly (readonly [code: number, name: string])[] = [
  [0xff000016, 'draft 22'],
  [0xff000017, 'draft 23'],
  [0xff00001c, 'draft 28'],
  [0xff000020, 'draft 32'],
  [0xff020000, '2, draft 0'],
  [0xfaceb001, 'mvfst 1'],
  [0xfaceb002, 'mvfst 2'],
  [0xfaceb00e, 'mvfst experimental'],
];

for (const [code, name] of named)
  test(`the ClientHello in ${name} is read without keys`, (t) => {
    t.deepEqual(new Flow().lines('client', initial(code, cryptoFrame(0, clientHello))), [
      `quic Initial: version ${name}, to 8394c8f03e515708, CRYPTO PADDING`,
      'ClientHello',
    ]);
  });

/** Its type is 8 in Google's QUIC. */
const googleCrypto = (data: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(8, 0), varint(data.length), data]);

for (const [code, name] of [
  [0x54303530, 'T050'],
  [0x54303531, 'T051'],
] as const)
  test(`Google's ${name} has TLS in frames of Google's`, (t) => {
    // An acknowledgement with one block and one time comes first.
    const ack = hex('40 07 0010 01 01 00 00000000');
    const [first, second] = present(
      new Flow().lines('client', initial(code, Buffer.concat([ack, googleCrypto(clientHello)]))),
    );
    t.is(first, `quic Initial: version ${name}, to 8394c8f03e515708, ACK CRYPTO PADDING`);
    t.is(second, 'ClientHello');
  });

/** Tags with values, the ends of values before them. */
function hello(name: string, values: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(values);
  const head = Buffer.alloc(8 + 8 * entries.length);
  head.write(name, 'latin1');
  head.writeUInt16LE(entries.length, 4);
  let end = 0;
  for (const [index, [tag, value]] of entries.entries()) {
    end += value.length;
    head.write(tag, 8 + 8 * index, 'latin1');
    head.writeUInt32LE(end, 12 + 8 * index);
  }
  return Buffer.concat([head, ...entries.map(([, value]) => Buffer.from(value, 'latin1'))]);
}

const chlo = hello('CHLO', { PAD: '-'.repeat(40), SNI: 'shop.example', UAID: 'Browser/1 \u001b[31m' });

test('Google’s own handshake in Q050 says whom it asks for, and is no TLS', (t) => {
  t.deepEqual(new Flow().lines('client', initial(0x51303530, googleCrypto(chlo))), [
    'quic Initial: version Q050, to 8394c8f03e515708, CHLO for shop.example (Browser/1 ·[31m)',
  ]);
});

const hash = 'ab'.repeat(12);
const datagrams = {
  Q043: Buffer.concat([hex(`0d ${'11'.repeat(8)} 51303433 01 ${hash} a0 01 0004`), chlo]),
  Q046: Buffer.concat([hex(`c3 51303436 50 ${'11'.repeat(8)} 00000001 ${hash} a0 01 0004`), chlo]),
};

for (const [version, bytes] of Object.entries(datagrams))
  test(`${version}: the first datagram is read, those behind it belong to it`, (t) => {
    const flow = new Flow();
    t.regex(
      present(flow.lines('client', bytes))[0] ?? '',
      new RegExp(`^gquic Google QUIC CHLO: version ${version}, CHLO for shop\\.example \\(Browser/1`),
    );
    t.deepEqual(flow.lines('server', hex('08 01 22334455')), [
      `gquic Google QUIC protected: version ${version}`,
    ]);
  });

test('what only resembles Google’s QUIC is none: another version, a reset, no version', (t) => {
  for (const bytes of [
    hex(`0d ${'11'.repeat(8)} 51303939 01`),
    hex(`0f ${'11'.repeat(8)} 51303433 01`),
    hex(`08 ${'11'.repeat(8)} 51303433 01`),
    hex('0d 51303433'),
    Buffer.from('Q043 Q043 Q043'),
  ])
    t.is(new Flow().feed('client', bytes), undefined);
});

test('a hello whose ends fall, or that is cut anywhere, throws nothing', (t) => {
  const broken = Buffer.from(chlo);
  broken.writeUInt32LE(0xffffffff, 12);
  for (const bytes of [broken, ...Array.from({ length: chlo.length }, (_, end) => chlo.subarray(0, end))]) {
    const found = new Flow().feed(
      'client',
      Buffer.concat([hex(`0d ${'11'.repeat(8)} 51303433 01 ${hash} a0 01 0004`), bytes]),
    );
    t.is(found?.length, 1);
  }
});

test('a client that asks for versions with one that no server has is QUIC, where all the rest is', (t) => {
  const datagram = (code: string, length: number, first = 'c6'): Buffer =>
    Buffer.concat([hex(`${first} ${code} 08 ${'11'.repeat(8)} 00 00 44be`), Buffer.alloc(length, 7)]);
  const [line] = present(new Flow().lines('client', datagram('0a0a0a0a', 1200)));
  t.is(line, 'quic unknown version: version 0xa0a0a0a, to 1111111111111111');
  t.is(new Flow().feed('client', datagram('0a0a0a0a', 100)), undefined);
  t.is(new Flow().feed('client', datagram('0a0a0a0b', 1200)), undefined);
  t.is(new Flow().feed('client', datagram('0a0a0a0a', 1200, '86')), undefined);
});
