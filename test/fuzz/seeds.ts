/**
 * Real inputs to begin with, made at run time by real programs' code: handshakes between two Node sockets, the captures
 * that such a conversation would be written to, certificates. Each is made once a process, when it is first asked for.
 */
import { constants, deflateSync, brotliCompressSync, gzipSync } from 'node:zlib';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { pemBlocks, pemCertificates, pemRevocationLists } from '../../src/pki/keystore/pem.ts';
import { makeRequest } from '../../src/pki/ca/request.ts';
import {
  ipv4,
  ipv6,
  ethernet,
  pcap,
  pcapngBlock,
  pcapngInterface,
  pcapngPacket,
  pcapngSection,
  tcp,
  uint32,
} from '../capture/support/packets.ts';
import { alice, cases, shop } from '../protocols/helpers/handshakes.ts';
import { recordTls, exchange } from '../protocols/helpers/recorded-tls.ts';
import type { Recording } from '../protocols/helpers/recorded-tls.ts';
import { preface } from '../../src/protocols/http2/recognise.ts';
import type { Piece } from '../../src/protocols/piece.ts';
import { clientHello, cryptoFrame, hex, longPacket, serverInitials } from '../protocols/quic/packets.ts';
import { initialKeys } from '../../src/protocols/quic/protection.ts';
import { quicVersion } from '../../src/protocols/quic/versions.ts';
import { present } from '../helpers/capture.ts';
import { data, frame, headers, rstStream, settings } from '../protocols/http2/frames.ts';

/** Makes a thing once. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

const ask = { requestCert: true, rejectUnauthorized: false } as const;

const question = Buffer.from(
  'POST /login HTTP/1.1\r\nHost: shop.localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 19\r\n\r\nuser=alice&pass=x+y',
);
const reply = Buffer.from(
  'HTTP/1.1 302 Found\r\nLocation: /profile\r\nSet-Cookie: session=1\r\nContent-Length: 2\r\n\r\nok',
);

/** Mutual TLS under one version, with a login inside. */
export async function mutualTls(version: 'TLSv1.2' | 'TLSv1.3'): Promise<Recording> {
  return recordTls({
    server: { ...shop, ...ask, minVersion: version, maxVersion: version },
    client: { ...alice, servername: 'shop.localhost' },
    talk: async (client, server) => {
      await exchange(client, server, question);
      await exchange(server, client, reply);
    },
  });
}

export const mutual12 = once(async () => mutualTls('TLSv1.2'));
export const mutual13 = once(async () => mutualTls('TLSv1.3'));

/** The two above, and every kind of handshake that Node speaks. */
export const recordings = once(
  async (): Promise<readonly Recording[]> =>
    Promise.all([mutual12(), mutual13(), ...Object.values(cases).map(async (options) => recordTls(options))]),
);

/** The bytes of a recording in their order. */
export function piecesOf(recording: Recording): Piece[] {
  return recording.events.flatMap((event, tag) => (event.type === 'bytes' ? [{ ...event, tag }] : []));
}

/** What several requests and answers look like, chunked, compressed, upgraded. */
export const httpConversations: readonly (readonly Pick<Piece, 'from' | 'bytes'>[])[] = (() => {
  const text = 'a,b\n1,2\n'.repeat(40);
  const compressed = {
    gzip: gzipSync(text),
    deflate: deflateSync(text),
    br: brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  };
  const client = (bytes: string) => ({ from: 'client' as const, bytes: Buffer.from(bytes, 'latin1') });
  const server = (...parts: readonly (string | Uint8Array)[]) => ({
    from: 'server' as const,
    bytes: Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1'))),
  });
  return [
    [
      { from: 'client', bytes: question },
      { from: 'server', bytes: reply },
      client(
        'GET /profile HTTP/1.1\r\nHost: shop\r\nCookie: session=1; colour=red\r\nAuthorization: Basic YWxpY2U6eA==\r\n\r\n',
      ),
      server(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nWiki\r\n5\r\npedia\r\n0\r\nExpires: 0\r\n\r\n',
      ),
    ],
    ...Object.entries(compressed).map(([coding, body]) => [
      client('GET /table HTTP/1.1\r\nHost: shop\r\nAccept-Encoding: gzip, br\r\n\r\n'),
      server(
        `HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`,
        body,
      ),
    ]),
    [
      client(
        'POST /api HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: 36\r\n\r\n{"user":"alice","password":"x y z!"}',
      ),
      server(
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"token":"0123456789abcdef"}',
      ),
    ],
    [
      client(
        'HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      ),
      server(
        'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n\r\n',
        Uint8Array.of(0x81, 1, 65),
      ),
    ],
  ];
})();

/** What is said before TLS, and what then follows it: mail, files, databases, tunnels. Lines of the client begin with `> `. */
const dialogues: readonly string[] = [
  '< 220-mail.localhost\n< 220 ready\n> EHLO me\n< 250-mail.localhost\n< 250-AUTH PLAIN LOGIN\n< 250 STARTTLS\n> AUTH PLAIN AGFsaWNlAHg=\n< 235 yes\n> MAIL FROM:<a@b>\n< 250 ok\n> DATA\n< 354 go on\n> Subject: x\n> \n> ..text\n> .\n< 250 ok\n> QUIT\n< 221 bye',
  '< 220 mail ESMTP\n> EHLO me\n< 250 STARTTLS\n> STARTTLS\n< 220 go on\n> \u0016\u0003\u0001\u0000\u0004\u0001\u0000\u0000\u0000',
  '< +OK pop\n> USER alice\n< +OK\n> PASS x y\n< +OK\n> LIST\n< +OK 2\n< 1 10\n< .\n> AUTH LOGIN\n< + VXNlcg==\n> YWxpY2U=\n< + UGFzcw==\n> eA==\n> STLS\n< +OK',
  '< * OK [CAPABILITY IMAP4rev1] ready\n> a LOGIN alice {3}\n< + go on\n> x y\n< a OK\n> b FETCH 1 BODY[]\n< * 1 FETCH (BODY[] {4}\n< mail)\n< b OK\n> c STARTTLS\n< c OK',
  '< 220 (vsFTPd 3.0)\n> USER alice\n< 331 which\n> PASS x\n< 230 in\n> AUTH TLS\n< 234 go on',
  '> CONNECT a:443 HTTP/1.1\n> Host: a\n> \n< HTTP/1.1 200 Yes\n< \n> GET / HTTP/1.1\n> \n< HTTP/1.1 204 No\n< ',
];

const quicId = hex('8394c8f03e515708');
const quicInitial = longPacket({
  first: 0xc0,
  destination: quicId,
  token: Buffer.alloc(0),
  number: 2,
  content: Buffer.concat([cryptoFrame(0, clientHello), Buffer.alloc(300)]),
  keys: initialKeys(present(quicVersion(1)), quicId).client,
});
const dtlsHello = hex(
  `16feff0000000000000000003f 010000330000000000000033 fefd ${'61'.repeat(32)} 00 00 0002c02b 0100 0008 ff01000100 001700 00`,
);
const radiusRequest = hex(
  `0101002e ${'09'.repeat(16)} 0105626f62 4f0f 0201000d 0d80000000051603010000 1804 6162`,
);

/** A hello of Google's QUIC before TLS, with the name of the server. */
const googleHello = hex(
  `0d ${'11'.repeat(8)} 51303433 01 ${'ab'.repeat(12)} a0 01 0004 43484c4f 01000000 534e4900 04000000 73686f70`,
);

/** Datagrams of a flow each: QUIC, DTLS, RADIUS, Google's QUIC. */
export const flows: readonly (readonly Piece[])[] = [
  [
    { from: 'client', offset: 0, bytes: quicInitial, tag: 0 },
    { from: 'server', offset: 0, bytes: serverInitials[1], tag: 1 },
    { from: 'server', offset: serverInitials[1].length, bytes: Buffer.alloc(60, 0x41), tag: 2 },
  ],
  [
    { from: 'client', offset: 0, bytes: dtlsHello, tag: 0 },
    { from: 'server', offset: 0, bytes: hex('15fefd00000000000000000002 0228'), tag: 1 },
    { from: 'client', offset: dtlsHello.length, bytes: hex(`2c0001 0010 ${'07'.repeat(16)}`), tag: 2 },
  ],
  [{ from: 'client', offset: 0, bytes: radiusRequest, tag: 0 }],
  [{ from: 'client', offset: 0, bytes: googleHello, tag: 0 }],
];

/** A question with EDNS, and an answer with pointers: an alias, two addresses, a text, a host with its port. */
/** Headers of the PROXY protocol, and what they forward. */
export const proxyHeaders: readonly Uint8Array[] = [
  Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\nGET / HTTP/1.1\r\n\r\n'),
  Buffer.from('PROXY TCP6 2001:db8::7 2001:db8::1 56324 443\r\n'),
  Buffer.from('PROXY UNKNOWN\r\n'),
  Buffer.from('0d0a0d0a000d0a515549540a21110013c0000207c6336401dc0401bb050004616263641603', 'hex'),
  Buffer.from(`0d0a0d0a000d0a515549540a21210024${'20010db8'.repeat(8)}dc0401bb`, 'hex'),
  Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex'),
];

export const dnsMessages: readonly Uint8Array[] = [
  [
    '123401000001000000000001',
    '0473686f70096c6f63616c686f737400',
    '00010001',
    '00002904d0000000000008000a0004deadbeef',
  ],
  [
    '123485800001000500000001',
    '0473686f70096c6f63616c686f737400',
    '00ff0001',
    'c00c0005000100000e10000603777777c00c',
    'c02c0001000100000e100004',
    '7f000001',
    'c00c001c000100000e10001000000000000000000000000000000001',
    'c00c0010000100000e100006036162630164',
    'c00c0021000100000e100008000000001f90c00c',
    '0000290200000000000000',
  ],
].map((parts) => Buffer.from(parts.join(''), 'hex'));

/** A login with everything that frames can have, gRPC in one and in several frames, and answers. */
export const http2Conversations: readonly (readonly Pick<Piece, 'from' | 'bytes'>[])[] = [
  [
    {
      from: 'client',
      bytes: Buffer.concat([
        preface,
        settings([1, 4096], [3, 100]),
        frame(8, 0, 0, Uint8Array.of(0, 1, 0, 0)),
        headers(1, [
          [':method', 'POST'],
          [':scheme', 'https'],
          [':path', '/login?token=abc'],
          [':authority', 'shop'],
          ['authorization', 'Basic YWxpY2U6eA=='],
          ['content-type', 'application/x-www-form-urlencoded'],
        ]),
        data(1, Buffer.from('user=alice&pass')),
        frame(0, 0x09, 1, Buffer.from('\u0003word=x\0\0\0', 'latin1')),
        frame(1, 0x21, 3, Buffer.from('00000001098286418cf1e3c2e5f23a6ba0ab90f4ff', 'hex')),
        frame(9, 4, 3, Buffer.from('5886a8eb10649cbf', 'hex')),
        frame(6, 0, 0, Buffer.alloc(8)),
        rstStream(3, 8),
      ]),
    },
    {
      from: 'server',
      bytes: Buffer.concat([
        settings(),
        frame(4, 1, 0),
        frame(5, 4, 1, Buffer.from('000000028286', 'hex')),
        frame(1, 4, 1, Buffer.from('4882640258850aec3771a4b', 'hex')),
        data(1, Buffer.from('{"token":"x"}'), 1),
        frame(7, 0, 0, Buffer.from('000000010000000b62796521', 'hex')),
        frame(16, 0, 0, Buffer.from('00000001753d31', 'hex')),
      ]),
    },
  ],
  [
    {
      from: 'client',
      bytes: Buffer.concat([
        preface,
        settings(),
        headers(1, [
          [':method', 'POST'],
          [':path', '/etcdserverpb.Auth/Authenticate'],
          ['content-type', 'application/grpc'],
          ['grpc-encoding', 'gzip'],
        ]),
        data(1, Buffer.from('000000000e0a05616c69636512057365637265', 'hex')),
        data(1, Buffer.from('000000000e0a05616c', 'hex')),
        data(1, Buffer.from('6963651205736563726500', 'hex')),
        data(1, Buffer.from('0000000001', 'hex'), 1),
      ]),
    },
    {
      from: 'server',
      bytes: Buffer.concat([
        settings(),
        headers(1, [
          [':status', '200'],
          ['content-type', 'application/grpc'],
        ]),
        data(1, Buffer.from('000000000a0a021001120474 6f6b31'.replaceAll(' ', ''), 'hex')),
        headers(
          1,
          [
            ['grpc-status', '7'],
            ['grpc-message', 'no%20way'],
          ],
          5,
        ),
      ]),
    },
  ],
];

const overTcp = (message: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of(message.length >> 8, message.length & 0xff), message]);

export const conversationsOfOthers: readonly (readonly Pick<Piece, 'from' | 'bytes'>[])[] = [
  ...http2Conversations,
  ...dialogues.map((dialogue) =>
    dialogue.split('\n').map((line) => ({
      from: line.startsWith('>') ? ('client' as const) : ('server' as const),
      bytes: Buffer.from(`${line.slice(2)}\r\n`, 'latin1'),
    })),
  ),
  [
    { from: 'client', bytes: Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47) },
    { from: 'server', bytes: Uint8Array.of(0x53) },
    { from: 'client', bytes: Uint8Array.of(22, 3, 1, 0, 4, 1, 0, 0, 0) },
  ],
  dnsMessages.map((message, index) => ({
    from: index === 0 ? ('client' as const) : ('server' as const),
    bytes: overTcp(message),
  })),
  [
    { from: 'server', bytes: Uint8Array.of(74, 0, 0, 0, 10, 56, 46, 48, 0) },
    {
      from: 'client',
      bytes: Buffer.concat([
        Uint8Array.of(32, 0, 0, 1, 0x05, 0xae, 0xff, 0x19, 0, 0, 0, 1, 255),
        Buffer.alloc(23),
        Uint8Array.of(22, 3, 1, 0, 4, 1, 0, 0, 0),
      ]),
    },
  ],
];

const inHex = (lines: string): Pick<Piece, 'from' | 'bytes'>[] =>
  lines
    .trim()
    .split('\n')
    .map((line) => ({
      from: line.startsWith('>') ? ('client' as const) : ('server' as const),
      bytes: Buffer.from(line.slice(2), 'hex'),
    }));

const inLatin1 = (...said: readonly string[]): Pick<Piece, 'from' | 'bytes'>[] =>
  said.map((words) => ({
    from: words.startsWith('>') ? ('client' as const) : ('server' as const),
    bytes: Buffer.from(words.slice(1), 'latin1'),
  }));

/** Logins of PostgreSQL, MySQL, MQTT, LDAP and Redis; a WebSocket, and events. */
export const loginConversations: readonly (readonly Pick<Piece, 'from' | 'bytes'>[])[] = [
  inHex(`
> 0000003c000300007573657200616c69636500646174616261736500706f737467726573006170706c69636174696f6e5f6e616d65007073716c0000
< 52000000170000000a534352414d2d5348412d3235360000
> 7000000036534352414d2d5348412d32353600000000206e2c2c6e3d2c723d61616a2f4a376a6465486f4f342f6f78685a625845483155
< 520000005c0000000b723d61616a2f4a376a6465486f4f342f6f78685a62584548315530555a437762734c71704164444b32776f6c6d49374470542c733d2b5130393530796c65666e7a65674d45426b6f5258413d3d2c693d34303936
> 700000006c633d626977732c723d61616a2f4a376a6465486f4f342f6f78685a62584548315530555a437762734c71704164444b32776f6c6d49374470542c703d6c336f51684c6d32623731707a7571726131366c6362783433587372355646786a6c3861326f396172484d3d
< 5200000008000000005a0000000549
> 510000002073656c6563742067656e65726174655f73657269657328312c332900`),
  inHex(`
< 680000000a31312e382e392d4d6172696144422d302b646562313375312066726f6d2044656269616e00050000005d592755583a562200feff2d0200ff81150000000000003d0000004679526a4040614927262a40006d7973716c5f6e61746976655f70617373776f726400
> d100000184a2bf00000010002d000000000000000000000000000000000000001d000000616c69636500143930f30641ce11082447bf003f35a7f6e67aa5376d7973716c5f6e61746976655f70617373776f7264007f035f6f73054c696e75780c5f636c69656e745f6e616d650a6c69626d617269616462045f7069640533303936340f5f636c69656e745f76657273696f6e06332e342e3130095f706c6174666f726d067838365f36340c70726f6772616d5f6e616d65056d7973716c0c5f7365727665725f686f7374093132372e302e302e31
< 16000002fe6d7973716c5f636c6561725f70617373776f726400
> 06000003746967657200
< 0700000400000002000000
> 090000000373656c6563742031`),
  inHex(`
> 101b00044d51545404c2003c00000005616c69636500066f7263686964
< 20020000
> 3214000b73686f702f6f7264657273000168656c6c6f
< 40020001`),
  inHex(`
> 301e0201016019020103040e636e3d416e6e2c64633d73686f7080046c696c79
< 300c02010161070a010004000400
> 304f020102634a040764633d73686f700a01020a0100020100020100010100a02ea315040b6f626a656374436c6173730406706572736f6ea115a40a0402636e30048002416ea3070402736e0401423000
> 301d02010377188016312e332e362e312e342e312e313436362e3230303337
< 300c02010378070a010004000400`),
  inLatin1(
    '>*2\r\n$4\r\nAUTH\r\n$5\r\ntiger\r\n',
    '<+OK\r\n%1\r\n$1\r\na\r\n*2\r\n:1\r\n_\r\n',
    '>*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n',
  ),
  inLatin1(
    '>GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n',
    '<HTTP/1.1 101 S\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00',
    '>\x81\x85\x01\x02\x03\x04\x69\x67\x6f\x68\x6e\x01\x81\0\0\0\0a\x80\x81\0\0\0\0b\x88\x82\0\0\0\0\x03\xe8',
  ),
  inLatin1(
    '>GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    '<HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n7\r\nevent: \r\n3\r\na\n\n\r\n0\r\n\r\n',
  ),
];

const ports = { client: 50_000, server: 443 } as const;
const addresses = { client: '10.0.0.1', server: '10.0.0.2' } as const;

/** One TCP connection that carries the pieces, as IP packets from its SYN to its FINs. */
export function packetsOf(
  pieces: readonly Pick<Piece, 'from' | 'bytes'>[],
  version: 4 | 6 = 4,
  segment = 1200,
): Uint8Array[] {
  const next = { client: 1000, server: 2000 };
  const packets: Uint8Array[] = [];
  const send = (
    from: 'client' | 'server',
    flags: string,
    payload: Uint8Array = new Uint8Array(0),
    isFirst = false,
  ): void => {
    const to = from === 'client' ? 'server' : 'client';
    const bytes = tcp({
      sourcePort: ports[from],
      destinationPort: ports[to],
      sequence: next[from],
      flags,
      payload,
      ...(isFirst ? {} : { acknowledged: next[to] }),
    });
    packets.push(
      version === 4
        ? ipv4(bytes, { source: addresses[from], destination: addresses[to] })
        : ipv6(
            bytes,
            from === 'client'
              ? {}
              : { source: `fd${'0'.repeat(29)}2`.padEnd(32, '0'), destination: `${'0'.repeat(31)}1` },
          ),
    );
    next[from] += payload.length + (/[SF]/.test(flags) ? 1 : 0);
  };
  send('client', 'S', undefined, true);
  send('server', 'S');
  for (const { from, bytes } of pieces)
    for (let at = 0; at < bytes.length; at += segment) send(from, 'P', bytes.subarray(at, at + segment));
  send('client', 'F');
  send('server', 'F');
  return packets;
}

/** A Decryption Secrets Block of key log lines. */
const secretsBlock = (lines: readonly string[], little: boolean): Uint8Array => {
  const text = Buffer.from(`${lines.join('\n')}\n`);
  return pcapngBlock(
    10,
    Buffer.concat([uint32(0x544c534b, little), uint32(text.length, little), text]),
    little,
  );
};

/** A pcapng file of raw IP packets. */
export function pcapngOf(
  packets: readonly Uint8Array[],
  keylog: readonly string[] = [],
  little = true,
): Uint8Array {
  const blocks = packets.map((bytes, index) =>
    pcapngPacket(0, 1_700_000_000_000_000n + BigInt(index) * 1000n, bytes, little),
  );
  const name = [2, Buffer.from('lo')] as const;
  return Buffer.concat([
    pcapngSection(little),
    pcapngInterface(101, [name, [9, Uint8Array.of(6)]], little),
    ...(keylog.length > 0 ? [secretsBlock(keylog, little)] : []),
    ...blocks,
  ]);
}

/** Captures of TLS with and without its keys, and of HTTP, in either format. */
export const captures = once(async (): Promise<readonly Uint8Array[]> => {
  const [older, newer] = await Promise.all([mutual12(), mutual13()]);
  const http = packetsOf(httpConversations[0] ?? []);
  const swapped = packetsOf(httpConversations[1] ?? [], 4, 20);
  return [
    pcapngOf(packetsOf(piecesOf(newer)), newer.keylog),
    pcap(packetsOf(piecesOf(older))),
    pcap(http, { little: false, nanoseconds: true }),
    pcap(
      http.map((packet) => ethernet(packet, 0x0800, [0x8100])),
      { linkType: 1 },
    ),
    pcapngOf([...swapped.slice(0, 4), ...swapped.slice(4).toReversed()], [], false),
    pcap(packetsOf(httpConversations[0] ?? [], 6)),
  ];
});

/** Certificates, requests and lists of one small world. */
export const papers = once(() => {
  const clock = { now: () => Date.UTC(2026, 0, 1) };
  const world = issueWorld(
    {
      certificates: {
        ca: { profile: 'root', subject: { CN: 'CA', O: '작업실' }, pathLength: 1 },
        shop: {
          profile: 'server',
          issuer: 'ca',
          subject: { CN: 'shop.localhost' },
          san: [
            'DNS:shop.localhost',
            'IP:127.0.0.1',
            'IP:2001:db8::7',
            'URI:spiffe://workshop/shop',
            'email:shop@localhost',
          ],
        },
        eddy: { profile: 'peer', issuer: 'ca', subject: {}, san: ['DNS:eddy'], key: 'Ed25519' },
        gone: {
          profile: 'client',
          issuer: 'ca',
          subject: { C: 'KR', CN: 'gone' },
          key: 'RSA-2048',
          flaws: ['revoked'],
        },
      },
    },
    { clock },
  );
  const certificates = world.names.map((name) => world.certificate(name));
  const lists = world.names.flatMap((name) => world.crl(name) ?? []);
  const { request } = makeRequest({
    subject: [
      ['CN', 'bob'],
      ['O', '작업장'],
    ],
    san: ['DNS:bob.localhost', 'IP:127.0.0.1'],
  });
  return {
    pems: [...certificates, ...lists, request],
    certificates: certificates.flatMap((pem) => pemCertificates(pem)),
    lists: lists.flatMap((pem) => pemRevocationLists(pem)),
    requests: pemBlocks(request).map(({ der }) => der),
    keys: [world.identity('gone').key, world.identity('eddy').key],
  };
});
