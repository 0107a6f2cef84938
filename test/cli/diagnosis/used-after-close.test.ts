/** `wirelab why CAPTURE` where a client uses a connection that its server has closed: packet by packet. */
import test from 'ava';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pcap } from '../../capture/support/packets.ts';
import type { PcapPacket } from '../../capture/support/packets.ts';
import { desk } from '../certs/support/files.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { bye, talk } from './support/talk.ts';
import type { Said } from './support/talk.ts';

interface Line {
  readonly cause: string;
  readonly confidence: string;
  readonly because: { readonly en: string };
  readonly remedy: { readonly on: string; readonly words: { readonly en: string } };
  readonly evidence: readonly { readonly frame?: number }[];
}

async function why(t: Parameters<typeof desk>[0], packets: readonly PcapPacket[]) {
  const { folder } = desk(t);
  writeFileSync(join(folder, 'seen.pcap'), pcap(packets));
  const { exitCode, stdout } = await askWirelab(['why', '--json', 'seen.pcap'], { cwd: folder });
  return { exitCode, line: JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Line };
}

const client = (payload: string | Uint8Array): Said => ({ from: 'client', payload, flags: 'P' });
const server = (payload: string | Uint8Array): Said => ({ from: 'server', payload, flags: 'P' });
const after = (milliseconds: number, said: Said): Said => ({ ...said, after: milliseconds });
const get = (path: string): Said => client(`GET ${path} HTTP/1.1\r\nHost: shop.test\r\n\r\n`);
const ok = server('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
const fin: Said = { from: 'server', flags: 'F' };
const taken: Said = { from: 'client' };
const reset: Said = { from: 'server', flags: 'R' };

const record = (type: number, length: number): Buffer =>
  Buffer.concat([Buffer.from([type, 3, 3, length >> 8, length & 0xff]), Buffer.alloc(length, 7)]);
const extensions = (text: string): string => `${(text.length / 2).toString(16).padStart(4, '0')}${text}`;
const handshake = (type: string, body: string): Buffer => {
  const bytes = Buffer.from(`${type}${(body.length / 2).toString(16).padStart(6, '0')}${body}`, 'hex');
  return Buffer.concat([Buffer.from([0x16, 3, 3, bytes.length >> 8, bytes.length & 0xff]), bytes]);
};
const http11 = '0010000b000908687474702f312e31';
const h2 = '001000050003026832';
/** TLS 1.3, a request and its answer. */
const sealedTalk = (alpn: string): readonly Said[] => [
  client(handshake('01', `0303${'11'.repeat(32)}00000213010100${extensions(`002b0003020304${alpn}`)}`)),
  server(
    Buffer.concat([
      handshake('02', `0303${'22'.repeat(32)}00130100${extensions('002b00020304')}`),
      record(23, 900),
      record(23, 53),
    ]),
  ),
  client(record(23, 53)),
  server(record(23, 250)),
  client(record(23, 96)),
  server(record(23, 300)),
];
/** What an alert takes under TLS 1.3. */
const closeNotify = record(23, 19);

test('a request on a connection that the server closed while it rested is lost', async (t) => {
  const { exitCode, line } = await why(
    t,
    talk([get('/a'), ok, after(5000, fin), taken, after(2500, get('/b')), reset]),
  );
  t.is(exitCode, 1);
  t.like(line, { cause: 'stale_connection', confidence: 'proven' });
  t.regex(
    line.because.en,
    /closed the connection \(FIN\) after 5\.0 s without use, and the client sent GET \/b on it 2\.5 s later/,
  );
  t.is(line.remedy.on, 'client');
  t.regex(line.remedy.words.en, /than the server does \(here 5\.0 s\)/);
  t.is(line.evidence[0]?.frame, 8);
});

test('a request that crosses the close is lost as well, and a connection that follows may repeat it', async (t) => {
  const lost = talk([get('/a'), ok, after(5000, fin), after(2, get('/b')), reset]);
  const { line } = await why(t, lost);
  t.like(line, { cause: 'stale_connection', confidence: 'proven' });
  t.regex(line.because.en, /on it 0\.002 s later/);
  t.notRegex(line.because.en, /repeated/);
  const again = talk([get('/b'), ok, ...bye], { clientPort: 50_002, at: 5100 });
  t.regex((await why(t, [...lost, ...again])).line.because.en, /Stream 1 .* may have been repeated/);
});

test('over TLS without keys: by the sizes of the closing alert and of what followed', async (t) => {
  const ends: readonly (readonly Said[])[] = [
    [after(60_000, server(closeNotify)), fin, taken],
    [after(60_000, server(closeNotify)), taken],
    [after(60_000, fin), taken],
  ];
  for (const [index, end] of ends.entries()) {
    const { line } = await why(
      t,
      talk([...sealedTalk(http11), ...end, after(1500, client(record(23, 120))), reset]),
    );
    t.like(line, { cause: 'stale_connection', confidence: 'proven' }, `${index}`);
    t.regex(
      line.because.en,
      /after 60 s without use.*1\.5 s later: what it sent \(125 bytes, sealed\)/,
      `${index}`,
    );
  }
});

test('HTTP/2 says this and that at the end: nothing is concluded at once, and it is likely later', async (t) => {
  const close = [after(60_000, server(closeNotify)), fin, taken];
  const said = (milliseconds: number): readonly Said[] => [
    ...sealedTalk(h2),
    ...close,
    after(milliseconds, client(record(23, 120))),
    reset,
  ];
  t.is((await why(t, talk(said(3)))).exitCode, 0);
  t.like((await why(t, talk(said(3000)))).line, { cause: 'stale_connection', confidence: 'likely' });
});

test('a short record of an unknown protocol is likely a request, and no more', async (t) => {
  const said = [...sealedTalk(''), after(60_000, server(closeNotify)), fin];
  const lineOf = async (length: number): Promise<Line> =>
    (await why(t, talk([...said, after(2000, client(record(23, length))), reset]))).line;
  t.like(await lineOf(60), { cause: 'stale_connection', confidence: 'likely' });
  t.like(await lineOf(120), { cause: 'stale_connection', confidence: 'proven' });
});

test('a goodbye behind the close, and what the server still takes, are no lost request', async (t) => {
  const sealedEnd = [after(60_000, server(closeNotify)), fin];
  const goodbye = await why(t, talk([...sealedTalk(http11), ...sealedEnd, client(closeNotify), reset]));
  t.is(goodbye.exitCode, 0);
  const short = await why(
    t,
    talk([...sealedTalk(''), ...sealedEnd, after(2000, client(record(23, 30))), reset]),
  );
  t.is(short.exitCode, 0);
  const mail = await why(
    t,
    talk(
      [
        server('220 mx.test ESMTP\r\n'),
        client('EHLO a\r\n'),
        server('250 mx.test\r\n'),
        after(5000, fin),
        after(2000, client('QUIT\r\n')),
        reset,
      ],
      { port: 25 },
    ),
  );
  t.not(mail.line.cause, 'stale_connection');
  // Half closed: the server reads on.
  const half = await why(
    t,
    talk(
      [
        client('log a\n'),
        server('ready\n'),
        after(5000, fin),
        after(2000, client('log b\n')),
        { from: 'server' },
        { from: 'client', flags: 'F' },
        { from: 'server' },
      ],
      { port: 9999 },
    ),
  );
  t.not(half.line.cause, 'stale_connection');
  // An upload that is refused early goes on for a while.
  const upload = await why(
    t,
    talk([
      client('PUT /a HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 90000\r\n\r\n'),
      client('x'.repeat(900)),
      server('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n'),
      fin,
      client('x'.repeat(900)),
      reset,
    ]),
  );
  t.is(upload.line.cause, 'refused_by_application');
});
