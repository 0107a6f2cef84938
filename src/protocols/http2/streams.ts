/**
 * Remembers the streams of a connection, within bounds: what was asked for, and of each side's body what a reader of its
 * whole needs. Counterpart of `http/asked.ts`; a stream is forgotten when both sides have ended it.
 */
import type { Side } from '../../capture/event.ts';
import { Gathering } from '../../core/gathering.ts';
import type { GrpcReader } from '../grpc/reader.ts';
import type { HttpBody, HttpHead } from '../protocol.ts';

/** Streams that are remembered; of more the oldest is forgotten. */
const mostStreams = 1024;

/** Bytes kept of a body, and of all bodies of a connection. */
const mostBody = 64 * 1024;
const mostBodies = 1024 * 1024;

const mostPieces = 1024;

/** Bytes of bodies that a connection may still keep. */
interface Budget {
  left: number;
}

/** What one side says on a stream. */
export class StreamSide {
  readonly #budget: Budget;
  head: HttpHead | undefined;
  /** Bytes of the body that went by. */
  bodyLength = 0;
  hasEnded = false;
  /** Reads messages within the body, where its type has any. */
  content: GrpcReader | undefined;
  readonly #kept = new Gathering();
  #keptLength = 0;
  #pieces: { start: number; offset: number }[] = [];
  #isCut = false;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  headerOf(name: string): string | undefined {
    return this.head?.headers.find(([one]) => one === name)?.[1];
  }

  /** Something of the body is kept, and nothing of it was left out. */
  get isKeeping(): boolean {
    return this.#keptLength > 0 && !this.#isCut;
  }

  /** @param length bytes that were sent: `bytes` may lack their end */
  keep(bytes: Uint8Array, offset: number, length: number): void {
    const isFull = this.#isCut || this.#pieces.length >= mostPieces;
    const taken = isFull ? 0 : Math.min(bytes.length, mostBody - this.#keptLength, this.#budget.left);
    if (taken < length) this.#isCut = true;
    if (taken <= 0) return;
    this.#budget.left -= taken;
    this.#pieces.push({ start: this.#keptLength, offset });
    this.#kept.add(bytes.subarray(0, taken));
    this.#keptLength += taken;
  }

  /** The body has ended, or nothing more of it is needed: what was kept of it, which is forgotten. */
  take(): HttpBody | undefined {
    if (this.#keptLength === 0) return undefined;
    const body: HttpBody = {
      bytes: this.#kept.joined(),
      pieces: this.#pieces,
      isCut: this.#isCut,
      ...headersOf(this),
    };
    this.letGo();
    return body;
  }

  /** Bytes of the body are missing: what is in it cannot be told any more. */
  lose(): void {
    this.content = undefined;
    // How long the body is, is not known any more either.
    this.bodyLength = Number.NaN;
    this.letGo();
  }

  /** Nothing of the body is kept any more, nor will be. */
  letGo(): void {
    this.#budget.left += this.#keptLength;
    this.#kept.clear();
    this.#keptLength = 0;
    this.#pieces = [];
    this.#isCut = true;
  }
}

function headersOf(side: StreamSide): Pick<HttpBody, 'type' | 'coding'> {
  const type = side.headerOf('content-type');
  const coding = side.headerOf('content-encoding');
  return { ...(type !== undefined && { type }), ...(coding !== undefined && { coding }) };
}

export type Stream = Readonly<Record<Side, StreamSide>>;

export class Streams {
  readonly #streams = new Map<number, Stream>();
  readonly #budget: Budget = { left: mostBodies };

  of(id: number): Stream {
    const known = this.#streams.get(id);
    if (known) return known;
    const stream = { client: new StreamSide(this.#budget), server: new StreamSide(this.#budget) };
    this.#streams.set(id, stream);
    if (this.#streams.size > mostStreams) {
      const [oldest] = this.#streams.keys();
      if (oldest !== undefined) this.forget(oldest);
    }
    return stream;
  }

  /** Bytes of that direction are missing; of which streams is not known. */
  lose(from: Side): void {
    for (const stream of this.#streams.values()) stream[from].lose();
  }

  forget(id: number): void {
    const stream = this.#streams.get(id);
    stream?.client.letGo();
    stream?.server.letGo();
    this.#streams.delete(id);
  }
}
