/** Protocols by name: each sample is its own and nobody else's, noise is none, and what is not recognised shows its first bytes. */
import test from 'ava';
import type { Side } from '../../../src/capture/event.ts';
import { languages } from '../../../src/i18n/language.ts';
import { recognise } from '../../../src/protocols/index.ts';
import { nameOf, notRecognised } from '../../../src/protocols/signatures/named.ts';
import { longestStart, Start } from '../../../src/protocols/signatures/start.ts';
import { signatures } from '../../../src/protocols/signatures/table.ts';

interface Sample {
  readonly id: string;
  readonly title: string;
  readonly from: Side;
  readonly over: 'tcp' | 'udp';
  readonly bytes: Uint8Array;
}

const samples: Sample[] = [];
const sample = (
  id: string,
  title: string,
  from: Side,
  over: 'tcp' | 'udp',
  bytes: string | Uint8Array,
): void => {
  samples.push({
    id,
    title,
    from,
    over,
    bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes,
  });
};
/** Digits, with blanks between them; `*n` repeats the byte before. */
const hex = (digits: string): Buffer =>
  Buffer.concat(
    digits
      .trim()
      .split(/\s+/)
      .map((part) => {
        const [bytes = '', times] = part.split('*');
        return Buffer.from(bytes.repeat(Number(times ?? 1)), 'hex');
      }),
  );
const latin1 = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

sample('ssh', 'SSH 2.0-OpenSSH_9.6', 'server', 'tcp', 'SSH-2.0-OpenSSH_9.6\r\n');
sample('ssh', 'SSH 2.0-libssh2_1.11.0', 'client', 'tcp', 'SSH-2.0-libssh2_1.11.0\r\n\0\0\x04');
sample('amqp', 'AMQP 0-9-1', 'client', 'tcp', 'AMQP\0\0\u0009\u0001');
sample('amqp', 'AMQP 1.0, SASL follows', 'client', 'tcp', 'AMQP\u0003\u0001\0\0');
sample('smb', 'SMB 1 Negotiate', 'client', 'tcp', hex('00000054 ff534d42 72 00*79'));
sample('smb', 'SMB 2 Negotiate', 'client', 'tcp', hex('00000068 fe534d42 4000 0000 00*4 0000 00*94'));
sample('smb', 'SMB 3, encrypted', 'client', 'tcp', hex('00000068 fd534d42 00*100'));
sample('smb', 'SMB NetBIOS session request', 'client', 'tcp', hex('81000044 20 43*32 00 20 43*32 00'));
sample(
  'rdp',
  'RDP connection request, user alice, asks for CredSSP over TLS',
  'client',
  'tcp',
  hex(
    `0300002a 25e00000000000 ${latin1('Cookie: mstshash=alice\r\n')} 0100080003000000`.replace(
      '0300002a 25',
      '0300002b 26',
    ),
  ),
);
sample(
  'rdp',
  'RDP connection confirm, chooses TLS',
  'server',
  'tcp',
  hex('03000013 0ed00000123400 0200080001000000'),
);
sample(
  'tds',
  'TDS (SQL Server) pre-login',
  'client',
  'tcp',
  hex(
    '1201002f00000100 00001a0006 010020 0001 020021 0001 030022 0004 04002600 01 ff 0900000000000000000000 00 00',
  ),
);
sample(
  'kafka',
  'Kafka ApiVersions v3, client rdkafka',
  'client',
  'tcp',
  hex(`00000017 0012 0003 00000001 0007 ${latin1('rdkafka')} 00*6`),
);
sample(
  'mongodb',
  'MongoDB OP_MSG hello',
  'client',
  'tcp',
  hex(
    `23000000 01000000 00000000 dd070000 00000000 00 0e000000 10 ${latin1('hello')} 00 01000000 00`
      .replace('23000000', '25000000')
      .replace('0e000000', '10000000'),
  ),
);
const asReq = '6a20 301e a103020105 a20302010a a312 30*18';
sample('kerberos', 'Kerberos AS-REQ', 'client', 'udp', hex(asReq));
sample('kerberos', 'Kerberos AS-REQ', 'client', 'tcp', hex(`00000022 ${asReq}`));
sample('stun', 'STUN Binding request', 'client', 'udp', hex('0001 0000 2112a442 ab*12'));
sample('stun', 'STUN Allocate (TURN) error', 'server', 'udp', hex('0113 0000 2112a442 ab*12'));
sample('wireguard', 'WireGuard handshake initiation', 'client', 'udp', hex('01000000 ab*144'));
sample('wireguard', 'WireGuard handshake response', 'server', 'udp', hex('02000000 ab*88'));
sample('wireguard', 'WireGuard data', 'client', 'udp', hex('04000000 ab*4 0100000000000000 cd*32'));
sample('ntp', 'NTP v4 request', 'client', 'udp', hex('23000a20 00*36 ab*8'));
sample('ntp', 'NTP v4 answer', 'server', 'udp', hex('240206e8 00000123 00000456 7f000001 ab*32'));
sample('dhcp', 'DHCP DISCOVER', 'client', 'udp', hex('01010600 ab*4 00*228 63825363 350101 ff'));
sample(
  'tds',
  'TDS (SQL Server) batch',
  'client',
  'tcp',
  hex(`0101 001c 0000 01 00 ${Buffer.from('SELECT 1 x', 'utf16le').toString('hex')}`),
);
sample('tds', 'TDS (SQL Server) call', 'client', 'tcp', hex('0301 000e 0000 01 00 ffff 0a00 0000'));
sample('tds', 'TDS (SQL Server) answer', 'server', 'tcp', hex('0401 0015 0033 01 00 fd 0000 0000 00*8'));
sample('amqp', 'AMQP method', 'client', 'tcp', hex('01 0001 00000005 003c 0028 00 ce'));
sample('amqp', 'AMQP content', 'client', 'tcp', hex('02 0001 0000000e 003c 0000 00*8 0000 ce'));
sample('stun', 'STUN Binding request', 'client', 'udp', hex('0001 0008 ab*16 0003 0004 00000006'));
sample('ntp', 'NTP v2 monlist answer', 'server', 'udp', hex('97 00 03 2a 0001 0008 ab*8'));
sample('ntp', 'NTP v2 monlist request', 'client', 'udp', hex('17 00 03 2a 0000 0000'));
sample(
  'tds',
  'TDS (SQL Server) call',
  'client',
  'tcp',
  hex('0304 1f40 0000 01 00 16000000 12000000 0200 ab*300'),
);
sample('tds', 'TDS (SQL Server) answer', 'client', 'tcp', hex('0401 0011 0033 01 00 fd 00*8'));

const words =
  / (?:request|response|initiation|reply|login|negotiation|handshake|symmetric|answer|connect|read|write|reset|success|main mode)\b|, (?:user|client|procedure|asks|chooses|offers|to) /;

for (const [number, { id, title, from, over, bytes }] of samples.entries())
  test(`sample ${number}: ${title}, from the ${from} over ${over}`, (t) => {
    const named = nameOf(bytes, from, over);
    t.is(named?.title.en, title);
    t.is(named?.protocol, id);
    for (const language of languages) t.true((named?.title[language] ?? '') !== '');
    // Words are translated; names of messages are the same in every language.
    if (words.test(title)) t.regex(named?.title.ko ?? '', /[가-힣]/);
    const start = new Start(bytes, from);
    const others = signatures.filter(
      (row) => row.id !== id && (row.over === 'both' || row.over === over) && row.read(start) !== undefined,
    );
    t.deepEqual(
      others.map((row) => row.id),
      [],
    );
    // What a reader reads comes before.
    if (over === 'tcp') t.not(recognise(bytes, from), 'tls');
  });

test('every row has a sample', (t) => {
  const seen = new Set(samples.map(({ id, over }) => `${id} ${over}`));
  t.deepEqual(
    signatures
      .filter(
        ({ id, over }) =>
          !(over === 'both' ? seen.has(`${id} tcp`) || seen.has(`${id} udp`) : seen.has(`${id} ${over}`)),
      )
      .map(({ id, over }) => `${id} ${over}`),
    [],
  );
});

test('a beginning of a sample throws nothing, and is the same protocol or none', (t) => {
  for (const { id, from, over, bytes } of samples)
    for (let length = 0; length < bytes.length; length++) {
      const named = nameOf(bytes.subarray(0, length), from, over);
      if (named && named.protocol !== id) t.fail(`${id} cut at ${length} is ${named.protocol}`);
    }
  t.pass();
});

test('noise is nothing: of 200,000 pieces none is named', (t) => {
  let state = 4711;
  const next = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor(state / 2 ** 15) & 0xff;
  };
  const lengths = [4, 9, 14, 48, 64, 92, 148, 300];
  const found = new Map<string, number>();
  for (let round = 0; round < 50_000; round++) {
    const bytes = Uint8Array.from({ length: lengths[round % lengths.length] ?? 4 }, next);
    for (const [from, over] of [
      ['client', 'tcp'],
      ['server', 'tcp'],
      ['client', 'udp'],
      ['server', 'udp'],
    ] as const) {
      const named = nameOf(bytes, from, over);
      if (named) found.set(named.protocol, (found.get(named.protocol) ?? 0) + 1);
    }
  }
  t.deepEqual([...found], []);
});

test('what is not recognised shows its first bytes, in digits and as text', (t) => {
  t.is(
    notRecognised(Buffer.from('hello world, again')).en,
    'not recognised: 68 65 6c 6c 6f 20 77 6f 72 6c 64 2c… "hello world,"',
  );
  t.is(notRecognised(Uint8Array.of(0, 255)).en, 'not recognised: 00 ff ".."');
  t.is(nameOf(new Uint8Array(longestStart * 2), 'client', 'tcp'), undefined);
});
