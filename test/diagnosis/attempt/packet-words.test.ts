/** What databases say in packets of their own. */
import test from 'ava';
import { packetWords } from '../../../src/diagnosis/attempt/packet-words.ts';

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const latin = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

const fatal = latin('E\0\0\0\x2eSFATAL\0VFATAL\0C28000\0Mno pg_hba.conf entry\0\0');
const refused = latin('\x1a\0\0\0\xff\x6a\x04Host is not allowed to\0');
const greeting = latin('\x12\0\0\0\x0a11.8.0-MariaDB\0\0\0');

const rows: readonly (readonly [string, Uint8Array, string | undefined])[] = [
  ['PostgreSQL refuses', fatal, 'FATAL: no pg_hba.conf entry'],
  ['PostgreSQL admits', hex('520000000800000000'), 'AuthenticationOk'],
  ['PostgreSQL asks for a password', hex('52000000080000000a'), 'AuthenticationSASL'],
  ['an authentication that is not known', hex('520000000800000063'), undefined],
  ['MySQL greets', greeting, 'MySQL greeting, 11.8.0-MariaDB'],
  ['HTTP is none of these', latin('HTTP/1.1 200 OK\r\n\r\n'), undefined],
  ['a mail server is none of these', latin('EHLO is what I want\r\n'), undefined],
  ['a TLS record is none of these', hex('15030300020228'), undefined],
  ['nothing', hex(''), undefined],
];

for (const [title, said, words] of rows) test(title, (t) => t.is(packetWords(said), words));

test('MySQL refuses, with its number', (t) => {
  t.regex(packetWords(refused) ?? '', /^1130 Host is not allowed/);
});

test('no beginning of these packets, and no random bytes, are too much for it', (t) => {
  for (const whole of [fatal, refused, greeting])
    for (let length = 0; length < whole.length; length++)
      t.notThrows(() => packetWords(whole.subarray(0, length)));
  for (let first = 0; first < 256; first++)
    t.notThrows(() => packetWords(hex(`${first.toString(16).padStart(2, '0')}000000ff0a00ffffffff`)));
});
