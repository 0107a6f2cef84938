/** Messages of DNS, byte by byte: what they say, that their trees have no gap, and that no bytes lead a reader astray. */
import test from 'ava';
import * as fc from 'fast-check';
import { writeDns } from '../../../src/peers/resolver/dns-writer.ts';
import { findField } from '../../../src/core/field.ts';
import { dnsValueWords } from '../../../src/protocols/dns/codes.ts';
import {
  DnsConversation,
  dnsFacts,
  dnsOfDatagram,
  dnsTitle,
  fieldOfDns,
} from '../../../src/protocols/dns/conversation.ts';
import { readDns } from '../../../src/protocols/dns/message.ts';
import { looksLikeDns, looksLikeDnsStream } from '../../../src/protocols/dns/recognise.ts';
import { explainedDnsFields, dnsTexts } from '../../../src/protocols/dns/texts.ts';
import { dnsMessages } from '../../fuzz/seeds.ts';
import { cpuTime } from '../../helpers/cpu-time.ts';
import { present } from '../../helpers/capture.ts';
import { allFields, coverageFaults, treeFaults } from '../helpers/tree.ts';

const [query, answer] = dnsMessages.map((bytes) => ({
  from: 'client' as const,
  offset: 0,
  bytes,
  tag: 0,
})) as [Piece, Piece];
type Piece = Parameters<typeof dnsOfDatagram>[0];

function contentOf(bytes: Uint8Array) {
  const step = readDns(bytes);
  return 'got' in step ? step.got : undefined;
}

test('a question says its name, its type and what the asker can take', (t) => {
  const content = present(contentOf(query.bytes));
  t.like(content, {
    id: 0x1234,
    isResponse: false,
    recursionDesired: true,
    rcode: 0,
    edns: { version: 0, payloadSize: 1232 },
  });
  t.deepEqual(content.questions, [{ name: 'shop.localhost', type: 1, class: 1 }]);
  const message = dnsOfDatagram(query);
  t.is(dnsTitle(message).en, 'query A');
  t.is(dnsFacts(message), 'shop.localhost');
});

test('an answer is read through its pointers', (t) => {
  const content = present(contentOf(answer.bytes));
  t.deepEqual(
    content.answers.map(({ name, type, data, port }) => [name, type, data, port]),
    [
      ['shop.localhost', 5, 'www.shop.localhost', undefined],
      ['www.shop.localhost', 1, '127.0.0.1', undefined],
      ['shop.localhost', 28, '::1', undefined],
      ['shop.localhost', 16, 'abc d', undefined],
      ['shop.localhost', 33, 'shop.localhost', 8080],
    ],
  );
  const message = dnsOfDatagram(answer);
  t.is(dnsTitle(message).ko, '응답 ANY');
  t.is(dnsFacts(message), 'www.shop.localhost, 127.0.0.1, ::1, abc d');
});

test('every byte of a message stands in one field, over UDP and over TCP', (t) => {
  for (const piece of [query, answer]) {
    const field = fieldOfDns(dnsOfDatagram({ ...piece, offset: 100 }));
    t.deepEqual(coverageFaults(field), []);
    t.deepEqual(field.range, [100, 100 + piece.bytes.length]);
    const stream = Buffer.concat([Uint8Array.of(0, piece.bytes.length), piece.bytes]);
    const [message] = new DnsConversation().feed({ ...piece, offset: 100, bytes: stream });
    t.deepEqual(coverageFaults(fieldOfDns(present(message))), []);
  }
  t.is(findField(fieldOfDns(dnsOfDatagram(answer)), 'dns.data.port')?.value, 8080);
});

test('what a message is explained by is what messages show', (t) => {
  const stream = Buffer.concat([Uint8Array.of(0, answer.bytes.length), answer.bytes]);
  const authority = Buffer.from(answer.bytes);
  authority.writeUInt16BE(4, 6);
  authority.writeUInt16BE(1, 8);
  const fields = [
    query,
    answer,
    { ...answer, bytes: authority },
    { ...answer, bytes: answer.bytes.subarray(0, 60) },
  ].flatMap((piece) => allFields(fieldOfDns(dnsOfDatagram(piece))));
  for (const message of new DnsConversation().feed({ ...answer, bytes: stream }))
    fields.push(...allFields(fieldOfDns(message)));
  const writer = writeDns({
    id: 1,
    flags: 0x8000,
    question: { name: 'a', type: 1, class: 1 },
    additionals: [{ name: 'a', data: { address: '::1' }, ttl: 1 }],
  });
  fields.push(...allFields(fieldOfDns(dnsOfDatagram({ ...answer, bytes: writer }))));
  const seen = new Set(fields.map(({ id }) => id));
  t.deepEqual(
    explainedDnsFields.filter((id) => !seen.has(id)),
    [],
  );
  for (const [id, { name, meaning }] of Object.entries(dnsTexts)) {
    for (const text of [name.en, name.ko, meaning.en, meaning.ko])
      t.is(text, text.normalize('NFC').trim(), id);
    t.regex(meaning.en, /\.$/, id);
    t.regex(meaning.ko, /니다[.(]/, id);
  }
});

/** A message with one question whose name is these bytes. */
const named = (...name: number[]): Uint8Array =>
  Uint8Array.of(0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...name, 0, 1, 0, 1);

const wrong: readonly (readonly [why: string, bytes: Uint8Array, id: string])[] = [
  ['a pointer to itself', named(0xc0, 12), 'dns.name.pointer'],
  ['a pointer ahead', named(0xc0, 14), 'dns.name.pointer'],
  ['two names that point at each other', named(1, 97, 0xc0, 12), 'dns.name.pointer'],
  ['a label of 64 bytes', named(0x40, ...Array.from({ length: 64 }, () => 97), 0), 'dns.name.length'],
  [
    'a name of more than 255 bytes',
    named(...Array.from({ length: 130 }, () => [1, 97]).flat(), 0),
    'dns.name',
  ],
  ['a name without an end', named(9, 97), 'dns.question'],
  ['65,535 questions', Uint8Array.of(0, 1, 1, 0, 255, 255, 0, 0, 0, 0, 0, 0), 'dns.question'],
  ['record data that ends behind the message', answer.bytes.subarray(0, 60), 'dns.answer'],
  ['an address of five bytes', writtenWith(5), 'dns.data'],
];

/** An A record whose data has that length. */
function writtenWith(length: number): Uint8Array {
  const data = Buffer.concat([
    writeDns({ id: 1, flags: 0x8000, answers: [{ name: 'a', data: { address: '127.0.0.1' }, ttl: 0 }] }),
    Uint8Array.of(9),
  ]);
  data.writeUInt16BE(length, data.length - 5 - 2);
  return data;
}

for (const [why, bytes, id] of wrong) {
  test(`malformed: ${why}`, (t) => {
    const step = readDns(bytes);
    t.true('malformed' in step);
    if ('malformed' in step) t.is<string, string>(step.malformed.id, id);
    t.deepEqual(treeFaults(fieldOfDns(dnsOfDatagram({ ...query, bytes }))), []);
  });
}

test('a chain of pointers through the whole message costs little', (t) => {
  // Each pointer leads to the one before it; every record begins at the end of the chain.
  const chain = Array.from({ length: 8000 }, (_, index) => [
    0xc0 | ((12 + 2 * (index - 1)) >> 8),
    (12 + 2 * (index - 1)) & 0xff,
  ]).flat();
  const bytes = Uint8Array.of(0, 1, 0x81, 0, 255, 255, 255, 255, 0, 0, 0, 0, ...chain);
  const before = cpuTime();
  t.true('malformed' in readDns(bytes));
  t.true(cpuTime() - before < 1000);
});

test('what the writer writes is what the reader reads, whatever the name', (t) => {
  const label = fc.string({
    unit: fc
      .integer({ min: 33, max: 126 })
      .map((code) => (code === 0x2e || code === 0x5c ? '-' : String.fromCharCode(code))),
    minLength: 1,
    maxLength: 63,
  });
  const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
  fc.assert(
    fc.property(name, name, fc.nat(65_535), fc.nat(65_535), (host, target, port, id) => {
      const bytes = writeDns({
        id,
        flags: 0x8180,
        rcode: 0,
        question: { name: host, type: 33, class: 1 },
        answers: [{ name: host, data: { host: target, port }, ttl: 5 }],
        payloadSize: 1232,
      });
      const content = present(contentOf(bytes));
      t.like(content, { id, isResponse: true });
      t.deepEqual(content.answers, [{ name: host, type: 33, class: 1, ttl: 5, data: target, port }]);
      t.true(looksLikeDns(bytes));
    }),
  );
});

test('bytes that no label should have are written as RFC 4343 has them, and read back', (t) => {
  const bytes = named(4, 0x2e, 0x5c, 0x00, 0xff, 0);
  const content = present(contentOf(bytes));
  t.is(content.questions[0]?.name, String.raw`\.\\\000\255`);
  t.deepEqual(
    Buffer.from(writeDns({ id: 1, flags: 0x100, question: present(content.questions[0]) })),
    Buffer.from(bytes),
  );
});

test('each strict prefix of a message is malformed, and none throws', (t) => {
  for (let length = 0; length < answer.bytes.length; length++)
    t.true('malformed' in readDns(answer.bytes.subarray(0, length)), String(length));
});

test('over TCP it is the same in one piece, byte by byte, and with the next message behind it', (t) => {
  const one = Buffer.concat([Uint8Array.of(0, query.bytes.length), query.bytes]);
  const stream = Buffer.concat([one, one, one.subarray(0, 9)]);
  for (const size of [1, 7, stream.length]) {
    const conversation = new DnsConversation();
    const messages = [];
    for (let at = 0; at < stream.length; at += size)
      messages.push(
        ...conversation.feed({ from: 'client', offset: at, bytes: stream.subarray(at, at + size), tag: at }),
      );
    t.deepEqual(
      messages.map(({ offset, length, title }) => [offset, length, title]),
      [
        [0, one.length, 'A'],
        [one.length, one.length, 'A'],
      ],
    );
    t.is(conversation.cut('client')?.bytes.length, 9);
    t.is(conversation.cut('client'), undefined);
  }
});

test('multicast DNS asks several questions, and sends along what it knows', (t) => {
  const label = (text: string): number[] => [text.length, ...Buffer.from(text)];
  const name = [...label('_http'), ...label('_tcp'), ...label('local'), 0];
  const question = [...name, 0, 12, 0x80, 1];
  const known = [0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12];
  const message = (counts: readonly number[], ...parts: readonly number[][]): Uint8Array =>
    Uint8Array.from([0, 0, 0, 0, ...counts.flatMap((count) => [0, count]), ...parts.flat()]);
  t.true(looksLikeDns(message([3, 0, 0, 0], question, question, question)));
  t.true(looksLikeDns(message([1, 1, 0, 0], question, known)));
  // Bytes are missing, or left.
  t.false(looksLikeDns(message([3, 0, 0, 0], question, question)));
  t.false(looksLikeDns(message([1, 1, 0, 0], question, known, [0])));
  t.false(looksLikeDns(message([1, 2, 0, 0], question, known)));
});

test('a question for a name of NetBIOS has the form of DNS and is none', (t) => {
  const header = [0, 1, 1, 0x10, 0, 1, 0, 0, 0, 0, 0, 0];
  const letters = [...Buffer.from('CA'.repeat(16))];
  for (const type of [0x20, 0x21])
    t.false(looksLikeDns(Uint8Array.from([...header, 32, ...letters, 0, 0, type, 0, 1])));
  t.true(looksLikeDns(Uint8Array.from([...header, 32, ...letters, 0, 0, 1, 0, 1])));
});

test('datagrams of other protocols are not taken for DNS', (t) => {
  const dtls = Uint8Array.of(22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 1, 0, 0, 28);
  const quic = Uint8Array.of(0xc3, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0x44, 0x9e);
  for (const bytes of [
    dtls,
    quic,
    Buffer.from('M-SEARCH * HTTP/1.1\r\n'),
    new Uint8Array(0),
    new Uint8Array(11),
    new Uint8Array(48).fill(0x1b),
    query.bytes.subarray(0, 20),
  ])
    t.false(looksLikeDns(bytes));
  t.true(looksLikeDns(query.bytes));
  t.true(looksLikeDns(answer.bytes));
  t.is(looksLikeDnsStream(Buffer.from('GET / HTTP/1.1'), 'client'), false);
  // FORMERR may come without the question.
  t.true(looksLikeDns(Uint8Array.of(0, 1, 0x81, 1, 0, 0, 0, 0, 0, 0, 0, 0)));
});

test('types, classes and flags are told by their names, unknown ones by their number', (t) => {
  const words = [
    ['dns.type', 33, 'SRV (33)'],
    ['dns.type', 257, 'TYPE257 (257)'],
    ['dns.class', 1, 'IN (1)'],
    ['dns.flags', 0x8583, 'QR AA RD RA, NXDOMAIN (0x8583)'],
    ['dns.flags', 0, 'NOERROR (0x0000)'],
    ['dns.ttl', 5, undefined],
  ] as const;
  for (const [id, value, said] of words) t.is(dnsValueWords(id, value), said);
});
