/** The header of the PROXY protocol: both versions, every prefix, what is malformed, and its field tree. */
import test from 'ava';
import {
  fieldOfProxyHeader,
  readProxyHeader,
  writeProxyHeader,
} from '../../../src/protocols/proxy-header/header.ts';
import { readerOfProxyHeader } from '../../../src/protocols/proxy-header/conversation.ts';
import { looksLikeProxyHeader } from '../../../src/protocols/proxy-header/start.ts';
import { present } from '../../helpers/capture.ts';
import { coverageFaults } from '../helpers/tree.ts';

const source = { host: '192.0.2.7', port: 56_324 };
const destination = { host: '198.51.100.1', port: 443 };
const six = { host: '2001:db8::7', port: 56_324 };
const sixToo = { host: '2001:db8::1', port: 443 };

/** As haproxy 3.0 writes them; the second of version 2 has an extension (unique id). */
const samples = [
  {
    bytes: Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n'),
    addresses: { source, destination },
  },
  {
    bytes: Buffer.from('PROXY TCP6 2001:db8::7 2001:db8::1 56324 443\r\n'),
    addresses: { source: six, destination: sixToo },
  },
  { bytes: Buffer.from('PROXY UNKNOWN\r\n'), addresses: undefined },
  { bytes: Buffer.from('PROXY UNKNOWN ffff::1 whatever\r\n'), addresses: undefined },
  {
    bytes: Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000207c6336401dc0401bb', 'hex'),
    addresses: { source, destination },
  },
  {
    bytes: Buffer.from('0d0a0d0a000d0a515549540a21110013c0000207c6336401dc0401bb05000461626364', 'hex'),
    addresses: { source, destination },
  },
  { bytes: Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex'), addresses: undefined },
] as const;

for (const [index, { bytes, addresses }] of samples.entries()) {
  test(`sample ${index}: read with what follows it, and no prefix of it`, (t) => {
    for (let length = 0; length < bytes.length; length++)
      t.is(readProxyHeader(bytes.subarray(0, length)).kind, 'needs_more', String(length));
    const read = readProxyHeader(Buffer.concat([bytes, Buffer.from('GET /')]));
    t.is(read.kind, 'header');
    if (read.kind !== 'header') return;
    t.is(read.header.length, bytes.length);
    t.deepEqual(read.header.addresses, addresses);
    t.true(looksLikeProxyHeader(bytes, 'client'));
    t.false(looksLikeProxyHeader(bytes, 'server'));
    const field = present(fieldOfProxyHeader(bytes, 0));
    t.deepEqual(coverageFaults({ ...field, id: 'message', children: [field] }), []);
  });

  test(`sample ${index}: in pieces of any size, one message and the rest handed over`, (t) => {
    for (let size = 1; size <= bytes.length; size++) {
      const reader = readerOfProxyHeader();
      const messages = [];
      for (let at = 0; at < bytes.length; at += size)
        messages.push(
          ...reader.feed({ from: 'client', offset: at, bytes: bytes.subarray(at, at + size), tag: at }),
        );
      t.is(messages.length, 1);
      t.is(messages[0]?.length, bytes.length);
      t.deepEqual(
        reader.takeHandovers?.().map(({ offset, bytes: left }) => [offset, left.length]),
        [[bytes.length, 0]],
      );
    }
  });
}

test('what was written is read, in both versions', (t) => {
  for (const version of [1, 2] as const)
    for (const [one, other] of [
      [source, destination],
      [six, sixToo],
    ] as const) {
      const read = readProxyHeader(writeProxyHeader(version, one, other));
      t.deepEqual(read.kind === 'header' && read.header.addresses, { source: one, destination: other });
      t.is(read.kind === 'header' && read.header.version, version);
    }
  // Of two families, both are IPv6; a name is no address.
  const mixed = readProxyHeader(writeProxyHeader(2, source, sixToo));
  t.deepEqual(mixed.kind === 'header' && mixed.header.addresses?.source, {
    host: '::ffff:c000:207',
    port: 56_324,
  });
  t.is(writeProxyHeader(1, { host: 'x', port: 1 }, destination).toString(), 'PROXY UNKNOWN\r\n');
});

for (const [name, bytes] of [
  ['an address of the other family', Buffer.from('PROXY TCP4 ::1 127.0.0.1 1 2\r\n')],
  ['a port that is too high', Buffer.from('PROXY TCP4 127.0.0.1 127.0.0.1 1 65536\r\n')],
  ['a family that is unknown', Buffer.from('PROXY UDP4 127.0.0.1 127.0.0.1 1 2\r\n')],
  ['a line without an end', Buffer.from(`PROXY TCP4 ${'1'.repeat(120)}`)],
  ['version 3', Buffer.from('0d0a0d0a000d0a515549540a3111000cc0000207c6336401dc0401bb', 'hex')],
  [
    'a command that is unknown',
    Buffer.from('0d0a0d0a000d0a515549540a2211000cc0000207c6336401dc0401bb', 'hex'),
  ],
  ['too short for its addresses', Buffer.from('0d0a0d0a000d0a515549540a21110004c0000207', 'hex')],
  ['a length that no header has', Buffer.from('0d0a0d0a000d0a515549540a2111ffff', 'hex')],
] as const)
  test(`malformed: ${name}`, (t) => {
    t.is(readProxyHeader(bytes).kind, 'malformed');
  });

test('other beginnings are none', (t) => {
  for (const text of ['GET / HTTP/1.1', 'PROXYX', '\x16\x03\x01', '\r\n\r\nGET'])
    t.is(readProxyHeader(Buffer.from(text, 'latin1')).kind, 'none', text);
  t.false(looksLikeProxyHeader(Buffer.from('PROXY TCP5 '), 'client'));
  t.is(looksLikeProxyHeader(Buffer.from('PROXY T'), 'client'), undefined);
});

test('random bytes behind either beginning throw nothing', (t) => {
  let seed = 7;
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648);
  for (let round = 0; round < 2_000; round++) {
    const head = samples[round % samples.length]!.bytes.subarray(0, round % 17);
    const bytes = Buffer.concat([
      head,
      Buffer.from(Array.from({ length: random() % 60 }, () => random() & 255)),
    ]);
    t.notThrows(() => {
      readProxyHeader(bytes);
      looksLikeProxyHeader(bytes, 'client');
      readerOfProxyHeader().feed({ from: 'client', offset: 0, bytes, tag: 0 });
    });
  }
});
