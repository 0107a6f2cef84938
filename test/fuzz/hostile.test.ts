/**
 * Inputs that somebody thought of: each as large as it may be, and made to cost more than it weighs. They end, hold
 * little, and what they are is said. None is measured by the clock: what was once quadratic would not end here.
 */
import { constants, brotliCompressSync, gzipSync } from 'node:zlib';
import test from 'ava';
import { conversation, loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { credentialsIn } from '../../src/analysis/secrets/credential-shapes.ts';
import { Flows } from '../../src/capture/flows.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { PacketClock } from '../../src/capture/file/replay.ts';
import { readCapture } from '../../src/cli/inspect/open.ts';
import { HttpConversation } from '../../src/protocols/http/conversation.ts';
import { fieldOfHttp } from '../../src/protocols/http/message-field.ts';
import type { HttpMessage } from '../../src/protocols/http/http-message.ts';
import { readHead, readUsualHead } from '../../src/protocols/http/message.ts';
import { TlsConversation } from '../../src/protocols/tls/conversation.ts';
import { fieldOf, handshakeFieldOf } from '../../src/protocols/tls/message/message-field.ts';
import type { TlsMessage } from '../../src/protocols/tls/message/message.ts';
import { ja3Of, ja4Of } from '../../src/protocols/tls/fingerprint.ts';
import { readHandshake } from '../../src/protocols/tls/handshake.ts';
import { readCertificate } from '../../src/protocols/x509/certificate.ts';
import { readBasic, readCookies } from '../../src/protocols/http/form.ts';
import { scanPem } from '../../src/pki/keystore/pem.ts';
import {
  ipv4,
  pcap,
  pcapngBlock,
  pcapngInterface,
  pcapngPacket,
  pcapngSection,
  tcp,
} from '../capture/support/packets.ts';
import { readCaptureFile } from '../capture/support/read.ts';
import { leavesOf, treeFaults } from '../protocols/helpers/tree.ts';
import { shareOf } from '../helpers/at-length.ts';
import { present } from '../helpers/capture.ts';
import { heldNow } from './held.ts';
import { mutual12, mutual13, packetsOf, piecesOf } from './seeds.ts';
import { requestFor, targets } from './targets.ts';

const mebibyte = 1024 * 1024;

const repeated = (bytes: Uint8Array, times: number): Uint8Array =>
  Buffer.concat(Array.from({ length: times }, () => bytes));

function readHttp(from: 'client' | 'server', bytes: Uint8Array): HttpMessage[] {
  const http = new HttpConversation();
  return [...http.feed({ from, offset: 0, bytes }), ...http.end()];
}

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const post = (body: string, headers = ''): Uint8Array =>
  latin1(`POST / HTTP/1.1\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`);

for (const [coding, bomb] of [
  // Members of a gzip follow each other: 512 MiB in 512 KiB.
  ['gzip', () => repeated(gzipSync(Buffer.alloc(16 * mebibyte)), 32)],
  [
    'br',
    () =>
      brotliCompressSync(Buffer.alloc(64 * mebibyte), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  ],
] as const) {
  test(`a body that ${coding} would blow up to hundreds of times its size is held as it came, near enough`, (t) => {
    const body = bomb();
    const bytes = Buffer.concat([
      latin1(
        `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`,
      ),
      body,
    ]);
    const peak = process.resourceUsage().maxRSS;
    const before = heldNow();
    const messages = readHttp('server', bytes);
    const held = messages.map((message) => [message, fieldOfHttp(message), credentialsIn(message)]);
    t.true(heldNow() - before < 32 * mebibyte);
    t.true((process.resourceUsage().maxRSS - peak) * 1024 < 200 * mebibyte, 'nor was it for a moment');
    t.is(held.length, 1);
    t.deepEqual(
      messages.map(({ length, complete }) => [length, complete]),
      [[bytes.length, true]],
    );
  });
}

/** A ClientHello with those extensions, in records of the given size. */
function helloRecords(extensions: Uint8Array, suites = Uint8Array.of(0x13, 1), size = 16_384): Uint8Array {
  const two = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);
  const body = Buffer.concat([
    Uint8Array.of(3, 3),
    Buffer.alloc(32, 7),
    Uint8Array.of(0),
    two(suites.length),
    suites,
    Uint8Array.of(1, 0),
    two(extensions.length),
    extensions,
  ]);
  const message = Buffer.concat([
    Uint8Array.of(1, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff),
    body,
  ]);
  const records: Uint8Array[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Uint8Array.of(22, 3, 1, part.length >> 8, part.length & 0xff), part);
  }
  return Buffer.concat(records);
}

const extension = (type: number, length = 0): Uint8Array =>
  Uint8Array.of(type >> 8, type & 0xff, length >> 8, length & 0xff, ...new Uint8Array(length));

function readClient(bytes: Uint8Array): { readonly message: TlsMessage; readonly held: unknown } {
  const tls = new TlsConversation();
  tls.feed({ from: 'client', offset: 0, bytes });
  tls.end();
  return { message: present(tls.messages[0]), held: tls };
}

for (const [what, bytes] of [
  [
    'thousands of extensions',
    helloRecords(Buffer.concat(Array.from({ length: 16_000 }, (_, index) => extension(20_000 + index)))),
  ],
  [
    'the same extension thousands of times',
    helloRecords(Buffer.concat(Array.from({ length: 16_000 }, () => extension(16))).subarray(0, 0xfffc)),
  ],
  ['tens of thousands of suites', helloRecords(extension(23), new Uint8Array(0xfffe))],
  ['an extension of 64 KiB', helloRecords(extension(0xfeed, 0xfff0))],
  [
    'thousands of extensions, in records of one byte',
    helloRecords(
      Buffer.concat(Array.from({ length: 4000 }, (_, index) => extension(20_000 + index))),
      undefined,
      1,
    ),
  ],
] as const) {
  test(`a hello with ${what} is read, and told in little memory`, (t) => {
    const before = heldNow();
    const { message, held } = readClient(bytes);
    t.true(heldNow() - before < 64 * bytes.length + 4 * mebibyte);
    t.truthy(held);
    const own = present(handshakeFieldOf(message));
    if (message.content.type !== 'client_hello') return t.fail(message.content.type);
    t.is(
      message.content.fault !== undefined,
      what === 'the same extension thousands of times',
      'an ALPN without a list is a fault in a hello that is read all the same',
    );
    t.deepEqual(treeFaults(own).slice(0, 3), []);
    t.true(ja3Of(message.content).length > 0 && ja4Of(message.content).length > 0);
    const whole = fieldOf(message);
    t.deepEqual([...whole.range], [0, bytes.length]);
  });
}

/** Whether a message, or what it carries, says that a part of it was wrong. */
function hasFault(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  return ('fault' in value && value.fault !== undefined) || Object.values(value).some(hasFault);
}

test('a length that lies, in any field of any handshake message, is malformed or leaves a tree without gaps', async (t) => {
  let lies = 0;
  let caught = 0;
  for (const recording of [await mutual12(), await mutual13()]) {
    const tls = new TlsConversation();
    for (const piece of piecesOf(recording)) tls.feed(piece);
    tls.openWith(recording.keylog);
    for (const message of tls.messages) {
      const field = handshakeFieldOf(message);
      if (!field || !message.bytes) continue;
      for (const {
        id,
        range: [start, end],
        value,
      } of leavesOf(field)) {
        if (!id.endsWith('length') || typeof value !== 'number') continue;
        const most = 256 ** (end - start) - 1;
        for (const lie of new Set([0, value - 1, value + 1, value + 256, most])) {
          if (lie < 0 || lie > most || lie === value) continue;
          const bytes = Uint8Array.from(message.bytes);
          for (let at = end - 1, left = lie; at >= start; at--, left = Math.floor(left / 256))
            bytes[at] = left & 0xff;
          const step = readHandshake(bytes, { open: false, context: message.context });
          lies++;
          if ('got' in step) {
            t.deepEqual(treeFaults(step.field), [], `${id} ${value} -> ${lie}`);
            // One wrong extension does not hide the others.
            if (hasFault(step.got)) caught++;
          } else if ('malformed' in step) caught++;
          else t.fail(`${id}: a closed message needs no more`);
        }
      }
    }
  }
  t.true(lies > 300, `${lies} lies`);
  t.true(caught / lies > 0.9, `${caught} of ${lies} are caught`);
});

const section = pcapngSection();
const one = pcapngInterface(101);
const lying = (length: number): Uint8Array => {
  const block = Buffer.from(pcapngBlock(0xbad, Buffer.alloc(8)));
  block.writeUInt32LE(length >>> 0, 4);
  return block;
};

for (const length of [0, 1, 4, 8, 11, 13, 0x7ffffffc, 0xfffffffc, 0xffffffff]) {
  test(`a pcapng block that says it is ${length} bytes long ends the reading at its place`, (t) => {
    const bytes = Buffer.concat([section, one, lying(length), section]);
    const { problem, interfaces } = readCaptureFile(bytes);
    t.is(interfaces.length, 1);
    t.true(
      problem !== undefined &&
        problem.offset >= section.length + one.length &&
        problem.offset <= section.length + one.length + 4,
    );
  });
}

test('blocks and options without end: each is passed over once', (t) => {
  const empty = Buffer.concat([
    section,
    ...Array.from({ length: 100_000 }, () => pcapngBlock(0xbad, new Uint8Array(0))),
  ]);
  t.deepEqual(readCaptureFile(empty), { interfaces: [], packets: [], keylog: [] });
  const options = Array.from({ length: 10_000 }, () => [1, new Uint8Array(0)] as const);
  t.is(readCaptureFile(Buffer.concat([section, pcapngInterface(101, options)])).interfaces.length, 1);
  const sections = Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.concat([section, one])));
  t.is(readCaptureFile(sections).interfaces.length, 10_000);
});

test('a time of any size and resolution is a number', (t) => {
  for (const resolution of [0, 9, 0x7f, 0x80, 0xff]) {
    const file = Buffer.concat([
      section,
      pcapngInterface(101, [
        [9, Uint8Array.of(resolution)],
        [14, Buffer.alloc(8, 0x7f)],
      ]),
      pcapngPacket(0, 2n ** 64n - 1n, Uint8Array.of(0x45)),
    ]);
    t.true(Number.isFinite(readCaptureFile(file).packets[0]?.microseconds));
  }
});

const heads: readonly (readonly [what: string, head: string])[] = [
  ['blanks inside of a value', `GET / HTTP/1.1\r\nA: a${' '.repeat(60_000)}b\r\n\r\n`],
  ['blanks before and behind a value', `GET / HTTP/1.1\r\nA:${' \t'.repeat(30_000)}\r\n\r\n`],
  ['question marks', `GET /${'?'.repeat(60_000)} HTTP/1.1\r\n\r\n`],
  ['ampersands', `GET /?${'&a'.repeat(30_000)} HTTP/1.1\r\n\r\n`],
  ['cookies', `GET / HTTP/1.1\r\nCookie: ${'; a'.repeat(20_000)}\r\n\r\n`],
  ['blanks in a cookie', `GET / HTTP/1.1\r\nCookie: a;${' '.repeat(60_000)}b\r\n\r\n`],
  ['session names', `GET / HTTP/1.1\r\nCookie: ${'session'.repeat(8000)}=1\r\n\r\n`],
  [
    'an authorization',
    `GET / HTTP/1.1\r\nAuthorization: Basic ${' '.repeat(30_000)}${'a'.repeat(30_000)}!\r\n\r\n`,
  ],
  ['codings', `GET / HTTP/1.1\r\nTransfer-Encoding: ${', '.repeat(30_000)}x\r\n\r\n`],
  ['headers', `GET / HTTP/1.1\r\n${'a:\r\n'.repeat(16_000)}\r\n`],
];

for (const [what, head] of shareOf(heads, 4)) {
  test(`a head that is 60 KB of ${what} is read, again and again`, (t) => {
    const bytes = latin1(head);
    t.deepEqual(
      readUsualHead(bytes),
      (({ got }: { got?: unknown }) => got)(readHead(bytes) as never) as never,
    );
    // Eight in a row: what takes a second each would be noticed.
    const messages = readHttp('client', Buffer.concat(Array.from({ length: 8 }, () => bytes)));
    t.true(messages.length > 0);
    for (const message of messages) t.true(Array.isArray(credentialsIn(message)));
  });
}

const bodies: readonly (readonly [what: string, message: () => Uint8Array])[] = [
  [
    'chunks of one byte under thousands of headers',
    () =>
      latin1(
        `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${'a:\r\n'.repeat(15_000)}\r\n${'1\r\nx\r\n'.repeat(40_000)}0\r\n\r\n`,
      ),
  ],
  [
    'a form of secrets in chunks of one byte',
    () =>
      latin1(
        `POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n${Array.from('pin=1&'.repeat(6000), (letter) => `1\r\n${letter}\r\n`).join('')}0\r\n\r\n`,
      ),
  ],
  [
    'a form of empty fields',
    () => post('&'.repeat(mebibyte / 4), 'Content-Type: application/x-www-form-urlencoded\r\n'),
  ],
  ['JSON that never closes its string', () => post(`{"${'a'.repeat(mebibyte)}`)],
  ['JSON of backslashes', () => post(`{"${'\\'.repeat(mebibyte)}`)],
  ['JSON of quotes', () => post(`{${'"'.repeat(mebibyte)}`)],
  ['JSON of names without values', () => post(`{${'"a"  '.repeat(200_000)}`)],
  ['JSON that is one secret', () => post(`{"password":"${'a'.repeat(mebibyte)}"}`)],
];

for (const [what, make] of shareOf(bodies, 2)) {
  test(`a large body: ${what}`, (t) => {
    const [message] = readHttp('client', make());
    t.is(message?.content.type, 'request');
    t.true(Array.isArray(credentialsIn(present(message))));
  });
}

test('DER nested as deep as it goes neither recurses nor hangs', (t) => {
  for (const wrap of [
    Uint8Array.of(0x30, 0x80),
    Uint8Array.of(0xa0, 0x82, 0xff, 0xff),
    Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff),
  ]) {
    t.true('malformed' in readCertificate(Buffer.concat(Array.from({ length: 30_000 }, () => wrap))));
  }
  let nested: Uint8Array = Uint8Array.of(5, 0);
  for (let depth = 0; depth < 10_000; depth++)
    nested = Buffer.concat([
      Uint8Array.of(0x30, 0x83, nested.length >> 16, (nested.length >> 8) & 0xff, nested.length & 0xff),
      nested,
    ]);
  t.true('malformed' in readCertificate(nested));
});

test('texts that patterns dislike', (t) => {
  t.is(readBasic(`basic ${' '.repeat(100_000)}`), undefined);
  t.deepEqual(readCookies(';'.repeat(100_000)), []);
  t.is(scanPem('-----BEGIN X-----'.repeat(20_000)).faults.length, 20_000);
  t.is(scanPem(`-----BEGIN X-----${' '.repeat(200_000)}!-----END X-----`).faults[0]?.fault, 'not_base64');
  t.is(scanPem('-'.repeat(200_000)).blocks.length, 0);
});

const inspect = present(targets.find(({ name }) => name === 'inspect'));

/** Captures of many small things, and what must be found in them. */
const floods: readonly (readonly [what: string, capture: () => Uint8Array, found: RegExp])[] = [
  [
    'a request of 30,000 segments',
    () => pcap(packetsOf([{ from: 'client', bytes: post('x'.repeat(30_000)) }], 4, 1)),
    /^http/,
  ],
  [
    '3,000 requests in one stream',
    () =>
      pcap(packetsOf([{ from: 'client', bytes: latin1('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3000)) }])),
    /^http/,
  ],
  [
    '2,000 connections',
    () =>
      pcap(
        Array.from({ length: 2000 }, (_, index) =>
          ipv4(
            tcp({
              sourcePort: 1024 + index,
              destinationPort: 80,
              sequence: 1,
              acknowledged: 1,
              payload: 'GET / HTTP/1.1\r\n\r\n',
            }),
          ),
        ),
      ),
    /^http/,
  ],
  [
    'segments in reverse order',
    () => pcap(packetsOf([{ from: 'client', bytes: post('x'.repeat(20_000)) }], 4, 8).toReversed()),
    /^stream/,
  ],
  [
    '8,000 fragments of one packet that never comes',
    () =>
      pcap(
        Array.from({ length: 8000 }, (_, index) =>
          ipv4(new Uint8Array(8), { id: 7, offset: 8 * (8000 - index), more: true }),
        ),
      ),
    /fragment/,
  ],
  [
    '3,000 alerts',
    () =>
      pcap(
        packetsOf([
          {
            from: 'client',
            bytes: Buffer.concat([
              helloRecords(extension(23)),
              ...Array.from({ length: 3000 }, () => Uint8Array.of(21, 3, 3, 0, 2, 1, 0)),
            ]),
          },
        ]),
      ),
    /^alert/,
  ],
  [
    '4,000 empty handshake messages in a record',
    () =>
      pcap(
        packetsOf([
          {
            from: 'client',
            bytes: Buffer.concat([Uint8Array.of(22, 3, 3, 0x3e, 0x80), new Uint8Array(16_000)]),
          },
        ]),
      ),
    /hello_request/,
  ],
  [
    'a mail that goes out a byte at a time',
    () =>
      pcap(
        packetsOf(
          [
            { from: 'server', bytes: latin1('220 mail ESMTP\r\n') },
            { from: 'client', bytes: latin1(`EHLO me\r\nDATA\r\n${'x'.repeat(5000)}\r\n.\r\n`) },
          ],
          4,
          1,
        ),
      ),
    /^stream/,
  ],
  [
    'replies of thousands of lines',
    () =>
      pcap(packetsOf([{ from: 'server', bytes: latin1(`220 mail ESMTP\r\n${'250-x\r\n'.repeat(20_000)}`) }])),
    /^stream/,
  ],
  [
    'empty records',
    () =>
      pcap(
        packetsOf([
          {
            from: 'client',
            bytes: Buffer.concat([
              helloRecords(extension(23)),
              ...Array.from({ length: 5000 }, () => Uint8Array.of(23, 3, 3, 0, 0)),
            ]),
          },
        ]),
      ),
    /client_hello/,
  ],
];

for (const [what, capture, found] of shareOf(floods, 6)) {
  test(`${what}: told line by line`, async (t) => {
    const { features } = await inspect.read(capture());
    t.true(
      [...features].some((feature) => found.test(feature)),
      [...features].join(' '),
    );
  });
}

test('what is held of a capture is a small multiple of it', async (t) => {
  await loadReadings();
  const bytes = pcap(
    packetsOf(
      [
        {
          from: 'client',
          bytes: Buffer.concat([
            helloRecords(extension(23)),
            Buffer.concat(
              Array.from({ length: 500 }, () =>
                Buffer.concat([Uint8Array.of(23, 3, 3, 0x40, 0), Buffer.alloc(16_384)]),
              ),
            ),
          ]),
        },
      ],
      4,
      60_000,
    ),
  );
  const before = heldNow();
  const clock = new PacketClock();
  const log = new CaptureLog({ clock });
  const flows = new Flows(log);
  log.subscribe(flows.fold);
  await readCapture(requestFor(bytes), {
    clock,
    append: (draft) => log.append(draft),
    version: '0',
    keeps: true,
  });
  const messages = flows.connections.flatMap((connection) => conversation(connection));
  t.true(heldNow() - before < 3 * bytes.length, `${heldNow() - before} for ${bytes.length}`);
  t.true(messages.length > 100 && log.events.length > 100);
});
