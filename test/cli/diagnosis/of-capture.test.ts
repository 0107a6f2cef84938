/** `wirelab why CAPTURE` on files that are made here, packet by packet. */
import test from 'ava';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ipv4, pcap, tcp } from '../../capture/support/packets.ts';
import { desk } from '../certs/support/files.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

interface Place {
  readonly port: number;
  readonly host: string;
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** A ClientHello of TLS 1.2 with one suite and no extensions. */
const hello = hex(`160301002d010000290303${'11'.repeat(32)}000002c02f0100`);

/** A segment, and its answer. */
function pair({ host, port }: Place, flags: string, answer: string) {
  const destination = { destination: host };
  return [
    ipv4(tcp({ sourcePort: port, destinationPort: 443, sequence: 100, flags }), destination),
    ipv4(tcp({ sourcePort: 443, destinationPort: port, sequence: 500, acknowledged: 101, flags: answer }), {
      source: host,
      destination: '10.0.0.1',
    }),
  ];
}

/** A server that answers a ClientHello in plaintext. */
function plaintext(at: Place): Uint8Array[] {
  const { host, port } = at;
  const said = 'HTTP/1.1 400 Bad Request\r\n\r\n';
  const client = { sourcePort: port, destinationPort: 443 };
  const server = { sourcePort: 443, destinationPort: port };
  const back = { source: host, destination: '10.0.0.1' };
  const afterHello = 101 + hello.length;
  return [
    ...pair(at, 'S', 'S'),
    ipv4(tcp({ ...client, sequence: 101, acknowledged: 501 }), { destination: host }),
    ipv4(tcp({ ...client, sequence: 101, acknowledged: 501, flags: 'P', payload: hello }), {
      destination: host,
    }),
    ipv4(tcp({ ...server, sequence: 501, acknowledged: afterHello, flags: 'PF', payload: said }), back),
    ipv4(tcp({ ...client, sequence: afterHello, acknowledged: 502 + said.length, flags: 'F' }), {
      destination: host,
    }),
  ];
}

async function read(t: Parameters<typeof desk>[0], packets: readonly Uint8Array[], apart = 1000) {
  const { folder } = desk(t);
  writeFileSync(
    join(folder, 'seen.pcap'),
    pcap(packets.map((bytes, index) => ({ bytes, microseconds: 1_700_000_000_000_000 + index * apart }))),
  );
  const { exitCode, stdout } = await askWirelab(['why', '--json', 'seen.pcap'], { cwd: folder });
  return { exitCode, last: JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown> };
}

const first = { host: '10.0.0.3', port: 50_001 };
const second = { host: '10.0.0.2', port: 50_002 };

test('an address that refused before a client tried the next one comes last', async (t) => {
  const packets = [...pair(first, 'S', 'R'), ...plaintext(second)];
  const { exitCode, last } = await read(t, packets);
  t.is(exitCode, 1);
  t.like(last, { cause: 'tls_on_plaintext_port', by: 'client' });
});

test('the side of TLS to a plaintext port is the client, whoever ends the connection', async (t) => {
  const { last } = await read(t, plaintext(second));
  t.like(last, { cause: 'tls_on_plaintext_port', by: 'client' });
});

test('where nothing followed, or only later, the refusal is the answer', async (t) => {
  t.like((await read(t, pair(first, 'S', 'R'))).last, { cause: 'nothing_listens', by: 'nobody' });
  const late = await read(t, [...pair(first, 'S', 'R'), ...plaintext(second)], 700_000);
  t.like(late.last, { cause: 'nothing_listens' });
});

test('a file without a connection is no healthy one', async (t) => {
  const { exitCode, last } = await read(t, []);
  t.is(exitCode, 3);
  t.like(last, { cause: 'unknown', confidence: 'unknown' });
});

/** A client that says hello, and what comes back of it. */
function begun(
  { host, port }: Place,
  answers: readonly { readonly flags: string; readonly payload?: Buffer; readonly ttl?: number }[] = [],
): Uint8Array[] {
  const client = { sourcePort: port, destinationPort: 443, sequence: 101, acknowledged: 501 };
  return [
    ...pair({ host, port }, 'S', 'S'),
    ipv4(tcp({ ...client, flags: 'P', payload: hello }), { destination: host }),
    ...answers.map(({ flags, payload, ttl }) =>
      ipv4(
        tcp({
          sourcePort: 443,
          destinationPort: port,
          sequence: 501,
          acknowledged: 101 + hello.length,
          flags,
          ...(payload ? { payload } : {}),
        }),
        { source: host, destination: '10.0.0.1', ...(ttl === undefined ? {} : { ttl }) },
      ),
    ),
  ];
}

/** A ServerHello of TLS 1.2 for the suite of `hello`. */
const serverHello = hex(`160303002a020000260303${'22'.repeat(32)}00c02f00`);

test('a capture that ends within a handshake is no healthy one, and no failure', async (t) => {
  for (const packets of [
    pair(first, 'S', 'S'),
    begun(first),
    begun(first, [{ flags: 'P', payload: serverHello }]),
  ]) {
    const { exitCode, last } = await read(t, packets);
    t.is(exitCode, 3);
    t.like(last, { cause: 'unknown', by: 'unknown', confidence: 'unknown' });
    t.regex((last['because'] as { en: string }).en, /the capture does not show how the connection went on/);
  }
});

test('a failure counts more than a connection of which the capture does not show the end', async (t) => {
  const { exitCode, last } = await read(t, [...begun(first), ...plaintext(second)]);
  t.is(exitCode, 1);
  t.like(last, { cause: 'tls_on_plaintext_port' });
});

test('a reset in the name of a server that goes on to acknowledge is of something between', async (t) => {
  const { last } = await read(t, begun(first, [{ flags: 'R' }, { flags: '' }]));
  t.like(last, { cause: 'reset_on_the_way', by: 'between', confidence: 'likely' });
  const own = await read(t, begun(first, [{ flags: 'R' }]));
  t.not(own.last['by'], 'between');
});

/** A request over HTTP, and its answer. */
function served({ host, port }: Place): Uint8Array[] {
  const asked = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  const said = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  const client = { sourcePort: port, destinationPort: 443 };
  const server = { sourcePort: 443, destinationPort: port };
  const back = { source: host, destination: '10.0.0.1' };
  const [asksUntil, saysUntil] = [101 + asked.length, 501 + said.length];
  return [
    ...pair({ host, port }, 'S', 'S'),
    ipv4(tcp({ ...client, sequence: 101, acknowledged: 501, flags: 'P', payload: asked }), {
      destination: host,
    }),
    ipv4(tcp({ ...server, sequence: 501, acknowledged: asksUntil, flags: 'PF', payload: said }), back),
    ipv4(tcp({ ...client, sequence: asksUntil, acknowledged: saysUntil + 1, flags: 'F' }), {
      destination: host,
    }),
    ipv4(tcp({ ...server, sequence: saysUntil + 1, acknowledged: asksUntil + 1 }), back),
  ];
}

test('a client that was refused by one address and served by the next got what it wanted', async (t) => {
  const { exitCode, last } = await read(t, [...pair(first, 'S', 'R'), ...served(second)]);
  t.is(exitCode, 0);
  t.like(last, { cause: 'none', by: 'nobody' });
  t.is((last['others'] as readonly { cause: string }[])[0]?.cause, 'nothing_listens');
});

test('a client that tried the next address: where the capture ends, the refusal explains nothing', async (t) => {
  const { exitCode, last } = await read(t, [...pair(first, 'S', 'R'), ...begun(second)]);
  t.is(exitCode, 3);
  t.is(last['confidence'], 'unknown');
});

test('cut at every byte, a capture never shows more than what has happened by then', async (t) => {
  const { folder } = desk(t);
  const packets = plaintext(first).map((bytes, index) => ({
    bytes,
    microseconds: 1_700_000_000_000_000 + index,
  }));
  const whole = pcap(packets);
  const file = join(folder, 'cut.pcap');
  for (let length = 24; length <= whole.length; length += 7) {
    writeFileSync(file, whole.subarray(0, length));
    const { exitCode, stdout } = await askWirelab(['why', '--json', 'cut.pcap'], { cwd: folder });
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
    t.not(exitCode, 0, `${length}`);
    if (exitCode === 1) t.is(last['cause'], 'tls_on_plaintext_port', `${length}`);
  }
});
