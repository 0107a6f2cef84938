/**
 * Logs of a million events, or as many as are asked for, that a screen has to cope with: one long conversation of opaque bytes, one connection kept
 * for many requests, and many visitors. Each is a captured log as the taps would have written it; `screen-subject.ts`
 * looks at them.
 */
import type { Side, Topology } from '../../src/capture/event.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';

export const topology: Topology = {
  participants: [
    { name: 'client', role: 'client' },
    { name: 'proxy', role: 'proxy', kind: 'plaintext' },
    { name: 'server', role: 'server' },
  ],
  wires: [
    { hop: 'A', from: 'client', to: 'proxy', protocol: 'tcp' },
    { hop: 'B', from: 'proxy', to: 'server', protocol: 'tcp' },
  ],
};

export const password = 'tiger-4711';
/** Stands once, at the far end. */
export const needle = 'needle-at-the-far-end';

export interface Million {
  readonly title: string;
  /** Whether every connection is somebody who comes to a run that is held open, and has a stop of his own. */
  readonly isVisited: boolean;
  readonly make: (events: number) => CaptureLog;
}

const slabBytes = 1 << 20;

/** Payload as taps log it: ranges of larger slabs. */
class Slabs {
  #slab = Buffer.alloc(slabBytes);
  #at = 0;

  put(text: string): Uint8Array {
    if (this.#at + text.length > slabBytes) {
      this.#slab = Buffer.alloc(slabBytes);
      this.#at = 0;
    }
    const start = this.#at;
    this.#at += this.#slab.write(text, start, 'latin1');
    return new Uint8Array(this.#slab.buffer, this.#slab.byteOffset + start, text.length);
  }
}

/** Writes what goes over both wires of one visit: the same bytes on each. */
class Writer {
  readonly log = new CaptureLog({ clock: systemClock });
  readonly #slabs = new Slabs();

  constructor() {
    this.log.append({ type: 'began', version: '0.0.0', wallClock: new Date(0).toISOString(), topology });
  }

  open(hop: 'A' | 'B'): number {
    const conn = this.log.nextConnection();
    this.log.append({
      type: 'opened',
      conn,
      hop,
      transport: 'tcp',
      from: { host: '127.0.0.1', port: 1024 + (conn % 60_000) },
      to: { host: '127.0.0.1', port: 443 },
    });
    return conn;
  }

  bytes(conn: number, hop: 'A' | 'B', from: Side, text: string): void {
    this.log.append({ type: 'bytes', conn, hop, vantage: 'wire', from, bytes: this.#slabs.put(text) });
  }

  close(conn: number, hop: 'A' | 'B'): void {
    this.log.append({ type: 'closed', conn, hop, by: 'client', how: 'end' });
  }
}

function opaque(chunks: number): CaptureLog {
  const writer = new Writer();
  const behind = writer.open('B');
  for (let at = 0; at < Math.min(100, chunks); at++)
    writer.bytes(behind, 'B', at % 2 === 0 ? 'client' : 'server', `\x01\x02 before ${at}`);
  const conn = writer.open('A');
  for (let at = 0; at < chunks; at++)
    writer.bytes(
      conn,
      'A',
      at % 2 === 0 ? 'client' : 'server',
      `\x01\x02${at === chunks - 2 ? needle : 'abcdefghij'.repeat(3)} ${at} \xff\xfe${'.'.repeat(at % 60)}`,
    );
  return writer.log;
}

/** A request and its answer in five pieces, on both wires: ten events. */
function exchange(
  writer: Writer,
  wires: readonly (readonly [conn: number, hop: 'A' | 'B'])[],
  number: number,
  text: string,
): void {
  const form = `username=mina&${number % 10 === 0 ? `password=${password}` : 'page=2'}&note=${text}`;
  const answer = `<p>${number}: ${'all is well. '.repeat(4)}</p>`;
  const pieces: readonly (readonly [Side, string])[] = [
    [
      'client',
      `POST /form/${number} HTTP/1.1\r\nhost: shop.localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${form.length}\r\n\r\n`,
    ],
    ['client', form],
    ['server', `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: ${answer.length}\r\n\r\n`],
    ['server', answer.slice(0, 20)],
    ['server', answer.slice(20)],
  ];
  for (const [from, piece] of pieces) for (const [conn, hop] of wires) writer.bytes(conn, hop, from, piece);
}

function requests(events: number): CaptureLog {
  const count = Math.max(1, Math.round(events / 10));
  const writer = new Writer();
  const wires = [
    [writer.open('A'), 'A'],
    [writer.open('B'), 'B'],
  ] as const;
  for (let at = 0; at < count; at++) exchange(writer, wires, at, at === count - 1 ? needle : 'none');
  return writer.log;
}

/** Of a million events twenty thousand connections: ten thousand visitors, each through the proxy, with ten exchanges. */
function visits(events: number): CaptureLog {
  const visitors = Math.max(1, Math.round(events / 100));
  const writer = new Writer();
  for (let visitor = 0; visitor < visitors; visitor++) {
    const wires = [
      [writer.open('A'), 'A'],
      [writer.open('B'), 'B'],
    ] as const;
    for (let at = 0; at < 10; at++)
      exchange(writer, wires, at, visitor === visitors - 1 && at === 9 ? needle : 'none');
    for (const [conn, hop] of wires) writer.close(conn, hop);
  }
  return writer.log;
}

export const millions: Readonly<Record<string, Million>> = {
  opaque: { title: 'one connection, 1,000,000 opaque chunks by turns', isVisited: false, make: opaque },
  requests: { title: 'one connection, 100,000 requests', isVisited: false, make: requests },
  visits: { title: '20,000 connections of visitors, a stop each', isVisited: true, make: visits },
  list: { title: '20,000 connections in one list', isVisited: false, make: visits },
};
