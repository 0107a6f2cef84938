/**
 * A connection as its packets show it at one place of the way, made at run time from bytes that real programs said: with the
 * losses, retransmissions, selective acknowledgements, resets and silences that are wanted. It needs no privilege and no
 * network; the packets go through the same reader as a capture file.
 */
import { CaptureReader } from '../../../src/capture/file/capture-file.ts';
import { otherSide } from '../../../src/capture/event.ts';
import type { Side } from '../../../src/capture/event.ts';
import { Flows } from '../../../src/capture/flows.ts';
import type { Connection } from '../../../src/capture/connection.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { PacketClock, Replay } from '../../../src/capture/file/replay.ts';
import { JsonCapture } from '../../../src/ui/json/json-capture.ts';
import { ipv4, pcap, tcp } from '../../capture/support/packets.ts';
import type { PcapPacket } from '../../capture/support/packets.ts';
import { pourInto } from '../../capture/support/read.ts';
import { present } from '../../helpers/capture.ts';

export interface Said {
  readonly from: Side;
  readonly bytes: Uint8Array;
}

/** What was said on a connection, in the order in which it went by. */
export function saidOn(connection: Connection): Said[] {
  return (['client', 'server'] as const)
    .flatMap((from) =>
      connection.stream('wire', from).chunks.map((chunk) => ({
        from,
        seq: chunk.seq,
        bytes: connection.stream('wire', from).payload(chunk),
      })),
    )
    .toSorted((one, other) => one.seq - other.seq);
}

/** What Ethernet takes with time stamps. */
export const fullSegment = 1448;

export interface StreamLine {
  readonly kind: string;
  readonly outcome?: Readonly<Record<string, unknown>>;
}

interface SegmentWish {
  readonly flags?: string;
  readonly payload?: Uint8Array;
  /** In its sender's stream; where it stands now by default. */
  readonly position?: number;
  readonly acknowledged?: number;
  /** Where bytes stand that came behind a hole. */
  readonly selective?: readonly [start: number, end: number];
  readonly ttl?: number;
}

const ports = { client: 50_001, server: 443 } as const;
const hosts = { client: '10.0.0.1', server: '10.0.0.2' } as const;

export class CapturedWire {
  readonly #packets: PcapPacket[] = [];
  /** Up to where each side has sent, and what of it the other side has without a hole. */
  readonly #sent: Record<Side, number> = { client: 0, server: 0 };
  readonly #arrived: Record<Side, number> = { client: 0, server: 0 };
  readonly #hops: Readonly<Record<Side, number>>;
  readonly #only: Side | undefined;
  #now = Date.now() * 1000;

  /** @param options.only the one direction that is captured */
  constructor({
    only,
    hops = { client: 64, server: 52 },
  }: { readonly only?: Side; readonly hops?: Readonly<Record<Side, number>> } = {}) {
    this.#only = only;
    this.#hops = hops;
  }

  open(): this {
    this.segment('client', { flags: 'S', position: -1 });
    this.segment('server', { flags: 'S', position: -1, acknowledged: 0 });
    return this.segment('client');
  }

  wait(seconds: number): this {
    this.#now += seconds * 1_000_000;
    return this;
  }

  segment(
    from: Side,
    {
      flags = '',
      payload = new Uint8Array(0),
      position = this.#sent[from],
      acknowledged = this.#arrived[otherSide[from]],
      selective,
      ttl = this.#hops[from],
    }: SegmentWish = {},
  ): this {
    const to = otherSide[from];
    this.#now += 100;
    const initial = (side: Side): number => (side === 'client' ? 0x10000000 : 0x70000000);
    const isFirst = flags === 'S' && from === 'client';
    const options = selective
      ? Buffer.concat([
          Buffer.from([1, 1, 5, 10]),
          uint32(initial(to) + selective[0]),
          uint32(initial(to) + selective[1]),
          Buffer.from([1, 1, 8, 10]),
          Buffer.alloc(8),
        ])
      : new Uint8Array(0);
    const bytes = tcp(
      {
        sourcePort: ports[from],
        destinationPort: ports[to],
        sequence: initial(from) + position,
        ...(isFirst ? {} : { acknowledged: initial(to) + acknowledged }),
        flags,
        payload,
      },
      options,
    );
    if (this.#only === undefined || this.#only === from)
      this.#packets.push({
        bytes: ipv4(bytes, { source: hosts[from], destination: hosts[to], ttl }),
        microseconds: this.#now,
      });
    return this;
  }

  /** Said, arrived and acknowledged. */
  say(...said: readonly Said[]): this {
    for (const { from, bytes } of said) {
      for (const payload of cut(bytes)) {
        this.segment(from, { payload });
        this.#sent[from] += payload.length;
        this.#arrived[from] = this.#sent[from];
      }
      this.segment(otherSide[from]);
    }
    return this;
  }

  /** Sent so often, seen where it is sent, and lost behind that; the sender waits longer each time. */
  sayInVain({ from, bytes }: Said, times: number): this {
    const [first = new Uint8Array(0), ...rest] = cut(bytes);
    const position = this.#sent[from];
    for (const payload of [first, ...rest]) {
      this.segment(from, { payload });
      this.#sent[from] += payload.length;
    }
    for (let again = 1, pause = 0.3; again < times; again++, pause *= 2)
      this.wait(pause).segment(from, { payload: first, position });
    return this;
  }

  /** Lost before the place of the capture: its full segments, and of a rest that is shorter the end arrives. */
  sayBeyondHole({ from, bytes }: Said, { selective = true } = {}): this {
    const all = cut(bytes);
    const last = all.at(-1) ?? new Uint8Array(0);
    const hole = bytes.length - last.length;
    const position = this.#sent[from] + hole;
    this.segment(from, { payload: last, position });
    this.#sent[from] += bytes.length;
    for (let count = 0; count < 2; count++)
      this.segment(otherSide[from], selective ? { selective: [position, position + last.length] } : {});
    return this;
  }

  /** What was lost comes after all. */
  heal({ from, bytes }: Said): this {
    const begin = this.#sent[from] - bytes.length;
    let position = begin;
    for (const payload of cut(bytes)) {
      this.wait(0.2).segment(from, { payload, position });
      position += payload.length;
    }
    this.#arrived[from] = this.#sent[from];
    return this.segment(otherSide[from]);
  }

  /** It went by, and the capture does not have it. */
  miss(...said: readonly Said[]): this {
    for (const { from, bytes } of said) {
      this.#sent[from] += bytes.length;
      this.#arrived[from] = this.#sent[from];
    }
    return this;
  }

  close(by: Side): this {
    const other = otherSide[by];
    this.end(by);
    // Who still waits for an acknowledgement sends its own end behind that.
    if (this.#arrived[other] !== this.#sent[other] || this.#arrived[by] !== this.#sent[by]) return this;
    this.end(other);
    return this.segment(by);
  }

  /** Its FIN alone; the other side may go on. */
  end(by: Side): this {
    this.segment(by, { flags: 'F' });
    // It stands behind what is missing.
    if (this.#arrived[by] === this.#sent[by]) this.#arrived[by]++;
    this.#sent[by]++;
    return this;
  }

  reset(by: Side, ttl?: number): this {
    return this.segment(by, { flags: 'R', ...(ttl === undefined ? {} : { ttl }) });
  }

  file(): Uint8Array {
    return pcap(this.#packets);
  }

  /** The line of `inspect --json` about the connection: its reader lets go what it has read. */
  jsonLine(): StreamLine | undefined {
    const lines: StreamLine[] = [];
    const clock = new PacketClock();
    const capture = new JsonCapture({
      clock,
      write: (line) => void lines.push(JSON.parse(line) as StreamLine),
    });
    const { append, wants } = capture;
    const replay = new Replay({ append, wants, clock, version: '0.0.0', copies: true });
    pourInto(
      new CaptureReader({ packet: (packet) => replay.packet(packet) }, { windowBytes: 4096 }),
      this.file(),
    );
    replay.end();
    capture.end();
    return lines.find(({ kind }) => kind === 'stream');
  }

  /** As a capture file tells it. */
  connection(): Connection {
    const clock = new PacketClock();
    const log = new CaptureLog({ clock });
    const flows = new Flows(log);
    log.subscribe(flows.fold);
    const replay = new Replay({ append: (draft) => log.append(draft), clock, version: '0.0.0' });
    pourInto(new CaptureReader({ packet: (packet) => replay.packet(packet) }, { keeps: true }), this.file());
    replay.end();
    return present(flows.connections[0]);
  }
}

function cut(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / fullSegment) }, (_, index) =>
    bytes.subarray(index * fullSegment, (index + 1) * fullSegment),
  );
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
