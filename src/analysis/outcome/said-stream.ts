/**
 * What a side said to the other: its bytes on the wire, behind the opening of a tunnel where there was one (CONNECT, RFC 9110
 * section 9.3.6). What is said in a tunnel is judged as if it had been said directly.
 */
import type { EventOf, Side } from '../../capture/event.ts';
import type { Chunk, FlowStream } from '../../capture/flow-stream.ts';
import { latin1Text } from '../../core/bytes.ts';

/** Enough to distinguish the protocols. */
const headLength = 16;

/** Bytes of each direction in which the opening of a tunnel is looked for. */
const longestOpening = 8192;

export class SaidStream {
  readonly from: Side;
  readonly #stream: FlowStream;
  /** Offset of its first byte in the stream. */
  readonly start: number;
  #head: Uint8Array | undefined;

  constructor(stream: FlowStream, start: number) {
    this.from = stream.from;
    this.#stream = stream;
    this.start = start;
  }

  get length(): number {
    return this.#stream.length - this.start;
  }

  /** The first bytes, as far as they have come. */
  get head(): Uint8Array {
    if (this.start === 0) return this.#stream.head;
    return (this.#head ??= this.read(0, Math.min(headLength, this.length)) ?? new Uint8Array(0));
  }

  headByte(index: number): number | undefined {
    return this.start === 0 ? this.#stream.headByte(index) : this.head[index];
  }

  read(offset: number, length: number): Uint8Array | undefined {
    return this.#stream.read(this.start + offset, length);
  }

  seqAt(offset: number): EventOf<'bytes'>['seq'] | undefined {
    return this.#stream.seqAt(this.start + offset);
  }

  /** The first that was said behind an event, as far as what is kept shows. */
  firstBehind(seq: number): Chunk | undefined {
    for (let offset = 0; offset < this.length; ) {
      const chunk = this.chunkAt(offset);
      if (!chunk || chunk.length <= 0) return undefined;
      if (chunk.seq > seq) return chunk;
      offset = chunk.offset + chunk.length;
    }
    return undefined;
  }

  /** With its offset in here. */
  chunkAt(offset: number): Chunk | undefined {
    const chunk = this.#stream.chunkAt(this.start + offset);
    if (!chunk) return undefined;
    const before = Math.max(0, this.start - chunk.offset);
    return { ...chunk, offset: chunk.offset + before - this.start, length: chunk.length - before };
  }
}

export function saidIn(client: FlowStream, server: FlowStream): Readonly<Record<Side, SaidStream>> {
  const opening = openingOf(client, server);
  return {
    client: new SaidStream(client, opening?.client ?? 0),
    server: new SaidStream(server, opening?.server ?? 0),
  };
}

/** Where a tunnel begins in each direction; undefined where none was opened. */
function openingOf(
  client: FlowStream,
  server: FlowStream,
): { readonly client: number; readonly server: number } | undefined {
  if (client.headByte(0) !== 0x43 || !latin1Text(client.head).startsWith('CONNECT ')) return undefined;
  const [asked, answered] = [client, server].map((stream) =>
    latin1Text(stream.read(0, Math.min(longestOpening, stream.length)) ?? new Uint8Array(0)),
  );
  const granted = /^HTTP\/1\.[01] 2\d\d[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/m.exec(answered ?? '');
  // Earlier requests may have been refused for want of a password.
  const heads = [...(asked ?? '').matchAll(/CONNECT [^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/g)];
  const last = heads.at(-1);
  if (!granted || !last) return undefined;
  return { client: last.index + last[0].length, server: granted.index + granted[0].length };
}
